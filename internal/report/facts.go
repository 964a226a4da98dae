package report

import (
	"memberportal/internal/consultations"
	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// facts are all that a report says, in one language: report.json is what they are, and the other files are
// made of them. Names of fields and codes stay as they are for ever; Format grows if one has to change.
type facts struct {
	Format       int               `json:"format"`
	Language     kit.Locale        `json:"language"`
	Dataset      kit.Dataset       `json:"dataset"`
	SmallestCell int               `json:"smallestCell"`
	Statement    *statementFacts   `json:"statement"`
	Consultation consultationFacts `json:"consultation"`
	Counts       countFacts        `json:"counts"`
	Questions    []questionFacts   `json:"questions"`
	Synthesis    *synthesisFacts   `json:"synthesis"`
	Replies      []replyFacts      `json:"replies"`

	topics map[string]written
}

// written is a text in the language that it is in, which is the report's if there is a translation.
type written struct {
	Text     string     `json:"text"`
	Language kit.Locale `json:"language"`
}

type dueFacts struct {
	On        kit.Date `json:"on"`
	MonthOnly bool     `json:"monthOnly"`
	Source    string   `json:"source"`
}

type addresseeFacts struct {
	Group string                      `json:"group"`
	Role  consultations.AddresseeRole `json:"role"`
}

type statementFacts struct {
	Reference  string           `json:"reference"`
	Source     string           `json:"source"`
	Title      written          `json:"title"`
	Addressees []addresseeFacts `json:"addressees"`
	AgreedOn   *kit.Date        `json:"agreedOn"`
}

type consultationFacts struct {
	Code             string                      `json:"code"`
	Group            string                      `json:"group"`
	Title            written                     `json:"title"`
	Kinds            []membership.RespondentKind `json:"kinds"`
	Regions          []country.Region            `json:"regions"`
	OpenedAt         *kit.DateTime               `json:"openedAt"`
	ClosesOn         kit.Date                    `json:"closesOn"`
	Zone             string                      `json:"zone"`
	Deadline         kit.DateTime                `json:"deadline"`
	ClosedAt         *kit.DateTime               `json:"closedAt"`
	Errata           []erratumFacts              `json:"errata"`
	InterimReportDue *dueFacts                   `json:"interimReportDue"`
	FinalReportDue   *dueFacts                   `json:"finalReportDue"`
}

// countFacts are how many are consulted and replied, and what is published of it. Note says which replies
// the counts of the questions take in.
type countFacts struct {
	Consulted     int64  `json:"consulted"`
	Replied       int64  `json:"replied"`
	Published     int64  `json:"published"`
	Attributed    int64  `json:"attributed"`
	Anonymised    int64  `json:"anonymised"`
	Confidential  int64  `json:"confidential"`
	DelegateViews int64  `json:"delegateViews"`
	Note          string `json:"note"`
}

// erratumFacts are replies that were published and are not any more.
type erratumFacts struct {
	At      kit.DateTime              `json:"at"`
	Was     consultations.Publication `json:"was"`
	Replies int                       `json:"replies"`
}

type optionFacts struct {
	Code string  `json:"code"`
	Text written `json:"text"`
}

type questionFacts struct {
	Code    string                     `json:"code"`
	Topic   string                     `json:"topic"`
	Kind    consultations.QuestionKind `json:"kind"`
	Text    written                    `json:"text"`
	Options []optionFacts              `json:"options"`
	// Cells are null for a question whose answers are not counted.
	Cells []cellFacts `json:"cells"`
}

// cellFacts are a count of published replies that are alike; what is null of the key stands for all. By kind
// and by region only those are counted that name their respondents.
type cellFacts struct {
	Value  *string                    `json:"value"`
	Kind   *membership.RespondentKind `json:"kind"`
	Region *country.Region            `json:"region"`
	Count  int64                      `json:"count"`
}

type campaignFacts struct {
	Group   string   `json:"group"`
	Replies []string `json:"replies"`
}

// onceFacts are how many replies gave an answer, and how many if each campaign is counted once.
type onceFacts struct {
	Question  string `json:"question"`
	Value     string `json:"value"`
	Count     int64  `json:"count"`
	CountOnce int64  `json:"countOnce"`
}

type paragraphFacts struct {
	Number  string                      `json:"number"`
	Topic   string                      `json:"topic"`
	Kind    consultations.ParagraphKind `json:"kind"`
	Text    written                     `json:"text"`
	Replies []string                    `json:"replies"`
}

type decisionFacts struct {
	Topic      string                   `json:"topic"`
	Body       consultations.ActionBody `json:"body"`
	Text       written                  `json:"text"`
	DecidedOn  kit.Date                 `json:"decidedOn"`
	Source     string                   `json:"source"`
	Paragraphs []string                 `json:"paragraphs"`
}

type synthesisFacts struct {
	Edition     int              `json:"edition"`
	PublishedAt *kit.DateTime    `json:"publishedAt"`
	Paragraphs  []paragraphFacts `json:"paragraphs"`
	Campaigns   []campaignFacts  `json:"campaigns"`
	// Once are empty without campaigns: they are the counts of the questions then.
	Once      []onceFacts     `json:"campaignCounts"`
	Decisions []decisionFacts `json:"decisions"`
}

// respondentFacts are who replied; Name is null for a member that is listed no more.
type respondentFacts struct {
	Name    *written                  `json:"name"`
	Kind    membership.RespondentKind `json:"kind"`
	Region  country.Region            `json:"region"`
	Country *written                  `json:"country"`
}

type answerFacts struct {
	Question string                     `json:"question"`
	Position *consultations.Position    `json:"position,omitempty"`
	Priority *int                       `json:"priority,omitempty"`
	Options  []string                   `json:"options,omitempty"`
	Text     *string                    `json:"text,omitempty"`
	Members  *int                       `json:"members,omitempty"`
	Amount   *kit.Money                 `json:"amount,omitempty"`
	Bodies   []consultations.ActionBody `json:"bodies,omitempty"`
}

// replyFacts are a reply that is published. Of one that is anonymised Respondent and Timeliness are null, and
// Language where no text of it is published.
type replyFacts struct {
	Number      string                         `json:"number"`
	Respondent  *respondentFacts               `json:"respondent"`
	Capacity    consultations.FeedbackCapacity `json:"capacity"`
	Timeliness  *consultations.Timeliness      `json:"timeliness"`
	Publication consultations.Publication      `json:"publication"`
	Language    *kit.Locale                    `json:"language"`
	Answers     []answerFacts                  `json:"answers"`
}
