package portal_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"memberportal/internal/applications"
	"memberportal/internal/consultations"
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// erasedTexts are the stored texts that are erased when their time is over, by who does so: a class, or
// Erase («registrations», «persons») or Tidy («tidy»). A field may stand under several.
var erasedTexts = map[string][]string{
	"registrations":         {"registrations.guest.name", "registrations.guest.email", "registrations.guest.organisation", "registrations.answers.text"},
	"persons":               {"persons.name", "persons.email", "persons.identities.key", "persons.identities.issuer"},
	"personsWithoutMandate": {"persons.name", "persons.email", "persons.identities.key", "persons.identities.issuer"},
	"passkeys":              {"passkeys.name", "passkeys.credential", "passkeys.publicKey"},
	"pendingAddresses":      {"persons.newEmail.email"},
	"applicants": {
		"applications.contact.email", "applications.contact.name", "applications.contact.function", "applications.contact.phone", "applications.events.reason", "applications.bound", "applications.boundAs.name", "applications.boundAs.function", "applications.boundAs.phone",
		"applications.exemption.criteria.note", "applications.exemption.evidence", "applications.exemption.evidenceFiles.name", "applications.smeClaim.grounds", "applications.smeClaim.evidence", "applications.smeClaim.evidenceFiles.name",
		"applications.dueDiligence.checklist.item", "applications.dueDiligence.checklist.note", "applications.dueDiligence.conflictStatement",
		"applications.dueDiligence.papers.title", "applications.dueDiligence.papers.url", "applications.dueDiligence.papers.file.name",
		"applications.form.file.name", "applications.papers.file.name",
	},
	"applicationDrafts": {"applications.name"},
	"feedbackDrafts":    {"feedbackDrafts.answers.answer.text"},
	"formerContacts": {
		"members.contacts.function", "members.contacts.name", "members.contacts.email", "members.contacts.phone", "members.events.reason", "members.events.evidence",
	},
	"invitations":         {"invitations.organisation", "invitations.email"},
	"personInvitations":   {"personInvitations.name", "personInvitations.email"},
	"serviceFeedback":     {"serviceFeedback.subject", "serviceFeedback.text", "serviceFeedback.answer.text"},
	"mandateReasons":      {"mandates.reason", "mandates.history.reason"},
	"eventReasons":        {"events.changes.reason", "events.documents.reason", "events.documents.file.name"},
	"contributionReasons": {"contributions.changes.reason"},
	"consultationReasons": {"consultations.changes.reason", "feedback.submissions.reason"},
	"exemptionReasons":    {"feeExemptions.criteria.note", "feeExemptions.evidence", "feeExemptions.evidenceFiles.name", "feeExemptions.decision.reason"},
	"requestReasons":      {"membershipChangeRequests.reason", "membershipChangeRequests.decision.reason"},
	"invoiceTexts":        {"invoices.payments.reference", "invoices.cancelled.reason"},
	"files":               {"files.name"},
	"auditReasons":        {"audit.reason"},
	"tidy":                {"outbox.to", "outbox.subject", "outbox.body", "outbox.action", "outbox.link", "outbox.unsubscribe", "notifications.subject", "notifications.text", "notifications.path", "applicationChallenges.email", "signInChallenges.email", "sessions.device"},
}

