package events_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/events"
	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

var (
	focal     = kit.ActingFor("usr_FOCAL", kit.RoleFocalPoint, "mem_ACTIVE")
	colleague = kit.ActingFor("usr_COLLEAGUE", kit.RoleDelegate, "mem_ACTIVE")
	minister  = kit.ActingFor("usr_MINISTER", kit.RoleAdministration, "cty_UG")
)

// told is what a step is to tell: the addresses and keys of mails.
func (s scene) told(step func()) (all []string) {
	s.Helper()
	before := map[kit.ID]bool{}
	for _, m := range s.Outbox() {
		before[m.ID] = true
	}
	noticed := stage.Count(s, people.NotificationNoun.In(s.Store), "at")
	step()
	persons := int64(0)
	for _, m := range s.Outbox() {
		if before[m.ID] {
			continue
		}
		if strings.ContainsAny(m.Subject+m.Body, "{}") {
			s.Errorf("%s is not filled: %s\n%s", m.Key, m.Subject, m.Body)
		}
		all = append(all, m.To+" "+m.Key)
		if !strings.HasSuffix(m.To, "@sesame.example") && !strings.HasSuffix(m.To, "@example.com") && m.Key != "mail.registration.made" {
			persons++
		}
	}
	if now := stage.Count(s, people.NotificationNoun.In(s.Store), "at"); now != noticed+persons {
		s.Errorf("%d notifications, %d mails to persons", now-noticed, persons)
	}
	slices.Sort(all)
	return all
}

func (s scene) registers(a kit.Actor, event kit.ID, mode events.AttendanceMode) {
	s.Helper()
	p, err := s.Portal.Registrations.Register(stage.By(a), events.RegisterForEventInput{
		Event: event, Mode: mode, Consent: true, NameVisibility: events.NameNobody,
	})
	s.Must(err)
	s.none(p.UserErrors)
}

func (s scene) none(faults []kit.UserError) {
	s.Helper()
	if len(faults) > 0 {
		s.Fatal(stage.FaultsOf(faults))
	}
}

func (s scene) version(id kit.ID) int {
	s.Helper()
	r, err := events.RegistrationNoun.In(s.Store).Get(context.Background(), string(id))
	s.Must(err)
	return int(r.Version)
}

func (s scene) cancels(a kit.Actor, id kit.ID) {
	s.Helper()
	p, err := s.Portal.Registrations.Cancel(stage.By(a), events.CancelRegistrationInput{ID: id, ExpectedVersion: s.version(id)})
	s.Must(err)
	s.none(p.UserErrors)
}

func (s scene) updates(change func(in *events.UpdateEventInput)) {
	s.Helper()
	in := events.UpdateEventInput{ID: "evt_OPEN", ExpectedVersion: int(s.event("evt_OPEN").Version)}
	change(&in)
	p, err := s.Portal.Events.Update(stage.By(stage.Secretariat), in)
	s.Must(err)
	s.none(p.UserErrors)
}

func (s scene) postpones() {
	s.Helper()
	p, err := s.Portal.Events.Postpone(stage.By(stage.Secretariat), events.PostponeEventInput{ID: "evt_OPEN", ExpectedVersion: int(s.event("evt_OPEN").Version), Reason: "why"})
	s.Must(err)
	s.none(p.UserErrors)
}

func (s scene) publishes(readers events.EventReaders) {
	s.Helper()
	p, err := s.Portal.Events.PublishDocument(stage.By(stage.Secretariat), events.PublishEventDocumentInput{
		EventID: "evt_OPEN", ExpectedVersion: int(s.event("evt_OPEN").Version), Kind: "OTHER", Title: stage.English("The paper"), Source: files.DocumentSourceInput{Link: new("https://docs.example/paper")},
		Language: kit.English, Date: testkit.Today, Readers: readers,
	})
	s.Must(err)
	s.none(p.UserErrors)
}

