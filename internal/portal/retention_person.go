package portal

import (
	"context"

	"memberportal/internal/store"
)

// ErasePerson erases at once, at the person's request, what names it: name and addresses, registrations,
// the texts of its service feedback and of its views as a delegate, drafts of such views, the reasons of its
// mandates and those that it gave for others', hand-overs to it, and messages on their way to it. Its calendar
// links cease to work. Records stay, because others name their ids; what it said officially for a member or
// State, in drafts too, is that one's. A person with a mandate of today is NOT_ALLOWED_IN_STATE: the mandate
// ends first. It goes on past damaged documents that are not its mandates. SECRETARIAT or OPERATOR; NOT_FOUND
// if there is no such person.
func (p *Portal) ErasePerson(ctx context.Context, id ID) error {
	if err := Require(ctx, RoleSecretariat, RoleOperator); err != nil {
		return err
	}
	c, today := p.core, p.core.clock.Today()
	person, err := c.person(ctx, id)
	if err != nil {
		return err
	}
	last, err := c.lastDays(store.Deciding(ctx), []*Person{person})
	if err != nil {
		return err
	}
	if last[id] > today {
		f := newFaults(ctx)
		f.add(CodeNotAllowedInState, "id", "notAllowedInState.mandate", nil)
		return f
	}
	for _, erase := range c.personErasures(person) {
		if _, err := erase(ctx, c, false); err != nil {
			return err
		}
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

// personErasures erase what names a person beside its own record.
func (c *core) personErasures(p *Person) []func(context.Context, *core, bool) (int, error) {
	at := DateTimeOf(c.clock.Now())
	all := []func(context.Context, *core, bool) (int, error){
		sweep[Registration]{of: RegistrationNoun, query: ofThePerson(p.ID, "registeredAt"), due: alone(func(r *Registration) []string { return r.erase(at) })}.run,
		sweep[ServiceFeedback]{of: ServiceFeedbackNoun, query: ofThePerson(p.ID, "submittedAt"), due: alone((*ServiceFeedback).erase)}.run,
		sweep[Mandate]{of: MandateNoun, query: ofThePerson(p.ID, "from"), due: alone((*Mandate).eraseReasons)}.run,
		sweep[CalendarLink]{of: CalendarLinkNoun, query: store.Query{Any: []store.Where{{"madeBy": {string(p.ID)}}}, Sort: "createdAt"}, due: alone(func(l *CalendarLink) []string {
			if l.RevokedAt != nil {
				return nil
			}
			l.RevokedAt = &at
			return []string{"revokedAt"}
		})}.run,
		sweep[FeedbackDraft]{of: DraftNoun, away: true, due: alone(func(d *FeedbackDraft) []string {
			if deref(d.PersonID) != string(p.ID) {
				return nil
			}
			return []string{"draft"}
		})}.run,
		sweep[outgoing]{of: outboxNoun, query: store.Query{Sort: "at"}, away: true, due: alone(func(m *outgoing) []string {
			if m.To == "" || !p.has(m.To) {
				return nil
			}
			return []string{"to"}
		})}.run,
	}
	for _, entity := range p.Entities {
		all = append(all,
			sweep[Mandate]{of: MandateNoun, query: mandatesOf(entity), due: alone(func(m *Mandate) []string { return m.forget(p.ID) })}.run,
			sweep[Feedback]{of: FeedbackNoun, query: delegateViews(entity), due: alone(func(x *Feedback) []string {
				if deref(x.PersonID) != string(p.ID) {
					return nil
				}
				return x.eraseTexts()
			})}.run,
		)
	}
	return all
}
