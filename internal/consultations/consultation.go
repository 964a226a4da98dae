package consultations

import (
	"context"
	"errors"
	"slices"
	"time"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

const consultationPrefix = "con"

// ConsultationStatus is the status of a consultation.
type ConsultationStatus string

// The statuses. ConsultationDeadlinePassed is never stored: an open consultation has it from its deadline on.
const (
	ConsultationDraft          ConsultationStatus = "DRAFT"
	ConsultationOpen           ConsultationStatus = "OPEN"
	ConsultationDeadlinePassed ConsultationStatus = "DEADLINE_PASSED"
	ConsultationClosed         ConsultationStatus = "CLOSED"
)

// ConsultationStatuses are all values of ConsultationStatus.
var ConsultationStatuses = []ConsultationStatus{ConsultationDraft, ConsultationOpen, ConsultationDeadlinePassed, ConsultationClosed}

// Valid returns an error for a value that is not in ConsultationStatuses.
func (v ConsultationStatus) Valid() error {
	return kit.CheckOneOf(v, ConsultationStatuses, "consultation status")
}

// consultationStates are the statuses that are stored.
var consultationStates = []ConsultationStatus{ConsultationDraft, ConsultationOpen, ConsultationClosed}

// ConsultationAudience says who is consulted: kinds of respondents, in some regions, or in all if none is named.
type ConsultationAudience struct {
	Kinds   []membership.RespondentKind `bson:"kinds" most:"4"`
	Regions []country.Region            `bson:"regions" most:"7"`
}

func (a ConsultationAudience) includes(k membership.RespondentKind, r country.Region) bool {
	return slices.Contains(a.Kinds, k) && (len(a.Regions) == 0 || slices.Contains(a.Regions, r))
}

// ConsultationChange records a change of a consultation's status.
type ConsultationChange struct {
	Status ConsultationStatus `bson:"status"`
	At     kit.DateTime       `bson:"at"`
	Actor  kit.ID             `bson:"actor"`
	Reason *string            `bson:"reason,omitempty"`
}

// Consultation asks members and States for their views on a liaison statement, on behalf of one addressee of it.
type Consultation struct {
	ID      kit.ID `bson:"_id"`
	Version int64  `bson:"version"`
	// Code names the consultation and never changes. References of receipts begin with it.
	Code        string `bson:"code"`
	StatementID kit.ID `bson:"statement"`
	// Group is the addressee; its reviewers read the replies.
	Group        string                 `bson:"group"`
	Title        *kit.LocalizedText     `bson:"title"`
	Introduction *kit.LocalizedText     `bson:"introduction,omitempty"`
	Audience     ConsultationAudience   `bson:"audience"`
	Questions    []ConsultationQuestion `bson:"questions" most:"60"`
	ClosesOn     kit.Date               `bson:"closesOn"`
	Zone         string                 `bson:"zone"`
	// Deadline is the end of ClosesOn in Zone; replies from then on are late.
	Deadline kit.DateTime `bson:"deadline"`
	// InterimReportDue and FinalReportDue are copied from the statement.
	InterimReportDue *ReportDeadline `bson:"interimReportDue,omitempty"`
	FinalReportDue   *ReportDeadline `bson:"finalReportDue,omitempty"`
	// StoredStatus is the status before the time is considered, see at. Changes lists all changes of it, oldest
	// first.
	StoredStatus ConsultationStatus   `bson:"status"`
	Changes      []ConsultationChange `bson:"changes" most:"100"`
	OpenedAt     *kit.DateTime        `bson:"openedAt,omitempty"`
	ClosedAt     *kit.DateTime        `bson:"closedAt,omitempty"`
	// SmallestCell is the least number of anonymised replies of a capacity; fewer are not published.
	SmallestCell int `bson:"smallestCell"`
	// Anonymous lists the capacities whose anonymised replies are published. It is set when the consultation is
	// closed.
	Anonymous []AnonymousPool `bson:"anonymous" most:"2"`
	// Errata list replies that were published and no longer are, oldest first.
	Errata  []ConsultationErratum `bson:"errata" most:"1000"`
	Dataset kit.Dataset           `bson:"dataset"`

	now  time.Time
	with *kit.Together[*Consultation]
}

// ConsultationNoun is how consultations are stored and listed: all, of a group, and on a statement, by deadline.
var ConsultationNoun = store.Declare(store.Noun[Consultation]{
	Name:     "consultations",
	Identity: func(c *Consultation) (string, *int64) { return string(c.ID), &c.Version },
	Keys: []store.Key[Consultation]{
		store.OneOf("status", consultationStates, func(c *Consultation, _ string) ConsultationStatus { return c.StoredStatus }),
		store.One("group", func(c *Consultation, _ string) string { return c.Group }),
		store.One("statement", func(c *Consultation, _ string) string { return string(c.StatementID) }),
		store.One("deadline", func(c *Consultation, _ string) string { return string(c.Deadline) }),
		store.Many("words", func(c *Consultation, _ string) []string {
			if c.StoredStatus == ConsultationDraft {
				return nil
			}
			return kit.Words(append(c.Title.Texts(), c.otherTexts()...)...)
		}),
		store.Unique("code", func(c *Consultation) string { return c.Code }),
	},
	Listings: []store.Listing{
		{Equal: []string{"status"}, Sort: "deadline"},
		{Equal: []string{"group", "status"}, Sort: "deadline"},
		{Equal: []string{"statement", "status"}, Sort: "deadline"},
		{Equal: []string{"statement", "group", "status"}, Sort: "deadline"},
		{Has: "words"},
	},
})

// IsNode marks a type that node and nodes can answer.
func (c *Consultation) IsNode() {}

// otherTexts are the texts, other than the title, by which a search finds a consultation.
func (c *Consultation) otherTexts() []string {
	texts := append([]string{c.Code}, c.Introduction.Texts()...)
	for _, q := range c.Questions {
		texts = append(texts, q.Text.Texts()...)
	}
	return texts
}

// Valid refuses a status that is computed and never stored.
func (c *Consultation) Valid() error {
	errs := []error{kit.CheckOneOf(c.StoredStatus, consultationStates, "stored status")}
	for _, h := range c.Changes {
		errs = append(errs, kit.CheckOneOf(h.Status, consultationStates, "stored status"))
	}
	for _, p := range c.Anonymous {
		errs = append(errs, kit.CheckOneOf(p.Capacity, FeedbackCapacities, "capacity"))
	}
	for _, e := range c.Errata {
		errs = append(errs, kit.CheckOneOf(e.Was, Publications, "publication"))
	}
	return errors.Join(errs...)
}

// at is the status at an instant.
func (c *Consultation) at(now time.Time) ConsultationStatus {
	if c.StoredStatus == ConsultationOpen && !now.Before(c.Deadline.Time()) {
		return ConsultationDeadlinePassed
	}
	return c.StoredStatus
}

// Status is the status at the instant at which the service loaded the consultation.
func (c *Consultation) Status() ConsultationStatus { return c.at(c.now) }

func (c *Consultation) question(code string) *ConsultationQuestion {
	for i := range c.Questions {
		if c.Questions[i].Code == code {
			return &c.Questions[i]
		}
	}
	return nil
}

// seenBy says whether the actor may see the consultation. Only those who read all its replies see a draft.
func (c *Consultation) seenBy(a kit.Actor) bool {
	return c.StoredStatus != ConsultationDraft || a.ReadsAll(c.Group)
}

// consultationAudience makes the participations of a consultation.
type consultationAudience interface {
	// freeze stores a participation for each entity in the audience, and returns these.
	freeze(context.Context, *Consultation) ([]kit.ID, error)
	// addressed returns the entities that are consulted, of a draft those that would be.
	addressed(context.Context, *Consultation) ([]kit.ID, error)
}

// consultationReplies answers questions about the replies to a consultation.
type consultationReplies interface {
	// answered says whether a question of a consultation has an answer, drafts included.
	answered(ctx context.Context, consultation kit.ID, question string) (bool, error)
	// pools returns the capacities with enough anonymised replies to publish them.
	pools(context.Context, *Consultation) ([]AnonymousPool, error)
}

// ConsultationService reads and changes consultations. Everybody may read a consultation once it was opened; only
// SECRETARIAT may change it.
type ConsultationService struct {
	core          *kit.Core
	consultations store.Collection[Consultation]
	statements    *LiaisonService
	audience      consultationAudience
	replies       consultationReplies
	mandates      *people.MandateService
}

// show sets the current time on consultations that were read in one call, and sets to nil the consultations that
// the caller may not see.
func (s *ConsultationService) show(ctx context.Context, found []*Consultation) {
	actor, now, with := kit.ActorOf(ctx), s.core.Clock.Now(), &kit.Together[*Consultation]{}
	for i, c := range found {
		if c == nil || !c.seenBy(actor) {
			found[i] = nil
			continue
		}
		c.now, c.with = now, with
		with.Items = append(with.Items, c)
	}
}

// ByIDs reads consultations in the order of the ids, nil for consultations that the caller may not see.
func (s *ConsultationService) ByIDs(ctx context.Context, ids []kit.ID) ([]*Consultation, error) {
	found, err := s.consultations.Many(ctx, kit.Strings(ids))
	if err == nil {
		s.show(ctx, found)
	}
	return found, err
}

// Get reads one consultation, nil if there is none that the caller may see.
func (s *ConsultationService) Get(ctx context.Context, id kit.ID) (*Consultation, error) {
	return kit.One(ctx, s.ByIDs, id)
}

// ByCode reads the consultation with a code, nil if there is none that the caller may see.
func (s *ConsultationService) ByCode(ctx context.Context, code string) (*Consultation, error) {
	id, err := s.consultations.Lookup(ctx, "code", code)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, kit.ID(id))
}

