package seed

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/portal"
)

//go:embed briefing.json
var briefingJSON []byte

// Briefing is the code of a made-up event that takes registrations and contributions.
const Briefing = "DEMO_BRIEFING"

//go:embed call.json
var callJSON []byte

// Call is the code of a made-up part of GSR-25 that calls for contributions. It is open in spring 2025.
const Call = "DEMO_GSR_25_CALL"

//go:embed meetings.json
var meetingsJSON []byte

// openings makes, unless they are there, the call for contributions and the made-up meetings that take registrations, of
// the series for which benefits name these acts and which have no real event that is open for them.
func (o Options) openings(ctx context.Context) error {
	var call event
	if err := json.Unmarshal(callJSON, &call); err != nil {
		return err
	}
	var meetings []event
	if err := json.Unmarshal(meetingsJSON, &meetings); err != nil {
		return err
	}
	for _, e := range append(meetings, call) {
		if err := o.event(ctx, e, recorded); err != nil {
			return err
		}
	}
	return nil
}

// inPerson and remote are how many register for the briefing in each mode: more than there are places
// in the room, so that some wait.
const inPerson, remote = 22, 3

// registrants are the first members whose persons register. The one that is shown is left out, so
// that whoever tries the portal can register its persons; only its last delegate has asked already.
const registrants = 12

// briefing makes the event with its registrations; all is there if the event is. It comes last, so
// that its being there says that the load is complete.
func (o Options) briefing(ctx context.Context) error {
	var e event
	if err := json.Unmarshal(briefingJSON, &e); err != nil {
		return err
	}
	places := newPlaces(o.Countries)
	return o.once(ctx, "event "+e.Code, func(ctx context.Context, p *portal.Portal, clock *time.Time) error {
		*clock = recorded
		made, err := e.load(ctx, p)
		if err != nil || made == nil {
			return err
		}
		*clock = time.Date(2025, 3, 10, 8, 0, 0, 0, time.UTC)
		r := registrar{p: p, clock: clock, event: made.ID}
		for nth, i := range o.active(registrants) {
			if err := r.member(ctx, places.record(i), nth == 0); err != nil {
				return err
			}
		}
		return nil
	})
}

// registrar registers people, one every hour.
type registrar struct {
	p     *portal.Portal
	clock *time.Time
	event kit.ID
	made  int
}

// member registers the persons of a member as long as there shall be more. Of the member that is
// shown only the last one registers, as a delegate does: the focal point has not confirmed it.
func (r *registrar) member(ctx context.Context, of record, shown bool) error {
	m, err := find(ctx, r.p, of)
	if err != nil || m == nil {
		return err
	}
	mandates, err := r.p.Mandates.List(ctx, m.ID, nil, kit.PageArgs{First: new(kit.MaxPage)})
	if err != nil {
		return err
	}
	persons := mandates.Nodes()
	if shown && len(persons) > 2 {
		last := persons[len(persons)-1].Person
		_, err := r.register(ctx, m.ID, last, events.Remote)
		return err
	}
	for _, mandate := range persons {
		if shown || r.made > inPerson+remote {
			break
		}
		mode := events.InPerson
		if r.made > inPerson {
			mode = events.Remote
		}
		asked, err := r.register(ctx, m.ID, mandate.Person, mode)
		if err != nil {
			return err
		}
		confirmed, err := r.p.Registrations.Confirm(ctx, events.ConfirmRegistrationInput{ID: asked.ID, ExpectedVersion: int(asked.Version)})
		if err == nil && len(confirmed.UserErrors) > 0 {
			err = errors.New(fmt.Sprint(confirmed.UserErrors))
		}
		if err != nil {
			return fmt.Errorf("confirming %s: %w", mandate.Person, err)
		}
	}
	return nil
}

// register registers a person as the person itself does, so that nobody is held to be registered by another.
func (r *registrar) register(ctx context.Context, entity, person kit.ID, mode events.AttendanceMode) (*events.Registration, error) {
	*r.clock = r.clock.Add(time.Hour)
	in := events.RegisterForEventInput{
		Event: r.event, Entity: &entity, Person: &person, Mode: mode, Consent: true, NameVisibility: events.NameVisibilities[r.made%len(events.NameVisibilities)],
	}
	if r.made%3 == 0 {
		in.Answers = []events.RegistrationAnswerInput{{Question: "NEEDS", Text: "A seat near the door."}}
	}
	made, err := r.p.Registrations.Register(kit.WithActor(ctx, kit.ActingFor(person, kit.RoleDelegate, entity)), in)
	if err == nil && len(made.UserErrors) > 0 {
		err = errors.New(fmt.Sprint(made.UserErrors))
	}
	if err != nil {
		return nil, fmt.Errorf("registering %s: %w", person, err)
	}
	r.made++
	return made.Registration, nil
}
