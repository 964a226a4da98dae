package events

import (
	"context"
	"errors"
	"slices"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// Until a person whom somebody else registered has accepted that, the name stays within the member or State and
// SECRETARIAT, and the answers stay between the person and whoever wrote them. Questions have no kind that would say
// which of them are about diet, access or a visa, so this holds for every answer.

// unaccepted says whether somebody else registered the person, who has not accepted that.
func (r *Registration) unaccepted() bool { return r.RegisteredBy != nil && r.AcceptedAt == nil }

// AwaitsPerson says whether the person can still accept or refuse what somebody else recorded.
func (r *Registration) AwaitsPerson() bool {
	return r.unaccepted() && r.Status != RegistrationCancelled
}

// visibility says who may see the name among the participants now.
func (r *Registration) visibility() NameVisibility {
	if r.unaccepted() {
		return NameNobody
	}
	return r.NameVisibility
}

// Answers are the answers that the caller may see: all, or none before the person accepted what somebody else wrote.
func (r *Registration) Answers(ctx context.Context) []RegistrationAnswer {
	me := kit.ActorOf(ctx).Subject
	if r.unaccepted() && me != *r.RegisteredBy && (r.PersonID == nil || me != *r.PersonID) {
		return []RegistrationAnswer{}
	}
	return r.StoredAnswers
}

// ForExport returns the registration as it is handed out to its member or State: without answers that await the person.
func (r *Registration) ForExport() *Registration {
	if !r.unaccepted() {
		return r
	}
	out := *r
	out.StoredAnswers = []RegistrationAnswer{}
	return &out
}

// Registrar is who registered somebody else.
type Registrar struct {
	Person kit.ID
	// Name is nil if it is not known, or was erased.
	Name *string
}

// RegistrarOf is who registered somebody else; nil for whoever registered itself. One call serves a page.
func (s *RegistrationService) RegistrarOf(ctx context.Context, r *Registration) (*Registrar, error) {
	if r.RegisteredBy == nil {
		return nil, nil
	}
	return kit.Neighbour(ctx, r.with, "registrar", r, func(ctx context.Context, all []*Registration) ([]*Registrar, error) {
		persons, err := s.persons.Stored(ctx, kit.Map(all, func(r *Registration) kit.ID { return kit.ID(kit.Deref(r.RegisteredBy)) }))
		if err != nil {
			return nil, err
		}
		found := make([]*Registrar, len(all))
		for i, r := range all {
			if r.RegisteredBy == nil {
				continue
			}
			found[i] = &Registrar{Person: *r.RegisteredBy}
			if persons[i] != nil {
				found[i].Name = persons[i].Name
			}
		}
		return found, nil
	})
}

// AcceptRegistrationInput names a registration by the code of its link, or by its id; one of them is set.
type AcceptRegistrationInput struct {
	Code *string
	ID   *kit.ID
}

// AcceptRegistrationPayload says whether the registration was accepted, which is false if there are UserErrors.
type AcceptRegistrationPayload struct {
	Accepted bool
	// Registration is nil if there are UserErrors, or the caller is not signed in and may not see it.
	Registration *Registration
	UserErrors   []kit.UserError
}

// RefuseRegistrationInput names a registration by the code of its link, or by its id; one of them is set.
type RefuseRegistrationInput struct {
	Code *string
	ID   *kit.ID
}

// RefuseRegistrationPayload says whether the registration was refused, which is false if there are UserErrors.
type RefuseRegistrationPayload struct {
	Refused bool
	// Registration is nil if there are UserErrors, or the caller is not signed in and may not see it.
	Registration *Registration
	UserErrors   []kit.UserError
}

// RegistrationNotice is what whoever has the code of a link is told: everything that is held.
type RegistrationNotice struct {
	// Registrar is the name of who registered the person; nil if it is not known.
	Registrar *string
	// Organisation and Event are names in the language of the request.
	Organisation string
	Event        string
	StartsOn     kit.Date
	// EndsOn is the event's last day; nil while it is not known. The link ends with the event.
	EndsOn *kit.Date
	// Name is that of the person; nil if it is not known.
	Name           *string
	Mode           AttendanceMode
	Status         RegistrationStatus
	NameVisibility NameVisibility
	Answers        []NoticedAnswer
	// KeptUntil is the last day on which the data are kept.
	KeptUntil kit.Date
	// Shown says in words who sees what before and after the person accepts, in the language of the request.
	Shown   string
	Dataset kit.Dataset
}

// NoticedAnswer is an answer with the text of its question, in the language of the request.
type NoticedAnswer struct {
	Question string
	Text     string
}

// Notice returns what is held about the person, to whoever has the code of the link; nil for any other code. It does
// not say why a code is no good.
func (s *RegistrationService) Notice(ctx context.Context, code string) (*RegistrationNotice, error) {
	r, e, err := s.withCode(ctx, code)
	if r == nil || err != nil {
		return nil, err
	}
	entity, err := s.entityName(ctx, r, kit.LocaleOf(ctx))
	if err != nil {
		return nil, err
	}
	persons, err := s.persons.Stored(ctx, []kit.ID{*r.PersonID, *r.RegisteredBy})
	if err != nil {
		return nil, err
	}
	n := &RegistrationNotice{
		Organisation: entity, Event: e.Title.Text(ctx, nil), StartsOn: e.Time.StartsOn, EndsOn: e.knownLastDay(), Mode: r.Mode, Status: r.Status,
		NameVisibility: r.NameVisibility, Answers: []NoticedAnswer{}, KeptUntil: e.RetainUntil,
		Shown: kit.Message(kit.LocaleOf(ctx), "registration.shown", map[string]string{"entity": entity}), Dataset: r.Dataset,
	}
	if persons[0] != nil {
		n.Name = persons[0].Name
	}
	if persons[1] != nil {
		n.Registrar = persons[1].Name
	}
	for _, a := range r.StoredAnswers {
		asked := a.Question
		if e.Registration != nil {
			if i := slices.IndexFunc(e.Registration.Questions, func(q RegistrationQuestion) bool { return q.Code == a.Question }); i >= 0 {
				asked = e.Registration.Questions[i].Text.Text(ctx, nil)
			}
		}
		n.Answers = append(n.Answers, NoticedAnswer{asked, a.Text})
	}
	return n, nil
}

// withCode reads the registration whose link has a code, and its event; nil if there is none or the link has ended. A
// link ends when the person answers, and when the registration or the event is cancelled or the event is over.
func (s *RegistrationService) withCode(ctx context.Context, code string) (*Registration, *Event, error) {
	id, err := s.registrations.Lookup(ctx, "code", codeHash(code))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	found, err := s.registrations.Many(ctx, []string{id})
	if err != nil || found[0] == nil || !found[0].AwaitsPerson() || found[0].PersonID == nil || found[0].EntityID == nil {
		return nil, nil, err
	}
	persons, err := s.persons.Stored(ctx, []kit.ID{*found[0].PersonID})
	if err != nil || !persons[0].Reachable() || linkedTo(*persons[0].Email) != found[0].LinkedTo {
		return nil, nil, err // the person is shut out, or the address to which the link went may be somebody else's by now
	}
	e, err := s.events.storedIf(ctx, found[0].EventID)
	if err != nil || e == nil || e.StoredStatus == EventCancelled || s.over(e) {
		return nil, nil, err
	}
	return found[0], e, nil
}

// codeHash is what is stored of the code in a link.
func codeHash(code string) string { return kit.Hash("registration", code) }

// linkedTo is what is stored of the address to which a link went.
func linkedTo(email string) string { return kit.Hash("registration link", email) }

// over says whether it is too late to change anything for an event. It never is for one that is postponed.
func (s *RegistrationService) over(e *Event) bool {
	return e.StoredStatus != EventPostponed && !s.core.Clock.Now().Before(e.ends(s.core.Clock.Zone))
}

// Accept records that the person accepts what somebody else registered: whoever has the code of the link, or the person
// itself. From then on the registration is like one that the person made. A wrong or used code, or one whose link has
// ended, is INVALID, and the answer does not say which. A registration of another person is NOT_FOUND or FORBIDDEN.
func (s *RegistrationService) Accept(ctx context.Context, in AcceptRegistrationInput) (*AcceptRegistrationPayload, error) {
	r, err := s.decide(ctx, "acceptRegistration", in.Code, in.ID, func(r *Registration, _ *Seats) []string {
		r.AcceptedAt = new(kit.DateTimeOf(s.core.Clock.Now()))
		r.ConsentedAt = *r.AcceptedAt
		return []string{"acceptedAt", "consentedAt"}
	}, nil)
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &AcceptRegistrationPayload{UserErrors: faults}, err
	}
	r, err = kit.One(ctx, s.ByIDs, r.ID)
	return &AcceptRegistrationPayload{Accepted: true, Registration: r}, err
}

