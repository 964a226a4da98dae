package membership

import (
	"slices"
	"strings"

	"memberportal/internal/kit"
)

// move is a row of the table of allowed moves: from which statuses an event may be recorded, to which status it
// leads (empty if the status stays), who may record it, and on what other condition.
type move struct {
	From []MembershipStatus
	To   MembershipStatus
	by   []kit.Role
	// needs adds a fault if another condition is not met. It gets the membership just before the event and what the
	// member owes on the day of the event. It is nil if there is no other condition.
	needs func(f *kit.Faults, s Membership, e LifecycleEvent, owed *Arrears)
	// owes says that needs uses what the member owes.
	owes bool
}

var (
	unended   = []MembershipStatus{PendingActivation, Active, Suspended}
	belonging = []MembershipStatus{Active, Suspended}
	clerks    = []kit.Role{kit.MembershipSecretariat}
)

// Moves is the table of allowed moves, and the only one: services, corrections and the list of allowed moves all
// read it. ADMITTED and the events that lead to it are at the beginning of every membership and nowhere else.
// Suspension and exclusion follow Resolution 152, withdrawal No. 240 of the Convention.
var Moves = map[LifecycleKind]move{
	Applied:             {by: []kit.Role{kit.RoleApplicant}},
	Approved:            {by: []kit.Role{kit.RoleAdministration, kit.MembershipSecretariat}},
	Admitted:            {To: PendingActivation, by: []kit.Role{kit.RoleAdministration, kit.MembershipSecretariat}},
	Activated:           {From: []MembershipStatus{PendingActivation}, To: Active, by: clerks, needs: needsPayment, owes: true},
	CategoryChanged:     {From: []MembershipStatus{Active}, by: clerks, needs: needsChange},
	FeeClassChanged:     {From: unended, by: clerks, needs: needsChange},
	SectorsChanged:      {From: unended, by: clerks, needs: needsChange},
	StudyGroupChanged:   {From: unended, by: clerks, needs: needsAssociate},
	CountryReassigned:   {From: unended, by: clerks, needs: needsChange},
	RegionReassigned:    {From: unended, by: clerks, needs: needsChange},
	Merged:              {From: unended, To: Withdrawn, by: clerks},
	EventSuspended:      {From: []MembershipStatus{Active}, To: Suspended, by: clerks, needs: needsStep(SuspensionDue), owes: true},
	Reinstated:          {From: []MembershipStatus{Suspended, Withdrawn, Excluded}, To: Active, by: clerks, needs: needsSettlement, owes: true},
	WithdrawalNotified:  {From: belonging, To: Withdrawn, by: []kit.Role{kit.RoleFocalPoint, kit.MembershipSecretariat}, needs: needsStay},
	EventWithdrawn:      {From: unended, To: Withdrawn, by: clerks},
	EventExcluded:       {From: []MembershipStatus{Suspended}, To: Excluded, by: clerks, needs: needsStep(ExclusionDue), owes: true},
	ExemptionGranted:    {From: unended, by: clerks},
	ExemptionExpired:    {From: unended, by: clerks, needs: needsExemption},
	RepaymentPlanAgreed: {From: belonging, by: clerks, needs: needsDebt, owes: true},
	RepaymentPlanEnded:  {From: belonging, by: clerks, needs: needsPlan},
	Renamed:             {From: MembershipStatuses, by: clerks},
}

// Follows returns the kinds that may be recorded from a status, in the order of LifecycleKinds.
func Follows(from MembershipStatus) (kinds []LifecycleKind) {
	for _, kind := range LifecycleKinds {
		if slices.Contains(Moves[kind].From, from) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// Told returns the day from which an event counts: a notice of withdrawal when it was received, any other event
// when it takes effect.
func (e LifecycleEvent) Told() kit.Date {
	if e.Kind == WithdrawalNotified && e.NoticeOn != nil {
		return *e.NoticeOn
	}
	return e.EffectiveOn
}

// before returns the membership just before one of its events.
func before(events []LifecycleEvent, i int) Membership {
	day := events[i].Told()
	var earlier []LifecycleEvent
	for j, e := range events {
		if e.Told() < day || j < i && e.Told() == day {
			earlier = append(earlier, e)
		}
	}
	s := fold(earlier, day)
	s.expire(day.AddDays(-1)) // so that an end on the day itself can be recorded
	return s
}

// CheckSequence checks every event against the table. It adds a fault for the first event that the table does not
// allow: the new event, or a later one that the new event makes impossible.
func CheckSequence(f *kit.Faults, m *Member, fresh kit.ID) {
	events := m.Current()
	for i, e := range events {
		row, s := Moves[e.Kind], before(events, i)
		switch {
		case e.Kind == Applied || e.Kind == Approved || e.Kind == Admitted:
			if s.Status != "" {
				f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState.admitted", nil)
				return
			}
		case slices.Contains(row.From, s.Status):
		case e.ID == fresh:
			f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState.move", map[string]string{
				"status": string(s.Status), "allowed": strings.Join(kit.Strings(row.From), ", "), "moves": strings.Join(kit.Strings(Follows(s.Status)), ", "),
			})
			return
		default:
			f.Add(kit.CodeNotAllowedInState, "input.effectiveOn", "notAllowedInState.later", map[string]string{
				"kind": string(e.Kind), "date": string(e.EffectiveOn), "status": string(s.Status),
			}).RelatedID = &e.ID
			return
		}
	}
}

