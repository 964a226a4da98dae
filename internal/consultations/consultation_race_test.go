package consultations_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"memberportal/internal/consultations"
	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// mover is a domain clock that goes on by a step whenever somebody looks at it.
type mover struct{ at, step, looks atomic.Int64 }

func (m *mover) now() time.Time {
	m.looks.Add(1)
	return time.Unix(0, m.at.Add(m.step.Load())).UTC()
}

func (m *mover) set(at time.Time, step time.Duration) {
	m.step.Store(int64(step))
	m.at.Store(at.UnixNano())
	m.looks.Store(0)
}

// moving is a stage whose domain clock the test moves, in Zurich's time.
func moving(t *testing.T, st store.Store) (scene, *mover) {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	m := &mover{}
	s := stage.New(t, st).With(func(o *portal.Options) { o.Clock = kit.NewClock(m.now, zone) })
	return scene{s}, m
}

// testbedQuestions are the fixture's questions as they are written.
func testbedQuestions() (all []consultations.ConsultationQuestionInput) {
	for _, q := range testkit.Questions() {
		in := consultations.ConsultationQuestionInput{Code: q.Code, Topic: q.Topic, Kind: q.Kind, Text: stage.English("What of it?"), Required: q.Required}
		for _, o := range q.Options {
			in.Options = append(in.Options, consultations.QuestionOptionInput{Code: o.Code, Text: stage.English("Option " + o.Code)})
		}
		all = append(all, in)
	}
	return all
}

// opened is a consultation of some kinds that was made and opened by the services.
func (s scene) opened(code string, closesOn kit.Date, kinds ...membership.RespondentKind) *consultations.Consultation {
	s.Helper()
	made, err := s.Portal.Consultations.Create(stage.By(stage.Secretariat), consultations.CreateConsultationInput{
		Code: code, Statement: "lia_TESTBED", Group: "TDAG", Title: stage.English("A consultation"), Audience: consultations.ConsultationAudienceInput{Kinds: kinds},
		Questions: testbedQuestions(), ClosesOn: closesOn, SmallestCell: 5,
	})
	if err != nil || made.Consultation == nil {
		s.Fatalf("creating: %v, %v", err, made)
	}
	payload, err := s.Portal.Consultations.Open(stage.By(stage.Secretariat), consultations.OpenConsultationInput{ID: made.Consultation.ID, ExpectedVersion: int(made.Consultation.Version)})
	if err != nil || payload.Consultation == nil {
		s.Fatalf("opening: %v, %v", err, payload)
	}
	return payload.Consultation
}

// respondents are new active members, each with a focal point, who is told.
func (s scene) respondents(n int) (focal []kit.Actor) {
	s.Helper()
	var members []*membership.Member
	var mandates []*people.Mandate
	on := func(kind membership.LifecycleKind, id string) membership.LifecycleEvent {
		return membership.LifecycleEvent{ID: kit.ID("evn_" + id), Kind: kind, EffectiveOn: "2020-01-01", RecordedAt: "2020-01-01T09:00:00.000Z", Actor: "usr_test"}
	}
	for i := range n {
		name := fmt.Sprintf("CROWD%03d", i)
		admitted := on(membership.Admitted, name+"A")
		admitted.Category, admitted.Sectors = new(membership.SectorMember), []membership.Sector{membership.SectorD}
		admitted.Country, admitted.Region = new(kit.CountryID("UG")), new(country.RegionAFR)
		a := kit.ActingFor(kit.ID("usr_"+name), kit.RoleFocalPoint, kit.ID("mem_"+name))
		members = append(members, &membership.Member{
			ID: a.Mandates[0].Entity, Name: "Crowd " + name, Dataset: kit.Demonstration, SocialLinks: []membership.SocialLink{}, SectorsOfInterest: []membership.Sector{},
			StoredContacts: []membership.Contact{}, Events: []membership.LifecycleEvent{admitted, on(membership.Activated, name+"B")},
		})
		mandates = append(mandates, &people.Mandate{
			ID: kit.ID("man_" + name), Entity: a.Mandates[0].Entity, Person: a.Subject, Role: people.MandateFocalPoint, From: "2020-01-01",
			RecordedAt: "2020-01-01T09:00:00.000Z", RecordedBy: "usr_test", Dataset: kit.Demonstration,
		})
		focal = append(focal, a)
	}
	s.Must(membership.MemberNoun.In(s.Store).Insert(context.Background(), members...))
	s.Must(people.MandateNoun.In(s.Store).Insert(context.Background(), mandates...))
	return focal
}

func (s scene) total(n *int64, err error) int64 {
	s.Helper()
	s.Must(err)
	return *n
}

