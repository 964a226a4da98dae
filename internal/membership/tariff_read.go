package membership

import (
	_ "embed"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"memberportal/internal/kit"
)

//go:embed tariffs.csv
var tariffsCSV string

//go:embed rules.csv
var rulesCSV string

// Tariffs returns the table that comes with the program.
func Tariffs() ([]*Tariff, error) { return ReadTariffs(strings.NewReader(tariffsCSV)) }

// Rules returns the rules that come with the program.
func Rules() ([]Rule, error) { return ReadRules(strings.NewReader(rulesCSV)) }

var (
	tariffColumns = []string{
		"code", "kind", "category", "sector", "country_status", "fraction", "amount", "minimum", "valid_from", "valid_to", "provision", "source", "confirmed",
	}
	ruleColumns = []string{"code", "unit", "value", "valid_from", "valid_to", "provision", "source", "confirmed"}
)

// ReadTariffs reads a table of tariffs as CSV with the columns of tariffs.csv. The unit of Sector Members must come
// before the classes that are fractions of it. The error names every fault with its line and column.
func ReadTariffs(r io.Reader) ([]*Tariff, error) {
	var tariffs []*Tariff
	err := kit.ReadReference(r, tariffColumns, func(row *kit.ReferenceRow) {
		t := readTariff(row)
		checkTariffFits(row, t, tariffs)
		tariffs = append(tariffs, t)
	})
	return tariffs, err
}

// ReadRules reads rules as CSV with the columns of rules.csv. It needs at least one row for each rule that the
// program follows. The error names every fault with its line and column.
func ReadRules(r io.Reader) ([]Rule, error) {
	var rules []Rule
	err := kit.ReadReference(r, ruleColumns, func(row *kit.ReferenceRow) {
		rule := readRule(row)
		if slices.ContainsFunc(rules, func(o Rule) bool {
			return o.Code() == rule.Code() && kit.Overlap(kit.Date(kit.Deref(o.ValidFrom)), kit.Date(kit.Deref(o.ValidTo)), kit.Date(kit.Deref(rule.ValidFrom)), kit.Date(kit.Deref(rule.ValidTo)))
		}) {
			row.Fault("valid_from", "the rule holds on some of these days already")
		}
		rules = append(rules, rule)
	})
	for _, code := range slices.Sorted(maps.Keys(RuleUnits)) {
		if err == nil && !slices.ContainsFunc(rules, func(r Rule) bool { return r.Code() == code }) {
			err = fmt.Errorf("the rule %s is missing", code)
		}
	}
	return rules, err
}

func oneOf[T ~string](r *kit.ReferenceRow, column string, all []T) T {
	v := T(r.Cell(column))
	if !slices.Contains(all, v) {
		r.Fault(column, "%q is none of %s", v, strings.Join(kit.Strings(all), ", "))
	}
	return v
}

func oneOrNone[T ~string](r *kit.ReferenceRow, column string, all []T) *T {
	if r.Cell(column) == "" {
		return nil
	}
	return new(oneOf(r, column, all))
}

// readFlag reads Y as true and no as false; any other text is a fault.
func readFlag(r *kit.ReferenceRow, column, no string) bool {
	v := r.Cell(column)
	if v != "Y" && v != no {
		r.Fault(column, "%q is neither Y nor %q", v, no)
	}
	return v == "Y"
}

func readDateCell(r *kit.ReferenceRow, column string, required bool) kit.Date {
	cell := r.Cell(column)
	if cell == "" && !required {
		return ""
	}
	d, err := kit.ParseDate(cell)
	if err != nil {
		r.Fault(column, "%v", err)
	}
	return d
}

func readCode(r *kit.ReferenceRow) string {
	code := r.Cell("code")
	if len(code) > 50 || !kit.CodeForm.MatchString(code) {
		r.Fault("code", "%q is no code", code)
	}
	return code
}

// readValidity reads the first and last day of a row.
func readValidity(r *kit.ReferenceRow, required bool) (from, to kit.Date) {
	from, to = readDateCell(r, "valid_from", required), readDateCell(r, "valid_to", false)
	if to != "" && to < from {
		r.Fault("valid_to", "ends before it begins")
	}
	return from, to
}

func readProvision(r *kit.ReferenceRow) Provision {
	p := Provision{Code: readCode(r), Text: kit.Present(r.Cell("provision")), Source: r.Cell("source"), Confirmed: readFlag(r, "confirmed", "N")}
	if p.Source == "" {
		r.Fault("source", "must not be empty")
	}
	return p
}

