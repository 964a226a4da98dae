package cli_test

import (
	"strings"
	"testing"

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
	for _, args := range [][]string{{anyPort}, {"check"}, {"token", "--role=DELEGATE"}} {
		code, stdout, stderr := command(t, plus(args, "--mongodb-uri", uri)...)
		if code != 1 {
			t.Errorf("%v: exit code %d", args, code)
		}
		if strings.Contains(stdout+stderr, "sesame") {
			t.Errorf("%v shows the password: %s%s", args, stdout, stderr)
		}
		contains(t, stdout+stderr, "unavailable")
	}
}
