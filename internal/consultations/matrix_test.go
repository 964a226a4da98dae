package consultations_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"memberportal/internal/consultations"
	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// matrixCell names a cell of a question; what is empty stands for all.
type matrixCell struct {
	question, value string
	kind            membership.RespondentKind
	region          country.Region
}

// randomReplies puts a consultation with pseudo-random replies into the store.
func (s scene) randomReplies(seed uint64, n int) (*consultations.Consultation, []*consultations.Feedback) {
	s.Helper()
	random := rand.New(rand.NewPCG(seed, 7))
	c := *testkit.Consultations()[1]
	c.ID, c.Code = kit.ID(fmt.Sprintf("con_RANDOM%d", seed)), fmt.Sprintf("RANDOM_%d", seed)
	s.Must(consultations.ConsultationNoun.In(s.Store).Insert(context.Background(), &c))
	var replies []*consultations.Feedback
	var parts []*consultations.Participation
	var counted []*consultations.CountedAnswer
	kinds, regions := membership.RespondentKinds[:2+random.IntN(3)], country.Regions[:2+random.IntN(3)]
	for i := range n {
		id := fmt.Sprintf("RANDOM%dX%d", seed, i)
		x := &consultations.Feedback{
			ID: kit.ID("fbk_" + id), ConsultationID: c.ID, Group: c.Group, EntityID: kit.ID("mem_" + id), Capacity: consultations.OfficialReply, Status: consultations.FeedbackSubmitted,
			StoredRespondent: consultations.Respondent{Kind: kinds[min(random.IntN(len(kinds)), random.IntN(len(kinds)))], Region: regions[random.IntN(len(regions))], Sectors: []membership.Sector{}, StoredEventsAttended: []kit.ID{}},
			StoredSubmissions: []consultations.FeedbackSubmission{{
				Number: 1, By: "usr_test", Publication: consultations.Publications[random.IntN(3)], Language: kit.English,
				StoredReceipt: consultations.FeedbackReceipt{Reference: id, At: "2025-03-20T09:00:00.000Z", Timeliness: consultations.InTime, SHA256: id},
			}},
			Dataset: kit.Demonstration,
		}
		if i%8 == 7 {
			x.StoredSubmissions[0].StoredReceipt.Timeliness = consultations.Late
		}
		if i == 0 { // the one that is amended and taken back by the service
			x.EntityID, x.StoredRespondent.Kind, x.StoredRespondent.Region = "mem_ACTIVE", membership.RespondentSectorMember, country.RegionAFR
		}
		if random.IntN(3) == 0 {
			x.StoredClassification = &consultations.FeedbackClassification{Tags: []string{}, Topics: []string{}, CampaignGroup: new("GROUP_" + strconv.Itoa(random.IntN(2))), At: "2025-03-21T09:00:00.000Z", By: "usr_test"}
		}
		options := func(n int) (codes []string) {
			for _, at := range random.Perm(3)[:n] {
				codes = append(codes, string(rune('A'+at)))
			}
			return codes
		}
		for _, q := range c.Questions {
			a := consultations.FeedbackAnswer{Question: q.Code, Options: []string{}, Bodies: []consultations.ActionBody{}}
			switch q.Kind {
			case consultations.AskPosition:
				a.Position = new(consultations.Positions[min(random.IntN(4), random.IntN(4))])
			case consultations.AskPriority:
				a.Priority = new(1 + random.IntN(5))
			case consultations.AskSingleChoice:
				a.Options = options(1)
			case consultations.AskMultipleChoice:
				a.Options = options(1 + random.IntN(3))
			case consultations.AskRanking:
				a.Options = options(3)
			case consultations.AskActionBy:
				a.Bodies = consultations.ActionBodies[:1+random.IntN(3)]
			default:
				continue
			}
			if q.Required || random.IntN(4) > 0 {
				x.StoredSubmissions[0].Answers = append(x.StoredSubmissions[0].Answers, a)
			}
		}
		replies = append(replies, x)
		counted = slices.AppendSeq(counted, maps.Values(x.Counting(&c)))
		parts = append(parts, &consultations.Participation{
			ID: consultations.ParticipationID(c.ID, x.EntityID), ConsultationID: c.ID, Group: c.Group, EntityID: x.EntityID, Name: id, Kind: x.StoredRespondent.Kind, Region: x.StoredRespondent.Region,
			Reply: consultations.ReplyState(x.StoredSubmissions[0].StoredReceipt.Timeliness), RepliedAt: &x.StoredSubmissions[0].StoredReceipt.At, FeedbackID: &x.ID, OpenedAt: *c.OpenedAt, Dataset: kit.Demonstration,
		})
	}
	s.Must(consultations.FeedbackNoun.In(s.Store).Insert(context.Background(), replies...))
	s.Must(consultations.CountedNoun.In(s.Store).Insert(context.Background(), counted...))
	s.Must(consultations.ParticipationNoun.In(s.Store).Insert(context.Background(), parts...))
	return &c, replies
}

