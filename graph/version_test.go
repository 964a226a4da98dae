package graph_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	gql "github.com/vektah/gqlparser/v2/ast"

	"memberportal/internal/kit"
	"memberportal/internal/portal"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/golden"
)

// versioned are a record of each type that has a version, and who may change that record.
var versioned = map[string]struct{ id, by string }{
	"Member":                  {"mem_ACTIVE", "FOCAL_POINT mem_ACTIVE usr_FOCAL"},
	"Benefit":                 {aBenefit, "SECRETARIAT"},
	"Event":                   {"evt_OPEN", "SECRETARIAT"},
	"EventSeries":             {"ser_TESTBED", "SECRETARIAT"},
	"EventInvitation":         {"inv_OPEN", "SECRETARIAT"},
	"Registration":            {"reg_FOCAL", "FOCAL_POINT mem_ACTIVE usr_FOCAL"},
	"Contribution":            {"ctr_SENT", "FOCAL_POINT mem_ACTIVE usr_FOCAL"},
	"CalendarLink":            {"cal_ACTIVE", "FOCAL_POINT mem_ACTIVE usr_FOCAL"},
	"Person":                  {"usr_DELEGATE", "DELEGATE mem_ACTIVE usr_DELEGATE"},
	"PersonInvitation":        {"pin_OPEN", "FOCAL_POINT mem_SUSPENDED usr_SUSPENDED"},
	"Mandate":                 {"man_OUTGOING", "SECRETARIAT"},
	"LiaisonStatement":        {"lia_TESTBED", "SECRETARIAT"},
	"Consultation":            {"con_CLOSED", "SECRETARIAT"},
	"Synthesis":               {"syn_CLOSED", "REVIEWER TDAG"},
	"Feedback":                {"fbk_VIEW", "DELEGATE mem_ACTIVE usr_DELEGATE"},
	"ServiceFeedback":         {"sfb_GIVEN", "SECRETARIAT"},
	"Invoice":                 {"ivc_OPEN", "SECRETARIAT"},
	"FeeExemption":            {"exm_REFUSED", "SECRETARIAT"},
	"MembershipChangeRequest": {"mcr_REFUSED", "SECRETARIAT"},
	"Application":             {"app_SUBMITTED", "ADMINISTRATION UG"},
}

// versionless are types whose version is no record's: who sees one at all may change it.
var versionless = map[string]string{"DraftAnswer": "a draft is seen by its co-drafters only"}

// TestVersionsAreForThoseWhoMayChangeTheRecord asks every version of the schema: it moves with what is
// hidden, and so nobody reads it who has no use for it.
func TestVersionsAreForThoseWhoMayChangeTheRecord(t *testing.T) {
	s := golden.Serve(t, testkit.Engines()[0].Shared(t))
	fields := 0
	for name, of := range schema(t).Types {
		if of.Kind != gql.Object || of.Fields.ForName("version") == nil {
			continue
		}
		fields++
		if versionless[name] != "" {
			continue
		}
		record, known := versioned[name]
		if !known {
			t.Errorf("%s has a version: say of which record it is asked, and who may change that", name)
			continue
		}
		version := func(as string) any {
			answer := s.Ask(t, s.Header(t, as, ""), `{ node(id: "`+record.id+`") { ... on `+name+` { version } } }`, "")
			var read struct {
				Data struct{ Node map[string]any }
			}
			if err := json.Unmarshal([]byte(answer), &read); err != nil || strings.Contains(answer, "errors") {
				t.Fatalf("%s as %s: %s %v", name, as, answer, err)
			}
			return read.Data.Node["version"]
		}
		if version(record.by) == nil {
			t.Errorf("%s may change %s and does not see its version", record.by, record.id)
		}
		for _, stranger := range []string{"nobody", "FOCAL_POINT mem_INTERNATIONAL", "ADMINISTRATION KE", "OPERATOR"} {
			if v := version(stranger); v != nil {
				t.Errorf("%s sees version %v of %s", stranger, v, record.id)
			}
		}
	}
	t.Logf("%d types with a version", fields)
	if fields < len(versioned)+len(versionless) {
		t.Errorf("%d types have a version, fewer than are named here", fields)
	}
}

// TestPlacesMoveForTheSecretariatOnly holds that who does not run an event sees no count that moves with
// every registration.
func TestPlacesMoveForTheSecretariatOnly(t *testing.T) {
	s := golden.Serve(t, testkit.Engines()[0].Shared(t))
	const query = `{ event(id: "evt_FULL") { places { capacity confirmed waiting left } } }`
	for as, want := range map[string]struct{ confirmed, left bool }{
		"nobody": {}, "OPERATOR": {}, "SECRETARIAT": {true, true}, "FOCAL_POINT mem_ACTIVE usr_FOCAL": {false, true},
	} {
		answer := s.Ask(t, s.Header(t, as, ""), query, "")
		for field, told := range map[string]bool{"confirmed": want.confirmed, "waiting": want.confirmed, "left": want.left} {
			if strings.Contains(answer, `"`+field+`": null`) == told {
				t.Errorf("%s, %s: %s", as, field, answer)
			}
		}
	}
}

