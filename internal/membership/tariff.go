package membership

import (
	"fmt"
	"slices"

	"memberportal/internal/country"
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

// CountryStatusOf returns the status of an organisation in a country; nil means an organisation without a country.
func CountryStatusOf(c *country.Country) CountryStatus {
	if c == nil {
		return NoCountry
	}
	return CountryStatus(c.DevelopmentClass)
}

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
}

// Rule is a number that a rule of membership sets, for the days on which it holds.
type Rule struct {
	// Value is in months or days. A day of the year is the month times 100 plus the day, such as 331.
	Value     int
	Provision Provision

	from, to kit.Date
}

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

var ruleCodes = []string{
	ruleWithdrawalNotice, ruleFeeAfterLeaving, ruleSuspension, ruleExclusion, ruleYearBegins, ruleInvoiceIssue, ruleInvoiceDue, ruleJoiningDue,
	RuleApplicationFirst, RuleApplicationSecond,
}

// TariffService reads the tariff table and the rules, which are in memory and not in the store. Everybody may read
// them.
type TariffService struct {
	core      *kit.Core
	countries *country.CountryService
	Tariffs   []*Tariff
	rules     []Rule
}

func newTariffService(c *kit.Core, countries *country.CountryService, tariffs []*Tariff, rules []Rule) (s *TariffService, err error) {
	if tariffs == nil {
		if tariffs, err = Tariffs(); err != nil {
			return nil, fmt.Errorf("reading the tariffs: %w", err)
		}
	}
	if rules == nil {
		if rules, err = Rules(); err != nil {
			return nil, fmt.Errorf("reading the rules: %w", err)
		}
	}
	return &TariffService{core: c, countries: countries, Tariffs: tariffs, rules: rules}, nil
}

// List returns the tariffs that hold on a day, in the order of the table; those of today if no day is named.
func (s *TariffService) List(asOf *kit.Date) []Tariff {
	on := s.core.Clock.Today()
	kit.Set(&on, asOf)
	return kit.Map(s.on(on), func(t *Tariff) Tariff { return *t })
}

func (s *TariffService) on(day kit.Date) []*Tariff {
	return slices.DeleteFunc(slices.Clone(s.Tariffs), func(t *Tariff) bool { return !t.holds(day) })
}

func (t *Tariff) holds(day kit.Date) bool {
	return t.ValidFrom <= day && (t.ValidTo == nil || day <= *t.ValidTo)
}

// Rule returns the rule with a code for a day. A day without such a rule is an error and not a fault, because the
// caller cannot correct it.
func (s *TariffService) Rule(code string, on kit.Date) (Rule, error) {
	for _, r := range s.rules {
		if r.Provision.Code == code && r.from <= on && (r.to == "" || on <= r.to) {
			return r, nil
		}
	}
	return Rule{}, fmt.Errorf("no rule %s is known for %s", code, on)
}
