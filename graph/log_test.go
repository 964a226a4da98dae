package graph_test

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"memberportal/internal/membership"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/golden"
)

// TestLogHoldsNothingPersonal runs every golden document, bad tokens, and documents that are refused
// or fail, and then looks for everything in the log that must not be there.
func TestLogHoldsNothingPersonal(t *testing.T) {
	forbidden := map[string]string{}
	note := func(what, text string) {
		if len(text) > 3 && !number.MatchString(text) {
			forbidden[text] = what
		}
	}
	engine := testkit.Engines()[0]
	var log strings.Builder
	end := func(s *golden.Server) {
		s.Close()
		log.WriteString(s.Log.String())
	}
	shared, unwritten := golden.Serve(t, engine.Shared(t)), engine.Unwritten(t)
	for _, g := range golden.Documents(t, "testdata") {
		s := shared
		if strings.HasPrefix(g.Part("query"), "mutation") || g.Writes() { // whoever may not, asks here with whoever may
			s = golden.Serve(t, unwritten.Store())
		}
		for _, as := range []string{g.Part("as"), g.Part("then-as")} {
			if as == "" {
				continue
			}
			header := s.Header(t, as, g.Part("locale"))
			note("a token", strings.TrimPrefix(header.Get("Authorization"), "Bearer "))
			s.Ask(t, header, g.Part("query"), g.Part("variables"))
			if g.Part("then") != "" {
				s.Ask(t, header, g.Part("then"), "")
			}
		}
		if s != shared {
			end(s)
		}
		for _, quoted := range literals.FindAllStringSubmatch(g.Part("query")+g.Part("then"), -1) {
			note("a literal of "+g.Path, quoted[1])
		}
		for _, code := range codes.FindAllString(g.Part("want"), -1) {
			note("a code or secret address of "+g.Path, code)
		}
		for _, v := range leaves(t, g.Part("variables")) {
			note("a variable of "+g.Path, v)
		}
	}
	end(shared)
	fresh := engine.Fresh(t)
	members(t, fresh, note)
	last := golden.Serve(t, fresh)
	askBadly(t, last, fresh, note)
	end(last)
	searchLog(t, log.String(), forbidden)
}

// searchLog fails for every forbidden text of a log, and for a log that proves little.
func searchLog(t *testing.T, log string, forbidden map[string]string) {
	t.Helper()
	// Ids of requests are random letters, among which any short code stands by chance, and folders of tests have the
	// names of tests.
	said := testFolders.ReplaceAllString(requestIDs.ReplaceAllString(log, ""), "")
	for text, what := range forbidden {
		if strings.Contains(said, text) {
			t.Errorf("%s is in the log: %q", what, text)
		}
	}
	for _, pattern := range []string{`eyJ[\w-]`, `[\w.+-]+@[\w-]+\.\w`, `(?i)bearer \S`} {
		if found := regexp.MustCompile(pattern).FindString(log); found != "" {
			t.Errorf("the log has %q", found)
		}
	}
	if n := strings.Count(log, `"msg":"operation"`); n < 50 || strings.Count(log, `"msg":"token refused"`) < 5 || len(forbidden) < 100 {
		t.Errorf("%d operations, %d texts: this test has looked at too little", n, len(forbidden))
	}
	for line := range strings.Lines(log) {
		if strings.Count(line, `"request":`) != 1 {
			t.Errorf("no operation id, or two: %s", line)
		}
	}
}

var requestIDs = regexp.MustCompile(`"request":"[A-Z2-7]{26}"`)

var testFolders = regexp.MustCompile(regexp.QuoteMeta(os.TempDir()) + `/\w+`)

var literals = regexp.MustCompile(`"([^"\\]+)"`)

// number is one that a duration may be as well.
var number = regexp.MustCompile(`^[0-9.]+$`)

// codes are what opens an invitation or a calendar.
var codes = regexp.MustCompile(`[A-Z2-7]{32}`)

// leaves are the texts of a JSON document.
func leaves(t *testing.T, raw string) (found []string) {
	t.Helper()
	if raw == "" {
		return nil
	}
	var v any
	if err := json.Unmarshal([]byte(raw), &v); err != nil {
		t.Fatal(err)
	}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			found = append(found, v)
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	walk(v)
	return found
}

// members notes what is personal in the store.
func members(t *testing.T, s store.Store, note func(what, text string)) {
	t.Helper()
	for _, p := range testkit.Persons() {
		note("an address", *p.Email)
		note("a name", *p.Name)
	}
	for _, r := range testkit.Registrations() {
		for _, a := range r.StoredAnswers {
			note("an answer", a.Text)
		}
	}
	for _, e := range testkit.Events() {
		if e.JoinURL != nil {
			note("the way into a meeting", *e.JoinURL)
		}
	}
	note("the code of an invitation", testkit.InvitationCode)
	note("the code of an invitation of a person", testkit.PersonInvitationCode)
	note("the code of a registration", testkit.RegistrationCode)
	note("the secret of a calendar", testkit.CalendarSecret)
	all := membership.MemberNoun.In(s)
	ids := []string{}
	for _, m := range testkit.Members() {
		ids = append(ids, string(m.ID))
	}
	found, err := all.Many(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range found {
		for _, c := range m.StoredContacts {
			note("an address", c.Email)
			if c.Name != nil {
				note("a name", *c.Name)
			}
			if c.Phone != nil {
				note("a phone number", *c.Phone)
			}
		}
	}
}

// askBadly sends what is refused at every stage, each with a text that must not be kept, and asks a
// store that has stopped.
func askBadly(t *testing.T, s *golden.Server, fresh store.Store, note func(what, text string)) {
	t.Helper()
	secretariat := s.Header(t, "SECRETARIAT", "")
	good := secretariat.Get("Authorization")
	for _, token := range []string{"Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c3JfaGFja2VyIn0.", good + "x", "bearer " + good, "Basic c2VjcmV0OnNlY3JldA==", strings.ToLower(good), "Bearer sesame-open"} {
		note("a bad token", strings.TrimPrefix(token, "Bearer "))
		h := http.Header{"Content-Type": {"application/json"}, "Authorization": {token}}
		s.Ask(t, h, `{ viewer { id } }`, "")
	}
	for _, c := range []struct{ query, variables string }{
		{`query Q($id: ID!) { member(id: $id) { name } }`, `{"id": ["sesame-variable"]}`},
		{`query Q($id: ID!) { member(id: $id) { sesameField } }`, `{"id": "sesame-variable"}`},
		{`{ member(id: "sesame-literal") { `, ``},
		{`mutation U($i: UpdateMemberProfileInput!) { updateMemberProfile(input: $i) { userErrors { code } } }`, `{"i": {"id": "mem_ACTIVE", "expectedVersion": 1, "website": "sesame-website", "contacts": [{"function": "Sesame function", "name": "Ali Baba", "email": "ali@sesame.example"}]}}`},
		{`{ search(text: "sesame-search", first: 5) { nodes { __typename } } }`, ``},
	} {
		s.Ask(t, secretariat, c.query, c.variables)
	}
	for _, text := range []string{"sesame", "Sesame", "Ali Baba"} {
		note("what was sent", text)
	}
	if err := fresh.Close(); err != nil {
		t.Fatal(err)
	}
	s.Ask(t, secretariat, `query Q($id: ID!) { member(id: $id) { name } }`, `{"id": "mem_SESAME"}`)
	note("what was sent", "SESAME")
}
