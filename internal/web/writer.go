package web

import (
	"bufio"
	"net"
	"net/http"
)

// answer remembers an answer's status. It can do what the connection below can: streams flush and
// WebSockets take the connection over.
type answer struct {
	http.ResponseWriter
	status int
}

var (
	_ http.Flusher  = (*answer)(nil)
	_ http.Hijacker = (*answer)(nil)
)

// WriteHeader remembers the status; those below 200 announce another one. An answer with a cookie is kept by nobody,
// whatever its handler says of what is in it: the cookie is for one browser.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 && (status >= http.StatusOK || status == http.StatusSwitchingProtocols) {
		a.status = status
		if h := a.Header(); len(h.Values("Set-Cookie")) > 0 {
			h.Set("Cache-Control", "no-store")
		}
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write begins the answer.
func (a *answer) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	return a.ResponseWriter.Write(p)
}

// Flush sends what is there.
func (a *answer) Flush() { _ = http.NewResponseController(a.ResponseWriter).Flush() }

// Hijack gives the connection away.
func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	a.status = http.StatusSwitchingProtocols
	return http.NewResponseController(a.ResponseWriter).Hijack()
}

// Unwrap lets deadlines be set on the connection below.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
