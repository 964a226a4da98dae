package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// pingLimit is how long a store may take before it counts as gone.
const pingLimit = time.Second

// The states of a server.
const (
	starting int32 = iota
	ready
	draining
)

var errSilent = errors.New("the store did not answer in time")

// health knows whether the process should be given requests.
type health struct {
	store store.Store
	state atomic.Int32

	mu      sync.Mutex
	running *ping
}

// ping is one question to the store, shared by all who ask meanwhile, so that asking often costs the
// store nothing more.
type ping struct {
	done chan struct{}
	err  error
	took time.Duration
}

// live answers whether the process lives: it does if it answers.
func (h *health) live(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok") }

// ready answers whether requests should be sent here.
func (h *health) ready(w http.ResponseWriter, r *http.Request) {
	switch h.state.Load() {
	case starting:
		plain(w, http.StatusServiceUnavailable, "starting")
		return
	case draining:
		plain(w, http.StatusServiceUnavailable, "draining")
		return
	}
	if _, err := h.ping(r.Context()); err != nil {
		plain(w, http.StatusServiceUnavailable, "store unavailable")
		return
	}
	plain(w, http.StatusOK, "ready")
}

// ping asks the store whether it can be read, and gives up after pingLimit even if the store does not.
func (h *health) ping(ctx context.Context) (time.Duration, error) {
	if h.store == nil {
		return 0, nil
	}
	h.mu.Lock()
	p := h.running
	if p == nil {
		p = &ping{done: make(chan struct{})}
		h.running = p
		go h.ask(context.WithoutCancel(ctx), p)
	}
	h.mu.Unlock()
	timer := time.NewTimer(pingLimit)
	defer timer.Stop()
	select {
	case <-p.done:
		return p.took, p.err
	case <-timer.C:
		return pingLimit, errSilent
	}
}

func (h *health) ask(ctx context.Context, p *ping) {
	ctx, cancel := context.WithTimeout(ctx, pingLimit)
	defer cancel()
	started := time.Now()
	p.err = h.store.Ping(ctx)
	p.took = time.Since(started)
	h.mu.Lock()
	h.running = nil
	h.mu.Unlock()
	close(p.done)
}

// loser is a store that can lose its file, and then answers nothing for good.
type loser interface{ Lost() error }

// withStore answers 503 to every request once the store has lost its file, before anything is made of the request.
func (f *Front) withStore(next http.Handler) http.Handler {
	s, ok := f.options.Store.(loser)
	if !ok {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.Lost(); err != nil {
			f.log.ErrorContext(r.Context(), "the store is lost", "error", err)
			writeFault(w, r, http.StatusServiceUnavailable, kit.Unavailable, kit.Message(kit.LocaleOf(r.Context()), "unavailable", nil))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n")
}
