package people_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// focalOfActive is usr_FOCAL, who gets messages about the invitations that it makes.
var focalOfActive = kit.ActingFor("usr_FOCAL", kit.RoleFocalPoint, "mem_ACTIVE")

// inviting is a scene whose portal makes tokens and links.
func inviting(s scene) scene {
	return scene{s.Issuing(func(o *portal.Options) { o.PublicURL = "https://members.example.org" })}
}

// invite adds a delegate of mem_ACTIVE by the focal point, and returns the mandate with the code that was sent.
func (s scene) invite(email string) (*people.Mandate, string) {
	s.Helper()
	payload, err := s.Portal.Mandates.AddDelegate(stage.By(focalOfActive), addition{Entity: "mem_ACTIVE", Name: "Sarah Nakato", Email: email})
	s.Must(err)
	if payload.Mandate == nil {
		s.Fatalf("faults: %v", payload.UserErrors)
	}
	return payload.Mandate, s.sentTo(email)
}

var linkWithCode = regexp.MustCompile(`https://members\.example\.org/invitation#([A-Z2-7]{32})\n`)

// sentTo returns the code in the last message to an address.
func (s scene) sentTo(email string) string {
	s.Helper()
	_, bodies := s.MailsTo(email)
	if len(bodies) == 0 {
		s.Fatalf("%s got no message", email)
	}
	link := linkWithCode.FindStringSubmatch(bodies[len(bodies)-1])
	if link == nil {
		s.Fatalf("no link in %q", bodies)
	}
	return link[1]
}

// accept returns the answer to an acceptance, and the faults.
func (s scene) accept(a kit.Actor, code string) (*people.AcceptInvitationPayload, []string) {
	s.Helper()
	payload, err := s.Portal.PersonInvitations.Accept(stage.By(a), people.AcceptInvitationInput{Code: code})
	s.Must(err)
	return payload, stage.FaultsOf(payload.UserErrors)
}

func (s scene) invitationOf(m *people.Mandate) *people.PersonInvitation {
	s.Helper()
	i, err := s.Portal.PersonInvitations.ByIDs(stage.By(stage.Secretariat), []kit.ID{*m.Invitation})
	s.Must(err)
	return i[0]
}

func TestAnInvitedPersonHasTheMandateAfterAccepting(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = inviting(s)
		m, code := s.invite("sarah@example.org")
		if m.State() != people.MandateProposed || m.Person != "" || s.invitationOf(m).State() != people.InvitationOpen {
			s.Fatalf("proposed %s", stage.InJSON(m))
		}
		if i := stage.InJSON(s.invitationOf(m)); strings.Contains(i, code) {
			s.Errorf("the code is stored: %s", i)
		}
		payload, faults := s.accept(stage.Nobody, code)
		if len(faults) > 0 {
			s.Fatal(faults)
		}
		got := payload.Mandate
		p := s.StoredPerson(got.Person)
		if got.State() != people.MandateCurrent || *p.Name != "Sarah Nakato" || *p.Email != "sarah@example.org" || len(p.Mandates) != 1 || p.Mandates[0].ID != m.ID {
			s.Errorf("accepted %s by %s", stage.InJSON(got), stage.InJSON(p))
		}
		if want := string(p.ID) + "  15m0s"; payload.SignedIn == nil || payload.SignedIn.AccessToken != want {
			s.Errorf("signed in as %s, want %q", stage.InJSON(payload.SignedIn), want)
		}
		authority, err := s.Portal.Persons.Authority(context.Background(), kit.Proof{Subject: p.ID, IssuedAt: *s.Wall})
		s.Must(err)
		if !authority.ActsFor("mem_ACTIVE") || authority.SpeaksFor("mem_ACTIVE") || len(authority.Roles) != 1 {
			s.Errorf("may %s", stage.InJSON(authority.Roles))
		}
		i := s.invitationOf(m)
		if i.State() != people.InvitationAccepted || i.Name != nil || i.Email != nil || i.CodeHash != "" {
			s.Errorf("the invitation is %s", stage.InJSON(i))
		}
		if keys, _ := s.MailsTo("focal@example.org"); !slices.Equal(keys, []string{"mail.invitation.accepted"}) {
			s.Errorf("whoever invited got %q", keys)
		}
	})
}

