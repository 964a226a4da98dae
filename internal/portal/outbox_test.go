package portal_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
)

// post queues a message of the key «letter» in a test's catalogue.
func (s stage) post(to, name string) {
	s.Helper()
	s.must(s.portal.Post(by(nobody), to, kit.French, "letter", map[string]string{"name": name}))
}

// letter puts the texts of that message into the catalogue.
func (s stage) letter() {
	portal.AddMessage(s.T, "letter.subject", "To {name}")
	portal.AddMessage(s.T, "letter.body", "Dear {name},\n\nthe code is 1234.")
}

func (s stage) outbox() []*kit.Outgoing { return all(s, kit.OutboxNoun.In(s.store), "at") }

// letters is a sender that keeps what it is given.
type letters struct {
	mu   sync.Mutex
	sent []kit.Mail
	err  error
}

func (l *letters) send(_ context.Context, m kit.Mail) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.sent = append(l.sent, m)
	}
	return l.err
}

func TestAMessageIsSentOnceAndThenEmptied(t *testing.T) {
	onEngines(t, func(s stage) {
		s.letter()
		s.post("ada@example.org", "Ada")
		var box letters
		for round, want := range []int{1, 0} {
			if sent, err := s.portal.Deliver(by(nobody), box.send); sent != want || err != nil {
				s.Fatalf("round %d: sent %d, %v", round, sent, err)
			}
		}
		m := box.sent[0]
		if m.To != "ada@example.org" || m.Subject != "To Ada" || m.Body != "Dear Ada,\n\nthe code is 1234." || m.Locale != kit.French || m.At != kit.DateTimeOf(testkit.Now) {
			s.Errorf("sent %+v", m)
		}
		kept := s.outbox()[0]
		if kept.State != kit.MailSent || kept.To+kept.Subject+kept.Body != "" || kept.SentAt == nil || kept.Attempts != 1 || kept.ID != m.ID {
			s.Errorf("kept %s", inJSON(kept))
		}
	})
}

func TestAMessageIsQueuedOnlyWithWhatItTells(t *testing.T) {
	s := embedded(t)
	s.letter()
	err := s.store.Tx(by(nobody), func(ctx context.Context) error {
		return errors.Join(s.portal.Post(ctx, "ada@example.org", kit.English, "letter", nil), errors.New("no"))
	})
	if err == nil || len(s.outbox()) != 0 {
		t.Errorf("%v; %d messages", err, len(s.outbox()))
	}
	if err := s.portal.Post(by(nobody), "ada@example.org", kit.English, "letter.subject", nil); err == nil {
		t.Error("a message without a text was queued")
	}
}

func TestHostileParametersStayOnOneLine(t *testing.T) {
	s := embedded(t)
	s.letter()
	for hostile, want := range map[string]string{
		"Ada\r\nBcc: eve@example.org":       "Ada  Bcc: eve@example.org",
		"Ada\n\n<html>":                     "Ada  <html>",
		"A\x00d\x1ba\x7f\u0085":             "Ada",
		"Ada\u2028Bcc: x\u2029y\v\fz":       "Ada Bcc: x y  z",
		"Ada\u202egro.elpmaxe@eve\u2066":    "Adagro.elpmaxe@eve",
		"  {name} ":                         "{name}",
		"عبد\u200cالله":                     "عبد\u200cالله",
		"Ada\xff":                           "Ada\ufffd",
		"Ada\tLovelace":                     "Ada Lovelace",
		"=?utf-8?q?Bcc:_eve=40example.org?": "=?utf-8?q?Bcc:_eve=40example.org?",
	} {
		s.post("ada@example.org", hostile)
		var box letters
		if sent, err := s.portal.Deliver(by(nobody), box.send); sent != 1 || err != nil {
			t.Fatalf("sent %d, %v", sent, err)
		}
		if m := box.sent[0]; m.Subject != "To "+want || strings.Count(m.Body, "\n") != 2 {
			t.Errorf("%q became %q and %q", hostile, m.Subject, m.Body)
		}
	}
}

