package membership_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// truth is a member as a naive filter needs it.
type truth struct {
	id       kit.ID
	name     string
	joined   kit.Date
	status   membership.MembershipStatus
	category membership.MembershipCategory
	region   country.Region
	country  kit.ID
	group    membership.StudyGroup
}

// truths are all members, as the secretariat sees them one by one.
func (s scene) truths() []truth {
	s.Helper()
	var found []truth
	for _, m := range stage.All(s, membership.MemberNoun.In(s.Store), "name") {
		seen, err := s.Portal.Members.Get(stage.By(stage.Secretariat), m.ID)
		s.Must(err)
		one := truth{seen.ID, kit.Fold(seen.Name), orEmpty(seen.JoinedOn()), seen.Status(), seen.Category(), seen.Region(), "", orEmpty(seen.StudyGroup())}
		if c := seen.Country(); c != nil {
			one.country = c.ID
		}
		found = append(found, one)
	}
	return found
}

func orEmpty[T ~string](v *T) T {
	if v == nil {
		return ""
	}
	return *v
}

func among[T comparable](v T, asked []T) bool { return asked == nil || slices.Contains(asked, v) }

// admits is the naive filter for a reader.
func admits(a kit.Actor, f membership.MemberFilter, m truth) bool {
	status := among(m.status, f.Statuses)
	if !a.Has(kit.RoleSecretariat) {
		shown := m.status == membership.Active || m.status == membership.Suspended
		own := a.Governs(m.country)
		status = shown && among(membership.Active, f.Statuses) || own && status
	}
	return status && among(m.region, f.Regions) && among(m.country, f.Countries) && among(m.category, f.Categories) && among(m.group, f.StudyGroups)
}

// naive filters and sorts all members.
func naive(a kit.Actor, f membership.MemberFilter, o membership.MemberOrder, members []truth) []kit.ID {
	var kept []truth
	for _, m := range members {
		if admits(a, f, m) {
			kept = append(kept, m)
		}
	}
	slices.SortFunc(kept, func(x, y truth) int {
		order := cmp.Or(strings.Compare(x.name, y.name), strings.Compare(string(x.id), string(y.id)))
		if o.Field == membership.MemberByJoinedOn {
			order = cmp.Or(strings.Compare(string(x.joined), string(y.joined)), strings.Compare(string(x.id), string(y.id)))
		}
		if o.Direction == kit.Descending {
			return -order
		}
		return order
	})
	ids := make([]kit.ID, len(kept))
	for i, m := range kept {
		ids[i] = m.id
	}
	return ids
}

// filters are combinations of some values of each field, few enough for one query each.
func filters() []membership.MemberFilter {
	var combined []membership.MemberFilter
	for _, regions := range [][]country.Region{nil, {country.RegionAFR}, {country.RegionAFR, country.RegionREGINTORG}, {}} {
		for _, countries := range [][]kit.ID{nil, {"cty_UG"}, {"cty_UG", "cty_CH", "cty_KE"}, {}} {
			for _, categories := range [][]membership.MembershipCategory{nil, {membership.Associate}, {membership.SectorMember, membership.Academia}, {}} {
				for _, groups := range [][]membership.StudyGroup{nil, {membership.SG1}, {membership.SG1, membership.SG2}, {}} {
					for _, statuses := range [][]membership.MembershipStatus{nil, {membership.Active}, {membership.PendingActivation, membership.Suspended, membership.Withdrawn}, {}} {
						combined = append(combined, membership.MemberFilter{Regions: regions, Countries: countries, Categories: categories, StudyGroups: groups, Statuses: statuses})
					}
				}
			}
		}
	}
	return combined
}

var orders = []membership.MemberOrder{
	{Field: membership.MemberByName, Direction: kit.Ascending}, {Field: membership.MemberByName, Direction: kit.Descending},
	{Field: membership.MemberByJoinedOn, Direction: kit.Ascending}, {Field: membership.MemberByJoinedOn, Direction: kit.Descending},
}

