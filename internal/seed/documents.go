package seed

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"memberportal/internal/events"
	"memberportal/internal/files"
	"memberportal/internal/kit"
	"memberportal/internal/portal"
)

//go:embed documents.json
var documentsJSON []byte

//go:embed documents/*.txt
var documentFiles embed.FS

// document is one entry of documents.json: a short file that stands for a document that the source cites, and says so.
type document struct {
	Event string
	Kind  events.EventDocumentKind
	Title texts
	File  string
}

// documents gives events of the calendar the documents that the source cites, unless the event has one of the kind. The
// source tells no day of any of them, so each bears the day on which it is recorded.
func (o Options) documents(ctx context.Context) error {
	var all []document
	if err := json.Unmarshal(documentsJSON, &all); err != nil {
		return err
	}
	for _, d := range all {
		if err := o.once(ctx, "document "+d.File, func(ctx context.Context, p *portal.Portal, clock *time.Time) error {
			*clock = recorded.Add(time.Hour)
			return d.load(ctx, p)
		}); err != nil {
			return err
		}
	}
	return nil
}

func (d document) load(ctx context.Context, p *portal.Portal) error {
	e, err := p.Events.ByCode(ctx, d.Event)
	if err != nil || e == nil {
		return fmt.Errorf("the event %s: %w", d.Event, err)
	}
	if slices.ContainsFunc(e.StoredDocuments, func(x events.EventDocument) bool { return x.Kind == d.Kind }) {
		return nil
	}
	content, err := documentFiles.ReadFile("documents/" + d.File)
	if err != nil {
		return err
	}
	file, err := p.Files.Receive(ctx, files.Upload{Name: d.File, Type: "text/plain", Size: int64(len(content)), Body: bytes.NewReader(content)})
	if err != nil {
		return err
	}
	made, err := p.Events.PublishDocument(ctx, events.PublishEventDocumentInput{
		EventID: e.ID, ExpectedVersion: int(e.Version), Kind: d.Kind, Title: translations(d.Title), Source: files.DocumentSourceInput{File: &file.ID}, Language: kit.English,
		Date: kit.Date(recorded.Format(time.DateOnly)), Readers: events.ReadersPublic,
	})
	if err != nil || len(made.UserErrors) > 0 {
		return fmt.Errorf("publishing: %w %v", err, made)
	}
	return nil
}
