package events_test

import (
	"slices"
	"strings"
	"testing"

	"memberportal/internal/events"
	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/testkit/stage"
)

// event is an event as the secretariat sees it.
func (s scene) event(id kit.ID) *events.Event {
	s.Helper()
	e, err := s.Portal.Events.Get(stage.By(stage.Secretariat), id)
	s.Must(err)
	return e
}

func TestEveryMoveOfAnEventIsAllowedByTheTableOrRefused(t *testing.T) {
	in := map[events.EventStatus]kit.ID{
		events.EventDraft: "evt_DRAFT", events.EventPublished: "evt_OPEN", events.EventPostponed: "evt_POSTPONED", events.EventCancelled: "evt_CANCELLED", events.EventOver: "evt_PAST",
	}
	allowed := map[events.EventStatus][]events.EventStatus{
		events.EventPublished: {events.EventDraft, events.EventPostponed},
		events.EventPostponed: {events.EventPublished},
		events.EventCancelled: {events.EventDraft, events.EventPublished, events.EventPostponed},
	}
	for to, from := range allowed {
		for status, id := range in {
			t.Run(string(status)+" to "+string(to), func(t *testing.T) {
				s := scene{stage.Embedded(t)}
				before := s.event(id)
				var faults []kit.UserError
				var err error
				switch to {
				case events.EventPublished:
					var p *events.PublishEventPayload
					p, err = s.Portal.Events.Publish(stage.By(stage.Secretariat), events.PublishEventInput{ID: id, ExpectedVersion: 1})
					faults = p.UserErrors
				case events.EventPostponed:
					var p *events.PostponeEventPayload
					p, err = s.Portal.Events.Postpone(stage.By(stage.Secretariat), events.PostponeEventInput{ID: id, ExpectedVersion: 1, Reason: "why"})
					faults = p.UserErrors
				case events.EventCancelled:
					var p *events.CancelEventPayload
					p, err = s.Portal.Events.Cancel(stage.By(stage.Secretariat), events.CancelEventInput{ID: id, ExpectedVersion: 1, Reason: "why"})
					faults = p.UserErrors
				}
				s.Must(err)
				after := s.event(id)
				if !slices.Contains(from, status) {
					if !slices.Equal(stage.FaultsOf(faults), []string{"NOT_ALLOWED_IN_STATE input.id"}) || after.Version != 1 || after.Status() != status || len(after.Changes) != len(before.Changes) {
						t.Errorf("%q; now %s, version %d", stage.FaultsOf(faults), after.Status(), after.Version)
					}
					return
				}
				change := after.Changes[len(after.Changes)-1]
				if len(faults) > 0 || after.Status() != to || after.Version != 2 || len(after.Changes) != len(before.Changes)+1 || change.Status != to || change.Actor != stage.Secretariat.Subject {
					t.Errorf("%q; now %s, version %d, %+v", stage.FaultsOf(faults), after.Status(), after.Version, after.Changes)
				}
				if quiet := status == events.EventDraft; (after.Sequence == before.Sequence) != quiet {
					t.Errorf("the sequence went from %d to %d", before.Sequence, after.Sequence)
				}
			})
		}
	}
}

func TestHostileTextsOfAnEventAreRefusedAndLeaveNothing(t *testing.T) {
	s := scene{stage.Embedded(t)}
	long := strings.Repeat("я", 200_000)
	for name, c := range map[string]struct {
		text string
		code string
	}{
		"200,000 characters": {long, "TOO_LONG"},
		"blanks only":        {" \t\n ", "REQUIRED"},
		"a null byte":        {"a\x00b", "INVALID"},
		"an escape":          {"a\x1b[31mb", "INVALID"},
		"no UTF-8":           {"a\xffb", "INVALID"},
	} {
		stage.Run(s, name, func(s scene) {
			text := []kit.TranslationInput{{Locale: kit.English, Text: &c.text}}
			before := s.Records()
			p, err := s.Portal.Events.Update(stage.By(stage.Secretariat), events.UpdateEventInput{
				ID: "evt_OPEN", ExpectedVersion: 1, Title: kit.Some(text), Summary: kit.Some(text), PracticalInformation: kit.Some(text), City: kit.Some(text),
				Venue: kit.Some(c.text), Source: kit.Some(c.text), Links: kit.Some([]events.EventLinkInput{{Title: c.text, URL: "https://a.example"}}),
				Sessions:      kit.Some([]events.EventSessionInput{{Title: text, Roles: []events.EventRoleInput{{Role: "CHAIR", Name: c.text, Affiliation: &c.text}}}}),
				Contributions: kit.Some(events.CallForContributionsInput{ClosesOn: "2025-05-01", Topics: []events.ContributionTopicInput{{Code: "A", Title: text}}}),
			})
			s.Must(err)
			want := []string{
				"input.title.0.text", "input.summary.0.text", "input.practicalInformation.0.text", "input.city.0.text", "input.venue", "input.source", "input.links.0.title",
				"input.sessions.0.title.0.text", "input.sessions.0.roles.0.name", "input.sessions.0.roles.0.affiliation", "input.contributions.topics.0.title.0.text",
			}
			for i := range want {
				want[i] = c.code + " " + want[i]
			}
			slices.Sort(want)
			if got := stage.FaultsOf(p.UserErrors); !slices.Equal(got, want) || p.Event != nil {
				s.Errorf("got %q\nwant %q", got, want)
			}
			for _, f := range p.UserErrors {
				if len(f.Message) > 500 {
					s.Errorf("the message of %q repeats the text", f.Field)
				}
			}
			if audit, notices := s.Records().Since(before); len(audit)+len(notices) > 0 || s.event("evt_OPEN").Version != 1 {
				s.Errorf("left %d audit entries and %d notices", len(audit), len(notices))
			}
		})
	}
}

