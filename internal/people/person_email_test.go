package people_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// wants asks for an e-mail address for usr_DELEGATE.
func (s scene) wants(a kit.Actor, email string) *people.UpdatePersonPayload {
	s.Helper()
	in := people.UpdatePersonInput{ID: "usr_DELEGATE", ExpectedVersion: int(s.StoredPerson("usr_DELEGATE").Version), Email: kit.Some(email)}
	p, err := s.Portal.Persons.Update(stage.By(a), in)
	s.Must(err)
	return p
}

func (s scene) confirmEmail(a kit.Actor, code string) *people.ConfirmPersonEmailPayload {
	s.Helper()
	p, err := s.Portal.Persons.ConfirmEmail(stage.By(a), people.ConfirmPersonEmailInput{ID: "usr_DELEGATE", Code: code})
	s.Must(err)
	return p
}

var longCode = regexp.MustCompile(`[A-Z2-7]{32}`)

// emailCode is the code in the last message to an address, empty if it has none.
func (s scene) emailCode(to string) string {
	s.Helper()
	_, bodies := s.MailsTo(to)
	return longCode.FindString(bodies[len(bodies)-1])
}

func TestANewAddressCountsWhenItIsConfirmed(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		p := s.wants(stage.DelegateOfActive, " New@Example.org ").Person
		if p == nil || *p.Email != "delegate@example.org" || *p.PendingEmail(stage.By(stage.DelegateOfActive)) != "New@Example.org" || *p.PendingEmail(stage.By(stage.Secretariat)) != "New@Example.org" {
			s.Fatalf("got %s", stage.InJSON(p))
		}
		if p.PendingEmail(stage.By(stage.FocalPoint("mem_ACTIVE"))) != nil || p.PendingEmail(stage.By(stage.Nobody)) != nil {
			s.Error("others see the address")
		}
		code := s.emailCode("New@Example.org")
		if stored := stage.InJSON(s.StoredPerson("usr_DELEGATE")); strings.Contains(stored, code) {
			s.Errorf("the code is stored: %s", stored)
		}
		for _, wrong := range []string{"", "a", strings.ToLower(code)} {
			if got := stage.FaultsOf(s.confirmEmail(stage.DelegateOfActive, wrong).UserErrors); !slices.Equal(got, []string{"INVALID input.code"}) {
				s.Errorf("%q: %q", wrong, got)
			}
		}
		before := s.Records()
		if p := s.confirmEmail(stage.DelegateOfActive, code).Person; p == nil || *p.Email != "New@Example.org" || p.NewEmail != nil {
			s.Fatalf("got %s", stage.InJSON(p))
		}
		if audit, _ := s.Records().Since(before); len(audit) != 1 || audit[0].Operation != "confirmPersonEmail" || strings.Contains(stage.InJSON(audit), "xample.org") {
			s.Errorf("left %s", stage.InJSON(audit))
		}
		if keys, bodies := s.MailsTo("delegate@example.org"); !slices.Equal(keys, []string{"mail.emailChanged"}) || strings.Contains(bodies[0], "New@") {
			s.Errorf("the old address got %v %q", keys, bodies)
		}
		if got := s.confirmEmail(stage.DelegateOfActive, code).UserErrors; len(got) != 1 {
			s.Errorf("the code is good twice")
		}
	})
}

func TestACodeForAnAddressHasAnEnd(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.wants(stage.DelegateOfActive, "new@example.org")
	old := s.emailCode("new@example.org")
	s.wants(stage.DelegateOfActive, "newer@example.org")
	if got := s.confirmEmail(stage.DelegateOfActive, old); got.Person != nil {
		t.Error("the code for another address is good")
	}
	code := s.emailCode("newer@example.org")
	*s.Wall = s.Wall.Add(24 * time.Hour)
	if got := s.confirmEmail(stage.DelegateOfActive, code); got.Person != nil {
		t.Error("the code is good after a day")
	}
	s.wants(stage.DelegateOfActive, "newer@example.org")
	code = s.emailCode("newer@example.org")
	if p := s.wants(stage.DelegateOfActive, "delegate@example.org").Person; p.NewEmail != nil {
		t.Error("the own address takes nothing back")
	}
	if got := s.confirmEmail(stage.DelegateOfActive, code); got.Person != nil {
		t.Error("the code is good for what was taken back")
	}
}

