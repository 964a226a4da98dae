// Package portal puts the rooms of the domain together: New connects their services over one store, and Kinds and
// Migrations cover all nouns. It also has what concerns every noun: the clock, erasure, and the export of what is
// stored about a member, a country or a person. The rooms are kit, country, membership, people, applications, events,
// benefits, consultations, statistics, figures, files and jobs. In each, the files named after a noun have its states, rules, inputs,
// payloads, listings and service; its types are both stored and answered. The domain does not know HTTP, GraphQL,
// tokens or databases.
package portal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"memberportal/internal/applications"
	"memberportal/internal/benefits"
	"memberportal/internal/consultations"
	"memberportal/internal/country"
	"memberportal/internal/events"
	"memberportal/internal/figures"
	"memberportal/internal/files"
	"memberportal/internal/jobs"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/reference"
	"memberportal/internal/statistics"
	"memberportal/internal/store"
)

// Kinds returns all nouns that a store must hold.
func Kinds() []*store.Kind {
	return slices.Concat(membership.Kinds(), benefits.Kinds(), reference.Kinds(), people.Kinds(), events.Kinds(), consultations.Kinds(), applications.Kinds(), jobs.Kinds(), files.Kinds(), kit.Kinds())
}

// Migrations returns the changes of the stored form of nouns since the first release, by number. Every change of the stored
// form or of the keys of a noun is one, be it store.Nothing.
func Migrations() []store.Migration {
	return []store.Migration{
		{Number: 1, Name: "ids of replies", Run: consultations.RenameReplies},
		{Number: 2, Name: "anonymised replies", Run: consultations.SettleAnonymised},
		{Number: 3, Name: "times of drafts", Run: applications.TimeDrafts},
		{Number: 4, Name: "mandates of persons", Run: people.HoldMandates},
		{Number: 5, Name: "contributions without an event, events without a last day", Run: store.Nothing},
	}
}

// Tellings returns the table of messages: what each mutation, and each thing that the clock does, tells whom, or why it
// tells nobody.
func Tellings() []kit.Telling {
	return slices.Concat(membership.Tellings(), benefits.Tellings(), reference.Tellings(), people.Tellings(), events.Tellings(), consultations.Tellings(), applications.Tellings(), jobs.Tellings())
}

// Options are what the domain needs from outside.
type Options struct {
	// Store holds the documents.
	Store store.Store
	// Clock is domain time: key dates, times of records and deadlines follow it.
	Clock kit.Clock
	// Wall is the machine's time, for change records and idempotency keys; time.Now if nil.
	Wall func() time.Time
	// Entropy is the source of randomness for ids.
	Entropy io.Reader
	// Secret is the store's secret; see ReadSecret. If nil, cursors and keyed ids are valid in this process only.
	Secret []byte
	// Countries is the reference list; see ReadCountries.
	Countries []*country.Country
	// Tariffs and Rules determine fees and terms; if nil, those that are part of the program.
	Tariffs []*membership.Tariff
	Rules   []membership.Rule
	// MailPerDay is how many messages are sent in 24 hours at most; see kit.CoreOptions. 0 is no bound.
	MailPerDay int
	// Issue makes an access token for an applicant or a session, or for a person who accepts an invitation. If nil,
	// codes, signing in and invitations for whoever is not signed in are UNAVAILABLE.
	Issue func(kit.Proof, time.Duration) (string, error)
	// Organisation is the name of whoever runs the portal; empty if none is named.
	Organisation string
	// PayTo says in words how an invoice is paid; empty if the secretariat tells it.
	PayTo string
	// PublicURL is the address of the portal in links of messages, without a slash at the end, and where passkeys are good.
	PublicURL string
	// OperatorCode makes the first operator; see people.SessionService.BecomeOperator. If empty, nobody becomes one by a
	// code.
	OperatorCode string
	// Origins are other pages that may use passkeys if their host fits; see people.Options.
	Origins []string
	// Prove says what a token proves; see people.Options. If nil, no identity can be linked.
	Prove func(token string) (proof kit.Proof, good bool, err error)
	// LinkVerified links an identity at its first sign-in by an address that its issuer verified; see people.Options.
	LinkVerified bool
	// Sessions say when sessions end; a zero field is the default.
	Sessions people.SessionTerms
	// Terms are the terms of administrations; a zero field is taken from the rules.
	Terms applications.Terms
	// Files bound what people upload, and Scan looks for malware in it; see files.Options.
	Files files.Limits
	Scan  files.Scan
	// DirectCountries are the countries (ISO 3166 alpha-2) that let organisations apply directly.
	DirectCountries []string
}

