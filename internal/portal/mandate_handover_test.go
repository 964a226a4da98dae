package portal_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

type (
	proposal     = membership.HandOverFocalPointInput
	confirmation = membership.ConfirmHandOverInput
)

// acting is a role's token of a person of mem_ACTIVE.
func acting(name string, role kit.Role) kit.Actor {
	return kit.Actor{Subject: kit.ID("usr_" + name), Roles: []kit.Role{role}, Member: "mem_ACTIVE"}
}

var (
	holder    = acting("FOCAL", kit.RoleFocalPoint)
	successor = acting("DELEGATE", kit.RoleDelegate)
)

// proposed proposes that usr_DELEGATE takes over man_FOCAL on 2025-04-15, but for what the input says.
func (s stage) proposed(a kit.Actor, change func(in *proposal)) *membership.HandOverFocalPointPayload {
	s.Helper()
	in := proposal{Mandate: "man_FOCAL", ExpectedVersion: 1, To: "man_DELEGATE", On: new(kit.Date("2025-04-15"))}
	change(&in)
	payload, err := s.portal.Mandates.HandOver(by(a), in)
	s.must(err)
	return payload
}

// open leaves that proposal open.
func (s stage) open() {
	s.Helper()
	if payload := s.proposed(holder, func(*proposal) {}); payload.Mandate == nil {
		s.Fatalf("faults: %v", payload.UserErrors)
	}
}

// confirmed answers it.
func (s stage) confirmed(a kit.Actor, accept bool) (*membership.Mandate, []string) {
	s.Helper()
	payload, err := s.portal.Mandates.ConfirmHandOver(by(a), confirmation{Mandate: "man_FOCAL", ExpectedVersion: 2, Accept: accept, Reason: new(" on leave ")})
	s.must(err)
	return payload.Mandate, faultsOf(payload.UserErrors)
}

// asStored is a mandate as it is in the store.
func (s stage) asStored(id kit.ID) *membership.Mandate {
	s.Helper()
	m, err := membership.MandateNoun.In(s.store).Get(context.Background(), string(id))
	s.must(err)
	return m
}

// historyOf are a mandate's history as «KIND by on».
func historyOf(m *membership.Mandate) (all []string) {
	for _, e := range m.History {
		all = append(all, fmt.Sprintf("%s %s %s", e.Kind, e.By, e.On))
	}
	return all
}

// mailed are the messages that were queued, as «key to».
func (s stage) mailed() (all []string) {
	for _, m := range s.outbox() {
		all = append(all, m.Key+" "+m.To)
	}
	slices.Sort(all)
	return all
}