// Refuse cancels what somebody else registered and erases the answers, by the rules of Accept. In the same transaction
// the first person in the queue gets the place. Whoever registered the person is told.
func (s *RegistrationService) Refuse(ctx context.Context, in RefuseRegistrationInput) (*RefuseRegistrationPayload, error) {
	r, err := s.decide(ctx, "refuseRegistration", in.Code, in.ID, func(r *Registration, taken *Seats) []string {
		taken.leave(r)
		r.become(RegistrationCancelled, kit.DateTimeOf(s.core.Clock.Now()))
		r.StoredAnswers = []RegistrationAnswer{}
		return []string{"answers", "status"}
	}, s.tellRegistrar)
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &RefuseRegistrationPayload{UserErrors: faults}, err
	}
	r, err = kit.One(ctx, s.ByIDs, r.ID)
	return &RefuseRegistrationPayload{Refused: true, Registration: r}, err
}

// decide lets the registered person change a registration that awaits it. alter returns the changed fields; inform, if
// there is one, sends a message about it.
func (s *RegistrationService) decide(ctx context.Context, operation string, code *string, id *kit.ID, alter func(*Registration, *Seats) []string, inform func(context.Context, *Registration, *Event) error) (*Registration, error) {
	find := func(ctx context.Context) (*Registration, *Event, error) { return s.ofCaller(ctx, *id) }
	if code != nil {
		// The code is what proves that it is the person, who need not be signed in.
		r, _, err := s.withCode(ctx, *code)
		if err != nil {
			return nil, err
		}
		if r != nil {
			ctx = kit.WithActor(ctx, kit.Actor{Subject: *r.PersonID})
		}
		find = func(ctx context.Context) (*Registration, *Event, error) { return s.byCode(ctx, *code) }
	} else if kit.ActorOf(ctx).Anonymous() {
		return nil, kit.Refuse(kit.Unauthenticated, "unauthenticated", nil)
	}
	var decided *Registration
	err := s.core.Write(ctx, operation, func(ctx context.Context, note func(kit.Change)) error {
		r, e, err := find(ctx)
		if err != nil {
			return err
		}
		taken, err := s.seats.storedOne(ctx, e.ID)
		if err != nil {
			return err
		}
		r.CodeHash, r.LinkedTo = "", ""
		fields := alter(r, taken)
		if err := s.registrations.Replace(ctx, r); err != nil {
			return err
		}
		note(kit.Changed(RegistrationNoun, r, kit.Updated, fields...))
		if inform != nil {
			if err := inform(ctx, r, e); err != nil {
				return err
			}
		}
		if err := s.seats.promote(ctx, e, taken, note); err != nil {
			return err
		}
		decided = r
		return s.seats.keep(ctx, taken)
	})
	return decided, err
}

