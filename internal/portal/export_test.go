package portal

import (
	"context"
	"reflect"
	"testing"
	"time"

	"memberportal/internal/applications"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// What the tests of package portal_test need of the inside.
var ChallengeNoun = applications.ChallengeNoun

// PageOf pages through a stretch of any listing.
func PageOf[T any](ctx context.Context, c store.Collection[T], q store.Query, within store.Bounds, descending bool, args kit.PageArgs) (*kit.Connection[*T], error) {
	seals, err := kit.NewSealer(make([]byte, kit.SecretSize))
	if err != nil {
		return nil, err
	}
	return kit.PageOf(ctx, seals, c, q, within, descending, args)
}

// Post is post, in a transaction of its own.
func (p *Portal) Post(ctx context.Context, to string, l kit.Locale, key string, params map[string]string) error {
	return p.core.Transact(ctx, func(ctx context.Context) error { return p.core.Post(ctx, to, l, key, params) })
}

// AddMessage puts a text into the catalogue, in all languages, until the test ends.
func AddMessage(t *testing.T, key, text string) {
	kit.Messages[key] = map[kit.Locale]string{}
	for _, l := range kit.Locales {
		kit.Messages[key][l] = text
	}
	t.Cleanup(func() { delete(kit.Messages, key) })
}

// Fill gives every stored field of a document a value that is valid.
func Fill(doc any, id kit.ID) {
	v := reflect.ValueOf(doc).Elem()
	fill(v, "")
	v.FieldByName("ID").SetString(string(id))
}

// CheckedText is whether values of a type are texts that check themselves.
func CheckedText(typ reflect.Type) bool { return checkedText(typ) }

// FillAll is Fill for a document of any noun.
func FillAll(doc any) { fill(reflect.ValueOf(doc).Elem(), "") }

// IssueFor issues an invoice in a transaction of its own, for a member as it is stored.
func (p *Portal) IssueFor(ctx context.Context, member kit.ID, kind membership.InvoiceKind, year int, on kit.Date) (issued *membership.Invoice, err error) {
	err = p.core.Write(ctx, "test", func(ctx context.Context, note func(kit.Change)) error {
		m, err := p.Members.StoredOne(ctx, member)
		if err != nil {
			return err
		}
		issued, err = p.Invoices.IssueTo(ctx, note, m, kind, year, on)
		return err
	})
	return issued, err
}

// RecentlyPosted is that of the core.
func (p *Portal) RecentlyPosted(ctx context.Context, to, key string, since time.Time) (int, error) {
	return p.core.RecentlyPosted(ctx, to, key, since)
}
