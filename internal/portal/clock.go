package portal

import (
	"context"
	"errors"
	"fmt"

	"memberportal/internal/store"
)

// DueKind says what has fallen due.
type DueKind string

// The kinds of what falls due.
const (
	DueFirstReminder  DueKind = "FIRST_REMINDER"
	DueSecondReminder DueKind = "SECOND_REMINDER"
	DueDeemedApproval DueKind = "DEEMED_APPROVAL"
	DueExpiry         DueKind = "EXEMPTION_EXPIRED"
	DueFewAnonymised  DueKind = "FEW_ANONYMISED"
	// These two wait for a person's decision; the clock lists them and records nothing.
	DueSuspension DueKind = "SUSPENSION_DUE"
	DueExclusion  DueKind = "EXCLUSION_DUE"
)

// DueKinds are all of them.
var DueKinds = []DueKind{DueFirstReminder, DueSecondReminder, DueDeemedApproval, DueExpiry, DueFewAnonymised, DueSuspension, DueExclusion}

// Due is what has fallen due by the domain clock. Text says it in English, for whoever runs the command.
type Due struct {
	Kind   DueKind `json:"kind"`
	Target ID      `json:"target"`
	On     Date    `json:"on"`
	Text   string  `json:"text"`
	// Recorded says that this run recorded it; a dry run records nothing.
	Recorded bool `json:"recorded"`
	// Failed says why it could not be recorded and needs a person; empty for most.
	Failed string `json:"failed,omitempty"`
}

// Tick lists what has fallen due and, unless dry, records it, each in a transaction of its own: two runs,
// in whatever processes, record a thing once. It reminds; it decides nothing, but for a country that allows
// direct application, where an application is deemed approved when the second term ends. That an exemption
// is over is noted in the lifecycle; suspensions and exclusions for arrears are listed for a person to
// decide. SECRETARIAT or OPERATOR.
func (p *Portal) Tick(ctx context.Context, dry bool) ([]Due, error) {
	if err := Require(ctx, RoleSecretariat, RoleOperator); err != nil {
		return nil, err
	}
	all, err := p.Applications.tick(ctx, dry)
	for _, tick := range []func(context.Context, bool) ([]Due, error){p.FeeExemptions.tick, p.Members.tick, p.Feedback.tick} {
		if err != nil {
			break
		}
		var more []Due
		more, err = tick(ctx, dry)
		all = append(all, more...)
	}
	return all, err
}

// tickBatch is how many records are read together.
const tickBatch = 100

// dueBy is the stretch of a key that holds days up to one. "0" lies above the empty value of records that
// nothing waits for.
func dueBy(day Date) store.Bounds { return store.Bounds{After: "0", Before: string(day.AddDays(1))} }

func (s *ApplicationService) tick(ctx context.Context, dry bool) ([]Due, error) {
	all := []Due{}
	err := eachWithin(ctx, s.applications, store.Query{Sort: "nextDueOn"}, dueBy(s.clock.Today()), tickBatch, func(page []*Application) error {
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
	err := s.write(ctx, "clock", func(ctx context.Context, note func(change)) error {
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
		due.Failed = message(English, "damaged", nil)
		return nil
	}
	return err
}