func needsChange(f *kit.Faults, s Membership, e LifecycleEvent, _ *Arrears) {
	after := s
	e.apply(&after)
	if len(f.List) == 0 && after.Category == s.Category && after.FeeClass == s.FeeClass && after.StudyGroup == s.StudyGroup &&
		after.Country == s.Country && after.Region == s.Region && slices.Equal(after.Sectors, s.Sectors) {
		f.Add(kit.CodeInvalid, "input", "invalid.nothingChanges", nil)
	}
}

func needsAssociate(f *kit.Faults, s Membership, e LifecycleEvent, owed *Arrears) {
	if s.Category != Associate {
		f.Add(kit.CodeInvalid, "input.studyGroup", "invalid.studyGroup", nil)
		return
	}
	needsChange(f, s, e, owed)
}

// needsPayment asks that the first fee is paid, unless the member is exempt (General terms for membership; No. 476
// of the Convention).
func needsPayment(f *kit.Faults, s Membership, _ LifecycleEvent, owed *Arrears) {
	if owed != nil && owed.open && s.ExemptUntil == "" {
		f.Add(kit.CodeNotEligible, "input.id", "notEligible.unpaid", map[string]string{"amount": owed.Amount.Amount.String(), "currency": string(owed.Amount.Currency)})
	}
}

// needsStep asks that the arrears have come to a stage (Resolution 152).
func needsStep(stage ArrearsStage) func(*kit.Faults, Membership, LifecycleEvent, *Arrears) {
	return func(f *kit.Faults, _ Membership, _ LifecycleEvent, owed *Arrears) {
		switch {
		case owed == nil || owed.Stage == "":
			f.Add(kit.CodeNotEligible, "input.id", "notEligible.noArrears", nil)
		case owed.Stage == InRepayment:
			f.Add(kit.CodeNotEligible, "input.id", "notEligible.repaymentPlan", nil)
		case owed.Stage == stage:
		case owed.On == nil:
			f.Add(kit.CodeNotEligible, "input.id", "notEligible.noReceipt", nil)
		default:
			f.Add(kit.CodeNotEligible, "input.effectiveOn", "notEligible.tooEarly", map[string]string{"date": string(*owed.On)})
		}
	}
}

// needsSettlement asks that a suspended or excluded member has paid what is overdue, or agreed its repayment,
// before it is active again.
func needsSettlement(f *kit.Faults, s Membership, _ LifecycleEvent, owed *Arrears) {
	if owed != nil && owed.Stage != "" && owed.Stage != InRepayment && s.PlanUntil == "" {
		f.Add(kit.CodeNotEligible, "input.id", "notEligible.unpaid", map[string]string{"amount": owed.Amount.Amount.String(), "currency": string(owed.Amount.Currency)})
	}
}

func needsStay(f *kit.Faults, s Membership, _ LifecycleEvent, _ *Arrears) {
	if s.LeavesOn != "" {
		f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState.leaving", map[string]string{"date": string(s.LeavesOn)})
	}
}

func needsExemption(f *kit.Faults, s Membership, _ LifecycleEvent, _ *Arrears) {
	if s.ExemptUntil == "" {
		f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState.notExempt", nil)
	}
}

func needsDebt(f *kit.Faults, _ Membership, _ LifecycleEvent, owed *Arrears) {
	if owed == nil || !owed.open {
		f.Add(kit.CodeNotEligible, "input.id", "notEligible.noArrears", nil)
	}
}

func needsPlan(f *kit.Faults, s Membership, _ LifecycleEvent, _ *Arrears) {
	if s.PlanUntil == "" {
		f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState.noPlan", nil)
	}
}
