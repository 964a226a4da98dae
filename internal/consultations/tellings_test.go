package consultations_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"memberportal/internal/consultations"
	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// heardBy is a hearing of three members. The first has a second focal point and a delegate beside, the third has a focal
// point whose address was refused.
func heardBy(s scene) (h hearing, second, helper kit.Actor) {
	s.Helper()
	second, helper = kit.ActingFor("usr_SECOND", kit.RoleFocalPoint, "mem_CROWD000"), kit.ActingFor("usr_HELPER", kit.RoleDelegate, "mem_CROWD000")
	mandate := func(person kit.ID, role people.MandateRole) *people.Mandate {
		return &people.Mandate{
			ID: "man_" + person[4:], Entity: "mem_CROWD000", Person: person, Role: role, From: "2020-01-01", RecordedAt: "2020-01-01T09:00:00.000Z", RecordedBy: "usr_test", Dataset: kit.Demonstration,
		}
	}
	mandates := []*people.Mandate{mandate("usr_SECOND", people.MandateFocalPoint), mandate("usr_HELPER", people.MandateDelegate)}
	person := func(id kit.ID, address string) *people.Person {
		return &people.Person{ID: id, Name: new("Person"), Email: &address, Entities: []kit.ID{"mem_CROWD000"}, Dataset: kit.Demonstration}
	}
	s.Must(people.MandateNoun.In(s.Store).Insert(context.Background(), mandates...))
	s.Must(people.PersonNoun.In(s.Store).Insert(context.Background(), testkit.Holding(mandates, person("usr_SECOND", "second@example.org"), person("usr_HELPER", "helper@example.org"))...))
	return hear(s, 3), second, helper
}

// told are the messages that something queues, each as its key and address, in the order of these.
func (s scene) told(something func()) (all []string) {
	s.Helper()
	old := map[kit.ID]bool{}
	for _, m := range s.Outbox() {
		old[m.ID] = true
	}
	something()
	for _, m := range s.Outbox() {
		if !old[m.ID] {
			all = append(all, m.Key+" "+m.To)
			if m.Because == "" || m.Kind == nil {
				s.Errorf("%s says neither why nor what it is about", m.Key)
			}
		}
	}
	slices.Sort(all)
	return all
}

// crowd leaves out the messages to persons of the fixture.
func crowd(all []string) []string {
	return slices.DeleteFunc(all, func(m string) bool {
		_, to, _ := strings.Cut(m, " ")
		return !strings.HasPrefix(to, "crowd") && to != "second@example.org" && to != "helper@example.org"
	})
}

func (s scene) holds(what string, got []string, want ...string) {
	s.Helper()
	if !slices.Equal(got, want) {
		s.Errorf("%s: told %q, want %q", what, got, want)
	}
}

// each are the messages of a key to these addresses at example.org.
func each(key string, to ...string) []string {
	return kit.Map(to, func(name string) string { return key + " " + name + "@example.org" })
}

func TestWhoIsConsultedIsToldOfTheConsultation(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		var h hearing
		all := s.told(func() { h, _, _ = heardBy(s) })
		s.holds("opening", crowd(all), each("mail.consultation.opened", "crowd000", "crowd001", "crowd002", "second")...)
		update := func(in consultations.UpdateConsultationInput) func() {
			return func() {
				in.ID, in.ExpectedVersion = h.c.ID, int(h.c.Version)
				p, err := h.Portal.Consultations.Update(stage.By(stage.Secretariat), in)
				if err != nil || p.Consultation == nil {
					h.Fatalf("updating: %v, %s", err, stage.InJSON(p))
				}
				h.c = p.Consultation
			}
		}
		for name, c := range map[string]struct {
			in   consultations.UpdateConsultationInput
			want []string
		}{
			"an introduction": {in: consultations.UpdateConsultationInput{Introduction: kit.Some(stage.English("Please reply."))}},
			"a translation":   {in: consultations.UpdateConsultationInput{Title: kit.Some([]kit.TranslationInput{{Locale: kit.French, Text: new("Une consultation")}})}},
		} {
			s.holds(name, crowd(s.told(update(c.in))), c.want...)
		}
		s.holds("another title", crowd(s.told(update(consultations.UpdateConsultationInput{Title: kit.Some(stage.English("Another consultation"))}))),
			each("mail.consultation.changed", "crowd000", "crowd001", "crowd002", "second")...)
		s.holds("more time", crowd(s.told(update(consultations.UpdateConsultationInput{ClosesOn: kit.Some(kit.Date("2025-03-31"))}))),
			each("mail.consultation.extended", "crowd000", "crowd001", "crowd002", "second")...)
		s.holds("closing", crowd(s.told(h.close)), each("mail.consultation.closed", "crowd000", "crowd001", "crowd002", "second")...)
	})
}

