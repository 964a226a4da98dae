package applications

import (
	"cmp"
	"fmt"
	"slices"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// Terms are how many months an administration has before it is reminded, and again after that, with the
// provision that they come from.
type Terms struct {
	First, Second int
	Provision     string
}

// withRules puts for what is zero of configured terms what the rules say on a day.
func (t Terms) withRules(rules *membership.TariffService, on kit.Date) (Terms, error) {
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

// directCountries are the ids of countries that are configured by their codes.
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

// ApplicationStepKind is what may come next for an application.
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

// ApplicationStepKinds are all of them.
var ApplicationStepKinds = []ApplicationStepKind{StepSubmission, StepAnswer, StepDecision, StepFirstReminder, StepSecondReminder, StepDeemedApproval}

// ApplicationStep is what may come next. On is nil for what has no date, Provision for what has none.
type ApplicationStep struct {
	Kind      ApplicationStepKind
	On        *kit.Date
	Provision *string
}

// ApplicationWaiting says for whom an application waits, since which day, and what comes next.
type ApplicationWaiting struct {
	Role    kit.Role
	Country *country.Country
	Since   kit.Date
	Days    int
	Next    []ApplicationStep
}

// turn is when an application came to those who are to act, and how many reminders they had since.
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

// falls is the day on which the clock has something to do for an application: the first term runs from
// the submission, or from the answer to a request for information; the second from the first reminder, so
// that it is never shorter for having been sent late. Nothing falls due of organisations without a country.
func (s *ApplicationService) falls(a *Application) *kit.Date {
	if a.awaits() != kit.RoleAdministration {
		return nil
	}
	switch since, reminders := a.turn(); len(reminders) {
	case 0:
		return new(since.AddMonths(s.terms.First))
	case 1:
		return new(reminders[0].On.AddMonths(s.terms.Second))
	}
	return nil
}

// deems says whether no answer within both terms is approval: in a country that allows direct application,
// and for an application whose day of submission is known.
func (s *ApplicationService) deems(a *Application) bool {
	return s.direct[kit.ID(a.place())] && !a.DayUnknown
}

// due is what falls due next: a reminder, or, for a country that allows direct application, the approval
// for want of an answer to the first one.
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

// waiting is nil for what is decided or withdrawn.
func (s *ApplicationService) waiting(a *Application) *ApplicationWaiting {
	role := a.awaits()
	if role == "" {
		return nil
	}
	since, _ := a.turn()
	w := &ApplicationWaiting{Role: role, Since: since, Days: since.DaysTo(s.core.Clock.Today()), Next: s.ahead(a)}
	if role == kit.RoleAdministration {
		w.Country = s.countries.Get(kit.ID(a.place()))
	}
	return w
}

// ahead are the steps that may come next, those with a date in the order of their dates.
func (s *ApplicationService) ahead(a *Application) []ApplicationStep {
	switch a.Status {
	case ApplicationDraft:
		return []ApplicationStep{{Kind: StepSubmission}}
	case InformationRequested:
		return []ApplicationStep{{Kind: StepAnswer}}
	}
	steps := []ApplicationStep{{Kind: StepDecision}}
	if a.NextDueOn == nil {
		return steps
	}
	kind := s.due(a)
	steps = append(steps, ApplicationStep{kind, a.NextDueOn, &s.terms.Provision})
	if kind == StepFirstReminder {
		last := StepSecondReminder
		if s.deems(a) {
			last = StepDeemedApproval
		}
		steps = append(steps, ApplicationStep{last, new(a.NextDueOn.AddMonths(s.terms.Second)), &s.terms.Provision})
	}
	return steps
}