// keptTexts are the other stored texts, by the reason why they are kept.
var keptTexts = map[string][]string{
	"it is how an organisation presents itself to the public": {
		"members.name", "members.events.name", "members.events.formerName", "members.displayName", "members.description", "members.website", "members.logoUrl",
		"members.socialLinks.url", "participations.name", "members.logo.name",
	},
	"it is the application of an organisation, on which its membership rests; a draft goes whole": {
		"applications.name", "applications.form.title", "applications.form.url", "applications.papers.title", "applications.papers.url",
		"applications.events.changes.before", "applications.events.changes.after",
	},
	"it says which official source states a fact": {
		"benefits.source", "referenceEntries.source", "referenceEntries.provision", "events.source", "applications.source", "liaisonStatements.source", "liaisonStatements.statedIn", "liaisonStatements.interimReportDue.source",
		"liaisonStatements.finalReportDue.source", "consultations.interimReportDue.source", "consultations.finalReportDue.source", "syntheses.decisions.source",
		"feeExemptions.decision.session",
	},
	"it says why the secretariat entered or withdrew a fee, and is part of what the fee rests on": {"referenceEntries.note", "referenceEntries.withdrawn.reason"},
	"the catalogue of benefits is public": {"benefits.title", "benefits.description", "benefits.howToUse"},
	"the published programme is the official record of an event, with who spoke": {
		"eventSeries.title", "eventSeries.description", "events.title", "seats.pending.event", "seats.pending.when", "seats.pending.place", "seats.pending.title", "events.summary", "events.practicalInformation", "events.city", "events.venue",
		"events.links.title", "events.links.url", "events.joinUrl", "events.sessions.title", "events.sessions.roles.name", "events.sessions.roles.affiliation",
		"events.registration.questions.text", "events.contributions.topics.title", "eventSeries.topics.introduction", "events.documents.title", "events.documents.url",
	},
	"it is what a member or State submitted officially": {"contributions.title", "contributions.abstract", "contributions.url", "contributions.file.name"},
	"it is the official correspondence of groups": {
		"liaisonStatements.reference", "liaisonStatements.revision", "liaisonStatements.addressees.group", "liaisonStatements.title", "liaisonStatements.abstract",
		"liaisonStatements.keywords", "liaisonStatements.text", "liaisonStatements.documents.title", "liaisonStatements.documents.url", "liaisonStatements.documents.file.name",
		"liaisonStatements.pillars.title", "liaisonStatements.pillars.topics.title",
	},
	"it is the official record of a consultation; the view of a delegate is erased at its request": {
		"consultations.title", "consultations.introduction", "consultations.questions.text", "consultations.questions.help", "consultations.questions.options.text",
		"feedback.submissions.answers.text", "feedback.submissions.receipt.canonical", "feedback.submissions.receipt.reference", "feedback.classification.campaignGroup",
		"syntheses.draft.text", "syntheses.published.text", "syntheses.decisions.text", "syntheses.campaigns.group", "syntheses.campaignCounts.value",
	},
	"it is a code of a table, or a name of the program's own": {
		"members.events.feeClass", "referenceEntries.tariff.code", "referenceEntries.tariff.fraction", "referenceEntries.rule.code", "membershipChangeRequests.feeClass", "benefits.code", "eventSeries.code", "events.code", "events.time.zone",
		"events.registration.questions.code", "events.contributions.topics.code", "registrations.answers.question", "contributions.topic",
		"liaisonStatements.pillars.code", "liaisonStatements.pillars.topics.code", "liaisonStatements.zone", "consultations.code", "consultations.group",
		"consultations.questions.code", "consultations.questions.topic", "consultations.questions.options.code", "consultations.zone", "participations.group",
		"feedbackDrafts.answers.answer.question", "feedbackDrafts.answers.answer.options", "feedback.group", "feedback.submissions.answers.question",
		"feedback.submissions.answers.options", "feedback.classification.tags", "feedback.classification.topics", "countedAnswers._id", "countedAnswers.tally",
		"syntheses.group", "syntheses.draft.topic", "syntheses.published.topic", "syntheses.campaignCounts.question", "syntheses.decisions.topic",
		"invoices.feeClasses", "invoices.number", "invoices.cancelled.number", "applications.feeClass", "applications.events.terms.feeClass", "audit.request", "audit.operation",
		"audit.fields", "notices.noun", "outbox.key", "outbox.because", "notifications.key", "notifications.because", "seats.pending.key", "seats.pending.operation", "seats.pending.after", "secrets._id", "persons.grants.groups", "jobs.file.name", "jobs.file.mediaType", "jobChunks._id", "filePieces._id",
		"applications.form.file.type", "applications.papers.file.type", "applications.dueDiligence.papers.file.type", "feeExemptions.evidenceFiles.type", "applications.exemption.evidenceFiles.type", "applications.smeClaim.evidenceFiles.type",
		"events.documents.file.type", "contributions.file.type", "members.logo.type", "liaisonStatements.documents.file.type", "files.type",
	},
	"it is a hash, a checksum or made by chance": {
		"applications.form.file.sha256", "applications.papers.file.sha256", "applications.dueDiligence.papers.file.sha256", "feeExemptions.evidenceFiles.sha256", "applications.exemption.evidenceFiles.sha256", "applications.smeClaim.evidenceFiles.sha256", "events.documents.file.sha256", "contributions.file.sha256", "members.logo.sha256", "liaisonStatements.documents.file.sha256", "files.sha256",
		"persons.newEmail.codeHash", "events.documents.sha256", "invitations.codeHash", "registrations.codeHash", "registrations.linkedTo", "personInvitations.codeHash", "calendarLinks.secretHash", "liaisonStatements.documents.sha256",
		"feedback.submissions.receipt.sha256", "feedback.submissions.receipt.nonce", "applications.form.sha256", "applications.papers.sha256",
		"applications.dueDiligence.papers.sha256", "applicationChallenges._id", "applicationChallenges.codeHash", "applicationChallenges.source",
		"applicationChallenges.share", "signInChallenges._id", "signInChallenges.codeHash", "signInChallenges.source", "signInChallenges.share",
		"sessions.secretHash", "sessions.refreshHash", "sessions.cookieHash", "codeRecipients._id", "repeats._id", "repeats.inputHash", "outbox.recipient", "secrets.value",
	},
}