func TestWhoHasNotRepliedIsRemindedOnceForEachDay(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		h, _, _ := heardBy(s)
		on := func(day int) []string {
			h.clock.set(time.Date(2025, 4, day, 12, 0, 0, 0, time.UTC), 0)
			var due []kit.Due
			got := crowd(s.told(func() {
				all, err := h.Portal.Tick(stage.By(stage.Operator), true)
				h.Must(err)
				due = slices.DeleteFunc(all, func(d kit.Due) bool { return d.Target != h.c.ID })
			}))
			if len(got) > 0 {
				s.Errorf("a dry run told %q", got)
			}
			got = crowd(s.told(func() {
				_, err := h.Portal.Tick(stage.By(stage.Operator), false)
				h.Must(err)
			}))
			if (len(due) > 0) != (len(got) > 0) {
				s.Errorf("%d April: due %s, told %q", day, stage.InJSON(due), got)
			}
			return got
		}
		payload, err := h.Portal.Consultations.Update(stage.By(stage.Secretariat), consultations.UpdateConsultationInput{ID: h.c.ID, ExpectedVersion: int(h.c.Version), ClosesOn: kit.Some(kit.Date("2025-04-20"))})
		if err != nil || payload.Consultation == nil {
			h.Fatalf("%v, %s", err, stage.InJSON(payload))
		}
		h.reply(1, consultations.Attributed)
		all := each("mail.consultation.reminder", "crowd000", "crowd002", "second")
		s.holds("15 days before", on(5))
		s.holds("14 days before", on(6), all...)
		s.holds("again", on(6))
		s.holds("5 days before", on(15))
		s.holds("2 days before, as the clock stood still on the third", on(18), all...)
		h.reply(2, consultations.Confidential)
		s.holds("on the last day", on(20), each("mail.consultation.reminder", "crowd000", "second")...)
		s.holds("after the deadline", on(21))
	})
}

func TestAReminderWaitsUntilTheConsultationIsOpenForADay(t *testing.T) {
	h, _, _ := heardBy(scene{stage.Embedded(t)}) // opened two days before its last day
	if got := h.told(func() {
		_, err := h.Portal.Tick(stage.By(stage.Operator), false)
		h.Must(err)
	}); len(crowd(got)) > 0 {
		h.Errorf("told %q", got)
	}
	h.clock.set(time.Date(2025, 3, 29, 12, 0, 0, 0, time.UTC), 0)
	h.holds("a day before", crowd(h.told(func() {
		_, err := h.Portal.Tick(stage.By(stage.Operator), false)
		h.Must(err)
	})), each("mail.consultation.reminder", "crowd000", "crowd001", "crowd002", "second")...)
}

