package events

import (
	"context"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

const invitationPrefix = "inv"

// EventInvitation invites an organisation that is not a member to one event, as a guest or observer. Its code works
// once; only a hash of the code is kept.
type EventInvitation struct {
	ID      kit.ID `bson:"_id"`
	Version int64  `bson:"version"`
	EventID kit.ID `bson:"event"`
	// Organisation and CountryID say who is invited. MemberID is set when an organisation with the same name and
	// country becomes a member.
	Organisation string  `bson:"organisation"`
	CountryID    *kit.ID `bson:"country,omitempty"`
	// Email is the address to which the code was mailed, and Locale the language; both are nil if it was not, and once the
	// guest answered or the invitation was taken back.
	Email     *string      `bson:"email,omitempty"`
	Locale    *kit.Locale  `bson:"locale,omitempty"`
	CodeHash  string       `bson:"codeHash"`
	ExpiresOn kit.Date     `bson:"expiresOn"`
	InvitedAt kit.DateTime `bson:"invitedAt"`
	// AcceptedAt is when the code was used. RevokedAt is when the invitation was taken back.
	AcceptedAt *kit.DateTime `bson:"acceptedAt,omitempty"`
	RevokedAt  *kit.DateTime `bson:"revokedAt,omitempty"`
	MemberID   *kit.ID       `bson:"member,omitempty"`
	Dataset    kit.Dataset   `bson:"dataset"`

	with *kit.Together[*EventInvitation]
}

// InvitationNoun is how invitations are stored.
var InvitationNoun = store.Declare(store.Noun[EventInvitation]{
	Name:     "invitations",
	Identity: func(i *EventInvitation) (string, *int64) { return string(i.ID), &i.Version },
	Keys: []store.Key[EventInvitation]{
		store.One("event", func(i *EventInvitation, _ string) string { return string(i.EventID) }),
		store.OneOf("outcome", []string{"GUEST", "MEMBER"}, func(i *EventInvitation, _ string) string {
			if i.MemberID != nil {
				return "MEMBER"
			}
			return "GUEST"
		}),
		store.One("identity", func(i *EventInvitation, _ string) string {
			return membership.Identity(i.Organisation, kit.Deref(i.CountryID))
		}),
		store.One("invitedAt", func(i *EventInvitation, _ string) string { return string(i.InvitedAt) }),
		store.Unique("code", func(i *EventInvitation) string { return i.CodeHash }),
	},
	Listings: []store.Listing{
		{Equal: []string{"outcome"}, Sort: "invitedAt"},
		{Equal: []string{"event", "outcome"}, Sort: "invitedAt"},
		{Equal: []string{"identity"}, Sort: "invitedAt"},
	},
})

// IsNode marks a type that node and nodes can answer.
func (i *EventInvitation) IsNode() {}

// EventInvitationConnection and EventInvitationEdge page through invitations.
type (
	EventInvitationConnection = kit.Connection[*EventInvitation]
	EventInvitationEdge       = kit.Edge[*EventInvitation]
)

// EventInvitationFilter narrows invitations. A nil field does not narrow.
type EventInvitationFilter struct {
	Event *kit.ID
	// BecameMember selects the invitations whose organisation became a member, or if false the others.
	BecameMember *bool
}

// GuestService invites guests. SECRETARIAT only, except for Accept, which the guest calls with the code.
type GuestService struct {
	core          *kit.Core
	countries     *country.CountryService
	invitations   store.Collection[EventInvitation]
	registrations *RegistrationService
}

// ByIDs reads invitations in the order of the ids for SECRETARIAT; for everybody else all are nil.
func (s *GuestService) ByIDs(ctx context.Context, ids []kit.ID) ([]*EventInvitation, error) {
	if !kit.ActorOf(ctx).Has(kit.EventsSecretariat) {
		return make([]*EventInvitation, len(ids)), nil
	}
	return s.invitations.Many(ctx, kit.Strings(ids))
}

func (s *GuestService) nodes(ctx context.Context, ids []kit.ID) ([]kit.Node, error) {
	return kit.AsNodes(s.ByIDs(ctx, ids))
}

// List pages through invitations, latest first. SECRETARIAT only.
func (s *GuestService) List(ctx context.Context, filter *EventInvitationFilter, args kit.PageArgs) (*EventInvitationConnection, error) {
	if err := kit.Require(ctx, kit.EventsSecretariat); err != nil {
		return nil, err
	}
	where := store.Where{}
	if filter != nil && filter.Event != nil {
		where["event"] = []string{string(*filter.Event)}
	}
	if filter != nil && filter.BecameMember != nil {
		where["outcome"] = []string{map[bool]string{true: "MEMBER", false: "GUEST"}[*filter.BecameMember]}
	}
	found, err := kit.PageOf(ctx, s.core.Sealer, s.invitations, store.Query{Any: []store.Where{where}, Sort: "invitedAt"}, store.Bounds{}, true, args)
	if err != nil {
		return nil, err
	}
	with := &kit.Together[*EventInvitation]{Items: found.Nodes()}
	for _, i := range with.Items {
		i.with = with
	}
	return found, nil
}

// EventOf is an invitation's event. One call serves all invitations of a page.
func (s *GuestService) EventOf(ctx context.Context, i *EventInvitation) (*Event, error) {
	return kit.Neighbour(ctx, i.with, "event", i, func(ctx context.Context, all []*EventInvitation) ([]*Event, error) {
		return s.registrations.events.ByIDs(ctx, kit.Map(all, func(i *EventInvitation) kit.ID { return i.EventID }))
	})
}

// MemberOf is the member that the invited organisation became, nil if it did not. One call serves all invitations
// of a page.
func (s *GuestService) MemberOf(ctx context.Context, i *EventInvitation) (*membership.Member, error) {
	return kit.Neighbour(ctx, i.with, "member", i, func(ctx context.Context, all []*EventInvitation) ([]*membership.Member, error) {
		return s.registrations.members.ByIDs(ctx, kit.Map(all, func(i *EventInvitation) kit.ID { return kit.ID(kit.Deref(i.MemberID)) }))
	})
}

// CountryOf is the country of the invited organisation, nil if none was named.
func (s *GuestService) CountryOf(i *EventInvitation) *country.Country {
	return s.countries.Get(kit.ID(kit.Deref(i.CountryID)))
}

// ShownVersion is the version for SECRETARIAT, nil for others.
func (i *EventInvitation) ShownVersion(ctx context.Context) *int64 {
	return kit.KeptBySecretariat(ctx, &i.Version)
}
