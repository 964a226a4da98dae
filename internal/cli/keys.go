package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"memberportal/internal/auth"
	"memberportal/internal/config"
	"memberportal/internal/kit"
)

type keyFlags struct {
	File   string `arg:"" help:"Where the key set is kept; nobody but its owner may read it." type:"path"`
	Rotate bool   `help:"Put a new key first, which signs from then on; the others still verify, until two days after they were replaced. A running server reads the file again by itself."`
}

// Run makes a key set, or puts a new key into one.
func (f keyFlags) Run() error {
	if f.Rotate {
		return auth.Rotate(f.File, time.Now())
	}
	_, err := auth.EnsureKeySet(f.File)
	return err
}

// openTokens reads the keys; in development it makes them where there are none. Issuers are asked for
// theirs only when a token needs them.
func openTokens(t config.Tokens, s config.Store, log *slog.Logger) (auth.Tokens, error) {
	open := auth.EnsureKeySet
	if s.Production() {
		open = auth.LoadKeySet
	}
	keys, err := open(t.KeyFile(s))
	tokens := auth.Tokens{Keys: keys, Issuer: t.Issuer, Audience: t.Audience, Now: time.Now}
	if err != nil {
		return tokens, err
	}
	if t.Trusted.HS256Secret != "" {
		if tokens.Secret, err = auth.LoadSecret(t.Trusted.HS256Secret); err != nil {
			return tokens, err
		}
	}
	if t.Trusted.OIDCIssuer == "" {
		return tokens, nil
	}
	issuer, err := newIssuer(t.Trusted, log)
	if err != nil {
		return tokens, err
	}
	tokens.Others = []*auth.Issuer{issuer}
	if t.Trusted.OIDCClient != "" {
		tokens.Client, err = newClient(t.Trusted, issuer)
	}
	return tokens, err
}

// newClient is the portal as a client of an issuer.
func newClient(c config.Issuer, issuer *auth.Issuer) (*auth.Client, error) {
	client := &auth.Client{Issuer: issuer, ID: c.OIDCClient, Scopes: c.OIDCScopes}
	if c.OIDCSecret == "" {
		return client, nil
	}
	var err error
	client.Secret, err = auth.LoadClientSecret(c.OIDCSecret)
	return client, err
}

func newIssuer(c config.Issuer, log *slog.Logger) (*auth.Issuer, error) {
	o := auth.IssuerOptions{
		URL: c.OIDCIssuer, Audience: c.OIDCAudience, Types: c.OIDCTypes, Algorithms: c.OIDCAlgorithms, Log: log,
		Mapping: auth.Mapping{
			Roles: c.RolesClaim, Member: c.MemberClaim, Country: c.CountryClaim, Groups: c.GroupsClaim,
			RoleOf: map[string]kit.Role{}, AreaOf: map[string]kit.StaffArea{}, GroupOf: c.GroupOf,
		},
	}
	for value, name := range c.RoleOf {
		name, area, limited := strings.Cut(name, ":")
		role := kit.Role(name)
		if limited && (role != kit.RoleSecretariat || !slices.Contains(kit.StaffAreas, kit.StaffArea(area))) {
			return nil, fmt.Errorf("%w: --oidc-role %s=%s:%s: only SECRETARIAT has areas, which are CONSULTATIONS, EVENTS, FINANCE and MEMBERSHIP", errMisuse, value, name, area)
		}
		if limited {
			o.Mapping.AreaOf[value] = kit.StaffArea(area)
		}
		if !slices.Contains(kit.Roles, role) {
			return nil, fmt.Errorf("%w: --oidc-role %s=%s: there is no such role", errMisuse, value, name)
		}
		o.Mapping.RoleOf[value] = role
	}
	issuer, err := auth.NewIssuer(o)
	if err != nil {
		return nil, errors.Join(errMisuse, err)
	}
	return issuer, nil
}

// watchKeys keeps the signing keys as their file is, and asks the issuers for theirs, so that the
// first token need not wait; one that does not answer is logged and asked again by need.
func watchKeys(ctx context.Context, tokens auth.Tokens, file string, log *slog.Logger) {
	for _, issuer := range tokens.Others {
		go func() { _ = issuer.Fetch() }()
	}
	tokens.Keys.Watch(ctx, file, log)
}
