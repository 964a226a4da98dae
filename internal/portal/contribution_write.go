package portal

import (
	"context"
	"errors"
	"slices"
	"strings"

	"memberportal/internal/store"
)

// SubmitContributionInput proposes a contribution. Entity is left out by whoever acts for one.
type SubmitContributionInput struct {
	IdempotencyKey *string
	Event          ID
	Entity         *ID
	Title          string
	Abstract       string
	URL            string
	Language       Locale
	Topic          *string
}

// SubmitContributionPayload is the contribution, or what is wrong.
type SubmitContributionPayload struct {
	Contribution *Contribution
	UserErrors   []UserError
}

// AmendContributionInput changes a contribution that was submitted or returned, and submits it again.
type AmendContributionInput struct {
	ID              ID
	ExpectedVersion int
	Title           Opt[string]
	Abstract        Opt[string]
	URL             Opt[string]
	Topic           Opt[string]
}

// AmendContributionPayload is the contribution as it is now, or what is wrong.
type AmendContributionPayload struct {
	Contribution *Contribution
	UserErrors   []UserError
}

// WithdrawContributionInput takes a contribution back.
type WithdrawContributionInput struct {
	ID              ID
	ExpectedVersion int
}

// WithdrawContributionPayload is the contribution as it is now, or what is wrong.
type WithdrawContributionPayload struct {
	Contribution *Contribution
	UserErrors   []UserError
}

// ContributionDecision is what the secretariat decides about a contribution.
type ContributionDecision string

// The decisions.
const (
	AcceptContribution  ContributionDecision = "ACCEPT"
	ReturnContribution  ContributionDecision = "RETURN"
	PublishContribution ContributionDecision = "PUBLISH"
)

// ContributionDecisions are all of them.
var ContributionDecisions = []ContributionDecision{AcceptContribution, ReturnContribution, PublishContribution}

// DecideContributionInput decides about a contribution.
type DecideContributionInput struct {
	ID              ID
	ExpectedVersion int
	Decision        ContributionDecision
	Reason          *string
}

// DecideContributionPayload is the contribution as it is now, or what is wrong.
type DecideContributionPayload struct {
	Contribution *Contribution
	UserErrors   []UserError
}

// contributionMoves are the allowed moves: for each status, those from which it is reached.
var contributionMoves = map[ContributionStatus][]ContributionStatus{
	ContributionSubmitted: {ContributionSubmitted, ContributionReturned},
	ContributionReturned:  {ContributionSubmitted, ContributionAccepted},
	ContributionAccepted:  {ContributionSubmitted},
	ContributionPublished: {ContributionSubmitted, ContributionAccepted},
	ContributionWithdrawn: {ContributionSubmitted, ContributionReturned, ContributionAccepted},
}

// Submit proposes a contribution to an event that calls for them: FOCAL_POINT and DELEGATE for their
// member, ADMINISTRATION for its State, SECRETARIAT for all. After the last day it is CLOSED; an entity
// to which the event is not addressed is NOT_ELIGIBLE.
func (s *ContributionService) Submit(ctx context.Context, in SubmitContributionInput) (*SubmitContributionPayload, error) {
	actor := ActorOf(ctx)
	if err := actor.require(RoleDelegate, RoleFocalPoint, RoleAdministration, RoleSecretariat); err != nil {
		return nil, err
	}
	entity := actor.entity()
	set(&entity, in.Entity)
	if !actor.Has(RoleSecretariat) && !actor.actsFor(entity) {
		return nil, refuse(Forbidden, "forbidden", nil)
	}
	id, err := s.core.create(ctx, "submitContribution", in.IdempotencyKey, in, func(ctx context.Context, note func(change)) (ID, error) {
		e, err := s.events.Get(ctx, in.Event)
		if err != nil {
			return "", err
		}
		if e == nil {
			return "", refuse(NotFound, "notFound", nil)
		}
		tokens, _, err := s.registrations.standing(ctx, entity)
		if err != nil {
			return "", err
		}
		at := DateTimeOf(s.core.clock.Now())
		c := &Contribution{
			ID: s.core.newID(contributionPrefix), EventID: e.ID, EntityID: entity, Title: strings.TrimSpace(in.Title), Abstract: strings.TrimSpace(in.Abstract),
			URL: in.URL, Language: in.Language, Topic: in.Topic, SubmittedAt: at, Status: ContributionSubmitted, Dataset: datasetOf(ctx),
			Changes: []ContributionChange{{Status: ContributionSubmitted, At: at}},
		}
		f := newFaults(ctx)
		f.idempotencyKey(in.IdempotencyKey)
		e.addressed(f, "input.entity", tokens)
		s.called(f, "input.event", e)
		c.check(f, e)
		if err := f.err(); err != nil {
			return "", err
		}
		if err := s.contributions.Insert(ctx, c); err != nil {
			return "", err
		}
		note(changed(ContributionNoun, c, Created, "event", "title", "status"))
		return c.ID, nil
	})
	if err != nil {
		faults, err := refused(err)
		return &SubmitContributionPayload{UserErrors: faults}, err
	}
	c, err := one(ctx, s.ByIDs, id)
	return &SubmitContributionPayload{Contribution: c}, err
}

