// Package portal is the domain: who the members are, what they may do, and the rules for it. One
// file for each noun holds its states, rules, inputs, payloads, listings and service. It imports the
// standard library, the document port and small value libraries; it knows no HTTP, GraphQL, token
// or database. Its types are at once what is stored and what is answered.
package portal

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"memberportal/internal/store"
)

// Kinds are all the nouns that a store must hold.
func Kinds() []*store.Kind {
	return []*store.Kind{
		MemberNoun.Kind, FeeExemptionNoun.Kind, MembershipChangeRequestNoun.Kind, benefitNoun.Kind, PersonNoun.Kind, MandateNoun.Kind,
		SeriesNoun.Kind, EventNoun.Kind, SeatNoun.Kind, RegistrationNoun.Kind, InvitationNoun.Kind, ContributionNoun.Kind, CalendarLinkNoun.Kind,
		LiaisonNoun.Kind, ConsultationNoun.Kind, ParticipationNoun.Kind, DraftNoun.Kind, FeedbackNoun.Kind, CountedNoun.Kind, SynthesisNoun.Kind,
		ServiceFeedbackNoun.Kind, InvoiceNoun.Kind, ApplicationNoun.Kind, challengeNoun.Kind, codeRecipientNoun.Kind,
		auditNoun.Kind, noticeNoun.Kind, repeatNoun.Kind, outboxNoun.Kind, secretNoun.Kind,
	}
}

// Migrations are what changed in the stored form of the nouns since the first release.
func Migrations() []store.Migration {
	return []store.Migration{
		{Number: 1, Name: "ids of replies", Run: renameReplies},
		{Number: 2, Name: "anonymised replies", Run: settleAnonymised},
		{Number: 3, Name: "times of drafts", Run: timeDrafts},
	}
}

// Options are what the domain is given from outside.
type Options struct {
	// Store holds the documents.
	Store store.Store
	// Clock is domain time: the key date, recording times and deadlines.
	Clock Clock
	// Wall is the time of the machine, for notices and idempotency keys; time.Now if nil.
	Wall func() time.Time
	// Entropy feeds ids.
	Entropy io.Reader
	// Secret is that of the store; see ReadSecret. If it is nil, cursors and keyed ids hold in this process
	// only.
	Secret []byte
	// Countries is the reference list; see ReadCountries.
	Countries []*Country
	// Tariffs and Rules are what fees and terms follow; those that come with the program if nil.
	Tariffs []*Tariff
	Rules   []Rule
	// Issue makes an access token for an actor, which applicants need; nil if none can be made.
	Issue func(Actor, time.Duration) (string, error)
	// Terms are those of administrations; what is zero of them is that of the rules.
	Terms Terms
	// DirectCountries are the countries (ISO 3166 alpha-2) that let organisations apply directly.
	DirectCountries []string
}

// Portal is the domain's services over one store.
type Portal struct {
	Members       *MemberService
	FeeExemptions *FeeExemptionService
	Changes       *MembershipChangeRequestService
	Countries     *CountryService
	Benefits      *BenefitService
	Persons       *PersonService
	Mandates      *MandateService
	Tariffs       *TariffService
	Invoices      *InvoiceService

	EventSeries   *EventSeriesService
	Events        *EventService
	Registrations *RegistrationService
	Guests        *GuestService
	Contributions *ContributionService
	Calendars     *CalendarService

	LiaisonStatements *LiaisonService
	Consultations     *ConsultationService
	Participations    *ParticipationService
	Feedback          *FeedbackService
	Synthesis         *SynthesisService
	ServiceFeedback   *ServiceFeedbackService

	Applications *ApplicationService
	Statistics   *StatisticsService
	Figures      *FigureService

	Search  *SearchService
	Audit   *AuditService
	Nodes   *NodeService
	Notices *NoticeService

	core *core
}

