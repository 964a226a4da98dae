package membership

import (
	"context"
	"slices"
	"strconv"

	"memberportal/internal/kit"
)

// FeeQuoteInput asks for a fee. An organisation without Country belongs to no country. If FeeClass is left out, it
// pays the minimum; if JoinsOn is left out, it joins today.
type FeeQuoteInput struct {
	Category MembershipCategory
	Country  *kit.ID
	Sectors  []Sector
	Sme      *bool
	FeeClass *string
	JoinsOn  *kit.Date
}

// FeeStep is one step in the calculation of a fee.
type FeeStep struct {
	Description string
	// Amount is nil if no source gives one.
	Amount *kit.Money
	// Tariff is nil for a step that no tariff sets.
	Tariff    *Tariff
	Provision Provision
}

// FeeNote is a rule that whoever pays a fee should know.
type FeeNote struct {
	Text      string
	Provision Provision
}

// FeeAlternative is another tariff by which the same organisation could pay.
type FeeAlternative struct {
	Tariff      *Tariff
	Description string
	// Annual is the fee of the whole membership with this tariff, Difference how much more that is. Each is nil if
	// no source gives the amount.
	Annual     *kit.Money
	Difference *kit.Money
	Confirmed  bool
}

// FeeQuote says what a membership costs in a full year, and in the year in which it begins.
type FeeQuote struct {
	Category      MembershipCategory
	CountryStatus CountryStatus
	Sectors       []Sector
	JoinsOn       kit.Date
	// Annual and ProRata are nil if no source gives the amount.
	Annual  *kit.Money
	ProRata *kit.Money
	// Months is the number of months from ChargedFrom to ChargedUntil, both days included.
	Months       int
	ChargedFrom  kit.Date
	ChargedUntil kit.Date
	Confirmed    bool
	Steps        []FeeStep
	Notes        []FeeNote
	Alternatives []FeeAlternative
}

// Quote calculates a fee; everybody may ask. A tariff that is not open to the organisation is BAD_USER_INPUT, and
// the message names those that are. An unknown country and a day more than a year ahead are BAD_USER_INPUT too.
func (s *TariffService) Quote(ctx context.Context, in FeeQuoteInput) (*FeeQuote, error) {
	on := s.core.Clock.Today()
	kit.Set(&on, in.JoinsOn)
	if latest := s.core.Clock.Today().AddDays(kit.MaxAhead); on > latest {
		return nil, kit.Refuse(kit.BadUserInput, "quoteDay", map[string]string{"date": string(latest)})
	}
	t, err := s.Described(in.Category, in.Country, in.Sectors, in.Sme, in.FeeClass, on)
	if err != nil {
		return nil, err
	}
	table, err := s.Table(ctx)
	if err != nil {
		return nil, err
	}
	return table.quote(ctx, t)
}

// Described returns the terms of a membership that somebody describes; everybody may ask. Academia has all Sectors for one
// fee. An unknown country, no Sector, and Academia without all Sectors are BAD_USER_INPUT.
func (s *TariffService) Described(category MembershipCategory, country *kit.ID, sectors []Sector, sme *bool, class *string, on kit.Date) (t FeeTerms, err error) {
	t = FeeTerms{Category: category, Sectors: []Sector{SectorD}, On: on}
	kit.Set(&t.Sme, sme)
	kit.Set(&t.Class, class)
	if category == Academia {
		t.Sectors = Sectors
	}
	if country != nil {
		if t.Country = s.countries.Get(*country); t.Country == nil {
			return t, kit.Refuse(kit.BadUserInput, "unknownCountry", map[string]string{"id": string(*country)})
		}
	}
	if sectors == nil {
		return t, nil
	}
	t.Sectors = slices.DeleteFunc(slices.Clone(Sectors), func(s Sector) bool { return !slices.Contains(sectors, s) })
	switch {
	case len(t.Sectors) == 0:
		return t, kit.Refuse(kit.BadUserInput, "noSector", nil)
	case category == Academia && len(t.Sectors) < len(Sectors):
		return t, kit.Refuse(kit.BadUserInput, "invalid.academiaSectors", nil)
	}
	return t, nil
}

// quote calculates the fee for terms from the month of their day on. The first month is charged in full.
func (s *FeeTable) quote(ctx context.Context, t FeeTerms) (*FeeQuote, error) {
	f, err := s.Fee(t)
	if err != nil {
		return nil, err
	}
	begins, err := s.Rule(ruleYearBegins, t.On)
	if err != nil {
		return nil, err
	}
	q := &FeeQuote{
		Category: t.Category, CountryStatus: s.StatusOf(t.Country, t.On), Sectors: t.Sectors, JoinsOn: t.On,
		Annual: f.Annual(), Confirmed: f.Confirmed, ChargedFrom: t.On[:8] + "01",
	}
	q.Months = monthsLeft(t.On, begins)
	q.ChargedUntil = q.ChargedFrom.AddMonths(q.Months).AddDays(-1)
	if f.Amount != nil {
		q.ProRata = &kit.Money{Amount: prorated(*f.Amount, q.Months), Currency: kit.CHF}
	}
	q.Steps = feeSteps(ctx, f, q, begins)
	q.Alternatives = s.alternatives(ctx, t, f)
	q.Notes, err = s.feeNotes(ctx, t.On)
	return q, err
}

