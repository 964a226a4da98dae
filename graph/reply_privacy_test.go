package graph_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/testkit"
	"memberportal/internal/testkit/golden"
)

// replyReader is what somebody finds of the fixture's replies, by their names: reads are those whose
// words are found, receipts those whose references are, and own those whose nonces and canonical texts are.
type replyReader struct {
	reads, receipts, own []string
	sorting, draft       bool
}

// everybodyReads are the replies that are published with their texts, and everybodyMeets those without.
var everybodyReads, everybodyMeets = []string{"ATTRIBUTED", "VIEW"}, []string{"ANONYMISED", "UNNAMED"}

// replyReaders say what is visible to whom; all else must not be.
var replyReaders = map[string]replyReader{
	"nobody":            {reads: everybodyReads},
	"APPLICANT":         {reads: everybodyReads},
	"ADMINISTRATION KE": {reads: everybodyReads},
	"REVIEWER RAG":      {reads: everybodyReads},
	"OPERATOR":          {reads: everybodyReads},
	"DELEGATE mem_ACTIVE usr_DELEGATE": {
		reads: append([]string{"CONFIDENTIAL"}, everybodyReads...), receipts: []string{"CONFIDENTIAL", "VIEW"}, own: []string{"CONFIDENTIAL", "VIEW"}, draft: true,
	},
	"DELEGATE mem_ACTIVE usr_COLLEAGUE": {
		reads: append([]string{"CONFIDENTIAL"}, everybodyReads...), receipts: []string{"CONFIDENTIAL"}, own: []string{"CONFIDENTIAL"}, draft: true,
	},
	"FOCAL_POINT mem_ACTIVE usr_FOCAL": {
		reads: append([]string{"CONFIDENTIAL"}, everybodyReads...), receipts: []string{"CONFIDENTIAL", "VIEW"}, own: []string{"CONFIDENTIAL", "VIEW"}, draft: true,
	},
	"FOCAL_POINT mem_INTERNATIONAL usr_INTERNATIONAL": {
		reads: append([]string{"EARLY"}, everybodyReads...), receipts: []string{"ATTRIBUTED", "EARLY"}, own: []string{"ATTRIBUTED", "EARLY"},
	},
	"FOCAL_POINT mem_LEAVING usr_LEAVING": {reads: append([]string{"TAKEN"}, everybodyReads...), receipts: []string{"TAKEN"}, own: []string{"TAKEN"}},
	"ADMINISTRATION UG": {
		reads: append([]string{"SECRET", "AMENDED"}, everybodyReads...), receipts: []string{"ANONYMISED", "SECRET"}, own: []string{"ANONYMISED", "SECRET"},
	},
	"REVIEWER TDAG": {
		reads: append([]string{"CONFIDENTIAL", "EARLY", "SECRET", "AMENDED"}, everybodyReads...), receipts: []string{"ANONYMISED", "UNNAMED", "ATTRIBUTED", "VIEW", "CONFIDENTIAL", "EARLY", "SECRET"}, sorting: true,
	},
	"SECRETARIAT": {
		reads:    append([]string{"CONFIDENTIAL", "EARLY", "SECRET", "AMENDED", "TAKEN"}, everybodyReads...),
		receipts: []string{"ANONYMISED", "UNNAMED", "ATTRIBUTED", "VIEW", "CONFIDENTIAL", "EARLY", "SECRET", "TAKEN"}, sorting: true,
	},
}

// knowsWhoIsAnonymous are those who may be told who handed in the anonymised reply.
var knowsWhoIsAnonymous = []string{"ADMINISTRATION UG", "REVIEWER TDAG", "SECRETARIAT"}

// replyTexts are all texts of the fixture's replies, with whether a reader finds them.
func (r replyReader) texts() map[string]bool {
	want := map[string]bool{"Testbed draft words": r.draft, "FEES": r.sorting, "CAMPAIGN_A": true}
	for _, x := range testkit.Replies() {
		name := strings.TrimPrefix(string(x.ID), "fbk_")
		want["Testbed words of "+name] = slices.Contains(r.reads, name) || slices.Contains(r.receipts, name)
		want[x.StoredSubmissions[0].StoredReceipt.Reference] = slices.Contains(r.receipts, name)
		want[x.StoredSubmissions[0].StoredReceipt.SHA256] = slices.Contains(r.receipts, name)
		want["nonce "+name] = slices.Contains(r.own, name)
		want["canonical "+name] = slices.Contains(r.own, name)
		want[`"`+string(x.ID)+`"`] = slices.Contains(r.reads, name) || slices.Contains(everybodyMeets, name)
	}
	want["Testbed words of AMENDED"] = slices.Contains(r.reads, "AMENDED")
	return want
}

// aReply asks all of a reply.
const aReply = `{ id version publication status timeliness language contactConsent answers { text }
	entity { __typename ... on Member { id } ... on Country { id } } person { id } respondent { kind region country { id } }
	receipt { reference at timeliness sha256 nonce canonical } submissions { number answers { text } receipt { reference sha256 nonce canonical } }
	classification { tags campaignGroup } citationAgreedAt outcome { paragraphs { id citations { id } } } }`

// aSynthesis asks for all replies that a synthesis names.
const aSynthesis = `{ id paragraphs { citations ` + aReply + ` } draft { citations ` + aReply + ` } }`

