package membership

import (
	"context"
	"slices"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// RenameMemberInput records that an organisation has another official name.
type RenameMemberInput struct {
	ID              kit.ID
	ExpectedVersion int
	Name            string
	EffectiveOn     kit.Date
	ReasonCode      RenameReason
	Reason          string
	Evidence        []string
}

// RenameMemberPayload has the record after the change: Member is nil if UserErrors is not empty.
type RenameMemberPayload struct {
	Member     *Member
	UserErrors []kit.UserError
}

// Rename records another official name of a member, also of a former one. SECRETARIAT only. The day is not before the
// admission and not after today: a name that was recorded wrongly is corrected from the day on which it was recorded,
// and a name that is to come is recorded when it holds. A member of the new name in the same country is a DUPLICATE. The
// member stays findable by its former names.
func (s *MemberService) Rename(ctx context.Context, in RenameMemberInput) (*RenameMemberPayload, error) {
	namesake := kit.NewFaults(ctx)
	var admitted kit.Date
	var former string
	m, faults, err := s.occur(ctx, occurrence{
		operation: "renameMember", id: in.ID, expected: in.ExpectedVersion,
		event: LifecycleEvent{Kind: Renamed, EffectiveOn: in.EffectiveOn, Reason: &in.Reason, Evidence: in.Evidence, RenameReason: &in.ReasonCode},
		prepare: func(ctx context.Context, m *Member) error {
			namesake.List = nil
			admitted, former = Admission(m.Current()), m.nameOn(in.EffectiveOn)
			return s.unique(ctx, namesake, "input.name", in.Name, m.On(kit.Never).Country, m.ID)
		},
		complete: func(f *kit.Faults, _ Membership, e *LifecycleEvent) {
			f.Line("input.name", &in.Name, 300, true)
			f.List = append(f.List, namesake.List...)
			switch today := s.core.Clock.Today(); {
			case e.EffectiveOn < admitted:
				f.Add(kit.CodeOutOfRange, "input.effectiveOn", "outOfRange.before", map[string]string{"date": string(admitted)})
			case e.EffectiveOn > today:
				f.Add(kit.CodeOutOfRange, "input.effectiveOn", "outOfRange.after", map[string]string{"date": string(today)})
			}
			if in.Name == former {
				f.Add(kit.CodeInvalid, "input.name", "invalid.nothingChanges", nil)
			}
			e.Name, e.FormerName, e.EffectiveOn = &in.Name, &former, max(e.EffectiveOn, admitted)
		},
	})
	return &RenameMemberPayload{m, faults}, err
}

// ShownName returns the official name on the day of the view; the name of today without a view.
func (m *Member) ShownName() string {
	if m.view.day == "" {
		return m.Name
	}
	return m.nameOn(m.view.day)
}

// nameOn returns the official name on a day.
func (m *Member) nameOn(day kit.Date) string { return nameOn(m.Current(), m.firstName(), day) }

// firstName returns the name of the admission. It is what the first recorded change says was the name before, also if
// that change was corrected afterwards.
func (m *Member) firstName() string {
	for _, e := range m.Events {
		if e.Kind == Renamed && e.FormerName != nil {
			return *e.FormerName
		}
	}
	return m.Name
}

// nameOn returns the name on a day by the current events; first is the name of the admission.
func nameOn(events []LifecycleEvent, first string, day kit.Date) string {
	name := first
	for _, e := range events {
		if e.Kind == Renamed && e.EffectiveOn <= day {
			kit.Set(&name, e.Name)
		}
	}
	return name
}

// FormerNames returns the official names that the member had and has no longer, the oldest first. A name that was
// recorded wrongly is one of them, because letters may have it.
func (m *Member) FormerNames() []string {
	names := []string{}
	for _, e := range append([]LifecycleEvent{{Name: new(m.firstName())}}, m.Current()...) {
		if e.Name != nil && *e.Name != m.Name && !slices.Contains(names, *e.Name) {
			names = append(names, *e.Name)
		}
	}
	return names
}

// likenesses returns the keys by which an organisation of a similar name is found, for all names that it ever had.
func (m *Member) likenesses() []string {
	keys := kit.Likeness(m.Name)
	for _, name := range m.FormerNames() {
		keys = append(keys, kit.Likeness(name)...)
	}
	return keys
}

// formerIdentities returns the keys by which a member is found by its former names.
func (m *Member) formerIdentities() []string {
	place := string(m.On(kit.Never).Country)
	return kit.Map(m.FormerNames(), func(name string) string { return Identity(name, place) })
}

// renamedFrom returns the id of a member that had an identity before; empty if there is none.
func (s *MemberService) renamedFrom(ctx context.Context, identity string) (kit.ID, error) {
	plan, err := s.members.Plan(store.Query{Any: []store.Where{{"formerIdentity": {identity}}}})
	if err != nil {
		return "", err
	}
	page, err := s.members.Page(ctx, plan, store.Range{Limit: 1})
	if err != nil || len(page.Docs) == 0 {
		return "", err
	}
	return page.Docs[0].ID, nil
}

// freeAfter looks whether the name that a member would have after a correction of a change of its name is free.
func (s *MemberService) freeAfter(ctx context.Context, f *kit.Faults, m *Member, in CorrectLifecycleEventInput) error {
	f.List = nil
	events := m.Current()
	i := slices.IndexFunc(events, func(e LifecycleEvent) bool { return e.ID == in.Event })
	if i < 0 || events[i].Kind != Renamed {
		return nil
	}
	after := *m
	corrected := in.corrected(kit.NewFaults(ctx), events[i], s.core.Clock.Today())
	corrected.ID = "evn_after"
	after.Events = append(slices.Clone(m.Events), corrected)
	return s.unique(ctx, f, "input.event", after.nameOn(kit.Never), m.On(kit.Never).Country, m.ID)
}
