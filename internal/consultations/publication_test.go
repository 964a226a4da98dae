package consultations_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"memberportal/internal/consultations"
	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/testkit/stage"
)

// hearing is a consultation of Sector Members until 2025-03-30, to which new members reply.
type hearing struct {
	scene
	clock *mover
	c     *consultations.Consultation
	focal []kit.Actor
}

// hear opens a consultation for as many new members, who have persons with addresses, each in a language.
func hear(s scene, n int) hearing {
	s, clock := moving(s.T, s.Store)
	clock.set(time.Date(2025, 3, 28, 12, 0, 0, 0, time.UTC), 0)
	h := hearing{scene: s, clock: clock, focal: s.respondents(n)}
	for i, a := range h.focal {
		address := strings.ToLower(strings.TrimPrefix(string(a.Subject), "usr_")) + "@example.org"
		s.Must(people.PersonNoun.In(s.Store).Insert(context.Background(), &people.Person{
			ID: a.Subject, Name: new("Person"), Email: &address, Locale: new(kit.Locales[i%len(kit.Locales)]), Entities: []kit.ID{a.Mandates[0].Entity}, Dataset: kit.Demonstration,
		}))
	}
	h.c = s.opened("HEARING", "2025-03-30", membership.RespondentSectorMember)
	return h
}

// reply hands a reply in that is to be published so.
func (h hearing) reply(i int, p consultations.Publication) *consultations.Feedback {
	in := stage.Support(h.c.ID, "words of "+string(h.focal[i].Mandates[0].Entity))
	in.Publication = p
	return h.HandIn(h.focal[i], in)
}

// close closes the consultation after its deadline.
func (h hearing) close() {
	h.Helper()
	h.clock.set(h.c.Deadline.Time().Add(time.Hour), 0)
	closed, err := h.Portal.Consultations.Close(stage.By(stage.Secretariat), consultations.CloseConsultationInput{ID: h.c.ID, ExpectedVersion: int(h.c.Version), Reason: new("all there")})
	if err != nil || closed.Consultation == nil {
		h.Fatalf("closing: %v, %s", err, stage.InJSON(closed))
	}
}

// public are the replies that everybody reads.
func (h hearing) public() []*consultations.Feedback {
	h.Helper()
	list, err := h.Portal.Feedback.List(stage.By(stage.Nobody), &consultations.FeedbackFilter{Consultation: &h.c.ID}, kit.PageArgs{First: new(kit.MaxPage)})
	h.Must(err)
	return list.Nodes()
}

func (h hearing) counts() *consultations.PublishedCounts {
	h.Helper()
	counts, err := h.Portal.Feedback.PublishedCounts(stage.By(stage.Nobody), h.c.ID, nil)
	h.Must(err)
	return counts
}

func (h hearing) consultation() *consultations.Consultation {
	h.Helper()
	c, err := h.Portal.Consultations.Get(stage.By(stage.Nobody), h.c.ID)
	h.Must(err)
	return c
}

// amended is a reply after an amendment that must succeed.
func (h hearing) amended(i int, in consultations.AmendFeedbackInput) *consultations.Feedback {
	h.Helper()
	payload, err := h.Portal.Feedback.Amend(stage.By(h.focal[i]), in)
	if err != nil || payload.Feedback == nil {
		h.Fatalf("amending: %v, %s", err, stage.InJSON(payload))
	}
	return payload.Feedback
}

