package membership

import (
	"memberportal/internal/country"
	"memberportal/internal/kit"
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
	Applied             LifecycleKind = "APPLIED"
	Approved            LifecycleKind = "APPROVED"
	Admitted            LifecycleKind = "ADMITTED"
	Activated           LifecycleKind = "ACTIVATED"
	CategoryChanged     LifecycleKind = "CATEGORY_CHANGED"
	FeeClassChanged     LifecycleKind = "FEE_CLASS_CHANGED"
	SectorsChanged      LifecycleKind = "SECTORS_CHANGED"
	StudyGroupChanged   LifecycleKind = "STUDY_GROUP_CHANGED"
	CountryReassigned   LifecycleKind = "COUNTRY_REASSIGNED"
	RegionReassigned    LifecycleKind = "REGION_REASSIGNED"
	Merged              LifecycleKind = "MERGED"
	EventSuspended      LifecycleKind = "SUSPENDED"
	Reinstated          LifecycleKind = "REINSTATED"
	WithdrawalNotified  LifecycleKind = "WITHDRAWAL_NOTIFIED"
	EventWithdrawn      LifecycleKind = "WITHDRAWN"
	EventExcluded       LifecycleKind = "EXCLUDED"
	ExemptionGranted    LifecycleKind = "EXEMPTION_GRANTED"
	ExemptionExpired    LifecycleKind = "EXEMPTION_EXPIRED"
	RepaymentPlanAgreed LifecycleKind = "REPAYMENT_PLAN_AGREED"
	RepaymentPlanEnded  LifecycleKind = "REPAYMENT_PLAN_ENDED"
	// Annulled says that the event which it supersedes did not happen.
	Annulled LifecycleKind = "ANNULLED"
)

// LifecycleKinds are all of them.
var LifecycleKinds = []LifecycleKind{
	Applied, Approved, Admitted, Activated, CategoryChanged, FeeClassChanged, SectorsChanged, StudyGroupChanged, CountryReassigned,
	RegionReassigned, Merged, EventSuspended, Reinstated, WithdrawalNotified, EventWithdrawn, EventExcluded, ExemptionGranted, ExemptionExpired,
	RepaymentPlanAgreed, RepaymentPlanEnded, Annulled,
}

// Valid refuses what is none of LifecycleKinds.
func (v LifecycleKind) Valid() error { return kit.CheckOneOf(v, LifecycleKinds, "lifecycle kind") }

// DepartureReason is why a member leaves or is removed.
type DepartureReason string

// The reasons.
const (
	ReasonMerger         DepartureReason = "MERGER"
	ReasonStrategyReview DepartureReason = "STRATEGY_REVIEW"
	ReasonUndisclosed    DepartureReason = "UNDISCLOSED"
	ReasonArrears        DepartureReason = "ARREARS"
	ReasonDissolution    DepartureReason = "DISSOLUTION"
	ReasonOther          DepartureReason = "OTHER"
)

// DepartureReasons are all of them.
var DepartureReasons = []DepartureReason{ReasonMerger, ReasonStrategyReview, ReasonUndisclosed, ReasonArrears, ReasonDissolution, ReasonOther}

// Valid refuses what is none of DepartureReasons.
func (v DepartureReason) Valid() error {
	return kit.CheckOneOf(v, DepartureReasons, "departure reason")
}

// LifecycleEvent is one recorded fact about a membership. Events are only ever added: a correction
// is a new event that supersedes the wrong one.
type LifecycleEvent struct {
	ID   kit.ID        `bson:"id"`
	Kind LifecycleKind `bson:"kind"`
	// EffectiveOn is the first day on which the new state holds; for a notified withdrawal, the first
	// day of non-membership.
	EffectiveOn kit.Date     `bson:"effectiveOn"`
	RecordedAt  kit.DateTime `bson:"recordedAt"`
	// Actor is the person who recorded it (usr_…).
	Actor      kit.ID   `bson:"actor"`
	Reason     *string  `bson:"reason,omitempty"`
	Evidence   []string `bson:"evidence,omitempty" most:"20"`
	Supersedes *kit.ID  `bson:"supersedes,omitempty"`
	// ReasonCode says why a member left; nil for events that are no departure.
	ReasonCode *DepartureReason `bson:"reasonCode,omitempty"`

	// What the event sets; nil leaves it as it was. Sectors is the whole set that holds from then on.
	Category   *MembershipCategory `bson:"category,omitempty"`
	Sectors    []Sector            `bson:"sectors,omitempty" most:"3"`
	FeeClass   *string             `bson:"feeClass,omitempty"`
	StudyGroup *StudyGroup         `bson:"studyGroup,omitempty"`
	Country    *kit.ID             `bson:"country,omitempty"`
	Region     *country.Region     `bson:"region,omitempty"`
	// NoticeOn is the day on which a notice was received: of withdrawal, by the organisation; of
	// suspension, by the member.
	NoticeOn *kit.Date `bson:"noticeOn,omitempty"`
	// Until is the first day on which an exemption or a repayment plan no longer holds.
	Until *kit.Date `bson:"until,omitempty"`
	// MergedInto is the member that took this one over.
	MergedInto *kit.ID `bson:"mergedInto,omitempty"`
	// CountedUnder is the region under which statistics count an exempt organisation.
	CountedUnder *country.Region `bson:"countedUnder,omitempty"`
}

// MembershipSector is a Sector of a membership and the day from which it holds.
type MembershipSector struct {
	Sector Sector
	From   kit.Date
}
