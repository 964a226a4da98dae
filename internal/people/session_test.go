package people_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

var digits = regexp.MustCompile(`\d{8}`)

// minting is the scene with a portal that issues tokens, which say what they prove.
func (s scene) minting() scene { return scene{s.Issuing()} }

// codeFor asks for a code from a network. The code is that of the last message to the address, empty if there is none.
func (s scene) codeFor(network, email string) (challenge kit.ID, code string) {
	s.Helper()
	*s.Wall = s.Wall.Add(time.Millisecond) // so that messages have an order
	p, err := s.Portal.Sessions.RequestCode(kit.WithSource(stage.By(stage.Nobody), network), people.RequestSignInCodeInput{Email: email})
	s.Must(err)
	if _, bodies := s.MailsTo(email); len(bodies) > 0 {
		code = digits.FindString(bodies[len(bodies)-1])
	}
	return *p.Challenge, code
}

func (s scene) signIn(challenge kit.ID, code string) *people.SignedIn {
	s.Helper()
	p, err := s.Portal.Sessions.SignIn(stage.By(stage.Nobody), people.SignInInput{Challenge: challenge, Code: code})
	s.Must(err)
	return p.SignedIn
}

func (s scene) refresh(token string) *people.SignedIn {
	s.Helper()
	p, err := s.Portal.Sessions.Refresh(stage.By(stage.Nobody), people.RefreshSessionInput{RefreshToken: token})
	s.Must(err)
	return p.SignedIn
}

// enter signs the delegate of mem_ACTIVE in.
func (s scene) enter() *people.SignedIn {
	s.Helper()
	in := s.signIn(s.codeFor("192.0.2.1", "delegate@example.org"))
	if in == nil {
		s.Fatal("the delegate cannot sign in")
	}
	return in
}

// accepts says whether an access token of a session that was issued at an instant is accepted.
func (s scene) accepts(in *people.SignedIn, at time.Time) bool {
	s.Helper()
	_, err := s.Portal.Persons.Authority(s.Context(), kit.Proof{Subject: in.Session.PersonID, Session: in.Session.ID, IssuedAt: at})
	return err == nil
}

func (s scene) change(person kit.ID, how func(p *people.Person)) {
	s.Helper()
	p, err := people.PersonNoun.In(s.Store).Get(s.Context(), string(person))
	s.Must(err)
	how(p)
	s.Must(people.PersonNoun.In(s.Store).Replace(s.Context(), p))
}

func TestASessionGoesOnUntilItIsIdleOrOld(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = s.minting()
		in := s.enter()
		for day := 13; day < 90; day += 13 {
			*s.Wall = s.Wall.AddDate(0, 0, 13)
			next := s.refresh(in.RefreshToken)
			if next == nil {
				t.Fatalf("the session ended on day %d", day)
			}
			if next.RefreshToken == in.RefreshToken || next.Session.AuthenticatedAt != in.Session.AuthenticatedAt {
				t.Errorf("day %d: got %+v", day, next)
			}
			in = next
		}
		*s.Wall = s.Wall.AddDate(0, 0, 13)
		if s.refresh(in.RefreshToken) != nil {
			t.Error("a session lasted longer than 90 days")
		}
		idle := s.enter()
		*s.Wall = s.Wall.AddDate(0, 0, 14)
		if s.refresh(idle.RefreshToken) != nil {
			t.Error("a session lasted 14 days without use")
		}
	})
}

func TestARefreshTokenThatIsUsedTwiceEndsItsSessionAndThePersonIsTold(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = s.minting()
		other, stolen := s.enter(), s.enter()
		owner := s.refresh(stolen.RefreshToken)
		issued := *s.Wall
		if s.refresh(stolen.RefreshToken) != nil {
			t.Error("a refresh token was good twice")
		}
		if s.refresh(owner.RefreshToken) != nil || s.accepts(owner, issued) {
			t.Error("the session went on")
		}
		if keys, _ := s.MailsTo("delegate@example.org"); !slices.Contains(keys, "mail.sessionReused") {
			t.Errorf("got the messages %v", keys)
		}
		if s.refresh(other.RefreshToken) == nil || !s.accepts(other, issued) {
			t.Error("another session ended too")
		}
	})
}

