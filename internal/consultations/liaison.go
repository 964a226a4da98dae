package consultations

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

const liaisonPrefix = "lia"

// AddresseeRole says what an addressee of a liaison statement is asked to do with it.
type AddresseeRole string

// The roles: the addressee is asked to act, or is only informed.
const (
	ForAction      AddresseeRole = "FOR_ACTION"
	ForInformation AddresseeRole = "FOR_INFORMATION"
)

// AddresseeRoles are all values of AddresseeRole.
var AddresseeRoles = []AddresseeRole{ForAction, ForInformation}

// Valid returns an error for a value that is not in AddresseeRoles.
func (v AddresseeRole) Valid() error { return kit.CheckOneOf(v, AddresseeRoles, "addressee role") }

// LiaisonAddressee is a group that a statement is addressed to.
type LiaisonAddressee struct {
	Group string        `bson:"group"`
	Role  AddresseeRole `bson:"role"`
}

// ReportDeadline is the day by which a report is due, according to one source.
type ReportDeadline struct {
	// On is the last day; with MonthOnly, the last day of the month, because no day is stated.
	On        kit.Date `bson:"on"`
	MonthOnly bool     `bson:"monthOnly"`
	Source    string   `bson:"source"`
}

// LiaisonDocument is a document that belongs to a statement: a file, or a link to where it is.
type LiaisonDocument struct {
	Title string `bson:"title"`
	// StoredURL is the link; empty for a file.
	StoredURL string      `bson:"url"`
	File      *files.File `bson:"file,omitempty"`
	Language  kit.Locale  `bson:"language"`
	// StoredSHA256 is the checksum of what is behind the link, in hexadecimal digits; nil if it is not known.
	StoredSHA256 *string `bson:"sha256,omitempty"`
}

// URL returns where the document is: its link, or the path of its file behind the portal's address.
func (d LiaisonDocument) URL() string {
	if d.File != nil {
		return d.File.URL()
	}
	return d.StoredURL
}

// SHA256 returns the checksum of the content in hexadecimal digits; nil if it is not known.
func (d LiaisonDocument) SHA256() *string {
	if d.File != nil {
		return &d.File.SHA256
	}
	return d.StoredSHA256
}

// LiaisonTopic is a topic on which a statement asks for views.
type LiaisonTopic struct {
	Code  string             `bson:"code"`
	Title *kit.LocalizedText `bson:"title"`
}

// LiaisonPillar is a part of the strategy that a statement mentions.
type LiaisonPillar struct {
	Code   string             `bson:"code"`
	Title  *kit.LocalizedText `bson:"title"`
	Topics []LiaisonTopic     `bson:"topics" most:"20"`
}

// LiaisonStatement is a letter from one group to others. Everybody may read it.
type LiaisonStatement struct {
	ID        kit.ID `bson:"_id"`
	Version   int64  `bson:"version"`
	Reference string `bson:"reference"`
	// Revision is nil for the original text.
	Revision *string `bson:"revision,omitempty"`
	// Source is the group that sent the statement.
	Source     string              `bson:"source"`
	Addressees []LiaisonAddressee  `bson:"addressees" most:"20"`
	Title      *kit.LocalizedText  `bson:"title"`
	Abstract   *kit.LocalizedText  `bson:"abstract,omitempty"`
	Keywords   []kit.LocalizedText `bson:"keywords" most:"20"`
	Text       *kit.LocalizedText  `bson:"text,omitempty"`
	Documents  []LiaisonDocument   `bson:"documents" most:"20"`
	Pillars    []LiaisonPillar     `bson:"pillars" most:"10"`
	AgreedOn   *kit.Date           `bson:"agreedOn,omitempty"`
	// InterimReportDue and FinalReportDue may come from different sources, so both are kept.
	InterimReportDue *ReportDeadline `bson:"interimReportDue,omitempty"`
	FinalReportDue   *ReportDeadline `bson:"finalReportDue,omitempty"`
	// Zone is the IANA name of the zone in which the days of deadlines end.
	Zone     string  `bson:"zone"`
	StatedIn *string `bson:"statedIn,omitempty"`
	// RecordedAt is the sort order of statements without a known day.
	RecordedAt kit.DateTime `bson:"recordedAt"`
	Dataset    kit.Dataset  `bson:"dataset"`
}

// LiaisonNoun is how liaison statements are stored and listed: all, and by addressee, in the order of the day on
// which they were agreed or, if that is not known, recorded.
var LiaisonNoun = store.Declare(store.Noun[LiaisonStatement]{
	Name:     "liaisonStatements",
	Identity: func(l *LiaisonStatement) (string, *int64) { return string(l.ID), &l.Version },
	Keys: []store.Key[LiaisonStatement]{
		store.Many("addressee", func(l *LiaisonStatement, _ string) []string {
			return kit.Map(l.Addressees, func(a LiaisonAddressee) string { return a.Group })
		}),
		store.One("agreed", func(l *LiaisonStatement, _ string) string {
			return cmp.Or(kit.Deref(l.AgreedOn), string(l.RecordedAt))
		}),
		store.Many("words", func(l *LiaisonStatement, _ string) []string {
			return kit.Words(append(append(l.titles(), l.Text.Texts()...), l.otherTexts()...)...)
		}),
		store.Unique("reference", func(l *LiaisonStatement) string { return l.FullReference() }),
	},
	Listings: []store.Listing{{Sort: "agreed"}, {Has: "addressee", Sort: "agreed"}, {Has: "words"}},
})

