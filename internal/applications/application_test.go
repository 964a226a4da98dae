package applications_test

import (
	"slices"
	"strings"
	"testing"

	"memberportal/internal/applications"
	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

func TestTextsThatAreTooLongAreRefused(t *testing.T) {
	s := scene{stage.Issuing(t)}
	long := strings.Repeat("a", 200<<10)
	saved, err := s.Portal.Applications.Save(stage.By(stage.Applies("app_DRAFT")), applications.SaveApplicationInput{
		ID: "app_DRAFT", ExpectedVersion: 1, Name: kit.Some(long), FeeClass: kit.Some(long),
		Contact: kit.Some(applications.ApplicationContactInput{Name: &long, Function: &long, Phone: &long}),
		Form:    kit.Some(applications.ApplicationPaperInput{Title: long, Source: files.DocumentSourceInput{Link: new("https://a.example/" + long)}, Sha256: new(strings.Repeat("0", 64))}),
	})
	s.Must(err)
	want := []string{
		"TOO_LONG input.contact.function", "TOO_LONG input.contact.name", "TOO_LONG input.contact.phone",
		"TOO_LONG input.feeClass", "TOO_LONG input.form.source.link", "TOO_LONG input.form.title", "TOO_LONG input.name",
	}
	if got := stage.FaultsOf(saved.UserErrors); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	decided, err := s.Portal.Applications.Decide(stage.By(stage.Uganda), applications.DecideApplicationInput{ID: "app_SUBMITTED", ExpectedVersion: 1, Decision: applications.ObjectApplication, Reason: &long})
	s.Must(err)
	if got := stage.FaultsOf(decided.UserErrors); !slices.Equal(got, []string{"TOO_LONG input.reason"}) {
		t.Errorf("got %v", got)
	}
	looked, err := s.Portal.Applications.RecordDueDiligence(stage.By(stage.Uganda), applications.RecordDueDiligenceInput{
		ID: "app_SUBMITTED", ExpectedVersion: 1, Checklist: []applications.DueDiligenceCheckInput{{Item: long, Note: &long}}, ConflictStatement: &long,
	})
	s.Must(err)
	if got := stage.FaultsOf(looked.UserErrors); !slices.Equal(got, []string{"TOO_LONG input.checklist.0.item", "TOO_LONG input.checklist.0.note", "TOO_LONG input.conflictStatement"}) {
		t.Errorf("got %v", got)
	}
}

func TestWhoIsToldOfWhat(t *testing.T) {
	s := scene{stage.Issuing(t)}
	paper := applications.ApplicationPaperInput{Title: "Form", Source: files.DocumentSourceInput{Link: new("https://papers.example/form")}, Sha256: new(strings.Repeat("0", 64))}
	_, err := s.Portal.Applications.Submit(stage.By(stage.Applies("app_DRAFT")), applications.SubmitApplicationInput{
		ID: "app_DRAFT", ExpectedVersion: 1, Form: kit.Some(paper), Contact: kit.Some(applications.ApplicationContactInput{Name: new("A Person"), Function: new("Director")}),
	})
	s.Must(err)
	if keys, bodies := s.MailsTo("uganda@example.org"); !slices.Contains(keys, "mail.applicationArrived") || strings.Contains(strings.Join(bodies, ""), "{") {
		t.Errorf("the administration got %v", bodies)
	}
	for _, decision := range applications.ApplicationDecisions {
		a := map[applications.ApplicationDecision]kit.ID{applications.ApproveApplication: "app_SUBMITTED", applications.ObjectApplication: "app_REVIEW", applications.RequestInformation: "app_DRAFT"}[decision]
		decided, err := s.Portal.Applications.Decide(stage.By(stage.Uganda), applications.DecideApplicationInput{ID: a, ExpectedVersion: int(s.application(a).Version), Decision: decision, Reason: new("A reason")})
		s.Must(err)
		if len(decided.UserErrors) > 0 {
			t.Error(decided.UserErrors)
		}
	}
	for to, want := range map[string][]string{
		"applicant.draft@example.org":     {"mail.applicationReceived", "mail.informationRequested"},
		"applicant.submitted@example.org": {"mail.applicationApproved", "mail.invoice.issued"},
		"applicant.review@example.org":    {"mail.applicationObjected"},
	} {
		keys, bodies := s.MailsTo(to)
		slices.Sort(keys)
		if !slices.Equal(keys, want) || strings.Contains(strings.Join(bodies, ""), "A reason") {
			t.Errorf("%s got %v %v", to, keys, bodies)
		}
	}
}

func TestAnImportFlagsWhatItsSourceLacks(t *testing.T) {
	s := scene{stage.Issuing(t)}
	in := applications.ImportedApplication{
		Name: "Imported", Category: membership.Associate, Country: new(kit.CountryID("UG")), Language: kit.English, SubmittedOn: "2025-01-15", DayUnknown: true, Source: "a list",
	}
	a, faults, err := s.Portal.Applications.Import(stage.By(stage.Secretariat), in)
	s.Must(err)
	if len(faults) > 0 || !slices.Equal(a.Flags(), applications.ApplicationFlags) || a.Status != applications.ApplicationSubmitted || *a.NextDueOn != "2025-05-15" {
		t.Errorf("got %+v, %v", a, faults)
	}
	in.Category, in.StudyGroup, in.Country, in.SubmittedOn, in.Source, in.Name = membership.Academia, new(membership.SG1), new(kit.ID("cty_XX")), "2025-04-01", "", ""
	_, faults, err = s.Portal.Applications.Import(stage.By(stage.Secretariat), in)
	s.Must(err)
	want := []string{"INVALID input.studyGroup", "OUT_OF_RANGE input.submittedOn", "REQUIRED input.name", "REQUIRED input.source", "UNKNOWN_REFERENCE input.country"}
	if got := stage.FaultsOf(faults); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	_, _, err = s.Portal.Applications.Import(stage.By(stage.Uganda), in)
	s.Refused(err, kit.Forbidden)
	_, err = s.Portal.Applications.Begin(stage.By(stage.Uganda), "a@example.org", kit.English)
	s.Refused(err, kit.Forbidden)
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
	s := scene{stage.Issuing(t)}
	for name, c := range map[string]struct {
		who         kit.Actor
		application kit.ID
		want        []kit.ID
	}{
		"the secretariat sees those in other countries": {stage.Secretariat, "app_SUBMITTED", []kit.ID{"app_KENYA"}},
		"an administration does not":                    {stage.Uganda, "app_SUBMITTED", []kit.ID{}},
		"a member that it sees":                         {stage.Uganda, "app_REVIEW", []kit.ID{"mem_ACTIVE"}},
		"a suspended member of the same name":           {stage.Uganda, "app_NAMESAKE", []kit.ID{"mem_SUSPENDED"}},
		"the applicant sees none":                       {stage.Applies("app_REVIEW"), "app_REVIEW", nil},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := s.Portal.Applications.Get(stage.By(c.who), c.application)
			s.Must(err)
			found, err := s.Portal.Applications.Duplicates(stage.By(c.who), a)
			s.Must(err)
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
	s := scene{stage.Issuing(t)}
	uganda := stage.By(kit.ActingFor("usr_UGANDA", kit.RoleAdministration, "cty_UG"))
	decided, err := s.Portal.Applications.Decide(uganda, applications.DecideApplicationInput{ID: "app_SUBMITTED", ExpectedVersion: int(s.application("app_SUBMITTED").Version), Decision: applications.ApproveApplication})
	if s.Must(err); len(decided.UserErrors) > 0 {
		t.Fatal(decided.UserErrors)
	}
	member := *s.application("app_SUBMITTED").MemberID
	activate := func() []kit.UserError {
		p, err := s.Portal.Members.Activate(stage.By(stage.Secretariat), membership.ActivateMemberInput{ID: member, ExpectedVersion: 1, EffectiveOn: testkit.Today})
		s.Must(err)
		return p.UserErrors
	}
	open, err := s.Portal.Invoices.OpenOf(stage.By(stage.Secretariat), []kit.ID{member})
	if s.Must(err); len(open[member]) != 1 || open[member][0].Kind != membership.InvoiceJoining {
		t.Fatalf("invoices %s", stage.InJSON(open))
	}
	if faults := activate(); len(faults) != 1 || faults[0].Code != kit.CodeNotEligible {
		t.Errorf("unpaid: %+v", faults)
	}
	_, err = s.Portal.Invoices.Cancel(stage.By(stage.Secretariat), membership.CancelInvoiceInput{Invoice: open[member][0].ID, ExpectedVersion: 1, Reason: "another class"})
	s.Must(err)
	if faults := activate(); len(faults) != 1 || faults[0].Code != kit.CodeNotEligible || !strings.Contains(faults[0].Message, "issue one first") {
		t.Errorf("never invoiced: %+v", faults)
	}
	issued, err := s.Portal.Invoices.Issue(stage.By(stage.Secretariat), membership.IssueInvoiceInput{Member: member, Year: 2025, Kind: membership.InvoiceJoining})
	s.Must(err)
	_, err = s.Portal.Invoices.RecordPayment(stage.By(stage.Secretariat), membership.RecordPaymentInput{
		Invoice: issued.Invoice.ID, ExpectedVersion: 1, Amount: issued.Invoice.Amount.Amount, ReceivedOn: testkit.Today, Reference: "a",
	})
	s.Must(err)
	if faults := activate(); len(faults) > 0 {
		t.Errorf("paid: %+v", faults)
	}
}

// TestTheContactOfAnApprovedApplicationIsProposed holds that an approval proposes the contact as focal point, who is told
// of it only once the membership begins.
func TestTheContactOfAnApprovedApplicationIsProposed(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		decided, err := s.Portal.Applications.Decide(stage.By(stage.Uganda), applications.DecideApplicationInput{ID: "app_SUBMITTED", ExpectedVersion: 1, Decision: applications.ApproveApplication})
		s.Must(err)
		if decided.Application == nil {
			s.Fatal(decided.UserErrors)
		}
		by, member := stage.By(stage.Secretariat), *s.application("app_SUBMITTED").MemberID
		proposed, err := s.Portal.Mandates.List(by, member, nil, kit.PageArgs{})
		s.Must(err)
		if len(proposed.Edges) != 1 || proposed.Edges[0].Node.State() != people.MandateProposed || proposed.Edges[0].Node.Role != people.MandateFocalPoint {
			s.Fatalf("proposed %s", stage.InJSON(proposed))
		}
		i, err := s.Portal.PersonInvitations.Of(by, proposed.Edges[0].Node)
		s.Must(err)
		if contact := s.application("app_SUBMITTED").Contact; i.State() != people.InvitationPrepared || *i.Email != contact.Email || *i.Name != *contact.Name {
			s.Errorf("prepared %s", stage.InJSON(i))
		}
		if keys, _ := s.MailsTo(*i.Email); slices.Contains(keys, "mail.invitation.focalPoint") {
			s.Errorf("the contact was invited before the membership begins: %q", keys)
		}
	})
}

func TestTheSecretariatDecidesForACountryThatNobodySpeaksFor(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		decide := func() error {
			_, err := s.Portal.Applications.Decide(stage.By(stage.Secretariat), applications.DecideApplicationInput{ID: "app_KENYA", ExpectedVersion: int(s.application("app_KENYA").Version), Decision: applications.RequestInformation, Reason: new("A reason")})
			return err
		}
		s.Refused(decide(), kit.Forbidden) // Kenya has a focal point
		delegate := s.AddDelegate(func(in *people.AddDelegateInput) { in.Entity = "cty_KE" })
		if faults := s.EndMandate(stage.Secretariat, "man_KENYA", 1, testkit.Today); len(faults) > 0 {
			s.Fatal(faults)
		}
		if err := decide(); err != nil || s.application("app_KENYA").Status != applications.InformationRequested {
			s.Errorf("without a focal point: %v, %s", err, s.application("app_KENYA").Status)
		}
		if faults := s.EndMandate(stage.Secretariat, delegate.ID, 1, testkit.Today); len(faults) > 0 {
			s.Fatal(faults)
		}
		s.Refused(decide(), kit.Forbidden) // nor a delegate
	})
}
