package portal_test

import (
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"memberportal/internal/portal"
	"memberportal/internal/testkit"
)

// issued is what the tokens of these tests say.
func issued(a portal.Actor, life time.Duration) (string, error) {
	return string(a.Subject) + " " + string(a.Application) + " " + life.String(), nil
}

// applying is a stage whose portal issues tokens, with other options if any.
func applying(t *testing.T, change ...func(*portal.Options)) stage {
	t.Helper()
	s := embedded(t)
	o := portal.Options{
		Store: s.store, Clock: testkit.Clock(), Wall: func() time.Time { return *s.wall }, Entropy: testkit.Entropy(t.Name()), Countries: testkit.Countries(t), Issue: issued,
	}
	for _, c := range change {
		c(&o)
	}
	p, err := portal.New(o)
	s.must(err)
	s.portal = p
	return s
}

var digits = regexp.MustCompile(`\d{8}`)

// mails are the keys and bodies of the messages to an address, oldest first.
func (s stage) mails(to string) (keys, bodies []string) {
	s.Helper()
	for _, m := range all(s, portal.OutboxNoun.In(s.store), "at") {
		if m.To == to {
			keys, bodies = append(keys, m.Key), append(bodies, m.Subject+"\n"+m.Body)
		}
	}
	return keys, bodies
}

func (s stage) askCode(email string, application *portal.ID) portal.ID {
	s.Helper()
	asked, err := s.portal.Applications.RequestCode(by(nobody), portal.RequestApplicationCodeInput{Email: email, Locale: portal.French, Application: application})
	s.must(err)
	if asked.Challenge == nil || asked.ExpiresAt == nil || len(asked.UserErrors) > 0 {
		s.Fatalf("%+v", asked)
	}
	return *asked.Challenge
}

func (s stage) confirm(challenge portal.ID, code string) *portal.ConfirmApplicationCodePayload {
	s.Helper()
	p, err := s.portal.Applications.ConfirmCode(by(nobody), portal.ConfirmApplicationCodeInput{Challenge: challenge, Code: code})
	s.must(err)
	return p
}

// codeOf is the code in the last message to an address.
func (s stage) codeOf(email string) string {
	s.Helper()
	_, bodies := s.mails(email)
	return digits.FindString(bodies[len(bodies)-1])
}

func TestACodeGivesATokenForOneApplicationAlone(t *testing.T) {
	s := applying(t)
	before := s.records()
	challenge := s.askCode("new@example.org", nil)
	p := s.confirm(challenge, s.codeOf("new@example.org"))
	if p.Application == nil || p.Application.Status != portal.ApplicationDraft || p.Application.Contact.Email != "new@example.org" {
		t.Fatalf("%+v", p)
	}
	if want := "usr_" + string(p.Application.ID) + " " + string(p.Application.ID) + " 1h0m0s"; *p.Token != want {
		t.Errorf("the token says %q, want %q", *p.Token, want)
	}
	if *p.ExpiresAt != portal.DateTimeOf(s.wall.Add(time.Hour)) {
		t.Errorf("it is said to be good until %s", *p.ExpiresAt)
	}
	if audit, notices := s.records().since(before); len(audit)+len(notices) > 0 {
		t.Errorf("a draft left %d audit entries and %d notices", len(audit), len(notices))
	}
	if again := s.confirm(challenge, s.codeOf("new@example.org")); again.Application != nil || again.Token != nil {
		t.Errorf("a code was good twice: %+v", again)
	}
}

func TestACodeComesBackToAnApplicationOfItsAddressOnly(t *testing.T) {
	for name, c := range map[string]struct {
		email       string
		application portal.ID
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
			s := applying(t)
			challenge := s.askCode(c.email, &c.application)
			keys, bodies := s.mails(c.email)
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
	s := applying(t)
	challenge := s.askCode("new@example.org", nil)
	code := s.codeOf("new@example.org")
	*s.wall = s.wall.Add(15 * time.Minute)
	if p := s.confirm(challenge, code); p.Token != nil {
		t.Error("a code was good after 15 minutes")
	}
	*s.wall = s.wall.Add(-time.Second)
	if p := s.confirm(challenge, code); p.Token == nil {
		t.Error("a code was not good a second before its end")
	}
}

func TestTriesAreCountedHoweverManyComeAtOnce(t *testing.T) {
	s := applying(t)
	challenge := s.askCode("new@example.org", nil)
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
	s := applying(t)
	challenge := s.askCode("new@example.org", nil)
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

func TestAnAddressGetsThreeMessagesInAnHourAndTenInADay(t *testing.T) {
	s := applying(t)
	unknown := portal.ID("app_NOWHERE")
	count := func() int { keys, _ := s.mails("new@example.org"); return len(keys) }
	for i := range 5 {
		if i%2 == 0 {
			s.askCode("new@example.org", nil)
		} else {
			s.askCode("New@example.org", &unknown)
		}
	}
	keys, _ := s.mails("New@example.org")
	if n := count() + len(keys); n != 3 {
		t.Errorf("%d messages in an hour", n)
	}
	throttled := s.askCode("new@example.org", nil)
	if p := s.confirm(throttled, s.codeOf("new@example.org")); p.Token != nil {
		t.Error("a code was good for a challenge that it was not sent for")
	}
	for range 5 {
		*s.wall = s.wall.Add(61 * time.Minute)
		for range 4 {
			s.askCode("new@example.org", nil)
		}
	}
	if n := count() + len(keys); n != 10 {
		t.Errorf("%d messages in a day", n)
	}
}

func TestManyRequestsAtOnceSendNoMoreMessages(t *testing.T) {
	s := applying(t)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() { s.askCode("new@example.org", nil) })
	}
	wait.Wait()
	if keys, _ := s.mails("new@example.org"); len(keys) != 3 {
		t.Errorf("%d messages", len(keys))
	}
}

func TestWithoutTokensThereAreNoCodes(t *testing.T) {
	s := embedded(t)
	_, err := s.portal.Applications.RequestCode(by(nobody), portal.RequestApplicationCodeInput{Email: "new@example.org", Locale: portal.English})
	s.refused(err, portal.Unavailable)
	_, err = s.portal.Applications.ConfirmCode(by(nobody), portal.ConfirmApplicationCodeInput{Challenge: "a", Code: "b"})
	s.refused(err, portal.Unavailable)
}

func TestOldChallengesAreTidied(t *testing.T) {
	s := applying(t)
	challenge := s.askCode("new@example.org", nil)
	code := s.codeOf("new@example.org")
	s.must(s.portal.Tidy(t.Context()))
	if p := s.confirm(challenge, code); p.Token == nil {
		t.Error("a challenge was tidied too early")
	}
	*s.wall = s.wall.Add(25 * time.Hour)
	s.must(s.portal.Tidy(t.Context()))
	if n := count(s, portal.ChallengeNoun.In(s.store), "at") + count(s, portal.CodeRecipientNoun.In(s.store), "at"); n != 0 {
		t.Errorf("%d records are left", n)
	}
}
