package people

import (
	"context"

	"memberportal/internal/input"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

const invitationPrefix = "pin"

// PersonInvitationState says whether an invitation can still be accepted.
type PersonInvitationState string

// The values of PersonInvitationState.
const (
	// InvitationPrepared is one that waits for the membership to begin and was not sent.
	InvitationPrepared  PersonInvitationState = "PREPARED"
	InvitationOpen      PersonInvitationState = "OPEN"
	InvitationExpired   PersonInvitationState = "EXPIRED"
	InvitationAccepted  PersonInvitationState = "ACCEPTED"
	InvitationDeclined  PersonInvitationState = "DECLINED"
	InvitationWithdrawn PersonInvitationState = "WITHDRAWN"
)

// PersonInvitationStates lists every PersonInvitationState.
var PersonInvitationStates = []PersonInvitationState{
	InvitationPrepared, InvitationOpen, InvitationExpired, InvitationAccepted, InvitationDeclined, InvitationWithdrawn,
}

// Valid returns an error for a value that is not in PersonInvitationStates.
func (v PersonInvitationState) Valid() error {
	return kit.CheckOneOf(v, PersonInvitationStates, "invitation state")
}

// PersonInvitation invites somebody to a mandate that is proposed. Whoever has the code of its link can accept it.
// Those who speak for the entity and SECRETARIAT may see it.
type PersonInvitation struct {
	ID      kit.ID `bson:"_id"`
	Version int64  `bson:"version"`
	// MandateID is the proposed mandate. Entity, Role and From are the mandate's.
	MandateID kit.ID      `bson:"mandate"`
	Entity    kit.ID      `bson:"entity"`
	Role      MandateRole `bson:"role"`
	From      kit.Date    `bson:"from"`
	// Name and Email are as whoever invites wrote them. They are nil once the invitation is closed.
	Name   *string    `bson:"name,omitempty"`
	Email  *string    `bson:"email,omitempty"`
	Locale kit.Locale `bson:"locale"`
	// CodeHash is the hash of the code in the link; empty for one that was never sent or is closed.
	CodeHash  string       `bson:"codeHash"`
	InvitedBy kit.ID       `bson:"invitedBy"`
	InvitedAt kit.DateTime `bson:"invitedAt"`
	// Sent are the times of the machine at which links were sent, at least those of the last day. ExpiresAt is the time
	// of the machine until which the last link holds; nil before the first was sent.
	Sent      []kit.DateTime `bson:"sent,omitempty" most:"3"`
	ExpiresAt *kit.DateTime  `bson:"expiresAt,omitempty"`
	// Answer is ACCEPTED, DECLINED or WITHDRAWN. Answer and AnsweredAt are nil while the invitation is not closed.
	Answer     *PersonInvitationState `bson:"answer,omitempty"`
	AnsweredAt *kit.DateTime          `bson:"answeredAt,omitempty"`
	Dataset    kit.Dataset            `bson:"dataset"`

	now  kit.DateTime
	with *kit.Together[invites]
}

// invites are the ids of what an invitation refers to.
type invites struct{ id, entity, mandate kit.ID }

// PersonInvitationNoun says how invitations of persons are stored. Listings give those of an entity, those that
// somebody made, and those to an address, by the time at which they were made.
var PersonInvitationNoun = store.Declare(store.Noun[PersonInvitation]{
	Name:     "personInvitations",
	Identity: func(i *PersonInvitation) (string, *int64) { return string(i.ID), &i.Version },
	Keys: []store.Key[PersonInvitation]{
		store.One("entity", func(i *PersonInvitation, _ string) string { return string(i.Entity) }),
		store.OneOf("closed", []string{"NO", "YES"}, func(i *PersonInvitation, _ string) string {
			if i.Answer == nil {
				return "NO"
			}
			return "YES"
		}),
		store.One("inviter", func(i *PersonInvitation, _ string) string { return string(i.InvitedBy) }),
		store.One("address", func(i *PersonInvitation, _ string) string {
			if i.Email == nil {
				return ""
			}
			return input.AddressKey(*i.Email)
		}),
		store.One("invitedAt", func(i *PersonInvitation, _ string) string { return string(i.InvitedAt) }),
		store.One("lastSent", func(i *PersonInvitation, _ string) string {
			if len(i.Sent) == 0 {
				return ""
			}
			return string(i.Sent[len(i.Sent)-1])
		}),
		store.Unique("code", func(i *PersonInvitation) string { return i.CodeHash }),
	},
	Listings: []store.Listing{
		{},
		{Equal: []string{"entity", "closed"}, Sort: "invitedAt"},
		{Equal: []string{"inviter"}, Sort: "lastSent"},
		{Equal: []string{"address"}, Sort: "invitedAt"},
	},
})

// IsNode marks PersonInvitation as a type that the queries node and nodes can return.
func (i *PersonInvitation) IsNode() {}

// State returns the state at the time at which the service loaded the invitation. One whose address was erased has
// expired.
func (i *PersonInvitation) State() PersonInvitationState {
	switch {
	case i.Answer != nil:
		return *i.Answer
	case i.ExpiresAt == nil:
		return InvitationPrepared
	case *i.ExpiresAt <= i.now || i.Email == nil:
		return InvitationExpired
	}
	return InvitationOpen
}

// SentAt returns when the last link was sent; nil if none was.
func (i *PersonInvitation) SentAt() *kit.DateTime {
	if len(i.Sent) == 0 {
		return nil
	}
	return &i.Sent[len(i.Sent)-1]
}

// ShownVersion returns the version to those who may change the invitation, and nil to others.
func (i *PersonInvitation) ShownVersion(ctx context.Context) *int64 {
	return kit.ShownVersion(&i.Version, i.keptBy(kit.ActorOf(ctx)))
}

// keptBy says whether somebody may see the invitation and change it.
func (i *PersonInvitation) keptBy(a kit.Actor) bool {
	return a.Has(kit.MembershipSecretariat) || a.SpeaksFor(i.Entity)
}

// PersonInvitationConnection is one page of invitations. PersonInvitationEdge is one of them with its cursor.
type (
	PersonInvitationConnection = kit.Connection[*PersonInvitation]
	PersonInvitationEdge       = kit.Edge[*PersonInvitation]
)

// PersonInvitationService invites persons to mandates.
type PersonInvitationService struct {
	core        *kit.Core
	invitations store.Collection[PersonInvitation]
	persons     *PersonService
	mandates    *MandateService
	members     *membership.MemberService
	sessions    *SessionService
}

// ByIDs reads records in the order of ids. An entry is nil if there is no such record or the caller may not see it.
func (s *PersonInvitationService) ByIDs(ctx context.Context, ids []kit.ID) ([]*PersonInvitation, error) {
	found, err := s.invitations.Many(ctx, kit.Strings(ids))
	if err != nil {
		return nil, err
	}
	actor, with := kit.ActorOf(ctx), &kit.Together[invites]{}
	for n, i := range found {
		if i == nil || !i.keptBy(actor) {
			found[n] = nil
			continue
		}
		s.show(i, with)
	}
	return found, nil
}

// show sets the time for which an invitation answers, and puts it in the group whose related records are read
// together.
func (s *PersonInvitationService) show(i *PersonInvitation, with *kit.Together[invites]) {
	i.now = kit.DateTimeOf(s.core.Wall())
	i.with, with.Items = with, append(with.Items, i.refers())
}

func (i *PersonInvitation) refers() invites { return invites{i.ID, i.Entity, i.MandateID} }

func (s *PersonInvitationService) nodes(ctx context.Context, ids []kit.ID) ([]kit.Node, error) {
	return kit.AsNodes(s.ByIDs(ctx, ids))
}

// List pages through the invitations to act for a member or country, the latest first. Without closed it takes all;
// otherwise only those that are closed, or only the others. Only those who speak for the entity and SECRETARIAT may list
// them. Others get FORBIDDEN, whether the entity exists or not.
func (s *PersonInvitationService) List(ctx context.Context, entity kit.ID, closed *bool, args kit.PageArgs) (*PersonInvitationConnection, error) {
	if err := kit.Require(ctx, kit.RoleFocalPoint, kit.RoleAdministration, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	if actor := kit.ActorOf(ctx); !actor.SpeaksFor(entity) && !actor.Has(kit.MembershipSecretariat) {
		return nil, kit.Refuse(kit.Forbidden, "forbidden", nil)
	}
	where := store.Where{"entity": {string(entity)}}
	if closed != nil {
		where["closed"] = []string{map[bool]string{false: "NO", true: "YES"}[*closed]}
	}
	found, err := kit.PageOf(ctx, s.core.Sealer, s.invitations, store.Query{Any: []store.Where{where}, Sort: "invitedAt"}, store.Bounds{}, true, args)
	if err != nil {
		return nil, err
	}
	with := &kit.Together[invites]{}
	for _, i := range found.Nodes() {
		s.show(i, with)
	}
	return found, nil
}

// Of returns the invitation by which a mandate was proposed; nil if there is none or the caller may not see it. One
// call reads those of all mandates of a page.
func (s *PersonInvitationService) Of(ctx context.Context, m *Mandate) (*PersonInvitation, error) {
	return kit.Neighbour(ctx, m.with, "invitation", m.ends(), func(ctx context.Context, all []ends) ([]*PersonInvitation, error) {
		return s.ByIDs(ctx, kit.Map(all, func(e ends) kit.ID { return e.invitation }))
	})
}

// EntityOf returns the member or country of an invitation, nil if the caller may not see it. One call reads those of all
// invitations of a page.
func (s *PersonInvitationService) EntityOf(ctx context.Context, i *PersonInvitation) (membership.Entity, error) {
	return kit.Neighbour(ctx, i.with, "entity", i.refers(), func(ctx context.Context, all []invites) ([]membership.Entity, error) {
		return s.members.Entities(ctx, kit.Map(all, func(r invites) kit.ID { return r.entity }))
	})
}

// MandateOf returns the mandate of an invitation, nil if the caller may not see it. One call reads those of all
// invitations of a page.
func (s *PersonInvitationService) MandateOf(ctx context.Context, i *PersonInvitation) (*Mandate, error) {
	return kit.Neighbour(ctx, i.with, "mandate", i.refers(), func(ctx context.Context, all []invites) ([]*Mandate, error) {
		return s.mandates.ByIDs(ctx, kit.Map(all, func(r invites) kit.ID { return r.mandate }))
	})
}
