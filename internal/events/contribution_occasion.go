package events

import (
	"context"
	"strconv"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// occasion is what a contribution is for: an event, or a series of which an event may take it up later. At least one of
// both is there.
type occasion struct {
	event *Event
	// series is that to which the contribution was proposed; nil if it was proposed to an event.
	series *EventSeries
}

// occasionOf reads what a contribution is for, without a check of permissions.
func (s *ContributionService) occasionOf(ctx context.Context, c *Contribution) (o occasion, err error) {
	if c.SeriesID != nil {
		if o.series, err = s.series.storedOne(ctx, *c.SeriesID); err != nil {
			return o, err
		}
	}
	if c.EventID != nil {
		o.event, err = s.events.storedOne(ctx, *c.EventID)
	}
	return o, err
}

// named reads the event or the series that an input names, as the caller sees it. It adds a fault unless exactly one is
// named. What does not exist, or the caller may not see, is NOT_FOUND.
func (s *ContributionService) named(ctx context.Context, f *kit.Faults, event, series *kit.ID) (o occasion, err error) {
	switch {
	case event == nil && series == nil:
		f.Add(kit.CodeRequired, "input.event", "required.eventOrSeries", nil)
	case event != nil && series != nil:
		f.Add(kit.CodeInvalid, "input.series", "invalid.eventOrSeries", nil)
	case event != nil:
		if o.event, err = s.events.Get(ctx, *event); err == nil && o.event == nil {
			err = kit.Refuse(kit.NotFound, "notFound", nil)
		}
	default:
		if o.series, err = kit.One(ctx, s.series.ByIDs, *series); err == nil && o.series == nil {
			err = kit.Refuse(kit.NotFound, "notFound", nil)
		}
	}
	return o, err
}

// path says under which path of an input the occasion is named.
func (o occasion) path() string {
	if o.event == nil {
		return "input.series"
	}
	return "input.event"
}

// addressed adds a fault if the occasion takes no contributions from these audiences. Without tokens the membership is not
// active. A series without a call is for nobody, see called.
func (o occasion) addressed(f *kit.Faults, path string, tokens []string) {
	if o.event != nil {
		o.event.addressed(f, path, tokens)
		return
	}
	switch c := o.series.Topics; {
	case len(tokens) == 0:
		f.Add(kit.CodeNotEligible, path, "notEligible.membership", nil)
	case c == nil || len(c.Kinds) == 0:
	case !(EventAudience{Kinds: c.Kinds}).has(tokens):
		f.Add(kit.CodeNotEligible, path, "notEligible.topics", map[string]string{"audience": EventAudience{Kinds: c.Kinds}.named()})
	}
}

// called adds a fault if no contribution can be proposed or changed now. What was proposed to a series and then taken up
// by an event can be changed until the event is cancelled, because the event may have no call of its own.
func (o occasion) called(f *kit.Faults, path string, core *kit.Core) {
	switch {
	case o.series == nil:
		o.event.called(f, path, core)
	case o.event != nil && o.event.StoredStatus == EventCancelled:
		checkEventState(f, path, EventCancelled, heldStatuses)
	case o.event != nil:
	case o.series.Topics == nil:
		f.Add(kit.CodeNotAllowedInState, path, "notAllowedInState.noTopics", nil)
	case !o.series.Topics.Open:
		f.Add(kit.CodeClosed, path, "closed.topics", nil)
	}
}

// heldStatuses are those of events that can take up a topic.
var heldStatuses = []EventStatus{EventDraft, EventPublished, EventPostponed, EventOver}

// called adds a fault if the event does not take contributions now.
func (e *Event) called(f *kit.Faults, path string, core *kit.Core) {
	switch c := e.Contributions; {
	case c == nil:
		f.Add(kit.CodeNotAllowedInState, path, "notAllowedInState.noCall", nil)
	case e.StoredStatus == EventCancelled || e.StoredStatus == EventDraft:
		checkEventState(f, path, e.StoredStatus, []EventStatus{EventPublished, EventPostponed})
	case !core.Clock.Now().Before(e.Time.EndOf(c.ClosesOn, core.Clock.Zone)):
		f.Add(kit.CodeClosed, path, "closed.since", map[string]string{"date": string(c.ClosesOn)})
	}
}

// topics are those of which a contribution names one: the event's, if it was proposed to the event.
func (o occasion) topics() []ContributionTopic {
	if o.series != nil || o.event.Contributions == nil {
		return nil
	}
	return o.event.Contributions.Topics
}

// takenUp makes the contribution that of an event of its series, and returns the changed fields. An event of another series
// is INVALID, and so is any for a contribution that was proposed to an event; a cancelled one is NOT_ALLOWED_IN_STATE.
func (c *Contribution) takenUp(f *kit.Faults, path string, e *Event) (fields []string) {
	switch {
	case e == nil:
		f.Add(kit.CodeUnknownReference, path, "unknownReference", nil)
	case c.SeriesID == nil || e.SeriesID != *c.SeriesID:
		f.Add(kit.CodeInvalid, path, "invalid.eventOfSeries", nil)
	case e.StoredStatus == EventCancelled:
		checkEventState(f, path, EventCancelled, heldStatuses)
	default:
		kit.Become(&fields, "event", &c.EventID, new(e.ID))
	}
	return fields
}

// maxOpenTopics is how many proposals of one member or State to one series may wait for a decision or a change.
const maxOpenTopics = 20

// checkOpenTopics adds FULL if a member or State has as many open proposals to a series as it may have.
func (s *ContributionService) checkOpenTopics(ctx context.Context, f *kit.Faults, series, entity kit.ID) error {
	plan, err := s.contributions.Plan(store.Query{Any: []store.Where{{
		"series": {string(series)}, "entity": {string(entity)}, "status": {string(ContributionSubmitted), string(ContributionReturned)},
	}}, Sort: "submittedAt"})
	if err != nil {
		return err
	}
	n, err := s.contributions.Count(ctx, plan, store.Bounds{})
	if n >= maxOpenTopics {
		f.Add(kit.CodeFull, "input.series", "full.topics", map[string]string{"max": strconv.Itoa(maxOpenTopics)})
	}
	return err
}

// told is what a letter to staff says the contribution is for: the event, or the series while there is none.
func (o occasion) told() (*kit.LocalizedText, kit.ID) {
	if o.event != nil {
		return o.event.Title, o.event.ID
	}
	return o.series.Title, o.series.ID
}

// toldTo is told for a letter to the member or State. It names an event that took a topic up only if the member or State
// may know of it, which it may not if the event is a draft.
func (s *ContributionService) toldTo(ctx context.Context, o occasion, entity kit.ID) (occasion, error) {
	if o.series == nil || o.event == nil {
		return o, nil
	}
	tokens, err := s.events.tokensOf(store.Looking(ctx), []kit.ID{entity})
	if err != nil {
		return o, err
	}
	if v := (&eventView{tokens: tokens}); !v.sees(o.event) {
		o.event = nil
	}
	return o, nil
}

// SeriesOf is the series to which the contribution was proposed; nil if it was proposed to an event, or the record of the
// series is damaged. One call serves all contributions of a page.
func (s *ContributionService) SeriesOf(ctx context.Context, c *Contribution) (*EventSeries, error) {
	return kit.Neighbour(ctx, c.with, "series", c, func(ctx context.Context, all []*Contribution) ([]*EventSeries, error) {
		return s.series.ByIDs(ctx, kit.Map(all, func(c *Contribution) kit.ID { return kit.ID(kit.Deref(c.SeriesID)) }))
	})
}
