package consultations_test

import (
	"context"
	"strings"
	"testing"

	"memberportal/internal/consultations"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/testkit/stage"
)

func TestNobodyCountsAsToldWhomNoMailReaches(t *testing.T) {
	s := scene{stage.Embedded(t)}
	h, _, _ := heardBy(s)
	change := func(id kit.ID, alter func(p *people.Person)) {
		_, err := people.PersonNoun.In(s.Store).Update(context.Background(), string(id), func(p *people.Person) error {
			alter(p)
			return nil
		})
		s.Must(err)
	}
	quiet := func(p *people.Person) {
		p.Preferences = []people.NotificationPreference{{Kind: kit.AboutConsultation, Delivery: people.NotifyNever}}
	}
	change("usr_CROWD000", quiet)
	change("usr_CROWD001", func(p *people.Person) { p.Email = nil })
	change("usr_CROWD002", func(p *people.Person) { p.EmailRefusedAt = new(kit.DateTime("2025-03-01T09:00:00.000Z")) })
	reasons := func(r *people.MailReach) map[kit.ID]people.UnreachableReason {
		all := map[kit.ID]people.UnreachableReason{}
		s.Must(kit.EveryPage(func(args kit.PageArgs) (*people.UnreachableConnection, error) {
			return r.Unreachable(context.Background(), args.First, args.After, nil, nil)
		}, func(page []*people.Unreachable) {
			for _, u := range page {
				all[u.EntityID] = u.Reason
			}
		}))
		if r.Reachable+len(all) != r.Addressed {
			s.Errorf("%d of %d are reached and %d are not", r.Reachable, r.Addressed, len(all))
		}
		return all
	}
	made, err := h.Portal.Consultations.Create(stage.By(stage.Secretariat), consultations.CreateConsultationInput{
		Code: "REACH", Statement: "lia_TESTBED", Group: "TDAG", Title: stage.English("Reach"), Questions: testbedQuestions(), ClosesOn: "2025-04-30", SmallestCell: 5,
		Audience: consultations.ConsultationAudienceInput{Kinds: []membership.RespondentKind{membership.RespondentSectorMember}},
	})
	if err != nil || made.Consultation == nil {
		s.Fatalf("%v, %s", err, stage.InJSON(made))
	}
	for _, step := range []string{"one chose silence", "both did"} {
		if step == "both did" {
			change("usr_SECOND", quiet)
		}
		r, err := h.Portal.Consultations.Reach(stage.By(stage.Secretariat), made.Consultation.ID)
		s.Must(err)
		got := reasons(r)
		want := map[kit.ID]people.UnreachableReason{"mem_CROWD001": people.NoAddress, "mem_CROWD002": people.AddressRefused}
		if step == "both did" {
			want["mem_CROWD000"] = people.MailSwitchedOff
		}
		for _, id := range []kit.ID{"mem_CROWD000", "mem_CROWD001", "mem_CROWD002"} {
			if got[id] != want[id] {
				s.Errorf("%s: %s is %q, want %q", step, id, got[id], want[id])
			}
		}
	}
	before, err := h.Portal.Consultations.Reach(stage.By(stage.Secretariat), made.Consultation.ID)
	s.Must(err)
	var opened *consultations.OpenConsultationPayload
	told := s.told(func() {
		opened, err = h.Portal.Consultations.Open(stage.By(stage.Secretariat), consultations.OpenConsultationInput{ID: made.Consultation.ID, ExpectedVersion: 1})
		if err != nil || opened.Reach == nil {
			s.Fatalf("%v, %s", err, stage.InJSON(opened))
		}
	})
	if strings.Contains(strings.Join(told, " "), "crowd") || opened.Reach.Addressed != before.Addressed || opened.Reach.Reachable != before.Reachable || len(reasons(opened.Reach)) != len(reasons(before)) {
		s.Errorf("told %q; before %+v, then %+v", told, before, opened.Reach)
	}
	for _, a := range []kit.Actor{stage.Reviewer, stage.FocalPoint("mem_ACTIVE"), stage.Operator, {Subject: "usr_fees", Roles: []kit.Role{kit.RoleSecretariat}, Areas: []kit.StaffArea{kit.AreaFinance}}} {
		_, err := h.Portal.Consultations.Reach(stage.By(a), made.Consultation.ID)
		s.Refused(err, kit.Forbidden)
	}
}