func TestATokenThatIsMadeWhileAllSessionsEndIsRefused(t *testing.T) {
	for name, end := range map[string]func(s scene, in *people.SignedIn){
		"signed out": func(s scene, in *people.SignedIn) {
			mine := kit.WithProof(stage.By(stage.DelegateOfActive), kit.Proof{Subject: "usr_DELEGATE", Session: in.Session.ID})
			_, err := s.Portal.Sessions.SignOut(mine, people.SignOutInput{Everywhere: new(true)})
			s.Must(err)
		},
		"revoked": func(s scene, _ *people.SignedIn) {
			_, err := s.Portal.Sessions.Revoke(stage.By(stage.Secretariat), people.RevokeSessionsInput{Person: "usr_DELEGATE"})
			s.Must(err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			stage.OnEngines(t, func(s scene) {
				s = s.minting()
				one, other := s.enter(), s.enter()
				end(s, one)
				later := s.Wall.Add(time.Second)
				if s.accepts(one, later) || s.accepts(other, later) {
					t.Error("it is accepted")
				}
				if !s.accepts(s.enter(), later) {
					t.Error("a new session is refused")
				}
			})
		})
	}
}

func TestOneOfManyWhoRefreshAtOnceGetsTheTokens(t *testing.T) {
	s := scene{stage.Issuing(t)}
	in := s.enter()
	var wait sync.WaitGroup
	var mu sync.Mutex
	good := 0
	for range 6 {
		wait.Go(func() {
			if s.refresh(in.RefreshToken) != nil {
				mu.Lock()
				good++
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	if good != 1 {
		t.Errorf("%d were good", good)
	}
}

func TestTokensOfAnEndedSessionAreRefusedAtTheNextRequest(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = s.minting()
		one, other := s.enter(), s.enter()
		issued := *s.Wall
		*s.Wall = s.Wall.Add(time.Second)
		mine := kit.WithProof(stage.By(stage.DelegateOfActive), kit.Proof{Subject: "usr_DELEGATE", Session: one.Session.ID})
		if p, err := s.Portal.Sessions.SignOut(mine, people.SignOutInput{}); err != nil || p.Ended != 1 {
			t.Fatalf("%+v, %v", p, err)
		}
		if s.accepts(one, issued) || s.refresh(one.RefreshToken) != nil {
			t.Error("the session went on")
		}
		if !s.accepts(other, issued) {
			t.Error("another session ended too")
		}
		p, err := s.Portal.Sessions.Revoke(stage.By(stage.Secretariat), people.RevokeSessionsInput{Person: "usr_DELEGATE"})
		if err != nil || p.Ended != 1 || s.accepts(other, issued) || s.refresh(other.RefreshToken) != nil {
			t.Errorf("%+v, %v", p, err)
		}
		*s.Wall = s.Wall.Add(time.Second)
		if again := s.enter(); !s.accepts(again, *s.Wall) {
			t.Error("nobody can sign in after that")
		}
	})
}

func TestAPersonHasABoundedNumberOfSessionsAndOfEndedOnes(t *testing.T) {
	s := scene{stage.Issuing(t)}
	var all []*people.SignedIn
	for range 80 {
		all = append(all, s.enter())
		*s.Wall = s.Wall.Add(21 * time.Minute) // three codes in an hour
	}
	if n := stage.Count(s, people.SessionNoun.In(s.Store), "expiresAt"); n > 20+3 {
		t.Errorf("%d sessions", n)
	}
	if s.refresh(all[0].RefreshToken) != nil || s.refresh(all[79].RefreshToken) == nil {
		t.Error("not the oldest one ended")
	}
	// All of them end within the life of one access token.
	for i := range 60 {
		issued := *s.Wall
		in := s.enterAs(i)
		mine := kit.WithProof(stage.By(stage.DelegateOfActive), kit.Proof{Subject: "usr_DELEGATE", Session: in.Session.ID})
		if _, err := s.Portal.Sessions.SignOut(mine, people.SignOutInput{}); err != nil {
			t.Fatal(err)
		}
		if s.accepts(in, issued.Add(-time.Second)) {
			t.Fatalf("session %d went on", i)
		}
	}
}

// enterAs signs the delegate in as if its messages were not counted.
func (s scene) enterAs(i int) *people.SignedIn {
	s.Helper()
	for _, m := range s.Outbox() {
		s.Must(kit.OutboxNoun.In(s.Store).Delete(s.Context(), string(m.ID), m.Version))
	}
	in := s.signIn(s.codeFor(fmt.Sprintf("198.51.100.%d", i), "delegate@example.org"))
	if in == nil {
		s.Fatal("the delegate cannot sign in")
	}
	return in
}

func TestSessionsWhoseTimeIsOverAreTidied(t *testing.T) {
	s := scene{stage.Issuing(t)}
	s.enter()
	s.Must(s.Portal.Tidy(t.Context()))
	if n := stage.Count(s, people.SessionNoun.In(s.Store), "expiresAt"); n != 4 {
		t.Errorf("%d sessions", n)
	}
	*s.Wall = s.Wall.AddDate(0, 0, 15)
	s.Must(s.Portal.Tidy(t.Context()))
	if n := stage.Count(s, people.SessionNoun.In(s.Store), "expiresAt") + stage.Count(s, people.SignInChallengeNoun.In(s.Store), "at"); n != 0 {
		t.Errorf("%d records are left", n)
	}
}

func TestACodeGoesToTheAddressOfExactlyOnePersonWhoMaySignIn(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = s.minting()
		s.change("usr_KENYA", func(p *people.Person) { p.Email = new("minister@example.org") }) // whom another person has too
		s.change("usr_LEAVING", func(p *people.Person) { p.DisabledAt = new(kit.DateTimeOf(*s.Wall)) })
		s.change("usr_SUSPENDED", func(p *people.Person) {
			p.NewEmail = &people.EmailChange{Email: "pending@example.org", CodeHash: "x", ExpiresAt: kit.DateTimeOf(s.Wall.Add(time.Hour))}
		})
		for email, gets := range map[string]bool{
			"delegate@example.org": true, "Delegate@Example.org": true, "delegate+a@example.org": false, "nobody@example.org": false,
			"minister@example.org": false, "leaving@example.org": false, "pending@example.org": false,
		} {
			before := len(s.Outbox())
			challenge, code := s.codeFor(email, email)
			if sent := len(s.Outbox()) > before; sent != gets || challenge == "" {
				t.Errorf("%s: sent %v", email, sent)
			}
			if email == "Delegate@Example.org" { // the stored address gets the message
				continue
			}
			if got := s.signIn(challenge, code) != nil; got != gets {
				t.Errorf("%s: signed in %v", email, got)
			}
		}
	})
}

