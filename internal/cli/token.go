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
	Subject         string        `help:"The person, who has a current mandate or grant for the role; left out in development, one of the demonstration." placeholder:"usr_…"`
	Member          string        `help:"The only member for which the token holds; left out, all of the person's." placeholder:"mem_…"`
	Country         string        `help:"The only country for which the token holds (ISO 3166 alpha-2); left out, all of the person's." placeholder:"UG"`
	Application     string        `help:"The application for which APPLICANT holds; left out in development, the demonstration's." placeholder:"app_…"`
	Group           []string      `help:"The only groups for which REVIEWER holds; left out, all of the person's." placeholder:"TDAG"`
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
	proof, err := f.proof(ctx)
	if err != nil {
		return err
	}
	proof.AuthenticatedAt = time.Now() // whoever may run this has the machine
	token, err := tokens.Issue(proof, f.Life)
	if err != nil {
		return fmt.Errorf("%w: %w", errMisuse, err)
	}
	if f.Production() {
		if err := f.audit(ctx, proof); err != nil {
			return fmt.Errorf("recording that a token is issued: %w", err)
		}
	}
	_, err = fmt.Fprintln(stdout, token)
	return err
}

// proof is what the token is to say. It fails for a subject to whom the records do not give the role, because a token
// cannot give it.
func (f tokenFlags) proof(ctx context.Context) (kit.Proof, error) {
	role := kit.Role(f.Role)
	s, err := openStore(ctx, f.Store, "token", true)
	if err != nil {
		return kit.Proof{}, fmt.Errorf("looking for the person in the records: %w", err)
	}
	defer func() { _ = s.Close() }()
	countries, err := country.Countries()
	if err != nil {
		return kit.Proof{}, err
	}
	p, err := portal.New(portal.Options{Store: s, Clock: kit.NewClock(time.Now, time.UTC), Countries: countries})
	if err != nil {
		return kit.Proof{}, err
	}
	proof := f.named(role)
	if proof.Subject == "" && !f.Production() && proof.Application == "" {
		found, err := newScene(ctx, p)
		if err != nil && !errors.Is(err, errNoMember) {
			return proof, err
		}
		proof = found.proof(role)
	}
	if proof.Subject == "" {
		return proof, fmt.Errorf("%w: name the person with --subject: nobody of a demonstration has the role %s", errMisuse, role)
	}
	actor, err := p.Persons.Authority(ctx, proof)
	if err == nil && !actor.Has(role) {
		err = fmt.Errorf("%s has no current mandate or grant for the role %s%s, and a token cannot give it", proof.Subject, role, f.scope())
	}
	return proof, err
}

// named is what the flags say.
func (f tokenFlags) named(role kit.Role) kit.Proof {
	p := kit.Proof{Subject: kit.ID(f.Subject), Roles: []kit.Role{role}, Groups: f.Group, Application: kit.ID(f.Application)}
	if f.Member != "" {
		p.Entities = append(p.Entities, kit.ID(f.Member))
	}
	if f.Country != "" {
		p.Entities = append(p.Entities, kit.CountryID(f.Country))
	}
	if p.Application != "" && p.Subject == "" {
		p.Subject = kit.ID("usr_" + f.Application)
	}
	return p
}

// scope says for whom the flags ask, for messages.
func (f tokenFlags) scope() string {
	if whom := strings.Join(append([]string{f.Member + f.Country}, f.Group...), " "); whom != "" {
		return " for " + whom
	}
	return ""
}

// audit records an issue in production. It needs the store for writing, so a process that holds the embedded store
// and takes no commands refuses it by name.
func (f tokenFlags) audit(ctx context.Context, proof kit.Proof) error {
	p, _, done, err := open(ctx, f.Store, config.Domain{Zone: "UTC"}, "memberportal token", false)
	if e, ok := errors.AsType[*sqlitestore.LockedError](err); ok {
		return fmt.Errorf("%w; stop it first, or issue the token where it runs", e)
	}
	if err != nil {
		return err
	}
	err = p.Audit.Record(kit.WithActor(ctx, operator), "token", proof.Subject, "roles: "+f.Role)
	return errors.Join(err, done())
}
