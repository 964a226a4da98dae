package people_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/testkit/stage"
)

type (
	proposal     = people.HandOverFocalPointInput
	confirmation = people.ConfirmHandOverInput
)

// acting is a role's token of a person of mem_ACTIVE.
func acting(name string, role kit.Role) kit.Actor {
	return kit.ActingFor(kit.ID("usr_"+name), role, "mem_ACTIVE")
}

var (
	holder    = acting("FOCAL", kit.RoleFocalPoint)
	successor = acting("DELEGATE", kit.RoleDelegate)
)

// proposed proposes that usr_DELEGATE takes over man_FOCAL on 2025-04-15, but for what the input says.
func (s scene) proposed(a kit.Actor, change func(in *proposal)) *people.HandOverFocalPointPayload {
	s.Helper()
	in := proposal{Mandate: "man_FOCAL", ExpectedVersion: 1, To: "man_DELEGATE", On: new(kit.Date("2025-04-15"))}
	change(&in)
	payload, err := s.Portal.Mandates.HandOver(stage.By(a), in)
	s.Must(err)
	return payload
}

// open leaves that proposal open.
func (s scene) open() {
	s.Helper()
	if payload := s.proposed(holder, func(*proposal) {}); payload.Mandate == nil {
		s.Fatalf("faults: %v", payload.UserErrors)
	}
}

// confirmed answers it.
func (s scene) confirmed(a kit.Actor, accept bool) (*people.Mandate, []string) {
	s.Helper()
	payload, err := s.Portal.Mandates.ConfirmHandOver(stage.By(a), confirmation{Mandate: "man_FOCAL", ExpectedVersion: 2, Accept: accept, Reason: new(" on leave ")})
	s.Must(err)
	return payload.Mandate, stage.FaultsOf(payload.UserErrors)
}

// asStored is a mandate as it is in the store.
func (s scene) asStored(id kit.ID) *people.Mandate {
	s.Helper()
	m, err := people.MandateNoun.In(s.Store).Get(context.Background(), string(id))
	s.Must(err)
	return m
}

// historyOf are a mandate's history as «KIND by on».
func historyOf(m *people.Mandate) (all []string) {
	for _, e := range m.History {
		all = append(all, fmt.Sprintf("%s %s %s", e.Kind, e.By, e.On))
	}
	return all
}

// mailed are the messages that were queued, as «key to».
func (s scene) mailed() (all []string) {
	for _, m := range s.Outbox() {
		all = append(all, m.Key+" "+m.To)
	}
	slices.Sort(all)
	return all
}