func (s *ConsultationService) nodes(ctx context.Context, ids []kit.ID) ([]kit.Node, error) {
	return kit.AsNodes(s.ByIDs(ctx, ids))
}

// found sets to nil the search hits that the caller may not see.
func (s *ConsultationService) found(ctx context.Context, found []*Consultation) error {
	s.show(ctx, found)
	return nil
}

// StatementOf is the statement that a consultation is about. One call serves all consultations of a page.
func (s *ConsultationService) StatementOf(ctx context.Context, c *Consultation) (*LiaisonStatement, error) {
	return kit.Neighbour(ctx, c.with, "statement", c, func(ctx context.Context, all []*Consultation) ([]*LiaisonStatement, error) {
		return s.statements.ByIDs(ctx, kit.Map(all, func(c *Consultation) kit.ID { return c.StatementID }))
	})
}

// ShownVersion is the version for SECRETARIAT, nil for others.
func (c *Consultation) ShownVersion(ctx context.Context) *int64 {
	return kit.KeptBySecretariat(ctx, &c.Version)
}

// stored reads stored consultations without a check of permissions, nil for missing ones. Only rules of other
// records use it; answers to readers come from ByIDs.
func (s *ConsultationService) stored(ctx context.Context, ids []kit.ID) ([]*Consultation, error) {
	return s.consultations.Many(ctx, kit.Strings(ids))
}

