package portal

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// LiaisonAddresseeInput is an addressee as it is written.
type LiaisonAddresseeInput struct {
	Group string
	Role  AddresseeRole
}

// ReportDeadlineInput is a deadline as it is written.
type ReportDeadlineInput struct {
	On        Date
	MonthOnly bool
	Source    string
}

// LiaisonDocumentInput is a document as it is written.
type LiaisonDocumentInput struct {
	Title    string
	URL      string
	Language Locale
	Sha256   *string
}

// LiaisonTopicInput is a topic as it is written.
type LiaisonTopicInput struct {
	Code  string
	Title []TranslationInput
}

// LiaisonPillarInput is a pillar as it is written.
type LiaisonPillarInput struct {
	Code   string
	Title  []TranslationInput
	Topics []LiaisonTopicInput
}

// LiaisonKeywordInput is a keyword as it is written.
type LiaisonKeywordInput struct{ Text []TranslationInput }

// CreateLiaisonStatementInput records a statement.
type CreateLiaisonStatementInput struct {
	IdempotencyKey   *string
	Reference        string
	Revision         *string
	Source           string
	Addressees       []LiaisonAddresseeInput
	Title            []TranslationInput
	Abstract         []TranslationInput
	Keywords         []LiaisonKeywordInput
	Text             []TranslationInput
	Documents        []LiaisonDocumentInput
	Pillars          []LiaisonPillarInput
	AgreedOn         *Date
	InterimReportDue *ReportDeadlineInput
	FinalReportDue   *ReportDeadlineInput
	Zone             *string
	StatedIn         *string
}

// CreateLiaisonStatementPayload is the statement, or what is wrong.
type CreateLiaisonStatementPayload struct {
	LiaisonStatement *LiaisonStatement
	UserErrors       []UserError
}

// UpdateLiaisonStatementInput corrects the record of a statement.
type UpdateLiaisonStatementInput struct {
	ID               ID
	ExpectedVersion  int
	Title            Opt[[]TranslationInput]
	Abstract         Opt[[]TranslationInput]
	Keywords         Opt[[]LiaisonKeywordInput]
	Text             Opt[[]TranslationInput]
	Documents        Opt[[]LiaisonDocumentInput]
	InterimReportDue Opt[ReportDeadlineInput]
	FinalReportDue   Opt[ReportDeadlineInput]
	StatedIn         Opt[string]
}

// UpdateLiaisonStatementPayload is the statement as it is now, or what is wrong.
type UpdateLiaisonStatementPayload struct {
	LiaisonStatement *LiaisonStatement
	UserErrors       []UserError
}

var (
	groupForm = regexp.MustCompile(`^[A-Z][A-Z0-9-]{1,19}$`)
	topicForm = regexp.MustCompile(`^[0-9A-Za-z]{1,10}$`)
)

// mayRecord refuses a reviewer who records what comes from another group than its own.
func mayRecord(ctx context.Context, source string) error {
	if actor := ActorOf(ctx); !actor.Has(RoleSecretariat) && !actor.reviews(source) {
		return refuse(Forbidden, "forbidden", nil)
	}
	return nil
}