// naiveCount is what a cell counts.
type naiveCount struct{ all, once int64 }

// countedNaively counts all cells of a consultation from the replies themselves.
func countedNaively(c *consultations.Consultation, replies []*consultations.Feedback, of consultations.Timeliness) map[matrixCell]naiveCount {
	counts, campaigns := map[matrixCell]naiveCount{}, map[matrixCell]map[string]bool{}
	for _, x := range replies {
		if x.Status != consultations.FeedbackSubmitted || x.StoredSubmissions[len(x.StoredSubmissions)-1].StoredReceipt.Timeliness != of || x.Capacity != consultations.OfficialReply {
			continue
		}
		given := map[string][]string{"": {""}}
		for _, q := range c.Questions {
			given[q.Code] = []string{"NONE"}
		}
		for _, a := range x.StoredSubmissions[len(x.StoredSubmissions)-1].Answers {
			switch {
			case a.Position != nil:
				given[a.Question] = []string{string(*a.Position)}
			case a.Priority != nil:
				given[a.Question] = []string{strconv.Itoa(*a.Priority)}
			case a.Question == "Q_RANKING":
				given[a.Question] = a.Options[:1]
			case len(a.Options) > 0:
				given[a.Question] = a.Options
			case len(a.Bodies) > 0:
				given[a.Question] = nil
				for _, b := range a.Bodies {
					given[a.Question] = append(given[a.Question], string(b))
				}
			}
		}
		for question, values := range given {
			for _, v := range values {
				for _, k := range []membership.RespondentKind{"", x.StoredRespondent.Kind} {
					for _, r := range []country.Region{"", x.StoredRespondent.Region} {
						key := matrixCell{question, v, k, r}
						n := counts[key]
						n.all++
						if x.StoredClassification == nil || x.StoredClassification.CampaignGroup == nil {
							n.once++
						} else if g := *x.StoredClassification.CampaignGroup; !campaigns[key][g] {
							if campaigns[key] == nil {
								campaigns[key] = map[string]bool{}
							}
							campaigns[key][g] = true
							n.once++
						}
						counts[key] = n
					}
				}
			}
		}
	}
	return counts
}

func orAllOf[T ~string](v *T) T {
	if v == nil {
		return ""
	}
	return *v
}

// matrixCells are the cells as somebody sees them; those of the replies themselves are of no question.
func (s scene) matrixCells(a kit.Actor, c kit.ID, of consultations.Timeliness) map[matrixCell]consultations.AnswerCell {
	s.Helper()
	all, err := s.Portal.Feedback.Matrix(stage.By(a), c, nil, of)
	s.Must(err)
	cells := map[matrixCell]consultations.AnswerCell{}
	for _, m := range all {
		for _, cell := range m.Cells {
			key := matrixCell{m.Question.Code, orAllOf(cell.Value), orAllOf(cell.Kind), orAllOf(cell.Region)}
			if key.value == "" {
				key.question = ""
			}
			if old, twice := cells[key]; twice && stage.InJSON(old) != stage.InJSON(cell) {
				s.Errorf("%+v is %s and %s", key, stage.InJSON(old), stage.InJSON(cell))
			}
			cells[key] = cell
		}
	}
	return cells
}

