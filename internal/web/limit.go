package web

import (
	"container/list"
	"context"
	"fmt"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"memberportal/internal/kit"
)

// Rate is a token bucket: how many requests a second flow in, and how many may come at once. A rate
// of 0 is no limit. A request pays one token when it comes, and one more for each further 100 of what its
// GraphQL operation costs (Front.Charge).
type Rate struct {
	PerSecond float64
	Burst     int
}

// limiter keeps a bucket for each key, at most so many: the one that was used least recently goes
// first. Whoever has many addresses can push out others' buckets, which then start full again; the
// bound is what keeps that from filling the memory.
type limiter struct {
	name string
	rate Rate
	most int
	now  func() time.Time

	mu     sync.Mutex
	recent *list.List
	byKey  map[string]*list.Element
}

type bucket struct {
	key string
	*rate.Limiter
}

func newLimiter(name string, r Rate, most int, now func() time.Time) *limiter {
	return &limiter{name: name, rate: r, most: max(1, most), now: now, recent: list.New(), byKey: map[string]*list.Element{}}
}

// take takes a token from the key's bucket. It says how many are left and, if there was none, when
// there will be one.
func (l *limiter) take(key string) (left int, wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, now := l.bucket(key), l.now()
	ok = b.AllowN(now, 1)
	tokens := b.TokensAt(now)
	if !ok {
		wait = time.Duration((1 - tokens) / l.rate.PerSecond * float64(time.Second))
	}
	return max(0, int(tokens)), wait, ok
}

// bucket is the key's bucket, which becomes the one that was used last. The limiter is locked.
func (l *limiter) bucket(key string) *bucket {
	e := l.byKey[key]
	if e == nil {
		if len(l.byKey) >= l.most {
			oldest := l.recent.Back()
			delete(l.byKey, l.recent.Remove(oldest).(*bucket).key)
		}
		e = l.recent.PushFront(&bucket{key, rate.NewLimiter(rate.Limit(l.rate.PerSecond), l.rate.Burst)})
		l.byKey[key] = e
	}
	l.recent.MoveToFront(e)
	return e.Value.(*bucket)
}

// owe takes tokens that may not be there yet: the requests that follow wait for them. Nobody owes more
// than a full bucket for one request.
func (l *limiter) owe(key string, tokens int) {
	if l.rate.PerSecond <= 0 || tokens <= 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bucket(key).ReserveN(l.now(), min(tokens, l.rate.Burst))
}

// costPerToken is how much of an operation's cost one token pays.
const costPerToken = 100

// Charge takes what an operation costs from the buckets of the request's address and caller. The token
// that the request paid when it came is counted.
func (f *Front) Charge(ctx context.Context, cost int) {
	tokens := (cost+costPerToken-1)/costPerToken - 1
	f.addresses.owe(network(AddressOf(ctx)), tokens)
	if actor := kit.ActorOf(ctx); !actor.Anonymous() {
		f.callers.owe(string(actor.Subject), tokens)
	}
}

// admit takes a token and says so in the headers of the answer; without one it answers 429. The
// headers are those of draft-ietf-httpapi-ratelimit-headers-10: q requests in w seconds, r left, and
// t seconds until there is one more.
func (f *Front) admit(w http.ResponseWriter, r *http.Request, l *limiter, key string) bool {
	if l.rate.PerSecond <= 0 {
		return true
	}
	left, wait, ok := l.take(key)
	window := int(math.Ceil(float64(l.rate.Burst) / l.rate.PerSecond))
	seconds := int(math.Ceil(wait.Seconds()))
	w.Header().Add("RateLimit-Policy", fmt.Sprintf("%q;q=%d;w=%d", l.name, l.rate.Burst, window))
	w.Header().Add("RateLimit", fmt.Sprintf("%q;r=%d;t=%d", l.name, left, seconds))
	if ok {
		return true
	}
	f.later(w, r, l.name, max(1, seconds))
	return false
}

// later answers 429: by which limit, and after how many seconds it may be tried again.
func (f *Front) later(w http.ResponseWriter, r *http.Request, by string, seconds int) {
	f.figures.limited.WithLabelValues(by).Inc()
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	params := map[string]string{"seconds": strconv.Itoa(seconds)}
	writeFault(w, r, http.StatusTooManyRequests, kit.RateLimited, kit.Message(kit.LocaleOf(r.Context()), "rateLimited", params))
}

// limitAddress limits each address; of IPv6 each /64, which is what one household has.
func (f *Front) limitAddress(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f.admit(w, r, f.addresses, network(AddressOf(r.Context()))) {
			next.ServeHTTP(w, r)
		}
	})
}

func network(a netip.Addr) string {
	if !a.Is6() {
		return a.String()
	}
	p, _ := a.Prefix(64)
	return p.String()
}

// limitCaller limits each subject of a token, from wherever it asks.
func (f *Front) limitCaller(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		actor := kit.ActorOf(r.Context())
		if actor.Anonymous() || f.admit(w, r, f.callers, string(actor.Subject)) {
			next.ServeHTTP(w, r)
		}
	})
}
