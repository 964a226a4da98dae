package figures_test

import (
	"slices"
	"strings"
	"testing"

	"memberportal/internal/applications"
	"memberportal/internal/consultations"
	"memberportal/internal/country"
	"memberportal/internal/figures"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// observed are the observations of a code.
func observed(r *figures.FigureReport, code figures.ObservationCode) (found []figures.FigureObservation) {
	for _, o := range r.Observations {
		if o.Code == code {
			found = append(found, o)
		}
	}
	return found
}

// observes holds that lines lead to one observation of a code with these figures and records, or to none where
// no figure and no record is named.
func (s scene) observes(code figures.ObservationCode, lines []published, figures []string, records []kit.ID, words ...string) {
	s.Helper()
	found := observed(s.compared(lines...), code)
	if len(figures)+len(records) == 0 {
		if len(found) > 0 {
			s.Errorf("%v: got %s", lines, stage.InJSON(found))
		}
		return
	}
	if len(found) != 1 || !slices.Equal(found[0].Figures, figures) || !slices.Equal(found[0].Records, records) {
		s.Fatalf("%v: got %s", lines, stage.InJSON(found))
	}
	for _, w := range words {
		if !strings.Contains(found[0].Message, w) {
			s.Errorf("%q is not in %q", w, found[0].Message)
		}
	}
}

func TestANetFigureThatIsGross(t *testing.T) {
	s := scene{stage.New(t, testkit.Engines()[0].Shared(t))}
	net := func(scope, period, value string) published {
		return published{"net revenue change", scope, period, value, "CHF"}
	}
	joined := published{"joined", both, "2024", "28", "members"}
	for _, c := range []struct {
		lines []published
		want  []string
	}{
		{[]published{joined, net(both, "2024", "111300.00")}, []string{"1", "0"}},
		{[]published{net(both, "2024", "111300"), joined, {"left", both, "2024", "8", "members"}}, []string{"0", "1"}},
		{[]published{net(both, "2024", "111300"), joined, {"left", both, "2024", "0", "members"}}, nil},
		{[]published{net(both, "2024", "111300.01"), joined}, nil},
		{[]published{net(both, "2024", "79500"), joined}, nil},
		{[]published{net(both, "2024-06", "111300"), joined}, nil},
		{[]published{net(every, "2024", "111300"), joined}, nil},
		{[]published{net(both, "2024", "111300"), {"joined in EUR", both, "2024", "28", "members"}}, nil},
		{[]published{net(both, "2024", "0"), {"joined", both, "2024", "0", "members"}}, nil},
		{[]published{net("ACADEMIA", "2024", "7950.00"), {"joined", "ACADEMIA", "2024", "4", "members"}}, []string{"0", "1"}},
		// No class of Academia costs as much, and no tariff of 2023 is known.
		{[]published{net("ACADEMIA", "2024", "31800.00"), {"joined", "ACADEMIA", "2024", "4", "members"}}, nil},
		{[]published{net(both, "2023", "111300"), {"joined", both, "2023", "28", "members"}}, nil},
	} {
		s.observes(figures.NetEqualsGross, c.lines, c.want, nil)
	}
	s.observes(figures.NetEqualsGross, []published{joined, net(both, "2024", "111300")}, []string{"1", "0"}, nil,
		"111300.00 CHF (1)", "the 28 that joined (0)", "3975.00 CHF", "SM_D_1_16, AS_D_1_16")
}

func TestAForecastThatExceedsWhatIsPending(t *testing.T) {
	s := scene{stage.New(t, testkit.Engines()[0].Shared(t))}
	q, err := s.Portal.Statistics.Of(stage.By(stage.Secretariat), nil, nil)
	s.Must(err)
	at, err := s.Portal.Statistics.Pipeline(stage.By(stage.Secretariat), q)
	s.Must(err)
	forecast := published{"forecast to join (as known 2025-03-31)", both, "2025-01-01..2025-06-30", "14", "members"}
	awaiting := func(scope, n string) published {
		return published{"awaiting approval", scope, "as of 2025-03-31", n, "applications"}
	}
	for _, c := range []struct {
		lines []published
		want  []string
	}{
		{[]published{forecast, awaiting(both, "13")}, []string{"0", "1"}},
		{[]published{forecast, awaiting(both, "14")}, nil},
		{[]published{forecast, awaiting(every, "13")}, []string{"0", "1"}},
		{[]published{forecast, awaiting(every, "20"), awaiting("SECTOR_MEMBER", "7"), awaiting("ASSOCIATE", "6")}, []string{"0", "2", "3"}},
		{[]published{awaiting("SECTOR_MEMBER", "7"), awaiting(every, "13"), awaiting("ASSOCIATE", "6"), forecast}, []string{"3", "1", "0", "2"}},
		// A part of the scope bounds nothing, and neither does another day.
		{[]published{forecast, awaiting("SECTOR_MEMBER", "7")}, nil},
		{[]published{forecast, awaiting("ACADEMIA", "1")}, nil},
		{[]published{forecast, {"awaiting approval", both, "as of 2025-03-30", "13", "applications"}}, nil},
		{[]published{forecast, {"awaiting approval in EUR", both, "as of 2025-03-31", "1", "applications"}}, nil},
	} {
		s.observes(figures.ForecastExceedsPending, c.lines, c.want, nil)
	}
	s.observes(figures.ForecastExceedsPending, []published{forecast, awaiting(both, "13")}, []string{"0", "1"}, nil,
		"forecast of 14", "the 13 applications", "2025-03-31 (1)", "records of that day: "+figures.FigureMembers.Text(at.SectorMembersAndAssociates.ApprovedUnpaid.Total)+".")
}

func TestExemptOrganisationsThatAreCountedNowhere(t *testing.T) {
	s := scene{stage.Embedded(t)}
	june := published{"fee exemptions granted", every, "2024-06", "5", "organisations"}
	counted := testkit.FeeExemptions()[1]
	counted.ID, counted.Member = "exm_COUNTED", "mem_ACTIVE"
	s.Must(membership.FeeExemptionNoun.In(s.Store).Insert(t.Context(), counted))
	all := observed(s.compared(), figures.ExemptionInNoBucket)
	if len(all) != 1 || len(all[0].Records) != 5 || !strings.Contains(all[0].Message, "on 2025-03-31: 5.") || !strings.Contains(all[0].Message, "; Testbed Exempt.") {
		t.Fatalf("got %s", stage.InJSON(all))
	}
	s.observes(figures.ExemptionInNoBucket, []published{june}, []string{"0"}, all[0].Records, "on 2024-06-30: 5.")
	s.observes(figures.ExemptionInNoBucket, []published{{"fee exemptions granted", every, "2023", "0", "organisations"}}, nil, nil)

	// One of them is counted under a region, and it is not missing any more.
	_, err := membership.FeeExemptionNoun.In(s.Store).Update(t.Context(), string(all[0].Records[0]), func(x *membership.FeeExemption) error {
		x.Decision.CountedUnder = new(country.RegionAFR)
		return nil
	})
	s.Must(err)
	s.observes(figures.ExemptionInNoBucket, []published{june}, []string{"0"}, all[0].Records[1:], "on 2024-06-30: 4.")
}

func TestAssociatesWithoutAStudyGroup(t *testing.T) {
	s := scene{stage.Embedded(t)}
	found := observed(s.compared(), figures.AssociateWithoutStudyGroup)
	if len(found) != 1 || !slices.Contains(found[0].Records, "app_INCOMPLETE") || !strings.Contains(found[0].Message, "Testbed Incomplete") {
		t.Fatalf("got %s", stage.InJSON(found))
	}
	before := found[0].Records
	_, err := applications.ApplicationNoun.In(s.Store).Update(t.Context(), "app_INCOMPLETE", func(a *applications.Application) error {
		a.StudyGroup = new(membership.SG1)
		return nil
	})
	s.Must(err)
	s.Portal = testkit.Portal(t, s.Store)
	after := slices.DeleteFunc(slices.Clone(before), func(id kit.ID) bool { return id == "app_INCOMPLETE" })
	s.observes(figures.AssociateWithoutStudyGroup, nil, nil, after)
}

func TestAReportThatIsDueOnTwoDays(t *testing.T) {
	s := scene{stage.Embedded(t)}
	deadlines := func(o figures.FigureObservation) bool { return slices.Contains(o.Records, "lia_TESTBED") }
	due := func(interim, final *consultations.ReportDeadline) []figures.FigureObservation {
		t.Helper()
		_, err := consultations.LiaisonNoun.In(s.Store).Update(t.Context(), "lia_TESTBED", func(l *consultations.LiaisonStatement) error {
			l.InterimReportDue, l.FinalReportDue = interim, final
			return nil
		})
		s.Must(err)
		return slices.DeleteFunc(observed(s.compared(), figures.TwoDeadlines), func(o figures.FigureObservation) bool { return !deadlines(o) })
	}
	september := &consultations.ReportDeadline{On: "2025-09-30", MonthOnly: true, Source: "one"}
	december := &consultations.ReportDeadline{On: "2025-12-31", Source: "another"}
	for _, none := range [][2]*consultations.ReportDeadline{
		{nil, nil}, {september, nil}, {nil, december},
		{september, {On: "2025-09-30", Source: "another"}},
		{september, {On: "2025-12-31", Source: "one"}},
	} {
		if found := due(none[0], none[1]); len(found) > 0 {
			t.Errorf("%s: got %s", stage.InJSON(none), stage.InJSON(found))
		}
	}
	found := due(september, december)
	if len(found) != 1 || !strings.Contains(found[0].Message, "TESTBED-LS/1(Rev.1) is due on two days: 2025-09 by «one», and 2025-12-31 by «another»") {
		t.Errorf("got %s", stage.InJSON(found))
	}
}

func TestReasonsAndObservationsAreInTheCallersLanguage(t *testing.T) {
	s := scene{stage.New(t, testkit.Engines()[0].Shared(t))}
	lines := []published{{"churn", every, "2024", "1", "members"}}
	seen := map[string]kit.Locale{}
	for _, l := range kit.Locales {
		report, err := s.Portal.Figures.Check(kit.WithLocale(stage.By(stage.Secretariat), l), strings.NewReader(fileOf(lines)))
		s.Must(err)
		texts := []string{*report.Figures[0].Reason}
		for _, o := range report.Observations {
			texts = append(texts, o.Message)
		}
		if len(texts) < 4 {
			t.Fatalf("%s: only %d texts", l, len(texts))
		}
		for _, text := range texts {
			if other, twice := seen[text]; twice || strings.ContainsAny(text, "{}") {
				t.Errorf("%s and %s: %q", other, l, text)
			}
			seen[text] = l
		}
	}
}
