package membership

import (
	"context"
	"errors"
	"fmt"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// Tick records in the lifecycle of members that their exemptions are over. An exemption ends on its day without
// this record, so the time at which Tick runs does not matter.
func (s *FeeExemptionService) Tick(ctx context.Context, dry bool) ([]kit.Due, error) {
	all := []kit.Due{}
	err := kit.EachWithin(ctx, s.exemptions, store.Query{Sort: "nextDueOn"}, kit.DueBy(s.core.Clock.Today()), kit.TickBatch, func(page []*FeeExemption) error {
		for _, x := range page {
			due := kit.Due{Kind: kit.DueExpiry, Target: x.Member, On: x.until()}
			is, err := s.noteEnd(ctx, x.ID, &due, dry)
			if errors.Is(err, store.ErrCorrupt) { // a damaged document waits for its repair; the others do not
				due.Failed, is, err = kit.Message(kit.English, "damaged", nil), true, nil
			}
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

// noteEnd records the end of an exemption, unless dry is set or the end is recorded already. It says whether there
// is something to record: there is nothing if the member left before.
func (s *FeeExemptionService) noteEnd(ctx context.Context, id kit.ID, due *kit.Due, dry bool) (is bool, err error) {
	look := func(ctx context.Context, note func(kit.Change)) error {
		is, due.Recorded = false, false
		x, err := s.exemptions.Get(ctx, string(id))
		if err != nil || x.EndNotedAt != nil {
			return err
		}
		m, err := s.members.StoredOne(ctx, x.Member)
		if err != nil {
			return err
		}
		due.Text = fmt.Sprintf("the exemption of %s is over", m.Name)
		f := kit.NewFaults(ctx)
		m.record(s.members, ctx, LifecycleEvent{Kind: ExemptionExpired, EffectiveOn: due.On, Evidence: []string{string(x.ID)}})
		m.judge(f, Moves[ExemptionExpired], nil, arrearsTerms{})
		if is = len(f.List) == 0; dry {
			return nil
		}
		if is {
			if err := s.members.keepLifecycle(ctx, m, note); err != nil {
				return err
			}
			due.Recorded = true
		}
		x.EndNotedAt = new(kit.DateTimeOf(s.core.Clock.Now()))
		if err := s.exemptions.Replace(ctx, x); err != nil {
			return err
		}
		note(kit.Changed(FeeExemptionNoun, x, kit.Updated, "endNotedAt"))
		if !is {
			return nil
		}
		return s.tellEnded(ctx, x, due.On)
	}
	if dry {
		err = look(ctx, func(kit.Change) {})
	} else {
		err = s.core.Write(ctx, "clock", look)
	}
	return is, err
}
