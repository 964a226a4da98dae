package people

import (
	"context"
	"slices"

	"memberportal/internal/kit"
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
