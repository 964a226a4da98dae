package figures_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"memberportal/internal/country"
	"memberportal/internal/figures"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
	"memberportal/internal/statistics"
	"memberportal/internal/store"
	"memberportal/internal/store/sqlitestore"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// published is a line of a file of figures; its id is its number.
type published struct{ figure, scope, period, value, unit string }

func fileOf(lines []published) string {
	var b strings.Builder
	b.WriteString("id,figure,scope,period,value,unit,paragraph\n")
	for i, l := range lines {
		fmt.Fprintf(&b, "%d,%s,%s,%s,%s,%s,\n", i, l.figure, l.scope, l.period, l.value, l.unit)
	}
	return b.String()
}

// compared are the results of lines, and what was observed.
func (s scene) compared(lines ...published) *figures.FigureReport {
	s.Helper()
	report, err := s.Portal.Figures.Check(stage.By(stage.Secretariat), strings.NewReader(fileOf(lines)))
	s.Must(err)
	if len(report.Figures) != len(lines) {
		s.Fatalf("%d results of %d lines", len(report.Figures), len(lines))
	}
	return report
}

// asPublished holds that figures of the statistics are equal to the records, and that each that is changed by
// one is different, with the records behind it.
func (s scene) asPublished(lines ...published) {
	s.Helper()
	for i, f := range s.compared(lines...).Figures {
		if f.Result != figures.FigureEqual || *f.Recorded != lines[i].value || f.Published != lines[i].value || f.Reason != nil || len(f.Rows) > 0 || f.RowCount != 0 {
			s.Errorf("%v is %s", lines[i], stage.InJSON(f))
		}
	}
	changed := slices.Clone(lines)
	for i := range changed {
		if changed[i].unit == "CHF" {
			changed[i].value = strings.TrimPrefix("-1"+changed[i].value, "-1-")
			continue
		}
		n, err := strconv.Atoi(changed[i].value)
		s.Must(err)
		changed[i].value = strconv.Itoa(n + 1)
	}
	for i, f := range s.compared(changed...).Figures {
		if f.Result != figures.FigureDifferent || *f.Recorded != lines[i].value || f.Published != changed[i].value || f.Reason != nil {
			s.Errorf("%v is %s", changed[i], stage.InJSON(f))
		}
		if f.Unit != "CHF" && (strconv.Itoa(f.RowCount) != lines[i].value || len(f.Rows) != min(f.RowCount, 100)) {
			s.Errorf("%v rests on %d of %d records", changed[i], len(f.Rows), f.RowCount)
		}
		for _, r := range f.Rows {
			if r.ID == "" || r.Name == "" || r.On == "" || (r.Amount != nil) != (f.Unit == "CHF") {
				s.Errorf("%v rests on %s", changed[i], stage.InJSON(r))
			}
		}
	}
}

func TestFiguresAreForTheSecretariat(t *testing.T) {
	stage.OnShared(t, func(s scene) {
		for _, a := range []kit.Actor{stage.Nobody, stage.Operator, stage.Reviewer, stage.Applicant, stage.Uganda, stage.FocalPoint("mem_ACTIVE"), stage.Delegate("mem_ACTIVE")} {
			want := kit.Forbidden
			if len(a.Roles) == 0 {
				want = kit.Unauthenticated
			}
			_, err := s.Portal.Figures.Check(stage.By(a), strings.NewReader(fileOf(nil)))
			s.Refused(err, want)
		}
	})
}

const both, every = "SECTOR_MEMBER+ASSOCIATE", "ALL"

// cuts are the figures of a count of movements: whole, by category and by region.
func cuts(figure, scope, period string, c statistics.MovementCount) []published {
	lines := []published{{figure, scope, period, strconv.FormatInt(c.Total, 10), "members"}}
	byCategory, byRegion := map[membership.MembershipCategory]int64{}, map[country.Region]int64{}
	for _, n := range c.ByCategory {
		byCategory[n.Category] = n.Count
	}
	for _, n := range c.ByRegion {
		byRegion[*n.Region] = n.Count
	}
	for _, category := range strings.Split(scope, "+") {
		lines = append(lines, published{figure, category, period, strconv.FormatInt(byCategory[membership.MembershipCategory(category)], 10), "members"})
	}
	for _, region := range country.Regions {
		cut := " in "
		if region == country.RegionREGINTORG {
			cut = " as "
		}
		lines = append(lines, published{figure + cut + string(region), scope, period, strconv.FormatInt(byRegion[region], 10), "members"})
	}
	return lines
}

