package portal

import (
	_ "embed"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed tariffs.csv
var tariffsCSV string

//go:embed rules.csv
var rulesCSV string

// Tariffs are the table that comes with the program.
func Tariffs() ([]*Tariff, error) { return ReadTariffs(strings.NewReader(tariffsCSV)) }

// Rules are those that come with the program.
func Rules() ([]Rule, error) { return ReadRules(strings.NewReader(rulesCSV)) }

var (
	tariffColumns = []string{
		"code", "kind", "category", "sector", "country_status", "fraction", "amount", "minimum", "valid_from", "valid_to", "provision", "source", "confirmed",
	}
	ruleColumns = []string{"code", "unit", "value", "valid_from", "valid_to", "provision", "source", "confirmed"}
)

// ReadTariffs reads a table of tariffs as CSV with the columns of tariffs.csv. The unit of Sector
// Members stands ahead of the classes that are fractions of it. The error names every fault by its line
// and column.
func ReadTariffs(r io.Reader) ([]*Tariff, error) {
	var tariffs []*Tariff
	err := readReference(r, tariffColumns, func(row *referenceRow) {
		t := readTariff(row)
		checkTariffFits(row, t, tariffs)
		tariffs = append(tariffs, t)
	})
	return tariffs, err
}

// ReadRules reads rules as CSV with the columns of rules.csv, each of the rules that the program
// follows at least once. The error names every fault by its line and column.
func ReadRules(r io.Reader) ([]Rule, error) {
	var rules []Rule
	err := readReference(r, ruleColumns, func(row *referenceRow) {
		rule := readRule(row)
		if slices.ContainsFunc(rules, func(o Rule) bool {
			return o.Provision.Code == rule.Provision.Code && overlap(o.from, o.to, rule.from, rule.to)
		}) {
			row.fault("valid_from", "the rule holds on some of these days already")
		}
		rules = append(rules, rule)
	})
	for _, code := range ruleCodes {
		if err == nil && !slices.ContainsFunc(rules, func(r Rule) bool { return r.Provision.Code == code }) {
			err = fmt.Errorf("the rule %s is missing", code)
		}
	}
	return rules, err
}

func oneOf[T ~string](r *referenceRow, column string, all []T) T {
	v := T(r.cell(column))
	if !slices.Contains(all, v) {
		r.fault(column, "%q is none of %s", v, strings.Join(texts(all), ", "))
	}
	return v
}

func oneOrNone[T ~string](r *referenceRow, column string, all []T) *T {
	if r.cell(column) == "" {
		return nil
	}
	return new(oneOf(r, column, all))
}

// readFlag reads a cell that is Y, or one that is no and written as such.
func readFlag(r *referenceRow, column, no string) bool {
	v := r.cell(column)
	if v != "Y" && v != no {
		r.fault(column, "%q is neither Y nor %q", v, no)
	}
	return v == "Y"
}

func readDateCell(r *referenceRow, column string, required bool) Date {
	cell := r.cell(column)
	if cell == "" && !required {
		return ""
	}
	d, err := ParseDate(cell)
	if err != nil {
		r.fault(column, "%v", err)
	}
	return d
}

func readCode(r *referenceRow) string {
	code := r.cell("code")
	if len(code) > 50 || !codeForm.MatchString(code) {
		r.fault("code", "%q is no code", code)
	}
	return code
}

// readValidity reads the first and the last day of a row.
func readValidity(r *referenceRow, required bool) (from, to Date) {
	from, to = readDateCell(r, "valid_from", required), readDateCell(r, "valid_to", false)
	if to != "" && to < from {
		r.fault("valid_to", "ends before it begins")
	}
	return from, to
}

func readProvision(r *referenceRow) Provision {
	p := Provision{Code: readCode(r), Text: present(r.cell("provision")), Source: r.cell("source"), Confirmed: readFlag(r, "confirmed", "N")}
	if p.Source == "" {
		r.fault("source", "must not be empty")
	}
	return p
}

func readTariff(r *referenceRow) *Tariff {
	from, to := readValidity(r, true)
	p := readProvision(r)
	t := &Tariff{
		Code: p.Code, Kind: oneOf(r, "kind", TariffKinds), Category: oneOrNone(r, "category", MembershipCategories), Sector: oneOrNone(r, "sector", Sectors),
		CountryStatus: oneOf(r, "country_status", CountryStatuses), Fraction: present(r.cell("fraction")), Minimum: readFlag(r, "minimum", ""),
		ValidFrom: from, ValidTo: optional(to), Provision: p,
	}
	if amount := r.cell("amount"); amount != "" {
		d, err := ParseDecimal(amount)
		switch {
		case err != nil:
			r.fault("amount", "%v", err)
		case d < 0:
			r.fault("amount", "is below zero")
		}
		t.Amount = francs(&d)
	}
	return t
}

var fractionForm = regexp.MustCompile(`^[1-9][0-9]?(/[1-9][0-9]?)?$`)

// of is the fraction of a unit, and whether it is one in whole centimes.
func fractionOf(fraction string, unit Decimal) (Decimal, bool) {
	if !fractionForm.MatchString(fraction) {
		return 0, false
	}
	over, under, divided := strings.Cut(fraction, "/")
	n, _ := strconv.ParseInt(over, 10, 64)
	d := int64(1)
	if divided {
		d, _ = strconv.ParseInt(under, 10, 64)
	}
	return unit * Decimal(n) / Decimal(d), unit*Decimal(n)%Decimal(d) == 0
}

// checkTariffFits holds a tariff against those ahead of it: no two of a code are for the same organisations on a
// day, one of each Sector is the minimum, and a class is the fraction of the unit that it says.
func checkTariffFits(r *referenceRow, t *Tariff, ahead []*Tariff) {
	var unit *Tariff
	for _, o := range ahead {
		switch {
		case !overlap(o.ValidFrom, Date(deref(o.ValidTo)), t.ValidFrom, Date(deref(t.ValidTo))):
		case o.Kind == TariffUnit && o.Category != nil:
			unit = o
		case o.CountryStatus != t.CountryStatus && o.CountryStatus != AnyStatus && t.CountryStatus != AnyStatus:
		case o.Code == t.Code:
			r.fault("code", "%s is for some of these organisations on some of these days already", t.Code)
		case o.Minimum && t.Minimum && deref(o.Category) == deref(t.Category) && deref(o.Sector) == deref(t.Sector):
			r.fault("minimum", "%s is the minimum already", o.Code)
		}
	}
	if t.Category == nil && t.Kind != TariffUnit {
		r.fault("category", "only the unit of Member States is for no category")
	}
	if t.Sector == nil && t.Kind != TariffUnit && t.Kind != TariffExemption && deref(t.Category) != string(Academia) {
		r.fault("sector", "only units, exemptions and Academia are for all Sectors")
	}
	switch {
	case t.Fraction == nil && t.Kind == TariffClass:
		r.fault("fraction", "a class is a fraction of the unit")
	case t.Fraction == nil:
	case unit == nil || unit.Amount == nil:
		r.fault("fraction", "no unit holds on these days")
	case t.Amount == nil:
		r.fault("amount", "a fraction of the unit has an amount")
	default:
		if want, exact := fractionOf(*t.Fraction, unit.Amount.Amount); !exact || want != t.Amount.Amount {
			r.fault("amount", "is not %s of %s", *t.Fraction, unit.Amount.Amount)
		}
	}
}

var monthDay = regexp.MustCompile(`^[0-9]{2}-[0-9]{2}$`)

func readRule(r *referenceRow) Rule {
	from, to := readValidity(r, false)
	rule := Rule{Provision: readProvision(r), from: from, to: to}
	if !slices.Contains(ruleCodes, rule.Provision.Code) {
		r.fault("code", "there is no rule %q", rule.Provision.Code)
	}
	cell := r.cell("value")
	switch unit := r.cell("unit"); unit {
	case "MONTHS", "DAYS":
		n, err := strconv.ParseUint(cell, 10, 10)
		if err != nil {
			r.fault("value", "%q is no number of %s from 0 to 1023", cell, strings.ToLower(unit))
		}
		rule.Value = int(n)
	case "MONTH_DAY":
		// 29 February is no day of every year.
		if _, err := time.Parse(time.DateOnly, "2023-"+cell); err != nil || !monthDay.MatchString(cell) {
			r.fault("value", "%q is no day of every year", cell)
		}
		rule.Value, _ = strconv.Atoi(strings.Replace(cell, "-", "", 1))
	default:
		r.fault("unit", "%q is none of MONTHS, DAYS, MONTH_DAY", unit)
	}
	return rule
}
