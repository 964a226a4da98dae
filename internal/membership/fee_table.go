package membership

import (
	"context"
	"fmt"
	"slices"

	"memberportal/internal/country"
	"memberportal/internal/kit"
)

// FeeTable is what fees and terms follow, as it is at one moment. Nobody changes it.
type FeeTable struct {
	Tariffs []*Tariff
	Rules   []Rule
	// Statuses are the periods for which a country has another status than the list of countries says. No two periods of a
	// country share a day.
	Statuses []CountryFeeStatus
}

// CountryFeeStatus is the status of a country by which fees go, for the days on which it holds.
type CountryFeeStatus struct {
	Country kit.ID
	Status  CountryStatus
	// ValidFrom is the first day, ValidTo the last one; each is nil if the period is open at that end.
	ValidFrom *kit.Date
	ValidTo   *kit.Date
	// Provision is nil for the status that the list of countries says.
	Provision *Provision
	// EnteredOn is the day on which the secretariat entered it; nil for what comes with the program.
	EnteredOn *kit.Date
}

// FeeStatusOf returns the status of a country on a day.
func (s *FeeTable) FeeStatusOf(c *country.Country, on kit.Date) CountryFeeStatus {
	is := CountryFeeStatus{Country: c.ID, Status: CountryStatus(c.DevelopmentClass)}
	for _, e := range s.Statuses {
		switch {
		case e.Country != c.ID:
		case within(on, e.ValidFrom, e.ValidTo):
			return e
		case e.ValidTo != nil && *e.ValidTo < on:
			is.ValidFrom = new(max(kit.Date(kit.Deref(is.ValidFrom)), e.ValidTo.AddDays(1)))
		case is.ValidTo == nil || e.ValidFrom.AddDays(-1) < *is.ValidTo:
			is.ValidTo = new(e.ValidFrom.AddDays(-1))
		}
	}
	return is
}

// StatusOf returns the status of an organisation in a country on a day; nil means an organisation without a country.
func (s *FeeTable) StatusOf(c *country.Country, on kit.Date) CountryStatus {
	if c == nil {
		return NoCountry
	}
	return s.FeeStatusOf(c, on).Status
}

// on returns the tariffs that hold on a day.
func (s *FeeTable) on(day kit.Date) []*Tariff {
	return slices.DeleteFunc(slices.Clone(s.Tariffs), func(t *Tariff) bool { return !t.holds(day) })
}

// Rule returns the rule with a code for a day. A day without such a rule is an error and not a fault, because the
// caller cannot correct it.
func (s *FeeTable) Rule(code string, on kit.Date) (Rule, error) {
	for _, r := range s.Rules {
		if r.Code() == code && within(on, r.ValidFrom, r.ValidTo) {
			return r, nil
		}
	}
	return Rule{}, fmt.Errorf("no rule %s is known for %s", code, on)
}

// TariffService reads the tariffs, the rules and the statuses of countries: those that come with the program, and over
// them what the secretariat entered. Everybody may read them.
type TariffService struct {
	core      *kit.Core
	countries *country.CountryService
	known     *FeeTable
	entered   Entered
}

// Entered is where the secretariat enters tariffs, rules and statuses of countries.
type Entered struct {
	// Noun is the noun whose change records say that the table changed.
	Noun string
	// Over returns the table with the entries over it; nil if nobody enters anything.
	Over func(context.Context, *FeeTable) (*FeeTable, error)
}

// feeTable returns the tables that are given, or those that come with the program.
func feeTable(tariffs []*Tariff, rules []Rule) (t *FeeTable, err error) {
	t = &FeeTable{Tariffs: tariffs, Rules: rules}
	if tariffs == nil {
		if t.Tariffs, err = Tariffs(); err != nil {
			return nil, fmt.Errorf("reading the tariffs: %w", err)
		}
	}
	if rules == nil {
		if t.Rules, err = Rules(); err != nil {
			return nil, fmt.Errorf("reading the rules: %w", err)
		}
	}
	return t, nil
}

// Known returns the table without what the secretariat entered.
func (s *TariffService) Known() *FeeTable { return s.known }

// Table returns the table as it is now. It costs one store call in a request, and is the same for the whole request.
func (s *TariffService) Table(ctx context.Context) (*FeeTable, error) {
	if s.entered.Over == nil {
		return s.known, nil
	}
	return s.entered.Over(ctx, s.known)
}

// Noun is the noun whose change records say that the table changed.
func (s *TariffService) Noun() string { return s.entered.Noun }

// tableOn returns the table as it is now, and the day that is asked for, which is today if none is named.
func (s *TariffService) tableOn(ctx context.Context, asOf *kit.Date) (*FeeTable, kit.Date, error) {
	on := s.core.Clock.Today()
	kit.Set(&on, asOf)
	table, err := s.Table(ctx)
	return table, on, err
}

// List returns the tariffs that hold on a day, in the order of the table; those of today if no day is named.
func (s *TariffService) List(ctx context.Context, asOf *kit.Date) ([]Tariff, error) {
	table, on, err := s.tableOn(ctx, asOf)
	if err != nil {
		return nil, err
	}
	return kit.Map(table.on(on), func(t *Tariff) Tariff { return *t }), nil
}

// Rules returns the rules that hold on a day, in the order of the table; those of today if no day is named.
func (s *TariffService) Rules(ctx context.Context, asOf *kit.Date) ([]Rule, error) {
	table, on, err := s.tableOn(ctx, asOf)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(table.Rules), func(r Rule) bool { return !within(on, r.ValidFrom, r.ValidTo) }), nil
}

// FeeStatusOf returns the status of a country on a day; today if no day is named.
func (s *TariffService) FeeStatusOf(ctx context.Context, c *country.Country, asOf *kit.Date) (*CountryFeeStatus, error) {
	table, on, err := s.tableOn(ctx, asOf)
	if err != nil {
		return nil, err
	}
	return new(table.FeeStatusOf(c, on)), nil
}

// Rule returns the rule with a code for a day, as FeeTable.Rule does.
func (s *TariffService) Rule(ctx context.Context, code string, on kit.Date) (Rule, error) {
	table, err := s.Table(ctx)
	if err != nil {
		return Rule{}, err
	}
	return table.Rule(code, on)
}
