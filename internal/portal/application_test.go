package portal_test

import (
	"slices"
	"strings"
	"testing"

	"memberportal/internal/applications"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/testkit"
)

func TestTextsThatAreTooLongAreRefused(t *testing.T) {
	s := applying(t)
	long := strings.Repeat("a", 200<<10)
	saved, err := s.portal.Applications.Save(by(applies("app_DRAFT")), applications.SaveApplicationInput{
		ID: "app_DRAFT", ExpectedVersion: 1, Name: kit.Some(long), FeeClass: kit.Some(long),
		Contact: kit.Some(applications.ApplicationContactInput{Name: &long, Function: &long, Phone: &long}),
		Form:    kit.Some(applications.ApplicationPaperInput{Title: long, URL: "https://a.example/" + long, Sha256: strings.Repeat("0", 64)}),
	})
	s.must(err)
	want := []string{
		"TOO_LONG input.contact.function", "TOO_LONG input.contact.name", "TOO_LONG input.contact.phone",
		"TOO_LONG input.feeClass", "TOO_LONG input.form.title", "TOO_LONG input.form.url", "TOO_LONG input.name",
	}
	if got := faultsOf(saved.UserErrors); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	decided, err := s.portal.Applications.Decide(by(uganda), applications.DecideApplicationInput{ID: "app_SUBMITTED", ExpectedVersion: 1, Decision: applications.ObjectApplication, Reason: &long})
	s.must(err)
	if got := faultsOf(decided.UserErrors); !slices.Equal(got, []string{"TOO_LONG input.reason"}) {
		t.Errorf("got %v", got)
	}
	looked, err := s.portal.Applications.RecordDueDiligence(by(uganda), applications.RecordDueDiligenceInput{
		ID: "app_SUBMITTED", ExpectedVersion: 1, Checklist: []applications.DueDiligenceCheckInput{{Item: long, Note: &long}}, ConflictStatement: &long,
	})
	s.must(err)
	if got := faultsOf(looked.UserErrors); !slices.Equal(got, []string{"TOO_LONG input.checklist.0.item", "TOO_LONG input.checklist.0.note", "TOO_LONG input.conflictStatement"}) {
		t.Errorf("got %v", got)
	}
}

func TestWhoIsToldOfWhat(t *testing.T) {
	s := applying(t)
	paper := applications.ApplicationPaperInput{Title: "Form", URL: "https://papers.example/form", Sha256: strings.Repeat("0", 64)}
	_, err := s.portal.Applications.Submit(by(applies("app_DRAFT")), applications.SubmitApplicationInput{
		ID: "app_DRAFT", ExpectedVersion: 1, Form: kit.Some(paper), Contact: kit.Some(applications.ApplicationContactInput{Name: new("A Person"), Function: new("Director")}),
	})
	s.must(err)
	if keys, bodies := s.mails("uganda@example.org"); !slices.Contains(keys, "mail.applicationArrived") || strings.Contains(strings.Join(bodies, ""), "{") {
		t.Errorf("the administration got %v", bodies)
	}
	for _, decision := range applications.ApplicationDecisions {
		a := map[applications.ApplicationDecision]kit.ID{applications.ApproveApplication: "app_SUBMITTED", applications.ObjectApplication: "app_REVIEW", applications.RequestInformation: "app_DRAFT"}[decision]
		decided, err := s.portal.Applications.Decide(by(uganda), applications.DecideApplicationInput{ID: a, ExpectedVersion: int(s.application(a).Version), Decision: decision, Reason: new("A reason")})
		s.must(err)
		if len(decided.UserErrors) > 0 {
			t.Error(decided.UserErrors)
		}
	}
	for to, want := range map[string][]string{
		"applicant.draft@example.org":     {"mail.applicationReceived", "mail.informationRequested"},
		"applicant.submitted@example.org": {"mail.applicationApproved"},
		"applicant.review@example.org":    {"mail.applicationObjected"},
	} {
		keys, bodies := s.mails(to)
		slices.Sort(keys)
		if !slices.Equal(keys, want) || strings.Contains(strings.Join(bodies, ""), "A reason") {
			t.Errorf("%s got %v %v", to, keys, bodies)
		}
	}
}

func TestAnImportFlagsWhatItsSourceLacks(t *testing.T) {
	s := applying(t)
	in := applications.ImportedApplication{
		Name: "Imported", Category: membership.Associate, Country: new(kit.CountryID("UG")), Language: kit.English, SubmittedOn: "2025-01-15", DayUnknown: true, Source: "a list",
	}
	a, faults, err := s.portal.Applications.Import(by(secretariat), in)
	s.must(err)
	if len(faults) > 0 || !slices.Equal(a.Flags(), applications.ApplicationFlags) || a.Status != applications.ApplicationSubmitted || *a.NextDueOn != "2025-05-15" {
		t.Errorf("got %+v, %v", a, faults)
	}
	in.Category, in.StudyGroup, in.Country, in.SubmittedOn, in.Source, in.Name = membership.Academia, new(membership.SG1), new(kit.ID("cty_XX")), "2025-04-01", "", ""
	_, faults, err = s.portal.Applications.Import(by(secretariat), in)
	s.must(err)
	want := []string{"INVALID input.studyGroup", "OUT_OF_RANGE input.submittedOn", "REQUIRED input.name", "REQUIRED input.source", "UNKNOWN_REFERENCE input.country"}
	if got := faultsOf(faults); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	_, _, err = s.portal.Applications.Import(by(uganda), in)
	s.refused(err, kit.Forbidden)
	_, err = s.portal.Applications.Begin(by(uganda), "a@example.org", kit.English)
	s.refused(err, kit.Forbidden)
}

