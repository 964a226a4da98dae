package consultations

import (
	"context"
	"slices"

	"memberportal/internal/country"
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
)

// Respondent is what the portal knows of a member or State at the time of its reply.
type Respondent struct {
	Kind   membership.RespondentKind `bson:"kind"`
	Region country.Region            `bson:"region"`
	// CountryID is nil for a regional or international organisation.
	CountryID  *kit.ID                `bson:"country,omitempty"`
	Sectors    []membership.Sector    `bson:"sectors" most:"3"`
	StudyGroup *membership.StudyGroup `bson:"studyGroup,omitempty"`
	// StoredEventsAttended are the events of the last twelve months that people of the entity attended, the latest
	// registration first.
	StoredEventsAttended []kit.ID `bson:"eventsAttended" most:"20"`

	from *ParticipationService
	with *kit.Together[*Respondent]
}

// maxAttended is how many attended events are kept for a respondent.
const maxAttended = 20

// respondent collects what is known of an entity today, but with the kind and region of its participation. m is nil
// for a State. It costs one call.
func (s *ParticipationService) respondent(ctx context.Context, p *Participation, m *membership.Member) (Respondent, error) {
	r := Respondent{Kind: p.Kind, Region: p.Region, Sectors: []membership.Sector{}, StoredEventsAttended: []kit.ID{}, from: s}
	if m == nil {
		r.CountryID = &p.EntityID
	} else {
		is := m.On(s.core.Clock.Today())
		r.CountryID, r.StudyGroup = kit.Optional(is.Country), kit.Optional(is.StudyGroup)
		for _, held := range is.Sectors {
			r.Sectors = append(r.Sectors, held.Sector)
		}
	}
	registrations, err := s.registrations.ConfirmedSince(ctx, p.EntityID, kit.DateTimeOf(s.core.Clock.Now().AddDate(-1, 0, 0)))
	if err != nil {
		return r, err
	}
	for _, reg := range registrations {
		if reg.Attendance != nil && reg.Attendance.Attended && !slices.Contains(r.StoredEventsAttended, reg.EventID) && len(r.StoredEventsAttended) < maxAttended {
			r.StoredEventsAttended = append(r.StoredEventsAttended, reg.EventID)
		}
	}
	return r, nil
}

// RespondentOf is what is known today of the caller's own entity, nil for other entities. It costs two calls for a
// page of participations.
func (s *ParticipationService) RespondentOf(ctx context.Context, p *Participation) (*Respondent, error) {
	if !kit.ActorOf(ctx).ActsFor(p.EntityID) {
		return nil, nil
	}
	return kit.Neighbour(ctx, p.with, "respondent", p, func(ctx context.Context, all []*Participation) ([]*Respondent, error) {
		own := make([]*Respondent, len(all))
		var known *Respondent
		with := &kit.Together[*Respondent]{}
		for i, each := range all {
			if each.EntityID != p.EntityID {
				continue
			}
			if known == nil {
				m, err := s.member(ctx, p.EntityID)
				if err != nil {
					return nil, err
				}
				r, err := s.respondent(ctx, p, m)
				if err != nil {
					return nil, err
				}
				known = &r
			}
			r := *known
			r.Kind, r.Region, r.with = each.Kind, each.Region, with
			own[i], with.Items = &r, append(with.Items, &r)
		}
		return own, nil
	})
}

// member reads the member of an entity without a check of permissions; nil for a State or a missing member.
func (s *ParticipationService) member(ctx context.Context, entity kit.ID) (*membership.Member, error) {
	if entity.Prefix() != membership.MemberPrefix {
		return nil, nil
	}
	found, err := s.members.Stored(ctx, []kit.ID{entity})
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// Country is the respondent's country, nil if it has none.
func (r *Respondent) Country() *country.Country {
	return r.from.countries.Get(kit.ID(kit.Deref(r.CountryID)))
}

// EventsAttended lists the events that people of the respondent attended and that the caller may see. The calls are
// the same for one respondent and for all that were read together.
func (r *Respondent) EventsAttended(ctx context.Context) ([]*events.Event, error) {
	if len(r.StoredEventsAttended) == 0 {
		return []*events.Event{}, nil
	}
	return kit.Neighbour(ctx, r.with, "events", r, func(ctx context.Context, all []*Respondent) ([][]*events.Event, error) {
		var ids []kit.ID
		for _, r := range all {
			ids = append(ids, r.StoredEventsAttended...)
		}
		slices.Sort(ids)
		ids = slices.Compact(ids)
		found, err := r.from.events.ByIDs(ctx, ids)
		byID := map[kit.ID]*events.Event{}
		for i, e := range found {
			byID[ids[i]] = e
		}
		return kit.Map(all, func(r *Respondent) []*events.Event {
			list := []*events.Event{}
			for _, id := range r.StoredEventsAttended {
				if e := byID[id]; e != nil {
					list = append(list, e)
				}
			}
			return list
		}), err
	})
}

// mandatesAtOnce is the number of entities whose mandates are read in one call.
const mandatesAtOnce = 32

// FocalPointsOf lists those who speak for an entity today: the focal points of a member, everybody with a mandate
// for a State. It is nil unless the caller is SECRETARIAT or acts for the entity. A page costs at most four calls
// for mandates and one for persons.
func (s *ParticipationService) FocalPointsOf(ctx context.Context, p *Participation) ([]people.Person, error) {
	if actor := kit.ActorOf(ctx); !actor.Has(kit.ConsultationsSecretariat) && !actor.ActsFor(p.EntityID) {
		return nil, nil
	}
	return kit.Neighbour(ctx, p.with, "focalPoints", p, func(ctx context.Context, all []*Participation) ([][]people.Person, error) {
		holders := map[kit.ID][]kit.ID{}
		var persons []kit.ID
		for part := range slices.Chunk(all, mandatesAtOnce) {
			found, err := s.mandates.Speaking(ctx, kit.Map(part, func(p *Participation) kit.ID { return p.EntityID }))
			if err != nil {
				return nil, err
			}
			for _, m := range found {
				holders[m.Entity] = append(holders[m.Entity], m.Person)
				persons = append(persons, m.Person)
			}
		}
		found, err := s.persons.ByIDs(ctx, persons)
		byID := map[kit.ID]*people.Person{}
		for i, person := range found {
			byID[persons[i]] = person
		}
		return kit.Map(all, func(p *Participation) []people.Person {
			list := []people.Person{}
			for _, id := range holders[p.EntityID] {
				if person := byID[id]; person != nil {
					list = append(list, *person)
				}
			}
			return list
		}), err
	})
}