// TestAttacksOnSigningIn tries what somebody would who has not got the address of usr_DELEGATE.
func TestAttacksOnSigningIn(t *testing.T) {
	for name, attack := range map[string]func(s scene) (in *people.SignedIn){
		"guessing a code": func(s scene) (in *people.SignedIn) {
			challenge, code := s.codeFor("192.0.2.1", "delegate@example.org")
			for i := range 5 {
				if in := s.signIn(challenge, fmt.Sprintf("%08d", i)); in != nil && code != fmt.Sprintf("%08d", i) {
					return in
				}
			}
			return s.signIn(challenge, code) // even the right one, after five tries
		},
		"a code again": func(s scene) *people.SignedIn {
			challenge, code := s.codeFor("192.0.2.1", "delegate@example.org")
			s.signIn(challenge, code)
			return s.signIn(challenge, code)
		},
		"a code a quarter of an hour later": func(s scene) *people.SignedIn {
			challenge, code := s.codeFor("192.0.2.1", "delegate@example.org")
			*s.Wall = s.Wall.Add(15 * time.Minute)
			return s.signIn(challenge, code)
		},
		"a code for the challenge of somebody else": func(s scene) *people.SignedIn {
			_, code := s.codeFor("192.0.2.1", "focal@example.org")
			challenge, _ := s.codeFor("192.0.2.1", "delegate@example.org")
			return s.signIn(challenge, code)
		},
		"the challenge of an address that nobody has, with no code": func(s scene) *people.SignedIn {
			challenge, _ := s.codeFor("192.0.2.1", "nobody@example.org")
			return s.signIn(challenge, "")
		},
		"a code that was sent before the address changed": func(s scene) *people.SignedIn {
			challenge, code := s.codeFor("192.0.2.1", "delegate@example.org")
			s.change("usr_DELEGATE", func(p *people.Person) { p.Email = new("moved@example.org") })
			return s.signIn(challenge, code)
		},
		"a code that was sent before the person was disabled": func(s scene) *people.SignedIn {
			challenge, code := s.codeFor("192.0.2.1", "delegate@example.org")
			s.Must(s.Portal.Persons.Disable(stage.By(stage.Operator), "usr_DELEGATE", true))
			return s.signIn(challenge, code)
		},
		"a refresh token of a disabled person": func(s scene) *people.SignedIn {
			in := s.enter()
			s.Must(s.Portal.Persons.Disable(stage.By(stage.Operator), "usr_DELEGATE", true))
			return s.refresh(in.RefreshToken)
		},
		"the code of an applicant": func(s scene) *people.SignedIn {
			challenge := s.AskCode("delegate@example.org", nil)
			_, bodies := s.MailsTo("delegate@example.org")
			return s.signIn(challenge, digits.FindString(bodies[0]))
		},
		"the session of somebody else with one's own secrets": func(s scene) *people.SignedIn {
			mine, victim := s.enter(), kit.ID("ses_FOCAL")
			return s.refresh(strings.Replace(mine.RefreshToken, string(mine.Session.ID), string(victim), 1))
		},
		"a refresh token cut short": func(s scene) *people.SignedIn {
			in := s.enter()
			return s.refresh(in.RefreshToken[:strings.LastIndex(in.RefreshToken, ".")+1])
		},
	} {
		t.Run(name, func(t *testing.T) {
			if in := attack(scene{stage.Issuing(t)}); in != nil {
				t.Errorf("it gives %+v", in)
			}
		})
	}
}