func TestNamesOfTheSameOrganisationAreAlike(t *testing.T) {
	for name, other := range map[string]string{
		"Windup Software, LLC":      "WINDUP SOFTWARE",
		"Accenture S.p.A.":          "Accenture",
		"Cyberlite Books Pte. Ltd.": "Books Cyberlite",
		"Télécom Étoile SARL":       "Telecom Etoile",
		"RenaCorp Technologies Ltd": "Renacorp  Technologies (PTY) Limited",
		"Co. Ltd.":                  "co ltd",
	} {
		if !slices.Equal(kit.Likeness(name), kit.Likeness(other)) {
			t.Errorf("%s and %s are not alike", name, other)
		}
	}
	for name, other := range map[string]string{"Yemen Mobile": "Yemen Telecom", "Ltd": "LLC", "UNACU": "VeryPay"} {
		if slices.Equal(kit.Likeness(name), kit.Likeness(other)) {
			t.Errorf("%s and %s are alike", name, other)
		}
	}
	if kit.Likeness(" — ") != nil {
		t.Error("a name without a word is like another")
	}
}

func TestDuplicatesAreReportedToThoseWhoMaySeeThem(t *testing.T) {
	s := applying(t)
	for name, c := range map[string]struct {
		who         kit.Actor
		application kit.ID
		want        []kit.ID
	}{
		"the secretariat sees those in other countries": {secretariat, "app_SUBMITTED", []kit.ID{"app_KENYA"}},
		"an administration does not":                    {uganda, "app_SUBMITTED", []kit.ID{}},
		"a member that it sees":                         {uganda, "app_REVIEW", []kit.ID{"mem_ACTIVE"}},
		"a suspended member of the same name":           {uganda, "app_NAMESAKE", []kit.ID{"mem_SUSPENDED"}},
		"the applicant sees none":                       {applies("app_REVIEW"), "app_REVIEW", nil},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := s.portal.Applications.Get(by(c.who), c.application)
			s.must(err)
			found, err := s.portal.Applications.Duplicates(by(c.who), a)
			s.must(err)
			var got []kit.ID
			if found != nil {
				got = []kit.ID{}
			}
			for _, d := range found {
				if d.Member != nil {
					got = append(got, d.Member.ID)
				} else {
					got = append(got, d.Application.ID)
				}
			}
			if !slices.Equal(got, c.want) || (got == nil) != (c.want == nil) {
				t.Errorf("got %v", got)
			}
		})
	}
}

// An applicant writes any fee class into a draft, and the secretariat may cancel an invoice: neither makes a
// member that never paid.
func TestAMemberThatAppliedIsNotActivatedWithoutAnInvoice(t *testing.T) {
	s := applying(t)
	uganda := by(kit.Actor{Subject: "usr_UGANDA", Roles: []kit.Role{kit.RoleAdministration}, Country: "UG"})
	decided, err := s.portal.Applications.Decide(uganda, applications.DecideApplicationInput{ID: "app_SUBMITTED", ExpectedVersion: int(s.application("app_SUBMITTED").Version), Decision: applications.ApproveApplication})
	if s.must(err); len(decided.UserErrors) > 0 {
		t.Fatal(decided.UserErrors)
	}
	member := *s.application("app_SUBMITTED").MemberID
	activate := func() []kit.UserError {
		p, err := s.portal.Members.Activate(by(secretariat), membership.ActivateMemberInput{ID: member, ExpectedVersion: 1, EffectiveOn: testkit.Today})
		s.must(err)
		return p.UserErrors
	}
	open, err := s.portal.Invoices.OpenOf(by(secretariat), []kit.ID{member})
	if s.must(err); len(open[member]) != 1 || open[member][0].Kind != membership.InvoiceJoining {
		t.Fatalf("invoices %s", inJSON(open))
	}
	if faults := activate(); len(faults) != 1 || faults[0].Code != kit.CodeNotEligible {
		t.Errorf("unpaid: %+v", faults)
	}
	_, err = s.portal.Invoices.Cancel(by(secretariat), membership.CancelInvoiceInput{Invoice: open[member][0].ID, ExpectedVersion: 1, Reason: "another class"})
	s.must(err)
	if faults := activate(); len(faults) != 1 || faults[0].Code != kit.CodeNotEligible || !strings.Contains(faults[0].Message, "issue one first") {
		t.Errorf("never invoiced: %+v", faults)
	}
	issued, err := s.portal.Invoices.Issue(by(secretariat), membership.IssueInvoiceInput{Member: member, Year: 2025, Kind: membership.InvoiceJoining})
	s.must(err)
	_, err = s.portal.Invoices.RecordPayment(by(secretariat), membership.RecordPaymentInput{
		Invoice: issued.Invoice.ID, ExpectedVersion: 1, Amount: issued.Invoice.Amount.Amount, ReceivedOn: testkit.Today, Reference: "a",
	})
	s.must(err)
	if faults := activate(); len(faults) > 0 {
		t.Errorf("paid: %+v", faults)
	}
}
