package statistics

import (
	"fmt"
	"slices"

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
	tariffs *membership.TariffService
	// from are the first days of the versions of the table, the earliest first.
	from    []kit.Date
	numbers map[string]rate
	prices  [][]price // by rate and state
}

func newRates(tariffs *membership.TariffService) rates {
	r := rates{tariffs: tariffs, numbers: map[string]rate{}}
	for _, t := range tariffs.Tariffs {
		r.from = append(r.from, t.ValidFrom)
		if t.ValidTo != nil {
			r.from = append(r.from, t.ValidTo.AddDays(1))
		}
	}
	slices.Sort(r.from)
	r.from = slices.Compact(r.from)
	r.prices = [][]price{slices.Repeat([]price{{0, true}}, len(r.from))}
	return r
}

// of returns the rate for terms, whatever their day.
func (r *rates) of(t membership.FeeTerms) rate {
	key := fmt.Sprint(t.Category, membership.CountryStatusOf(t.Country), t.Sectors, t.Sme, t.Class)
	if n, ok := r.numbers[key]; ok {
		return n
	}
	n := rate(len(r.prices))
	prices := make([]price, len(r.from))
	for i, day := range r.from {
		t.On = day
		if f, err := r.tariffs.Fee(t); err == nil && f.Amount != nil {
			prices[i] = price{*f.Amount, true}
		}
	}
	r.numbers[key], r.prices = n, append(r.prices, prices)
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