func TestWhatFailsIsTriedAgainLaterAndLaterAndThenNoMore(t *testing.T) {
	s := embedded(t)
	s.letter()
	s.post("ada@example.org", "Ada")
	box := letters{err: &kit.MailError{Fault: kit.MailDeferred, Detail: "451"}}
	for i, wait := range []time.Duration{0, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 12 * time.Hour} {
		if *s.wall = s.wall.Add(wait - time.Millisecond); wait > 0 {
			if sent, err := s.portal.Deliver(by(nobody), box.send); sent != 0 || err != nil {
				t.Fatalf("attempt %d came early: %d, %v", i+1, sent, err)
			}
		}
		*s.wall = s.wall.Add(time.Millisecond)
		_, err := s.portal.Deliver(by(nobody), box.send)
		un, ok := errors.AsType[*kit.Undelivered](err)
		last := i == 5
		if !ok || un.Later[kit.MailDeferred] != map[bool]int{false: 1}[last] || un.Failed[kit.MailDeferred] != map[bool]int{true: 1}[last] || un.Detail != "451" {
			t.Fatalf("attempt %d: %v", i+1, err)
		}
		if kept := s.outbox()[0]; kept.Attempts != int64(i+1) || *kept.LastFault != kit.MailDeferred || (kept.State == kit.MailFailed) != last || (kept.To == "") != last {
			t.Fatalf("attempt %d: kept %s", i+1, inJSON(kept))
		}
	}
	*s.wall = s.wall.Add(24 * time.Hour)
	if sent, err := s.portal.Deliver(by(nobody), box.send); sent != 0 || err != nil {
		t.Errorf("a failed message was tried again: %d, %v", sent, err)
	}
}

func TestARefusalIsFinalAndAnUnreachableServerEndsTheRound(t *testing.T) {
	for name, c := range map[string]struct {
		err         error
		later, lost map[kit.MailFault]int
		text        string
	}{
		"refused":     {&kit.MailError{Fault: kit.MailRefused, Detail: "550"}, nil, map[kit.MailFault]int{kit.MailRefused: 2}, "2 failed: REFUSED; 550"},
		"unreachable": {&kit.MailError{Fault: kit.MailUnreachable}, map[kit.MailFault]int{kit.MailUnreachable: 1}, nil, "1 to try again: UNREACHABLE"},
		"broken":      {&kit.MailError{Fault: kit.MailBroken}, map[kit.MailFault]int{kit.MailBroken: 2}, nil, "2 to try again: BROKEN"},
		"anything":    {errors.New("ada@example.org"), map[kit.MailFault]int{kit.MailUnknown: 2}, nil, "2 to try again: UNKNOWN"},
	} {
		t.Run(name, func(t *testing.T) {
			s := embedded(t)
			s.letter()
			s.post("ada@example.org", "Ada")
			s.post("grace@example.org", "Grace")
			_, err := s.portal.Deliver(by(nobody), (&letters{err: c.err}).send)
			un, ok := errors.AsType[*kit.Undelivered](err)
			if !ok || fmt.Sprint(un.Later) != fmt.Sprint(c.later) || fmt.Sprint(un.Failed) != fmt.Sprint(c.lost) || err.Error() != c.text {
				t.Errorf("got %v", err)
			}
			for _, m := range s.outbox() {
				if (m.State == kit.MailFailed) != (c.lost != nil) || (m.To == "") != (c.lost != nil) {
					t.Errorf("kept %s", inJSON(m))
				}
			}
		})
	}
}

func TestAMessageCutOffWhileItWasSentIsSentAgainButNotForEver(t *testing.T) {
	s := embedded(t)
	s.letter()
	s.post("ada@example.org", "Ada")
	box, attempts := letters{}, 0
	for range 6 {
		func() {
			defer func() { _ = recover() }()
			_, _ = s.portal.Deliver(by(nobody), func(context.Context, kit.Mail) error { attempts++; panic("the process ends") })
		}()
		if sent, err := s.portal.Deliver(by(nobody), box.send); sent != 0 || err != nil {
			t.Fatalf("sent %d while another process had it, %v", sent, err)
		}
		*s.wall = s.wall.Add(5 * time.Minute)
	}
	if _, err := s.portal.Deliver(by(nobody), box.send); err == nil || attempts != 6 || len(box.sent) != 0 || s.outbox()[0].State != kit.MailFailed {
		t.Errorf("%d attempts, then %v: %s", attempts, err, inJSON(s.outbox()[0]))
	}
}

