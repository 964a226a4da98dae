package membership

import (
	"context"
	"errors"
	"slices"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// MemberPrefix is the prefix of the ids of members.
const MemberPrefix = "mem"

// Contact is a way to reach a member. A role mailbox belongs to a function and not to a person: it has no name, and
// everybody may see it.
type Contact struct {
	Function    string  `bson:"function"`
	Name        *string `bson:"name,omitempty"`
	Email       string  `bson:"email"`
	Phone       *string `bson:"phone,omitempty"`
	RoleMailbox bool    `bson:"roleMailbox"`
}

// SocialNetwork is the network of a social link.
type SocialNetwork string

// SocialNetworks lists every SocialNetwork.
var SocialNetworks = []SocialNetwork{"FACEBOOK", "INSTAGRAM", "LINKEDIN", "WECHAT", "WEIBO", "X", "YOUTUBE", "OTHER"}

// Valid returns an error for a value that is not in SocialNetworks.
func (v SocialNetwork) Valid() error { return kit.CheckOneOf(v, SocialNetworks, "social network") }

// SocialLink is a member's page on a social network.
type SocialLink struct {
	Network SocialNetwork `bson:"network"`
	URL     string        `bson:"url"`
}

// Member is an organisation that is, was or will be a Sector Member, an Associate or Academia. Its state on a day
// follows from its events alone. Its methods answer for the day and the reader for which a service loaded it.
// Before a service sets that view, they answer from an empty view, with nothing that only some may see.
type Member struct {
	ID      kit.ID `bson:"_id"`
	Version int64  `bson:"version"`
	// Name is the official name of today, in the language of the admission. Names of other days follow from the events.
	Name              string             `bson:"name"`
	StoredDisplayName *string            `bson:"displayName,omitempty"`
	Description       *kit.LocalizedText `bson:"description,omitempty"`
	Website           *string            `bson:"website,omitempty"`
	LogoURL           *string            `bson:"logoUrl,omitempty"`
	SocialLinks       []SocialLink       `bson:"socialLinks" most:"20"`
	SectorsOfInterest []Sector           `bson:"sectorsOfInterest" most:"3"`
	StoredContacts    []Contact          `bson:"contacts" most:"50"`
	Events            []LifecycleEvent   `bson:"events" most:"1000"`
	Dataset           kit.Dataset        `bson:"dataset"`

	view memberView
	with *kit.Together[*Member]
}

// IsNode marks Member as a type that the queries node and nodes can return.
func (m *Member) IsNode() {}

// DisplayName returns the name that the member wants to be shown, else the official name on the day of the view.
func (m *Member) DisplayName() string {
	if m.StoredDisplayName != nil {
		return *m.StoredDisplayName
	}
	return m.ShownName()
}

// Category returns the membership category.
func (m *Member) Category() MembershipCategory { return m.view.Category }

// Status returns the true status to the member, its administration and the secretariat. Others see a suspended
// member as ACTIVE.
func (m *Member) Status() MembershipStatus {
	if !m.view.inside && m.view.Status == Suspended {
		return Active
	}
	return m.view.Status
}

// Country returns the country of the member; nil for a regional or international organisation.
func (m *Member) Country() *country.Country { return m.view.country }

// Region returns the region of the member.
func (m *Member) Region() country.Region { return m.view.Region }

// StudyGroup returns the study group of an Associate; nil for others.
func (m *Member) StudyGroup() *StudyGroup { return kit.Optional(m.view.StudyGroup) }

// Sectors returns the Sectors of the membership, each with its first day.
func (m *Member) Sectors() []MembershipSector { return m.view.Sectors }

// JoinedOn returns the first day of the current or last uninterrupted membership; nil before activation.
func (m *Member) JoinedOn() *kit.Date { return kit.Optional(m.view.JoinedOn) }

// LeavesOn returns the first day after the membership if withdrawal was notified. It is nil for those who may not
// know it.
func (m *Member) LeavesOn() *kit.Date {
	if !m.view.inside {
		return nil
	}
	return kit.Optional(m.view.LeavesOn)
}

// History returns the lifecycle, the oldest event first; nil for those who may not know it.
func (m *Member) History() []LifecycleEvent {
	if !m.view.inside {
		return nil
	}
	return m.Events
}

// Contacts returns all contacts to the member itself and the secretariat, and role mailboxes to others.
func (m *Member) Contacts() []Contact {
	visible := []Contact{}
	for _, c := range m.StoredContacts {
		if c.RoleMailbox || m.view.contacts {
			visible = append(visible, c)
		}
	}
	return visible
}

// Valid returns an error for a member whose first event does not say what it is.
func (m *Member) Valid() error {
	first := m.On("")
	if len(m.Events) == 0 || kit.CheckOneOf(first.Status, MembershipStatuses, "") != nil || first.Category.Valid() != nil || first.Region.Valid() != nil {
		return errors.New("the first event makes no member")
	}
	return nil
}

// dayIndex gives the current events of all members, so that a question about any day reads no documents.
type dayIndex func(context.Context) ([]*DayEntry, error)

// DayEntry has what is needed of a member to tell its state on any day and to sort it by name. Its events are the
// current ones, without reasons and evidence.
type DayEntry struct {
	ID     kit.ID
	Name   string // of today, as kit.Fold returns it
	Events []LifecycleEvent

	first string // the name of the admission
}

// nameOn returns the name on a day, as kit.Fold returns it.
func (e *DayEntry) nameOn(day kit.Date) string {
	if e.first == "" {
		return e.Name
	}
	return kit.Fold(nameOn(e.Events, e.first, day))
}

// NewDayEntry makes the entry of a member.
func NewDayEntry(m *Member) *DayEntry {
	e := &DayEntry{ID: m.ID, Name: kit.Fold(m.Name), Events: m.Current()}
	for i := range e.Events {
		e.Events[i].Reason, e.Events[i].Evidence = nil, nil
	}
	if first := m.firstName(); first != m.Name {
		e.first = first
	}
	return e
}

// MemberService reads members and changes them.
type MemberService struct {
	core      *kit.Core
	countries *country.CountryService
	members   store.Collection[Member]
	tariffs   *TariffService
	invoices  accounts
	days      dayIndex
	// admitted is called in the same transaction for each member that is admitted.
	admitted func(context.Context, *Member, func(kit.Change)) error
	// activated is called in the same transaction for each member whose rights begin; it may be nil.
	activated func(context.Context, *Member, func(kit.Change)) error
	// irreversible is called in the same transaction for each change that cannot be undone, with the key of the message
	// that says so and the day of the change; it may be nil.
	irreversible func(ctx context.Context, m *Member, key string, on kit.Date) error
}

// ByIDs reads records in the order of ids. An entry is nil if there is no such record or the caller may not see it.
func (s *MemberService) ByIDs(ctx context.Context, ids []kit.ID) ([]*Member, error) {
	found, err := s.members.Many(ctx, kit.Strings(ids))
	if err != nil {
		return nil, err
	}
	with := &kit.Together[*Member]{}
	for i, m := range found {
		if m == nil || !s.show(ctx, m) {
			found[i] = nil
			continue
		}
		m.with, with.Items = with, append(with.Items, m)
	}
	return found, nil
}

// Get reads one member. It returns nil if there is none or the caller may not see it.
func (s *MemberService) Get(ctx context.Context, id kit.ID) (*Member, error) {
	return kit.One(ctx, s.ByIDs, id)
}

// Find returns the member with this name in a country, or without a country, else one that had the name before. Names
// are compared as a reader sees them. It returns nil if there is none or the caller may not see it.
func (s *MemberService) Find(ctx context.Context, name string, country *kit.ID) (*Member, error) {
	place := ""
	kit.Set(&place, (*string)(country))
	id, err := s.members.Lookup(ctx, "identity", Identity(name, place))
	if errors.Is(err, store.ErrNotFound) {
		var renamed kit.ID
		renamed, err = s.renamedFrom(ctx, Identity(name, place))
		id = string(renamed)
	}
	if err != nil || id == "" {
		return nil, err
	}
	return s.Get(ctx, kit.ID(id))
}

// ActedForBy returns the members and countries for which a viewer acts.
func (s *MemberService) ActedForBy(ctx context.Context, v *kit.Viewer) ([]Entity, error) {
	entities, err := s.Entities(ctx, v.ActsFor())
	return slices.DeleteFunc(entities, func(e Entity) bool { return e == nil }), err
}

func (s *MemberService) nodes(ctx context.Context, ids []kit.ID) ([]kit.Node, error) {
	return kit.AsNodes(s.ByIDs(ctx, ids))
}

// found drops the search hits that are not members today.
func (s *MemberService) found(ctx context.Context, members []*Member) error {
	for i, m := range members {
		if m != nil && !(s.show(ctx, m) && m.view.Belongs()) {
			members[i] = nil
		}
	}
	return nil
}

// ShownVersion returns the version to SECRETARIAT and the member's focal points, and nil to others.
func (m *Member) ShownVersion(ctx context.Context) *int64 {
	a := kit.ActorOf(ctx)
	return kit.ShownVersion(&m.Version, a.Has(kit.MembershipSecretariat) || a.Leads(m.ID))
}

// Records gives all members to those who count them, without checking the caller's rights.
func (s *MemberService) Records() kit.Records[Member] {
	return kit.NewRecords(MemberNoun, s.members, store.Query{Any: []store.Where{{}}, Sort: "name"})
}

// Stored reads members as they are stored, without checking the caller's rights; nil for a member that does not
// exist. Only rules of other nouns use it. ByIDs reads what is shown to a caller.
func (s *MemberService) Stored(ctx context.Context, ids []kit.ID) ([]*Member, error) {
	return s.members.Many(ctx, kit.Strings(ids))
}

// StoredOne reads one member as it is stored, without checking the caller's rights. The error is store.ErrNotFound
// if it does not exist.
func (s *MemberService) StoredOne(ctx context.Context, id kit.ID) (*Member, error) {
	return s.members.Get(ctx, string(id))
}

// keepLifecycle stores a member after another noun changed its lifecycle, with an audit entry.
func (s *MemberService) keepLifecycle(ctx context.Context, m *Member, note func(kit.Change)) error {
	if err := s.members.Replace(ctx, m); err != nil {
		return err
	}
	note(kit.Changed(MemberNoun, m, kit.Updated, "events"))
	return nil
}

// Alike reads the members that share a likeness key, without checking the caller's rights.
func (s *MemberService) Alike(ctx context.Context, likenesses []string) ([]*Member, error) {
	return kit.Likely(ctx, s.members, likenesses)
}

// Searchable says which members the search covers, and which of their texts it reads.
func (s *MemberService) Searchable() kit.Searchable {
	public := store.Query{Any: []store.Where{{"status": kit.Strings([]MembershipStatus{Active, Suspended})}}, Sort: "name"}
	return kit.NewSearchable(kit.SearchMembers, s.members, public, s.found, func(_ context.Context, m *Member) (kit.ID, []string, []string) {
		return m.ID, append([]string{m.DisplayName(), m.Name}, m.FormerNames()...), m.Description.Texts()
	})
}

// Shown returns the members that the caller may see. Their related records are read together.
func (s *MemberService) Shown(ctx context.Context, members []*Member) []*Member {
	members = slices.DeleteFunc(members, func(m *Member) bool { return !s.show(ctx, m) })
	with := &kit.Together[*Member]{Items: members}
	for _, m := range members {
		m.with = with
	}
	return members
}
