package portal

import (
	"context"
	"errors"
	"time"

	"memberportal/internal/store"
)

// mandateErasures erase what mandates say of a person.
func mandateErasures(p *Person) []erasure {
	all := []erasure{sweep[Mandate]{of: MandateNoun, query: ofThePerson(p.ID, "from"), due: alone((*Mandate).eraseReasons)}.run}
	for _, entity := range p.Entities {
		all = append(all, sweep[Mandate]{of: MandateNoun, query: mandatesOf(entity), due: alone(func(m *Mandate) []string { return m.forget(p.ID) })}.run)
	}
	return all
}

// erasePerson erases the person's own record, unless that was done before.
func erasePerson(ctx context.Context, c *core, id ID) error {
	return c.write(ctx, "erasePerson", func(ctx context.Context, note func(change)) error {
		person, err := readPerson(ctx, c, id)
		if err != nil || person.ErasedOn != nil {
			return err
		}
		fields := person.erase(c.clock.Today())
		if err := PersonNoun.In(c.store).Replace(ctx, person); err != nil {
			return err
		}
		note(changed(PersonNoun, person, Updated, fields...))
		return nil
	})
}

func mandatesOf(entity ID) store.Query {
	return store.Query{Any: []store.Where{{"entity": {string(entity)}}}, Sort: "from"}
}

// readPerson reads a person of whom something is asked: NOT_FOUND if there is none.
func readPerson(ctx context.Context, c *core, id ID) (*Person, error) {
	p, err := PersonNoun.In(c.store).Get(ctx, string(id))
	if errors.Is(err, store.ErrNotFound) {
		return nil, refuse(NotFound, "notFound", nil)
	}
	return p, err
}

// addressKept is how long an address whose code expired is kept, by the machine's time, as its code was.
const addressKept = 24 * time.Hour

// sweepPendingAddresses empties addresses that were asked for and never confirmed.
func sweepPendingAddresses(ctx context.Context, c *core, _ Date, dry bool) (int, error) {
	before := DateTimeOf(c.wall().Add(-addressKept))
	return sweep[Person]{of: PersonNoun, due: alone(func(p *Person) (fields []string) {
		if p.NewEmail != nil && p.NewEmail.ExpiresAt < before {
			emptied(&fields, "newEmail", &p.NewEmail)
		}
		return fields
	})}.run(ctx, c, dry)
}

// sweepFormerContacts empties the contacts of members that left, and the free reasons and evidence of their
// lifecycle.
func sweepFormerContacts(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	gone := store.Query{Any: []store.Where{{"status": texts([]MembershipStatus{Withdrawn, Excluded})}}, Sort: "name"}
	return sweep[Member]{of: MemberNoun, query: gone, due: alone(func(m *Member) (fields []string) {
		var left Date
		for _, e := range m.current() {
			left = max(left, e.EffectiveOn)
		}
		if left >= before {
			return nil
		}
		if len(m.AllContacts) > 0 {
			m.AllContacts, fields = []Contact{}, append(fields, "contacts")
		}
		for i := range m.Events {
			emptied(&fields, "events", &m.Events[i].Reason)
			if len(m.Events[i].Evidence) > 0 {
				m.Events[i].Evidence, fields = nil, append(fields, "events")
			}
		}
		return fields
	})}.run(ctx, c, dry)
}

func sweepMandateReasons(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	return sweep[Mandate]{of: MandateNoun, due: alone(func(m *Mandate) []string {
		if m.Until == nil || *m.Until >= before {
			return nil
		}
		return m.eraseReasons()
	})}.run(ctx, c, dry)
}

// sweepExemptionReasons empties what was said for and against exemptions that do not hold any more.
func sweepExemptionReasons(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	over := store.Query{Any: []store.Where{{"state": texts([]ExemptionState{ExemptionRefused, ExemptionOver})}}, Sort: "requestedOn"}
	return sweep[FeeExemption]{of: FeeExemptionNoun, query: over, due: alone(func(x *FeeExemption) (fields []string) {
		if x.Decision == nil || max(x.Decision.On, x.until()) >= before {
			return nil
		}
		for i := range x.Criteria {
			emptied(&fields, "criteria", &x.Criteria[i].Note)
		}
		emptied(&fields, "decision", &x.Decision.Reason)
		if len(x.Evidence) > 0 {
			x.Evidence, fields = []string{}, append(fields, "evidence")
		}
		return fields
	})}.run(ctx, c, dry)
}

// sweepRequestReasons empties why changes of memberships were asked for, decided or not.
func sweepRequestReasons(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	closed := store.Query{Any: []store.Where{{"state": texts([]ChangeRequestState{ChangeAccepted, ChangeRefused, ChangeWithdrawn})}}, Sort: "requestedOn"}
	old := store.Bounds{Before: string(before)}
	return sweep[MembershipChangeRequest]{of: MembershipChangeRequestNoun, query: closed, within: old, due: alone(func(x *MembershipChangeRequest) (fields []string) {
		blotted(&fields, "reason", &x.Reason)
		if x.Decision != nil {
			emptied(&fields, "decision", &x.Decision.Reason)
		}
		return fields
	})}.run(ctx, c, dry)
}

// sweepInvoiceTexts empties why invoices were cancelled, and under what payments stand in the accounts.
func sweepInvoiceTexts(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	return sweep[Invoice]{of: InvoiceNoun, query: store.Query{Sort: "dueOn"}, due: alone(func(i *Invoice) (fields []string) {
		if i.IssuedOn >= before {
			return nil
		}
		for p := range i.Payments {
			blotted(&fields, "payments", &i.Payments[p].Reference)
		}
		if i.Cancelled != nil {
			blotted(&fields, "cancelled", &i.Cancelled.Reason)
		}
		return fields
	})}.run(ctx, c, dry)
}

const personBatch = 20

// ofThePerson asks for what names a person, by the key person.
func ofThePerson(id ID, sort string) store.Query {
	return store.Query{Any: []store.Where{{"person": {string(id)}}}, Sort: sort}
}

// lastDays are the days on which the last mandates of persons end, never for an open one. A person
// without a mandate is left out.
func lastDays(ctx context.Context, c *core, persons []*Person) (map[ID]Date, error) {
	last := map[ID]Date{}
	if len(persons) == 0 {
		return last, nil
	}
	where := store.Where{"person": each(persons, func(p *Person) string { return string(p.ID) })}
	err := eachPage(ctx, MandateNoun.In(c.store), store.Query{Any: []store.Where{where}, Sort: "from"}, store.MaxLimit-1, func(page []*Mandate) error {
		for _, m := range page {
			end := never
			set(&end, m.Until)
			last[m.Person] = max(last[m.Person], end)
		}
		return nil
	})
	return last, err
}
