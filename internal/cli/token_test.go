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

// printed runs the command token, which must print a token and nothing else, and gives its actor.
func printed(t *testing.T, keyFile string, args ...string) kit.Actor {
	t.Helper()
	code, stdout, stderr := command(t, plus([]string{"token"}, args...)...)
	if code != 0 || stderr != "" || !oneToken.MatchString(stdout) {
		t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
	}
	keys, err := auth.LoadKeySet(keyFile)
	must(t, err)
	actor, err := auth.Tokens{Keys: keys, Issuer: "memberportal", Audience: "memberportal", Now: time.Now}.Parse(strings.TrimSpace(stdout))
	must(t, err)
	return actor
}

func TestTokenOfEveryRolePicksItsScope(t *testing.T) {
	data := copied(t)
	key := filepath.Join(data, "signing-key.json")
	for _, role := range kit.Roles {
		t.Run("the token of "+string(role)+" holds", func(t *testing.T) {
			a := printed(t, key, "--data", data, "--role", string(role))
			acts := slices.Contains([]kit.Role{kit.RoleFocalPoint, kit.RoleDelegate, kit.RoleAdministration, kit.RoleApplicant}, role)
			if !slices.Equal(a.Roles, []kit.Role{role}) || !a.Has(role) || (a.Subject == kit.ID("usr_"+strings.ToLower(string(role)))) == acts {
				t.Errorf("got %+v", a)
			}
			if b := printed(t, key, "--data", data, "--role", string(role), "--subject", "usr_me"); b.Subject != "usr_me" || b.Member != a.Member || b.Country != a.Country || b.Application != a.Application {
				t.Errorf("with a subject of its own %+v", b)
			}
		})
	}
	t.Run("the scope that is named is taken", func(t *testing.T) {
		a := printed(t, key, "--data", data, "--role", "FOCAL_POINT", "--member", "mem_MINE", "--subject", "usr_me", "--life", "1m")
		if a.Member != "mem_MINE" || a.Subject != "usr_me" {
			t.Errorf("got %+v", a)
		}
		a = printed(t, key, "--data", data, "--role", "REVIEWER", "--group", "SG1", "--group", "SG2")
		if !slices.Equal(a.Groups, []string{"SG1", "SG2"}) {
			t.Errorf("got %+v", a)
		}
		if a = printed(t, key, "--data", data, "--role", "APPLICANT", "--application", "app_MINE"); a.Application != "app_MINE" || a.Subject != "usr_applicant" {
			t.Errorf("got %+v", a)
		}
		if a = printed(t, key, "--data", data, "--role", "ADMINISTRATION", "--country", "CH"); a.Country != "CH" || a.Subject != "usr_administration" {
			t.Errorf("got %+v", a)
		}
	})
	t.Run("a malformed scope is misuse", func(t *testing.T) {
		for _, flag := range []string{"--country=Uganda", "--member=usr_1", "--subject=me"} {
			if code, stdout, _ := command(t, "token", "--data", data, "--role", "SECRETARIAT", flag); code != 2 || stdout != "" {
				t.Errorf("%s: exit code %d, stdout %q", flag, code, stdout)
			}
		}
	})
	t.Run("a server beside it makes no difference", func(t *testing.T) {
		s := serve(t, anyPort, "--data", data)
		defer s.stop(t)
		_, stdout, _ := command(t, "token", "--data", data, "--role", "DELEGATE")
		if v := ask[viewer](t, s, strings.TrimSpace(stdout), viewerQuery).Viewer; v.Member == nil {
			t.Errorf("viewer %+v", v)
		}
	})
}

