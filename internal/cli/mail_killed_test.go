package cli_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"memberportal/internal/cli"
	"memberportal/internal/kit"
	"memberportal/internal/store/sqlitestore"
	"memberportal/internal/testkit"
)

// argumentsVariable has the arguments of a portal in a process of its own, which a test can kill.
const argumentsVariable = "MEMBERPORTAL_TEST_ARGUMENTS"

// TestAPortalInAProcessOfItsOwn is that portal. It is no test unless another one started this process for it.
func TestAPortalInAProcessOfItsOwn(t *testing.T) {
	arguments := os.Getenv(argumentsVariable)
	if arguments == "" {
		t.Skip("nobody asks for one")
	}
	os.Exit(cli.Run(context.Background(), strings.Split(arguments, "\n"), os.Stdout, os.Stderr))
}

// waiting is a data folder with messages that wait.
func waiting(t *testing.T, messages int) (data string) {
	t.Helper()
	data = testbed(t)
	onOutbox(t, data, func(s *sqlitestore.Store) {
		at := kit.DateTimeOf(time.Now().Add(-time.Hour))
		for i := range messages {
			must(t, kit.OutboxNoun.In(s).Insert(t.Context(), &kit.Outgoing{
				ID: kit.ID(fmt.Sprintf("out_%d", i)), To: fmt.Sprintf("p%d@example.org", i), Subject: "Hello", Body: "Dear Ada.", Recipient: "hash",
				Key: "mail.applicationReminder", Locale: kit.English, At: at, NextAt: at, State: kit.MailQueued,
			}))
		}
	})
	return data
}

func onOutbox(t *testing.T, data string, do func(*sqlitestore.Store)) {
	t.Helper()
	s, err := sqlitestore.Open(t.Context(), filepath.Join(data, "portal.db"), sqlitestore.Options{Holder: "test"})
	must(t, err)
	do(s)
	must(t, s.Close())
}

// TestAPortalThatIsKilledWhileItSendsLosesNothing kills a portal (kill -9) while a mail server has the whole text of a
// message and has not said yet that it took it. A portal that starts later sends every message. If the server took
// that one in the end, it has it twice, with one Message-ID and the same text: nobody can know that it took it.
func TestAPortalThatIsKilledWhileItSendsLosesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		answer error
		copies int
	}{
		"and the server took nothing": {&smtp.SMTPError{Code: 451, EnhancedCode: smtp.NoEnhancedCode, Message: "you are gone"}, 1},
		"and the server took it":      {nil, 2},
	} {
		t.Run(name, func(t *testing.T) {
			const messages = 4
			data := waiting(t, messages)
			var n atomic.Int32
			texts, killed := make(chan struct{}), make(chan struct{})
			mail := testkit.ServeMail(t, testkit.MailServerOptions{})
			mail.Refuse = func(command, _ string) error {
				if command != "DATA" {
					return nil
				}
				if n.Add(1) == 2 { // the first message is sent
					close(texts)
					<-killed
					return c.answer
				}
				return nil
			}
			flags := []string{"serve", anyPort, "--data", data, "--demo-members=0", "--smtp-host", mail.Host, "--smtp-port", strconv.Itoa(mail.Port), "--mail-from=portal@example.org"}
			process := exec.Command(os.Args[0], "-test.run=^TestAPortalInAProcessOfItsOwn$")
			process.Env = append(os.Environ(), argumentsVariable+"="+strings.Join(flags, "\n"))
			must(t, process.Start())
			select {
			case <-texts:
			case <-time.After(time.Minute):
				t.Error("the portal sends nothing")
			}
			must(t, process.Process.Kill())
			_ = process.Wait()
			close(killed)
			states := map[kit.MailState]int{}
			onOutbox(t, data, func(s *sqlitestore.Store) {
				for i := range messages {
					_, err := kit.OutboxNoun.In(s).Update(t.Context(), fmt.Sprintf("out_%d", i), func(m *kit.Outgoing) error {
						states[m.State]++
						m.NextAt = m.At // minutes later
						return nil
					})
					must(t, err)
				}
			})
			if states[kit.MailSent] != 1 || states[kit.MailQueued] != messages-1 {
				t.Fatalf("after the kill they are %v", states)
			}
			s := serve(t, flags[1:]...)
			if _, ok := s.stderr.wait(fmt.Sprintf("count=%d", messages-1)); !ok {
				t.Errorf("logged %s", s.stderr)
			}
			s.stop(t)
			copies, most := map[string]map[string]int{}, 0
			for _, l := range mail.Letters() {
				_, id, _ := strings.Cut(l.Text, "Message-ID: ")
				id, _, _ = strings.Cut(id, "\r\n")
				if copies[id] == nil {
					copies[id] = map[string]int{}
				}
				copies[id][l.To]++
				most = max(most, copies[id][l.To])
			}
			if len(copies) != messages || len(mail.Letters()) != messages+c.copies-1 || most != c.copies {
				t.Errorf("the server has %v", copies)
			}
		})
	}
}
