package portal_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/consultations"
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// hers is in every text of usr_FORMER that is exported, and ours in those of it that stay with its member.
const hers, ours = "Vesna", "Official"

// former gives usr_FORMER something in each noun that names a person.
func (s scene) former() {
	s.Helper()
	ctx, at := s.Context(), kit.DateTime("2023-05-01T09:00:00.000Z")
	id := kit.ID("usr_FORMER")
	p, err := people.PersonNoun.In(s.Store).Get(ctx, string(id))
	s.Must(err)
	p.Name, p.NewEmail = new(hers), &people.EmailChange{Email: hers + "@example.net", CodeHash: "x", ExpiresAt: at, Sent: []kit.DateTime{at}}
	s.Must(people.PersonNoun.In(s.Store).Replace(ctx, p))

	m, err := people.MandateNoun.In(s.Store).Get(ctx, "man_FOCAL")
	s.Must(err)
	m.HandOver = &people.HandOver{To: "man_FORMER", Person: id, On: "2023-06-01", ProposedBy: "usr_FOCAL", ProposedAt: at}
	m.Reason = new("of another")
	m.History = []people.MandateEvent{
		{Kind: people.HandOverProposed, At: at, By: "usr_FOCAL", On: "2023-06-01", Reason: new("of another")},
		{Kind: people.HandOverDeclined, At: at, By: id, On: "2023-06-01", Reason: new(hers)},
	}
	s.Must(people.MandateNoun.In(s.Store).Replace(ctx, m))

	r := *testkit.Registrations()[0]
	r.ID, r.PersonID, r.Status, r.StoredAnswers = "reg_FORMER", &id, events.RegistrationCancelled, []events.RegistrationAnswer{{Question: "NEEDS", Text: hers}}
	s.Must(events.RegistrationNoun.In(s.Store).Insert(ctx, &r))
	f := *testkit.ServiceFeedback()[0]
	f.ID, f.PersonID, f.Text = "sfb_FORMER", id, hers
	s.Must(consultations.ServiceFeedbackNoun.In(s.Store).Insert(ctx, &f))
	s.Must(events.CalendarLinkNoun.In(s.Store).Insert(ctx, &events.CalendarLink{ID: "cal_FORMER", EntityID: "mem_ACTIVE", MadeBy: id, SecretHash: "y", CreatedAt: at, Dataset: kit.Demonstration}))

	view, err := consultations.FeedbackNoun.In(s.Store).Get(ctx, "fbk_VIEW")
	s.Must(err)
	view.ID, view.PersonID, view.StoredSubmissions[0].By = "fbk_FORMER", &id, id
	view.StoredSubmissions[0].Answers[3].Text, view.StoredSubmissions[0].Reason, view.StoredSubmissions[0].StoredReceipt.Canonical = new(hers), new(hers), new(hers)
	s.Must(consultations.FeedbackNoun.In(s.Store).Insert(ctx, view))
	answer := func(question string, by kit.ID, text string) *consultations.DraftAnswer {
		return &consultations.DraftAnswer{Answer: consultations.FeedbackAnswer{Question: question, Options: []string{}, Bodies: []consultations.ActionBody{}, Text: &text}, Version: 1, EditorID: by, EditedAt: at}
	}
	s.Must(consultations.DraftNoun.In(s.Store).Insert(ctx,
		&consultations.FeedbackDraft{ID: "drf_FORMER", ConsultationID: "con_OPEN", EntityID: "mem_ACTIVE", Capacity: consultations.DelegateView, PersonID: &id, Answers: []*consultations.DraftAnswer{answer("Q_TEXT", id, hers)}, ChangedAt: at, Dataset: kit.Demonstration},
		&consultations.FeedbackDraft{ID: "drf_OTHER", ConsultationID: "con_OPEN", EntityID: "mem_ACTIVE", Capacity: consultations.DelegateView, PersonID: new(kit.ID("usr_DELEGATE")), Answers: []*consultations.DraftAnswer{answer("Q_TEXT", "usr_DELEGATE", "of another")}, ChangedAt: at, Dataset: kit.Demonstration},
		&consultations.FeedbackDraft{ID: "drf_OURS", ConsultationID: "con_CLOSED", EntityID: "mem_ACTIVE", Capacity: consultations.OfficialReply, Answers: []*consultations.DraftAnswer{answer("Q_A", id, ours), answer("Q_B", "usr_FOCAL", "of another")}, ChangedAt: at, Dataset: kit.Demonstration},
	))
	s.Must(s.Post(stage.By(stage.Secretariat), hers+"@example.net", kit.English, kit.Letter{Key: "mail.emailChanged"}))
}

