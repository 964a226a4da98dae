package portal

import (
	"context"
	"errors"
	"fmt"
	"strings"

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

// RegistrationAnswer answers a question of the event.
type RegistrationAnswer struct {
	Question string `bson:"question"`
	Text     string `bson:"text"`
}

// RegistrationChange records a change of a registration's status.
type RegistrationChange struct {
	Status RegistrationStatus `bson:"status"`
	At     DateTime           `bson:"at"`
}

// Attendance says whether a registrant came, and how.
type Attendance struct {
	Attended   bool           `bson:"attended"`
	Mode       AttendanceMode `bson:"mode"`
	RecordedAt DateTime       `bson:"recordedAt"`
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
	ID      ID    `bson:"_id"`
	Version int64 `bson:"version"`
	EventID ID    `bson:"event"`
	// EntityID is the member or country for which the person comes; nil for a guest.
	EntityID *ID `bson:"entity,omitempty"`
	// PersonID and Guest name the person; one of them is set until both are erased.
	PersonID     *ID    `bson:"person,omitempty"`
	Guest        *Guest `bson:"guest,omitempty"`
	InvitationID *ID    `bson:"invitation,omitempty"`
	// Kind, Region and CountryID are what the entity was when it registered.
	Kind      RegistrantKind     `bson:"kind"`
	Region    *Region            `bson:"region,omitempty"`
	CountryID *ID                `bson:"country,omitempty"`
	Mode      AttendanceMode     `bson:"mode"`
	Status    RegistrationStatus `bson:"status"`
	// Order is the place in the queue of the event; 0 while the registration is only requested.
	Order          int64                `bson:"order"`
	Answers        []RegistrationAnswer `bson:"answers"`
	NameVisibility NameVisibility       `bson:"nameVisibility"`
	// ConsentedAt is when the person's consent to the keeping of the data was given.
	ConsentedAt  DateTime             `bson:"consentedAt"`
	RegisteredAt DateTime             `bson:"registeredAt"`
	Changes      []RegistrationChange `bson:"changes"`
	Attendance   *Attendance          `bson:"attendance,omitempty"`
	ErasedAt     *DateTime            `bson:"erasedAt,omitempty"`
	Dataset      Dataset              `bson:"dataset"`

	with *together[*Registration]
}

// IsNode marks a type that node and nodes can answer.
func (r *Registration) IsNode() {}

// RegistrationNoun is how registrations are stored, and what may be asked of them: the queue of an event, and those of a person or an entity.
var RegistrationNoun = store.Declare(store.Noun[Registration]{
	Name:     "registrations",
	Identity: func(r *Registration) (string, *int64) { return string(r.ID), &r.Version },
	Valid:    (*Registration).valid,
	Keys: []store.Key[Registration]{
		store.One("event", func(r *Registration, _ string) string { return string(r.EventID) }),
		store.One("entity", func(r *Registration, _ string) string { return text(r.EntityID) }),
		store.One("person", func(r *Registration, _ string) string { return text(r.PersonID) }),
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
		{Equal: []string{"entity", "status"}, Sort: "registeredAt"},
		{Equal: []string{"event", "entity", "status"}, Sort: "registeredAt"},
		{Equal: []string{"person"}, Sort: "registeredAt"},
		{Equal: []string{"tally"}},
	},
})

// holder is what no two registrations share: one person, or one invitation, at one event. A cancelled
// registration makes room for another.
func (r *Registration) holder() string {
	switch {
	case r.Status == RegistrationCancelled || r.ErasedAt != nil:
		return ""
	case r.PersonID != nil:
		return holder(r.EventID, *r.PersonID)
	case r.InvitationID != nil:
		return holder(r.EventID, *r.InvitationID)
	}
	return ""
}

func holder(event, who ID) string { return string(event) + "/" + string(who) }

// tally is what is counted of the registration: all registrations of an event that are alike in it are
// counted together.
func (r *Registration) tally(string) string {
	attended := ""
	if r.Attendance != nil && r.Attendance.Attended {
		attended = string(r.Attendance.Mode)
	}
	region := ""
	set(&region, (*string)(r.Region))
	return strings.Join([]string{string(r.EventID), string(r.Status), attended, string(r.Kind), region, text(r.CountryID), string(r.Mode)}, tallySeparator)
}

const tallySeparator = "|"

func (r *Registration) valid() error {
	errs := []error{
		within(r.Kind, RegistrantKinds, "kind of registrant"), within(r.Mode, AttendanceModes, "mode"), within(r.Status, RegistrationStatuses, "status"),
		within(r.NameVisibility, NameVisibilities, "visibility of the name"), within(r.Dataset, Datasets, "dataset"),
	}
	if r.Region != nil {
		errs = append(errs, within(*r.Region, Regions, "region"))
	}
	if r.Attendance != nil {
		errs = append(errs, within(r.Attendance.Mode, AttendanceModes, "mode"))
	}
	for _, c := range r.Changes {
		errs = append(errs, within(c.Status, RegistrationStatuses, "status"))
	}
	return errors.Join(errs...)
}

// become gives the registration a status and records that.
func (r *Registration) become(status RegistrationStatus, at DateTime) {
	r.Status = status
	r.Changes = append(r.Changes, RegistrationChange{status, at})
}

// RegistrationConnection and RegistrationEdge page through registrations.
type (
	RegistrationConnection = Connection[*Registration]
	RegistrationEdge       = Edge[*Registration]
)

// RegistrationService registers persons for events. A registration is seen by the person, by the focal
// point of the member or the administration of the State for which the person comes, and by
// SECRETARIAT; for others it does not exist.
type RegistrationService struct {
	*core
	registrations store.Collection[Registration]
	events        *EventService
	seats         *seatService
	persons       *PersonService
	mandates      *MandateService
	members       *MemberService
}

// may says whether the caller may see the registration.
func (r *Registration) may(a Actor) bool {
	return a.Has(RoleSecretariat) || !a.Anonymous() && r.PersonID != nil && *r.PersonID == a.Subject || r.EntityID != nil && a.speaksFor(*r.EntityID)
}

// ByIDs reads registrations that the caller may see, in the ids' order, nil for the others.
func (s *RegistrationService) ByIDs(ctx context.Context, ids []ID) ([]*Registration, error) {
	found, err := s.registrations.Many(ctx, texts(ids))
	if err != nil {
		return nil, err
	}
	for i, r := range found {
		if r != nil && !r.may(ActorOf(ctx)) {
			found[i] = nil
		}
	}
	join(found)
	return found, nil
}

// join lets registrations that were read in one call read their neighbours in one call.
func join(found []*Registration) {
	with := &together[*Registration]{}
	for _, r := range found {
		if r != nil {
			r.with, with.items = with, append(with.items, r)
		}
	}
}

func (s *RegistrationService) nodes(ctx context.Context, ids []ID) ([]Node, error) {
	return asNodes(s.ByIDs(ctx, ids))
}

// RegistrationFilter narrows registrations; a field left out does not narrow.
type RegistrationFilter struct {
	Event    *ID
	Entity   *ID
	Statuses []RegistrationStatus
	Modes    []AttendanceMode
}

// List pages through registrations: SECRETARIAT names an event or an entity; a focal point or an
// administration reads those of its own member or State, in the order in which they were made; those
// of one event come in the order of the queue. Modes go with an event and without an entity.
func (s *RegistrationService) List(ctx context.Context, filter *RegistrationFilter, args PageArgs) (*RegistrationConnection, error) {
	actor := ActorOf(ctx)
	if err := actor.require(RoleFocalPoint, RoleAdministration, RoleSecretariat); err != nil {
		return nil, err
	}
	var f RegistrationFilter
	set(&f, filter)
	if !actor.Has(RoleSecretariat) {
		own := actor.entity()
		set(&own, f.Entity)
		if f.Entity = &own; !actor.speaksFor(own) {
			return nil, refuse(Forbidden, "forbidden", nil)
		}
	}
	where, sort := store.Where{}, "registeredAt"
	if f.Statuses != nil {
		where["status"] = texts(f.Statuses)
	}
	if f.Event != nil {
		where["event"] = []string{string(*f.Event)}
	}
	switch {
	case f.Entity != nil && f.Modes == nil:
		where["entity"] = []string{string(*f.Entity)}
	case f.Entity == nil && f.Event != nil:
		if sort = "order"; f.Modes != nil {
			where["mode"] = texts(f.Modes)
		}
	default:
		return nil, refuse(BadUserInput, "registrationFilter", nil)
	}
	found, err := pageOf(ctx, s.registrations, store.Query{Any: []store.Where{where}, Sort: sort}, store.Bounds{}, false, args)
	if err != nil {
		return nil, err
	}
	join(found.Nodes())
	return found, nil
}

// Mine pages through the caller's own registrations, latest first.
func (s *RegistrationService) Mine(ctx context.Context, v *Viewer, args PageArgs) (*RegistrationConnection, error) {
	found, err := pageOf(ctx, s.registrations, store.Query{Any: []store.Where{{"person": {string(v.ID)}}}, Sort: "registeredAt"}, store.Bounds{}, true, args)
	if err != nil {
		return nil, err
	}
	join(found.Nodes())
	return found, nil
}

// MyRegistration is the caller's own registration for an event, nil for none or a cancelled one. Those
// for all events of a page cost one call.
func (s *EventService) MyRegistration(ctx context.Context, e *Event) (*Registration, error) {
	me := ActorOf(ctx).Subject
	if me == "" {
		return nil, nil
	}
	return neighbour(ctx, e.with, "myRegistration", e, func(ctx context.Context, events []*Event) ([]*Registration, error) {
		c := RegistrationNoun.In(s.store)
		plan, err := c.Plan(store.Query{Any: []store.Where{{"person": {string(me)}}}, Sort: "registeredAt"})
		if err != nil {
			return nil, err
		}
		// A person's latest thousand; nobody has more that matter.
		page, err := c.Page(ctx, plan, store.Range{Backward: true, Limit: store.MaxLimit - 1})
		if err != nil {
			return nil, err
		}
		byEvent := map[ID]*Registration{}
		for _, r := range page.Docs {
			if r.Status != RegistrationCancelled && byEvent[r.EventID] == nil {
				byEvent[r.EventID] = r
			}
		}
		mine := make([]*Registration, len(events))
		for i, e := range events {
			mine[i] = byEvent[e.ID]
		}
		join(mine) // and not all of the person's, whose neighbours nobody asks for
		return mine, nil
	})
}

// EventOf is a registration's event, nil if the caller may not see it any more. Those of all
// registrations of a page cost one call.
func (s *RegistrationService) EventOf(ctx context.Context, r *Registration) (*Event, error) {
	return neighbour(ctx, r.with, "event", r, func(ctx context.Context, all []*Registration) ([]*Event, error) {
		return s.events.ByIDs(ctx, each(all, func(r *Registration) ID { return r.EventID }))
	})
}

// PersonOf is who is registered, nil for a guest, and once the personal data are erased.
func (s *RegistrationService) PersonOf(ctx context.Context, r *Registration) (*Person, error) {
	return neighbour(ctx, r.with, "person", r, func(ctx context.Context, all []*Registration) ([]*Person, error) {
		return s.persons.ByIDs(ctx, each(all, func(r *Registration) ID { return ID(text(r.PersonID)) }))
	})
}

// EntityOf is the member or country for which the person comes, nil for a guest.
func (s *RegistrationService) EntityOf(ctx context.Context, r *Registration) (Entity, error) {
	return neighbour(ctx, r.with, "entity", r, func(ctx context.Context, all []*Registration) ([]Entity, error) {
		return s.members.entities(ctx, each(all, func(r *Registration) ID { return ID(text(r.EntityID)) }))
	})
}

// JoinURLOf leads into the meeting, for a confirmed registration of an event that is neither over nor
// cancelled; nil otherwise.
func (s *RegistrationService) JoinURLOf(ctx context.Context, r *Registration) (*string, error) {
	e, err := s.EventOf(ctx, r)
	if err != nil || e == nil || r.Status != RegistrationConfirmed || e.Status() != EventPublished {
		return nil, err
	}
	return e.JoinURL, nil
}

// each turns a list into another, item by item.
func each[In, Out any](list []In, turn func(In) Out) []Out {
	out := make([]Out, len(list))
	for i, v := range list {
		out[i] = turn(v)
	}
	return out
}