func TestAFocalPointHandsOverWhenBothSidesConfirm(t *testing.T) {
	onEngines(t, func(s stage) {
		before := s.records()
		s.open()
		if m := s.asStored("man_FOCAL"); m.Until != nil || m.HandOver.Person != "usr_DELEGATE" || m.HandOver.On != "2025-04-15" || m.HandOver.ProposedBy != "usr_FOCAL" {
			s.Errorf("proposed: %s", inJSON(m))
		}
		if got := s.mailed(); !slices.Equal(got, []string{"mail.handOver.proposed delegate@example.org"}) {
			s.Errorf("wrote %q", got)
		}
		m, faults := s.confirmed(successor, true)
		if len(faults) > 0 {
			s.Fatal(faults)
		}
		next, err := s.portal.Mandates.HandedOverTo(by(successor), m)
		s.must(err)
		if next == nil || next.Person != "usr_DELEGATE" || next.Role != membership.MandateFocalPoint || next.From != "2025-04-15" || next.Until != nil || *next.TakenOverFrom != "man_FOCAL" {
			s.Fatalf("the new mandate is %s", inJSON(next))
		}
		if m.HandOver != nil || *m.Until != "2025-04-15" || m.Reason != nil || m.State() != membership.MandateCurrent {
			s.Errorf("the old mandate is %s", inJSON(m))
		}
		if got := historyOf(m); !slices.Equal(got, []string{"PROPOSED usr_FOCAL 2025-04-15", "ACCEPTED usr_DELEGATE 2025-04-15"}) || *m.History[1].Reason != "on leave" {
			s.Errorf("history %q", got)
		}
		if got := s.mailed(); !slices.Equal(got, []string{"mail.handOver.accepted focal@example.org", "mail.handOver.proposed delegate@example.org"}) {
			s.Errorf("wrote %q", got)
		}
		audit, notices := s.records().since(before)
		var left []string
		for _, e := range audit {
			left = append(left, fmt.Sprintf("%s %s %s", e.Operation, e.TargetID[:4], strings.Join(e.Fields, " ")))
		}
		slices.Sort(left)
		want := []string{
			"confirmHandOver man_ entity from person role takenOverFrom", "confirmHandOver man_ handOver handedOverTo history until", "handOverFocalPoint man_ handOver history",
		}
		if !slices.Equal(left, want) || len(notices) != 3 {
			s.Errorf("left %q and %d notices", left, len(notices))
		}
		s.run("and the new one is the last one then", func(s stage) {
			if faults := s.ended(acting("DELEGATE", kit.RoleFocalPoint), next.ID, 1, "2025-05-01"); !slices.Equal(faults, []string{"NOT_ALLOWED_IN_STATE input.id"}) {
				s.Errorf("got %q", faults)
			}
		})
		s.run("and nothing more is handed over", func(s stage) {
			got := faultsOf(s.proposed(holder, func(in *proposal) { in.ExpectedVersion = 3 }).UserErrors)
			if !slices.Equal(got, []string{"DUPLICATE input.to", "NOT_ALLOWED_IN_STATE input.mandate"}) {
				s.Errorf("got %q", got)
			}
			if _, faults := s.confirmed(successor, true); !slices.Equal(faults, []string{"CONFLICT input.expectedVersion", "NOT_ALLOWED_IN_STATE input.mandate"}) {
				s.Errorf("got %q", faults)
			}
		})
	})
}

func TestAProposalIsDeclinedOrTakenBackAndCanBeMadeAgain(t *testing.T) {
	cancel := func(a kit.Actor) func(s stage) {
		return func(s stage) {
			payload, err := s.portal.Mandates.CancelHandOver(by(a), membership.CancelHandOverInput{Mandate: "man_FOCAL", ExpectedVersion: 2})
			if s.must(err); payload.Mandate == nil || payload.Mandate.HandOver != nil {
				s.Fatalf("got %s", inJSON(payload))
			}
		}
	}
	for name, c := range map[string]struct {
		end   func(s stage)
		event string
		mails int
	}{
		"declined": {func(s stage) {
			if m, faults := s.confirmed(successor, false); len(faults) > 0 || m.HandOver != nil {
				s.Fatalf("%s, %q", inJSON(m), faults)
			}
		}, "DECLINED usr_DELEGATE 2025-04-15", 3},
		"taken back by the focal point": {cancel(holder), "CANCELLED usr_FOCAL 2025-04-15", 2},
		"taken back by the secretariat": {cancel(secretariat), "CANCELLED usr_secretariat 2025-04-15", 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := embedded(t)
			s.open()
			c.end(s)
			m := s.asStored("man_FOCAL")
			if m.Until != nil || m.HandedOverTo != nil || historyOf(m)[1] != c.event {
				t.Errorf("is %s", inJSON(m))
			}
			if again := s.proposed(holder, func(in *proposal) { in.ExpectedVersion = 3 }); again.Mandate == nil || len(s.outbox()) != c.mails {
				t.Errorf("again: %v; %q", again.UserErrors, s.mailed())
			}
		})
	}
}

