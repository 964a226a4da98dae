package events

import (
	"context"
	"fmt"
	"strings"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/store"
)

const registrationPrefix = "reg"

// RegistrationStatus is the status of a registration.
type RegistrationStatus string

// The statuses. A delegate's own registration is REQUESTED and takes no place until the focal point confirms it.
const (
	RegistrationRequested RegistrationStatus = "REQUESTED"
	RegistrationWaiting   RegistrationStatus = "WAITING"
	RegistrationConfirmed RegistrationStatus = "CONFIRMED"
	RegistrationCancelled RegistrationStatus = "CANCELLED"
)

// RegistrationStatuses are all values of RegistrationStatus.
var RegistrationStatuses = []RegistrationStatus{RegistrationRequested, RegistrationWaiting, RegistrationConfirmed, RegistrationCancelled}

// Valid returns an error for a value that is not in RegistrationStatuses.
func (v RegistrationStatus) Valid() error {
	return kit.CheckOneOf(v, RegistrationStatuses, "registration status")
}

// RegistrantKind says for whom a registrant comes: for a member, for a State, or as a guest.
type RegistrantKind string

// The kinds. All except RegistrantGuest are also kinds of respondents.
const (
	RegistrantMemberState  RegistrantKind = "MEMBER_STATE"
	RegistrantSectorMember RegistrantKind = "SECTOR_MEMBER"
	RegistrantAssociate    RegistrantKind = "ASSOCIATE"
	RegistrantAcademia     RegistrantKind = "ACADEMIA"
	RegistrantGuest        RegistrantKind = "GUEST"
)

// RegistrantKinds are all values of RegistrantKind.
var RegistrantKinds = []RegistrantKind{RegistrantMemberState, RegistrantSectorMember, RegistrantAssociate, RegistrantAcademia, RegistrantGuest}

// Valid returns an error for a value that is not in RegistrantKinds.
func (v RegistrantKind) Valid() error { return kit.CheckOneOf(v, RegistrantKinds, "registrant kind") }

// NameVisibility says who may see a registrant's name among the participants. SECRETARIAT and the registrant's own
// member or State always may.
type NameVisibility string

// The visibilities. NameParticipants are the confirmed registrants of the event.
const (
	NameNobody       NameVisibility = "NOBODY"
	NameParticipants NameVisibility = "PARTICIPANTS"
	NamePublic       NameVisibility = "PUBLIC"
)

// NameVisibilities are all values of NameVisibility.
var NameVisibilities = []NameVisibility{NameNobody, NameParticipants, NamePublic}

// Valid returns an error for a value that is not in NameVisibilities.
func (v NameVisibility) Valid() error { return kit.CheckOneOf(v, NameVisibilities, "name visibility") }

// RegistrationAnswer answers a question of the event.
type RegistrationAnswer struct {
	Question string `bson:"question"`
	Text     string `bson:"text"`
}

// RegistrationChange records a change of a registration's status.
type RegistrationChange struct {
	Status RegistrationStatus `bson:"status"`
	At     kit.DateTime       `bson:"at"`
}

// Attendance says whether a registrant came, and how.
type Attendance struct {
	Attended   bool           `bson:"attended"`
	Mode       AttendanceMode `bson:"mode"`
	RecordedAt kit.DateTime   `bson:"recordedAt"`
}

// Guest says who a guest or observer is.
type Guest struct {
	Name         string `bson:"name"`
	Email        string `bson:"email"`
	Organisation string `bson:"organisation"`
	// Locale is the language in which the guest accepted; nil if that was not recorded.
	Locale *kit.Locale `bson:"locale,omitempty"`
}

// Registration is one person's registration for one event. After the event's retention date everything that names
// the person is erased; what statistics count stays.
type Registration struct {
	ID      kit.ID `bson:"_id"`
	Version int64  `bson:"version"`
	EventID kit.ID `bson:"event"`
	// EntityID is the member or country for which the person comes; nil for a guest.
	EntityID *kit.ID `bson:"entity,omitempty"`
	// PersonID and Guest name the person; one of them is set until both are erased.
	PersonID     *kit.ID `bson:"person,omitempty"`
	Guest        *Guest  `bson:"guest,omitempty"`
	InvitationID *kit.ID `bson:"invitation,omitempty"`
	// Kind, Region and CountryID describe the entity at the time of the registration.
	Kind      RegistrantKind     `bson:"kind"`
	Region    *country.Region    `bson:"region,omitempty"`
	CountryID *kit.ID            `bson:"country,omitempty"`
	Mode      AttendanceMode     `bson:"mode"`
	Status    RegistrationStatus `bson:"status"`
	// Order is the position in the event's queue; 0 while the status is REQUESTED.
	Order int64 `bson:"order"`
	// StoredAnswers are all answers; Answers are those that a caller may see.
	StoredAnswers []RegistrationAnswer `bson:"answers" most:"30"`
	// NameVisibility is what was chosen; visibility is what counts.
	NameVisibility NameVisibility `bson:"nameVisibility"`
	// ConsentedAt is when the person agreed that the data are kept. Until a person whom somebody else registered has
	// accepted that, it is when the other one said so.
	ConsentedAt  kit.DateTime `bson:"consentedAt"`
	RegisteredAt kit.DateTime `bson:"registeredAt"`
	// RegisteredBy is who registered somebody else; nil for whoever registered itself, in registrations from before
	// this was recorded, and once the personal data are erased. AcceptedAt is when the person accepted that; nil before.
	RegisteredBy *kit.ID       `bson:"registeredBy,omitempty"`
	AcceptedAt   *kit.DateTime `bson:"acceptedAt,omitempty"`
	// CodeHash is the hash of the code in the link that the person got; empty if there is none, or it was used.
	CodeHash string `bson:"codeHash,omitempty"`
	// LinkedTo is the hash of the address to which the link went.
	LinkedTo   string               `bson:"linkedTo,omitempty"`
	Changes    []RegistrationChange `bson:"changes" most:"100"`
	Attendance *Attendance          `bson:"attendance,omitempty"`
	ErasedAt   *kit.DateTime        `bson:"erasedAt,omitempty"`
	Dataset    kit.Dataset          `bson:"dataset"`

	with *kit.Together[*Registration]
}

