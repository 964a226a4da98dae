package seed

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"memberportal/internal/portal"
)

//go:embed liaison.json
var liaisonJSON []byte

//go:embed consultations.json
var consultationsJSON []byte

// Statement is the full reference of the liaison statement that is real.
const Statement = "CWG-FHR-20/20(Rev.1)"

// OpenConsultation and ClosedConsultation are the codes of made-up consultations: one that takes
// replies, and one of which all is over.
const OpenConsultation, ClosedConsultation = "TDAG_MEMBER_ENGAGEMENT", "DEMO_SERVICES"

// Campaign is the group of the replies that have one text.
const Campaign = "CAMPAIGN_A"

// Tags by which the paragraphs of the synthesis find the replies that they rest on.
const (
	tagBriefings = "BRIEFINGS"
	tagDirectory = "DIRECTORY"
	tagMinority  = "MINORITY"
)

// openReplies and closedReplies are how many members reply, if so many have persons.
const openReplies, closedReplies = 14, 20

// openStates reply to the consultation that takes replies; the administration that is shown does not,
// so that whoever tries the portal can. inTimeStates and lateState reply to the other one.
var openStates, inTimeStates, lateState = administrations[1:5], []string{"UG", "FJ"}, "KZ"

// statement is one entry of liaison.json.
type statement struct {
	Reference, Source, Zone, StatedIn string
	Revision                          *string
	Demonstration                     bool
	Addressees                        []portal.LiaisonAddresseeInput
	Title, Abstract, Text             texts
	Keywords                          []texts
	Pillars                           []pillar
	AgreedOn                          *portal.Date
	InterimReportDue, FinalReportDue  *portal.ReportDeadlineInput
}

type pillar struct {
	Code   string
	Title  texts
	Topics []struct {
		Code  string
		Title texts
	}
}

// consultation is one entry of consultations.json. Answers are what is answered to questions that take
// a text.
type consultation struct {
	Code, Statement, Group string
	Title, Introduction    texts
	Audience               portal.ConsultationAudienceInput
	Opened, ClosesOn       portal.Date
	Closed                 *portal.Date
	Questions              []question
	Answers                map[string]texts
	Campaign, Minority     string
	Synthesis              []paragraph
	Decision               *decision
}

type question struct {
	Code, Topic string
	Kind        portal.QuestionKind
	Required    bool
	Text, Help  texts
	Options     []struct {
		Code string
		Text texts
	}
}

// paragraph is one of the synthesis; it rests on the replies with a tag.
type paragraph struct {
	Topic, Cites string
	Kind         portal.ParagraphKind
	Text         texts
}

type decision struct {
	Topic, Source string
	Body          portal.ActionBody
	Text          texts
}

// consultations make the statements and consultations that are not there, each whole or not at all:
// a consultation with its replies and all that came of it.
func (o Options) consultations(ctx context.Context) error {
	var statements []statement
	if err := json.Unmarshal(liaisonJSON, &statements); err != nil {
		return err
	}
	var all []consultation
	if err := json.Unmarshal(consultationsJSON, &all); err != nil {
		return err
	}
	for _, s := range statements {
		ctx := ctx
		if s.Demonstration {
			ctx = portal.AsDemonstration(ctx)
		}
		if err := o.once(ctx, "liaison statement "+s.Reference, func(ctx context.Context, p *portal.Portal, clock *time.Time) error {
			if *clock = recorded; s.Demonstration {
				*clock = dayOf(*s.AgreedOn)
			}
			return s.load(ctx, p)
		}); err != nil {
			return err
		}
	}
	ctx = portal.AsDemonstration(ctx)
	for _, c := range all {
		if err := o.once(ctx, "consultation "+c.Code, func(ctx context.Context, p *portal.Portal, clock *time.Time) error {
			*clock = dayOf(c.Opened)
			id, err := c.open(ctx, p)
			if err != nil || id == "" {
				return err
			}
			h := hearing{o: o, p: p, clock: clock, c: c, id: id, tagged: map[string][]portal.ID{}}
			if c.Closed == nil {
				return h.open(ctx)
			}
			return h.whole(ctx)
		}); err != nil {
			return err
		}
	}
	return nil
}

// dayOf is ten o'clock on a day.
func dayOf(d portal.Date) time.Time {
	t, _ := time.Parse(time.DateOnly, string(d)) // the zero time is refused by the services
	return t.Add(10 * time.Hour)
}

