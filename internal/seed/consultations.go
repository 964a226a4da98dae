package seed

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"time"

	"memberportal/internal/consultations"
	"memberportal/internal/kit"
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
	Addressees                        []consultations.LiaisonAddresseeInput
	Title, Abstract, Text             texts
	Keywords                          []texts
	Pillars                           []pillar
	AgreedOn                          *kit.Date
	InterimReportDue, FinalReportDue  *consultations.ReportDeadlineInput
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
	Audience               consultations.ConsultationAudienceInput
	Opened, ClosesOn       kit.Date
	Closed                 *kit.Date
	Questions              []question
	Answers                map[string]texts
	Campaign, Minority     string
	Synthesis              []paragraph
	Decision               *decision
}

type question struct {
	Code, Topic string
	Kind        consultations.QuestionKind
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
	Kind         consultations.ParagraphKind
	Text         texts
}

type decision struct {
	Topic, Source string
	Body          consultations.ActionBody
	Text          texts
}

// statements makes the liaison statements that are not there; without made-up ones if only what is recorded is
// wanted. It returns how many it looked after.
func (o Options) statements(ctx context.Context, recordedOnly bool) (n int, err error) {
	var all []statement
	if err := json.Unmarshal(liaisonJSON, &all); err != nil {
		return 0, err
	}
	for _, s := range all {
		if s.Demonstration && recordedOnly {
			continue
		}
		ctx := ctx
		if s.Demonstration {
			ctx = kit.AsDemonstration(ctx)
		}
		if err := o.once(ctx, "liaison statement "+s.Reference, func(ctx context.Context, p *portal.Portal, clock *time.Time) error {
			if *clock = recorded; s.Demonstration {
				*clock = dayOf(*s.AgreedOn)
			}
			return s.load(ctx, p)
		}); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// consultations make the statements and consultations that are not there, each whole or not at all:
// a consultation with its replies and all that came of it.
func (o Options) consultations(ctx context.Context) error {
	var all []consultation
	if err := json.Unmarshal(consultationsJSON, &all); err != nil {
		return err
	}
	if _, err := o.statements(ctx, false); err != nil {
		return err
	}
	ctx = kit.AsDemonstration(ctx)
	for _, c := range all {
		if err := o.once(ctx, "consultation "+c.Code, func(ctx context.Context, p *portal.Portal, clock *time.Time) error {
			*clock = dayOf(c.Opened)
			id, err := c.open(ctx, p)
			if err != nil || id == "" {
				return err
			}
			h := hearing{o: o, p: p, clock: clock, c: c, id: id, tagged: map[string][]kit.ID{}}
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
func dayOf(d kit.Date) time.Time {
	t, _ := time.Parse(time.DateOnly, string(d)) // the zero time is refused by the services
	return t.Add(10 * time.Hour)
}

// ifAny are the translations of a text, none if there is no text.
func ifAny(t texts) []kit.TranslationInput {
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
	in := consultations.CreateLiaisonStatementInput{
		Reference: s.Reference, Revision: s.Revision, Source: s.Source, Addressees: s.Addressees, Title: translations(s.Title), Abstract: ifAny(s.Abstract),
		Text: ifAny(s.Text), AgreedOn: s.AgreedOn, InterimReportDue: s.InterimReportDue, FinalReportDue: s.FinalReportDue, Zone: &s.Zone, StatedIn: &s.StatedIn,
	}
	for _, k := range s.Keywords {
		in.Keywords = append(in.Keywords, consultations.LiaisonKeywordInput{Text: translations(k)})
	}
	for _, of := range s.Pillars {
		pillar := consultations.LiaisonPillarInput{Code: of.Code, Title: translations(of.Title)}
		for _, t := range of.Topics {
			pillar.Topics = append(pillar.Topics, consultations.LiaisonTopicInput{Code: t.Code, Title: translations(t.Title)})
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
func (c consultation) open(ctx context.Context, p *portal.Portal) (kit.ID, error) {
	there, err := p.Consultations.ByCode(ctx, c.Code)
	if err != nil || there != nil {
		return "", err
	}
	on, err := p.LiaisonStatements.ByReference(ctx, c.Statement)
	if err != nil || on == nil {
		return "", fmt.Errorf("the statement %s: %w", c.Statement, err)
	}
	in := consultations.CreateConsultationInput{
		Code: c.Code, Statement: on.ID, Group: c.Group, Title: translations(c.Title), Introduction: ifAny(c.Introduction), Audience: c.Audience, ClosesOn: c.ClosesOn,
		SmallestCell: smallestCell,
	}
	for _, q := range c.Questions {
		written := consultations.ConsultationQuestionInput{Code: q.Code, Topic: q.Topic, Kind: q.Kind, Required: q.Required, Text: translations(q.Text), Help: ifAny(q.Help)}
		for _, option := range q.Options {
			written.Options = append(written.Options, consultations.QuestionOptionInput{Code: option.Code, Text: translations(option.Text)})
		}
		in.Questions = append(in.Questions, written)
	}
	made, err := p.Consultations.Create(ctx, in)
	if err != nil || len(made.UserErrors) > 0 {
		return "", fmt.Errorf("creating: %w %v", err, made)
	}
	opened, err := p.Consultations.Open(ctx, consultations.OpenConsultationInput{ID: made.Consultation.ID, ExpectedVersion: int(made.Consultation.Version)})
	if err != nil || len(opened.UserErrors) > 0 {
		return "", fmt.Errorf("opening: %w %v", err, opened)
	}
	return opened.Consultation.ID, nil
}

// smallestCell is the least count that is published, which is what the schema has for one that is left
// out.
const smallestCell = 5
