package cli_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/benefits"
)

// follower is a focal point of a member of a category, who follows the links of benefits.
type follower struct {
	*testing.T
	s                         *server
	token, member, studyGroup string
	// registered are the events for which it registered here.
	registered map[string]bool
}

// action is a link of a benefit.
type action struct {
	Act         benefits.BenefitAct
	Label, Path string
	Series      *struct{ ID, Code string }
}

// benefit is what the portal says of a benefit.
type benefit struct {
	ID, Code              string
	Categories            []string
	Description, HowToUse struct{ Text string }
	Actions               []action
}

const benefitsQuery = `{ benefits(first: 100) { nodes { id code categories description { text(locale: EN) } howToUse { text(locale: EN) } actions { act label path series { id code } } } } }`

// found are all benefits, as the caller of a token sees them.
func found(t *testing.T, s *server, token string) []benefit {
	t.Helper()
	all := ask[struct{ Benefits struct{ Nodes []benefit } }](t, s, token, benefitsQuery).Benefits.Nodes
	if len(all) < 18 {
		t.Fatalf("%d benefits", len(all))
	}
	return all
}

// namesAnAct are the words by which a sentence says that something is done in the portal.
var namesAnAct = regexp.MustCompile(`(?i)\bin the portal\b|\bthrough your focal point\b|\bhave your focal point\b|\bregister\b|\bcheck\b.*\bmembership\b`)

// TestEverySentenceOfABenefitThatNamesAnActIsFollowed reads the texts of all benefits: what names an act in the portal has a
// link. Then it follows each link, as a focal point of each category that the benefit is for: the page is there, what its
// script asks is answered, and the act is open to that person, or done.
func TestEverySentenceOfABenefitThatNamesAnActIsFollowed(t *testing.T) {
	data := copied(t)
	s := serve(t, anyPort, "--data", data, "--now", "2025-03-31")
	used := map[benefits.BenefitAct]int{}
	followers := map[string]*follower{}
	for _, category := range []string{"SECTOR_MEMBER", "ASSOCIATE", "ACADEMIA"} {
		followers[category] = s.follower(t, data, category)
	}
	for _, b := range found(t, s, "") {
		for sentence := range strings.SplitAfterSeq(b.Description.Text+" "+b.HowToUse.Text, ". ") {
			if namesAnAct.MatchString(sentence) && len(b.Actions) == 0 {
				t.Errorf("%s names an act and links to none: %s", b.Code, sentence)
			}
		}
		for _, category := range b.Categories {
			t.Run(b.Code+" as "+category, func(t *testing.T) {
				f := *followers[category]
				f.T = t
				own := found(t, s, f.token)
				i := slices.IndexFunc(own, func(o benefit) bool { return o.Code == b.Code })
				if len(own[i].Actions) != len(b.Actions) {
					t.Fatalf("%d links for a focal point, %d for a visitor", len(own[i].Actions), len(b.Actions))
				}
				f.page("/benefits/" + b.ID)
				if shown := f.record("Benefit", b.ID)["actions"].([]any); len(shown) != len(b.Actions) {
					t.Errorf("the page of the benefit shows %v", shown)
				}
				for _, a := range own[i].Actions {
					used[a.Act]++
					if a.Label == "" || strings.Contains(a.Label, "{") {
						t.Errorf("%s has the text %q", a.Act, a.Label)
					}
					f.page(a.Path)
					follow[a.Act](&f, a)
				}
			})
		}
	}
	for _, act := range benefits.BenefitActs {
		if used[act] == 0 || follow[act] == nil {
			t.Errorf("no benefit that comes with the program names %s, or the test does not follow it", act)
		}
	}
}

// follower returns a focal point of an active member of a category.
func (s *server) follower(t *testing.T, data, category string) *follower {
	t.Helper()
	secretariat := s.tokens()["SECRETARIAT"]
	type members struct {
		Members struct {
			Nodes []struct{ ID, StudyGroup string }
		}
	}
	type mandates struct {
		Mandates struct {
			Nodes []struct {
				Role   string
				Person struct{ ID string }
			}
		}
	}
	for _, m := range ask[members](t, s, secretariat, fmt.Sprintf(`{ members(first: 100, filter: { categories: [%s], statuses: [ACTIVE] }) { nodes { id studyGroup } } }`, category)).Members.Nodes {
		for _, mandate := range ask[mandates](t, s, secretariat, fmt.Sprintf(`{ mandates(entity: %q, states: [CURRENT]) { nodes { role person { id } } } }`, m.ID)).Mandates.Nodes {
			if mandate.Role == "FOCAL_POINT" {
				code, token, stderr := command(t, "token", "--role=FOCAL_POINT", "--subject="+mandate.Person.ID, "--member="+m.ID, "--data="+data)
				if code != 0 {
					t.Fatal(stderr)
				}
				return &follower{T: t, s: s, token: strings.TrimSpace(token), member: m.ID, studyGroup: m.StudyGroup, registered: map[string]bool{}}
			}
		}
	}
	t.Fatalf("no %s has a focal point", category)
	return nil
}

