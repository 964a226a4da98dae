package reference

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// Entries are for days from yearsBack years before this one to yearsAhead years after it: no invoice is older, and a
// contributory unit is set for four years. maxCode is how long a fee class may be. maxAmount is the largest amount of a tariff, in hundredths of a franc.
const (
	yearsBack, yearsAhead = 20, 10
	maxCode               = 50
	maxAmount             = kit.Decimal(1_000_000_000_00)
)

// check adds the faults of an entry that do not depend on other entries.
func (in ReferenceEntryInput) check(c *checking, path string) {
	f, today := c.f, c.s.core.Clock.Today()
	n := 0
	for _, is := range []bool{in.Tariff != nil, in.Rule != nil, in.CountryStatus != nil} {
		if is {
			n++
		}
	}
	if n != 1 {
		f.Add(kit.CodeInvalid, path, "invalid.referenceEntry", nil)
	}
	if in.Tariff != nil {
		in.Tariff.check(f, path+".tariff.")
	}
	if in.Rule != nil {
		in.Rule.check(f, path+".rule.")
	}
	if in.CountryStatus != nil && c.s.countries.Get(in.CountryStatus.Country) == nil {
		f.Add(kit.CodeUnknownReference, path+".countryStatus.country", "unknownReference.country", nil)
	}
	bounded := func(field string, day, from kit.Date) {
		to := kit.Date(strconv.Itoa(today.Year()+yearsAhead) + "-12-31")
		switch {
		case day < from:
			f.Add(kit.CodeOutOfRange, path+field, "outOfRange.before", map[string]string{"date": string(from)})
		case day > to:
			f.Add(kit.CodeOutOfRange, path+field, "outOfRange.after", map[string]string{"date": string(to)})
		}
	}
	bounded(".validFrom", in.ValidFrom, kit.Date(strconv.Itoa(today.Year()-yearsBack)+"-01-01"))
	if in.ValidTo != nil {
		bounded(".validTo", *in.ValidTo, in.ValidFrom)
	}
	f.Line(path+".provision", in.Provision, 200, true)
	f.Line(path+".source", &in.Source, 300, true)
	f.Text(path+".note", in.Note, 1000, true)
}

func (in RuleEntryInput) check(f *kit.Faults, path string) {
	unit, known := membership.RuleUnits[in.Code]
	switch {
	case !known:
		codes := slices.Sorted(maps.Keys(membership.RuleUnits))
		f.Add(kit.CodeInvalid, path+"code", "invalid.value", map[string]string{"values": strings.Join(codes, ", ")})
	case !unit.Allows(in.Value):
		f.Add(kit.CodeOutOfRange, path+"value", "outOfRange.rule", map[string]string{"unit": string(unit)})
	}
}

// check adds the faults of a tariff by itself.
func (in TariffEntryInput) check(f *kit.Faults, path string) {
	if f.Within(path+"code", in.Code, maxCode) {
		f.Code(path+"code", in.Code)
	}
	unit := in.Kind == membership.TariffUnit
	if in.Category == nil && !unit {
		f.Add(kit.CodeRequired, path+"category", "required", nil)
	}
	if in.Sector == nil && !unit && in.Kind != membership.TariffExemption && in.Category != nil && *in.Category != membership.Academia {
		f.Add(kit.CodeRequired, path+"sector", "required", nil)
	}
	switch {
	case in.Fraction == nil && in.Kind == membership.TariffClass:
		f.Add(kit.CodeRequired, path+"fraction", "required", nil)
	case in.Fraction != nil && in.Kind != membership.TariffClass:
		f.Add(kit.CodeInvalid, path+"fraction", "invalid.fraction", nil)
	case in.Fraction != nil:
		if _, exact := membership.FractionOf(*in.Fraction, 0); !exact {
			f.Add(kit.CodeInvalid, path+"fraction", "invalid.fraction", nil)
		}
	}
	switch {
	case in.Amount == nil && (unit || in.Kind == membership.TariffClass):
		f.Add(kit.CodeRequired, path+"amount", "required", nil)
	case in.Amount != nil && (*in.Amount < 0 || *in.Amount > maxAmount):
		f.Add(kit.CodeOutOfRange, path+"amount", "outOfRange.tariff", map[string]string{"max": maxAmount.String()})
	}
}

