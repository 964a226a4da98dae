package events

import (
	"context"

	"memberportal/internal/country"
	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

// Services are the services of events, registrations and contributions.
type Services struct {
	EventSeries   *EventSeriesService
	Events        *EventService
	Registrations *RegistrationService
	Guests        *GuestService
	Contributions *ContributionService
	Calendars     *CalendarService
}

// New makes the services of this room.
func New(c *kit.Core, countries *country.CountryService, m *membership.Services, p *people.Services, kept *files.FileService) *Services {
	teller := &registrantTeller{core: c, countries: countries, registrations: RegistrationNoun.In(c.Store), seats: SeatNoun.In(c.Store), persons: p.Persons, notifications: p.Notifications}
	seats := &seatService{core: c, seats: SeatNoun.In(c.Store), registrations: RegistrationNoun.In(c.Store), teller: teller}
	series := &EventSeriesService{core: c, series: SeriesNoun.In(c.Store)}
	events := &EventService{core: c, countries: countries, events: EventNoun.In(c.Store), members: m.Members, series: series, seats: seats, files: kept, registrants: teller, guests: &guestTeller{c, InvitationNoun.In(c.Store)}}
	registrations := &RegistrationService{
		core: c, countries: countries, registrations: RegistrationNoun.In(c.Store), events: events, seats: seats, persons: p.Persons, mandates: p.Mandates, members: m.Members, notifications: p.Notifications, teller: teller,
	}
	return &Services{
		EventSeries:   series,
		Events:        events,
		Registrations: registrations,
		Guests:        &GuestService{core: c, countries: countries, invitations: InvitationNoun.In(c.Store), registrations: registrations},
		Contributions: &ContributionService{core: c, contributions: ContributionNoun.In(c.Store), events: events, series: series, files: kept, registrations: registrations, members: m.Members, mandates: p.Mandates, persons: p.Persons, notifications: p.Notifications},
		Calendars:     &CalendarService{core: c, countries: countries, links: CalendarLinkNoun.In(c.Store), events: events, registrations: registrations, mandates: p.Mandates, persons: p.Persons},
	}
}

// Kinds are the nouns that this room stores.
func Kinds() []*store.Kind {
	return []*store.Kind{
		SeriesNoun.Kind, EventNoun.Kind, SeatNoun.Kind, RegistrationNoun.Kind, InvitationNoun.Kind, ContributionNoun.Kind, CalendarLinkNoun.Kind,
	}
}

// Nodes are the readers of records with a global id, by the prefix of the id.
func (s *Services) Nodes() map[string]kit.NodeReader {
	return map[string]kit.NodeReader{
		seriesPrefix:       s.EventSeries.nodes,
		eventPrefix:        s.Events.nodes,
		registrationPrefix: s.Registrations.nodes,
		invitationPrefix:   s.Guests.nodes,
		contributionPrefix: s.Contributions.nodes,
		calendarLinkPrefix: s.Calendars.nodes,
	}
}

// FileOwners says what records of this room show and name of files, by the prefix of their ids.
func (s *Services) FileOwners() map[string]files.Owner {
	return map[string]files.Owner{eventPrefix: s.Events.fileOwner(s.Registrations.Documents), contributionPrefix: s.Contributions.fileOwner()}
}

// Exports returns the tables of registrations.
func (s *Services) Exports() []kit.Export {
	there := func(ctx context.Context, scope kit.ExportScope) (bool, error) {
		e, err := s.Events.Get(ctx, *scope.EventID)
		return e != nil, err
	}
	return []kit.Export{
		{Kind: kit.ExportRegistrations, Area: kit.AreaEvents, OfEvent: true, There: there, Write: func(ctx context.Context, scope kit.ExportScope, to kit.Rows) error {
			return s.Registrations.ExportFull(ctx, *scope.EventID, to)
		}},
		{Kind: kit.ExportAttendance, Area: kit.AreaEvents, OfEvent: true, There: there, Write: func(ctx context.Context, scope kit.ExportScope, to kit.Rows) error {
			return s.Registrations.ExportAttendance(ctx, *scope.EventID, to)
		}},
	}
}
