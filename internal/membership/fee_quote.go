package membership

import (
	"context"
	"slices"
	"strconv"

	"memberportal/internal/kit"
)

// FeeQuoteInput asks for a fee. Country left out is an organisation that stands in none; FeeClass left
// out the minimum; JoinsOn today.
type FeeQuoteInput struct {
	Category MembershipCategory
	Country  *kit.ID
	Sectors  []Sector
	Sme      *bool
	FeeClass *string
	JoinsOn  *kit.Date
}

// FeeStep is one step of working a fee out.
type FeeStep struct {
	Description string
	// Amount is nil where no source says how much.
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

// FeeAlternative is another tariff by which the same organisation might pay.
type FeeAlternative struct {
	Tariff      *Tariff
	Description string
	// Annual is the fee of the whole membership with it, Difference how much more that is; nil where no
	// source says how much.
	Annual     *kit.Money
	Difference *kit.Money
	Confirmed  bool
}

// FeeQuote is what a membership costs a year, and in the year in which it begins.
type FeeQuote struct {
	Category      MembershipCategory
	CountryStatus CountryStatus
	Sectors       []Sector
	JoinsOn       kit.Date
	// Annual and ProRata are nil where no source says how much.
	Annual  *kit.Money
	ProRata *kit.Money
	// Months are those from ChargedFrom to ChargedUntil, both days included.
	Months       int
	ChargedFrom  kit.Date
	ChargedUntil kit.Date
	Confirmed    bool
	Steps        []FeeStep
	Notes        []FeeNote
	Alternatives []FeeAlternative
}

// Quote works a fee out, for everybody. What is asked for and not open is BAD_USER_INPUT with what is;
// so are an unknown country, and a day more than a year ahead.
func (s *TariffService) Quote(ctx context.Context, in FeeQuoteInput) (*FeeQuote, error) {
	on := s.core.Clock.Today()
	kit.Set(&on, in.JoinsOn)
	if latest := s.core.Clock.Today().AddDays(kit.MaxAhead); on > latest {
		return nil, kit.Refuse(kit.BadUserInput, "quoteDay", map[string]string{"date": string(latest)})
	}
	t, err := s.asked(in.Category, in.Country, in.Sectors, in.Sme, in.FeeClass, on)
	if err != nil {
		return nil, err
	}
	return s.quote(ctx, t)
}

// asked are the terms that an input names. Academia has all Sectors for one fee.
func (s *TariffService) asked(category MembershipCategory, country *kit.ID, sectors []Sector, sme *bool, class *string, on kit.Date) (t FeeTerms, err error) {
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

// quote works the fee of terms out, from the month of their day on: the first month is charged whole.
func (s *TariffService) quote(ctx context.Context, t FeeTerms) (*FeeQuote, error) {
	f, err := s.Fee(t)
	if err != nil {
		return nil, err
	}
	begins, err := s.Rule(ruleYearBegins, t.On)
	if err != nil {
		return nil, err
	}
	q := &FeeQuote{
		Category: t.Category, CountryStatus: CountryStatusOf(t.Country), Sectors: t.Sectors, JoinsOn: t.On,
		Annual: francs(f.Amount), Confirmed: f.confirmed, ChargedFrom: t.On[:8] + "01",
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

// monthsLeft are the months from that of a day to the end of its accounting year, both included.
func monthsLeft(day kit.Date, begins Rule) int {
	month, _ := strconv.Atoi(string(day[5:7]))
	return (begins.Value/100-month+11)%12 + 1
}

func feeSteps(ctx context.Context, f fee, q *FeeQuote, begins Rule) []FeeStep {
	l := kit.LocaleOf(ctx)
	var steps []FeeStep
	if f.unit != nil {
		steps = append(steps, FeeStep{f.unit.describe(l), f.unit.Amount, f.unit, f.unit.Provision})
	}
	for _, t := range f.tariffs {
		steps = append(steps, FeeStep{t.describe(l), t.Amount, t, t.Provision})
	}
	months := kit.Message(l, "fee.months", map[string]string{
		"months": strconv.Itoa(q.Months), "from": string(q.ChargedFrom), "until": string(q.ChargedUntil),
	})
	return append(steps, FeeStep{months, q.ProRata, nil, begins.Provision})
}

// describe says what a tariff is, in a language.
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

// alternatives are the other tariffs that are open to an organisation, and that of Academia, which it
// may turn out to be.
func (s *TariffService) alternatives(ctx context.Context, t FeeTerms, f fee) []FeeAlternative {
	open := s.open(t)
	if t.Category != Academia {
		a := FeeTerms{Category: Academia, Country: t.Country, Sectors: Sectors, On: t.On}
		open = append(open, s.open(a)...)
	}
	alternatives := []FeeAlternative{}
	for _, o := range open {
		if slices.Contains(f.tariffs, o) {
			continue
		}
		other := s.instead(t, f, o)
		alternatives = append(alternatives, FeeAlternative{o, o.describe(kit.LocaleOf(ctx)), francs(other.Amount), less(other.Amount, f.Amount), other.confirmed})
	}
	return alternatives
}

// instead is a fee in which a tariff takes the place of the one of its Sector, or of all. A Sector of
// which there was none of its own then pays its minimum.
func (s *TariffService) instead(t FeeTerms, f fee, o *Tariff) fee {
	tariffs := []*Tariff{o}
	for _, sector := range t.Sectors {
		if o.covers(sector) {
			continue
		}
		own := slices.IndexFunc(f.tariffs, func(kept *Tariff) bool { return kept.Sector != nil && *kept.Sector == sector })
		if own >= 0 {
			tariffs = append(tariffs, f.tariffs[own])
		} else if least := t.pick(s.open(t), nil, sector); least != nil {
			tariffs = append(tariffs, least)
		}
	}
	return s.sum(tariffs, t.On)
}

// feeNotes are the rules of paying and of leaving as they hold on a day.
func (s *TariffService) feeNotes(ctx context.Context, on kit.Date) ([]FeeNote, error) {
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
