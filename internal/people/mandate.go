package people

import (
	"context"
	"slices"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

const mandatePrefix = "man"

// Mandate records that a person acts for a member or country. It is never deleted, so that it stays known who could
// speak for an entity on a day.
type Mandate struct {
	ID      kit.ID `bson:"_id"`
	Version int64  `bson:"version"`
	// Entity is the id of a member or a country (mem_…, cty_…).
	Entity kit.ID `bson:"entity"`
	// Person is empty while the mandate is proposed and the invited person has not accepted it, and for one that was
	// never accepted.
	Person kit.ID      `bson:"person" valid:"empty"`
	Role   MandateRole `bson:"role"`
	From   kit.Date    `bson:"from"`
	// Until is the first day after the mandate; nil while no end is set.
	Until *kit.Date `bson:"until,omitempty"`
	// Reason says why the mandate ends.
	Reason *string `bson:"reason,omitempty"`
	// HandOver is a proposal that the successor has not answered; nil if there is none. The person of the mandate
	// or the secretariat makes it.
	HandOver *HandOver `bson:"handOver,omitempty"`
	// HandedOverTo is the successor's new mandate. TakenOverFrom is the mandate that came before this one.
	HandedOverTo  *kit.ID `bson:"handedOverTo,omitempty"`
	TakenOverFrom *kit.ID `bson:"takenOverFrom,omitempty"`
	// Invitation is the one by which the mandate was proposed; nil for a mandate that was given at once.
	Invitation *kit.ID        `bson:"invitation,omitempty"`
	History    []MandateEvent `bson:"history,omitempty" most:"110"`

	RecordedAt kit.DateTime `bson:"recordedAt"`
	RecordedBy kit.ID       `bson:"recordedBy"`
	Dataset    kit.Dataset  `bson:"dataset"`

	today kit.Date
	with  *kit.Together[ends]
}

// ends are the ids of what a mandate refers to, and of the mandates before and after it. They are the key when
// related records are loaded, and the address of the mandate is not: a list without a connection is answered from
// copies.
type ends struct{ id, entity, person, asked, to, from, invitation kit.ID }

func (m *Mandate) ends() ends {
	e := ends{id: m.ID, entity: m.Entity, person: m.Person}
	if m.HandOver != nil {
		e.asked = m.HandOver.To
	}
	kit.Set(&e.to, m.HandedOverTo)
	kit.Set(&e.from, m.TakenOverFrom)
	kit.Set(&e.invitation, m.Invitation)
	return e
}

// MandateNoun says how mandates are stored. Listings give those of an entity, of a person, and of a person for an
// entity, by their first day; and all of them, for commands that copy or check the store.
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

// IsNode marks Mandate as a type that the queries node and nodes can return.
func (m *Mandate) IsNode() {}

// State returns the state of the mandate on the day for which the service loaded it.
func (m *Mandate) State() MandateState { return m.on(m.today) }

// on returns the state on a day. A mandate that nobody accepted is never current.
func (m *Mandate) on(day kit.Date) MandateState {
	state := stateOf(m.From, m.Until, day)
	if m.Person == "" && state != MandateEnded {
		return MandateProposed
	}
	return state
}

// held returns the mandate as its person's document repeats it.
func (m *Mandate) held() HeldMandate {
	return HeldMandate{ID: m.ID, Entity: m.Entity, Role: m.Role, From: m.From, Until: m.Until}
}

// MandateConnection is one page of mandates. MandateEdge is one of them with its cursor.
type (
	MandateConnection = kit.Connection[*Mandate]
	MandateEdge       = kit.Edge[*Mandate]
)

// MandateService reads mandates and changes them. Those who act for an entity and SECRETARIAT may see its mandates;
// a person sees its own.
type MandateService struct {
	core     *kit.Core
	mandates store.Collection[Mandate]
	persons  *PersonService
	members  *membership.MemberService
	// notifications tell persons.
	notifications *NotificationService
	// invite records an invitation to a new mandate, and sends it if send is true. What is wrong goes to f, at paths of
	// an input with an address.
	invite func(ctx context.Context, note func(kit.Change), f *kit.Faults, m *Mandate, who invitee, send bool) (kit.ID, error)
}

// invitee is who is invited: the name and the address that somebody wrote, and the language of messages, nil for
// English.
type invitee struct {
	name, email string
	locale      *kit.Locale
}

// show sets the day for which a mandate answers and says whether the caller may see it.
func (s *MandateService) show(ctx context.Context, m *Mandate) bool {
	m.today = s.core.Clock.Today()
	if m.HandOver != nil {
		m.HandOver.of = m
	}
	actor := kit.ActorOf(ctx)
	return !actor.Anonymous() && actor.Subject == m.Person || actor.Has(kit.RoleSecretariat) || actor.ActsFor(m.Entity)
}

// ByIDs reads records in the order of ids. An entry is nil if there is no such record or the caller may not see it.
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

// Get reads one mandate. It returns nil if there is none or the caller may not see it.
func (s *MandateService) Get(ctx context.Context, id kit.ID) (*Mandate, error) {
	return kit.One(ctx, s.ByIDs, id)
}

func (s *MandateService) nodes(ctx context.Context, ids []kit.ID) ([]kit.Node, error) {
	return kit.AsNodes(s.ByIDs(ctx, ids))
}

// List pages through the mandates of a member or country by their first day. Without states it takes all states; an
// empty list of states matches nothing. Only those who act for the entity and SECRETARIAT may list them. Others get
// FORBIDDEN, whether the entity exists or not.
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

// maxOwn limits how many of their own mandates viewers get.
const maxOwn = 100

// Own returns the mandates of a viewer, the latest first. It leaves out the oldest if there are more than maxOwn.
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

// join puts a mandate in the group whose related records are read together.
func (m *Mandate) join(with *kit.Together[ends]) {
	m.with, with.Items = with, append(with.Items, m.ends())
}

// PersonOf returns the person of a mandate, nil if the caller may not see it. One call reads the persons of all
// mandates of a page.
func (s *MandateService) PersonOf(ctx context.Context, m *Mandate) (*Person, error) {
	return kit.Neighbour(ctx, m.with, "person", m.ends(), func(ctx context.Context, all []ends) ([]*Person, error) {
		ids := make([]kit.ID, len(all))
		for i, e := range all {
			ids[i] = e.person
		}
		return s.persons.ByIDs(ctx, ids)
	})
}

// EntityOf returns the member or country of a mandate, nil if the caller may not see it. One call reads the
// entities of all mandates of a page.
func (s *MandateService) EntityOf(ctx context.Context, m *Mandate) (membership.Entity, error) {
	return kit.Neighbour(ctx, m.with, "entity", m.ends(), func(ctx context.Context, all []ends) ([]membership.Entity, error) {
		ids := make([]kit.ID, len(all))
		for i, e := range all {
			ids[i] = e.entity
		}
		return s.members.Entities(ctx, ids)
	})
}

// Between returns the mandates of a person for an entity, the earliest first. There are few. It does not check the
// caller's rights.
func (s *MandateService) Between(ctx context.Context, person, entity kit.ID) ([]*Mandate, error) {
	plan, err := s.mandates.Plan(store.Query{Any: []store.Where{{"person": {string(person)}, "entity": {string(entity)}}}, Sort: "from"})
	if err != nil {
		return nil, err
	}
	page, err := s.mandates.Page(ctx, plan, store.Range{Limit: store.MaxLimit})
	return page.Docs, err
}

// Speakers returns the focal points of members and countries today, by the entity. It costs one call and does not
// check the caller's rights. Of more than store.MaxLimit mandates it reads the first.
func (s *MandateService) Speakers(ctx context.Context, entities ...kit.ID) (map[kit.ID][]kit.ID, error) {
	speakers := map[kit.ID][]kit.ID{}
	if len(entities) == 0 {
		return speakers, nil
	}
	plan, err := s.mandates.Plan(store.Query{
		Any: []store.Where{{"entity": kit.Strings(entities), "role": {string(MandateFocalPoint)}, "state": {string(MandateCurrent)}}}, Sort: "from",
	})
	if err != nil {
		return nil, err
	}
	page, err := s.mandates.Page(ctx, plan, store.Range{Limit: store.MaxLimit})
	for _, m := range page.Docs {
		if !slices.Contains(speakers[m.Entity], m.Person) {
			speakers[m.Entity] = append(speakers[m.Entity], m.Person)
		}
	}
	return speakers, err
}

// Holds returns the mandate of a person for an entity on a day, nil for none. A mandate as focal point comes before
// one as delegate. It costs one call and does not check the caller's rights.
func (s *MandateService) Holds(ctx context.Context, person, entity kit.ID, day kit.Date) (held *Mandate, err error) {
	all, err := s.Between(ctx, person, entity)
	for _, m := range all {
		if m.on(day) == MandateCurrent && (held == nil || m.Role == MandateFocalPoint) {
			held = m
		}
	}
	return held, err
}

// Names says whether a person proposed the hand-over or is the successor.
func (h *HandOver) Names(person kit.ID) bool {
	return h != nil && (h.Person == person || h.ProposedBy == person)
}

// forget erases what a person said about a mandate, and takes back a hand-over to that person. It returns the
// changed fields.
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

// eraseReasons empties the reasons, which are free text, and returns the changed fields.
func (m *Mandate) eraseReasons() (fields []string) {
	kit.Emptied(&fields, "reason", &m.Reason)
	for i := range m.History {
		kit.Emptied(&fields, "history", &m.History[i].Reason)
	}
	return fields
}

// ShownVersion returns the version to SECRETARIAT, to those who speak for the entity, to the person of the mandate,
// and to the person who is asked to take over; nil to others.
func (m *Mandate) ShownVersion(ctx context.Context) *int64 {
	a := kit.ActorOf(ctx)
	takes := m.HandOver != nil && m.HandOver.To == a.Subject
	return kit.ShownVersion(&m.Version, a.Has(kit.MembershipSecretariat) || a.SpeaksFor(m.Entity) || m.Person == a.Subject || takes)
}

// Acting returns the persons of the first mandates for an entity that hold today. A person that does not exist is
// nil. It does not check the caller's rights.
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

// Speaking returns the current mandates of those who speak for the entities.
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