func TestTheChoiceIsMadeAgainUntilClosing(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		h := hear(s, 2)
		early := h.reply(0, consultations.Attributed)
		saved, err := h.Portal.Feedback.SaveDraft(stage.By(h.focal[0]), consultations.SaveFeedbackDraftInput{
			Consultation: h.c.ID, Capacity: consultations.OfficialReply, Answers: []consultations.FeedbackAnswerInput{{Question: "Q_TEXT", Text: new("not handed in")}},
		})
		if err != nil || saved.Draft == nil {
			h.Fatalf("drafting: %v, %s", err, stage.InJSON(saved))
		}
		h.clock.set(h.c.Deadline.Time(), 0)
		late := h.reply(1, consultations.Attributed)

		chosen := h.amended(0, consultations.AmendFeedbackInput{ID: early.ID, ExpectedVersion: int(early.StoredVersion), Publication: new(consultations.Confidential)})
		if chosen.Publication() != consultations.Confidential || *chosen.Timeliness() != consultations.InTime || len(chosen.Answers()) != 2 || len(chosen.Submissions()) != 2 ||
			chosen.Receipt().SHA256 != hashOf(*chosen.Receipt()) || chosen.Receipt().At != h.c.Deadline {
			h.Errorf("chosen again: %s", stage.InJSON(chosen))
		}
		if d, err := h.Portal.Feedback.DraftsByIDs(stage.By(h.focal[0]), []kit.ID{saved.Draft.ID}); err != nil || d[0] == nil {
			h.Errorf("the draft is gone: %v", err)
		}
		for name, in := range map[string]consultations.AmendFeedbackInput{
			"answers":  {Answers: []consultations.FeedbackAnswerInput{{Question: "Q_TEXT", Text: new("later words")}}},
			"language": {Language: new(kit.French)},
		} {
			in.ID, in.ExpectedVersion = early.ID, int(chosen.StoredVersion)
			if payload, err := h.Portal.Feedback.Amend(stage.By(h.focal[0]), in); err != nil || !slices.Equal(stage.FaultsOf(payload.UserErrors), []string{"CLOSED input.id"}) {
				h.Errorf("%s after the deadline: %v, %s", name, err, stage.InJSON(payload))
			}
		}
		corrected := h.amended(1, consultations.AmendFeedbackInput{
			ID: late.ID, ExpectedVersion: int(late.StoredVersion), Publication: new(consultations.Confidential), Answers: []consultations.FeedbackAnswerInput{{Question: "Q_TEXT", Text: new("corrected")}},
		})
		if corrected.Publication() != consultations.Confidential || *corrected.Timeliness() != consultations.Late || len(corrected.Answers()) != 3 {
			h.Errorf("corrected: %s", stage.InJSON(corrected))
		}
		h.close()
		for i, x := range []*consultations.Feedback{chosen, corrected} {
			payload, err := h.Portal.Feedback.Amend(stage.By(h.focal[i]), consultations.AmendFeedbackInput{ID: x.ID, ExpectedVersion: int(x.StoredVersion), Publication: new(consultations.Attributed)})
			if err != nil || !slices.Equal(stage.FaultsOf(payload.UserErrors), []string{"CLOSED input.id"}) {
				h.Errorf("wider after closing: %v, %s", err, stage.InJSON(payload))
			}
		}
		if n := h.counts(); len(h.public()) != 0 || n.Confidential != 2 || n.Replied != 2 || n.Published() != 0 {
			h.Errorf("published %s", stage.InJSON(n))
		}
	})
}

func TestFewAnonymisedRepliesAreTreatedAsConfidential(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		h := hear(s, 6)
		for i := range 4 {
			h.reply(i, consultations.Anonymised)
		}
		h.reply(4, consultations.Attributed)
		tick := func(dry bool) (found []kit.Due) {
			all, err := h.Portal.Tick(stage.By(stage.Operator), dry)
			h.Must(err)
			return slices.DeleteFunc(all, func(d kit.Due) bool { return d.Target != h.c.ID })
		}
		mailed := func() []*kit.Outgoing { // beside receipts and what the clock tells about other records
			return slices.DeleteFunc(h.Outbox(), func(m *kit.Outgoing) bool { return m.Key != "mail.fewAnonymised" })
		}
		if early := tick(false); len(early) != 0 || len(mailed()) != 0 {
			h.Fatalf("told before the deadline: %v", early)
		}
		h.clock.set(h.c.Deadline.Time().Add(time.Minute), 0)
		before := h.Records()
		if dry := tick(true); len(dry) != 1 || dry[0].Recorded || len(mailed()) != 0 {
			h.Fatalf("a dry run did %v", dry)
		}
		if due := tick(false); len(due) != 1 || !due[0].Recorded || due[0].Kind != kit.DueFewAnonymised || due[0].On != "2025-03-31" {
			h.Fatalf("fell due %v", due)
		}
		audit, _ := h.Records().Since(before)
		for _, e := range audit {
			if e.Operation == "clock" && e.TargetID != h.c.ID && strings.HasPrefix(string(e.TargetID), "per_") || strings.HasPrefix(string(e.TargetID), "fbk_") {
				h.Errorf("the log says who was told: %s", stage.InJSON(e))
			}
		}
		told := map[string]kit.Locale{}
		for _, m := range mailed() {
			told[m.To] = m.Locale
			if !strings.HasPrefix(m.To, "crowd") || !strings.Contains(m.Body, "Crowd CROWD") || !strings.Contains(m.Body, "5") || strings.Contains(m.Subject+m.Body, "{") {
				h.Errorf("told %s", stage.InJSON(m))
			}
		}
		if len(told) != 4 || told["crowd000@example.org"] != kit.Locales[0] || told["crowd003@example.org"] != kit.Locales[3] {
			h.Errorf("told %v", told)
		}
		if again := tick(false); len(again) != 0 || len(mailed()) != 4 {
			h.Errorf("told twice: %v", again)
		}
		x := h.reply(5, consultations.Confidential)
		h.amended(5, consultations.AmendFeedbackInput{ID: x.ID, ExpectedVersion: int(x.StoredVersion), Publication: new(consultations.Anonymised)})
		if enough := tick(false); len(enough) != 0 || len(mailed()) != 4 {
			h.Errorf("five are enough: %v", enough)
		}
		x = h.SeenFeedback(h.focal[5], x.ID)
		h.amended(5, consultations.AmendFeedbackInput{ID: x.ID, ExpectedVersion: int(x.StoredVersion), Publication: new(consultations.Confidential)})
		h.close()
		if n, all := h.counts(), h.public(); len(all) != 1 || n.Confidential != 5 || n.Anonymised != 0 || n.Attributed != 1 || n.Replied != 6 {
			h.Errorf("%d published, counted %s", len(all), stage.InJSON(n))
		}
	})
}