// TestAProposedMandateGivesNothing holds that nobody acts by a mandate that is not accepted, and nobody counts it.
func TestAProposedMandateGivesNothing(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = inviting(s)
		before, err := s.Portal.Mandates.Speakers(context.Background(), "cty_KE")
		s.Must(err)
		payload, err := s.Portal.Mandates.AppointFocalPoint(stage.By(stage.Secretariat), people.AppointFocalPointInput{Entity: "cty_KE", Name: "David Mugisha", Email: "uganda@example.org"})
		s.Must(err)
		after, err := s.Portal.Mandates.Speakers(context.Background(), "cty_KE")
		s.Must(err)
		if stage.InJSON(before) != stage.InJSON(after) {
			s.Errorf("speakers %v, then %v", before, after)
		}
		authority, err := s.Portal.Persons.Authority(context.Background(), kit.Proof{Subject: "usr_UGANDA", IssuedAt: *s.Wall})
		s.Must(err)
		if authority.ActsFor("cty_KE") {
			s.Error("the invited person acts before accepting")
		}
		// The last focal point of a member stays, although another is proposed.
		second, err := s.Portal.Mandates.AppointFocalPoint(stage.By(stage.Secretariat), people.AppointFocalPointInput{Entity: "mem_ACTIVE", Name: "New", Email: "new@example.org"})
		s.Must(err)
		if faults := s.EndMandate(focalOfActive, "man_FOCAL", 1, "2025-04-15"); !slices.Equal(faults, []string{"NOT_ALLOWED_IN_STATE input.id"}) {
			s.Errorf("the last focal point ends: %q", faults)
		}
		if faults := s.EndMandate(stage.Secretariat, second.Mandate.ID, 1, "2025-04-15"); !slices.Equal(faults, []string{"NOT_ALLOWED_IN_STATE input.id"}) {
			s.Errorf("a proposed mandate is ended: %q", faults)
		}
		if _, err := s.Portal.Mandates.HandOver(stage.By(stage.Secretariat), proposal{Mandate: payload.Mandate.ID, ExpectedVersion: 1, To: "man_KENYA"}); err != nil {
			s.Error(err)
		}
	})
}

// TestAnInvitationTellsNothingOfAKnownPerson compares what whoever invites sees for an address that nobody has, one of a
// person, that person's name, and one of a person who is erased.
func TestAnInvitationTellsNothingOfAKnownPerson(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = inviting(s)
		by, answers := stage.By(stage.Kenya), map[string][]string{}
		for _, c := range []struct{ name, email string }{{"Peter Okot", "delegate@example.org"}, {"Somebody Else", "colleague@example.org"}, {"New Person", "unused@example.org"}} {
			payload, err := s.Portal.Mandates.AddDelegate(by, addition{Entity: "cty_KE", Name: c.name, Email: c.email})
			s.Must(err)
			i, err := s.Portal.PersonInvitations.Of(by, payload.Mandate)
			s.Must(err)
			person, err := s.Portal.Mandates.PersonOf(by, payload.Mandate)
			s.Must(err)
			seen := stage.InJSON([]any{payload.Mandate.State(), person == nil, payload.UserErrors, i.State(), *i.Name == c.name, *i.Email == c.email, i.Locale})
			answers[seen] = append(answers[seen], c.email)
		}
		if len(answers) != 1 {
			s.Errorf("the answers differ: %v", answers)
		}
		for _, id := range []kit.ID{"usr_DELEGATE", "usr_COLLEAGUE"} {
			if p := s.StoredPerson(id); p.Version != 1 || !slices.Equal(p.Entities, []kit.ID{"mem_ACTIVE"}) {
				s.Errorf("stored %s", stage.InJSON(p))
			}
		}
	})
}

