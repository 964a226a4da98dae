package events

import (
	"context"
	"errors"
	"slices"
	"strings"

	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// SubmitContributionInput proposes a contribution to an event, or a topic to a series. Entity may be left out; it is then
// the caller's own.
type SubmitContributionInput struct {
	IdempotencyKey *string
	// Exactly one of Event and Series is set.
	Event    *kit.ID
	Series   *kit.ID
	Entity   *kit.ID
	Title    string
	Abstract string
	// Source may be nil only for a topic to a series.
	Source   *files.DocumentSourceInput
	Language kit.Locale
	Topic    *string
}

// SubmitContributionPayload has the new contribution; it is nil if there are UserErrors.
type SubmitContributionPayload struct {
	Contribution *Contribution
	UserErrors   []kit.UserError
}

// AmendContributionInput changes a contribution that was submitted or returned, and submits it again.
type AmendContributionInput struct {
	ID              kit.ID
	ExpectedVersion int
	Title           kit.Opt[string]
	Abstract        kit.Opt[string]
	Source          *files.DocumentSourceInput
	Topic           kit.Opt[string]
}

// AmendContributionPayload has the contribution after the change; it is nil if there are UserErrors.
type AmendContributionPayload struct {
	Contribution *Contribution
	UserErrors   []kit.UserError
}

// WithdrawContributionInput takes back a contribution.
type WithdrawContributionInput struct {
	ID              kit.ID
	ExpectedVersion int
}

// WithdrawContributionPayload has the contribution after the change; it is nil if there are UserErrors.
type WithdrawContributionPayload struct {
	Contribution *Contribution
	UserErrors   []kit.UserError
}

// contributionMoves lists, for each status, the statuses from which a contribution may reach it.
var contributionMoves = map[ContributionStatus][]ContributionStatus{
	ContributionSubmitted: {ContributionSubmitted, ContributionReturned},
	ContributionReturned:  {ContributionSubmitted, ContributionAccepted},
	ContributionAccepted:  {ContributionSubmitted},
	ContributionPublished: {ContributionSubmitted, ContributionAccepted},
	ContributionWithdrawn: {ContributionSubmitted, ContributionReturned, ContributionAccepted},
}

// Submit proposes a contribution to an event that calls for contributions, or a topic to a series that takes topics:
// FOCAL_POINT and DELEGATE for their member, ADMINISTRATION for its State, SECRETARIAT for all. After the last day, or
// while the series is closed, it is CLOSED. An entity outside the audience is NOT_ELIGIBLE. More than maxOpenTopics open
// topics of an entity to a series are FULL.
func (s *ContributionService) Submit(ctx context.Context, in SubmitContributionInput) (*SubmitContributionPayload, error) {
	actor := kit.ActorOf(ctx)
	if err := actor.Require(kit.RoleDelegate, kit.RoleFocalPoint, kit.RoleAdministration, kit.EventsSecretariat); err != nil {
		return nil, err
	}
	entity, err := actor.Writes(ctx, in.Entity)
	if err == nil && !actor.Has(kit.EventsSecretariat) && !actor.ActsFor(entity) {
		err = kit.Refuse(kit.Forbidden, "forbidden", nil)
	}
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &SubmitContributionPayload{UserErrors: faults}, err
	}
	id, err := s.core.Create(ctx, "submitContribution", in.IdempotencyKey, in, func(ctx context.Context, note func(kit.Change)) (kit.ID, error) {
		f := kit.NewFaults(ctx)
		f.IdempotencyKey(in.IdempotencyKey)
		o, err := s.named(ctx, f, in.Event, in.Series)
		if err != nil {
			return "", err
		}
		tokens, _, err := s.registrations.standing(ctx, entity)
		if err != nil {
			return "", err
		}
		at := kit.DateTimeOf(s.core.Clock.Now())
		c := &Contribution{
			ID: s.core.NewID(contributionPrefix), EventID: in.Event, SeriesID: in.Series, EntityID: entity, Title: strings.TrimSpace(in.Title), Abstract: strings.TrimSpace(in.Abstract),
			Language: in.Language, Topic: in.Topic, SubmittedAt: at, Status: ContributionSubmitted, Dataset: kit.DatasetOf(ctx),
			Changes: []ContributionChange{{Status: ContributionSubmitted, At: at}},
		}
		var source files.DocumentSourceInput
		kit.Set(&source, in.Source)
		offers, err := s.files.Offered(ctx, c.ID, source)
		if err != nil {
			return "", err
		}
		switch {
		case in.Source != nil:
			c.StoredURL, c.File = offers.Take(f, "input.source", source, files.OfRecord)
		case o.event != nil:
			f.Add(kit.CodeRequired, "input.source", "required", nil)
		}
		if o != (occasion{}) {
			o.addressed(f, "input.entity", tokens)
			o.called(f, o.path(), s.core)
		}
		c.check(f, o)
		if o.series != nil {
			if err := s.checkOpenTopics(ctx, f, o.series.ID, entity); err != nil {
				return "", err
			}
		}
		if err := f.Err(); err != nil {
			return "", err
		}
		if err := errors.Join(s.contributions.Insert(ctx, c), offers.Keep(ctx)); err != nil {
			return "", err
		}
		if err := s.tellSubmitted(ctx, c, o); err != nil {
			return "", err
		}
		note(kit.Changed(ContributionNoun, c, kit.Created, strings.TrimPrefix(o.path(), "input."), "title", "status"))
		return c.ID, nil
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &SubmitContributionPayload{UserErrors: faults}, err
	}
	c, err := kit.One(ctx, s.ByIDs, id)
	return &SubmitContributionPayload{Contribution: c}, err
}

func (c *Contribution) check(f *kit.Faults, o occasion) {
	f.Line("input.title", &c.Title, 300, true)
	f.Text("input.abstract", &c.Abstract, 5000, true)
	if o == (occasion{}) {
		return
	}
	topics := o.topics()
	switch {
	case c.Topic == nil && len(topics) > 0:
		f.Add(kit.CodeRequired, "input.topic", "required", nil)
	case c.Topic != nil && !slices.ContainsFunc(topics, func(t ContributionTopic) bool { return t.Code == *c.Topic }):
		f.Add(kit.CodeUnknownReference, "input.topic", "unknownReference", nil)
	}
}

// amend changes a contribution and may change its occasion in the same transaction, in which tell tells who is to know. A
// contribution that the caller may not see is NOT_FOUND.
func (s *ContributionService) amend(ctx context.Context, a kit.Amendment, alter func(*occasion, *Contribution, *kit.Faults) []string, tell func(context.Context, *Contribution, occasion) error) (*Contribution, error) {
	var amended *Contribution
	err := s.core.Transact(ctx, func(ctx context.Context) error {
		c, err := s.contributions.Get(ctx, string(a.ID))
		if errors.Is(err, store.ErrNotFound) || err == nil && !c.may(kit.ActorOf(ctx)) {
			return kit.Refuse(kit.NotFound, "notFound", nil)
		}
		if err != nil {
			return err
		}
		o, err := s.occasionOf(ctx, c)
		if err != nil {
			return err
		}
		may := func(context.Context, *Contribution) error { return nil }
		amended, err = kit.Amend(ctx, s.core, ContributionNoun, a, may, func(c *Contribution, f *kit.Faults) []string { return alter(&o, c, f) })
		if err != nil {
			return err
		}
		return tell(kit.WithOperation(ctx, a.Operation), amended, o)
	})
	if err != nil {
		return nil, err
	}
	joinContributions([]*Contribution{amended})
	return amended, nil
}

// applyFilled changes a text that must not be empty. Null empties it, and check then reports the fault.
func applyFilled(fields *[]string, name string, o kit.Opt[string], to *string) {
	if v, _ := kit.Given(o); o.Set {
		kit.Become(fields, name, to, strings.TrimSpace(v))
	}
}

// become sets the status and records the change, or adds a fault if contributionMoves does not allow it.
func (c *Contribution) become(f *kit.Faults, status ContributionStatus, at kit.DateTime, reason *string) {
	if allowed := contributionMoves[status]; !slices.Contains(allowed, c.Status) {
		f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState", map[string]string{
			"status": string(c.Status), "allowed": strings.Join(kit.Strings(allowed), ", "),
		})
	}
	if status == ContributionSubmitted || status == ContributionReturned {
		f.Grows("input.id", len(c.Changes), maxContributionMoves)
	}
	c.Status = status
	c.Changes = append(c.Changes, ContributionChange{status, at, reason})
}