func TestAnonymisedTextsAreToldInLanguagesOfFiveOnly(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		h := hear(s, 7)
		for i := range 7 {
			in := stage.Support(h.c.ID, "words")
			in.Publication = consultations.Anonymised
			if i > 4 {
				in.Language = kit.French
			}
			h.HandIn(h.focal[i], in)
		}
		h.close()
		with := 0
		for _, x := range h.public() {
			words := slices.ContainsFunc(x.Answers(), func(a consultations.FeedbackAnswer) bool { return a.Text != nil })
			if words {
				with++
			}
			if x.Timeliness() != nil || x.Respondent() != nil || x.Receipt() != nil || x.Version() != nil || words != (x.Language() != nil) || words && *x.Language() != kit.English ||
				len(x.Answers()) != map[bool]int{true: 2, false: 1}[words] {
				h.Errorf("everybody reads %s", stage.InJSON(x.Answers()))
			}
		}
		if with != 5 || len(h.public()) != 7 {
			h.Errorf("%d of %d with texts", with, len(h.public()))
		}
		for name, f := range map[string]consultations.FeedbackFilter{
			"kind": {Kinds: []membership.RespondentKind{membership.RespondentSectorMember}}, "region": {Regions: []country.Region{country.RegionAFR}}, "in time": {Timeliness: new(consultations.InTime)},
		} {
			f.Consultation = &h.c.ID
			list, err := h.Portal.Feedback.List(stage.By(stage.Nobody), &f, kit.PageArgs{})
			h.Must(err)
			if n := h.total(list.TotalCount(stage.By(stage.Nobody))); n != 0 || len(list.Edges) != 0 {
				h.Errorf("a filter by %s finds %d", name, n)
			}
		}
	})
}

// confidential makes a reply confidential after closing.
func (h hearing) confidential(a kit.Actor, x *consultations.Feedback) *consultations.MakeFeedbackConfidentialPayload {
	h.Helper()
	payload, err := h.Portal.Feedback.MakeConfidential(stage.By(a), consultations.MakeFeedbackConfidentialInput{ID: x.ID, ExpectedVersion: int(x.StoredVersion), Reason: "Our board asks for it."})
	h.Must(err)
	return payload
}