// storedOne reads one stored consultation without a check of permissions; store.ErrNotFound if it is missing.
func (s *ConsultationService) storedOne(ctx context.Context, id kit.ID) (*Consultation, error) {
	return s.consultations.Get(ctx, string(id))
}

// keep stores a consultation.
func (s *ConsultationService) keep(ctx context.Context, c *Consultation) error {
	return s.consultations.Replace(ctx, c)
}

// overdue calls take with batches of open consultations whose deadline has passed, without a check of permissions.
func (s *ConsultationService) overdue(ctx context.Context, take func([]*Consultation) error) error {
	open := store.Query{Any: []store.Where{{"status": {string(ConsultationOpen)}}}, Sort: "deadline"}
	passed := store.Bounds{Before: string(kit.DateTimeOf(s.core.Clock.Now())) + "\x20"} // as in ConsultationFilter.stretch
	return kit.EachWithin(ctx, s.consultations, open, passed, kit.TickBatch, take)
}

// endingBy calls take with batches of open consultations whose deadline is between now and an instant, without a check
// of permissions.
func (s *ConsultationService) endingBy(ctx context.Context, by time.Time, take func([]*Consultation) error) error {
	open := store.Query{Any: []store.Where{{"status": {string(ConsultationOpen)}}}, Sort: "deadline"}
	near := store.Bounds{After: string(kit.DateTimeOf(s.core.Clock.Now())) + "\x20", Before: string(kit.DateTimeOf(by))}
	return kit.EachWithin(ctx, s.consultations, open, near, kit.TickBatch, take)
}

// Searchable says how a search finds consultations by their words.
func (s *ConsultationService) Searchable() kit.Searchable {
	opened := store.Query{Any: []store.Where{{"status": kit.Strings([]ConsultationStatus{ConsultationOpen, ConsultationClosed})}}, Sort: "deadline"}
	return kit.NewSearchable(kit.SearchConsultations, s.consultations, opened, s.found, func(ctx context.Context, c *Consultation) (kit.ID, []string, []string) {
		return c.ID, append([]string{c.Title.Text(ctx, nil)}, c.Title.Texts()...), c.otherTexts()
	})
}
