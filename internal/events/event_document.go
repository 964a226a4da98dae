package events

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// EventDocumentKind is the sort of a document of an event.
type EventDocumentKind string

// DocumentContribution is the kind of a published contribution.
const DocumentContribution = EventDocumentKind("CONTRIBUTION")

// EventDocumentKinds are all values of EventDocumentKind.
var EventDocumentKinds = []EventDocumentKind{
	"AGENDA", DocumentContribution, "CHAIR_REPORT", "OUTCOME_STATEMENT", "BEST_PRACTICE_GUIDELINE", "RECORDING", "PRESENTATION", "OTHER",
}

// Valid returns an error for a value that is not in EventDocumentKinds.
func (v EventDocumentKind) Valid() error {
	return kit.CheckOneOf(v, EventDocumentKinds, "event document kind")
}

// EventReaders says who may read a document of an event.
type EventReaders string

// The readers. SECRETARIAT reads all documents.
const (
	ReadersPublic       EventReaders = "PUBLIC"
	ReadersAudience     EventReaders = "AUDIENCE"
	ReadersParticipants EventReaders = "PARTICIPANTS"
	ReadersSecretariat  EventReaders = "SECRETARIAT"
)

// EventReaderKinds are all values of EventReaders.
var EventReaderKinds = []EventReaders{ReadersPublic, ReadersAudience, ReadersParticipants, ReadersSecretariat}

// Valid returns an error for a value that is not in EventReaderKinds.
func (v EventReaders) Valid() error { return kit.CheckOneOf(v, EventReaderKinds, "event readers") }

// EventDocument is a document of an event, such as its agenda or its report: a file, or a link to where it is.
type EventDocument struct {
	ID    kit.ID             `bson:"id"`
	Kind  EventDocumentKind  `bson:"kind"`
	Title *kit.LocalizedText `bson:"title"`
	// StoredURL is the link; empty for a file.
	StoredURL string      `bson:"url"`
	File      *files.File `bson:"file,omitempty"`
	Language  kit.Locale  `bson:"language"`
	// StoredSHA256 is the checksum of what is behind the link, in hexadecimal digits; nil if it is not known.
	StoredSHA256 *string `bson:"sha256,omitempty"`
	// Date is the date on the document.
	Date        kit.Date     `bson:"date"`
	Readers     EventReaders `bson:"readers"`
	PublishedAt kit.DateTime `bson:"publishedAt"`
	// WithdrawnAt is when the document was taken back. After that only SECRETARIAT sees it.
	WithdrawnAt *kit.DateTime `bson:"withdrawnAt,omitempty"`
	Reason      *string       `bson:"reason,omitempty"`
}

// URL returns where the document is: its link, or the path of its file behind the portal's address.
func (d EventDocument) URL() string {
	if d.File != nil {
		return d.File.URL()
	}
	return d.StoredURL
}

// SHA256 returns the checksum of the content in hexadecimal digits; nil if it is not known.
func (d EventDocument) SHA256() *string {
	if d.File != nil {
		return &d.File.SHA256
	}
	return d.StoredSHA256
}

// maxDocuments bounds the documents of an event, which are stored in the event's own document.
const maxDocuments = 200

// PublishEventDocumentInput adds a document to an event.
type PublishEventDocumentInput struct {
	EventID         kit.ID
	ExpectedVersion int
	Kind            EventDocumentKind
	Title           []kit.TranslationInput
	Source          files.DocumentSourceInput
	Language        kit.Locale
	Sha256          *string
	Date            kit.Date
	Readers         EventReaders
}

// PublishEventDocumentPayload has the event and its new document; both are nil if there are UserErrors.
type PublishEventDocumentPayload struct {
	Event      *Event
	Document   *EventDocument
	UserErrors []kit.UserError
}

// WithdrawEventDocumentInput takes back a document; a reason is required.
type WithdrawEventDocumentInput struct {
	EventID         kit.ID
	ExpectedVersion int
	DocumentID      kit.ID
	Reason          string
}

// WithdrawEventDocumentPayload has the event after the withdrawal; it is nil if there are UserErrors.
type WithdrawEventDocumentPayload struct {
	Event      *Event
	UserErrors []kit.UserError
}

// Sha256Form matches a SHA-256 sum in lower-case hexadecimal digits.
var Sha256Form = regexp.MustCompile(`^[0-9a-f]{64}$`)