// eachText hands on every text below a value that does not check itself, with the path of its stored field.
// A localized text counts as one.
func eachText(v reflect.Value, path string, take func(path, text string)) {
	switch v.Kind() {
	case reflect.String:
		if !portal.CheckedText(v.Type()) {
			take(strings.TrimSuffix(path, ".translations.text"), v.String())
		}
	case reflect.Pointer:
		if !v.IsNil() {
			eachText(v.Elem(), path, take)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachText(v.Index(i), path, take)
		}
	case reflect.Struct:
		for f, field := range v.Fields() {
			if name, _, _ := strings.Cut(f.Tag.Get("bson"), ","); name != "" {
				eachText(field, path+"."+name, take)
			}
		}
	}
}

// TestEveryStoredTextIsErasedOrKeptForAReason walks all stored nouns. A new text belongs into one of the
// tables above: whoever adds it says when it is erased, or why it is not.
func TestEveryStoredTextIsErasedOrKeptForAReason(t *testing.T) {
	said := map[string]bool{}
	for _, table := range []map[string][]string{erasedTexts, keptTexts} {
		for _, paths := range table {
			for _, path := range paths {
				said[path] = true
			}
		}
	}
	stored := map[string]bool{}
	for _, k := range portal.Kinds() {
		doc := k.Blank()
		portal.FillAll(doc)
		eachText(reflect.ValueOf(doc), k.Name, func(path, _ string) { stored[path] = true })
	}
	for path := range stored {
		if !said[path] {
			t.Errorf("%s is a stored text: which class erases it, or why is it kept?", path)
		}
	}
	for path := range said {
		if !stored[path] {
			t.Errorf("%s is in a table and is no stored text", path)
		}
	}
	for class := range erasedTexts {
		known := slices.ContainsFunc(portal.ErasureClasses, func(c portal.ErasureClass) bool { return c.Name == class })
		if !known && !slices.Contains([]string{"registrations", "persons", "tidy"}, class) {
			t.Errorf("there is no class %s", class)
		}
	}
	for _, c := range portal.ErasureClasses {
		if erasedTexts[c.Name] == nil {
			t.Errorf("what does %s erase?", c.Name)
		}
	}
	t.Logf("%d stored texts, %d classes", len(stored), len(portal.ErasureClasses))
}