// TestOperatorsReadTheLogWithoutLearningWho changes a reply, notifies a withdrawal and reads the log as an
// operator: no id, reason or time of either is in it, and the ids that it holds lead nowhere.
func TestOperatorsReadTheLogWithoutLearningWho(t *testing.T) {
	s := golden.Serve(t, testkit.Engines()[0].Fresh(t))
	mutate := func(as, document string) {
		t.Helper()
		if done := s.Ask(t, s.Header(t, as, ""), document, ""); strings.Contains(done, `"code"`) {
			t.Fatal(done)
		}
	}
	operator := s.Header(t, "OPERATOR", "")
	const query = `{ auditLog(first: 100) { totalCount nodes { id at actor roles request operation targetId target { id } targetVersion fields reason } edges { cursor } } }`
	before := s.Ask(t, operator, query, "")
	mutate("ADMINISTRATION UG", `mutation { amendFeedback(input: { id: "fbk_SECRET", expectedVersion: 1, answers: [{ question: "Q_TEXT", text: "Other words" }] }) { userErrors { code } } }`)
	if after := s.Ask(t, operator, query, ""); after != before {
		t.Errorf("an operator sees that a reply was amended:\n%s", after)
	}
	mutate("FOCAL_POINT mem_ACTIVE usr_FOCAL", `mutation { notifyWithdrawal(input: { id: "mem_ACTIVE", expectedVersion: 1, reasonCode: OTHER, reason: "Testbed reason to leave" }) { userErrors { code } } }`)
	mutate("FOCAL_POINT mem_ACTIVE usr_FOCAL", `mutation { updateMemberProfile(input: { id: "mem_ACTIVE", expectedVersion: 2, displayName: "Testbed shown name" }) { userErrors { code } } }`)
	after := s.Ask(t, operator, query, "")
	var read struct {
		Data struct {
			AuditLog struct{ Nodes []portalEntry }
		}
	}
	if err := json.Unmarshal([]byte(after), &read); err != nil {
		t.Fatal(err)
	}
	left, renamed := read.Data.AuditLog.Nodes[1], read.Data.AuditLog.Nodes[0]
	if left.Operation != "notifyWithdrawal" || renamed.Operation != "updateMemberProfile" {
		t.Fatalf("the latest entries are %v and %v", left, renamed)
	}
	if left.Actor == renamed.Actor || left.TargetID == renamed.TargetID {
		t.Error("a public change tells who leaves: both entries have one key")
	}
	for _, word := range []string{"mem_ACTIVE", "usr_FOCAL", "fbk_SECRET", "Testbed reason", "12:00"} {
		if strings.Contains(after, word) {
			t.Errorf("%s is in what an operator reads", word)
		}
	}
	again := s.Ask(t, operator, `{ node(id: "`+left.ID+`") { ... on AuditEntry { operation targetId target { id } } } }`, "")
	if !strings.Contains(again, left.TargetID) || strings.Contains(again, "mem_ACTIVE") {
		t.Errorf("asked by its id the entry is %s", again)
	}
	if refused := s.Ask(t, operator, `{ auditLog(filter: { targetId: "mem_ACTIVE" }) { totalCount } }`, ""); !strings.Contains(refused, "FORBIDDEN") {
		t.Errorf("an operator asks what was done to a member: %s", refused)
	}
	if all := s.Ask(t, s.Header(t, "SECRETARIAT", ""), query, ""); !strings.Contains(all, "amendFeedback") || !strings.Contains(all, "Testbed reason to leave") {
		t.Error("the secretariat does not read all")
	}
}

// portalEntry is what the test above reads of an entry.
type portalEntry struct{ ID, Actor, TargetID, Operation string }

// TestCursorsTellNothing holds that no cursor has an id, time or name in it that is read without the secret.
func TestCursorsTellNothing(t *testing.T) {
	s := golden.Serve(t, testkit.Engines()[0].Shared(t))
	const query = `{ members(first: 3) { edges { cursor node { id } } } auditLog(first: 3) { edges { cursor } } benefits(first: 3) { edges { cursor } } search(query: "testbed", first: 3) { edges { cursor } } }`
	cursors := 0
	for field := range strings.FieldsSeq(s.Ask(t, s.Header(t, "SECRETARIAT", ""), query, "")) {
		plain, err := base64.RawURLEncoding.DecodeString(strings.Trim(field, `",`))
		if err != nil || len(plain) < 28 {
			continue
		}
		cursors++
		for _, told := range []string{"mem_", "aud_", "ben_", "2025", "members", "demo"} {
			if strings.Contains(strings.ToLower(string(plain)), told) {
				t.Errorf("a cursor says %q", plain)
			}
		}
	}
	if cursors < 9 {
		t.Errorf("%d cursors are too few", cursors)
	}
	other, err := portal.New(portal.Options{Store: s.Store, Clock: testkit.Clock(), Countries: testkit.Countries(t)})
	if err != nil {
		t.Fatal(err)
	}
	page, err := s.Portal.Members.List(t.Context(), nil, nil, kit.PageArgs{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Members.List(t.Context(), nil, nil, kit.PageArgs{After: page.PageInfo.EndCursor}); err == nil {
		t.Error("a process with another secret takes the cursor")
	}
}
