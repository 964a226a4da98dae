package web

import (
	"net/http"
	"sync"
)

// inFlight counts the requests that are being answered, of each address and in all. 0 is no limit.
type inFlight struct {
	perAddress, all int

	mu        sync.Mutex
	total     int
	byAddress map[string]int
}

// enter counts a request in, unless there are as many as there may be.
func (n *inFlight) enter(address string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.all > 0 && n.total >= n.all || n.perAddress > 0 && n.byAddress[address] >= n.perAddress {
		return false
	}
	n.total++
	n.byAddress[address]++
	return true
}

func (n *inFlight) leave(address string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.total--
	if n.byAddress[address]--; n.byAddress[address] == 0 {
		delete(n.byAddress, address)
	}
}

// limitInFlight answers 429 to whoever has too many requests in flight, and to everybody while there are
// too many in all. It is told to come back after a second. Addresses are those of the rate limit.
func (f *Front) limitInFlight(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		address := network(AddressOf(r.Context()))
		if !f.inFlight.enter(address) {
			f.later(w, r, "in flight", 1)
			return
		}
		defer f.inFlight.leave(address)
		next.ServeHTTP(w, r)
	})
}
