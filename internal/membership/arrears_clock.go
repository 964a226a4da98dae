package membership

import (
	"context"
	"fmt"

	"memberportal/internal/kit"
)

// Tick lists the members that may be suspended or excluded for arrears. It records nothing, because the secretariat
// decides.
func (s *MemberService) Tick(ctx context.Context, _ bool) ([]kit.Due, error) {
	all, seen := []kit.Due{}, map[kit.ID]bool{}
	err := s.invoices.overdue(ctx, s.core.Clock.Today(), func(owing []kit.ID) error {
		var ids []kit.ID
		for _, id := range owing {
			if !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
		due, err := s.stepsDue(ctx, ids)
		all = append(all, due...)
		return err
	})
	return all, err
}

// stepsDue returns the steps that may be decided today for members with open invoices.
func (s *MemberService) stepsDue(ctx context.Context, ids []kit.ID) (due []kit.Due, err error) {
	members, err := s.members.Many(ctx, kit.Strings(ids))
	if err != nil {
		return nil, err
	}
	terms, err := s.arrearsTerms(ctx, s.core.Clock.Today())
	if err != nil {
		return nil, err
	}
	debts, err := s.invoices.debts(ctx, ids)
	for _, m := range members {
		if m == nil {
			continue
		}
		today := s.core.Clock.Today()
		a := arrearsOf(m.On(today), debts[m.ID], today, terms)
		kind := map[ArrearsStage]kit.DueKind{SuspensionDue: kit.DueSuspension, ExclusionDue: kit.DueExclusion}[a.Stage]
		if kind != "" {
			due = append(due, kit.Due{Kind: kind, Target: m.ID, On: *a.On, Text: fmt.Sprintf("%s: %s", m.Name, a.Rule(kit.WithLocale(ctx, kit.English)))})
		}
	}
	return due, err
}
