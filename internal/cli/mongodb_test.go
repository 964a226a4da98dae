package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/store/mongostore"
	"memberportal/internal/testkit"
)

// within names the database in a connection string, as an operator would.
func within(uri, database string) string {
	base, options, _ := strings.Cut(uri, "?")
	scheme, rest, _ := strings.Cut(base, "://")
	hosts, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + hosts + "/" + database + "?" + options
}

func TestServeOverMongoDB(t *testing.T) {
	peer := testkit.Mongo(t)
	t.Chdir(t.TempDir())
	args := []string{anyPort, "--mongodb-uri", within(peer.URI, peer.Database(t))}
	if !peer.Atomic() {
		code, stdout, stderr := command(t, args...)
		if code != 1 || stdout != "" {
			t.Errorf("exit code %d, stdout %q", code, stdout)
		}
		contains(t, stderr, "transactions", "replica set")
		if strings.Count(strings.TrimSpace(stderr), "\n") > 0 {
			t.Errorf("the refusal is more than a line:\n%s", stderr)
		}
		return
	}
	s := serve(t, args...)
	contains(t, s.stdout.String(), "mongodb store")
	if all := ask[directory](t, s, s.tokens()["SECRETARIAT"], directoryQuery).Members; all.TotalCount != 44 {
		t.Errorf("%d members", all.TotalCount)
	}
	if code, out, faults := command(t, "check", "--mongodb-uri", args[2]); code != 0 {
		t.Errorf("check: exit code %d\n%s%s", code, out, faults)
	}
	code, out, faults := command(t, "export", "entity", "cty_UG", "--mongodb-uri", args[2]) // it writes beside the server
	if code != 0 || !strings.Contains(out, `"entity": "cty_UG"`) {
		t.Errorf("export entity: exit code %d\n%s%s", code, out, faults)
	}
	s.stop(t)
	again := serve(t, args...)
	if all := ask[directory](t, again, again.tokens()["SECRETARIAT"], directoryQuery).Members; all.TotalCount != 44 {
		t.Errorf("%d members after a restart", all.TotalCount)
	}
	again.stop(t)
}

func TestMongoDBThatNobodyServesIsUnavailable(t *testing.T) {
	t.Chdir(t.TempDir())
	const uri = "mongodb://user:sesame@127.0.0.1:1/db?connectTimeoutMS=200&serverSelectionTimeoutMS=200"
	file := filepath.Join(t.TempDir(), "uri")
	must(t, os.WriteFile(file, []byte(uri+"\n"), 0o600))
	for _, from := range [][]string{{"--mongodb-uri", uri}, {"--mongodb-uri-file", file}} {
		for _, args := range [][]string{{anyPort}, {"check"}, {"token", "--role=DELEGATE"}} {
			code, stdout, stderr := command(t, plus(args, from...)...)
			if code != 1 {
				t.Errorf("%v: exit code %d", args, code)
			}
			if strings.Contains(stdout+stderr, "sesame") {
				t.Errorf("%v shows the password: %s%s", args, stdout, stderr)
			}
			contains(t, stdout+stderr, "unavailable")
		}
	}
}

// TestAFileOfAConnectionStringIsRefused if others may read it, or it holds something else; its content is not shown.
func TestAFileOfAConnectionStringIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "uri")
	for _, step := range []struct {
		want  string
		write func() error
	}{
		{"no such file", func() error { return nil }},
		{"mongodb+srv://", func() error { return os.WriteFile(file, []byte("http://user:sesame@h"), 0o600) }},
		{"0600", func() error { return os.Chmod(file, 0o644) }},
	} {
		must(t, step.write())
		code, stdout, stderr := command(t, "check", "--mongodb-uri-file", file)
		if code != 1 || strings.Contains(stdout+stderr, "sesame") || !strings.Contains(stdout+stderr, step.want) {
			t.Errorf("exit code %d, %q, %s", code, stdout, stderr)
		}
	}
}

// TestABackupGoesFromEngineToEngine: from the embedded store to MongoDB, which a server that only reads answers from
// without asking for transactions, and by another backup to an embedded store again.
func TestABackupGoesFromEngineToEngine(t *testing.T) {
	peer, ctx := testkit.Mongo(t), context.Background()
	uri := within(peer.URI, peer.Database(t))
	file := backedUp(t, copied(t))
	if peer.Atomic() {
		if code, stdout, stderr := command(t, "restore", file, "--mongodb-uri", uri, "--now", "2025-03-31"); code != 0 || !strings.Contains(stdout, "restored: 44 members") {
			t.Fatalf("exit code %d: %s%s", code, stdout, stderr)
		}
	} else {
		raw, err := os.ReadFile(file)
		must(t, err)
		b, err := store.OpenBackup(bytes.NewReader(raw), int64(len(raw)), portal.Kinds(), portal.Migrations())
		must(t, err)
		s, err := mongostore.Open(ctx, mongostore.Options{URI: uri, AllowNonAtomic: true})
		must(t, err)
		_, err = b.Load(ctx, s, portal.Kinds(), portal.Migrations())
		must(t, err)
		must(t, s.Close())
	}
	t.Chdir(t.TempDir())
	s := serve(t, anyPort, "--mongodb-uri", uri, "--read-only")
	token := s.tokens()["SECRETARIAT"]
	all := ask[directory](t, s, token, directoryQuery).Members
	if all.TotalCount != 44 {
		t.Errorf("%d members", all.TotalCount)
	}
	rename := fmt.Sprintf(`mutation { updateMemberProfile(input: {id: %q, expectedVersion: %d, displayName: "Renamed"}) { member { displayName } } }`, all.Nodes[7].ID, all.Nodes[7].Version)
	if status, body := s.post(t, token, rename, nil); status != 200 || !strings.Contains(body, kit.Message(kit.English, "readOnly", nil)) {
		t.Errorf("HTTP %d: %s", status, body)
	}
	again := filepath.Join(t.TempDir(), "again")
	code, stdout, stderr := command(t, "backup", again, "--mongodb-uri", uri)
	if code != 0 || strings.Contains(stderr, "one state") == peer.Atomic() {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
	s.stop(t)
	if code, stdout, stderr := command(t, "restore", again, "--data", "data", "--now", "2025-03-31"); code != 0 || !strings.Contains(stdout, "restored: 44 members") {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
	embedded := serve(t, anyPort, "--data", "data", "--read-only")
	defer embedded.stop(t)
	if back := ask[directory](t, embedded, embedded.tokens()["SECRETARIAT"], directoryQuery).Members; fmt.Sprint(back) != fmt.Sprint(all) {
		t.Errorf("came back as %v, was %v", back, all)
	}
}
