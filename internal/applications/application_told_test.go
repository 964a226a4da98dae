package applications_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/applications"
	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/store"
	"memberportal/internal/testkit/stage"
)

func TestAnApplicationArrivesAtWhoeverCanDecideIt(t *testing.T) {
	paper := applications.ApplicationPaperInput{Title: "Form", Source: files.DocumentSourceInput{Link: new("https://papers.example/form")}, Sha256: new(strings.Repeat("0", 64))}
	for name, c := range map[string]struct {
		country       kit.Opt[kit.ID]
		international bool
		want          []string
	}{
		"a focal point, and the delegates of its country": {kit.Some(kit.CountryID("UG")), false, []string{"minister@example.org", "person1@administration.ug.example", "person2@administration.ug.example", "uganda@example.org"}},
		"the secretariat of the area for no country":      {kit.Opt[kit.ID]{Set: true}, true, []string{"membership@example.org", "person2@bureau.example", "secretariat@example.org"}},
		"and for a country of which nobody is known":      {kit.Some(kit.CountryID("TZ")), false, []string{"membership@example.org", "person2@bureau.example", "secretariat@example.org"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := scene{stage.Issuing(t)}
			p, err := s.Portal.Applications.Submit(stage.By(stage.Applies("app_DRAFT")), applications.SubmitApplicationInput{
				ID: "app_DRAFT", ExpectedVersion: 1, Form: kit.Some(paper), Country: c.country, International: kit.Some(c.international),
				Contact: kit.Some(applications.ApplicationContactInput{Name: new("A Person"), Function: new("Director")}),
			})
			s.Must(err)
			if len(p.UserErrors) > 0 {
				t.Fatal(p.UserErrors)
			}
			key := map[bool]string{true: "mail.applicationNobodyKnown", false: "mail.applicationArrived"}[c.country.Value != nil && *c.country.Value == kit.CountryID("TZ")]
			var told []string
			s.Must(kit.EachPage(s.Context(), people.PersonNoun.In(s.Store), store.Query{}, 100, func(page []*people.Person) error {
				for _, p := range page {
					if p.Email == nil {
						continue
					}
					if keys, _ := s.MailsTo(*p.Email); slices.Contains(keys, key) {
						told = append(told, *p.Email)
					}
				}
				return nil
			}))
			if slices.Sort(told); !slices.Equal(told, c.want) {
				t.Errorf("told %v, want %v", told, c.want)
			}
		})
	}
}

// listening returns what gives the messages that an address got since it was asked last, in the order of their keys.
func (s scene) listening() func(address string) []string {
	before := map[string]map[string]int{}
	return func(address string) (news []string) {
		s.Helper()
		keys, _ := s.MailsTo(address)
		slices.Sort(keys)
		now := map[string]int{}
		for _, key := range keys {
			if now[key]++; now[key] > before[address][key] {
				news = append(news, key)
			}
		}
		before[address] = now
		return news
	}
}

func TestWhoeverDecidesAndTheApplicantHearOfEachChange(t *testing.T) {
	day := kit.Date("2025-03-31")
	s := scene{stage.Issuing(t, stage.OnDay(&day))}
	heard := s.listening()
	const decider, delegate, applicant = "minister@example.org", "uganda@example.org", "applicant.submitted@example.org"
	own, staff := stage.By(stage.Applies("app_SUBMITTED")), stage.By(stage.Secretariat)
	amend := func(ctx context.Context, name string) {
		t.Helper()
		p, err := s.Portal.Applications.Amend(ctx, applications.AmendApplicationInput{ID: "app_SUBMITTED", ExpectedVersion: int(s.application("app_SUBMITTED").Version), Name: kit.Some(name)})
		if s.Must(err); len(p.UserErrors) > 0 {
			t.Fatal(p.UserErrors)
		}
	}
	want := func(address string, keys ...string) {
		t.Helper()
		if got := heard(address); !slices.Equal(got, keys) {
			t.Errorf("%s got %v, want %v", address, got, keys)
		}
	}
	amend(own, "Telekom One")
	for _, address := range []string{decider, delegate} {
		want(address, "mail.applicationAmended")
	}
	want(applicant)
	amend(own, "Telekom Two")
	want(decider)
	day = day.AddDays(1)
	amend(staff, "Telekom Three")
	want(decider, "mail.applicationAmended")
	want(applicant, "mail.applicationAmendedForYou")
	p, err := s.Portal.Applications.Withdraw(staff, applications.WithdrawApplicationInput{ID: "app_SUBMITTED", ExpectedVersion: int(s.application("app_SUBMITTED").Version)})
	if s.Must(err); len(p.UserErrors) > 0 {
		t.Fatal(p.UserErrors)
	}
	want(decider, "mail.applicationWithdrawn")
	want(applicant, "mail.applicationWithdrawnForYou")
}

