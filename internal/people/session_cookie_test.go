package people_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// asking is the context of a request with the access token of a session of the delegate.
func asking(in *people.SignedIn) context.Context {
	return kit.WithProof(stage.By(stage.DelegateOfActive), kit.Proof{Subject: "usr_DELEGATE", Session: in.Session.ID})
}

// kept signs the delegate in and puts the session into a cookie.
func (s scene) kept() (*people.SignedIn, *people.KeptSession) {
	s.Helper()
	in := s.enter()
	k, err := s.Portal.Sessions.Move(asking(in), in.RefreshToken, "")
	s.Must(err)
	return in, k
}

func (s scene) renew(k *people.KeptSession) *people.KeptSession {
	s.Helper()
	next, err := s.Portal.Sessions.Renew(stage.By(stage.Nobody), k.ID, k.Secret)
	s.Must(err)
	return next
}

func TestASessionInACookieGoesOnByItsSecretAndNotByItsRefreshToken(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = s.minting()
		in, k := s.kept()
		if k.ID != in.Session.ID || k.AccessToken == "" || k.Secret == "" {
			t.Fatalf("got %+v", k)
		}
		for day := 13; day < 90; day += 13 {
			*s.Wall = s.Wall.AddDate(0, 0, 13)
			if next := s.renew(k); next == nil || next.Secret != k.Secret {
				t.Fatalf("day %d: got %+v", day, next)
			}
		}
		*s.Wall = s.Wall.AddDate(0, 0, 13)
		if s.renew(k) != nil {
			t.Error("a session lasted longer than 90 days")
		}
		_, idle := s.kept()
		*s.Wall = s.Wall.AddDate(0, 0, 14)
		if s.renew(idle) != nil {
			t.Error("a session lasted 14 days without use")
		}
	})
}

func TestTabsThatRenewAtOnceDoNoHarm(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = s.minting()
		_, k := s.kept()
		*s.Wall = s.Wall.Add(16 * time.Minute)
		var wait sync.WaitGroup
		for range 8 {
			wait.Go(func() {
				next, err := s.Portal.Sessions.Renew(stage.By(stage.Nobody), k.ID, k.Secret)
				if err != nil || next == nil {
					t.Errorf("got %+v, %v", next, err)
				}
			})
		}
		wait.Wait()
		if s.renew(k) == nil {
			t.Error("the session ended")
		}
	})
}

func TestACookieOfAnEndedSessionGivesNothing(t *testing.T) {
	for name, end := range map[string]func(s scene, in *people.SignedIn, k *people.KeptSession){
		"signed out": func(s scene, in *people.SignedIn, _ *people.KeptSession) {
			_, err := s.Portal.Sessions.SignOut(asking(in), people.SignOutInput{})
			s.Must(err)
		},
		"revoked": func(s scene, _ *people.SignedIn, _ *people.KeptSession) {
			_, err := s.Portal.Sessions.Revoke(stage.By(stage.Secretariat), people.RevokeSessionsInput{Person: "usr_DELEGATE"})
			s.Must(err)
		},
		"a refresh token of before": func(s scene, in *people.SignedIn, _ *people.KeptSession) {
			if s.refresh(in.RefreshToken) != nil {
				s.Error("the refresh token is still good")
			}
		},
		"another secret":  func(_ scene, _ *people.SignedIn, k *people.KeptSession) { k.Secret += "A" },
		"no secret":       func(_ scene, _ *people.SignedIn, k *people.KeptSession) { k.Secret = "" },
		"another session": func(_ scene, _ *people.SignedIn, k *people.KeptSession) { k.ID = "ses_FOCAL" },
		"a session in no cookie": func(s scene, _ *people.SignedIn, k *people.KeptSession) {
			k.ID, k.Secret = "ses_FOCAL", ""
		},
		"no session": func(_ scene, _ *people.SignedIn, k *people.KeptSession) { k.ID = "" },
	} {
		t.Run(name, func(t *testing.T) {
			s := scene{stage.Issuing(t)}
			in, k := s.kept()
			end(s, in, k)
			if next := s.renew(k); next != nil {
				t.Errorf("it gives %+v", next)
			}
		})
	}
}

func TestASessionThatIsMovedAgainKeepsASecretThatIsItsOwn(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = s.minting()
		in, k := s.kept()
		again, err := s.Portal.Sessions.Move(asking(in), "", k.Secret)
		s.Must(err)
		if again.Secret != k.Secret || again.AccessToken == "" || s.renew(k) == nil {
			t.Error("other tabs lose the session")
		}
	})
}

