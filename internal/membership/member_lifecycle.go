package membership

import (
	"context"
	"slices"

	"memberportal/internal/kit"
)

// occurrence is the input of every mutation of a membership: the member and the version that the caller saw, the
// event, and the reason.
type occurrence struct {
	operation string
	id        kit.ID
	expected  int
	event     LifecycleEvent
	// irreversible says that this cannot be undone, so that the person must have shown shortly before who it is.
	irreversible bool
	// complete adds the faults of the mutation's own input and fills the event; nil if there is nothing to do.
	complete func(f *kit.Faults, s Membership, e *LifecycleEvent)
	// prepare reads from the store, in the transaction, before the input is checked; nil if there is nothing to
	// read.
	prepare func(ctx context.Context, m *Member) error
}

// occur records an event of a member. The caller must be allowed to record it, the table of moves must allow it
// from the status just before, the other conditions of its row must hold, and all events that are recorded for
// later days must still be possible.
func (s *MemberService) occur(ctx context.Context, o occurrence) (*Member, []kit.UserError, error) {
	row := Moves[o.event.Kind]
	if err := kit.Require(ctx, row.by...); err != nil {
		return nil, nil, err
	}
	var m *Member
	err := s.core.Transact(kit.WithOperation(ctx, o.operation), func(ctx context.Context) (err error) {
		if m, err = s.entered(ctx, o); err != nil {
			return err
		}
		return s.tellHappened(ctx, m, o.operation, m.Events[len(m.Events)-1].EffectiveOn)
	})
	if m != nil {
		s.show(ctx, m)
	}
	faults, err := kit.UserErrorsOf(err)
	return m, faults, err
}

// entered records the event in a transaction.
func (s *MemberService) entered(ctx context.Context, o occurrence) (*Member, error) {
	row := Moves[o.event.Kind]
	var debts []debt
	var terms arrearsTerms
	return kit.Amend(ctx, s.core, MemberNoun, kit.Amendment{Operation: o.operation, ID: o.id, Expected: o.expected, Reason: o.event.Reason}, func(ctx context.Context, m *Member) (err error) {
		if err := s.mayChange(ctx, m); err != nil {
			return err
		}
		if o.irreversible {
			if err := s.core.Present(ctx); err != nil {
				return err
			}
		}
		if row.owes {
			if terms, err = s.arrearsTerms(ctx, s.core.Clock.Today()); err != nil {
				return err
			}
			all, err := s.invoices.debts(ctx, []kit.ID{m.ID})
			if err != nil {
				return err
			}
			debts = all[m.ID]
		}
		if o.prepare != nil {
			return o.prepare(ctx, m)
		}
		return nil
	}, func(m *Member, f *kit.Faults) []string {
		f.Evidence(o.event.Reason, o.event.Evidence)
		e := o.event
		if e.Kind != WithdrawalNotified && e.Kind != Renamed { // its day follows from the notice, or is checked by Rename
			settled := m.settledBy(s.core.Clock.Today())
			f.Day("input.effectiveOn", e.EffectiveOn, settled, s.core.Clock.Today())
			e.EffectiveOn = max(e.EffectiveOn, settled) // so that other faults are found even if the day is too early
		}
		if o.complete != nil {
			o.complete(f, m.justBefore(e), &e)
		}
		if !slices.Contains(departures, e.Kind) {
			f.Grows("input.id", len(m.Events), maxLifecycle)
		}
		m.record(s, ctx, e)
		if e.Kind == Renamed {
			m.Name = m.NameOn(kit.Never)
		}
		m.judge(f, row, debts, terms)
		return []string{"events"}
	})
}

// judge checks the last recorded event, and all current events, against the table.
func (m *Member) judge(f *kit.Faults, row move, debts []debt, terms arrearsTerms) {
	e := m.Events[len(m.Events)-1]
	before := len(f.List)
	CheckSequence(f, m, e.ID)
	if len(f.List) > before || row.needs == nil {
		return
	}
	is := m.justBefore(e)
	row.needs(f, is, e, arrearsOf(is, debts, e.Told(), terms))
}

// justBefore returns the membership just before an event, which may be recorded already or not.
func (m *Member) justBefore(e LifecycleEvent) Membership {
	events := m.Current()
	i := slices.IndexFunc(events, func(other LifecycleEvent) bool { return other.ID == e.ID })
	if i < 0 {
		i = len(events)
		events = append(events, e)
	}
	return before(events, i)
}

// settledBy returns the day of the last event that has taken effect. No new event can have an earlier day, because
// a wrong event is corrected instead. For a member that is still to be admitted it is the day of admission.
func (m *Member) settledBy(today kit.Date) (day kit.Date) {
	for _, e := range m.Current() {
		if e.Kind == Admitted || e.EffectiveOn <= today {
			day = max(day, e.EffectiveOn)
		}
	}
	return day
}

// mayChange checks that the caller may change a member: FOCAL_POINT its own, SECRETARIAT all.
func (s *MemberService) mayChange(ctx context.Context, m *Member) error {
	actor := kit.ActorOf(ctx)
	switch {
	case !s.show(ctx, m):
		return kit.Refuse(kit.NotFound, "notFound", nil)
	case actor.Has(kit.MembershipSecretariat), actor.Leads(m.ID):
		return nil
	}
	return kit.Refuse(kit.Forbidden, "forbidden", nil)
}

// maxLifecycle limits the events of a member. It leaves room for 50 events that end a membership.
const maxLifecycle = 950

// departures are the kinds of event that maxLifecycle does not stop: they end or suspend a membership.
var departures = []LifecycleKind{EventSuspended, WithdrawalNotified, EventWithdrawn, EventExcluded, Merged}
