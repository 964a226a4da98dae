package consultations

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"memberportal/internal/events"
	"memberportal/internal/files"
	"memberportal/internal/kit"
)

// LiaisonAddresseeInput is an addressee in a request.
type LiaisonAddresseeInput struct {
	Group string
	Role  AddresseeRole
}

// ReportDeadlineInput is a deadline in a request.
type ReportDeadlineInput struct {
	On        kit.Date
	MonthOnly bool
	Source    string
}

// LiaisonDocumentInput is a document in a request.
type LiaisonDocumentInput struct {
	Title    string
	Source   files.DocumentSourceInput
	Language kit.Locale
	Sha256   *string
}

// LiaisonTopicInput is a topic in a request.
type LiaisonTopicInput struct {
	Code  string
	Title []kit.TranslationInput
}

// LiaisonPillarInput is a pillar in a request.
type LiaisonPillarInput struct {
	Code   string
	Title  []kit.TranslationInput
	Topics []LiaisonTopicInput
}

// LiaisonKeywordInput is a keyword in a request.
type LiaisonKeywordInput struct{ Text []kit.TranslationInput }

// CreateLiaisonStatementInput records a statement.
type CreateLiaisonStatementInput struct {
	IdempotencyKey   *string
	Reference        string
	Revision         *string
	Source           string
	Addressees       []LiaisonAddresseeInput
	Title            []kit.TranslationInput
	Abstract         []kit.TranslationInput
	Keywords         []LiaisonKeywordInput
	Text             []kit.TranslationInput
	Documents        []LiaisonDocumentInput
	Pillars          []LiaisonPillarInput
	AgreedOn         *kit.Date
	InterimReportDue *ReportDeadlineInput
	FinalReportDue   *ReportDeadlineInput
	Zone             *string
	StatedIn         *string
}

// CreateLiaisonStatementPayload has the new statement; it is nil if there are UserErrors.
type CreateLiaisonStatementPayload struct {
	LiaisonStatement *LiaisonStatement
	UserErrors       []kit.UserError
}

// UpdateLiaisonStatementInput corrects the record of a statement.
type UpdateLiaisonStatementInput struct {
	ID               kit.ID
	ExpectedVersion  int
	Title            kit.Opt[[]kit.TranslationInput]
	Abstract         kit.Opt[[]kit.TranslationInput]
	Keywords         kit.Opt[[]LiaisonKeywordInput]
	Text             kit.Opt[[]kit.TranslationInput]
	Documents        kit.Opt[[]LiaisonDocumentInput]
	InterimReportDue kit.Opt[ReportDeadlineInput]
	FinalReportDue   kit.Opt[ReportDeadlineInput]
	StatedIn         kit.Opt[string]
}

// UpdateLiaisonStatementPayload has the statement after the change; it is nil if there are UserErrors.
type UpdateLiaisonStatementPayload struct {
	LiaisonStatement *LiaisonStatement
	UserErrors       []kit.UserError
}

var (
	groupForm = regexp.MustCompile(`^[A-Z][A-Z0-9-]{1,19}$`)
	topicForm = regexp.MustCompile(`^[0-9A-Za-z]{1,10}$`)
)

// mayRecord refuses a reviewer who records a statement from a group other than its own.
func mayRecord(ctx context.Context, source string) error {
	if actor := kit.ActorOf(ctx); !actor.Has(kit.ConsultationsSecretariat) && !actor.Reviews(source) {
		return kit.Refuse(kit.Forbidden, "forbidden", nil)
	}
	return nil
}

