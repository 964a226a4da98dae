package membership

import (
	"context"
	"slices"
	"strings"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// MemberNoun says how members are stored and listed: by category, region, country or study group, each with status,
// sorted by name or by the day of joining.
var MemberNoun = store.Declare(store.Noun[Member]{
	Name:     "members",
	Identity: func(m *Member) (string, *int64) { return string(m.ID), &m.Version },
	Dated:    true,
	Keys: []store.Key[Member]{
		store.OneOf("status", MembershipStatuses, func(m *Member, day string) MembershipStatus { return m.On(kit.Date(day)).Status }),
		store.OneOf("category", MembershipCategories, func(m *Member, day string) MembershipCategory { return m.On(kit.Date(day)).Category }),
		store.OneOf("region", country.Regions, func(m *Member, day string) country.Region { return m.On(kit.Date(day)).Region }),
		store.One("country", func(m *Member, day string) string { s := m.On(kit.Date(day)); return placeKey(s.Region, s.Country) }),
		store.One("studyGroup", func(m *Member, day string) string { return string(m.On(kit.Date(day)).StudyGroup) }),
		store.One("name", func(m *Member, _ string) string { return kit.Fold(m.Name) }),
		store.One("joinedOn", func(m *Member, day string) string { return string(m.On(kit.Date(day)).JoinedOn) }),
		store.Many("words", (*Member).words),
		store.Many("likeness", func(m *Member, _ string) []string { return m.likenesses() }),
		store.Many("formerIdentity", func(m *Member, _ string) []string { return m.formerIdentities() }),
		store.Unique("identity", (*Member).Identity),
	},
	Listings: append(memberListings("name", "joinedOn"), store.Listing{Has: "words"}, store.Listing{Has: "likeness"}, store.Listing{Has: "formerIdentity"}),
})

// memberListings returns a listing for each filter and each sort key. A study group implies the category, so no
// listing has both.
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

// words returns the words of a member's public text. Only members that the public may see have any.
func (m *Member) words(day string) []string {
	if !m.On(kit.Date(day)).Belongs() {
		return nil
	}
	return kit.Words(slices.Concat(m.Description.Texts(), []string{m.Name, m.DisplayName()}, m.FormerNames())...)
}

// Identity returns what no two members share: the name as a reader sees it, in one country.
func (m *Member) Identity() string { return Identity(m.Name, string(m.On(kit.Never).Country)) }

// Identity returns a hash, because a name can be longer than a key.
func Identity(name, country string) string { return kit.Hash(country, kit.Fold(name)) }

// MemberFilter narrows a list of members. A field that is left out does not narrow it, and an empty list matches
// nothing.
type MemberFilter struct {
	// AsOf is the day on which the memberships must match; nil for today.
	AsOf        *kit.Date
	Regions     []country.Region
	Countries   []kit.ID
	Categories  []MembershipCategory
	StudyGroups []StudyGroup
	Statuses    []MembershipStatus
}

// MemberOrderField says by what members are sorted.
type MemberOrderField string

// The values of MemberOrderField.
const (
	MemberByName     MemberOrderField = "NAME"
	MemberByJoinedOn MemberOrderField = "JOINED_ON"
)

// MemberOrderFields lists every MemberOrderField.
var MemberOrderFields = []MemberOrderField{MemberByName, MemberByJoinedOn}

// MemberOrder is a sort key of members and a direction.
type MemberOrder struct {
	Field     MemberOrderField
	Direction kit.OrderDirection
}

// MemberConnection is one page of members. MemberEdge is one of them with its cursor.
type (
	MemberConnection = kit.Connection[*Member]
	MemberEdge       = kit.Edge[*Member]
)

// List pages through the members that the caller may see. The error is BAD_USER_INPUT for an unknown country, and
// for a filter with so many values that it would merge more than 64 index ranges.
func (s *MemberService) List(ctx context.Context, filter *MemberFilter, order *MemberOrder, args kit.PageArgs) (*MemberConnection, error) {
	if filter == nil {
		filter = &MemberFilter{}
	}
	for _, id := range filter.Countries {
		if s.countries.Get(id) == nil {
			return nil, kit.Refuse(kit.BadUserInput, "unknownCountry", map[string]string{"id": string(id)})
		}
	}
	if day := filter.AsOf; day != nil && *day != s.core.Clock.Today() {
		return s.listOn(ctx, *day, *filter, order, args)
	}
	q := store.Query{Any: s.branches(kit.ActorOf(ctx), *filter), Sort: "name"}
	if order != nil && order.Field == MemberByJoinedOn {
		q.Sort = "joinedOn"
	}
	found, err := kit.PageOf(ctx, s.core.Sealer, s.members, q, store.Bounds{}, order != nil && order.Direction == kit.Descending, args)
	if err != nil {
		return nil, err
	}
	with := &kit.Together[*Member]{Items: found.Nodes()}
	for _, m := range with.Items {
		s.show(ctx, m)
		m.with = with
	}
	return found, nil
}

// branches splits a filter into the parts that the caller may see. The secretariat sees every status. The public
// sees active members, and suspended ones as active. An administration also sees the other statuses in its own
// countries.
func (s *MemberService) branches(actor kit.Actor, filter MemberFilter) []store.Where {
	if actor.Has(kit.RoleSecretariat) {
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
	own := actor.Governed()
	if filter.Countries != nil {
		own = slices.DeleteFunc(own, func(id kit.ID) bool { return !slices.Contains(filter.Countries, id) })
	}
	if len(own) > 0 && len(hidden) > 0 {
		filter.Countries = own
		branches = append(branches, s.where(filter, hidden))
	}
	return branches
}

// placeKey joins a country with the region under which a member in it is counted. So one key serves a country in
// one of its regions, and a few serve it in all of them.
func placeKey(r country.Region, country kit.ID) string { return string(r) + "/" + string(country) }

// where returns the keys for a listing. A study group implies the category, so no listing has both.
func (s *MemberService) where(filter MemberFilter, statuses []MembershipStatus) store.Where {
	where := store.Where{}
	if statuses != nil {
		where["status"] = kit.Strings(statuses)
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
		where["region"] = kit.Strings(filter.Regions)
	}
	switch {
	case filter.StudyGroups != nil && filter.Categories != nil && !slices.Contains(filter.Categories, Associate):
		where["studyGroup"] = nil
	case filter.StudyGroups != nil:
		where["studyGroup"] = kit.Strings(filter.StudyGroups)
	case filter.Categories != nil:
		where["category"] = kit.Strings(filter.Categories)
	}
	return where
}
