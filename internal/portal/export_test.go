package portal

import (
	"context"
	"reflect"
	"testing"
	"time"

	"memberportal/internal/store"
)

// What the tests of package portal_test need of the inside.
var (
	AuditNoun  = auditNoun
	NoticeNoun = noticeNoun
	RepeatNoun = repeatNoun
	OutboxNoun = outboxNoun

	ChallengeNoun     = challengeNoun
	CodeRecipientNoun = codeRecipientNoun
	SecretNoun        = secretNoun
)

// PageOf pages through a stretch of any listing.
func PageOf[T any](ctx context.Context, c store.Collection[T], q store.Query, within store.Bounds, descending bool, args PageArgs) (*Connection[*T], error) {
	seals, err := newSealer(make([]byte, secretSize))
	if err != nil {
		return nil, err
	}
	return pageOf(ctx, seals, c, q, within, descending, args)
}

// Erase is erase.
func (p *Person) Erase(on Date) { p.erase(on) }

// Holds is holds.
func (s *MandateService) Holds(ctx context.Context, person, entity ID, day Date) (*Mandate, error) {
	return s.holds(ctx, person, entity, day)
}

// Entities is entities.
func (s *MemberService) Entities(ctx context.Context, ids []ID) ([]Entity, error) {
	return s.entities(ctx, ids)
}

// RespondentOf is respondentOf.
func RespondentOf(e Entity) RespondentKind { return respondentOf(e) }

// Hash is hash.
func Hash(parts ...string) string { return hash(parts...) }

// OpenOf is openOf.
func (s *InvoiceService) OpenOf(ctx context.Context, members []ID) (map[ID][]*Invoice, error) {
	return s.book.openOf(ctx, members)
}

// IssueFor is issue in a transaction of its own, for a member as it is stored.
func (s *InvoiceService) IssueFor(ctx context.Context, member ID, kind InvoiceKind, year int, on Date) (issued *Invoice, err error) {
	err = s.core.write(ctx, "test", func(ctx context.Context, note func(change)) error {
		m, err := s.members.members.Get(ctx, string(member))
		if err != nil {
			return err
		}
		issued, err = s.issue(ctx, note, m, kind, year, on)
		return err
	})
	return issued, err
}

// Late is late.
func (i *Invoice) Late(on Date) bool { return i.late(on) }

// Outgoing is outgoing.
type Outgoing = outgoing

// Post is post, in a transaction of its own.
func (p *Portal) Post(ctx context.Context, to string, l Locale, key string, params map[string]string) error {
	return p.core.transact(ctx, func(ctx context.Context) error { return p.core.post(ctx, to, l, key, params) })
}

// RecentlyPosted is recentlyPosted.
func (p *Portal) RecentlyPosted(ctx context.Context, to, key string, since time.Time) (int, error) {
	return p.core.recentlyPosted(ctx, to, key, since)
}

// AddMessage puts a text into the catalogue, in all languages, until the test ends.
func AddMessage(t *testing.T, key, text string) {
	messages[key] = map[Locale]string{}
	for _, l := range Locales {
		messages[key][l] = text
	}
	t.Cleanup(func() { delete(messages, key) })
}

// Likeness is likeness.
func Likeness(name string) []string { return likeness(name) }

// Text is text.
func (u FigureUnit) Text(amount int64) string { return u.text(amount) }

// Fill gives every stored field of a document a value that is valid.
func Fill(doc any, id ID) {
	v := reflect.ValueOf(doc).Elem()
	fill(v, "")
	v.FieldByName("ID").SetString(string(id))
}

// CheckedText is whether values of a type are texts that check themselves.
func CheckedText(typ reflect.Type) bool { return checkedText(typ) }

// FillAll is Fill for a document of any noun.
func FillAll(doc any) { fill(reflect.ValueOf(doc).Elem(), "") }