// Create records a statement: SECRETARIAT, and REVIEWER of the group that it comes from. A reference
// and revision that are recorded already are a DUPLICATE.
func (s *LiaisonService) Create(ctx context.Context, in CreateLiaisonStatementInput) (*CreateLiaisonStatementPayload, error) {
	if err := Require(ctx, RoleReviewer, RoleSecretariat); err != nil {
		return nil, err
	}
	if err := mayRecord(ctx, in.Source); err != nil {
		return nil, err
	}
	id, err := s.core.create(ctx, "createLiaisonStatement", in.IdempotencyKey, in, func(ctx context.Context, note func(change)) (ID, error) {
		f := newFaults(ctx)
		l := &LiaisonStatement{
			ID: s.core.newID(liaisonPrefix), Reference: strings.TrimSpace(in.Reference), Revision: trimmed(in.Revision), Source: in.Source, AgreedOn: in.AgreedOn,
			Addressees: each(in.Addressees, func(a LiaisonAddresseeInput) LiaisonAddressee { return LiaisonAddressee(a) }),
			Pillars:    each(in.Pillars, LiaisonPillarInput.pillar), Zone: s.core.clock.zone.String(), Documents: []LiaisonDocument{}, Keywords: []LocalizedText{},
			RecordedAt: DateTimeOf(s.core.clock.Now()), Dataset: datasetOf(ctx),
		}
		set(&l.Zone, trimmed(in.Zone))
		f.idempotencyKey(in.IdempotencyKey)
		in.check(f, l)
		change := in.changes()
		change.apply(l, f)
		change.check(f, l)
		if err := free(ctx, f, s.statements, "reference", "input.reference", l.FullReference()); err != nil {
			return "", err
		}
		if err := f.err(); err != nil {
			return "", err
		}
		if err := s.statements.Insert(ctx, l); err != nil {
			return "", err
		}
		note(changed(LiaisonNoun, l, Created, "reference", "title"))
		return l.ID, nil
	})
	if err != nil {
		faults, err := refused(err)
		return &CreateLiaisonStatementPayload{UserErrors: faults}, err
	}
	l, err := one(ctx, s.ByIDs, id)
	return &CreateLiaisonStatementPayload{LiaisonStatement: l}, err
}

// Update corrects the record of a statement, for whoever may record it.
func (s *LiaisonService) Update(ctx context.Context, in UpdateLiaisonStatementInput) (*UpdateLiaisonStatementPayload, error) {
	if err := Require(ctx, RoleReviewer, RoleSecretariat); err != nil {
		return nil, err
	}
	may := func(ctx context.Context, l *LiaisonStatement) error { return mayRecord(ctx, l.Source) }
	l, err := amend(ctx, s.core, LiaisonNoun, amendment{"updateLiaisonStatement", in.ID, in.ExpectedVersion, nil}, may, func(l *LiaisonStatement, f *faults) []string {
		fields := in.apply(l, f)
		in.check(f, l)
		return fields
	})
	faults, err := refused(err)
	return &UpdateLiaisonStatementPayload{l, faults}, err
}

func (in LiaisonPillarInput) pillar() LiaisonPillar {
	return LiaisonPillar{in.Code, (*LocalizedText)(nil).with(in.Title), each(in.Topics, func(t LiaisonTopicInput) LiaisonTopic {
		return LiaisonTopic{t.Code, (*LocalizedText)(nil).with(t.Title)}
	})}
}

// changes are what can be corrected later of a new statement, as changes of an empty one.
func (in CreateLiaisonStatementInput) changes() UpdateLiaisonStatementInput {
	return UpdateLiaisonStatementInput{
		Title: Some(in.Title), Abstract: Some(in.Abstract), Keywords: Some(in.Keywords), Text: Some(in.Text), Documents: Some(in.Documents),
		InterimReportDue: optOf(in.InterimReportDue), FinalReportDue: optOf(in.FinalReportDue), StatedIn: optOf(in.StatedIn),
	}
}

// deadline is a deadline as it is stored: of a month, its last day.
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

func (d *ReportDeadline) check(f *faults, path string) {
	if d != nil {
		f.line(path, &d.Source, 200, true)
	}
}

func (in UpdateLiaisonStatementInput) apply(l *LiaisonStatement, f *faults) []string {
	var fields []string
	applyTranslations(&fields, "title", in.Title, &l.Title)
	applyTranslations(&fields, "abstract", in.Abstract, &l.Abstract)
	applyTranslations(&fields, "text", in.Text, &l.Text)
	applyList(&fields, "keywords", in.Keywords, &l.Keywords, func(k LiaisonKeywordInput) LocalizedText {
		if t := (*LocalizedText)(nil).with(k.Text); t != nil {
			return *t
		}
		return LocalizedText{}
	})
	applyList(&fields, "documents", in.Documents, &l.Documents, func(d LiaisonDocumentInput) LiaisonDocument {
		return LiaisonDocument{d.Title, d.URL, d.Language, d.Sha256}
	})
	if in.InterimReportDue.Set {
		become(&fields, "interimReportDue", &l.InterimReportDue, in.InterimReportDue.Value.deadline())
	}
	if in.FinalReportDue.Set {
		become(&fields, "finalReportDue", &l.FinalReportDue, in.FinalReportDue.Value.deadline())
	}
	applyText(&fields, "statedIn", in.StatedIn, &l.StatedIn)
	return fields
}