func TestWhoCannotMoveASession(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = s.minting()
		other, in := s.enter(), s.enter()
		_, k := s.kept()
		inCookie := &people.SignedIn{Session: people.Session{ID: k.ID}}
		_, family, _ := strings.Cut(in.RefreshToken, ".")
		for name, c := range map[string]struct {
			by              context.Context
			refresh, secret string
		}{
			"a token alone":                                    {asking(in), "", ""},
			"a token of no session":                            {stage.By(stage.DelegateOfActive), in.RefreshToken, ""},
			"somebody else":                                    {kit.WithProof(stage.By(stage.FocalPoint("mem_ACTIVE")), kit.Proof{Session: in.Session.ID}), in.RefreshToken, ""},
			"the refresh token of another session":             {asking(other), in.RefreshToken, ""},
			"the secrets of another session":                   {asking(other), string(other.Session.ID) + "." + family, ""},
			"what is no refresh token":                         {asking(in), "AAAA", ""},
			"the secret of another session's cookie":           {asking(in), "", k.Secret},
			"the token alone of a session in a cookie":         {asking(inCookie), "", ""},
			"a token beside another secret":                    {asking(inCookie), "", "AAAA"},
			"the refresh token of another session in a cookie": {asking(inCookie), in.RefreshToken, k.Secret},
		} {
			if moved, err := s.Portal.Sessions.Move(c.by, c.refresh, c.secret); moved != nil || kit.Classify(err).Code != kit.Unauthenticated {
				t.Errorf("%s: %+v, %v", name, moved, err)
			}
		}
		if s.refresh(other.RefreshToken) == nil || s.renew(k) == nil {
			t.Error("something changed")
		}
		if keys, _ := s.MailsTo("delegate@example.org"); slices.Contains(keys, "mail.sessionReused") {
			t.Error("the person is warned")
		}
		ended := s.refresh(in.RefreshToken)
		_, err := s.Portal.Sessions.SignOut(asking(in), people.SignOutInput{})
		s.Must(err)
		_, err = s.Portal.Sessions.Move(asking(in), ended.RefreshToken, "")
		s.Refused(err, kit.Unauthenticated)
	})
}

// TestARefreshTokenThatIsUsedAfterOrBeforeAMoveEndsTheSession holds that a copy of a refresh token is found out, whoever
// of the two is the first.
func TestARefreshTokenThatIsUsedAfterOrBeforeAMoveEndsTheSession(t *testing.T) {
	for name, use := range map[string]func(s scene, in *people.SignedIn) *people.KeptSession{
		"to refresh after the move": func(s scene, in *people.SignedIn) *people.KeptSession {
			k, err := s.Portal.Sessions.Move(asking(in), in.RefreshToken, "")
			s.Must(err)
			if s.refresh(in.RefreshToken) != nil {
				s.Error("it is good twice")
			}
			return k
		},
		"to move after the move": func(s scene, in *people.SignedIn) *people.KeptSession {
			k, err := s.Portal.Sessions.Move(asking(in), in.RefreshToken, "")
			s.Must(err)
			_, err = s.Portal.Sessions.Move(asking(in), in.RefreshToken, k.Secret)
			s.Refused(err, kit.Unauthenticated)
			return k
		},
		"to move after a refresh": func(s scene, in *people.SignedIn) *people.KeptSession {
			next := s.refresh(in.RefreshToken)
			_, err := s.Portal.Sessions.Move(asking(in), in.RefreshToken, "")
			s.Refused(err, kit.Unauthenticated)
			if s.refresh(next.RefreshToken) != nil {
				s.Error("the session goes on")
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			stage.OnEngines(t, func(s scene) {
				s = s.minting()
				in := s.enter()
				if k := use(s, in); k != nil && s.renew(k) != nil || s.accepts(in, *s.Wall) {
					t.Error("the session goes on")
				}
				if keys, _ := s.MailsTo("delegate@example.org"); !slices.Contains(keys, "mail.sessionReused") {
					t.Errorf("the person gets the messages %v", keys)
				}
			})
		})
	}
}

// spoil damages a stored session by hand.
func (s scene) spoil(id kit.ID) {
	s.Helper()
	testkit.Spoil(s, s.Store, people.SessionNoun.Kind, string(id), func(d bson.D) bson.D {
		return append(slices.DeleteFunc(d, func(e bson.E) bool { return e.Key == "version" }), bson.E{Key: "version", Value: "x"})
	}, 0)
}

func TestADamagedSessionHasEnded(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = s.minting()
		in, k := s.kept()
		s.spoil(k.ID)
		if next := s.renew(k); next != nil {
			t.Errorf("it gives %+v", next)
		}
		for _, refresh := range []string{"", in.RefreshToken} {
			_, err := s.Portal.Sessions.Move(asking(in), refresh, k.Secret)
			s.Refused(err, kit.Unauthenticated)
		}
		if !s.accepts(in, *s.Wall) {
			t.Error("its access token is not accepted any more")
		}
		if p, err := s.Portal.Sessions.SignOut(asking(in), people.SignOutInput{}); err != nil || p.Ended != 1 || s.accepts(in, *s.Wall) {
			t.Errorf("signing out: %+v, %v", p, err)
		}
	})
}