// byCode reads the registration whose link has a code, and its event. There being none is the fault INVALID.
func (s *RegistrationService) byCode(ctx context.Context, code string) (*Registration, *Event, error) {
	r, e, err := s.withCode(ctx, code)
	if err == nil && r == nil {
		f := kit.NewFaults(ctx)
		f.Add(kit.CodeInvalid, "input.code", "invalid.registrationCode", nil)
		return nil, nil, f
	}
	return r, e, err
}

// ofCaller reads a registration of the caller that awaits it, and its event.
func (s *RegistrationService) ofCaller(ctx context.Context, id kit.ID) (*Registration, *Event, error) {
	actor := kit.ActorOf(ctx)
	r, err := s.registrations.Get(ctx, string(id))
	switch {
	case errors.Is(err, store.ErrNotFound) || err == nil && !r.may(actor):
		return nil, nil, kit.Refuse(kit.NotFound, "notFound", nil)
	case err != nil:
		return nil, nil, err
	case r.PersonID == nil || *r.PersonID != actor.Subject:
		return nil, nil, kit.Refuse(kit.Forbidden, "forbidden", nil)
	}
	e, err := s.events.storedOne(ctx, r.EventID)
	if err != nil {
		return nil, nil, err
	}
	f := kit.NewFaults(ctx)
	switch {
	case r.Status == RegistrationCancelled:
		f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState.cancelled", nil)
	case !r.unaccepted():
		f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState.accepted", nil)
	case s.over(e):
		f.Add(kit.CodeClosed, "input.id", "closed.over", nil)
	}
	return r, e, f.Err()
}

// asRegistered returns a context in which the registered person sees the entity for which it was registered.
func asRegistered(ctx context.Context, r *Registration) context.Context {
	return kit.WithActor(ctx, kit.ActingFor(*r.PersonID, kit.RoleDelegate, *r.EntityID))
}

// entityName returns the name of the member or country of a registration in a language.
func (s *RegistrationService) entityName(ctx context.Context, r *Registration, l kit.Locale) (string, error) {
	return s.mandates.EntityName(asRegistered(ctx, r), *r.EntityID, l)
}
