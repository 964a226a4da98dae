package web

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"regexp"

	"memberportal/internal/kit"
)

// NewLog writes lines as JSON or as text. Every line has the id of its request, or if it was not
// written for one, that of this run of the program.
func NewLog(w io.Writer, json bool, level slog.Level) *slog.Logger {
	o := &slog.HandlerOptions{Level: level, ReplaceAttr: masked}
	var h slog.Handler = slog.NewTextHandler(w, o)
	if json {
		h = slog.NewJSONHandler(w, o)
	}
	return slog.New(identified{h, "run-" + rand.Text()[:12]})
}

// Addresses of callers, which net/http writes into its own messages; tokens, and the addresses of
// calendars, which are secrets, whoever wrote them.
var (
	addresses = regexp.MustCompile(`\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b|\[[0-9a-fA-F:.]+(%\w+)?\](:\d+)?`)
	tokens    = regexp.MustCompile(`\beyJ[\w-]+\.[\w-]*(\.[\w-]*)?`)
	calendars = regexp.MustCompile(`(/calendar/own/)[^\s"'?#]+`)
)

// masked takes out of messages and errors what must not be kept: the message of a fault may repeat
// what a caller sent.
func masked(_ []string, a slog.Attr) slog.Attr {
	switch v := a.Value.Any().(type) {
	case string:
		return slog.String(a.Key, withoutSecrets(v))
	case error:
		return slog.String(a.Key, withoutSecrets(v.Error()))
	}
	return a
}

func withoutSecrets(s string) string {
	return calendars.ReplaceAllString(tokens.ReplaceAllString(s, "[token]"), "${1}[secret]")
}

// identified adds the id.
type identified struct {
	slog.Handler
	run string
}

// Handle adds the request's id unless the line has one.
func (h identified) Handle(ctx context.Context, r slog.Record) error {
	has := false
	r.Attrs(func(a slog.Attr) bool { has = has || a.Key == "request"; return !has })
	if !has {
		id := kit.RequestOf(ctx)
		if id == "" {
			id = h.run
		}
		r = r.Clone()
		r.AddAttrs(slog.String("request", id))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs keeps adding the id.
func (h identified) WithAttrs(attrs []slog.Attr) slog.Handler {
	return identified{h.Handler.WithAttrs(attrs), h.run}
}

// WithGroup keeps adding the id.
func (h identified) WithGroup(name string) slog.Handler {
	return identified{h.Handler.WithGroup(name), h.run}
}

// ServerLog takes the lines that net/http writes by itself, without the callers' addresses.
func ServerLog(log *slog.Logger) io.Writer { return serverLog{log} }

type serverLog struct{ log *slog.Logger }

// Write logs a line.
func (s serverLog) Write(p []byte) (int, error) {
	s.log.Warn("http", "message", addresses.ReplaceAllString(string(trimLine(p)), "[address]"))
	return len(p), nil
}

func trimLine(p []byte) []byte {
	for len(p) > 0 && p[len(p)-1] == '\n' {
		p = p[:len(p)-1]
	}
	return p
}