func TestASignInContinuesNoSessionOfTheCaller(t *testing.T) {
	s := scene{stage.Issuing(t)}
	planted := s.enter()
	challenge, code := s.codeFor("192.0.2.1", "focal@example.org")
	ctx := kit.WithProof(stage.By(stage.DelegateOfActive), kit.Proof{Subject: "usr_DELEGATE", Session: planted.Session.ID})
	p, err := s.Portal.Sessions.SignIn(ctx, people.SignInInput{Challenge: challenge, Code: code})
	s.Must(err)
	if p.SignedIn.Session.ID == planted.Session.ID || p.SignedIn.Session.PersonID != "usr_FOCAL" {
		t.Errorf("got %+v", p.SignedIn)
	}
}

// TestTenThousandAttemptsStoreLittleAndKeepNobodyOut asks from 10,000 networks for codes of one person and of addresses
// that nobody has.
func TestTenThousandAttemptsStoreLittleAndKeepNobodyOut(t *testing.T) {
	s := scene{stage.Issuing(t)}
	in := s.enter()
	ask := func(network, email string) {
		_, err := s.Portal.Sessions.RequestCode(kit.WithSource(stage.By(stage.Nobody), network), people.RequestSignInCodeInput{Email: email})
		s.Must(err)
	}
	for i := range 5000 {
		ask(fmt.Sprintf("192.0.%d.%d", i/250, i%250), "delegate@example.org")
		ask(fmt.Sprintf("198.51.%d.%d", i/250, i%250), fmt.Sprintf("stranger%d@example.org", i))
	}
	if keys, _ := s.MailsTo("delegate@example.org"); len(keys) != 10 {
		t.Errorf("%d messages", len(keys))
	}
	if n := stage.Count(s, people.SignInChallengeNoun.In(s.Store), "at"); n > 300+10 {
		t.Errorf("%d challenges are stored", n)
	}
	if s.refresh(in.RefreshToken) == nil {
		t.Error("the person is signed out")
	}
	if challenge, code := s.codeFor("203.0.113.1", "focal@example.org"); s.signIn(challenge, code) == nil {
		t.Error("another person is kept out")
	}
	*s.Wall = s.Wall.Add(time.Hour + time.Second)
	if challenge, code := s.codeFor("203.0.113.1", "delegate@example.org"); s.signIn(challenge, code) == nil {
		t.Error("the person is kept out an hour later")
	}
}

func TestANetworkAsksForFewCodes(t *testing.T) {
	s := scene{stage.Issuing(t)}
	ask := func(email string) error {
		_, err := s.Portal.Sessions.RequestCode(kit.WithSource(stage.By(stage.Nobody), "192.0.2.1"), people.RequestSignInCodeInput{Email: email})
		return err
	}
	for range 3 {
		s.Must(ask("delegate@example.org"))
	}
	s.Refused(ask("delegate@example.org"), kit.RateLimited)
	for i := range 17 {
		s.Must(ask(fmt.Sprintf("stranger%d@example.org", i)))
	}
	s.Refused(ask("focal@example.org"), kit.RateLimited)
}

