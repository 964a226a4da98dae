package people_test

import (
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// told returns who got a message of a kind, in the order of the addresses.
func (s scene) told(key string) (to []string) {
	s.Helper()
	for _, m := range s.Outbox() {
		if m.Key == key {
			to = append(to, m.To)
		}
	}
	slices.Sort(to)
	return to
}

// TestWhatCannotBeUndoneIsTold: the other focal points hear of a withdrawal, an exclusion and a proposed hand-over, and
// the other operators of a granted role, with the person who has it. Whoever did it is not told.
func TestWhatCannotBeUndoneIsTold(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		second, faults, err := s.Portal.Mandates.Enter(stage.By(stage.Secretariat), people.MandateFocalPoint, addition{Entity: "mem_ACTIVE", Name: "Sarah Nakato", Email: "sarah@example.org"})
		s.Must(err)
		if second == nil {
			s.Fatalf("faults: %v", faults)
		}
		s.open()
		if to := s.told("mail.handOver.others"); !slices.Equal(to, []string{"sarah@example.org"}) {
			s.Errorf("of the hand-over: %v", to)
		}
		leaving, err := s.Portal.Members.NotifyWithdrawal(stage.By(holder), membership.NotifyWithdrawalInput{ID: "mem_ACTIVE", ExpectedVersion: int(s.StoredMember("mem_ACTIVE").Version), ReasonCode: membership.ReasonStrategyReview})
		s.Must(err)
		if leaving.Member == nil {
			s.Fatalf("faults: %v", stage.FaultsOf(leaving.UserErrors))
		}
		if to := s.told("mail.withdrawalNotified"); !slices.Equal(to, []string{"sarah@example.org"}) {
			s.Errorf("of the withdrawal: %v", to)
		}
		noticed, err := s.Portal.Members.CorrectEvent(stage.By(stage.Secretariat), membership.CorrectLifecycleEventInput{ID: "mem_SUSPENDED", ExpectedVersion: 1, Event: "evn_SUSPENDED3", NoticeOn: new(kit.Date("2024-10-05")), Reason: "the receipt came in"})
		s.Must(err)
		if noticed.Member == nil {
			s.Fatalf("faults: %v", stage.FaultsOf(noticed.UserErrors))
		}
		out, err := s.Portal.Members.Exclude(stage.By(stage.Secretariat), membership.ExcludeMemberInput{ID: "mem_SUSPENDED", ExpectedVersion: int(s.StoredMember("mem_SUSPENDED").Version), EffectiveOn: "2025-03-31", Reason: new("arrears")})
		s.Must(err)
		if out.Member == nil {
			s.Fatalf("faults: %v", stage.FaultsOf(out.UserErrors))
		}
		if to := s.told("mail.memberExcluded"); !slices.Equal(to, []string{*s.StoredPerson("usr_SUSPENDED").Email}) {
			s.Errorf("of the exclusion: %v", to)
		}
		for _, who := range []string{"Ann", "Ben"} {
			made, err := s.Portal.Persons.Grant(stage.By(stage.Operator), people.GrantRoleInput{Name: who, Email: who + "@example.org", Role: kit.RoleOperator})
			s.Must(err)
			if made.Person == nil {
				s.Fatalf("faults: %v", made.UserErrors)
			}
		}
		if to := s.told("mail.roleGranted"); !slices.Equal(to, []string{"Ann@example.org", "Ben@example.org"}) {
			s.Errorf("of a new role: %v", to)
		}
		if to := s.told("mail.roleGranted.others"); !slices.Contains(to, "Ann@example.org") || slices.Contains(to, "Ben@example.org") {
			s.Errorf("of somebody's new role: %v", to)
		}
	})
}

