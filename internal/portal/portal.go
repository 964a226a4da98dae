// Package portal puts the rooms of the domain together: New wires their services over one store, Kinds and
// Migrations are those of all nouns, and what concerns every noun stands here: the clock, erasure, and what is
// held about a member, a country or a person. The rooms are kit, country, membership, applications, events,
// consultations, statistics and figures; in each, files of a noun's name hold its states, rules, inputs, payloads,
// listings and service, and its types are at once what is stored and what is answered. The domain knows no HTTP,
// GraphQL, token or database.
package portal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"memberportal/internal/applications"
	"memberportal/internal/consultations"
	"memberportal/internal/country"
	"memberportal/internal/events"
	"memberportal/internal/figures"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/statistics"
	"memberportal/internal/store"
)

// Kinds are all the nouns that a store must hold.
func Kinds() []*store.Kind {
	return slices.Concat(membership.Kinds(), events.Kinds(), consultations.Kinds(), applications.Kinds(), kit.Kinds())
}

// Migrations are what changed in the stored form of the nouns since the first release.
func Migrations() []store.Migration {
	return []store.Migration{
		{Number: 1, Name: "ids of replies", Run: consultations.RenameReplies},
		{Number: 2, Name: "anonymised replies", Run: consultations.SettleAnonymised},
		{Number: 3, Name: "times of drafts", Run: applications.TimeDrafts},
	}
}

// Options are what the domain is given from outside.
type Options struct {
	// Store holds the documents.
	Store store.Store
	// Clock is domain time: the key date, recording times and deadlines.
	Clock kit.Clock
	// Wall is the time of the machine, for notices and idempotency keys; time.Now if nil.
	Wall func() time.Time
	// Entropy feeds ids.
	Entropy io.Reader
	// Secret is that of the store; see ReadSecret. If it is nil, cursors and keyed ids hold in this process
	// only.
	Secret []byte
	// Countries is the reference list; see ReadCountries.
	Countries []*country.Country
	// Tariffs and Rules are what fees and terms follow; those that come with the program if nil.
	Tariffs []*membership.Tariff
	Rules   []membership.Rule
	// Issue makes an access token for an actor, which applicants need; nil if none can be made.
	Issue func(kit.Actor, time.Duration) (string, error)
	// Terms are those of administrations; what is zero of them is that of the rules.
	Terms applications.Terms
	// DirectCountries are the countries (ISO 3166 alpha-2) that let organisations apply directly.
	DirectCountries []string
}

// The services of the rooms, under names of their own.
type (
	membershipServices   = membership.Services
	eventServices        = events.Services
	consultationServices = consultations.Services
)

// Portal is the domain's services over one store.
type Portal struct {
	*membershipServices
	*eventServices
	*consultationServices

	Countries    *country.CountryService
	Applications *applications.ApplicationService
	Statistics   *statistics.StatisticsService
	Figures      *figures.FigureService

	Search        *kit.SearchService
	Audit         *kit.AuditService
	Nodes         *kit.NodeService
	ChangeRecords *kit.ChangeRecordService

	core *kit.Core
}

// New wires the services.
func New(o Options) (*Portal, error) {
	c, err := kit.NewCore(o.Store, o.Clock, o.Wall, o.Entropy, o.Secret)
	if err != nil {
		return nil, err
	}
	p := &Portal{core: c, ChangeRecords: kit.NewChangeRecordService(c)}
	if p.Countries, err = country.New(o.Countries, o.Clock, c.Sealer); err != nil {
		return nil, fmt.Errorf("reading the countries: %w", err)
	}
	// Members ask the ledger, which is made from them, and tell the invitations of guests.
	var l *statistics.Ledger
	p.membershipServices, err = membership.New(membership.Options{
		Core: c, Countries: p.Countries, Tariffs: o.Tariffs, Rules: o.Rules,
		Days: func(ctx context.Context) ([]*membership.DayEntry, error) { return l.All(ctx) },
		Admitted: func(ctx context.Context, m *membership.Member, note func(kit.Change)) error {
			return p.Guests.NoteAdmitted(ctx, m, note)
		},
	})
	if err != nil {
		return nil, err
	}
	p.eventServices = events.New(c, p.Countries, p.membershipServices)
	p.consultationServices = consultations.New(c, p.Countries, p.membershipServices, p.eventServices)
	p.Applications, err = applications.New(applications.Options{
		Core: c, Countries: p.Countries, Membership: p.membershipServices, Issue: o.Issue, Terms: o.Terms, DirectCountries: o.DirectCountries,
	})
	if err != nil {
		return nil, err
	}
	l = statistics.NewLedger(c, p.Countries, p.membershipServices, p.Applications, p.ChangeRecords)
	p.Statistics = statistics.New(c, p.Countries, l, p.Members, p.Applications)
	p.Figures = figures.New(c, l, p.Statistics, p.membershipServices, p.Applications, p.Events, p.LiaisonStatements, p.Consultations)
	p.Audit = kit.NewAuditService(c, func(ctx context.Context, ids []kit.ID) ([]kit.Node, error) { return p.Nodes.ByIDs(ctx, ids) })
	p.Nodes = kit.NewNodeService(
		map[string]kit.NodeReader{kit.CountryPrefix: p.Countries.Nodes, kit.AuditPrefix: p.Audit.Nodes},
		p.membershipServices.Nodes(), p.eventServices.Nodes(), p.consultationServices.Nodes(), p.Applications.Nodes(),
	)
	// In the order of the types' names, in which they are walked.
	p.Search = kit.NewSearchService(c, p.Benefits.Searchable(), p.Consultations.Searchable(), p.Events.Searchable(), p.LiaisonStatements.Searchable(), p.Members.Searchable())
	return p, nil
}

// Tidy removes idempotency keys, codes for applicants, notices and messages that are no longer of use. Call
// it every now and then; another process may do so at the same time.
func (p *Portal) Tidy(ctx context.Context) error {
	return errors.Join(p.core.Tidy(ctx), p.Applications.Tidy(ctx))
}

// Deliver hands queued messages that are due to send; see kit.Core.Deliver.
func (p *Portal) Deliver(ctx context.Context, send func(context.Context, kit.Mail) error) (sent int, err error) {
	return p.core.Deliver(ctx, send)
}
