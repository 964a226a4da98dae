package seed

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"time"

	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
)

//go:embed series.json
var seriesJSON []byte

//go:embed events.json
var eventsJSON []byte

// recorded is when the calendar is entered: the last event of which anything is told has taken place,
// and those after it are announced.
var recorded = time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)

// texts are a text by language, English being the original.
type texts = map[kit.Locale]string

// series is one entry of series.json.
type series struct {
	Code               string
	Kind               events.EventKind
	Title, Description texts
	Topics             *topics
}

// topics is the call for topics of a series; without kinds it is for all.
type topics struct {
	Kinds        []membership.RespondentKind
	Introduction texts
}

// event is one entry of events.json. What its source does not tell is left out: of a month without
// days no day is made up, and the format is told only where the source does or registration needs it.
type event struct {
	Code, Series, Parent, Source               string
	Title, Summary, PracticalInformation, City texts
	Time                                       events.EventTimeInput
	Format                                     *events.EventFormat
	Country                                    string
	Sessions                                   []session
	Audience                                   events.EventAudienceInput
	Registration                               *registration
	Contributions                              *contributions
}

type session struct {
	Title texts
	Roles []events.EventRoleInput
}

type registration struct {
	CapacityInPerson, CapacityRemote *int
	WaitingList                      bool
	Questions                        []struct {
		Code string
		Text texts
	}
}

type contributions struct {
	ClosesOn kit.Date
	Topics   []struct {
		Code  string
		Title texts
	}
}

// once runs f in a transaction of its own over a portal whose ids depend on the name alone, so that
// what f makes is whole and the same whatever was made before it.
func (o Options) once(ctx context.Context, name string, f func(ctx context.Context, p *portal.Portal, clock *time.Time) error) error {
	err := o.Store.Tx(ctx, func(ctx context.Context) error {
		p, clock, err := o.portal(name)
		if err != nil {
			return err
		}
		return f(ctx, p, clock)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// calendar makes the events whose codes are not there. They are real, unlike the rest of
// the data.
func (o Options) calendar(ctx context.Context) error {
	var events []event
	if err := json.Unmarshal(eventsJSON, &events); err != nil {
		return err
	}
	for nth, e := range events {
		// Events that begin on one day, or in one month, come in the order of their ids.
		if err := o.event(ctx, e, recorded.Add(time.Duration(nth)*time.Minute)); err != nil {
			return err
		}
	}
	return nil
}

// event makes an event, recorded at an instant, if its code is not there.
func (o Options) event(ctx context.Context, e event, at time.Time) error {
	return o.once(ctx, "event "+e.Code, func(ctx context.Context, p *portal.Portal, clock *time.Time) error {
		*clock = at
		_, err := e.load(ctx, p)
		return err
	})
}

// series makes the series whose codes are not there. Benefits and events name them, so that it is called before those are made.
func (o Options) series(ctx context.Context) error {
	var all []series
	if err := json.Unmarshal(seriesJSON, &all); err != nil {
		return err
	}
	for _, s := range all {
		if err := o.once(ctx, "series "+s.Code, func(ctx context.Context, p *portal.Portal, clock *time.Time) error {
			*clock = recorded
			return s.load(ctx, p)
		}); err != nil {
			return err
		}
	}
	return nil
}

func (s series) load(ctx context.Context, p *portal.Portal) error {
	there, err := p.EventSeries.ByCode(ctx, s.Code)
	if err != nil || there != nil {
		return err
	}
	made, err := p.EventSeries.Create(ctx, events.CreateEventSeriesInput{
		Code: s.Code, Kind: s.Kind, Title: translations(s.Title), Description: translations(s.Description), Topics: s.Topics.input(),
	})
	if err != nil || len(made.UserErrors) > 0 {
		return fmt.Errorf("creating: %w %v", err, made)
	}
	return nil
}

// load makes the event and publishes it; it gives nil if it is there.
func (e event) load(ctx context.Context, p *portal.Portal) (*events.Event, error) {
	there, err := p.Events.ByCode(ctx, e.Code)
	if err != nil || there != nil {
		return nil, err
	}
	in, err := e.input(ctx, p)
	if err != nil {
		return nil, err
	}
	made, err := p.Events.Create(ctx, in)
	if err != nil || len(made.UserErrors) > 0 {
		return nil, fmt.Errorf("creating: %w %v", err, made)
	}
	published, err := p.Events.Publish(ctx, events.PublishEventInput{ID: made.Event.ID, ExpectedVersion: int(made.Event.Version)})
	if err != nil || len(published.UserErrors) > 0 {
		return nil, fmt.Errorf("publishing: %w %v", err, published)
	}
	return published.Event, nil
}

func (e event) input(ctx context.Context, p *portal.Portal) (events.CreateEventInput, error) {
	in := events.CreateEventInput{
		Code: e.Code, Title: translations(e.Title), Summary: translations(e.Summary), Time: e.Time, Format: e.Format,
		Visibility: events.VisiblePublic, Audience: e.Audience, Registration: e.Registration.input(), Contributions: e.Contributions.input(),
		Source: &e.Source,
	}
	of, err := p.EventSeries.ByCode(ctx, e.Series)
	if err != nil || of == nil {
		return in, fmt.Errorf("the series %s: %w", e.Series, err)
	}
	in.Series = of.ID
	if e.Parent != "" {
		parent, err := p.Events.ByCode(ctx, e.Parent)
		if err != nil || parent == nil {
			return in, fmt.Errorf("the parent %s: %w", e.Parent, err)
		}
		in.Parent = &parent.ID
	}
	if e.Country != "" {
		in.Country = new(kit.CountryID(e.Country))
	}
	if e.City != nil {
		in.City = translations(e.City)
	}
	if e.PracticalInformation != nil {
		in.PracticalInformation = translations(e.PracticalInformation)
	}
	for _, s := range e.Sessions {
		in.Sessions = append(in.Sessions, events.EventSessionInput{Title: translations(s.Title), Roles: s.Roles})
	}
	return in, nil
}

func (r *registration) input() *events.EventRegistrationInput {
	if r == nil {
		return nil
	}
	in := &events.EventRegistrationInput{CapacityInPerson: r.CapacityInPerson, CapacityRemote: r.CapacityRemote, WaitingList: r.WaitingList}
	for _, q := range r.Questions {
		in.Questions = append(in.Questions, events.RegistrationQuestionInput{Code: q.Code, Text: translations(q.Text)})
	}
	return in
}

func (t *topics) input() *events.CallForTopicsInput {
	if t == nil {
		return nil
	}
	return &events.CallForTopicsInput{Open: true, Kinds: t.Kinds, Introduction: translations(t.Introduction)}
}

func (c *contributions) input() *events.CallForContributionsInput {
	if c == nil {
		return nil
	}
	in := &events.CallForContributionsInput{ClosesOn: c.ClosesOn}
	for _, t := range c.Topics {
		in.Topics = append(in.Topics, events.ContributionTopicInput{Code: t.Code, Title: translations(t.Title)})
	}
	return in
}