func TestAKnownPersonAcceptsOnlyWhileSignedIn(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = inviting(s)
		m, code := s.invite("uganda@example.org")
		if _, faults := s.accept(stage.Nobody, code); !slices.Equal(faults, []string{"NOT_ELIGIBLE input.code"}) {
			s.Errorf("the link alone: %q", faults)
		}
		if _, faults := s.accept(kit.ActingFor("usr_KENYA", kit.RoleAdministration, "cty_KE"), code); !slices.Equal(faults, []string{"NOT_ELIGIBLE input.code"}) {
			s.Errorf("another person: %q", faults)
		}
		payload, faults := s.accept(kit.ActingFor("usr_UGANDA", kit.RoleDelegate, "cty_UG"), code)
		if len(faults) > 0 || payload.Mandate.Person != "usr_UGANDA" || payload.SignedIn != nil {
			s.Fatalf("got %q %s", faults, stage.InJSON(payload))
		}
		if p := s.StoredPerson("usr_UGANDA"); *p.Name != "David Mugisha" || !slices.Equal(p.Entities, []kit.ID{"cty_UG", "mem_ACTIVE"}) {
			s.Errorf("stored %s", stage.InJSON(p))
		}
		if got, err := s.Portal.Mandates.Get(stage.By(focalOfActive), m.ID); err != nil || got.State() != people.MandateCurrent {
			s.Errorf("%v %s", err, stage.InJSON(got))
		}
	})
}

// TestAStolenInvitationIsOfNoUse tries a link that somebody else has used or that holds no longer.
func TestAStolenInvitationIsOfNoUse(t *testing.T) {
	invalid := []string{"INVALID input.code"}
	for name, c := range map[string]struct {
		before func(s scene, m *people.Mandate, code string)
		want   []string
	}{
		"used": {func(s scene, _ *people.Mandate, code string) { s.accept(stage.Nobody, code) }, invalid},
		"declined": {func(s scene, _ *people.Mandate, code string) {
			payload, err := s.Portal.PersonInvitations.Decline(stage.By(stage.Nobody), people.DeclineInvitationInput{Code: code})
			if s.Must(err); !payload.Declined {
				s.Error(payload.UserErrors)
			}
		}, invalid},
		"withdrawn": {func(s scene, m *people.Mandate, _ string) {
			payload, err := s.Portal.PersonInvitations.Withdraw(stage.By(focalOfActive), people.WithdrawInvitationInput{ID: *m.Invitation, ExpectedVersion: 1})
			if s.Must(err); payload.Invitation == nil {
				s.Error(payload.UserErrors)
			}
			if got, err := s.Portal.Mandates.Get(stage.By(focalOfActive), m.ID); err != nil || got.State() != people.MandateEnded {
				s.Errorf("%v %s", err, stage.InJSON(got))
			}
		}, invalid},
		"sent again": {func(s scene, m *people.Mandate, _ string) {
			payload, err := s.Portal.PersonInvitations.Resend(stage.By(focalOfActive), people.ResendInvitationInput{ID: *m.Invitation, ExpectedVersion: 1})
			if s.Must(err); payload.Invitation == nil {
				s.Error(payload.UserErrors)
			}
		}, invalid},
		"expired": {func(s scene, _ *people.Mandate, _ string) { *s.Wall = s.Wall.Add(30 * 24 * time.Hour) }, invalid},
		"of a member that left": {func(s scene, _ *people.Mandate, _ string) {
			left := s.StoredMember("mem_ACTIVE")
			left.Events = append(left.Events, membership.LifecycleEvent{ID: "evn_LEFT", Kind: membership.EventExcluded, EffectiveOn: "2025-03-01", RecordedAt: "2025-03-01T09:00:00.000Z", Actor: "usr_test"})
			s.Must(membership.MemberNoun.In(s.Store).Replace(context.Background(), left))
		}, []string{"NOT_ALLOWED_IN_STATE input.code"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := inviting(scene{stage.Embedded(t)})
			m, code := s.invite("sarah@example.org")
			c.before(s, m, code)
			before := len(stage.All(s.Stage, people.PersonNoun.In(s.Store), ""))
			if _, faults := s.accept(stage.Nobody, code); !slices.Equal(faults, c.want) {
				t.Errorf("got %q", faults)
			}
			if after := len(stage.All(s.Stage, people.PersonNoun.In(s.Store), "")); after != before {
				t.Errorf("%d persons, then %d", before, after)
			}
			if c.want[0] == invalid[0] {
				if notice, err := s.Portal.PersonInvitations.Notice(stage.By(stage.Nobody), code); err != nil || notice != nil {
					t.Errorf("%v %s", err, stage.InJSON(notice))
				}
			}
		})
	}
}

