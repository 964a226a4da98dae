package reference

import (
	"cmp"
	"slices"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// held is an entry with the days on which it holds.
type held struct {
	*ReferenceEntry
	to *kit.Date
}

// inTurn returns entries in the order of their keys and days. An entry without a last day holds until the next one of its
// key begins.
func inTurn(entries []*ReferenceEntry) []held {
	sorted := slices.SortedFunc(slices.Values(entries), func(a, b *ReferenceEntry) int {
		return cmp.Or(strings.Compare(a.key(), b.key()), strings.Compare(string(a.ValidFrom), string(b.ValidFrom)))
	})
	all := make([]held, len(sorted))
	for i, e := range sorted {
		all[i] = held{e, e.ValidTo}
		if e.ValidTo == nil && i+1 < len(sorted) && sorted[i+1].key() == e.key() {
			all[i].to = new(sorted[i+1].ValidFrom.AddDays(-1))
		}
	}
	return all
}

// over returns the table that has, on the days of each entry, the entry in place of what it is about. The clock says on which
// day an entry was made.
func over(known *membership.FeeTable, entries []*ReferenceEntry, clock kit.Clock) *membership.FeeTable {
	t := &membership.FeeTable{Tariffs: slices.Clone(known.Tariffs), Rules: slices.Clone(known.Rules), Statuses: slices.Clone(known.Statuses)}
	for _, e := range inTurn(entries) {
		p := membership.Provision{Code: e.code(), Text: e.Provision, Source: e.Source, Confirmed: e.Confirmed}
		entered := clock.DateOf(e.EnteredAt)
		switch e.Kind {
		case KindTariff:
			t.Tariffs = withTariff(t.Tariffs, &membership.Tariff{
				Code: e.Tariff.Code, Kind: e.Tariff.Kind, Category: e.Tariff.Category, Sector: e.Tariff.Sector, CountryStatus: e.Tariff.CountryStatus,
				Fraction: e.Tariff.Fraction, Amount: e.Tariff.Amount, Minimum: e.Tariff.Minimum, ValidFrom: e.ValidFrom, ValidTo: e.to, Provision: p, EnteredOn: &entered,
			})
		case KindRule:
			t.Rules = withRule(t.Rules, membership.Rule{Unit: e.Rule.Unit(), Value: e.Rule.Value, ValidFrom: &e.ValidFrom, ValidTo: e.to, Provision: p, EnteredOn: &entered})
		case KindCountryStatus:
			t.Statuses = append(t.Statuses, membership.CountryFeeStatus{
				Country: e.CountryStatus.CountryID, Status: membership.CountryStatus(e.CountryStatus.Status), ValidFrom: &e.ValidFrom, ValidTo: e.to, Provision: &p, EnteredOn: &entered,
			})
		}
	}
	return t
}

// besides returns the parts of a period that lie before and after another one; either may be nil.
func besides(from, to, cutFrom, cutTo *kit.Date) (before, after *[2]*kit.Date) {
	if !kit.Overlap(day(from), day(to), day(cutFrom), day(cutTo)) {
		return &[2]*kit.Date{from, to}, nil
	}
	if cutFrom != nil && (from == nil || *from < *cutFrom) {
		before = &[2]*kit.Date{from, new(cutFrom.AddDays(-1))}
	}
	if cutTo != nil && (to == nil || *to > *cutTo) {
		after = &[2]*kit.Date{new(cutTo.AddDays(1)), to}
	}
	return before, after
}

func day(d *kit.Date) kit.Date { return kit.Date(kit.Deref(d)) }

// withTariff puts a tariff behind those of its code, and takes its days from the others of its code and status.
func withTariff(tariffs []*membership.Tariff, t *membership.Tariff) (all []*membership.Tariff) {
	at := len(tariffs)
	for _, o := range tariffs {
		if o.Code != t.Code || o.CountryStatus != t.CountryStatus {
			all = append(all, o)
		} else {
			before, after := besides(&o.ValidFrom, o.ValidTo, &t.ValidFrom, t.ValidTo)
			for _, part := range []*[2]*kit.Date{before, after} {
				if part != nil {
					kept := *o
					kept.ValidFrom, kept.ValidTo = *part[0], part[1]
					all = append(all, &kept)
				}
			}
		}
		if o.Code == t.Code {
			at = len(all)
		}
	}
	return slices.Insert(all, min(at, len(all)), t)
}

// withRule puts a rule behind those of its code, and takes its days from them.
func withRule(rules []membership.Rule, r membership.Rule) (all []membership.Rule) {
	at := len(rules)
	for _, o := range rules {
		if o.Code() != r.Code() {
			all = append(all, o)
			continue
		}
		before, after := besides(o.ValidFrom, o.ValidTo, r.ValidFrom, r.ValidTo)
		for _, part := range []*[2]*kit.Date{before, after} {
			if part != nil {
				o.ValidFrom, o.ValidTo = part[0], part[1]
				all = append(all, o)
			}
		}
		at = len(all)
	}
	return slices.Insert(all, min(at, len(all)), r)
}
