package testkit

import (
	"context"

	"memberportal/internal/consultations"
	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// Statement is lia_TESTBED, addressed to TDAG for action and to RAG for information.
func Statement() *consultations.LiaisonStatement {
	return &consultations.LiaisonStatement{
		ID: "lia_TESTBED", Reference: "TESTBED-LS/1", Revision: new("Rev.1"), Source: "CWG-TEST", Title: english("Testbed statement"), Abstract: english("What is asked."),
		Addressees: []consultations.LiaisonAddressee{{Group: "TDAG", Role: consultations.ForAction}, {Group: "RAG", Role: consultations.ForInformation}},
		Keywords:   []kit.LocalizedText{*english("testbed")}, Documents: []consultations.LiaisonDocument{{Title: "Text", StoredURL: "https://docs.example/statement", Language: kit.English}},
		Pillars: []consultations.LiaisonPillar{
			{Code: "1", Title: english("Members"), Topics: []consultations.LiaisonTopic{{Code: "1a", Title: english("Rights")}, {Code: "1b", Title: english("Sectors")}}},
			{Code: "2", Title: english("Products"), Topics: []consultations.LiaisonTopic{{Code: "2", Title: english("Events")}}},
		},
		AgreedOn:         new(kit.Date("2025-02-19")),
		InterimReportDue: &consultations.ReportDeadline{On: "2025-09-30", MonthOnly: true, Source: "One source"},
		FinalReportDue:   &consultations.ReportDeadline{On: "2025-12-31", Source: "Another source"},
		Zone:             "Europe/Zurich", StatedIn: new("Test"), RecordedAt: "2025-02-20T09:00:00.000Z", Dataset: kit.Demonstration,
	}
}

// Questions ask for an answer of every kind.
func Questions() []consultations.ConsultationQuestion {
	options := []consultations.QuestionOption{{Code: "A", Text: english("The first")}, {Code: "B", Text: english("The second")}, {Code: "C", Text: english("The third")}}
	var all []consultations.ConsultationQuestion
	for _, k := range consultations.QuestionKinds {
		q := consultations.ConsultationQuestion{Code: "Q_" + string(k), Topic: "1a", Kind: k, Text: english("What of " + string(k) + "?"), Options: []consultations.QuestionOption{}}
		switch k {
		case consultations.AskPosition:
			q.Required, q.Help = true, english("Say it.")
		case consultations.AskSingleChoice, consultations.AskMultipleChoice, consultations.AskRanking:
			q.Options = options
		case consultations.AskText:
			q.Topic = "2"
		}
		all = append(all, q)
	}
	return all
}

func consultation(id string, state consultations.ConsultationStatus, closesOn kit.Date, deadline kit.DateTime) *consultations.Consultation {
	return &consultations.Consultation{
		ID: kit.ID("con_" + id), Code: "TESTBED_" + id, StatementID: "lia_TESTBED", Group: "TDAG", Title: english("Testbed consultation " + id), Introduction: english("Please reply."),
		Audience: consultations.ConsultationAudience{Kinds: membership.RespondentKinds, Regions: []country.Region{}}, Questions: Questions(), ClosesOn: closesOn, Zone: "Europe/Zurich",
		Deadline: deadline, InterimReportDue: Statement().InterimReportDue, FinalReportDue: Statement().FinalReportDue, StoredStatus: state, SmallestCell: 5,
		Changes: []consultations.ConsultationChange{{Status: consultations.ConsultationDraft, At: "2025-02-20T09:00:00.000Z", Actor: "usr_test"}}, Dataset: kit.Demonstration,
	}
}

// Consultations are one in each state, all with the same questions: con_DRAFT, con_OPEN, con_PASSED whose
// deadline has passed, and con_CLOSED.
func Consultations() []*consultations.Consultation {
	draft := consultation("DRAFT", consultations.ConsultationDraft, "2025-05-31", "2025-05-31T22:00:00.000Z")
	open := consultation("OPEN", consultations.ConsultationOpen, "2025-04-30", "2025-04-30T22:00:00.000Z")
	passed := consultation("PASSED", consultations.ConsultationOpen, "2025-03-30", "2025-03-30T22:00:00.000Z")
	closed := consultation("CLOSED", consultations.ConsultationClosed, "2025-03-15", "2025-03-15T23:00:00.000Z")
	for _, c := range []*consultations.Consultation{open, passed, closed} {
		c.OpenedAt = new(kit.DateTime("2025-03-01T09:00:00.000Z"))
		c.Changes = append(c.Changes, consultations.ConsultationChange{Status: consultations.ConsultationOpen, At: *c.OpenedAt, Actor: "usr_test"})
	}
	closed.SmallestCell, closed.Anonymous = 2, []consultations.AnonymousPool{{Capacity: consultations.OfficialReply, Replies: 2, Languages: []kit.Locale{}}}
	closed.ClosedAt = new(kit.DateTime("2025-03-20T09:00:00.000Z"))
	closed.Changes = append(closed.Changes, consultations.ConsultationChange{Status: consultations.ConsultationClosed, At: *closed.ClosedAt, Actor: "usr_test", Reason: new("all there")})
	return []*consultations.Consultation{draft, open, passed, closed}
}

// invited are those who are consulted, with their names and kinds.
var invited = []struct {
	entity kit.ID
	name   string
	kind   membership.RespondentKind
	region country.Region
}{
	{"mem_ACTIVE", "Testbed Active", membership.RespondentSectorMember, country.RegionAFR},
	{"mem_INTERNATIONAL", "Testbed International", membership.RespondentSectorMember, country.RegionREGINTORG},
	{"mem_LEAVING", "Testbed Leaving", membership.RespondentSectorMember, country.RegionAFR},
	{"mem_SUSPENDED", "Testbed Suspended", membership.RespondentSectorMember, country.RegionAFR},
	{"cty_UG", "Uganda", membership.RespondentMemberState, country.RegionAFR},
}

func answers(position consultations.Position, text string) []consultations.FeedbackAnswer {
	return []consultations.FeedbackAnswer{
		{Question: "Q_POSITION", Position: &position, Options: []string{}, Bodies: []consultations.ActionBody{}},
		{Question: "Q_PRIORITY", Priority: new(2), Options: []string{}, Bodies: []consultations.ActionBody{}},
		{Question: "Q_MULTIPLE_CHOICE", Options: []string{"A", "C"}, Bodies: []consultations.ActionBody{}},
		{Question: "Q_TEXT", Text: &text, Options: []string{}, Bodies: []consultations.ActionBody{}},
	}
}

func reply(id string, to *consultations.Consultation, entity kit.ID, by kit.ID, publication consultations.Publication, position consultations.Position, at kit.DateTime) *consultations.Feedback {
	kind, region := membership.RespondentSectorMember, country.RegionAFR
	for _, i := range invited {
		if i.entity == entity {
			kind, region = i.kind, i.region
		}
	}
	x := &consultations.Feedback{
		ID: kit.ID("fbk_" + id), ConsultationID: to.ID, Group: to.Group, EntityID: entity, Capacity: consultations.OfficialReply, Status: consultations.FeedbackSubmitted,
		StoredRespondent: consultations.Respondent{Kind: kind, Region: region, CountryID: new(kit.CountryID("UG")), Sectors: []membership.Sector{membership.SectorD}, StoredEventsAttended: []kit.ID{"evt_PAST"}},
		StoredSubmissions: []consultations.FeedbackSubmission{{
			Number: 1, By: by, Publication: publication, Language: kit.English, Answers: answers(position, "Testbed words of "+id),
			StoredReceipt: consultations.FeedbackReceipt{
				Reference: to.Code + "-" + id + "-1", At: at, Timeliness: consultations.InTime, SHA256: hashed("canonical " + id + "\nnonce " + id),
				Nonce: new("nonce " + id), Canonical: new("canonical " + id),
			},
		}},
		Dataset: kit.Demonstration,
	}
	if at >= to.Deadline {
		x.StoredSubmissions[0].StoredReceipt.Timeliness = consultations.Late
	}
	return x
}

// Replies are, to con_CLOSED, fbk_CONFIDENTIAL of mem_ACTIVE, which agrees to be cited, fbk_ANONYMISED of Uganda and fbk_UNNAMED of
// mem_SUSPENDED, which are anonymised and enough to be published without their texts, fbk_ATTRIBUTED of
// mem_INTERNATIONAL, which is late, fbk_TAKEN of mem_LEAVING, which was withdrawn, and fbk_VIEW, the view
// of usr_DELEGATE, which is attributed; and to con_OPEN fbk_EARLY of mem_INTERNATIONAL and fbk_SECRET of
// Uganda.
func Replies() []*consultations.Feedback {
	c := Consultations()
	open, closed := c[1], c[3]
	confidential := reply("CONFIDENTIAL", closed, "mem_ACTIVE", "usr_FOCAL", consultations.Confidential, consultations.PositionOppose, "2025-03-10T09:00:00.000Z")
	confidential.StoredCitationAgreement = &consultations.CitationAgreement{At: "2025-03-10T10:00:00.000Z", By: "usr_FOCAL"}
	anonymised := reply("ANONYMISED", closed, "cty_UG", "usr_UGANDA", consultations.Anonymised, consultations.PositionMixed, "2025-03-11T09:00:00.000Z")
	unnamed := reply("UNNAMED", closed, "mem_SUSPENDED", "usr_test", consultations.Anonymised, consultations.PositionSupport, "2025-03-11T10:00:00.000Z")
	attributed := reply("ATTRIBUTED", closed, "mem_INTERNATIONAL", "usr_INTERNATIONAL", consultations.Attributed, consultations.PositionSupport, "2025-03-17T09:00:00.000Z")
	attributed.StoredClassification = &consultations.FeedbackClassification{Tags: []string{"FEES"}, Topics: []string{"1b"}, CampaignGroup: new("CAMPAIGN_A"), At: "2025-03-21T09:00:00.000Z", By: "usr_test"}
	taken := reply("TAKEN", closed, "mem_LEAVING", "usr_test", consultations.Attributed, consultations.PositionSupport, "2025-03-12T09:00:00.000Z")
	taken.Status = consultations.FeedbackWithdrawn
	view := reply("VIEW", closed, "mem_ACTIVE", "usr_DELEGATE", consultations.Attributed, consultations.PositionSupport, "2025-03-13T09:00:00.000Z")
	view.Capacity, view.PersonID = consultations.DelegateView, new(kit.ID("usr_DELEGATE"))
	early := reply("EARLY", open, "mem_INTERNATIONAL", "usr_INTERNATIONAL", consultations.Attributed, consultations.PositionSupport, "2025-03-20T09:00:00.000Z")
	secret := reply("SECRET", open, "cty_UG", "usr_UGANDA", consultations.Confidential, consultations.PositionOppose, "2025-03-21T09:00:00.000Z")
	return []*consultations.Feedback{confidential, anonymised, unnamed, attributed, taken, view, early, secret}
}

// participations are those in a consultation, with the replies to it.
func participations(c *consultations.Consultation) []*consultations.Participation {
	var all []*consultations.Participation
	for _, i := range invited {
		p := &consultations.Participation{
			ID: consultations.ParticipationID(c.ID, i.entity), ConsultationID: c.ID, Group: c.Group, EntityID: i.entity, Name: i.name, Kind: i.kind, Region: i.region,
			Reply: consultations.NoReply, OpenedAt: *c.OpenedAt, Dataset: kit.Demonstration,
		}
		for _, x := range Replies() {
			if x.ConsultationID != c.ID || x.EntityID != i.entity || x.Capacity != consultations.OfficialReply {
				continue
			}
			p.FeedbackID = &x.ID
			if x.Status == consultations.FeedbackSubmitted {
				p.Reply, p.RepliedAt = consultations.ReplyState(x.StoredSubmissions[0].StoredReceipt.Timeliness), &x.StoredSubmissions[0].StoredReceipt.At
			}
		}
		all = append(all, p)
	}
	return all
}

// Draft is what mem_ACTIVE has written of its reply to con_OPEN.
func Draft() *consultations.FeedbackDraft {
	return &consultations.FeedbackDraft{
		ID: consultations.DraftID("con_OPEN", "mem_ACTIVE", ""), ConsultationID: "con_OPEN", EntityID: "mem_ACTIVE", Capacity: consultations.OfficialReply,
		Answers: []*consultations.DraftAnswer{{
			Answer:  consultations.FeedbackAnswer{Question: "Q_TEXT", Text: new("Testbed draft words"), Options: []string{}, Bodies: []consultations.ActionBody{}},
			Version: 1, EditorID: "usr_DELEGATE", EditedAt: "2025-03-25T09:00:00.000Z",
		}},
		ChangedAt: "2025-03-25T09:00:00.000Z", Dataset: kit.Demonstration,
	}
}

// fillConsultations puts the statement, the consultations, and what belongs to them, into a store.
func fillConsultations(ctx context.Context, s store.Store) error {
	if err := consultations.LiaisonNoun.In(s).Insert(ctx, Statement()); err != nil {
		return err
	}
	if err := consultations.ConsultationNoun.In(s).Insert(ctx, Consultations()...); err != nil {
		return err
	}
	byID := map[kit.ID]*consultations.Consultation{}
	for _, c := range Consultations() {
		byID[c.ID] = c
		if c.OpenedAt == nil {
			continue
		}
		if err := consultations.ParticipationNoun.In(s).Insert(ctx, participations(c)...); err != nil {
			return err
		}
	}
	if err := consultations.FeedbackNoun.In(s).Insert(ctx, Replies()...); err != nil {
		return err
	}
	for _, x := range Replies() {
		for _, counted := range x.Counting(byID[x.ConsultationID]) {
			if err := consultations.CountedNoun.In(s).Insert(ctx, counted); err != nil {
				return err
			}
		}
	}
	if err := consultations.DraftNoun.In(s).Insert(ctx, Draft()); err != nil {
		return err
	}
	return consultations.SynthesisNoun.In(s).Insert(ctx, &consultations.Synthesis{
		ID: consultations.SynthesisID("con_CLOSED"), ConsultationID: "con_CLOSED", Group: "TDAG", Edition: 1, PublishedAt: new(kit.DateTime("2025-03-25T09:00:00.000Z")),
		StoredDraft: []*consultations.SynthesisParagraph{paragraph("1", "1a", consultations.Finding, "fbk_ATTRIBUTED", "fbk_CONFIDENTIAL"), paragraph("2", "2", consultations.MinorityView, "fbk_ANONYMISED")},
		Published: []*consultations.SynthesisParagraph{
			paragraph("1", "1a", consultations.Finding, "fbk_ATTRIBUTED", "fbk_CONFIDENTIAL"), paragraph("2", "2", consultations.MinorityView, "fbk_ANONYMISED"),
		},
		Decisions: []consultations.TopicDecision{{
			ID: "dec_1", Topic: "1a", Body: "COUNCIL", Text: english("It was taken up."), DecidedOn: "2025-03-28", Source: "Test", Paragraphs: []kit.ID{"par_1"},
			RecordedAt: "2025-03-29T09:00:00.000Z", RecordedBy: "usr_test",
		}},
		StoredCampaigns: []*consultations.SynthesisCampaign{{Group: "CAMPAIGN_A", StoredReplies: []kit.ID{"fbk_ATTRIBUTED"}}}, StoredCampaignCounts: campaignCounts(), Dataset: kit.Demonstration,
	})
}

// campaignCounts are those of the published synthesis: over fbk_ATTRIBUTED, fbk_ANONYMISED and fbk_UNNAMED,
// the one campaign of which has one reply.
func campaignCounts() (all []consultations.CampaignCount) {
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
			all = append(all, consultations.CampaignCount{Question: q.code, Value: v, Count: q.counts[v], CountOnce: q.counts[v]})
		}
	}
	return all
}

func paragraph(id, topic string, kind consultations.ParagraphKind, cites ...kit.ID) *consultations.SynthesisParagraph {
	return &consultations.SynthesisParagraph{ID: kit.ID("par_" + id), Topic: topic, Kind: kind, Text: english("Testbed paragraph " + id), StoredCitations: cites}
}