// personalTexts are the paths of the texts of aged records in which the personal text is, in order.
func personalTexts(t *testing.T, s store.Store) []string {
	t.Helper()
	found := map[string]bool{}
	for _, kind := range portal.Kinds() {
		if testkit.Aged[kind.Name] == nil {
			continue
		}
		docs, err := s.Get(t.Context(), kind, testkit.Aged[kind.Name])
		if err != nil {
			t.Fatal(err)
		}
		for _, doc := range docs {
			if doc != nil {
				eachText(reflect.ValueOf(doc), kind.Name, func(path, text string) {
					if strings.Contains(text, testkit.PersonalText) {
						found[path] = true
					}
				})
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func allErasedTexts() (all []string) {
	for _, paths := range erasedTexts {
		all = append(all, paths...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// TestNothingIsErasedBeforeItsTime begins the period of every class today. Only a person whose id is of 1970
// and who has no mandate has had its time.
func TestNothingIsErasedBeforeItsTime(t *testing.T) {
	s := scene{stage.Embedded(t)}
	testkit.Age(t, s.Store, testkit.Today)
	s.Erase(366, false)
	_, err := s.Portal.EraseClasses(stage.By(stage.Operator), false)
	s.Must(err)
	all := allErasedTexts()
	if left := personalTexts(t, s.Store); !slices.Equal(left, all) {
		t.Errorf("the text is still in\n%q, want\n%q", left, all)
	}
}

// TestEveryClassIsErasedWhenItsTimeIsOver ages a record of each class, with the personal text in each field
// that the class is said to erase, and finds nothing of it afterwards: in no noun. What is left of it in
// files is the stores' part.
func TestEveryClassIsErasedWhenItsTimeIsOver(t *testing.T) {
	all := allErasedTexts()
	stage.OnEngines(t, func(s scene) {
		testkit.Age(s.T, s.Store, testkit.LongAgo)
		if there := personalTexts(s.T, s.Store); !slices.Equal(there, all) {
			s.Fatalf("the aged records have the text in\n%q, want\n%q", there, all)
		}
		both := func(dry bool) (portal.Erased, map[string]int) {
			erased := s.Erase(366, dry)
			classes, err := s.Portal.EraseClasses(stage.By(stage.Operator), dry)
			s.Must(err)
			return erased, classes
		}
		dry, dryClasses := both(true)
		for _, class := range portal.ErasureClasses {
			if dryClasses[class.Name] < 1 {
				s.Errorf("a dry run counts none of %s: %v", class.Name, dryClasses)
			}
		}
		if there := personalTexts(s.T, s.Store); !slices.Equal(there, all) {
			s.Fatalf("the dry run left %q", there)
		}
		if erased, classes := both(false); erased != dry || !maps.Equal(classes, dryClasses) {
			s.Errorf("erased %+v %v, and the dry run said %+v %v", erased, classes, dry, dryClasses)
		}
		if left := personalTexts(s.T, s.Store); len(left) > 0 {
			s.Errorf("still found in %q", left)
		}
		again, classes := both(false)
		for class, n := range classes {
			if n > 0 || again != (portal.Erased{}) {
				s.Errorf("a second run erases %+v and %d of %s", again, n, class)
			}
		}
	})
}

// TestErasureGoesOnPastDamagedDocuments damages some, erases all the rest, and then what was mended. What a
// damaged mandate or registration says about a person is not known, so that the person stays.
func TestErasureGoesOnPastDamagedDocuments(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		testkit.Age(s.T, s.Store, testkit.LongAgo)
		damaged := map[*store.Kind]string{
			events.RegistrationNoun.Kind: "reg_AGED", people.MandateNoun.Kind: "man_AGED", applications.ApplicationNoun.Kind: "app_AGED",
			consultations.ConsultationNoun.Kind: "con_AGED", consultations.DraftNoun.Kind: "drf_AGED",
		}
		dataset := func(to kit.Dataset) {
			for k, id := range damaged {
				testkit.Spoil(s.T, s.Store, k, id, func(doc bson.D) bson.D {
					for i := range doc {
						if doc[i].Key == "dataset" {
							doc[i].Value = string(to)
						}
					}
					return doc
				}, 0)
			}
		}
		run := func() (portal.Erased, int) {
			ctx, omitted := store.CountOmitted(stage.By(stage.Operator))
			erased, err := s.Portal.Erase(ctx, 366, false)
			s.Must(err)
			_, err = s.Portal.EraseClasses(ctx, false)
			s.Must(err)
			return erased, omitted.Count()
		}
		dataset("SPOILT")
		if _, n := run(); n != len(damaged) {
			s.Errorf("%d records were left out, want %d", n, len(damaged))
		}
		left := slices.DeleteFunc(personalTexts(s.T, s.Store), func(path string) bool {
			noun, _, _ := strings.Cut(path, ".")
			for k := range damaged {
				if k.Name == noun {
					return true
				}
			}
			return false
		})
		if !slices.Equal(left, []string{"feedback.submissions.reason", "persons.email", "persons.identities.issuer", "persons.identities.key", "persons.name"}) {
			s.Errorf("still found in %q", left)
		}
		dataset(kit.Demonstration)
		erased, n := run()
		if erased != (portal.Erased{Events: 1, Registrations: 1, Persons: 1}) || n > 0 {
			s.Errorf("after they were mended, erased %+v, left out %d", erased, n)
		}
		if left := personalTexts(s.T, s.Store); len(left) > 0 {
			s.Errorf("still found in %q", left)
		}
	})
}
