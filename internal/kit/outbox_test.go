package kit_test

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
	"memberportal/internal/store"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// post queues a message of the key «letter» in a test's catalogue.
func (s scene) post(to, name string) {
	s.Helper()
	s.Must(s.Post(stage.By(stage.Nobody), to, kit.French, kit.Letter{Key: "letter", Params: map[string]any{"name": name}}))
}

// letter puts the texts of that message into the catalogue, in all languages, until the test ends.
func (s scene) letter() {
	for key, text := range map[string]string{"letter.subject": "To {name}", "letter.body": "Dear {name},\n\nthe code is 1234."} {
		kit.Messages[key] = map[kit.Locale]string{}
		for _, l := range kit.Locales {
			kit.Messages[key][l] = text
		}
		s.Cleanup(func() { delete(kit.Messages, key) })
	}
}

const day = 24 * time.Hour

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
	stage.OnEngines(t, func(s scene) {
		s.letter()
		s.post("ada@example.org", "Ada")
		var box letters
		for round, want := range []int{1, 0} {
			if sent, err := s.Portal.Deliver(stage.By(stage.Nobody), box.send); sent != want || err != nil {
				s.Fatalf("round %d: sent %d, %v", round, sent, err)
			}
		}
		m := box.sent[0]
		if m.To != "ada@example.org" || m.Subject != "To Ada" || m.Body != "Dear Ada,\n\nthe code is 1234." || m.Locale != kit.French || m.At != kit.DateTimeOf(testkit.Now) {
			s.Errorf("sent %+v", m)
		}
		kept := s.Outbox()[0]
		if kept.State != kit.MailSent || kept.To+kept.Subject+kept.Body != "" || kept.SentAt == nil || kept.Attempts != 1 || kept.ID != m.ID {
			s.Errorf("kept %s", stage.InJSON(kept))
		}
	})
}

func TestAMessageIsQueuedOnlyWithWhatItTells(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.letter()
	err := s.Store.Tx(stage.By(stage.Nobody), func(ctx context.Context) error {
		return errors.Join(s.Post(ctx, "ada@example.org", kit.English, kit.Letter{Key: "letter", Params: map[string]any{"name": "Ada"}}), errors.New("no"))
	})
	if err == nil || len(s.Outbox()) != 0 {
		t.Errorf("%v; %d messages", err, len(s.Outbox()))
	}
	ada := map[string]any{"name": "Ada"}
	for what, letter := range map[string]kit.Letter{
		"that no row of the table names": {Key: "letter.subject", Params: ada}, "without a value": {Key: "letter"}, "without a value that is needed": {Key: "letter", Params: map[string]any{"nam": "Ada"}},
	} {
		if err := s.Post(stage.By(stage.Nobody), "ada@example.org", kit.English, letter); err == nil {
			t.Errorf("a message %s was queued", what)
		}
	}
	if err := s.Post(stage.By(stage.Nobody), "ada@example.org", "XX", kit.Letter{Key: "letter", Params: ada}); err == nil {
		t.Error("a message in no language was queued")
	}
}

// TestAQueuedMessageIsAnnounced: once, when its change is committed, and not if it is taken back.
func TestAQueuedMessageIsAnnounced(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s.letter()
		announced := func() bool {
			select {
			case <-s.Core.Posted():
				return true
			default:
				return false
			}
		}
		post := func(why error) {
			err := s.Core.Transact(stage.By(stage.Nobody), func(ctx context.Context) error {
				err := s.Core.Post(ctx, "ada@example.org", kit.English, kit.Letter{Key: "letter", Params: map[string]any{"name": "Ada"}})
				if why != nil && announced() {
					s.Error("announced before it is committed")
				}
				return errors.Join(err, why)
			})
			if (err != nil) != (why != nil) {
				s.Fatal(err)
			}
		}
		if post(errors.New("no")); announced() {
			s.Error("what was taken back is announced")
		}
		post(nil)
		post(nil)
		if !announced() || announced() {
			s.Error("two messages are announced otherwise than together")
		}
	})
}

func TestHostileParametersStayOnOneLine(t *testing.T) {
	s := scene{stage.Embedded(t)}
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
		if sent, err := s.Portal.Deliver(stage.By(stage.Nobody), box.send); sent != 1 || err != nil {
			t.Fatalf("sent %d, %v", sent, err)
		}
		if m := box.sent[0]; m.Subject != "To "+want || strings.Count(m.Body, "\n") != 2 {
			t.Errorf("%q became %q and %q", hostile, m.Subject, m.Body)
		}
	}
}