func TestWhatIsWrongWithAProposalIsSaidAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		change func(in *proposal)
		want   []string
	}{
		"in the past":                  {func(in *proposal) { in.On = new(kit.Date("2025-03-30")) }, []string{"OUT_OF_RANGE input.on"}},
		"far ahead":                    {func(in *proposal) { in.On = new(kit.Date("2027-01-01")) }, []string{"OUT_OF_RANGE input.on"}},
		"to oneself":                   {func(in *proposal) { in.To = "man_FOCAL" }, []string{"NOT_ELIGIBLE input.to"}},
		"to whose mandate has ended":   {func(in *proposal) { in.To = "man_FORMER" }, []string{"NOT_ELIGIBLE input.to"}},
		"to somebody of another one":   {func(in *proposal) { in.To = "man_INTERNATIONAL" }, []string{"UNKNOWN_REFERENCE input.to"}},
		"to nobody":                    {func(in *proposal) { in.To = "man_NONE" }, []string{"UNKNOWN_REFERENCE input.to"}},
		"of a delegate":                {func(in *proposal) { in.Mandate, in.To = "man_DELEGATE", "man_FOCAL" }, []string{"DUPLICATE input.to", "NOT_ELIGIBLE input.mandate"}},
		"of a mandate that has ended":  {func(in *proposal) { in.Mandate = "man_FORMER" }, []string{"NOT_ALLOWED_IN_STATE input.mandate", "NOT_ELIGIBLE input.mandate"}},
		"of a mandate that is to come": {func(in *proposal) { in.Mandate = "man_COMING" }, []string{"NOT_ALLOWED_IN_STATE input.mandate"}},
		"while one is open":            {func(in *proposal) { in.Mandate, in.To = "man_OUTGOING", "man_WAITING" }, []string{"NOT_ALLOWED_IN_STATE input.mandate"}},
		"after the mandate's end":      {func(in *proposal) { in.Mandate = "man_ENDING" }, []string{"OUT_OF_RANGE input.on"}},
		"with a long history":          {func(in *proposal) { in.Mandate = "man_LONG" }, []string{"FULL input.mandate"}},
		"with everything": {func(in *proposal) {
			in.ExpectedVersion, in.On, in.To, in.IdempotencyKey = 7, new(kit.Date("2025-01-01")), "man_FOCAL", new("")
		}, []string{"CONFLICT input.expectedVersion", "NOT_ELIGIBLE input.to", "OUT_OF_RANGE input.on", "REQUIRED input.idempotencyKey"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := embedded(t)
			coming, ending, long := *s.asStored("man_FOCAL"), *s.asStored("man_FOCAL"), *s.asStored("man_FOCAL")
			coming.ID, coming.From = "man_COMING", "2025-04-01"
			ending.ID, ending.Until = "man_ENDING", new(kit.Date("2025-04-14"))
			long.ID, long.History = "man_LONG", slices.Repeat([]membership.MandateEvent{{Kind: membership.HandOverDeclined, At: "2025-01-01T00:00:00.000Z", By: "usr_DELEGATE", On: "2025-01-15"}}, 100)
			s.must(membership.MandateNoun.In(s.store).Insert(context.Background(), &coming, &ending, &long))
			s.unchanged("mem_ACTIVE", func() {
				if got := faultsOf(s.proposed(secretariat, c.change).UserErrors); !slices.Equal(got, c.want) {
					t.Errorf("got %q, want %q", got, c.want)
				}
			})
			if len(s.outbox()) != 0 {
				t.Errorf("wrote %q", s.mailed())
			}
		})
	}
}

