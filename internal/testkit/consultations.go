package testkit

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/portal"
	"memberportal/internal/store"
)

// Statement is lia_TESTBED, addressed to TDAG for action and to RAG for information.
func Statement() *portal.LiaisonStatement {
	return &portal.LiaisonStatement{
		ID: "lia_TESTBED", Reference: "TESTBED-LS/1", Revision: new("Rev.1"), Source: "CWG-TEST", Title: english("Testbed statement"), Abstract: english("What is asked."),
		Addressees: []portal.LiaisonAddressee{{Group: "TDAG", Role: portal.ForAction}, {Group: "RAG", Role: portal.ForInformation}},
		Keywords:   []kit.LocalizedText{*english("testbed")}, Documents: []portal.LiaisonDocument{{Title: "Text", URL: "https://docs.example/statement", Language: kit.English}},
		Pillars: []portal.LiaisonPillar{
			{Code: "1", Title: english("Members"), Topics: []portal.LiaisonTopic{{Code: "1a", Title: english("Rights")}, {Code: "1b", Title: english("Sectors")}}},
			{Code: "2", Title: english("Products"), Topics: []portal.LiaisonTopic{{Code: "2", Title: english("Events")}}},
		},
		AgreedOn:         new(kit.Date("2025-02-19")),
		InterimReportDue: &portal.ReportDeadline{On: "2025-09-30", MonthOnly: true, Source: "One source"},
		FinalReportDue:   &portal.ReportDeadline{On: "2025-12-31", Source: "Another source"},
		Zone:             "Europe/Zurich", StatedIn: new("Test"), RecordedAt: "2025-02-20T09:00:00.000Z", Dataset: kit.Demonstration,
	}
}

// Questions ask for an answer of every kind.
func Questions() []portal.ConsultationQuestion {
	options := []portal.QuestionOption{{Code: "A", Text: english("The first")}, {Code: "B", Text: english("The second")}, {Code: "C", Text: english("The third")}}
	var all []portal.ConsultationQuestion
	for _, k := range portal.QuestionKinds {
		q := portal.ConsultationQuestion{Code: "Q_" + string(k), Topic: "1a", Kind: k, Text: english("What of " + string(k) + "?"), Options: []portal.QuestionOption{}}
		switch k {
		case portal.AskPosition:
			q.Required, q.Help = true, english("Say it.")
		case portal.AskSingleChoice, portal.AskMultipleChoice, portal.AskRanking:
			q.Options = options
		case portal.AskText:
			q.Topic = "2"
		}
		all = append(all, q)
	}
	return all
}

func consultation(id string, state portal.ConsultationStatus, closesOn kit.Date, deadline kit.DateTime) *portal.Consultation {
	return &portal.Consultation{
		ID: kit.ID("con_" + id), Code: "TESTBED_" + id, StatementID: "lia_TESTBED", Group: "TDAG", Title: english("Testbed consultation " + id), Introduction: english("Please reply."),
		Audience: portal.ConsultationAudience{Kinds: portal.RespondentKinds, Regions: []portal.Region{}}, Questions: Questions(), ClosesOn: closesOn, Zone: "Europe/Zurich",
		Deadline: deadline, InterimReportDue: Statement().InterimReportDue, FinalReportDue: Statement().FinalReportDue, State: state, SmallestCell: 5,
		Changes: []portal.ConsultationChange{{Status: portal.ConsultationDraft, At: "2025-02-20T09:00:00.000Z", Actor: "usr_test"}}, Dataset: kit.Demonstration,
	}
}

