package events_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/events"
	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/store"
	"memberportal/internal/testkit/stage"
)

// proposes submits a topic of mem_ACTIVE to the series ser_TESTBED.
func (s scene) proposes(a kit.Actor) *events.SubmitContributionPayload {
	s.Helper()
	p, err := s.Portal.Contributions.Submit(stage.By(a), events.SubmitContributionInput{
		Series: new(kit.ID("ser_TESTBED")), Entity: new(kit.ID("mem_ACTIVE")), Title: "A secret title", Abstract: "What", Language: kit.English,
	})
	s.Must(err)
	return p
}

// taken accepts ctr_TOPIC for an event.
func (s scene) taken(version int, event kit.ID) []kit.UserError {
	s.Helper()
	p, err := s.Portal.Contributions.Decide(stage.By(stage.Secretariat), events.DecideContributionInput{ID: "ctr_TOPIC", ExpectedVersion: version, Decision: events.AcceptContribution, Event: &event})
	s.Must(err)
	return p.UserErrors
}

// hide makes that only the audience knows of an event.
func hide(e *events.Event) { e.Visibility = events.VisibleAudience }

func (s scene) topic() *events.Contribution {
	s.Helper()
	c, err := events.ContributionNoun.In(s.Store).Get(context.Background(), "ctr_TOPIC")
	s.Must(err)
	return c
}

// TestATopicGoesFromASeriesToTheDocumentsOfAnEvent walks the whole way: accepted without an event, taken up, returned for
// its document although the event has no call, changed, accepted and published.
func TestATopicGoesFromASeriesToTheDocumentsOfAnEvent(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		decide := func(version int, change func(in *events.DecideContributionInput)) []string {
			in := events.DecideContributionInput{ID: "ctr_TOPIC", ExpectedVersion: version, Decision: events.AcceptContribution}
			change(&in)
			p, err := s.Portal.Contributions.Decide(stage.By(stage.Secretariat), in)
			s.Must(err)
			return stage.FaultsOf(p.UserErrors)
		}
		publish := func(in *events.DecideContributionInput) { in.Decision = events.PublishContribution }
		expect := func(what string, got []string, want ...string) {
			s.Helper()
			if !slices.Equal(got, want) {
				s.Errorf("%s: %q, want %q", what, got, want)
			}
		}
		expect("publishing without an event", decide(1, publish), "NOT_ALLOWED_IN_STATE input.decision")
		expect("accepting", decide(1, func(*events.DecideContributionInput) {}))
		expect("accepting again without an event", decide(2, func(*events.DecideContributionInput) {}), "NOT_ALLOWED_IN_STATE input.id")
		for event, want := range map[kit.ID]string{"evt_NONE": "UNKNOWN_REFERENCE input.event", "evt_CANCELLED": "NOT_ALLOWED_IN_STATE input.event"} {
			expect(string(event), decide(2, func(in *events.DecideContributionInput) { in.Event = &event }), want)
		}
		other, err := s.Portal.Events.ByCode(stage.By(stage.Secretariat), "GSR_24")
		s.Must(err)
		expect("an event of another series", decide(2, func(in *events.DecideContributionInput) { in.Event = &other.ID }), "INVALID input.event")
		expect("a draft", decide(2, func(in *events.DecideContributionInput) { in.Event = new(kit.ID("evt_DRAFT")) }))
		expect("the same draft again", decide(3, func(in *events.DecideContributionInput) { in.Event = new(kit.ID("evt_DRAFT")) }), "NOT_ALLOWED_IN_STATE input.id")
		seen, err := kit.One(stage.By(focal), s.Portal.Contributions.ByIDs, "ctr_TOPIC")
		s.Must(err)
		if e, err := s.Portal.Contributions.EventOf(stage.By(focal), seen); err != nil || e != nil {
			s.Errorf("the member sees the draft: %v, %v", e, err)
		}
		expect("another event", decide(3, func(in *events.DecideContributionInput) { in.Event = new(kit.ID("evt_PART")) }))
		expect("publishing without a document", decide(4, publish), "NOT_ALLOWED_IN_STATE input.decision")
		expect("an event to return it", decide(4, func(in *events.DecideContributionInput) {
			in.Decision, in.Reason, in.Event = events.ReturnContribution, new("Slides?"), new(kit.ID("evt_PART"))
		}), "INVALID input.event")
		expect("returning", decide(4, func(in *events.DecideContributionInput) {
			in.Decision, in.Reason = events.ReturnContribution, new("Slides?")
		}))
		amended, err := s.Portal.Contributions.Amend(stage.By(focal), events.AmendContributionInput{
			ID: "ctr_TOPIC", ExpectedVersion: 5, Source: &files.DocumentSourceInput{Link: new("https://docs.example/slides")},
		})
		s.Must(err)
		s.none(amended.UserErrors)
		expect("publishing", decide(6, publish))
		c := s.topic()
		if c.Status != events.ContributionPublished || kit.Deref(c.EventID) != "evt_PART" || kit.Deref(c.SeriesID) != "ser_TESTBED" {
			s.Errorf("stored %s", stage.InJSON(c))
		}
		if d := s.event("evt_PART").StoredDocuments; len(d) != 1 || d[0].StoredURL != "https://docs.example/slides" {
			s.Errorf("the documents of the event: %s", stage.InJSON(d))
		}
	})
}