func TestACrowdThatRepliesInTheLastSecondIsAllTaken(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		s, clock := moving(s.T, s.Store)
		clock.set(time.Date(2025, 3, 29, 12, 0, 0, 0, time.UTC), 0)
		n, atOnce := 200, 200
		if mongo, ok := s.Store.(interface{ Atomic() bool }); ok && !mongo.Atomic() {
			n, atOnce = 12, 1 // without transactions writes take turns
		}
		focal := s.respondents(n)
		c := s.opened("RACE", "2025-03-30", membership.RespondentSectorMember)
		if c.Deadline != "2025-03-30T22:00:00.000Z" {
			t.Fatalf("the deadline is %s", c.Deadline)
		}
		// How often one submission looks at the clock sets its pace: two seconds for all.
		deadline := c.Deadline.Time()
		clock.set(deadline.Add(-time.Hour), 0)
		before := clock.looks.Load()
		s.HandIn(testkit.Actor("FOCAL_POINT mem_INTERNATIONAL usr_INTERNATIONAL"), stage.Support(c.ID, "first"))
		looks := clock.looks.Load() - before
		clock.set(deadline.Add(-time.Second), 2*time.Second/time.Duration(int64(n)*looks))

		var mu sync.Mutex
		replies := map[kit.ID]*consultations.Feedback{}
		for part := range slices.Chunk(focal, atOnce) {
			stage.Together(part, func(a kit.Actor) {
				payload, err := s.Portal.Feedback.Submit(stage.By(a), stage.Support(c.ID, "of "+string(a.Mandates[0].Entity)))
				if err != nil || payload.Feedback == nil {
					s.Errorf("%s: %v, %s", a.Mandates[0].Entity, err, stage.InJSON(payload))
					return
				}
				mu.Lock()
				defer mu.Unlock()
				replies[a.Mandates[0].Entity] = payload.Feedback
			})
		}
		timely := map[consultations.Timeliness]int64{}
		references, sums := map[string]bool{}, map[string]bool{}
		for _, a := range focal {
			x := replies[a.Mandates[0].Entity]
			if x == nil {
				continue
			}
			r, want := x.Receipt(), consultations.InTime
			if !r.At.Time().Before(deadline) {
				want = consultations.Late
			}
			if r.Timeliness != want || *x.Timeliness() != want || r.SHA256 != hashOf(*r) || len(x.Submissions()) != 1 {
				s.Errorf("%s replied at %s and is %s: %+v", a.Mandates[0].Entity, r.At, *x.Timeliness(), r)
			}
			timely[want]++
			references[r.Reference], sums[r.SHA256] = true, true
			p, err := consultations.ParticipationNoun.In(s.Store).Get(context.Background(), string(consultations.ParticipationID(c.ID, a.Mandates[0].Entity)))
			s.Must(err)
			if p.FeedbackID == nil || *p.FeedbackID != x.ID || p.Reply != consultations.ReplyState(want) || p.RepliedAt == nil || *p.RepliedAt != r.At || p.Version != 2 {
				s.Errorf("%s has the participation %s", a.Mandates[0].Entity, stage.InJSON(p))
			}
		}
		if len(replies) != n || len(references) != n || len(sums) != n || timely[consultations.InTime] < 1 || timely[consultations.Late] < 1 {
			s.Errorf("%d replies, %d references, %d hashes, %v", len(replies), len(references), len(sums), timely)
		}
		t.Logf("%v, %d looks at the clock each", timely, looks)

		// One more replied before them.
		timely[consultations.InTime]++
		for of, want := range timely {
			list, err := s.Portal.Feedback.List(stage.By(stage.Secretariat), &consultations.FeedbackFilter{Consultation: &c.ID, Timeliness: &of}, kit.PageArgs{})
			s.Must(err)
			if got := s.total(list.TotalCount(stage.By(stage.Secretariat))); got != want {
				s.Errorf("%d replies are %s, not %d", got, of, want)
			}
			parts, err := s.Portal.Participations.List(stage.By(stage.Secretariat), &consultations.ParticipationFilter{Consultation: &c.ID, Replies: []consultations.ReplyState{consultations.ReplyState(of)}}, kit.PageArgs{})
			s.Must(err)
			if got := s.total(parts.TotalCount(stage.By(stage.Secretariat))); got != want {
				s.Errorf("%d participations are %s, not %d", got, of, want)
			}
			m, err := s.Portal.Feedback.Matrix(stage.By(stage.Secretariat), c.ID, []string{"Q_POSITION"}, of)
			s.Must(err)
			if got := m[0].Cells[0]; got.Value != nil || got.Kind != nil || got.Region != nil || got.Count != want {
				s.Errorf("counted %s of %d that are %s", stage.InJSON(got), want, of)
			}
		}
	})
}

