package consultations

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"memberportal/internal/country"
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

// ReplyState says whether an entity has replied, and whether in time.
type ReplyState string

// The states of an entity's official reply.
const (
	NoReply     ReplyState = "NONE"
	ReplyInTime ReplyState = "IN_TIME"
	ReplyLate   ReplyState = "LATE"
)

// ReplyStates are all values of ReplyState.
var ReplyStates = []ReplyState{NoReply, ReplyInTime, ReplyLate}

// Valid returns an error for a value that is not in ReplyStates.
func (v ReplyState) Valid() error { return kit.CheckOneOf(v, ReplyStates, "reply state") }

// Participation records that a member or State is consulted. All participations of a consultation are made when it
// opens and are its frozen audience. Each names the entity's one official reply, so two official replies conflict
// on every store.
type Participation struct {
	ID             kit.ID `bson:"_id"`
	Version        int64  `bson:"version"`
	ConsultationID kit.ID `bson:"consultation"`
	// Group is the group of the consultation, whose reviewers may read the participation.
	Group    string                    `bson:"group"`
	EntityID kit.ID                    `bson:"entity"`
	Name     string                    `bson:"name"`
	Kind     membership.RespondentKind `bson:"kind"`
	Region   country.Region            `bson:"region"`
	Reply    ReplyState                `bson:"reply"`
	// RepliedAt is when the entity replied, nil if it has not.
	RepliedAt *kit.DateTime `bson:"repliedAt,omitempty"`
	// FeedbackID is the official reply, which may have been withdrawn.
	FeedbackID *kit.ID `bson:"feedback,omitempty"`
	// Reminded is the last reminder that the entity got before the deadline, nil if it got none.
	Reminded *DeadlineReminder `bson:"reminded,omitempty"`
	OpenedAt kit.DateTime      `bson:"openedAt"`
	Dataset  kit.Dataset       `bson:"dataset"`

	with *kit.Together[*Participation]
}

// ParticipationNoun is how participations are stored and listed: by consultation in the order of names, by entity
// in the order of opening. They are also counted.
var ParticipationNoun = store.Declare(store.Noun[Participation]{
	Name:     "participations",
	Identity: func(p *Participation) (string, *int64) { return string(p.ID), &p.Version },
	Keys: []store.Key[Participation]{
		store.One("consultation", func(p *Participation, _ string) string { return string(p.ConsultationID) }),
		store.One("entity", func(p *Participation, _ string) string { return string(p.EntityID) }),
		store.OneOf("reply", ReplyStates, func(p *Participation, _ string) ReplyState { return p.Reply }),
		store.OneOf("kind", membership.RespondentKinds, func(p *Participation, _ string) membership.RespondentKind { return p.Kind }),
		store.OneOf("region", country.Regions, func(p *Participation, _ string) country.Region { return p.Region }),
		store.One("name", func(p *Participation, _ string) string { return kit.SortKey(kit.Fold(p.Name)) }),
		store.One("openedAt", func(p *Participation, _ string) string { return string(p.OpenedAt) }),
		store.One("tally", func(p *Participation, _ string) string {
			return strings.Join([]string{string(p.ConsultationID), string(p.Reply), string(p.Kind), string(p.Region)}, events.TallySeparator)
		}),
	},
	Listings: []store.Listing{
		{Equal: []string{"consultation", "reply"}, Sort: "name"},
		{Equal: []string{"consultation", "reply", "kind", "region"}, Sort: "name"},
		{Equal: []string{"entity"}, Sort: "openedAt"},
		{Equal: []string{"entity", "reply"}, Sort: "openedAt"},
		{Equal: []string{"consultation", "entity"}, Sort: "openedAt"},
		{Equal: []string{"tally"}},
	},
})

// IsNode marks a type that node and nodes can answer.
func (p *Participation) IsNode() {}

// derivedID is an id that is computed from its parts, so that the record is read without a query. Whoever knows the
// parts knows the id; so it is only for records that need a permission to read.
func derivedID(prefix string, parts ...string) kit.ID {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return kit.ID(prefix + "_" + base32.HexEncoding.EncodeToString(sum[:])[:26])
}

// ParticipationID is the id of an entity's participation in a consultation.
func ParticipationID(consultation, entity kit.ID) kit.ID {
	return derivedID(kit.ParticipationPrefix, string(consultation), string(entity))
}

// ParticipationService reads participations: for those who act for the entity, SECRETARIAT, and REVIEWER of the
// group.
type ParticipationService struct {
	core           *kit.Core
	countries      *country.CountryService
	participations store.Collection[Participation]
	consultations  *ConsultationService
	members        *membership.MemberService
	persons        *people.PersonService
	events         *events.EventService
	registrations  *events.RegistrationService
	mandates       *people.MandateService
}

