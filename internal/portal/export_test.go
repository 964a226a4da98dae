package portal

import "context"

// What the tests of package portal_test need of the inside.
var (
	AuditNoun  = auditNoun
	NoticeNoun = noticeNoun
	RepeatNoun = repeatNoun
)

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
