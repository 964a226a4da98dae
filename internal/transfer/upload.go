package transfer

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/portal"
	"memberportal/internal/web"
)

// receive takes a file in. The body is the file and nothing else, which curl and the fetch of a browser send alike; its
// type is in Content-Type, its size in Content-Length, and its name in Content-Disposition, which no log holds. A page of
// another origin cannot send it for whoever has a cookie: web.Front refuses that.
func receive(w http.ResponseWriter, r *http.Request, p *portal.Portal, log *slog.Logger) {
	w.Header().Set("Cache-Control", "private, no-store")
	ctx := r.Context()
	if err := p.Files.MayUpload(ctx); err != nil {
		web.WriteRefusal(w, r, kit.Classify(err))
		return
	}
	if r.ContentLength < 0 || r.Header.Get("Content-Encoding") != "" {
		answerRefusal(w, r, http.StatusLengthRequired, &kit.Refusal{Code: kit.BadUserInput, Key: "file.length"})
		return
	}
	mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // what cannot be read is no type that is accepted
	upload := files.Upload{Name: nameOf(r.Header.Get("Content-Disposition")), Type: mediaType, Size: r.ContentLength, Body: &slow{control: http.NewResponseController(w), body: r.Body}}
	file, err := p.Files.Receive(ctx, upload)
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(chunkTime)) // a writer without deadlines has none to move
	faults, err := kit.UserErrorsOf(err)
	switch {
	case errors.Is(err, files.ErrCutOff):
		log.InfoContext(ctx, "upload", "request", kit.RequestOf(ctx), "error", err)
		answerRefusal(w, r, http.StatusBadRequest, &kit.Refusal{Code: kit.BadUserInput, Key: "file.cutOff"})
	case err != nil:
		refusal := kit.Classify(err)
		log.ErrorContext(ctx, "upload", "request", kit.RequestOf(ctx), "code", refusal.Code, "error", err)
		web.WriteRefusal(w, r, refusal)
	case faults != nil:
		write(w, statusOf(faults), answered{UserErrors: kit.Map(faults, faultOf)})
	default:
		w.Header().Set("Location", file.URL())
		write(w, http.StatusCreated, answered{File: &received{file.ID, file.Name, file.Type, file.Size, file.SHA256, file.URL()}, UserErrors: []fault{}})
	}
}

// nameOf is the name of a file in Content-Disposition; empty if there is none that can be read. That of filename* (RFC
// 8187) may have characters that the standard has encoded and encodeURIComponent leaves, such as parentheses.
func nameOf(disposition string) string {
	at := strings.Index(strings.ToLower(disposition), "filename*=")
	if at < 0 {
		_, parameters, _ := mime.ParseMediaType(disposition) // what cannot be read has no name
		return parameters["filename"]
	}
	value, _, _ := strings.Cut(disposition[at+len("filename*="):], ";")
	charset, rest, _ := strings.Cut(strings.TrimSpace(value), "'")
	_, coded, found := strings.Cut(rest, "'")
	name, err := url.PathUnescape(coded)
	if !found || err != nil || !strings.EqualFold(charset, "UTF-8") {
		return ""
	}
	return name
}

// slow is a body that may come slowly, but not more slowly than a piece of pieceBytes in chunkTime.
type slow struct {
	control *http.ResponseController
	body    io.Reader
	left    int
}

// pieceBytes is how much of a body must come in chunkTime.
const pieceBytes = 256 << 10

// Read moves the deadline for each piece.
func (s *slow) Read(p []byte) (int, error) {
	if s.left <= 0 {
		_ = s.control.SetReadDeadline(time.Now().Add(chunkTime)) // a connection without deadlines has none to move
		s.left = pieceBytes
	}
	n, err := s.body.Read(p)
	s.left -= n
	return n, err
}

// answered is the answer to an upload, in the form of the payloads of mutations.
type answered struct {
	File       *received `json:"file"`
	UserErrors []fault   `json:"userErrors"`
}

type received struct {
	ID     kit.ID `json:"id"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	URL    string `json:"url"`
}

type fault struct {
	Code    kit.UserErrorCode `json:"code"`
	Field   []string          `json:"field"`
	Message string            `json:"message"`
}

func faultOf(e kit.UserError) fault { return fault{e.Code, e.Field, e.Message} }

// statusOf is the HTTP status for faults of an upload.
func statusOf(faults []kit.UserError) int {
	at := func(field string) bool {
		return slices.ContainsFunc(faults, func(e kit.UserError) bool { return e.Field[0] == field })
	}
	switch {
	case at("type"):
		return http.StatusUnsupportedMediaType
	case at("size"):
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusUnprocessableEntity
}

// write answers in JSON. The rest of a body that was not read is not waited for.
func write(w http.ResponseWriter, status int, a answered) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if status != http.StatusCreated {
		w.Header().Set("Connection", "close")
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(a)
}

// answerRefusal answers with a refusal and a status of its own.
func answerRefusal(w http.ResponseWriter, r *http.Request, status int, refusal *kit.Refusal) {
	w.Header().Set("Connection", "close")
	web.WriteRefusalAs(w, r, status, refusal)
}
