package events

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

// RegistrationErasures erase the person from registrations and revoke the calendar links that the person made.
func RegistrationErasures(c *kit.Core, p *people.Person) []kit.Erasure {
	at := kit.DateTimeOf(c.Clock.Now())
	return []kit.Erasure{
		kit.Sweep[Registration]{Of: RegistrationNoun, Query: people.OfThePerson(p.ID, "registeredAt"), Due: kit.Alone(func(r *Registration) []string { return r.erase(at) })}.Run,
	}
}

// Erase erases the registrations of an event in batches, then records in the event that this is done.
func (s *RegistrationService) Erase(ctx context.Context, event kit.ID, dry bool) (erased int, err error) {
	c := s.core
	query := store.Query{Any: []store.Where{{"event": {string(event)}}}, Sort: "order"}
	at := kit.DateTimeOf(c.Clock.Now())
	erased, err = kit.Sweep[Registration]{Of: RegistrationNoun, Query: query, Due: kit.Alone(func(r *Registration) []string { return r.erase(at) })}.Run(ctx, c, dry)
	if err != nil || dry {
		return erased, err
	}
	return erased, c.Write(ctx, "erase", func(ctx context.Context, note func(kit.Change)) error {
		if len(c.Store.Damage().IDs(RegistrationNoun.Kind.Name)) > 0 {
			err := kit.EachPage(ctx, s.registrations, query, kit.EraseBatch, func([]*Registration) error { return nil })
			if errors.Is(err, store.ErrCorrupt) {
				return nil // a damaged registration of this event was left out
			}
			if err != nil {
				return err
			}
		}
		return s.events.noteErased(ctx, event, at, note)
	})
}

// madeOn is the day on which an id was made; empty if the id does not contain it.
func madeOn(id kit.ID) kit.Date {
	_, text, _ := strings.Cut(string(id), "_")
	made, err := ulid.ParseStrict(text)
	if err != nil {
		return ""
	}
	return kit.Date(ulid.Time(made.Time()).UTC().Format(time.DateOnly))
}

// SweepStrangers erases persons who never had a mandate and whom no registration names.
func (s *RegistrationService) SweepStrangers(ctx context.Context, before kit.Date, dry bool) (int, error) {
	return s.persons.Sweep(ctx, dry, s.idlePersons(func(p *people.Person, last kit.Date) bool {
		made := madeOn(p.ID)
		return last == "" && made != "" && made < before
	}))
}

// SweepGone erases persons whose last mandate ended before a day and whom no registration names.
func (s *RegistrationService) SweepGone(ctx context.Context, before kit.Date, dry bool) (int, error) {
	return s.persons.Sweep(ctx, dry, s.idlePersons(func(_ *people.Person, last kit.Date) bool { return last != "" && last < before }))
}

// idlePersons selects persons for a sweep: no registration names them and past is true. past gets the last day of a
// person's mandates, empty if there was none. If a document that decides about a person is damaged, the person
// stays and the document counts as left out.
func (s *RegistrationService) idlePersons(past func(p *people.Person, last kit.Date) bool) func(context.Context, []*people.Person) ([][]string, error) {
	return func(ctx context.Context, persons []*people.Person) ([][]string, error) {
		fields, err := s.idle(store.Deciding(ctx), persons, past)
		if !errors.Is(err, store.ErrCorrupt) {
			return fields, err
		}
		fields = make([][]string, len(persons))
		for i, p := range persons {
			one, err := s.idle(store.Deciding(ctx), []*people.Person{p}, past)
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

func (s *RegistrationService) idle(ctx context.Context, persons []*people.Person, past func(p *people.Person, last kit.Date) bool) ([][]string, error) {
	last, err := s.mandates.LastDays(ctx, persons)
	if err != nil {
		return nil, err
	}
	fields := make([][]string, len(persons))
	for i, p := range persons {
		if p.ErasedOn != nil || !past(p, last[p.ID]) {
			continue
		}
		plan, err := s.registrations.Plan(people.OfThePerson(p.ID, "registeredAt"))
		if err != nil {
			return nil, err
		}
		page, err := s.registrations.Page(ctx, plan, store.Range{Limit: 1})
		if err != nil {
			return nil, err
		}
		if len(page.Docs) == 0 {
			fields[i] = p.Erase(s.core.Clock.Today())
		}
	}
	return fields, nil
}