func (s scene) submits(a kit.Actor) kit.ID {
	s.Helper()
	p, err := s.Portal.Contributions.Submit(stage.By(a), events.SubmitContributionInput{
		Event: new(kit.ID("evt_OPEN")), Entity: new(kit.ID("mem_ACTIVE")), Title: "A secret title", Abstract: "What", Source: &files.DocumentSourceInput{Link: new("https://docs.example/c")}, Language: kit.English, Topic: new("GUIDELINE_1"),
	})
	s.Must(err)
	s.none(p.UserErrors)
	return p.Contribution.ID
}

func (s scene) decides(id kit.ID, d events.ContributionDecision) {
	s.Helper()
	p, err := s.Portal.Contributions.Decide(stage.By(stage.Secretariat), events.DecideContributionInput{ID: id, ExpectedVersion: 1, Decision: d, Reason: new("Your figures are wrong")})
	s.Must(err)
	s.none(p.UserErrors)
}

// TestWhoIsToldOfWhatHappensAtEvents has a row for each row of the table of messages of this room, and for each limit of
// it. Whoever is not named is told nothing.
func TestWhoIsToldOfWhatHappensAtEvents(t *testing.T) {
	const delegates, focals, ministers = "delegate@example.org ", "focal@example.org ", "minister@example.org "
	const staff, seeded, head = "events@example.org ", "person2@bureau.example ", "secretariat@example.org "
	var made kit.ID
	for name, row := range map[string]struct {
		before, step func(s scene)
		want         []string
	}{
		"a delegate asks for a place": {nil, func(s scene) { s.registers(colleague, "evt_OPEN", events.Remote) }, []string{"colleague@example.org mail.registration.received", focals + "mail.registration.requested"}},
		"the focal point confirms": {nil, func(s scene) {
			p, err := s.Portal.Registrations.Confirm(stage.By(focal), events.ConfirmRegistrationInput{ID: "reg_ASKED", ExpectedVersion: 1})
			s.Must(err)
			s.none(p.UserErrors)
		}, []string{delegates + "mail.registration.confirmed"}},
		"who speaks for a State registers itself":           {nil, func(s scene) { s.registers(minister, "evt_OPEN", events.Remote) }, []string{ministers + "mail.registration.confirmed"}},
		"who speaks for a State registers itself and waits": {nil, func(s scene) { s.registers(minister, "evt_OPEN", events.InPerson) }, []string{ministers + "mail.registration.waiting"}},
		"another person cancels":                            {nil, func(s scene) { s.cancels(focal, "reg_ASKED") }, []string{delegates + "mail.registration.cancelled"}},
		"the person cancels":                                {nil, func(s scene) { s.cancels(stage.DelegateOfActive, "reg_ASKED") }, nil},
		"a place becomes free": {
			func(s scene) { s.registers(minister, "evt_OPEN", events.InPerson) },
			func(s scene) { s.cancels(focal, "reg_FOCAL") }, []string{ministers + "mail.registration.promoted"},
		},
		"a place is added": {
			func(s scene) { s.registers(minister, "evt_OPEN", events.InPerson) },
			func(s scene) {
				s.updates(func(in *events.UpdateEventInput) {
					in.Registration = kit.Some(events.EventRegistrationInput{CapacityInPerson: new(2), WaitingList: true, Questions: []events.RegistrationQuestionInput{{Code: "NEEDS", Text: stage.English("What do you need?")}}})
				})
			}, []string{ministers + "mail.registration.promoted"},
		},
		"the place changes": {nil, func(s scene) {
			s.updates(func(in *events.UpdateEventInput) { in.Venue = kit.Some("Hall 2") })
		}, []string{delegates + "mail.event.changed", focals + "mail.event.changed"}},
		"the last day becomes known": {func(s scene) {
			s.updates(func(in *events.UpdateEventInput) {
				in.Time = kit.Some(events.EventTimeInput{StartsOn: new(kit.Date("2025-06-10")), LastDayUnknown: true, Zone: new("Africa/Kampala")})
			})
		}, func(s scene) {
			s.updates(func(in *events.UpdateEventInput) {
				in.Time = kit.Some(events.EventTimeInput{StartsOn: new(kit.Date("2025-06-10")), EndsOn: new(kit.Date("2025-06-12")), Zone: new("Africa/Kampala")})
			})
		}, []string{delegates + "mail.event.changed", focals + "mail.event.changed"}},
		"the title changes": {nil, func(s scene) {
			s.updates(func(in *events.UpdateEventInput) { in.Title = kit.Some(stage.English("Another name")) })
		}, nil},
		"the place of a postponed event changes": {scene.postpones, func(s scene) {
			s.updates(func(in *events.UpdateEventInput) { in.Venue = kit.Some("Hall 2") })
		}, nil},
		"an event is postponed": {nil, scene.postpones, []string{delegates + "mail.event.postponed", focals + "mail.event.postponed"}},
		"it is published again": {scene.postpones, func(s scene) {
			p, err := s.Portal.Events.Publish(stage.By(stage.Secretariat), events.PublishEventInput{ID: "evt_OPEN", ExpectedVersion: int(s.event("evt_OPEN").Version)})
			s.Must(err)
			s.none(p.UserErrors)
		}, []string{delegates + "mail.event.rescheduled", focals + "mail.event.rescheduled"}},
		"a draft is published": {nil, func(s scene) {
			p, err := s.Portal.Events.Publish(stage.By(stage.Secretariat), events.PublishEventInput{ID: "evt_DRAFT", ExpectedVersion: 1})
			s.Must(err)
			s.none(p.UserErrors)
		}, nil},
		"an event is cancelled, to which a guest comes": {
			func(s scene) { s.accepts(invited(s, nil)) },
			func(s scene) {
				p, err := s.Portal.Events.Cancel(stage.By(stage.Secretariat), events.CancelEventInput{ID: "evt_OPEN", ExpectedVersion: int(s.event("evt_OPEN").Version), Reason: "why"})
				s.Must(err)
				s.none(p.UserErrors)
			}, []string{"ali@sesame.example mail.event.cancelled", delegates + "mail.event.cancelled", focals + "mail.event.cancelled"},
		},
		"a document for all": {func(s scene) { s.accepts(invited(s, nil)) }, func(s scene) { s.publishes(events.ReadersPublic) }, []string{
			"ali@sesame.example mail.document.public", focals + "mail.document.public",
		}},
		"a document for participants":    {func(s scene) { s.accepts(invited(s, nil)) }, func(s scene) { s.publishes(events.ReadersParticipants) }, []string{focals + "mail.document.restricted"}},
		"a document for the secretariat": {nil, func(s scene) { s.publishes(events.ReadersSecretariat) }, nil},
		"a contribution is submitted": {nil, func(s scene) { s.submits(stage.DelegateOfActive) }, []string{
			delegates + "mail.contribution.received", staff + "mail.contribution.submitted", seeded + "mail.contribution.submitted", head + "mail.contribution.submitted",
		}},
		"a contribution is amended": {nil, func(s scene) {
			p, err := s.Portal.Contributions.Amend(stage.By(stage.DelegateOfActive), events.AmendContributionInput{ID: "ctr_SENT", ExpectedVersion: 1, Title: kit.Some("New")})
			s.Must(err)
			s.none(p.UserErrors)
		}, []string{staff + "mail.contribution.amended", seeded + "mail.contribution.amended", head + "mail.contribution.amended"}},
		"a contribution is withdrawn": {nil, func(s scene) {
			p, err := s.Portal.Contributions.Withdraw(stage.By(stage.DelegateOfActive), events.WithdrawContributionInput{ID: "ctr_SENT", ExpectedVersion: 1})
			s.Must(err)
			s.none(p.UserErrors)
		}, []string{staff + "mail.contribution.withdrawn", seeded + "mail.contribution.withdrawn", head + "mail.contribution.withdrawn"}},
		"the secretariat withdraws a contribution": {nil, func(s scene) {
			p, err := s.Portal.Contributions.Withdraw(stage.By(stage.Secretariat), events.WithdrawContributionInput{ID: "ctr_SENT", ExpectedVersion: 1})
			s.Must(err)
			s.none(p.UserErrors)
		}, []string{staff + "mail.contribution.withdrawn", focals + "mail.contribution.takenBack", seeded + "mail.contribution.withdrawn"}},
		"a topic is submitted": {nil, func(s scene) { s.proposes(stage.DelegateOfActive) }, []string{
			delegates + "mail.contribution.received", staff + "mail.contribution.submitted", seeded + "mail.contribution.submitted", head + "mail.contribution.submitted",
		}},
		"a topic is withdrawn": {nil, func(s scene) {
			p, err := s.Portal.Contributions.Withdraw(stage.By(stage.Secretariat), events.WithdrawContributionInput{ID: "ctr_TOPIC", ExpectedVersion: 1})
			s.Must(err)
			s.none(p.UserErrors)
		}, []string{staff + "mail.contribution.withdrawn", focals + "mail.contribution.takenBack", seeded + "mail.contribution.withdrawn"}},
		"a topic is accepted":                {nil, func(s scene) { s.decides("ctr_TOPIC", events.AcceptContribution) }, []string{focals + "mail.contribution.topicAccepted"}},
		"a topic is returned":                {nil, func(s scene) { s.decides("ctr_TOPIC", events.ReturnContribution) }, []string{focals + "mail.contribution.returned"}},
		"an event takes a topic up":          {nil, func(s scene) { s.none(s.taken(1, "evt_PART")) }, []string{focals + "mail.contribution.takenUp"}},
		"a draft takes a topic up":           {nil, func(s scene) { s.none(s.taken(1, "evt_DRAFT")) }, []string{focals + "mail.contribution.topicAccepted"}},
		"an event for others takes it up":    {nil, func(s scene) { s.altered("evt_SG1", hide); s.none(s.taken(1, "evt_SG1")) }, []string{focals + "mail.contribution.topicAccepted"}},
		"an event takes it up after a draft": {func(s scene) { s.none(s.taken(1, "evt_DRAFT")) }, func(s scene) { s.none(s.taken(2, "evt_PART")) }, []string{focals + "mail.contribution.takenUp"}},
		"a contribution is accepted":         {func(s scene) { made = s.submits(stage.DelegateOfActive) }, func(s scene) { s.decides(made, events.AcceptContribution) }, []string{delegates + "mail.contribution.accepted", focals + "mail.contribution.accepted"}},
		"a contribution is returned":         {func(s scene) { made = s.submits(focal) }, func(s scene) { s.decides(made, events.ReturnContribution) }, []string{focals + "mail.contribution.returned"}},
		"a contribution is published":        {func(s scene) { made = s.submits(colleague) }, func(s scene) { s.decides(made, events.PublishContribution) }, []string{"colleague@example.org mail.contribution.published", focals + "mail.contribution.published"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := scene{stage.Embedded(t)}
			if row.before != nil {
				row.before(s)
			}
			if got := s.told(func() { row.step(s) }); !slices.Equal(got, row.want) {
				t.Errorf("got  %q\nwant %q", got, row.want)
			}
		})
	}
}