func TestWhoMayProposeAnswerAndTakeBack(t *testing.T) {
	s := embedded(t)
	for name, c := range map[string]struct {
		actor   kit.Actor
		propose kit.Code
		answer  kit.Code
	}{
		"another focal point of the member":      {acting("other", kit.RoleFocalPoint), kit.Forbidden, kit.Forbidden},
		"the person itself, as a delegate":       {acting("FOCAL", kit.RoleDelegate), kit.Forbidden, kit.Forbidden},
		"the successor":                          {successor, kit.Forbidden, ""},
		"the person with a token of another one": {kit.Actor{Subject: "usr_FOCAL", Roles: []kit.Role{kit.RoleFocalPoint}, Member: "mem_INTERNATIONAL"}, kit.Forbidden, kit.Forbidden},
		"a focal point of another member":        {focalPoint("mem_INTERNATIONAL"), kit.NotFound, kit.NotFound},
		"an administration":                      {uganda, kit.NotFound, kit.NotFound},
		"nobody":                                 {nobody, kit.Unauthenticated, kit.Unauthenticated},
		"an operator":                            {operator, kit.Forbidden, kit.Forbidden},
		"the secretariat":                        {secretariat, "", kit.Forbidden},
	} {
		s.run(name, func(s stage) {
			if c.propose != "" {
				_, err := s.portal.Mandates.HandOver(by(c.actor), proposal{Mandate: "man_FOCAL", ExpectedVersion: 1, To: "man_DELEGATE"})
				s.refused(err, c.propose)
				_, err = s.portal.Mandates.CancelHandOver(by(c.actor), membership.CancelHandOverInput{Mandate: "man_FOCAL", ExpectedVersion: 1})
				s.refused(err, c.propose)
			}
			if c.answer != "" {
				fresh := embedded(s.T)
				fresh.open()
				_, err := fresh.portal.Mandates.ConfirmHandOver(by(c.actor), confirmation{Mandate: "man_FOCAL", ExpectedVersion: 2, Accept: true})
				s.refused(err, c.answer)
				if m := fresh.asStored("man_FOCAL"); m.HandOver == nil || m.Version != 2 {
					s.Errorf("left %s", inJSON(m))
				}
			}
		})
	}
}