func TestFiguresOfTheStatisticsAreEqualAndOthersDifferent(t *testing.T) {
	stage.OnShared(t, func(s scene) {
		if s.Slow() {
			return
		}
		q, err := s.Portal.Statistics.Of(stage.By(stage.Secretariat), nil, nil)
		s.Must(err)
		first := time.Date(2011, 1, 1, 0, 0, 0, 0, time.UTC)
		rapid.Check(s.T, func(t *rapid.T) {
			from := rapid.IntRange(0, 5200).Draw(t, "from")
			to := rapid.IntRange(from, 5200).Draw(t, "to")
			begins := kit.Date(first.AddDate(0, 0, from).Format(time.DateOnly))
			ends := min(kit.Date(first.AddDate(0, 0, to).Format(time.DateOnly)), testkit.Today)
			if ends < begins {
				return
			}
			m, err := s.Portal.Statistics.Movements(stage.By(stage.Secretariat), q, begins, ends)
			s.Must(err)
			period := string(begins) + ".." + string(ends)
			lines := cuts("joined", both, period, m.SectorMembersAndAssociates.Joined)
			lines = append(lines, cuts("left", both, period, m.SectorMembersAndAssociates.Left)...)
			lines = append(lines, cuts("joined", "ACADEMIA", period, m.Academia.Joined)...)
			lines = append(lines, cuts("left", "ACADEMIA", period, m.Academia.Left)...)
			s.asPublished(lines...)
		})
	})
}

func TestFiguresOfADayAreEqualAndOthersDifferent(t *testing.T) {
	stage.OnShared(t, func(s scene) {
		q, err := s.Portal.Statistics.Of(stage.By(stage.Secretariat), nil, nil)
		s.Must(err)
		var lines []published
		for _, day := range []kit.Date{"2015-06-30", "2023-12-31", testkit.Today} {
			evolution, err := s.Portal.Statistics.Evolution(stage.By(stage.Secretariat), q, []kit.Date{day})
			s.Must(err)
			totals, period := evolution[0], "as of "+string(day)
			n := func(count int64) string { return strconv.FormatInt(count, 10) }
			lines = append(lines, published{"members", every, period, n(totals.Total), "members"}, published{"total", "ACADEMIA", period, n(totals.Academia.Total), "members"})
			for _, c := range totals.SectorMembersAndAssociates.ByCategory {
				lines = append(lines, published{"total members", string(c.Category), period, n(c.Count), "members"})
			}
			for _, c := range totals.SectorMembersAndAssociates.ByRegion {
				if *c.Region != country.RegionREGINTORG {
					lines = append(lines, published{"members in " + string(*c.Region), both, period, n(c.Count), "members"})
				}
			}
		}
		s.asPublished(lines...)
	})
}

func TestFiguresOfMoneyAreEqualAndOthersDifferent(t *testing.T) {
	stage.OnShared(t, func(s scene) {
		q, err := s.Portal.Statistics.Of(stage.By(stage.Secretariat), nil, nil)
		s.Must(err)
		var lines []published
		for _, period := range [][3]string{{"2024", "2024-01-01", "2024-12-31"}, {"2024-06", "2024-06-01", "2024-06-30"}} {
			r, err := s.Portal.Statistics.Revenue(stage.By(stage.Secretariat), q, kit.Date(period[1]), kit.Date(period[2]))
			s.Must(err)
			for scope, m := range map[string]statistics.RevenueMovement{both: r.SectorMembersAndAssociates, "ACADEMIA": r.Academia} {
				if m.Net == nil {
					s.Fatalf("%s %s: unpriced changes", period[0], scope)
				}
				lines = append(lines, published{"gain", scope, period[0], m.Gain.Total.Amount.String(), "CHF"},
					published{"loss", scope, period[0], m.Loss.Total.Amount.String(), "CHF"}, published{"net revenue change", scope, period[0], m.Net.Amount.String(), "CHF"})
			}
			lines = append(lines, published{"net revenue change", every, period[0], (r.SectorMembersAndAssociates.Net.Amount + r.Academia.Net.Amount).String(), "CHF"})
		}
		s.asPublished(lines...)
	})
}

