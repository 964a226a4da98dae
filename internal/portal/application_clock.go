package portal

import (
	"context"
	"errors"
	"fmt"

	"memberportal/internal/store"
)

func (s *ApplicationService) tick(ctx context.Context, dry bool) ([]Due, error) {
	all := []Due{}
	err := eachWithin(ctx, s.applications, store.Query{Sort: "nextDueOn"}, dueBy(s.core.clock.Today()), tickBatch, func(page []*Application) error {
		for _, a := range page {
			due := s.dueOf(a)
			if !dry {
				if err := s.recordDue(ctx, &due); err != nil {
					return fmt.Errorf("%s: %w", due.Target, err)
				}
			}
			all = append(all, due)
		}
		return nil
	})
	return all, err
}

func (s *ApplicationService) dueOf(a *Application) Due {
	due := Due{Kind: DueKind(s.due(a)), Target: a.ID, On: *a.NextDueOn}
	what := map[DueKind]string{
		DueFirstReminder: "first reminder to the administration", DueSecondReminder: "second reminder to the administration",
		DueDeemedApproval: "approved, because the administration did not answer",
	}[due.Kind]
	country, name := s.countries.Get(ID(a.place())), ""
	if country != nil {
		name = country.Name.Text(context.Background(), new(English))
	}
	due.Text = fmt.Sprintf("%s: %s (%s), submitted on %s", what, deref(a.Name), name, deref(a.SubmittedOn))
	return due
}

// recordDue records what was found due, unless somebody else has done so or acted meanwhile.
func (s *ApplicationService) recordDue(ctx context.Context, due *Due) error {
	err := s.core.write(ctx, "clock", func(ctx context.Context, note func(change)) error {
		due.Recorded = false
		a, err := s.applications.Get(ctx, string(due.Target))
		if err != nil {
			return err
		}
		if a.NextDueOn == nil || *a.NextDueOn != due.On || DueKind(s.due(a)) != due.Kind {
			return nil
		}
		fields := []string{"history"}
		if due.Kind == DueDeemedApproval {
			fields, err = s.approve(ctx, note, a, ApplicationDeemedApproved, &s.terms.Provision)
		} else {
			s.happen(ctx, a, Reminded, nil)
			err = s.tellAdministration(ctx, a, "mail.applicationReminder")
		}
		if err != nil {
			return err
		}
		a.NextDueOn = s.falls(a)
		if err := s.applications.Replace(ctx, a); err != nil {
			return err
		}
		note(changed(ApplicationNoun, a, Updated, fields...))
		due.Recorded = true
		return nil
	})
	if f, ok := errors.AsType[*faults](err); ok {
		due.Failed = f.list[0].Message
		return nil
	}
	if errors.Is(err, store.ErrCorrupt) { // it waits for its repair, and keeps nothing else waiting
		due.Failed = Message(English, "damaged", nil)
		return nil
	}
	return err
}
