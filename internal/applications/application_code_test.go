package applications_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"memberportal/internal/applications"
	"memberportal/internal/kit"
	"memberportal/internal/testkit/stage"
)

var digits = regexp.MustCompile(`\d{8}`)

func (s scene) confirm(challenge kit.ID, code string) *applications.ConfirmApplicationCodePayload {
	s.Helper()
	p, err := s.Portal.Applications.ConfirmCode(stage.By(stage.Nobody), applications.ConfirmApplicationCodeInput{Challenge: challenge, Code: code})
	s.Must(err)
	return p
}

// codeOf is the code in the last message to an address.
func (s scene) codeOf(email string) string {
	s.Helper()
	_, bodies := s.MailsTo(email)
	return digits.FindString(bodies[len(bodies)-1])
}

func TestACodeGivesATokenForOneApplicationAlone(t *testing.T) {
	s := scene{stage.Issuing(t)}
	before := s.Records()
	challenge := s.AskCode("new@example.org", nil)
	p := s.confirm(challenge, s.codeOf("new@example.org"))
	if p.Application == nil || p.Application.Status != applications.ApplicationDraft || p.Application.Contact.Email != "new@example.org" {
		t.Fatalf("%+v", p)
	}
	if want := "usr_" + string(p.Application.ID) + " " + string(p.Application.ID) + " 1h0m0s"; *p.Token != want {
		t.Errorf("the token says %q, want %q", *p.Token, want)
	}
	if *p.ExpiresAt != kit.DateTimeOf(s.Wall.Add(time.Hour)) {
		t.Errorf("it is said to be good until %s", *p.ExpiresAt)
	}
	if audit, notices := s.Records().Since(before); len(audit)+len(notices) > 0 {
		t.Errorf("a draft left %d audit entries and %d notices", len(audit), len(notices))
	}
	if again := s.confirm(challenge, s.codeOf("new@example.org")); again.Application != nil || again.Token != nil {
		t.Errorf("a code was good twice: %+v", again)
	}
}

func TestACodeComesBackToAnApplicationOfItsAddressOnly(t *testing.T) {
	for name, c := range map[string]struct {
		email       string
		application kit.ID
		key         string
		opens       bool
	}{
		"its address":            {"applicant.submitted@example.org", "app_SUBMITTED", "mail.applicationCode", true},
		"in other letters":       {"Applicant.Submitted@Example.org", "app_SUBMITTED", "mail.applicationCode", true},
		"another address":        {"somebody@example.org", "app_SUBMITTED", "mail.applicationUnknown", false},
		"no application":         {"somebody@example.org", "app_NOWHERE", "mail.applicationUnknown", false},
		"one without an address": {"somebody@example.org", "app_INCOMPLETE", "mail.applicationUnknown", false},
		"a draft of another":     {"applicant.submitted@example.org", "app_DRAFT", "mail.applicationUnknown", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := scene{stage.Issuing(t)}
			challenge := s.AskCode(c.email, &c.application)
			to := c.email
			if c.opens { // whatever the spelling, the stored address gets the code
				to = "applicant.submitted@example.org"
			}
			keys, bodies := s.MailsTo(to)
			if len(keys) != 1 || keys[0] != c.key {
				t.Fatalf("got the messages %v", keys)
			}
			if strings.Contains(bodies[0], string(c.application)) || digits.MatchString(bodies[0]) != c.opens {
				t.Errorf("the message says %q", bodies[0])
			}
			if !c.opens {
				return
			}
			if p := s.confirm(challenge, digits.FindString(bodies[0])); p.Application == nil || p.Application.ID != c.application || !strings.Contains(*p.Token, string(c.application)) {
				t.Errorf("got %+v", p)
			}
		})
	}
}

func TestACodeIsGoodForAQuarterOfAnHour(t *testing.T) {
	s := scene{stage.Issuing(t)}
	challenge := s.AskCode("new@example.org", nil)
	code := s.codeOf("new@example.org")
	*s.Wall = s.Wall.Add(15 * time.Minute)
	if p := s.confirm(challenge, code); p.Token != nil {
		t.Error("a code was good after 15 minutes")
	}
	*s.Wall = s.Wall.Add(-time.Second)
	if p := s.confirm(challenge, code); p.Token == nil {
		t.Error("a code was not good a second before its end")
	}
}

func TestTriesAreCountedHoweverManyComeAtOnce(t *testing.T) {
	s := scene{stage.Issuing(t)}
	challenge := s.AskCode("new@example.org", nil)
	code := s.codeOf("new@example.org")
	var wait sync.WaitGroup
	for range 12 {
		wait.Go(func() {
			if p := s.confirm(challenge, "00000000"); p.Token != nil {
				t.Error("a wrong code was taken")
			}
		})
	}
	wait.Wait()
	if p := s.confirm(challenge, code); p.Token != nil {
		t.Error("more than 5 tries were allowed")
	}
}

