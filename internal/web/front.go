// Package web is what stands between a connection and the handlers: who is at the other end, how
// often they may ask, which pages may read the answers, what every answer says about itself, in which
// encoding it is sent, whether the process is well, and the figures and the log of all that. It may import portal (language,
// request id, actor, messages), store (the port's Ping) and small libraries, and knows no GraphQL.
package web

import (
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"memberportal/internal/store"
)

// Options say how a Front behaves. The zero value but for Log limits nobody, trusts no proxy and lets
// no foreign page read answers.
type Options struct {
	Log *slog.Logger
	// Store is asked for by readiness and figures; nil counts as reachable.
	Store store.Store
	// Version is what build_info says.
	Version string
	// Profiles says that profiles of the program are served beside the figures.
	Profiles bool
	// TLS says that connections are encrypted here and not by a proxy.
	TLS bool
	// Proxies are networks whose word about the caller's address is taken, in the header that
	// Forwarded chooses: the standard's Forwarded, else X-Forwarded-For and X-Forwarded-Proto.
	Proxies   []netip.Prefix
	Forwarded bool
	// Origins are pages that may read answers, or "*". Loopback lets those of this machine do so too,
	// whatever their port.
	Origins  []string
	Loopback bool
	// Cookie is the name of the cookie by which a browser is known; empty if nobody is known by one.
	Cookie string
	// Open are paths that are read alike by everybody; one with a slash at its end stands for all below it. Nobody is
	// known by the cookie there, so that a link of another host of the same domain leads to them, and so that they are
	// there for whoever has the cookie of a session that ended.
	Open []string
	// PublicURL is the address under which people reach the server, such as https://members.example.org; empty for that
	// under which a request comes.
	PublicURL string
	// PerAddress limits everybody, PerCaller who has a token; Buckets bounds how many of either are
	// kept in memory.
	PerAddress, PerCaller Rate
	Buckets               int
	// InFlightPerAddress and InFlight bound the requests that are being answered at one time, of one
	// address and in all; 0 is no limit.
	InFlightPerAddress, InFlight int
	// Now is the machine's clock if nil.
	Now func() time.Time
}

// Front is the plumbing of one server. Make it with New.
type Front struct {
	log       *slog.Logger
	options   Options
	addresses *limiter
	callers   *limiter
	inFlight  *inFlight
	health    *health
	figures   *figures
}

// New makes the plumbing, which is not ready until Begin.
func New(o Options) *Front {
	if o.Now == nil {
		o.Now = time.Now
	}
	h := &health{store: o.Store}
	return &Front{
		log: o.Log, options: o, health: h, figures: newFigures(h, o.Version),
		addresses: newLimiter("address", o.PerAddress, o.Buckets, o.Now),
		callers:   newLimiter("caller", o.PerCaller, o.Buckets, o.Now),
		inFlight:  &inFlight{perAddress: o.InFlightPerAddress, all: o.InFlight, byAddress: map[string]int{}},
	}
}

// Begin says that the store's session has begun: /readyz turns to 200.
func (f *Front) Begin() { f.health.state.Store(ready) }

// Drain says that the server is about to stop: /readyz turns to 503, everything else is still
// answered.
func (f *Front) Drain() { f.health.state.Store(draining) }

// Outer wraps everything that comes before a token is looked at. Health is answered without limits,
// because whoever asks for it asks often and from one address.
func (f *Front) Outer(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", f.health.live)
	mux.HandleFunc("GET /readyz", f.health.ready)
	mux.Handle("/", f.cors(f.limitInFlight(f.limitAddress(f.foreign(f.withStore(compressed(next)))))))
	return oneName(f.observe(f.located(f.secured(f.recovered(mux)))))
}

// oneName takes /graphql/, which people write too, for /graphql. A redirect would lose the body in some
// clients, and no preflight may be answered by one.
func oneName(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/graphql/" {
			r = r.Clone(r.Context())
			r.URL.Path, r.URL.RawPath = "/graphql", ""
		}
		next.ServeHTTP(w, r)
	})
}

// Inner wraps what comes after: the limit for each caller.
func (f *Front) Inner(next http.Handler) http.Handler { return f.limitCaller(next) }
