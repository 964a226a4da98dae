package statistics

import (
	"fmt"
	"slices"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// rate says what a membership pays a year. It is an index in the list of rates: the rate without a fee, or the rate
// for some terms, whose amount changes with the tariffs.
type rate uint16

// exemptRate is the rate of an exempt membership (No. 476 of the Convention).
const exemptRate rate = 0

// price is an amount for a year. It is not known if no tariff sets it.
type price struct {
	amount kit.Decimal
	known  bool
}

// add adds another amount. The sum is not known if one of the two is not.
func (p *price) add(o price) { p.amount, p.known = p.amount+o.amount, p.known && o.known }

func (p price) money() *kit.Money {
	if !p.known {
		return nil
	}
	return &kit.Money{Amount: p.amount, Currency: kit.CHF}
}

// rates has every rate that a membership or application has or had, with its amount under each version of the
// tariff table.
type rates struct {
	table *membership.FeeTable
	// from are the first days of the versions of the table, the earliest first.
	from    []kit.Date
	numbers map[string]rate
	terms   []membership.FeeTerms // by rate
	prices  [][]price             // by rate and version
}

func newRates(table *membership.FeeTable) rates {
	r := rates{numbers: map[string]rate{}, terms: make([]membership.FeeTerms, 1)}
	r.follow(table)
	return r
}

// follow works out all rates by another table. A rate keeps its number. It says whether the status of a country changed,
// so that memberships there have another rate.
func (r *rates) follow(table *membership.FeeTable) (moved bool) {
	moved = r.table != nil && !slices.EqualFunc(r.table.Statuses, table.Statuses, func(a, b membership.CountryFeeStatus) bool {
		return a.Country == b.Country && a.Status == b.Status && kit.Deref(a.ValidFrom) == kit.Deref(b.ValidFrom) && kit.Deref(a.ValidTo) == kit.Deref(b.ValidTo)
	})
	r.table, r.from = table, nil
	period := func(from, to *kit.Date) {
		if from != nil {
			r.from = append(r.from, *from)
		}
		if to != nil {
			r.from = append(r.from, to.AddDays(1))
		}
	}
	for _, t := range table.Tariffs {
		period(&t.ValidFrom, t.ValidTo)
	}
	for _, s := range table.Statuses {
		period(s.ValidFrom, s.ValidTo)
	}
	slices.Sort(r.from)
	r.from = slices.Compact(r.from)
	r.prices = [][]price{slices.Repeat([]price{{0, true}}, len(r.from))}
	for _, t := range r.terms[1:] {
		r.prices = append(r.prices, r.priced(t))
	}
	return moved
}

// priced returns the amounts for terms under each version of the table.
func (r *rates) priced(t membership.FeeTerms) []price {
	prices := make([]price, len(r.from))
	for i, day := range r.from {
		t.On = day
		if f, err := r.table.Fee(t); err == nil && f.Amount != nil {
			prices[i] = price{*f.Amount, true}
		}
	}
	return prices
}

// of returns the rate for terms, whatever their day. Organisations of all countries of one status have one rate, and those
// of a country whose status the secretariat entered have another.
func (r *rates) of(t membership.FeeTerms) rate {
	status := "NO_COUNTRY"
	if c := t.Country; c != nil {
		status = string(c.DevelopmentClass)
		if slices.ContainsFunc(r.table.Statuses, func(s membership.CountryFeeStatus) bool { return s.Country == c.ID }) {
			status += " " + string(c.ID)
		} else {
			t.Country = &country.Country{DevelopmentClass: c.DevelopmentClass}
		}
	}
	key := fmt.Sprint(t.Category, status, t.Sectors, t.Sme, t.Class)
	if n, ok := r.numbers[key]; ok {
		return n
	}
	n := rate(len(r.prices))
	r.numbers[key], r.terms, r.prices = n, append(r.terms, t), append(r.prices, r.priced(t))
	return n
}

// on returns the amount of a rate on a day.
func (r *rates) on(n rate, day kit.Date) price {
	i, exact := slices.BinarySearch(r.from, day)
	if !exact {
		i--
	}
	if i < 0 {
		return price{0, n == exemptRate}
	}
	return r.prices[n][i]
}

// changes returns the days of a period, both included, on which the tariffs changed.
func (r *rates) changes(from, to kit.Date) []kit.Date {
	return slices.DeleteFunc(slices.Clone(r.from), func(d kit.Date) bool { return d < from || d > to })
}
