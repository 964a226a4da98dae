package seed_test

import (
	"slices"
	"testing"
	"time"

	"memberportal/internal/applications"
	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
	"memberportal/internal/seed"
	"memberportal/internal/store"
)

// atTheEnd is the domain over a store on the last day of the seed.
func atTheEnd(t *testing.T, s store.Store) *portal.Portal {
	t.Helper()
	clock := kit.NewClock(func() time.Time { return time.Date(2025, 3, 31, 12, 0, 0, 0, time.UTC) }, time.UTC)
	p, err := portal.New(portal.Options{Store: s, Clock: clock, Countries: options(t, s, 40).Countries})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestTheQueueIsThatOfTheSource holds the applications at the end of March 2025 against what the source
// says of them.
func TestTheQueueIsThatOfTheSource(t *testing.T) {
	s := empty(t)
	mustLoad(t, s)
	p := atTheEnd(t, s)
	queue, err := p.Applications.List(kit.WithActor(t.Context(), seed.Actor), nil, kit.PageArgs{First: new(100)})
	if err != nil {
		t.Fatal(err)
	}
	var value kit.Decimal // at minimum fees
	categories, regions, groups := map[membership.MembershipCategory]int{}, map[country.Region]int{}, map[string]int{}
	for _, a := range queue.Nodes() {
		quote, err := p.Tariffs.Quote(t.Context(), membership.FeeQuoteInput{Category: *a.Category, Country: a.CountryID, JoinsOn: new(kit.Date("2025-03-31"))})
		if err != nil {
			t.Fatal(err)
		}
		value += quote.Annual.Amount
		categories[*a.Category]++
		regions[*a.Region()]++
		if *a.Category == membership.Associate {
			group := ""
			if a.StudyGroup != nil {
				group = string(*a.StudyGroup)
			}
			groups[group]++
		}
		if a.Dataset != kit.Recorded || a.Contact != nil || !a.DayUnknown || !slices.Contains(a.Flags(), applications.FlagDayNotInSource) || a.Status != applications.ApplicationSubmitted {
			t.Errorf("%s is not as its source has it: %+v", *a.Name, a)
		}
		if flagged := slices.Contains(a.Flags(), applications.FlagNoStudyGroup); flagged != (*a.Name == "Beteseb Enterprises") {
			t.Errorf("%s: flags %v", *a.Name, a.Flags())
		}
	}
	if value.String() != "45712.50" {
		t.Errorf("at minimum fees they are worth %s", value)
	}
	if len(queue.Nodes()) != 13 || categories[membership.SectorMember] != 7 || categories[membership.Associate] != 6 {
		t.Errorf("%d applications, %v", len(queue.Nodes()), categories)
	}
	for region, want := range map[country.Region]int{"AFR": 5, "AMS": 2, "ARB": 2, "ASP": 2, "CIS": 1, "EUR": 1} {
		if regions[region] != want {
			t.Errorf("%s: %d, want %d", region, regions[region], want)
		}
	}
	if groups["SG1"] != 1 || groups["SG2"] != 4 || groups[""] != 1 {
		t.Errorf("study groups %v", groups)
	}
	uganda := kit.WithActor(t.Context(), kit.ActingFor("usr_1", kit.RoleAdministration, "cty_UG"))
	own, err := p.Applications.List(uganda, nil, kit.PageArgs{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, a := range own.Nodes() {
		names = append(names, *a.Name)
	}
	if slices.Sort(names); !slices.Equal(names, []string{"UNACU Professional Organisation Limited", "VeryPay"}) {
		t.Errorf("Uganda sees %v", names)
	}
	if id, err := seed.ApplicantIn(t.Context(), p); id == "" || err != nil {
		t.Errorf("the demonstration has no applicant: %q, %v; is the constant what the seed makes?", id, err)
		for _, id := range ids(t, s, applications.ApplicationNoun.Kind) {
			t.Log(id)
		}
	}
	due, err := p.Tick(kit.WithActor(t.Context(), seed.Actor), true)
	if err != nil || len(due) != 1 || due[0].Kind != kit.DueOverdueInvoice { // the joining invoice that was issued in February
		t.Errorf("due: %v, %v", due, err)
	}
}