// TestTheApplicantHearsOfItsInvoiceUntilTheMembershipBegins looks at an organisation that has no focal point yet.
func TestTheApplicantHearsOfItsInvoiceUntilTheMembershipBegins(t *testing.T) {
	day := kit.Date("2025-03-31")
	s := scene{stage.Issuing(t, stage.OnDay(&day))}
	heard := s.listening()
	const applicant = "applicant.submitted@example.org"
	want := func(keys ...string) {
		t.Helper()
		if got := heard(applicant); !slices.Equal(got, keys) {
			t.Errorf("the applicant got %v, want %v", got, keys)
		}
	}
	m := s.approved("app_SUBMITTED")
	want("mail.applicationApproved", "mail.invoice.issued")
	missed, err := s.Portal.Invoices.IssueAll(stage.By(stage.Secretariat), membership.IssueInvoicesInput{Year: 2025, DryRun: true})
	s.Must(err)
	reach, err := s.Portal.InvoiceReach(stage.By(stage.Secretariat), missed.Run)
	s.Must(err)
	if !slices.Contains(missed.Run.Addressed(), m.ID) || slices.Contains(reach.Missed(), m.ID) || reach.Reachable+len(reach.Missed()) != reach.Addressed {
		t.Errorf("the applicant counts as out of reach: %+v", reach)
	}
	open, err := s.Portal.Invoices.OpenOf(s.Context(), []kit.ID{m.ID})
	s.Must(err)
	i := open[m.ID][0]
	tick := func(days int) {
		t.Helper()
		day = day.AddDays(days)
		_, err := s.Portal.Invoices.Tick(stage.By(stage.Operator), false)
		s.Must(err)
	}
	tick(20)
	want("mail.invoice.due")
	tick(20)
	want("mail.invoice.overdue")
	pay := func(amount kit.Decimal, reference string) {
		t.Helper()
		open, err := s.Portal.Invoices.OpenOf(s.Context(), []kit.ID{m.ID})
		s.Must(err)
		p, err := s.Portal.Invoices.RecordPayment(stage.By(stage.Secretariat), membership.RecordPaymentInput{Invoice: i.ID, ExpectedVersion: int(open[m.ID][0].Version), Amount: amount, ReceivedOn: i.IssuedOn, Reference: reference})
		if s.Must(err); len(p.UserErrors) > 0 {
			t.Fatal(p.UserErrors)
		}
	}
	pay(100, "P-1")
	want("mail.invoice.partlyPaid")
	pay(i.Amount.Amount-100, "P-2")
	want("mail.invoice.paid")
	s.activated(m)
	if got := heard(applicant); !slices.Contains(got, "mail.invitation.focalPoint") {
		t.Errorf("at the activation the applicant got %v", got)
	}
}

func TestARefusedExemptionLetsTheJoiningInvoiceFollow(t *testing.T) {
	day := kit.Date("2025-03-31")
	s := scene{stage.Issuing(t, stage.OnDay(&day))}
	heard := s.listening()
	m := s.asksExemption()
	if run, err := s.Portal.Invoices.IssueAll(stage.By(stage.Secretariat), membership.IssueInvoicesInput{Year: 2025, DryRun: true}); err != nil || !slices.ContainsFunc(run.Run.LeftOut, func(l *membership.InvoiceRunLeftOut) bool {
		return l.Reason == membership.InvoiceAsksExemption && slices.ContainsFunc(l.Members, func(o *membership.Member) bool { return o.ID == m.ID })
	}) {
		t.Errorf("a run would invoice the member: %s %v", stage.InJSON(run), err)
	}
	_ = heard("applicant.submitted@example.org")
	asked, err := s.Portal.FeeExemptions.List(stage.By(stage.Secretariat), &m.ID, nil, kit.PageArgs{})
	s.Must(err)
	x := asked.Nodes()[0]
	decided, err := s.Portal.FeeExemptions.Decide(stage.By(stage.Secretariat), membership.DecideFeeExemptionInput{
		ID: x.ID, ExpectedVersion: int(x.Version), Session: "Council 2025", DecidedOn: s.Core.Clock.Today(), Reason: new("It has means of its own."),
	})
	if s.Must(err); len(decided.UserErrors) > 0 {
		t.Fatal(decided.UserErrors)
	}
	if got := heard("applicant.submitted@example.org"); !slices.Equal(got, []string{"mail.exemption.refused", "mail.invoice.issued"}) {
		t.Errorf("the applicant got %v", got)
	}
	s.wants("app_SUBMITTED", applications.NextPayInvoice)
}
