package membership

import (
	"fmt"
	"slices"

	"memberportal/internal/country"
	"memberportal/internal/kit"
)

// TariffKind says what sort of amount a row of the tariff table is.
type TariffKind string

// The kinds of tariff.
const (
	TariffUnit      TariffKind = "UNIT"
	TariffClass     TariffKind = "CLASS"
	TariffSME       TariffKind = "SME"
	TariffLowIncome TariffKind = "LOW_INCOME"
	TariffExemption TariffKind = "EXEMPTION"
)

// TariffKinds are all of them.
var TariffKinds = []TariffKind{TariffUnit, TariffClass, TariffSME, TariffLowIncome, TariffExemption}

// CountryStatus is for whom a tariff is, by where an organisation stands.
type CountryStatus string

// The statuses. NoCountry is that of regional and international organisations.
const (
	StatusDeveloped  CountryStatus = "DEVELOPED"
	StatusDeveloping CountryStatus = "DEVELOPING"
	NoCountry        CountryStatus = "NO_COUNTRY"
	AnyStatus        CountryStatus = "ANY"
)

// CountryStatuses are all of them.
var CountryStatuses = []CountryStatus{StatusDeveloped, StatusDeveloping, NoCountry, AnyStatus}

// CountryStatusOf is the status of an organisation in a country; nil is an organisation that stands in none.
func CountryStatusOf(c *country.Country) CountryStatus {
	if c == nil {
		return NoCountry
	}
	return CountryStatus(c.DevelopmentClass)
}

// Provision is on what an amount or a rule rests.
type Provision struct {
	// Code is that of the tariff or rule.
	Code string
	// Text is the text that sets it; nil if none is known.
	Text *string
	// Source is where it was read; Confirmed says whether a public text says so.
	Source    string
	Confirmed bool
}

// Tariff is an amount for a year, while it holds. An amount is data and never a constant: it changes
// with each budget, and not every one is confirmed.
type Tariff struct {
	// Code names the class; rows of one code differ in whom they are for, and in when they hold.
	Code string
	Kind TariffKind
	// Category is nil for the unit of Member States.
	Category *MembershipCategory
	// Sector is nil for an amount that covers all Sectors of a membership.
	Sector        *Sector
	CountryStatus CountryStatus
	// Fraction is that of the unit of Sector Members, such as 1/8; nil if the amount is none.
	Fraction *string
	// Amount is nil where no source says how much; the secretariat decides.
	Amount *kit.Money
	// Minimum says that whoever chooses no class pays this one.
	Minimum   bool
	ValidFrom kit.Date
	// ValidTo is the last day; nil while none is known.
	ValidTo   *kit.Date
	Provision Provision
}

// Rule is a number that a rule of membership sets, while it holds.
type Rule struct {
	// Value is in months or days; for a day of the year, the month times 100 and the day: 331.
	Value     int
	Provision Provision

	from, to kit.Date
}

// day is a rule's day in a year.
func (r Rule) day(year int) kit.Date {
	return kit.Date(fmt.Sprintf("%04d-%02d-%02d", year, r.Value/100, r.Value%100))
}

// The codes of the rules, each of which rules.csv sets.
const (
	ruleWithdrawalNotice  = "WITHDRAWAL_NOTICE"       // months, No. 240 of the Convention
	ruleFeeAfterLeaving   = "FEE_AFTER_LEAVING"       // months after the one of leaving
	ruleSuspension        = "SUSPENSION"              // days after an invoice was due
	ruleExclusion         = "EXCLUSION"               // days after the notice of suspension was received
	ruleYearBegins        = "YEAR_BEGINS"             // a day
	ruleInvoiceIssue      = "INVOICE_ISSUE"           // a day of the year before
	ruleInvoiceDue        = "INVOICE_DUE"             // a day
	RuleApplicationFirst  = "APPLICATION_FIRST_TERM"  // months
	RuleApplicationSecond = "APPLICATION_SECOND_TERM" // months
)

var ruleCodes = []string{
	ruleWithdrawalNotice, ruleFeeAfterLeaving, ruleSuspension, ruleExclusion, ruleYearBegins, ruleInvoiceIssue, ruleInvoiceDue,
	RuleApplicationFirst, RuleApplicationSecond,
}

// TariffService answers for the tariff table and the rules, which are kept in memory and not in the
// store. Everybody may read them.
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

// List are the tariffs that hold on a day, in the order of the table; those of today if none is named.
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

// Rule is the rule of a code as it holds on a day. A day for which the rule is not known is an error,
// because nobody who asks can do anything about it.
func (s *TariffService) Rule(code string, on kit.Date) (Rule, error) {
	for _, r := range s.rules {
		if r.Provision.Code == code && r.from <= on && (r.to == "" || on <= r.to) {
			return r, nil
		}
	}
	return Rule{}, fmt.Errorf("no rule %s is known for %s", code, on)
}