// Amend changes a submitted or returned contribution and submits it again, while its event or series takes such. Those
// who may submit a contribution may amend it.
func (s *ContributionService) Amend(ctx context.Context, in AmendContributionInput) (*AmendContributionPayload, error) {
	if err := kit.Require(ctx, kit.RoleDelegate, kit.RoleFocalPoint, kit.RoleAdministration, kit.EventsSecretariat); err != nil {
		return nil, err
	}
	var c *Contribution
	err := s.core.Transact(ctx, func(ctx context.Context) error {
		var source files.DocumentSourceInput
		kit.Set(&source, in.Source)
		offers, err := s.files.Offered(ctx, in.ID, source)
		if err != nil {
			return err
		}
		var before *files.File
		c, err = s.amend(ctx, kit.Amendment{Operation: "amendContribution", ID: in.ID, Expected: in.ExpectedVersion, Reason: nil}, func(o *occasion, c *Contribution, f *kit.Faults) []string {
			fields := []string{"status"}
			o.called(f, "input.id", s.core)
			c.become(f, ContributionSubmitted, kit.DateTimeOf(s.core.Clock.Now()), nil)
			applyFilled(&fields, "title", in.Title, &c.Title)
			applyFilled(&fields, "abstract", in.Abstract, &c.Abstract)
			if before = nil; in.Source != nil {
				if c.File != nil && (source.File == nil || *source.File != c.File.ID) {
					before = c.File
				}
				c.StoredURL, c.File = offers.Take(f, "input.source", source, files.OfRecord)
				fields = append(fields, "url")
			}
			kit.ApplyText(&fields, "topic", in.Topic, &c.Topic)
			c.check(f, *o)
			return fields
		}, s.tellAmended)
		if err != nil {
			return err
		}
		return errors.Join(offers.Keep(ctx), s.files.Release(ctx, before))
	})
	if err != nil {
		c = nil
	}
	faults, err := kit.UserErrorsOf(err)
	return &AmendContributionPayload{c, faults}, err
}

// Withdraw takes back a contribution that is not published. Those who may submit a contribution may withdraw it.
func (s *ContributionService) Withdraw(ctx context.Context, in WithdrawContributionInput) (*WithdrawContributionPayload, error) {
	if err := kit.Require(ctx, kit.RoleDelegate, kit.RoleFocalPoint, kit.RoleAdministration, kit.EventsSecretariat); err != nil {
		return nil, err
	}
	c, err := s.amend(ctx, kit.Amendment{Operation: "withdrawContribution", ID: in.ID, Expected: in.ExpectedVersion, Reason: nil}, func(_ *occasion, c *Contribution, f *kit.Faults) []string {
		c.become(f, ContributionWithdrawn, kit.DateTimeOf(s.core.Clock.Now()), nil)
		return []string{"status"}
	}, s.tellWithdrawn)
	faults, err := kit.UserErrorsOf(err)
	return &WithdrawContributionPayload{c, faults}, err
}

// maxContributionMoves bounds how often a contribution is submitted or returned. It leaves room for 10 further
// changes, such as accepting, publishing or withdrawing.
const maxContributionMoves = 90
