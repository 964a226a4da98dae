package membership

import (
	"context"

	"memberportal/internal/kit"
)

// leavesAfter returns the first day after the membership for a notice of withdrawal (No. 240 of the Convention).
func (s *MemberService) leavesAfter(ctx context.Context, notice kit.Date) (kit.Date, error) {
	term, err := s.tariffs.Rule(ctx, ruleWithdrawalNotice, notice)
	return notice.AddMonths(term.Value), err
}

// arrearsTerms returns the periods of Resolution 152 that hold on a day.
func (s *MemberService) arrearsTerms(ctx context.Context, on kit.Date) (arrearsTerms, error) {
	table, err := s.tariffs.Table(ctx)
	if err != nil {
		return arrearsTerms{}, err
	}
	suspension, err := table.Rule(ruleSuspension, on)
	if err != nil {
		return arrearsTerms{}, err
	}
	exclusion, err := table.Rule(ruleExclusion, on)
	return arrearsTerms{suspension.Value, exclusion.Value}, err
}

// ArrearsOf returns the arrears of a member today; nil if nothing is overdue or the caller may not know it. It
// makes one call for each 64 members of a page.
func (s *MemberService) ArrearsOf(ctx context.Context, m *Member) (*Arrears, error) {
	if !m.view.inside {
		return nil, nil
	}
	return kit.Neighbour(ctx, m.with, "arrears", m, s.arrears)
}

func (s *MemberService) arrears(ctx context.Context, members []*Member) ([]*Arrears, error) {
	today := s.core.Clock.Today()
	terms, err := s.arrearsTerms(ctx, today)
	if err != nil {
		return nil, err
	}
	var ids []kit.ID
	for _, m := range members {
		if m.view.inside {
			ids = append(ids, m.ID)
		}
	}
	debts, err := s.invoices.debts(ctx, ids)
	if err != nil {
		return nil, err
	}
	found := make([]*Arrears, len(members))
	for i, m := range members {
		if a := arrearsOf(m.On(today), debts[m.ID], today, terms); a.Stage != "" {
			found[i] = a
		}
	}
	return found, nil
}