func TestWhoSpeaksForARespondentIsToldOfItsReply(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		h, second, helper := heardBy(s)
		var x, view *consultations.Feedback
		s.holds("a reply", s.told(func() { x = h.reply(0, consultations.Attributed) }), each("mail.reply.received", "crowd000", "second")...)
		_, bodies := s.MailsTo("second@example.org")
		if all := strings.Join(bodies, "\n"); !strings.Contains(all, x.Receipt().Reference) || strings.Contains(all, "words of") || strings.Contains(all, string(x.ID)) {
			s.Errorf("the receipt reads %q", all)
		}
		s.holds("the same again", s.told(func() {
			h.amended(0, consultations.AmendFeedbackInput{ID: x.ID, ExpectedVersion: int(x.StoredVersion), Publication: new(consultations.Attributed)})
		}))
		s.holds("an amendment", s.told(func() {
			x = h.amended(0, consultations.AmendFeedbackInput{ID: x.ID, ExpectedVersion: int(x.StoredVersion), Publication: new(consultations.Anonymised)})
		}), each("mail.reply.amended", "crowd000", "second")...)
		s.holds("a withdrawal", s.told(func() {
			p, err := h.Portal.Feedback.Withdraw(stage.By(second), consultations.WithdrawFeedbackInput{ID: x.ID, ExpectedVersion: int(x.StoredVersion)})
			if err != nil || p.Feedback == nil {
				h.Fatalf("%v, %s", err, stage.InJSON(p))
			}
		}), each("mail.reply.withdrawn", "crowd000")...)
		s.holds("a reply again", s.told(func() { x = h.reply(0, consultations.Attributed) }), each("mail.reply.received", "crowd000", "second")...)
		agree := func(yes bool) func() {
			return func() {
				p, err := h.Portal.Feedback.AgreeToCitation(stage.By(second), consultations.AgreeToCitationInput{ID: x.ID, ExpectedVersion: int(x.StoredVersion), Agrees: yes})
				if err != nil || p.Feedback == nil {
					h.Fatalf("%v, %s", err, stage.InJSON(p))
				}
				x = p.Feedback
			}
		}
		s.holds("agreeing", s.told(agree(true)), each("mail.reply.mayBeCited", "crowd000")...)
		s.holds("taking that back", s.told(agree(false)), each("mail.reply.notCited", "crowd000")...)
		s.holds("a view", s.told(func() {
			in := stage.Support(h.c.ID, "my own words")
			in.Capacity = consultations.DelegateView
			view = h.HandIn(helper, in)
		}), each("mail.view.received", "helper")...)
		h.close()
		secret := func(a kit.Actor, x *consultations.Feedback) func() {
			return func() {
				p, err := h.Portal.Feedback.MakeConfidential(stage.By(a), consultations.MakeFeedbackConfidentialInput{ID: x.ID, ExpectedVersion: int(x.StoredVersion), Reason: "not to be told"})
				if err != nil || p.Feedback == nil {
					h.Fatalf("%v, %s", err, stage.InJSON(p))
				}
			}
		}
		s.holds("made confidential", s.told(secret(h.focal[0], x)), each("mail.reply.confidential", "crowd000", "second")...)
		s.holds("made confidential by the secretariat", s.told(secret(stage.Secretariat, view)), each("mail.reply.confidential", "helper")...)
		for _, m := range s.Outbox() {
			if strings.Contains(m.Body, "not to be told") {
				s.Errorf("%s tells the reason", m.Key)
			}
		}
	})
}

func TestWhoRepliedIsToldWhatBecameOfIt(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		h, _, helper := heardBy(s)
		x := h.reply(0, consultations.Attributed)
		h.reply(1, consultations.Confidential)
		in := stage.Support(h.c.ID, "my own words")
		in.Capacity = consultations.DelegateView
		h.HandIn(helper, in)
		h.close()
		secretariat := stage.By(stage.Secretariat)
		var version int
		s.holds("a draft", s.told(func() {
			saved, err := h.Portal.Synthesis.Save(secretariat, consultations.SaveSynthesisInput{Consultation: h.c.ID, Paragraphs: []consultations.SynthesisParagraphInput{
				{Topic: "1a", Kind: consultations.Finding, Text: stage.English("They support it."), Citations: []kit.ID{x.ID}},
			}})
			if err != nil || saved.Synthesis == nil {
				h.Fatalf("%v, %s", err, stage.InJSON(saved))
			}
			version = int(saved.Synthesis.Version)
		}))
		s.holds("publishing", s.told(func() {
			p, err := h.Portal.Synthesis.Publish(secretariat, consultations.PublishSynthesisInput{Consultation: h.c.ID, ExpectedVersion: version})
			if err != nil || p.Synthesis == nil {
				h.Fatalf("%v, %s", err, stage.InJSON(p))
			}
			version = int(p.Synthesis.Version)
		}), slices.Concat(each("mail.synthesis.cites", "crowd000", "second"), each("mail.synthesis.published", "crowd001", "helper"))...)
		decide := func(topic string) func() {
			return func() {
				p, err := h.Portal.Synthesis.RecordDecision(secretariat, consultations.RecordDecisionInput{
					Consultation: h.c.ID, ExpectedVersion: version, Topic: topic, Body: "COUNCIL", Text: stage.English("Taken up."), DecidedOn: "2025-03-28", Source: "Test",
				})
				if err != nil || p.Synthesis == nil {
					h.Fatalf("%v, %s", err, stage.InJSON(p))
				}
				version = int(p.Synthesis.Version)
			}
		}
		s.holds("a decision", s.told(decide("1a")), each("mail.decision.recorded", "crowd000", "crowd001", "helper", "second")...)
		s.holds("a decision on what nobody answered", s.told(decide("1b")))
	})
}

