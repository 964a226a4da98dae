package cli_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/store/sqlitestore"
)

// withMails is a data folder with a message of each state. Only those that wait or can be sent again have their text.
func withMails(t *testing.T) string {
	t.Helper()
	data, ctx := testbed(t), context.Background()
	s, err := sqlitestore.Open(ctx, filepath.Join(data, "portal.db"), sqlitestore.Options{Holder: "test"})
	must(t, err)
	at := kit.DateTimeOf(time.Now().Add(-time.Hour))
	soon := kit.DateTimeOf(time.Now().Add(time.Hour))
	message := func(id kit.ID, state kit.MailState, to string, m kit.Outgoing) *kit.Outgoing {
		m.ID, m.State, m.Recipient, m.Locale, m.At, m.NextAt = id, state, "hash", kit.English, at, soon
		if m.Key = "mail.applicationReminder"; id == "out_CODE" {
			m.Key = "mail.applicationCode"
		}
		if to != "" {
			m.To, m.Subject, m.Body = to, "A secret subject", "Your code is 4711."
		}
		return &m
	}
	must(t, kit.OutboxNoun.In(s).Insert(ctx,
		message("out_WAITS", kit.MailQueued, "ada@waits.example", kit.Outgoing{Attempts: 2, LastFault: new(kit.MailDeferred)}),
		message("out_SENT", kit.MailSent, "", kit.Outgoing{Attempts: 1, SentAt: &at}),
		message("out_REFUSED", kit.MailFailed, "", kit.Outgoing{Attempts: 1, LastFault: new(kit.MailRefused)}),
		message("out_FAILED", kit.MailFailed, "grace@failed.example", kit.Outgoing{Attempts: 6, LastFault: new(kit.MailUnreachable)}),
		message("out_CODE", kit.MailQueued, "eve@code.example", kit.Outgoing{}),
	))
	must(t, s.Close())
	return data
}

// TestMessagesAreListed without their texts and addresses.
func TestMessagesAreListed(t *testing.T) {
	data := withMails(t)
	for what, want := range map[string][]string{
		"": {
			"out_WAITS  mail.applicationReminder  QUEUED, due at 2", ", DEFERRED, to waits.example, attempts: 2\n", "out_SENT  mail.applicationReminder  SENT at 2",
			"out_REFUSED  mail.applicationReminder  FAILED, REFUSED, attempts: 1\n", "FAILED, UNREACHABLE, to failed.example, attempts: 6\n", "out_CODE", "5 messages\n",
		},
		"--failed": {"out_REFUSED", "out_FAILED", "2 messages\n"},
		"--json":   {`"id":"out_WAITS"`, `"domain":"waits.example"`, `"state":"FAILED"`, `"fault":"DEFERRED"`},
	} {
		code, stdout, stderr := command(t, plus([]string{"mails", "--data", data}, strings.Fields(what)...)...)
		if code != 0 || stderr != "" {
			t.Errorf("mails %s: exit code %d, %s", what, code, stderr)
		}
		contains(t, stdout, want...)
		for _, hidden := range []string{"@", "ada", "grace", "eve", "secret", "4711", "hash"} {
			if strings.Contains(stdout, hidden) {
				t.Errorf("mails %s tells %s:\n%s", what, hidden, stdout)
			}
		}
		if what != "--json" {
			continue
		}
		retry := map[string]bool{}
		for line := range strings.Lines(stdout) {
			var m struct {
				ID    string
				Retry bool
			}
			must(t, json.Unmarshal([]byte(line), &m))
			retry[m.ID] = m.Retry
		}
		if len(retry) != 5 || !retry["out_WAITS"] || !retry["out_FAILED"] || retry["out_SENT"] || retry["out_REFUSED"] {
			t.Errorf("can be sent again: %v", retry)
		}
	}
}

// TestMessagesAreSentAgain beside a server, which then does so.
func TestMessagesAreSentAgain(t *testing.T) {
	data := withMails(t)
	code, stdout, stderr := command(t, "mails", "retry", "out_SENT", "out_WAITS", "out_REFUSED", "out_NONE", "out_FAILED", "--data", data)
	if code != 1 || stdout != "due at once: out_WAITS\ndue at once: out_FAILED\n" {
		t.Errorf("exit code %d, %q", code, stdout)
	}
	contains(t, stderr, "out_SENT was sent", "out_REFUSED has failed and its text is erased", `there is no message with the id "out_NONE"`)
	if n := looked(t, filepath.Join(data, "portal.db"), "SELECT count(*) FROM audit WHERE k_target LIKE 'out_%'"); n != "2" {
		t.Errorf("%s audit entries", n)
	}
	s := serve(t, anyPort, "--data", data, "--demo-members=0")
	defer s.stop(t)
	if _, ok := s.stderr.wait(`msg="messages sent" count=2`); !ok {
		t.Errorf("the server sent nothing: %s", s.stderr)
	}
	if _, stdout, _ := command(t, "mails", "--data", data); strings.Count(stdout, "  SENT at ") != 3 {
		t.Errorf("listed\n%s", stdout)
	}
}

func TestMailsOfAStoreThatIsNotThere(t *testing.T) {
	t.Chdir(t.TempDir())
	if code, _, stderr := command(t, "mails"); code != 1 || !strings.Contains(stderr, "portal.db") {
		t.Errorf("exit code %d, %s", code, stderr)
	}
	if code, _, _ := command(t, "mails", "retry"); code != 2 {
		t.Errorf("without an id: exit code %d", code)
	}
	nothingMade(t)
}
