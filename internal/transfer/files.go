package transfer

import (
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/portal"
)

// Files serves POST /files, GET /files/{id} and GET /files/sha256/{hash}. A file that the caller may not read is 404, as
// one that is not there.
func Files(p *portal.Portal, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /files", func(w http.ResponseWriter, r *http.Request) { receive(w, r, p, log) })
	mux.HandleFunc("GET "+files.Path+"{id}", func(w http.ResponseWriter, r *http.Request) {
		file, err := p.Files.Open(r.Context(), kit.ID(r.PathValue("id")))
		hand(w, r, log, file, err, false)
	})
	mux.HandleFunc("GET "+files.PublicPath+"{hash}", func(w http.ResponseWriter, r *http.Request) {
		file, err := p.Files.OpenPublic(r.Context(), r.PathValue("hash"))
		hand(w, r, log, file, err, true)
	})
	return mux
}

// hand answers with a file. Nothing in it runs: it is saved and not shown, and what shows it all the same gives it no
// scripts and no origin. What is public is the same for ever at its address, so that everybody may keep it, and a page of
// any origin may show it.
func hand(w http.ResponseWriter, r *http.Request, log *slog.Logger, file *files.Content, err error, public bool) {
	h := w.Header()
	h.Set("Cache-Control", "private, no-store")
	switch {
	case err != nil:
		fail(w, r, log, err)
		return
	case file == nil:
		http.NotFound(w, r)
		return
	}
	if public {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("ETag", `"`+file.SHA256+`"`)
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		if strings.Contains(r.Header.Get("If-None-Match"), `"`+file.SHA256+`"`) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	contentType := file.Type
	if strings.HasPrefix(contentType, "text/") {
		contentType += "; charset=utf-8"
	}
	h.Set("Content-Type", contentType)
	h.Set("Content-Disposition", disposition(file.Name))
	h.Set("Content-Length", strconv.FormatInt(file.Size, 10))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	if r.Method == http.MethodHead {
		return
	}
	control := http.NewResponseController(w)
	later := func() { _ = control.SetWriteDeadline(time.Now().Add(chunkTime)) } // a writer without deadlines has none to move
	if err := file.WriteTo(r.Context(), w, later); err != nil {
		log.ErrorContext(r.Context(), "download", "request", kit.RequestOf(r.Context()), "error", err)
		panic(http.ErrAbortHandler)
	}
}

// disposition names a file for saving (RFC 6266): in ASCII for programs that know nothing else, and as it is.
func disposition(name string) string {
	var plain, whole strings.Builder
	for _, c := range []byte(name) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._", c) >= 0:
			plain.WriteByte(c)
			whole.WriteByte(c)
		default:
			plain.WriteByte('_')
			const digits = "0123456789ABCDEF"
			whole.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return `attachment; filename="` + plain.String() + `"; filename*=UTF-8''` + whole.String()
}