func TestAfterClosingAChoiceOnlyBecomesStricter(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		h := hear(s, 8)
		var replies []*consultations.Feedback
		for i := range 7 {
			replies = append(replies, h.reply(i, []consultations.Publication{consultations.Attributed, consultations.Anonymised}[min(1, i/2)]))
		}
		if early := h.confidential(h.focal[0], replies[0]); !slices.Equal(stage.FaultsOf(early.UserErrors), []string{"NOT_ALLOWED_IN_STATE input.id"}) {
			h.Errorf("before closing: %s", stage.InJSON(early))
		}
		h.close()
		if n := len(h.public()); n != 7 || len(h.consultation().Errata) != 0 {
			h.Fatalf("%d published", n)
		}
		_, err := h.Portal.Feedback.MakeConfidential(stage.By(h.focal[7]), consultations.MakeFeedbackConfidentialInput{ID: replies[0].ID, ExpectedVersion: 1, Reason: "x"})
		h.Refused(err, kit.Forbidden)
		if silent, err := h.Portal.Feedback.MakeConfidential(stage.By(h.focal[0]), consultations.MakeFeedbackConfidentialInput{ID: replies[0].ID, ExpectedVersion: 1}); err != nil ||
			!slices.Equal(stage.FaultsOf(silent.UserErrors), []string{"REQUIRED input.reason"}) {
			h.Errorf("without a reason: %v, %s", err, stage.InJSON(silent))
		}

		own := h.confidential(h.focal[0], replies[0])
		if own.Feedback == nil || own.Feedback.Publication() != consultations.Confidential || *own.Feedback.Submissions()[1].Reason != "Our board asks for it." ||
			own.Feedback.Receipt().SHA256 != hashOf(*own.Feedback.Receipt()) || *own.Feedback.Timeliness() != consultations.InTime {
			h.Fatalf("at its own request: %s", stage.InJSON(own))
		}
		if twice := h.confidential(h.focal[0], own.Feedback); !slices.Equal(stage.FaultsOf(twice.UserErrors), []string{"NOT_ALLOWED_IN_STATE input.id"}) {
			h.Errorf("twice: %s", stage.InJSON(twice))
		}
		if asked := h.confidential(stage.Secretariat, replies[1]); asked.Feedback == nil {
			h.Errorf("for the respondent: %s", stage.InJSON(asked))
		}
		if n, all := h.counts(), h.public(); len(all) != 5 || n.Attributed != 0 || n.Anonymised != 5 || n.Confidential != 2 {
			h.Errorf("%d published, counted %s", len(all), stage.InJSON(n))
		}
		// Of five anonymised replies one goes, so that the others are too few.
		if last := h.confidential(h.focal[6], replies[6]); last.Feedback == nil {
			h.Errorf("an anonymised one: %s", stage.InJSON(last))
		}
		at := kit.DateTimeOf(h.c.Deadline.Time().Add(time.Hour))
		want := []consultations.ConsultationErratum{{At: at, Was: consultations.Attributed, Replies: 1}, {At: at, Was: consultations.Attributed, Replies: 1}, {At: at, Was: consultations.Anonymised, Replies: 5}}
		if n, c := h.counts(), h.consultation(); len(h.public()) != 0 || n.Published() != 0 || n.Confidential != 7 || !slices.Equal(c.Errata, want) {
			h.Errorf("counted %s, errata %s", stage.InJSON(n), stage.InJSON(c.Errata))
		}
		// One that was not published any more leaves no trace that everybody sees.
		before := stage.InJSON(h.consultation())
		if unseen := h.confidential(h.focal[5], replies[5]); unseen.Feedback == nil || stage.InJSON(h.consultation()) != before {
			h.Errorf("one that was hidden: %s", stage.InJSON(unseen))
		}
	})
}

