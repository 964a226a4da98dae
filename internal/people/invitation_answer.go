package people

import (
	"context"
	"errors"
	"slices"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// InvitationNotice is what whoever has the code of an invitation is told before answering it.
type InvitationNotice struct {
	// Inviter is the name of whoever invites; nil if it is not known.
	Inviter *string
	// Organisation is the name of the member or country, in the language of the request.
	Organisation string
	Role         MandateRole
	From         kit.Date
	// Name and Email are what is recorded of the person on acceptance, unless the person is recorded already.
	Name  string
	Email string
	// ExpiresAt is when the link ends.
	ExpiresAt kit.DateTime
	// Records says in words what is recorded on acceptance, in the language of the request.
	Records string
	Dataset kit.Dataset
}

// AcceptInvitationInput accepts an invitation.
type AcceptInvitationInput struct {
	Code string
}

// AcceptInvitationPayload has the mandate, and for a caller who was no person of the records a session. Both are nil if
// UserErrors is not empty.
type AcceptInvitationPayload struct {
	Mandate    *Mandate
	SignedIn   *SignedIn
	UserErrors []kit.UserError
}

// DeclineInvitationInput declines an invitation.
type DeclineInvitationInput struct {
	Code string
}

// DeclineInvitationPayload says whether the invitation was declined; Declined is false if UserErrors is not empty.
type DeclineInvitationPayload struct {
	Declined   bool
	UserErrors []kit.UserError
}

// Notice returns what an invitation is about, to whoever has its code; nil for any other code. It does not say why a
// code is no good.
func (s *PersonInvitationService) Notice(ctx context.Context, code string) (*InvitationNotice, error) {
	i, err := s.withCode(ctx, code)
	if i == nil || err != nil {
		return nil, err
	}
	l := kit.LocaleOf(ctx)
	entity, err := s.mandates.EntityName(asInvited(ctx, i.ID, i.Entity), i.Entity, l)
	if err != nil {
		return nil, err
	}
	by, err := s.persons.Stored(ctx, []kit.ID{i.InvitedBy})
	if err != nil {
		return nil, err
	}
	n := &InvitationNotice{
		Organisation: entity, Role: i.Role, From: max(i.From, s.core.Clock.Today()), Name: kit.Deref(i.Name), Email: kit.Deref(i.Email), ExpiresAt: *i.ExpiresAt,
		Records: kit.Message(l, "invitation.records", map[string]string{"entity": entity}), Dataset: i.Dataset,
	}
	if by[0] != nil {
		n.Inviter = by[0].Name
	}
	return n, nil
}

// withCode reads the open invitation with a code; nil if there is none.
func (s *PersonInvitationService) withCode(ctx context.Context, code string) (*PersonInvitation, error) {
	id, err := s.invitations.Lookup(ctx, "code", kit.Hash("personInvitation", code))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found, err := s.invitations.Many(ctx, []string{id})
	if err != nil || found[0] == nil {
		return nil, err
	}
	i := found[0]
	if s.show(i, &kit.Together[invites]{}); i.State() != InvitationOpen {
		return nil, nil
	}
	return i, nil
}

// Accept gives the mandate of an invitation to whoever has its code. A person who is signed in gets it; if somebody is
// recorded with the invited address, it must be that person. Without a sign-in the code confirms the address: a new
// person is recorded with it, and with the caller's identity at another issuer if there is one, and the answer has a
// session of that person. The link alone never signs in a person who is recorded already, because it would give more
// than the mandate: that is NOT_ELIGIBLE. Whoever made the invitation cannot accept it. A wrong, used, withdrawn or
// expired code is INVALID, and the answer does not say which. UNAVAILABLE if no token can be made.
func (s *PersonInvitationService) Accept(ctx context.Context, in AcceptInvitationInput) (*AcceptInvitationPayload, error) {
	self, err := s.signedIn(ctx)
	if err != nil {
		return nil, err
	}
	if self == nil && s.sessions.issue == nil {
		return nil, kit.Refuse(kit.Unavailable, "unavailable", nil)
	}
	person := s.core.NewID(personPrefix)
	if self != nil {
		person = self.ID
	}
	var mandate kit.ID
	var done *SignedIn
	ctx = kit.WithActor(ctx, kit.Actor{Subject: person})
	err = s.core.Write(ctx, "acceptInvitation", func(ctx context.Context, note func(kit.Change)) error {
		i, err := s.answered(ctx, in.Code)
		if err != nil {
			return err
		}
		p, err := s.joining(ctx, i, person, self != nil)
		if err != nil {
			return err
		}
		f := kit.NewFaults(ctx)
		if err := s.mandates.accepted(ctx, note, f, i.MandateID, p); err != nil {
			return err
		}
		if err := f.Err(); err != nil {
			return err
		}
		mandate = i.MandateID
		if self == nil {
			if done, err = s.sessions.begin(ctx, note, p); err != nil {
				return err
			}
		}
		return s.settle(ctx, note, i, InvitationAccepted)
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &AcceptInvitationPayload{UserErrors: atTheCode(faults)}, err
	}
	m, err := s.mandates.Get(ctx, mandate)
	return &AcceptInvitationPayload{Mandate: m, SignedIn: done}, err
}

// atTheCode puts faults of a mandate at the code, the only input there is.
func atTheCode(faults []kit.UserError) []kit.UserError {
	for n := range faults {
		faults[n].Field = []string{"input", "code"}
	}
	return faults
}

// signedIn returns the person who asks; nil for a visitor, for an applicant, and for somebody from another issuer who is
// no person of the records.
func (s *PersonInvitationService) signedIn(ctx context.Context) (*Person, error) {
	a := kit.ActorOf(ctx)
	if a.Anonymous() {
		return nil, nil
	}
	found, err := s.persons.Stored(ctx, []kit.ID{a.Subject})
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// answered reads the open invitation with a code that somebody answers.
func (s *PersonInvitationService) answered(ctx context.Context, code string) (*PersonInvitation, error) {
	i, err := s.withCode(ctx, code)
	if err == nil && i == nil {
		f := kit.NewFaults(ctx)
		f.Add(kit.CodeInvalid, "input.code", "invalid.personInvitation", nil)
		return nil, f
	}
	return i, err
}

// joining returns the person who accepts an invitation: the one who is signed in, or a new one.
func (s *PersonInvitationService) joining(ctx context.Context, i *PersonInvitation, id kit.ID, signedIn bool) (*Person, error) {
	f := kit.NewFaults(ctx)
	taken, err := s.persons.taken(ctx, "", *i.Email)
	if err != nil {
		return nil, err
	}
	if !signedIn {
		if taken {
			f.Add(kit.CodeNotEligible, "input.code", "notEligible.signIn", nil)
			return nil, f
		}
		p := &Person{ID: id, Name: i.Name, Email: i.Email, EmailConfirmedAt: new(kit.DateTimeOf(s.core.Wall())), Locale: &i.Locale, Entities: []kit.ID{}, Dataset: i.Dataset}
		return p, s.persons.identify(ctx, p)
	}
	p, err := s.persons.Named(ctx, id)
	if err != nil {
		return nil, err
	}
	all, err := s.persons.withAddress(ctx, *i.Email)
	switch {
	case err != nil:
		return nil, err
	case p.ErasedOn != nil || p.DisabledAt != nil:
		return nil, kit.Refuse(kit.Forbidden, "forbidden", nil)
	case p.ID == i.InvitedBy:
		f.Add(kit.CodeNotEligible, "input.code", "notEligible.selfInvited", nil)
	case taken && !slices.ContainsFunc(all, func(known *Person) bool { return known.ID == p.ID }):
		f.Add(kit.CodeNotEligible, "input.code", "notEligible.invitation", nil)
	}
	return p, f.Err()
}

// Decline declines an invitation, for whoever has its code, and tells whoever made it. The mandate ends without having
// held. A wrong, used, withdrawn or expired code is INVALID.
func (s *PersonInvitationService) Decline(ctx context.Context, in DeclineInvitationInput) (*DeclineInvitationPayload, error) {
	err := s.core.Write(ctx, "declineInvitation", func(ctx context.Context, note func(kit.Change)) error {
		i, err := s.answered(ctx, in.Code)
		if err != nil {
			return err
		}
		if err := s.mandates.refused(ctx, note, i.MandateID); err != nil {
			return err
		}
		return s.settle(ctx, note, i, InvitationDeclined)
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &DeclineInvitationPayload{UserErrors: faults}, err
	}
	return &DeclineInvitationPayload{Declined: true}, nil
}

// settle closes an invitation with an answer and tells whoever made it.
func (s *PersonInvitationService) settle(ctx context.Context, note func(kit.Change), i *PersonInvitation, answer PersonInvitationState) error {
	name := kit.Deref(i.Name)
	fields := s.close(i, answer)
	if err := s.invitations.Replace(ctx, i); err != nil {
		return err
	}
	note(kit.Changed(PersonInvitationNoun, i, kit.Updated, fields...))
	return s.tellInviter(ctx, i, name, answer)
}
