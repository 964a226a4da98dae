package testkit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"memberportal/internal/country"
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// InvitationCode opens inv_OPEN, and CalendarSecret the calendar of cal_ACTIVE.
const (
	InvitationCode = "TESTCODE"
	CalendarSecret = "TESTSECRET"
)

func hashed(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func english(text string) *kit.LocalizedText {
	return &kit.LocalizedText{Translations: []kit.Translation{{Locale: kit.English, Text: text, Provenance: kit.Original}}}
}

// days is an event's time of whole days.
func days(from, to kit.Date) events.EventTime {
	return events.EventTime{Precision: events.PrecisionDay, StartsOn: from, EndsOn: &to}
}

// aDay is an event as most of them are: published, for everyone, over the network, on one day.
func aDay(id string, on kit.Date) *events.Event {
	status := events.EventPublished
	return &events.Event{
		ID: kit.ID("evt_" + id), Code: "TESTBED_" + id, SeriesID: "ser_TESTBED", Kind: "BRIEFING", Title: english("Testbed briefing " + id), Time: days(on, on), LastDay: on,
		Format: new(events.FormatVirtual), Links: []events.EventLink{}, Sessions: []events.EventSession{}, Visibility: events.VisiblePublic,
		Audience:        events.EventAudience{Everyone: true, Kinds: []membership.RespondentKind{}, StudyGroups: []membership.StudyGroup{}},
		StoredDocuments: []events.EventDocument{}, StoredStatus: status, ChangedAt: "2025-01-01T09:00:00.000Z", RetainUntil: on.AddDays(366),
		Changes: []events.EventChange{{Status: status, At: "2025-01-01T09:00:00.000Z", Actor: "usr_test"}}, Dataset: kit.Demonstration,
	}
}

func remote(capacity int) *events.EventRegistration {
	return &events.EventRegistration{CapacityRemote: &capacity, Questions: []events.RegistrationQuestion{}}
}

func document(id string, readers events.EventReaders) events.EventDocument {
	return events.EventDocument{
		ID: kit.ID("doc_" + id), Kind: "OTHER", Title: english("Testbed paper for " + string(readers)), StoredURL: "https://docs.example/" + id, Language: kit.English,
		Date: "2025-03-01", Readers: readers, PublishedAt: "2025-03-01T09:00:00.000Z",
	}
}

// Events are events in every state. Their ids are readable: evt_OPEN is hybrid in Kampala, with one place
// in the room, a waiting list, questions, a call for contributions and a document for each kind of
// readers; evt_PART is a part of it; evt_SG1 is for Associates of Study Group 1, evt_MEMBERS is seen by
// Sector Members only, and of its time the month alone is known; evt_FULL has no place left, evt_LATER
// and evt_CLOSED do not take registrations today, evt_PAST is over and past its retention date;
// evt_DRAFT, evt_POSTPONED and evt_CANCELLED are what they are called.
func Events() []*events.Event {
	open := aDay("OPEN", "2025-06-10")
	open.Title.Translations = append(open.Title.Translations, kit.Translation{Locale: kit.French, Text: "Séance d’information OPEN", Provenance: kit.Human})
	open.Summary, open.StoredPracticalInformation = english("What is new."), english("Bring a badge.")
	open.Time = events.EventTime{
		Precision: events.PrecisionTime, StartsOn: "2025-06-10", EndsOn: new(kit.Date("2025-06-10")), LocalStart: new(events.LocalDateTime("2025-06-10T09:00")),
		LocalEnd: new(events.LocalDateTime("2025-06-10T17:00")), Zone: new("Africa/Kampala"),
	}
	open.Format, open.City, open.Venue, open.CountryID = new(events.FormatHybrid), english("Kampala"), new("Hall 1"), new(kit.CountryID("UG"))
	open.Links = []events.EventLink{{Title: "Home page", URL: "https://open.example"}}
	open.JoinURL, open.Source = new("https://meet.example/open"), new("Test")
	open.Sessions = []events.EventSession{{
		Title: english("Opening"), StartsAt: new(events.LocalDateTime("2025-06-10T09:00")), EndsAt: new(events.LocalDateTime("2025-06-10T10:00")),
		Roles: []events.EventRole{{Role: "CHAIR", Name: "A Chair", Affiliation: new("Testbed")}},
	}}
	open.Audience.Guests = true
	open.Registration = &events.EventRegistration{
		ClosesOn: new(kit.Date("2025-06-09")), CapacityInPerson: new(1), WaitingList: true,
		Questions: []events.RegistrationQuestion{{Code: "NEEDS", Text: english("What do you need?")}},
	}
	open.Contributions = &events.CallForContributions{ClosesOn: "2025-05-01", Topics: []events.ContributionTopic{{Code: "GUIDELINE_1", Title: english("Guideline 1")}}}
	for _, r := range events.EventReaderKinds {
		open.StoredDocuments = append(open.StoredDocuments, document(string(r), r))
	}

	part := aDay("PART", "2025-06-10")
	part.ParentID = new(kit.ID("evt_OPEN"))

	sg1 := aDay("SG1", "2025-09-01")
	sg1.Time, sg1.LastDay = days("2025-09-01", "2025-09-03"), "2025-09-03"
	sg1.Audience = events.EventAudience{Kinds: []membership.RespondentKind{membership.RespondentAssociate}, StudyGroups: []membership.StudyGroup{membership.SG1}}
	sg1.Registration = remote(5)

	members := aDay("MEMBERS", "2025-07-31")
	members.Time = events.EventTime{Precision: events.PrecisionMonth, StartsOn: "2025-07-01", EndsOn: new(kit.Date("2025-07-31"))}
	members.Visibility = events.VisibleAudience
	members.Audience = events.EventAudience{Kinds: []membership.RespondentKind{membership.RespondentSectorMember}, StudyGroups: []membership.StudyGroup{}}

	full, later, closed, past := aDay("FULL", "2025-06-20"), aDay("LATER", "2025-06-21"), aDay("CLOSED", "2025-06-22"), aDay("PAST", "2025-02-10")
	full.Registration, later.Registration, closed.Registration, past.Registration = remote(1), remote(5), remote(5), remote(5)
	later.Registration.OpensOn, closed.Registration.ClosesOn = new(kit.Date("2025-05-01")), new(kit.Date("2025-03-30"))
	closed.Registration.Questions = []events.RegistrationQuestion{{Code: "DIET", Text: english("What can you not eat?")}}
	past.RetainUntil = "2025-03-01"

	draft, postponed, cancelled := aDay("DRAFT", "2025-08-01"), aDay("POSTPONED", "2025-08-02"), aDay("CANCELLED", "2025-08-03")
	draft.StoredStatus, postponed.StoredStatus, cancelled.StoredStatus = events.EventDraft, events.EventPostponed, events.EventCancelled
	for _, e := range []*events.Event{draft, postponed, cancelled} {
		e.Registration = remote(5)
		e.Changes = append(e.Changes, events.EventChange{Status: e.StoredStatus, At: "2025-02-01T09:00:00.000Z", Actor: "usr_test"})
	}
	draft.Changes = draft.Changes[1:]
	return []*events.Event{open, part, sg1, members, full, later, closed, past, draft, postponed, cancelled}
}

func registration(id string, event, entity, person kit.ID, status events.RegistrationStatus, order int64) *events.Registration {
	return &events.Registration{
		ID: kit.ID("reg_" + id), EventID: event, EntityID: &entity, PersonID: &person, Kind: "SECTOR_MEMBER", Region: new(country.RegionAFR),
		CountryID: new(kit.CountryID("UG")), Mode: events.Remote, Status: status, Order: order, StoredAnswers: []events.RegistrationAnswer{},
		NameVisibility: events.NameNobody, ConsentedAt: "2025-02-01T09:00:00.000Z", RegisteredAt: "2025-02-01T09:00:00.000Z",
		Changes: []events.RegistrationChange{{Status: status, At: "2025-02-01T09:00:00.000Z"}}, Dataset: kit.Demonstration,
	}
}

// RegistrationCode opens reg_BROUGHT.
const RegistrationCode = "TESTREGISTRATION"

// Registrations are reg_FOCAL, which has the only place in the room of evt_OPEN and whose name is public;
// reg_ASKED of usr_DELEGATE, which is requested only; reg_UGANDA, which fills evt_FULL; reg_PAST, which
// attended evt_PAST and is due to be erased; and reg_BROUGHT, by which usr_FOCAL registered usr_DELEGATE for evt_CLOSED,
// who has not accepted it yet.
func Registrations() []*events.Registration {
	focal := registration("FOCAL", "evt_OPEN", "mem_ACTIVE", "usr_FOCAL", events.RegistrationConfirmed, 1)
	focal.Mode, focal.NameVisibility = events.InPerson, events.NamePublic
	focal.StoredAnswers = []events.RegistrationAnswer{{Question: "NEEDS", Text: "A ramp"}}
	asked := registration("ASKED", "evt_OPEN", "mem_ACTIVE", "usr_DELEGATE", events.RegistrationRequested, 0)
	asked.NameVisibility = events.NameParticipants
	uganda := registration("UGANDA", "evt_FULL", "cty_UG", "usr_UGANDA", events.RegistrationConfirmed, 1)
	uganda.Kind = "MEMBER_STATE"
	past := registration("PAST", "evt_PAST", "mem_ACTIVE", "usr_DELEGATE", events.RegistrationConfirmed, 1)
	past.Attendance = &events.Attendance{Attended: true, Mode: events.Remote, RecordedAt: "2025-02-11T09:00:00.000Z"}
	brought := registration("BROUGHT", "evt_CLOSED", "mem_ACTIVE", "usr_DELEGATE", events.RegistrationConfirmed, 1)
	brought.NameVisibility, brought.RegisteredBy, brought.CodeHash = events.NamePublic, new(kit.ID("usr_FOCAL")), kit.Hash("registration", RegistrationCode)
	brought.LinkedTo = kit.Hash("registration link", "delegate@example.org")
	brought.StoredAnswers = []events.RegistrationAnswer{{Question: "DIET", Text: "No fish for Dora"}}
	return []*events.Registration{focal, asked, uganda, past, brought}
}

// fillEvents puts the events, and what belongs to them, into a store: among it ctr_SENT of mem_ACTIVE to evt_OPEN, and
// ctr_TOPIC, which it proposed to the series ser_TESTBED. The series takes topics of Member States and Sector Members.
func fillEvents(ctx context.Context, s store.Store) error {
	series := &events.EventSeries{ID: "ser_TESTBED", Code: "TESTBED", Kind: "BRIEFING", Title: english("Testbed briefings"), Dataset: kit.Demonstration}
	series.Topics = &events.CallForTopics{
		Open: true, Kinds: []membership.RespondentKind{membership.RespondentMemberState, membership.RespondentSectorMember}, Introduction: english("What is new to others."),
	}
	if err := events.SeriesNoun.In(s).Insert(ctx, series); err != nil {
		return err
	}
	seats := map[kit.ID]*events.Seats{}
	for _, e := range Events() {
		seats[e.ID] = &events.Seats{ID: e.ID}
	}
	for _, r := range Registrations() {
		if r.Status != events.RegistrationConfirmed {
			continue
		}
		n := &seats[r.EventID].Remote
		if r.Mode == events.InPerson {
			n = &seats[r.EventID].InPerson
		}
		n.Confirmed++
		seats[r.EventID].Last = r.Order
	}
	for _, e := range Events() {
		if err := events.EventNoun.In(s).Insert(ctx, e); err != nil {
			return err
		}
		if err := events.SeatNoun.In(s).Insert(ctx, seats[e.ID]); err != nil {
			return err
		}
	}
	if err := events.RegistrationNoun.In(s).Insert(ctx, Registrations()...); err != nil {
		return err
	}
	if err := events.InvitationNoun.In(s).Insert(ctx, &events.EventInvitation{
		ID: "inv_OPEN", EventID: "evt_OPEN", Organisation: "Testbed Guest", CountryID: new(kit.CountryID("KE")), CodeHash: hashed(InvitationCode),
		ExpiresOn: "2025-06-10", InvitedAt: "2025-03-01T09:00:00.000Z", Dataset: kit.Demonstration,
	}); err != nil {
		return err
	}
	if err := events.ContributionNoun.In(s).Insert(ctx, &events.Contribution{
		ID: "ctr_SENT", EventID: new(kit.ID("evt_OPEN")), EntityID: "mem_ACTIVE", Title: "Testbed contribution", Abstract: "What we propose.", StoredURL: "https://docs.example/contribution",
		Language: kit.English, Topic: new("GUIDELINE_1"), Status: events.ContributionSubmitted, SubmittedAt: "2025-03-01T09:00:00.000Z",
		Changes: []events.ContributionChange{{Status: events.ContributionSubmitted, At: "2025-03-01T09:00:00.000Z"}}, Dataset: kit.Demonstration,
	}, &events.Contribution{
		ID: "ctr_TOPIC", SeriesID: new(kit.ID("ser_TESTBED")), EntityID: "mem_ACTIVE", Title: "Testbed topic", Abstract: "What we would talk about.", Language: kit.English,
		Status: events.ContributionSubmitted, SubmittedAt: "2025-03-02T09:00:00.000Z",
		Changes: []events.ContributionChange{{Status: events.ContributionSubmitted, At: "2025-03-02T09:00:00.000Z"}}, Dataset: kit.Demonstration,
	}); err != nil {
		return err
	}
	return events.CalendarLinkNoun.In(s).Insert(ctx, &events.CalendarLink{
		ID: "cal_ACTIVE", EntityID: "mem_ACTIVE", MadeBy: "usr_FOCAL", SecretHash: hashed(CalendarSecret), CreatedAt: "2025-03-01T09:00:00.000Z", Dataset: kit.Demonstration,
	})
}