// TestAllThatIsHeldAboutAPersonIsWrittenAndErased on both engines: what is of others is neither.
func TestAllThatIsHeldAboutAPersonIsWrittenAndErased(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s.former()
		export := func() (string, map[string][]map[string]any) {
			var out strings.Builder
			s.Must(s.Portal.PersonHoldings(stage.By(stage.Operator), "usr_FORMER", &out))
			var all map[string]json.RawMessage
			s.Must(json.Unmarshal([]byte(out.String()), &all))
			sections := map[string][]map[string]any{}
			for name, raw := range all {
				var docs []map[string]any
				if name != "person" && name != "writtenAt" {
					s.Must(json.Unmarshal(raw, &docs))
					sections[name] = docs
				}
			}
			return out.String(), sections
		}
		text, held := export()
		for noun, want := range map[string][]string{
			"persons": {"usr_FORMER"}, "mandates": {"man_FOCAL", "man_FORMER"}, "registrations": {"reg_FORMER"}, "serviceFeedback": {"sfb_FORMER"},
			"calendarLinks": {"cal_FORMER"}, "feedback": {"fbk_FORMER"}, "feedbackDrafts": {"drf_FORMER", "drf_OURS"},
		} {
			if got := ids(held[noun]); !slices.Equal(got, want) {
				s.Errorf("%s: %q, want %q", noun, got, want)
			}
		}
		if n := strings.Count(text, hers); n != 9 || !strings.Contains(text, ours) || !strings.Contains(text, "handOver") {
			s.Errorf("its texts stand %d times in %s", n, text)
		}
		for _, not := range []string{"of another", "usr_DELEGATE", "Q_B", "secretHash", "nonce"} {
			if strings.Contains(text, not) {
				s.Errorf("%q is written", not)
			}
		}
		for range 2 {
			s.Must(s.Portal.ErasePerson(stage.By(stage.Operator), "usr_FORMER"))
			text, held = export()
			if strings.Contains(text, hers) || !strings.Contains(text, ours) || strings.Contains(text, "handOver") {
				s.Errorf("after the erasure: %s", text)
			}
			if held["calendarLinks"][0]["revokedAt"] == nil || len(held["feedback"]) != 1 || !slices.Equal(ids(held["feedbackDrafts"]), []string{"drf_OURS"}) {
				s.Errorf("after the erasure: %s", text)
			}
		}
		if left := stage.InJSON(stage.All(s, people.MandateNoun.In(s.Store), "")) + stage.InJSON(s.Records()); strings.Contains(left, hers) || strings.Count(left, "of another") != 2 {
			s.Errorf("still stored: %s", left)
		}
		if draft, err := consultations.DraftNoun.In(s.Store).Get(s.Context(), "drf_OTHER"); err != nil || len(draft.Answers) != 1 {
			s.Errorf("the view of another: %v", err)
		}
		messages, err := s.Store.Page(s.Context(), kit.OutboxNoun.Kind, planOf(s, kit.OutboxNoun), store.Range{Limit: 100})
		s.Must(err)
		for _, row := range messages {
			if m := row.Doc.(*kit.Outgoing); strings.Contains(m.To, hers) {
				s.Errorf("a message to %s", m.To)
			}
		}
	})
}

func planOf[T any](s scene, d store.Declared[T]) store.Plan {
	plan, err := d.In(s.Store).Plan(store.Query{Sort: "at"})
	s.Must(err)
	return plan
}
