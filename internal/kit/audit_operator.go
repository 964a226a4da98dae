package kit

import (
	"context"
	"strings"
)

// entryPurpose seals the ids of entries for operators: an id tells the millisecond.
const entryPurpose = "audit entry"

// replyPrefixes are of records of which an operator may not even know that there is one more.
var replyPrefixes = []string{FeedbackPrefix, DraftPrefix, ParticipationPrefix}

// ofReply says whether an entry is about a reply to a consultation: yes or no.
func (e *AuditEntry) ofReply() string {
	for _, prefix := range replyPrefixes {
		if strings.HasPrefix(string(e.TargetID), prefix+"_") {
			return "yes"
		}
	}
	return "no"
}

// operatorView is what an operator, who keeps the portal running and reads nobody's papers, sees of an
// entry: what kind of change, on which day, of which fields, by which roles. Actor and target are keyed
// within an operation and a day, so that a burst of changes by one person shows, but nobody who is known
// by a public change is found again in another entry.
func (s *AuditService) operatorView(e *AuditEntry) *AuditEntry {
	day := string(e.At[:len(Never)])
	key := func(id ID) ID {
		if id == "" {
			return ""
		}
		return s.core.Sealer.keyedID(id, day, e.Operation)
	}
	return &AuditEntry{
		ID: s.core.Sealer.sealedID(AuditPrefix, entryPurpose, e.ID), At: DateTime(day + "T00:00:00.000Z"), Actor: key(e.Actor), Roles: e.Roles,
		Operation: e.Operation, TargetID: key(e.TargetID), Fields: e.Fields, keyed: true,
	}
}

// keyed reads entries by the ids that operators were given; nil for any other.
func (s *AuditService) keyed(ctx context.Context, ids []ID) ([]*AuditEntry, error) {
	opened := make([]string, len(ids))
	for i, id := range ids {
		opened[i] = string(s.core.Sealer.openID(AuditPrefix, entryPurpose, id))
	}
	found, err := s.entries.Many(ctx, opened)
	for i, e := range found {
		if e != nil {
			found[i] = s.operatorView(e)
		}
	}
	return found, err
}

// ShownTargetVersion is the version that the target had afterwards, nil for an operator.
func (e *AuditEntry) ShownTargetVersion() *int64 {
	if e.keyed {
		return nil
	}
	return &e.TargetVersion
}
