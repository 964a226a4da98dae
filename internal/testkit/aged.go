package testkit

import (
	"context"
	"reflect"
	"strconv"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/portal"
	"memberportal/internal/store"
)

// PersonalText is in every text of the records of Age that is to be erased, and nowhere else.
const PersonalText = "Zvonimira"

// Aged are the records that Age makes, by nouns.
var Aged = map[string][]string{
	"applications":             {"app_AGED", "app_AGEDDRAFT"},
	"feedbackDrafts":           {"drf_AGED"},
	"persons":                  {"usr_00000000000000000000000000", "usr_AGED", "usr_PENDING"},
	"members":                  {"mem_AGED"},
	"serviceFeedback":          {"sfb_AGED"},
	"mandates":                 {"man_AGED"},
	"audit":                    {"aud_AGED"},
	"events":                   {"evt_AGED"},
	"registrations":            {"reg_AGED"},
	"invitations":              {"inv_AGED"},
	"contributions":            {"ctr_AGED"},
	"consultations":            {"con_AGED"},
	"feedback":                 {"fbk_AGED"},
	"feeExemptions":            {"exm_AGED"},
	"membershipChangeRequests": {"mcr_AGED"},
	"invoices":                 {"ivc_AGED"},
	"outbox":                   {"out_AGED"},
	"applicationChallenges":    {"AGED"},
}

// LongAgo is a day that is past the period of every class.
const LongAgo kit.Date = "2004-01-01"

