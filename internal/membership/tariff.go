package membership

import (
	"fmt"
	"time"

	"memberportal/internal/kit"
)

// TariffKind says what sort of amount a row of the tariff table has.
type TariffKind string

// The values of TariffKind.
const (
	TariffUnit      TariffKind = "UNIT"
	TariffClass     TariffKind = "CLASS"
	TariffSME       TariffKind = "SME"
	TariffLowIncome TariffKind = "LOW_INCOME"
	TariffExemption TariffKind = "EXEMPTION"
)

// TariffKinds lists every TariffKind.
var TariffKinds = []TariffKind{TariffUnit, TariffClass, TariffSME, TariffLowIncome, TariffExemption}

// Valid returns an error for a value that is not in TariffKinds.
func (v TariffKind) Valid() error { return kit.CheckOneOf(v, TariffKinds, "kind of tariff") }

// CountryStatus says for which organisations a tariff is, by their country.
type CountryStatus string

// The values of CountryStatus. NoCountry is for regional and international organisations.
const (
	StatusDeveloped  CountryStatus = "DEVELOPED"
	StatusDeveloping CountryStatus = "DEVELOPING"
	NoCountry        CountryStatus = "NO_COUNTRY"
	AnyStatus        CountryStatus = "ANY"
)

// CountryStatuses lists every CountryStatus.
var CountryStatuses = []CountryStatus{StatusDeveloped, StatusDeveloping, NoCountry, AnyStatus}

// Valid returns an error for a value that is not in CountryStatuses.
func (v CountryStatus) Valid() error { return kit.CheckOneOf(v, CountryStatuses, "country status") }

// Provision is the text on which an amount or a rule is based.
type Provision struct {
	// Code is the code of the tariff or rule.
	Code string
	// Text is the provision that sets it; nil if none is known.
	Text *string
	// Source says where it was read. Confirmed says whether a public text says so.
	Source    string
	Confirmed bool
}

// Tariff is an amount for a year, for the days on which it holds. An amount is data and never a constant: it
// changes with each budget, and not every amount is confirmed.
type Tariff struct {
	// Code names the class. Rows with the same code differ in the organisations that they are for, or in the days
	// on which they hold.
	Code string
	Kind TariffKind
	// Category is nil for the unit of Member States.
	Category *MembershipCategory
	// Sector is nil for an amount that covers all Sectors of a membership.
	Sector        *Sector
	CountryStatus CountryStatus
	// Fraction says which part of the unit of Sector Members the amount is, such as 1/8; nil if it is none.
	Fraction *string
	// Amount is nil if no source gives one; the secretariat then decides.
	Amount *kit.Money
	// Minimum says that an organisation that chooses no class pays this tariff.
	Minimum   bool
	ValidFrom kit.Date
	// ValidTo is the last day; nil if none is known.
	ValidTo   *kit.Date
	Provision Provision
	// EnteredOn is the day on which the secretariat entered it; nil for what comes with the program.
	EnteredOn *kit.Date
}

func (t *Tariff) holds(day kit.Date) bool { return within(day, &t.ValidFrom, t.ValidTo) }

// within says whether a day is in a period, of which either end may be open.
func within(day kit.Date, from, to *kit.Date) bool {
	return (from == nil || *from <= day) && (to == nil || day <= *to)
}

// RuleUnit says what the number of a rule counts.
type RuleUnit string

// The values of RuleUnit. A number of RuleMonthDay is a day of every year: the month times 100 plus the day, such as 331.
const (
	RuleMonths   RuleUnit = "MONTHS"
	RuleDays     RuleUnit = "DAYS"
	RuleMonthDay RuleUnit = "MONTH_DAY"
)

// RuleUnitKinds lists every RuleUnit.
var RuleUnitKinds = []RuleUnit{RuleMonths, RuleDays, RuleMonthDay}

// maxRuleValue is the largest number of months or days that a rule sets.
const maxRuleValue = 1023

// Allows says whether a rule in this unit can have a number.
func (u RuleUnit) Allows(value int) bool {
	if u != RuleMonthDay {
		return value >= 0 && value <= maxRuleValue
	}
	// 29 February is not a day of every year.
	_, err := time.Parse(time.DateOnly, fmt.Sprintf("2023-%02d-%02d", value/100, value%100))
	return err == nil && value > 0
}

// Rule is a number that a rule of membership sets, for the days on which it holds.
type Rule struct {
	Unit RuleUnit
	// Value is in months or days. A day of the year is the month times 100 plus the day, such as 331.
	Value int
	// ValidFrom is the first day, ValidTo the last one; each is nil if the period is open at that end.
	ValidFrom *kit.Date
	ValidTo   *kit.Date
	Provision Provision
	// EnteredOn is the day on which the secretariat entered it; nil for what comes with the program.
	EnteredOn *kit.Date
}

// Code names the rule.
func (r Rule) Code() string { return r.Provision.Code }

// day returns the day of a year that a rule sets.
func (r Rule) day(year int) kit.Date {
	return kit.Date(fmt.Sprintf("%04d-%02d-%02d", year, r.Value/100, r.Value%100))
}

// The codes of the rules. rules.csv sets each of them.
const (
	ruleWithdrawalNotice  = "WITHDRAWAL_NOTICE"       // months, No. 240 of the Convention
	ruleFeeAfterLeaving   = "FEE_AFTER_LEAVING"       // months after the month of leaving
	ruleSuspension        = "SUSPENSION"              // days after an invoice was due
	ruleExclusion         = "EXCLUSION"               // days after the notice of suspension was received
	ruleYearBegins        = "YEAR_BEGINS"             // a day
	ruleInvoiceIssue      = "INVOICE_ISSUE"           // a day of the year before
	ruleInvoiceDue        = "INVOICE_DUE"             // a day
	ruleJoiningDue        = "JOINING_INVOICE_DUE"     // days after the day of issue
	RuleApplicationFirst  = "APPLICATION_FIRST_TERM"  // months
	RuleApplicationSecond = "APPLICATION_SECOND_TERM" // months
)

// RuleUnits has every rule that the program follows, with the unit of its number.
var RuleUnits = map[string]RuleUnit{
	ruleWithdrawalNotice: RuleMonths, ruleFeeAfterLeaving: RuleMonths, ruleSuspension: RuleDays, ruleExclusion: RuleDays, ruleYearBegins: RuleMonthDay,
	ruleInvoiceIssue: RuleMonthDay, ruleInvoiceDue: RuleMonthDay, ruleJoiningDue: RuleDays, RuleApplicationFirst: RuleMonths, RuleApplicationSecond: RuleMonths,
}
