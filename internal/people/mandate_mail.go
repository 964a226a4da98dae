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
	people, err := s.persons.Stored(ctx, []kit.ID{m.HandOver.Person, m.Person})
	if err != nil {
		return err
	}
	to, from := people[0], people[1]
	if !to.Reachable() {
		return nil
	}
	entity, err := s.EntityName(ctx, m.Entity, to.Language())
	if err != nil {
		return err
	}
	return s.core.Post(ctx, *to.Email, to.Language(), "mail.handOver.proposed", map[string]string{"entity": entity, "name": from.called(), "date": string(m.HandOver.On)})
}

// tellProposer sends the answer to a proposal to the person who made it, and to the focal point if that is another
// person.
func (s *MandateService) tellProposer(ctx context.Context, m *Mandate, h *HandOver, on kit.Date, accepted bool) error {
	ids := []kit.ID{h.Person, m.Person}
	if h.ProposedBy != m.Person {
		ids = append(ids, h.ProposedBy)
	}
	people, err := s.persons.Stored(ctx, ids)
	if err != nil {
		return err
	}
	key := "mail.handOver.declined"
	if accepted {
		key = "mail.handOver.accepted"
	}
	for _, p := range people[1:] {
		if !p.Reachable() {
			continue
		}
		entity, err := s.EntityName(ctx, m.Entity, p.Language())
		if err != nil {
			return err
		}
		if err := s.core.Post(ctx, *p.Email, p.Language(), key, map[string]string{"entity": entity, "name": people[0].called(), "date": string(on)}); err != nil {
			return err
		}
	}
	return nil
}

// tellBeside tells the other focal points of a proposal to hand over.
func (s *MandateService) tellBeside(ctx context.Context, m *Mandate) error {
	found, err := s.persons.Stored(store.Looking(ctx), []kit.ID{m.Person, m.HandOver.Person})
	if err != nil {
		return err
	}
	params := map[string]string{"from": found[0].called(), "name": found[1].called(), "date": string(m.HandOver.On)}
	return s.TellFocalPoints(ctx, m.Entity, "mail.handOver.others", params, m.HandOver.Person, m.HandOver.ProposedBy)
}

// TellFocalPoints sends a message to the focal points of a member or country except some, in the caller's transaction.
// To params it adds the name of the entity, in the language of each. It does not check the caller's rights.
func (s *MandateService) TellFocalPoints(ctx context.Context, entity kit.ID, key string, params map[string]string, except ...kit.ID) error {
	looking := store.Looking(ctx) // a damaged record of somebody keeps nobody from what is done
	speakers, err := s.Speakers(looking, entity)
	if err != nil {
		return err
	}
	ids := slices.DeleteFunc(speakers[entity], func(id kit.ID) bool { return slices.Contains(except, id) })
	found, err := s.persons.Stored(looking, ids)
	if err != nil {
		return err
	}
	for _, p := range found {
		if !p.Reachable() {
			continue
		}
		name, err := s.EntityName(asInvited(ctx, p.ID, entity), entity, p.Language())
		if err != nil {
			return err
		}
		told := maps.Clone(params)
		told["entity"] = name
		if err := s.core.Post(ctx, *p.Email, p.Language(), key, told); err != nil {
			return err
		}
	}
	return nil
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