// get returns what stands at a path, which must be there.
func (f *follower) get(path string) (kind, body string) {
	f.Helper()
	request, err := http.NewRequestWithContext(f.Context(), http.MethodGet, "http://"+f.s.address+path, nil)
	must(f.T, err)
	response, err := http.DefaultClient.Do(request)
	must(f.T, err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	must(f.T, err)
	if response.StatusCode != http.StatusOK {
		f.Fatalf("%s answers %d", path, response.StatusCode)
	}
	return response.Header.Get("Content-Type"), string(text)
}

func (f *follower) page(path string) {
	f.Helper()
	if kind, body := f.get(path); !strings.HasPrefix(kind, "text/html") || !strings.Contains(body, "<h1") {
		f.Errorf("%s is %s", path, kind)
	}
}

// asks sends a document that a page has, with its variables.
func (f *follower) asks(query string, variables map[string]any) map[string]any {
	f.Helper()
	raw, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	must(f.T, err)
	var answer struct {
		Data   map[string]any
		Errors []any
	}
	_, body := f.s.post(f.T, f.token, "", func(r *http.Request) {
		r.Body = io.NopCloser(strings.NewReader(string(raw)))
		r.ContentLength = int64(len(raw))
	})
	if err := json.Unmarshal([]byte(body), &answer); err != nil || len(answer.Errors) > 0 {
		f.Fatalf("%s is answered with %s", query, body)
	}
	return answer.Data
}

// answer is what the script of the page of a record gets for it: the record, and what is asked beside it.
func (f *follower) answer(kind, id string) map[string]any {
	f.Helper()
	_, script := f.get("/pages/record.js")
	asked := regexp.MustCompile(`(?m)^  ` + kind + `: \['([^']*)'`).FindStringSubmatch(script)
	if asked == nil {
		f.Fatalf("the page of a record knows no %s", kind)
	}
	_, after, _ := strings.Cut(script, asked[0])
	after, _, _ = strings.Cut(after, "],\n")
	beside := ""
	if more := regexp.MustCompile(`'([a-z]+\(.*)'$`).FindStringSubmatch(after); more != nil {
		beside = more[1]
	}
	data := f.asks(fmt.Sprintf(`query Record($id: ID!) { node(id: $id) { ... on %s { %s } } %s }`, kind, asked[1], beside), map[string]any{"id": id})
	if data["node"] == nil {
		f.Fatalf("there is no %s %s for this person", kind, id)
	}
	return data
}

func (f *follower) record(kind, id string) map[string]any {
	f.Helper()
	return f.answer(kind, id)["node"].(map[string]any)
}

// list is what the script of a page that lists gets.
func (f *follower) list(name string) []any {
	f.Helper()
	_, script := f.get("/pages/list.js")
	query := regexp.MustCompile("(?m)^  " + name + ": \\[`([^`]*)`").FindStringSubmatch(script)
	if query == nil {
		f.Fatalf("no page lists %s", name)
	}
	document := query[1]
	for _, constant := range regexp.MustCompile(`(?m)^const (\w+) = '([^']*)';`).FindAllStringSubmatch(script, -1) {
		document = strings.ReplaceAll(document, "${"+constant[1]+"}", constant[2])
	}
	return f.asks(document, map[string]any{"at": nil})[name].(map[string]any)["nodes"].([]any)
}

// does sends a mutation that must have no faults.
func (f *follower) does(mutation string) {
	f.Helper()
	for name, payload := range f.asks("mutation { "+mutation+" }", nil) {
		if faults := payload.(map[string]any)["userErrors"].([]any); len(faults) > 0 {
			f.Errorf("%s: %v", name, faults)
		}
	}
}

// coming are the events to come of the series of an action, or all of them, as the page shows them.
func (f *follower) coming(a action) (all []map[string]any) {
	f.Helper()
	var nodes []any
	if a.Series == nil {
		nodes = f.list("events")
	} else {
		nodes = f.answer("EventSeries", a.Series.ID)["events"].(map[string]any)["nodes"].([]any)
	}
	for _, n := range nodes {
		all = append(all, n.(map[string]any))
	}
	if len(all) == 0 {
		f.Errorf("%s leads to no event", a.Label)
	}
	return all
}

// eligible says whether the person may register for an event, as the page says it.
func eligible(e map[string]any) bool {
	is, _ := e["eligibility"].(map[string]any)
	return is != nil && is["eligible"] == true
}

// follow does what each act says, or looks whether it can be done.
var follow = map[benefits.BenefitAct]func(f *follower, a action){
	benefits.SeeEvents: func(f *follower, a action) {
		for _, e := range f.coming(a) {
			f.page("/events/" + e["id"].(string))
			f.record("Event", e["id"].(string))
		}
	},
	benefits.RegisterForEvent: func(f *follower, a action) {
		open := 0
		for _, e := range f.coming(a) {
			id := e["id"].(string)
			f.page("/events/" + id)
			if f.registered[id] || eligible(e) {
				open++
			}
			if f.registered[id] || !eligible(e) {
				continue
			}
			format, mode := f.asks(`query Format($id: ID!) { event(id: $id) { format } }`, map[string]any{"id": id})["event"].(map[string]any)["format"], "IN_PERSON"
			if format == "VIRTUAL" {
				mode = "REMOTE"
			}
			f.does(fmt.Sprintf(`registerForEvent(input: { event: %q, mode: %s, consent: true }) { userErrors { code field message } }`, id, mode))
			f.registered[id] = true
		}
		// An Associate takes part in the meetings of its own study group alone.
		other := f.studyGroup != "" && strings.HasPrefix(a.Series.Code, "STUDY_GROUP_") && !strings.HasSuffix(a.Series.Code, f.studyGroup[2:])
		if (open == 0) != other {
			f.Errorf("%d events of %s are open", open, a.Series.Code)
		}
	},
	benefits.SubmitContribution: func(f *follower, a action) {
		open := 0
		for _, e := range f.coming(a) {
			call, _ := e["contributions"].(map[string]any)
			if call == nil || call["closesOn"].(string) < "2025-03-31" {
				continue
			}
			open++
			f.does(fmt.Sprintf(`submitContribution(input: { event: %q, title: "a", abstract: "a", source: { link: "https://docs.example/a" }, language: EN, topic: "GUIDELINE_1" }) { userErrors { code field message } }`, e["id"]))
		}
		if open == 0 {
			f.Errorf("%s takes no contributions", a.Series.Code)
		}
	},
	benefits.ProposeTopic: func(f *follower, a action) {
		if topics, _ := f.record("EventSeries", a.Series.ID)["topics"].(map[string]any); topics == nil || topics["open"] != true {
			f.Fatalf("%s takes no topics", a.Series.Code)
		}
		f.does(fmt.Sprintf(`submitContribution(input: { series: %q, title: "a", abstract: "a", language: EN }) { userErrors { code field message } }`, a.Series.ID))
	},
	benefits.ReplyToConsultation: func(f *follower, _ action) {
		asked := 0
		for _, c := range f.list("consultations") {
			id := c.(map[string]any)["id"].(string)
			f.page("/consultations/" + id)
			f.record("Consultation", id)
			own := f.asks(`query Own($id: ID!) { consultation(id: $id) { status myParticipation { reply } } }`, map[string]any{"id": id})["consultation"].(map[string]any)
			if own["status"] == "OPEN" && own["myParticipation"] != nil {
				asked++
			}
		}
		if asked == 0 {
			f.Errorf("no consultation is open and addressed to a member of this category")
		}
	},
	benefits.SeeMembership: func(f *follower, a action) {
		if a.Path != "/members/"+f.member || f.record("Member", f.member)["studyGroup"] != f.studyGroup {
			f.Errorf("%s does not show the study group %s", a.Path, f.studyGroup)
		}
	},
	benefits.UpdateProfile: func(f *follower, a action) {
		if a.Path != "/members/"+f.member {
			f.Fatalf("it leads to %s", a.Path)
		}
		version := f.asks(`query Version($id: ID!) { member(id: $id) { version } }`, map[string]any{"id": f.member})["member"].(map[string]any)["version"]
		f.does(fmt.Sprintf(`updateMemberProfile(input: { id: %q, expectedVersion: %v, socialLinks: [{ network: LINKEDIN, url: "https://social.example/us" }] }) { userErrors { code field message } }`, f.member, version))
		if links := f.record("Member", f.member)["socialLinks"].([]any); len(links) != 1 {
			f.Errorf("the page shows the links %v", links)
		}
	},
}