// The services of the rooms. They need different names, because Portal embeds all of them.
type (
	membershipServices   = membership.Services
	benefitServices      = benefits.Services
	peopleServices       = people.Services
	eventServices        = events.Services
	consultationServices = consultations.Services
)

// Portal has the services of the domain over one store.
type Portal struct {
	*membershipServices
	*benefitServices
	*peopleServices
	*eventServices
	*consultationServices

	Countries    *country.CountryService
	Reference    *reference.ReferenceService
	Applications *applications.ApplicationService
	Statistics   *statistics.StatisticsService
	Figures      *figures.FigureService
	Jobs         *jobs.JobService
	Files        *files.FileService

	Search        *kit.SearchService
	Audit         *kit.AuditService
	Mails         *kit.MailService
	Nodes         *kit.NodeService
	ChangeRecords *kit.ChangeRecordService

	// Organisation is the name of whoever runs the portal, as invoices show it; empty if none is named.
	Organisation string

	core *kit.Core
}

// New makes the services and connects them.
func New(o Options) (*Portal, error) {
	p := &Portal{Organisation: o.Organisation}
	c, err := kit.NewCore(kit.CoreOptions{
		Store: o.Store, Clock: o.Clock, Wall: o.Wall, Entropy: o.Entropy, Secret: o.Secret, PortalURL: o.PublicURL, MailPerDay: o.MailPerDay, Tellings: Tellings(),
		AddressRefused: func(ctx context.Context, address string) error { return p.Persons.NoteRefused(ctx, address) },
	})
	if err != nil {
		return nil, err
	}
	p.core, p.Mails, p.ChangeRecords = c, kit.NewMailService(c), kit.NewChangeRecordService(c)
	if p.Countries, err = country.New(o.Countries, o.Clock, c.Sealer); err != nil {
		return nil, fmt.Errorf("reading the countries: %w", err)
	}
	p.Files = files.New(files.Options{Core: c, Limits: o.Files, Scan: o.Scan, Owners: p.fileOwners})
	// Members read the ledger, which is made from them, and inform invitations about what becomes of a membership.
	var l *statistics.Ledger
	p.membershipServices, err = membership.New(membership.Options{
		Core: c, Countries: p.Countries, Files: p.Files, Tariffs: o.Tariffs, Rules: o.Rules,
		Entered: membership.Entered{Noun: reference.EntryNoun.Kind.Name, Over: func(ctx context.Context, known *membership.FeeTable) (*membership.FeeTable, error) {
			return p.Reference.Over(ctx, known)
		}},
		Days: func(ctx context.Context) ([]*membership.DayEntry, error) { return l.All(ctx) },
		Admitted: func(ctx context.Context, m *membership.Member, note func(kit.Change)) error {
			return p.Guests.NoteAdmitted(ctx, m, note)
		},
		Activated: func(ctx context.Context, m *membership.Member, note func(kit.Change)) error {
			return p.PersonInvitations.SendPrepared(ctx, note, m.ID)
		},
		Tell:  teller{p},
		PayTo: o.PayTo,
	})
	if err != nil {
		return nil, err
	}
	p.Reference = reference.New(c, p.Countries, p.membershipServices)
	p.peopleServices, err = people.New(people.Options{
		Core: c, Membership: p.membershipServices, Issue: o.Issue, PublicURL: o.PublicURL, Origins: o.Origins, OperatorCode: o.OperatorCode, Prove: o.Prove, LinkVerified: o.LinkVerified,
		Sessions:   o.Sessions,
		Everything: func(ctx context.Context, ids []kit.ID) ([]kit.Node, error) { return p.Nodes.ByIDs(ctx, ids) },
	})
	if err != nil {
		return nil, err
	}
	p.eventServices = events.New(c, p.Countries, p.membershipServices, p.peopleServices, p.Files)
	p.benefitServices = benefits.New(c, p.membershipServices, p.EventSeries)
	p.consultationServices = consultations.New(c, p.Countries, p.membershipServices, p.peopleServices, p.eventServices, p.Files)
	p.Applications, err = applications.New(applications.Options{
		Core: c, Countries: p.Countries, Membership: p.membershipServices, People: p.peopleServices, Files: p.Files, Issue: o.Issue, Terms: o.Terms, DirectCountries: o.DirectCountries,
	})
	if err != nil {
		return nil, err
	}
	l = statistics.NewLedger(c, p.Countries, p.membershipServices, p.Applications, p.ChangeRecords)
	p.Statistics = statistics.New(c, p.Countries, l, p.Members, p.Applications)
	p.Figures = figures.New(c, l, p.Statistics, p.membershipServices, p.Applications, p.Events, p.LiaisonStatements, p.Consultations)
	p.Jobs = jobs.New(c, p.Exports())
	p.Audit = kit.NewAuditService(c, func(ctx context.Context, ids []kit.ID) ([]kit.Node, error) { return p.Nodes.ByIDs(ctx, ids) })
	p.Nodes = kit.NewNodeService(
		map[string]kit.NodeReader{kit.CountryPrefix: p.Countries.Nodes, kit.AuditPrefix: p.Audit.Nodes, kit.MailPrefix: p.Mails.Nodes},
		p.membershipServices.Nodes(), p.benefitServices.Nodes(), p.peopleServices.Nodes(), p.eventServices.Nodes(), p.consultationServices.Nodes(), p.Applications.Nodes(), p.Jobs.Nodes(), p.Reference.Nodes(),
	)
	// In the order of the types' names. An unranked search reads them in this order.
	p.Search = kit.NewSearchService(c, p.Benefits.Searchable(), p.Consultations.Searchable(), p.Events.Searchable(), p.LiaisonStatements.Searchable(), p.Members.Searchable())
	return p, nil
}

