package applications

import (
	"context"
	"maps"
	"slices"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

// maxTold is how many mandates of an administration, and how many persons of the secretariat, are read for a message.
const maxTold = 20

// announce sends messages to the administration and to the applicant that an application was submitted.
func (s *ApplicationService) announce(ctx context.Context, a *Application) error {
	if err := s.askAdministration(ctx, a, "mail.applicationArrived"); err != nil {
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
// each in the person's language, but not to whoever acts.
func (s *ApplicationService) tellAdministration(ctx context.Context, a *Application, key string) error {
	persons, _, err := s.concerned(ctx, a)
	if err != nil {
		return err
	}
	return s.tellPersons(ctx, a, key, persons)
}

// askAdministration is tellAdministration with a message that asks for a decision. If nobody of the country is known, it
// tells the secretariat that instead.
func (s *ApplicationService) askAdministration(ctx context.Context, a *Application, key string) error {
	persons, known, err := s.concerned(ctx, a)
	if err != nil {
		return err
	}
	if a.CountryID != nil && !known {
		return s.tellNobodyKnown(ctx, a, persons)
	}
	return s.tellPersons(ctx, a, key, persons)
}

func (s *ApplicationService) tellPersons(ctx context.Context, a *Application, key string, persons []*people.Person) error {
	actor := kit.ActorOf(ctx).Subject
	persons = slices.DeleteFunc(persons, func(p *people.Person) bool { return p != nil && p.ID == actor })
	_, err := s.notifications.Tell(ctx, kit.Letter{Key: key, Params: map[string]any{"name": kit.Deref(a.Name), "application": string(a.ID)}, About: a.ID}, persons...)
	return err
}

// concerned returns those who can decide about an application, and the delegates of its country; known says whether
// anybody of the country is among them.
func (s *ApplicationService) concerned(ctx context.Context, a *Application) (persons []*people.Person, known bool, err error) {
	persons, role, err := s.deciders(ctx, a)
	if err != nil || a.CountryID == nil {
		return persons, false, err
	}
	acting, err := s.mandates.Acting(ctx, *a.CountryID, maxTold)
	return append(acting, persons...), len(acting) > 0 || role == kit.RoleAdministration, err
}

// tellNobodyKnown tells the secretariat that nobody of a country is known who could decide about an application.
func (s *ApplicationService) tellNobodyKnown(ctx context.Context, a *Application, staff []*people.Person) error {
	name, err := s.mandates.Named(ctx, *a.CountryID)
	if err != nil {
		return err
	}
	_, err = s.notifications.Tell(ctx, kit.Letter{
		Key: "mail.applicationNobodyKnown", Params: map[string]any{"name": kit.Deref(a.Name), "application": string(a.ID), "country": name}, About: a.ID,
	}, staff...)
	return err
}

// amendedOn says whether the application was changed on a day already. Whoever decides is told once a day, because an
// applicant may save every field by itself.
func (a *Application) amendedOn(day kit.Date) bool {
	return slices.ContainsFunc(a.Events, func(e ApplicationEvent) bool { return e.Kind == ApplicationWasAmended && e.On == day })
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

// Joining returns, by the member, the application of each of some members that waits for its activation, if the applicant
// has a verified address. Until then nobody speaks for the member, and what concerns it goes to that address. It does not
// check the caller's rights. It makes a call for each 64 members, and one more for each 1,000 that applied.
func (s *ApplicationService) Joining(ctx context.Context, members []kit.ID) (map[kit.ID]*Application, error) {
	found, joining := map[kit.ID]*Application{}, map[kit.ID]*Application{}
	err := kit.EachOf(ctx, s.applications, "member", members, nil, "submittedOn", func(a *Application) {
		if a.Status == ApplicationApproved && a.Contact != nil {
			found[*a.MemberID] = a
		}
	})
	if err != nil || len(found) == 0 {
		return joining, err
	}
	for some := range slices.Chunk(slices.Collect(maps.Keys(found)), store.MaxLimit) {
		became, err := s.members.Stored(ctx, some)
		if err != nil {
			return nil, err
		}
		for _, m := range became {
			if m != nil && m.On(s.core.Clock.Today()).Status == membership.PendingActivation {
				joining[m.ID] = found[m.ID]
			}
		}
	}
	return joining, nil
}

// TellApplicants tells the applicants of members that wait for their activation, in the caller's transaction, and returns
// the members of which it reached one; see Joining. To the values of a letter it adds «entity», the name of the
// organisation. The letter leads to the application, because invoices and members are for focal points.
func (s *ApplicationService) TellApplicants(ctx context.Context, members []kit.ID, letter func(kit.ID) kit.Letter) ([]kit.ID, error) {
	if kit.Quiet(ctx) {
		return nil, nil
	}
	joining, err := s.Joining(ctx, members)
	if err != nil {
		return nil, err
	}
	var posts []kit.Posting
	var reached []kit.ID
	for _, member := range members {
		if a := joining[member]; a != nil {
			posts, reached = append(posts, a.posting(letter(member))), append(reached, member)
		}
	}
	return reached, s.core.PostAll(ctx, posts)
}

// posting addresses a letter about what the organisation became to its applicant.
func (a *Application) posting(letter kit.Letter) kit.Posting {
	letter.Params = maps.Clone(letter.Params)
	letter.Params["entity"], letter.About = kit.Deref(a.Name), a.ID
	return kit.Posting{To: a.Contact.Email, Locale: a.Language, Letter: letter}
}
