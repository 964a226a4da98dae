package portal

import (
	"context"
	"slices"
)

// eventMoves are the allowed moves: for each status, those from which it is reached.
var eventMoves = map[EventStatus][]EventStatus{
	EventPublished: {EventDraft, EventPostponed},
	EventPostponed: {EventPublished},
	EventCancelled: {EventDraft, EventPublished, EventPostponed},
}

// Publish makes a draft known, or a postponed event take place after all. SECRETARIAT only.
func (s *EventService) Publish(ctx context.Context, in PublishEventInput) (*PublishEventPayload, error) {
	e, err := s.move(ctx, amendment{"publishEvent", in.ID, in.ExpectedVersion, in.Reason}, EventPublished, func(e *Event, f *faults) []string {
		change := UpdateEventInput{Time: optOf(in.Time)}
		fields := change.apply(e, f)
		s.check(e, change, f, nil, 0)
		if e.State == EventPostponed && e.LastDay < s.core.clock.Today() {
			f.add(CodeRequired, "input.time", "required", nil)
		}
		return fields
	})
	faults, err := refused(err)
	return &PublishEventPayload{e, faults}, err
}

// Postpone postpones a published event; its time stays as it was until it is published again.
// SECRETARIAT only.
func (s *EventService) Postpone(ctx context.Context, in PostponeEventInput) (*PostponeEventPayload, error) {
	e, err := s.move(ctx, amendment{"postponeEvent", in.ID, in.ExpectedVersion, &in.Reason}, EventPostponed, nil)
	faults, err := refused(err)
	return &PostponeEventPayload{e, faults}, err
}

// Cancel cancels an event for good. SECRETARIAT only. Registrations stay on record.
func (s *EventService) Cancel(ctx context.Context, in CancelEventInput) (*CancelEventPayload, error) {
	e, err := s.move(ctx, amendment{"cancelEvent", in.ID, in.ExpectedVersion, &in.Reason}, EventCancelled, nil)
	faults, err := refused(err)
	return &CancelEventPayload{e, faults}, err
}

// move changes the status, if the table of moves allows it, and records that.
func (s *EventService) move(ctx context.Context, a amendment, to EventStatus, also func(*Event, *faults) []string) (*Event, error) {
	return s.amend(ctx, a, func(e *Event, f *faults) []string {
		f.text("input.reason", a.reason, 1000, true)
		if from := e.on(s.core.clock.Today()); !slices.Contains(eventMoves[to], from) {
			checkEventState(f, "input.id", from, eventMoves[to])
		}
		fields := []string{"status"}
		if also != nil {
			fields = append(fields, also(e, f)...)
		}
		if to != EventCancelled {
			f.grows("input.id", len(e.Changes), maxEventMoves)
		}
		if e.State != EventDraft {
			e.Sequence++
		}
		e.State = to
		e.Changes = append(e.Changes, EventChange{to, DateTimeOf(s.core.clock.Now()), ActorOf(ctx).Subject, a.reason})
		return fields
	})
}

// checkEventState notes that a record's status does not allow what was asked.
func checkEventState(f *faults, path string, is EventStatus, allowed []EventStatus) {
	names := ""
	for i, a := range allowed {
		if i > 0 {
			names += ", "
		}
		names += string(a)
	}
	f.add(CodeNotAllowedInState, path, "notAllowedInState", map[string]string{"status": string(is), "allowed": names})
}

// maxEventMoves leaves 10 for what ends an event.
const maxEventMoves = 190
