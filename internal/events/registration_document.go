package events

import (
	"context"
	"slices"
)

// Documents lists the documents of an event that the caller may read, oldest first. One call finds the caller's
// registrations for all events of a page.
func (s *RegistrationService) Documents(ctx context.Context, e *Event) ([]EventDocument, error) {
	readable := map[EventReaders]bool{ReadersPublic: true}
	switch {
	case e.view.secretariat:
		return e.StoredDocuments, nil
	case e.view.addressed(e):
		readable[ReadersAudience] = true
	}
	if slices.ContainsFunc(e.StoredDocuments, func(d EventDocument) bool { return d.Readers == ReadersParticipants }) {
		mine, err := s.Own(ctx, e)
		if err != nil {
			return nil, err
		}
		if mine != nil && mine.Status == RegistrationConfirmed {
			readable[ReadersAudience], readable[ReadersParticipants] = true, true
		}
	}
	documents := []EventDocument{}
	for _, d := range e.StoredDocuments {
		if d.WithdrawnAt == nil && readable[d.Readers] {
			documents = append(documents, d)
		}
	}
	return documents, nil
}
