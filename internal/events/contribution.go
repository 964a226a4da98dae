package events

import (
	"context"
	"errors"

	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

const contributionPrefix = "ctr"

// ContributionStatus says how far a contribution is from proposal to publication.
type ContributionStatus string

// The statuses of a contribution; contributionMoves says which may follow which.
const (
	ContributionSubmitted ContributionStatus = "SUBMITTED"
	ContributionReturned  ContributionStatus = "RETURNED"
	ContributionAccepted  ContributionStatus = "ACCEPTED"
	ContributionPublished ContributionStatus = "PUBLISHED"
	ContributionWithdrawn ContributionStatus = "WITHDRAWN"
)

// ContributionStatuses are all values of ContributionStatus.
var ContributionStatuses = []ContributionStatus{ContributionSubmitted, ContributionReturned, ContributionAccepted, ContributionPublished, ContributionWithdrawn}

// Valid returns an error for a value that is not in ContributionStatuses.
func (v ContributionStatus) Valid() error {
	return kit.CheckOneOf(v, ContributionStatuses, "contribution status")
}

// ContributionChange records a change of a contribution's status.
type ContributionChange struct {
	Status ContributionStatus `bson:"status"`
	At     kit.DateTime       `bson:"at"`
	Reason *string            `bson:"reason,omitempty"`
}

// Contribution is what a member or State proposes: a document to an event, for its guidelines or for a Question, or a
// topic to a series, such as that of the next tech talk, while there is no event for it yet.
type Contribution struct {
	ID      kit.ID `bson:"_id"`
	Version int64  `bson:"version"`
	// EventID is the event that it belongs to; nil while no event has taken up what was proposed to a series.
	EventID *kit.ID `bson:"event,omitempty"`
	// SeriesID is the series to which it was proposed; nil if it was proposed to an event. It stays when an event takes the
	// topic up.
	SeriesID *kit.ID `bson:"series,omitempty"`
	EntityID kit.ID  `bson:"entity"`
	Title    string  `bson:"title"`
	Abstract string  `bson:"abstract"`
	// StoredURL is the link; empty for a file, and for a topic without a document. The file of a published contribution is
	// the event's.
	StoredURL string      `bson:"url"`
	File      *files.File `bson:"file,omitempty"`
	Language  kit.Locale  `bson:"language"`
	// Topic is the code of a topic of the event's call; nil if the call has none.
	Topic       *string              `bson:"topic,omitempty"`
	Status      ContributionStatus   `bson:"status"`
	SubmittedAt kit.DateTime         `bson:"submittedAt"`
	Changes     []ContributionChange `bson:"changes" most:"100"`
	Dataset     kit.Dataset          `bson:"dataset"`

	with *kit.Together[*Contribution]
}

// ContributionNoun is how contributions are stored.
var ContributionNoun = store.Declare(store.Noun[Contribution]{
	Name:     "contributions",
	Identity: func(c *Contribution) (string, *int64) { return string(c.ID), &c.Version },
	Keys: []store.Key[Contribution]{
		store.One("event", func(c *Contribution, _ string) string { return kit.Deref(c.EventID) }),
		store.One("series", func(c *Contribution, _ string) string { return kit.Deref(c.SeriesID) }),
		store.One("entity", func(c *Contribution, _ string) string { return string(c.EntityID) }),
		store.OneOf("status", ContributionStatuses, func(c *Contribution, _ string) ContributionStatus { return c.Status }),
		store.One("submittedAt", func(c *Contribution, _ string) string { return string(c.SubmittedAt) }),
	},
	Listings: []store.Listing{
		{Equal: []string{"status"}, Sort: "submittedAt"},
		{Equal: []string{"event", "status"}, Sort: "submittedAt"},
		{Equal: []string{"entity", "status"}, Sort: "submittedAt"},
		{Equal: []string{"event", "entity", "status"}, Sort: "submittedAt"},
		{Equal: []string{"series", "status"}, Sort: "submittedAt"},
		{Equal: []string{"series", "entity", "status"}, Sort: "submittedAt"},
	},
})

// IsNode marks a type that node and nodes can answer.
func (c *Contribution) IsNode() {}

// Valid refuses a contribution to nothing.
func (c *Contribution) Valid() error {
	if c.EventID == nil && c.SeriesID == nil {
		return errors.New("a contribution to no event and no series")
	}
	return nil
}

// URL returns where the contribution is: its link, or the path of its file behind the portal's address; nil for a topic
// without a document.
func (c *Contribution) URL() *string {
	switch {
	case c.File != nil:
		return new(c.File.URL())
	case c.StoredURL == "":
		return nil
	}
	return &c.StoredURL
}

// fileOwner says which files contributions name; whoever sees a contribution may read them.
func (s *ContributionService) fileOwner() files.Owner {
	of := func(c *Contribution) []*files.File {
		if c.File == nil || c.Status == ContributionPublished {
			return nil
		}
		return []*files.File{c.File}
	}
	return files.OwnerOf(files.OwnerNoun[Contribution]{
		Seen: s.ByIDs, Shows: func(_ context.Context, c *Contribution) ([]*files.File, error) { return of(c), nil },
		Stored: s.contributions.Many, Every: func(ctx context.Context, take func([]*Contribution) error) error {
			return kit.EachPage(ctx, s.contributions, store.Query{Any: []store.Where{{"status": kit.Strings(ContributionStatuses)}}, Sort: "submittedAt"}, kit.MaxPage, take)
		},
		Names: func(c *Contribution) (kit.ID, []*files.File) { return c.ID, of(c) },
	})
}

// ContributionConnection and ContributionEdge page through contributions.
type (
	ContributionConnection = kit.Connection[*Contribution]
	ContributionEdge       = kit.Edge[*Contribution]
)

// ContributionFilter narrows contributions. A nil field does not narrow.
type ContributionFilter struct {
	Event *kit.ID
	// Series selects what was proposed to a series, whether or not an event took it up. It does not combine with Event.
	Series   *kit.ID
	Entity   *kit.ID
	Statuses []ContributionStatus
}

// ContributionService takes contributions and decides about them. A member or State sees its own, SECRETARIAT sees
// all. Whoever sees the event sees published contributions, as documents of the event.
type ContributionService struct {
	core          *kit.Core
	contributions store.Collection[Contribution]
	events        *EventService
	series        *EventSeriesService
	files         *files.FileService
	registrations *RegistrationService
	members       *membership.MemberService
	mandates      *people.MandateService
	persons       *people.PersonService
	notifications *people.NotificationService
}

func (c *Contribution) may(a kit.Actor) bool {
	return a.Has(kit.EventsSecretariat) || a.ActsFor(c.EntityID)
}

// ByIDs reads contributions in the order of the ids, nil for contributions that the caller may not see.
func (s *ContributionService) ByIDs(ctx context.Context, ids []kit.ID) ([]*Contribution, error) {
	found, err := s.contributions.Many(ctx, kit.Strings(ids))
	for i, c := range found {
		if c != nil && !c.may(kit.ActorOf(ctx)) {
			found[i] = nil
		}
	}
	joinContributions(found)
	return found, err
}

func joinContributions(found []*Contribution) {
	with := &kit.Together[*Contribution]{}
	for _, c := range found {
		if c != nil {
			c.with, with.Items = with, append(with.Items, c)
		}
	}
}

func (s *ContributionService) nodes(ctx context.Context, ids []kit.ID) ([]kit.Node, error) {
	return kit.AsNodes(s.ByIDs(ctx, ids))
}

// List pages through contributions in the order in which they were submitted. SECRETARIAT reads all, others read
// those of their own member or State; another entity is FORBIDDEN. An event together with a series is BAD_USER_INPUT.
func (s *ContributionService) List(ctx context.Context, filter *ContributionFilter, args kit.PageArgs) (*ContributionConnection, error) {
	actor := kit.ActorOf(ctx)
	if err := actor.Require(kit.RoleDelegate, kit.RoleFocalPoint, kit.RoleAdministration, kit.EventsSecretariat); err != nil {
		return nil, err
	}
	var f ContributionFilter
	kit.Set(&f, filter)
	var entities []kit.ID // none for all
	if f.Entity != nil {
		entities = []kit.ID{*f.Entity}
	}
	if !actor.Has(kit.EventsSecretariat) {
		var err error
		if entities, err = actor.Among(f.Entity, actor.ActsFor); err != nil {
			return nil, err
		}
	}
	where := store.Where{}
	if f.Event != nil && f.Series != nil {
		return nil, kit.Refuse(kit.BadUserInput, "eventOrSeries", nil)
	}
	if f.Series != nil {
		where["series"] = []string{string(*f.Series)}
	}
	if f.Event != nil {
		where["event"] = []string{string(*f.Event)}
	}
	if entities != nil {
		where["entity"] = kit.Strings(entities)
	}
	if f.Statuses != nil {
		where["status"] = kit.Strings(f.Statuses)
	}
	found, err := kit.PageOf(ctx, s.core.Sealer, s.contributions, store.Query{Any: []store.Where{where}, Sort: "submittedAt"}, store.Bounds{}, false, args)
	if err != nil {
		return nil, err
	}
	joinContributions(found.Nodes())
	return found, nil
}

// EventOf is the event that a contribution belongs to; nil if there is none, or the caller may not see it. One call serves all contributions of a page.
func (s *ContributionService) EventOf(ctx context.Context, c *Contribution) (*Event, error) {
	return kit.Neighbour(ctx, c.with, "event", c, func(ctx context.Context, all []*Contribution) ([]*Event, error) {
		return s.events.ByIDs(ctx, kit.Map(all, func(c *Contribution) kit.ID { return kit.ID(kit.Deref(c.EventID)) }))
	})
}

// EntityOf is the member or State that proposes the contribution. One call serves all contributions of a page.
func (s *ContributionService) EntityOf(ctx context.Context, c *Contribution) (membership.Entity, error) {
	return kit.Neighbour(ctx, c.with, "entity", c, func(ctx context.Context, all []*Contribution) ([]membership.Entity, error) {
		return s.members.Entities(ctx, kit.Map(all, func(c *Contribution) kit.ID { return c.EntityID }))
	})
}

// ShownVersion is the version for SECRETARIAT and those who act for the member or State, nil for others.
func (c *Contribution) ShownVersion(ctx context.Context) *int64 {
	return kit.ShownVersion(&c.Version, c.may(kit.ActorOf(ctx)))
}
