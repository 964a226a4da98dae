package portal

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"memberportal/internal/store"
)

// registrationErasures erase what registrations say of a person, and end the calendar links that it made.
func registrationErasures(c *core, p *Person) []erasure {
	at := DateTimeOf(c.clock.Now())
	return []erasure{
		sweep[Registration]{of: RegistrationNoun, query: ofThePerson(p.ID, "registeredAt"), due: alone(func(r *Registration) []string { return r.erase(at) })}.run,
		sweep[CalendarLink]{of: CalendarLinkNoun, query: store.Query{Any: []store.Where{{"madeBy": {string(p.ID)}}}, Sort: "createdAt"}, due: alone(func(l *CalendarLink) []string {
			if l.RevokedAt != nil {
				return nil
			}
			l.RevokedAt = &at
			return []string{"revokedAt"}
		})}.run,
	}
}

// eraseEvent erases the registrations of an event in batches, and then notes in the event that it is
// done.
func eraseEvent(ctx context.Context, c *core, event ID, dry bool) (erased int, err error) {
	query := store.Query{Any: []store.Where{{"event": {string(event)}}}, Sort: "order"}
	at := DateTimeOf(c.clock.Now())
	erased, err = sweep[Registration]{of: RegistrationNoun, query: query, due: alone(func(r *Registration) []string { return r.erase(at) })}.run(ctx, c, dry)
	if err != nil || dry {
		return erased, err
	}
	return erased, c.write(ctx, "erase", func(ctx context.Context, note func(change)) error {
		registrations := RegistrationNoun.In(c.store)
		if len(c.store.Damage().IDs(RegistrationNoun.Kind.Name)) > 0 {
			err := eachPage(ctx, registrations, query, eraseBatch, func([]*Registration) error { return nil })
			if errors.Is(err, store.ErrCorrupt) {
				return nil // one of this event's was left out
			}
			if err != nil {
				return err
			}
		}
		e, err := EventNoun.In(c.store).Get(ctx, string(event))
		if err != nil {
			return err
		}
		e.ErasedAt = &at
		if err := EventNoun.In(c.store).Replace(ctx, e); err != nil {
			return err
		}
		note(changed(EventNoun, e, Updated, "erasedAt"))
		return nil
	})
}

// madeOn is the day that an id tells; empty for one that tells none.
func madeOn(id ID) Date {
	_, text, _ := strings.Cut(string(id), "_")
	made, err := ulid.ParseStrict(text)
	if err != nil {
		return ""
	}
	return Date(ulid.Time(made.Time()).UTC().Format(time.DateOnly))
}

// sweepStrangers erases persons who never had a mandate and whom no registration names.
func sweepStrangers(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	strangers := idlePersons(c, func(p *Person, last Date) bool {
		made := madeOn(p.ID)
		return last == "" && made != "" && made < before
	})
	return sweep[Person]{of: PersonNoun, due: strangers, batch: personBatch}.run(ctx, c, dry)
}

// sweepInvitations empties whom invitations named that made no member.
func sweepInvitations(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	guests := store.Query{Any: []store.Where{{"outcome": {"GUEST"}}}, Sort: "invitedAt"}
	return sweep[EventInvitation]{of: InvitationNoun, query: guests, due: alone(func(i *EventInvitation) (fields []string) {
		if i.ExpiresOn < before {
			blotted(&fields, "organisation", &i.Organisation)
		}
		return fields
	})}.run(ctx, c, dry)
}

// sweepEventReasons empties why events were put off or cancelled, and why their documents were withdrawn.
func sweepEventReasons(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	all := store.Query{Any: []store.Where{{"keepsPersons": {"yes", "no"}}}, Sort: "retainUntil"}
	return sweep[Event]{of: EventNoun, query: all, within: store.Bounds{Before: string(before)}, due: alone(func(e *Event) (fields []string) {
		for i := range e.Changes {
			emptied(&fields, "changes", &e.Changes[i].Reason)
		}
		for i := range e.AllDocuments {
			emptied(&fields, "documents", &e.AllDocuments[i].Reason)
		}
		return fields
	})}.run(ctx, c, dry)
}

func sweepContributionReasons(ctx context.Context, c *core, before Date, dry bool) (int, error) {
	old := store.Bounds{Before: string(before)}
	return sweep[Contribution]{of: ContributionNoun, query: store.Query{Sort: "submittedAt"}, within: old, due: alone(func(x *Contribution) (fields []string) {
		if n := len(x.Changes); n > 0 && x.Changes[n-1].At >= DateTime(before) {
			return nil
		}
		for i := range x.Changes {
			emptied(&fields, "changes", &x.Changes[i].Reason)
		}
		return fields
	})}.run(ctx, c, dry)
}

// idlePersons is due of persons whom no registration names and whose last mandate is past. Past gets the
// day on which that ends, empty for a person who never had one. A person about whom a damaged document
// decides stays, and that document counts as left out.
func idlePersons(c *core, past func(p *Person, last Date) bool) func(context.Context, []*Person) ([][]string, error) {
	return func(ctx context.Context, persons []*Person) ([][]string, error) {
		fields, err := idle(store.Deciding(ctx), c, persons, past)
		if !errors.Is(err, store.ErrCorrupt) {
			return fields, err
		}
		fields = make([][]string, len(persons))
		for i, p := range persons {
			one, err := idle(store.Deciding(ctx), c, []*Person{p}, past)
			if d, ok := errors.AsType[*store.Damaged](err); ok {
				store.Omit(ctx, d.Noun, d.ID)
				continue
			}
			if err != nil {
				return nil, err
			}
			fields[i] = one[0]
		}
		return fields, nil
	}
}

func idle(ctx context.Context, c *core, persons []*Person, past func(p *Person, last Date) bool) ([][]string, error) {
	last, err := lastDays(ctx, c, persons)
	if err != nil {
		return nil, err
	}
	registrations := RegistrationNoun.In(c.store)
	fields := make([][]string, len(persons))
	for i, p := range persons {
		if p.ErasedOn != nil || !past(p, last[p.ID]) {
			continue
		}
		plan, err := registrations.Plan(ofThePerson(p.ID, "registeredAt"))
		if err != nil {
			return nil, err
		}
		page, err := registrations.Page(ctx, plan, store.Range{Limit: 1})
		if err != nil {
			return nil, err
		}
		if len(page.Docs) == 0 {
			fields[i] = p.erase(c.clock.Today())
		}
	}
	return fields, nil
}
