package applications

import (
	"context"
	"errors"
	"fmt"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// Tick records and returns what is due of applications today: reminders, and approvals because nobody answered.
// With dry it records nothing.
func (s *ApplicationService) Tick(ctx context.Context, dry bool) ([]kit.Due, error) {
	all := []kit.Due{}
	err := kit.EachWithin(ctx, s.applications, store.Query{Sort: "nextDueOn"}, kit.DueBy(s.core.Clock.Today()), kit.TickBatch, func(page []*Application) error {
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

func (s *ApplicationService) dueOf(a *Application) kit.Due {
	due := kit.Due{Kind: kit.DueKind(s.due(a)), Target: a.ID, On: *a.NextDueOn}
	what := map[kit.DueKind]string{
		kit.DueFirstReminder: "first reminder to the administration", kit.DueSecondReminder: "second reminder to the administration",
		kit.DueDeemedApproval: "approved, because the administration did not answer",
	}[due.Kind]
	country, name := s.countries.Get(kit.ID(a.place())), ""
	if country != nil {
		name = country.Name.Text(context.Background(), new(kit.English))
	}
	due.Text = fmt.Sprintf("%s: %s (%s), submitted on %s", what, kit.Deref(a.Name), name, kit.Deref(a.SubmittedOn))
	return due
}

// recordDue records something that is due, unless somebody has done so or has acted meanwhile.
func (s *ApplicationService) recordDue(ctx context.Context, due *kit.Due) error {
	err := s.core.Write(ctx, "clock", func(ctx context.Context, note func(kit.Change)) error {
		due.Recorded = false
		a, err := s.applications.Get(ctx, string(due.Target))
		if err != nil {
			return err
		}
		if a.NextDueOn == nil || *a.NextDueOn != due.On || kit.DueKind(s.due(a)) != due.Kind {
			return nil
		}
		fields := []string{"history"}
		if due.Kind == kit.DueDeemedApproval {
			var terms Terms
			if terms, err = s.termsNow(ctx); err == nil {
				fields, err = s.approve(ctx, note, a, ApplicationDeemedApproved, &terms.Provision)
			}
		} else {
			s.happen(ctx, a, Reminded, nil)
			err = s.askAdministration(ctx, a, "mail.applicationReminder")
		}
		if err != nil {
			return err
		}
		if a.NextDueOn, err = s.falls(ctx, a); err != nil {
			return err
		}
		if err := s.applications.Replace(ctx, a); err != nil {
			return err
		}
		note(kit.Changed(ApplicationNoun, a, kit.Updated, fields...))
		due.Recorded = true
		return nil
	})
	if f, ok := errors.AsType[*kit.Faults](err); ok {
		due.Failed = f.List[0].Message
		return nil
	}
	if errors.Is(err, store.ErrCorrupt) { // it waits for its repair; the others go on
		due.Failed = kit.Message(kit.English, "damaged", nil)
		return nil
	}
	return err
}
