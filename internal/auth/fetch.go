package auth

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	fetchLimit  = 5 * time.Second
	maxDocument = 1 << 20
	maxKeys     = 100
	minRSA      = 2048 // bits; RFC 7518 §3.3
)

// issuerKeys are the usable keys of an issuer at one time, and what it says of itself. They are not changed.
type issuerKeys struct {
	byID map[string][]publicKey
	at   time.Time
	said discovered
}

// discovered is what an issuer says of itself (OpenID Connect Discovery, RFC 9207).
type discovered struct {
	Issuer    string   `json:"issuer"`
	Keys      string   `json:"jwks_uri"`
	Authorize string   `json:"authorization_endpoint"`
	Token     string   `json:"token_endpoint"`
	Methods   []string `json:"token_endpoint_auth_methods_supported"`
	NamesSelf bool     `json:"authorization_response_iss_parameter_supported"`
}

type publicKey struct {
	key       any    // *rsa.PublicKey, *ecdsa.PublicKey or ed25519.PublicKey
	algorithm string // "" if the issuer does not say
}

// find gives a key that fits the algorithm, or nil.
func (k *issuerKeys) find(id, algorithm string) any {
	for _, candidate := range k.byID[id] {
		if (candidate.algorithm == "" || candidate.algorithm == algorithm) && fits(candidate.key, algorithm) {
			return candidate.key
		}
	}
	return nil
}

func fits(key any, algorithm string) bool {
	switch k := key.(type) {
	case ed25519.PublicKey:
		return algorithm == "EdDSA"
	case *ecdsa.PublicKey:
		return algorithm == "ES256" && k.Curve == elliptic.P256()
	case *rsa.PublicKey:
		return (algorithm == "RS256" || algorithm == "PS256") && k.N.BitLen() >= minRSA
	}
	return false
}

// fetch finds the keys as OpenID Connect Discovery says.
func (i *Issuer) fetch(ctx context.Context) (*issuerKeys, error) {
	var said discovered
	if err := i.get(ctx, strings.TrimSuffix(i.o.URL, "/")+"/.well-known/openid-configuration", &said); err != nil {
		return nil, err
	}
	if said.Issuer != i.o.URL {
		return nil, fmt.Errorf("discovery names another issuer, %.80q", said.Issuer)
	}
	if err := secure(said.Keys, i.o.URL); err != nil {
		return nil, err
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := i.get(ctx, said.Keys, &set); err != nil {
		return nil, err
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("more than %d keys", maxKeys)
	}
	keys := usable(set.Keys)
	keys.said = said
	if len(keys.byID) == 0 {
		return nil, errors.New("no usable key")
	}
	return keys, nil
}

// usable takes the public signing keys out of a set and passes over all others: a set may hold keys
// of kinds that come later; a secret or a private key in it fits nothing.
func usable(set []json.RawMessage) *issuerKeys {
	keys := &issuerKeys{byID: map[string][]publicKey{}}
	for _, raw := range set {
		var k jose.JSONWebKey
		if k.UnmarshalJSON(raw) != nil || k.KeyID == "" || k.Use != "" && k.Use != "sig" || !k.Valid() {
			continue
		}
		for _, algorithm := range Algorithms {
			if fits(k.Key, algorithm) {
				keys.byID[k.KeyID] = append(keys.byID[k.KeyID], publicKey{k.Key, k.Algorithm})
				break
			}
		}
	}
	return keys
}

func (i *Issuer) get(ctx context.Context, address string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "application/json")
	response, err := i.o.Client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", address, response.Status)
	}
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxDocument+1))
	if err != nil {
		return fmt.Errorf("reading %s: %w", address, err)
	}
	if len(raw) > maxDocument {
		return fmt.Errorf("%s answered more than %d bytes", address, maxDocument)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%s answered no JSON of the right form", address)
	}
	return nil
}

// newClient follows a redirect only to where keys may come from.
func newClient(issuer string) *http.Client {
	return &http.Client{Timeout: fetchLimit, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) > 2 {
			return errors.New("too many redirects")
		}
		return secure(r.URL.String(), issuer)
	}}
}

// secure demands https, so that nobody between can put keys of their own in. Plain http is for an
// issuer on this machine.
func secure(address, issuer string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return fmt.Errorf("%.80q is no address of an issuer or of its keys", address)
	}
	if u.Scheme == "https" || u.Scheme == "http" && loopback(u) && strings.HasPrefix(issuer, "http:") {
		return nil
	}
	return fmt.Errorf("%.80q must be https", address)
}

func loopback(u *url.URL) bool {
	if u.Hostname() == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(u.Hostname())
	return err == nil && a.IsLoopback()
}
