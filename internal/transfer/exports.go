package transfer

import (
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"memberportal/internal/jobs"
	"memberportal/internal/kit"
	"memberportal/internal/portal"
)

// chunkTime is how long a client may take for one piece of a file.
const chunkTime = 30 * time.Second

// Exports serves GET /exports/{id} to whoever asked for the job, while the authority for its table lasts. Anybody else
// gets 404, as for a file that is not there. Each download is recorded before its first byte.
func Exports(p *portal.Portal, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /exports/{id}", func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		file, err := p.Jobs.Download(ctx, kit.ID(r.PathValue("id")))
		if err == nil && file != nil && r.Method == http.MethodGet {
			err = file.Note(ctx)
		}
		switch {
		case err != nil:
			fail(w, r, log, err)
		case file == nil:
			w.Header().Set("Cache-Control", "private, no-store")
			http.NotFound(w, r)
		default:
			answer(w, r, log, file)
		}
	})
	return mux
}

// answer sends the file. One of which a piece is missing breaks the connection, so that nobody takes a part for the
// whole.
func answer(w http.ResponseWriter, r *http.Request, log *slog.Logger, file *jobs.Download) {
	h := w.Header()
	h.Set("Content-Type", file.MediaType)
	h.Set("Content-Disposition", `attachment; filename="`+file.Name+`"`)
	h.Set("Content-Length", strconv.FormatInt(file.Bytes, 10))
	h.Set("Cache-Control", "private, no-store")
	h.Set("X-Content-Type-Options", "nosniff")
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

func fail(w http.ResponseWriter, r *http.Request, log *slog.Logger, err error) {
	refusal := kit.Classify(err)
	log.ErrorContext(r.Context(), "download", "request", kit.RequestOf(r.Context()), "code", refusal.Code, "error", err)
	status := http.StatusInternalServerError
	if refusal.Code == kit.Unavailable {
		status = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", "5")
	}
	w.Header().Set("Cache-Control", "private, no-store")
	http.Error(w, refusal.Message(kit.LocaleOf(r.Context())), status)
}