// called says whether the event takes contributions now.
func (s *ContributionService) called(f *faults, path string, e *Event) {
	switch c := e.Contributions; {
	case c == nil:
		f.add(CodeNotAllowedInState, path, "notAllowedInState.noCall", nil)
	case e.State == EventCancelled || e.State == EventDraft:
		checkEventState(f, path, e.State, []EventStatus{EventPublished, EventPostponed})
	case !s.core.clock.Now().Before(e.Time.endOf(c.ClosesOn, s.core.clock.zone)):
		f.add(CodeClosed, path, "closed.since", map[string]string{"date": string(c.ClosesOn)})
	}
}

func (c *Contribution) check(f *faults, e *Event) {
	f.line("input.title", &c.Title, 300, true)
	f.text("input.abstract", &c.Abstract, 5000, true)
	if c.URL == "" {
		f.add(CodeRequired, "input.url", "required", nil)
	} else {
		f.link("input.url", &c.URL)
	}
	var topics []ContributionTopic
	if e.Contributions != nil {
		topics = e.Contributions.Topics
	}
	switch {
	case c.Topic == nil && len(topics) > 0:
		f.add(CodeRequired, "input.topic", "required", nil)
	case c.Topic != nil && !slices.ContainsFunc(topics, func(t ContributionTopic) bool { return t.Code == *c.Topic }):
		f.add(CodeUnknownReference, "input.topic", "unknownReference", nil)
	}
}

// amend changes a contribution, together with its event, for whoever may.
func (s *ContributionService) amend(ctx context.Context, a amendment, alter func(context.Context, *Event, *Contribution, *faults) []string) (*Contribution, error) {
	var amended *Contribution
	err := s.core.transact(ctx, func(ctx context.Context) error {
		c, err := s.contributions.Get(ctx, string(a.id))
		if errors.Is(err, store.ErrNotFound) || err == nil && !c.may(ActorOf(ctx)) {
			return refuse(NotFound, "notFound", nil)
		}
		if err != nil {
			return err
		}
		e, err := s.events.storedOne(ctx, c.EventID)
		if err != nil {
			return err
		}
		may := func(context.Context, *Contribution) error { return nil }
		amended, err = amend(ctx, s.core, ContributionNoun, a, may, func(c *Contribution, f *faults) []string { return alter(ctx, e, c, f) })
		return err
	})
	if err != nil {
		return nil, err
	}
	joinContributions([]*Contribution{amended})
	return amended, nil
}

// applyFilled changes a text that check wants filled; null empties it, which is found there.
func applyFilled(fields *[]string, name string, o Opt[string], to *string) {
	if v, _ := given(o); o.Set {
		become(fields, name, to, strings.TrimSpace(v))
	}
}

// become gives the contribution a status if the table of moves allows it.
func (c *Contribution) become(f *faults, status ContributionStatus, at DateTime, reason *string) {
	if allowed := contributionMoves[status]; !slices.Contains(allowed, c.Status) {
		f.add(CodeNotAllowedInState, "input.id", "notAllowedInState", map[string]string{
			"status": string(c.Status), "allowed": strings.Join(texts(allowed), ", "),
		})
	}
	if status == ContributionSubmitted || status == ContributionReturned {
		f.grows("input.id", len(c.Changes), maxContributionMoves)
	}
	c.Status = status
	c.Changes = append(c.Changes, ContributionChange{status, at, reason})
}