// check finds all faults of what a statement is given once and for all.
func (in CreateLiaisonStatementInput) check(f *faults, l *LiaisonStatement) {
	f.line("input.reference", &l.Reference, 60, true)
	f.line("input.revision", l.Revision, 20, true)
	checkGroup(f, "input.source", in.Source)
	if _, err := time.LoadLocation(l.Zone); err != nil || in.Zone != nil && !zoneForm.MatchString(l.Zone) {
		f.add(CodeInvalid, "input.zone", "invalid.zone", nil)
	}
	f.some("input.addressees", len(in.Addressees))
	for i, a := range in.Addressees {
		path := fmt.Sprintf("input.addressees.%d.group", i)
		checkGroup(f, path, a.Group)
		if slices.ContainsFunc(in.Addressees[:i], func(o LiaisonAddresseeInput) bool { return o.Group == a.Group }) {
			f.add(CodeDuplicate, path, "duplicate.entry", nil)
		}
	}
	pillars, topics := map[string]bool{}, map[string]bool{}
	for i, p := range in.Pillars {
		path := fmt.Sprintf("input.pillars.%d.", i)
		checkTopicCode(f, path+"code", p.Code, pillars)
		f.titled(path+"title", Some(p.Title), l.Pillars[i].Title, 300, true)
		for j, t := range p.Topics {
			at := fmt.Sprintf("%stopics.%d.", path, j)
			checkTopicCode(f, at+"code", t.Code, topics)
			f.titled(at+"title", Some(t.Title), l.Pillars[i].Topics[j].Title, 300, true)
		}
	}
}

// checkGroup checks the name of a group.
func checkGroup(f *faults, path, name string) {
	if !groupForm.MatchString(name) {
		f.add(CodeInvalid, path, "invalid.group", nil)
	}
}

// checkTopicCode checks a code that no other of seen has.
func checkTopicCode(f *faults, path, code string, seen map[string]bool) {
	switch {
	case !topicForm.MatchString(code):
		f.add(CodeInvalid, path, "invalid.topicCode", nil)
	case seen[code]:
		f.add(CodeDuplicate, path, "duplicate.entry", nil)
	}
	seen[code] = true
}

// check finds all faults of a statement as it would be, and of the texts that were written.
func (in UpdateLiaisonStatementInput) check(f *faults, l *LiaisonStatement) {
	f.titled("input.title", in.Title, l.Title, 300, true)
	f.written("input.abstract", in.Abstract, l.Abstract, 4000, false)
	f.written("input.text", in.Text, l.Text, 20000, false)
	keywords, _ := given(in.Keywords)
	for i, k := range keywords {
		f.titled(fmt.Sprintf("input.keywords.%d.text", i), Some(k.Text), (*LocalizedText)(nil).with(k.Text), 100, true)
	}
	written := l.Documents
	if !in.Documents.Set {
		written = nil
	}
	for i := range written {
		d := &written[i]
		path := fmt.Sprintf("input.documents.%d.", i)
		f.line(path+"title", &d.Title, 200, true)
		f.link(path+"url", &d.URL)
		if d.SHA256 != nil && !sha256Form.MatchString(*d.SHA256) {
			f.add(CodeInvalid, path+"sha256", "invalid.sha256", nil)
		}
	}
	l.InterimReportDue.check(f, "input.interimReportDue.source")
	l.FinalReportDue.check(f, "input.finalReportDue.source")
	if l.InterimReportDue != nil && l.FinalReportDue != nil && l.FinalReportDue.On < l.InterimReportDue.On {
		f.add(CodeOutOfRange, "input.finalReportDue.on", "outOfRange.before", map[string]string{"date": string(l.InterimReportDue.On)})
	}
	f.line("input.statedIn", l.StatedIn, 500, true)
}