// IsNode marks a type that node and nodes can answer.
func (l *LiaisonStatement) IsNode() {}

// FullReference names the statement with its revision, such as CWG-FHR-20/20(Rev.1).
func (l *LiaisonStatement) FullReference() string { return fullReference(l.Reference, l.Revision) }

func fullReference(reference string, revision *string) string {
	if revision == nil {
		return reference
	}
	return reference + "(" + *revision + ")"
}

func (l *LiaisonStatement) titles() []string {
	return append([]string{l.FullReference()}, l.Title.Texts()...)
}

// otherTexts are the texts, other than title and text, by which a search finds a statement.
func (l *LiaisonStatement) otherTexts() []string {
	texts := l.Abstract.Texts()
	for _, k := range l.Keywords {
		texts = append(texts, k.Texts()...)
	}
	return texts
}

// topic says whether the statement has a topic with the code.
func (l *LiaisonStatement) topic(code string) bool {
	return slices.ContainsFunc(l.Pillars, func(p LiaisonPillar) bool {
		return slices.ContainsFunc(p.Topics, func(t LiaisonTopic) bool { return t.Code == code })
	})
}

// addresses says whether the statement is addressed to a group.
func (l *LiaisonStatement) addresses(group string) bool {
	return slices.ContainsFunc(l.Addressees, func(a LiaisonAddressee) bool { return a.Group == group })
}

// LiaisonStatementConnection and LiaisonStatementEdge page through liaison statements.
type (
	LiaisonStatementConnection = kit.Connection[*LiaisonStatement]
	LiaisonStatementEdge       = kit.Edge[*LiaisonStatement]
)

// LiaisonStatementFilter narrows statements. A nil field does not narrow.
type LiaisonStatementFilter struct{ Addressee *string }

// LiaisonService reads and records liaison statements. Everybody may read them.
type LiaisonService struct {
	core          *kit.Core
	statements    store.Collection[LiaisonStatement]
	persons       *people.PersonService
	notifications *people.NotificationService
	files         *files.FileService
}

// ByIDs reads statements in the order of the ids, nil for missing ones.
func (s *LiaisonService) ByIDs(ctx context.Context, ids []kit.ID) ([]*LiaisonStatement, error) {
	return s.statements.Many(ctx, kit.Strings(ids))
}

func (s *LiaisonService) nodes(ctx context.Context, ids []kit.ID) ([]kit.Node, error) {
	return kit.AsNodes(s.ByIDs(ctx, ids))
}

// ByReference reads the statement with a full reference, such as CWG-FHR-20/20(Rev.1); nil if there is none.
func (s *LiaisonService) ByReference(ctx context.Context, reference string) (*LiaisonStatement, error) {
	id, err := s.statements.Lookup(ctx, "reference", reference)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return kit.One(ctx, s.ByIDs, kit.ID(id))
}

// List pages through statements, the latest first.
func (s *LiaisonService) List(ctx context.Context, filter *LiaisonStatementFilter, args kit.PageArgs) (*LiaisonStatementConnection, error) {
	where := store.Where{}
	if filter != nil && filter.Addressee != nil {
		where["addressee"] = []string{*filter.Addressee}
	}
	return kit.PageOf(ctx, s.core.Sealer, s.statements, store.Query{Any: []store.Where{where}, Sort: "agreed"}, store.Bounds{}, true, args)
}

func (s *LiaisonService) found(context.Context, []*LiaisonStatement) error { return nil }

// ShownVersion is the version for SECRETARIAT and reviewers of the group that sent the statement, nil for others.
func (l *LiaisonStatement) ShownVersion(ctx context.Context) *int64 {
	return kit.ShownVersion(&l.Version, mayRecord(ctx, l.Source) == nil)
}

// storedOne reads one stored statement without a check of permissions; store.ErrNotFound if it is missing.
func (s *LiaisonService) storedOne(ctx context.Context, id kit.ID) (*LiaisonStatement, error) {
	return s.statements.Get(ctx, string(id))
}

// fileOwner says which files statements name; everybody may read them with the statement.
func (s *LiaisonService) fileOwner() files.Owner {
	of := func(l *LiaisonStatement) (all []*files.File) {
		for _, d := range l.Documents {
			if d.File != nil {
				all = append(all, d.File)
			}
		}
		return all
	}
	return files.OwnerOf(files.OwnerNoun[LiaisonStatement]{
		Seen: s.ByIDs, Shows: func(_ context.Context, l *LiaisonStatement) ([]*files.File, error) { return of(l), nil },
		Stored: s.statements.Many, Every: func(ctx context.Context, take func([]*LiaisonStatement) error) error {
			return kit.EachPage(ctx, s.statements, store.Query{Sort: "agreed"}, kit.MaxPage, take)
		},
		Names: func(l *LiaisonStatement) (kit.ID, []*files.File) { return l.ID, of(l) },
	})
}

// Searchable says how a search finds statements by their words.
func (s *LiaisonService) Searchable() kit.Searchable {
	return kit.NewSearchable(kit.SearchStatements, s.statements, store.Query{Sort: "agreed"}, s.found, func(ctx context.Context, l *LiaisonStatement) (kit.ID, []string, []string) {
		return l.ID, append([]string{l.Title.Text(ctx, nil)}, l.titles()...), append(l.Text.Texts(), l.otherTexts()...)
	})
}
