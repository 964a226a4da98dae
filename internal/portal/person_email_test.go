package portal_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
)

// itself is usr_DELEGATE.
var itself = kit.Actor{Subject: "usr_DELEGATE", Roles: []kit.Role{kit.RoleDelegate}, Member: "mem_ACTIVE"}

// wants asks for an e-mail address for usr_DELEGATE.
func (s stage) wants(a kit.Actor, email string) *membership.UpdatePersonPayload {
	s.Helper()
	in := membership.UpdatePersonInput{ID: "usr_DELEGATE", ExpectedVersion: int(s.somebody("usr_DELEGATE").Version), Email: kit.Some(email)}
	p, err := s.portal.Persons.Update(by(a), in)
	s.must(err)
	return p
}

func (s stage) confirmEmail(a kit.Actor, code string) *membership.ConfirmPersonEmailPayload {
	s.Helper()
	p, err := s.portal.Persons.ConfirmEmail(by(a), membership.ConfirmPersonEmailInput{ID: "usr_DELEGATE", Code: code})
	s.must(err)
	return p
}

var longCode = regexp.MustCompile(`[A-Z2-7]{32}`)

// emailCode is the code in the last message to an address, empty if it has none.
func (s stage) emailCode(to string) string {
	s.Helper()
	_, bodies := s.mails(to)
	return longCode.FindString(bodies[len(bodies)-1])
}

func TestANewAddressCountsWhenItIsConfirmed(t *testing.T) {
	onEngines(t, func(s stage) {
		p := s.wants(itself, " New@Example.org ").Person
		if p == nil || *p.Email != "delegate@example.org" || *p.PendingEmail(by(itself)) != "New@Example.org" || *p.PendingEmail(by(secretariat)) != "New@Example.org" {
			s.Fatalf("got %s", inJSON(p))
		}
		if p.PendingEmail(by(focalPoint("mem_ACTIVE"))) != nil || p.PendingEmail(by(nobody)) != nil {
			s.Error("others see the address")
		}
		code := s.emailCode("New@Example.org")
		if stored := inJSON(s.somebody("usr_DELEGATE")); strings.Contains(stored, code) {
			s.Errorf("the code is stored: %s", stored)
		}
		for _, wrong := range []string{"", "a", strings.ToLower(code)} {
			if got := faultsOf(s.confirmEmail(itself, wrong).UserErrors); !slices.Equal(got, []string{"INVALID input.code"}) {
				s.Errorf("%q: %q", wrong, got)
			}
		}
		before := s.records()
		if p := s.confirmEmail(itself, code).Person; p == nil || *p.Email != "New@Example.org" || p.NewEmail != nil {
			s.Fatalf("got %s", inJSON(p))
		}
		if audit, _ := s.records().since(before); len(audit) != 1 || audit[0].Operation != "confirmPersonEmail" || strings.Contains(inJSON(audit), "xample.org") {
			s.Errorf("left %s", inJSON(audit))
		}
		if keys, bodies := s.mails("delegate@example.org"); !slices.Equal(keys, []string{"mail.emailChanged"}) || strings.Contains(bodies[0], "New@") {
			s.Errorf("the old address got %v %q", keys, bodies)
		}
		if got := s.confirmEmail(itself, code).UserErrors; len(got) != 1 {
			s.Errorf("the code is good twice")
		}
	})
}

func TestACodeForAnAddressHasAnEnd(t *testing.T) {
	s := embedded(t)
	s.wants(itself, "new@example.org")
	old := s.emailCode("new@example.org")
	s.wants(itself, "newer@example.org")
	if got := s.confirmEmail(itself, old); got.Person != nil {
		t.Error("the code for another address is good")
	}
	code := s.emailCode("newer@example.org")
	*s.wall = s.wall.Add(24 * time.Hour)
	if got := s.confirmEmail(itself, code); got.Person != nil {
		t.Error("the code is good after a day")
	}
	s.wants(itself, "newer@example.org")
	code = s.emailCode("newer@example.org")
	if p := s.wants(itself, "delegate@example.org").Person; p.NewEmail != nil {
		t.Error("the own address takes nothing back")
	}
	if got := s.confirmEmail(itself, code); got.Person != nil {
		t.Error("the code is good for what was taken back")
	}
}

func TestNoAnswerTellsWhetherAnotherPersonHasTheAddress(t *testing.T) {
	s := embedded(t)
	for _, who := range []kit.Actor{itself, secretariat} {
		free, taken := s.wants(who, "nobody@example.org"), s.wants(who, "uganda@example.org")
		if len(free.UserErrors)+len(taken.UserErrors) > 0 || *free.Person.PendingEmail(by(who)) == "" || *taken.Person.PendingEmail(by(who)) != "uganda@example.org" {
			t.Errorf("got %s and %s", inJSON(free), inJSON(taken))
		}
		*s.wall = s.wall.Add(2 * time.Hour)
	}
	if keys, bodies := s.mails("uganda@example.org"); keys[0] != "mail.emailTaken" || longCode.MatchString(bodies[0]) {
		t.Errorf("its owner got %v %q", keys, bodies)
	}
	if got := s.confirmEmail(itself, ""); got.Person != nil {
		t.Error("an address that is taken is confirmed by nothing")
	}
	// What was free when the code was sent is looked up again.
	s.wants(itself, "later@example.org")
	code := s.emailCode("later@example.org")
	s.added(secretariat, func(in *addition) { in.Email = "LATER@example.org" })
	if got := faultsOf(s.confirmEmail(itself, code).UserErrors); !slices.Equal(got, []string{"INVALID input.code"}) {
		t.Errorf("got %q", got)
	}
}

