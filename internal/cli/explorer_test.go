package cli_test

import (
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// page asks for a page under a name of this machine.
func (s *server) page(t *testing.T, path string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.address+path, nil)
	must(t, err)
	request.Host = "localhost:8080"
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	must(t, err)
	return response.StatusCode, string(raw)
}

func TestExplorerIsOnInDevelopmentOnly(t *testing.T) {
	data := t.TempDir()
	code, _, stderr := command(t, "key", filepath.Join(data, "key.json"))
	if code != 0 {
		t.Fatal(stderr)
	}
	production := []string{"--mode=production", "--signing-key", filepath.Join(data, "key.json"), "--store", "sqlite:" + filepath.Join(data, "portal.db"), "--create"}
	for name, c := range map[string]struct {
		args           []string
		page, sessions bool
	}{
		"development":                  {[]string{"--demo-members=0"}, true, true},
		"development without tokens":   {[]string{"--demo-members=0", "--no-tokens"}, true, false},
		"development without explorer": {[]string{"--demo-members=0", "--explorer=off"}, false, false},
		"production":                   {production, false, false},
		"production that asks for it":  {append(production, "--explorer=on"), true, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, append([]string{anyPort, "--data", testbed(t)}, c.args...)...)
			defer s.stop(t)
			if status, body := s.page(t, "/"); status != http.StatusOK || strings.Contains(body, "<title>memberportal explorer</title>") != c.page ||
				strings.HasPrefix(body, "memberportal: ") == c.page {
				t.Errorf("HTTP %d: %s", status, body)
			}
			if status, _ := s.page(t, "/explorer/contents.json"); (status == http.StatusOK) != c.page {
				t.Errorf("contents: HTTP %d", status)
			}
			if status, body := s.page(t, "/explorer/session.json"); (status == http.StatusOK) != c.sessions || strings.Contains(body, "ey") != c.sessions {
				t.Errorf("session: HTTP %d: %s", status, body)
			}
		})
	}
}

func TestExplorerSendsThePrintedTokens(t *testing.T) {
	s := serve(t, anyPort, "--data", t.TempDir())
	defer s.stop(t)
	var session struct {
		Roles []struct{ Name, Token string }
	}
	_, body := s.page(t, "/explorer/session.json")
	must(t, json.Unmarshal([]byte(body), &session))
	printed := s.tokens()
	if len(session.Roles) != len(printed) || len(printed) == 0 {
		t.Errorf("%d roles, %d tokens are printed", len(session.Roles), len(printed))
	}
	for _, r := range session.Roles {
		if r.Token != printed[r.Name] {
			t.Errorf("%s has another token than the printed one", r.Name)
		}
	}
	_, contents := s.page(t, "/explorer/contents.json")
	for _, id := range []string{"mem_ACTIVE", "usr_FOCAL", "man_DELEGATE", "usr_UGANDA", "evt_OPEN"} {
		if strings.Contains(contents, id) {
			t.Errorf("an example names %s, which only the tests have", id)
		}
	}
	for _, example := range []string{`"member/get"`, `"mandate/list"`, `"event/figures"`} {
		if !strings.Contains(contents, example) {
			t.Errorf("there is no example %s", example)
		}
	}
}

// TestPrintedTokensAreOfPersons registers with them: who they are for is on record, and not registered
// for the briefing yet.
func TestPrintedTokensAreOfPersons(t *testing.T) {
	s := serve(t, anyPort, "--data", t.TempDir(), "--demo-members=30", "--now=2025-03-31")
	defer s.stop(t)
	tokens := s.tokens()
	type events struct {
		Events struct{ Nodes []struct{ ID, Code string } }
	}
	briefing := ""
	for _, e := range ask[events](t, s, "", `{ events(filter: { statuses: [PUBLISHED], kinds: [BRIEFING] }) { nodes { id code } } }`).Events.Nodes {
		briefing = e.ID
	}
	for role, status := range map[string]string{"FOCAL_POINT": "CONFIRMED", "DELEGATE": "REQUESTED", "ADMINISTRATION": "CONFIRMED"} {
		type answer struct {
			Viewer           struct{ Person *struct{ Name string } }
			RegisterForEvent struct {
				Registration *struct{ Status string }
				UserErrors   []struct{ Code, Message string }
			}
		}
		if v := ask[answer](t, s, tokens[role], `{ viewer { person { name } } }`).Viewer; v.Person == nil || v.Person.Name == "" {
			t.Errorf("%s: no person", role)
		}
		made := ask[answer](t, s, tokens[role], `mutation { registerForEvent(input: { event: "`+briefing+`", mode: REMOTE, consent: true }) { registration { status } userErrors { code message } } }`).RegisterForEvent
		if made.Registration == nil || made.Registration.Status != status {
			t.Errorf("%s: %+v", role, made)
		}
	}
}
