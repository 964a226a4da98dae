package membership

import (
	"context"
	"slices"
	"strings"

	"memberportal/internal/kit"
)

// FeeClass returns the class by which the member pays; nil if none was agreed or the caller may not know it.
func (m *Member) FeeClass() *string {
	if !m.view.inside {
		return nil
	}
	return kit.Optional(m.view.FeeClass)
}

// ExemptUntil returns the first day after the current fee exemption; nil if there is none or the caller may not
// know it.
func (m *Member) ExemptUntil() *kit.Date {
	if !m.view.inside {
		return nil
	}
	return kit.Optional(m.view.ExemptUntil)
}

// MergedInto returns the member that took over this one; nil if there is none or the caller may not know that this
// one left.
func (m *Member) MergedInto() *kit.ID {
	if !m.view.inside {
		return nil
	}
	return kit.Optional(m.view.MergedInto)
}

// ForeseenChange is a change of a membership that will happen on a later day without another decision.
type ForeseenChange struct {
	On   kit.Date
	Kind LifecycleKind
}

// Foreseen returns the changes after the day of the view that need no decision: events that are recorded for later
// days, and the ends of an exemption and of a repayment plan. It is nil if the caller may not know them.
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

// AllowedMoves returns the events that the caller may record next by the table of moves. Other conditions are
// checked only when the event is recorded. It is empty if the caller may record none.
func (m *Member) AllowedMoves(ctx context.Context) []LifecycleKind {
	actor := kit.ActorOf(ctx)
	kinds := []LifecycleKind{}
	if !actor.Has(kit.MembershipSecretariat) && !actor.Leads(m.ID) {
		return kinds
	}
	for _, kind := range Follows(m.view.Status) {
		if actor.HasAny(Moves[kind].by...) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}