func TestAPersonWhoIsErasedOrShutOutAcceptsNothing(t *testing.T) {
	for name, shut := range map[string]func(p *people.Person){
		"erased":   func(p *people.Person) { p.Erase(testkit.Today) },
		"disabled": func(p *people.Person) { p.DisabledAt = new(kit.DateTimeOf(testkit.Now)) },
	} {
		t.Run(name, func(t *testing.T) {
			s := inviting(scene{stage.Embedded(t)})
			_, code := s.invite("uganda@example.org")
			p := s.StoredPerson("usr_UGANDA")
			shut(p)
			s.Must(people.PersonNoun.In(s.Store).Replace(context.Background(), p))
			_, err := s.Portal.PersonInvitations.Accept(stage.By(kit.ActingFor("usr_UGANDA", kit.RoleDelegate, "cty_UG")), people.AcceptInvitationInput{Code: code})
			s.Refused(err, kit.Forbidden)
		})
	}
}

func TestNobodyInvitesOneself(t *testing.T) {
	s := inviting(scene{stage.Embedded(t)})
	payload, err := s.Portal.Mandates.AppointFocalPoint(stage.By(stage.Secretariat), people.AppointFocalPointInput{Entity: "mem_ACTIVE", Name: "Sofia Lindgren", Email: "secretariat@example.org"})
	s.Must(err)
	if got := stage.FaultsOf(payload.UserErrors); !slices.Equal(got, []string{"NOT_ELIGIBLE input.email"}) {
		t.Errorf("by the own address: %q", got)
	}
	other, err := s.Portal.Mandates.AppointFocalPoint(stage.By(stage.Secretariat), people.AppointFocalPointInput{Entity: "mem_ACTIVE", Name: "Sofia", Email: "second@example.org"})
	s.Must(err)
	if other.Mandate == nil {
		t.Fatal(other.UserErrors)
	}
	if _, faults := s.accept(stage.Secretariat, s.sentTo("second@example.org")); !slices.Equal(faults, []string{"NOT_ELIGIBLE input.code"}) {
		t.Errorf("by another address: %q", faults)
	}
}

// TestNobodyInvitesWithoutEnd fills the store up to the bounds, as somebody would who invites ten thousand people.
func TestNobodyInvitesWithoutEnd(t *testing.T) {
	s := inviting(scene{stage.Embedded(t)})
	at := kit.DateTimeOf(testkit.Now)
	var all []*people.PersonInvitation
	for n := range 500 {
		entity := kit.ID("mem_ACTIVE")
		if n >= 100 {
			entity = "cty_UG"
		}
		all = append(all, &people.PersonInvitation{
			ID: kit.ID(fmt.Sprintf("pin_%03d", n)), MandateID: "man_1", Entity: entity, Role: people.MandateDelegate, From: testkit.Today, Name: new("A"), Email: new(fmt.Sprintf("p%d@example.org", n)),
			Locale: kit.English, CodeHash: kit.Hash(fmt.Sprint(n)), InvitedBy: stage.Secretariat.Subject, InvitedAt: at, Sent: []kit.DateTime{at}, ExpiresAt: new(kit.DateTimeOf(testkit.Now.Add(time.Hour))), Dataset: kit.Demonstration,
		})
	}
	s.Must(people.PersonInvitationNoun.In(s.Store).Insert(context.Background(), all...))
	payload, err := s.Portal.Mandates.AddDelegate(stage.By(focalOfActive), addition{Entity: "mem_ACTIVE", Name: "A", Email: "one@example.org"})
	s.Must(err)
	if got := stage.FaultsOf(payload.UserErrors); !slices.Equal(got, []string{"FULL input.entity"}) {
		t.Errorf("one more for the entity: %q", got)
	}
	_, err = s.Portal.Mandates.AddDelegate(stage.By(stage.Secretariat), addition{Entity: "cty_KE", Name: "A", Email: "one@example.org"})
	s.Refused(err, kit.RateLimited)
	*s.Wall = s.Wall.Add(25 * time.Hour)
	payload, err = s.Portal.Mandates.AddDelegate(stage.By(stage.Secretariat), addition{Entity: "cty_KE", Name: "A", Email: "one@example.org"})
	if s.Must(err); payload.Mandate == nil {
		t.Error(payload.UserErrors)
	}
}