// Consultations are one in each state, all with the same questions: con_DRAFT, con_OPEN, con_PASSED whose
// deadline has passed, and con_CLOSED.
func Consultations() []*portal.Consultation {
	draft := consultation("DRAFT", portal.ConsultationDraft, "2025-05-31", "2025-05-31T22:00:00.000Z")
	open := consultation("OPEN", portal.ConsultationOpen, "2025-04-30", "2025-04-30T22:00:00.000Z")
	passed := consultation("PASSED", portal.ConsultationOpen, "2025-03-30", "2025-03-30T22:00:00.000Z")
	closed := consultation("CLOSED", portal.ConsultationClosed, "2025-03-15", "2025-03-15T23:00:00.000Z")
	for _, c := range []*portal.Consultation{open, passed, closed} {
		c.OpenedAt = new(kit.DateTime("2025-03-01T09:00:00.000Z"))
		c.Changes = append(c.Changes, portal.ConsultationChange{Status: portal.ConsultationOpen, At: *c.OpenedAt, Actor: "usr_test"})
	}
	closed.SmallestCell, closed.Anonymous = 2, []portal.AnonymousPool{{Capacity: portal.OfficialReply, Replies: 2, Languages: []kit.Locale{}}}
	closed.ClosedAt = new(kit.DateTime("2025-03-20T09:00:00.000Z"))
	closed.Changes = append(closed.Changes, portal.ConsultationChange{Status: portal.ConsultationClosed, At: *closed.ClosedAt, Actor: "usr_test", Reason: new("all there")})
	return []*portal.Consultation{draft, open, passed, closed}
}

// invited are those who are consulted, with their names and kinds.
var invited = []struct {
	entity kit.ID
	name   string
	kind   portal.RespondentKind
	region portal.Region
}{
	{"mem_ACTIVE", "Testbed Active", portal.RespondentSectorMember, portal.RegionAFR},
	{"mem_INTERNATIONAL", "Testbed International", portal.RespondentSectorMember, portal.RegionREGINTORG},
	{"mem_LEAVING", "Testbed Leaving", portal.RespondentSectorMember, portal.RegionAFR},
	{"mem_SUSPENDED", "Testbed Suspended", portal.RespondentSectorMember, portal.RegionAFR},
	{"cty_UG", "Uganda", portal.RespondentMemberState, portal.RegionAFR},
}

func answers(position portal.Position, text string) []portal.FeedbackAnswer {
	return []portal.FeedbackAnswer{
		{Question: "Q_POSITION", Position: &position, Options: []string{}, Bodies: []portal.ActionBody{}},
		{Question: "Q_PRIORITY", Priority: new(2), Options: []string{}, Bodies: []portal.ActionBody{}},
		{Question: "Q_MULTIPLE_CHOICE", Options: []string{"A", "C"}, Bodies: []portal.ActionBody{}},
		{Question: "Q_TEXT", Text: &text, Options: []string{}, Bodies: []portal.ActionBody{}},
	}
}

func reply(id string, to *portal.Consultation, entity kit.ID, by kit.ID, publication portal.Publication, position portal.Position, at kit.DateTime) *portal.Feedback {
	kind, region := portal.RespondentSectorMember, portal.RegionAFR
	for _, i := range invited {
		if i.entity == entity {
			kind, region = i.kind, i.region
		}
	}
	x := &portal.Feedback{
		ID: kit.ID("fbk_" + id), ConsultationID: to.ID, Group: to.Group, EntityID: entity, Capacity: portal.OfficialReply, Status: portal.FeedbackSubmitted,
		Of: portal.Respondent{Kind: kind, Region: region, CountryID: new(kit.CountryID("UG")), Sectors: []portal.Sector{portal.SectorD}, Attended: []kit.ID{"evt_PAST"}},
		Handed: []portal.FeedbackSubmission{{
			Number: 1, By: by, Publication: publication, Language: kit.English, Answers: answers(position, "Testbed words of "+id),
			Proof: portal.FeedbackReceipt{
				Reference: to.Code + "-" + id + "-1", At: at, Timeliness: portal.InTime, SHA256: hashed("canonical " + id + "\nnonce " + id),
				Nonce: new("nonce " + id), Canonical: new("canonical " + id),
			},
		}},
		Dataset: kit.Demonstration,
	}
	if at >= to.Deadline {
		x.Handed[0].Proof.Timeliness = portal.Late
	}
	return x
}

