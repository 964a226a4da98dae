package applications_test

import (
	"slices"
	"testing"

	"memberportal/internal/applications"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/testkit/stage"
)

// step is the next step of an application as its applicant sees it.
func (s scene) step(id kit.ID) applications.ApplicationNextStepKind {
	s.Helper()
	ctx := stage.By(stage.Applies(id))
	a, err := s.Portal.Applications.Get(ctx, id)
	s.Must(err)
	step, err := s.Portal.Applications.NextStep(ctx, a)
	s.Must(err)
	if step.Label == "" {
		s.Errorf("%s has no label", step.Kind)
	}
	return step.Kind
}

func (s scene) wants(id kit.ID, want applications.ApplicationNextStepKind) {
	s.Helper()
	if got := s.step(id); got != want {
		s.Errorf("the next step is %s, want %s", got, want)
	}
}

// approved is the member that an application becomes by the administration of Uganda.
func (s scene) approved(id kit.ID) *membership.Member {
	s.Helper()
	p, err := s.Portal.Applications.Decide(stage.By(stage.Uganda), applications.DecideApplicationInput{ID: id, ExpectedVersion: int(s.application(id).Version), Decision: applications.ApproveApplication})
	s.Must(err)
	if len(p.UserErrors) > 0 {
		s.Fatal(p.UserErrors)
	}
	return s.StoredMember(*p.Application.MemberID)
}

func (s scene) activated(m *membership.Member) {
	s.Helper()
	p, err := s.Portal.Members.Activate(stage.By(stage.Secretariat), membership.ActivateMemberInput{ID: m.ID, ExpectedVersion: int(s.StoredMember(m.ID).Version), EffectiveOn: s.Core.Clock.Today()})
	s.Must(err)
	if len(p.UserErrors) > 0 {
		s.Fatal(p.UserErrors)
	}
}

func TestAnApplicantSeesEachStepUntilItIsFocalPoint(t *testing.T) {
	s := scene{stage.Issuing(t)}
	s.wants("app_DRAFT", applications.NextCompleteAndSubmit)
	s.wants("app_ASKED", applications.NextGiveInformation)
	s.wants("app_INTERNATIONAL", applications.NextWaitForSecretariat)
	s.wants("app_OBJECTED", applications.NextNone)
	s.wants("app_SUBMITTED", applications.NextWaitForAdministration)
	m := s.approved("app_SUBMITTED")
	s.wants("app_SUBMITTED", applications.NextPayInvoice)
	open, err := s.Portal.Invoices.OpenOf(s.Context(), []kit.ID{m.ID})
	s.Must(err)
	i := open[m.ID][0]
	paid, err := s.Portal.Invoices.RecordPayment(stage.By(stage.Secretariat), membership.RecordPaymentInput{Invoice: i.ID, ExpectedVersion: int(i.Version), Amount: i.Amount.Amount, ReceivedOn: i.IssuedOn, Reference: "P-1"})
	s.Must(err)
	if len(paid.UserErrors) > 0 {
		t.Fatal(paid.UserErrors)
	}
	s.wants("app_SUBMITTED", applications.NextWaitForActivation)
	s.activated(m)
	s.wants("app_SUBMITTED", applications.NextAcceptInvitation)
	*s.Wall = s.Wall.AddDate(0, 2, 0)
	s.wants("app_SUBMITTED", applications.NextWaitForInvitation)
}

// asksExemption is the member that app_SUBMITTED becomes, whose applicant asks for an exemption.
func (s scene) asksExemption() *membership.Member {
	s.Helper()
	var criteria []membership.CriterionAnswerInput
	for _, c := range membership.ExemptionCriteria {
		criteria = append(criteria, membership.CriterionAnswerInput{Criterion: c, Met: true})
	}
	p, err := s.Portal.Applications.Amend(stage.By(stage.Applies("app_SUBMITTED")), applications.AmendApplicationInput{
		ID: "app_SUBMITTED", ExpectedVersion: 1, Exemption: kit.Some(applications.ApplicationExemptionInput{Criteria: criteria, Evidence: []string{"https://papers.example/statutes"}}),
	})
	s.Must(err)
	if len(p.UserErrors) > 0 {
		s.Fatal(p.UserErrors)
	}
	return s.approved("app_SUBMITTED")
}