func TestForecastsAreEqualAndOthersDifferent(t *testing.T) {
	stage.OnShared(t, func(s scene) {
		var lines []published
		for _, known := range []kit.Date{"2024-06-30", "2025-02-28", testkit.Today} {
			q, err := s.Portal.Statistics.Of(stage.By(stage.Secretariat), &known, &known)
			s.Must(err)
			from, until := known[:4]+"-01-01", known[:4]+"-12-31"
			f, err := s.Portal.Statistics.Forecast(stage.By(stage.Secretariat), q, until)
			s.Must(err)
			m, err := s.Portal.Statistics.Movements(stage.By(stage.Secretariat), q, from, known)
			s.Must(err)
			words := func(way string) string { return "forecast to " + way + " (as known " + string(known) + ")" }
			period := string(from) + ".." + string(until)
			n := func(movement statistics.MovementCount, flow statistics.ForecastFlow) string {
				return strconv.FormatInt(movement.Total+flow.Foreseen, 10)
			}
			lines = append(lines,
				published{words("join"), both, period, n(m.SectorMembersAndAssociates.Joined, f.SectorMembersAndAssociates.Joining), "members"},
				published{words("leave"), both, period, n(m.SectorMembersAndAssociates.Left, f.SectorMembersAndAssociates.Leaving), "members"},
				published{words("join"), "ACADEMIA", period, n(m.Academia.Joined, f.Academia.Joining), "members"},
				published{words("join"), both, string(from) + ".." + string(known), strconv.FormatInt(m.SectorMembersAndAssociates.Joined.Total, 10), "members"},
			)
		}
		s.asPublished(lines...)
	})
}

func TestWhatWaitsAndWhatWasGrantedAndHeld(t *testing.T) {
	stage.OnShared(t, func(s scene) {
		q, err := s.Portal.Statistics.Of(stage.By(stage.Secretariat), nil, nil)
		s.Must(err)
		at, err := s.Portal.Statistics.Pipeline(stage.By(stage.Secretariat), q)
		s.Must(err)
		today := "as of " + string(testkit.Today)
		lines := []published{
			{"awaiting approval", both, today, strconv.FormatInt(at.SectorMembersAndAssociates.PendingApproval.Total, 10), "applications"},
			// Those of the demonstration are of the day before, and on record since February.
			{"awaiting approval of their administration", every, "as of 2025-01-16", "2", "applications"},
			{"fee exemptions granted", every, "2024-06", "5", "organisations"},
			{"fee exemptions granted", every, "2024-06-15..2024-06-30", "4", "organisations"},
			{"fee exemptions granted", every, "2023", "0", "organisations"},
			{"IAGDI-CRO meetings", "EVENTS", "2024", "2", "events"},
			{"tech talks", "EVENTS", "2025-02", "2", "events"},
		}
		for _, c := range at.SectorMembersAndAssociates.PendingApproval.ByCategory {
			lines = append(lines, published{"awaiting approval", string(c.Category), today, strconv.FormatInt(c.Count, 10), "applications"})
		}
		s.asPublished(lines...)
	})
}

// TestEventsThatAreNotHeldAreNotCounted compares days of the testbed, on which one event each was published,
// postponed or cancelled, or is a draft.
func TestEventsThatAreNotHeldAreNotCounted(t *testing.T) {
	s := scene{stage.Embedded(t)}
	clock := kit.NewClock(func() time.Time { return testkit.Now.AddDate(1, 0, 0) }, time.UTC)
	var err error
	s.Portal, err = portal.New(portal.Options{Store: s.Store, Clock: clock, Entropy: testkit.Entropy(t.Name()), Countries: testkit.Countries(t)})
	s.Must(err)
	s.Store.SetDay("2026-03-31")
	s.asPublished(published{"briefings", "EVENTS", "2025-08", "0", "events"}, published{"briefings", "EVENTS", "2025-06-20..2025-06-22", "3", "events"})
}

