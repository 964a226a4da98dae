package seed_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"memberportal/internal/benefits"
	"memberportal/internal/events"
	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/seed"
	"memberportal/internal/store"
	"memberportal/internal/testkit/stage"
)

// loaded are all documents of a noun after a load.
func loaded[T any](t *testing.T, s store.Store, noun store.Declared[T]) []*T {
	t.Helper()
	found, err := noun.In(s).Many(t.Context(), ids(t, s, noun.Kind))
	if err != nil || len(found) == 0 {
		t.Fatalf("%d %s, %v", len(found), noun.Kind.Name, err)
	}
	return found
}

func calendar(t *testing.T, s store.Store) map[string]*events.Event {
	t.Helper()
	byCode := map[string]*events.Event{}
	for _, e := range loaded(t, s, events.EventNoun) {
		byCode[e.Code] = e
	}
	return byCode
}

// inSix checks that a text is there in all languages, English being the original and the others
// marked as what no person has checked.
func inSix(t *testing.T, where string, text *kit.LocalizedText) {
	t.Helper()
	have := map[kit.Locale]kit.Provenance{}
	for _, tr := range text.Translations {
		if strings.TrimSpace(tr.Text) != "" {
			have[tr.Locale] = tr.Provenance
		}
	}
	for _, l := range kit.Locales {
		want := kit.Machine
		if l == kit.English {
			want = kit.Original
		}
		if have[l] != want {
			t.Errorf("%s: the %s text is %q", where, l, have[l])
		}
	}
}

func TestTheCalendarSpeaksSixLanguages(t *testing.T) {
	s := empty(t)
	mustLoad(t, s)
	for _, x := range loaded(t, s, events.SeriesNoun) {
		inSix(t, x.Code, x.Title)
		inSix(t, x.Code, x.Description)
	}
	for code, e := range calendar(t, s) {
		inSix(t, code, e.Title)
		inSix(t, code, e.Summary)
		if e.City != nil {
			inSix(t, code+" city", e.City)
		}
		for _, x := range e.Sessions {
			inSix(t, code+" session", x.Title)
		}
		if e.Registration != nil {
			for _, q := range e.Registration.Questions {
				inSix(t, code+" question", q.Text)
			}
		}
		if e.Contributions != nil {
			for _, topic := range e.Contributions.Topics {
				inSix(t, code+" topic", topic.Title)
			}
		}
	}
}

func TestTheCalendarInventsNothing(t *testing.T) {
	s := empty(t)
	mustLoad(t, s)
	all := calendar(t, s)
	for code, when := range map[string]string{
		"TDAG_23": "2023-06-19 2023-06-23", "IAGDI_CRO_2024_SPRING": "month 2024-05", "TDAG_24": "2024-05-20 2024-05-23", "RECOGNITION_2024": "month 2024-05",
		"COUNCIL_2024": "2024-06-04 2024-06-14", "GSR_24": "2024-07-01 2024-07-04", "IAGDI_CRO_2024": "2024-07-02 2024-07-02",
		"CWG_FHR_20": "2025-02-17 2025-02-19", "TECH_TALK_2025_02_SG1": "month 2025-02", "TECH_TALK_2025_02_SG2": "month 2025-02",
		"RDF_EUR_2025": "2025-02-24 2025-02-24", "RPM_EUR_2025": "2025-02-25 2025-02-26", "STUDY_GROUP_2_2025": "month 2025-05",
		"TDAG_25": "2025-05-12 2025-05-16", "COUNCIL_2025": "2025-06-17 2025-06-27", "GSR_25": "2025-08-31 2025-09-03",
		"IAGDI_CRO_2025": "2025-09-02 2025-09-02", "WTDC_25": "2025-11-17 2025-11-28", seed.Briefing: "2025-05-20 2025-05-20", seed.Call: "2025-08-31 2025-09-03",
		"DEMO_TECH_TALK": "2025-06-05 2025-06-05", "DEMO_STUDY_GROUP_1": "2025-06-10 2025-06-10", "DEMO_STUDY_GROUP_2": "2025-06-12 2025-06-12",
	} {
		e := all[code]
		if e == nil {
			t.Errorf("there is no %s", code)
			continue
		}
		delete(all, code)
		got := string(e.Time.StartsOn) + " " + kit.Deref(e.Time.EndsOn)
		if e.Time.Precision == events.PrecisionMonth {
			got = "month " + string(e.Time.StartsOn[:7])
		}
		if got != when {
			t.Errorf("%s is %s, want %s", code, got, when)
		}
		made := strings.HasPrefix(code, "DEMO_")
		if (e.Dataset == kit.Demonstration) != made || (e.Contributions != nil) != (code == seed.Briefing || code == seed.Call) || (e.Time.Precision == events.PrecisionTime) != (code == seed.Briefing || code == "DEMO_TECH_TALK") {
			t.Errorf("%s is %s, with the call %v and to the %s", code, e.Dataset, e.Contributions, e.Time.Precision)
		}
		if r := e.Registration; r != nil && !made && (r.CapacityInPerson != nil || r.CapacityRemote != nil || r.WaitingList || r.OpensOn != nil || r.ClosesOn != nil) {
			t.Errorf("%s has the registration %+v", code, r)
		}
		if e.StoredStatus != events.EventPublished || e.Source == nil || len(e.Links) > 0 || !demonstrated(e.StoredDocuments) || (e.CountryID == nil) != (e.City == nil) {
			t.Errorf("%s: %+v", code, e)
		}
	}
	if len(all) > 0 {
		t.Errorf("more all: %v", slices.Sorted(maps.Keys(all)))
	}
}

