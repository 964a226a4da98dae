package portal

import (
	"context"
	"errors"
	"fmt"

	"memberportal/internal/store"
)

// tick notes in the lifecycle of members that their exemptions are over. They are over by themselves, so
// that nothing depends on when this runs.
func (s *FeeExemptionService) tick(ctx context.Context, dry bool) ([]Due, error) {
	all := []Due{}
	q := store.Query{Any: []store.Where{{"state": {string(ExemptionOver)}}}, Sort: "until"}
	err := eachPage(ctx, s.exemptions, q, tickBatch, func(page []*FeeExemption) error {
		for _, x := range page {
			due := Due{Kind: DueExpiry, Target: x.Member, On: x.until()}
			is, err := s.expired(ctx, x, &due, dry)
			if err != nil {
				return fmt.Errorf("%s: %w", x.ID, err)
			}
			if is {
				all = append(all, due)
			}
		}
		return nil
	})
	return all, err
}

// expired says whether the end of an exemption is to be noted, and notes it unless dry: it is not if that
// was done, or if the member left meanwhile.
func (s *FeeExemptionService) expired(ctx context.Context, x *FeeExemption, due *Due, dry bool) (is bool, err error) {
	look := func(ctx context.Context, note func(change)) error {
		is = false
		m, err := s.members.members.Get(ctx, string(x.Member))
		if err != nil {
			return err
		}
		due.Text = fmt.Sprintf("the exemption of %s is over", m.Name)
		e := LifecycleEvent{Kind: ExemptionExpired, EffectiveOn: due.On, Evidence: []string{string(x.ID)}}
		if !s.runsOut(ctx, m, e) {
			return nil
		}
		if is = true; dry {
			return nil
		}
		m.record(s.members, ctx, e)
		if err := s.members.members.Replace(ctx, m); err != nil {
			return err
		}
		note(changed(MemberNoun, m, Updated, "events"))
		due.Recorded = true
		return nil
	}
	if dry {
		err = look(ctx, func(change) {})
	} else {
		err = s.write(ctx, "clock", look)
	}
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return is, err
}

// runsOut says whether the table of moves allows the end of an exemption to be noted.
func (s *FeeExemptionService) runsOut(ctx context.Context, m *Member, e LifecycleEvent) bool {
	f, is := newFaults(ctx), m.justBefore(e)
	moves[e.Kind].needs(f, is, e, nil)
	if len(f.list) > 0 {
		return false
	}
	trial := &Member{ID: m.ID, Events: append(append([]LifecycleEvent{}, m.Events...), e)}
	f.sequence(trial, "")
	return len(f.list) == 0
}