func TestTokenWithoutAStore(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	if a := printed(t, filepath.Join(data, "signing-key.json"), "--data", data, "--role", "SECRETARIAT"); !a.Has(kit.RoleSecretariat) {
		t.Errorf("got %+v", a)
	}
	if a := printed(t, filepath.Join(data, "signing-key.json"), "--data", data, "--role", "ADMINISTRATION"); a.Country != "UG" || a.Subject != "usr_administration" {
		t.Errorf("got %+v", a)
	}
	code, stdout, stderr := command(t, "token", "--data", data, "--role", "FOCAL_POINT")
	if code != 1 || stdout != "" {
		t.Errorf("exit code %d, stdout %q", code, stdout)
	}
	contains(t, stderr, "--member")
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

func TestTokenInProduction(t *testing.T) {
	flags, key := production(t)
	serve(t, plus(flags, anyPort)...).stop(t)
	allowed := plus(flags, "--allow-production")
	for name, args := range map[string][]string{
		"a token that was not explicitly allowed": plus(flags, "--role=SECRETARIAT"),
		"a FOCAL_POINT without its member":        plus(allowed, "--role=FOCAL_POINT"),
		"a DELEGATE without its member":           plus(allowed, "--role=DELEGATE"),
		"an ADMINISTRATION without its country":   plus(allowed, "--role=ADMINISTRATION"),
		"a REVIEWER without a group":              plus(allowed, "--role=REVIEWER"),
		"a malformed subject":                     plus(allowed, "--role=SECRETARIAT", "--subject=somebody"),
		"a malformed country":                     plus(allowed, "--role=ADMINISTRATION", "--country=Uganda"),
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			if code, stdout, stderr := command(t, plus([]string{"token"}, args...)...); code != 2 || stdout != "" {
				t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
			}
		})
	}
	if a := printed(t, key, plus(allowed, "--role=REVIEWER", "--group=TDAG", "--subject=usr_named")...); a.Subject != "usr_named" {
		t.Errorf("got %+v", a)
	}
	_, token, _ := command(t, plus([]string{"token", "--role=SECRETARIAT"}, allowed...)...)
	s := serve(t, plus(flags, anyPort)...)
	defer s.stop(t)
	t.Run("every token that was issued is in the audit log, and no other", func(t *testing.T) {
		type log struct {
			AuditLog struct {
				Nodes []struct{ Actor, Operation, TargetID, Reason string }
			}
		}
		entries := ask[log](t, s, strings.TrimSpace(token), `{ auditLog { nodes { actor operation targetId reason } } }`).AuditLog.Nodes
		if len(entries) != 2 || entries[0].TargetID != "usr_secretariat" || entries[1].TargetID != "usr_named" {
			t.Fatalf("got %+v", entries)
		}
		for i, role := range []string{"SECRETARIAT", "REVIEWER"} {
			if e := entries[i]; e.Operation != "token" || e.Actor != "usr_operator" || !strings.Contains(e.Reason, role) {
				t.Errorf("got %+v", e)
			}
		}
	})
	t.Run("a token is refused while a server holds the store, and says who does", func(t *testing.T) {
		code, stdout, stderr := command(t, plus([]string{"token", "--role=SECRETARIAT"}, allowed...)...)
		if code != 1 || stdout != "" {
			t.Errorf("exit code %d, stdout %q", code, stdout)
		}
		contains(t, stderr, "process", "stop it first")
	})
}

func TestTokenInProductionBeforeTheFirstServe(t *testing.T) {
	flags, key := production(t)
	if a := printed(t, key, plus(flags, "--allow-production", "--role=OPERATOR")...); !a.Has(kit.RoleOperator) {
		t.Errorf("got %+v", a)
	}
}

func TestTokenInProductionNeedsItsKey(t *testing.T) {
	flags, key := production(t)
	must(t, os.Remove(key))
	code, stdout, stderr := command(t, plus([]string{"token", "--allow-production", "--role=OPERATOR"}, flags...)...)
	if code == 0 || stdout != "" {
		t.Errorf("exit code %d, stdout %q", code, stdout)
	}
	contains(t, stderr, key)
	if _, err := os.Stat(key); err == nil {
		t.Error("a key was made in production")
	}
}
