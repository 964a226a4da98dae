package membership

import (
	"testing"

	"pgregory.net/rapid"

	"memberportal/internal/country"
	"memberportal/internal/kit"
)

// amounts are fees from nothing to many units.
func amounts(t *rapid.T) kit.Decimal { return kit.Decimal(rapid.Int64Range(0, 1e11).Draw(t, "annual")) }

func TestTheTwelveMonthlySharesSumToTheAnnualFee(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		annual := amounts(t)
		sum := kit.Decimal(0)
		for month := 1; month <= 12; month++ {
			sum += prorated(annual, month) - prorated(annual, month-1)
		}
		if sum != annual || prorated(annual, 12) != annual || prorated(annual, 0) != 0 {
			t.Fatalf("the shares of %s sum to %s", annual, sum)
		}
	})
}

func TestAPartOfTheYearIsNeverBelowZeroAndMoreMonthsCostNoLess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		annual, months := amounts(t), rapid.IntRange(0, 11).Draw(t, "months")
		less, more := prorated(annual, months), prorated(annual, months+1)
		if less < 0 || more < less {
			t.Fatalf("%d months of %s cost %s, one more %s", months, annual, less, more)
		}
		// Within half a centime of what it is exactly.
		if off := less*12 - annual*kit.Decimal(months); off > 6 || off <= -6 {
			t.Fatalf("%d months of %s cost %s", months, annual, less)
		}
	})
}

func TestHalfACentimeIsRoundedUp(t *testing.T) {
	for _, c := range []struct {
		annual kit.Decimal
		months int
		want   string
	}{{198750, 1, "165.63"}, {198750, 3, "496.88"}, {198750, 9, "1490.63"}, {397500, 9, "2981.25"}, {795000, 1, "662.50"}, {1, 5, "0.00"}, {1, 6, "0.01"}} {
		if got := prorated(c.annual, c.months).String(); got != c.want {
			t.Errorf("%d months of %s cost %s, want %s", c.months, c.annual, got, c.want)
		}
	}
}

func TestMonthsLeftOfAnAccountingYear(t *testing.T) {
	for _, c := range []struct {
		day    kit.Date
		begins int
		want   int
	}{
		{"2025-01-01", 101, 12}, {"2025-01-31", 101, 12}, {"2025-02-01", 101, 11}, {"2025-12-31", 101, 1},
		{"2025-07-01", 701, 12}, {"2025-06-30", 701, 1}, {"2025-01-01", 701, 6},
	} {
		if got := monthsLeft(c.day, Rule{Value: c.begins}); got != c.want {
			t.Errorf("%s of a year that begins at %d: %d months, want %d", c.day, c.begins, got, c.want)
		}
	}
}

// TestNoFeeIsBelowZeroWhateverIsAsked draws terms and asks for their fee and all alternatives.
func TestNoFeeIsBelowZeroWhateverIsAsked(t *testing.T) {
	s := knownTable(t)
	classes := []string{"", "NONE"}
	for _, o := range s.Tariffs {
		classes = append(classes, o.Code)
	}
	rapid.Check(t, func(t *rapid.T) {
		terms := FeeTerms{
			Category: rapid.SampledFrom(MembershipCategories).Draw(t, "category"),
			Country:  rapid.SampledFrom([]*country.Country{nil, countryOf(country.Developed), countryOf(country.Developing)}).Draw(t, "country"),
			Sectors:  rapid.SliceOfNDistinct(rapid.SampledFrom(Sectors), 1, 3, rapid.ID).Draw(t, "sectors"),
			Sme:      rapid.Bool().Draw(t, "sme"),
			Class:    rapid.SampledFrom(classes).Draw(t, "class"),
			On:       rapid.SampledFrom([]kit.Date{"2023-12-31", "2024-01-01", "2025-03-31", "2029-01-01"}).Draw(t, "on"),
		}
		f, err := s.Fee(terms)
		if err != nil {
			if kit.Classify(err).Code != kit.BadUserInput {
				t.Fatal(err)
			}
			return
		}
		if len(f.Tariffs) == 0 || f.Amount != nil && *f.Amount < 0 || f.Confirmed && f.Amount == nil {
			t.Fatalf("%+v", f)
		}
		covered := map[Sector]int{}
		for _, o := range f.Tariffs {
			for _, sector := range terms.Sectors {
				if o.covers(sector) {
					covered[sector]++
				}
			}
		}
		for _, sector := range terms.Sectors {
			if covered[sector] != 1 {
				t.Fatalf("%s is charged %d times by %v", sector, covered[sector], f.Tariffs)
			}
		}
		for _, a := range s.alternatives(t.Context(), terms, f) {
			if a.Annual != nil && a.Annual.Amount < 0 || (a.Difference == nil) != (a.Annual == nil || f.Amount == nil) {
				t.Fatalf("%+v", a)
			}
		}
	})
}
