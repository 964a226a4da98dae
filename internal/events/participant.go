package events

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

// Participant is a registrant who lets others see the name.
type Participant struct {
	Kind         RegistrantKind
	Mode         AttendanceMode
	registration *Registration
}

// ParticipantConnection and ParticipantEdge page through participants.
type (
	ParticipantConnection = kit.Connection[*Participant]
	ParticipantEdge       = kit.Edge[*Participant]
)

// Participants pages through the confirmed registrants of an event whose names the caller may see. Everybody sees
// the registrants with PUBLIC; confirmed registrants and SECRETARIAT also see those with PARTICIPANTS.
func (s *RegistrationService) Participants(ctx context.Context, event kit.ID, args kit.PageArgs) (*ParticipantConnection, error) {
	e, err := s.events.Get(ctx, event)
	if err != nil || e == nil {
		return nil, err
	}
	shown := []NameVisibility{NamePublic}
	mine, err := s.Own(ctx, e)
	if err != nil {
		return nil, err
	}
	if e.view.secretariat || mine != nil && mine.Status == RegistrationConfirmed {
		shown = append(shown, NameParticipants)
	}
	found, err := kit.PageOf(ctx, s.core.Sealer, s.registrations, store.Query{Any: []store.Where{{"event": {string(e.ID)}, "shown": kit.Strings(shown)}}, Sort: "order"}, store.Bounds{}, false, args)
	if err != nil {
		return nil, err
	}
	join(found.Nodes())
	page := &ParticipantConnection{PageInfo: found.PageInfo, Count: found.Count, Edges: make([]ParticipantEdge, len(found.Edges))}
	for i, edge := range found.Edges {
		page.Edges[i] = ParticipantEdge{Cursor: edge.Cursor, Node: &Participant{edge.Node.Kind, edge.Node.Mode, edge.Node}}
	}
	return page, nil
}

// NameOf is the name of a participant, nil once the person was erased. One call serves a page.
func (s *RegistrationService) NameOf(ctx context.Context, p *Participant) (*string, error) {
	if g := p.registration.Guest; g != nil {
		return &g.Name, nil
	}
	return kit.Neighbour(ctx, p.registration.with, "name", p.registration, func(ctx context.Context, all []*Registration) ([]*string, error) {
		persons, err := s.persons.Stored(ctx, kit.Map(all, func(r *Registration) kit.ID { return kit.ID(kit.Deref(r.PersonID)) }))
		return kit.Map(persons, func(p *people.Person) *string {
			if p == nil {
				return nil
			}
			return p.Name
		}), err
	})
}

// ParticipantEntity is the member or State for which a participant comes, nil for a guest.
func (s *RegistrationService) ParticipantEntity(ctx context.Context, p *Participant) (membership.Entity, error) {
	return s.EntityOf(ctx, p.registration)
}