func TestNoAnswerTellsWhetherAnotherPersonHasTheAddress(t *testing.T) {
	s := scene{stage.Embedded(t)}
	for _, who := range []kit.Actor{stage.DelegateOfActive, stage.Secretariat} {
		free, taken := s.wants(who, "nobody@example.org"), s.wants(who, "uganda@example.org")
		if len(free.UserErrors)+len(taken.UserErrors) > 0 || *free.Person.PendingEmail(stage.By(who)) == "" || *taken.Person.PendingEmail(stage.By(who)) != "uganda@example.org" {
			t.Errorf("got %s and %s", stage.InJSON(free), stage.InJSON(taken))
		}
		*s.Wall = s.Wall.Add(2 * time.Hour)
	}
	if keys, bodies := s.MailsTo("uganda@example.org"); keys[0] != "mail.emailTaken" || longCode.MatchString(bodies[0]) {
		t.Errorf("its owner got %v %q", keys, bodies)
	}
	if got := s.confirmEmail(stage.DelegateOfActive, ""); got.Person != nil {
		t.Error("an address that is taken is confirmed by nothing")
	}
	// What was free when the code was sent is looked up again.
	s.wants(stage.DelegateOfActive, "later@example.org")
	code := s.emailCode("later@example.org")
	s.AddDelegate(func(in *addition) { in.Email = "LATER@example.org" })
	if got := stage.FaultsOf(s.confirmEmail(stage.DelegateOfActive, code).UserErrors); !slices.Equal(got, []string{"INVALID input.code"}) {
		t.Errorf("got %q", got)
	}
}

func TestAPersonGetsThreeCodesInAnHour(t *testing.T) {
	s := scene{stage.Embedded(t)}
	for _, email := range []string{"a@example.org", "b@example.org", "uganda@example.org"} {
		s.wants(stage.DelegateOfActive, email)
	}
	_, err := s.Portal.Persons.Update(stage.By(stage.DelegateOfActive), people.UpdatePersonInput{ID: "usr_DELEGATE", ExpectedVersion: 4, Email: kit.Some("c@example.org")})
	s.Refused(err, kit.RateLimited)
	*s.Wall = s.Wall.Add(61 * time.Minute)
	s.wants(stage.DelegateOfActive, "c@example.org")
}

func TestOnePersonIsKnownByItsAddressInEverySpelling(t *testing.T) {
	s := scene{stage.Embedded(t)}
	first := s.AddDelegate(func(in *addition) { in.Email = "k@münchen.example" })
	payload, err := s.Portal.Mandates.AddDelegate(stage.By(stage.Secretariat), addition{Entity: "mem_ACTIVE", Name: "Sarah Nakato", Email: "K@xn--mnchen-3ya.example"})
	s.Must(err)
	if got := payload.UserErrors; len(got) != 1 || got[0].Code != kit.CodeDuplicate || *got[0].RelatedID != first.ID {
		t.Errorf("got %s", stage.InJSON(payload))
	}
	for _, c := range []struct{ name, email string }{{"Sarah Nakato", "k@munchen.example"}, {"Zoë", "zoe@zed.example"}, {"Zoe", "zoe@zéd.example"}} {
		s.AddDelegate(func(in *addition) { in.Name, in.Email = c.name, c.email })
	}
	// Marks make another name.
	_, faults, err := s.Portal.Mandates.Enter(stage.By(stage.Secretariat), people.MandateDelegate, addition{Entity: "cty_UG", Name: "Zoe", Email: "zoe@zed.example"})
	s.Must(err)
	if got := stage.FaultsOf(faults); !slices.Equal(got, []string{"DUPLICATE input.email"}) {
		t.Errorf("got %q", got)
	}
}

// TestAStoreOfBeforeOpensThoughAddressesCollide writes persons under the unique key of before, by which these
// two were different.
func TestAStoreOfBeforeOpensThoughAddressesCollide(t *testing.T) {
	for _, e := range testkit.Engines() {
		t.Run(e.Name, func(t *testing.T) {
			st, ctx := e.Fresh(t), context.Background()
			before := store.Declare(store.Noun[people.Person]{
				Name: "persons", Identity: func(p *people.Person) (string, *int64) { return string(p.ID), &p.Version },
				Keys:     []store.Key[people.Person]{store.Unique("email", func(p *people.Person) string { return kit.Fold(*p.Email) })},
				Listings: []store.Listing{{}},
			})
			session, err := store.Begin(ctx, st, []*store.Kind{before.Kind}, string(testkit.Today), true)
			if err != nil {
				t.Fatal(err)
			}
			for id, email := range map[kit.ID]string{"usr_1": "k@münchen.example", "usr_2": "k@xn--mnchen-3ya.example", "usr_3": "other@example.org"} {
				if err := before.In(st).Insert(ctx, &people.Person{ID: id, Name: new("A"), Email: &email, Entities: []kit.ID{}, Dataset: kit.Recorded}); err != nil {
					t.Fatal(err)
				}
			}
			if err := session.End(ctx); err != nil {
				t.Fatal(err)
			}
			if _, err := store.Begin(ctx, st, portal.Kinds(), string(testkit.Today), true); err != nil {
				t.Fatalf("the store does not open: %v", err)
			}
			shared, err := people.SharedAddresses(ctx, st)
			if err != nil || len(shared) != 1 || !strings.Contains(shared[0], "usr_1, usr_2") {
				t.Errorf("got %q, %v", shared, err)
			}
		})
	}
}
