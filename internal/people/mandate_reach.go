package people

import (
	"context"
	"slices"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// UnreachableReason says why no mail reaches a member or country.
type UnreachableReason string

// Why no mail reaches a member or country.
const (
	// NoMandate: it has no focal point today who may sign in.
	NoMandate UnreachableReason = "NO_MANDATE"
	// NoAddress: none of its focal points has an e-mail address.
	NoAddress UnreachableReason = "NO_ADDRESS"
	// AddressRefused: mail servers refused the addresses that there are.
	AddressRefused UnreachableReason = "ADDRESS_REFUSED"
	// MailSwitchedOff: its focal points chose to get no mail of this kind; they read it in the portal.
	MailSwitchedOff UnreachableReason = "MAIL_SWITCHED_OFF"
)

// UnreachableReasons lists every value; Valid accepts no other.
var UnreachableReasons = []UnreachableReason{NoMandate, NoAddress, AddressRefused, MailSwitchedOff}

// Valid refuses a value that is not in UnreachableReasons.
func (v UnreachableReason) Valid() error {
	return kit.CheckOneOf(v, UnreachableReasons, "unreachable reason")
}

// Unreachable is a member or country that no mail reaches, and why.
type Unreachable struct {
	EntityID kit.ID
	Reason   UnreachableReason

	from *MandateService
	with *kit.Together[*Unreachable]
}

// UnreachableConnection and UnreachableEdge page through members and countries that no mail reaches.
type (
	UnreachableConnection = kit.Connection[*Unreachable]
	UnreachableEdge       = kit.Edge[*Unreachable]
)

// MailReach says how many of some members and countries are reached by mail. Addressed are all of them; Reachable are those
// of which at least one focal point is reached.
type MailReach struct {
	Addressed, Reachable int

	unreachable []*Unreachable
	from        *MandateService
}

// Reach says which members and countries a mail of a kind would reach today, by the rules of TellEntities. For each 50
// entities it costs two store calls. It does not check the caller's rights.
func (s *MandateService) Reach(ctx context.Context, kind kit.NotificationKind, entities []kit.ID) (*MailReach, error) {
	r := &MailReach{Addressed: len(entities), from: s}
	for batch := range slices.Chunk(entities, 50) {
		speakers, err := s.speaking(ctx, batch)
		if err != nil {
			return nil, err
		}
		for _, entity := range batch {
			if reason := unreachable(kind, speakers[entity]); reason != "" {
				r.unreachable = append(r.unreachable, &Unreachable{EntityID: entity, Reason: reason, from: s})
			}
		}
	}
	r.Reachable = r.Addressed - len(r.unreachable)
	return r, nil
}

// Missed returns those that no mail reaches, in the order in which they were asked for.
func (r *MailReach) Missed() []kit.ID {
	return kit.Map(r.unreachable, func(u *Unreachable) kit.ID { return u.EntityID })
}

// With returns the reach if some entities are also reached in another way.
func (r *MailReach) With(entities []kit.ID) *MailReach {
	rest := slices.DeleteFunc(slices.Clone(r.unreachable), func(u *Unreachable) bool { return slices.Contains(entities, u.EntityID) })
	return &MailReach{Addressed: r.Addressed, Reachable: r.Addressed - len(rest), unreachable: rest, from: r.from}
}

// Reached says the same after a mail of a kind was queued, of which reached are the entities that it reaches; see
// TellEntities. It asks the store only why the others were not.
func (s *MandateService) Reached(ctx context.Context, kind kit.NotificationKind, entities []kit.ID, reached map[kit.ID][]*Person) (*MailReach, error) {
	r, err := s.Reach(ctx, kind, slices.DeleteFunc(slices.Clone(entities), func(id kit.ID) bool { return len(reached[id]) > 0 }))
	if err == nil {
		r.Addressed, r.Reachable = len(entities), r.Reachable+len(entities)-r.Addressed
	}
	return r, err
}

// unreachable says why a mail of a kind reaches none of these focal points; empty if it reaches one. Of several reasons
// it is the one that lacks the least.
func unreachable(kind kit.NotificationKind, speakers []*Person) UnreachableReason {
	of := func(p *Person) UnreachableReason {
		switch {
		case p == nil || !p.maySignIn():
			return NoMandate
		case p.Email == nil:
			return NoAddress
		case p.EmailRefusedAt != nil:
			return AddressRefused
		case p.Delivery(kind) == NotifyNever:
			return MailSwitchedOff
		}
		return ""
	}
	reason := NoMandate
	for _, p := range speakers {
		next := of(p)
		if next == "" {
			return ""
		}
		if slices.Index(UnreachableReasons, next) > slices.Index(UnreachableReasons, reason) {
			reason = next
		}
	}
	return reason
}

// Unreachable pages through those that no mail reaches, by the reason and then by id. It needs no store call.
func (r *MailReach) Unreachable(_ context.Context, first *int, after *string, last *int, before *string) (*UnreachableConnection, error) {
	place := func(u *Unreachable) string { return strings.Join([]string{string(u.Reason), string(u.EntityID)}, " ") }
	page, err := kit.PageOfMemory(r.from.core.Sealer, r.unreachable, place, "unreachable", false, kit.PageArgs{First: first, Last: last, After: after, Before: before})
	if err != nil {
		return nil, err
	}
	with := &kit.Together[*Unreachable]{}
	for _, u := range page.Nodes() {
		u.with, with.Items = with, append(with.Items, u)
	}
	return page, nil
}

// Entity returns the member or country, nil if the caller may not see it. One call reads those of a page.
func (u *Unreachable) Entity(ctx context.Context) (membership.Entity, error) {
	return kit.Neighbour(ctx, u.with, "entity", u, func(ctx context.Context, all []*Unreachable) ([]membership.Entity, error) {
		return u.from.members.Entities(store.Looking(ctx), kit.Map(all, func(u *Unreachable) kit.ID { return u.EntityID }))
	})
}

// NamesOf returns the names of members and countries as values of letters, in their order; see Named.
func (s *MandateService) NamesOf(ctx context.Context, entities []kit.ID) ([]any, error) {
	return s.names(ctx, entities)
}

// StillFor says whether a person acts for a member or country on a day, by the mandates that its record repeats.
func (p *Person) StillFor(entity kit.ID, day kit.Date) bool {
	return slices.ContainsFunc(p.acting(day), func(a kit.Acting) bool { return a.Entity == entity })
}
