package events

import (
	"context"
	"slices"

	"memberportal/internal/kit"
)

// eventMoves lists, for each status, the statuses from which an event may reach it.
var eventMoves = map[EventStatus][]EventStatus{
	EventPublished: {EventDraft, EventPostponed},
	EventPostponed: {EventPublished},
	EventCancelled: {EventDraft, EventPublished, EventPostponed},
}

// Publish publishes a draft or a postponed event. SECRETARIAT only. A postponed event whose last day has passed
// needs a new time.
func (s *EventService) Publish(ctx context.Context, in PublishEventInput) (*PublishEventPayload, error) {
	again, was := false, kit.Date("")
	e, err := s.move(ctx, kit.Amendment{Operation: "publishEvent", ID: in.ID, Expected: in.ExpectedVersion, Reason: in.Reason}, EventPublished, func(e *Event, f *kit.Faults) []string {
		again, was = e.StoredStatus == EventPostponed, e.LastDay
		change := UpdateEventInput{Time: kit.OptOf(in.Time)}
		fields := change.apply(e, f)
		s.check(e, change, f, nil, 0)
		if e.StoredStatus == EventPostponed && e.LastDay < s.core.Clock.Today() {
			f.Add(kit.CodeRequired, "input.time", "required", nil)
		}
		return fields
	}, func(ctx context.Context, e *Event) error {
		if !again {
			return nil // nobody can have registered for a draft
		}
		if err := s.guests.follow(ctx, e, was); err != nil {
			return err
		}
		return s.tellRescheduled(ctx, e)
	})
	faults, err := kit.UserErrorsOf(err)
	return &PublishEventPayload{e, faults}, err
}

// Postpone postpones a published event. Its old time stays until it is published again. SECRETARIAT only.
func (s *EventService) Postpone(ctx context.Context, in PostponeEventInput) (*PostponeEventPayload, error) {
	e, err := s.move(ctx, kit.Amendment{Operation: "postponeEvent", ID: in.ID, Expected: in.ExpectedVersion, Reason: &in.Reason}, EventPostponed, nil, s.tellPostponed)
	faults, err := kit.UserErrorsOf(err)
	return &PostponeEventPayload{e, faults}, err
}

// Cancel cancels an event for good. SECRETARIAT only. Its registrations are kept.
func (s *EventService) Cancel(ctx context.Context, in CancelEventInput) (*CancelEventPayload, error) {
	e, err := s.move(ctx, kit.Amendment{Operation: "cancelEvent", ID: in.ID, Expected: in.ExpectedVersion, Reason: &in.Reason}, EventCancelled, nil, s.tellCancelled)
	faults, err := kit.UserErrorsOf(err)
	return &CancelEventPayload{e, faults}, err
}

// move changes the status if eventMoves allows it, records the change and tells who is to know.
func (s *EventService) move(ctx context.Context, a kit.Amendment, to EventStatus, also func(*Event, *kit.Faults) []string, tell func(context.Context, *Event) error) (*Event, error) {
	return s.amend(ctx, a, func(e *Event, f *kit.Faults) []string {
		f.Text("input.reason", a.Reason, 1000, true)
		if from := e.on(s.core.Clock.Today()); !slices.Contains(eventMoves[to], from) {
			checkEventState(f, "input.id", from, eventMoves[to])
		}
		fields := []string{"status"}
		if also != nil {
			fields = append(fields, also(e, f)...)
		}
		if to != EventCancelled {
			f.Grows("input.id", len(e.Changes), maxEventMoves)
		}
		if e.StoredStatus != EventDraft {
			e.Sequence++
		}
		e.StoredStatus = to
		e.Changes = append(e.Changes, EventChange{to, kit.DateTimeOf(s.core.Clock.Now()), kit.ActorOf(ctx).Subject, a.Reason})
		return fields
	}, tell)
}

// checkEventState adds the fault NOT_ALLOWED_IN_STATE, which names the statuses that would be allowed.
func checkEventState(f *kit.Faults, path string, is EventStatus, allowed []EventStatus) {
	names := ""
	for i, a := range allowed {
		if i > 0 {
			names += ", "
		}
		names += string(a)
	}
	f.Add(kit.CodeNotAllowedInState, path, "notAllowedInState", map[string]string{"status": string(is), "allowed": names})
}

// maxEventMoves bounds the changes of status. It leaves room for 10 more, so that an event can always be cancelled.
const maxEventMoves = 190