// IsNode marks a type that node and nodes can answer.
func (r *Registration) IsNode() {}

// RegistrationNoun is how registrations are stored and listed: by event in the order of the queue, by person and by
// entity.
var RegistrationNoun = store.Declare(store.Noun[Registration]{
	Name:     "registrations",
	Identity: func(r *Registration) (string, *int64) { return string(r.ID), &r.Version },
	Revision: 1,
	Keys: []store.Key[Registration]{
		store.One("event", func(r *Registration, _ string) string { return string(r.EventID) }),
		store.One("entity", func(r *Registration, _ string) string { return kit.Deref(r.EntityID) }),
		store.One("person", func(r *Registration, _ string) string { return kit.Deref(r.PersonID) }),
		store.OneOf("mode", AttendanceModes, func(r *Registration, _ string) AttendanceMode { return r.Mode }),
		store.OneOf("status", RegistrationStatuses, func(r *Registration, _ string) RegistrationStatus { return r.Status }),
		store.One("shown", func(r *Registration, _ string) string {
			if r.Status != RegistrationConfirmed || r.ErasedAt != nil {
				return ""
			}
			return string(r.visibility())
		}),
		store.One("order", func(r *Registration, _ string) string { return fmt.Sprintf("%012d", r.Order) }),
		store.One("registeredAt", func(r *Registration, _ string) string { return string(r.RegisteredAt) }),
		store.One("tally", (*Registration).tally),
		store.Unique("holder", (*Registration).holder),
		store.Unique("code", func(r *Registration) string { return r.CodeHash }),
	},
	Listings: []store.Listing{
		{Equal: []string{"event", "status", "mode"}, Sort: "order"},
		{Equal: []string{"event", "shown"}, Sort: "order"},
		{Equal: []string{"event", "person"}, Sort: "registeredAt"},
		{Equal: []string{"event", "status"}, Sort: "person"},
		{Equal: []string{"entity", "status"}, Sort: "registeredAt"},
		{Equal: []string{"event", "entity", "status"}, Sort: "registeredAt"},
		{Equal: []string{"person"}, Sort: "registeredAt"},
		{Equal: []string{"tally"}},
	},
})

// holder is a unique key: one registration a person, entity and event, or one an invitation. Two members may each
// register the same person, because a refusal would reveal the first registration to the second member. The key is
// empty for a cancelled or erased registration, so the person can register again.
func (r *Registration) holder() string {
	switch {
	case r.Status == RegistrationCancelled || r.ErasedAt != nil:
		return ""
	case r.PersonID != nil:
		return strings.Join([]string{string(r.EventID), string(*r.PersonID), kit.Deref(r.EntityID)}, "/")
	case r.InvitationID != nil:
		return string(r.EventID) + "/" + string(*r.InvitationID)
	}
	return ""
}

// tally is the key by which registrations are counted: it joins everything that statistics distinguish.
func (r *Registration) tally(string) string {
	attended := ""
	if r.Attendance != nil && r.Attendance.Attended {
		attended = string(r.Attendance.Mode)
	}
	region := ""
	kit.Set(&region, (*string)(r.Region))
	return strings.Join([]string{string(r.EventID), string(r.Status), attended, string(r.Kind), region, kit.Deref(r.CountryID), string(r.Mode)}, TallySeparator)
}

// TallySeparator separates the parts of a tally.
const TallySeparator = "|"

// become sets the status and records the change.
func (r *Registration) become(status RegistrationStatus, at kit.DateTime) {
	r.Status = status
	r.Changes = append(r.Changes, RegistrationChange{status, at})
}

// erase removes what names the person and returns the changed fields; none if it was erased before.
func (r *Registration) erase(at kit.DateTime) []string {
	if r.ErasedAt != nil {
		return nil
	}
	r.PersonID, r.Guest, r.StoredAnswers, r.ErasedAt = nil, nil, []RegistrationAnswer{}, &at
	r.RegisteredBy, r.CodeHash, r.LinkedTo = nil, "", ""
	return []string{"answers", "guest", "person"}
}

// ShownVersion is the version for SECRETARIAT and whoever may cancel the registration, nil for others.
func (r *Registration) ShownVersion(ctx context.Context) *int64 {
	return kit.ShownVersion(&r.Version, r.may(kit.ActorOf(ctx)))
}
