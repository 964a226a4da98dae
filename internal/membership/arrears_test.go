package membership

import (
	"context"
	"strings"
	"testing"

	"memberportal/internal/kit"
)

func TestArrearsComeToTheirStagesOnTheirDays(t *testing.T) {
	owed := func(dueOn kit.Date, amount kit.Decimal) debt {
		return debt{dueOn, kit.Money{Amount: amount, Currency: kit.CHF}}
	}
	terms := arrearsTerms{suspension: 180, exclusion: 90}
	active := Membership{Status: Active}
	suspended := Membership{Status: Suspended, SuspendedOn: "2025-10-01", NotifiedOn: "2025-10-10"}
	for name, c := range map[string]struct {
		is     Membership
		debts  []debt
		day    kit.Date
		stage  ArrearsStage
		since  kit.Date
		amount kit.Decimal
		step   ArrearsStep
		on     kit.Date
	}{
		"on the due date nothing is overdue":           {active, []debt{owed("2025-03-31", 795000)}, "2025-03-31", "", "", 795000, "", ""},
		"the day after it is":                          {active, []debt{owed("2025-03-31", 795000)}, "2025-04-01", Overdue, "2025-03-31", 795000, StepSuspension, "2025-09-27"},
		"a day before the term ends":                   {active, []debt{owed("2025-03-31", 795000)}, "2025-09-26", Overdue, "2025-03-31", 795000, StepSuspension, "2025-09-27"},
		"180 days after the due date":                  {active, []debt{owed("2025-03-31", 795000)}, "2025-09-27", SuspensionDue, "2025-03-31", 795000, StepSuspension, "2025-09-27"},
		"the oldest counts, the sum is of all overdue": {active, []debt{owed("2025-03-31", 100), owed("2024-03-31", 250), owed("2026-03-31", 900)}, "2025-05-01", SuspensionDue, "2024-03-31", 350, StepSuspension, "2024-09-27"},
		"suspended, and the notice received":           {suspended, []debt{owed("2025-03-31", 5)}, "2026-01-07", ArrearsSuspended, "2025-03-31", 5, StepExclusion, "2026-01-08"},
		"90 days after the receipt":                    {suspended, []debt{owed("2025-03-31", 5)}, "2026-01-08", ExclusionDue, "2025-03-31", 5, StepExclusion, "2026-01-08"},
		"suspended, and nobody knows of the receipt":   {Membership{Status: Suspended, SuspendedOn: "2020-01-01"}, []debt{owed("2019-03-31", 5)}, "2026-01-08", ArrearsSuspended, "2019-03-31", 5, StepExclusion, ""},
		"a repayment plan holds":                       {Membership{Status: Suspended, NotifiedOn: "2025-10-10", PlanUntil: "2027-01-01"}, []debt{owed("2025-03-31", 5)}, "2026-06-01", InRepayment, "2025-03-31", 5, "", ""},
		"a member that left owes still":                {Membership{Status: Withdrawn}, []debt{owed("2025-03-31", 5)}, "2026-06-01", OwedAfterwards, "2025-03-31", 5, "", ""},
		"a pending member has nothing to lose yet":     {Membership{Status: PendingActivation}, []debt{owed("2025-03-31", 5)}, "2026-06-01", Overdue, "2025-03-31", 5, "", ""},
		"nothing owed":                                 {active, nil, "2026-06-01", "", "", 0, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := arrearsOf(c.is, c.debts, c.day, terms)
			step, on := ArrearsStep(""), kit.Date("")
			kit.Set(&step, a.NextStep)
			kit.Set(&on, a.On)
			if a.Stage != c.stage || a.Since != c.since || a.Amount.Amount != c.amount || step != c.step || on != c.on {
				t.Errorf("got %s since %s, %s, then %s on %s", a.Stage, a.Since, a.Amount.Amount, step, on)
			}
			if a.Stage == "" {
				return
			}
			for _, l := range kit.Locales {
				if text := a.Rule(kit.WithLocale(context.Background(), l)); text == "" || strings.Contains(text, "{") || c.on != "" && !strings.Contains(text, string(c.on)) {
					t.Errorf("%s: %s", l, text)
				}
			}
		})
	}
}

func TestAnInvoiceIsOverdueTheDayAfterItWasDue(t *testing.T) {
	i := Invoice{Amount: kit.Money{Amount: 100, Currency: kit.CHF}, DueOn: new(kit.Date("2025-03-31"))}
	for on, want := range map[kit.Date]bool{"2025-03-31": false, "2025-04-01": true} {
		if i.late(on) != want {
			t.Errorf("on %s it is %v", on, !want)
		}
	}
}
