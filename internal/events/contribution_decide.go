package events

import (
	"context"

	"memberportal/internal/files"
	"memberportal/internal/kit"
)

// ContributionDecision is what the secretariat decides about a contribution.
type ContributionDecision string

// The decisions of the secretariat. A returned contribution can be amended and submitted again.
const (
	AcceptContribution  ContributionDecision = "ACCEPT"
	ReturnContribution  ContributionDecision = "RETURN"
	PublishContribution ContributionDecision = "PUBLISH"
)

// ContributionDecisions are all values of ContributionDecision.
var ContributionDecisions = []ContributionDecision{AcceptContribution, ReturnContribution, PublishContribution}

// DecideContributionInput accepts, returns or publishes a contribution. RETURN needs a Reason.
type DecideContributionInput struct {
	ID              kit.ID
	ExpectedVersion int
	Decision        ContributionDecision
	// Event is the event of the series that takes up the topic; only with ACCEPT. If nil, the contribution belongs to the
	// event that it belonged to before, if any.
	Event  *kit.ID
	Reason *string
}

// DecideContributionPayload has the contribution after the change; it is nil if there are UserErrors.
type DecideContributionPayload struct {
	Contribution *Contribution
	UserErrors   []kit.UserError
}

// Decide accepts, returns or publishes a contribution. SECRETARIAT only. Returning needs a reason. Accepting a topic that
// was proposed to a series may name the event of the series that takes it up, and may be repeated to name one later.
// Publishing makes the contribution a document of the event, for everybody who sees the event: a topic that no event has
// taken up, one without a document, and one of a draft are NOT_ALLOWED_IN_STATE.
func (s *ContributionService) Decide(ctx context.Context, in DecideContributionInput) (*DecideContributionPayload, error) {
	if err := kit.Require(ctx, kit.EventsSecretariat); err != nil {
		return nil, err
	}
	to := map[ContributionDecision]ContributionStatus{
		AcceptContribution: ContributionAccepted, ReturnContribution: ContributionReturned, PublishContribution: ContributionPublished,
	}[in.Decision]
	var published *Event
	var file *files.File
	var c *Contribution
	err := s.core.Transact(ctx, func(ctx context.Context) (err error) {
		published, file = nil, nil
		var takes *Event
		if in.Event != nil {
			if takes, err = s.events.storedIf(ctx, *in.Event); err != nil {
				return err
			}
		}
		c, err = s.amend(ctx, kit.Amendment{Operation: "decideContribution", ID: in.ID, Expected: in.ExpectedVersion, Reason: in.Reason}, func(o *occasion, c *Contribution, f *kit.Faults) []string {
			f.Evidence(in.Reason, nil)
			if in.Decision == ReturnContribution && in.Reason == nil {
				f.Add(kit.CodeRequired, "input.reason", "required", nil)
			}
			at := kit.DateTimeOf(s.core.Clock.Now())
			fields := []string{"status"}
			later := c.Status == ContributionAccepted && in.Decision == AcceptContribution && in.Event != nil && kit.Deref(c.EventID) != string(*in.Event)
			if later {
				f.Grows("input.id", len(c.Changes), maxContributionMoves)
				c.Changes = append(c.Changes, ContributionChange{to, at, in.Reason})
			} else {
				c.become(f, to, at, in.Reason)
			}
			switch {
			case in.Event == nil:
			case in.Decision != AcceptContribution:
				f.Add(kit.CodeInvalid, "input.event", "invalid.eventToAccept", nil)
			default:
				fields = append(fields, c.takenUp(f, "input.event", takes)...)
				o.event = takes
			}
			if in.Decision == PublishContribution && c.publishable(f, *o) {
				file = s.publish(f, c, o.event, at)
				published = o.event
			}
			return fields
		}, s.tellDecided)
		if err != nil || published == nil {
			return err
		}
		if err := s.files.Pass(ctx, file, published.ID); err != nil {
			return err
		}
		return s.core.Write(ctx, "decideContribution", func(ctx context.Context, note func(kit.Change)) error {
			return s.events.keepDocuments(ctx, published, note)
		})
	})
	faults, err := kit.UserErrorsOf(err)
	if err != nil || faults != nil {
		c = nil
	}
	return &DecideContributionPayload{c, faults}, err
}

// publishable adds a fault if there is no event among whose documents the contribution could stand, or no document.
func (c *Contribution) publishable(f *kit.Faults, o occasion) bool {
	switch {
	case o.event == nil:
		f.Add(kit.CodeNotAllowedInState, "input.decision", "notAllowedInState.noEvent", nil)
	case c.File == nil && c.StoredURL == "":
		f.Add(kit.CodeNotAllowedInState, "input.decision", "notAllowedInState.noDocument", nil)
	case o.series != nil && !o.event.announced():
		f.Add(kit.CodeNotAllowedInState, "input.decision", "notAllowedInState.eventNotAnnounced", nil)
	default:
		return true
	}
	return false
}

// publish makes the contribution a document of the event, and returns its file; nil for a link.
func (s *ContributionService) publish(f *kit.Faults, c *Contribution, e *Event, at kit.DateTime) (file *files.File) {
	d := EventDocument{
		ID: s.core.NewID("doc"), Kind: DocumentContribution, StoredURL: c.StoredURL, Language: c.Language, Date: s.core.Clock.Today(), Readers: ReadersPublic, PublishedAt: at,
		Title: (*kit.LocalizedText)(nil).With([]kit.TranslationInput{{Locale: c.Language, Text: &c.Title}}),
	}
	if c.File != nil {
		file = new(*c.File)
		file.Public = e.public(d)
		c.File, d.File = file, file
	}
	e.publish(f, d)
	e.ChangedAt = at
	return file
}
