package people_test

import (
	"slices"
	"testing"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// trusting is the scene with a portal that takes an issuer's word for an address.
func (s scene) trusting() scene {
	return scene{s.Issuing(func(o *portal.Options) { o.LinkVerified = true })}
}

// byIssuer is a token of a subject at the fixture's issuer, which has verified the address.
func byIssuer(subject, email string) kit.Proof {
	return kit.Proof{Issuer: testkit.Issuer, IssuerSubject: subject, Email: email, EmailVerified: true}
}

// as is the person that a token is of; empty if it is of none.
func (s scene) as(proof kit.Proof) kit.ID {
	s.Helper()
	a, err := s.Portal.Persons.Authority(s.Context(), proof)
	s.Must(err)
	if a.Self == nil {
		return ""
	}
	return a.Subject
}

func TestAnIdentityIsLinkedAtItsFirstSignInOnlyAsTheOperatorSays(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		if got := s.minting().as(byIssuer("a", "delegate@example.org")); got != "" {
			t.Errorf("without the option it is %s", got)
		}
		s = s.trusting()
		for _, id := range []kit.ID{"usr_DELEGATE", "usr_FOCAL", "usr_KENYA", "usr_MINISTER", "usr_LEAVING", "usr_COLLEAGUE"} {
			s.change(id, func(p *people.Person) { p.EmailConfirmedAt = new(kit.DateTimeOf(*s.Wall)) })
		}
		s.change("usr_KENYA", func(p *people.Person) { p.Email = new("minister@example.org") })
		s.change("usr_LEAVING", func(p *people.Person) { p.DisabledAt = new(kit.DateTimeOf(*s.Wall)) })
		unverified := byIssuer("b", "focal@example.org")
		unverified.EmailVerified = false
		for name, proof := range map[string]kit.Proof{
			"an address that is not verified": unverified, "an address of two persons": byIssuer("c", "minister@example.org"),
			"an address of nobody": byIssuer("d", "nobody@example.org"), "an address that nobody confirmed": byIssuer("i", "uganda@example.org"), "a person who is disabled": byIssuer("e", "leaving@example.org"),
			"a person who has an identity there": byIssuer("f", "colleague@example.org"), "no address": byIssuer("g", ""),
		} {
			if got := s.as(proof); got != "" {
				t.Errorf("%s: it is %s", name, got)
			}
		}
		for range 2 {
			if got := s.as(byIssuer("a", "Delegate@example.org")); got != "usr_DELEGATE" {
				t.Errorf("it is %q", got)
			}
		}
		if keys, _ := s.MailsTo("delegate@example.org"); !slices.Equal(keys, []string{"mail.identityLinked"}) {
			t.Errorf("the person gets the messages %v", keys)
		}
		if got := s.as(byIssuer("h", "delegate@example.org")); got != "" {
			t.Error("who gets an address at the issuer gets its person")
		}
		if got := s.as(byIssuer("a", "focal@example.org")); got != "usr_DELEGATE" {
			t.Errorf("an address that changed at the issuer makes it %q", got)
		}
	})
}

func TestTheSameSubjectOfAnotherIssuerIsSomebodyElse(t *testing.T) {
	s := scene{stage.Issuing(t)}
	if got := s.as(byIssuer("colleague", "")); got != "usr_COLLEAGUE" {
		t.Errorf("it is %q", got)
	}
	for _, proof := range []kit.Proof{{Issuer: "https://other.example", IssuerSubject: "colleague"}, {Issuer: testkit.Issuer + "\x00colleague", IssuerSubject: ""}} {
		if got := s.as(proof); got != "" {
			t.Errorf("%+v is %s", proof, got)
		}
	}
}

func TestAnIdentityIsSeenOnceAnHour(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = s.minting()
		before := s.StoredPerson("usr_COLLEAGUE").Version
		for range 6 {
			s.as(byIssuer("colleague", ""))
			*s.Wall = s.Wall.Add(15 * time.Minute)
		}
		p := s.StoredPerson("usr_COLLEAGUE")
		if p.Version != before+2 || p.StoredIdentities[0].LastSeenAt != "2025-03-31T13:00:00.000Z" {
			t.Errorf("it was written %d times: %+v", p.Version-before, p.StoredIdentities)
		}
	})
}

func TestAPersonLinksAndUnlinksAnIdentity(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = s.minting()
		mine := stage.By(stage.DelegateOfActive)
		link := func(token string) *people.LinkIdentityPayload {
			p, err := s.Portal.Persons.Link(mine, people.LinkIdentityInput{Token: token})
			s.Must(err)
			return p
		}
		for token, want := range map[string]string{"WRONG": "INVALID input.token", "COLLEAGUE": "DUPLICATE input.token"} {
			if got := stage.FaultsOf(link(token).UserErrors); !slices.Equal(got, []string{want}) {
				t.Errorf("%s: got %v", token, got)
			}
		}
		linked := link("TESTTOKEN")
		if linked.Person == nil || s.as(byIssuer("new", "")) != "usr_DELEGATE" {
			t.Fatalf("got %+v", linked)
		}
		id := linked.Person.StoredIdentities[0].ID()
		if _, err := s.Portal.Persons.Unlink(stage.By(kit.Actor{Subject: "usr_FOCAL"}), people.UnlinkIdentityInput{Identity: id}); err == nil {
			t.Error("somebody else takes it away")
		}
		_, err := s.Portal.Persons.Unlink(mine, people.UnlinkIdentityInput{Identity: id})
		s.Must(err)
		if got := s.as(byIssuer("new", "")); got != "" {
			t.Errorf("it is still %s", got)
		}
		if keys, _ := s.MailsTo("delegate@example.org"); !slices.Equal(slices.Sorted(slices.Values(keys)), []string{"mail.identityLinked", "mail.identityUnlinked"}) {
			t.Errorf("the person gets the messages %v", keys)
		}
	})
}

func TestTheSessionsThatAnIdentityBeganEndWithIt(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = s.minting()
		mine := stage.By(stage.DelegateOfActive)
		begun := func(subject string) *people.KeptSession {
			_, err := s.Portal.Persons.LinkProved(mine, byIssuer(subject, ""))
			s.Must(err)
			proof := byIssuer(subject, "")
			proof.IssuedAt = *s.Wall
			k, err := s.Portal.Sessions.SignInProved(stage.By(stage.Nobody), proof)
			s.Must(err)
			return k
		}
		ended, other := begun("new"), begun("other")
		byCode, moved := s.kept()
		_, err := s.Portal.Persons.Unlink(mine, people.UnlinkIdentityInput{Identity: s.StoredPerson("usr_DELEGATE").StoredIdentities[0].ID()})
		s.Must(err)
		if s.renew(ended) != nil || s.accepts(&people.SignedIn{Session: people.Session{ID: ended.ID, PersonID: "usr_DELEGATE"}}, *s.Wall) {
			t.Error("the session goes on")
		}
		if s.renew(other) == nil || s.renew(moved) == nil || !s.accepts(byCode, *s.Wall) {
			t.Error("a session that began otherwise ended")
		}
		if all := s.StoredPerson("usr_DELEGATE").StoredIdentities; len(all) != 1 {
			t.Errorf("the person has %+v", all)
		}
	})
}
