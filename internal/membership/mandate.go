package membership

import (
	"context"
	"slices"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

const mandatePrefix = "man"

// MandateRole is what a mandate lets a person do for a member or country.
type MandateRole string

// The roles of a mandate.
const (
	MandateFocalPoint MandateRole = "FOCAL_POINT"
	MandateDelegate   MandateRole = "DELEGATE"
)

// MandateRoles are both.
var MandateRoles = []MandateRole{MandateFocalPoint, MandateDelegate}

// Valid refuses what is none of MandateRoles.
func (v MandateRole) Valid() error { return kit.CheckOneOf(v, MandateRoles, "mandate role") }

// MandateState says whether a mandate holds on a day.
type MandateState string

// The states of a mandate.
const (
	MandateCurrent MandateState = "CURRENT"
	MandateComing  MandateState = "COMING"
	MandateEnded   MandateState = "ENDED"
)

// MandateStates are all of them.
var MandateStates = []MandateState{MandateCurrent, MandateComing, MandateEnded}

// Mandate joins a person to a member or country for which it acts. It is never deleted, so that who
// spoke for whom on a day can always be said.
type Mandate struct {
	ID      kit.ID `bson:"_id"`
	Version int64  `bson:"version"`
	// Entity is a member or a country (mem_…, cty_…).
	Entity kit.ID      `bson:"entity"`
	Person kit.ID      `bson:"person"`
	Role   MandateRole `bson:"role"`
	From   kit.Date    `bson:"from"`
	// Until is the first day on which the mandate no longer holds; nil while it is open.
	Until *kit.Date `bson:"until,omitempty"`
	// Reason says why it ends.
	Reason *string `bson:"reason,omitempty"`
	// HandOver is what its person or the secretariat proposed and the successor has not answered; nil if
	// nothing is open.
	HandOver *HandOver `bson:"handOver,omitempty"`
	// HandedOverTo is the successor's new mandate, TakenOverFrom the one that this one came from.
	HandedOverTo  *kit.ID        `bson:"handedOverTo,omitempty"`
	TakenOverFrom *kit.ID        `bson:"takenOverFrom,omitempty"`
	History       []MandateEvent `bson:"history,omitempty" most:"110"`

	RecordedAt kit.DateTime `bson:"recordedAt"`
	RecordedBy kit.ID       `bson:"recordedBy"`
	Dataset    kit.Dataset  `bson:"dataset"`

	today kit.Date
	with  *kit.Together[ends]
}

// ends are what a mandate joins, and the mandates beside it. Neighbours are told apart by them and not
// by the mandate's address, because a list that is no connection is answered from copies.
type ends struct{ id, entity, person, asked, to, from kit.ID }

func (m *Mandate) ends() ends {
	e := ends{id: m.ID, entity: m.Entity, person: m.Person}
	if m.HandOver != nil {
		e.asked = m.HandOver.To
	}
	kit.Set(&e.to, m.HandedOverTo)
	kit.Set(&e.from, m.TakenOverFrom)
	return e
}

// MandateNoun is how mandates are stored: those of an entity, those of a person, and those of a
// person for an entity, by the day from which they hold; and all of them, for whoever copies or checks
// the store.
var MandateNoun = store.Declare(store.Noun[Mandate]{
	Name:     "mandates",
	Identity: func(m *Mandate) (string, *int64) { return string(m.ID), &m.Version },
	Dated:    true,
	Keys: []store.Key[Mandate]{
		store.One("entity", func(m *Mandate, _ string) string { return string(m.Entity) }),
		store.One("person", func(m *Mandate, _ string) string { return string(m.Person) }),
		store.OneOf("role", MandateRoles, func(m *Mandate, _ string) MandateRole { return m.Role }),
		store.OneOf("state", MandateStates, func(m *Mandate, day string) MandateState { return m.on(kit.Date(day)) }),
		store.One("from", func(m *Mandate, _ string) string { return string(m.From) }),
	},
	Listings: []store.Listing{
		{},
		{Equal: []string{"entity", "role", "state"}, Sort: "from"},
		{Equal: []string{"person", "state"}, Sort: "from"},
		{Equal: []string{"person", "entity"}, Sort: "from"},
	},
})

// IsNode marks a type that node and nodes can answer.
func (m *Mandate) IsNode() {}

// State is where the mandate stands on the day for which the service loaded it.
func (m *Mandate) State() MandateState { return m.on(m.today) }

// on is the state on a day. A mandate that ends on its first day never holds, and so has ended
// however far ahead that day is.
func (m *Mandate) on(day kit.Date) MandateState {
	switch {
	case m.Until != nil && (*m.Until <= day || *m.Until <= m.From):
		return MandateEnded
	case m.From > day:
		return MandateComing
	}
	return MandateCurrent
}

// MandateConnection and MandateEdge page through mandates.
type (
	MandateConnection = kit.Connection[*Mandate]
	MandateEdge       = kit.Edge[*Mandate]
)

// MandateService answers for mandates and changes them. Those of an entity are for whoever acts for
// it and for SECRETARIAT; a person sees its own.
type MandateService struct {
	core     *kit.Core
	mandates store.Collection[Mandate]
	persons  *PersonService
	members  *MemberService
}

// show sets a mandate's day and says whether the caller may see it.
func (s *MandateService) show(ctx context.Context, m *Mandate) bool {
	m.today = s.core.Clock.Today()
	if m.HandOver != nil {
		m.HandOver.of = m
	}
	actor := kit.ActorOf(ctx)
	return !actor.Anonymous() && actor.Subject == m.Person || actor.Has(kit.RoleSecretariat) || actor.ActsFor(m.Entity)
}

// ByIDs reads mandates that the caller may see, in the ids' order, nil for the others.
func (s *MandateService) ByIDs(ctx context.Context, ids []kit.ID) ([]*Mandate, error) {
	found, err := s.mandates.Many(ctx, kit.Strings(ids))
	if err != nil {
		return nil, err
	}
	with := &kit.Together[ends]{}
	for i, m := range found {
		if m == nil || !s.show(ctx, m) {
			found[i] = nil
			continue
		}
		m.join(with)
	}
	return found, nil
}

// Get reads one mandate, nil if there is none that the caller may see.
func (s *MandateService) Get(ctx context.Context, id kit.ID) (*Mandate, error) {
	return kit.One(ctx, s.ByIDs, id)
}

func (s *MandateService) nodes(ctx context.Context, ids []kit.ID) ([]kit.Node, error) {
	return kit.AsNodes(s.ByIDs(ctx, ids))
}

// List pages through the mandates of a member or country by the day from which they hold; those in
// all states if none is named, none for an empty list. Whoever does not act for the entity and is not
// SECRETARIAT gets FORBIDDEN, whether there is such an entity or not.
func (s *MandateService) List(ctx context.Context, entity kit.ID, states []MandateState, args kit.PageArgs) (*MandateConnection, error) {
	if err := kit.Require(ctx, kit.RoleFocalPoint, kit.RoleDelegate, kit.RoleAdministration, kit.RoleSecretariat); err != nil {
		return nil, err
	}
	if actor := kit.ActorOf(ctx); !actor.ActsFor(entity) && !actor.Has(kit.RoleSecretariat) {
		return nil, kit.Refuse(kit.Forbidden, "forbidden", nil)
	}
	where := store.Where{"entity": {string(entity)}}
	if states != nil {
		where["state"] = kit.Strings(states)
	}
	found, err := kit.PageOf(ctx, s.core.Sealer, s.mandates, store.Query{Any: []store.Where{where}, Sort: "from"}, store.Bounds{}, false, args)
	if err != nil {
		return nil, err
	}
	with := &kit.Together[ends]{}
	for _, m := range found.Nodes() {
		s.show(ctx, m)
		m.join(with)
	}
	return found, nil
}

// maxOwn is how many of a viewer's own mandates are answered.
const maxOwn = 100

// Own are the mandates of a viewer, the latest first; the older ones are left out if there are more
// than maxOwn.
func (s *MandateService) Own(ctx context.Context, v *kit.Viewer) ([]Mandate, error) {
	plan, err := s.mandates.Plan(store.Query{Any: []store.Where{{"person": {string(v.ID)}}}, Sort: "from"})
	if err != nil {
		return nil, err
	}
	page, err := s.mandates.Page(ctx, plan, store.Range{Limit: maxOwn, Backward: true})
	if err != nil {
		return nil, err
	}
	own, with := make([]Mandate, len(page.Docs)), &kit.Together[ends]{}
	for i, m := range page.Docs {
		s.show(ctx, m)
		m.join(with)
		own[i] = *m
	}
	return own, nil
}

// join makes a mandate one of those whose neighbours are read together.
func (m *Mandate) join(with *kit.Together[ends]) {
	m.with, with.Items = with, append(with.Items, m.ends())
}

// PersonOf is the person of a mandate, nil if the caller may not see it. Those of all mandates of a
// page cost one call.
func (s *MandateService) PersonOf(ctx context.Context, m *Mandate) (*Person, error) {
	return kit.Neighbour(ctx, m.with, "person", m.ends(), func(ctx context.Context, all []ends) ([]*Person, error) {
		ids := make([]kit.ID, len(all))
		for i, e := range all {
			ids[i] = e.person
		}
		return s.persons.ByIDs(ctx, ids)
	})
}

// EntityOf is the member or country of a mandate, nil if the caller may not see it. Those of all
// mandates of a page cost one call.
func (s *MandateService) EntityOf(ctx context.Context, m *Mandate) (Entity, error) {
	return kit.Neighbour(ctx, m.with, "entity", m.ends(), func(ctx context.Context, all []ends) ([]Entity, error) {
		ids := make([]kit.ID, len(all))
		for i, e := range all {
			ids[i] = e.entity
		}
		return s.members.Entities(ctx, ids)
	})
}

// Between are the mandates of a person for an entity, earliest first, whoever asks. There are few.
func (s *MandateService) Between(ctx context.Context, person, entity kit.ID) ([]*Mandate, error) {
	plan, err := s.mandates.Plan(store.Query{Any: []store.Where{{"person": {string(person)}, "entity": {string(entity)}}}, Sort: "from"})
	if err != nil {
		return nil, err
	}
	page, err := s.mandates.Page(ctx, plan, store.Range{Limit: store.MaxLimit})
	return page.Docs, err
}

// Speakers are the focal points of a member or country today, whoever asks. It costs one call.
func (s *MandateService) Speakers(ctx context.Context, entity kit.ID) ([]kit.ID, error) {
	plan, err := s.mandates.Plan(store.Query{
		Any: []store.Where{{"entity": {string(entity)}, "role": {string(MandateFocalPoint)}, "state": {string(MandateCurrent)}}}, Sort: "from",
	})
	if err != nil {
		return nil, err
	}
	page, err := s.mandates.Page(ctx, plan, store.Range{Limit: maxSpeakers})
	persons := kit.Map(page.Docs, func(m *Mandate) kit.ID { return m.Person })
	slices.Sort(persons)
	return slices.Compact(persons), err
}

// maxSpeakers is how many focal points of a member or country are asked about.
const maxSpeakers = 60

// Holds is the mandate that a person has for an entity on a day, that of a focal point if it has
// both, nil for none. It asks for no rights and costs one call.
func (s *MandateService) Holds(ctx context.Context, person, entity kit.ID, day kit.Date) (held *Mandate, err error) {
	all, err := s.Between(ctx, person, entity)
	for _, m := range all {
		if m.on(day) == MandateCurrent && (held == nil || m.Role == MandateFocalPoint) {
			held = m
		}
	}
	return held, err
}

// Names says whether a hand-over is to a person or was proposed by it.
func (h *HandOver) Names(person kit.ID) bool {
	return h != nil && (h.Person == person || h.ProposedBy == person)
}

// forget empties of a mandate what a person said about it, and takes back a hand-over to it.
func (m *Mandate) forget(person kit.ID) (fields []string) {
	if m.HandOver != nil && m.HandOver.Person == person {
		kit.Emptied(&fields, "handOver", &m.HandOver)
	}
	for i := range m.History {
		if m.History[i].By == person {
			kit.Emptied(&fields, "history", &m.History[i].Reason)
		}
	}
	return fields
}

// eraseReasons empties the free reasons, and gives the fields in which there were some.
func (m *Mandate) eraseReasons() (fields []string) {
	kit.Emptied(&fields, "reason", &m.Reason)
	for i := range m.History {
		kit.Emptied(&fields, "history", &m.History[i].Reason)
	}
	return fields
}

// ShownVersion is the version for SECRETARIAT, whoever speaks for the member or State, the person, and the
// person to whom the mandate is to pass; nil for others.
func (m *Mandate) ShownVersion(ctx context.Context) *int64 {
	a := kit.ActorOf(ctx)
	takes := m.HandOver != nil && m.HandOver.To == a.Subject
	return kit.ShownVersion(&m.Version, a.Has(kit.RoleSecretariat) || a.SpeaksFor(m.Entity) || m.Person == a.Subject || takes)
}

// Acting are the persons of the first mandates for an entity that hold today, whoever asks; nil for one that
// is not there.
func (s *MandateService) Acting(ctx context.Context, entity kit.ID, most int) ([]*Person, error) {
	plan, err := s.mandates.Plan(store.Query{Any: []store.Where{{"entity": {string(entity)}, "state": {string(MandateCurrent)}}}, Sort: "from"})
	if err != nil {
		return nil, err
	}
	page, err := s.mandates.Page(ctx, plan, store.Range{Limit: most})
	if err != nil {
		return nil, err
	}
	return s.persons.Stored(ctx, kit.Map(page.Docs, func(m *Mandate) kit.ID { return m.Person }))
}

// Speaking are the current mandates of those who speak for the entities.
func (s *MandateService) Speaking(ctx context.Context, entities []kit.ID) ([]*Mandate, error) {
	where := map[bool][]string{}
	for _, entity := range entities {
		state := strings.HasPrefix(string(entity), kit.CountryPrefix)
		where[state] = append(where[state], string(entity))
	}
	current := []string{string(MandateCurrent)}
	branches := []store.Where{}
	if where[false] != nil {
		branches = append(branches, store.Where{"entity": where[false], "role": {string(MandateFocalPoint)}, "state": current})
	}
	if where[true] != nil {
		branches = append(branches, store.Where{"entity": where[true], "role": kit.Strings(MandateRoles), "state": current})
	}
	plan, err := s.mandates.Plan(store.Query{Any: branches, Sort: "from"})
	if err != nil {
		return nil, err
	}
	page, err := s.mandates.Page(ctx, plan, store.Range{Limit: store.MaxLimit - 1})
	return page.Docs, err
}
