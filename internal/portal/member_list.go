package portal

import (
	"context"
	"slices"
	"strings"

	"memberportal/internal/store"
)

// MemberNoun is how members are stored and what may be asked of them: a directory by category,
// region, country or study group, each with status, sorted by name or by the day of joining.
var MemberNoun = store.Declare(store.Noun[Member]{
	Name:     "members",
	Identity: func(m *Member) (string, *int64) { return string(m.ID), &m.Version },
	Dated:    true,
	Keys: []store.Key[Member]{
		store.OneOf("status", MembershipStatuses, func(m *Member, day string) MembershipStatus { return m.on(Date(day)).Status }),
		store.OneOf("category", MembershipCategories, func(m *Member, day string) MembershipCategory { return m.on(Date(day)).Category }),
		store.OneOf("region", Regions, func(m *Member, day string) Region { return m.on(Date(day)).Region }),
		store.One("country", func(m *Member, day string) string { s := m.on(Date(day)); return placeKey(s.Region, s.Country) }),
		store.One("studyGroup", func(m *Member, day string) string { return string(m.on(Date(day)).StudyGroup) }),
		store.One("name", func(m *Member, _ string) string { return Fold(m.Name) }),
		store.One("joinedOn", func(m *Member, day string) string { return string(m.on(Date(day)).JoinedOn) }),
		store.Many("words", (*Member).words),
		store.Many("likeness", func(m *Member, _ string) []string { return likeness(m.Name) }),
		store.Unique("identity", (*Member).identity),
	},
	Listings: append(memberListings("name", "joinedOn"), store.Listing{Has: "words"}, store.Listing{Has: "likeness"}),
})

// memberListings are the directory's filters, each for each sort key. A study group implies the
// category, so no listing has both.
func memberListings(sorts ...string) []store.Listing {
	var listings []store.Listing
	for _, sort := range sorts {
		for _, equal := range []string{
			"status category", "status region category", "country status category",
			"studyGroup status", "studyGroup status region", "country status studyGroup",
		} {
			listings = append(listings, store.Listing{Equal: strings.Fields(equal), Sort: sort})
		}
	}
	return listings
}

// words are those of a member's public text. Only members that the public sees have any.
func (m *Member) words(day string) []string {
	if !m.on(Date(day)).belongs() {
		return nil
	}
	return words(append(m.Description.texts(), m.Name, m.DisplayName())...)
}

// identity is what no two members share: the name as a reader sees it, in one country.
func (m *Member) identity() string { return identity(m.Name, string(m.on(never).Country)) }

// identity is hashed, because a key may be shorter than a name.
func identity(name, country string) string { return hash(country, Fold(name)) }

// MemberFilter narrows members; a field left out does not narrow, and an empty list matches nothing.
type MemberFilter struct {
	// AsOf is the day whose memberships are meant; nil for today.
	AsOf        *Date
	Regions     []Region
	Countries   []ID
	Categories  []MembershipCategory
	StudyGroups []StudyGroup
	Statuses    []MembershipStatus
}

// MemberOrderField is what members are sorted by.
type MemberOrderField string

// The sort keys of members.
const (
	MemberByName     MemberOrderField = "NAME"
	MemberByJoinedOn MemberOrderField = "JOINED_ON"
)

// MemberOrderFields are both.
var MemberOrderFields = []MemberOrderField{MemberByName, MemberByJoinedOn}

// MemberOrder sorts members.
type MemberOrder struct {
	Field     MemberOrderField
	Direction OrderDirection
}

// MemberConnection and MemberEdge page through members.
type (
	MemberConnection = Connection[*Member]
	MemberEdge       = Edge[*Member]
)

// List pages through members that the caller may see. An unknown country is BAD_USER_INPUT, and so
// is a filter that names so many values that it would merge more than 64 index ranges.
func (s *MemberService) List(ctx context.Context, filter *MemberFilter, order *MemberOrder, args PageArgs) (*MemberConnection, error) {
	if filter == nil {
		filter = &MemberFilter{}
	}
	for _, id := range filter.Countries {
		if s.countries.Get(id) == nil {
			return nil, refuse(BadUserInput, "unknownCountry", map[string]string{"id": string(id)})
		}
	}
	if day := filter.AsOf; day != nil && *day != s.core.clock.Today() {
		return s.listOn(ctx, *day, *filter, order, args)
	}
	q := store.Query{Any: s.branches(ActorOf(ctx), *filter), Sort: "name"}
	if order != nil && order.Field == MemberByJoinedOn {
		q.Sort = "joinedOn"
	}
	found, err := pageOf(ctx, s.core.sealer, s.members, q, store.Bounds{}, order != nil && order.Direction == Descending, args)
	if err != nil {
		return nil, err
	}
	with := &together[*Member]{items: found.Nodes()}
	for _, m := range with.items {
		s.show(ctx, m)
		m.with = with
	}
	return found, nil
}

// branches turns a filter into what the caller may see of it: the secretariat sees every status; the
// public sees active members, suspended ones among them and called so; an administration sees the
// other statuses as well, of its own country.
func (s *MemberService) branches(actor Actor, filter MemberFilter) []store.Where {
	if actor.Has(RoleSecretariat) {
		return []store.Where{s.where(filter, filter.Statuses)}
	}
	asked := filter.Statuses
	if asked == nil {
		asked = MembershipStatuses
	}
	var public []MembershipStatus
	if slices.Contains(asked, Active) {
		public = []MembershipStatus{Active, Suspended}
	}
	branches := []store.Where{s.where(filter, append([]MembershipStatus{}, public...))}
	hidden := slices.DeleteFunc(slices.Clone(asked), func(st MembershipStatus) bool { return slices.Contains(public, st) })
	own := CountryID(actor.Country)
	if actor.governs(own) && len(hidden) > 0 && (filter.Countries == nil || slices.Contains(filter.Countries, own)) {
		filter.Countries = []ID{own}
		branches = append(branches, s.where(filter, hidden))
	}
	return branches
}

// placeKey is a country with the region under which a member in it is counted, so that one key
// answers for the country in any of its regions and in one of them.
func placeKey(r Region, country ID) string { return string(r) + "/" + string(country) }

// where names the keys of a listing. A study group implies its category, so that no listing holds
// both.
func (s *MemberService) where(filter MemberFilter, statuses []MembershipStatus) store.Where {
	where := store.Where{}
	if statuses != nil {
		where["status"] = texts(statuses)
	}
	switch {
	case filter.Countries != nil:
		where["country"] = []string{}
		for _, id := range filter.Countries {
			for _, a := range s.countries.Get(id).Regions {
				if filter.Regions == nil || slices.Contains(filter.Regions, a.Region) {
					where["country"] = append(where["country"], placeKey(a.Region, id))
				}
			}
		}
	case filter.Regions != nil:
		where["region"] = texts(filter.Regions)
	}
	switch {
	case filter.StudyGroups != nil && filter.Categories != nil && !slices.Contains(filter.Categories, Associate):
		where["studyGroup"] = nil
	case filter.StudyGroups != nil:
		where["studyGroup"] = texts(filter.StudyGroups)
	case filter.Categories != nil:
		where["category"] = texts(filter.Categories)
	}
	return where
}
