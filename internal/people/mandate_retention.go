package people

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// MandateErasures returns how to erase what mandates say about a person.
func MandateErasures(p *Person) []kit.Erasure {
	all := []kit.Erasure{kit.Sweep[Mandate]{Of: MandateNoun, Query: OfThePerson(p.ID, "from"), Due: kit.Alone((*Mandate).eraseReasons)}.Run}
	for _, entity := range p.Entities {
		all = append(all, kit.Sweep[Mandate]{Of: MandateNoun, Query: MandatesOf(entity), Due: kit.Alone(func(m *Mandate) []string { return m.forget(p.ID) })}.Run)
	}
	return all
}

// MandatesOf returns the query for all mandates for a member or country.
func MandatesOf(entity kit.ID) store.Query {
	return store.Query{Any: []store.Where{{"entity": {string(entity)}}}, Sort: "from"}
}

// SweepMandateReasons empties the reasons of mandates that ended before a day.
func SweepMandateReasons(ctx context.Context, c *kit.Core, before kit.Date, dry bool) (int, error) {
	return kit.Sweep[Mandate]{Of: MandateNoun, Due: kit.Alone(func(m *Mandate) []string {
		if m.Until == nil || *m.Until >= before {
			return nil
		}
		return m.eraseReasons()
	})}.Run(ctx, c, dry)
}

// LastDays returns the day on which the last mandate or grant of each person ends; kit.Never if one has no end. It
// leaves out a person without any.
func (s *MandateService) LastDays(ctx context.Context, persons []*Person) (map[kit.ID]kit.Date, error) {
	last := map[kit.ID]kit.Date{}
	if len(persons) == 0 {
		return last, nil
	}
	for _, p := range persons {
		for _, g := range p.Grants {
			end := kit.Never
			kit.Set(&end, g.Until)
			last[p.ID] = max(last[p.ID], end)
		}
	}
	where := store.Where{"person": kit.Map(persons, func(p *Person) string { return string(p.ID) })}
	err := kit.EachPage(ctx, s.mandates, store.Query{Any: []store.Where{where}, Sort: "from"}, store.MaxLimit-1, func(page []*Mandate) error {
		for _, m := range page {
			end := kit.Never
			kit.Set(&end, m.Until)
			last[m.Person] = max(last[m.Person], end)
		}
		return nil
	})
	return last, err
}