// fileOwners says what records show and name of files, by the prefix of their ids.
func (p *Portal) fileOwners() map[string]files.Owner {
	all := p.membershipServices.FileOwners()
	for _, of := range []map[string]files.Owner{p.eventServices.FileOwners(), p.consultationServices.FileOwners(), p.Applications.FileOwners()} {
		maps.Copy(all, of)
	}
	return all
}

// Exports returns the tables that the secretariat can take out.
func (p *Portal) Exports() []kit.Export {
	return slices.Concat(p.membershipServices.Exports(), p.eventServices.Exports(), p.consultationServices.Exports())
}

// Tidy removes idempotency keys, codes, sessions whose time is over, change records, messages, jobs with their files, and
// files that no record took, that are old enough.
// Call it from time to time; several processes may do so at the same time.
func (p *Portal) Tidy(ctx context.Context) error {
	return errors.Join(p.core.Tidy(ctx), p.Applications.Tidy(ctx), p.Sessions.Tidy(ctx), p.Notifications.Tidy(ctx), p.Jobs.Tidy(ctx), p.Files.Tidy(ctx))
}

// Messages calls take with the messages of the outbox; see kit.Core.Messages.
func (p *Portal) Messages(ctx context.Context, failed bool, take func([]*kit.MailRecord) error) error {
	return p.core.Messages(ctx, failed, take)
}

// RetryMail makes a message of the outbox due at once; see kit.Core.RetryMail.
func (p *Portal) RetryMail(ctx context.Context, id kit.ID) error { return p.core.RetryMail(ctx, id) }

// Backlogs returns how the queues of the outbox stand; see kit.Core.Backlogs.
func (p *Portal) Backlogs(ctx context.Context) ([]kit.MailBacklog, error) {
	return p.core.Backlogs(ctx)
}

// Posted receives when messages wait to be delivered; see kit.Core.Posted.
func (p *Portal) Posted() <-chan struct{} { return p.core.Posted() }

// TellPending tells registrants of events what they are still to be told; see events.RegistrationService.TellPending.
func (p *Portal) TellPending(ctx context.Context) error { return p.Registrations.TellPending(ctx) }

// Deliver calls send for queued messages that are due; see kit.Core.Deliver.
func (p *Portal) Deliver(ctx context.Context, send func(context.Context, kit.Mail) error) (sent int, err error) {
	return p.core.Deliver(ctx, send)
}
