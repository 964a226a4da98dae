package events

import (
	"context"
	"errors"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

const eventPrefix = "evt"

// EventStatus is the status of an event.
type EventStatus string

// The statuses. EventOver is never stored: a published event has it from the day after its last day.
const (
	EventDraft     EventStatus = "DRAFT"
	EventPublished EventStatus = "PUBLISHED"
	EventPostponed EventStatus = "POSTPONED"
	EventCancelled EventStatus = "CANCELLED"
	EventOver      EventStatus = "OVER"
)

// EventStatuses are all values of EventStatus.
var EventStatuses = []EventStatus{EventDraft, EventPublished, EventPostponed, EventCancelled, EventOver}

// Valid returns an error for a value that is not in EventStatuses.
func (v EventStatus) Valid() error { return kit.CheckOneOf(v, EventStatuses, "event status") }

// EventFormat says where an event takes place.
type EventFormat string

// The formats. A hybrid event takes place at a venue and online.
const (
	FormatPhysical EventFormat = "PHYSICAL"
	FormatVirtual  EventFormat = "VIRTUAL"
	FormatHybrid   EventFormat = "HYBRID"
)

// EventFormats are all values of EventFormat.
var EventFormats = []EventFormat{FormatPhysical, FormatVirtual, FormatHybrid}

// Valid returns an error for a value that is not in EventFormats.
func (f EventFormat) Valid() error { return kit.CheckOneOf(f, EventFormats, "event format") }

// AttendanceMode is how one person takes part.
type AttendanceMode string

// The modes of attendance.
const (
	InPerson AttendanceMode = "IN_PERSON"
	Remote   AttendanceMode = "REMOTE"
)

// AttendanceModes are all values of AttendanceMode.
var AttendanceModes = []AttendanceMode{InPerson, Remote}

// Valid returns an error for a value that is not in AttendanceModes.
func (v AttendanceMode) Valid() error { return kit.CheckOneOf(v, AttendanceModes, "attendance mode") }

// has says whether participants of an event with the format can attend in the mode. It is false if the format is
// not known (nil).
func (f *EventFormat) has(m AttendanceMode) bool {
	return f != nil && (*f == FormatHybrid || (*f == FormatPhysical) == (m == InPerson))
}

// EventVisibility says who may know that an event exists.
type EventVisibility string

// The visibilities: everybody, or only the audience.
const (
	VisiblePublic   EventVisibility = "PUBLIC"
	VisibleAudience EventVisibility = "AUDIENCE"
)

// EventVisibilities are all values of EventVisibility.
var EventVisibilities = []EventVisibility{VisiblePublic, VisibleAudience}

// Valid returns an error for a value that is not in EventVisibilities.
func (v EventVisibility) Valid() error {
	return kit.CheckOneOf(v, EventVisibilities, "event visibility")
}

// EventAudience says for whom an event is: everyone, or members and States by kind. If StudyGroups is not empty,
// only Associates of these groups are in the audience. Guests come by invitation.
type EventAudience struct {
	Everyone    bool                        `bson:"everyone"`
	Kinds       []membership.RespondentKind `bson:"kinds" most:"4"`
	StudyGroups []membership.StudyGroup     `bson:"studyGroups" most:"2"`
	Guests      bool                        `bson:"guests"`
}

// EventLink is a web page about an event.
type EventLink struct {
	Title string `bson:"title"`
	URL   string `bson:"url"`
}

// EventRoleKind is what a person does at a session.
type EventRoleKind string

// EventRoleKinds are all values of EventRoleKind.
var EventRoleKinds = []EventRoleKind{"CHAIR", "VICE_CHAIR", "MODERATOR", "SPEAKER", "PANELLIST", "RAPPORTEUR"}

// Valid returns an error for a value that is not in EventRoleKinds.
func (v EventRoleKind) Valid() error { return kit.CheckOneOf(v, EventRoleKinds, "event role kind") }

// EventRole is a person on the programme. Programmes are public, so the name is not erased with the data of
// registrants.
type EventRole struct {
	Role        EventRoleKind `bson:"role"`
	Name        string        `bson:"name"`
	Affiliation *string       `bson:"affiliation,omitempty"`
}

// EventSession is a part of an event's programme.
type EventSession struct {
	Title *kit.LocalizedText `bson:"title"`
	// StartsAt, EndsAt are local times in the event's zone; nil if they are not known.
	StartsAt *LocalDateTime `bson:"startsAt,omitempty"`
	EndsAt   *LocalDateTime `bson:"endsAt,omitempty"`
	Roles    []EventRole    `bson:"roles" most:"50"`
}

// RegistrationQuestion is a question to everybody who registers for an event.
type RegistrationQuestion struct {
	// Code names the question; it is unique in the event.
	Code     string             `bson:"code"`
	Text     *kit.LocalizedText `bson:"text"`
	Required bool               `bson:"required"`
}

// EventRegistration has the rules for registering for an event.
type EventRegistration struct {
	// OpensOn is the first day; if nil, registration opens with publication. ClosesOn is the last day, at the
	// event's place; if nil, registration stays open until the event ends.
	OpensOn  *kit.Date `bson:"opensOn,omitempty"`
	ClosesOn *kit.Date `bson:"closesOn,omitempty"`
	// CapacityInPerson and CapacityRemote are the numbers of places; nil means no limit.
	CapacityInPerson *int                   `bson:"capacityInPerson,omitempty"`
	CapacityRemote   *int                   `bson:"capacityRemote,omitempty"`
	WaitingList      bool                   `bson:"waitingList"`
	Questions        []RegistrationQuestion `bson:"questions" most:"30"`
}

// capacity is the number of places in a mode; nil means no limit.
func (r *EventRegistration) capacity(m AttendanceMode) *int {
	if m == InPerson {
		return r.CapacityInPerson
	}
	return r.CapacityRemote
}

// ContributionTopic is what a contribution may be about: a guideline, or a Question of a study group.
type ContributionTopic struct {
	Code  string             `bson:"code"`
	Title *kit.LocalizedText `bson:"title"`
}

// CallForContributions asks members for contributions until the end of a day, at the event's place.
type CallForContributions struct {
	ClosesOn kit.Date            `bson:"closesOn"`
	Topics   []ContributionTopic `bson:"topics" most:"50"`
}

// EventChange records a change of an event's status.
type EventChange struct {
	Status EventStatus  `bson:"status"`
	At     kit.DateTime `bson:"at"`
	Actor  kit.ID       `bson:"actor"`
	Reason *string      `bson:"reason,omitempty"`
}

// Event is one meeting, training, visit or the like. Its methods answer for the reader and the day for which the
// service loaded it.
type Event struct {
	ID      kit.ID `bson:"_id"`
	Version int64  `bson:"version"`
	// Code names the event and never changes, such as GSR_24.
	Code                       string             `bson:"code"`
	SeriesID                   kit.ID             `bson:"series"`
	Kind                       EventKind          `bson:"kind"`
	Title                      *kit.LocalizedText `bson:"title"`
	Summary                    *kit.LocalizedText `bson:"summary,omitempty"`
	StoredPracticalInformation *kit.LocalizedText `bson:"practicalInformation,omitempty"`
	Time                       EventTime          `bson:"time"`
	// LastDay is the day, in the organisation's zone, after which the event is over. While the last day is not known, it is
	// the one that counts as such, see EventTime.
	LastDay kit.Date `bson:"lastDay"`
	// Format is nil if it is not known.
	Format    *EventFormat       `bson:"format,omitempty"`
	City      *kit.LocalizedText `bson:"city,omitempty"`
	Venue     *string            `bson:"venue,omitempty"`
	CountryID *kit.ID            `bson:"country,omitempty"`
	Links     []EventLink        `bson:"links" most:"20"`
	// JoinURL is the address of the online meeting; confirmed registrants get it with their registration.
	JoinURL         *string               `bson:"joinUrl,omitempty"`
	Sessions        []EventSession        `bson:"sessions" most:"100"`
	ParentID        *kit.ID               `bson:"parent,omitempty"`
	Visibility      EventVisibility       `bson:"visibility"`
	Audience        EventAudience         `bson:"audience"`
	Registration    *EventRegistration    `bson:"registration,omitempty"`
	Contributions   *CallForContributions `bson:"contributions,omitempty"`
	StoredDocuments []EventDocument       `bson:"documents" most:"200"`
	// StoredStatus is the status before the day is considered, see on. Changes lists all changes of it, oldest
	// first.
	StoredStatus EventStatus   `bson:"status"`
	Changes      []EventChange `bson:"changes" most:"200"`
	// Sequence counts the changes of time, place, title and status that calendars must take over (RFC 5545).
	Sequence int64 `bson:"sequence"`
	// ChangedAt is when the event last changed in a way that everybody who sees it may know.
	ChangedAt kit.DateTime `bson:"changedAt"`
	// RetainUntil is the last day on which the personal data of registrants are kept. ErasedAt is when they were
	// erased.
	RetainUntil kit.Date      `bson:"retainUntil"`
	ErasedAt    *kit.DateTime `bson:"erasedAt,omitempty"`
	// Source says where the facts come from.
	Source  *string     `bson:"source,omitempty"`
	Dataset kit.Dataset `bson:"dataset"`

	view *eventView
	with *kit.Together[*Event]
}

// IsNode marks a type that node and nodes can answer.
func (e *Event) IsNode() {}

// on is the status on a day.
func (e *Event) on(day kit.Date) EventStatus {
	if e.StoredStatus == EventPublished && e.LastDay < day {
		return EventOver
	}
	return e.StoredStatus
}

// Status is the status today.
func (e *Event) Status() EventStatus { return e.on(e.view.today) }

// PracticalInformation is what participants need to know.
func (e *Event) PracticalInformation() *kit.LocalizedText { return e.StoredPracticalInformation }

// EventNoun is how events are stored and listed: by kind, series, country and status, with only the events that the
// reader may see.
var EventNoun = store.Declare(store.Noun[Event]{
	Name:     "events",
	Identity: func(e *Event) (string, *int64) { return string(e.ID), &e.Version },
	Dated:    true,
	Keys: []store.Key[Event]{
		store.Many("seen", func(e *Event, _ string) []string { return e.seen() }),
		store.OneOf("status", EventStatuses, func(e *Event, day string) EventStatus { return e.on(kit.Date(day)) }),
		store.One("kind", func(e *Event, _ string) string { return string(e.Kind) }),
		store.One("series", func(e *Event, _ string) string { return string(e.SeriesID) }),
		store.One("country", func(e *Event, _ string) string { return kit.Deref(e.CountryID) }),
		store.One("parent", func(e *Event, _ string) string { return kit.Deref(e.ParentID) }),
		store.One("begins", func(e *Event, _ string) string { return e.Time.begins() }),
		store.One("keepsPersons", func(e *Event, _ string) string {
			if e.Registration == nil || e.ErasedAt != nil {
				return "no"
			}
			return "yes"
		}),
		store.One("retainUntil", func(e *Event, _ string) string { return string(e.RetainUntil) }),
		store.Many("words", func(e *Event, _ string) []string {
			if !e.announced() || e.Visibility != VisiblePublic {
				return nil
			}
			return kit.Words(append(e.Title.Texts(), e.publicTexts()...)...)
		}),
		store.Unique("code", func(e *Event) string { return e.Code }),
	},
	Listings: append(eventListings(), store.Listing{Has: "words"}, store.Listing{Equal: []string{"keepsPersons"}, Sort: "retainUntil"}),
})

// eventListings are the listings of the calendar. A series implies its kind, so no listing has both. An event has
// few parts, so a filter by parent is not combined with kind, series or country.
func eventListings() []store.Listing {
	var listings []store.Listing
	for _, equal := range []string{
		"", "kind", "series", "country", "country kind", "country series", "parent",
	} {
		for _, status := range []string{"", " status"} {
			listings = append(listings, store.Listing{Has: "seen", Equal: strings.Fields(equal + status), Sort: "begins"})
		}
	}
	return listings
}

// publicTexts are the texts, other than the title, by which everybody may find a public event.
func (e *Event) publicTexts() []string {
	texts := append(e.Summary.Texts(), e.City.Texts()...)
	for _, d := range e.StoredDocuments {
		if d.Readers == ReadersPublic && d.WithdrawnAt == nil {
			texts = append(texts, d.Title.Texts()...)
		}
	}
	return texts
}

// Valid refuses EventOver, which is computed and never stored.
func (e *Event) Valid() error {
	if e.StoredStatus == EventOver {
		return errors.New("OVER is no status that is stored")
	}
	return nil
}

// ShownVersion is the version for SECRETARIAT, nil for others.
func (e *Event) ShownVersion(ctx context.Context) *int64 {
	return kit.KeptBySecretariat(ctx, &e.Version)
}
