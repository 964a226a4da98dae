package membership

import (
	"memberportal/internal/country"
	"memberportal/internal/kit"
)

// MembershipStatus is the status of a membership on a day. A member that gave notice of withdrawal stays ACTIVE and
// has a day on which it leaves.
type MembershipStatus string

// The values of MembershipStatus.
const (
	PendingActivation MembershipStatus = "PENDING_ACTIVATION"
	Active            MembershipStatus = "ACTIVE"
	Suspended         MembershipStatus = "SUSPENDED"
	Withdrawn         MembershipStatus = "WITHDRAWN"
	Excluded          MembershipStatus = "EXCLUDED"
)

// MembershipStatuses lists every MembershipStatus.
var MembershipStatuses = []MembershipStatus{PendingActivation, Active, Suspended, Withdrawn, Excluded}

// LifecycleKind says what an event does to a membership.
type LifecycleKind string

// The values of LifecycleKind.
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
	Renamed             LifecycleKind = "RENAMED"
	// Annulled says that the event that it supersedes did not happen.
	Annulled LifecycleKind = "ANNULLED"
)

// LifecycleKinds lists every LifecycleKind.
var LifecycleKinds = []LifecycleKind{
	Applied, Approved, Admitted, Activated, CategoryChanged, FeeClassChanged, SectorsChanged, StudyGroupChanged, CountryReassigned,
	RegionReassigned, Merged, EventSuspended, Reinstated, WithdrawalNotified, EventWithdrawn, EventExcluded, ExemptionGranted, ExemptionExpired,
	RepaymentPlanAgreed, RepaymentPlanEnded, Renamed, Annulled,
}

// Valid returns an error for a value that is not in LifecycleKinds.
func (v LifecycleKind) Valid() error { return kit.CheckOneOf(v, LifecycleKinds, "lifecycle kind") }

// DepartureReason says why a member leaves or is removed.
type DepartureReason string

// The values of DepartureReason.
const (
	ReasonMerger         DepartureReason = "MERGER"
	ReasonStrategyReview DepartureReason = "STRATEGY_REVIEW"
	ReasonUndisclosed    DepartureReason = "UNDISCLOSED"
	ReasonArrears        DepartureReason = "ARREARS"
	ReasonDissolution    DepartureReason = "DISSOLUTION"
	ReasonOther          DepartureReason = "OTHER"
)

// DepartureReasons lists every DepartureReason.
var DepartureReasons = []DepartureReason{ReasonMerger, ReasonStrategyReview, ReasonUndisclosed, ReasonArrears, ReasonDissolution, ReasonOther}

// Valid returns an error for a value that is not in DepartureReasons.
func (v DepartureReason) Valid() error {
	return kit.CheckOneOf(v, DepartureReasons, "departure reason")
}

// RenameReason says why an organisation has another name.
type RenameReason string

// The values of RenameReason. RenameError says that the name was recorded wrongly.
const (
	RenameRebranding RenameReason = "REBRANDING"
	RenameLegalForm  RenameReason = "LEGAL_FORM"
	RenameError      RenameReason = "ERROR"
)

// RenameReasons lists every RenameReason.
var RenameReasons = []RenameReason{RenameRebranding, RenameLegalForm, RenameError}

// Valid returns an error for a value that is not in RenameReasons.
func (v RenameReason) Valid() error { return kit.CheckOneOf(v, RenameReasons, "reason of a new name") }

// LifecycleEvent is one recorded fact about a membership. Events are only added: a correction is a new event that
// supersedes the wrong one.
type LifecycleEvent struct {
	ID   kit.ID        `bson:"id"`
	Kind LifecycleKind `bson:"kind"`
	// EffectiveOn is the first day of the new state. For a notice of withdrawal it is the first day on which the
	// organisation is no longer a member.
	EffectiveOn kit.Date     `bson:"effectiveOn"`
	RecordedAt  kit.DateTime `bson:"recordedAt"`
	// Actor is the id of the person who recorded the event (usr_…).
	Actor      kit.ID   `bson:"actor"`
	Reason     *string  `bson:"reason,omitempty"`
	Evidence   []string `bson:"evidence,omitempty" most:"20"`
	Supersedes *kit.ID  `bson:"supersedes,omitempty"`
	// ReasonCode says why a member left; nil if the event is not a departure.
	ReasonCode *DepartureReason `bson:"reasonCode,omitempty"`

	// These fields are what the event sets; nil leaves the value as it was. Sectors are all Sectors from that day
	// on.
	Category   *MembershipCategory `bson:"category,omitempty"`
	Sectors    []Sector            `bson:"sectors,omitempty" most:"3"`
	FeeClass   *string             `bson:"feeClass,omitempty"`
	StudyGroup *StudyGroup         `bson:"studyGroup,omitempty"`
	Country    *kit.ID             `bson:"country,omitempty"`
	Region     *country.Region     `bson:"region,omitempty"`
	// NoticeOn is the day on which a notice was received: a notice of withdrawal by the organisation, a notice of
	// suspension by the member.
	NoticeOn *kit.Date `bson:"noticeOn,omitempty"`
	// Until is the first day after an exemption or a repayment plan.
	Until *kit.Date `bson:"until,omitempty"`
	// MergedInto is the member that took over this one.
	MergedInto *kit.ID `bson:"mergedInto,omitempty"`
	// CountedUnder is the region under which statistics count an exempt organisation.
	CountedUnder *country.Region `bson:"countedUnder,omitempty"`
	// Name is the name from that day on, FormerName the name until then, RenameReason why it changed; all are nil unless
	// the kind is Renamed.
	Name         *string       `bson:"name,omitempty"`
	FormerName   *string       `bson:"formerName,omitempty"`
	RenameReason *RenameReason `bson:"renameReason,omitempty"`
}

// MembershipSector is a Sector of a membership, with the first day on which the membership has it.
type MembershipSector struct {
	Sector Sector
	From   kit.Date
}
