package people

import (
	"context"
	"slices"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// Reviewers returns the persons who are REVIEWER of one of some groups today, without checking the caller's rights.
func (s *PersonService) Reviewers(ctx context.Context, groups []string) ([]*Person, error) {
	staff, err := s.OnDuty(store.Looking(ctx))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(staff[kit.RoleReviewer], func(p *Person) bool {
		_, of, _ := p.granted(s.core.Clock.Today())
		return !slices.ContainsFunc(of, func(group string) bool { return slices.Contains(groups, group) })
	}), nil
}