func TestOneOfManyWhoConfirmAtOnceGetsTheToken(t *testing.T) {
	s := scene{stage.Issuing(t)}
	challenge := s.AskCode("new@example.org", nil)
	code := s.codeOf("new@example.org")
	var wait sync.WaitGroup
	var mu sync.Mutex
	tokens := 0
	for range 4 {
		wait.Go(func() {
			if p := s.confirm(challenge, code); p.Token != nil {
				mu.Lock()
				tokens++
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	if tokens != 1 {
		t.Errorf("%d tokens for one code", tokens)
	}
}

// from is a request from a network.
func from(network string) context.Context { return kit.WithSource(stage.By(stage.Nobody), network) }

// asksFrom asks for codes one after the other until one is refused, and says how many were not.
func (s scene) asksFrom(network string, application *kit.ID, emails ...string) int {
	s.Helper()
	for i, email := range emails {
		in := applications.RequestApplicationCodeInput{Email: email, Locale: kit.English, Application: application}
		p, err := s.Portal.Applications.RequestCode(from(network), in)
		if err != nil {
			s.Refused(err, kit.RateLimited)
			return i
		}
		if p.Challenge == nil || len(p.UserErrors) > 0 {
			s.Fatalf("got %+v", p)
		}
	}
	return len(emails)
}

func numbered(n int, form string) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(form, i)
	}
	return all
}

func TestARequesterMayAskThriceInAnHourForOneInbox(t *testing.T) {
	s := scene{stage.Issuing(t)}
	unknown := kit.ID("app_NOWHERE")
	spellings := []string{"new@example.org", "New+a@Example.org", "new+b@example.org", "NEW+c+d@example.org"}
	if n := s.asksFrom("192.0.2.1", nil, spellings...); n != 3 {
		t.Errorf("%d requests", n)
	}
	if n := s.asksFrom("192.0.2.1", &unknown, "new@example.org"); n != 0 {
		t.Error("an application that is not there is not counted with the others")
	}
	if n := s.asksFrom("192.0.2.1", nil, "other@example.org"); n != 1 {
		t.Error("another inbox has no share of its own")
	}
	if n := s.asksFrom("192.0.2.2", nil, "new@example.org"); n != 1 {
		t.Error("a stranger keeps an applicant from a code")
	}
	*s.Wall = s.Wall.Add(time.Hour + time.Second)
	if n := s.asksFrom("192.0.2.1", nil, spellings...); n != 3 {
		t.Errorf("%d requests an hour later", n)
	}
}

func TestANetworkMayAskTwentyTimesInAnHour(t *testing.T) {
	s := scene{stage.Issuing(t)}
	if n := s.asksFrom("192.0.2.1", nil, numbered(25, "new%d@example.org")...); n != 20 {
		t.Errorf("%d requests", n)
	}
	_, err := s.Portal.Applications.RequestCode(from("192.0.2.1"), applications.RequestApplicationCodeInput{Email: "a@example.org", Locale: kit.English})
	refusal, ok := errors.AsType[*kit.Refusal](err)
	if !ok || refusal.Params["seconds"] != "3600" {
		t.Errorf("got %v", err)
	}
	if n := s.asksFrom("192.0.2.2", nil, "new0@example.org"); n != 1 {
		t.Error("one network keeps another from a code")
	}
}

func TestEverybodyTogetherMayAskThreeHundredTimesAndApplicantsComeBackAllTheSame(t *testing.T) {
	s := scene{stage.Issuing(t)}
	for i := range 15 {
		s.asksFrom(fmt.Sprintf("192.0.2.%d", i), nil, numbered(20, "new%d@example.org")...)
	}
	if n := s.asksFrom("198.51.100.1", nil, "last@example.org"); n != 0 {
		t.Error("a new application is begun beyond the limit")
	}
	submitted, unknown := kit.ID("app_SUBMITTED"), kit.ID("app_NOWHERE")
	if n := s.asksFrom("198.51.100.1", &submitted, "applicant.submitted@example.org"); n != 1 {
		t.Error("an applicant cannot come back")
	}
	if n := s.asksFrom("198.51.100.1", &unknown, "applicant.submitted@example.org"); n != 1 {
		t.Error("the answer tells which application is there")
	}
	if keys, _ := s.MailsTo("applicant.submitted@example.org"); !slices.Equal(keys, []string{"mail.applicationCode"}) {
		t.Errorf("got the messages %v", keys)
	}
}

func TestTheNewestCodeWorksAndSoDoOlderOnes(t *testing.T) {
	s := scene{stage.Issuing(t)}
	var challenges []kit.ID
	var codes []string
	for range 3 {
		challenges = append(challenges, s.AskCode("new@example.org", nil))
		codes = append(codes, s.codeOf("new@example.org"))
		*s.Wall = s.Wall.Add(time.Second)
	}
	s.asksFrom("192.0.2.66", nil, "new@example.org", "new@example.org", "new@example.org")
	for _, i := range []int{2, 0} {
		if p := s.confirm(challenges[i], codes[i]); p.Token == nil {
			t.Errorf("code %d is not good", i)
		}
	}
}

func TestACodeGoesToTheStoredAddressAndToNoOtherOne(t *testing.T) {
	s := scene{stage.Issuing(t)}
	begun := s.confirm(s.AskCode("victim@zed.example", nil), s.codeOf("victim@zed.example")).Application.ID
	for _, like := range []string{"victim@zéd.example", "vic.tim@zed.example", "victim+a@zed.example", "victim@zed.example.org"} {
		challenge := s.AskCode(like, &begun)
		keys, _ := s.MailsTo(like)
		if len(keys) != 1 || keys[0] != "mail.applicationUnknown" {
			t.Errorf("%s got %v", like, keys)
		}
		if p := s.confirm(challenge, s.codeOf("victim@zed.example")); p.Token != nil {
			t.Errorf("%s opens it", like)
		}
		*s.Wall = s.Wall.Add(time.Hour)
	}
	*s.Wall = s.Wall.Add(time.Hour)
	if p := s.confirm(s.AskCode("VICTIM@ＺＥＤ．example", &begun), s.codeOf("victim@zed.example")); p.Application == nil || p.Application.ID != begun {
		t.Errorf("its address does not open it: %+v", p)
	}
}

func TestManyRequestsAtOnceSendNoMoreMessages(t *testing.T) {
	s := scene{stage.Issuing(t)}
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() { s.asksFrom("192.0.2.1", nil, "new@example.org") })
	}
	wait.Wait()
	if keys, _ := s.MailsTo("new@example.org"); len(keys) != 3 {
		t.Errorf("%d messages", len(keys))
	}
}