func TestAWishForAnExemptionIsDecidedByTheCouncilAndNothingIsInvoiced(t *testing.T) {
	s := scene{stage.Issuing(t)}
	m := s.asksExemption()
	s.wants("app_SUBMITTED", applications.NextWaitForExemption)
	asked, err := s.Portal.FeeExemptions.List(stage.By(stage.Secretariat), &m.ID, nil, kit.PageArgs{})
	s.Must(err)
	x := asked.Nodes()[0]
	if x.State() != membership.ExemptionRequested || len(x.Criteria) != len(membership.ExemptionCriteria) || x.RequestedBy == "" {
		t.Errorf("got %+v", x)
	}
	today := s.Core.Clock.Today()
	decided, err := s.Portal.FeeExemptions.Decide(stage.By(stage.Secretariat), membership.DecideFeeExemptionInput{
		ID: x.ID, ExpectedVersion: int(x.Version), Grant: true, Session: "Council 2025", DecidedOn: today, Until: new(today.AddMonths(18)),
	})
	s.Must(err)
	if len(decided.UserErrors) > 0 {
		t.Fatal(decided.UserErrors)
	}
	s.wants("app_SUBMITTED", applications.NextWaitForActivation)
	s.activated(m)
	if open, err := s.Portal.Invoices.OpenOf(s.Context(), []kit.ID{m.ID}); err != nil || len(open) > 0 {
		t.Errorf("invoiced: %v %v", open, err)
	}
}

func TestAnApprovalGivesTheEvidenceToTheRequestForAnExemption(t *testing.T) {
	s := scene{stage.Issuing(t)}
	applicant := stage.Applies("app_SUBMITTED")
	applicant.Subject = "usr_applicant" // who uploaded the files of the fixture
	wish := applications.ApplicationExemptionInput{EvidenceFiles: []kit.ID{"fil_EVIDENCE"}}
	for _, c := range membership.ExemptionCriteria {
		wish.Criteria = append(wish.Criteria, membership.CriterionAnswerInput{Criterion: c, Met: true})
	}
	claim := applications.SmeClaimInput{Grounds: "Eleven people work here.", EvidenceFiles: []kit.ID{"fil_FORM"}}
	p, err := s.Portal.Applications.Amend(stage.By(applicant), applications.AmendApplicationInput{
		ID: "app_SUBMITTED", ExpectedVersion: int(s.application("app_SUBMITTED").Version), Exemption: kit.Some(wish), SmeClaim: kit.Some(claim),
	})
	if s.Must(err); len(p.UserErrors) > 0 {
		t.Fatal(p.UserErrors)
	}
	reads := func(a kit.Actor, file kit.ID) bool {
		t.Helper()
		found, err := s.Portal.Files.Open(stage.By(a), file)
		s.Must(err)
		return found != nil
	}
	if !reads(stage.Uganda, "fil_EVIDENCE") || !reads(stage.Uganda, "fil_FORM") {
		t.Error("whoever decides cannot read the evidence")
	}
	m := s.approved("app_SUBMITTED")
	found, err := s.Portal.FeeExemptions.List(stage.By(stage.Secretariat), &m.ID, nil, kit.PageArgs{})
	s.Must(err)
	x, a := found.Nodes()[0], s.application("app_SUBMITTED")
	if len(x.EvidenceFiles()) != 1 || x.EvidenceFiles()[0].ID != "fil_EVIDENCE" || len(a.Exemption.EvidenceFiles()) != 0 || len(a.SmeClaim.EvidenceFiles()) != 1 {
		t.Errorf("the request has %v, the application %+v and %+v", x.EvidenceFiles(), a.Exemption, a.SmeClaim)
	}
	if !reads(stage.Secretariat, "fil_EVIDENCE") || !reads(stage.Uganda, "fil_EVIDENCE") || reads(stage.FocalPoint("mem_ACTIVE"), "fil_EVIDENCE") {
		t.Error("the evidence is read by others than those who see the request")
	}
	lost, err := s.Portal.Files.Lost(s.Context())
	s.Must(err)
	for _, l := range lost {
		if slices.Contains([]kit.ID{"fil_EVIDENCE", "fil_FORM", x.ID, a.ID}, l.ID) {
			t.Errorf("%+v", l)
		}
	}
}