// walk reads a listing page by page, from its start or from its end, and holds each page against the
// members that are expected.
func (s scene) walk(a kit.Actor, f *membership.MemberFilter, o *membership.MemberOrder, size int, fromEnd bool, want []kit.ID) {
	s.Helper()
	fault := func(what string, args ...any) {
		s.Helper()
		s.Fatalf("%v %+v %+v, pages of %d, from the end %v: %s", a.Roles, f, o, size, fromEnd, fmt.Sprintf(what, args...))
	}
	var got []kit.ID
	args := kit.PageArgs{First: &size}
	if fromEnd {
		args = kit.PageArgs{Last: &size}
	}
	for {
		page, err := s.Portal.Members.List(stage.By(a), f, o, args)
		if err != nil {
			fault("%v", err)
		}
		var ids []kit.ID
		for _, m := range page.Nodes() {
			ids = append(ids, m.ID)
		}
		info, more, before := page.PageInfo, page.PageInfo.HasNextPage, page.PageInfo.HasPreviousPage
		if fromEnd {
			more, before, got = before, more, append(ids, got...)
		} else {
			got = append(got, ids...)
		}
		switch {
		case more != (len(got) < len(want)):
			fault("after %d of %d, says that there is more: %v", len(got), len(want), more)
		case before != (len(got) > len(ids)):
			fault("after %d of %d, says that there is something before: %v", len(got), len(want), before)
		case len(ids) > size || more && len(ids) < size:
			fault("a page of %d", len(ids))
		case (info.StartCursor == nil) != (len(ids) == 0) || (info.EndCursor == nil) != (len(ids) == 0):
			fault("cursors of a page of %d: %v, %v", len(ids), info.StartCursor, info.EndCursor)
		}
		if !more {
			break
		}
		args.After, args.Before = info.EndCursor, nil
		if fromEnd {
			args.After, args.Before = nil, info.StartCursor
		}
	}
	if !slices.Equal(got, want) {
		fault("got %v, want %v", got, want)
	}
	page, err := s.Portal.Members.List(stage.By(a), f, o, kit.PageArgs{First: new(1)})
	if err != nil {
		fault("%v", err)
	}
	if n, err := page.TotalCount(stage.By(a)); err != nil || *n != int64(len(want)) {
		fault("counted %v, %v; want %d", n, err, len(want))
	}
}

func TestEveryListingIsWhatANaiveFilterGives(t *testing.T) {
	s := scene{stage.Embedded(t)}
	members := s.truths()
	if len(members) < 40 {
		t.Fatalf("only %d members", len(members))
	}
	several := 0
	for _, a := range []kit.Actor{stage.Secretariat, stage.Nobody, stage.Uganda} {
		for i, f := range filters() {
			for j, o := range orders {
				want := naive(a, f, o, members)
				if len(want) > 7 {
					several++
				}
				s.walk(a, &f, &o, 7, (i+j)%2 == 0, want)
			}
		}
	}
	if several < 100 {
		t.Errorf("only %d listings had several pages", several)
	}
}

func TestPagesOfEverySizeGoOn(t *testing.T) {
	stage.OnShared(t, func(s scene) {
		members := s.truths()
		for _, a := range []kit.Actor{stage.Secretariat, stage.Uganda} {
			for i, f := range []membership.MemberFilter{
				{}, {Regions: []country.Region{country.RegionAFR, country.RegionEUR}}, {StudyGroups: []membership.StudyGroup{membership.SG1}},
				{Countries: []kit.ID{"cty_UG"}, Statuses: []membership.MembershipStatus{membership.Active, membership.Withdrawn, membership.Excluded}},
			} {
				for j, o := range orders {
					want := naive(a, f, o, members)
					if s.Slow() && (i != j || !a.Has(kit.RoleAdministration)) {
						continue
					}
					s.walk(a, &f, &o, 7, (i+j)%2 == 0, want)
					if len(want) < 10 || !s.Slow() {
						s.walk(a, &f, &o, 1, (i+j)%2 == 1, want)
					}
				}
			}
		}
		s.walk(stage.Secretariat, nil, nil, 100, false, naive(stage.Secretariat, membership.MemberFilter{}, orders[0], members))
	})
}

func TestAMembersRegionIsFoundWhereverItsCountryMovedTo(t *testing.T) {
	countries, err := country.ReadCountries(strings.NewReader(strings.Join([]string{
		"iso2,iso3,kind,bdt_region,development,ldc,lldc,sids,name_en,name_fr,name_es,name_ru,name_ar,name_zh",
		"MD,MDA,MEMBER_STATE,CIS;EUR@2018-06-28,DEVELOPED,,Y,,Moldova,Moldova,Moldova,Молдова,مولدوفا,摩尔多瓦", "",
	}, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	s := scene{stage.New(t, testkit.Engines()[0].Fresh(t))}
	s.Portal, err = portal.New(portal.Options{
		Store: s.Store, Clock: testkit.Clock(), Wall: func() time.Time { return testkit.Now }, Entropy: testkit.Entropy(t.Name()), Countries: countries,
	})
	s.Must(err)
	in := membership.AdmitMemberInput{Name: "Telecom of Moldova", Category: membership.SectorMember, Country: new(kit.ID("cty_MD")), EffectiveOn: "2015-01-01"}
	admitted, err := s.Portal.Members.Admit(stage.By(stage.Secretariat), in)
	s.Must(err)
	id, region := admitted.Member.ID, admitted.Member.Region()
	for _, asked := range []country.Region{country.RegionCIS, country.RegionEUR} {
		for name, f := range map[string]membership.MemberFilter{
			"by region":             {Regions: []country.Region{asked}, Statuses: []membership.MembershipStatus{membership.PendingActivation}},
			"by region and country": {Regions: []country.Region{asked}, Countries: []kit.ID{"cty_MD"}},
		} {
			page, err := s.Portal.Members.List(stage.By(stage.Secretariat), &f, nil, kit.PageArgs{First: new(100)})
			s.Must(err)
			found := slices.ContainsFunc(page.Nodes(), func(m *membership.Member) bool { return m.ID == id })
			if found != (asked == region) {
				t.Errorf("%s %s, a member in %s: found is %v", name, asked, region, found)
			}
		}
	}
}
