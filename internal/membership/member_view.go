package membership

import (
	"context"

	"memberportal/internal/country"
	"memberportal/internal/kit"
)

// memberView is what a member looks like on a day to a reader.
type memberView struct {
	Membership
	// day is the one for which the membership was folded
	day     kit.Date
	country *country.Country
	// true status, leaving, history; contacts of persons
	inside, contacts bool
}

// AsOf is the day for which the member's state is answered.
func (m *Member) AsOf() kit.Date { return m.view.day }

// GetOn reads one member as it was or will be on a day, nil if there was none that the caller may see.
func (s *MemberService) GetOn(ctx context.Context, id kit.ID, day *kit.Date) (*Member, error) {
	m, err := s.Get(ctx, id)
	if m == nil || err != nil || day == nil || s.showOn(ctx, m, *day) {
		return m, err
	}
	return nil, nil
}

// show sets a member's view of today for the caller and says whether the caller may see it at all.
func (s *MemberService) show(ctx context.Context, m *Member) bool {
	return s.showOn(ctx, m, s.core.Clock.Today())
}

// showOn sets a member's view of a day for the caller and says whether there is any.
func (s *MemberService) showOn(ctx context.Context, m *Member, day kit.Date) bool {
	is, inside, seen := s.Seen(ctx, m.ID, m.Current(), day)
	actor := kit.ActorOf(ctx)
	m.view = memberView{
		Membership: is, day: day, country: s.countries.Get(is.Country), inside: inside, contacts: actor.Of(m.ID) || actor.Has(kit.RoleSecretariat),
	}
	return seen
}

// Seen is what the caller sees of a member on a day, given its events that stand: itself, its
// administration and the secretariat see it, from inside, from its admission on. The public sees members
// only that belong today, on a day on which they belonged; of coming days it learns nothing.
func (s *MemberService) Seen(ctx context.Context, id kit.ID, events []LifecycleEvent, day kit.Date) (is Membership, inside, seen bool) {
	actor, today := kit.ActorOf(ctx), s.core.Clock.Today()
	now := FoldOn(events, today)
	inside = actor.Has(kit.RoleSecretariat) || actor.Of(id) || actor.Governs(now.Country)
	is = now
	if day < today || inside && day > today {
		is = FoldOn(events, day)
	}
	if inside {
		return is, true, day >= min(today, Admission(events))
	}
	return is, false, now.Belongs() && is.Belongs()
}