// Replies are, to con_CLOSED, fbk_CONFIDENTIAL of mem_ACTIVE, which agrees to be cited, fbk_ANONYMISED of Uganda and fbk_UNNAMED of
// mem_SUSPENDED, which are anonymised and enough to be published without their texts, fbk_ATTRIBUTED of
// mem_INTERNATIONAL, which is late, fbk_TAKEN of mem_LEAVING, which was withdrawn, and fbk_VIEW, the view
// of usr_DELEGATE, which is attributed; and to con_OPEN fbk_EARLY of mem_INTERNATIONAL and fbk_SECRET of
// Uganda.
func Replies() []*portal.Feedback {
	c := Consultations()
	open, closed := c[1], c[3]
	confidential := reply("CONFIDENTIAL", closed, "mem_ACTIVE", "usr_FOCAL", portal.Confidential, portal.PositionOppose, "2025-03-10T09:00:00.000Z")
	confidential.Agreed = &portal.CitationAgreement{At: "2025-03-10T10:00:00.000Z", By: "usr_FOCAL"}
	anonymised := reply("ANONYMISED", closed, "cty_UG", "usr_UGANDA", portal.Anonymised, portal.PositionMixed, "2025-03-11T09:00:00.000Z")
	unnamed := reply("UNNAMED", closed, "mem_SUSPENDED", "usr_test", portal.Anonymised, portal.PositionSupport, "2025-03-11T10:00:00.000Z")
	attributed := reply("ATTRIBUTED", closed, "mem_INTERNATIONAL", "usr_INTERNATIONAL", portal.Attributed, portal.PositionSupport, "2025-03-17T09:00:00.000Z")
	attributed.Sorted = &portal.FeedbackClassification{Tags: []string{"FEES"}, Topics: []string{"1b"}, CampaignGroup: new("CAMPAIGN_A"), At: "2025-03-21T09:00:00.000Z", By: "usr_test"}
	taken := reply("TAKEN", closed, "mem_LEAVING", "usr_test", portal.Attributed, portal.PositionSupport, "2025-03-12T09:00:00.000Z")
	taken.Status = portal.FeedbackWithdrawn
	view := reply("VIEW", closed, "mem_ACTIVE", "usr_DELEGATE", portal.Attributed, portal.PositionSupport, "2025-03-13T09:00:00.000Z")
	view.Capacity, view.PersonID = portal.DelegateView, new(kit.ID("usr_DELEGATE"))
	early := reply("EARLY", open, "mem_INTERNATIONAL", "usr_INTERNATIONAL", portal.Attributed, portal.PositionSupport, "2025-03-20T09:00:00.000Z")
	secret := reply("SECRET", open, "cty_UG", "usr_UGANDA", portal.Confidential, portal.PositionOppose, "2025-03-21T09:00:00.000Z")
	return []*portal.Feedback{confidential, anonymised, unnamed, attributed, taken, view, early, secret}
}

// participations are those in a consultation, with the replies to it.
func participations(c *portal.Consultation) []*portal.Participation {
	var all []*portal.Participation
	for _, i := range invited {
		p := &portal.Participation{
			ID: portal.ParticipationID(c.ID, i.entity), ConsultationID: c.ID, Group: c.Group, EntityID: i.entity, Name: i.name, Kind: i.kind, Region: i.region,
			Reply: portal.NoReply, OpenedAt: *c.OpenedAt, Dataset: kit.Demonstration,
		}
		for _, x := range Replies() {
			if x.ConsultationID != c.ID || x.EntityID != i.entity || x.Capacity != portal.OfficialReply {
				continue
			}
			p.FeedbackID = &x.ID
			if x.Status == portal.FeedbackSubmitted {
				p.Reply, p.RepliedAt = portal.ReplyState(x.Handed[0].Proof.Timeliness), &x.Handed[0].Proof.At
			}
		}
		all = append(all, p)
	}
	return all
}

// Draft is what mem_ACTIVE has written of its reply to con_OPEN.
func Draft() *portal.FeedbackDraft {
	return &portal.FeedbackDraft{
		ID: portal.DraftID("con_OPEN", "mem_ACTIVE", ""), ConsultationID: "con_OPEN", EntityID: "mem_ACTIVE", Capacity: portal.OfficialReply,
		Answers: []*portal.DraftAnswer{{
			Answer:  portal.FeedbackAnswer{Question: "Q_TEXT", Text: new("Testbed draft words"), Options: []string{}, Bodies: []portal.ActionBody{}},
			Version: 1, Editor: "usr_DELEGATE", EditedAt: "2025-03-25T09:00:00.000Z",
		}},
		ChangedAt: "2025-03-25T09:00:00.000Z", Dataset: kit.Demonstration,
	}
}