// ifAny are the translations of a text, none if there is no text.
func ifAny(t texts) []portal.TranslationInput {
	if t == nil {
		return nil
	}
	return translations(t)
}

func (s statement) load(ctx context.Context, p *portal.Portal) error {
	full := s.Reference
	if s.Revision != nil {
		full += "(" + *s.Revision + ")"
	}
	there, err := p.LiaisonStatements.ByReference(ctx, full)
	if err != nil || there != nil {
		return err
	}
	in := portal.CreateLiaisonStatementInput{
		Reference: s.Reference, Revision: s.Revision, Source: s.Source, Addressees: s.Addressees, Title: translations(s.Title), Abstract: ifAny(s.Abstract),
		Text: ifAny(s.Text), AgreedOn: s.AgreedOn, InterimReportDue: s.InterimReportDue, FinalReportDue: s.FinalReportDue, Zone: &s.Zone, StatedIn: &s.StatedIn,
	}
	for _, k := range s.Keywords {
		in.Keywords = append(in.Keywords, portal.LiaisonKeywordInput{Text: translations(k)})
	}
	for _, of := range s.Pillars {
		pillar := portal.LiaisonPillarInput{Code: of.Code, Title: translations(of.Title)}
		for _, t := range of.Topics {
			pillar.Topics = append(pillar.Topics, portal.LiaisonTopicInput{Code: t.Code, Title: translations(t.Title)})
		}
		in.Pillars = append(in.Pillars, pillar)
	}
	made, err := p.LiaisonStatements.Create(ctx, in)
	if err != nil || len(made.UserErrors) > 0 {
		return fmt.Errorf("recording: %w %v", err, made)
	}
	return nil
}

// open makes the consultation and opens it; it gives no id if it is there.
func (c consultation) open(ctx context.Context, p *portal.Portal) (portal.ID, error) {
	there, err := p.Consultations.ByCode(ctx, c.Code)
	if err != nil || there != nil {
		return "", err
	}
	on, err := p.LiaisonStatements.ByReference(ctx, c.Statement)
	if err != nil || on == nil {
		return "", fmt.Errorf("the statement %s: %w", c.Statement, err)
	}
	in := portal.CreateConsultationInput{
		Code: c.Code, Statement: on.ID, Group: c.Group, Title: translations(c.Title), Introduction: ifAny(c.Introduction), Audience: c.Audience, ClosesOn: c.ClosesOn,
		SmallestCell: smallestCell,
	}
	for _, q := range c.Questions {
		written := portal.ConsultationQuestionInput{Code: q.Code, Topic: q.Topic, Kind: q.Kind, Required: q.Required, Text: translations(q.Text), Help: ifAny(q.Help)}
		for _, option := range q.Options {
			written.Options = append(written.Options, portal.QuestionOptionInput{Code: option.Code, Text: translations(option.Text)})
		}
		in.Questions = append(in.Questions, written)
	}
	made, err := p.Consultations.Create(ctx, in)
	if err != nil || len(made.UserErrors) > 0 {
		return "", fmt.Errorf("creating: %w %v", err, made)
	}
	opened, err := p.Consultations.Open(ctx, portal.OpenConsultationInput{ID: made.Consultation.ID, ExpectedVersion: int(made.Consultation.Version)})
	if err != nil || len(opened.UserErrors) > 0 {
		return "", fmt.Errorf("opening: %w %v", err, opened)
	}
	return opened.Consultation.ID, nil
}

// smallestCell is the least count that is published, which is what the schema has for one that is left
// out.
const smallestCell = 5

// hearing takes the replies to a consultation.
type hearing struct {
	o     Options
	p     *portal.Portal
	clock *time.Time
	c     consultation
	id    portal.ID
	// tagged are the replies by their tags.
	tagged map[string][]portal.ID
}

// respondent is who acts for a member or State.
type respondent struct {
	entity portal.ID
	actor  portal.Actor
}

// reply is what a respondent hands in. One that is sorted has tags.
type reply struct {
	by          respondent
	at          time.Time
	capacity    portal.FeedbackCapacity
	publication portal.Publication
	language    portal.Locale
	answers     []portal.FeedbackAnswerInput
	tags        []string
	campaign    *string
}

