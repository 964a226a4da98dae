package stage

import (
	"context"
	"fmt"

	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

// Registrant is a person with a mandate, and who speaks for the member or State.
type Registrant struct {
	Person, Entity kit.ID
	Speaker        kit.Actor
}

// Registrants gives new persons mandates for mem_ACTIVE and Uganda.
func (s Stage) Registrants(n int) []Registrant {
	s.Helper()
	all := make([]Registrant, n)
	for i := range all {
		all[i].Entity, all[i].Speaker = "mem_ACTIVE", FocalPoint("mem_ACTIVE")
		if i%3 == 1 {
			all[i].Entity, all[i].Speaker = "cty_UG", Uganda
		}
		m := s.AddDelegate(func(in *people.AddDelegateInput) {
			in.Entity, in.Name, in.Email = all[i].Entity, fmt.Sprintf("Person %d", i), fmt.Sprintf("person%d@example.org", i)
		})
		if i%3 == 2 {
			all[i].Speaker = Secretariat
		}
		all[i].Person = m.Person
	}
	return all
}

// Register registers somebody for an event who takes part remotely.
func (s Stage) Register(e kit.ID, r Registrant) (*events.RegisterForEventPayload, error) {
	return s.Portal.Registrations.Register(By(r.Speaker), events.RegisterForEventInput{
		Event: e, Entity: &r.Entity, Person: &r.Person, Mode: events.Remote, Consent: true, NameVisibility: events.NameNobody,
	})
}

// Queue are the registrations of an event in the order of the queue, those in some states or in all.
func (s Stage) Queue(e kit.ID, states ...events.RegistrationStatus) []*events.Registration {
	s.Helper()
	c := events.RegistrationNoun.In(s.Store)
	where := store.Where{"event": {string(e)}}
	for _, state := range states {
		where["status"] = append(where["status"], string(state))
	}
	plan, err := c.Plan(store.Query{Any: []store.Where{where}, Sort: "order"})
	s.Must(err)
	page, err := c.Page(context.Background(), plan, store.Range{Limit: store.MaxLimit - 1})
	s.Must(err)
	return page.Docs
}

// FillPastEvent fills evt_PAST with n registrations that say everything.
func (s Stage) FillPastEvent(n int) {
	s.Helper()
	all := make([]*events.Registration, n)
	for i := range all {
		all[i] = &events.Registration{
			ID: kit.ID(fmt.Sprintf("reg_PAST%03d", i)), EventID: "evt_PAST", Kind: events.RegistrantGuest, Mode: events.Remote, Status: events.RegistrationConfirmed,
			Order: int64(i + 2), Guest: &events.Guest{Name: Personal[0], Email: Personal[1], Organisation: "Guests"}, NameVisibility: events.NamePublic,
			StoredAnswers: []events.RegistrationAnswer{{Question: "NEEDS", Text: Personal[2]}},
			ConsentedAt:   "2025-02-01T09:00:00.000Z", RegisteredAt: "2025-02-01T09:00:00.000Z",
			Changes: []events.RegistrationChange{{Status: events.RegistrationConfirmed, At: "2025-02-01T09:00:00.000Z"}}, Dataset: kit.Demonstration,
		}
	}
	s.Must(events.RegistrationNoun.In(s.Store).Insert(context.Background(), all...))
}

// Personal are the texts by which persons of the fixture are found anywhere in the store.
var Personal = []string{"Grace Guest", "guest@example.org", "Wheelchair"}

// EventStatistics are the counts of an event as JSON.
func (s Stage) EventStatistics(event kit.ID) string {
	s.Helper()
	counted, err := s.Portal.Registrations.Statistics(By(Secretariat), event)
	s.Must(err)
	return InJSON(counted)
}