// TestTheCallTakesContributions on the day on which the demonstration is shown.
func TestTheCallTakesContributions(t *testing.T) {
	s := empty(t)
	mustLoad(t, s)
	call := calendar(t, s)[seed.Call]
	if call.Contributions.ClosesOn <= "2025-03-31" || len(call.Contributions.Topics) != 2 || call.Visibility != events.VisiblePublic || !call.Audience.Everyone || !strings.HasPrefix(call.Summary.Translations[0].Text, "DEMONSTRATION") {
		t.Errorf("%+v", call)
	}
}

func TestPartsBelongToTheirEvents(t *testing.T) {
	s := empty(t)
	mustLoad(t, s)
	events := calendar(t, s)
	for part, whole := range map[string]string{"IAGDI_CRO_2024": "GSR_24", "IAGDI_CRO_2025": "GSR_25", seed.Call: "GSR_25", "RECOGNITION_2024": "TDAG_24"} {
		if p := events[part].ParentID; p == nil || *p != events[whole].ID {
			t.Errorf("the parent of %s is %v", part, p)
		}
	}
}

// TestBenefitsOfAnEarlierReleaseGetTheirActions: those that have none get them, by loading again and by the command for
// recorded data; those that somebody recorded, and retired benefits, stay as they are.
func TestBenefitsOfAnEarlierReleaseGetTheirActions(t *testing.T) {
	for name, again := range map[string]func(ctx context.Context, o seed.Options) error{
		"a demonstration": func(ctx context.Context, o seed.Options) error {
			if wanted, err := seed.Wanted(ctx, o); err != nil || !wanted {
				t.Errorf("wanted %v, %v", wanted, err)
			}
			_, err := seed.Load(ctx, o)
			return err
		},
		"recorded data": func(ctx context.Context, o seed.Options) error {
			_, err := seed.LoadRecorded(kit.WithActor(ctx, seed.Actor), o)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := empty(t)
			mustLoad(t, s)
			want, stored := map[string]int{}, benefits.BenefitNoun.In(s)
			for _, b := range loaded(t, s, benefits.BenefitNoun) {
				want[b.Code] = len(b.Actions())
				switch b.Code {
				case "TECH_TALKS": // somebody recorded another
					b.StoredActions, want[b.Code] = []*benefits.BenefitAction{{Act: benefits.SeeEvents}}, 1
				case "CONSULTATION_REPLIES":
					b.StoredActions, want[b.Code], b.RetiredOn = nil, 0, new(kit.Date("2025-01-01"))
				default:
					b.StoredActions = nil
				}
				if err := stored.Replace(t.Context(), b); err != nil {
					t.Fatal(err)
				}
			}
			o := options(t, s, 40)
			if err := again(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			versions := map[string]int64{}
			for _, b := range loaded(t, s, benefits.BenefitNoun) {
				if len(b.Actions()) != want[b.Code] {
					t.Errorf("%s has %d actions, want %d", b.Code, len(b.Actions()), want[b.Code])
				}
				versions[b.Code] = b.Version
			}
			if _, err := seed.Load(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			for _, b := range loaded(t, s, benefits.BenefitNoun) {
				if b.Version != versions[b.Code] {
					t.Errorf("%s is changed once more", b.Code)
				}
			}
			if wanted, err := seed.Wanted(t.Context(), o); err != nil || wanted {
				t.Errorf("wanted again: %v, %v", wanted, err)
			}
		})
	}
}

// TestMeetingsAreForWhomTheBenefitEntitles: what a benefit gives to categories of members is open to them, and to no
// others.
func TestMeetingsAreForWhomTheBenefitEntitles(t *testing.T) {
	s := empty(t)
	mustLoad(t, s)
	entitled := map[string][]membership.RespondentKind{}
	for _, b := range loaded(t, s, benefits.BenefitNoun) {
		for _, c := range b.Categories {
			entitled[b.Code] = append(entitled[b.Code], membership.RespondentKind(c))
		}
	}
	meetings := 0
	for code, e := range calendar(t, s) {
		if e.Kind != "IAGDI_CRO" {
			continue
		}
		meetings++
		if !slices.Equal(e.Audience.Kinds, entitled["IAGDI_CRO_MEETINGS"]) || e.Audience.Everyone {
			t.Errorf("%s is for %v, and the benefit for %v", code, e.Audience.Kinds, entitled["IAGDI_CRO_MEETINGS"])
		}
	}
	if meetings < 3 {
		t.Errorf("%d meetings", meetings)
	}
}

func TestNothingOfTheCalendarIsRecordedLaterThanTheLastDay(t *testing.T) {
	s := empty(t)
	if _, err := seed.Load(t.Context(), options(t, s, seed.Members)); err != nil {
		t.Fatal(err)
	}
	last := kit.DateTime(seed.Last + "T23:59:59.999Z")
	for code, e := range calendar(t, s) {
		for _, c := range e.Changes {
			if c.At > last || c.Actor != seed.Actor.Subject {
				t.Errorf("%s became %s at %s by %s", code, c.Status, c.At, c.Actor)
			}
		}
		if e.ChangedAt > last {
			t.Errorf("%s changed at %s", code, e.ChangedAt)
		}
	}
	for _, m := range loaded(t, s, people.MandateNoun) {
		if m.RecordedAt > last || m.From > seed.Last || m.Until != nil || m.Dataset != kit.Demonstration {
			t.Errorf("%+v", m)
		}
	}
	for _, r := range loaded(t, s, events.RegistrationNoun) {
		if r.RegisteredAt > last || r.ConsentedAt > last || r.Changes[len(r.Changes)-1].At > last || r.Dataset != kit.Demonstration {
			t.Errorf("%+v", r)
		}
	}
}

func TestEveryPersonIsMadeUpAndActsForSomebodyOrIsStaff(t *testing.T) {
	s := empty(t)
	mustLoad(t, s)
	roles := map[kit.ID]map[people.MandateRole]int{}
	for _, m := range loaded(t, s, people.MandateNoun) {
		if roles[m.Entity] == nil {
			roles[m.Entity] = map[people.MandateRole]int{}
		}
		roles[m.Entity][m.Role]++
	}
	countries := 0
	for entity, n := range roles {
		if strings.HasPrefix(string(entity), "cty_") {
			countries++
		}
		if n[people.MandateFocalPoint] != 1 || n[people.MandateDelegate] < 1 || n[people.MandateDelegate] > 2 {
			t.Errorf("%s has %v", entity, n)
		}
	}
	if countries != 7 || len(roles) != 38+7 {
		t.Errorf("%d entities, %d of them countries", len(roles), countries)
	}
	for _, p := range loaded(t, s, people.PersonNoun) {
		if p.Dataset != kit.Demonstration || !strings.HasSuffix(*p.Email, ".example") || len(p.Entities)+len(p.Grants) != 1 {
			t.Errorf("%+v", p)
		}
	}
}

func TestTheBriefingIsFull(t *testing.T) {
	s := empty(t)
	mustLoad(t, s)
	have := map[string]int{}
	for _, r := range loaded(t, s, events.RegistrationNoun) {
		have[string(r.Mode)+" "+string(r.Status)]++
	}
	want := map[string]int{"IN_PERSON CONFIRMED": 20, "IN_PERSON WAITING": 2, "REMOTE CONFIRMED": 3, "REMOTE REQUESTED": 1}
	if !maps.Equal(have, want) {
		t.Errorf("got %v, want %v", have, want)
	}
}

// TestStoreOfAnEarlierReleaseIsFinished takes the event away that a load makes last: a store that was
// filled before there was a calendar lacks it too.
func TestStoreOfAnEarlierReleaseIsFinished(t *testing.T) {
	s := empty(t)
	mustLoad(t, s)
	if wanted, err := seed.Wanted(t.Context(), options(t, s, 40)); wanted || err != nil {
		t.Fatalf("wanted %v, %v", wanted, err)
	}
	briefing := calendar(t, s)[seed.Briefing]
	if err := s.Delete(t.Context(), events.EventNoun.Kind, string(briefing.ID), briefing.Version); err != nil {
		t.Fatal(err)
	}
	if wanted, err := seed.Wanted(t.Context(), options(t, s, 40)); !wanted || err != nil {
		t.Errorf("wanted %v, %v", wanted, err)
	}
}

func TestShownMemberHasPersons(t *testing.T) {
	s := empty(t)
	mustLoad(t, s)
	o := options(t, s, 40)
	p, err := portal.New(portal.Options{Store: s, Clock: kit.NewClock(func() time.Time { return wall }, time.UTC), Countries: o.Countries})
	if err != nil {
		t.Fatal(err)
	}
	m, err := seed.Shown(t.Context(), p, o.Countries)
	if m == nil || err != nil {
		t.Fatalf("%v, %v", m, err)
	}
	mandates, err := p.Mandates.List(kit.WithActor(t.Context(), seed.Actor), m.ID, nil, kit.PageArgs{})
	if err != nil || len(mandates.Edges) != 3 || mandates.Nodes()[0].Role != people.MandateFocalPoint {
		t.Errorf("%d mandates, %v", len(mandates.Edges), err)
	}
}

// demonstrated says whether each document is a file that says that it is a demonstration.
func demonstrated(documents []events.EventDocument) bool {
	return !slices.ContainsFunc(documents, func(d events.EventDocument) bool {
		return d.File == nil || !d.File.Public || !slices.ContainsFunc(d.Title.Texts(), func(text string) bool { return strings.HasPrefix(text, "DEMONSTRATION") })
	})
}

func TestTheDocumentsThatTheSourceCitesAreThereAndSayWhatTheyAre(t *testing.T) {
	s := empty(t)
	mustLoad(t, s)
	if _, err := load(t.Context(), t, s); err != nil { // a second time makes no more
		t.Fatal(err)
	}
	found := []string{}
	for code, e := range calendar(t, s) {
		for _, d := range e.StoredDocuments {
			found = append(found, code+" "+string(d.Kind))
			inSix(t, code, d.Title)
		}
	}
	slices.Sort(found)
	want := []string{
		"IAGDI_CRO_2024 CHAIR_REPORT", "IAGDI_CRO_2024 OUTCOME_STATEMENT", "IAGDI_CRO_2024_SPRING CHAIR_REPORT", "TECH_TALK_2025_02_SG1 OTHER", "TECH_TALK_2025_02_SG2 OTHER",
	}
	if !slices.Equal(found, want) {
		t.Errorf("the documents are %v", found)
	}
	for _, p := range stage.All(t, files.PieceNoun.In(s), "at") {
		if !strings.HasPrefix(string(p.Bytes), "DEMONSTRATION\n") {
			t.Errorf("%s begins with %.40q", p.ID, p.Bytes)
		}
	}
}