func TestAParagraphOnFewRepliesNeedsTheConsentOfAConfidentialOne(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		h := hear(s, 6)
		var replies []*consultations.Feedback
		for i, p := range []consultations.Publication{consultations.Confidential, consultations.Attributed, consultations.Attributed, consultations.Attributed, consultations.Attributed, consultations.Anonymised} {
			replies = append(replies, h.reply(i, p))
		}
		h.close()
		version := 0
		publish := func(cites ...int) *consultations.PublishSynthesisPayload {
			h.Helper()
			p := consultations.SynthesisParagraphInput{Topic: "1a", Kind: consultations.Finding, Text: stage.English("What they say.")}
			for _, i := range cites {
				p.Citations = append(p.Citations, replies[i].ID)
			}
			saved, err := h.Portal.Synthesis.Save(stage.By(stage.Reviewer), consultations.SaveSynthesisInput{Consultation: h.c.ID, ExpectedVersion: version, Paragraphs: []consultations.SynthesisParagraphInput{p}})
			if err != nil || saved.Synthesis == nil {
				h.Fatalf("saving: %v, %s", err, stage.InJSON(saved))
			}
			made, err := h.Portal.Synthesis.Publish(stage.By(stage.Reviewer), consultations.PublishSynthesisInput{Consultation: h.c.ID, ExpectedVersion: int(saved.Synthesis.Version)})
			h.Must(err)
			if version = int(saved.Synthesis.Version); made.Synthesis != nil {
				version = int(made.Synthesis.Version)
			}
			return made
		}
		for name, few := range map[string][]int{"confidential": {1, 2, 3, 0}, "anonymised among too few": {1, 2, 3, 5}} {
			if made := publish(few...); !slices.Equal(stage.FaultsOf(made.UserErrors), []string{"REQUIRED draft.0.citations.3"}) || *made.UserErrors[0].RelatedID != replies[few[3]].ID {
				h.Errorf("%s: %s", name, stage.InJSON(made.UserErrors))
			}
		}
		if made := publish(0, 1, 2, 3, 4); made.Synthesis == nil {
			h.Errorf("five replies: %s", stage.InJSON(made.UserErrors))
		}
		agreed := func(agrees bool, expected int64) *consultations.Feedback {
			h.Helper()
			payload, err := h.Portal.Feedback.AgreeToCitation(stage.By(h.focal[0]), consultations.AgreeToCitationInput{ID: replies[0].ID, ExpectedVersion: int(expected), Agrees: agrees})
			if err != nil || payload.Feedback == nil {
				h.Fatalf("agreeing: %v, %s", err, stage.InJSON(payload))
			}
			return payload.Feedback
		}
		x := agreed(true, 1)
		if x.CitationAgreedAt() == nil || h.SeenFeedback(stage.Reviewer, x.ID).CitationAgreedAt() == nil {
			h.Error("the agreement is not recorded")
		}
		made := publish(0, 1)
		if made.Synthesis == nil {
			h.Fatalf("with consent: %s", stage.InJSON(made.UserErrors))
		}
		for _, a := range []kit.Actor{stage.Nobody, stage.Reviewer, h.focal[0]} {
			y, err := h.Portal.Synthesis.ByIDs(stage.By(a), []kit.ID{made.Synthesis.ID})
			h.Must(err)
			if n, err := y[0].Paragraphs()[0].CitationCount(stage.By(a)); n != 1 || err != nil {
				h.Errorf("%v is told of %d published replies, %v", a.Roles, n, err)
			}
		}
		agreed(false, x.StoredVersion)
		if again := publish(0, 1); len(again.UserErrors) != 1 {
			h.Errorf("the consent was taken back: %s", stage.InJSON(again))
		}
		_, err := h.Portal.Feedback.AgreeToCitation(stage.By(stage.Secretariat), consultations.AgreeToCitationInput{ID: x.ID, ExpectedVersion: int(x.StoredVersion), Agrees: true})
		h.Refused(err, kit.Forbidden)
	})
}

func TestWhoWillSeeWhatIsSaidInSixLanguages(t *testing.T) {
	stage.OnShared(t, func(s scene) {
		c, err := s.Portal.Consultations.Get(stage.By(stage.Nobody), "con_OPEN")
		s.Must(err)
		seen := map[string]bool{}
		for _, l := range kit.Locales {
			for _, p := range c.PublicationChoices() {
				text := p.Text(kit.WithLocale(stage.By(stage.Nobody), l), nil)
				if !strings.Contains(text, "TDAG") || strings.Contains(text, "{") || p.Publication == consultations.Anonymised && !strings.Contains(text, "5") || text != p.Text(stage.By(stage.Nobody), &l) {
					s.Errorf("%s in %s: %q", p.Publication, l, text)
				}
				seen[text] = true
			}
		}
		if len(seen) != len(kit.Locales)*len(consultations.Publications) {
			s.Errorf("%d texts", len(seen))
		}
	})
}

