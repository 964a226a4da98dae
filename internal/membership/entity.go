package membership

import (
	"context"

	"memberportal/internal/kit"
)

// Entity is what a person acts for: a member or a country.
type Entity interface{ IsEntity() }

// IsEntity marks Member as a type that persons act for.
func (m *Member) IsEntity() {}

// RespondentKind says as what an entity answers a consultation. For a member it is the category.
type RespondentKind string

// The values of RespondentKind.
const (
	RespondentMemberState  RespondentKind = "MEMBER_STATE"
	RespondentSectorMember RespondentKind = "SECTOR_MEMBER"
	RespondentAssociate    RespondentKind = "ASSOCIATE"
	RespondentAcademia     RespondentKind = "ACADEMIA"
)

// RespondentKinds lists every RespondentKind.
var RespondentKinds = []RespondentKind{RespondentMemberState, RespondentSectorMember, RespondentAssociate, RespondentAcademia}

// Valid returns an error for a value that is not in RespondentKinds.
func (v RespondentKind) Valid() error { return kit.CheckOneOf(v, RespondentKinds, "respondent kind") }

// Respondent returns the kind of a member on the day for which its membership was computed.
func (s Membership) Respondent() RespondentKind {
	switch s.Category {
	case Associate:
		return RespondentAssociate
	case Academia:
		return RespondentAcademia
	}
	return RespondentSectorMember
}

// RespondentKindOf returns the kind of an entity that a service loaded. The State of Palestine (Resolution 99)
// answers as a Member State does.
func RespondentKindOf(e Entity) RespondentKind {
	if m, ok := e.(*Member); ok {
		return m.view.Respondent()
	}
	return RespondentMemberState
}

// Entities reads members and countries in the order of ids, nil for those that the caller may not see. One call
// reads all members; countries need no call.
func (s *MemberService) Entities(ctx context.Context, ids []kit.ID) ([]Entity, error) {
	entities := make([]Entity, len(ids))
	var members []kit.ID
	var places []int
	for i, id := range ids {
		switch id.Prefix() {
		case MemberPrefix:
			members, places = append(members, id), append(places, i)
		case kit.CountryPrefix:
			if c := s.countries.Get(id); c != nil {
				entities[i] = c
			}
		}
	}
	found, err := s.ByIDs(ctx, members)
	if err != nil {
		return nil, err
	}
	for i, m := range found {
		if m != nil {
			entities[places[i]] = m
		}
	}
	return entities, nil
}

// everything sees every member with all that is recorded of it.
var everything = kit.Actor{Subject: "usr_portal", Roles: []kit.Role{kit.RoleSecretariat}}

// KnownEntities reads members and countries in the order of ids as the secretariat sees them, without checking the caller's
// rights: for messages and documents about them, which go to somebody who may know. It costs one store call.
func (s *MemberService) KnownEntities(ctx context.Context, ids []kit.ID) ([]Entity, error) {
	return s.Entities(kit.WithActor(ctx, everything), ids)
}

// Entity reads one member or country. It returns nil if there is none or the caller may not see it.
func (s *MemberService) Entity(ctx context.Context, id kit.ID) (Entity, error) {
	found, err := s.Entities(ctx, []kit.ID{id})
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// Insider reads a member whose internal data the caller may see: the member itself, its administration and
// SECRETARIAT. Others get FORBIDDEN, whether the member exists or not. SECRETARIAT gets nil if it does not exist.
func (s *MemberService) Insider(ctx context.Context, id kit.ID) (*Member, error) {
	actor := kit.ActorOf(ctx)
	if err := actor.Require(kit.RoleFocalPoint, kit.RoleDelegate, kit.RoleAdministration, kit.RoleSecretariat); err != nil {
		return nil, err
	}
	m, err := s.Get(ctx, id)
	if err != nil || actor.Has(kit.RoleSecretariat) {
		return m, err
	}
	if m == nil || !m.view.inside {
		return nil, kit.Refuse(kit.Forbidden, "forbidden", nil)
	}
	return m, nil
}