func TestWhatFailsIsTriedAgainLaterAndLaterAndThenNoMore(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.letter()
	s.post("ada@example.org", "Ada")
	box := letters{err: &kit.MailError{Fault: kit.MailDeferred, Detail: "451"}}
	for i, wait := range []time.Duration{0, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 12 * time.Hour, day, day, day, day, day} {
		if *s.Wall = s.Wall.Add(wait - time.Millisecond); wait > 0 {
			if sent, err := s.Portal.Deliver(stage.By(stage.Nobody), box.send); sent != 0 || err != nil {
				t.Fatalf("attempt %d came early: %d, %v", i+1, sent, err)
			}
		}
		*s.Wall = s.Wall.Add(time.Millisecond)
		_, err := s.Portal.Deliver(stage.By(stage.Nobody), box.send)
		un, ok := errors.AsType[*kit.Undelivered](err)
		last := i == 10
		if !ok || un.Later[kit.MailDeferred] != map[bool]int{false: 1}[last] || un.Failed[kit.MailDeferred] != map[bool]int{true: 1}[last] || un.Detail != "451" {
			t.Fatalf("attempt %d: %v", i+1, err)
		}
		if kept := s.Outbox()[0]; kept.Attempts != int64(i+1) || *kept.LastFault != kit.MailDeferred || (kept.State == kit.MailFailed) != last || kept.To == "" {
			t.Fatalf("attempt %d: kept %s", i+1, stage.InJSON(kept))
		}
	}
	*s.Wall = s.Wall.Add(day)
	if sent, err := s.Portal.Deliver(stage.By(stage.Nobody), box.send); sent != 0 || err != nil {
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
			s := scene{stage.Embedded(t)}
			s.letter()
			s.post("ada@example.org", "Ada")
			s.post("grace@example.org", "Grace")
			_, err := s.Portal.Deliver(stage.By(stage.Nobody), (&letters{err: c.err}).send)
			un, ok := errors.AsType[*kit.Undelivered](err)
			if !ok || fmt.Sprint(un.Later) != fmt.Sprint(c.later) || fmt.Sprint(un.Failed) != fmt.Sprint(c.lost) || err.Error() != c.text {
				t.Errorf("got %v", err)
			}
			for _, m := range s.Outbox() {
				if (m.State == kit.MailFailed) != (c.lost != nil) || (m.To == "") != (c.lost != nil) {
					t.Errorf("kept %s", stage.InJSON(m))
				}
			}
		})
	}
}

func TestAMessageCutOffWhileItWasSentIsSentAgainButNotForEver(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.letter()
	s.post("ada@example.org", "Ada")
	box, attempts := letters{}, 0
	for range 11 {
		func() {
			defer func() { _ = recover() }()
			_, _ = s.Portal.Deliver(stage.By(stage.Nobody), func(context.Context, kit.Mail) error { attempts++; panic("the process ends") })
		}()
		if sent, err := s.Portal.Deliver(stage.By(stage.Nobody), box.send); sent != 0 || err != nil {
			t.Fatalf("sent %d while another process had it, %v", sent, err)
		}
		*s.Wall = s.Wall.Add(5 * time.Minute)
	}
	if _, err := s.Portal.Deliver(stage.By(stage.Nobody), box.send); err == nil || attempts != 11 || len(box.sent) != 0 || s.Outbox()[0].State != kit.MailFailed {
		t.Errorf("%d attempts, then %v: %s", attempts, err, stage.InJSON(s.Outbox()[0]))
	}
}

func TestSeveralDeliverersSendEachMessageOnce(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s.letter()
		messages := 40
		if s.Slow() {
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
					if _, err := s.Portal.Deliver(stage.By(stage.Nobody), box.send); err != nil {
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
	s := scene{stage.Embedded(t)}
	s.letter()
	s.post("ada@example.org", "Ada")
	s.post("grace@example.org", "Grace")
	ctx, cancel := context.WithCancel(stage.By(stage.Nobody))
	sent, err := s.Portal.Deliver(ctx, func(ctx context.Context, _ kit.Mail) error { cancel(); return ctx.Err() })
	if sent != 1 || err != nil {
		t.Errorf("sent %d, %v", sent, err)
	}
	sent, err = s.Portal.Deliver(stage.By(stage.Nobody), (&letters{}).send)
	if sent != 1 || err != nil {
		t.Errorf("then sent %d, %v", sent, err)
	}
}

func TestRecentMessagesOfARecipientAreCounted(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s.letter()
		for _, to := range []string{"ada@example.org", "ADA@Example.org", "grace@example.org"} {
			s.post(to, "x")
			*s.Wall = s.Wall.Add(time.Minute)
		}
		_, err := s.Portal.Deliver(stage.By(stage.Nobody), (&letters{}).send)
		s.Must(err)
		for _, c := range []struct {
			to, key string
			since   time.Duration
			want    int
		}{
			{"Ada@example.org", "letter", 0, 2}, {"ada@example.org", "letter", time.Minute, 1}, {"ada@example.org", "letter", time.Minute + 1e6, 0},
			{"ada@example.org", "other", 0, 0}, {"grace@example.org", "letter", 0, 1}, {"nobody@example.org", "letter", 0, 0},
		} {
			n, err := s.Core.RecentlyPosted(stage.By(stage.Nobody), c.to, c.key, testkit.Now.Add(c.since))
			if err != nil || n != c.want {
				s.Errorf("%+v: got %d, %v", c, n, err)
			}
		}
	})
}

