package membership

import (
	"slices"
	"strings"

	"memberportal/internal/country"
	"memberportal/internal/kit"
)

// FeeTerms has everything on which a membership fee depends.
type FeeTerms struct {
	Category MembershipCategory
	// Country is nil for a regional or international organisation.
	Country *country.Country
	Sectors []Sector
	Sme     bool
	// Class is the code of a tariff for one of the Sectors or for all; empty for the minimum. The Sectors that the
	// tariff does not cover pay their minimum.
	Class string
	On    kit.Date
}

// Fee is what a membership costs in a full year.
type Fee struct {
	// Tariffs are the parts of the fee: one tariff for each Sector, or one for all.
	Tariffs []*Tariff
	// unit is the unit of which some of the tariffs are fractions; nil if none of them is.
	unit *Tariff
	// Amount is nil if one of the tariffs has no amount.
	Amount *kit.Decimal
	// Confirmed says that the amounts of all tariffs are known and confirmed.
	Confirmed bool
}

// Fee finds the tariffs for the terms. The error is BAD_USER_INPUT if the class is not open to them, or if the day
// has no tariffs.
func (s *FeeTable) Fee(t FeeTerms) (Fee, error) {
	open := s.open(t)
	if len(open) == 0 {
		return Fee{}, kit.Refuse(kit.BadUserInput, "noTariff", map[string]string{"date": string(t.On)})
	}
	class, err := t.chosen(open)
	if err != nil {
		return Fee{}, err
	}
	var tariffs []*Tariff
	for _, sector := range t.Sectors {
		o := t.pick(open, class, sector)
		if o == nil {
			return Fee{}, notOpen(string(TariffSME), open)
		}
		if tariffs = append(tariffs, o); o.Sector == nil {
			tariffs = []*Tariff{o}
			break
		}
	}
	return s.sum(tariffs, t.On), nil
}

// chosen returns the tariff of the class that was chosen, nil if none was. A small enterprise can only choose a
// class for small enterprises.
func (t FeeTerms) chosen(open []*Tariff) (*Tariff, error) {
	if t.Class == "" {
		return nil, nil
	}
	if t.Sme {
		open = slices.DeleteFunc(slices.Clone(open), func(o *Tariff) bool { return o.Kind != TariffSME })
	}
	i := slices.IndexFunc(open, func(o *Tariff) bool { return o.Code == t.Class })
	if i < 0 {
		return nil, notOpen(t.Class, open)
	}
	return open[i], nil
}

func notOpen(class string, open []*Tariff) error {
	allowed := kit.Map(open, func(t *Tariff) string { return t.Code })
	return kit.Refuse(kit.BadUserInput, "feeClass", map[string]string{"class": class, "allowed": strings.Join(slices.Compact(allowed), ", ")})
}

// open returns the tariffs that an organisation with these terms may choose, of any class.
func (s *FeeTable) open(t FeeTerms) []*Tariff {
	status := s.StatusOf(t.Country, t.On)
	return slices.DeleteFunc(s.on(t.On), func(o *Tariff) bool {
		return o.Kind == TariffUnit || *o.Category != t.Category || o.CountryStatus != AnyStatus && o.CountryStatus != status ||
			!slices.ContainsFunc(t.Sectors, o.covers)
	})
}

func (t *Tariff) covers(s Sector) bool { return t.Sector == nil || *t.Sector == s }

// pick returns the tariff for one Sector: the chosen class if it covers the Sector, else the rate for small
// enterprises or the minimum; nil if there is none.
func (t FeeTerms) pick(open []*Tariff, class *Tariff, sector Sector) *Tariff {
	if class != nil && class.covers(sector) {
		return class
	}
	for _, o := range open {
		if o.covers(sector) && (t.Sme && o.Kind == TariffSME || !t.Sme && o.Minimum) {
			return o
		}
	}
	return nil
}

// sum adds up tariffs. The amount is not known if one of them has none.
func (s *FeeTable) sum(tariffs []*Tariff, on kit.Date) Fee {
	f := Fee{Tariffs: tariffs, Confirmed: true, Amount: new(kit.Decimal)}
	for _, t := range tariffs {
		f.Confirmed = f.Confirmed && t.Amount != nil && t.Provision.Confirmed
		if t.Amount == nil {
			f.Amount = nil
		}
		if f.Amount != nil {
			*f.Amount += t.Amount.Amount
		}
		if t.Fraction != nil {
			f.unit = s.unit(on)
		}
	}
	f.Confirmed = f.Confirmed && (f.unit == nil || f.unit.Provision.Confirmed)
	return f
}

// unit returns the unit of Sector Members; nil if there is none on the day.
func (s *FeeTable) unit(on kit.Date) *Tariff {
	for _, t := range s.on(on) {
		if t.Kind == TariffUnit && t.Category != nil {
			return t
		}
	}
	return nil
}

// minimum returns the lowest fee of a membership for a year; ok is false if no source gives the amount.
func (s *FeeTable) minimum(category MembershipCategory, country *country.Country, sectors []Sector, sme bool, on kit.Date) (amount kit.Decimal, ok bool) {
	f, err := s.Fee(FeeTerms{Category: category, Country: country, Sectors: sectors, Sme: sme, On: on})
	if err != nil || f.Amount == nil {
		return 0, false
	}
	return *f.Amount, true
}

// prorated returns the part of an annual fee for some months of the year; half a centime is rounded up. Each
// month's share is the difference between two rounded sums, so the shares of all twelve add up to the fee.
func prorated(annual kit.Decimal, months int) kit.Decimal {
	return (annual*kit.Decimal(months)*2 + 12) / 24
}

func francs(d *kit.Decimal) *kit.Money {
	if d == nil {
		return nil
	}
	return &kit.Money{Amount: *d, Currency: kit.CHF}
}

// Annual returns the amount for a year; nil if it is not known.
func (f Fee) Annual() *kit.Money { return francs(f.Amount) }

// Over returns how much more the fee is for a year than another one; nil if either is not known.
func (f Fee) Over(other Fee) *kit.Money {
	if f.Amount == nil || other.Amount == nil {
		return nil
	}
	return &kit.Money{Amount: *f.Amount - *other.Amount, Currency: kit.CHF}
}
