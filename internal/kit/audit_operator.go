package kit

import (
	"context"
	"strings"
)

// entryPurpose is the purpose under which ids of entries are sealed for operators: an unsealed id contains the
// millisecond of the change.
const entryPurpose = "audit entry"

// replyPrefixes are the id prefixes of records that an operator may not even count.
var replyPrefixes = []string{FeedbackPrefix, DraftPrefix, ParticipationPrefix}

// ofReply returns "yes" if the entry is about a reply to a consultation, a draft of one or a participation, and
// "no" for any other.
func (e *AuditEntry) ofReply() string {
	for _, prefix := range replyPrefixes {
		if strings.HasPrefix(string(e.TargetID), prefix+"_") {
			return "yes"
		}
	}
	return "no"
}

// operatorView returns what an operator sees of an entry: the operation, the day, the fields and the roles. Actor
// and target are replaced by keyed ids that hold for one operation on one day. A burst of changes by one person
// is therefore visible, but whoever knows the author of one change cannot find other entries of that person.
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

// keyed reads entries by the sealed ids that operators were given; any other id gives nil.
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

// ShownTargetVersion returns the target's version after the change, nil for an operator.
func (e *AuditEntry) ShownTargetVersion() *int64 {
	if e.keyed {
		return nil
	}
	return &e.TargetVersion
}
