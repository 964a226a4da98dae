package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"memberportal/internal/auth"
	"memberportal/internal/cli"
	"memberportal/internal/country"
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/golden"
)

// calendarQuery asks for a page of the calendar with everything beside the events.
const calendarQuery = `query ($first: Int!) {
  events(filter: { kinds: [TRAINING] }, first: $first) {
    nodes {
      id code status title { text } time { startsOn endsOn }
      series { code title { text } } country { id name { text } } parent { id status title { text } }
      places { mode capacity confirmed waiting left }
      documents { id readers title { text } url }
      myRegistration { id status order joinUrl event { id } person { id name } entity { ... on Member { id } } }
      eligibility { eligible reasons { code } }
    }
    pageInfo { hasNextPage }
  }
}`

// calendar puts n trainings into a store, each a part of another event, with places, documents for several
// readers, and every third one with a registration of a person of a member.
func calendar(t testing.TB, s store.Store, n int, person, member kit.ID) {
	t.Helper()
	ctx := context.Background()
	for i := range 3 {
		series := &events.EventSeries{ID: kit.ID(fmt.Sprint("ser_", i)), Code: fmt.Sprint("TRAININGS_", i), Kind: "TRAINING", Title: english("Trainings"), Dataset: kit.Demonstration}
		if err := events.SeriesNoun.In(s).Insert(ctx, series); err != nil {
			t.Fatal(err)
		}
	}
	countries := testkit.Countries(t)
	for i := range n {
		whole, part := training(i, countries), training(n+i, countries)
		whole.Kind, part.ParentID = "OTHER", &whole.ID
		status := events.RegistrationWaiting
		if i%2 == 0 {
			status = events.RegistrationConfirmed
		}
		seats := []*events.Seats{{ID: whole.ID}, {ID: part.ID}}
		if i%3 == 0 {
			seats[1].Last = 1
			if status == events.RegistrationConfirmed {
				seats[1].Remote.Confirmed = 1
			} else {
				seats[1].Remote.Waiting = 1
			}
			if err := events.RegistrationNoun.In(s).Insert(ctx, anyRegistration(fmt.Sprint("reg_T", i), part.ID, member, person, status, 1)); err != nil {
				t.Fatal(err)
			}
		}
		if err := events.EventNoun.In(s).Insert(ctx, whole, part); err != nil {
			t.Fatal(err)
		}
		if err := events.SeatNoun.In(s).Insert(ctx, seats...); err != nil {
			t.Fatal(err)
		}
	}
}

func english(text string) *kit.LocalizedText {
	return &kit.LocalizedText{Translations: []kit.Translation{{Locale: kit.English, Text: text, Provenance: kit.Original}}}
}

func training(i int, countries []*country.Country) *events.Event {
	on := testkit.Today.AddDays(10 + i)
	e := &events.Event{
		ID: kit.ID(fmt.Sprintf("evt_T%05d", i)), Code: fmt.Sprint("TRAINING_", i), SeriesID: kit.ID(fmt.Sprint("ser_", i%3)), Kind: "TRAINING",
		Title: english(fmt.Sprint("Training ", i)), Time: events.EventTime{Precision: events.PrecisionDay, StartsOn: on, EndsOn: &on}, LastDay: on,
		Format: new(events.FormatHybrid), CountryID: &countries[i%len(countries)].ID, JoinURL: new("https://meet.example"), Links: []events.EventLink{}, Sessions: []events.EventSession{},
		Visibility: events.VisiblePublic, Audience: events.EventAudience{Everyone: true, Kinds: []membership.RespondentKind{}, StudyGroups: []membership.StudyGroup{}},
		Registration: &events.EventRegistration{CapacityRemote: new(6000), WaitingList: true, Questions: []events.RegistrationQuestion{}},
		StoredStatus: events.EventPublished, Changes: []events.EventChange{{Status: events.EventPublished, At: "2025-01-01T09:00:00.000Z", Actor: "usr_test"}}, ChangedAt: "2025-01-01T09:00:00.000Z", RetainUntil: on.AddDays(366), Dataset: kit.Demonstration,
	}
	for j, readers := range []events.EventReaders{events.ReadersPublic, events.ReadersParticipants, events.ReadersSecretariat} {
		e.StoredDocuments = append(e.StoredDocuments, events.EventDocument{
			ID: kit.ID(fmt.Sprintf("doc_T%05d%d", i, j)), Kind: "OTHER", Title: english("Paper"), StoredURL: "https://docs.example/", Language: kit.English, Date: "2025-03-01",
			Readers: readers, PublishedAt: "2025-03-01T09:00:00.000Z",
		})
	}
	return e
}

func anyRegistration(id string, event, entity, person kit.ID, status events.RegistrationStatus, order int64) *events.Registration {
	return &events.Registration{
		ID: kit.ID(id), EventID: event, EntityID: &entity, PersonID: &person, Kind: "SECTOR_MEMBER", Region: new(country.RegionAFR), CountryID: new(kit.CountryID("UG")),
		Mode: events.Remote, Status: status, Order: order, StoredAnswers: []events.RegistrationAnswer{}, NameVisibility: events.NameNobody,
		ConsentedAt: "2025-02-01T09:00:00.000Z", RegisteredAt: "2025-02-01T09:00:00.000Z", Changes: []events.RegistrationChange{{Status: status, At: "2025-02-01T09:00:00.000Z"}},
		Dataset: kit.Demonstration,
	}
}