// TestAMemberHasSoManyOpenTopicsInASeries counts what waits for the secretariat or for the member, and nothing else.
func TestAMemberHasSoManyOpenTopicsInASeries(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		for range 19 { // ctr_TOPIC is there
			s.none(s.proposes(focal).UserErrors)
		}
		if got := stage.FaultsOf(s.proposes(focal).UserErrors); !slices.Equal(got, []string{"FULL input.series"}) {
			s.Errorf("the 21st topic: %q", got)
		}
		s.decides("ctr_TOPIC", events.ReturnContribution)
		if got := stage.FaultsOf(s.proposes(focal).UserErrors); !slices.Equal(got, []string{"FULL input.series"}) {
			s.Errorf("with one of them returned: %q", got)
		}
		withdrawn, err := s.Portal.Contributions.Withdraw(stage.By(focal), events.WithdrawContributionInput{ID: "ctr_TOPIC", ExpectedVersion: 2})
		s.Must(err)
		s.none(withdrawn.UserErrors)
		s.none(s.proposes(focal).UserErrors)
	})
}

// TestALetterNamesTheSeriesWhileThereIsNoEvent holds for each step, and that a draft is named to nobody but the secretariat.
func TestALetterNamesTheSeriesWhileThereIsNoEvent(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.none(s.proposes(focal).UserErrors)
	s.none(s.taken(1, "evt_DRAFT"))
	for _, m := range s.Outbox() {
		if kit.Deref(m.Kind) == string(kit.AboutContribution) && (!strings.Contains(m.Subject, "Testbed briefings") || strings.Contains(m.Subject+m.Body, "DRAFT")) || strings.Contains(m.Body, "secret title") {
			t.Errorf("%s: %s\n%s", m.Key, m.Subject, m.Body)
		}
	}
	s.none(s.taken(2, "evt_PART"))
	_, mails := s.MailsTo("focal@example.org")
	if all := strings.Join(mails, ""); !strings.Contains(all, "Testbed briefing PART takes up the topic that you proposed to Testbed briefings.") || !strings.Contains(all, "/events/evt_PART") {
		t.Errorf("%q", mails)
	}
}

// TestAContributionIsToAnEventOrASeries: one to neither cannot be stored.
func TestAContributionIsToAnEventOrASeries(t *testing.T) {
	s := scene{stage.Embedded(t)}
	c := s.topic()
	c.SeriesID = nil
	if err := events.ContributionNoun.In(s.Store).Replace(context.Background(), c); err == nil {
		t.Error("it is stored")
	}
	plan, err := events.ContributionNoun.In(s.Store).Plan(store.Query{Any: []store.Where{{"event": {"evt_OPEN"}}}, Sort: "submittedAt"})
	s.Must(err)
	if n, err := events.ContributionNoun.In(s.Store).Count(context.Background(), plan, store.Bounds{}); err != nil || n != 1 {
		t.Errorf("the event has %d contributions, %v", n, err)
	}
}