func TestAStoreThatIsOnlyReadRenewsAllTheSame(t *testing.T) {
	s := scene{stage.Issuing(t)}
	_, k := s.kept()
	*s.Wall = s.Wall.Add(16 * time.Minute)
	s.Store = readOnly{s.Store}
	s = s.minting()
	if s.renew(k) == nil {
		t.Error("the session ended")
	}
}

// readOnly is a store that refuses transactions.
type readOnly struct{ store.Store }

func (readOnly) Tx(context.Context, func(context.Context) error) error { return store.ErrReadOnly }

func TestASignInByAnIDTokenProvesPresenceOnlyIfTheIssuerSaysWhen(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = s.minting()
		proof := kit.Proof{Issuer: "https://issuer.example", IssuerSubject: "colleague", IssuedAt: *s.Wall}
		for name, at := range map[string]time.Time{"it says nothing": {}, "just now": *s.Wall, "days ago": s.Wall.AddDate(0, 0, -3)} {
			proof.AuthenticatedAt = at
			k, err := s.Portal.Sessions.SignInProved(stage.By(stage.Nobody), proof)
			s.Must(err)
			if k == nil || s.renew(k) == nil {
				t.Fatalf("%s: nobody is signed in", name)
			}
			one, err := people.SessionNoun.In(s.Store).Get(t.Context(), string(k.ID))
			s.Must(err)
			present := s.Core.Present(kit.WithProof(stage.By(stage.Nobody), kit.Proof{AuthenticatedAt: one.AuthenticatedAt.Time()})) == nil
			if present != (name == "just now") || one.PersonID != "usr_COLLEAGUE" {
				t.Errorf("%s: present %v, %+v", name, present, one)
			}
		}
	})
}

func TestWhoIsNotSignedInByAnIDToken(t *testing.T) {
	s := scene{stage.Issuing(t)}
	for name, proof := range map[string]kit.Proof{
		"a stranger":                  {IssuerSubject: "stranger"},
		"no subject":                  {},
		"another issuer":              {Issuer: "https://other.example", IssuerSubject: "colleague"},
		"an address, though verified": {IssuerSubject: "stranger", Email: "delegate@example.org", EmailVerified: true},
	} {
		if proof.Issuer == "" {
			proof.Issuer = "https://issuer.example"
		}
		proof.IssuedAt = *s.Wall
		if k, err := s.Portal.Sessions.SignInProved(stage.By(stage.Nobody), proof); err != nil || k != nil {
			t.Errorf("%s: %+v, %v", name, k, err)
		}
	}
	colleague := kit.Proof{Issuer: "https://issuer.example", IssuerSubject: "colleague", IssuedAt: *s.Wall}
	*s.Wall = s.Wall.Add(time.Second)
	_, err := s.Portal.Sessions.Revoke(stage.By(stage.Secretariat), people.RevokeSessionsInput{Person: "usr_COLLEAGUE"})
	s.Must(err)
	if k, err := s.Portal.Sessions.SignInProved(stage.By(stage.Nobody), colleague); err != nil || k != nil {
		t.Errorf("an ID token of before: %+v, %v", k, err)
	}
	s.Must(s.Portal.Persons.Disable(stage.By(stage.Operator), "usr_COLLEAGUE", true))
	colleague.IssuedAt = s.Wall.Add(time.Hour)
	if k, err := s.Portal.Sessions.SignInProved(stage.By(stage.Nobody), colleague); err != nil || k != nil {
		t.Errorf("a disabled person: %+v, %v", k, err)
	}
}

func TestAnIdentityThatIsProvedIsLinkedByTheRulesOfATokens(t *testing.T) {
	s := scene{stage.Issuing(t)}
	proof := kit.Proof{Issuer: "https://issuer.example", IssuerSubject: "new"}
	at := func(seen time.Time) context.Context {
		return kit.WithProof(stage.By(stage.DelegateOfActive), kit.Proof{Subject: "usr_DELEGATE", AuthenticatedAt: seen})
	}
	codes := func(ctx context.Context, proof kit.Proof) (all []kit.UserErrorCode) {
		p, err := s.Portal.Persons.LinkProved(ctx, proof)
		s.Must(err)
		for _, e := range p.UserErrors {
			all = append(all, e.Code)
		}
		return all
	}
	if got := codes(at(s.Wall.Add(-time.Hour)), proof); !slices.Equal(got, []kit.UserErrorCode{kit.CodePresenceRequired}) {
		t.Errorf("without presence: %v", got)
	}
	if got := codes(at(*s.Wall), kit.Proof{Issuer: "https://issuer.example", IssuerSubject: "colleague"}); !slices.Equal(got, []kit.UserErrorCode{kit.CodeDuplicate}) {
		t.Errorf("somebody else's: %v", got)
	}
	if got := codes(at(*s.Wall), proof); got != nil {
		t.Errorf("got %v", got)
	}
	proof.IssuedAt = *s.Wall
	if k, err := s.Portal.Sessions.SignInProved(stage.By(stage.Nobody), proof); err != nil || k == nil {
		t.Errorf("the person cannot sign in by it: %v", err)
	}
}
