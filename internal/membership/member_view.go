package membership

import (
	"context"

	"memberportal/internal/country"
	"memberportal/internal/kit"
)

// memberView is what a reader may see of a member on a day.
type memberView struct {
	Membership
	// day is the day for which the membership was folded.
	day     kit.Date
	country *country.Country
	// inside lets the reader see the true status, leaving and history; contacts also the contacts of persons.
	inside, contacts bool
}

// Membership returns the membership on the day and for the reader for which a service loaded the member.
func (m *Member) Membership() Membership { return m.view.Membership }

// ReadWith returns the members that were read in the same call, so that what is related to them is read together; nil if
// no service loaded the member.
func (m *Member) ReadWith() *kit.Together[*Member] { return m.with }

// AsOf returns the day for which the methods of the member answer.
func (m *Member) AsOf() kit.Date { return m.view.day }

// GetOn reads one member as it was or will be on a day. It returns nil if there was none or the caller may not see
// it.
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

// showOn sets a member's view of a day for the caller and says whether the caller may see the member on that day.
func (s *MemberService) showOn(ctx context.Context, m *Member, day kit.Date) bool {
	is, inside, seen := s.Seen(ctx, m.ID, m.Current(), day)
	actor := kit.ActorOf(ctx)
	m.view = memberView{
		Membership: is, day: day, country: s.countries.Get(is.Country), inside: inside, contacts: actor.Of(m.ID) || actor.Has(kit.RoleSecretariat),
	}
	return seen
}

// Seen returns what the caller may see of a member on a day. events are the current ones. The member itself, its
// administration and the secretariat see it from its admission on, with internal data. The public sees only those
// who are members today, on days on which they were members, and learns nothing of later days.
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
