package events

import (
	"context"
	"slices"

	"memberportal/internal/kit"
)

// eventMoves are the allowed moves: for each status, those from which it is reached.
var eventMoves = map[EventStatus][]EventStatus{
	EventPublished: {EventDraft, EventPostponed},
	EventPostponed: {EventPublished},
	EventCancelled: {EventDraft, EventPublished, EventPostponed},
}

// Publish makes a draft known, or a postponed event take place after all. SECRETARIAT only.
func (s *EventService) Publish(ctx context.Context, in PublishEventInput) (*PublishEventPayload, error) {
	e, err := s.move(ctx, kit.Amendment{Operation: "publishEvent", ID: in.ID, Expected: in.ExpectedVersion, Reason: in.Reason}, EventPublished, func(e *Event, f *kit.Faults) []string {
		change := UpdateEventInput{Time: kit.OptOf(in.Time)}
		fields := change.apply(e, f)
		s.check(e, change, f, nil, 0)
		if e.StoredStatus == EventPostponed && e.LastDay < s.core.Clock.Today() {
			f.Add(kit.CodeRequired, "input.time", "required", nil)
		}
		return fields
	})
	faults, err := kit.UserErrorsOf(err)
	return &PublishEventPayload{e, faults}, err
}

// Postpone postpones a published event; its time stays as it was until it is published again.
// SECRETARIAT only.
func (s *EventService) Postpone(ctx context.Context, in PostponeEventInput) (*PostponeEventPayload, error) {
	e, err := s.move(ctx, kit.Amendment{Operation: "postponeEvent", ID: in.ID, Expected: in.ExpectedVersion, Reason: &in.Reason}, EventPostponed, nil)
	faults, err := kit.UserErrorsOf(err)
	return &PostponeEventPayload{e, faults}, err
}

// Cancel cancels an event for good. SECRETARIAT only. Registrations stay on record.
func (s *EventService) Cancel(ctx context.Context, in CancelEventInput) (*CancelEventPayload, error) {
	e, err := s.move(ctx, kit.Amendment{Operation: "cancelEvent", ID: in.ID, Expected: in.ExpectedVersion, Reason: &in.Reason}, EventCancelled, nil)
	faults, err := kit.UserErrorsOf(err)
	return &CancelEventPayload{e, faults}, err
}

// move changes the status, if the table of moves allows it, and records that.
func (s *EventService) move(ctx context.Context, a kit.Amendment, to EventStatus, also func(*Event, *kit.Faults) []string) (*Event, error) {
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
	})
}

// checkEventState notes that a record's status does not allow what was asked.
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

// maxEventMoves leaves 10 for what ends an event.
const maxEventMoves = 190