// exclusive are the questions of which each reply has one value.
var exclusive = []string{"Q_POSITION", "Q_PRIORITY", "Q_SINGLE_CHOICE", "Q_RANKING"}

// tallies holds all that the secretariat is told against a naive count and the list of replies.
func (s scene) tallies(c *consultations.Consultation, replies []*consultations.Feedback) {
	s.Helper()
	for _, of := range consultations.Timelinesses {
		cells, naive := s.matrixCells(stage.Secretariat, c.ID, of), countedNaively(c, replies, of)
		sums := map[matrixCell]int64{}
		for key, cell := range cells {
			if want := naive[key]; cell.Count != want.all || cell.CountOnce != want.once {
				s.Errorf("%s %+v is %s, not %+v", of, key, stage.InJSON(cell), want)
			} else if slices.Contains(exclusive, key.question) {
				sums[matrixCell{key.question, "", key.kind, key.region}] += cell.Count
			}
		}
		for key := range naive {
			if _, there := cells[key]; !there && key.question != "Q_TEXT" && key.question != "Q_EXPECTED_EFFECT" && key.question != "Q_LEGAL_TEXT" {
				s.Errorf("%s %+v is not counted", of, key)
			}
		}
		for key := range naive {
			if key.question != "" {
				continue
			}
			for _, q := range exclusive {
				if got := sums[matrixCell{q, "", key.kind, key.region}]; got != naive[key].all {
					s.Errorf("%s: the values of %s of %+v sum to %d, not %d", of, q, key, got, naive[key].all)
				}
			}
			f := consultations.FeedbackFilter{Consultation: &c.ID, Timeliness: &of, Capacities: []consultations.FeedbackCapacity{consultations.OfficialReply}}
			if key.kind != "" {
				f.Kinds = []membership.RespondentKind{key.kind}
			}
			if key.region != "" {
				f.Regions = []country.Region{key.region}
			}
			list, err := s.Portal.Feedback.List(stage.By(stage.Secretariat), &f, kit.PageArgs{})
			s.Must(err)
			if got := s.total(list.TotalCount(stage.By(stage.Secretariat))); got != naive[key].all {
				s.Errorf("%s: %d of %+v are listed, and %d counted", of, got, key, naive[key].all)
			}
		}
	}
}

func TestEveryCutOfTheMatrixAddsUp(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		c, replies := s.randomReplies(1, 60)
		s.tallies(c, replies)
		focal := testkit.Actor("FOCAL_POINT mem_ACTIVE usr_FOCAL")
		amended, err := s.Portal.Feedback.Amend(stage.By(focal), consultations.AmendFeedbackInput{
			ID: replies[0].ID, ExpectedVersion: 1, Publication: new(consultations.Confidential),
			Answers: []consultations.FeedbackAnswerInput{{Question: "Q_POSITION", Position: new(consultations.PositionNoView)}, {Question: "Q_MULTIPLE_CHOICE", Options: []string{"B"}}, {Question: "Q_ACTION_BY"}},
		})
		if err != nil || amended.Feedback == nil {
			s.Fatalf("amending: %v, %s", err, stage.InJSON(amended))
		}
		replies[0] = amended.Feedback
		s.tallies(c, replies)
		taken, err := s.Portal.Feedback.Withdraw(stage.By(focal), consultations.WithdrawFeedbackInput{ID: replies[0].ID, ExpectedVersion: 2})
		if err != nil || taken.Feedback == nil {
			s.Fatalf("withdrawing: %v, %s", err, stage.InJSON(taken))
		}
		replies[0] = taken.Feedback
		s.tallies(c, replies)
	})
}