func TestSeveralDeliverersSendEachMessageOnce(t *testing.T) {
	onEngines(t, func(s stage) {
		s.letter()
		messages := 40
		if s.slow() {
			messages = 4
		}
		for i := range messages {
			s.post(fmt.Sprintf("p%d@example.org", i), "P")
		}
		var box letters
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range 3 {
					if _, err := s.portal.Deliver(by(nobody), box.send); err != nil {
						s.Error(err)
					}
				}
			})
		}
		all.Wait()
		var to []string
		for _, m := range box.sent {
			to = append(to, m.To)
		}
		slices.Sort(to)
		if len(to) != messages || len(slices.Compact(to)) != messages {
			s.Errorf("%d messages became %d", messages, len(box.sent))
		}
	})
}

func TestARunningSendIsFinishedWhenTheContextEnds(t *testing.T) {
	s := embedded(t)
	s.letter()
	s.post("ada@example.org", "Ada")
	s.post("grace@example.org", "Grace")
	ctx, cancel := context.WithCancel(by(nobody))
	sent, err := s.portal.Deliver(ctx, func(ctx context.Context, _ kit.Mail) error { cancel(); return ctx.Err() })
	if sent != 1 || err != nil {
		t.Errorf("sent %d, %v", sent, err)
	}
	sent, err = s.portal.Deliver(by(nobody), (&letters{}).send)
	if sent != 1 || err != nil {
		t.Errorf("then sent %d, %v", sent, err)
	}
}

func TestRecentMessagesOfARecipientAreCounted(t *testing.T) {
	onEngines(t, func(s stage) {
		s.letter()
		for _, to := range []string{"ada@example.org", "ADA@Example.org", "grace@example.org"} {
			s.post(to, "x")
			*s.wall = s.wall.Add(time.Minute)
		}
		_, err := s.portal.Deliver(by(nobody), (&letters{}).send)
		s.must(err)
		for _, c := range []struct {
			to, key string
			since   time.Duration
			want    int
		}{
			{"Ada@example.org", "letter", 0, 2}, {"ada@example.org", "letter", time.Minute, 1}, {"ada@example.org", "letter", time.Minute + 1e6, 0},
			{"ada@example.org", "other", 0, 0}, {"grace@example.org", "letter", 0, 1}, {"nobody@example.org", "letter", 0, 0},
		} {
			n, err := s.portal.RecentlyPosted(by(nobody), c.to, c.key, testkit.Now.Add(c.since))
			if err != nil || n != c.want {
				s.Errorf("%+v: got %d, %v", c, n, err)
			}
		}
	})
}

func TestOldMessagesAreRemoved(t *testing.T) {
	s := embedded(t)
	s.letter()
	s.post("ada@example.org", "Ada")
	*s.wall = s.wall.Add(24 * time.Hour)
	s.post("grace@example.org", "Grace")
	*s.wall = s.wall.Add(29*24*time.Hour + time.Millisecond)
	s.must(s.portal.Tidy(by(nobody)))
	if left := s.outbox(); len(left) != 1 || left[0].To != "grace@example.org" {
		t.Errorf("left %s", inJSON(left))
	}
}

func TestAStoreThatStopsEndsTheRound(t *testing.T) {
	s := embedded(t)
	s.must(s.store.Close())
	if sent, err := s.portal.Deliver(by(nobody), (&letters{}).send); sent != 0 || !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("sent %d, %v", sent, err)
	}
}

func TestCodesAndOtherMessagesDoNotWaitForEachOther(t *testing.T) {
	s := embedded(t)
	for i := range 150 {
		s.must(s.portal.Post(by(nobody), fmt.Sprintf("code%d@example.org", i), kit.English, "mail.applicationCode", map[string]string{"code": "1"}))
	}
	s.letter()
	*s.wall = s.wall.Add(time.Second)
	s.post("ada@example.org", "Ada")
	var box letters
	_, err := s.portal.Deliver(by(nobody), box.send)
	s.must(err)
	if len(box.sent) != 100 || box.sent[1].To != "ada@example.org" {
		t.Errorf("sent %d, %s second", len(box.sent), box.sent[1].To)
	}
}