func TestFiguresThatCannotBeVerifiedSayWhy(t *testing.T) {
	stage.OnShared(t, func(s scene) {
		q, err := s.Portal.Statistics.Of(stage.By(stage.Secretariat), nil, nil)
		s.Must(err)
		revenue, err := s.Portal.Statistics.Revenue(stage.By(stage.Secretariat), q, "2023-01-01", "2023-12-31")
		s.Must(err)
		for _, c := range []struct {
			line published
			want string
		}{
			{published{"churn", every, "2024", "1", "members"}, "The vocabulary of figures does not have these words for this scope."},
			{published{"joined: Associates", "ACADEMIA", "2024", "1", "members"}, "The vocabulary of figures does not have these words for this scope."},
			{published{"joined", every, "1990", "1", "members"}, "The period begins before the first record of "},
			{published{"left", every, "2025", "1", "members"}, "The records end on 2025-03-31, before the days of the figure."},
			{published{"members", every, "as of 2025-04-01", "1", "members"}, "The records end on 2025-03-31, "},
			{published{"joined", "EVENTS", "2024", "1", "members"}, "The records do not split this by the scope EVENTS."},
			{published{"members", "EVENTS", "as of 2024-01-01", "1", "members"}, "The records do not split this by the scope EVENTS."},
			{published{"awaiting approval", "EVENTS", "as of 2025-03-31", "1", "applications"}, "The records do not split this by the scope EVENTS."},
			{published{"awaiting approval", every, "as of 2024-01-01", "1", "applications"}, "The period begins before the first record of 2024-"},
			{published{"net revenue change", "ASSOCIATE", "2024", "1", "CHF"}, "The records do not split this by the scope ASSOCIATE."},
			{published{"gain", "SECTOR_MEMBER+ACADEMIA", "2024", "1", "CHF"}, "The records do not split this by the scope SECTOR_MEMBER+ACADEMIA."},
			{published{"net revenue change", both, "2023", "1", "CHF"}, fmt.Sprintf("no tariff sets it: %d.", revenue.SectorMembersAndAssociates.Unpriced.Changes)},
			{published{"gain", every, "1990", "1", "CHF"}, "The period begins before the first record of "},
			{published{"fee exemptions granted", both, "2024", "1", "organisations"}, "The records do not split this by the scope SECTOR_MEMBER+ASSOCIATE."},
			{published{"fee exemptions granted", every, "2025", "1", "organisations"}, "The records end on 2025-03-31, "},
			{published{"tech talks", every, "2025-02", "1", "events"}, "The records do not split this by the scope ALL."},
			{published{"tech talks", "EVENTS", "2022", "1", "events"}, "The period begins before the first record of 2023-"},
			{published{"forecast to join (as known 2025-03-31)", "ASSOCIATE", "2025", "1", "members"}, "The records do not split this by the scope ASSOCIATE."},
			{published{"forecast to join (as known 2025-04-01)", both, "2025", "1", "members"}, "The records end on 2025-03-31, "},
			{published{"forecast to join (as known 2025-03-31)", both, "2025-04-02..2025-12-31", "1", "members"}, "A forecast begins on 2025-04-01, "},
			{published{"forecast to leave (as known 2025-03-31)", both, "2025-01-01..2026-04-02", "1", "members"}, "A forecast reaches to 2026-04-01 at the latest."},
			{published{"forecast to leave (as known 1990-03-31)", both, "1990", "1", "members"}, "There are no records of this."},
		} {
			f := s.compared(c.line).Figures[0]
			if f.Result != figures.FigureUnverifiable || f.Recorded != nil || f.Reason == nil || !strings.Contains(*f.Reason, c.want) || len(f.Rows) > 0 {
				s.Errorf("%v is %s, want %s", c.line, stage.InJSON(f), c.want)
			}
		}
	})
}

// TestAStoreWithoutRecords has nothing to compare with and nothing to observe.
func TestAStoreWithoutRecords(t *testing.T) {
	empty, err := sqlitestore.Open(t.Context(), t.TempDir()+"/portal.db", sqlitestore.Options{Holder: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = empty.Close() })
	s := scene{stage.New(t, empty)}
	_, err = store.Begin(t.Context(), empty, portal.Kinds(), string(testkit.Today), true)
	s.Must(err)
	report := s.compared(published{"joined", every, "2024", "0", "members"}, published{"tech talks", "EVENTS", "2024", "0", "events"}, published{"awaiting approval", every, "as of 2024-01-01", "0", "applications"})
	for _, f := range report.Figures {
		if f.Reason == nil || *f.Reason != "There are no records of this." {
			t.Errorf("got %s", stage.InJSON(f))
		}
	}
	if len(report.Observations) > 0 || report.Dataset != kit.Recorded {
		t.Errorf("got %s", stage.InJSON(report))
	}
}

func TestAFaultyFileIsNotCompared(t *testing.T) {
	s := scene{stage.New(t, testkit.Engines()[0].Shared(t))}
	report, err := s.Portal.Figures.Check(stage.By(stage.Secretariat), strings.NewReader(fileOf([]published{{"joined", every, "2024", "x", "members"}})))
	if report != nil || err == nil || err.Error() != `line 2, column 19: value: "x" is no number of members` {
		t.Errorf("got %v, %v", report, err)
	}
}