func TestWhatCannotBeUndoneNeedsAPersonWhoIsThere(t *testing.T) {
	s := scene{stage.Issuing(t)}
	for name, c := range map[string]struct {
		proof kit.Proof
		ok    bool
	}{
		"just signed in":                     {kit.Proof{AuthenticatedAt: *s.Wall}, true},
		"almost a quarter of an hour ago":    {kit.Proof{AuthenticatedAt: s.Wall.Add(-15*time.Minute + time.Second)}, true},
		"a quarter of an hour ago":           {kit.Proof{AuthenticatedAt: s.Wall.Add(-15 * time.Minute)}, false},
		"by a clock that is a little ahead":  {kit.Proof{AuthenticatedAt: s.Wall.Add(20 * time.Second)}, true},
		"in the future":                      {kit.Proof{AuthenticatedAt: s.Wall.Add(time.Minute)}, false},
		"a token that does not say":          {kit.Proof{Subject: "usr_operator"}, false},
		"a token of an issuer without claim": {kit.Proof{Issuer: "https://issuer.example", IssuerSubject: "a"}, false},
	} {
		if err := s.Core.Present(kit.WithProof(stage.By(stage.Operator), c.proof)); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.Must(s.Core.Present(stage.By(stage.Operator))) // a command
}

func TestPresenceIsConfirmedByAPersonsOwnCode(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = s.minting()
		in := s.enter()
		*s.Wall = s.Wall.Add(20 * time.Minute)
		confirm := func(challenge kit.ID, code string) *people.ConfirmPresencePayload {
			p, err := s.Portal.Sessions.ConfirmPresence(kit.WithProof(stage.By(stage.DelegateOfActive), kit.Proof{Subject: "usr_DELEGATE", Session: in.Session.ID}), people.ConfirmPresenceInput{Challenge: challenge, Code: &code})
			s.Must(err)
			return p
		}
		if p := confirm(s.codeFor("192.0.2.2", "focal@example.org")); p.AccessToken != nil {
			t.Error("the code of somebody else confirms it")
		}
		if p := confirm(s.codeFor("192.0.2.2", "delegate@example.org")); p.AccessToken == nil {
			t.Errorf("got %+v", p)
		}
		next := s.refresh(in.RefreshToken)
		if next == nil || next.Session.AuthenticatedAt != kit.DateTimeOf(*s.Wall) {
			t.Errorf("the session does not say so: %+v", next)
		}
	})
}

func TestAnErasedPersonHasNoSession(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = s.minting()
		in := s.enter()
		for _, erase := range people.SessionErasures(&people.Person{ID: "usr_DELEGATE"}) {
			_, err := erase(kit.WithActor(t.Context(), stage.Operator), s.Core, false)
			s.Must(err)
		}
		if s.refresh(in.RefreshToken) != nil {
			t.Error("the session went on")
		}
		if left := stage.All(s, people.SignInChallengeNoun.In(s.Store), "at"); slices.ContainsFunc(left, func(c *kit.Challenge) bool { return c.PersonID != nil }) {
			t.Error("a code is left")
		}
	})
}

// TestADamagedSessionKeepsNobodyOut: its person signs in, signs out everywhere, and goes on elsewhere.
func TestADamagedSessionKeepsNobodyOut(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = s.minting()
		in := s.enter()
		testkit.Spoil(t, s.Store, people.SessionNoun.Kind, string(in.Session.ID), func(bson.D) bson.D {
			return bson.D{{Key: "_id", Value: string(in.Session.ID)}, {Key: "version", Value: "seven"}}
		}, 0)
		again := s.enter()
		out, err := s.Portal.Sessions.SignOut(kit.WithProof(stage.By(acting("DELEGATE", kit.RoleDelegate)), kit.Proof{Subject: "usr_DELEGATE", Session: again.Session.ID}), people.SignOutInput{Everywhere: new(true)})
		if s.Must(err); out.Ended < 1 {
			t.Errorf("%s", stage.InJSON(out))
		}
	})
}