// TestACalendarCostsAFixedNumberOfStoreCalls asks for 10 and for 100 events with their series, countries, parents,
// places, documents and the caller's own registrations.
func TestACalendarCostsAFixedNumberOfStoreCalls(t *testing.T) {
	s := golden.Serve(t, testkit.Engines()[0].Fresh(t))
	calendar(t, s.Store, 100, "usr_DELEGATE", "mem_ACTIVE")
	header := s.Header(t, "DELEGATE mem_ACTIVE usr_DELEGATE", "")
	calls := map[int]int64{}
	for _, first := range []int{1, 10, 100} {
		s.Store.Take()
		answer := s.Ask(t, header, calendarQuery, fmt.Sprintf(`{"first":%d}`, first))
		calls[first] = s.Store.Take()
		var got struct {
			Errors []json.RawMessage
			Data   struct {
				Events struct {
					Nodes []struct {
						Parent, Country, Series *struct{}
						Places                  []struct{ Left *int }
						Documents               []struct{ Readers string }
						MyRegistration          *struct{ Status string }
					}
				}
			}
		}
		if err := json.Unmarshal([]byte(answer), &got); err != nil || len(got.Errors) > 0 || len(got.Data.Events.Nodes) != first {
			t.Fatalf("%v, %d errors, %d events: %s", err, len(got.Errors), len(got.Data.Events.Nodes), answer)
		}
		for i, e := range got.Data.Events.Nodes {
			want, read, left := "", 1, 6000
			if i%3 == 0 {
				want = "WAITING"
				if i%2 == 0 {
					want, read, left = "CONFIRMED", 2, 5999
				}
			}
			mine := ""
			if e.MyRegistration != nil {
				mine = e.MyRegistration.Status
			}
			if e.Parent == nil || e.Country == nil || e.Series == nil || mine != want || len(e.Documents) != read || len(e.Places) != 2 || e.Places[1].Left == nil || *e.Places[1].Left != left {
				t.Errorf("event %d: %+v, want %q and %d documents", i, e, want, read)
			}
		}
	}
	t.Logf("store calls: %v", calls)
	if calls[1] != calls[10] || calls[10] != calls[100] {
		t.Errorf("store calls by the number of events: %v", calls)
	}
}

// BenchmarkEvents reads the page of the calendar that TestACalendarCostsAFixedNumberOfStoreCalls asks for, 100 of 1,000 events, and
// registers persons for an event that nobody had registered for, and for one that 5,000 had.
func BenchmarkEvents(b *testing.B) {
	const member = "mem_000000" // a Sector Member
	s := crowd(b, 1000)
	calendar(b, s, 1000, "usr_me", member)
	held := kit.ID("evt_T01001")
	all := make([]*events.Registration, 5000)
	for i := range all {
		all[i] = anyRegistration(fmt.Sprint("reg_R", i), held, member, kit.ID(fmt.Sprint("usr_R", i)), events.RegistrationConfirmed, int64(i+1))
	}
	seats, err := events.SeatNoun.In(s).Get(b.Context(), string(held))
	if err != nil {
		b.Fatal(err)
	}
	seats.Last, seats.Remote.Confirmed = 5000, 5000
	for _, err := range []error{events.RegistrationNoun.In(s).Insert(b.Context(), all...), events.SeatNoun.In(s).Replace(b.Context(), seats)} {
		if err != nil {
			b.Fatal(err)
		}
	}
	acting := func(id kit.ID, role people.MandateRole) *people.Person {
		held := people.HeldMandate{ID: "man_" + id, Entity: member, Role: role, From: "2020-01-01"}
		return &people.Person{ID: id, Entities: []kit.ID{member}, Mandates: []people.HeldMandate{held}, Dataset: kit.Demonstration}
	}
	if err := people.PersonNoun.In(s).Insert(b.Context(), acting("usr_me", people.MandateDelegate), acting("usr_lead", people.MandateFocalPoint)); err != nil {
		b.Fatal(err)
	}
	tokens := auth.Tokens{Keys: auth.NewKeySet(), Issuer: "b", Audience: "b", Now: time.Now}
	handler := cli.Handler(testkit.Portal(b, s), tokens, slog.New(slog.DiscardHandler), false, nil)
	ask := func(b *testing.B, as, query, variables string) {
		b.Helper()
		token, err := tokens.Issue(testkit.Proof(as), time.Hour)
		if err != nil {
			b.Fatal(err)
		}
		body := fmt.Appendf(nil, `{"query":%q,"variables":%s}`, query, variables)
		request := httptest.NewRequest(http.MethodPost, "http://localhost/graphql", bytes.NewReader(body))
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", "Bearer "+token)
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		if text := answer.Body.String(); answer.Code != http.StatusOK || strings.Contains(text, `"errors"`) || strings.Contains(text, `"code":"`) && strings.Contains(text, "userErrors") {
			b.Fatal(answer.Code, text)
		}
	}
	b.Run("calendar", func(b *testing.B) {
		for b.Loop() {
			ask(b, "DELEGATE "+member+" usr_me", calendarQuery, `{"first":100}`)
		}
	})
	made := 0
	for _, c := range []struct {
		name  string
		event kit.ID
	}{{"register/first", "evt_T01002"}, {"register/5000", held}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				made++
				person := kit.ID(fmt.Sprint("usr_N", made))
				mandate := &people.Mandate{ID: "man_" + person, Entity: member, Person: person, Role: people.MandateDelegate, From: "2020-01-01", RecordedAt: "2020-01-01T09:00:00.000Z", RecordedBy: "usr_test", Dataset: kit.Demonstration}
				if err := people.MandateNoun.In(s).Insert(b.Context(), mandate); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				ask(b, "FOCAL_POINT "+member+" usr_lead", `mutation ($in: RegisterForEventInput!) { registerForEvent(input: $in) { registration { id status order } userErrors { code } } }`,
					fmt.Sprintf(`{"in":{"event":%q,"person":%q,"mode":"REMOTE","consent":true,"nameVisibility":"NOBODY"}}`, c.event, person))
			}
		})
	}
}
