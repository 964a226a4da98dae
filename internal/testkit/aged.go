package testkit

import (
	"context"
	"reflect"
	"strconv"
	"testing"

	"memberportal/internal/applications"
	"memberportal/internal/consultations"
	"memberportal/internal/events"
	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
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
	"personInvitations":        {"pin_AGED"},
	"contributions":            {"ctr_AGED"},
	"consultations":            {"con_AGED"},
	"feedback":                 {"fbk_AGED"},
	"feeExemptions":            {"exm_AGED"},
	"files":                    {"fil_AGED"},
	"membershipChangeRequests": {"mcr_AGED"},
	"invoices":                 {"ivc_AGED"},
	"outbox":                   {"out_AGED"},
	"applicationChallenges":    {"AGED"},
	"sessions":                 {"ses_AGED"},
	"passkeys":                 {"pky_AGED"},
	"notifications":            {"ntf_AGED"},
	"signInChallenges":         {"AGED"},
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
	var decided, draft applications.Application
	for _, a := range Applications() {
		switch a.ID {
		case "app_SUBMITTED":
			decided = *a
		case "app_DRAFT":
			draft = *a
		}
	}
	decided.ID, decided.Status = "app_AGED", applications.ApplicationObjected
	decided.Contact = &applications.ApplicationContact{Email: PersonalText + "@example.org", Name: personal(), Function: personal(), Phone: personal()}
	decided.Bound = new(PersonalText + "@example.org")
	decided.BoundAs = &applications.NamedContact{Name: personal(), Function: personal(), Phone: personal()}
	decided.SmeClaim = &applications.SmeClaim{Grounds: PersonalText, Evidence: []string{PersonalText}, StoredEvidenceFiles: []files.File{*agedFile("CLAIM")}}
	decided.Exemption = &applications.ApplicationExemption{Criteria: []membership.CriterionAnswer{{Criterion: membership.CriterionNonProfit, Note: personal()}}, Evidence: []string{PersonalText}, StoredEvidenceFiles: []files.File{*agedFile("WISH")}}
	decided.Events = []applications.ApplicationEvent{{ID: "aev_AGED", Kind: applications.ApplicationWasObjectedTo, At: at, On: day, Reason: personal()}}
	paper := applications.ApplicationPaper{Title: PersonalText, StoredURL: "https://papers.example/" + PersonalText, StoredSha256: hashed("paper")}
	filed := applications.ApplicationPaper{Title: "Form", File: agedFile("FORM")}
	decided.Form, decided.Papers = &filed, []applications.ApplicationPaper{filed}
	decided.StoredDueDiligence = &applications.DueDiligence{
		Checklist: []applications.DueDiligenceCheck{{Item: PersonalText, Note: personal()}}, ConflictStatement: personal(), Papers: []applications.ApplicationPaper{paper, filed},
		RecordedAt: at, RecordedBy: "usr_test",
	}
	draft.ID, draft.Name, draft.SavedAt = "app_AGEDDRAFT", personal(), &at
	draft.Events = []applications.ApplicationEvent{{ID: "aev_AGEDDRAFT", Kind: applications.ApplicationWasDrafted, At: at, On: day}}
	must(applications.ApplicationNoun.In(s).Insert(ctx, &decided, &draft))

	must(consultations.DraftNoun.In(s).Insert(ctx, &consultations.FeedbackDraft{
		ID: "drf_AGED", ConsultationID: "con_AGED", EntityID: "mem_ACTIVE", Capacity: consultations.OfficialReply, ChangedAt: at, Dataset: kit.Demonstration,
		Answers: []*consultations.DraftAnswer{{Answer: consultations.FeedbackAnswer{Question: "Q_TEXT", Options: []string{}, Bodies: []consultations.ActionBody{}, Text: personal()}, Version: 1, EditorID: "usr_test", EditedAt: at}},
	}))

	stranger, gone, pending := somebody("00000000000000000000000000", PersonalText, "mem_ACTIVE"), somebody("AGED", PersonalText, "mem_ACTIVE"), somebody("PENDING", "A Delegate", "mem_ACTIVE")
	stranger.Email, stranger.Entities, gone.Email = new(PersonalText+"@example.net"), []kit.ID{}, new(PersonalText+"@example.com")
	gone.StoredIdentities = []people.Identity{{Key: PersonalText, Issuer: PersonalText, LinkedAt: at, LastSeenAt: at}}
	pending.NewEmail = &people.EmailChange{Email: PersonalText + "@example.edu", CodeHash: hashed("code"), ExpiresAt: at, Sent: []kit.DateTime{at}}
	erased := somebody("ERASED", "Erased", "mem_ACTIVE")
	erased.Erase(day)
	must(people.PersonNoun.In(s).Insert(ctx, stranger, gone, pending, erased))
	must(people.PasskeyNoun.In(s).Insert(ctx, &people.Passkey{ID: "pky_AGED", PersonID: erased.ID, Name: PersonalText, Credential: PersonalText, PublicKey: PersonalText, CreatedAt: at}))

	ended := mandate("AGED", "mem_ACTIVE", people.MandateDelegate, LongAgo)
	ended.Until, ended.Reason = &day, personal()
	ended.History = []people.MandateEvent{{Kind: people.HandOverCancelled, At: at, By: "usr_test", On: day, Reason: personal()}}
	must(people.MandateNoun.In(s).Insert(ctx, ended))

	for _, m := range Members() {
		if m.ID != "mem_EXCLUDED" {
			continue
		}
		m.ID, m.Name = "mem_AGED", "Aged"
		m.StoredContacts = []membership.Contact{{Function: PersonalText, Email: PersonalText + "@example.com", Name: personal(), Phone: personal()}}
		for i := range m.Events {
			m.Events[i].ID, m.Events[i].EffectiveOn = kit.ID("lev_AGED"+strconv.Itoa(i)), day.AddDays(i+1-len(m.Events))
			m.Events[i].Reason, m.Events[i].Evidence = personal(), []string{PersonalText}
		}
		must(membership.MemberNoun.In(s).Insert(ctx, m))
	}

	must(consultations.ServiceFeedbackNoun.In(s).Insert(ctx, &consultations.ServiceFeedback{
		ID: "sfb_AGED", Area: consultations.AreaTool, Subject: PersonalText, Text: PersonalText, Language: kit.English, EntityID: "mem_ACTIVE", PersonID: "usr_test", SubmittedAt: at,
		Answer: &consultations.ServiceAnswer{Text: PersonalText, At: at}, Dataset: kit.Demonstration,
	}))

	past := Events()[0]
	past.ID, past.Code, past.RetainUntil, past.ErasedAt = "evt_AGED", "TESTBED_AGED", day, nil
	past.Registration = &events.EventRegistration{Questions: []events.RegistrationQuestion{}}
	past.Changes = []events.EventChange{{Status: events.EventCancelled, At: at, Actor: "usr_test", Reason: personal()}}
	past.StoredDocuments = []events.EventDocument{{
		ID: "doc_AGED", Kind: "OTHER", Title: english("Withdrawn"), StoredURL: "https://docs.example/withdrawn", Language: kit.English, Date: day,
		Readers: events.ReadersPublic, PublishedAt: at, WithdrawnAt: &at, Reason: personal(), File: agedFile("DOCUMENT"),
	}}
	must(events.EventNoun.In(s).Insert(ctx, past))
	guest := registration("AGED", "evt_AGED", "mem_ACTIVE", "usr_test", events.RegistrationConfirmed, 1)
	guest.PersonID, guest.EntityID, guest.Kind = nil, nil, events.RegistrantGuest
	guest.Guest = &events.Guest{Name: PersonalText, Email: PersonalText + "@example.org", Organisation: PersonalText}
	guest.StoredAnswers = []events.RegistrationAnswer{{Question: "NEEDS", Text: PersonalText}}
	must(events.RegistrationNoun.In(s).Insert(ctx, guest))
	must(events.InvitationNoun.In(s).Insert(ctx, &events.EventInvitation{
		ID: "inv_AGED", EventID: "evt_AGED", Organisation: PersonalText, Email: new(PersonalText + "@example.org"), Locale: new(kit.English), CodeHash: hashed("aged"), ExpiresOn: day, InvitedAt: at, Dataset: kit.Demonstration,
	}))
	must(people.PersonInvitationNoun.In(s).Insert(ctx, &people.PersonInvitation{
		ID: "pin_AGED", MandateID: "man_AGED", Entity: "mem_ACTIVE", Role: people.MandateDelegate, From: day, Name: personal(), Email: new(PersonalText + "@example.edu"),
		Locale: kit.English, CodeHash: hashed("aged person"), InvitedBy: "usr_test", InvitedAt: at, Sent: []kit.DateTime{at}, ExpiresAt: &at, Dataset: kit.Demonstration,
	}))
	must(events.ContributionNoun.In(s).Insert(ctx, &events.Contribution{
		ID: "ctr_AGED", EventID: new(kit.ID("evt_AGED")), EntityID: "mem_ACTIVE", Title: "Aged", Abstract: "Aged.", StoredURL: "https://docs.example/aged", Language: kit.English,
		Status: events.ContributionReturned, SubmittedAt: at, Changes: []events.ContributionChange{{Status: events.ContributionReturned, At: at, Reason: personal()}}, Dataset: kit.Demonstration,
	}))

	closed := Consultations()[3]
	closed.ID, closed.Code, closed.ClosedAt = "con_AGED", "TESTBED_AGED", &at
	closed.Changes = []consultations.ConsultationChange{{Status: consultations.ConsultationClosed, At: at, Actor: "usr_test", Reason: personal()}}
	must(consultations.ConsultationNoun.In(s).Insert(ctx, closed))
	answer := reply("AGED", closed, "mem_ACTIVE", "usr_test", consultations.Confidential, consultations.PositionSupport, at)
	answer.StoredSubmissions[0].Reason = personal()
	must(consultations.FeedbackNoun.In(s).Insert(ctx, answer))

	refused := exemption("AGED", "mem_ACTIVE", day)
	refused.Evidence, refused.Criteria[0].Note = []string{PersonalText}, personal()
	refused.StoredEvidenceFiles = []files.File{*agedFile("EVIDENCE")}
	refused.Decision = &membership.ExemptionDecision{Session: "Council 2004", On: day, Reason: personal(), RecordedAt: at, RecordedBy: "usr_test"}
	must(membership.FeeExemptionNoun.In(s).Insert(ctx, refused))
	must(files.FileNoun.In(s).Insert(ctx, &files.StoredFile{
		ID: "fil_AGED", Name: PersonalText, Type: "application/pdf", Size: 1, SHA256: hashed("file"), UploadedByID: "usr_test", UploadedAt: at, Attempt: 1, Pieces: 1, Whole: true,
		OwnerID: new(kit.ID("evt_AGED")), TakenAt: &at,
	}))
	must(files.PieceNoun.In(s).Insert(ctx, &kit.Piece{ID: kit.PieceID("fil_AGED", 1, 0), At: at, Bytes: []byte(PersonalText)}))
	asked := changeRequest("AGED", "mem_ACTIVE", day)
	asked.Reason, asked.State = PersonalText, membership.ChangeRefused
	asked.Decision = &membership.ChangeDecision{On: day, Reason: personal(), RecordedAt: at, RecordedBy: "usr_test"}
	must(membership.MembershipChangeRequestNoun.In(s).Insert(ctx, asked))
	owed := invoice("AGED", "mem_ACTIVE", 2004)
	owed.IssuedOn, owed.RecordedAt, owed.Payments = day, at, []membership.Payment{payment("AGED", 1, day)}
	owed.Payments[0].Reference, owed.Cancelled = PersonalText, &membership.Cancellation{On: day, Reason: PersonalText}
	must(membership.InvoiceNoun.In(s).Insert(ctx, owed))

	insert(ctx, t, s, "audit", map[string]any{
		"ID": kit.ID("aud_AGED"), "At": at, "Actor": kit.ID("usr_test"), "Roles": []kit.Role{}, "Operation": "x", "TargetID": kit.ID("mem_ACTIVE"), "Fields": []string{}, "Reason": personal(),
	})
	insert(ctx, t, s, "outbox", map[string]any{
		"ID": kit.ID("out_AGED"), "To": PersonalText + "@example.org", "Subject": PersonalText, "Body": PersonalText, "Action": PersonalText, "Link": PersonalText, "Unsubscribe": PersonalText, "Key": "mail.emailChanged", "Locale": kit.English,
		"At": at, "NextAt": at, "State": kit.MailQueued,
	})
	must(people.NotificationNoun.In(s).Insert(ctx, &people.Notification{
		ID: "ntf_AGED", PersonID: "usr_AGED", Kind: kit.AboutAccount, Subject: PersonalText, Text: PersonalText, Path: PersonalText, Locale: kit.English, At: at, Key: "mail.emailChanged", Because: "x",
	}))
	for _, noun := range []string{"applicationChallenges", "signInChallenges"} {
		insert(ctx, t, s, noun, map[string]any{"ID": "AGED", "Email": PersonalText + "@example.org", "Locale": kit.English, "At": at, "ExpiresAt": at})
	}
	must(people.SessionNoun.In(s).Insert(ctx, &people.Session{
		ID: "ses_AGED", PersonID: "usr_AGED", Device: PersonalText, CreatedAt: at, AuthenticatedAt: at, LastSeenAt: at, ExpiresAt: kit.DateTime(day.AddDays(1) + "T09:00:00.000Z"), SecretHash: hashed("family"), RefreshHash: hashed("refresh"),
	}))
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

// agedFile is what an aged record says of a file of its own.
func agedFile(name string) *files.File {
	return &files.File{ID: kit.ID("fil_AGED" + name), Name: PersonalText, Type: "application/pdf", Size: 1, SHA256: hashed("file")}
}