func (p *Participation) seenBy(a kit.Actor) bool { return a.ActsFor(p.EntityID) || a.ReadsAll(p.Group) }

func (s *ParticipationService) show(ctx context.Context, found []*Participation) {
	actor, with := kit.ActorOf(ctx), &kit.Together[*Participation]{}
	for i, p := range found {
		if p == nil || !p.seenBy(actor) {
			found[i] = nil
			continue
		}
		p.with, with.Items = with, append(with.Items, p)
	}
}

// ByIDs reads participations in the order of the ids, nil for participations that the caller may not see.
func (s *ParticipationService) ByIDs(ctx context.Context, ids []kit.ID) ([]*Participation, error) {
	found, err := s.participations.Many(ctx, kit.Strings(ids))
	if err == nil {
		s.show(ctx, found)
	}
	return found, err
}

func (s *ParticipationService) nodes(ctx context.Context, ids []kit.ID) ([]kit.Node, error) {
	return kit.AsNodes(s.ByIDs(ctx, ids))
}

// freezePage is how many members are read in one call when a consultation opens.
const freezePage = 500

// freeze makes the participations of a consultation and returns who is consulted.
func (s *ParticipationService) freeze(ctx context.Context, c *Consultation) ([]kit.ID, error) {
	invited, err := s.invited(ctx, c)
	if err != nil {
		return nil, err
	}
	if len(invited) == 0 {
		f := kit.NewFaults(ctx)
		f.Add(kit.CodeRequired, "input.id", "required.audience", nil)
		return nil, f
	}
	return kit.Map(invited, (*Participation).entity), s.participations.Insert(ctx, invited...)
}

func (p *Participation) entity() kit.ID { return p.EntityID }

// addressed returns the entities that are consulted: of a draft those that would be if it were opened now.
func (s *ParticipationService) addressed(ctx context.Context, c *Consultation) (all []kit.ID, err error) {
	if c.StoredStatus == ConsultationDraft {
		invited, err := s.invited(ctx, c)
		return kit.Map(invited, (*Participation).entity), err
	}
	query := store.Query{Any: []store.Where{{"consultation": {string(c.ID)}}}, Sort: "name"}
	err = kit.EachPage(store.Looking(ctx), s.participations, query, freezePage, func(page []*Participation) error {
		all = append(all, kit.Map(page, (*Participation).entity)...)
		return nil
	})
	return all, err
}

// invited are the participations of those in the audience of a consultation today; they are not stored. Suspended
// members are consulted too, because they are still members, but they cannot reply while they are suspended.
func (s *ParticipationService) invited(ctx context.Context, c *Consultation) (invited []*Participation, err error) {
	var at kit.DateTime // that of a draft is empty
	if c.OpenedAt != nil {
		at = *c.OpenedAt
	}
	invite := func(entity kit.ID, name string, k membership.RespondentKind, r country.Region) {
		if c.Audience.includes(k, r) {
			invited = append(invited, &Participation{
				ID: ParticipationID(c.ID, entity), ConsultationID: c.ID, Group: c.Group, EntityID: entity, Name: name, Kind: k, Region: r, Reply: NoReply,
				OpenedAt: at, Dataset: c.Dataset,
			})
		}
	}
	for _, country := range s.countries.All {
		invite(country.ID, country.Name.Original().Text, membership.RespondentMemberState, country.Region(nil))
	}
	today := s.core.Clock.Today()
	// Members are selected by the clock's day, because the store's keys may still be those of another day.
	err = s.members.Records().Each(ctx, freezePage, func(found []*membership.Member) error {
		for _, m := range found {
			if is := m.On(today); is.Belongs() {
				invite(m.ID, m.DisplayName(), is.Respondent(), is.Region)
			}
		}
		return nil
	})
	return invited, err
}

// ParticipationConnection and ParticipationEdge page through participations.
type (
	ParticipationConnection = kit.Connection[*Participation]
	ParticipationEdge       = kit.Edge[*Participation]
)

// ParticipationFilter narrows participations. A nil field does not narrow.
type ParticipationFilter struct {
	Consultation *kit.ID
	Replies      []ReplyState
	Kinds        []membership.RespondentKind
	Regions      []country.Region
}