// New wires the services.
func New(o Options) (*Portal, error) {
	if o.Wall == nil {
		o.Wall = time.Now
	}
	seals, err := newSealer(o.Secret)
	if err != nil {
		return nil, err
	}
	countries, err := newCountryService(o.Countries, o.Clock, seals)
	if err != nil {
		return nil, fmt.Errorf("reading the countries: %w", err)
	}
	c := &core{sealer: seals, store: o.Store, clock: o.Clock, wall: o.Wall, entropy: ulid.Monotonic(o.Entropy, 0), countries: countries}
	p := &Portal{
		core:      c,
		Countries: countries,
		Members:   &MemberService{core: c, members: MemberNoun.In(o.Store)},
		Benefits:  &BenefitService{core: c, benefits: benefitNoun.In(o.Store)},
		Persons:   &PersonService{core: c, persons: PersonNoun.In(o.Store)},
		Audit:     &AuditService{core: c, entries: auditNoun.In(o.Store)},
		Notices:   &NoticeService{notices: noticeNoun.In(o.Store), wall: o.Wall},
	}
	p.Members.ledger = &ledger{core: c, notices: p.Notices}
	p.Members.ledger.follow(p.Members.members, ApplicationNoun.In(o.Store), InvoiceNoun.In(o.Store))
	p.FeeExemptions = &FeeExemptionService{core: c, exemptions: FeeExemptionNoun.In(o.Store), members: p.Members}
	p.Changes = &MembershipChangeRequestService{core: c, requests: MembershipChangeRequestNoun.In(o.Store), members: p.Members}
	if p.Tariffs, err = newTariffService(c, o.Tariffs, o.Rules); err != nil {
		return nil, err
	}
	p.Tariffs.members, p.Tariffs.benefits = p.Members, p.Benefits
	p.Members.tariffs = p.Tariffs
	p.Members.ledger.rates = newRates(p.Tariffs)
	p.Invoices = &InvoiceService{core: c, invoices: InvoiceNoun.In(o.Store), members: p.Members, tariffs: p.Tariffs}
	p.Members.invoices = p.Invoices
	p.Mandates = &MandateService{core: c, mandates: MandateNoun.In(o.Store), persons: p.Persons, members: p.Members}
	p.wireEvents()
	p.wireConsultations()
	p.ServiceFeedback = &ServiceFeedbackService{core: c, feedback: ServiceFeedbackNoun.In(o.Store), members: p.Members, persons: p.Persons}
	if err := p.wireApplications(o); err != nil {
		return nil, err
	}
	p.Statistics = &StatisticsService{core: c, ledger: p.Members.ledger, members: p.Members, applications: p.Applications}
	p.Figures = &FigureService{
		core: c, ledger: p.Members.ledger, statistics: p.Statistics, members: p.Members, applications: p.Applications, exemptions: p.FeeExemptions,
		events: p.Events, tariffs: p.Tariffs, statements: p.LiaisonStatements, consultations: p.Consultations,
	}
	p.Nodes = &NodeService{readers: map[string]reader{
		memberPrefix:        p.Members.nodes,
		exemptionPrefix:     p.FeeExemptions.nodes,
		changeRequestPrefix: p.Changes.nodes,
		countryPrefix:       p.Countries.nodes,
		benefitPrefix:       p.Benefits.nodes,
		personPrefix:        p.Persons.nodes,
		mandatePrefix:       p.Mandates.nodes,
		auditPrefix:         p.Audit.nodes,
		invoicePrefix:       p.Invoices.nodes,

		seriesPrefix:       p.EventSeries.nodes,
		eventPrefix:        p.Events.nodes,
		registrationPrefix: p.Registrations.nodes,
		invitationPrefix:   p.Guests.nodes,
		contributionPrefix: p.Contributions.nodes,
		calendarLinkPrefix: p.Calendars.nodes,

		liaisonPrefix:         p.LiaisonStatements.nodes,
		consultationPrefix:    p.Consultations.nodes,
		participationPrefix:   p.Participations.nodes,
		draftPrefix:           p.Feedback.draftNodes,
		feedbackPrefix:        p.Feedback.nodes,
		synthesisPrefix:       p.Synthesis.nodes,
		serviceFeedbackPrefix: p.ServiceFeedback.nodes,
		applicationPrefix:     p.Applications.nodes,
	}}
	p.Audit.everything = p.Nodes
	p.Search = newSearch(p)
	return p, nil
}

// wireEvents wires the services of events, which stand on each other.
func (p *Portal) wireEvents() {
	c := p.core
	seats := &seatService{core: c, seats: SeatNoun.In(c.store), registrations: RegistrationNoun.In(c.store)}
	p.EventSeries = &EventSeriesService{core: c, series: SeriesNoun.In(c.store)}
	p.Events = &EventService{core: c, events: EventNoun.In(c.store), members: MemberNoun.In(c.store), series: p.EventSeries, seats: seats}
	p.Registrations = &RegistrationService{
		core: c, registrations: RegistrationNoun.In(c.store), events: p.Events, seats: seats, persons: p.Persons, mandates: p.Mandates, members: p.Members,
	}
	p.Guests = &GuestService{core: c, invitations: InvitationNoun.In(c.store), registrations: p.Registrations}
	p.Contributions = &ContributionService{
		core: c, contributions: ContributionNoun.In(c.store), events: p.Events, registrations: p.Registrations, members: p.Members,
	}
	p.Calendars = &CalendarService{core: c, links: CalendarLinkNoun.In(c.store), events: p.Events, mandates: p.Mandates}
}

// wireConsultations wires the services of consultations, which stand on each other.
func (p *Portal) wireConsultations() {
	c := p.core
	p.LiaisonStatements = &LiaisonService{core: c, statements: LiaisonNoun.In(c.store)}
	p.Consultations = &ConsultationService{core: c, consultations: ConsultationNoun.In(c.store), statements: p.LiaisonStatements}
	p.Participations = &ParticipationService{
		core: c, participations: ParticipationNoun.In(c.store), consultations: p.Consultations, members: p.Members, persons: p.Persons, events: p.Events,
	}
	p.Feedback = &FeedbackService{
		core: c, feedback: FeedbackNoun.In(c.store), drafts: DraftNoun.In(c.store), counted: CountedNoun.In(c.store),
		consultations: p.Consultations, participations: p.Participations, mandates: p.Mandates, members: p.Members, persons: p.Persons,
	}
	p.Synthesis = &SynthesisService{core: c, syntheses: SynthesisNoun.In(c.store), consultations: p.Consultations, feedback: p.Feedback}
	p.Consultations.participations, p.Consultations.feedback, p.Consultations.synthesis = p.Participations, p.Feedback, p.Synthesis
	p.Participations.feedback, p.Feedback.synthesis = p.Feedback, p.Synthesis
}

func (p *Portal) wireApplications(o Options) error {
	terms, err := o.Terms.withRules(p.Tariffs, o.Clock.Today())
	if err != nil {
		return err
	}
	direct, err := directCountries(o.DirectCountries, p.Countries)
	p.Applications = &ApplicationService{
		core: p.core, applications: ApplicationNoun.In(p.core.store), members: p.Members, mandates: p.Mandates, invoices: p.Invoices, terms: terms, direct: direct, issue: o.Issue,
	}
	return err
}

// core is what every service stands on.
type core struct {
	sealer    *sealer
	store     store.Store
	clock     Clock
	wall      func() time.Time
	countries *CountryService

	mu      sync.Mutex
	entropy *ulid.MonotonicEntropy
}
