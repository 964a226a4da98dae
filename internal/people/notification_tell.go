package people

import (
	"context"
	"slices"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// Told is a letter for a person.
type Told struct {
	To     *Person
	Letter kit.Letter
}

// Tell tells persons something in the caller's transaction: each gets a notification, and a mail as the person chose for
// the kind. It returns whom a mail reaches, now or with the daily message. Whoever does not exist, is shut out or was
// erased is left out, and so is a person who appears twice with the same message. It does not check the caller's rights.
func (s *NotificationService) Tell(ctx context.Context, letter kit.Letter, to ...*Person) (reached []*Person, err error) {
	return s.TellAll(ctx, kit.Map(to, func(p *Person) Told { return Told{p, letter} }))
}

// TellAll is Tell with a letter for each. It costs two store calls. Nobody is told in a context that is quiet; see
// kit.Quietly.
func (s *NotificationService) TellAll(ctx context.Context, all []Told) (reached []*Person, err error) {
	if kit.Quiet(ctx) {
		return nil, nil
	}
	var kept []*Notification
	var posted []kit.Posting
	type once struct {
		person        kit.ID
		key, so, text string
	}
	seen := map[once]bool{}
	for _, t := range all {
		p := t.To
		if p == nil || !p.maySignIn() {
			continue
		}
		kind, err := s.core.KindOf(t.Letter)
		if err != nil {
			return nil, err
		}
		n, delivery := s.notice(ctx, p, kind, t.Letter), p.Delivery(kind)
		if one := (once{p.ID, n.Key, n.Subject, n.Text}); seen[one] {
			continue
		} else {
			seen[one] = true
		}
		if delivery != NotifyNever && p.Reachable() {
			reached = append(reached, p)
			n.Digest = delivery == NotifyDaily
		}
		if delivery == NotifyAtOnce && p.Reachable() {
			posted = append(posted, kit.Posting{To: *p.Email, Locale: p.Language(), Letter: t.Letter, Unsubscribe: s.unsubscribe(p.ID, kind)})
		}
		kept = append(kept, n)
	}
	if len(kept) > 0 {
		if err := s.notifications.Insert(ctx, kept...); err != nil {
			return nil, err
		}
	}
	return reached, s.core.PostAll(ctx, posted)
}

// notice is the notification of a letter, in the person's language.
func (s *NotificationService) notice(ctx context.Context, p *Person, kind kit.NotificationKind, letter kit.Letter) *Notification {
	l := p.Language()
	n := &Notification{
		ID: s.core.RandomID(notificationPrefix), PersonID: p.ID, Kind: kind, Locale: l, At: kit.DateTimeOf(s.core.Wall()),
		Key: letter.Key, Because: kit.OperationOf(ctx), Path: letter.Page(),
		Mentions: slices.DeleteFunc(slices.Clone(letter.Mentions), func(id kit.ID) bool { return id == "" || id == p.ID }),
	}
	n.Subject, n.Text = letter.Texts(l)
	if letter.About != "" {
		n.AboutID = &letter.About
	}
	return n
}

// TellStaff tells the persons of the secretariat who work in an area today, except some; see Tell.
func (s *NotificationService) TellStaff(ctx context.Context, area kit.StaffArea, letter kit.Letter, except ...kit.ID) (reached []*Person, err error) {
	to, err := s.persons.SecretariatOf(store.Looking(ctx), area)
	if err != nil {
		return nil, err
	}
	to = slices.DeleteFunc(to, func(p *Person) bool { return slices.Contains(except, p.ID) })
	return s.Tell(ctx, letter, to...)
}
