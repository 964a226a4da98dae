package graph_test

import (
	"strings"
	"testing"

	gql "github.com/vektah/gqlparser/v2/ast"

	"memberportal/internal/consultations"
	"memberportal/internal/kit"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/golden"
)

// strangers are those for whom no registration of the fixture exists, nor what hangs on one.
var strangers = []string{
	"nobody", "DELEGATE mem_INTERNATIONAL", "FOCAL_POINT mem_INTERNATIONAL", "ADMINISTRATION KE", "OPERATOR",
}

// private is what says of the fixture's registrants who they are and what they answered, where they
// meet, and what was proposed but not published. Grace Akello lets everybody know her name.
var private = []string{
	"Peter Okot", "delegate@example.org", "David Mugisha", "uganda@example.org", "focal@example.org", "A ramp", "A quiet seat", "Amina Otieno", "amina@example.org",
	"Testbed Guest", "https://meet.example/open", "Testbed contribution", "Testbed topic", "What we would talk about.", "https://docs.example/contribution", "What we propose.",
	"Testbed tool", "The delegate finds no filter.", "Testbed process", "The focal point waits for weeks.", "The secretariat hires somebody.",
	"Testbed payment SECOND", "The class of a developed country",
	"applicant.review@example.org", "Testbed Active Ltd", "Entry in the register", "The officer knows nobody there.", "Which licence do you hold?", "Testbed Newcomer Ltd",
	"Samuel Okello", "outgoing@example.org", "Amélie Tremblay", "incoming@example.org", "Joan Nabirye",
	"Testbed reason REFUSED", "Testbed class is for developing countries", "Testbed Excluded",
}

// privateIDs name the same. An operator reads in the audit log what was changed by whom.
var privateIDs = []string{
	"reg_", "inv_OPEN", "pin_OPEN", "man_INVITED", "ctr_SENT", "cal_ACTIVE", "sfb_", "ivc_", "app_SUBMITTED", "app_REVIEW", "app_ASKED", "pay_", "usr_DELEGATE", "usr_UGANDA", "usr_FOCAL", "man_FOCAL", "man_DELEGATE", "man_FORMER", "man_UGANDA", "man_MINISTER", "man_OUTGOING", "man_INCOMING", "usr_OUTGOING", "usr_INCOMING", "mcr_REFUSED",
}

// secrets are told to nobody.
var secrets = []string{testkit.InvitationCode, testkit.PersonInvitationCode, testkit.RegistrationCode, "No fish for Dora", testkit.CalendarSecret, "codeHash", "secretHash", "Testbed Draft", "applicant.draft@example.org"}

