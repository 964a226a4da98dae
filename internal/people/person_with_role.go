package people

import (
	"context"
	"slices"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// SecretariatOf returns the persons whose grant of SECRETARIAT holds today and is not limited to other areas, and who are
// not shut out. It does not check the caller's rights.
func (s *PersonService) SecretariatOf(ctx context.Context, area kit.StaffArea) ([]*Person, error) {
	staff, err := s.OnDuty(ctx)
	return slices.DeleteFunc(staff[kit.RoleSecretariat], func(p *Person) bool {
		_, _, areas := p.granted(s.core.Clock.Today())
		return len(areas) > 0 && !slices.Contains(areas, area)
	}), err
}

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