// List pages through participations. SECRETARIAT and REVIEWER of the group name a consultation; others get the
// participations of their own member or State.
func (s *ParticipationService) List(ctx context.Context, filter *ParticipationFilter, args kit.PageArgs) (*ParticipationConnection, error) {
	actor := kit.ActorOf(ctx)
	if err := actor.Require(kit.RoleDelegate, kit.RoleFocalPoint, kit.RoleAdministration, kit.RoleReviewer, kit.ConsultationsSecretariat); err != nil {
		return nil, err
	}
	var f ParticipationFilter
	kit.Set(&f, filter)
	where, sort := store.Where{}, "openedAt"
	if own := actor.Entities(); len(own) > 0 {
		where["entity"] = kit.Strings(own)
	}
	if f.Consultation != nil {
		c, err := s.consultations.Get(ctx, *f.Consultation)
		if err != nil {
			return nil, err
		}
		switch {
		case c == nil && where["entity"] == nil:
			return nil, kit.Refuse(kit.NotFound, "notFound", nil)
		case c != nil && actor.ReadsAll(c.Group):
			where, sort = store.Where{}, "name"
		}
		where["consultation"] = []string{string(*f.Consultation)}
	}
	for name, values := range map[string][]string{"reply": kit.Strings(f.Replies), "kind": kit.Strings(f.Kinds), "region": kit.Strings(f.Regions)} {
		if len(values) > 0 {
			where[name] = values
		}
	}
	switch {
	case f.Consultation == nil && where["entity"] == nil, sort == "openedAt" && (where["kind"] != nil || where["region"] != nil || where["reply"] != nil && f.Consultation != nil):
		return nil, kit.Refuse(kit.BadUserInput, "participationFilter", nil)
	case sort == "openedAt" && where["entity"] == nil:
		return nil, kit.Refuse(kit.Forbidden, "forbidden", nil)
	}
	found, err := kit.PageOf(ctx, s.core.Sealer, s.participations, store.Query{Any: []store.Where{where}, Sort: sort}, store.Bounds{}, sort == "openedAt", args)
	if err != nil {
		return nil, err
	}
	s.show(ctx, found.Nodes())
	return found, nil
}

// ConsultationOf is the consultation of a participation. One call serves all participations of a page.
func (s *ParticipationService) ConsultationOf(ctx context.Context, p *Participation) (*Consultation, error) {
	return kit.Neighbour(ctx, p.with, "consultation", p, func(ctx context.Context, all []*Participation) ([]*Consultation, error) {
		return s.consultations.ByIDs(ctx, kit.Map(all, func(p *Participation) kit.ID { return p.ConsultationID }))
	})
}

// EntityOf is the member or State that is consulted. One call serves all participations of a page.
func (s *ParticipationService) EntityOf(ctx context.Context, p *Participation) (membership.Entity, error) {
	return kit.Neighbour(ctx, p.with, "entity", p, func(ctx context.Context, all []*Participation) ([]membership.Entity, error) {
		return s.members.Entities(ctx, kit.Map(all, func(p *Participation) kit.ID { return p.EntityID }))
	})
}

// OwnIn is the participation of the caller's entity (see kit.Actor.Own), nil if there is none. One call serves all
// consultations of a page.
func (s *ParticipationService) OwnIn(ctx context.Context, c *Consultation, named *kit.ID) (*Participation, error) {
	entity := kit.ActorOf(ctx).Own(named)
	if entity == "" {
		return nil, nil
	}
	return kit.Neighbour(ctx, c.with, "participation "+string(entity), c, func(ctx context.Context, all []*Consultation) ([]*Participation, error) {
		return s.ByIDs(ctx, kit.Map(all, func(c *Consultation) kit.ID { return ParticipationID(c.ID, entity) }))
	})
}

// storedOne reads the participation of an entity in a consultation without a check of permissions;
// store.ErrNotFound if there is none.
func (s *ParticipationService) storedOne(ctx context.Context, consultation, entity kit.ID) (*Participation, error) {
	return s.participations.Get(ctx, string(ParticipationID(consultation, entity)))
}

// keep stores a participation.
func (s *ParticipationService) keep(ctx context.Context, p *Participation) error {
	return s.participations.Replace(ctx, p)
}

// consulted counts the entities that are consulted, without a check of permissions.
func (s *ParticipationService) consulted(ctx context.Context, consultation kit.ID) (int64, error) {
	return countOf(ctx, s.participations, store.Query{Any: []store.Where{{"consultation": {string(consultation)}}}, Sort: "name"})
}

// tally counts who is consulted and who replied, by the tokens of Participation.tally, without a check of
// permissions.
func (s *ParticipationService) tally(ctx context.Context, consultation kit.ID) (map[string]int64, error) {
	return s.participations.CountBy(ctx, "tally", string(consultation)+events.TallySeparator)
}

func countOf[T any](ctx context.Context, c store.Collection[T], q store.Query) (int64, error) {
	plan, err := c.Plan(q)
	if err != nil {
		return 0, err
	}
	return c.Count(ctx, plan, store.Bounds{})
}
