package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// fetchEvery is how long an issuer is left alone after it gave its keys, whatever unknown keys
	// tokens name; retryAfter is the same after it failed to.
	fetchEvery = 30 * time.Second
	retryAfter = 5 * time.Second
	// stale is when keys are fetched again though all are known, so that one that the issuer took back
	// does not verify for ever.
	stale = 10 * time.Minute
)

// Algorithms are those that tokens of an OIDC issuer may be signed with.
var Algorithms = []string{"EdDSA", "ES256", "RS256", "PS256"}

// IssuerOptions are what the portal is told about an OIDC issuer.
type IssuerOptions struct {
	URL      string // the iss of its tokens; https, or http on this machine
	Audience string // the aud that its tokens must have
	// Types are the typ of its access tokens: at+jwt, or JWT for an issuer that gives none of its own
	// to access tokens.
	Types      []string
	Algorithms []string
	Mapping    Mapping
	Log        *slog.Logger
	// Client fetches; nil is a client with a time limit.
	Client *http.Client
	// Now times the fetches; nil is the machine's time.
	Now func() time.Time
}

// Issuer verifies tokens of an OIDC issuer by the keys that it publishes. They are fetched when a
// token first needs them, when a token names a key that is not known (but once in 30 seconds), and
// when they are old. An issuer that cannot be reached keeps the keys that it gave.
type Issuer struct {
	o      IssuerOptions
	types  []string
	cached atomic.Pointer[issuerKeys]

	renewing atomic.Bool
	fetching sync.Mutex // guards what follows, and makes everybody wait for one fetch
	tried    time.Time
	failed   error
}

// NewIssuer makes an issuer and fetches nothing yet.
func NewIssuer(o IssuerOptions) (*Issuer, error) {
	if err := secure(o.URL, o.URL); err != nil {
		return nil, err
	}
	if o.Audience == "" || len(o.Algorithms) == 0 || len(o.Types) == 0 {
		return nil, errors.New("an issuer needs an audience, algorithms and types")
	}
	for _, a := range o.Algorithms {
		if !slices.Contains(Algorithms, a) {
			return nil, fmt.Errorf("%q is no algorithm for an OIDC issuer", a)
		}
	}
	i := &Issuer{o: o}
	for _, kind := range o.Types {
		switch strings.ToLower(kind) {
		case tokenType:
			i.types = append(i.types, tokenType, "application/"+tokenType) // RFC 9068 §2.1
		case "jwt":
			i.types = append(i.types, "jwt", "")
		default:
			return nil, fmt.Errorf("%q is no typ of an access token", kind)
		}
	}
	if i.o.Client == nil {
		i.o.Client = newClient(o.URL)
	}
	if i.o.Now == nil {
		i.o.Now = time.Now
	}
	if i.o.Log == nil {
		i.o.Log = slog.New(slog.DiscardHandler)
	}
	i.cached.Store(&issuerKeys{})
	return i, nil
}

func (i *Issuer) source() source {
	return source{issuer: i.o.URL, audience: i.o.Audience, algorithms: i.o.Algorithms, types: i.types, key: i.key, proof: i.proof}
}

// key gives the key of an id, fetching the keys if it is not known.
func (i *Issuer) key(id, algorithm string) (any, error) {
	if id == "" {
		return nil, errors.New("no kid")
	}
	keys := i.cached.Load()
	if found := keys.find(id, algorithm); found != nil {
		if i.o.Now().Sub(keys.at) > stale && i.renewing.CompareAndSwap(false, true) {
			go func() {
				defer i.renewing.Store(false)
				_ = i.Fetch() // which logs; the old keys hold meanwhile
			}()
		}
		return found, nil
	}
	failed := i.Fetch()
	if found := i.cached.Load().find(id, algorithm); found != nil {
		return found, nil
	}
	if failed != nil {
		return nil, fmt.Errorf("%w: key %.40q: %w", ErrUnavailable, id, failed)
	}
	return nil, fmt.Errorf("unknown key %.40q", id)
}

// Fetch fetches the keys unless that was tried a little while ago; whoever calls meanwhile waits for
// the one fetch. It returns why the last one failed, nil if it did not.
func (i *Issuer) Fetch() error {
	i.fetching.Lock()
	defer i.fetching.Unlock()
	pause := fetchEvery
	if i.failed != nil {
		pause = retryAfter
	}
	if since := i.o.Now().Sub(i.tried); !i.tried.IsZero() && since >= 0 && since < pause {
		return i.failed
	}
	i.tried = i.o.Now()
	ctx, cancel := context.WithTimeout(context.Background(), fetchLimit)
	defer cancel()
	keys, err := i.fetch(ctx)
	if i.failed = err; err != nil {
		i.o.Log.Error("fetching an issuer's keys; those already known stay", "issuer", i.o.URL, "error", err)
		return err
	}
	keys.at = i.tried
	i.cached.Store(keys)
	i.o.Log.Info("fetched an issuer's keys", "issuer", i.o.URL, "keys", len(keys.byID))
	return nil
}
