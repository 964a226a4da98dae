package portal_test

import (
	"context"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
)

// personalText is in every text of the records below that is to be erased.
const personalText = "Zvonimira"

// aged puts a record of each class into a store, past its date.
func aged(t *testing.T, s store.Store) {
	t.Helper()
	ctx, long := context.Background(), portal.Date("2015-01-01")
	at := portal.DateTime(long + "T09:00:00.000Z")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	apps, err := portal.ApplicationNoun.In(s).Many(ctx, []string{"app_SUBMITTED", "app_DRAFT"})
	must(err)
	decided, draft := *apps[0], *apps[1]
	decided.ID, decided.Version, decided.Status = "app_AGED", 0, portal.ApplicationObjected
	decided.Contact = &portal.ApplicationContact{Email: personalText + "@example.org", Name: new(personalText)}
	decided.Events = []portal.ApplicationEvent{{ID: "aev_AGED", Kind: portal.ApplicationWasObjectedTo, At: at, On: long, Reason: new(personalText)}}
	decided.Diligence = &portal.DueDiligence{Checklist: []portal.DueDiligenceCheck{{Item: personalText}}, Papers: []portal.ApplicationPaper{}, RecordedAt: at, RecordedBy: "usr_x"}
	draft.ID, draft.Version, draft.Name = "app_AGEDDRAFT", 0, new(personalText)
	draft.Events = []portal.ApplicationEvent{{ID: "aev_AGEDDRAFT", Kind: portal.ApplicationWasDrafted, At: at, On: long}}
	must(portal.ApplicationNoun.In(s).Insert(ctx, &decided, &draft))
	must(portal.DraftNoun.In(s).Insert(ctx, &portal.FeedbackDraft{
		ID: "drf_AGED", ConsultationID: "con_OPEN", EntityID: "mem_ACTIVE", Capacity: portal.OfficialReply, ChangedAt: at, Dataset: portal.Demonstration,
		Answers: []*portal.DraftAnswer{{Answer: portal.FeedbackAnswer{Question: "Q_TEXT", Options: []string{}, Bodies: []portal.ActionBody{}, Text: new(personalText)}, Version: 1, Editor: "usr_x", EditedAt: at}},
	}))
	persons, err := portal.PersonNoun.In(s).Many(ctx, []string{"usr_DELEGATE"})
	must(err)
	stranger := *persons[0]
	stranger.ID, stranger.Version, stranger.Name, stranger.Email, stranger.Entities = "usr_00000000000000000000000000", 0, new(personalText), new(personalText+"@example.net"), []portal.ID{}
	must(portal.PersonNoun.In(s).Insert(ctx, &stranger))
	members, err := portal.MemberNoun.In(s).Many(ctx, []string{"mem_EXCLUDED"})
	must(err)
	former := *members[0]
	former.ID, former.Version, former.Name = "mem_AGED", 0, "Aged"
	former.AllContacts = []portal.Contact{{Function: "HEAD", Email: personalText + "@example.com", Name: new(personalText)}}
	for i := range former.Events {
		former.Events[i].ID = portal.ID("lev_AGED" + strconv.Itoa(i))
		former.Events[i].Reason = new(personalText)
		former.Events[i].EffectiveOn = portal.Date("2014-01-0" + strconv.Itoa(i+1))
	}
	must(portal.MemberNoun.In(s).Insert(ctx, &former))
	must(portal.ServiceFeedbackNoun.In(s).Insert(ctx, &portal.ServiceFeedback{
		ID: "sfb_AGED", Area: portal.AreaTool, Subject: personalText, Text: personalText, Language: portal.English, EntityID: "mem_ACTIVE", PersonID: "usr_x", SubmittedAt: at,
		Answer: &portal.ServiceAnswer{Text: personalText, At: at}, Dataset: portal.Demonstration,
	}))
	mandates, err := portal.MandateNoun.In(s).Many(ctx, []string{"man_OUTGOING"})
	must(err)
	ended := *mandates[0]
	ended.ID, ended.Version, ended.Person, ended.From, ended.Until, ended.Reason, ended.HandOver = "man_AGED", 0, "usr_NOBODY", "2014-01-01", &long, new(personalText), nil
	must(portal.MandateNoun.In(s).Insert(ctx, &ended))
	must(portal.AuditNoun.In(s).Insert(ctx, &portal.AuditEntry{
		ID: "aud_AGED", At: at, Actor: "usr_x", Roles: []portal.Role{}, Operation: "x", TargetID: "mem_ACTIVE", Fields: []string{}, Reason: new(personalText),
	}))
}

// found are the records that aged made and in which the personal text still is.
func found(t *testing.T, s store.Store) (in []string) {
	t.Helper()
	for _, kind := range portal.Kinds() {
		docs, err := s.Get(t.Context(), kind, []string{
			"app_AGED", "app_AGEDDRAFT", "drf_AGED", "usr_00000000000000000000000000", "mem_AGED", "sfb_AGED", "man_AGED", "aud_AGED",
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, doc := range docs {
			if doc == nil {
				continue
			}
			if raw, err := bson.Marshal(doc); err != nil || strings.Contains(string(raw), personalText) {
				id, _ := kind.Identity(doc)
				in = append(in, id)
			}
		}
	}
	return in
}

// TestEveryClassIsErasedWhenItsTimeIsOver ages a record of each class, and finds nothing of it afterwards:
// in no noun. What is left of it in files is the stores' part.
func TestEveryClassIsErasedWhenItsTimeIsOver(t *testing.T) {
	onEngines(t, func(s stage) {
		aged(s.T, s.store)
		dry, err := s.portal.EraseClasses(by(operator), true)
		s.must(err)
		for _, class := range portal.ErasureClasses {
			if dry[class.Name] < 1 {
				s.Errorf("a dry run counts none of %s: %v", class.Name, dry)
			}
		}
		if n := len(found(s.T, s.store)); n != 8 {
			s.Fatalf("%d of 8 records are there after the dry run", n)
		}
		done, err := s.portal.EraseClasses(by(operator), false)
		s.must(err)
		if !maps.Equal(done, dry) {
			s.Errorf("erased %v, and the dry run said %v", done, dry)
		}
		if left := found(s.T, s.store); len(left) > 0 {
			s.Errorf("still found in %q", left)
		}
		again, err := s.portal.EraseClasses(by(operator), false)
		s.must(err)
		for class, n := range again {
			if n > 0 {
				s.Errorf("a second run erases %d of %s", n, class)
			}
		}
	})
}

// TestErasingClassesIsForTheSecretariatAndOperators asks for it as others.
func TestErasingClassesIsForTheSecretariatAndOperators(t *testing.T) {
	p := testkit.Portal(t, testkit.Engines()[0].Shared(t))
	for _, a := range []portal.Actor{nobody, {Subject: "usr_FOCAL", Roles: []portal.Role{portal.RoleFocalPoint}, Member: "mem_ACTIVE"}} {
		if _, err := p.EraseClasses(by(a), true); err == nil {
			t.Errorf("%v counts what is due", a)
		}
	}
}

// TestTheGuideTellsEachPeriod holds the table of docs/operations.md to what is erased when.
func TestTheGuideTellsEachPeriod(t *testing.T) {
	guide, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(guide), "\n")
	for _, c := range portal.ErasureClasses {
		row := "| `" + c.Name + "` | " + strconv.Itoa(c.Days) + " days after " + c.Since + " |"
		if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, row) }) {
			t.Errorf("docs/operations.md has no line that begins with %s", row)
		}
	}
}
