package events

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// EachKept calls take with batches of events that keep personal data and are due before the day beyond. It
// continues after damaged events.
func (s *EventService) EachKept(ctx context.Context, beyond kit.Date, take func([]*Event) error) error {
	query := store.Query{Any: []store.Where{{"keepsPersons": {"yes"}}}, Sort: "retainUntil"}
	return kit.EachWithin(store.Looking(ctx), s.events, query, store.Bounds{Before: string(beyond)}, kit.EraseBatch, take)
}

// noteErased records in an event that its registrations no longer name anybody.
func (s *EventService) noteErased(ctx context.Context, event kit.ID, at kit.DateTime, note func(kit.Change)) error {
	e, err := s.events.Get(ctx, string(event))
	if err != nil {
		return err
	}
	e.ErasedAt = &at
	if err := s.events.Replace(ctx, e); err != nil {
		return err
	}
	note(kit.Changed(EventNoun, e, kit.Updated, "erasedAt"))
	return nil
}

// SweepEventReasons erases the reasons for which events were postponed or cancelled, or their documents withdrawn, and takes
// the files from documents that were.
func SweepEventReasons(ctx context.Context, c *kit.Core, before kit.Date, dry bool) (int, error) {
	all := store.Query{Any: []store.Where{{"keepsPersons": {"yes", "no"}}}, Sort: "retainUntil"}
	return kit.Sweep[Event]{Of: EventNoun, Query: all, Within: store.Bounds{Before: string(before)}, Due: kit.Alone(func(e *Event) (fields []string) {
		for i := range e.Changes {
			kit.Emptied(&fields, "changes", &e.Changes[i].Reason)
		}
		for i := range e.StoredDocuments {
			d := &e.StoredDocuments[i]
			kit.Emptied(&fields, "documents", &d.Reason)
			if d.WithdrawnAt != nil && d.File != nil {
				d.StoredSHA256, d.File, fields = &d.File.SHA256, nil, append(fields, "documents")
			}
		}
		return fields
	})}.Run(ctx, c, dry)
}
