package web_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/web"
)

// held is a front behind which requests stay until they are let go.
type held struct {
	handler  http.Handler
	entered  chan struct{}
	let      chan struct{}
	answered chan int
}

func hold(o web.Options) *held {
	o.Log = quiet
	h := &held{entered: make(chan struct{}), let: make(chan struct{}), answered: make(chan int)}
	h.handler = web.New(o).Outer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		h.entered <- struct{}{}
		<-h.let
	}))
	return h
}

// send sends a request; the answer's status comes on answered.
func (h *held) send(address string) { go func() { h.answered <- h.ask(address).Code }() }

func (h *held) ask(address string) *httptest.ResponseRecorder {
	r, w := httptest.NewRequest(http.MethodPost, "/graphql", nil), httptest.NewRecorder()
	r.RemoteAddr = address
	h.handler.ServeHTTP(w, r)
	return w
}

func TestRequestsInFlight(t *testing.T) {
	for name, o := range map[string]web.Options{"of an address": {InFlightPerAddress: 2}, "in all": {InFlight: 2}} {
		t.Run(name, func(t *testing.T) {
			h := hold(o)
			for _, address := range []string{"192.0.2.1:1", "192.0.2.1:2"} {
				h.send(address)
				<-h.entered
			}
			if w := h.ask("192.0.2.1:3"); w.Code != 429 || w.Header().Get("Retry-After") != "1" {
				t.Errorf("HTTP %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
			}
			if o.InFlight > 0 {
				if w := h.ask("192.0.2.2:1"); w.Code != 429 {
					t.Errorf("another address: HTTP %d", w.Code)
				}
			} else {
				h.send("192.0.2.2:1")
				<-h.entered
				h.let <- struct{}{}
				if code := <-h.answered; code != 200 {
					t.Errorf("another address: HTTP %d", code)
				}
			}
			h.let <- struct{}{}
			if code := <-h.answered; code != 200 {
				t.Errorf("HTTP %d", code)
			}
			h.send("192.0.2.1:4")
			<-h.entered
			close(h.let)
			for range 2 {
				if code := <-h.answered; code != 200 {
					t.Errorf("HTTP %d", code)
				}
			}
		})
	}
}

// TestRequestsPayWhatTheyCost: a request pays a token for each 100 of its cost, and those that follow wait
// until it has.
func TestRequestsPayWhatTheyCost(t *testing.T) {
	for cost, more := range map[int]int{0: 9, 1: 9, 100: 9, 101: 8, 500: 5, 1000: 0, 1_000_000: -1} {
		clock := &standing{}
		f := web.New(web.Options{Log: quiet, Now: clock.now, Buckets: 10, PerAddress: web.Rate{PerSecond: 1, Burst: 10}, PerCaller: web.Rate{PerSecond: 1, Burst: 10}})
		first := true
		handler := f.Outer(f.Inner(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if first {
				f.Charge(r.Context(), cost)
			}
			first = false
		})))
		answered := 0
		for range 11 {
			r, w := httptest.NewRequest(http.MethodPost, "/graphql", nil), httptest.NewRecorder()
			r = r.WithContext(kit.WithActor(r.Context(), kit.Actor{Subject: "usr_a", Roles: []kit.Role{kit.RoleSecretariat}}))
			if handler.ServeHTTP(w, r); w.Code == 200 {
				answered++
			}
		}
		if want := max(1, 1+more); answered != want {
			t.Errorf("after a cost of %d: %d of 11 were answered, want %d", cost, answered, want)
		}
	}
}