// fit adds a fault for each way in which the tariff of an entry does not fit the table that has it.
func fit(f *kit.Faults, path string, table *membership.FeeTable, e *ReferenceEntry) {
	for _, t := range table.Tariffs {
		if t.Code == e.Tariff.Code && t.CountryStatus == e.Tariff.CountryStatus && t.ValidFrom == e.ValidFrom {
			fitTariff(f, path, table, t)
		}
	}
}

// fitTariff adds a fault for each way in which a tariff does not fit the others of its table. The tariffs of a code have one
// nature. No two of them are for the same organisations on a day. A category has one unit, and a Sector one minimum. A class
// is the fraction of the unit that it names.
func fitTariff(f *kit.Faults, path string, table *membership.FeeTable, t *membership.Tariff) {
	var stale []string
	for _, o := range table.Tariffs {
		of := map[string]string{"code": o.Code}
		switch {
		case o == t:
		case o.Code == t.Code && !(o.Kind == t.Kind && same(o.Category, t.Category) && same(o.Sector, t.Sector)):
			f.Add(kit.CodeInvalid, path+"code", "invalid.tariffCode", of)
			return
		case !kit.Overlap(o.ValidFrom, day(o.ValidTo), t.ValidFrom, day(t.ValidTo)):
		case t.Kind == membership.TariffUnit && t.Category != nil && o.Fraction != nil:
			if want, exact := membership.FractionOf(*o.Fraction, t.Amount.Amount); !exact || o.Amount == nil || o.Amount.Amount != want {
				stale = append(stale, o.Code)
			}
		case t.Kind == membership.TariffUnit && o.Kind == t.Kind && same(o.Category, t.Category):
			f.Add(kit.CodeDuplicate, path+"code", "duplicate.tariff", of)
		case o.CountryStatus != t.CountryStatus && o.CountryStatus != membership.AnyStatus && t.CountryStatus != membership.AnyStatus:
		case o.Code == t.Code:
			f.Add(kit.CodeDuplicate, path+"countryStatus", "duplicate.tariff", of)
		case o.Minimum && t.Minimum && same(o.Category, t.Category) && same(o.Sector, t.Sector):
			f.Add(kit.CodeDuplicate, path+"minimum", "duplicate.minimum", of)
		}
	}
	if stale != nil {
		slices.Sort(stale)
		f.Add(kit.CodeInvalid, path+"amount", "invalid.staleClasses", map[string]string{"classes": strings.Join(slices.Compact(stale), ", ")})
	}
	if t.Fraction == nil {
		return
	}
	open := withoutUnit(table, t, func(u *membership.Tariff) {
		if want, exact := membership.FractionOf(*t.Fraction, u.Amount.Amount); !exact || want != t.Amount.Amount {
			f.Add(kit.CodeInvalid, path+"amount", "invalid.tariffAmount", map[string]string{
				"fraction": *t.Fraction, "unit": u.Amount.Amount.String(), "date": string(max(u.ValidFrom, t.ValidFrom)),
			})
		}
	})
	if open != "" {
		f.Add(kit.CodeInvalid, path+"fraction", "invalid.noUnit", map[string]string{"date": string(open)})
	}
}

// withoutUnit calls each for the units of Sector Members that hold on some days of a tariff. It returns the first day on which
// none holds, empty if there is no such day.
func withoutUnit(table *membership.FeeTable, t *membership.Tariff, each func(*membership.Tariff)) (open kit.Date) {
	var units []*membership.Tariff
	for _, o := range table.Tariffs {
		if o.Kind == membership.TariffUnit && o.Category != nil && kit.Overlap(o.ValidFrom, day(o.ValidTo), t.ValidFrom, day(t.ValidTo)) {
			units = append(units, o)
			each(o)
		}
	}
	slices.SortFunc(units, func(a, b *membership.Tariff) int { return strings.Compare(string(a.ValidFrom), string(b.ValidFrom)) })
	next := t.ValidFrom
	for _, u := range units {
		switch {
		case u.ValidFrom > next:
			return next
		case u.ValidTo == nil:
			return ""
		}
		next = max(next, u.ValidTo.AddDays(1))
	}
	if t.ValidTo != nil && next > *t.ValidTo {
		return ""
	}
	return next
}

func same[T comparable](a, b *T) bool { return a == b || a != nil && b != nil && *a == *b }