func (s scene) accepts(code string) {
	s.Helper()
	in := acceptance(code)
	p, err := s.Portal.Guests.Accept(kit.WithLocale(stage.By(stage.Nobody), kit.French), in)
	s.Must(err)
	s.none(p.UserErrors)
}

// TestRegistrantsReadWhenAndWhere reads letters as they arrive.
func TestRegistrantsReadWhenAndWhere(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		code := invited(s, nil)
		if got := s.told(func() { s.accepts(code) }); !slices.Equal(got, []string{"ali@sesame.example mail.registration.confirmed"}) {
			t.Errorf("a guest: %q", got)
		}
		s.registers(minister, "evt_OPEN", events.InPerson)
		_, mails := s.MailsTo("minister@example.org")
		for _, part := range []string{"Testbed briefing OPEN", "Your place in the queue: 1.", "10 June 2025, 09:00 – 17:00 (Africa/Kampala)", "Hall 1, Kampala, Uganda", "/events/evt_OPEN"} {
			if !strings.Contains(strings.Join(mails, ""), part) {
				t.Errorf("%q is not in %q", part, mails)
			}
		}
		_, mails = s.MailsTo("ali@sesame.example")
		if all := strings.Join(mails, ""); !strings.Contains(all, "Séance d’information OPEN") || !strings.Contains(all, "vous avez une place") || !strings.Contains(all, "10 juin 2025") {
			t.Errorf("a guest reads in the language in which it accepted: %q", mails)
		}
	})
}

