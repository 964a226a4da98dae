package people

import (
	"context"
	"maps"
	"slices"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// tellSuccessor asks the successor to answer a proposal.
func (s *MandateService) tellSuccessor(ctx context.Context, m *Mandate) error {
	found, err := s.persons.Stored(ctx, []kit.ID{m.HandOver.Person, m.Person})
	if err != nil {
		return err
	}
	return s.tellOf(ctx, m, kit.Letter{
		Key: "mail.handOver.proposed", Params: map[string]any{"name": found[1].called(), "date": m.HandOver.On}, Mentions: []kit.ID{m.Person},
	}, found[0])
}

// tellOf tells persons of a mandate. The letter gets the name of the mandate's entity, and leads there.
func (s *MandateService) tellOf(ctx context.Context, m *Mandate, letter kit.Letter, to ...*Person) error {
	name, err := s.Named(ctx, m.Entity)
	if err != nil {
		return err
	}
	letter.Params["entity"], letter.About = name, m.Entity
	_, err = s.notifications.Tell(ctx, letter, to...)
	return err
}

// tellProposer sends the answer to a proposal to the person who made it, and to the focal point if that is another
// person.
func (s *MandateService) tellProposer(ctx context.Context, m *Mandate, h *HandOver, on kit.Date, accepted bool) error {
	found, err := s.persons.Stored(ctx, []kit.ID{h.Person, m.Person, h.ProposedBy})
	if err != nil {
		return err
	}
	key := "mail.handOver.declined"
	if accepted {
		key = "mail.handOver.accepted"
	}
	letter := kit.Letter{Key: key, Params: map[string]any{"name": found[0].called(), "date": on}, Mentions: []kit.ID{h.Person}}
	return s.tellOf(ctx, m, letter, found[1:]...)
}

// tellBeside tells the other focal points of a proposal to hand over.
func (s *MandateService) tellBeside(ctx context.Context, m *Mandate) error {
	found, err := s.persons.Stored(store.Looking(ctx), []kit.ID{m.Person, m.HandOver.Person})
	if err != nil {
		return err
	}
	_, err = s.TellFocalPoints(ctx, m.Entity, kit.Letter{
		Key:    "mail.handOver.others",
		Params: map[string]any{"from": found[0].called(), "name": found[1].called(), "date": m.HandOver.On}, About: m.Entity, Mentions: []kit.ID{m.Person, m.HandOver.Person},
	}, m.HandOver.Person, m.HandOver.ProposedBy)
	return err
}

// tellCancelled tells the successor, and the focal point if another person cancelled, that a hand-over is off.
func (s *MandateService) tellCancelled(ctx context.Context, m *Mandate, h *HandOver) error {
	found, err := s.persons.Stored(store.Looking(ctx), []kit.ID{h.Person, m.Person, kit.ActorOf(ctx).Subject})
	if err != nil {
		return err
	}
	to := slices.DeleteFunc(found[:2], func(p *Person) bool { return p == nil || p.ID == kit.ActorOf(ctx).Subject })
	return s.tellOf(ctx, m, kit.Letter{Key: "mail.handOver.cancelled", Params: map[string]any{"date": h.On}}, to...)
}

// tellAppointed tells a person, who acts for the entity already, of a new mandate, and the other focal points.
func (s *MandateService) tellAppointed(ctx context.Context, m *Mandate, p *Person) error {
	role := mandateLabels[m.Role]
	if p.ID != kit.ActorOf(ctx).Subject {
		if err := s.tellOf(ctx, m, kit.Letter{Key: "mail.mandate.given", Params: map[string]any{"role": role, "date": m.From}}, p); err != nil {
			return err
		}
	}
	_, err := s.TellFocalPoints(ctx, m.Entity, kit.Letter{
		Key: "mail.mandate.given.others", Params: map[string]any{"role": role, "date": m.From, "name": p.called()}, About: m.Entity, Mentions: []kit.ID{p.ID},
	}, p.ID, kit.ActorOf(ctx).Subject)
	return err
}

// tellEnded tells the person of a mandate, and the other focal points, that it ends.
func (s *MandateService) tellEnded(ctx context.Context, m *Mandate) error {
	found, err := s.persons.Stored(store.Looking(ctx), []kit.ID{m.Person})
	if err != nil {
		return err
	}
	p, role := found[0], mandateLabels[m.Role]
	if p != nil && p.ID != kit.ActorOf(ctx).Subject {
		if err := s.tellOf(ctx, m, kit.Letter{Key: "mail.mandate.ended", Params: map[string]any{"role": role, "date": *m.Until}}, p); err != nil {
			return err
		}
	}
	_, err = s.TellFocalPoints(ctx, m.Entity, kit.Letter{
		Key: "mail.mandate.ended.others", Params: map[string]any{"role": role, "date": *m.Until, "name": p.called()}, About: m.Entity, Mentions: []kit.ID{m.Person},
	}, m.Person, kit.ActorOf(ctx).Subject)
	return err
}

// mandateLabels are the texts of the roles that mandates give.
var mandateLabels = map[MandateRole]kit.Label{MandateFocalPoint: "mandate.FOCAL_POINT", MandateDelegate: "mandate.DELEGATE"}

// TellFocalPoints tells the focal points of a member or country something, except some, in the caller's transaction; see
// TellEntities.
func (s *MandateService) TellFocalPoints(ctx context.Context, entity kit.ID, letter kit.Letter, except ...kit.ID) (reached []*Person, err error) {
	found, err := s.TellEntities(ctx, []kit.ID{entity}, func(kit.ID) kit.Letter { return letter }, except...)
	return found[entity], err
}

// TellEntities tells the focal points of members and countries something, except some persons, in the caller's
// transaction. To the values of a letter whose texts take it, it adds «entity», the name of the member or country. It returns whom a mail
// reaches, by the entity: an entity that is not among the keys has nobody who could be reached. It does not check the
// caller's rights. For each 50 entities it costs five store calls.
func (s *MandateService) TellEntities(ctx context.Context, entities []kit.ID, letter func(kit.ID) kit.Letter, except ...kit.ID) (map[kit.ID][]*Person, error) {
	reached := map[kit.ID][]*Person{}
	for batch := range slices.Chunk(entities, 50) {
		speakers, err := s.speaking(ctx, batch)
		if err != nil {
			return nil, err
		}
		names, err := s.names(ctx, batch)
		if err != nil {
			return nil, err
		}
		var all []Told
		of := map[kit.ID][]kit.ID{}
		for i, entity := range batch {
			for _, p := range speakers[entity] {
				if slices.Contains(except, p.ID) {
					continue
				}
				x := letter(entity)
				x.Params = maps.Clone(x.Params)
				if x.Params == nil {
					x.Params = map[string]any{}
				}
				if x.Takes("entity") {
					x.Params["entity"] = names[i]
				}
				all, of[p.ID] = append(all, Told{p, x}), append(of[p.ID], entity)
			}
		}
		told, err := s.notifications.TellAll(ctx, all)
		if err != nil {
			return nil, err
		}
		for _, p := range told {
			for _, entity := range of[p.ID] {
				if !slices.Contains(reached[entity], p) {
					reached[entity] = append(reached[entity], p)
				}
			}
		}
	}
	return reached, nil
}

// speaking returns the focal points of members and countries today, by the entity. A damaged record of somebody keeps
// nobody from what is done, so it is left out.
func (s *MandateService) speaking(ctx context.Context, entities []kit.ID) (map[kit.ID][]*Person, error) {
	looking := store.Looking(ctx)
	ids, err := s.Speakers(looking, entities...)
	if err != nil {
		return nil, err
	}
	var all []kit.ID
	for _, of := range ids {
		all = append(all, of...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	persons := map[kit.ID]*Person{}
	for batch := range slices.Chunk(all, store.MaxLimit) {
		found, err := s.persons.Stored(looking, batch)
		if err != nil {
			return nil, err
		}
		for _, p := range found {
			if p != nil {
				persons[p.ID] = p
			}
		}
	}
	speaking := map[kit.ID][]*Person{}
	for entity, of := range ids {
		for _, id := range of {
			if p := persons[id]; p != nil {
				speaking[entity] = append(speaking[entity], p)
			}
		}
	}
	return speaking, nil
}

// Named returns the name of a member or country as a value of a letter, without checking the caller's rights: whoever is
// told something about it may know it.
func (s *MandateService) Named(ctx context.Context, entity kit.ID) (any, error) {
	names, err := s.names(ctx, []kit.ID{entity})
	if err != nil {
		return nil, err
	}
	return names[0], nil
}

// names are Named for several. Of a record that is damaged it is the id.
func (s *MandateService) names(ctx context.Context, entities []kit.ID) ([]any, error) {
	found, err := s.members.KnownEntities(ctx, entities)
	if err != nil {
		return nil, err
	}
	names := make([]any, len(entities))
	for i, e := range found {
		switch e := e.(type) {
		case *membership.Member:
			names[i] = e.Name
		case *country.Country:
			names[i] = e.Name
		default:
			names[i] = string(entities[i])
		}
	}
	return names, nil
}

// EntityName returns the name of a member or country in a language; empty if the caller may not see it.
func (s *MandateService) EntityName(ctx context.Context, id kit.ID, l kit.Locale) (string, error) {
	switch e, err := s.members.Entity(ctx, id); e := e.(type) {
	case *membership.Member:
		return e.Name, err
	case *country.Country:
		return e.Name.Text(ctx, &l), err
	default:
		return "", err
	}
}