// PublishDocument adds a document to an event. SECRETARIAT only. A file of a document that everybody may read has a
// permanent address by its content.
func (s *EventService) PublishDocument(ctx context.Context, in PublishEventDocumentInput) (*PublishEventDocumentPayload, error) {
	var published *EventDocument
	var e *Event
	err := s.core.Transact(ctx, func(ctx context.Context) error {
		offers, err := s.files.Offered(ctx, in.EventID, in.Source)
		if err != nil {
			return err
		}
		e, err = s.amend(ctx, kit.Amendment{Operation: "publishEventDocument", ID: in.EventID, Expected: in.ExpectedVersion, Reason: nil}, func(e *Event, f *kit.Faults) []string {
			d := EventDocument{
				ID: s.core.NewID("doc"), Kind: in.Kind, Title: (*kit.LocalizedText)(nil).With(in.Title), Language: in.Language, StoredSHA256: in.Sha256,
				Date: in.Date, Readers: in.Readers, PublishedAt: kit.DateTimeOf(s.core.Clock.Now()),
			}
			f.Titled("input.title", kit.Some(in.Title), d.Title, 300, true)
			reach := files.OfRecord
			if e.public(d) {
				reach = files.Permanent
			}
			d.StoredURL, d.File = offers.Take(f, "input.source", in.Source, reach)
			f.Day("input.date", in.Date, "", s.core.Clock.Today())
			CheckSum(f, "input.sha256", in.Sha256, d.File)
			e.publish(f, d)
			published = &d
			return []string{"documents"}
		}, func(ctx context.Context, e *Event) error { return s.tellDocument(ctx, e, *published) })
		if err != nil {
			return err
		}
		return offers.Keep(ctx)
	})
	if err != nil {
		e, published = nil, nil
	}
	faults, err := kit.UserErrorsOf(err)
	return &PublishEventDocumentPayload{e, published, faults}, err
}

// CheckSum checks a SHA-256 that comes with a link. That of a file is computed, so none comes with it.
func CheckSum(f *kit.Faults, path string, sum *string, file *files.File) {
	switch {
	case sum != nil && file != nil:
		f.Add(kit.CodeInvalid, path, "invalid.sha256OfFile", nil)
	case sum != nil && !Sha256Form.MatchString(*sum):
		f.Add(kit.CodeInvalid, path, "invalid.sha256", nil)
	}
}

// public says whether everybody may read a document of the event.
func (e *Event) public(d EventDocument) bool {
	return d.Readers == ReadersPublic && d.WithdrawnAt == nil && slices.Contains(e.seen(), seenByPublic)
}

// hideFiles takes the addresses by content from the files of an event that not everybody sees any more, and returns them.
func (e *Event) hideFiles() (hidden []*files.File) {
	for i := range e.StoredDocuments {
		if file := e.StoredDocuments[i].File; file != nil && file.Public {
			file.Public, hidden = false, append(hidden, file)
		}
	}
	return hidden
}

// fileOwner says which files of events a caller may read, and which ones events name.
func (s *EventService) fileOwner(documents func(context.Context, *Event) ([]EventDocument, error)) files.Owner {
	of := func(documents []EventDocument) (all []*files.File) {
		for _, d := range documents {
			if d.File != nil {
				all = append(all, d.File)
			}
		}
		return all
	}
	return files.OwnerOf(files.OwnerNoun[Event]{
		Seen: s.ByIDs,
		Shows: func(ctx context.Context, e *Event) ([]*files.File, error) {
			shown, err := documents(ctx, e)
			return of(shown), err
		},
		Stored: s.events.Many, Every: func(ctx context.Context, take func([]*Event) error) error {
			return kit.EachPage(ctx, s.events, store.Query{Any: []store.Where{{"seen": {seenByAll}}}, Sort: "begins"}, kit.MaxPage, take)
		},
		Names: func(e *Event) (kit.ID, []*files.File) { return e.ID, of(e.StoredDocuments) },
	})
}

// publish adds a document to the event, or a fault if it has maxDocuments already.
func (e *Event) publish(f *kit.Faults, d EventDocument) {
	if len(e.StoredDocuments) >= maxDocuments {
		f.Add(kit.CodeFull, "input", "full", nil)
	}
	e.StoredDocuments = append(e.StoredDocuments, d)
}

// WithdrawDocument takes back a document; its record stays, and a file of it for SECRETARIAT alone. SECRETARIAT only. A document that the event does not
// have is UNKNOWN_REFERENCE.
func (s *EventService) WithdrawDocument(ctx context.Context, in WithdrawEventDocumentInput) (*WithdrawEventDocumentPayload, error) {
	var e *Event
	err := s.core.Transact(ctx, func(ctx context.Context) (err error) {
		var file *files.File
		e, err = s.amend(ctx, kit.Amendment{Operation: "withdrawEventDocument", ID: in.EventID, Expected: in.ExpectedVersion, Reason: &in.Reason}, func(e *Event, f *kit.Faults) []string {
			f.Text("input.reason", &in.Reason, 1000, true)
			i := slices.IndexFunc(e.StoredDocuments, func(d EventDocument) bool { return d.ID == in.DocumentID })
			switch {
			case i < 0:
				f.Add(kit.CodeUnknownReference, "input.documentId", "unknownReference", nil)
			case e.StoredDocuments[i].WithdrawnAt != nil:
				f.Add(kit.CodeNotAllowedInState, "input.documentId", "notAllowedInState.withdrawn", nil)
			default:
				d := &e.StoredDocuments[i]
				d.WithdrawnAt, d.Reason = new(kit.DateTimeOf(s.core.Clock.Now())), &in.Reason
				if file = d.File; file != nil {
					file.Public = false
				}
			}
			return []string{fmt.Sprintf("documents.%s", in.DocumentID)}
		}, nil)
		if err != nil {
			return err
		}
		return s.files.Hide(ctx, file)
	})
	if err != nil {
		e = nil
	}
	faults, err := kit.UserErrorsOf(err)
	return &WithdrawEventDocumentPayload{e, faults}, err
}