// members are the focal points of the first members that belonged when the consultation was opened and
// have one, n at most. With a role other than that of a focal point it is who has that role last.
func (h hearing) members(ctx context.Context, n int, role portal.Role) ([]respondent, error) {
	places := newPlaces(h.o.Countries)
	var found []respondent
	for _, i := range h.o.active(withPeople) {
		r := places.record(i)
		if len(found) == n {
			break
		}
		if !r.activated.AddDate(0, 0, 7).Before(dayOf(h.c.Opened)) {
			continue
		}
		m, err := find(ctx, h.p, r)
		if err != nil {
			return nil, err
		}
		if m == nil {
			continue
		}
		person, err := h.person(ctx, m.ID, role)
		if err != nil {
			return nil, err
		}
		if person != "" {
			found = append(found, respondent{m.ID, portal.Actor{Subject: person, Roles: []portal.Role{role}, Member: m.ID}})
		}
	}
	return found, nil
}

// states are the administrations of countries, without those for which nobody acts.
func (h hearing) states(ctx context.Context, isos ...string) ([]respondent, error) {
	var found []respondent
	for _, iso := range isos {
		person, err := h.person(ctx, portal.CountryID(iso), portal.RoleAdministration)
		if err != nil {
			return nil, err
		}
		if person != "" {
			found = append(found, respondent{portal.CountryID(iso), portal.Actor{Subject: person, Roles: []portal.Role{portal.RoleAdministration}, Country: iso}})
		}
	}
	return found, nil
}

// person is who last got a mandate with which to act in a role for an entity, and still has it.
func (h hearing) person(ctx context.Context, entity portal.ID, role portal.Role) (portal.ID, error) {
	mandates, err := h.p.Mandates.List(ctx, entity, nil, portal.PageArgs{First: new(portal.MaxPage)})
	if err != nil {
		return "", err
	}
	for _, m := range slices.Backward(mandates.Nodes()) {
		if m.State() == portal.MandateCurrent && (m.Role == portal.MandateFocalPoint) == (role == portal.RoleFocalPoint) {
			return m.Person, nil
		}
	}
	return "", nil
}

// open has members and States reply, all but the member that is shown, whose delegate has begun a draft.
func (h hearing) open(ctx context.Context) error {
	members, err := h.members(ctx, 1+openReplies, portal.RoleFocalPoint)
	if err != nil || len(members) == 0 {
		return err
	}
	states, err := h.states(ctx, openStates...)
	if err != nil {
		return err
	}
	start := dayOf(h.c.Opened).AddDate(0, 0, 1)
	for n, by := range append(members[1:], states...) {
		language := portal.Locales[n%len(portal.Locales)]
		if err := h.hand(ctx, reply{
			by: by, at: start.Add(time.Duration(n) * 32 * time.Hour), capacity: portal.OfficialReply, language: language, answers: h.answers(n, language),
			publication: []portal.Publication{portal.Attributed, portal.Attributed, portal.Anonymised, portal.Attributed, portal.Confidential}[n%5],
		}); err != nil {
			return err
		}
	}
	shown, err := h.members(ctx, 1, portal.RoleDelegate)
	if err != nil || len(shown) == 0 || shown[0].entity != members[0].entity {
		return err
	}
	*h.clock = start.AddDate(0, 0, 24)
	const draft = "STAY_1A"
	saved, err := h.p.Feedback.SaveDraft(portal.WithActor(ctx, shown[0].actor), portal.SaveFeedbackDraftInput{
		Consultation: h.id, Entity: &shown[0].entity, Capacity: portal.OfficialReply,
		Answers: []portal.FeedbackAnswerInput{{Question: draft, Text: new(h.c.Answers[draft][portal.English])}},
	})
	if err != nil || len(saved.UserErrors) > 0 {
		return fmt.Errorf("saving a draft: %w %v", err, saved)
	}
	return nil
}

// whole has members and States reply, closes the consultation, and says what came of it.
func (h hearing) whole(ctx context.Context) error {
	replies, err := h.script(ctx)
	if err != nil {
		return err
	}
	for _, r := range replies {
		if err := h.hand(ctx, r); err != nil {
			return err
		}
	}
	*h.clock = dayOf(*h.c.Closed)
	now, err := h.p.Consultations.ByCode(ctx, h.c.Code)
	if err != nil {
		return err
	}
	closed, err := h.p.Consultations.Close(ctx, portal.CloseConsultationInput{ID: h.id, ExpectedVersion: int(now.Version)})
	if err != nil || len(closed.UserErrors) > 0 {
		return fmt.Errorf("closing: %w %v", err, closed)
	}
	return h.conclude(ctx)
}

