package events

import (
	"context"
	"slices"
	"strings"

	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// retainDays is how many days after an event the personal data of its registrants are kept, if the input does not
// say.
const retainDays = 366

// Create makes an event as a draft. SECRETARIAT only. A code that was ever used is a DUPLICATE. A missing series,
// parent or country is an UNKNOWN_REFERENCE.
func (s *EventService) Create(ctx context.Context, in CreateEventInput) (*CreateEventPayload, error) {
	if err := kit.Require(ctx, kit.EventsSecretariat); err != nil {
		return nil, err
	}
	id, err := s.core.Create(ctx, "createEvent", in.IdempotencyKey, in, func(ctx context.Context, note func(kit.Change)) (kit.ID, error) {
		f := kit.NewFaults(ctx)
		now := kit.DateTimeOf(s.core.Clock.Now())
		e := &Event{
			ID: s.core.NewID(eventPrefix), Code: in.Code, SeriesID: in.Series, StoredStatus: EventDraft, Dataset: kit.DatasetOf(ctx),
			Links: []EventLink{}, Sessions: []EventSession{}, StoredDocuments: []EventDocument{}, ChangedAt: now,
			Changes: []EventChange{{Status: EventDraft, At: now, Actor: kit.ActorOf(ctx).Subject}},
		}
		f.IdempotencyKey(in.IdempotencyKey)
		f.Code("input.code", in.Code)
		series, err := s.series.ByIDs(ctx, []kit.ID{in.Series})
		if err != nil {
			return "", err
		}
		if series[0] == nil {
			f.Add(kit.CodeUnknownReference, "input.series", "unknownReference", nil)
		} else {
			e.Kind = series[0].Kind
		}
		parent, err := s.parent(ctx, in.Parent)
		if err != nil {
			return "", err
		}
		change := in.changes()
		change.apply(e, f)
		s.check(e, change, f, parent, 0)
		if err := kit.CheckFree(ctx, f, s.events, "code", "input.code", in.Code); err != nil {
			return "", err
		}
		if err := f.Err(); err != nil {
			return "", err
		}
		if err := s.seats.open(ctx, e); err != nil {
			return "", err
		}
		if err := s.events.Insert(ctx, e); err != nil {
			return "", err
		}
		note(kit.Changed(EventNoun, e, kit.Created, "code", "time", "title"))
		return e.ID, nil
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &CreateEventPayload{UserErrors: faults}, err
	}
	e, err := s.Get(ctx, id)
	return &CreateEventPayload{Event: e}, err
}

// parent reads the event that another event is to be a part of; nil if none is named or it is missing.
func (s *EventService) parent(ctx context.Context, id *kit.ID) (*Event, error) {
	if id == nil {
		return nil, nil
	}
	found, err := s.events.Many(ctx, []string{string(*id)})
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// parts counts the parts of an event that is to become a part itself. It must be 0, because parts do not nest.
func (s *EventService) parts(ctx context.Context, in UpdateEventInput) (int64, error) {
	if in.Parent.Value == nil {
		return 0, nil
	}
	plan, err := s.events.Plan(store.Query{Any: []store.Where{{"seen": {seenByAll}, "parent": {string(in.ID)}}}, Sort: "begins"})
	if err != nil {
		return 0, err
	}
	return s.events.Count(ctx, plan, store.Bounds{})
}

// amend changes an event. SECRETARIAT only. If the change frees places, those who wait get them in the same
// transaction, in which tell, if there is one, tells who is to know of the change.
func (s *EventService) amend(ctx context.Context, a kit.Amendment, alter func(*Event, *kit.Faults) []string, tell func(context.Context, *Event) error) (e *Event, err error) {
	if err := kit.Require(ctx, kit.EventsSecretariat); err != nil {
		return nil, err
	}
	err = s.core.Transact(ctx, func(ctx context.Context) error {
		may := func(context.Context, *Event) error { return nil }
		if e, err = kit.Amend(ctx, s.core, EventNoun, a, may, func(e *Event, f *kit.Faults) []string {
			public := e.publicDocuments()
			fields := alter(e, f)
			if slices.ContainsFunc(fields, shownToAll) || e.publicDocuments() != public {
				e.ChangedAt = kit.DateTimeOf(s.core.Clock.Now())
			}
			return fields
		}); err != nil {
			return err
		}
		if tell != nil {
			if err := tell(kit.WithOperation(ctx, a.Operation), e); err != nil {
				return err
			}
		}
		return s.seats.settle(ctx, a.Operation, e)
	})
	if err != nil {
		return nil, err
	}
	v, err := s.view(ctx)
	if err != nil {
		return nil, err
	}
	v.show([]*Event{e})
	return e, nil
}

// shownToAll says whether everybody who sees an event sees the field. It is false for documents, because some have
// fewer readers.
func shownToAll(field string) bool {
	return field != "joinUrl" && field != "retainUntil" && !strings.HasPrefix(field, "documents")
}

// publicDocuments counts the documents that everybody who sees the event may read.
func (e *Event) publicDocuments() (n int) {
	for _, d := range e.StoredDocuments {
		if d.Readers == ReadersPublic && d.WithdrawnAt == nil {
			n++
		}
	}
	return n
}

// Update changes an event. SECRETARIAT only. Once anybody has registered, the questions cannot change, and a
// capacity cannot fall below the number of confirmed registrants. If not everybody may know of the event any more, the
// files of its documents lose their addresses by content.
func (s *EventService) Update(ctx context.Context, in UpdateEventInput) (*UpdateEventPayload, error) {
	var e *Event
	err := s.core.Transact(ctx, func(ctx context.Context) error {
		var hidden []*files.File
		parent, err := s.parent(ctx, in.Parent.Value)
		if err != nil {
			return err
		}
		parts, err := s.parts(ctx, in)
		if err != nil {
			return err
		}
		keepPlaces, err := s.seats.keepers(ctx, in.ID, in.Registration.Set)
		if err != nil {
			return err
		}
		moved, was := false, kit.Date("")
		e, err = s.amend(ctx, kit.Amendment{Operation: "updateEvent", ID: in.ID, Expected: in.ExpectedVersion, Reason: nil}, func(e *Event, f *kit.Faults) []string {
			before := *e
			was = e.LastDay
			fields := in.apply(e, f)
			s.check(e, in, f, parent, parts)
			keepPlaces(f, &before, e)
			if hidden = nil; before.Visibility == VisiblePublic && e.Visibility != VisiblePublic {
				if hidden = e.hideFiles(); len(hidden) > 0 {
					fields = append(fields, "documents")
				}
			}
			if slices.ContainsFunc(fields, func(name string) bool { return slices.Contains(inCalendar, name) }) {
				e.Sequence++
			}
			moved = slices.ContainsFunc(fields, func(name string) bool { return slices.Contains(forRegistrants, name) })
			return fields
		}, func(ctx context.Context, e *Event) error {
			if !moved {
				return nil
			}
			if err := s.guests.follow(ctx, e, was); err != nil {
				return err
			}
			return s.tellMoved(ctx, e)
		})
		if err != nil {
			return err
		}
		for _, file := range hidden {
			if err := s.files.Hide(ctx, file); err != nil {
				return err
			}
		}
		return nil
	})
	faults, err := kit.UserErrorsOf(err)
	return &UpdateEventPayload{e, faults}, err
}

// inCalendar are the fields whose changes must reach calendars, see Sequence.
var inCalendar = []string{"time", "city", "venue", "country", "title"}

// forRegistrants are the fields of whose changes registrants are told.
var forRegistrants = []string{"time", "city", "venue", "country", "format"}
