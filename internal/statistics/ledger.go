package statistics

import (
	"context"
	"slices"
	"sync"

	"memberportal/internal/applications"
	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// Ledger keeps in memory what questions about a day need of every member, application and invoice, so that an
// answer reads no documents. It is loaded at the first question. Then it follows the change records, so that an
// answer has every change that any process committed before the question.
type Ledger struct {
	core        *kit.Core
	countries   *country.CountryService
	memberships *membership.MemberService
	tariffs     *membership.TariffService
	changes     *kit.ChangeRecordService
	followed    []followed

	turn sync.Mutex // held while the ledger is refreshed
	tail *kit.Tail
	// unpriced are the ids of damaged entries of the secretariat that the rates leave out.
	unpriced []string

	held         sync.RWMutex           // guards the fields below
	entries      []*membership.DayEntry // by the number of the member
	IDs          interned               // of members
	Members      history[MemberState]
	Asked        interned // of applications
	Applications history[ApplicationState]
	billed       interned // of invoices
	debts        history[debtState]
	rates        rates
}

// ledgerBatch is how many documents one call reads.
const ledgerBatch = store.MaxLimit - 1

// NewLedger makes an empty ledger that follows members, invoices and applications.
func NewLedger(c *kit.Core, countries *country.CountryService, m *membership.Services, asked *applications.ApplicationService, changes *kit.ChangeRecordService) *Ledger {
	l := &Ledger{core: c, countries: countries, memberships: m.Members, changes: changes, tariffs: m.Tariffs, rates: newRates(m.Tariffs.Known())}
	l.followed = []followed{
		&following[membership.Member]{Records: m.Members.Records(), put: l.putMember, drop: l.dropMember},
		&following[applications.Application]{Records: asked.Records(), put: l.putApplication, drop: func(id kit.ID) { l.Applications.drop(l.Asked.number(id)) }},
		&following[membership.Invoice]{Records: m.Invoices.Records(), put: l.putInvoice, drop: func(id kit.ID) { l.debts.drop(l.billed.number(id)) }},
	}
	return l
}

// All returns the current entries, in no order.
func (l *Ledger) All(ctx context.Context) (all []*membership.DayEntry, err error) {
	err = l.see(ctx, func() {
		for _, e := range l.entries {
			if e != nil {
				all = append(all, e)
			}
		}
	})
	return all, err
}

// see refreshes the ledger and calls read under the lock. read must keep no references to data that changes.
func (l *Ledger) see(ctx context.Context, read func()) error {
	if err := l.refresh(ctx); err != nil {
		return err
	}
	l.held.RLock()
	defer l.held.RUnlock()
	read()
	return nil
}

// Hold keeps the rows as they are while figures are counted from them, until release is called. It refreshes nothing.
func (l *Ledger) Hold() (release func()) {
	l.held.RLock()
	return l.held.RUnlock
}

// refresh loads the ledger, or what changed since the last question. It leaves out documents that are known to be
// damaged, also those that were read before the damage, and also for decisions. Whoever decides about one record
// must read that record itself.
func (l *Ledger) refresh(ctx context.Context) error {
	ctx = store.Looking(ctx)
	l.turn.Lock()
	defer l.turn.Unlock()
	if err := l.follows(ctx); err != nil {
		return err
	}
	for _, id := range l.unpriced {
		store.Omit(ctx, l.tariffs.Noun(), id)
	}
	for _, f := range l.followed {
		damaged := l.core.Store.Damage().IDs(f.Name())
		for _, id := range damaged {
			store.Omit(ctx, f.Name(), id)
		}
		if err := f.without(ctx, &l.held, damaged); err != nil {
			return err
		}
	}
	return nil
}

// follows loads the ledger, or what changed according to the change records.
func (l *Ledger) follows(ctx context.Context) error {
	if l.tail == nil {
		return l.load(ctx)
	}
	fresh, err := l.tail.Next(ctx)
	if err != nil {
		return err
	}
	damaged := l.core.Store.Damage().IDs(l.tariffs.Noun())
	if !slices.Equal(damaged, l.unpriced) || slices.ContainsFunc(fresh, func(n *kit.ChangeRecord) bool { return n.Noun == l.tariffs.Noun() }) {
		moved, err := l.price(ctx)
		if err != nil || moved {
			l.tail = nil // this question or the next one loads all
		}
		if err != nil {
			return err
		}
		if moved {
			return l.load(ctx)
		}
	}
	for _, f := range l.followed {
		changed := map[string]bool{}
		var ids []string
		for _, n := range fresh {
			if id := string(n.Target); n.Noun == f.Name() && !changed[id] {
				changed[id] = true
				ids = append(ids, id)
			}
		}
		if err := f.again(ctx, &l.held, ids); err != nil {
			l.tail = nil // its change records are used up: the next question loads all
			return err
		}
	}
	return nil
}

// price works out all rates by the table as it is now, and says whether memberships have to be read again for it. It does not
// take the table that the request read before, which may be older than the change records.
func (l *Ledger) price(ctx context.Context) (moved bool, err error) {
	table, err := l.tariffs.Table(kit.Remembering(ctx))
	if err != nil {
		return false, err
	}
	l.unpriced = l.core.Store.Damage().IDs(l.tariffs.Noun())
	l.held.Lock()
	defer l.held.Unlock()
	return l.rates.follow(table), nil
}

// load reads everything. A change during the read can move a document in the sort order, so that no page has it;
// its change record brings it in.
func (l *Ledger) load(ctx context.Context) error {
	tail := l.changes.Tail()
	if _, err := l.price(ctx); err != nil {
		return err
	}
	for _, f := range l.followed {
		if err := f.load(ctx, &l.held); err != nil {
			return err
		}
	}
	l.tail = tail
	return nil
}

// followed is a noun of which the ledger keeps data.
type followed interface {
	Name() string
	// load reads all documents; again reads those with some ids again.
	load(ctx context.Context, mu sync.Locker) error
	again(ctx context.Context, mu sync.Locker, ids []string) error
	// without takes out the damaged documents. It reads again those that it took out before and that are no longer
	// damaged.
	without(ctx context.Context, mu sync.Locker, damaged []string) error
}

type following[T any] struct {
	kit.Records[T]
	// put adds or replaces a document; drop removes one.
	put  func(*T)
	drop func(kit.ID)
	// out are the ids of the damaged documents that are left out.
	out []string
}

func (f *following[T]) without(ctx context.Context, mu sync.Locker, damaged []string) error {
	if len(damaged)+len(f.out) == 0 {
		return nil
	}
	mended := slices.DeleteFunc(slices.Clone(f.out), func(id string) bool { return slices.Contains(damaged, id) })
	if err := f.again(ctx, mu, mended); err != nil {
		return err
	}
	mu.Lock()
	defer mu.Unlock()
	for _, id := range damaged {
		f.drop(kit.ID(id))
	}
	f.out = damaged
	return nil
}

func (f *following[T]) load(ctx context.Context, mu sync.Locker) error {
	return f.Each(ctx, ledgerBatch, func(page []*T) error {
		f.take(mu, page)
		return nil
	})
}

func (f *following[T]) again(ctx context.Context, mu sync.Locker, ids []string) error {
	for len(ids) > 0 {
		n := min(len(ids), ledgerBatch)
		found, err := f.Many(ctx, ids[:n])
		if err != nil {
			return err
		}
		f.take(mu, found)
		ids = ids[n:]
	}
	return nil
}

func (f *following[T]) take(mu sync.Locker, docs []*T) {
	mu.Lock()
	defer mu.Unlock()
	for _, d := range docs {
		if d != nil {
			f.put(d)
		}
	}
}
