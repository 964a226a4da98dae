package portal

import (
	"errors"
	"slices"
	"strings"
)

// MembershipStatus is where a member stands. A notified withdrawal is an ACTIVE member with a day on
// which it leaves.
type MembershipStatus string

// The statuses.
const (
	PendingActivation MembershipStatus = "PENDING_ACTIVATION"
	Active            MembershipStatus = "ACTIVE"
	Suspended         MembershipStatus = "SUSPENDED"
	Withdrawn         MembershipStatus = "WITHDRAWN"
	Excluded          MembershipStatus = "EXCLUDED"
)

// MembershipStatuses are all of them.
var MembershipStatuses = []MembershipStatus{PendingActivation, Active, Suspended, Withdrawn, Excluded}

// LifecycleKind says what an event did to a membership.
type LifecycleKind string

// The kinds of event.
const (
	Applied            LifecycleKind = "APPLIED"
	Approved           LifecycleKind = "APPROVED"
	Admitted           LifecycleKind = "ADMITTED"
	Activated          LifecycleKind = "ACTIVATED"
	EventSuspended     LifecycleKind = "SUSPENDED"
	Reinstated         LifecycleKind = "REINSTATED"
	WithdrawalNotified LifecycleKind = "WITHDRAWAL_NOTIFIED"
	EventWithdrawn     LifecycleKind = "WITHDRAWN"
	EventExcluded      LifecycleKind = "EXCLUDED"
)

// LifecycleKinds are all of them.
var LifecycleKinds = []LifecycleKind{Applied, Approved, Admitted, Activated, EventSuspended, Reinstated, WithdrawalNotified, EventWithdrawn, EventExcluded}

// LifecycleEvent is one recorded fact about a membership. Events are only ever added: a correction
// is a new event that supersedes the wrong one.
type LifecycleEvent struct {
	ID   ID            `bson:"id"`
	Kind LifecycleKind `bson:"kind"`
	// EffectiveOn is the first day on which the new state holds; for a notified withdrawal, the first
	// day of non-membership.
	EffectiveOn Date     `bson:"effectiveOn"`
	RecordedAt  DateTime `bson:"recordedAt"`
	// Actor is the person who recorded it (usr_…).
	Actor      ID       `bson:"actor"`
	Reason     *string  `bson:"reason,omitempty"`
	Evidence   []string `bson:"evidence,omitempty"`
	Supersedes *ID      `bson:"supersedes,omitempty"`

	// What the event sets; nil leaves it as it was. Sectors is the whole set that holds from then on.
	Category   *MembershipCategory `bson:"category,omitempty"`
	Sectors    []Sector            `bson:"sectors,omitempty"`
	FeeClass   *string             `bson:"feeClass,omitempty"`
	StudyGroup *StudyGroup         `bson:"studyGroup,omitempty"`
	Country    *ID                 `bson:"country,omitempty"`
	Region     *Region             `bson:"region,omitempty"`
	// NoticeOn is the day on which a notice of withdrawal was received.
	NoticeOn *Date `bson:"noticeOn,omitempty"`
}

// becomes is the status that each kind of event leads to; a kind that is not here changes none.
var becomes = map[LifecycleKind]MembershipStatus{
	Admitted: PendingActivation, Activated: Active, EventSuspended: Suspended, Reinstated: Active,
	WithdrawalNotified: Withdrawn, EventWithdrawn: Withdrawn, EventExcluded: Excluded,
}

// moves are the allowed moves: for each kind of event, the statuses from which it may be recorded.
// Whoever may record it is checked by the service's method.
var moves = map[LifecycleKind][]MembershipStatus{
	Activated: {PendingActivation},
}

// MembershipSector is a Sector of a membership and the day from which it holds.
type MembershipSector struct {
	Sector Sector
	From   Date
}

// membership is what a member is on a day: a fold over its events.
type membership struct {
	Status     MembershipStatus
	Category   MembershipCategory
	Sectors    []MembershipSector
	FeeClass   string
	StudyGroup StudyGroup
	Country    ID
	Region     Region
	JoinedOn   Date
	LeavesOn   Date
}

func (s membership) belongs() bool { return s.Status == Active || s.Status == Suspended }

// on folds the events that hold on a day, in the order of their effective days and, within a day, of
// their recording. Before its admission the membership is what the admission makes it, so that a member
// admitted as of a coming day is pending; what came before the admission, an application and its
// approval, says nothing of the membership.
func (m *Member) on(day Date) membership {
	var s membership
	events := m.current()
	admission := slices.IndexFunc(events, func(e LifecycleEvent) bool { return e.Kind == Admitted })
	for i, e := range events {
		if e.EffectiveOn > day && i > max(admission, 0) {
			if e.Kind == WithdrawalNotified && s.belongs() && s.LeavesOn == "" && (e.NoticeOn == nil || *e.NoticeOn <= day) {
				s.LeavesOn = e.EffectiveOn
			}
			continue
		}
		before := s.belongs()
		e.apply(&s)
		switch {
		case s.belongs() && !before:
			s.JoinedOn = e.EffectiveOn
		case !s.belongs():
			s.LeavesOn = ""
		}
	}
	return s
}

// current are the events that no later one supersedes, in the order in which they take effect.
func (m *Member) current() []LifecycleEvent {
	superseded := func(id ID) bool {
		return slices.ContainsFunc(m.Events, func(e LifecycleEvent) bool { return e.Supersedes != nil && *e.Supersedes == id })
	}
	events := make([]LifecycleEvent, 0, len(m.Events))
	for _, e := range m.Events {
		if !superseded(e.ID) {
			events = append(events, e)
		}
	}
	slices.SortStableFunc(events, func(a, b LifecycleEvent) int { return strings.Compare(string(a.EffectiveOn), string(b.EffectiveOn)) })
	return events
}

func (e LifecycleEvent) apply(s *membership) {
	if to, ok := becomes[e.Kind]; ok {
		s.Status = to
	}
	set(&s.Category, e.Category)
	set(&s.FeeClass, e.FeeClass)
	set(&s.StudyGroup, e.StudyGroup)
	set(&s.Country, e.Country)
	set(&s.Region, e.Region)
	if s.Category != Associate {
		s.StudyGroup = ""
	}
	if s.Region == RegionREGINTORG {
		s.Country = ""
	}
	if e.Sectors != nil {
		var held []MembershipSector
		for _, sector := range e.Sectors {
			from := e.EffectiveOn
			if i := slices.IndexFunc(s.Sectors, func(h MembershipSector) bool { return h.Sector == sector }); i >= 0 {
				from = s.Sectors[i].From
			}
			held = append(held, MembershipSector{sector, from})
		}
		s.Sectors = held
	}
}

func set[T any](to *T, v *T) {
	if v != nil {
		*to = *v
	}
}

func (e LifecycleEvent) valid() error {
	errs := []error{within(e.Kind, LifecycleKinds, "kind of event")}
	if e.Category != nil {
		errs = append(errs, within(*e.Category, MembershipCategories, "category"))
	}
	for _, s := range e.Sectors {
		errs = append(errs, within(s, Sectors, "sector"))
	}
	if e.StudyGroup != nil {
		errs = append(errs, within(*e.StudyGroup, StudyGroups, "study group"))
	}
	if e.Region != nil {
		errs = append(errs, within(*e.Region, Regions, "region"))
	}
	return errors.Join(errs...)
}
