package portal_test

import (
	"regexp"
	"slices"
	"testing"
	"time"

	"memberportal/internal/applications"
	"memberportal/internal/consultations"
	"memberportal/internal/country"
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// rehearsal is a story of which each step says who is told what, and nobody else.
type rehearsal struct {
	stage.Stage
	day  kit.Date
	seen map[kit.ID]bool
}

// step does something and holds what it sent, as «address key», against what it should.
func (r *rehearsal) step(what string, do func() []kit.UserError, want ...string) {
	r.Helper()
	*r.Wall = r.Wall.Add(time.Second)
	if faults := do(); len(faults) > 0 {
		r.Fatalf("%s: %v", what, stage.FaultsOf(faults))
	}
	var got []string
	for _, m := range r.Outbox() {
		if !r.seen[m.ID] {
			r.seen[m.ID], got = true, append(got, m.To+" "+m.Key)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		r.Errorf("%s: told\n%q, want\n%q", what, got, want)
	}
}

// code is the secret in the last message to an address.
func (r *rehearsal) code(to string) string {
	r.Helper()
	_, bodies := r.MailsTo(to)
	return regexp.MustCompile(`#([A-Z2-7]{32})`).FindStringSubmatch(bodies[len(bodies)-1])[1]
}

// TestWhoGotWhatAtEachStep follows an organisation from its application to the end of its membership, through an event and
// a consultation.
func TestWhoGotWhatAtEachStep(t *testing.T) {
	r := &rehearsal{Stage: stage.Embedded(t), day: testkit.Today, seen: map[kit.ID]bool{}}
	r.Stage = r.Issuing(stage.OnDay(&r.day), func(o *portal.Options) { o.PublicURL = "https://members.example.org" })
	const applicant = "applicant.kenya@example.org "
	secretariat := stage.By(stage.Secretariat)
	member := r.joins(applicant)
	esther := r.accepts(member)
	r.attends(esther)
	r.replies(member, esther)
	r.step("it wants to leave", func() []kit.UserError {
		p, err := r.Portal.Members.NotifyWithdrawal(secretariat, membership.NotifyWithdrawalInput{ID: member, ExpectedVersion: int(r.StoredMember(member).Version), ReasonCode: membership.ReasonStrategyReview})
		r.Must(err)
		return p.UserErrors
	}, applicant+"mail.withdrawalNotified")
}

// joins is the way of app_KENYA from the question of its administration to the payment of its invoice.
func (r *rehearsal) joins(applicant string) (member kit.ID) {
	r.Helper()
	decides := func(d applications.ApplicationDecision) func() []kit.UserError {
		return func() []kit.UserError {
			a, err := applications.ApplicationNoun.In(r.Store).Get(r.Context(), "app_KENYA")
			r.Must(err)
			p, err := r.Portal.Applications.Decide(stage.By(kit.ActingFor("usr_KENYA", kit.RoleAdministration, "cty_KE")), applications.DecideApplicationInput{ID: a.ID, ExpectedVersion: int(a.Version), Decision: d, Reason: new("Which licence do you hold?")})
			r.Must(err)
			if p.Application != nil && p.Application.MemberID != nil {
				member = *p.Application.MemberID
			}
			return p.UserErrors
		}
	}
	r.step("information is asked for", decides(applications.RequestInformation), applicant+"mail.informationRequested")
	r.step("it is given", func() []kit.UserError {
		a, err := applications.ApplicationNoun.In(r.Store).Get(r.Context(), "app_KENYA")
		r.Must(err)
		p, err := r.Portal.Applications.Amend(stage.By(stage.Applies("app_KENYA")), applications.AmendApplicationInput{ID: a.ID, ExpectedVersion: int(a.Version), Answer: new("That of 2020.")})
		r.Must(err)
		return p.UserErrors
	}, "kenya@example.org mail.applicationAnswered")
	r.step("it is approved", decides(applications.ApproveApplication), applicant+"mail.applicationApproved", applicant+"mail.invoice.issued")
	var joining *membership.Invoice
	for _, i := range stage.All(r, membership.InvoiceNoun.In(r.Store), "remindOn") {
		if i.MemberID == member {
			joining = i
		}
	}
	if joining == nil {
		r.Fatal("there is no joining invoice")
	}
	r.step("the invoice is paid", func() []kit.UserError {
		p, err := r.Portal.Invoices.RecordPayment(stage.By(stage.Secretariat), membership.RecordPaymentInput{Invoice: joining.ID, ExpectedVersion: int(joining.Version), Amount: joining.Amount.Amount, ReceivedOn: r.day, Reference: "Payment 1"})
		r.Must(err)
		return p.UserErrors
	}, applicant+"mail.invoice.paid")
	r.step("it becomes a member", func() []kit.UserError {
		p, err := r.Portal.Members.Activate(stage.By(stage.Secretariat), membership.ActivateMemberInput{ID: member, ExpectedVersion: int(r.StoredMember(member).Version), EffectiveOn: r.day})
		r.Must(err)
		return p.UserErrors
	}, applicant+"mail.invitation.focalPoint")
	return member
}

// accepts makes the contact of the application the focal point of its member.
func (r *rehearsal) accepts(member kit.ID) (focal kit.Actor) {
	r.Helper()
	r.step("the invitation is accepted", func() []kit.UserError {
		p, err := r.Portal.PersonInvitations.Accept(stage.By(stage.Nobody), people.AcceptInvitationInput{Code: r.code("applicant.kenya@example.org")})
		r.Must(err)
		focal = kit.ActingFor(p.Mandate.Person, kit.RoleFocalPoint, member)
		return p.UserErrors
	}, "kenya@example.org mail.invitation.accepted")
	return focal
}

// attends is the way of a focal point to an event that has one place.
func (r *rehearsal) attends(esther kit.Actor) {
	r.Helper()
	const hers, delegate = "applicant.kenya@example.org ", "delegate@example.org "
	version := func() int {
		e, err := events.EventNoun.In(r.Store).Get(r.Context(), "evt_OPEN")
		r.Must(err)
		return int(e.Version)
	}
	r.step("she asks for a place", func() []kit.UserError {
		p, err := r.Portal.Registrations.Register(stage.By(esther), events.RegisterForEventInput{Event: "evt_OPEN", Mode: events.InPerson, Consent: true, NameVisibility: events.NameNobody})
		r.Must(err)
		return p.UserErrors
	}, hers+"mail.registration.waiting")
	r.step("a place becomes free", func() []kit.UserError {
		p, err := r.Portal.Registrations.Cancel(stage.By(kit.ActingFor("usr_FOCAL", kit.RoleFocalPoint, "mem_ACTIVE")), events.CancelRegistrationInput{ID: "reg_FOCAL", ExpectedVersion: 1})
		r.Must(err)
		return p.UserErrors
	}, hers+"mail.registration.promoted")
	r.step("the event is postponed", func() []kit.UserError {
		p, err := r.Portal.Events.Postpone(stage.By(stage.Secretariat), events.PostponeEventInput{ID: "evt_OPEN", ExpectedVersion: version(), Reason: "The hall is not ready"})
		r.Must(err)
		return p.UserErrors
	}, hers+"mail.event.postponed", delegate+"mail.event.postponed")
	r.step("it takes place all the same", func() []kit.UserError {
		p, err := r.Portal.Events.Publish(stage.By(stage.Secretariat), events.PublishEventInput{ID: "evt_OPEN", ExpectedVersion: version()})
		r.Must(err)
		return p.UserErrors
	}, hers+"mail.event.rescheduled", delegate+"mail.event.rescheduled")
}

// replies is a consultation from its opening to its synthesis.
func (r *rehearsal) replies(member kit.ID, esther kit.Actor) {
	r.Helper()
	const hers = "applicant.kenya@example.org "
	others := func(key string) []string { // the focal points of the other Sector Members of the region
		return []string{"focal@example.org " + key, "leaving@example.org " + key, "person1@member012.example " + key, "suspended@example.org " + key}
	}
	secretariat := stage.By(stage.Secretariat)
	var c *consultations.Consultation
	refresh := func() {
		var err error
		c, err = consultations.ConsultationNoun.In(r.Store).Get(r.Context(), string(c.ID))
		r.Must(err)
	}
	r.step("a draft is made", func() []kit.UserError {
		p, err := r.Portal.Consultations.Create(secretariat, consultations.CreateConsultationInput{
			Code: "REHEARSAL", Statement: "lia_TESTBED", Group: "TDAG", Title: stage.English("A rehearsal"), ClosesOn: "2025-05-20", SmallestCell: 5,
			Audience:  consultations.ConsultationAudienceInput{Kinds: []membership.RespondentKind{membership.RespondentSectorMember}, Regions: []country.Region{country.RegionAFR}},
			Questions: []consultations.ConsultationQuestionInput{{Code: "Q", Topic: "1a", Kind: consultations.AskPosition, Text: stage.English("What of it?"), Required: true}},
		})
		r.Must(err)
		c = p.Consultation
		return p.UserErrors
	})
	r.step("it is opened", func() []kit.UserError {
		p, err := r.Portal.Consultations.Open(secretariat, consultations.OpenConsultationInput{ID: c.ID, ExpectedVersion: int(c.Version)})
		r.Must(err)
		return p.UserErrors
	}, append(others("mail.consultation.opened"), hers+"mail.consultation.opened")...)
	reply := consultations.SubmitFeedbackInput{
		Consultation: c.ID, Capacity: consultations.OfficialReply, Publication: consultations.Attributed, Language: kit.English,
		Answers: []consultations.FeedbackAnswerInput{{Question: "Q", Position: new(consultations.PositionSupport)}},
	}
	var x *consultations.Feedback
	r.step("she replies", func() []kit.UserError {
		p, err := r.Portal.Feedback.Submit(stage.By(esther), reply)
		r.Must(err)
		x = p.Feedback
		return p.UserErrors
	}, hers+"mail.reply.received")
	r.day = "2025-05-06"
	r.step("14 days before the end the clock reminds who has not replied", func() []kit.UserError {
		_, err := r.Portal.Participations.Tick(stage.By(stage.Operator), false)
		r.Must(err)
		return nil
	}, others("mail.consultation.reminder")...)
	r.step("she amends it", func() []kit.UserError {
		p, err := r.Portal.Feedback.Amend(stage.By(esther), consultations.AmendFeedbackInput{ID: x.ID, ExpectedVersion: int(x.StoredVersion), Answers: []consultations.FeedbackAnswerInput{{Question: "Q", Position: new(consultations.PositionOppose)}}})
		r.Must(err)
		return p.UserErrors
	}, hers+"mail.reply.amended")
	r.day = "2025-05-22"
	refresh()
	r.step("it is closed", func() []kit.UserError {
		p, err := r.Portal.Consultations.Close(secretariat, consultations.CloseConsultationInput{ID: c.ID, ExpectedVersion: int(c.Version)})
		r.Must(err)
		return p.UserErrors
	}, append(others("mail.consultation.closed"), hers+"mail.consultation.closed")...)
	var version int
	r.step("a synthesis is written", func() []kit.UserError {
		p, err := r.Portal.Synthesis.Save(secretariat, consultations.SaveSynthesisInput{Consultation: c.ID, Paragraphs: []consultations.SynthesisParagraphInput{
			{Topic: "1a", Kind: consultations.Finding, Text: stage.English("One opposes it."), Citations: []kit.ID{x.ID}},
		}})
		r.Must(err)
		if p.Synthesis != nil {
			version = int(p.Synthesis.Version)
		}
		return p.UserErrors
	})
	r.step("and published", func() []kit.UserError {
		p, err := r.Portal.Synthesis.Publish(secretariat, consultations.PublishSynthesisInput{Consultation: c.ID, ExpectedVersion: version})
		r.Must(err)
		return p.UserErrors
	}, hers+"mail.synthesis.cites")
}