// Create records a statement: SECRETARIAT, and REVIEWER of the group that sent it. A reference and revision that
// are already recorded are a DUPLICATE.
func (s *LiaisonService) Create(ctx context.Context, in CreateLiaisonStatementInput) (*CreateLiaisonStatementPayload, error) {
	if err := kit.Require(ctx, kit.RoleReviewer, kit.ConsultationsSecretariat); err != nil {
		return nil, err
	}
	if err := mayRecord(ctx, in.Source); err != nil {
		return nil, err
	}
	id, err := s.core.Create(ctx, "createLiaisonStatement", in.IdempotencyKey, in, func(ctx context.Context, note func(kit.Change)) (kit.ID, error) {
		f := kit.NewFaults(ctx)
		l := &LiaisonStatement{
			ID: s.core.NewID(liaisonPrefix), Reference: strings.TrimSpace(in.Reference), Revision: kit.Trimmed(in.Revision), Source: in.Source, AgreedOn: in.AgreedOn,
			Addressees: kit.Map(in.Addressees, func(a LiaisonAddresseeInput) LiaisonAddressee { return LiaisonAddressee(a) }),
			Pillars:    kit.Map(in.Pillars, LiaisonPillarInput.pillar), Zone: s.core.Clock.Zone.String(), Documents: []LiaisonDocument{}, Keywords: []kit.LocalizedText{},
			RecordedAt: kit.DateTimeOf(s.core.Clock.Now()), Dataset: kit.DatasetOf(ctx),
		}
		kit.Set(&l.Zone, kit.Trimmed(in.Zone))
		f.IdempotencyKey(in.IdempotencyKey)
		in.check(f, l)
		change := in.changes()
		offers, err := s.files.Offered(ctx, l.ID, sources(in.Documents)...)
		if err != nil {
			return "", err
		}
		change.apply(l, f, offers)
		change.check(f, l)
		if err := kit.CheckFree(ctx, f, s.statements, "reference", "input.reference", l.FullReference()); err != nil {
			return "", err
		}
		if err := f.Err(); err != nil {
			return "", err
		}
		if err := errors.Join(s.statements.Insert(ctx, l), offers.Keep(ctx)); err != nil {
			return "", err
		}
		note(kit.Changed(LiaisonNoun, l, kit.Created, "reference", "title"))
		return l.ID, s.tellAddressees(ctx, l)
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &CreateLiaisonStatementPayload{UserErrors: faults}, err
	}
	l, err := kit.One(ctx, s.ByIDs, id)
	return &CreateLiaisonStatementPayload{LiaisonStatement: l}, err
}

// Update corrects the record of a statement, for those who may record it.
func (s *LiaisonService) Update(ctx context.Context, in UpdateLiaisonStatementInput) (*UpdateLiaisonStatementPayload, error) {
	if err := kit.Require(ctx, kit.RoleReviewer, kit.ConsultationsSecretariat); err != nil {
		return nil, err
	}
	may := func(ctx context.Context, l *LiaisonStatement) error { return mayRecord(ctx, l.Source) }
	written, _ := kit.Given(in.Documents)
	var l *LiaisonStatement
	err := s.core.Transact(ctx, func(ctx context.Context) error {
		offers, err := s.files.Offered(ctx, in.ID, sources(written)...)
		if err != nil {
			return err
		}
		l, err = kit.Amend(ctx, s.core, LiaisonNoun, kit.Amendment{Operation: "updateLiaisonStatement", ID: in.ID, Expected: in.ExpectedVersion, Reason: nil}, may, func(l *LiaisonStatement, f *kit.Faults) []string {
			fields := in.apply(l, f, offers)
			in.check(f, l)
			return fields
		})
		if err != nil {
			return err
		}
		return offers.Keep(ctx)
	})
	if err != nil {
		l = nil
	}
	faults, err := kit.UserErrorsOf(err)
	return &UpdateLiaisonStatementPayload{l, faults}, err
}

func (in LiaisonPillarInput) pillar() LiaisonPillar {
	return LiaisonPillar{in.Code, (*kit.LocalizedText)(nil).With(in.Title), kit.Map(in.Topics, func(t LiaisonTopicInput) LiaisonTopic {
		return LiaisonTopic{t.Code, (*kit.LocalizedText)(nil).With(t.Title)}
	})}
}

// changes returns the fields of a new statement that can be corrected later, as changes of an empty one.
func (in CreateLiaisonStatementInput) changes() UpdateLiaisonStatementInput {
	return UpdateLiaisonStatementInput{
		Title: kit.Some(in.Title), Abstract: kit.Some(in.Abstract), Keywords: kit.Some(in.Keywords), Text: kit.Some(in.Text), Documents: kit.Some(in.Documents),
		InterimReportDue: kit.OptOf(in.InterimReportDue), FinalReportDue: kit.OptOf(in.FinalReportDue), StatedIn: kit.OptOf(in.StatedIn),
	}
}

// deadline converts the input to the stored form; for a month, On is its last day.
func (in *ReportDeadlineInput) deadline() *ReportDeadline {
	if in == nil {
		return nil
	}
	d := &ReportDeadline{in.On, in.MonthOnly, strings.TrimSpace(in.Source)}
	if in.MonthOnly {
		d.On = (in.On[:8] + "01").AddMonths(1).AddDays(-1)
	}
	return d
}

func (d *ReportDeadline) check(f *kit.Faults, path string) {
	if d != nil {
		f.Line(path, &d.Source, 200, true)
	}
}

// sources are where documents of a request are.
func sources(documents []LiaisonDocumentInput) []files.DocumentSourceInput {
	return kit.Map(documents, func(d LiaisonDocumentInput) files.DocumentSourceInput { return d.Source })
}

// apply changes the statement and returns the fields that changed. offers have the files that the input names; their
// faults, and those of the documents' links, are added to f.
func (in UpdateLiaisonStatementInput) apply(l *LiaisonStatement, f *kit.Faults, offers *files.Offers) []string {
	var fields []string
	place := 0
	kit.ApplyTranslations(&fields, "title", in.Title, &l.Title)
	kit.ApplyTranslations(&fields, "abstract", in.Abstract, &l.Abstract)
	kit.ApplyTranslations(&fields, "text", in.Text, &l.Text)
	kit.ApplyList(&fields, "keywords", in.Keywords, &l.Keywords, func(k LiaisonKeywordInput) kit.LocalizedText {
		if t := (*kit.LocalizedText)(nil).With(k.Text); t != nil {
			return *t
		}
		return kit.LocalizedText{}
	})
	kit.ApplyList(&fields, "documents", in.Documents, &l.Documents, func(d LiaisonDocumentInput) LiaisonDocument {
		path := fmt.Sprintf("input.documents.%d.", place)
		place++
		link, file := offers.Take(f, path+"source", d.Source, files.Permanent)
		events.CheckSum(f, path+"sha256", d.Sha256, file)
		return LiaisonDocument{d.Title, link, file, d.Language, d.Sha256}
	})
	if in.InterimReportDue.Set {
		kit.Become(&fields, "interimReportDue", &l.InterimReportDue, in.InterimReportDue.Value.deadline())
	}
	if in.FinalReportDue.Set {
		kit.Become(&fields, "finalReportDue", &l.FinalReportDue, in.FinalReportDue.Value.deadline())
	}
	kit.ApplyText(&fields, "statedIn", in.StatedIn, &l.StatedIn)
	return fields
}

// check adds all faults of the fields of a statement that never change.
func (in CreateLiaisonStatementInput) check(f *kit.Faults, l *LiaisonStatement) {
	f.Line("input.reference", &l.Reference, 60, true)
	f.Line("input.revision", l.Revision, 20, true)
	checkGroup(f, "input.source", in.Source)
	if _, err := time.LoadLocation(l.Zone); err != nil || in.Zone != nil && !events.ZoneForm.MatchString(l.Zone) {
		f.Add(kit.CodeInvalid, "input.zone", "invalid.zone", nil)
	}
	f.Some("input.addressees", len(in.Addressees))
	for i, a := range in.Addressees {
		path := fmt.Sprintf("input.addressees.%d.group", i)
		checkGroup(f, path, a.Group)
		if slices.ContainsFunc(in.Addressees[:i], func(o LiaisonAddresseeInput) bool { return o.Group == a.Group }) {
			f.Add(kit.CodeDuplicate, path, "duplicate.entry", nil)
		}
	}
	pillars, topics := map[string]bool{}, map[string]bool{}
	for i, p := range in.Pillars {
		path := fmt.Sprintf("input.pillars.%d.", i)
		checkTopicCode(f, path+"code", p.Code, pillars)
		f.Titled(path+"title", kit.Some(p.Title), l.Pillars[i].Title, 300, true)
		for j, t := range p.Topics {
			at := fmt.Sprintf("%stopics.%d.", path, j)
			checkTopicCode(f, at+"code", t.Code, topics)
			f.Titled(at+"title", kit.Some(t.Title), l.Pillars[i].Topics[j].Title, 300, true)
		}
	}
}

// checkGroup checks the name of a group.
func checkGroup(f *kit.Faults, path, name string) {
	if !groupForm.MatchString(name) {
		f.Add(kit.CodeInvalid, path, "invalid.group", nil)
	}
}

// checkTopicCode checks the form of a code and that it is not in seen.
func checkTopicCode(f *kit.Faults, path, code string, seen map[string]bool) {
	switch {
	case !topicForm.MatchString(code):
		f.Add(kit.CodeInvalid, path, "invalid.topicCode", nil)
	case seen[code]:
		f.Add(kit.CodeDuplicate, path, "duplicate.entry", nil)
	}
	seen[code] = true
}

// check adds all faults of a statement after its change, and of the texts that were written.
func (in UpdateLiaisonStatementInput) check(f *kit.Faults, l *LiaisonStatement) {
	f.Titled("input.title", in.Title, l.Title, 300, true)
	f.Written("input.abstract", in.Abstract, l.Abstract, 4000, false)
	f.Written("input.text", in.Text, l.Text, 20000, false)
	keywords, _ := kit.Given(in.Keywords)
	for i, k := range keywords {
		f.Titled(fmt.Sprintf("input.keywords.%d.text", i), kit.Some(k.Text), (*kit.LocalizedText)(nil).With(k.Text), 100, true)
	}
	written := l.Documents
	if !in.Documents.Set {
		written = nil
	}
	for i := range written {
		d := &written[i]
		path := fmt.Sprintf("input.documents.%d.", i)
		f.Line(path+"title", &d.Title, 200, true)
	}
	l.InterimReportDue.check(f, "input.interimReportDue.source")
	l.FinalReportDue.check(f, "input.finalReportDue.source")
	if l.InterimReportDue != nil && l.FinalReportDue != nil && l.FinalReportDue.On < l.InterimReportDue.On {
		f.Add(kit.CodeOutOfRange, "input.finalReportDue.on", "outOfRange.before", map[string]string{"date": string(l.InterimReportDue.On)})
	}
	f.Line("input.statedIn", l.StatedIn, 500, true)
}
