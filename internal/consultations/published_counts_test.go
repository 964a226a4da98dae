package consultations_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"

	"memberportal/internal/consultations"
	"memberportal/internal/kit"
	"memberportal/internal/testkit/stage"
)

// answeredPublicly are the values by which a reply is counted, by question, from what everybody reads of it.
func answeredPublicly(questions []consultations.ConsultationQuestion, x *consultations.Feedback) map[string][]string {
	given := map[string][]string{}
	for _, q := range questions {
		if q.Kind != consultations.AskText && q.Kind != consultations.AskLegalText && q.Kind != consultations.AskExpectedEffect {
			given[q.Code] = []string{"NONE"}
		}
	}
	for _, a := range x.Answers() {
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
	return given
}

// recounted are all cells of all questions, margins included, from the list of what is published.
func recounted(questions []consultations.ConsultationQuestion, list []*consultations.Feedback) map[matrixCell]int64 {
	counts := map[matrixCell]int64{}
	for _, x := range list {
		of := []matrixCell{{}}
		if r := x.Respondent(); r != nil {
			of = append(of, matrixCell{kind: r.Kind}, matrixCell{region: r.Region})
		}
		for question, values := range answeredPublicly(questions, x) {
			for _, v := range append([]string{""}, values...) {
				for _, k := range of {
					counts[matrixCell{question, v, k.kind, k.region}]++
				}
			}
		}
	}
	return counts
}

// TestEveryPublicCountIsMadeAgainFromThePublicList counts what a visitor is told once more from what a visitor
// reads, for consultations with many and few replies of each publication.
func TestEveryPublicCountIsMadeAgainFromThePublicList(t *testing.T) {
	s := scene{stage.Embedded(t)}
	cells, shown := 0, map[bool]int{}
	for seed, n := range map[uint64]int{2: 8, 3: 16, 4: 30, 5: 60, 6: 60, 7: 120, 8: 45} {
		c, replies := s.randomReplies(seed, n)
		c.Deadline = "2025-03-30T22:00:00.000Z" // so that the service can close it
		s.Must(consultations.ConsultationNoun.In(s.Store).Replace(context.Background(), c))
		closed, err := s.Portal.Consultations.Close(stage.By(stage.Secretariat), consultations.CloseConsultationInput{ID: c.ID, ExpectedVersion: int(c.Version), Reason: new("all there")})
		if err != nil || closed.Consultation == nil {
			s.Fatalf("closing: %v, %s", err, stage.InJSON(closed))
		}
		cited := consultations.SynthesisParagraphInput{Topic: "1a", Kind: consultations.Finding, Text: stage.English("What they say.")}
		for _, x := range replies {
			cited.Citations = append(cited.Citations, x.ID)
		}
		saved, err := s.Portal.Synthesis.Save(stage.By(stage.Reviewer), consultations.SaveSynthesisInput{Consultation: c.ID, Paragraphs: []consultations.SynthesisParagraphInput{cited}})
		s.Must(err)
		made, err := s.Portal.Synthesis.Publish(stage.By(stage.Reviewer), consultations.PublishSynthesisInput{Consultation: c.ID, ExpectedVersion: int(saved.Synthesis.Version)})
		if err != nil || made.Synthesis == nil {
			s.Fatalf("publishing: %v, %s", err, stage.InJSON(made))
		}
		for _, round := range []string{"closed", "one is made confidential"} {
			if round != "closed" {
				i := slices.IndexFunc(replies, func(x *consultations.Feedback) bool { return x.Publication() == consultations.Attributed })
				done, err := s.Portal.Feedback.MakeConfidential(stage.By(stage.Secretariat), consultations.MakeFeedbackConfidentialInput{ID: replies[i].ID, ExpectedVersion: 1, Reason: "asked"})
				if err != nil || done.Feedback == nil {
					s.Fatalf("%v, %s", err, stage.InJSON(done))
				}
			}
			told, anonymised := s.recount(fmt.Sprintf("%d, %s", seed, round), c, n)
			cells += told
			shown[anonymised > 0]++
			if anonymised > 0 && anonymised < int64(c.SmallestCell) {
				s.Errorf("%d: %d anonymised replies are published", seed, anonymised)
			}
		}
	}
	if cells < 500 || shown[true] == 0 || shown[false] == 0 {
		t.Errorf("%d cells, with anonymised replies %v, prove nothing", cells, shown)
	}
	t.Logf("%d cells made again, with anonymised replies %v", cells, shown)
}

// recount holds all that a visitor is told by number of a consultation against its list of published replies.
func (s scene) recount(where string, c *consultations.Consultation, all int) (cells int, anonymised int64) {
	s.Helper()
	var list []*consultations.Feedback
	views := int64(0)
	for args := (kit.PageArgs{First: new(7)}); ; {
		page, err := s.Portal.Feedback.List(stage.By(stage.Nobody), &consultations.FeedbackFilter{Consultation: &c.ID}, args)
		s.Must(err)
		for _, x := range page.Nodes() {
			if x.Capacity == consultations.DelegateView {
				views++
				continue
			}
			list = append(list, x)
			if x.Publication() == consultations.Anonymised {
				anonymised++
			}
		}
		if !page.PageInfo.HasNextPage {
			break
		}
		args.After = page.PageInfo.EndCursor
	}
	told, err := s.Portal.Feedback.PublishedCounts(stage.By(stage.Nobody), c.ID, nil)
	s.Must(err)
	n := int64(len(list))
	if told.Published() != n || told.Anonymised != anonymised || told.Attributed != n-anonymised || told.DelegateViews != views || told.Replied != int64(all) ||
		told.Confidential != int64(all)-n || told.Consulted != int64(all) {
		s.Errorf("%s: told %+v of %d published", where, *told, n)
	}
	again := recounted(c.Questions, list)
	for _, table := range told.Tables {
		if table.Published() != n || table.Attributed() != n-anonymised || table.Confidential() != told.Confidential || table.DelegateViews() != views {
			s.Errorf("%s: the table of %s counts others", where, table.Question.Code)
		}
		for _, cell := range table.Cells {
			key := matrixCell{table.Question.Code, orAllOf(cell.Value), orAllOf(cell.Kind), orAllOf(cell.Region)}
			if cell.Count != again[key] || key.kind != "" && key.region != "" {
				s.Errorf("%s: %+v is told as %d and counted as %d", where, key, cell.Count, again[key])
			}
			delete(again, key)
			cells++
		}
	}
	if len(again) > 0 {
		s.Errorf("%s: nothing is told of %v", where, slices.Collect(maps.Keys(again)))
	}
	s.recountCampaigns(where, c, list)
	return cells, anonymised
}

// recountCampaigns holds the published synthesis against the published replies.
func (s scene) recountCampaigns(where string, c *consultations.Consultation, list []*consultations.Feedback) {
	s.Helper()
	found, err := s.Portal.Synthesis.ByIDs(stage.By(stage.Nobody), []kit.ID{consultations.SynthesisID(c.ID)})
	s.Must(err)
	y, campaign := found[0], map[kit.ID]string{}
	for _, g := range y.Campaigns() {
		members, err := g.Replies(stage.By(stage.Nobody))
		s.Must(err)
		if len(members) == 0 {
			s.Errorf("%s: nobody is in %s", where, g.Group)
		}
		for _, x := range members {
			campaign[x.ID] = g.Group
		}
	}
	total, once := map[matrixCell]int64{}, map[matrixCell]map[string]bool{}
	for _, x := range list {
		for question, values := range answeredPublicly(c.Questions, x) {
			for _, v := range values {
				key, who := matrixCell{question: question, value: v}, string(x.ID)
				if g := campaign[x.ID]; g != "" {
					who = g
				}
				if once[key] == nil {
					once[key] = map[string]bool{}
				}
				total[key]++
				once[key][who] = true
			}
		}
	}
	for _, n := range y.CampaignCounts() {
		key := matrixCell{question: n.Question, value: n.Value}
		if n.Count != total[key] || n.CountOnce != int64(len(once[key])) {
			s.Errorf("%s: %+v is told, %d and %d counted", where, n, total[key], len(once[key]))
		}
		delete(total, key)
	}
	if len(total) > 0 || len(campaign) == 0 {
		s.Errorf("%s: %d in campaigns, nothing is told of %v", where, len(campaign), total)
	}
	if n, err := y.Paragraphs()[0].CitationCount(stage.By(stage.Nobody)); err != nil || n != len(list) {
		s.Errorf("%s: cites %d published replies of %d: %v", where, n, len(list), err)
	}
}
