package portal

import (
	"context"

	"memberportal/internal/store"
)

const contributionPrefix = "ctr"

// ContributionStatus is where a contribution stands.
type ContributionStatus string

// The statuses.
const (
	ContributionSubmitted ContributionStatus = "SUBMITTED"
	ContributionReturned  ContributionStatus = "RETURNED"
	ContributionAccepted  ContributionStatus = "ACCEPTED"
	ContributionPublished ContributionStatus = "PUBLISHED"
	ContributionWithdrawn ContributionStatus = "WITHDRAWN"
)

// ContributionStatuses are all of them.
var ContributionStatuses = []ContributionStatus{ContributionSubmitted, ContributionReturned, ContributionAccepted, ContributionPublished, ContributionWithdrawn}

// Valid refuses what is none of ContributionStatuses.
func (v ContributionStatus) Valid() error {
	return within(v, ContributionStatuses, "contribution status")
}

// ContributionChange records a change of a contribution's status.
type ContributionChange struct {
	Status ContributionStatus `bson:"status"`
	At     DateTime           `bson:"at"`
	Reason *string            `bson:"reason,omitempty"`
}

// Contribution is what a member or State proposes to an event: to its guidelines, to a Question, or as
// the topic of a tech talk.
type Contribution struct {
	ID       ID     `bson:"_id"`
	Version  int64  `bson:"version"`
	EventID  ID     `bson:"event"`
	EntityID ID     `bson:"entity"`
	Title    string `bson:"title"`
	Abstract string `bson:"abstract"`
	URL      string `bson:"url"`
	Language Locale `bson:"language"`
	// Topic is the code of a topic of the event's call; nil if the call has none.
	Topic       *string              `bson:"topic,omitempty"`
	Status      ContributionStatus   `bson:"status"`
	SubmittedAt DateTime             `bson:"submittedAt"`
	Changes     []ContributionChange `bson:"changes" most:"100"`
	Dataset     Dataset              `bson:"dataset"`

	with *together[*Contribution]
}

// ContributionNoun is how contributions are stored.
var ContributionNoun = store.Declare(store.Noun[Contribution]{
	Name:     "contributions",
	Identity: func(c *Contribution) (string, *int64) { return string(c.ID), &c.Version },
	Keys: []store.Key[Contribution]{
		store.One("event", func(c *Contribution, _ string) string { return string(c.EventID) }),
		store.One("entity", func(c *Contribution, _ string) string { return string(c.EntityID) }),
		store.OneOf("status", ContributionStatuses, func(c *Contribution, _ string) ContributionStatus { return c.Status }),
		store.One("submittedAt", func(c *Contribution, _ string) string { return string(c.SubmittedAt) }),
	},
	Listings: []store.Listing{
		{Equal: []string{"status"}, Sort: "submittedAt"},
		{Equal: []string{"event", "status"}, Sort: "submittedAt"},
		{Equal: []string{"entity", "status"}, Sort: "submittedAt"},
		{Equal: []string{"event", "entity", "status"}, Sort: "submittedAt"},
	},
})

// IsNode marks a type that node and nodes can answer.
func (c *Contribution) IsNode() {}

// ContributionConnection and ContributionEdge page through contributions.
type (
	ContributionConnection = Connection[*Contribution]
	ContributionEdge       = Edge[*Contribution]
)

// ContributionFilter narrows contributions; a field left out does not narrow.
type ContributionFilter struct {
	Event    *ID
	Entity   *ID
	Statuses []ContributionStatus
}

// ContributionService takes contributions and decides about them. A member or State sees its own,
// SECRETARIAT all; what is published everybody who sees the event, as one of its documents.
type ContributionService struct {
	core          *core
	contributions store.Collection[Contribution]
	events        *EventService
	registrations *RegistrationService
	members       *MemberService
}

func (c *Contribution) may(a Actor) bool { return a.Has(RoleSecretariat) || a.actsFor(c.EntityID) }

// ByIDs reads contributions that the caller may see, in the ids' order, nil for the others.
func (s *ContributionService) ByIDs(ctx context.Context, ids []ID) ([]*Contribution, error) {
	found, err := s.contributions.Many(ctx, texts(ids))
	for i, c := range found {
		if c != nil && !c.may(ActorOf(ctx)) {
			found[i] = nil
		}
	}
	joinContributions(found)
	return found, err
}

func joinContributions(found []*Contribution) {
	with := &together[*Contribution]{}
	for _, c := range found {
		if c != nil {
			c.with, with.items = with, append(with.items, c)
		}
	}
}

func (s *ContributionService) nodes(ctx context.Context, ids []ID) ([]Node, error) {
	return asNodes(s.ByIDs(ctx, ids))
}

// List pages through contributions in the order in which they were submitted: those of the caller's own
// member or State, for SECRETARIAT all.
func (s *ContributionService) List(ctx context.Context, filter *ContributionFilter, args PageArgs) (*ContributionConnection, error) {
	actor := ActorOf(ctx)
	if err := actor.require(RoleDelegate, RoleFocalPoint, RoleAdministration, RoleSecretariat); err != nil {
		return nil, err
	}
	var f ContributionFilter
	set(&f, filter)
	if !actor.Has(RoleSecretariat) {
		own := actor.entity()
		set(&own, f.Entity)
		if f.Entity = &own; !actor.actsFor(own) {
			return nil, refuse(Forbidden, "forbidden", nil)
		}
	}
	where := store.Where{}
	if f.Event != nil {
		where["event"] = []string{string(*f.Event)}
	}
	if f.Entity != nil {
		where["entity"] = []string{string(*f.Entity)}
	}
	if f.Statuses != nil {
		where["status"] = texts(f.Statuses)
	}
	found, err := pageOf(ctx, s.core.sealer, s.contributions, store.Query{Any: []store.Where{where}, Sort: "submittedAt"}, store.Bounds{}, false, args)
	if err != nil {
		return nil, err
	}
	joinContributions(found.Nodes())
	return found, nil
}

// EventOf is the event that a contribution is for. Those of all of a page cost one call.
func (s *ContributionService) EventOf(ctx context.Context, c *Contribution) (*Event, error) {
	return neighbour(ctx, c.with, "event", c, func(ctx context.Context, all []*Contribution) ([]*Event, error) {
		return s.events.ByIDs(ctx, each(all, func(c *Contribution) ID { return c.EventID }))
	})
}

// EntityOf is who proposes it. Those of all of a page cost one call.
func (s *ContributionService) EntityOf(ctx context.Context, c *Contribution) (Entity, error) {
	return neighbour(ctx, c.with, "entity", c, func(ctx context.Context, all []*Contribution) ([]Entity, error) {
		return s.members.entities(ctx, each(all, func(c *Contribution) ID { return c.EntityID }))
	})
}

// ShownVersion is the version for SECRETARIAT and those who act for the member or State, nil for others.
func (c *Contribution) ShownVersion(ctx context.Context) *int64 {
	return shownVersion(&c.Version, c.may(ActorOf(ctx)))
}