func TestAPersonGetsThreeCodesInAnHour(t *testing.T) {
	s := embedded(t)
	for _, email := range []string{"a@example.org", "b@example.org", "uganda@example.org"} {
		s.wants(itself, email)
	}
	_, err := s.portal.Persons.Update(by(itself), membership.UpdatePersonInput{ID: "usr_DELEGATE", ExpectedVersion: 4, Email: kit.Some("c@example.org")})
	s.refused(err, kit.RateLimited)
	*s.wall = s.wall.Add(61 * time.Minute)
	s.wants(itself, "c@example.org")
}

func TestAPersonWhomTheCallerDoesNotSeeIsNotJoined(t *testing.T) {
	onEngines(t, func(s stage) {
		var answers []string
		for _, c := range []struct{ name, email string }{{"Peter Okot", "delegate@example.org"}, {"Somebody Else", "DELEGATE@example.org"}, {"New", "new@example.org"}} {
			payload, err := s.portal.Mandates.AddDelegate(by(kenya), addition{Entity: "cty_KE", Name: c.name, Email: c.email})
			s.must(err)
			if c.email == "DELEGATE@example.org" { // Kenya sees the person that it has just made
				if got := faultsOf(payload.UserErrors); !slices.Equal(got, []string{"DUPLICATE input.email"}) {
					s.Errorf("got %q", got)
				}
				continue
			}
			p := s.somebody(payload.Mandate.Person)
			answers = append(answers, inJSON([]any{p.Version, p.Entities, p.Locale, *p.Name == c.name, *p.Email == c.email, payload.UserErrors}))
		}
		if answers[0] != answers[1] {
			s.Errorf("the answers differ: %s", answers)
		}
		if p := s.somebody("usr_DELEGATE"); !slices.Equal(p.Entities, []kit.ID{"mem_ACTIVE"}) {
			s.Errorf("stored %s", inJSON(p))
		}
		shared, err := membership.SharedAddresses(context.Background(), s.store)
		s.must(err)
		if len(shared) != 1 || !strings.Contains(shared[0], "usr_DELEGATE") || strings.Contains(shared[0], "@") {
			s.Errorf("check says %q", shared)
		}
	})
}

func TestOnePersonIsKnownByItsAddressInEverySpelling(t *testing.T) {
	s := embedded(t)
	first := s.added(secretariat, func(in *addition) { in.Email = "k@münchen.example" })
	payload, err := s.portal.Mandates.AddDelegate(by(secretariat), addition{Entity: "mem_ACTIVE", Name: "Sarah Nakato", Email: "K@xn--mnchen-3ya.example"})
	s.must(err)
	if got := payload.UserErrors; len(got) != 1 || got[0].Code != kit.CodeDuplicate || *got[0].RelatedID != first.ID {
		t.Errorf("got %s", inJSON(payload))
	}
	for _, c := range []struct{ name, email string }{{"Sarah Nakato", "k@munchen.example"}, {"Zoë", "zoe@zed.example"}, {"Zoe", "zoe@zéd.example"}} {
		s.added(secretariat, func(in *addition) { in.Name, in.Email = c.name, c.email })
	}
	// Marks make another name.
	payload, err = s.portal.Mandates.AddDelegate(by(secretariat), addition{Entity: "cty_UG", Name: "Zoe", Email: "zoe@zed.example"})
	s.must(err)
	if got := faultsOf(payload.UserErrors); !slices.Equal(got, []string{"DUPLICATE input.email"}) {
		t.Errorf("got %q", got)
	}
}

// TestAStoreOfBeforeOpensThoughAddressesCollide writes persons under the unique key of before, by which these
// two were different.
func TestAStoreOfBeforeOpensThoughAddressesCollide(t *testing.T) {
	for _, e := range testkit.Engines() {
		t.Run(e.Name, func(t *testing.T) {
			st, ctx := e.Fresh(t), context.Background()
			before := store.Declare(store.Noun[membership.Person]{
				Name: "persons", Identity: func(p *membership.Person) (string, *int64) { return string(p.ID), &p.Version },
				Keys:     []store.Key[membership.Person]{store.Unique("email", func(p *membership.Person) string { return kit.Fold(*p.Email) })},
				Listings: []store.Listing{{}},
			})
			session, err := store.Begin(ctx, st, []*store.Kind{before.Kind}, string(testkit.Today), true)
			if err != nil {
				t.Fatal(err)
			}
			for id, email := range map[kit.ID]string{"usr_1": "k@münchen.example", "usr_2": "k@xn--mnchen-3ya.example", "usr_3": "other@example.org"} {
				if err := before.In(st).Insert(ctx, &membership.Person{ID: id, Name: new("A"), Email: &email, Entities: []kit.ID{}, Dataset: kit.Recorded}); err != nil {
					t.Fatal(err)
				}
			}
			if err := session.End(ctx); err != nil {
				t.Fatal(err)
			}
			if _, err := store.Begin(ctx, st, portal.Kinds(), string(testkit.Today), true); err != nil {
				t.Fatalf("the store does not open: %v", err)
			}
			shared, err := membership.SharedAddresses(ctx, st)
			if err != nil || len(shared) != 1 || !strings.Contains(shared[0], "usr_1, usr_2") {
				t.Errorf("got %q, %v", shared, err)
			}
		})
	}
}
