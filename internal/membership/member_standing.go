package membership

import (
	"context"
	"slices"
	"strings"

	"memberportal/internal/kit"
)

// FeeClass is the class under which the member pays, for those who may know it; nil if none was agreed.
func (m *Member) FeeClass() *string {
	if !m.view.inside {
		return nil
	}
	return kit.Optional(m.view.FeeClass)
}

// ExemptUntil is the first day on which the fee exemption that holds no longer does, for those who may
// know it; nil without one.
func (m *Member) ExemptUntil() *kit.Date {
	if !m.view.inside {
		return nil
	}
	return kit.Optional(m.view.ExemptUntil)
}

// MergedInto is the member that took this one over, for those who may know that it left; nil for most.
func (m *Member) MergedInto() *kit.ID {
	if !m.view.inside {
		return nil
	}
	return kit.Optional(m.view.MergedInto)
}

// ForeseenChange is a change of a membership that will come about by itself on a day ahead.
type ForeseenChange struct {
	On   kit.Date
	Kind LifecycleKind
}

// Foreseen are the changes ahead of the day of the view that need nobody's decision: what is recorded for
// later days, and the ends of an exemption and of a repayment plan. Nil for those who may not know them.
func (m *Member) Foreseen() []ForeseenChange {
	if !m.view.inside {
		return nil
	}
	coming := []ForeseenChange{}
	for _, e := range m.Current() {
		if e.EffectiveOn > m.view.day && !(e.Kind == WithdrawalNotified && e.EffectiveOn != m.view.LeavesOn) {
			coming = append(coming, ForeseenChange{e.EffectiveOn, e.Kind})
		}
	}
	if m.view.ExemptUntil != "" {
		coming = append(coming, ForeseenChange{m.view.ExemptUntil, ExemptionExpired})
	}
	if m.view.PlanUntil != "" {
		coming = append(coming, ForeseenChange{m.view.PlanUntil, RepaymentPlanEnded})
	}
	slices.SortStableFunc(coming, func(a, b ForeseenChange) int { return strings.Compare(string(a.On), string(b.On)) })
	return coming
}

// AllowedMoves are the events that the caller may record next, by the table of moves; what else must hold
// is said when it is tried. Empty for whoever may record none.
func (m *Member) AllowedMoves(ctx context.Context) []LifecycleKind {
	actor := kit.ActorOf(ctx)
	kinds := []LifecycleKind{}
	if !actor.Has(kit.RoleSecretariat) && !actor.Leads(m.ID) {
		return kinds
	}
	for _, kind := range Follows(m.view.Status) {
		if actor.HasAny(Moves[kind].by...) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}