// monthsLeft counts the months from that of a day to the end of its accounting year, both included.
func monthsLeft(day kit.Date, begins Rule) int {
	month, _ := strconv.Atoi(string(day[5:7]))
	return (begins.Value/100-month+11)%12 + 1
}

func feeSteps(ctx context.Context, f Fee, q *FeeQuote, begins Rule) []FeeStep {
	l := kit.LocaleOf(ctx)
	var steps []FeeStep
	if f.unit != nil {
		steps = append(steps, FeeStep{f.unit.describe(l), f.unit.Amount, f.unit, f.unit.Provision})
	}
	for _, t := range f.Tariffs {
		steps = append(steps, FeeStep{t.describe(l), t.Amount, t, t.Provision})
	}
	months := kit.Message(l, "fee.months", map[string]string{
		"months": strconv.Itoa(q.Months), "from": string(q.ChargedFrom), "until": string(q.ChargedUntil),
	})
	return append(steps, FeeStep{months, q.ProRata, nil, begins.Provision})
}

// describe says in a language what a tariff is.
func (t *Tariff) describe(l kit.Locale) string {
	sector := kit.Message(l, "fee.sector", map[string]string{"letter": kit.Deref(t.Sector)})
	switch {
	case t.Kind == TariffUnit && t.Category == nil:
		return kit.Message(l, "fee.unitOfStates", nil)
	case t.Kind == TariffUnit:
		return kit.Message(l, "fee.unit", nil)
	case t.Kind == TariffSME:
		return kit.Message(l, "fee.sme", map[string]string{"sector": sector})
	case t.Kind == TariffLowIncome:
		return kit.Message(l, "fee.lowIncome", map[string]string{"sector": sector})
	case t.Kind == TariffExemption:
		return kit.Message(l, "fee.exemption", nil)
	case *t.Category == Academia:
		return kit.Message(l, "fee.academia", map[string]string{"fraction": kit.Deref(t.Fraction)})
	case kit.Deref(t.Fraction) == "1":
		return kit.Message(l, "fee.whole", map[string]string{"sector": sector})
	}
	return kit.Message(l, "fee.class", map[string]string{"fraction": kit.Deref(t.Fraction), "sector": sector})
}

// alternatives returns the other tariffs that are open to an organisation, and that of Academia, because the
// organisation may turn out to be a university.
func (s *FeeTable) alternatives(ctx context.Context, t FeeTerms, f Fee) []FeeAlternative {
	open := s.open(t)
	if t.Category != Academia {
		a := FeeTerms{Category: Academia, Country: t.Country, Sectors: Sectors, On: t.On}
		open = append(open, s.open(a)...)
	}
	alternatives := []FeeAlternative{}
	for _, o := range open {
		if slices.Contains(f.Tariffs, o) {
			continue
		}
		other := s.instead(t, f, o)
		alternatives = append(alternatives, FeeAlternative{o, o.describe(kit.LocaleOf(ctx)), other.Annual(), other.Over(f), other.Confirmed})
	}
	return alternatives
}

// instead returns the fee with one tariff replaced, of its Sector or of all Sectors. A Sector that had no tariff of
// its own before then pays its minimum.
func (s *FeeTable) instead(t FeeTerms, f Fee, o *Tariff) Fee {
	tariffs := []*Tariff{o}
	for _, sector := range t.Sectors {
		if o.covers(sector) {
			continue
		}
		own := slices.IndexFunc(f.Tariffs, func(kept *Tariff) bool { return kept.Sector != nil && *kept.Sector == sector })
		if own >= 0 {
			tariffs = append(tariffs, f.Tariffs[own])
		} else if least := t.pick(s.open(t), nil, sector); least != nil {
			tariffs = append(tariffs, least)
		}
	}
	return s.sum(tariffs, t.On)
}

// feeNotes returns the rules on paying and leaving that hold on a day.
func (s *FeeTable) feeNotes(ctx context.Context, on kit.Date) ([]FeeNote, error) {
	l := kit.LocaleOf(ctx)
	due, err := s.Rule(ruleInvoiceDue, on)
	if err != nil {
		return nil, err
	}
	notice, err := s.Rule(ruleWithdrawalNotice, on)
	if err != nil {
		return nil, err
	}
	after, err := s.Rule(ruleFeeAfterLeaving, on)
	if err != nil {
		return nil, err
	}
	year, _ := strconv.Atoi(string(on[:4]))
	left := on.AddMonths(notice.Value + after.Value)
	until := (left[:8] + "01").AddMonths(1).AddDays(-1)
	return []FeeNote{
		{kit.Message(l, "fee.due", map[string]string{"date": string(due.day(year + 1))}), due.Provision},
		{kit.Message(l, "fee.notice", map[string]string{"months": strconv.Itoa(notice.Value)}), notice.Provision},
		{kit.Message(l, "fee.leaving", map[string]string{"notice": string(on), "until": string(until)}), after.Provision},
	}, nil
}