// Amend changes a contribution that was submitted or returned and submits it again, by whoever may
// submit it, until the last day.
func (s *ContributionService) Amend(ctx context.Context, in AmendContributionInput) (*AmendContributionPayload, error) {
	if err := Require(ctx, RoleDelegate, RoleFocalPoint, RoleAdministration, RoleSecretariat); err != nil {
		return nil, err
	}
	c, err := s.amend(ctx, amendment{"amendContribution", in.ID, in.ExpectedVersion, nil}, func(_ context.Context, e *Event, c *Contribution, f *faults) []string {
		fields := []string{"status"}
		s.called(f, "input.id", e)
		c.become(f, ContributionSubmitted, DateTimeOf(s.core.clock.Now()), nil)
		applyFilled(&fields, "title", in.Title, &c.Title)
		applyFilled(&fields, "abstract", in.Abstract, &c.Abstract)
		applyFilled(&fields, "url", in.URL, &c.URL)
		applyText(&fields, "topic", in.Topic, &c.Topic)
		c.check(f, e)
		return fields
	})
	faults, err := refused(err)
	return &AmendContributionPayload{c, faults}, err
}

// Withdraw takes a contribution back that is not published, by whoever may submit it.
func (s *ContributionService) Withdraw(ctx context.Context, in WithdrawContributionInput) (*WithdrawContributionPayload, error) {
	if err := Require(ctx, RoleDelegate, RoleFocalPoint, RoleAdministration, RoleSecretariat); err != nil {
		return nil, err
	}
	c, err := s.amend(ctx, amendment{"withdrawContribution", in.ID, in.ExpectedVersion, nil}, func(_ context.Context, _ *Event, c *Contribution, f *faults) []string {
		c.become(f, ContributionWithdrawn, DateTimeOf(s.core.clock.Now()), nil)
		return []string{"status"}
	})
	faults, err := refused(err)
	return &WithdrawContributionPayload{c, faults}, err
}

// Decide accepts, returns or publishes a contribution. SECRETARIAT only. Returning needs a reason;
// publishing makes it a document of the event that everybody who sees the event may read.
func (s *ContributionService) Decide(ctx context.Context, in DecideContributionInput) (*DecideContributionPayload, error) {
	if err := Require(ctx, RoleSecretariat); err != nil {
		return nil, err
	}
	to := map[ContributionDecision]ContributionStatus{
		AcceptContribution: ContributionAccepted, ReturnContribution: ContributionReturned, PublishContribution: ContributionPublished,
	}[in.Decision]
	var published *Event
	var c *Contribution
	err := s.core.transact(ctx, func(ctx context.Context) (err error) {
		published = nil
		c, err = s.amend(ctx, amendment{"decideContribution", in.ID, in.ExpectedVersion, in.Reason}, func(_ context.Context, e *Event, c *Contribution, f *faults) []string {
			f.evidence(in.Reason, nil)
			if in.Decision == ReturnContribution && in.Reason == nil {
				f.add(CodeRequired, "input.reason", "required", nil)
			}
			at := DateTimeOf(s.core.clock.Now())
			c.become(f, to, at, in.Reason)
			if in.Decision == PublishContribution {
				e.publish(f, EventDocument{
					ID: s.core.newID("doc"), Kind: DocumentContribution, URL: c.URL, Language: c.Language, Date: s.core.clock.Today(), Readers: ReadersPublic, PublishedAt: at,
					Title: (*LocalizedText)(nil).with([]TranslationInput{{Locale: c.Language, Text: &c.Title}}),
				})
				e.ChangedAt, published = at, e
			}
			return []string{"status"}
		})
		if err != nil || published == nil {
			return err
		}
		return s.core.write(ctx, "decideContribution", func(ctx context.Context, note func(change)) error {
			return s.events.keepDocuments(ctx, published, note)
		})
	})
	faults, err := refused(err)
	if err != nil || faults != nil {
		c = nil
	}
	return &DecideContributionPayload{c, faults}, err
}

// maxContributionMoves leaves 10 for what ends a contribution.
const maxContributionMoves = 90
