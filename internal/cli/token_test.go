package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"memberportal/internal/auth"
	"memberportal/internal/kit"
)

var oneToken = regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\n$`)

// printed runs the command token, which must print a token and nothing else, and gives what the token proves.
func printed(t *testing.T, keyFile string, args ...string) kit.Proof {
	t.Helper()
	code, stdout, stderr := command(t, plus([]string{"token"}, args...)...)
	if code != 0 || stderr != "" || !oneToken.MatchString(stdout) {
		t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
	}
	keys, err := auth.LoadKeySet(keyFile)
	must(t, err)
	proof, err := auth.Tokens{Keys: keys, Issuer: "memberportal", Audience: "memberportal", Now: time.Now}.Parse(strings.TrimSpace(stdout))
	must(t, err)
	return proof
}

func TestTokenOfEveryRolePicksItsPerson(t *testing.T) {
	data := copied(t)
	key := filepath.Join(data, "signing-key.json")
	for _, role := range kit.Roles {
		t.Run("the token of "+string(role)+" holds", func(t *testing.T) {
			p := printed(t, key, "--data", data, "--role", string(role))
			staff := slices.Contains(kit.StaffRoles, role)
			if !slices.Equal(p.Roles, []kit.Role{role}) || p.Subject == "" || staff != (len(p.Entities) == 0 && p.Application == "") {
				t.Errorf("got %+v", p)
			}
			if role == kit.RoleApplicant {
				return
			}
			if code, stdout, stderr := command(t, "token", "--data", data, "--role", string(role), "--subject", "usr_me"); code != 1 || stdout != "" || !strings.Contains(stderr, "usr_me has no current mandate or grant for the role "+string(role)) {
				t.Errorf("a subject without the role: exit code %d\n%s%s", code, stdout, stderr)
			}
		})
	}
	t.Run("a member for which the person has no mandate is refused", func(t *testing.T) {
		focal := printed(t, key, "--data", data, "--role", "FOCAL_POINT")
		if p := printed(t, key, "--data", data, "--role", "FOCAL_POINT", "--subject", string(focal.Subject), "--member", string(focal.Entities[0]), "--life", "1m"); !slices.Equal(p.Entities, focal.Entities) {
			t.Errorf("got %+v", p)
		}
		code, stdout, stderr := command(t, "token", "--data", data, "--role", "FOCAL_POINT", "--subject", string(focal.Subject), "--member", "mem_OTHER")
		if code != 1 || stdout != "" {
			t.Errorf("exit code %d, stdout %q", code, stdout)
		}
		contains(t, stderr, "mem_OTHER")
	})
	t.Run("an application that is named is taken", func(t *testing.T) {
		if p := printed(t, key, "--data", data, "--role", "APPLICANT", "--application", "app_MINE"); p.Application != "app_MINE" || p.Subject != "usr_app_MINE" {
			t.Errorf("got %+v", p)
		}
	})
	t.Run("a server beside it makes no difference", func(t *testing.T) {
		s := serve(t, anyPort, "--data", data)
		defer s.stop(t)
		_, stdout, _ := command(t, "token", "--data", data, "--role", "DELEGATE")
		if v := ask[viewer](t, s, strings.TrimSpace(stdout), viewerQuery).Viewer; len(v.Entities) != 1 {
			t.Errorf("viewer %+v", v)
		}
	})
}

func TestTokenWithoutAStore(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	for _, role := range kit.Roles {
		if code, stdout, _ := command(t, "token", "--data", data, "--role", string(role)); code != 1 || stdout != "" {
			t.Errorf("%s: exit code %d, stdout %q", role, code, stdout)
		}
	}
	if _, err := os.Stat(filepath.Join(data, "portal.db")); err == nil {
		t.Error("asking for a token made a store")
	}
}

// production are the flags of a portal in production, in a folder of its own, and its key file.
func production(t *testing.T) (flags []string, keyFile string) {
	t.Helper()
	folder := t.TempDir()
	keyFile = filepath.Join(folder, "keys.json")
	_, err := auth.EnsureKeySet(keyFile)
	must(t, err)
	return []string{"--mode=production", "--store=sqlite:" + filepath.Join(folder, "store", "p.db"), "--signing-key=" + keyFile, "--data=" + filepath.Join(folder, "none"), "--create"}, keyFile
}

// granted gives somebody a staff role in production, by the command for it, and returns the person's id.
func granted(t *testing.T, flags []string, role string, more ...string) string {
	t.Helper()
	store := slices.DeleteFunc(slices.Clone(flags), func(f string) bool { return strings.HasPrefix(f, "--signing-key") })
	code, stdout, stderr := command(t, slices.Concat([]string{"user", "grant", "--name", "Ann " + role, "--email", strings.ToLower(role) + "@example.org", "--role", role}, store, more)...)
	if code != 0 {
		t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
	}
	return strings.TrimSpace(stdout)
}

func TestTokenInProduction(t *testing.T) {
	flags, key := production(t)
	serve(t, plus(flags, anyPort)...).stop(t)
	secretary, reviewer := granted(t, flags, "SECRETARIAT"), granted(t, flags, "REVIEWER", "--group=TDAG")
	allowed := plus(flags, "--allow-production")
	for name, c := range map[string]struct {
		code int
		args []string
	}{
		"a token that was not explicitly allowed": {2, plus(flags, "--role=SECRETARIAT", "--subject="+secretary)},
		"a token of nobody":                       {2, plus(allowed, "--role=SECRETARIAT")},
		"a role that was not granted":             {1, plus(allowed, "--role=OPERATOR", "--subject="+secretary)},
		"a group that was not granted":            {1, plus(allowed, "--role=REVIEWER", "--group=RAG", "--subject="+reviewer)},
		"a mandate that nobody has":               {1, plus(allowed, "--role=FOCAL_POINT", "--member=mem_1", "--subject="+secretary)},
		"a malformed subject":                     {1, plus(allowed, "--role=SECRETARIAT", "--subject=somebody")},
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			if code, stdout, stderr := command(t, plus([]string{"token"}, c.args...)...); code != c.code || stdout != "" {
				t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
			}
		})
	}
	if p := printed(t, key, plus(allowed, "--role=REVIEWER", "--group=TDAG", "--subject="+reviewer)...); string(p.Subject) != reviewer {
		t.Errorf("got %+v", p)
	}
	_, token, _ := command(t, plus([]string{"token", "--role=SECRETARIAT", "--subject=" + secretary}, allowed...)...)
	s := serve(t, plus(flags, anyPort)...)
	defer s.stop(t)
	t.Run("every token that was issued is in the audit log, and no other", func(t *testing.T) {
		type log struct {
			AuditLog struct {
				Nodes []struct{ Actor, Operation, TargetID, Reason string }
			}
		}
		entries := ask[log](t, s, strings.TrimSpace(token), `{ auditLog { nodes { actor operation targetId reason } } }`).AuditLog.Nodes
		if len(entries) != 4 || entries[0].TargetID != secretary || entries[1].TargetID != reviewer || entries[2].Operation != "grantRole" {
			t.Fatalf("got %+v", entries)
		}
		for i, role := range []string{"SECRETARIAT", "REVIEWER"} {
			if e := entries[i]; e.Operation != "token" || e.Actor != "usr_operator" || !strings.Contains(e.Reason, role) {
				t.Errorf("got %+v", e)
			}
		}
	})
	t.Run("a token beside a server is one of the server, and in the audit log", func(t *testing.T) {
		if p := printed(t, key, plus(allowed, "--role=SECRETARIAT", "--subject="+secretary)...); string(p.Subject) != secretary {
			t.Errorf("got %+v", p)
		}
		_, body := s.post(t, strings.TrimSpace(token), `{ auditLog(first: 1) { totalCount nodes { operation targetId } } }`, nil)
		contains(t, body, `"totalCount":5`, secretary)
	})
}

func TestTokenInProductionNeedsItsKey(t *testing.T) {
	flags, key := production(t)
	operator := granted(t, flags, "OPERATOR")
	must(t, os.Remove(key))
	code, stdout, stderr := command(t, plus([]string{"token", "--allow-production", "--role=OPERATOR", "--subject=" + operator}, flags...)...)
	if code == 0 || stdout != "" {
		t.Errorf("exit code %d, stdout %q", code, stdout)
	}
	contains(t, stderr, key)
	if _, err := os.Stat(key); err == nil {
		t.Error("a key was made in production")
	}
}

// TestAPersonWhoIsShutOut asks with a good token before, while and after the person is shut out.
func TestAPersonWhoIsShutOut(t *testing.T) {
	flags, _ := production(t)
	secretary := granted(t, flags, "SECRETARIAT")
	_, token, _ := command(t, plus([]string{"token", "--allow-production", "--role=SECRETARIAT", "--subject=" + secretary}, flags...)...)
	store := slices.DeleteFunc(slices.Clone(flags), func(f string) bool { return strings.HasPrefix(f, "--signing-key") })
	for _, step := range []struct {
		command string
		want    int
	}{{"", 200}, {"disable", 401}, {"enable", 200}} {
		if step.command != "" {
			if code, stdout, stderr := command(t, plus([]string{"user", step.command, secretary}, store...)...); code != 0 {
				t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
			}
		}
		s := serve(t, plus(flags, anyPort)...)
		if status, _ := s.post(t, strings.TrimSpace(token), viewerQuery, nil); status != step.want {
			t.Errorf("after %q: HTTP %d, want %d", step.command, status, step.want)
		}
		s.stop(t)
	}
}
