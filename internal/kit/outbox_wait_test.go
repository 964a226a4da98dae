package kit_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// delivers runs rounds, each 5 minutes after the last one, until the time is over.
func (s scene) delivers(over time.Duration, send func(context.Context, kit.Mail) error) {
	s.Helper()
	for until := s.Wall.Add(over); s.Wall.Before(until); *s.Wall = s.Wall.Add(5 * time.Minute) {
		_, err := s.Portal.Deliver(stage.By(stage.Nobody), send)
		if _, undelivered := errors.AsType[*kit.Undelivered](err); err != nil && !undelivered {
			s.Fatal(err)
		}
	}
}

// TestAServerThatIsDownForADayLosesNothing, and no message comes twice. It costs no message an attempt.
func TestAServerThatIsDownForADayLosesNothing(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.letter()
	for i := range 5 {
		s.post(fmt.Sprintf("p%d@example.org", i), "Ada")
	}
	down := letters{err: &kit.MailError{Fault: kit.MailUnreachable}}
	s.delivers(day, down.send)
	for _, m := range s.Outbox() {
		if m.State != kit.MailQueued || m.Attempts != 0 || m.To == "" || m.UnreachableSince == nil {
			t.Errorf("a day later: %s", stage.InJSON(m))
		}
	}
	var box letters
	s.delivers(21*time.Minute, box.send)
	if len(box.sent) != 5 {
		t.Errorf("%d messages came", len(box.sent))
	}
	for _, m := range s.Outbox() {
		if m.State != kit.MailSent || m.Attempts != 1 || m.UnreachableSince != nil || m.LastFault != nil {
			t.Errorf("in the end: %s", stage.InJSON(m))
		}
	}
}

// TestAServerThatIsDownIsAskedLessAndLessOften for one message, and after five days the message has failed with its text,
// so that the operator can have it sent.
func TestAServerThatIsDownIsAskedLessAndLessOften(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.letter()
	s.post("ada@example.org", "Ada")
	var asked []time.Duration
	down := func(context.Context, kit.Mail) error {
		asked = append(asked, s.Wall.Sub(testkit.Now))
		return &kit.MailError{Fault: kit.MailUnreachable}
	}
	s.delivers(6*day, down)
	for i, at := range asked[1:] {
		if wait := at - asked[i]; wait < time.Minute || wait > 20*time.Minute {
			t.Errorf("asked %s after %s", wait, asked[i])
		}
	}
	if n := len(asked); n < 5*24*3 || n > 5*24*4+60 || asked[n-1] < 5*day || asked[n-1] > 5*day+20*time.Minute {
		t.Errorf("asked %d times, the last time after %s", n, asked[n-1])
	}
	m := s.Outbox()[0]
	if m.State != kit.MailFailed || m.To != "ada@example.org" || *m.LastFault != kit.MailUnreachable || m.Attempts != 0 {
		t.Fatalf("kept %s", stage.InJSON(m))
	}
	s.Must(s.Portal.RetryMail(stage.By(stage.Operator), m.ID))
	s.delivers(4*day, down)
	if m := s.Outbox()[0]; m.State != kit.MailQueued {
		t.Fatalf("it has not its five days again: %s", stage.InJSON(m))
	}
	var box letters
	s.delivers(21*time.Minute, box.send)
	if len(box.sent) != 1 || box.sent[0].ID != m.ID {
		t.Errorf("sent %+v", box.sent)
	}
}

// TestTimesOutOfReachCountOnlyInARow: whoever was reached in between has five days again.
func TestTimesOutOfReachCountOnlyInARow(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.letter()
	s.post("ada@example.org", "Ada")
	for i := range 3 {
		s.delivers(2*day, (&letters{err: &kit.MailError{Fault: kit.MailUnreachable}}).send)
		s.delivers(21*time.Minute, func(ctx context.Context, m kit.Mail) error {
			return (&letters{err: &kit.MailError{Fault: kit.MailDeferred}}).send(ctx, m)
		})
		if m := s.Outbox()[0]; m.State != kit.MailQueued || m.UnreachableSince != nil || m.Attempts < int64(i+1) {
			t.Fatalf("time %d: %s", i, stage.InJSON(m))
		}
	}
}

// TestACodeIsGivenUpAfterADay, when none is good any more.
func TestACodeIsGivenUpAfterADay(t *testing.T) {
	for _, fault := range []kit.MailFault{kit.MailUnreachable, kit.MailDeferred, kit.MailBroken} {
		t.Run(string(fault), func(t *testing.T) {
			s := scene{stage.Embedded(t)}
			s.code("ada@example.org")
			s.delivers(day, (&letters{err: &kit.MailError{Fault: fault}}).send)
			if m := s.Outbox()[0]; m.State != kit.MailQueued {
				t.Fatalf("given up early: %s", stage.InJSON(m))
			}
			s.delivers(day, (&letters{err: &kit.MailError{Fault: fault}}).send)
			if m := s.Outbox()[0]; m.State != kit.MailFailed || m.To+m.Subject+m.Body != "" {
				t.Errorf("kept %s", stage.InJSON(m))
			}
		})
	}
}