func TestAnEntityRepliesOnceHoweverManySubmit(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		focal := testkit.Actor("FOCAL_POINT mem_ACTIVE usr_FOCAL")
		var mu sync.Mutex
		var made []*consultations.Feedback
		var faults []kit.UserError
		stage.Together(slices.Repeat([]int{0}, 16), func(int) {
			payload, err := s.Portal.Feedback.Submit(stage.By(focal), stage.Support("con_OPEN", "at once"))
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				s.Errorf("submitting: %v", err)
				return
			}
			if payload.Feedback != nil {
				made = append(made, payload.Feedback)
			}
			faults = append(faults, payload.UserErrors...)
		})
		if len(made) != 1 || len(faults) != 15 {
			s.Fatalf("%d made, %d refused: %s", len(made), len(faults), stage.InJSON(faults))
		}
		for _, f := range faults {
			if f.Code != kit.CodeDuplicate || f.RelatedID == nil || *f.RelatedID != made[0].ID || !strings.Contains(f.Message, made[0].Receipt().Reference) {
				s.Errorf("got %s", stage.InJSON(f))
			}
		}
		list, err := s.Portal.Feedback.List(stage.By(focal), nil, kit.PageArgs{})
		s.Must(err)
		to := 0
		for _, x := range list.Nodes() {
			if x.ConsultationID == "con_OPEN" {
				to++
			}
		}
		if to != 1 {
			s.Errorf("%d stored", to)
		}
	})
}

// saved saves one answer of the draft of mem_ACTIVE to con_OPEN and gives its version and the codes of faults.
func (s scene) saved(a kit.Actor, in consultations.FeedbackAnswerInput) (int, []string) {
	payload, err := s.Portal.Feedback.SaveDraft(stage.By(a), consultations.SaveFeedbackDraftInput{Consultation: "con_OPEN", Capacity: consultations.OfficialReply, Answers: []consultations.FeedbackAnswerInput{in}})
	if err != nil {
		return 0, []string{err.Error()}
	}
	if payload.Draft == nil {
		return 0, stage.FaultsOf(payload.UserErrors)
	}
	for _, d := range payload.Draft.Answers {
		if d.Answer.Question == in.Question {
			return d.Version, nil
		}
	}
	return 0, []string{"the answer is lost"}
}

func TestTwoWhoDraftTogetherLoseNothing(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		rounds := 30
		if s.Slow() {
			rounds = 8
		}
		focal, colleague := testkit.Actor("FOCAL_POINT mem_ACTIVE usr_FOCAL"), testkit.Actor("DELEGATE mem_ACTIVE usr_DELEGATE")
		type writer struct {
			actor    kit.Actor
			question string
			version  int
		}
		stage.Together([]writer{{focal, "Q_LEGAL_TEXT", 0}, {colleague, "Q_TEXT", 1}}, func(w writer) {
			for i := range rounds {
				version, faults := s.saved(w.actor, consultations.FeedbackAnswerInput{Question: w.question, ExpectedVersion: new(w.version + i), Text: new(fmt.Sprintf("round %d", i))})
				if version != w.version+i+1 || faults != nil {
					s.Errorf("round %d of %s has the version %d: %v", i, w.question, version, faults)
				}
			}
		})

		// The same question at once: one is told of the other.
		for i := range rounds {
			var mu sync.Mutex
			var won []kit.Actor
			var lost []string
			stage.Together([]kit.Actor{focal, colleague}, func(a kit.Actor) {
				_, faults := s.saved(a, consultations.FeedbackAnswerInput{Question: "Q_PRIORITY", ExpectedVersion: &i, Priority: new(1 + i%5)})
				mu.Lock()
				defer mu.Unlock()
				if faults == nil {
					won = append(won, a)
				}
				lost = append(lost, faults...)
			})
			if len(won) != 1 || !slices.Equal(lost, []string{"CONFLICT input.answers.0.expectedVersion"}) {
				s.Fatalf("round %d: %d won, %v", i, len(won), lost)
			}
		}

		x := s.HandIn(focal, consultations.SubmitFeedbackInput{
			Consultation: "con_OPEN", Capacity: consultations.OfficialReply, Publication: consultations.Confidential, Language: kit.English,
			Answers: []consultations.FeedbackAnswerInput{{Question: "Q_POSITION", Position: new(consultations.PositionMixed)}},
		})
		got := map[string]consultations.FeedbackAnswer{}
		for _, a := range x.Answers() {
			got[a.Question] = a
		}
		last := fmt.Sprintf("round %d", rounds-1)
		if len(got) != 4 || *got["Q_POSITION"].Position != consultations.PositionMixed || *got["Q_PRIORITY"].Priority != 1+(rounds-1)%5 ||
			*got["Q_TEXT"].Text != last || *got["Q_LEGAL_TEXT"].Text != last {
			s.Errorf("handed in %s", stage.InJSON(x.Answers()))
		}
		if left, err := s.Portal.Feedback.DraftsByIDs(stage.By(focal), []kit.ID{consultations.DraftID("con_OPEN", "mem_ACTIVE", "")}); err != nil || left[0] != nil {
			s.Errorf("the draft is left: %v, %v", left, err)
		}
	})
}
