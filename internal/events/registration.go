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

// RegistrationStatus is where a registration stands.
type RegistrationStatus string

// The statuses. A delegate's own registration is REQUESTED, and takes no place, until the focal point
// confirms it.
const (
	RegistrationRequested RegistrationStatus = "REQUESTED"
	RegistrationWaiting   RegistrationStatus = "WAITING"
	RegistrationConfirmed RegistrationStatus = "CONFIRMED"
	RegistrationCancelled RegistrationStatus = "CANCELLED"
)

// RegistrationStatuses are all of them.
var RegistrationStatuses = []RegistrationStatus{RegistrationRequested, RegistrationWaiting, RegistrationConfirmed, RegistrationCancelled}

// Valid refuses what is none of RegistrationStatuses.
func (v RegistrationStatus) Valid() error {
	return kit.CheckOneOf(v, RegistrationStatuses, "registration status")
}

// RegistrantKind is for what a registrant comes: for a member, for a State, or as a guest.
type RegistrantKind string

// The kinds. All but RegistrantGuest, an invited guest or observer, are those of RespondentKind.
const (
	RegistrantMemberState  RegistrantKind = "MEMBER_STATE"
	RegistrantSectorMember RegistrantKind = "SECTOR_MEMBER"
	RegistrantAssociate    RegistrantKind = "ASSOCIATE"
	RegistrantAcademia     RegistrantKind = "ACADEMIA"
	RegistrantGuest        RegistrantKind = "GUEST"
)

// RegistrantKinds are all of them.
var RegistrantKinds = []RegistrantKind{RegistrantMemberState, RegistrantSectorMember, RegistrantAssociate, RegistrantAcademia, RegistrantGuest}

// Valid refuses what is none of RegistrantKinds.
func (v RegistrantKind) Valid() error { return kit.CheckOneOf(v, RegistrantKinds, "registrant kind") }

// NameVisibility is who sees a registrant's name among the participants. The registrant's own member
// or State and SECRETARIAT always do.
type NameVisibility string

// The visibilities.
const (
	NameNobody       NameVisibility = "NOBODY"
	NameParticipants NameVisibility = "PARTICIPANTS"
	NamePublic       NameVisibility = "PUBLIC"
)

// NameVisibilities are all of them.
var NameVisibilities = []NameVisibility{NameNobody, NameParticipants, NamePublic}

// Valid refuses what is none of NameVisibilities.
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

// Guest is who an invited guest or observer is.
type Guest struct {
	Name         string `bson:"name"`
	Email        string `bson:"email"`
	Organisation string `bson:"organisation"`
}

// Registration is one person's registration for one event. What names the person is erased after the
// event's retention date; what is counted stays.
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
	// Kind, Region and CountryID are what the entity was when it registered.
	Kind      RegistrantKind     `bson:"kind"`
	Region    *country.Region    `bson:"region,omitempty"`
	CountryID *kit.ID            `bson:"country,omitempty"`
	Mode      AttendanceMode     `bson:"mode"`
	Status    RegistrationStatus `bson:"status"`
	// Order is the place in the queue of the event; 0 while the registration is only requested.
	Order          int64                `bson:"order"`
	Answers        []RegistrationAnswer `bson:"answers" most:"30"`
	NameVisibility NameVisibility       `bson:"nameVisibility"`
	// ConsentedAt is when the person's consent to the keeping of the data was given.
	ConsentedAt  kit.DateTime         `bson:"consentedAt"`
	RegisteredAt kit.DateTime         `bson:"registeredAt"`
	Changes      []RegistrationChange `bson:"changes" most:"100"`
	Attendance   *Attendance          `bson:"attendance,omitempty"`
	ErasedAt     *kit.DateTime        `bson:"erasedAt,omitempty"`
	Dataset      kit.Dataset          `bson:"dataset"`

	with *kit.Together[*Registration]
}

// IsNode marks a type that node and nodes can answer.
func (r *Registration) IsNode() {}

// RegistrationNoun is how registrations are stored, and what may be asked of them: the queue of an event, and those of a person or an entity.
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
			return string(r.NameVisibility)
		}),
		store.One("order", func(r *Registration, _ string) string { return fmt.Sprintf("%012d", r.Order) }),
		store.One("registeredAt", func(r *Registration, _ string) string { return string(r.RegisteredAt) }),
		store.One("tally", (*Registration).tally),
		store.Unique("holder", (*Registration).holder),
	},
	Listings: []store.Listing{
		{Equal: []string{"event", "status", "mode"}, Sort: "order"},
		{Equal: []string{"event", "shown"}, Sort: "order"},
		{Equal: []string{"event", "person"}, Sort: "registeredAt"},
		{Equal: []string{"entity", "status"}, Sort: "registeredAt"},
		{Equal: []string{"event", "entity", "status"}, Sort: "registeredAt"},
		{Equal: []string{"person"}, Sort: "registeredAt"},
		{Equal: []string{"tally"}},
	},
})

// holder is what no two registrations share: one person for one member or State, or one invitation, at one
// event. Of two members that register the same person each has a registration, because a refusal would
// tell the second of the first. A cancelled registration makes room for another.
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

// tally is what is counted of the registration: all registrations of an event that are alike in it are
// counted together.
func (r *Registration) tally(string) string {
	attended := ""
	if r.Attendance != nil && r.Attendance.Attended {
		attended = string(r.Attendance.Mode)
	}
	region := ""
	kit.Set(&region, (*string)(r.Region))
	return strings.Join([]string{string(r.EventID), string(r.Status), attended, string(r.Kind), region, kit.Deref(r.CountryID), string(r.Mode)}, TallySeparator)
}

// TallySeparator stands between the parts of what is counted of a registration.
const TallySeparator = "|"

// become gives the registration a status and records that.
func (r *Registration) become(status RegistrationStatus, at kit.DateTime) {
	r.Status = status
	r.Changes = append(r.Changes, RegistrationChange{status, at})
}

// erase removes what names a person, and gives the fields; none if that was done before.
func (r *Registration) erase(at kit.DateTime) []string {
	if r.ErasedAt != nil {
		return nil
	}
	r.PersonID, r.Guest, r.Answers, r.ErasedAt = nil, nil, []RegistrationAnswer{}, &at
	return []string{"answers", "guest", "person"}
}

// ShownVersion is the version for SECRETARIAT and whoever may cancel the registration, nil for others.
func (r *Registration) ShownVersion(ctx context.Context) *int64 {
	return kit.ShownVersion(&r.Version, r.may(kit.ActorOf(ctx)))
}
