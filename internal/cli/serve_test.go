package cli_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/kit"
)

// anyPort serves on a port that the system chooses.
const anyPort = "--listen=127.0.0.1:0"

// nothingMade says that the working folder is as empty as it was.
func nothingMade(t *testing.T) {
	t.Helper()
	if entries, err := os.ReadDir("."); err != nil || len(entries) > 0 {
		t.Errorf("made %v, %v", entries, err)
	}
}

type viewer struct {
	Viewer struct {
		ID       string
		Roles    []kit.Role
		Groups   []string
		Entities []struct{ ID kit.ID }
		// Application is that of an applicant.
		Application *struct{ ID kit.ID }
	}
}

const viewerQuery = `{ viewer { id roles groups entities { ... on Member { id } ... on Country { id } } application { id } } }`

type directory struct {
	Members struct {
		TotalCount int
		Nodes      []struct {
			ID, Name, DisplayName, Status, Dataset string
			Version                                int
		}
	}
}

const directoryQuery = `{ members(first: 100) { totalCount nodes { id name displayName status dataset version } } }`

func TestServeStartsWithNoConfiguration(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("MEMBERPORTAL_LISTEN", "127.0.0.1:0")
	s := serve(t)
	contains(t, s.stdout.String(), "memberportal on http://127.0.0.1:", "/graphql, sqlite store\n")
	tokens := s.tokens()
	if len(tokens) != len(kit.Roles) {
		t.Errorf("%d tokens: %s", len(tokens), s.stdout)
	}
	for _, role := range kit.Roles {
		token := tokens[string(role)]
		v := ask[viewer](t, s, token, viewerQuery).Viewer
		actor := kit.Actor{Subject: kit.ID(v.ID), Roles: v.Roles, Groups: v.Groups}
		for _, e := range v.Entities {
			actor.Mandates = append(actor.Mandates, kit.Acting{Entity: e.ID, Role: role})
		}
		if v.Application != nil {
			actor.Application = v.Application.ID
		}
		if !slices.Equal(v.Roles, []kit.Role{role}) || !actor.Has(role) {
			t.Errorf("the token of %s is one of %+v", role, v)
		}
		if strings.Contains(s.stderr.String(), token) {
			t.Errorf("the token of %s is in the log", role)
		}
	}
	if all := ask[directory](t, s, tokens["SECRETARIAT"], directoryQuery).Members; all.TotalCount != 44 || len(all.Nodes) != 44 || all.Nodes[7].Dataset != "DEMONSTRATION" {
		t.Errorf("%d members, %d on the page", all.TotalCount, len(all.Nodes))
	}
	if public := ask[directory](t, s, "", directoryQuery).Members; public.TotalCount != 38 {
		t.Errorf("the public sees %d members", public.TotalCount)
	}
	for name, want := range map[string]fs.FileMode{"data/portal.db": 0o600, "data/signing-key.json": 0o600, "data": 0o700} {
		info, err := os.Stat(name)
		if must(t, err); info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", name, info.Mode().Perm(), want)
		}
	}
	s.stop(t)
	for _, role := range kit.Roles {
		if strings.Contains(s.stderr.String(), tokens[string(role)]) {
			t.Errorf("the token of %s is in the log", role)
		}
	}
}

func TestServeWithoutTokensPrintsNone(t *testing.T) {
	s := serve(t, anyPort, "--data", t.TempDir(), "--no-tokens")
	s.stop(t)
	if text := s.stdout.String() + s.stderr.String(); strings.Contains(text, "ey") && strings.Contains(text, "OPERATOR") || strings.Count(s.stdout.String(), "\n") != 1 {
		t.Errorf("printed\n%s", text)
	}
}

func TestServeWithoutSeedLoadsNothing(t *testing.T) {
	s := serve(t, anyPort, "--data", t.TempDir(), "--demo-members=0")
	if all := ask[directory](t, s, "", directoryQuery).Members; all.TotalCount != 0 || len(s.tokens()) != 0 {
		t.Errorf("%d members, tokens of %v", all.TotalCount, s.tokens())
	}
	s.stop(t)
}