// Age puts a record of each class of what is erased into a store, the period of which begins on a day. The
// store needs no other records.
func Age(t testing.TB, s store.Store, day kit.Date) {
	t.Helper()
	at := kit.DateTime(day + "T09:00:00.000Z")
	personal := func() *string { return new(PersonalText) }
	ctx := context.Background()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var decided, draft portal.Application
	for _, a := range Applications() {
		switch a.ID {
		case "app_SUBMITTED":
			decided = *a
		case "app_DRAFT":
			draft = *a
		}
	}
	decided.ID, decided.Status = "app_AGED", portal.ApplicationObjected
	decided.Contact = &portal.ApplicationContact{Email: PersonalText + "@example.org", Name: personal(), Function: personal(), Phone: personal()}
	decided.Events = []portal.ApplicationEvent{{ID: "aev_AGED", Kind: portal.ApplicationWasObjectedTo, At: at, On: day, Reason: personal()}}
	paper := portal.ApplicationPaper{Title: PersonalText, URL: "https://papers.example/" + PersonalText, Sha256: hashed("paper")}
	decided.Diligence = &portal.DueDiligence{
		Checklist: []portal.DueDiligenceCheck{{Item: PersonalText, Note: personal()}}, ConflictStatement: personal(), Papers: []portal.ApplicationPaper{paper},
		RecordedAt: at, RecordedBy: "usr_test",
	}
	draft.ID, draft.Name, draft.SavedAt = "app_AGEDDRAFT", personal(), &at
	draft.Events = []portal.ApplicationEvent{{ID: "aev_AGEDDRAFT", Kind: portal.ApplicationWasDrafted, At: at, On: day}}
	must(portal.ApplicationNoun.In(s).Insert(ctx, &decided, &draft))

	must(portal.DraftNoun.In(s).Insert(ctx, &portal.FeedbackDraft{
		ID: "drf_AGED", ConsultationID: "con_AGED", EntityID: "mem_ACTIVE", Capacity: portal.OfficialReply, ChangedAt: at, Dataset: kit.Demonstration,
		Answers: []*portal.DraftAnswer{{Answer: portal.FeedbackAnswer{Question: "Q_TEXT", Options: []string{}, Bodies: []portal.ActionBody{}, Text: personal()}, Version: 1, Editor: "usr_test", EditedAt: at}},
	}))

	stranger, gone, pending := somebody("00000000000000000000000000", PersonalText, "mem_ACTIVE"), somebody("AGED", PersonalText, "mem_ACTIVE"), somebody("PENDING", "A Delegate", "mem_ACTIVE")
	stranger.Email, stranger.Entities, gone.Email = new(PersonalText+"@example.net"), []kit.ID{}, new(PersonalText+"@example.com")
	pending.NewEmail = &portal.EmailChange{Email: PersonalText + "@example.edu", CodeHash: hashed("code"), ExpiresAt: at, Sent: []kit.DateTime{at}}
	must(portal.PersonNoun.In(s).Insert(ctx, stranger, gone, pending))

	ended := mandate("AGED", "mem_ACTIVE", portal.MandateDelegate, LongAgo)
	ended.Until, ended.Reason = &day, personal()
	ended.History = []portal.MandateEvent{{Kind: portal.HandOverCancelled, At: at, By: "usr_test", On: day, Reason: personal()}}
	must(portal.MandateNoun.In(s).Insert(ctx, ended))

	for _, m := range Members() {
		if m.ID != "mem_EXCLUDED" {
			continue
		}
		m.ID, m.Name = "mem_AGED", "Aged"
		m.AllContacts = []portal.Contact{{Function: PersonalText, Email: PersonalText + "@example.com", Name: personal(), Phone: personal()}}
		for i := range m.Events {
			m.Events[i].ID, m.Events[i].EffectiveOn = kit.ID("lev_AGED"+strconv.Itoa(i)), day.AddDays(i+1-len(m.Events))
			m.Events[i].Reason, m.Events[i].Evidence = personal(), []string{PersonalText}
		}
		must(portal.MemberNoun.In(s).Insert(ctx, m))
	}

	must(portal.ServiceFeedbackNoun.In(s).Insert(ctx, &portal.ServiceFeedback{
		ID: "sfb_AGED", Area: portal.AreaTool, Subject: PersonalText, Text: PersonalText, Language: kit.English, EntityID: "mem_ACTIVE", PersonID: "usr_test", SubmittedAt: at,
		Answer: &portal.ServiceAnswer{Text: PersonalText, At: at}, Dataset: kit.Demonstration,
	}))

	past := Events()[0]
	past.ID, past.Code, past.RetainUntil, past.ErasedAt = "evt_AGED", "TESTBED_AGED", day, nil
	past.Registration = &portal.EventRegistration{Questions: []portal.RegistrationQuestion{}}
	past.Changes = []portal.EventChange{{Status: portal.EventCancelled, At: at, Actor: "usr_test", Reason: personal()}}
	past.AllDocuments = []portal.EventDocument{{
		ID: "doc_AGED", Kind: "OTHER", Title: english("Withdrawn"), URL: "https://docs.example/withdrawn", Language: kit.English, Date: day,
		Readers: portal.ReadersPublic, PublishedAt: at, WithdrawnAt: &at, Reason: personal(),
	}}
	must(portal.EventNoun.In(s).Insert(ctx, past))
	guest := registration("AGED", "evt_AGED", "mem_ACTIVE", "usr_test", portal.RegistrationConfirmed, 1)
	guest.PersonID, guest.EntityID, guest.Kind = nil, nil, portal.RegistrantGuest
	guest.Guest = &portal.Guest{Name: PersonalText, Email: PersonalText + "@example.org", Organisation: PersonalText}
	guest.Answers = []portal.RegistrationAnswer{{Question: "NEEDS", Text: PersonalText}}
	must(portal.RegistrationNoun.In(s).Insert(ctx, guest))
	must(portal.InvitationNoun.In(s).Insert(ctx, &portal.EventInvitation{
		ID: "inv_AGED", EventID: "evt_AGED", Organisation: PersonalText, CodeHash: hashed("aged"), ExpiresOn: day, InvitedAt: at, Dataset: kit.Demonstration,
	}))
	must(portal.ContributionNoun.In(s).Insert(ctx, &portal.Contribution{
		ID: "ctr_AGED", EventID: "evt_AGED", EntityID: "mem_ACTIVE", Title: "Aged", Abstract: "Aged.", URL: "https://docs.example/aged", Language: kit.English,
		Status: portal.ContributionReturned, SubmittedAt: at, Changes: []portal.ContributionChange{{Status: portal.ContributionReturned, At: at, Reason: personal()}}, Dataset: kit.Demonstration,
	}))

	closed := Consultations()[3]
	closed.ID, closed.Code, closed.ClosedAt = "con_AGED", "TESTBED_AGED", &at
	closed.Changes = []portal.ConsultationChange{{Status: portal.ConsultationClosed, At: at, Actor: "usr_test", Reason: personal()}}
	must(portal.ConsultationNoun.In(s).Insert(ctx, closed))
	answer := reply("AGED", closed, "mem_ACTIVE", "usr_test", portal.Confidential, portal.PositionSupport, at)
	answer.Handed[0].Reason = personal()
	must(portal.FeedbackNoun.In(s).Insert(ctx, answer))

	refused := exemption("AGED", "mem_ACTIVE", day)
	refused.Evidence, refused.Criteria[0].Note = []string{PersonalText}, personal()
	refused.Decision = &portal.ExemptionDecision{Session: "Council 2004", On: day, Reason: personal(), RecordedAt: at, RecordedBy: "usr_test"}
	must(portal.FeeExemptionNoun.In(s).Insert(ctx, refused))
	asked := changeRequest("AGED", "mem_ACTIVE", day)
	asked.Reason, asked.State = PersonalText, portal.ChangeRefused
	asked.Decision = &portal.ChangeDecision{On: day, Reason: personal(), RecordedAt: at, RecordedBy: "usr_test"}
	must(portal.MembershipChangeRequestNoun.In(s).Insert(ctx, asked))
	owed := invoice("AGED", "mem_ACTIVE", 2004)
	owed.IssuedOn, owed.RecordedAt, owed.Payments = day, at, []portal.Payment{payment("AGED", 1, day)}
	owed.Payments[0].Reference, owed.Cancelled = PersonalText, &portal.Cancellation{On: day, Reason: PersonalText}
	must(portal.InvoiceNoun.In(s).Insert(ctx, owed))

	insert(ctx, t, s, "audit", map[string]any{
		"ID": kit.ID("aud_AGED"), "At": at, "Actor": kit.ID("usr_test"), "Roles": []kit.Role{}, "Operation": "x", "TargetID": kit.ID("mem_ACTIVE"), "Fields": []string{}, "Reason": personal(),
	})
	insert(ctx, t, s, "outbox", map[string]any{
		"ID": kit.ID("out_AGED"), "To": PersonalText + "@example.org", "Subject": PersonalText, "Body": PersonalText, "Key": "mail.emailChanged", "Locale": kit.English,
		"At": at, "NextAt": at, "State": kit.MailQueued,
	})
	insert(ctx, t, s, "applicationChallenges", map[string]any{"ID": "AGED", "Email": PersonalText + "@example.org", "Locale": kit.English, "At": at, "ExpiresAt": at})
}

// insert stores a document of a noun that only the domain can name.
func insert(ctx context.Context, t testing.TB, s store.Store, noun string, fields map[string]any) {
	t.Helper()
	for _, k := range portal.Kinds() {
		if k.Name != noun {
			continue
		}
		doc := k.Blank()
		for name, value := range fields {
			reflect.ValueOf(doc).Elem().FieldByName(name).Set(reflect.ValueOf(value))
		}
		reflect.ValueOf(doc).Elem().FieldByName("Version").SetInt(1)
		if err := s.Insert(ctx, k, []any{doc}); err != nil {
			t.Fatal(err)
		}
	}
}
