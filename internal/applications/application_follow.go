package applications

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// Terms are the months until an administration is reminded, and the months after that reminder, with the
// provision that sets them.
type Terms struct {
	First, Second int
	Provision     string
}

// termsNow returns the configured terms; the rules of today fill those that are not configured.
func (s *ApplicationService) termsNow(ctx context.Context) (Terms, error) {
	rules, err := s.tariffs.Table(ctx)
	if err != nil {
		return Terms{}, err
	}
	return s.terms.withRules(rules, s.core.Clock.Today())
}

// withRules fills zero fields of configured terms with the rules of a day.
func (t Terms) withRules(rules *membership.FeeTable, on kit.Date) (Terms, error) {
	first, err := rules.Rule(membership.RuleApplicationFirst, on)
	if err != nil {
		return t, err
	}
	second, err := rules.Rule(membership.RuleApplicationSecond, on)
	provision := ""
	kit.Set(&provision, first.Provision.Text)
	if !first.Provision.Confirmed {
		provision += " (unconfirmed)"
	}
	return Terms{cmp.Or(t.First, first.Value), cmp.Or(t.Second, second.Value), cmp.Or(t.Provision, provision)}, err
}

// directCountries returns the ids of the configured country codes; an unknown code is an error.
func directCountries(codes []string, countries *country.CountryService) (map[kit.ID]bool, error) {
	direct := map[kit.ID]bool{}
	for _, code := range codes {
		id := kit.CountryID(code)
		if countries.Get(id) == nil {
			return nil, fmt.Errorf("direct application: there is no country %q", code)
		}
		direct[id] = true
	}
	return direct, nil
}

// ApplicationStepKind is a kind of step that may come next for an application.
type ApplicationStepKind string

// The kinds of step.
const (
	StepSubmission     ApplicationStepKind = "SUBMISSION"
	StepAnswer         ApplicationStepKind = "ANSWER"
	StepDecision       ApplicationStepKind = "DECISION"
	StepFirstReminder  ApplicationStepKind = "FIRST_REMINDER"
	StepSecondReminder ApplicationStepKind = "SECOND_REMINDER"
	StepDeemedApproval ApplicationStepKind = "DEEMED_APPROVAL"
)

// ApplicationStepKinds lists every kind, as the schema's enum does.
var ApplicationStepKinds = []ApplicationStepKind{StepSubmission, StepAnswer, StepDecision, StepFirstReminder, StepSecondReminder, StepDeemedApproval}

// ApplicationStep is a step that may come next. On is nil if it has no date, Provision if no provision sets it.
type ApplicationStep struct {
	Kind      ApplicationStepKind
	On        *kit.Date
	Provision *string
}

// ApplicationWaiting says who must act, since which day, and what comes next. Country is nil unless an
// administration must act.
type ApplicationWaiting struct {
	Role    kit.Role
	Country *country.Country
	Since   kit.Date
	Days    int

	next func(context.Context) ([]ApplicationStep, error)
}

// Next returns the steps that may come next: first those without a date, then those with one, by date.
func (w *ApplicationWaiting) Next(ctx context.Context) ([]ApplicationStep, error) { return w.next(ctx) }

// turn returns the day on which an application came to whoever must act, and the reminders since then, the latest
// first.
func (a *Application) turn() (since kit.Date, reminders []ApplicationEvent) {
	for _, e := range slices.Backward(a.Events) {
		switch e.Kind {
		case Reminded:
			reminders = append(reminders, e)
		case ApplicationWasDrafted, ApplicationWasSubmitted, InformationWasRequested:
			return e.On, reminders
		}
	}
	return "", reminders
}

// falls returns the day of the next reminder or deemed approval. The first term starts with the submission, or
// with the answer to a request for information. The second term starts with the first reminder, so that a late
// reminder does not shorten it. It is nil if no administration must act, and after two reminders.
func (s *ApplicationService) falls(ctx context.Context, a *Application) (*kit.Date, error) {
	if a.awaits() != kit.RoleAdministration {
		return nil, nil
	}
	terms, err := s.termsNow(ctx)
	if err != nil {
		return nil, err
	}
	switch since, reminders := a.turn(); len(reminders) {
	case 0:
		return new(since.AddMonths(terms.First)), nil
	case 1:
		return new(reminders[0].On.AddMonths(terms.Second)), nil
	}
	return nil, nil
}

// deems says whether no answer within both terms counts as approval: the country must allow direct application,
// and the day of submission must be known.
func (s *ApplicationService) deems(a *Application) bool {
	return s.direct[kit.ID(a.place())] && !a.DayUnknown
}

// due returns the next step of the clock: a reminder, or a deemed approval if deems allows it and the first
// reminder was sent.
func (s *ApplicationService) due(a *Application) ApplicationStepKind {
	_, reminders := a.turn()
	switch {
	case len(reminders) == 0:
		return StepFirstReminder
	case s.deems(a):
		return StepDeemedApproval
	}
	return StepSecondReminder
}

// waiting returns nil for an application that is decided or withdrawn.
func (s *ApplicationService) waiting(a *Application) *ApplicationWaiting {
	role := a.awaits()
	if role == "" {
		return nil
	}
	since, _ := a.turn()
	w := &ApplicationWaiting{Role: role, Since: since, Days: since.DaysTo(s.core.Clock.Today()), next: func(ctx context.Context) ([]ApplicationStep, error) { return s.ahead(ctx, a) }}
	if role == kit.RoleAdministration {
		w.Country = s.countries.Get(kit.ID(a.place()))
	}
	return w
}

// ahead returns the steps that may come next: first those without a date, then those with one, by date.
func (s *ApplicationService) ahead(ctx context.Context, a *Application) ([]ApplicationStep, error) {
	switch a.Status {
	case ApplicationDraft:
		return []ApplicationStep{{Kind: StepSubmission}}, nil
	case InformationRequested:
		return []ApplicationStep{{Kind: StepAnswer}}, nil
	}
	steps := []ApplicationStep{{Kind: StepDecision}}
	if a.NextDueOn == nil {
		return steps, nil
	}
	terms, err := s.termsNow(ctx)
	if err != nil {
		return nil, err
	}
	kind := s.due(a)
	steps = append(steps, ApplicationStep{kind, a.NextDueOn, &terms.Provision})
	if kind == StepFirstReminder {
		last := StepSecondReminder
		if s.deems(a) {
			last = StepDeemedApproval
		}
		steps = append(steps, ApplicationStep{last, new(a.NextDueOn.AddMonths(terms.Second)), &terms.Provision})
	}
	return steps, nil
}
