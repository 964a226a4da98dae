package people

import (
	"context"
	"errors"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// SessionErasures remove the sessions of a person, and the codes that were sent to it.
func SessionErasures(p *Person) []kit.Erasure {
	away := func(*Session) []string { return []string{"person"} }
	return []kit.Erasure{
		kit.Sweep[Session]{Of: SessionNoun, Query: OfThePerson(p.ID, "lastSeenAt"), Away: true, Due: kit.Alone(away)}.Run,
		kit.Sweep[kit.Challenge]{Of: SignInChallengeNoun, Traceless: true, Query: store.Query{Sort: "at"}, Away: true, Due: kit.Alone(func(c *kit.Challenge) []string {
			if c.PersonID == nil || *c.PersonID != p.ID {
				return nil
			}
			return []string{"person"}
		})}.Run,
	}
}

// Forget removes all sessions, so that everybody signs in again. It is for a store that a backup brought back: a session
// that ended after the backup would go on. It does not check the caller's rights.
func (s *SessionService) Forget(ctx context.Context) error {
	_, err := kit.Sweep[Session]{Of: SessionNoun, Traceless: true, Query: store.Query{Sort: "expiresAt"}, Away: true, Due: kit.Alone(func(*Session) []string {
		return []string{"expiresAt"}
	})}.Run(ctx, s.core, false)
	return err
}

// Tidy removes sessions and codes whose time is over.
func (s *SessionService) Tidy(ctx context.Context) error {
	over := store.Bounds{Before: string(kit.DateTimeOf(s.core.Wall()))}
	_, err := kit.Sweep[Session]{Of: SessionNoun, Traceless: true, Query: store.Query{Sort: "expiresAt"}, Within: over, Away: true, Due: kit.Alone(func(*Session) []string {
		return []string{"expiresAt"}
	})}.Run(ctx, s.core, false)
	return errors.Join(err, s.codes.Tidy(ctx))
}
