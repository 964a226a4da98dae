package membership

import (
	"context"
	"errors"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// MandateErasures returns how to erase what mandates say about a person.
func MandateErasures(p *Person) []kit.Erasure {
	all := []kit.Erasure{kit.Sweep[Mandate]{Of: MandateNoun, Query: OfThePerson(p.ID, "from"), Due: kit.Alone((*Mandate).eraseReasons)}.Run}
	for _, entity := range p.Entities {
		all = append(all, kit.Sweep[Mandate]{Of: MandateNoun, Query: MandatesOf(entity), Due: kit.Alone(func(m *Mandate) []string { return m.forget(p.ID) })}.Run)
	}
	return all
}

// EraseOwn erases the person's own record, unless it is erased already.
func (s *PersonService) EraseOwn(ctx context.Context, id kit.ID) error {
	return s.core.Write(ctx, "erasePerson", func(ctx context.Context, note func(kit.Change)) error {
		person, err := s.Named(ctx, id)
		if err != nil || person.ErasedOn != nil {
			return err
		}
		fields := person.Erase(s.core.Clock.Today())
		if err := s.persons.Replace(ctx, person); err != nil {
			return err
		}
		note(kit.Changed(PersonNoun, person, kit.Updated, fields...))
		return nil
	})
}

// MandatesOf returns the query for all mandates for a member or country.
func MandatesOf(entity kit.ID) store.Query {
	return store.Query{Any: []store.Where{{"entity": {string(entity)}}}, Sort: "from"}
}

// Named reads a person that a command names, without checking the caller's rights. The error is NOT_FOUND if there
// is none.
func (s *PersonService) Named(ctx context.Context, id kit.ID) (*Person, error) {
	p, err := s.persons.Get(ctx, string(id))
	if errors.Is(err, store.ErrNotFound) {
		return nil, kit.Refuse(kit.NotFound, "notFound", nil)
	}
	return p, err
}

// addressKept is how long an address is kept after its code expired. It is measured by the time of the machine, as
// the expiry of the code is.
const addressKept = 24 * time.Hour

// SweepPendingAddresses empties addresses that persons asked for and never confirmed.
func SweepPendingAddresses(ctx context.Context, c *kit.Core, _ kit.Date, dry bool) (int, error) {
	before := kit.DateTimeOf(c.Wall().Add(-addressKept))
	return kit.Sweep[Person]{Of: PersonNoun, Due: kit.Alone(func(p *Person) (fields []string) {
		if p.NewEmail != nil && p.NewEmail.ExpiresAt < before {
			kit.Emptied(&fields, "newEmail", &p.NewEmail)
		}
		return fields
	})}.Run(ctx, c, dry)
}

// SweepFormerContacts empties the contacts of members that left, and the reasons (free text) and evidence in their
// lifecycle.
func SweepFormerContacts(ctx context.Context, c *kit.Core, before kit.Date, dry bool) (int, error) {
	gone := store.Query{Any: []store.Where{{"status": kit.Strings([]MembershipStatus{Withdrawn, Excluded})}}, Sort: "name"}
	return kit.Sweep[Member]{Of: MemberNoun, Query: gone, Due: kit.Alone(func(m *Member) (fields []string) {
		var left kit.Date
		for _, e := range m.Current() {
			left = max(left, e.EffectiveOn)
		}
		if left >= before {
			return nil
		}
		if len(m.StoredContacts) > 0 {
			m.StoredContacts, fields = []Contact{}, append(fields, "contacts")
		}
		for i := range m.Events {
			kit.Emptied(&fields, "events", &m.Events[i].Reason)
			if len(m.Events[i].Evidence) > 0 {
				m.Events[i].Evidence, fields = nil, append(fields, "events")
			}
		}
		return fields
	})}.Run(ctx, c, dry)
}

// SweepMandateReasons empties the reasons of mandates that ended before a day.
func SweepMandateReasons(ctx context.Context, c *kit.Core, before kit.Date, dry bool) (int, error) {
	return kit.Sweep[Mandate]{Of: MandateNoun, Due: kit.Alone(func(m *Mandate) []string {
		if m.Until == nil || *m.Until >= before {
			return nil
		}
		return m.eraseReasons()
	})}.Run(ctx, c, dry)
}

// SweepExemptionReasons empties the arguments for and against exemptions that no longer hold.
func SweepExemptionReasons(ctx context.Context, c *kit.Core, before kit.Date, dry bool) (int, error) {
	over := store.Query{Any: []store.Where{{"state": kit.Strings([]ExemptionState{ExemptionRefused, ExemptionOver})}}, Sort: "requestedOn"}
	return kit.Sweep[FeeExemption]{Of: FeeExemptionNoun, Query: over, Due: kit.Alone(func(x *FeeExemption) (fields []string) {
		if x.Decision == nil || max(x.Decision.On, x.until()) >= before {
			return nil
		}
		for i := range x.Criteria {
			kit.Emptied(&fields, "criteria", &x.Criteria[i].Note)
		}
		kit.Emptied(&fields, "decision", &x.Decision.Reason)
		if len(x.Evidence) > 0 {
			x.Evidence, fields = []string{}, append(fields, "evidence")
		}
		return fields
	})}.Run(ctx, c, dry)
}

// SweepRequestReasons empties the reasons of requests for changes, decided or not.
func SweepRequestReasons(ctx context.Context, c *kit.Core, before kit.Date, dry bool) (int, error) {
	closed := store.Query{Any: []store.Where{{"state": kit.Strings([]ChangeRequestState{ChangeAccepted, ChangeRefused, ChangeWithdrawn})}}, Sort: "requestedOn"}
	old := store.Bounds{Before: string(before)}
	return kit.Sweep[MembershipChangeRequest]{Of: MembershipChangeRequestNoun, Query: closed, Within: old, Due: kit.Alone(func(x *MembershipChangeRequest) (fields []string) {
		kit.Blotted(&fields, "reason", &x.Reason)
		if x.Decision != nil {
			kit.Emptied(&fields, "decision", &x.Decision.Reason)
		}
		return fields
	})}.Run(ctx, c, dry)
}

// SweepInvoiceTexts empties the reasons of cancellations, and the references of payments in the accounts.
func SweepInvoiceTexts(ctx context.Context, c *kit.Core, before kit.Date, dry bool) (int, error) {
	return kit.Sweep[Invoice]{Of: InvoiceNoun, Query: store.Query{Sort: "dueOn"}, Due: kit.Alone(func(i *Invoice) (fields []string) {
		if i.IssuedOn >= before {
			return nil
		}
		for p := range i.Payments {
			kit.Blotted(&fields, "payments", &i.Payments[p].Reference)
		}
		if i.Cancelled != nil {
			kit.Blotted(&fields, "cancelled", &i.Cancelled.Reason)
		}
		return fields
	})}.Run(ctx, c, dry)
}

// personBatch is how many persons are checked together for erasure. A listing merges three index ranges for each
// person.
const personBatch = 20

// Sweep erases the persons of whom due gives fields, or counts them if dry is true.
func (s *PersonService) Sweep(ctx context.Context, dry bool, due func(context.Context, []*Person) ([][]string, error)) (int, error) {
	return kit.Sweep[Person]{Of: PersonNoun, Due: due, Batch: personBatch}.Run(ctx, s.core, dry)
}

// OfThePerson returns the query for records that name a person, by the key person.
func OfThePerson(id kit.ID, sort string) store.Query {
	return store.Query{Any: []store.Where{{"person": {string(id)}}}, Sort: sort}
}

// LastDays returns the day on which the last mandate of each person ends; kit.Never if one has no end. It leaves
// out a person without a mandate.
func (s *MandateService) LastDays(ctx context.Context, persons []*Person) (map[kit.ID]kit.Date, error) {
	last := map[kit.ID]kit.Date{}
	if len(persons) == 0 {
		return last, nil
	}
	where := store.Where{"person": kit.Map(persons, func(p *Person) string { return string(p.ID) })}
	err := kit.EachPage(ctx, s.mandates, store.Query{Any: []store.Where{where}, Sort: "from"}, store.MaxLimit-1, func(page []*Mandate) error {
		for _, m := range page {
			end := kit.Never
			kit.Set(&end, m.Until)
			last[m.Person] = max(last[m.Person], end)
		}
		return nil
	})
	return last, err
}
