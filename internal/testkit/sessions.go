package testkit

import (
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/people"
)

// Sessions are two of usr_FOCAL, of which ses_OLD was not used for longer, and one of usr_secretariat. The refresh
// token of each is its id, «family» and «refresh», joined by dots.
func Sessions() []*people.Session {
	return []*people.Session{session("ses_FOCAL", "usr_FOCAL", 0), session("ses_OLD", "usr_FOCAL", 5), session("ses_STAFF", "usr_secretariat", 1)}
}

func session(id, person kit.ID, days int) *people.Session {
	used := Now.AddDate(0, 0, -days)
	return &people.Session{
		ID: id, PersonID: person, Device: "Firefox on Linux", CreatedAt: kit.DateTimeOf(used.Add(-time.Hour)), AuthenticatedAt: kit.DateTimeOf(used.Add(-time.Hour)),
		LastSeenAt: kit.DateTimeOf(used), ExpiresAt: kit.DateTimeOf(used.AddDate(0, 0, 14)), SecretHash: kit.Hash("family"), RefreshHash: kit.Hash(string(id), "refresh"),
	}
}