func readTariff(r *kit.ReferenceRow) *Tariff {
	from, to := readValidity(r, true)
	p := readProvision(r)
	t := &Tariff{
		Code: p.Code, Kind: oneOf(r, "kind", TariffKinds), Category: oneOrNone(r, "category", MembershipCategories), Sector: oneOrNone(r, "sector", Sectors),
		CountryStatus: oneOf(r, "country_status", CountryStatuses), Fraction: kit.Present(r.Cell("fraction")), Minimum: readFlag(r, "minimum", ""),
		ValidFrom: from, ValidTo: kit.Optional(to), Provision: p,
	}
	if amount := r.Cell("amount"); amount != "" {
		d, err := kit.ParseDecimal(amount)
		switch {
		case err != nil:
			r.Fault("amount", "%v", err)
		case d < 0:
			r.Fault("amount", "is below zero")
		}
		t.Amount = francs(&d)
	}
	return t
}

var fractionForm = regexp.MustCompile(`^[1-9][0-9]?(/[1-9][0-9]?)?$`)

// FractionOf returns the fraction of a unit, and whether it is valid and in whole centimes.
func FractionOf(fraction string, unit kit.Decimal) (kit.Decimal, bool) {
	if !fractionForm.MatchString(fraction) {
		return 0, false
	}
	over, under, divided := strings.Cut(fraction, "/")
	n, _ := strconv.ParseInt(over, 10, 64)
	d := int64(1)
	if divided {
		d, _ = strconv.ParseInt(under, 10, 64)
	}
	return unit * kit.Decimal(n) / kit.Decimal(d), unit*kit.Decimal(n)%kit.Decimal(d) == 0
}

// checkTariffFits checks a tariff against the rows before it. No two rows with the same code are for the same
// organisations on a day. Only one tariff of each Sector is the minimum. A class is the fraction of the unit that
// it names.
func checkTariffFits(r *kit.ReferenceRow, t *Tariff, ahead []*Tariff) {
	var unit *Tariff
	for _, o := range ahead {
		switch {
		case !kit.Overlap(o.ValidFrom, kit.Date(kit.Deref(o.ValidTo)), t.ValidFrom, kit.Date(kit.Deref(t.ValidTo))):
		case o.Kind == TariffUnit && o.Category != nil:
			unit = o
		case o.CountryStatus != t.CountryStatus && o.CountryStatus != AnyStatus && t.CountryStatus != AnyStatus:
		case o.Code == t.Code:
			r.Fault("code", "%s is for some of these organisations on some of these days already", t.Code)
		case o.Minimum && t.Minimum && kit.Deref(o.Category) == kit.Deref(t.Category) && kit.Deref(o.Sector) == kit.Deref(t.Sector):
			r.Fault("minimum", "%s is the minimum already", o.Code)
		}
	}
	if t.Category == nil && t.Kind != TariffUnit {
		r.Fault("category", "only the unit of Member States is for no category")
	}
	if t.Sector == nil && t.Kind != TariffUnit && t.Kind != TariffExemption && kit.Deref(t.Category) != string(Academia) {
		r.Fault("sector", "only units, exemptions and Academia are for all Sectors")
	}
	switch {
	case t.Fraction == nil && t.Kind == TariffClass:
		r.Fault("fraction", "a class is a fraction of the unit")
	case t.Fraction == nil:
	case unit == nil || unit.Amount == nil:
		r.Fault("fraction", "no unit holds on these days")
	case t.Amount == nil:
		r.Fault("amount", "a fraction of the unit has an amount")
	default:
		if want, exact := FractionOf(*t.Fraction, unit.Amount.Amount); !exact || want != t.Amount.Amount {
			r.Fault("amount", "is not %s of %s", *t.Fraction, unit.Amount.Amount)
		}
	}
}

func readRule(r *kit.ReferenceRow) Rule {
	from, to := readValidity(r, false)
	rule := Rule{Unit: oneOf(r, "unit", RuleUnitKinds), Provision: readProvision(r), ValidFrom: kit.Optional(from), ValidTo: kit.Optional(to)}
	if unit, ok := RuleUnits[rule.Code()]; !ok {
		r.Fault("code", "there is no rule %q", rule.Code())
	} else if unit != rule.Unit {
		r.Fault("unit", "%s is in %s", rule.Code(), unit)
	}
	value, ok := RuleValue(rule.Unit, r.Cell("value"))
	if !ok {
		r.Fault("value", "%q is no number of %s from 0 to %d, and no day of every year", r.Cell("value"), rule.Unit, maxRuleValue)
	}
	rule.Value = value
	return rule
}

var (
	monthDay = regexp.MustCompile(`^[0-9]{2}-[0-9]{2}$`)
	number   = regexp.MustCompile(`^[0-9]{1,4}$`)
)

// RuleValue reads the number of a rule as files write it: a number of months or days, or a day of every year such as
// 03-31.
func RuleValue(unit RuleUnit, cell string) (value int, ok bool) {
	form := number
	if unit == RuleMonthDay {
		form = monthDay
	}
	if !form.MatchString(cell) {
		return 0, false
	}
	value, err := strconv.Atoi(strings.Replace(cell, "-", "", 1))
	return value, err == nil && unit.Allows(value)
}
