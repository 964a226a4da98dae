package membership

import (
	"strings"
	"testing"

	"memberportal/internal/country"
	"memberportal/internal/kit"
)

// knownTable has what comes with the program.
func knownTable(t *testing.T) *FeeTable {
	t.Helper()
	s, err := feeTable(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func countryOf(class country.DevelopmentClass) *country.Country {
	return &country.Country{DevelopmentClass: class}
}

func TestTheUnitOfSectorMembersIsAFifthOfThatOfMemberStates(t *testing.T) { // No. 480 of the Convention
	tariffs, err := Tariffs()
	if err != nil {
		t.Fatal(err)
	}
	if states, members := tariffs[0], tariffs[1]; states.Amount.Amount != members.Amount.Amount*5 {
		t.Errorf("%s and %s", states.Amount.Amount, members.Amount.Amount)
	}
}

func TestTheMinimumOfEachCategory(t *testing.T) {
	s := knownTable(t)
	for name, c := range map[string]struct {
		category MembershipCategory
		country  *country.Country
		sectors  []Sector
		sme      bool
		on       kit.Date
		want     string
	}{
		"a Sector Member of a developing country":       {SectorMember, countryOf(country.Developing), []Sector{SectorD}, false, "2025-03-31", "3975.00"},
		"a Sector Member of a developed country":        {SectorMember, countryOf(country.Developed), []Sector{SectorD}, false, "2025-03-31", "7950.00"},
		"a Sector Member of no country":                 {SectorMember, nil, []Sector{SectorD}, false, "2025-03-31", "7950.00"},
		"a Sector Member of two Sectors":                {SectorMember, countryOf(country.Developing), []Sector{SectorT, SectorD}, false, "2025-03-31", "35775.00"},
		"an Associate of a developing country":          {Associate, countryOf(country.Developing), []Sector{SectorD}, false, "2025-03-31", "1987.50"},
		"an Associate of a developed country":           {Associate, countryOf(country.Developed), []Sector{SectorD}, false, "2025-03-31", "3975.00"},
		"Academia of a developing country":              {Academia, countryOf(country.Developing), Sectors, false, "2025-03-31", "1987.50"},
		"Academia of a developed country":               {Academia, countryOf(country.Developed), Sectors, false, "2025-03-31", "3975.00"},
		"the first day of the table":                    {Academia, countryOf(country.Developed), Sectors, false, "2024-01-01", "3975.00"},
		"the last day of the table":                     {Academia, countryOf(country.Developed), Sectors, false, "2028-12-31", "3975.00"},
		"the day before the table":                      {Academia, countryOf(country.Developed), Sectors, false, "2023-12-31", "unknown"},
		"the day after the table":                       {Academia, countryOf(country.Developed), Sectors, false, "2029-01-01", "unknown"},
		"a small enterprise, of which no source says":   {Associate, countryOf(country.Developing), []Sector{SectorD}, true, "2025-03-31", "unknown"},
		"a small enterprise that is a Sector Member":    {SectorMember, countryOf(country.Developing), []Sector{SectorD}, true, "2025-03-31", "unknown"},
		"an Associate of the other Sectors' own tariff": {Associate, countryOf(country.Developing), []Sector{SectorR}, false, "2025-03-31", "10600.00"},
	} {
		t.Run(name, func(t *testing.T) {
			got := "unknown"
			if amount, ok := s.minimum(c.category, c.country, c.sectors, c.sme, c.on); ok {
				got = amount.String()
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestTheWorthOfTheApplicationsThatWaited adds up 13 applications that waited for their administrations
// in March 2025.
func TestTheWorthOfTheApplicationsThatWaited(t *testing.T) {
	s, total := knownTable(t), kit.Decimal(0)
	for _, c := range []struct {
		n        kit.Decimal
		category MembershipCategory
		class    country.DevelopmentClass
	}{{6, SectorMember, country.Developing}, {1, SectorMember, country.Developed}, {5, Associate, country.Developing}, {1, Associate, country.Developed}} {
		amount, ok := s.minimum(c.category, countryOf(c.class), []Sector{SectorD}, false, "2025-03-31")
		if !ok {
			t.Fatal(c)
		}
		total += c.n * amount
	}
	if total.String() != "45712.50" {
		t.Errorf("got %s", total)
	}
}

func TestRulesHoldTheirNumbersAndTexts(t *testing.T) {
	s := knownTable(t)
	for code, want := range map[string]int{
		ruleWithdrawalNotice: 6, ruleFeeAfterLeaving: 0, ruleSuspension: 180, ruleExclusion: 90, ruleYearBegins: 101, ruleInvoiceIssue: 915, ruleInvoiceDue: 331,
		RuleApplicationFirst: 4, RuleApplicationSecond: 4,
	} {
		r, err := s.Rule(code, "2025-03-31")
		if err != nil || r.Value != want || r.Provision.Code != code || r.Provision.Source == "" {
			t.Errorf("%s: %+v, %v", code, r, err)
		}
	}
	due, _ := s.Rule(ruleInvoiceDue, "2025-03-31")
	if got := due.day(2026); got != "2026-03-31" {
		t.Errorf("due on %s", got)
	}
	suspension, _ := s.Rule(ruleSuspension, "2025-03-31")
	if got := kit.Date("2025-03-31").AddDays(suspension.Value); got != "2025-09-27" {
		t.Errorf("suspended from %s", got)
	}
	if _, err := s.Rule("NO_RULE", "2025-03-31"); err == nil {
		t.Error("an unknown rule is no error")
	}
}

func TestARuleHoldsWithinItsPeriod(t *testing.T) {
	table := strings.Replace(rulesCSV, "SUSPENSION,DAYS,180,,,", "SUSPENSION,DAYS,120,,2014-12-31,a,b,N\nSUSPENSION,DAYS,180,2015-01-01,,", 1)
	rules, err := ReadRules(strings.NewReader(table))
	if err != nil {
		t.Fatal(err)
	}
	s, err := feeTable(nil, rules)
	if err != nil {
		t.Fatal(err)
	}
	for on, want := range map[kit.Date]int{"1999-01-01": 120, "2014-12-31": 120, "2015-01-01": 180, "2025-01-01": 180} {
		if r, err := s.Rule(ruleSuspension, on); err != nil || r.Value != want {
			t.Errorf("%s: %d, %v", on, r.Value, err)
		}
	}
}

// TestAFaultyTableIsRefusedWithThePlace spoils one cell of the table that comes with the program.
func TestAFaultyTableIsRefusedWithThePlace(t *testing.T) {
	const second = "UNIT_SECTOR_MEMBER,UNIT,SECTOR_MEMBER,,ANY,,63600.00,,2024-01-01,2028-12-31"
	for name, c := range map[string]struct{ old, new, want string }{
		"another header":             {"code,kind", "kind,code", "line 1, column 1: the first line must be code,kind"},
		"a cell too few":             {second, "UNIT_SECTOR_MEMBER,UNIT", "wrong number of fields"},
		"an open quotation":          {second, `"` + second, `line 22, column 55`},
		"a code in small letters":    {second, strings.Replace(second, "UNIT_S", "unit_S", 1), `line 3, column 1: code: "unit_SECTOR_MEMBER" is no code`},
		"an unknown kind":            {second, strings.Replace(second, ",UNIT,", ",FEE,", 1), `line 3, column 20: kind: "FEE" is none of UNIT`},
		"an unknown category":        {second, strings.Replace(second, ",SECTOR_MEMBER", ",MEMBER", 1), `line 3, column 25: category: "MEMBER" is none of`},
		"an unknown Sector":          {second, strings.Replace(second, ",,ANY", ",X,ANY", 1), `line 3, column 39: sector: "X" is none of R, T, D`},
		"an unknown status":          {second, strings.Replace(second, "ANY", "", 1), `line 3, column 40: country_status: "" is none of`},
		"an amount with commas":      {second, strings.Replace(second, "63600.00", `"63,600"`, 1), `line 3, column 45: amount: "63,600" is not an amount`},
		"an amount below zero":       {second, strings.Replace(second, "63600.00", "-1", 1), "line 3, column 45: amount: is below zero"},
		"another amount of the unit": {"1/8,7950.00", "1/8,7950.01", "amount: is not 1/8 of 63600.00"},
		"a fraction that is none":    {"1/8,7950.00", "1/0,7950.00", "amount: is not 1/0 of 63600.00"},
		"a fraction of centimes":     {"1/8,7950.00", "1/7,9085.71", "amount: is not 1/7 of 63600.00"},
		"a fraction of no amount":    {"1/8,7950.00", "1/8,", "amount: a fraction of the unit has an amount"},
		"a class of no Sector":       {"SM_R_1,CLASS,SECTOR_MEMBER,R", "SM_R_1,CLASS,SECTOR_MEMBER,", "line 5, column 28: sector: only units, exemptions and Academia"},
		"a class of no fraction":     {"1/8,7950.00", ",7950.00", "fraction: a class is a fraction of the unit"},
		"a class ahead of the unit":  {second, strings.Replace(second, "63600.00", "", 1), "fraction: no unit holds on these days"},
		"a flag that is none":        {second, strings.Replace(second, "63600.00,", "63600.00,N", 1), `line 3, column 54: minimum: "N" is neither Y nor ""`},
		"no first day":               {second, strings.Replace(second, "2024-01-01", "", 1), `line 3, column 55: valid_from: "" is not a date`},
		"a last day that is none":    {second, strings.Replace(second, "2028-12-31", "2028-12-32", 1), `line 3, column 66: valid_to: "2028-12-32" is not a date`},
		"an end ahead of the start":  {second, strings.Replace(second, "2028-12-31", "2023-12-31", 1), "line 3, column 66: valid_to: ends before it begins"},
		"a row for no category":      {"SM_R_1,CLASS,SECTOR_MEMBER", "SM_R_1,CLASS,", "line 5, column 14: category: only the unit of Member States"},
		"a class that stands twice":  {"SM_R_1,", "SM_R_1_2,", "line 5, column 1: code: SM_R_1_2 is for some of these organisations"},
		"two minimums":               {"SM_R_1,CLASS,SECTOR_MEMBER,R,ANY,1,63600.00,", "SM_R_1,CLASS,SECTOR_MEMBER,R,ANY,1,63600.00,Y", "minimum: SM_R_1_2 is the minimum already"},
		"neither confirmed nor not":  {"membership terms and conditions,Y", "membership terms and conditions,", `confirmed: "" is neither Y nor "N"`},
		"no source":                  {"no public text at hand,N", ",N", "source: must not be empty"},
	} {
		t.Run(name, func(t *testing.T) {
			table := strings.Replace(tariffsCSV, c.old, c.new, 1)
			if table == tariffsCSV {
				t.Fatal("nothing was spoilt")
			}
			if _, err := ReadTariffs(strings.NewReader(table)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	if _, err := ReadTariffs(strings.NewReader("")); err == nil {
		t.Error("an empty file is a table")
	}
}

func TestFaultyRulesAreRefusedWithThePlace(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"a rule that nobody follows":     {"SUSPENSION,", "SUSPENDING,", `line 4, column 1: code: there is no rule "SUSPENDING"`},
		"a rule that is missing":         {"SUSPENSION,DAYS,180,,,\"Resolution 152 (Rev. Busan, 2014), resolves 6\",itu.int/en/membership/Pages/sm-terms-conditions.aspx; Council documents S17-CL-C-0014 and S18-CL-C-0060,Y\n", "", "the rule SUSPENSION is missing"},
		"a rule that stands twice":       {"EXCLUSION,DAYS,90", "SUSPENSION,DAYS,90", "line 5, column 20: valid_from: the rule holds on some of these days already"},
		"a number below zero":            {"180", "-1", `line 4, column 17: value: "-1" is no number of DAYS from 0 to 1023, and no day of every year`},
		"a unit that is none":            {"DAYS,180", "WEEKS,180", `line 4, column 12: unit: "WEEKS" is none of`},
		"a day that is not in all years": {"03-31", "02-29", `value: "02-29" is no number of MONTH_DAY from 0 to 1023, and no day of every year`},
		"a day in short":                 {"03-31", "3-31", `value: "3-31" is no number of MONTH_DAY from 0 to 1023, and no day of every year`},
	} {
		t.Run(name, func(t *testing.T) {
			table := strings.Replace(rulesCSV, c.old, c.new, 1)
			if table == rulesCSV {
				t.Fatal("nothing was spoilt")
			}
			if _, err := ReadRules(strings.NewReader(table)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}
