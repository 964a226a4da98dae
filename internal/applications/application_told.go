package applications

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/people"
)

// maxTold is how many mandates of an administration, and how many persons of the secretariat, are read for a message.
const maxTold = 20

// announce sends messages to the administration and to the applicant that an application was submitted.
func (s *ApplicationService) announce(ctx context.Context, a *Application) error {
	if err := s.tellAdministration(ctx, a, "mail.applicationArrived"); err != nil {
		return err
	}
	return s.tell(ctx, a, "mail.applicationReceived")
}

// tell sends the applicant a message in the application's language. It sends nothing if the application has no
// verified address.
func (s *ApplicationService) tell(ctx context.Context, a *Application, key string) error {
	if a.Contact == nil {
		return nil
	}
	return s.core.Post(ctx, a.Contact.Email, a.Language, kit.Letter{Key: key, Params: map[string]any{"name": kit.Deref(a.Name), "application": string(a.ID)}, About: a.ID})
}

// tellAdministration sends a message to those who can decide about an application, and to the delegates of its country,
// each in the person's language.
func (s *ApplicationService) tellAdministration(ctx context.Context, a *Application, key string) error {
	persons, _, err := s.deciders(ctx, a)
	if err == nil && a.CountryID != nil {
		var acting []*people.Person
		acting, err = s.mandates.Acting(ctx, *a.CountryID, maxTold)
		persons = append(acting, persons...)
	}
	if err != nil {
		return err
	}
	_, err = s.notifications.Tell(ctx, kit.Letter{Key: key, Params: map[string]any{"name": kit.Deref(a.Name), "application": string(a.ID)}, About: a.ID}, persons...)
	return err
}

// deciders returns the persons to whom the decision about an application falls, and their role: the focal points of its
// country, who are the ADMINISTRATION; or SECRETARIAT of the area MEMBERSHIP for an organisation without a country, and
// for a country of which no focal point is known. There it decides if the country has delegates, and else has to find
// out who speaks for the country. A person may be nil.
func (s *ApplicationService) deciders(ctx context.Context, a *Application) ([]*people.Person, kit.Role, error) {
	if a.CountryID != nil {
		found, err := s.mandates.FocalPoints(ctx, *a.CountryID, maxTold)
		if err != nil || len(found) > 0 {
			return found, kit.RoleAdministration, err
		}
	}
	found, err := s.persons.SecretariatOf(ctx, kit.AreaMembership)
	return found[:min(len(found), maxTold)], kit.RoleSecretariat, err
}