// arguments are those of root fields that need some, each a case of its own.
var arguments = map[string][]string{
	"node": {`(id: "lia_TESTBED")`, `(id: "con_CLOSED")`, `(id: "con_OPEN")`, `(id: "con_DRAFT")`, `(id: "syn_CLOSED")`,
		`(id: "fbk_CONFIDENTIAL")`, `(id: "fbk_ANONYMISED")`, `(id: "fbk_ATTRIBUTED")`, `(id: "fbk_VIEW")`, `(id: "fbk_TAKEN")`, `(id: "fbk_EARLY")`, `(id: "fbk_SECRET")`,
		byID(consultations.DraftID("con_OPEN", "mem_ACTIVE", "")), byID(consultations.ParticipationID("con_CLOSED", "cty_UG")), byID(consultations.ParticipationID("con_CLOSED", "mem_ACTIVE")),
		byID(consultations.ParticipationID("con_OPEN", "cty_UG")), byID(consultations.ParticipationID("con_CLOSED", "mem_LEAVING")),
		`(id: "reg_FOCAL")`, `(id: "reg_ASKED")`, `(id: "reg_BROUGHT")`, `(id: "inv_OPEN")`, `(id: "pin_OPEN")`, `(id: "man_INVITED")`, `(id: "ctr_SENT")`, `(id: "cal_ACTIVE")`, `(id: "sfb_GIVEN")`, `(id: "sfb_ANSWERED")`, `(id: "ivc_SETTLED")`, `(id: "ivc_LATE")`, `(id: "usr_DELEGATE")`, `(id: "man_OUTGOING")`, `(id: "usr_INCOMING")`, `(id: "exm_REFUSED")`, `(id: "mcr_REFUSED")`, `(id: "app_SUBMITTED")`, `(id: "app_DRAFT")`, `(id: "evt_OPEN")`},
	"nodes": {`(ids: ["reg_UGANDA", "reg_PAST", "inv_OPEN", "ctr_SENT", "cal_ACTIVE", "sfb_GIVEN", "sfb_ANSWERED", "ivc_OPEN", "ivc_CANCELLED", "app_REVIEW", "app_DRAFT", "app_ASKED", "usr_UGANDA", "evt_FULL", "mem_ACTIVE"])`,
		`(ids: ["lia_TESTBED", "con_CLOSED", "con_OPEN", "con_DRAFT", "syn_CLOSED", "fbk_CONFIDENTIAL", "fbk_ANONYMISED", "fbk_ATTRIBUTED", "fbk_VIEW", "fbk_TAKEN", "fbk_EARLY", "fbk_SECRET"])`,
		byIDs(consultations.DraftID("con_OPEN", "mem_ACTIVE", ""), consultations.ParticipationID("con_CLOSED", "cty_UG"), consultations.ParticipationID("con_OPEN", "mem_INTERNATIONAL"))},
	"member":             {`(id: "mem_ACTIVE")`, `(id: "mem_ACTIVE", asOf: "2024-01-01")`},
	"country":            {`(id: "cty_UG")`},
	"event":              {`(id: "evt_OPEN")`, `(id: "evt_PAST")`},
	"eventStatistics":    {`(event: "evt_OPEN")`},
	"participants":       {`(event: "evt_OPEN")`, `(event: "evt_PAST")`, `(event: "evt_CLOSED")`},
	"invitation":         {`(code: "guessed")`},
	"job":                {`(id: "job_DONE")`},
	"registrationNotice": {`(code: "guessed")`},
	"guestNotice":        {`(code: "guessed")`},
	"personInvitations":  {`(entity: "mem_SUSPENDED")`, `(entity: "cty_UG")`},
	"mandates":           {`(entity: "mem_ACTIVE")`, `(entity: "cty_UG")`, `(entity: "mem_PENDING")`},
	"search":             {`(query: "testbed")`, `(query: "akello")`, `(query: "otieno")`, `(query: "contribution")`, `(query: "testbed words")`, `(query: "draft words")`},
	"consultation":       {`(id: "con_OPEN")`, `(id: "con_CLOSED")`, `(id: "con_DRAFT")`},
	"consultationReach":  {`(id: "con_OPEN")`, `(id: "con_DRAFT")`},
	"consultations":      {``, `(filter: { statement: "lia_TESTBED" })`},
	"participations":     {`(filter: { consultation: "con_OPEN" })`, `(filter: { consultation: "con_CLOSED" })`},
	"feedback": {`(filter: { consultation: "con_OPEN" })`, `(filter: { consultation: "con_CLOSED" })`, `(filter: { consultation: "con_CLOSED", statuses: [SUBMITTED, WITHDRAWN] })`,
		`(filter: { consultation: "con_CLOSED", kinds: [MEMBER_STATE] })`, `(filter: { consultation: "con_CLOSED", tag: "FEES" })`, `(filter: { consultation: "con_CLOSED", publications: [CONFIDENTIAL] })`},
	"application":              {`(id: "app_SUBMITTED")`, `(id: "app_REVIEW")`, `(id: "app_ASKED")`, `(id: "app_KENYA")`, `(id: "app_DRAFT")`},
	"applications":             {`(first: 30)`},
	"answerMatrix":             {`(consultation: "con_OPEN")`, `(consultation: "con_CLOSED")`, `(consultation: "con_CLOSED", timeliness: LATE)`},
	"publishedCounts":          {`(consultation: "con_OPEN")`, `(consultation: "con_CLOSED")`},
	"consultationResponses":    {`(consultation: "con_OPEN")`, `(consultation: "con_CLOSED")`},
	"registrations":            {`(filter: { event: "evt_OPEN" })`, `(filter: { entity: "mem_ACTIVE" })`, `(filter: { entity: "cty_UG" })`},
	"contributions":            {``, `(filter: { entity: "mem_ACTIVE" })`, `(filter: { series: "ser_TESTBED" })`},
	"serviceFeedback":          {``, `(filter: { entity: "mem_ACTIVE" })`},
	"feeQuote":                 {`(input: { category: SECTOR_MEMBER, country: "cty_UG" })`},
	"compareMemberships":       {`(input: { member: "mem_ACTIVE", with: { category: ASSOCIATE } })`, `(input: { category: SECTOR_MEMBER, with: { category: ASSOCIATE } })`},
	"invoices":                 {`(member: "mem_ACTIVE")`, `(member: "mem_SUSPENDED")`},
	"membershipChangeRequests": {``, `(member: "mem_ACTIVE")`},
	"memberAccount":            {`(member: "mem_ACTIVE")`, `(member: "mem_SUSPENDED")`},
	"openInvoices":             {``, `(dueBefore: "2025-01-01")`},
	"benefit":                  {`(id: "` + aBenefit + `")`},
	"mails":                    {``, `(filter: { state: FAILED })`},
	"auditLog":                 {`(filter: { targetId: "reg_ASKED" })`, `(filter: { targetId: "fbk_SECRET" })`, `(first: 5)`},
}