func TestOldMessagesAreRemoved(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.letter()
	s.post("ada@example.org", "Ada")
	*s.Wall = s.Wall.Add(24 * time.Hour)
	s.post("grace@example.org", "Grace")
	*s.Wall = s.Wall.Add(29*24*time.Hour + time.Millisecond)
	s.Must(s.Portal.Tidy(stage.By(stage.Nobody)))
	if left := s.Outbox(); len(left) != 1 || left[0].To != "grace@example.org" {
		t.Errorf("left %s", stage.InJSON(left))
	}
}

func TestAStoreThatStopsEndsTheRound(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.Must(s.Store.Close())
	if sent, err := s.Portal.Deliver(stage.By(stage.Nobody), (&letters{}).send); sent != 0 || !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("sent %d, %v", sent, err)
	}
}

// TestAMessageIsSentAgain when an operator wants it: one that waits, and one whose way to the recipient failed.
func TestAMessageIsSentAgain(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s.letter()
		s.post("ada@example.org", "Ada")
		s.post("grace@example.org", "Grace")
		broken := letters{err: &kit.MailError{Fault: kit.MailBroken}}
		fail := func() { _, _ = s.Portal.Deliver(stage.By(stage.Nobody), broken.send) }
		fail()
		ada, grace := s.Outbox()[0], s.Outbox()[1]
		if ada.To != "ada@example.org" {
			ada, grace = grace, ada
		}
		var box letters
		s.Must(s.Portal.RetryMail(stage.By(stage.Operator), ada.ID))
		if sent, err := s.Portal.Deliver(stage.By(stage.Nobody), box.send); sent != 1 || err != nil || box.sent[0].To != "ada@example.org" {
			s.Fatalf("sent %d, %v", sent, err)
		}
		for range 10 {
			*s.Wall = s.Wall.Add(day)
			fail()
		}
		states := map[kit.ID]kit.MailState{}
		note := func(all []*kit.MailRecord) error {
			for _, m := range all {
				if m.ID == ada.ID || m.ID == grace.ID {
					states[m.ID] = m.State
				}
			}
			return nil
		}
		s.Must(s.Portal.Messages(stage.By(stage.Operator), true, note))
		if len(states) != 1 || states[grace.ID] != kit.MailFailed {
			s.Fatalf("failed are %v", states)
		}
		s.Must(s.Portal.RetryMail(stage.By(stage.Secretariat), grace.ID))
		if sent, err := s.Portal.Deliver(stage.By(stage.Nobody), box.send); sent != 1 || err != nil || box.sent[1].To != "grace@example.org" || box.sent[1].ID != grace.ID {
			s.Fatalf("sent %d, %v", sent, err)
		}
		s.Must(s.Portal.Messages(stage.By(stage.Operator), false, note))
		if len(states) != 2 || states[grace.ID] != kit.MailSent || states[ada.ID] != kit.MailSent {
			s.Errorf("messages are %v", states)
		}
		page, err := s.Portal.Audit.List(stage.By(stage.Secretariat), &kit.AuditFilter{TargetID: &grace.ID}, kit.PageArgs{})
		if err != nil || len(page.Edges) != 1 || page.Edges[0].Node.Operation != "retryMail" {
			s.Errorf("audit entries: %v", err)
		}
	})
}

func TestWhatCannotBeSentAgain(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.letter()
	s.post("sent@example.org", "Ada")
	_, err := s.Portal.Deliver(stage.By(stage.Nobody), (&letters{}).send)
	s.Must(err)
	sent := s.Outbox()[0].ID
	s.post("refused@example.org", "Grace")
	_, _ = s.Portal.Deliver(stage.By(stage.Nobody), (&letters{err: &kit.MailError{Fault: kit.MailRefused}}).send)
	for _, m := range s.Outbox() {
		err := s.Portal.RetryMail(stage.By(stage.Operator), m.ID)
		no, ok := errors.AsType[*kit.RetryError](err)
		if !ok || (m.ID == sent) != (no.State == kit.MailSent) || strings.Contains(err.Error(), "example") {
			t.Errorf("%s: %v", m.State, err)
		}
	}
	for name, err := range map[kit.Code]error{
		kit.NotFound:        s.Portal.RetryMail(stage.By(stage.Operator), "out_NONE"),
		kit.Forbidden:       s.Portal.RetryMail(stage.By(stage.FocalPoint("mem_ACTIVE")), sent),
		kit.Unauthenticated: s.Portal.Messages(stage.By(stage.Nobody), false, nil),
	} {
		if r := kit.Classify(err); r == nil || r.Code != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestACodeThatFailedIsEmptied, because it expires before anybody could have it sent again.
func TestACodeThatFailedIsEmptied(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.Must(s.Post(stage.By(stage.Nobody), "ada@example.org", kit.English, kit.Letter{Key: "mail.emailTaken"}))
	for range 6 {
		_, _ = s.Portal.Deliver(stage.By(stage.Nobody), (&letters{err: &kit.MailError{Fault: kit.MailUnreachable}}).send)
		*s.Wall = s.Wall.Add(12 * time.Hour)
	}
	if m := s.Outbox()[0]; m.State != kit.MailFailed || m.To+m.Subject+m.Body != "" {
		t.Errorf("kept %s", stage.InJSON(m))
	}
}
