package portal

import (
	"context"
	"fmt"

	"memberportal/internal/store"
)

// tick lists the members that may be suspended or excluded for arrears. Nothing is recorded: the
// secretariat decides.
func (s *MemberService) tick(ctx context.Context, _ bool) ([]Due, error) {
	today := s.clock.Today()
	all, seen := []Due{}, map[ID]bool{}
	plan, err := s.invoices.invoices.Plan(store.Query{Any: []store.Where{{"state": {string(InvoiceOpen)}}}, Sort: "dueOn"})
	if err != nil {
		return all, err
	}
	// "0" lies above the empty value of those that have no day.
	for r := (store.Range{Bounds: store.Bounds{After: "0", Before: string(today)}, Limit: tickBatch}); ; {
		page, err := s.invoices.invoices.Page(ctx, plan, r)
		if err != nil {
			return all, err
		}
		var ids []ID
		for _, i := range page.Docs {
			if !seen[i.MemberID] {
				seen[i.MemberID] = true
				ids = append(ids, i.MemberID)
			}
		}
		due, err := s.stepsDue(ctx, ids)
		if err != nil {
			return all, err
		}
		if all = append(all, due...); !page.More {
			return all, nil
		}
		r.After = page.Tokens[len(page.Tokens)-1]
	}
}

// stepsDue are the steps that may be decided today for members with open invoices.
func (s *MemberService) stepsDue(ctx context.Context, ids []ID) (due []Due, err error) {
	members, err := s.members.Many(ctx, texts(ids))
	if err != nil {
		return nil, err
	}
	terms, err := s.arrearsTerms(s.clock.Today())
	if err != nil {
		return nil, err
	}
	debts, err := s.debtsOf(ctx, ids)
	for _, m := range members {
		if m == nil {
			continue
		}
		today := s.clock.Today()
		a := arrearsOf(m.on(today), debts[m.ID], today, terms)
		kind := map[ArrearsStage]DueKind{SuspensionDue: DueSuspension, ExclusionDue: DueExclusion}[a.Stage]
		if kind != "" {
			due = append(due, Due{Kind: kind, Target: m.ID, On: *a.On, Text: fmt.Sprintf("%s: %s", m.Name, a.Rule(WithLocale(ctx, English)))})
		}
	}
	return due, err
}