// innerArguments are those of fields of other types that need some.
var innerArguments = map[string]string{
	"MembershipStatistics.evolution": `(dates: ["2025-03-31"])`,
	"MembershipStatistics.movements": `(from: "2019-01-01", to: "2025-03-31")`,
	"MembershipStatistics.revenue":   `(from: "2024-01-01", to: "2025-03-31")`,
	"MembershipStatistics.forecast":  `(until: "2025-06-30")`,
}

// deeper are documents that reach records in more than three steps.
var deeper = []string{
	`{ membershipStatistics { movements(from: "2019-01-01", to: "2025-03-31") { sectorMembersAndAssociates { joined { members { nodes { id name status } } } left { byReason { reason } members { nodes { id name status history { reason } } } } } } } }`,
	`{ membershipStatistics { revenue(from: "2024-01-01", to: "2025-03-31") { sectorMembersAndAssociates { gain { rows { nodes { member { id name } } } } loss { rows { nodes { member { id name } } } } } } } }`,
	`{ membershipStatistics { pipeline { sectorMembersAndAssociates { pendingApproval { applications { nodes { id name contact { email } } } } approvedUnpaid { members { nodes { id name } } } } } } }`,
}

func byID(id kit.ID) string { return `(id: "` + string(id) + `")` }

func byIDs(ids ...kit.ID) string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = `"` + string(id) + `"`
	}
	return "(ids: [" + strings.Join(all, ", ") + "])"
}

// walk writes documents that together ask each root field for all that can be reached from it in
// three steps; a connection is no step.
type walk struct {
	schema    *gql.Schema
	documents []string
}

// object is the type of a field, or of the items of a connection.
func (w *walk) object(f *gql.FieldDefinition) *gql.Definition {
	d := w.schema.Types[f.Type.Name()]
	if strings.HasSuffix(d.Name, "Connection") {
		return w.schema.Types[d.Fields.ForName("nodes").Type.Name()]
	}
	return d
}

// sub writes a field with a selection of its objects.
func (w *walk) sub(f *gql.FieldDefinition, arguments, on, selection string) string {
	if on != "" {
		selection = "... on " + on + " { " + selection + " }"
	}
	if strings.HasSuffix(f.Type.Name(), "Connection") {
		selection = "nodes { " + selection + " }"
	}
	return f.Name + arguments + " { " + selection + " }"
}

// kinds are the object types that a field may answer with, by their names for a fragment.
func (w *walk) kinds(f *gql.FieldDefinition) map[string]*gql.Definition {
	d := w.object(f)
	if d.Kind == gql.Object {
		return map[string]*gql.Definition{"": d}
	}
	kinds := map[string]*gql.Definition{}
	for _, p := range w.schema.GetPossibleTypes(d) {
		kinds[p.Name] = p
	}
	return kinds
}

// selection asks an object for its leaves, and for those of its neighbours as many steps away.
func (w *walk) selection(d *gql.Definition, steps int) string {
	out := []string{"__typename"}
	for _, f := range d.Fields {
		switch {
		case strings.HasPrefix(f.Name, "__"):
		case w.schema.Types[f.Type.Name()].IsLeafType():
			out = append(out, f.Name)
		case steps > 0:
			for on, kind := range w.kinds(f) {
				if on == "" || on == "Member" { // the leaves of other types would not go together
					out = append(out, w.sub(f, innerArguments[d.Name+"."+f.Name], on, w.selection(kind, steps-1)))
				}
			}
		}
	}
	return strings.Join(out, " ")
}