// TestRepliesOfAnEarlierReleaseGetNewIDs migrates a store whose receipts repeat letters of public ids and whose
// closed consultation does not say which anonymised replies are published.
func TestRepliesOfAnEarlierReleaseGetNewIDs(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		ctx := context.Background()
		c, err := consultations.ConsultationNoun.In(s.Store).Get(ctx, "con_CLOSED")
		s.Must(err)
		c.Anonymous, c.Errata = nil, nil
		s.Must(consultations.ConsultationNoun.In(s.Store).Replace(ctx, c))
		y, err := consultations.SynthesisNoun.In(s.Store).Get(ctx, "syn_CLOSED")
		s.Must(err)
		once := y.StoredCampaignCounts
		y.StoredCampaigns, y.StoredCampaignCounts = nil, nil
		s.Must(consultations.SynthesisNoun.In(s.Store).Replace(ctx, y))
		for _, id := range []string{"fbk_ATTRIBUTED", "fbk_ANONYMISED", "fbk_UNNAMED", "fbk_SECRET"} {
			x, err := consultations.FeedbackNoun.In(s.Store).Get(ctx, id)
			s.Must(err)
			x.StoredSubmissions[0].StoredReceipt.Reference = "TESTBED-" + id[max(0, len(id)-8):] + "-1"
			s.Must(consultations.FeedbackNoun.In(s.Store).Replace(ctx, x))
		}
		sorted, err := s.Portal.Feedback.Classify(stage.By(stage.Secretariat), consultations.ClassifyFeedbackInput{ID: "fbk_ATTRIBUTED", ExpectedVersion: 2, Tags: []string{"FEES"}, CampaignGroup: new("CAMPAIGN_A")})
		if err != nil || sorted.Feedback == nil {
			s.Fatalf("sorting: %v, %s", err, stage.InJSON(sorted))
		}
		for round := range 2 {
			for _, m := range portal.Migrations() {
				if err := m.Run(ctx, s.Store); err != nil {
					s.Fatalf("round %d, %s: %v", round, m.Name, err)
				}
			}
		}
		old, err := consultations.FeedbackNoun.In(s.Store).Many(ctx, []string{"fbk_ATTRIBUTED", "fbk_ANONYMISED", "fbk_UNNAMED", "fbk_SECRET", "fbk_CONFIDENTIAL"})
		s.Must(err)
		if old[0] != nil || old[1] != nil || old[2] != nil || old[3] != nil || old[4] == nil {
			s.Errorf("there are %s", stage.InJSON(old))
		}
		list, err := s.Portal.Feedback.List(stage.By(stage.Nobody), &consultations.FeedbackFilter{Consultation: &c.ID}, kit.PageArgs{})
		s.Must(err)
		now := map[consultations.Publication]int{}
		var named kit.ID
		for _, x := range list.Nodes() {
			now[x.Publication()]++
			if len(x.ID) != len("fbk_")+26 && x.ID != "fbk_VIEW" {
				s.Errorf("%s is no new id", x.ID)
			}
			if x.Publication() == consultations.Attributed && x.Capacity == consultations.OfficialReply {
				named = x.ID
			}
		}
		if now[consultations.Attributed] != 2 || now[consultations.Anonymised] != 2 {
			s.Errorf("published %v", now)
		}
		stored, err := consultations.FeedbackNoun.In(s.Store).Get(ctx, string(named))
		s.Must(err)
		if stored.StoredSubmissions[0].StoredReceipt.Reference != "TESTBED-TRIBUTED-1" {
			s.Errorf("the receipt is %s", stored.StoredSubmissions[0].StoredReceipt.Reference)
		}
		p, err := consultations.ParticipationNoun.In(s.Store).Get(ctx, string(consultations.ParticipationID(c.ID, "mem_INTERNATIONAL")))
		s.Must(err)
		if *p.FeedbackID != named {
			s.Errorf("the participation leads to %s", *p.FeedbackID)
		}
		syntheses, err := s.Portal.Synthesis.ByIDs(stage.By(stage.Nobody), []kit.ID{"syn_CLOSED"})
		s.Must(err)
		if y := syntheses[0]; !slices.Equal(y.StoredCampaignCounts, once) || len(y.StoredCampaigns) != 1 || !slices.Equal(y.StoredCampaigns[0].StoredReplies, []kit.ID{named}) || !slices.Contains(y.Published[0].StoredCitations, named) ||
			!slices.Contains(y.StoredDraft[0].StoredCitations, named) {
			s.Errorf("the synthesis is %s", stage.InJSON(y))
		}
		counts, err := s.Portal.Feedback.PublishedCounts(stage.By(stage.Nobody), c.ID, nil)
		s.Must(err)
		if counts.Attributed != 1 || counts.Anonymised != 2 || counts.Confidential != 1 || counts.DelegateViews != 1 || counts.Consulted != 5 {
			s.Errorf("counted %s", stage.InJSON(counts))
		}
		log, err := s.Portal.Audit.List(stage.By(stage.Secretariat), &kit.AuditFilter{TargetID: &named}, kit.PageArgs{})
		if err != nil || len(log.Edges) != 1 {
			s.Errorf("the log has %d entries of it, %v", len(log.Edges), err)
		}
	})
}