// TestTheFirstOperatorByACode: the code makes the first operator once, and nothing while there is one.
func TestTheFirstOperatorByACode(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = scene{s.Issuing(func(o *portal.Options) { o.OperatorCode = "CODE" })}
		become := func(code string) *people.BecomeOperatorPayload {
			s.Helper()
			p, err := s.Portal.Sessions.BecomeOperator(stage.By(stage.Nobody), people.BecomeOperatorInput{Code: code, Name: "Ann", Email: "ann@example.org"})
			s.Must(err)
			return p
		}
		if p := become("CODE"); p.SignedIn != nil {
			s.Error("a second operator by the code")
		}
		for _, p := range stage.All(s, people.PersonNoun.In(s.Store), "") {
			if len(p.Grants) > 0 {
				s.Must(people.PersonNoun.In(s.Store).Delete(t.Context(), string(p.ID), p.Version))
			}
		}
		for _, wrong := range []string{"", "code", "CODE "} {
			if p := become(wrong); p.SignedIn != nil || stage.FaultsOf(p.UserErrors)[0] != "INVALID input.code" {
				s.Errorf("%q: %s", wrong, stage.InJSON(p))
			}
		}
		first := become("CODE")
		if first.SignedIn == nil {
			s.Fatalf("faults: %v", first.UserErrors)
		}
		if p := s.StoredPerson(first.SignedIn.Session.PersonID); len(p.Grants) != 1 || p.Grants[0].Role != kit.RoleOperator || p.EmailConfirmedAt != nil {
			s.Errorf("made %s", stage.InJSON(p))
		}
		p := s.StoredPerson(first.SignedIn.Session.PersonID)
		p.Grants = nil
		s.Must(people.PersonNoun.In(s.Store).Replace(t.Context(), p))
		if p := become("CODE"); p.SignedIn != nil {
			s.Error("the code is good twice, when its operator is none any more")
		}
	})
}

// TestADamagedRecordOfWhoIsToldStopsNothing: what cannot be undone is done though a notice cannot be sent.
func TestADamagedRecordOfWhoIsToldStopsNothing(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		made, err := s.Portal.Persons.Grant(stage.By(stage.Operator), people.GrantRoleInput{Name: "Ann", Email: "ann@example.org", Role: kit.RoleReviewer, Groups: []string{"TDAG"}})
		s.Must(err)
		testkit.Spoil(t, s.Store, people.PersonNoun.Kind, string(made.Person.ID), func(bson.D) bson.D {
			return bson.D{{Key: "_id", Value: string(made.Person.ID)}, {Key: "version", Value: "seven"}}
		}, 0)
		next, err := s.Portal.Persons.Grant(stage.By(stage.Operator), people.GrantRoleInput{Name: "Ben", Email: "ben@example.org", Role: kit.RoleReviewer, Groups: []string{"TDAG"}})
		if err != nil || next.Person == nil {
			s.Errorf("%v, %s", err, stage.InJSON(next))
		}
	})
}

// TestWhoIsShutOutIsNotTold: an operator who is disabled hears of no role, counts as nobody on duty, and leaves the last
// one who is in place.
func TestWhoIsShutOutIsNotTold(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		var ids []kit.ID
		for _, who := range []string{"ann", "ben"} {
			made, err := s.Portal.Persons.Grant(stage.By(stage.Operator), people.GrantRoleInput{Name: who, Email: who + "@example.org", Role: kit.RoleOperator})
			s.Must(err)
			ids = append(ids, made.Person.ID)
		}
		s.Must(s.Portal.Persons.Disable(stage.By(stage.Operator), ids[0], true))
		_, err := s.Portal.Persons.Grant(stage.By(stage.Operator), people.GrantRoleInput{Name: "Cem", Email: "cem@example.org", Role: kit.RoleOperator})
		s.Must(err)
		if to := s.told("mail.roleGranted.others"); count(to, "ann@example.org") != 1 || count(to, "ben@example.org") != 1 {
			s.Errorf("told %v", to)
		}
	})
}

// TestTheLastOperatorWhoIsNotShutOutStays: disabled operators are not counted, because they could grant nothing.
func TestTheLastOperatorWhoIsNotShutOutStays(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		made, err := s.Portal.Persons.Grant(stage.By(stage.Operator), people.GrantRoleInput{Name: "Ann", Email: "ann@example.org", Role: kit.RoleOperator})
		s.Must(err)
		staff, err := s.Portal.Persons.OnDuty(stage.By(stage.Nobody))
		s.Must(err)
		for _, p := range staff[kit.RoleOperator] {
			if p.ID != made.Person.ID {
				s.Must(s.Portal.Persons.Disable(stage.By(stage.Operator), p.ID, true))
			}
		}
		ended, err := s.Portal.Persons.EndGrant(stage.By(stage.Operator), people.EndGrantInput{Person: made.Person.ID, ExpectedVersion: 1, Grant: made.Person.Grants[0].ID})
		s.Must(err)
		if faults := stage.FaultsOf(ended.UserErrors); !slices.Equal(faults, []string{"NOT_ALLOWED_IN_STATE input.grant"}) {
			s.Errorf("faults: %v", faults)
		}
	})
}

func count(all []string, one string) (n int) {
	for _, x := range all {
		if x == one {
			n++
		}
	}
	return n
}