func TestWhatChangedSinceAProposalIsLookedAtWhenItIsAccepted(t *testing.T) {
	for name, c := range map[string]struct {
		change func(s stage)
		want   []string
	}{
		"the successor's mandate ended":      {func(s stage) { s.ended(secretariat, "man_DELEGATE", 1, "2025-03-31") }, []string{"NOT_ELIGIBLE input.mandate"}},
		"the successor became a focal point": {func(s stage) { s.appointed("2025-03-31") }, []string{"DUPLICATE input.mandate"}},
		"the member left": {func(s stage) {
			m := s.stored("mem_ACTIVE")
			m.Events = append(m.Events, membership.LifecycleEvent{ID: "evn_LEFT", Kind: membership.EventWithdrawn, EffectiveOn: "2025-03-01", RecordedAt: "2025-03-01T09:00:00.000Z", Actor: "usr_test"})
			s.must(membership.MemberNoun.In(s.store).Replace(context.Background(), m))
		}, []string{"NOT_ALLOWED_IN_STATE input.mandate"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := embedded(t)
			s.open()
			c.change(s)
			if _, got := s.confirmed(successor, true); !slices.Equal(got, c.want) || s.asStored("man_FOCAL").HandOver == nil {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if _, got := s.confirmed(successor, false); len(got) > 0 {
				t.Errorf("declining: %q", got)
			}
		})
	}
}

func TestAProposalThatIsAcceptedLateTakesEffectToday(t *testing.T) {
	s := embedded(t)
	s.open()
	m := s.asStored("man_FOCAL")
	m.HandOver.On = "2025-03-01"
	s.must(membership.MandateNoun.In(s.store).Replace(context.Background(), m))
	payload, err := s.portal.Mandates.ConfirmHandOver(by(successor), confirmation{Mandate: "man_FOCAL", ExpectedVersion: 3, Accept: true})
	s.must(err)
	if m := payload.Mandate; m == nil || *m.Until != "2025-03-31" || m.State() != membership.MandateEnded || s.asStored(*m.HandedOverTo).From != "2025-03-31" {
		t.Errorf("got %s", inJSON(payload))
	}
}

func TestAnEndCancelsAProposal(t *testing.T) {
	s := embedded(t)
	s.open()
	for i, on := range []kit.Date{"2025-04-20", "2025-04-21"} {
		if faults := s.ended(secretariat, "man_FOCAL", 2+i, on); len(faults) > 0 {
			t.Fatal(faults)
		}
	}
	m := s.asStored("man_FOCAL")
	if want := []string{"PROPOSED usr_FOCAL 2025-04-15", "CANCELLED usr_secretariat 2025-04-15", "ENDED usr_secretariat 2025-04-21"}; m.HandOver != nil || !slices.Equal(historyOf(m), want) {
		t.Errorf("history %q", historyOf(m))
	}
}

func TestAnAdministrationHandsOver(t *testing.T) {
	s := embedded(t)
	payload, err := s.portal.Mandates.AppointFocalPoint(by(secretariat), membership.AppointFocalPointInput{Entity: "cty_UG", Name: "Sarah Nakato", Email: "sarah@example.org"})
	s.must(err)
	focal := payload.Mandate
	minister := kit.Actor{Subject: focal.Person, Roles: []kit.Role{kit.RoleAdministration}, Country: "UG"}
	deputy := kit.Actor{Subject: "usr_UGANDA", Roles: []kit.Role{kit.RoleAdministration}, Country: "UG"}
	proposedToday, err := s.portal.Mandates.HandOver(by(minister), proposal{Mandate: focal.ID, ExpectedVersion: 1, To: "man_UGANDA"})
	if s.must(err); proposedToday.Mandate == nil {
		t.Fatal(proposedToday.UserErrors)
	}
	taken, err := s.portal.Mandates.ConfirmHandOver(by(deputy), confirmation{Mandate: focal.ID, ExpectedVersion: 2, Accept: true})
	s.must(err)
	if m := taken.Mandate; m == nil || *m.Until != "2025-03-31" {
		t.Fatalf("got %s", inJSON(taken))
	}
	if text := s.outbox()[0].Body + s.outbox()[1].Body; strings.Count(text, "Uganda") != 2 || !strings.Contains(text, "Sarah Nakato") || !strings.Contains(text, "David Mugisha") {
		t.Errorf("wrote %q", text)
	}
}

func TestTheSecretariatProposesAndTheFocalPointLearnsTheAnswer(t *testing.T) {
	s := embedded(t)
	s.must(membership.PersonNoun.In(s.store).Insert(context.Background(), &membership.Person{ID: "usr_secretariat", Name: new("Ann"), Email: new("ann@example.org"), Locale: new(kit.Chinese), Entities: []kit.ID{}, Dataset: kit.Demonstration}))
	if payload := s.proposed(secretariat, func(*proposal) {}); payload.Mandate == nil {
		t.Fatal(payload.UserErrors)
	}
	s.confirmed(successor, false)
	want := []string{"mail.handOver.declined ann@example.org", "mail.handOver.declined focal@example.org", "mail.handOver.proposed delegate@example.org"}
	if got := s.mailed(); !slices.Equal(got, want) {
		t.Errorf("wrote %q", got)
	}
	for _, m := range s.outbox() {
		if m.To == "ann@example.org" && (m.Locale != kit.Chinese || !strings.Contains(m.Body, "Peter Okot拒绝")) {
			t.Errorf("wrote %s", inJSON(m))
		}
	}
}

func TestAProposalIsAcceptedOrTakenBackAndNotBoth(t *testing.T) {
	for range 5 {
		s := embedded(t)
		s.open()
		results := make([]bool, 2)
		var both sync.WaitGroup
		both.Go(func() {
			payload, err := s.portal.Mandates.ConfirmHandOver(by(successor), confirmation{Mandate: "man_FOCAL", ExpectedVersion: 2, Accept: true})
			results[0] = err == nil && payload.Mandate != nil
		})
		both.Go(func() {
			payload, err := s.portal.Mandates.CancelHandOver(by(holder), membership.CancelHandOverInput{Mandate: "man_FOCAL", ExpectedVersion: 2})
			results[1] = err == nil && payload.Mandate != nil
		})
		both.Wait()
		if m := s.asStored("man_FOCAL"); results[0] == results[1] || (m.HandedOverTo != nil) != results[0] {
			t.Fatalf("%v: %s", results, inJSON(m))
		}
	}
}
