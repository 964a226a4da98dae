package membership

import (
	"context"
	"errors"
	"slices"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// MemberPrefix begins the ids of members.
const MemberPrefix = "mem"

// MembershipCategory is the kind of membership (Convention, Articles 19 and 20; Academia by
// Resolution 169).
type MembershipCategory string

// The categories.
const (
	SectorMember MembershipCategory = "SECTOR_MEMBER"
	Associate    MembershipCategory = "ASSOCIATE"
	Academia     MembershipCategory = "ACADEMIA"
)

// MembershipCategories are all of them.
var MembershipCategories = []MembershipCategory{SectorMember, Associate, Academia}

// Valid refuses what is none of MembershipCategories.
func (v MembershipCategory) Valid() error {
	return kit.CheckOneOf(v, MembershipCategories, "membership category")
}

// Sector is one of the Union's three Sectors.
type Sector string

// The Sectors.
const (
	SectorR Sector = "R"
	SectorT Sector = "T"
	SectorD Sector = "D"
)

// Sectors are all of them.
var Sectors = []Sector{SectorR, SectorT, SectorD}

// Valid refuses what is none of Sectors.
func (v Sector) Valid() error { return kit.CheckOneOf(v, Sectors, "sector") }

// StudyGroup is one of the two ITU-D study groups.
type StudyGroup string

// The study groups.
const (
	SG1 StudyGroup = "SG1"
	SG2 StudyGroup = "SG2"
)

// StudyGroups are both.
var StudyGroups = []StudyGroup{SG1, SG2}

// Valid refuses what is none of StudyGroups.
func (v StudyGroup) Valid() error { return kit.CheckOneOf(v, StudyGroups, "study group") }

// Contact is a way to reach a member. A role mailbox belongs to a function and not to a person, so
// it has no name and everybody may see it.
type Contact struct {
	Function    string  `bson:"function"`
	Name        *string `bson:"name,omitempty"`
	Email       string  `bson:"email"`
	Phone       *string `bson:"phone,omitempty"`
	RoleMailbox bool    `bson:"roleMailbox"`
}

// SocialNetwork is where a social link leads.
type SocialNetwork string

// SocialNetworks are those that a link may name.
var SocialNetworks = []SocialNetwork{"FACEBOOK", "INSTAGRAM", "LINKEDIN", "WECHAT", "WEIBO", "X", "YOUTUBE", "OTHER"}

// Valid refuses what is none of SocialNetworks.
func (v SocialNetwork) Valid() error { return kit.CheckOneOf(v, SocialNetworks, "social network") }

// SocialLink is a member's page on a social network.
type SocialLink struct {
	Network SocialNetwork `bson:"network"`
	URL     string        `bson:"url"`
}

// Member is an organisation that is, was or will be a Sector Member, an Associate or Academia. What
// it is on a date follows from its events alone. Its methods answer for the day and for the reader
// that the service loaded it for; until then they answer as for the public, and nothing.
type Member struct {
	ID      kit.ID `bson:"_id"`
	Version int64  `bson:"version"`
	// Name is the official name, in the language in which the member was admitted.
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

// IsNode marks a type that node and nodes can answer.
func (m *Member) IsNode() {}

// DisplayName is the name by which the member wants to be shown, else the official one.
func (m *Member) DisplayName() string {
	if m.StoredDisplayName != nil {
		return *m.StoredDisplayName
	}
	return m.Name
}

// Category is the membership category.
func (m *Member) Category() MembershipCategory { return m.view.Category }

// Status is the true status for the member, its administration and the secretariat; for everybody
// else a suspended member is ACTIVE.
func (m *Member) Status() MembershipStatus {
	if !m.view.inside && m.view.Status == Suspended {
		return Active
	}
	return m.view.Status
}

// Country is where the member is established; nil for a regional or international organisation.
func (m *Member) Country() *country.Country { return m.view.country }

// Region is the member's region.
func (m *Member) Region() country.Region { return m.view.Region }

// StudyGroup is the one that an Associate takes part in; nil for others.
func (m *Member) StudyGroup() *StudyGroup { return kit.Optional(m.view.StudyGroup) }

// Sectors are those of the membership, each with the day from which it holds.
func (m *Member) Sectors() []MembershipSector { return m.view.Sectors }

// JoinedOn is the first day of the present, or last, unbroken spell of membership; nil before
// activation.
func (m *Member) JoinedOn() *kit.Date { return kit.Optional(m.view.JoinedOn) }

// LeavesOn is the first day of non-membership of a notified withdrawal, for those who may know it.
func (m *Member) LeavesOn() *kit.Date {
	if !m.view.inside {
		return nil
	}
	return kit.Optional(m.view.LeavesOn)
}

// History is the lifecycle, oldest event first, for those who may know it; nil for others.
func (m *Member) History() []LifecycleEvent {
	if !m.view.inside {
		return nil
	}
	return m.Events
}

// Contacts are all contacts for the member itself and the secretariat, role mailboxes for others.
func (m *Member) Contacts() []Contact {
	visible := []Contact{}
	for _, c := range m.StoredContacts {
		if c.RoleMailbox || m.view.contacts {
			visible = append(visible, c)
		}
	}
	return visible
}

// Valid refuses a member whose first event does not say what it is.
func (m *Member) Valid() error {
	first := m.On("")
	if len(m.Events) == 0 || kit.CheckOneOf(first.Status, MembershipStatuses, "") != nil || first.Category.Valid() != nil || first.Region.Valid() != nil {
		return errors.New("the first event makes no member")
	}
	return nil
}

// dayIndex knows all members with the events that stand, so that a question about any day reads no documents.
type dayIndex func(context.Context) ([]*DayEntry, error)

// DayEntry is what is needed of a member to say all of what it was on a day, and to sort it by name. Its
// events are those that stand, without reasons and evidence.
type DayEntry struct {
	ID     kit.ID
	Name   string // folded
	Events []LifecycleEvent
}

// NewDayEntry is the entry of a member.
func NewDayEntry(m *Member) *DayEntry {
	e := &DayEntry{ID: m.ID, Name: kit.Fold(m.Name), Events: m.Current()}
	for i := range e.Events {
		e.Events[i].Reason, e.Events[i].Evidence = nil, nil
	}
	return e
}

// MemberService answers for members and changes them.
type MemberService struct {
	core      *kit.Core
	countries *country.CountryService
	members   store.Collection[Member]
	tariffs   *TariffService
	invoices  *invoiceBook
	days      dayIndex
	// admitted is called with each member that is admitted, in the same transaction.
	admitted func(context.Context, *Member, func(kit.Change)) error
}

// ByIDs reads members that the caller may see, in the ids' order, nil for the others.
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

// Get reads one member, nil if there is none that the caller may see.
func (s *MemberService) Get(ctx context.Context, id kit.ID) (*Member, error) {
	return kit.One(ctx, s.ByIDs, id)
}

// Find is the member of this name in a country, or in none, as a reader takes names for the same;
// nil if there is none that the caller may see.
func (s *MemberService) Find(ctx context.Context, name string, country *kit.ID) (*Member, error) {
	place := ""
	kit.Set(&place, (*string)(country))
	id, err := s.members.Lookup(ctx, "identity", Identity(name, place))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, kit.ID(id))
}

// Of is the member that a viewer acts for, nil for none.
func (s *MemberService) Of(ctx context.Context, v *kit.Viewer) (*Member, error) {
	if v.MemberID == "" {
		return nil, nil
	}
	return s.Get(ctx, v.MemberID)
}

// CountryOf is the country that a viewer acts for, nil for none.
func (s *MemberService) CountryOf(v *kit.Viewer) *country.Country {
	return s.countries.Get(kit.CountryID(v.CountryCode))
}

func (s *MemberService) nodes(ctx context.Context, ids []kit.ID) ([]kit.Node, error) {
	return kit.AsNodes(s.ByIDs(ctx, ids))
}

// found leaves of the members that a search found those that belong.
func (s *MemberService) found(ctx context.Context, members []*Member) error {
	for i, m := range members {
		if m != nil && !(s.show(ctx, m) && m.view.Belongs()) {
			members[i] = nil
		}
	}
	return nil
}

// ShownVersion is the version for SECRETARIAT and the member's focal points, nil for others.
func (m *Member) ShownVersion(ctx context.Context) *int64 {
	a := kit.ActorOf(ctx)
	return kit.ShownVersion(&m.Version, a.Has(kit.RoleSecretariat) || a.Leads(m.ID))
}

// Records are all of them, for what is counted.
func (s *MemberService) Records() kit.Records[Member] {
	return kit.Records[Member]{Noun: MemberNoun.Kind.Name, Docs: s.members, All: store.Query{Any: []store.Where{{}}, Sort: "name"}}
}

// Stored reads members as they are stored, whoever asks, nil for those that are not there. Rules of other nouns
// ask for them; what is answered is read by ByIDs.
func (s *MemberService) Stored(ctx context.Context, ids []kit.ID) ([]*Member, error) {
	return s.members.Many(ctx, kit.Strings(ids))
}

// StoredOne reads one member as it is stored, whoever asks; store.ErrNotFound if it is not there.
func (s *MemberService) StoredOne(ctx context.Context, id kit.ID) (*Member, error) {
	return s.members.Get(ctx, string(id))
}

// keepLifecycle stores a member whose lifecycle another noun changed, and notes that.
func (s *MemberService) keepLifecycle(ctx context.Context, m *Member, note func(kit.Change)) error {
	if err := s.members.Replace(ctx, m); err != nil {
		return err
	}
	note(kit.Changed(MemberNoun, m, kit.Updated, "events"))
	return nil
}

// Alike reads the members with one of some likenesses, whoever asks.
func (s *MemberService) Alike(ctx context.Context, likenesses []string) ([]*Member, error) {
	return kit.Likely(ctx, s.members, likenesses)
}

// Searchable is how they are found by their words.
func (s *MemberService) Searchable() kit.Searchable {
	public := store.Query{Any: []store.Where{{"status": kit.Strings([]MembershipStatus{Active, Suspended})}}, Sort: "name"}
	return kit.NewSearchable(kit.SearchMembers, s.members, public, s.found, func(_ context.Context, m *Member) (kit.ID, []string, []string) {
		return m.ID, []string{m.DisplayName(), m.Name}, m.Description.Texts()
	})
}

// Shown are those of some members that the caller may see, whose neighbours are read together.
func (s *MemberService) Shown(ctx context.Context, members []*Member) []*Member {
	members = slices.DeleteFunc(members, func(m *Member) bool { return !s.show(ctx, m) })
	with := &kit.Together[*Member]{Items: members}
	for _, m := range members {
		m.with = with
	}
	return members
}