func TestALinkIsSentThreeTimesADay(t *testing.T) {
	s := inviting(scene{stage.Embedded(t)})
	m, _ := s.invite("sarah@example.org")
	for version := range 2 {
		payload, err := s.Portal.PersonInvitations.Resend(stage.By(focalOfActive), people.ResendInvitationInput{ID: *m.Invitation, ExpectedVersion: version + 1})
		if s.Must(err); payload.Invitation == nil {
			t.Fatal(payload.UserErrors)
		}
	}
	_, err := s.Portal.PersonInvitations.Resend(stage.By(focalOfActive), people.ResendInvitationInput{ID: *m.Invitation, ExpectedVersion: 3})
	s.Refused(err, kit.RateLimited)
	*s.Wall = s.Wall.Add(25 * time.Hour)
	payload, err := s.Portal.PersonInvitations.Resend(stage.By(focalOfActive), people.ResendInvitationInput{ID: *m.Invitation, ExpectedVersion: 3})
	if s.Must(err); payload.Invitation == nil {
		t.Fatal(payload.UserErrors)
	}
	if got, faults := s.accept(stage.Nobody, s.sentTo("sarah@example.org")); len(faults) > 0 || got.Mandate.State() != people.MandateCurrent {
		t.Errorf("the last link: %q", faults)
	}
}

func TestOnlyThoseWhoSpeakForTheEntitySeeItsInvitations(t *testing.T) {
	s := inviting(scene{stage.Embedded(t)})
	m, _ := s.invite("sarah@example.org")
	for name, c := range map[string]struct {
		who  kit.Actor
		sees bool
	}{
		"its focal point": {focalOfActive, true}, "the secretariat": {stage.Secretariat, true}, "its delegate": {stage.DelegateOfActive, false},
		"another focal point": {stage.FocalPoint("mem_INTERNATIONAL"), false}, "an administration": {stage.Uganda, false}, "the operator": {stage.Operator, false},
	} {
		found, err := s.Portal.PersonInvitations.ByIDs(stage.By(c.who), []kit.ID{*m.Invitation})
		s.Must(err)
		page, err := s.Portal.PersonInvitations.List(stage.By(c.who), "mem_ACTIVE", new(false), kit.PageArgs{})
		if (found[0] != nil) != c.sees || (err == nil) != c.sees || err == nil && len(page.Edges) != 1 {
			t.Errorf("%s: %s, %v", name, stage.InJSON(found), err)
		}
	}
}

func TestANoticeSaysWhatWillBeRecorded(t *testing.T) {
	s := inviting(scene{stage.Embedded(t)})
	_, code := s.invite("sarah@example.org")
	n, err := s.Portal.PersonInvitations.Notice(kit.WithLocale(stage.By(stage.Nobody), kit.French), code)
	s.Must(err)
	if *n.Inviter != "Grace Akello" || n.Organisation != s.StoredMember("mem_ACTIVE").Name || n.Role != people.MandateDelegate || n.From != testkit.Today || n.Email != "sarah@example.org" || !strings.HasPrefix(n.Records, "Si vous acceptez") {
		t.Errorf("got %s", stage.InJSON(n))
	}
}

// TestAPreparedInvitationIsSentOnActivation follows the contact of an application to its mandate.
func TestAPreparedInvitationIsSentOnActivation(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s = inviting(s)
		by := stage.By(stage.Secretariat)
		s.Must(s.Core.Write(by, "test", func(ctx context.Context, note func(kit.Change)) error {
			return s.Portal.Mandates.ProposeFocalPoint(ctx, note, "mem_PENDING", "Ann", "ann@example.org", kit.French)
		}))
		if keys, _ := s.MailsTo("ann@example.org"); len(keys) > 0 {
			s.Fatalf("sent before the membership begins: %q", keys)
		}
		m := s.StoredMember("mem_PENDING")
		payload, err := s.Portal.Members.Activate(by, membership.ActivateMemberInput{ID: m.ID, ExpectedVersion: int(m.Version), EffectiveOn: testkit.Today})
		if s.Must(err); payload.Member == nil {
			s.Fatal(payload.UserErrors)
		}
		got, faults := s.accept(stage.Nobody, s.sentTo("ann@example.org"))
		if len(faults) > 0 || got.Mandate.Role != people.MandateFocalPoint || got.Mandate.State() != people.MandateCurrent {
			s.Errorf("%q %s", faults, stage.InJSON(got))
		}
	})
}