func TestServiceFeedbackAndStatementsAreTold(t *testing.T) {
	s := scene{stage.Embedded(t)}
	h, _, helper := heardBy(s)
	staff := people.Grant{ID: "grt_1", From: "2020-01-01", GrantedAt: "2020-01-01T09:00:00.000Z", GrantedBy: "usr_test"}
	for name, g := range map[string]people.Grant{
		"consulting": {Role: kit.RoleSecretariat, Areas: []kit.StaffArea{kit.AreaConsultations}}, "billing": {Role: kit.RoleSecretariat, Areas: []kit.StaffArea{kit.AreaFinance}},
		"reading": {Role: kit.RoleReviewer, Groups: []string{"TDAG"}}, "elsewhere": {Role: kit.RoleReviewer, Groups: []string{"TSAG"}},
	} {
		g.ID, g.From, g.GrantedAt, g.GrantedBy = staff.ID, staff.From, staff.GrantedAt, staff.GrantedBy
		s.Must(people.PersonNoun.In(s.Store).Insert(context.Background(), &people.Person{
			ID: kit.ID("usr_staff" + name), Name: &name, Email: new(name + "@staff.example"), Entities: []kit.ID{}, Grants: []people.Grant{g}, Dataset: kit.Demonstration,
		}))
	}
	own := func(all []string) []string {
		return slices.DeleteFunc(all, func(m string) bool {
			return !strings.HasSuffix(m, "@staff.example") && !strings.HasSuffix(m, "helper@example.org")
		})
	}
	var given *consultations.ServiceFeedback
	s.holds("service feedback", own(s.told(func() {
		p, err := h.Portal.ServiceFeedback.Submit(stage.By(helper), consultations.SubmitServiceFeedbackInput{Area: consultations.AreaTool, Subject: "Not to be told", Text: "Nor this.", Language: kit.English})
		if err != nil || p.ServiceFeedback == nil {
			s.Fatalf("%v, %s", err, stage.InJSON(p))
		}
		given = p.ServiceFeedback
	})), "mail.serviceFeedback.received consulting@staff.example")
	s.holds("its answer", s.told(func() {
		p, err := h.Portal.ServiceFeedback.Answer(stage.By(stage.Secretariat), consultations.AnswerServiceFeedbackInput{ID: given.ID, ExpectedVersion: int(given.Version), Text: "Nor that."})
		if err != nil || p.ServiceFeedback == nil {
			s.Fatalf("%v, %s", err, stage.InJSON(p))
		}
	}), "mail.serviceFeedback.answered helper@example.org")
	s.holds("a statement", own(s.told(func() {
		p, err := h.Portal.LiaisonStatements.Create(stage.By(stage.Secretariat), consultations.CreateLiaisonStatementInput{
			Reference: "NEW-LS/1", Source: "CWG-NEW", Title: stage.English("New"), Addressees: []consultations.LiaisonAddresseeInput{{Group: "TDAG", Role: consultations.ForAction}},
			Pillars: []consultations.LiaisonPillarInput{{Code: "1", Title: stage.English("One"), Topics: []consultations.LiaisonTopicInput{{Code: "1a", Title: stage.English("One a")}}}},
		})
		if err != nil || p.LiaisonStatement == nil {
			s.Fatalf("%v, %s", err, stage.InJSON(p))
		}
	})), "mail.statement.recorded reading@staff.example")
	for _, m := range s.Outbox() {
		if strings.Contains(m.Body+m.Subject, "ot to be told") || strings.Contains(m.Body, "Nor th") {
			s.Errorf("%s tells what was written", m.Key)
		}
	}
}
