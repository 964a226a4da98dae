package portal_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/testkit"
)

// invited invites an organisation to evt_OPEN, until a day if one is given, and gives the code.
func invited(s stage, until *kit.Date) string {
	s.Helper()
	payload, err := s.portal.Guests.Invite(by(secretariat), events.InviteGuestInput{Event: "evt_OPEN", Organisation: "Sesame Networks", Country: new(kit.ID("cty_KE")), ExpiresOn: until})
	s.must(err)
	if payload.Code == nil {
		s.Fatal(faultsOf(payload.UserErrors))
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
	onEngines(t, func(s stage) {
		expired := invited(s, new(testkit.Today))
		last := invited(s, new(testkit.Today))
		c := events.InvitationNoun.In(s.store)
		id, err := c.Lookup(context.Background(), "code", kit.Hash(expired))
		s.must(err)
		i, err := c.Get(context.Background(), id)
		s.must(err)
		if strings.Contains(inJSON(i), expired) {
			s.Error("the code itself is stored")
		}
		i.ExpiresOn = testkit.Today.AddDays(-1)
		s.must(c.Replace(context.Background(), i))
		accept := func(code string) *events.AcceptEventInvitationPayload {
			s.Helper()
			payload, err := s.portal.Guests.Accept(by(nobody), acceptance(code))
			s.must(err)
			return payload
		}
		if payload := accept(last); payload.Reference == nil {
			s.Errorf("on its last day: %v", payload.UserErrors)
		}
		unknown := inJSON(accept("NOT A CODE"))
		for name, code := range map[string]string{
			"expired": expired, "used": last, "in lower case": strings.ToLower(testkit.InvitationCode), "with a blank": testkit.InvitationCode + " ",
			"the hash": kit.Hash(testkit.InvitationCode), "the id": "inv_OPEN",
		} {
			if got := inJSON(accept(code)); got != unknown {
				s.Errorf("%s: %s, and unknown %s", name, got, unknown)
			}
		}
	})
}

func TestEveryInvitationHasACodeOfItsOwn(t *testing.T) {
	s := embedded(t)
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
	s := embedded(t)
	invited(s, nil)
	invited(s, nil)
	for _, name := range []string{"SESAME  Networks", "Sesame Networks & Sons"} {
		payload, err := s.portal.Members.Admit(by(secretariat), membership.AdmitMemberInput{
			Name: name, Category: membership.SectorMember, Country: new(kit.ID("cty_KE")), EffectiveOn: "2025-03-01",
		})
		s.must(err)
		if payload.Member == nil {
			t.Fatal(faultsOf(payload.UserErrors))
		}
	}
	for became, want := range map[bool]int{true: 2, false: 1} {
		list, err := s.portal.Guests.List(by(secretariat), &events.EventInvitationFilter{BecameMember: &became}, kit.PageArgs{})
		s.must(err)
		if got := len(list.Nodes()); got != want {
			t.Errorf("became a member %v: %d, want %d", became, got, want)
		}
	}
}