func TestWithoutTokensThereAreNoCodes(t *testing.T) {
	s := scene{stage.Embedded(t)}
	_, err := s.Portal.Applications.RequestCode(stage.By(stage.Nobody), applications.RequestApplicationCodeInput{Email: "new@example.org", Locale: kit.English})
	s.Refused(err, kit.Unavailable)
	_, err = s.Portal.Applications.ConfirmCode(stage.By(stage.Nobody), applications.ConfirmApplicationCodeInput{Challenge: "a", Code: "b"})
	s.Refused(err, kit.Unavailable)
}

func TestOldChallengesAreTidied(t *testing.T) {
	s := scene{stage.Issuing(t)}
	challenge := s.AskCode("new@example.org", nil)
	code := s.codeOf("new@example.org")
	s.Must(s.Portal.Tidy(t.Context()))
	if p := s.confirm(challenge, code); p.Token == nil {
		t.Error("a challenge was tidied too early")
	}
	*s.Wall = s.Wall.Add(25 * time.Hour)
	s.Must(s.Portal.Tidy(t.Context()))
	if n := stage.Count(s, applications.ChallengeNoun.In(s.Store), "at") + stage.Count(s, kit.CodeRecipientNoun.In(s.Store), "at"); n != 0 {
		t.Errorf("%d records are left", n)
	}
}

// TestABoundApplicationIsTheApplicantsAfterTheCode holds that an address that the secretariat names opens an imported
// application only with the code that is sent there.
func TestABoundApplicationIsTheApplicantsAfterTheCode(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = scene{s.Issuing()}
		id := kit.ID("app_INCOMPLETE")
		bound, err := s.Portal.Applications.Bind(stage.By(stage.Secretariat), applications.BindApplicationInput{ID: id, ExpectedVersion: 1, Email: "late@example.org"})
		if s.Must(err); bound.Application == nil {
			s.Fatal(bound.UserErrors)
		}
		other := s.AskCode("other@example.org", &id)
		if got := s.confirm(other, "12345678"); got.Application != nil || s.application(id).Contact != nil {
			s.Errorf("another address opens it: %s", stage.InJSON(got))
		}
		*s.Wall = s.Wall.Add(time.Minute) // so that the code is the last message
		asked := s.AskCode("LATE@example.org", &id)
		if s.application(id).Contact != nil {
			s.Error("the address counts before the code")
		}
		if got := s.confirm(asked, s.codeOf("late@example.org")); got.Application == nil || got.Token == nil {
			s.Fatalf("got %s", stage.InJSON(got))
		}
		if a := s.application(id); a.Bound != nil || a.Contact.Email != "late@example.org" {
			s.Errorf("stored %s", stage.InJSON(a))
		}
	})
}
