package portal

import (
	"context"

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
)

// PageOf pages through a stretch of any listing.
func PageOf[T any](ctx context.Context, c store.Collection[T], q store.Query, within store.Bounds, descending bool, args PageArgs) (*Connection[*T], error) {
	return pageOf(ctx, c, q, within, descending, args)
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

// Likeness is likeness.
func Likeness(name string) []string { return likeness(name) }
