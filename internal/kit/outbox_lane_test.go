package kit_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/portal"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// code queues a message of the queue of codes.
func (s scene) code(to string) {
	s.Helper()
	s.Must(s.Post(stage.By(stage.Nobody), to, kit.English, kit.Letter{Key: "mail.applicationCode", Params: map[string]any{"code": "1"}}))
}

// to are the addresses of messages.
func (l *letters) to() (all []string) {
	for _, m := range l.sent {
		all = append(all, m.To)
	}
	return all
}

// TestACodeWaitsForNoOtherMessage: neither for those that were queued before it, nor for those of the same round.
func TestACodeWaitsForNoOtherMessage(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s.letter()
		for i := range 3 {
			s.post(fmt.Sprintf("p%d@example.org", i), "P")
		}
		*s.Wall = s.Wall.Add(time.Second)
		s.code("first@example.org")
		var box letters
		_, err := s.Portal.Deliver(stage.By(stage.Nobody), func(ctx context.Context, m kit.Mail) error {
			if len(box.sent) == 1 { // while the first of the others is sent
				s.code("second@example.org")
			}
			return box.send(ctx, m)
		})
		s.Must(err)
		to := box.to()
		if len(to) != 5 || to[0] != "first@example.org" || to[2] != "second@example.org" {
			s.Errorf("sent to %v", to)
		}
	})
}

// TestManyCodesDoNotKeepOthersWaiting: a round takes 100 codes, and others after them.
func TestManyCodesDoNotKeepOthersWaiting(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.letter()
	for i := range 150 {
		s.code(fmt.Sprintf("code%d@example.org", i))
	}
	s.post("ada@example.org", "Ada")
	var box letters
	for _, want := range []int{101, 50} {
		if sent, err := s.Portal.Deliver(stage.By(stage.Nobody), box.send); sent != want || err != nil {
			t.Fatalf("sent %d, %v", sent, err)
		}
	}
	if i := slices.Index(box.to(), "ada@example.org"); i != 100 {
		t.Errorf("the other message came at %d", i)
	}
}

// TestTheBudgetOfADayHoldsBackTheRestAndNoCodes, and what is held back goes out when it is 24 hours later.
func TestTheBudgetOfADayHoldsBackTheRestAndNoCodes(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s.Stage = s.With(func(o *portal.Options) { o.MailPerDay = 3 })
		s.letter()
		before, err := s.Portal.Backlogs(stage.By(stage.Nobody))
		s.Must(err)
		for i := range 5 {
			s.post(fmt.Sprintf("p%d@example.org", i), "P")
			s.code(fmt.Sprintf("c%d@example.org", i))
		}
		var box letters
		for round, want := range []int{8, 0} {
			if sent, err := s.Portal.Deliver(stage.By(stage.Nobody), box.send); sent != want || err != nil {
				s.Fatalf("round %d: sent %d, %v", round, sent, err)
			}
		}
		b, err := s.Portal.Backlogs(stage.By(stage.Nobody))
		s.Must(err)
		if len(b) != 3 || b[0].Waiting != before[0].Waiting || b[0].Sent != 5 || b[2].Lane != kit.OtherLane || b[2].Waiting != before[2].Waiting+2 || *b[2].OldestAt != kit.DateTimeOf(*s.Wall) || b[2].Sent != 3 {
			s.Errorf("waiting are %s", stage.InJSON(b))
		}
		*s.Wall = s.Wall.Add(day - time.Millisecond)
		s.code("late@example.org")
		if sent, err := s.Portal.Deliver(stage.By(stage.Nobody), box.send); sent != 1 || err != nil {
			s.Fatalf("before a day is over: sent %d, %v", sent, err)
		}
		*s.Wall = s.Wall.Add(time.Millisecond * 2)
		if sent, err := s.Portal.Deliver(stage.By(stage.Nobody), box.send); sent != 2 || err != nil {
			s.Fatalf("after a day: sent %d, %v", sent, err)
		}
	})
}

// TestWhatFailsDoesNotCountAgainstTheBudget.
func TestWhatFailsDoesNotCountAgainstTheBudget(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.Stage = s.With(func(o *portal.Options) { o.MailPerDay = 1 })
	s.letter()
	before, err := s.Portal.Backlogs(stage.By(stage.Nobody))
	s.Must(err)
	s.post("ada@example.org", "Ada")
	_, _ = s.Portal.Deliver(stage.By(stage.Nobody), (&letters{err: &kit.MailError{Fault: kit.MailRefused}}).send)
	s.post("grace@example.org", "Grace")
	if sent, err := s.Portal.Deliver(stage.By(stage.Nobody), (&letters{}).send); sent != 1 || err != nil {
		t.Errorf("sent %d, %v", sent, err)
	}
	b, err := s.Portal.Backlogs(stage.By(stage.Nobody))
	if err != nil || b[2].Failed != before[2].Failed+1 || b[2].Waiting != before[2].Waiting || b[1].OldestAt != nil {
		t.Errorf("%s, %v", stage.InJSON(b), err)
	}
}

// TestARefusedAddressIsTold to whoever keeps addresses, together with the record of it, and no other fault is.
func TestARefusedAddressIsTold(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s.letter()
		var told []string
		refuses := func(fault kit.MailFault) func(context.Context, kit.Mail) error {
			return (&letters{err: &kit.MailError{Fault: fault}}).send
		}
		broken := errors.New("it cannot be written")
		refused := func(string) error { return broken }
		core, err := kit.NewCore(kit.CoreOptions{
			Store: s.Store, Clock: testkit.Clock(), Wall: func() time.Time { return *s.Wall }, Entropy: testkit.Entropy("refused"),
			AddressRefused: func(_ context.Context, address string) error { return refused(address) },
		})
		s.Must(err)
		s.post("ada@example.org", "Ada")
		if _, err := core.Deliver(stage.By(stage.Nobody), refuses(kit.MailAddressRefused)); !errors.Is(err, broken) {
			s.Fatalf("got %v", err)
		}
		if m := s.Outbox()[0]; !s.Slow() && (m.State != kit.MailQueued || m.To == "") { // the test peer takes nothing back
			s.Fatalf("recorded without being told: %s", stage.InJSON(m))
		}
		if s.Slow() {
			return
		}
		*s.Wall = s.Wall.Add(5 * time.Minute)
		refused = func(address string) error { told = append(told, address); return nil }
		_, err = core.Deliver(stage.By(stage.Nobody), refuses(kit.MailAddressRefused))
		if un, ok := errors.AsType[*kit.Undelivered](err); !ok || un.Failed[kit.MailAddressRefused] != 1 {
			s.Errorf("got %v", err)
		}
		if m := s.Outbox()[0]; m.State != kit.MailFailed || m.To+m.Body != "" || !slices.Equal(told, []string{"ada@example.org"}) {
			s.Errorf("told %v, kept %s", told, stage.InJSON(m))
		}
		for _, fault := range kit.MailFaults {
			if fault != kit.MailAddressRefused {
				s.post("grace@example.org", "Grace")
				_, _ = core.Deliver(stage.By(stage.Nobody), refuses(fault))
			}
		}
		if len(told) != 1 {
			s.Errorf("told %v", told)
		}
	})
}