func TestAFocalPointHandsOverWhenBothSidesConfirm(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		before := s.Records()
		s.open()
		if m := s.asStored("man_FOCAL"); m.Until != nil || m.HandOver.Person != "usr_DELEGATE" || m.HandOver.On != "2025-04-15" || m.HandOver.ProposedBy != "usr_FOCAL" {
			s.Errorf("proposed: %s", stage.InJSON(m))
		}
		if got := s.mailed(); !slices.Equal(got, []string{"mail.handOver.proposed delegate@example.org"}) {
			s.Errorf("wrote %q", got)
		}
		m, faults := s.confirmed(successor, true)
		if len(faults) > 0 {
			s.Fatal(faults)
		}
		next, err := s.Portal.Mandates.HandedOverTo(stage.By(successor), m)
		s.Must(err)
		if next == nil || next.Person != "usr_DELEGATE" || next.Role != people.MandateFocalPoint || next.From != "2025-04-15" || next.Until != nil || *next.TakenOverFrom != "man_FOCAL" {
			s.Fatalf("the new mandate is %s", stage.InJSON(next))
		}
		if m.HandOver != nil || *m.Until != "2025-04-15" || m.Reason != nil || m.State() != people.MandateCurrent {
			s.Errorf("the old mandate is %s", stage.InJSON(m))
		}
		if got := historyOf(m); !slices.Equal(got, []string{"PROPOSED usr_FOCAL 2025-04-15", "ACCEPTED usr_DELEGATE 2025-04-15"}) || *m.History[1].Reason != "on leave" {
			s.Errorf("history %q", got)
		}
		if got := s.mailed(); !slices.Equal(got, []string{"mail.handOver.accepted focal@example.org", "mail.handOver.proposed delegate@example.org"}) {
			s.Errorf("wrote %q", got)
		}
		audit, notices := s.Records().Since(before)
		var left []string
		for _, e := range audit {
			left = append(left, fmt.Sprintf("%s %s %s", e.Operation, e.TargetID[:4], strings.Join(e.Fields, " ")))
		}
		slices.Sort(left)
		want := []string{
			"confirmHandOver man_ entity from person role takenOverFrom", "confirmHandOver man_ handOver handedOverTo history until",
			"confirmHandOver usr_ mandates", "confirmHandOver usr_ mandates", "handOverFocalPoint man_ handOver history",
		}
		if !slices.Equal(left, want) || len(notices) != 5 {
			s.Errorf("left %q and %d notices", left, len(notices))
		}
		stage.Run(s, "and the new one is the last one then", func(s scene) {
			if faults := s.EndMandate(acting("DELEGATE", kit.RoleFocalPoint), next.ID, 1, "2025-05-01"); !slices.Equal(faults, []string{"NOT_ALLOWED_IN_STATE input.id"}) {
				s.Errorf("got %q", faults)
			}
		})
		stage.Run(s, "and nothing more is handed over", func(s scene) {
			got := stage.FaultsOf(s.proposed(holder, func(in *proposal) { in.ExpectedVersion = 3 }).UserErrors)
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
	cancel := func(a kit.Actor) func(s scene) {
		return func(s scene) {
			payload, err := s.Portal.Mandates.CancelHandOver(stage.By(a), people.CancelHandOverInput{Mandate: "man_FOCAL", ExpectedVersion: 2})
			if s.Must(err); payload.Mandate == nil || payload.Mandate.HandOver != nil {
				s.Fatalf("got %s", stage.InJSON(payload))
			}
		}
	}
	for name, c := range map[string]struct {
		end   func(s scene)
		event string
		mails int
	}{
		"declined": {func(s scene) {
			if m, faults := s.confirmed(successor, false); len(faults) > 0 || m.HandOver != nil {
				s.Fatalf("%s, %q", stage.InJSON(m), faults)
			}
		}, "DECLINED usr_DELEGATE 2025-04-15", 3},
		"taken back by the focal point": {cancel(holder), "CANCELLED usr_FOCAL 2025-04-15", 3},
		"taken back by the secretariat": {cancel(stage.Secretariat), "CANCELLED usr_secretariat 2025-04-15", 4},
	} {
		t.Run(name, func(t *testing.T) {
			s := scene{stage.Embedded(t)}
			s.open()
			c.end(s)
			m := s.asStored("man_FOCAL")
			if m.Until != nil || m.HandedOverTo != nil || historyOf(m)[1] != c.event {
				t.Errorf("is %s", stage.InJSON(m))
			}
			if again := s.proposed(holder, func(in *proposal) { in.ExpectedVersion = 3 }); again.Mandate == nil || len(s.Outbox()) != c.mails {
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
			s := scene{stage.Embedded(t)}
			coming, ending, long := *s.asStored("man_FOCAL"), *s.asStored("man_FOCAL"), *s.asStored("man_FOCAL")
			coming.ID, coming.From = "man_COMING", "2025-04-01"
			ending.ID, ending.Until = "man_ENDING", new(kit.Date("2025-04-14"))
			long.ID, long.History = "man_LONG", slices.Repeat([]people.MandateEvent{{Kind: people.HandOverDeclined, At: "2025-01-01T00:00:00.000Z", By: "usr_DELEGATE", On: "2025-01-15"}}, 100)
			s.Must(people.MandateNoun.In(s.Store).Insert(context.Background(), &coming, &ending, &long))
			s.Unchanged("mem_ACTIVE", func() {
				if got := stage.FaultsOf(s.proposed(stage.Secretariat, c.change).UserErrors); !slices.Equal(got, c.want) {
					t.Errorf("got %q, want %q", got, c.want)
				}
			})
			if len(s.Outbox()) != 0 {
				t.Errorf("wrote %q", s.mailed())
			}
		})
	}
}

func TestWhoMayProposeAnswerAndTakeBack(t *testing.T) {
	s := scene{stage.Embedded(t)}
	for name, c := range map[string]struct {
		actor   kit.Actor
		propose kit.Code
		answer  kit.Code
	}{
		"another focal point of the member":      {acting("other", kit.RoleFocalPoint), kit.Forbidden, kit.Forbidden},
		"the person itself, as a delegate":       {acting("FOCAL", kit.RoleDelegate), kit.Forbidden, kit.Forbidden},
		"the successor":                          {successor, kit.Forbidden, ""},
		"the person with a token of another one": {kit.ActingFor("usr_FOCAL", kit.RoleFocalPoint, "mem_INTERNATIONAL"), kit.Forbidden, kit.Forbidden},
		"a focal point of another member":        {stage.FocalPoint("mem_INTERNATIONAL"), kit.NotFound, kit.NotFound},
		"an administration":                      {stage.Uganda, kit.NotFound, kit.NotFound},
		"nobody":                                 {stage.Nobody, kit.Unauthenticated, kit.Unauthenticated},
		"an operator":                            {stage.Operator, kit.Forbidden, kit.Forbidden},
		"the secretariat":                        {stage.Secretariat, "", kit.Forbidden},
	} {
		stage.Run(s, name, func(s scene) {
			if c.propose != "" {
				_, err := s.Portal.Mandates.HandOver(stage.By(c.actor), proposal{Mandate: "man_FOCAL", ExpectedVersion: 1, To: "man_DELEGATE"})
				s.Refused(err, c.propose)
				_, err = s.Portal.Mandates.CancelHandOver(stage.By(c.actor), people.CancelHandOverInput{Mandate: "man_FOCAL", ExpectedVersion: 1})
				s.Refused(err, c.propose)
			}
			if c.answer != "" {
				fresh := scene{stage.Embedded(s.T)}
				fresh.open()
				_, err := fresh.Portal.Mandates.ConfirmHandOver(stage.By(c.actor), confirmation{Mandate: "man_FOCAL", ExpectedVersion: 2, Accept: true})
				s.Refused(err, c.answer)
				if m := fresh.asStored("man_FOCAL"); m.HandOver == nil || m.Version != 2 {
					s.Errorf("left %s", stage.InJSON(m))
				}
			}
		})
	}
}

func TestWhatChangedSinceAProposalIsLookedAtWhenItIsAccepted(t *testing.T) {
	for name, c := range map[string]struct {
		change func(s scene)
		want   []string
	}{
		"the successor's mandate ended":      {func(s scene) { s.EndMandate(stage.Secretariat, "man_DELEGATE", 1, "2025-03-31") }, []string{"NOT_ELIGIBLE input.mandate"}},
		"the successor became a focal point": {func(s scene) { s.AppointFocalPoint("2025-03-31") }, []string{"DUPLICATE input.mandate"}},
		"the member left": {func(s scene) {
			m := s.StoredMember("mem_ACTIVE")
			m.Events = append(m.Events, membership.LifecycleEvent{ID: "evn_LEFT", Kind: membership.EventWithdrawn, EffectiveOn: "2025-03-01", RecordedAt: "2025-03-01T09:00:00.000Z", Actor: "usr_test"})
			s.Must(membership.MemberNoun.In(s.Store).Replace(context.Background(), m))
		}, []string{"NOT_ALLOWED_IN_STATE input.mandate"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := scene{stage.Embedded(t)}
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
	s := scene{stage.Embedded(t)}
	s.open()
	m := s.asStored("man_FOCAL")
	m.HandOver.On = "2025-03-01"
	s.Must(people.MandateNoun.In(s.Store).Replace(context.Background(), m))
	payload, err := s.Portal.Mandates.ConfirmHandOver(stage.By(successor), confirmation{Mandate: "man_FOCAL", ExpectedVersion: 3, Accept: true})
	s.Must(err)
	if m := payload.Mandate; m == nil || *m.Until != "2025-03-31" || m.State() != people.MandateEnded || s.asStored(*m.HandedOverTo).From != "2025-03-31" {
		t.Errorf("got %s", stage.InJSON(payload))
	}
}

func TestAnEndCancelsAProposal(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.open()
	for i, on := range []kit.Date{"2025-04-20", "2025-04-21"} {
		if faults := s.EndMandate(stage.Secretariat, "man_FOCAL", 2+i, on); len(faults) > 0 {
			t.Fatal(faults)
		}
	}
	m := s.asStored("man_FOCAL")
	if want := []string{"PROPOSED usr_FOCAL 2025-04-15", "CANCELLED usr_secretariat 2025-04-15", "ENDED usr_secretariat 2025-04-21"}; m.HandOver != nil || !slices.Equal(historyOf(m), want) {
		t.Errorf("history %q", historyOf(m))
	}
}

func TestAnAdministrationHandsOver(t *testing.T) {
	s := scene{stage.Embedded(t)}
	focal, _, err := s.Portal.Mandates.Enter(stage.By(stage.Secretariat), people.MandateFocalPoint, addition{Entity: "cty_UG", Name: "Sarah Nakato", Email: "sarah@example.org"})
	s.Must(err)
	minister := kit.ActingFor(focal.Person, kit.RoleAdministration, "cty_UG")
	deputy := kit.ActingFor("usr_UGANDA", kit.RoleAdministration, "cty_UG")
	proposedToday, err := s.Portal.Mandates.HandOver(stage.By(minister), proposal{Mandate: focal.ID, ExpectedVersion: 1, To: "man_UGANDA"})
	if s.Must(err); proposedToday.Mandate == nil {
		t.Fatal(proposedToday.UserErrors)
	}
	taken, err := s.Portal.Mandates.ConfirmHandOver(stage.By(deputy), confirmation{Mandate: focal.ID, ExpectedVersion: 2, Accept: true})
	s.Must(err)
	if m := taken.Mandate; m == nil || *m.Until != "2025-03-31" {
		t.Fatalf("got %s", stage.InJSON(taken))
	}
	if text := s.Outbox()[0].Body + s.Outbox()[1].Body; strings.Count(text, "Uganda") != 2 || !strings.Contains(text, "Sarah Nakato") || !strings.Contains(text, "David Mugisha") {
		t.Errorf("wrote %q", text)
	}
}

func TestTheSecretariatProposesAndTheFocalPointLearnsTheAnswer(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.Must(people.PersonNoun.In(s.Store).Insert(context.Background(), &people.Person{ID: "usr_ann", Name: new("Ann"), Email: new("ann@example.org"), Locale: new(kit.Chinese), Entities: []kit.ID{}, Dataset: kit.Demonstration}))
	if payload := s.proposed(stage.Person("ann", kit.RoleSecretariat), func(*proposal) {}); payload.Mandate == nil {
		t.Fatal(payload.UserErrors)
	}
	s.confirmed(successor, false)
	want := []string{"mail.handOver.declined ann@example.org", "mail.handOver.declined focal@example.org", "mail.handOver.others focal@example.org", "mail.handOver.proposed delegate@example.org"}
	if got := s.mailed(); !slices.Equal(got, want) {
		t.Errorf("wrote %q", got)
	}
	for _, m := range s.Outbox() {
		if m.To == "ann@example.org" && (m.Locale != kit.Chinese || !strings.Contains(m.Body, "Peter Okot拒绝")) {
			t.Errorf("wrote %s", stage.InJSON(m))
		}
	}
}

func TestAProposalIsAcceptedOrTakenBackAndNotBoth(t *testing.T) {
	for range 5 {
		s := scene{stage.Embedded(t)}
		s.open()
		results := make([]bool, 2)
		var both sync.WaitGroup
		both.Go(func() {
			payload, err := s.Portal.Mandates.ConfirmHandOver(stage.By(successor), confirmation{Mandate: "man_FOCAL", ExpectedVersion: 2, Accept: true})
			results[0] = err == nil && payload.Mandate != nil
		})
		both.Go(func() {
			payload, err := s.Portal.Mandates.CancelHandOver(stage.By(holder), people.CancelHandOverInput{Mandate: "man_FOCAL", ExpectedVersion: 2})
			results[1] = err == nil && payload.Mandate != nil
		})
		both.Wait()
		if m := s.asStored("man_FOCAL"); results[0] == results[1] || (m.HandedOverTo != nil) != results[0] {
			t.Fatalf("%v: %s", results, stage.InJSON(m))
		}
	}
}
