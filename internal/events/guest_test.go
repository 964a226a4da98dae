package events_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// invited invites an organisation to evt_OPEN, until a day if one is given, and gives the code.
func invited(s scene, until *kit.Date) string {
	s.Helper()
	payload, err := s.Portal.Guests.Invite(stage.By(stage.Secretariat), events.InviteGuestInput{Event: "evt_OPEN", Organisation: "Sesame Networks", Country: new(kit.ID("cty_KE")), ExpiresOn: until})
	s.Must(err)
	if payload.Code == nil {
		s.Fatal(stage.FaultsOf(payload.UserErrors))
	}
	return *payload.Code
}

func acceptance(code string) events.AcceptEventInvitationInput {
	return events.AcceptEventInvitationInput{
		Code: code, Name: "Ali Sesame", Email: "ali@sesame.example", Mode: events.Remote, Consent: true, NameVisibility: events.NamePublic,
		Answers: []events.RegistrationAnswerInput{{Question: "NEEDS", Text: "An open sesame"}},
	}
}

func TestACodeIsGoodOnceUntilItsLastDay(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		expired := invited(s, new(testkit.Today))
		last := invited(s, new(testkit.Today))
		c := events.InvitationNoun.In(s.Store)
		id, err := c.Lookup(context.Background(), "code", kit.Hash(expired))
		s.Must(err)
		i, err := c.Get(context.Background(), id)
		s.Must(err)
		if strings.Contains(stage.InJSON(i), expired) {
			s.Error("the code itself is stored")
		}
		i.ExpiresOn = testkit.Today.AddDays(-1)
		s.Must(c.Replace(context.Background(), i))
		accept := func(code string) *events.AcceptEventInvitationPayload {
			s.Helper()
			payload, err := s.Portal.Guests.Accept(stage.By(stage.Nobody), acceptance(code))
			s.Must(err)
			return payload
		}
		if payload := accept(last); payload.Reference == nil {
			s.Errorf("on its last day: %v", payload.UserErrors)
		}
		unknown := stage.InJSON(accept("NOT A CODE"))
		for name, code := range map[string]string{
			"expired": expired, "used": last, "in lower case": strings.ToLower(testkit.InvitationCode), "with a blank": testkit.InvitationCode + " ",
			"the hash": kit.Hash(testkit.InvitationCode), "the id": "inv_OPEN",
		} {
			if got := stage.InJSON(accept(code)); got != unknown {
				s.Errorf("%s: %s, and unknown %s", name, got, unknown)
			}
		}
	})
}

func TestEveryInvitationHasACodeOfItsOwn(t *testing.T) {
	s := scene{stage.Embedded(t)}
	var codes []string
	for range 20 {
		codes = append(codes, invited(s, nil))
	}
	slices.Sort(codes)
	if len(slices.Compact(codes)) != 20 || len(codes[0]) != 32 {
		t.Errorf("got %q", codes)
	}
}

func TestAGuestIsNotedAsAMemberOnceWhateverItsNameIsWrittenLike(t *testing.T) {
	s := scene{stage.Embedded(t)}
	invited(s, nil)
	invited(s, nil)
	for _, name := range []string{"SESAME  Networks", "Sesame Networks & Sons"} {
		payload, err := s.Portal.Members.Admit(stage.By(stage.Secretariat), membership.AdmitMemberInput{
			Name: name, Category: membership.SectorMember, Country: new(kit.ID("cty_KE")), EffectiveOn: "2025-03-01",
		})
		s.Must(err)
		if payload.Member == nil {
			t.Fatal(stage.FaultsOf(payload.UserErrors))
		}
	}
	for became, want := range map[bool]int{true: 2, false: 1} {
		list, err := s.Portal.Guests.List(stage.By(stage.Secretariat), &events.EventInvitationFilter{BecameMember: &became}, kit.PageArgs{})
		s.Must(err)
		if got := len(list.Nodes()); got != want {
			t.Errorf("became a member %v: %d, want %d", became, got, want)
		}
	}
}