// script is who replies what to the consultation that is over, in the order of time: four members with
// one text, a minority, confidential and anonymised replies, late ones, and the view of a delegate.
func (h hearing) script(ctx context.Context) ([]reply, error) {
	members, err := h.members(ctx, closedReplies, portal.RoleFocalPoint)
	if err != nil {
		return nil, err
	}
	states, err := h.states(ctx, append(slices.Clone(inTimeStates), lateState)...)
	if err != nil {
		return nil, err
	}
	delegates, err := h.members(ctx, 1, portal.RoleDelegate)
	if err != nil {
		return nil, err
	}
	var all []reply
	at := dayOf(h.c.Opened)
	add := func(n int, by respondent) *reply {
		at = at.Add(36 * time.Hour)
		language := portal.Locales[n%len(portal.Locales)]
		all = append(all, reply{by: by, at: at, capacity: portal.OfficialReply, publication: portal.Attributed, language: language, answers: h.answers(n, language)})
		return &all[len(all)-1]
	}
	for n, by := range members {
		r := add(n, by)
		switch n {
		case 1, 2, 3, 4:
			r.language, r.campaign = portal.English, new(Campaign)
			r.answers = h.said(portal.PositionSupport, 1, portal.PositionMixed, h.c.Campaign)
		case 5:
			r.language = portal.English
			r.answers = h.said(portal.PositionOppose, 5, portal.PositionOppose, h.c.Minority)
		case 6, 7:
			r.publication = portal.Confidential
		case 8, 9, 10:
			r.publication = portal.Anonymised
		case 11:
			r.at = dayOf("2025-03-05")
		}
	}
	for n, by := range states {
		if r := add(closedReplies+n, by); by.actor.Country == lateState {
			r.at = dayOf("2025-03-10")
		}
	}
	for i := range all {
		all[i].tags = tagsOf(all[i].answers)
	}
	for _, by := range delegates {
		r := add(0, by)
		r.capacity, r.language = portal.DelegateView, portal.English
		r.answers = h.said(portal.PositionMixed, 2, portal.PositionSupport, "Demonstration answer: the view of one delegate, who speaks for nobody else.")
	}
	slices.SortStableFunc(all, func(a, b reply) int { return a.at.Compare(b.at) })
	return all, nil
}

// tagsOf sort a reply by the positions that it takes on the two topics.
func tagsOf(answers []portal.FeedbackAnswerInput) []string {
	var taken []portal.Position
	for _, a := range answers {
		if a.Position != nil {
			taken = append(taken, *a.Position)
		}
	}
	var tags []string
	if taken[0] == portal.PositionSupport {
		tags = append(tags, tagBriefings)
	}
	switch {
	case taken[1] == portal.PositionSupport || taken[1] == portal.PositionMixed:
		tags = append(tags, tagDirectory)
	case taken[0] == portal.PositionOppose && taken[1] == portal.PositionOppose:
		tags = append(tags, tagMinority)
	}
	return tags
}

// said are answers to all questions of the consultation that is over.
func (h hearing) said(first portal.Position, priority int, second portal.Position, text string) []portal.FeedbackAnswerInput {
	q := h.c.Questions
	return []portal.FeedbackAnswerInput{
		{Question: q[0].Code, Position: &first}, {Question: q[1].Code, Priority: &priority}, {Question: q[2].Code, Position: &second}, {Question: q[3].Code, Text: &text},
	}
}

// positions are those that are taken, mostly for something.
var positions = []portal.Position{
	portal.PositionSupport, portal.PositionSupport, portal.PositionMixed, portal.PositionSupport, portal.PositionOppose, portal.PositionSupport, portal.PositionNoView,
}

