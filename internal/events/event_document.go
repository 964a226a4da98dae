package events

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"memberportal/internal/kit"
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

// EventDocument is a document of an event, such as its agenda or its report. The portal keeps the link and the
// description, not the file.
type EventDocument struct {
	ID       kit.ID             `bson:"id"`
	Kind     EventDocumentKind  `bson:"kind"`
	Title    *kit.LocalizedText `bson:"title"`
	URL      string             `bson:"url"`
	Language kit.Locale         `bson:"language"`
	// SHA256 is the file's checksum in hexadecimal digits; nil if it is not known.
	SHA256 *string `bson:"sha256,omitempty"`
	// Date is the date on the document.
	Date        kit.Date     `bson:"date"`
	Readers     EventReaders `bson:"readers"`
	PublishedAt kit.DateTime `bson:"publishedAt"`
	// WithdrawnAt is when the document was taken back. After that only SECRETARIAT sees it.
	WithdrawnAt *kit.DateTime `bson:"withdrawnAt,omitempty"`
	Reason      *string       `bson:"reason,omitempty"`
}

// maxDocuments bounds the documents of an event, which are stored in the event's own document.
const maxDocuments = 200

// PublishEventDocumentInput adds a document to an event.
type PublishEventDocumentInput struct {
	EventID         kit.ID
	ExpectedVersion int
	Kind            EventDocumentKind
	Title           []kit.TranslationInput
	URL             string
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

// PublishDocument adds a document to an event. SECRETARIAT only.
func (s *EventService) PublishDocument(ctx context.Context, in PublishEventDocumentInput) (*PublishEventDocumentPayload, error) {
	var published *EventDocument
	e, err := s.amend(ctx, kit.Amendment{Operation: "publishEventDocument", ID: in.EventID, Expected: in.ExpectedVersion, Reason: nil}, func(e *Event, f *kit.Faults) []string {
		d := EventDocument{
			ID: s.core.NewID("doc"), Kind: in.Kind, Title: (*kit.LocalizedText)(nil).With(in.Title), URL: in.URL, Language: in.Language, SHA256: in.Sha256,
			Date: in.Date, Readers: in.Readers, PublishedAt: kit.DateTimeOf(s.core.Clock.Now()),
		}
		f.Titled("input.title", kit.Some(in.Title), d.Title, 300, true)
		f.Link("input.url", &d.URL)
		f.Day("input.date", in.Date, "", s.core.Clock.Today())
		if in.Sha256 != nil && !Sha256Form.MatchString(*in.Sha256) {
			f.Add(kit.CodeInvalid, "input.sha256", "invalid.sha256", nil)
		}
		e.publish(f, d)
		published = &d
		return []string{"documents"}
	}, func(ctx context.Context, e *Event) error { return s.tellDocument(ctx, e, *published) })
	if err != nil {
		published = nil
	}
	faults, err := kit.UserErrorsOf(err)
	return &PublishEventDocumentPayload{e, published, faults}, err
}

// publish adds a document to the event, or a fault if it has maxDocuments already.
func (e *Event) publish(f *kit.Faults, d EventDocument) {
	if len(e.StoredDocuments) >= maxDocuments {
		f.Add(kit.CodeFull, "input", "full", nil)
	}
	e.StoredDocuments = append(e.StoredDocuments, d)
}

// WithdrawDocument takes back a document; its record stays. SECRETARIAT only. A document that the event does not
// have is UNKNOWN_REFERENCE.
func (s *EventService) WithdrawDocument(ctx context.Context, in WithdrawEventDocumentInput) (*WithdrawEventDocumentPayload, error) {
	e, err := s.amend(ctx, kit.Amendment{Operation: "withdrawEventDocument", ID: in.EventID, Expected: in.ExpectedVersion, Reason: &in.Reason}, func(e *Event, f *kit.Faults) []string {
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
		}
		return []string{fmt.Sprintf("documents.%s", in.DocumentID)}
	}, nil)
	faults, err := kit.UserErrorsOf(err)
	return &WithdrawEventDocumentPayload{e, faults}, err
}