func TestServeStartsOnAnyDay(t *testing.T) {
	for _, day := range []string{"2005-01-01", "2012-01-10", "2025-03-31", "2099-12-31"} {
		t.Run("on "+day, func(t *testing.T) {
			s := serve(t, anyPort, "--data", t.TempDir(), "--now", day)
			for _, role := range append(slices.Clone(kit.StaffRoles), kit.RoleApplicant) { // mandates began later
				if s.tokens()[string(role)] == "" {
					t.Errorf("no token of %s: %s", role, s.stdout)
				}
			}
			s.stop(t)
		})
	}
}

func TestSecondServeIsToldWhoHoldsTheFolder(t *testing.T) {
	data := t.TempDir()
	first := serve(t, anyPort, "--data", data)
	code, stdout, stderr := command(t, anyPort, "--data", data)
	if code != 1 || stdout != "" {
		t.Errorf("exit code %d, stdout %q", code, stdout)
	}
	contains(t, stderr, fmt.Sprintf("process %d", os.Getpid()), "serve", filepath.Join(data, "portal.db"))
	if strings.Count(strings.TrimSpace(stderr), "\n") > 0 {
		t.Errorf("the refusal is more than a line:\n%s", stderr)
	}
	first.stop(t)
	serve(t, anyPort, "--data", data).stop(t)
}

func TestServeOnATakenPortFails(t *testing.T) {
	first := serve(t, anyPort, "--data", t.TempDir())
	data := t.TempDir()
	code, stdout, stderr := command(t, "--listen", first.address, "--data", data)
	if code != 1 || stdout != "" {
		t.Errorf("exit code %d, stdout %q", code, stdout)
	}
	contains(t, stderr, "listening", first.address)
	first.stop(t)
	serve(t, anyPort, "--data", data).stop(t) // the folder was let go
}

func TestHostHeader(t *testing.T) {
	s := serve(t, anyPort, "--data", t.TempDir())
	defer s.stop(t)
	for host, want := range map[string]int{
		"": http.StatusOK, "localhost": http.StatusOK, "localhost:8080": http.StatusOK, "LocalHost:1": http.StatusOK, "127.0.0.1": http.StatusOK,
		"127.9.9.9:80": http.StatusOK, "[::1]:8080": http.StatusOK, "[::1]": http.StatusOK,
		"evil.example": 421, "evil.example:80": 421, "localhost.evil.example": 421, "127.0.0.1.evil.example:80": 421, "0.0.0.0": 421, "192.168.1.1": 421,
		"[::]": 421,
	} {
		t.Run(fmt.Sprintf("%q is answered with %d", host, want), func(t *testing.T) {
			status, body := s.post(t, "", `{ viewer { id } }`, func(r *http.Request) { r.Host = host })
			if status != want || (status == 421) == strings.Contains(body, "data") {
				t.Errorf("HTTP %d: %s", status, body)
			}
		})
	}
	t.Run("a foreign host is refused before its token is looked at", func(t *testing.T) {
		if status, _ := s.post(t, "bad", `{ viewer { id } }`, func(r *http.Request) { r.Host = "evil.example" }); status != 421 {
			t.Errorf("HTTP %d", status)
		}
	})
}

func TestBadTokenIsRefusedInTheCallersLanguage(t *testing.T) {
	s := serve(t, anyPort, "--data", t.TempDir())
	defer s.stop(t)
	status, body := s.post(t, "bad", `{ viewer { id } }`, func(r *http.Request) { r.Header.Set("Accept-Language", "fr-CH, en;q=0.5") })
	if status != http.StatusUnauthorized {
		t.Errorf("HTTP %d", status)
	}
	contains(t, body, "Le jeton d’accès n’est pas valide.", `"UNAUTHENTICATED"`)
	other := serve(t, anyPort, "--data", t.TempDir())
	defer other.stop(t)
	if status, _ := s.post(t, other.tokens()["SECRETARIAT"], `{ viewer { id } }`, nil); status != http.StatusUnauthorized {
		t.Errorf("a token of another portal: HTTP %d", status)
	}
}

func TestIndexPageSaysWhereTheAPIIs(t *testing.T) {
	s := serve(t, anyPort, "--data", t.TempDir())
	defer s.stop(t)
	for path, want := range map[string]int{"/": http.StatusOK, "/nothing": http.StatusNotFound} {
		response, err := http.Get("http://" + s.address + path)
		must(t, err)
		must(t, response.Body.Close())
		if response.StatusCode != want {
			t.Errorf("%s: HTTP %d", path, response.StatusCode)
		}
	}
}