func walkOf(t *testing.T) []string {
	w := &walk{schema: schema(t)}
	for _, root := range w.schema.Query.Fields {
		if strings.HasPrefix(root.Name, "__") || w.schema.Types[root.Type.Name()].IsLeafType() {
			continue
		}
		given := arguments[root.Name]
		if given == nil {
			given = []string{""}
		}
		for _, args := range given {
			for on, kind := range w.kinds(root) {
				if prefix := nodePrefixes[on]; prefix != "" && !strings.Contains(args, `"`+prefix+"_") {
					continue // an id of another type
				}
				w.documents = append(w.documents, "{ "+w.sub(root, args, on, w.selection(kind, 0))+" }")
				for _, f := range kind.Fields {
					if w.schema.Types[f.Type.Name()].IsLeafType() {
						continue
					}
					for next, neighbour := range w.kinds(f) {
						w.documents = append(w.documents, "{ "+w.sub(root, args, on, w.sub(f, innerArguments[kind.Name+"."+f.Name], next, w.selection(neighbour, 1)))+" }")
					}
				}
			}
		}
	}
	return append(w.documents, deeper...)
}

// TestStrangersReachNothingOfRegistrants asks everything that the schema offers as somebody who has
// nothing to do with the fixture's registrants, and looks for them in the answers. The secretariat
// finds them by the same documents, so that the test looks in the right places.
func TestStrangersReachNothingOfRegistrants(t *testing.T) {
	s := golden.Serve(t, testkit.Engines()[0].Fresh(t))
	done := s.Ask(t, s.Header(t, "SECRETARIAT", ""), `mutation {
		confirmRegistration(input: { id: "reg_ASKED", expectedVersion: 1 }) { registration { id } userErrors { code } }
		registerForEvent(input: { event: "evt_OPEN", entity: "cty_UG", person: "usr_UGANDA", mode: REMOTE, consent: true }) { registration { id } userErrors { code } }
		acceptEventInvitation(input: { code: "`+testkit.InvitationCode+`", name: "Amina Otieno", email: "amina@example.org", mode: REMOTE, consent: true, nameVisibility: PARTICIPANTS, answers: [{ question: "NEEDS", text: "A quiet seat" }] }) { reference userErrors { code } }
	}`, "")
	if strings.Contains(done, `"code"`) || strings.Contains(done, "errors") {
		t.Fatal(done)
	}
	documents := walkOf(t)
	found := map[string]bool{}
	answers := func(as string, each func(document, answer string)) {
		header := s.Header(t, as, "")
		for _, d := range documents {
			answer := s.Call(t, header, d, "")
			if strings.Contains(answer, "GRAPHQL_") || strings.Contains(answer, "BAD_USER_INPUT") {
				t.Fatalf("%s\n%s", d, answer)
			}
			each(d, answer)
		}
	}
	for _, as := range strangers {
		t.Run(as, func(t *testing.T) {
			answers(as, func(document, answer string) {
				for _, text := range append(append([]string{}, private...), secrets...) {
					if strings.Contains(answer, text) {
						t.Errorf("%q is in the answer to %s", text, document)
					}
				}
				for _, id := range privateIDs {
					if strings.Contains(answer, `"`+id) && !strings.HasPrefix(document, "{ auditLog") {
						t.Errorf("%q is in the answer to %s:\n%s", id, document, answer)
					}
				}
			})
		})
	}
	answers("SECRETARIAT", func(_, answer string) {
		for _, text := range private {
			found[text] = found[text] || strings.Contains(answer, text)
		}
		for _, text := range secrets {
			if strings.Contains(answer, text) {
				t.Errorf("the secretariat is told %q", text)
			}
		}
	})
	for _, text := range private {
		if !found[text] {
			t.Errorf("the secretariat does not find %q, so that the test proves nothing", text)
		}
	}
	if len(documents) < 200 {
		t.Errorf("%d documents are too few", len(documents))
	}
}
