package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"memberportal/internal/testkit"
)

func TestServeInProductionWithoutAMailServerSaysSo(t *testing.T) {
	flags, _ := production(t)
	s := serve(t, plus(flags, anyPort)...)
	s.stop(t)
	contains(t, s.stderr.String(), "no --smtp-host")
	s = serve(t, plus(flags, anyPort, "--smtp-host=localhost", "--mail-from=portal@example.org")...)
	s.stop(t)
	if strings.Contains(s.stderr.String(), "smtp") {
		t.Errorf("logged %s", s.stderr)
	}
}

func TestServeRefusesAMailServerItCannotUse(t *testing.T) {
	code, _, stderr := command(t, anyPort, "--data", t.TempDir(), "--smtp-host=smtp.example.org:25", "--smtp-user=u", "--smtp-port=-1")
	if code != 2 {
		t.Errorf("exit code %d", code)
	}
	contains(t, stderr, "--smtp-host", "--smtp-user needs", "--mail-from", "--smtp-port")
	password := filepath.Join(t.TempDir(), "password")
	must(t, os.WriteFile(password, []byte("sesame"), 0o600))
	must(t, os.Chmod(password, 0o644))
	code, _, stderr = command(t, anyPort, "--demo-members=0", "--data", t.TempDir(), "--smtp-host=localhost", "--smtp-user=u", "--mail-from=p@example.org", "--smtp-password-file="+password)
	if code != 1 || strings.Contains(stderr, "sesame") {
		t.Errorf("exit code %d", code)
	}
	contains(t, stderr, password, "0600")
}

// handing proposes, over HTTP, that the demonstration's delegate takes over from its focal point.
func handing(t *testing.T, s *server) {
	t.Helper()
	type own struct {
		Viewer struct {
			Mandates []struct {
				ID      string
				Version int
			}
		}
	}
	token := s.tokens()["FOCAL_POINT"]
	const query = `{ viewer { mandates { id version } } }`
	from, to := ask[own](t, s, token, query).Viewer.Mandates[0], ask[own](t, s, s.tokens()["DELEGATE"], query).Viewer.Mandates[0]
	type answer struct {
		HandOverFocalPoint struct {
			Mandate    *struct{ ID string }
			UserErrors []struct{ Code string }
		}
	}
	done := ask[answer](t, s, token, fmt.Sprintf(`mutation { handOverFocalPoint(input: { mandate: %q, expectedVersion: %d, to: %q }) { mandate { id } userErrors { code } } }`, from.ID, from.Version, to.ID))
	if done.HandOverFocalPoint.Mandate == nil {
		t.Fatalf("faults: %v", done.HandOverFocalPoint.UserErrors)
	}
}

func TestServeSendsMessages(t *testing.T) {
	mail := testkit.ServeMail(t, testkit.MailServerOptions{User: "portal", Password: "sesame", Insecure: true})
	t.Setenv("MEMBERPORTAL_SMTP_PASSWORD", "sesame")
	s := serve(t, anyPort, "--data", t.TempDir(), "--smtp-host", mail.Host, "--smtp-port", strconv.Itoa(mail.Port), "--smtp-user=portal", "--mail-from=Portal <portal@example.org>")
	handing(t, s)
	s.stderr.wait("messages sent")
	s.stop(t)
	letters := mail.Letters()
	if len(letters) != 1 || letters[0].From != "portal@example.org" || !strings.HasSuffix(letters[0].To, ".example") {
		t.Fatalf("sent %+v", letters)
	}
	for _, secret := range []string{letters[0].To, "@", "sesame"} {
		if strings.Contains(s.stderr.String(), secret) {
			t.Errorf("%q is in the log: %s", secret, s.stderr)
		}
	}
}

func TestServeLogsWhyAMessageWasNotSentAndNotToWhom(t *testing.T) {
	mail := testkit.ServeMail(t, testkit.MailServerOptions{})
	mail.Refuse = func(command, argument string) error {
		if command != "RCPT" {
			return nil
		}
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.NoEnhancedCode, Message: "no " + argument}
	}
	s := serve(t, anyPort, "--data", t.TempDir(), "--smtp-host", mail.Host, "--smtp-port", strconv.Itoa(mail.Port), "--mail-from=portal@example.org")
	handing(t, s)
	s.stderr.wait("messages not sent")
	s.stop(t)
	contains(t, s.stderr.String(), "1 failed: ADDRESS_REFUSED", "550 at RCPT")
	if strings.Contains(s.stderr.String(), "@") {
		t.Errorf("logged %s", s.stderr)
	}
}

func TestServeInDevelopmentKeepsMessagesInAFolder(t *testing.T) {
	data := t.TempDir()
	s := serve(t, anyPort, "--data", data)
	handing(t, s)
	s.stderr.wait("messages sent")
	s.stop(t)
	files, err := filepath.Glob(filepath.Join(data, "outbox", "*.eml"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	info, err := os.Stat(files[0])
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestServeRefusesAnAddressThatIsNoneForLinks(t *testing.T) {
	code, _, stderr := command(t, anyPort, "--data", t.TempDir(), "--public-url=https://members.example.org/?")
	if code != 2 {
		t.Errorf("exit code %d", code)
	}
	contains(t, stderr, "--public-url")
}
