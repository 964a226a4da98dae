package reference

import (
	"context"
	"errors"
	"slices"
	"sync"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// ReferenceService keeps what the secretariat enters, and works out what fees and terms follow. SECRETARIAT of the area
// MEMBERSHIP enters, withdraws and reads entries; what holds is public in the tariffs, the rules and the statuses of
// countries.
type ReferenceService struct {
	core      *kit.Core
	countries *country.CountryService
	invoices  *membership.InvoiceService
	tariffs   *membership.TariffService
	entries   store.Collection[ReferenceEntry]

	kept *kept
}

// kept is the table as it was worked out last, from all entries up to a change.
type kept struct {
	mu     sync.Mutex
	latest int64
	table  *membership.FeeTable
}

// New makes the service.
func New(c *kit.Core, countries *country.CountryService, m *membership.Services) *ReferenceService {
	return &ReferenceService{core: c, countries: countries, invoices: m.Invoices, tariffs: m.Tariffs, entries: EntryNoun.In(c.Store), kept: &kept{}}
}

// Kinds returns the nouns of this package.
func Kinds() []*store.Kind { return []*store.Kind{EntryNoun.Kind} }

// Nodes returns the readers of records with a global id, by the prefix of the id.
func (s *ReferenceService) Nodes() map[string]kit.NodeReader {
	return map[string]kit.NodeReader{entryPrefix: s.nodes}
}

// tableKey is the key under which a request remembers the table.
type tableKey struct{ s *ReferenceService }

// errDamaged says that not all entries can be read.
var errDamaged = errors.New("an entry is damaged")

// Over returns a table with the entries over it. It asks the store once in a request for the number of the latest change,
// and reads the entries again only if there is a later one, so that every process sees an entry from the next request on.
//
// An entry that is damaged is left out of what somebody only looks at, as every damaged record is, and is an error where
// something is decided, such as an invoice. Nothing is kept in memory then.
func (s *ReferenceService) Over(ctx context.Context, known *membership.FeeTable) (*membership.FeeTable, error) {
	table, err := kit.Remember(ctx, tableKey{s}, func(ctx context.Context) (*membership.FeeTable, error) {
		latest, err := s.lastChange(ctx)
		if s.damaged() {
			return nil, errDamaged
		}
		if err != nil || latest == 0 {
			return known, err
		}
		return s.kept.upTo(latest, func() (*membership.FeeTable, int64, error) {
			all, err := s.all(ctx)
			if s.damaged() {
				return nil, 0, errDamaged
			}
			return over(known, inForce(all), s.core.Clock), lastOf(all), err
		})
	})
	if !errors.Is(err, errDamaged) {
		return table, err
	}
	all, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	return over(known, inForce(all), s.core.Clock), nil
}

// damaged says whether it is known that not all entries can be read.
func (s *ReferenceService) damaged() bool {
	return len(s.core.Store.Damage().IDs(EntryNoun.Kind.Name)) > 0
}

// upTo returns the table up to a change, which read works out if another one is kept.
func (k *kept) upTo(latest int64, read func() (*membership.FeeTable, int64, error)) (*membership.FeeTable, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.table != nil && k.latest == latest {
		return k.table, nil
	}
	table, latest, err := read()
	if err != nil {
		return nil, err
	}
	k.table, k.latest = table, latest
	return table, nil
}

// lastChange returns the number of the latest change, 0 if there was none.
func (s *ReferenceService) lastChange(ctx context.Context) (int64, error) {
	plan, err := s.entries.Plan(store.Query{Sort: "change"})
	if err != nil {
		return 0, err
	}
	page, err := s.entries.Page(ctx, plan, store.Range{Backward: true, Limit: 1})
	if err != nil {
		return 0, err
	}
	return lastOf(page.Docs), nil
}

// all reads every entry, in the order of their latest changes.
func (s *ReferenceService) all(ctx context.Context) (all []*ReferenceEntry, err error) {
	err = kit.EachPage(ctx, s.entries, store.Query{Sort: "change"}, store.MaxLimit-1, func(page []*ReferenceEntry) error {
		all = append(all, page...)
		return nil
	})
	return all, err
}

func lastOf(entries []*ReferenceEntry) (last int64) {
	for _, e := range entries {
		last = max(last, e.Change)
	}
	return last
}

// inForce returns the entries that were not withdrawn.
func inForce(all []*ReferenceEntry) []*ReferenceEntry {
	return slices.DeleteFunc(slices.Clone(all), func(e *ReferenceEntry) bool { return e.Withdrawn != nil })
}
