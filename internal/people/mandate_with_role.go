package people

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// FocalPoints returns the persons of the first mandates as focal point of a member or country that hold today. A person
// that does not exist is nil. It does not check the caller's rights.
func (s *MandateService) FocalPoints(ctx context.Context, entity kit.ID, most int) ([]*Person, error) {
	plan, err := s.mandates.Plan(store.Query{Sort: "from", Any: []store.Where{{"entity": {string(entity)}, "role": {string(MandateFocalPoint)}, "state": {string(MandateCurrent)}}}})
	if err != nil {
		return nil, err
	}
	page, err := s.mandates.Page(ctx, plan, store.Range{Limit: most})
	if err != nil || len(page.Docs) == 0 {
		return nil, err
	}
	return s.persons.Stored(ctx, kit.Map(page.Docs, func(m *Mandate) kit.ID { return m.Person }))
}