func TestTheDocumentsOfAnEventAreBounded(t *testing.T) {
	s := scene{stage.Embedded(t)}
	const most = 200
	for version := 1; version <= most+1; version++ {
		p, err := s.Portal.Events.PublishDocument(stage.By(stage.Secretariat), events.PublishEventDocumentInput{
			EventID: "evt_PART", ExpectedVersion: version, Kind: "OTHER", Title: []kit.TranslationInput{{Locale: kit.English, Text: new("a")}},
			Source: files.DocumentSourceInput{Link: new("https://docs.example/a")}, Language: kit.English, Date: "2025-03-31", Readers: events.ReadersPublic,
		})
		s.Must(err)
		if got := stage.FaultsOf(p.UserErrors); version <= most && len(got) > 0 || version > most && (!slices.Equal(got, []string{"FULL input"}) || p.Document != nil) {
			t.Fatalf("document %d: %q", version, got)
		}
	}
}

func TestNobodyButTheSecretariatWritesEvents(t *testing.T) {
	s := scene{stage.Embedded(t)}
	for _, a := range []kit.Actor{stage.Nobody, stage.Operator, stage.Reviewer, stage.Applicant, stage.Uganda, stage.FocalPoint("mem_ACTIVE"), stage.Delegate("mem_ACTIVE")} {
		want := kit.Forbidden
		if a.Anonymous() {
			want = kit.Unauthenticated
		}
		before := s.Records()
		for _, write := range []func() error{
			func() error {
				_, err := s.Portal.EventSeries.Create(stage.By(a), events.CreateEventSeriesInput{})
				return err
			},
			func() error {
				_, err := s.Portal.EventSeries.Update(stage.By(a), events.UpdateEventSeriesInput{ID: "ser_TESTBED", ExpectedVersion: 1})
				return err
			},
			func() error { _, err := s.Portal.Events.Create(stage.By(a), events.CreateEventInput{}); return err },
			func() error {
				_, err := s.Portal.Events.Update(stage.By(a), events.UpdateEventInput{ID: "evt_OPEN", ExpectedVersion: 1})
				return err
			},
			func() error {
				_, err := s.Portal.Events.Publish(stage.By(a), events.PublishEventInput{ID: "evt_DRAFT", ExpectedVersion: 1})
				return err
			},
			func() error {
				_, err := s.Portal.Events.Postpone(stage.By(a), events.PostponeEventInput{ID: "evt_OPEN", ExpectedVersion: 1})
				return err
			},
			func() error {
				_, err := s.Portal.Events.Cancel(stage.By(a), events.CancelEventInput{ID: "evt_OPEN", ExpectedVersion: 1})
				return err
			},
			func() error {
				_, err := s.Portal.Events.PublishDocument(stage.By(a), events.PublishEventDocumentInput{EventID: "evt_OPEN", ExpectedVersion: 1})
				return err
			},
			func() error {
				_, err := s.Portal.Events.WithdrawDocument(stage.By(a), events.WithdrawEventDocumentInput{EventID: "evt_OPEN", ExpectedVersion: 1, DocumentID: "doc_PUBLIC"})
				return err
			},
		} {
			s.Refused(write(), want)
		}
		if audit, notices := s.Records().Since(before); len(audit)+len(notices) > 0 || s.event("evt_OPEN").Version != 1 {
			t.Errorf("%v left %d audit entries and %d notices", a.Roles, len(audit), len(notices))
		}
	}
}