// fillConsultations puts the statement, the consultations, and what belongs to them, into a store.
func fillConsultations(ctx context.Context, s store.Store) error {
	if err := portal.LiaisonNoun.In(s).Insert(ctx, Statement()); err != nil {
		return err
	}
	if err := portal.ConsultationNoun.In(s).Insert(ctx, Consultations()...); err != nil {
		return err
	}
	byID := map[kit.ID]*portal.Consultation{}
	for _, c := range Consultations() {
		byID[c.ID] = c
		if c.OpenedAt == nil {
			continue
		}
		if err := portal.ParticipationNoun.In(s).Insert(ctx, participations(c)...); err != nil {
			return err
		}
	}
	if err := portal.FeedbackNoun.In(s).Insert(ctx, Replies()...); err != nil {
		return err
	}
	for _, x := range Replies() {
		for _, counted := range x.Counting(byID[x.ConsultationID]) {
			if err := portal.CountedNoun.In(s).Insert(ctx, counted); err != nil {
				return err
			}
		}
	}
	if err := portal.DraftNoun.In(s).Insert(ctx, Draft()); err != nil {
		return err
	}
	return portal.SynthesisNoun.In(s).Insert(ctx, &portal.Synthesis{
		ID: portal.SynthesisID("con_CLOSED"), ConsultationID: "con_CLOSED", Group: "TDAG", Edition: 1, PublishedAt: new(kit.DateTime("2025-03-25T09:00:00.000Z")),
		Written: []*portal.SynthesisParagraph{paragraph("1", "1a", portal.Finding, "fbk_ATTRIBUTED", "fbk_CONFIDENTIAL"), paragraph("2", "2", portal.MinorityView, "fbk_ANONYMISED")},
		Published: []*portal.SynthesisParagraph{
			paragraph("1", "1a", portal.Finding, "fbk_ATTRIBUTED", "fbk_CONFIDENTIAL"), paragraph("2", "2", portal.MinorityView, "fbk_ANONYMISED"),
		},
		Decisions: []portal.TopicDecision{{
			ID: "dec_1", Topic: "1a", Body: "COUNCIL", Text: english("It was taken up."), DecidedOn: "2025-03-28", Source: "Test", Paragraphs: []kit.ID{"par_1"},
			RecordedAt: "2025-03-29T09:00:00.000Z", RecordedBy: "usr_test",
		}},
		Sorted: []*portal.SynthesisCampaign{{Group: "CAMPAIGN_A", IDs: []kit.ID{"fbk_ATTRIBUTED"}}}, Once: campaignCounts(), Dataset: kit.Demonstration,
	})
}

// campaignCounts are those of the published synthesis: over fbk_ATTRIBUTED, fbk_ANONYMISED and fbk_UNNAMED,
// the one campaign of which has one reply.
func campaignCounts() (all []portal.CampaignCount) {
	options := []string{"A", "B", "C", "NONE"}
	for _, q := range []struct {
		code   string
		values []string
		counts map[string]int64
	}{
		{"Q_POSITION", []string{"SUPPORT", "OPPOSE", "MIXED", "NO_VIEW", "NONE"}, map[string]int64{"SUPPORT": 2, "MIXED": 1}},
		{"Q_PRIORITY", []string{"1", "2", "3", "4", "5", "NONE"}, map[string]int64{"2": 3}},
		{"Q_SINGLE_CHOICE", options, map[string]int64{"NONE": 3}},
		{"Q_MULTIPLE_CHOICE", options, map[string]int64{"A": 3, "C": 3}},
		{"Q_RANKING", options, map[string]int64{"NONE": 3}},
		{"Q_ACTION_BY", []string{"BDT", "SECRETARY_GENERAL", "COUNCIL", "PLENIPOTENTIARY_CONFERENCE", "WTDC", "MEMBER_STATES", "NONE"}, map[string]int64{"NONE": 3}},
	} {
		for _, v := range q.values {
			all = append(all, portal.CampaignCount{Question: q.code, Value: v, Count: q.counts[v], CountOnce: q.counts[v]})
		}
	}
	return all
}

func paragraph(id, topic string, kind portal.ParagraphKind, cites ...kit.ID) *portal.SynthesisParagraph {
	return &portal.SynthesisParagraph{ID: kit.ID("par_" + id), Topic: topic, Kind: kind, Text: english("Testbed paragraph " + id), Cites: cites}
}