// TestNoContributionIsNamedBeforeItIsPublished holds for all who are told of it.
func TestNoContributionIsNamedBeforeItIsPublished(t *testing.T) {
	s := scene{stage.Embedded(t)}
	id := s.submits(stage.DelegateOfActive)
	s.decides(id, events.ReturnContribution)
	for _, m := range s.Outbox() {
		if strings.Contains(m.Subject+m.Body, "secret title") || strings.Contains(m.Body, "figures") {
			t.Errorf("%s: %s", m.Key, m.Body)
		}
	}
}

// TestEverybodyAtALargeEventIsToldOnce also counts: a page of registrations costs the same for 1 as for 100.
func TestEverybodyAtALargeEventIsToldOnce(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		var all []*events.Registration
		for i := range 230 {
			all = append(all, &events.Registration{
				ID: kit.ID(fmt.Sprintf("reg_MANY%03d", i)), EventID: "evt_OPEN", Kind: events.RegistrantGuest, Mode: events.Remote, Status: events.RegistrationConfirmed,
				Order: int64(i + 2), Guest: &events.Guest{Name: "Guest", Email: fmt.Sprintf("guest%d@example.com", i), Organisation: "Guests"}, NameVisibility: events.NameNobody,
				StoredAnswers: []events.RegistrationAnswer{}, ConsentedAt: "2025-02-01T09:00:00.000Z", RegisteredAt: "2025-02-01T09:00:00.000Z",
				Changes: []events.RegistrationChange{}, Dataset: kit.Demonstration,
			})
		}
		// One person comes for two members, and is on two pages.
		for i, entity := range []kit.ID{"mem_INTERNATIONAL", "mem_SUSPENDED"} {
			all = append(all, &events.Registration{
				ID: kit.ID(fmt.Sprintf("reg_TWICE%d", i)), EventID: "evt_OPEN", EntityID: &entity, PersonID: new(kit.ID("usr_ABROAD")), Kind: "SECTOR_MEMBER", Mode: events.Remote,
				Status: events.RegistrationConfirmed, Order: int64(2 + 220*i), NameVisibility: events.NameNobody, StoredAnswers: []events.RegistrationAnswer{},
				ConsentedAt: "2025-02-01T09:00:00.000Z", RegisteredAt: "2025-02-01T09:00:00.000Z", Changes: []events.RegistrationChange{}, Dataset: kit.Demonstration,
			})
		}
		s.Must(events.RegistrationNoun.In(s.Store).Insert(context.Background(), all...))
		got := s.told(s.postpones)
		if len(got) != 233 || len(slices.Compact(slices.Clone(got))) != 233 || !slices.Contains(got, "abroad@example.org mail.event.postponed") || !slices.Contains(got, "guest229@example.com mail.event.postponed") {
			t.Errorf("%d messages, %d different", len(got), len(slices.Compact(got)))
		}
	})
}
