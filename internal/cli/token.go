package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"memberportal/internal/auth"
	"memberportal/internal/config"
	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/portal"
	"memberportal/internal/store/sqlitestore"
)

type tokenFlags struct {
	config.Store
	config.Tokens
	Role            string        `help:"The role: ${enum}." enum:"APPLICANT,DELEGATE,FOCAL_POINT,ADMINISTRATION,REVIEWER,SECRETARIAT,OPERATOR" required:""`
	Subject         string        `help:"The person; left out, in development the one who acts in a demonstration scope, else one named after the role." placeholder:"usr_…"`
	Member          string        `help:"The member for which FOCAL_POINT or DELEGATE holds; left out in development, a demonstration member." placeholder:"mem_…"`
	Country         string        `help:"The country for which ADMINISTRATION holds (ISO 3166 alpha-2); left out in development, UG." placeholder:"UG"`
	Application     string        `help:"The application for which APPLICANT holds; left out in development, the demonstration's." placeholder:"app_…"`
	Group           []string      `help:"A group for which REVIEWER holds; left out in development, TDAG." placeholder:"TDAG"`
	Life            time.Duration `help:"How long it is valid; at most 24h." default:"24h"`
	AllowProduction bool          `help:"Issue a token in production, which leaves an audit entry." `
}

func (*tokenFlags) served() bool { return true }

func (f *tokenFlags) settle(c config.Serve) { f.Store, f.Tokens = c.Store, c.Tokens }

// Run prints one token. That of a server is signed with its key.
func (f tokenFlags) Run(ctx context.Context, stdout results) error {
	if err := f.Store.Validate(); err != nil {
		return fmt.Errorf("%w: %w", errMisuse, err)
	}
	if f.Life <= 0 || f.Life > auth.MaxLife {
		return fmt.Errorf("%w: --life must be between 0 and %s", errMisuse, auth.MaxLife)
	}
	if f.Production() && !f.AllowProduction {
		return fmt.Errorf("%w: in production tokens come from sign-in; --allow-production issues one all the same", errMisuse)
	}
	tokens, err := openTokens(f.Tokens, f.Store, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	actor, err := f.actor(ctx)
	if err != nil {
		return err
	}
	token, err := tokens.Issue(actor, f.Life)
	if err != nil {
		return fmt.Errorf("%w: %w", errMisuse, err)
	}
	if f.Production() {
		if err := f.audit(ctx, actor); err != nil {
			return fmt.Errorf("recording that a token is issued: %w", err)
		}
	}
	_, err = fmt.Fprintln(stdout, token)
	return err
}

// actor is who the token is for, with the scope that the role needs.
func (f tokenFlags) actor(ctx context.Context) (kit.Actor, error) {
	role := kit.Role(f.Role)
	a := kit.Actor{Subject: kit.ID(f.Subject), Roles: []kit.Role{role}, Member: kit.ID(f.Member), Country: f.Country, Groups: f.Group, Application: kit.ID(f.Application)}
	if a.Subject == "" {
		a.Subject = kit.ID("usr_" + strings.ToLower(f.Role))
	}
	if f.Production() || a.Has(role) {
		if !a.Has(role) {
			return a, fmt.Errorf("%w: the role %s needs its scope: --member, --country, --group or --application", errMisuse, role)
		}
		return a, nil
	}
	if role == kit.RoleReviewer {
		return scene{}.scope(a, ""), nil
	}
	// An administration may have no person, and then needs no store.
	on, err := f.scene(ctx)
	if role == kit.RoleAdministration || role == kit.RoleApplicant && on.application != "" {
		err = nil
	}
	if role == kit.RoleApplicant && err == nil && on.application == "" {
		err = fmt.Errorf("%w: there is no demonstration application; name one with --application", errMisuse)
	}
	return on.scope(a, kit.ID(f.Subject)), err
}

// scene reads what the store has of a demonstration.
func (f tokenFlags) scene(ctx context.Context) (scene, error) {
	s, err := openStore(ctx, f.Store, "token", true)
	if err != nil {
		return scene{}, fmt.Errorf("looking for a demonstration member (name one with --member): %w", err)
	}
	defer func() { _ = s.Close() }()
	countries, err := country.Countries()
	if err != nil {
		return scene{}, err
	}
	p, err := portal.New(portal.Options{Store: s, Clock: kit.NewClock(time.Now, time.UTC), Countries: countries})
	if err != nil {
		return scene{}, err
	}
	return newScene(ctx, p)
}

// audit records an issue in production. It needs the store for writing, so a process that holds the embedded store
// and takes no commands refuses it by name.
func (f tokenFlags) audit(ctx context.Context, actor kit.Actor) error {
	p, _, done, err := open(ctx, f.Store, config.Domain{Zone: "UTC"}, "memberportal token", false)
	if e, ok := errors.AsType[*sqlitestore.LockedError](err); ok {
		return fmt.Errorf("%w; stop it first, or issue the token where it runs", e)
	}
	if err != nil {
		return err
	}
	err = p.Audit.Record(kit.WithActor(ctx, operator), "token", actor.Subject, "roles: "+f.Role)
	return errors.Join(err, done())
}