// replyPaths lead further than the walk to replies and drafts.
var replyPaths = []string{
	`{ feedback(first: 100) { edges { node ` + aReply + ` } } }`,
	`{ feedback(filter: { consultation: "con_CLOSED" }) { totalCount edges { node ` + aReply + ` } } }`,
	`{ feedback(filter: { consultation: "con_CLOSED", regions: [AFR] }) { totalCount nodes ` + aReply + ` } }`,
	`{ feedback(filter: { consultation: "con_CLOSED", statuses: [WITHDRAWN] }) { nodes ` + aReply + ` } }`,
	`{ feedback(filter: { consultation: "con_CLOSED", campaignGroup: "CAMPAIGN_A" }) { nodes ` + aReply + ` } }`,
	`{ feedback(filter: { capacities: [DELEGATE_VIEW] }) { nodes ` + aReply + ` } }`,
	`{ feedback(filter: { statuses: [WITHDRAWN] }) { nodes ` + aReply + ` } }`,
	`{ node(id: "fbk_ANONYMISED") { ... on Feedback ` + aReply + ` } }`,
	`{ nodes(ids: ["fbk_CONFIDENTIAL", "fbk_ANONYMISED", "fbk_ATTRIBUTED", "fbk_VIEW", "fbk_TAKEN", "fbk_EARLY", "fbk_SECRET"]) { ... on Feedback ` + aReply + ` } }`,
	`{ node(id: "syn_CLOSED") { ... on Synthesis ` + aSynthesis + ` } }`,
	`{ consultations { nodes { synthesis ` + aSynthesis + ` myDraft { answers { answer { text } } } } } }`,
	`{ consultation(id: "con_OPEN") { myDraft { answers { answer { text } editedBy { id } } } myParticipation { feedback ` + aReply + ` } } }`,
	`{ consultation(id: "con_CLOSED") { myParticipation { entity { ... on Member { id } } feedback ` + aReply + ` } } }`,
	`{ participations { nodes { feedback ` + aReply + ` consultation { myDraft { answers { answer { text } } } } } } }`,
	`{ participations(filter: { consultation: "con_CLOSED" }, first: 100) { nodes { entity { ... on Country { id } } feedback ` + aReply + ` } } }`,
	`{ feedback(filter: { consultation: "con_CLOSED" }) { nodes { outcome { paragraphs { citations ` + aReply + ` } } } } }`,
}

// anonymous holds an answer against telling of the anonymised reply who handed it in.
func anonymous(t *testing.T, document string, answer any, above []string) (found bool) {
	switch v := answer.(type) {
	case []any:
		for _, item := range v {
			found = anonymous(t, document, item, above) || found
		}
	case map[string]any:
		if v["id"] == "fbk_ANONYMISED" {
			found = true
			for _, field := range []string{"entity", "person", "respondent", "receipt", "submissions", "version", "contactConsent", "classification", "timeliness", "language", "citationAgreedAt"} {
				if v[field] != nil {
					t.Errorf("the anonymised reply has the %s %v in the answer to %s", field, v[field], document)
				}
			}
			if slices.Contains(above, "cty_UG") {
				t.Errorf("the anonymised reply hangs on Uganda in the answer to %s", document)
			}
		}
		for _, field := range v {
			if is, ok := field.(map[string]any); ok {
				if id, ok := is["id"].(string); ok {
					above = append(above[:len(above):len(above)], id)
				}
			}
		}
		for _, field := range v {
			found = anonymous(t, document, field, above) || found
		}
	}
	return found
}

// TestRepliesAreFoundByWhoMayReadThem asks everything that the schema offers as everybody, and holds what
// is found of the fixture's replies against a table.
func TestRepliesAreFoundByWhoMayReadThem(t *testing.T) {
	s := golden.Serve(t, testkit.Engines()[0].Fresh(t))
	done := s.Ask(t, s.Header(t, "ADMINISTRATION UG", ""), `mutation { amendFeedback(input: { id: "fbk_SECRET", expectedVersion: 1,
		answers: [{ question: "Q_TEXT", text: "Testbed words of AMENDED" }] }) { feedback { id } userErrors { code } } }`, "")
	if strings.Contains(done, `"code"`) || !strings.Contains(done, "fbk_SECRET") {
		t.Fatal(done)
	}
	documents := append(walkOf(t), replyPaths...)
	for as, reader := range replyReaders {
		t.Run(as, func(t *testing.T) {
			header, want := s.Header(t, as, ""), reader.texts()
			found, met, audited := map[string]bool{}, false, false
			for _, d := range documents {
				answer := s.Call(t, header, d, "")
				if strings.Contains(answer, "GRAPHQL_") || strings.Contains(answer, "INTERNAL") && strings.Contains(answer, `"errors"`) && !strings.Contains(answer, `"data"`) {
					t.Fatalf("%s\n%s", d, answer)
				}
				inLog := strings.HasPrefix(d, "{ auditLog")
				audited = audited || inLog && strings.Contains(answer, "amendFeedback")
				if inLog && as == "OPERATOR" && strings.Contains(answer, "fbk_") {
					t.Errorf("the log says who wrote which reply: %s", answer)
				}
				for text, may := range want {
					if strings.Contains(answer, text) && !(inLog && as == "OPERATOR" && text == `"fbk_SECRET"`) {
						if !may && !found[text] {
							t.Errorf("%q is in the answer to %s", text, d)
						}
						found[text] = true
					}
				}
				if !slices.Contains(knowsWhoIsAnonymous, as) && strings.Contains(answer, "fbk_ANONYMISED") {
					var read any
					if err := json.Unmarshal([]byte(answer), &read); err != nil {
						t.Fatal(err)
					}
					met = anonymous(t, d, read, nil) || met
				}
			}
			for text, may := range want {
				if may && !found[text] {
					t.Errorf("%q is not found", text)
				}
			}
			if !met && !slices.Contains(knowsWhoIsAnonymous, as) {
				t.Error("the anonymised reply was never met")
			}
			if audited != (as == "SECRETARIAT") {
				t.Errorf("the log tells that a reply was amended: %v", audited)
			}
		})
	}
	if len(documents) < 300 {
		t.Errorf("%d documents are too few", len(documents))
	}
}
