package portal

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	"memberportal/internal/store"
)

// A list inside a stored document has a limit, so that no document grows until a store refuses it for ever
// (MongoDB takes 16 MB). What is refused changes nothing: the latest state stays, and can still be taken
// back or ended.

// eachList hands every list inside a value to take, with its path of stored names.
func eachList(v reflect.Value, path string, take func(path string, list reflect.Value)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			eachList(v.Elem(), path, take)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("bson"), ",")
			if name != "" && name != "-" {
				eachList(v.Field(i), path+"."+name, take)
			}
		}
	case reflect.Slice:
		take(path, v)
		for i := range v.Len() {
			eachList(v.Index(i), path, take)
		}
	}
}

// full finds a list of a document that is longer than it may be, and notes it: FULL, at the record.
func (f *faults) full(kind *store.Kind, doc any) {
	eachList(reflect.ValueOf(doc), kind.Name, func(path string, list reflect.Value) {
		if most := listLimits[path]; most > 0 && list.Len() > most {
			f.add(CodeFull, "input.id", "full.list", map[string]string{"list": path[len(kind.Name)+1:], "max": strconv.Itoa(most)})
		}
	})
}

// bounded refuses a document with a list that is too long.
func bounded(ctx context.Context, kind *store.Kind, doc any) error {
	f := newFaults(ctx)
	f.full(kind, doc)
	return f.err()
}

// says tells whether two handings in say the same: answers, language, and what may be done with them.
func (h FeedbackSubmission) says(other *FeedbackSubmission) bool {
	a, b := h, *other
	for _, each := range []*FeedbackSubmission{&a, &b} {
		each.Number, each.By, each.Proof = 0, "", FeedbackReceipt{}
	}
	before, err := json.Marshal(a)
	after, wrong := json.Marshal(b)
	return err == nil && wrong == nil && bytes.Equal(before, after)
}

// grew refuses a handing in for which the reply has no room: FULL. It can still be withdrawn.
func (x *Feedback) grew(f *faults) {
	f.full(FeedbackNoun.Kind, x)
	if size, err := json.Marshal(x.Handed); err != nil || len(size) > maxReplyBytes {
		f.add(CodeFull, "input.answers", "full.size", map[string]string{"max": strconv.Itoa(maxReplyBytes >> 20)})
	}
}

const (
	// maxSubmissions is how often a reply may be handed in: the first time and 49 amendments.
	maxSubmissions = 50
	// maxReplyBytes is about how large all handings in of a reply may be together.
	maxReplyBytes = 4 << 20
	// maxApplicationEvents is how much may happen to an application.
	maxApplicationEvents = 200
	// keptForEnd is how many of these only whoever decides or withdraws may use.
	keptForEnd = 20
)

// listLimits are how many entries each list inside a stored document may have.
var listLimits = map[string]int{
	"applications.dueDiligence.checklist":                 maxChecklist,
	"applications.dueDiligence.papers":                    maxApplicationPapers,
	"applications.events":                                 maxApplicationEvents,
	"applications.events.terms.sectors":                   3,
	"applications.papers":                                 maxApplicationPapers,
	"applications.sectors":                                3,
	"audit.fields":                                        1000,
	"audit.roles":                                         7,
	"benefits.categories":                                 3,
	"benefits.description.translations":                   6,
	"benefits.howToUse.translations":                      6,
	"benefits.sectors":                                    3,
	"benefits.title.translations":                         6,
	"consultations.audience.kinds":                        4,
	"consultations.audience.regions":                      7,
	"consultations.changes":                               1000,
	"consultations.introduction.translations":             6,
	"consultations.questions":                             maxQuestions,
	"consultations.questions.help.translations":           6,
	"consultations.questions.options":                     30,
	"consultations.questions.options.text.translations":   6,
	"consultations.questions.text.translations":           6,
	"consultations.title.translations":                    6,
	"contributions.changes":                               1000,
	"eventSeries.description.translations":                6,
	"eventSeries.title.translations":                      6,
	"events.audience.kinds":                               4,
	"events.audience.studyGroups":                         2,
	"events.changes":                                      1000,
	"events.city.translations":                            6,
	"events.contributions.topics":                         50,
	"events.contributions.topics.title.translations":      6,
	"events.documents":                                    maxDocuments,
	"events.documents.title.translations":                 6,
	"events.links":                                        20,
	"events.practicalInformation.translations":            6,
	"events.registration.questions":                       30,
	"events.registration.questions.text.translations":     6,
	"events.sessions":                                     100,
	"events.sessions.roles":                               50,
	"events.sessions.title.translations":                  6,
	"events.summary.translations":                         6,
	"events.title.translations":                           6,
	"feeExemptions.criteria":                              50,
	"feeExemptions.evidence":                              20,
	"feedback.classification.tags":                        maxTags,
	"feedback.classification.topics":                      200,
	"feedback.respondent.eventsAttended":                  maxAttended,
	"feedback.respondent.sectors":                         3,
	"feedback.submissions":                                maxSubmissions,
	"feedback.submissions.answers":                        maxQuestions,
	"feedback.submissions.answers.bodies":                 20,
	"feedback.submissions.answers.options":                30,
	"feedbackDrafts.answers":                              maxQuestions,
	"feedbackDrafts.answers.answer.bodies":                20,
	"feedbackDrafts.answers.answer.options":               30,
	"invoices.feeClasses":                                 50,
	"invoices.payments":                                   maxPayments,
	"liaisonStatements.abstract.translations":             6,
	"liaisonStatements.addressees":                        20,
	"liaisonStatements.documents":                         20,
	"liaisonStatements.keywords":                          20,
	"liaisonStatements.keywords.translations":             6,
	"liaisonStatements.pillars":                           10,
	"liaisonStatements.pillars.title.translations":        6,
	"liaisonStatements.pillars.topics":                    20,
	"liaisonStatements.pillars.topics.title.translations": 6,
	"liaisonStatements.text.translations":                 6,
	"liaisonStatements.title.translations":                6,
	"mandates.history":                                    maxMandateEvents,
	"members.contacts":                                    50,
	"members.description.translations":                    6,
	"members.events":                                      1000,
	"members.events.evidence":                             20,
	"members.events.sectors":                              3,
	"members.sectorsOfInterest":                           3,
	"members.socialLinks":                                 20,
	"membershipChangeRequests.sectors":                    3,
	"persons.entities":                                    1000,
	"registrations.answers":                               30,
	"registrations.changes":                               1000,
	"syntheses.decisions":                                 maxDecisions,
	"syntheses.decisions.paragraphs":                      maxParagraphs,
	"syntheses.decisions.text.translations":               6,
	"syntheses.draft":                                     maxParagraphs,
	"syntheses.draft.citations":                           maxCitations,
	"syntheses.draft.text.translations":                   6,
	"syntheses.published":                                 maxParagraphs,
	"syntheses.published.citations":                       maxCitations,
	"syntheses.published.text.translations":               6,
}
