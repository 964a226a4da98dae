package portal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"memberportal/internal/store"
)

// personHoldings are what is held about one person, by nouns.
var personHoldings = []struct {
	kind  *store.Kind
	every func(ctx context.Context, c *core, person ID, take func(doc any) error) error
}{
	{PersonNoun.Kind, func(ctx context.Context, c *core, person ID, take func(any) error) error {
		docs, err := PersonNoun.In(c.store).Many(ctx, []string{string(person)})
		return errors.Join(err, takeAll(docs, take))
	}},
	{MandateNoun.Kind, ofPerson(MandateNoun, "person", "from")},
	{RegistrationNoun.Kind, ofPerson(RegistrationNoun, "person", "registeredAt")},
	{ServiceFeedbackNoun.Kind, ofPerson(ServiceFeedbackNoun, "person", "submittedAt")},
	{auditNoun.Kind, ofPerson(auditNoun, "actor", "at")},
}

func ofPerson[T any](d store.Declared[T], key, sort string) func(context.Context, *core, ID, func(any) error) error {
	return func(ctx context.Context, c *core, person ID, take func(any) error) error {
		query := store.Query{Any: []store.Where{{key: {string(person)}}}, Sort: sort}
		return eachPage(ctx, d.In(c.store), query, holdingsPage, func(docs []*T) error { return takeAll(docs, take) })
	}
}

// person reads a person of whom something is asked: NOT_FOUND if there is none.
func (c *core) person(ctx context.Context, id ID) (*Person, error) {
	p, err := PersonNoun.In(c.store).Get(ctx, string(id))
	if errors.Is(err, store.ErrNotFound) {
		return nil, refuse(NotFound, "notFound", nil)
	}
	return p, err
}

// PersonHoldings writes all that is held about a person as one JSON document, for that person: its record,
// mandates, registrations, service feedback, and the audit entries of what it did. It leaves an audit
// entry of its own. SECRETARIAT or OPERATOR; NOT_FOUND if there is no such person.
func (p *Portal) PersonHoldings(ctx context.Context, id ID, w io.Writer) error {
	if err := Require(ctx, RoleSecretariat, RoleOperator); err != nil {
		return err
	}
	if _, err := p.core.person(ctx, id); err != nil {
		return err
	}
	if err := p.core.record(ctx, "exportPerson", id, "all that is held about the person"); err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	if _, err := fmt.Fprintf(out, "{\n\"person\": %q,\n\"writtenAt\": %q", id, DateTimeOf(p.core.clock.Now())); err != nil {
		return err
	}
	for _, one := range personHoldings {
		if _, err := fmt.Fprintf(out, ",\n%q: [", one.kind.Name); err != nil {
			return err
		}
		separator := "\n"
		err := one.every(ctx, p.core, id, func(doc any) error {
			_, err := out.WriteString(separator)
			separator = ",\n"
			return errors.Join(err, writeStored(out, doc))
		})
		if err != nil {
			return fmt.Errorf("writing %s: %w", one.kind.Name, err)
		}
		if _, err := out.WriteString("\n]"); err != nil {
			return err
		}
	}
	if _, err := out.WriteString("\n}\n"); err != nil {
		return err
	}
	return out.Flush()
}

// ErasePerson erases at once, at the person's request, what names it: name and address, registrations,
// the texts of its service feedback and the reasons of its mandates. Records stay, because others name
// their ids; what it said officially for a member or State is that one's. A person with a mandate of
// today is NOT_ALLOWED_IN_STATE: the mandate ends first. SECRETARIAT or OPERATOR; NOT_FOUND if there is no
// such person.
func (p *Portal) ErasePerson(ctx context.Context, id ID) error {
	if err := Require(ctx, RoleSecretariat, RoleOperator); err != nil {
		return err
	}
	c, today := p.core, p.core.clock.Today()
	person, err := c.person(ctx, id)
	if err != nil {
		return err
	}
	last, err := c.lastDays(ctx, []*Person{person})
	if err != nil {
		return err
	}
	if last[id] > today {
		f := newFaults(ctx)
		f.add(CodeNotAllowedInState, "id", "notAllowedInState.mandate", nil)
		return f
	}
	at := DateTimeOf(c.clock.Now())
	if _, err := (sweep[Registration]{of: RegistrationNoun, query: ofThePerson(id, "registeredAt"), due: alone(func(r *Registration) []string { return r.erase(at) })}).run(ctx, c, false); err != nil {
		return err
	}
	if _, err := (sweep[ServiceFeedback]{of: ServiceFeedbackNoun, query: ofThePerson(id, "submittedAt"), due: alone((*ServiceFeedback).erase)}).run(ctx, c, false); err != nil {
		return err
	}
	if _, err := (sweep[Mandate]{of: MandateNoun, query: ofThePerson(id, "from"), due: alone((*Mandate).eraseReasons)}).run(ctx, c, false); err != nil {
		return err
	}
	return c.write(ctx, "erasePerson", func(ctx context.Context, note func(change)) error {
		person, err := c.person(ctx, id)
		if err != nil || person.ErasedOn != nil {
			return err
		}
		fields := person.erase(today)
		if err := PersonNoun.In(c.store).Replace(ctx, person); err != nil {
			return err
		}
		note(changed(PersonNoun, person, Updated, fields...))
		return nil
	})
}