// answers are what the nth respondent answers to all questions, or to most of those that need no answer.
func (h hearing) answers(n int, language portal.Locale) []portal.FeedbackAnswerInput {
	var all []portal.FeedbackAnswerInput
	for i, q := range h.c.Questions {
		a := portal.FeedbackAnswerInput{Question: q.Code}
		switch q.Kind {
		case portal.AskPosition:
			a.Position = &positions[(n+i)%len(positions)]
		case portal.AskPriority:
			a.Priority = new(1 + (2*n+i)%5)
		case portal.AskSingleChoice:
			a.Options = []string{q.Options[n%len(q.Options)].Code}
		case portal.AskMultipleChoice:
			for j, option := range q.Options {
				if j == n%len(q.Options) || (n+1)>>j&1 == 1 {
					a.Options = append(a.Options, option.Code)
				}
			}
		case portal.AskRanking:
			for j := range q.Options {
				a.Options = append(a.Options, q.Options[(n+j)%len(q.Options)].Code)
			}
		case portal.AskActionBy:
			a.Bodies = []portal.ActionBody{portal.ActionBodies[n%len(portal.ActionBodies)]}
		case portal.AskExpectedEffect:
			members := 1 + n%4
			a.Effect = &portal.ExpectedEffectInput{Members: &members, Amount: new(portal.Decimal(members * sixteenth))}
		case portal.AskText, portal.AskLegalText:
			a.Text = new(h.c.Answers[q.Code][language])
		}
		if !q.Required && (n+i)%4 == 3 {
			continue
		}
		all = append(all, a)
	}
	return all
}

// sixteenth is what a sixteenth of a contributory unit of a Sector Member costs a year, in centimes.
const sixteenth = 397500

// hand hands a reply in, and sorts it an hour later if it has tags.
func (h hearing) hand(ctx context.Context, r reply) error {
	*h.clock = r.at
	handed, err := h.p.Feedback.Submit(portal.WithActor(ctx, r.by.actor), portal.SubmitFeedbackInput{
		Consultation: h.id, Entity: &r.by.entity, Capacity: r.capacity, Publication: r.publication, Language: r.language, ContactConsent: r.publication == portal.Attributed,
		Answers: r.answers,
	})
	if err != nil || len(handed.UserErrors) > 0 {
		return fmt.Errorf("the reply of %s: %w %v", r.by.entity, err, handed)
	}
	if r.tags == nil {
		return nil
	}
	*h.clock = r.at.Add(time.Hour)
	sorted, err := h.p.Feedback.Classify(ctx, portal.ClassifyFeedbackInput{
		ID: handed.Feedback.ID, ExpectedVersion: int(*handed.Feedback.Version()), Tags: r.tags, CampaignGroup: r.campaign,
	})
	if err != nil || len(sorted.UserErrors) > 0 {
		return fmt.Errorf("sorting the reply of %s: %w %v", r.by.entity, err, sorted)
	}
	for _, tag := range r.tags {
		h.tagged[tag] = append(h.tagged[tag], handed.Feedback.ID)
	}
	return nil
}

// conclude publishes the synthesis, as far as there are replies for it, and records the decision.
func (h hearing) conclude(ctx context.Context) error {
	*h.clock = dayOf(published)
	in := portal.SaveSynthesisInput{Consultation: h.id}
	for _, p := range h.c.Synthesis {
		if len(h.tagged[p.Cites]) > 0 {
			in.Paragraphs = append(in.Paragraphs, portal.SynthesisParagraphInput{Topic: p.Topic, Kind: p.Kind, Text: translations(p.Text), Citations: h.tagged[p.Cites]})
		}
	}
	if len(in.Paragraphs) == 0 {
		return nil
	}
	saved, err := h.p.Synthesis.Save(ctx, in)
	if err != nil || len(saved.UserErrors) > 0 {
		return fmt.Errorf("writing the synthesis: %w %v", err, saved)
	}
	*h.clock = h.clock.Add(time.Hour)
	made, err := h.p.Synthesis.Publish(ctx, portal.PublishSynthesisInput{Consultation: h.id, ExpectedVersion: int(saved.Synthesis.Version)})
	if err != nil || len(made.UserErrors) > 0 {
		return fmt.Errorf("publishing the synthesis: %w %v", err, made)
	}
	*h.clock = dayOf(decided)
	d := h.c.Decision
	taken := portal.RecordDecisionInput{
		Consultation: h.id, ExpectedVersion: int(made.Synthesis.Version), Topic: d.Topic, Body: d.Body, Text: translations(d.Text), DecidedOn: decided, Source: d.Source,
	}
	for _, p := range made.Synthesis.Published {
		if p.Topic == d.Topic {
			taken.Paragraphs = append(taken.Paragraphs, p.ID)
		}
	}
	noted, err := h.p.Synthesis.RecordDecision(ctx, taken)
	if err != nil || len(noted.UserErrors) > 0 {
		return fmt.Errorf("recording the decision: %w %v", err, noted)
	}
	return nil
}

// published and decided are the days of the synthesis and of the decision.
const published, decided portal.Date = "2025-03-20", "2025-03-25"
