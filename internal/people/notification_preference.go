package people

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"memberportal/internal/kit"
)

// Preferences returns for each kind of message when the viewer gets it by mail; empty for whoever has no record.
func (s *NotificationService) Preferences(ctx context.Context, v *kit.Viewer) ([]NotificationPreference, error) {
	p, err := s.persons.Of(ctx, v)
	if err != nil || p == nil {
		return []NotificationPreference{}, err
	}
	return p.everyPreference(), nil
}

// SetNotificationPreferencesInput says when the caller gets some kinds of messages by mail. Other kinds stay as they are.
type SetNotificationPreferencesInput struct {
	Preferences []NotificationPreference
}

// SetNotificationPreferencesPayload has all preferences after the change; none if UserErrors is not empty.
type SetNotificationPreferencesPayload struct {
	Preferences []NotificationPreference
	UserErrors  []kit.UserError
}

// SetPreferences changes when the caller gets notifications by mail. Everybody who is a person of the records may.
// A kind that is always mailed at once cannot be switched off (NOT_ALLOWED_IN_STATE); a kind that appears twice is a
// DUPLICATE. Whoever has no record gets NOT_ALLOWED_IN_STATE.
func (s *NotificationService) SetPreferences(ctx context.Context, in SetNotificationPreferencesInput) (*SetNotificationPreferencesPayload, error) {
	var chosen []NotificationPreference
	err := s.core.Write(ctx, "setNotificationPreferences", func(ctx context.Context, note func(kit.Change)) error {
		p, err := s.persons.caller(ctx)
		if err != nil {
			return err
		}
		f, changed := kit.NewFaults(ctx), false
		for i, c := range in.Preferences {
			path := fmt.Sprintf("input.preferences.%d", i)
			switch {
			case c.Kind.Owed() && c.Delivery != NotifyAtOnce:
				f.Add(kit.CodeNotAllowedInState, path+".delivery", "notAllowedInState.owedMessage", nil)
			case slices.ContainsFunc(in.Preferences[:i], func(other NotificationPreference) bool { return other.Kind == c.Kind }):
				f.Add(kit.CodeDuplicate, path+".kind", "duplicate.entry", nil)
			default:
				changed = p.choose(c) || changed
			}
		}
		if err := f.Err(); err != nil {
			return err
		}
		chosen = p.everyPreference()
		if !changed {
			return nil
		}
		return s.persons.save(ctx, note, p, "preferences")
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &SetNotificationPreferencesPayload{UserErrors: faults}, err
	}
	return &SetNotificationPreferencesPayload{Preferences: chosen}, nil
}

// unsubscribePurpose keeps the codes of these links apart from whatever else is sealed.
const unsubscribePurpose = "unsubscribe"

// unsubscribe returns the path at which a person switches a kind of messages off without signing in (RFC 8058); empty
// if that cannot be. It is good for nothing else, so it has no end.
func (s *NotificationService) unsubscribe(person kit.ID, kind kit.NotificationKind) string {
	if kind.Owed() {
		return ""
	}
	code := s.core.SealText(unsubscribePurpose, string(person)+" "+string(kind))
	return "/unsubscribe?" + url.Values{"code": {code}}.Encode()
}

// Unsubscribes returns the kind of messages that the code of a link switches off; NOT_FOUND for anything else. It costs
// no store call.
func (s *NotificationService) Unsubscribes(code string) (kit.NotificationKind, error) {
	_, kind, err := s.unsubscribes(code)
	return kind, err
}

func (s *NotificationService) unsubscribes(code string) (kit.ID, kit.NotificationKind, error) {
	if text, ok := s.core.OpenText(unsubscribePurpose, code); ok {
		person, kind, _ := strings.Cut(text, " ")
		return kit.ID(person), kit.NotificationKind(kind), nil
	}
	return "", "", kit.Refuse(kit.NotFound, "notFound", nil)
}

// Unsubscribe switches off the kind of messages for which the code of a link was made. Whoever has the link may. It is
// NOT_FOUND if the code is not good or its person is gone.
func (s *NotificationService) Unsubscribe(ctx context.Context, code string) error {
	person, kind, err := s.unsubscribes(code)
	if err != nil {
		return err
	}
	return s.core.Write(ctx, "unsubscribe", func(ctx context.Context, note func(kit.Change)) error {
		found, err := s.persons.Stored(ctx, []kit.ID{person})
		if err != nil {
			return err
		}
		p := found[0]
		if p == nil || p.ErasedOn != nil {
			return kit.Refuse(kit.NotFound, "notFound", nil)
		}
		if !p.choose(NotificationPreference{kind, NotifyNever}) {
			return nil
		}
		return s.persons.save(ctx, note, p, "preferences")
	})
}
