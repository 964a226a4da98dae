package portal

import (
	"context"
	"fmt"
)

// tick lists the members that may be suspended or excluded for arrears. Nothing is recorded: the
// secretariat decides.
func (s *MemberService) tick(ctx context.Context, _ bool) ([]Due, error) {
	all, seen := []Due{}, map[ID]bool{}
	err := s.invoices.overdue(ctx, s.core.clock.Today(), func(page []*Invoice) error {
		var ids []ID
		for _, i := range page {
			if !seen[i.MemberID] {
				seen[i.MemberID] = true
				ids = append(ids, i.MemberID)
			}
		}
		due, err := s.stepsDue(ctx, ids)
		all = append(all, due...)
		return err
	})
	return all, err
}

// stepsDue are the steps that may be decided today for members with open invoices.
func (s *MemberService) stepsDue(ctx context.Context, ids []ID) (due []Due, err error) {
	members, err := s.members.Many(ctx, texts(ids))
	if err != nil {
		return nil, err
	}
	terms, err := s.arrearsTerms(s.core.clock.Today())
	if err != nil {
		return nil, err
	}
	debts, err := s.debtsOf(ctx, ids)
	for _, m := range members {
		if m == nil {
			continue
		}
		today := s.core.clock.Today()
		a := arrearsOf(m.on(today), debts[m.ID], today, terms)
		kind := map[ArrearsStage]DueKind{SuspensionDue: DueSuspension, ExclusionDue: DueExclusion}[a.Stage]
		if kind != "" {
			due = append(due, Due{Kind: kind, Target: m.ID, On: *a.On, Text: fmt.Sprintf("%s: %s", m.Name, a.Rule(WithLocale(ctx, English)))})
		}
	}
	return due, err
}
