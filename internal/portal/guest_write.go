package portal

import (
	"context"
	"errors"

	"memberportal/internal/store"
)

// InviteGuestInput invites an organisation to an event.
type InviteGuestInput struct {
	IdempotencyKey *string
	Event          ID
	Organisation   string
	Country        *ID
	ExpiresOn      *Date
}

// InviteGuestPayload is the invitation with its code, or what is wrong. The code is told this once; a
// repeat under the idempotency key has none.
type InviteGuestPayload struct {
	Invitation *EventInvitation
	Code       *string
	UserErrors []UserError
}

// RevokeEventInvitationInput takes an invitation back.
type RevokeEventInvitationInput struct {
	ID              ID
	ExpectedVersion int
}

// RevokeEventInvitationPayload is the invitation as it is now, or what is wrong.
type RevokeEventInvitationPayload struct {
	Invitation *EventInvitation
	UserErrors []UserError
}

// AcceptEventInvitationInput registers a guest with the code of an invitation.
type AcceptEventInvitationInput struct {
	Code           string
	Name           string
	Email          string
	Mode           AttendanceMode
	Consent        bool
	NameVisibility NameVisibility
	Answers        []RegistrationAnswerInput
}

// AcceptEventInvitationPayload says under which reference the guest is registered and how it stands,
// or what is wrong.
type AcceptEventInvitationPayload struct {
	Reference  *ID
	Status     *RegistrationStatus
	Event      *Event
	UserErrors []UserError
}

// Invite invites an organisation to an event that takes guests. SECRETARIAT only.
func (s *GuestService) Invite(ctx context.Context, in InviteGuestInput) (*InviteGuestPayload, error) {
	if err := Require(ctx, RoleSecretariat); err != nil {
		return nil, err
	}
	var code string
	id, err := s.core.create(ctx, "inviteGuest", in.IdempotencyKey, in, func(ctx context.Context, note func(change)) (ID, error) {
		f := newFaults(ctx)
		f.idempotencyKey(in.IdempotencyKey)
		f.line("input.organisation", &in.Organisation, 300, true)
		if in.Country != nil && s.countries.Get(*in.Country) == nil {
			f.add(CodeUnknownReference, "input.country", "unknownReference.country", nil)
		}
		e, err := s.registrations.events.Get(ctx, in.Event)
		if err != nil {
			return "", err
		}
		if e == nil {
			return "", refuse(NotFound, "notFound", nil)
		}
		expires := e.LastDay
		set(&expires, in.ExpiresOn)
		switch today := s.core.clock.Today(); {
		case !e.Audience.Guests:
			f.add(CodeNotEligible, "input.event", "notEligible.guests", nil)
		case expires < today:
			f.add(CodeOutOfRange, "input.expiresOn", "outOfRange.before", map[string]string{"date": string(today)})
		}
		if err := f.err(); err != nil {
			return "", err
		}
		if code, err = s.core.secret(); err != nil {
			return "", err
		}
		i := &EventInvitation{
			ID: s.core.newID(invitationPrefix), EventID: e.ID, Organisation: in.Organisation, CountryID: in.Country, CodeHash: hash(code),
			ExpiresOn: expires, InvitedAt: DateTimeOf(s.core.clock.Now()), Dataset: datasetOf(ctx),
		}
		if err := s.invitations.Insert(ctx, i); err != nil {
			return "", err
		}
		note(changed(InvitationNoun, i, Created, "event", "organisation"))
		return i.ID, nil
	})
	if err != nil {
		faults, err := refused(err)
		return &InviteGuestPayload{UserErrors: faults}, err
	}
	i, err := one(ctx, s.ByIDs, id)
	payload := &InviteGuestPayload{Invitation: i}
	if i != nil && hash(code) == i.CodeHash {
		payload.Code = &code
	}
	return payload, err
}

// Revoke takes an invitation back that was not accepted yet. SECRETARIAT only.
func (s *GuestService) Revoke(ctx context.Context, in RevokeEventInvitationInput) (*RevokeEventInvitationPayload, error) {
	if err := Require(ctx, RoleSecretariat); err != nil {
		return nil, err
	}
	may := func(context.Context, *EventInvitation) error { return nil }
	i, err := amend(ctx, s.core, InvitationNoun, amendment{"revokeEventInvitation", in.ID, in.ExpectedVersion, nil}, may, func(i *EventInvitation, f *faults) []string {
		if i.AcceptedAt != nil || i.RevokedAt != nil {
			f.add(CodeNotAllowedInState, "input.id", "notAllowedInState.invitation", nil)
		}
		i.RevokedAt = new(DateTimeOf(s.core.clock.Now()))
		return []string{"revokedAt"}
	})
	faults, err := refused(err)
	return &RevokeEventInvitationPayload{i, faults}, err
}

// Accept registers a guest with the code of an invitation. Everybody may try; a code that is unknown,
// used, revoked or expired is INVALID, and nothing tells which.
func (s *GuestService) Accept(ctx context.Context, in AcceptEventInvitationInput) (*AcceptEventInvitationPayload, error) {
	var r *Registration
	var e *Event
	err := s.core.write(ctx, "acceptEventInvitation", func(ctx context.Context, note func(change)) error {
		f := newFaults(ctx)
		i, err := s.open(ctx, in.Code)
		if err != nil {
			return err
		}
		if i == nil {
			f.add(CodeInvalid, "input.code", "invalid.invitation", nil)
			return f
		}
		if e, err = s.registrations.events.storedOne(ctx, i.EventID); err != nil {
			return err
		}
		f.line("input.name", &in.Name, 200, true)
		f.address("input.email", &in.Email)
		s.registrations.admit(f, e, "input.code", "", nil)
		r = &Registration{
			Kind: RegistrantGuest, InvitationID: &i.ID, Guest: &Guest{in.Name, in.Email, i.Organisation}, CountryID: i.CountryID,
			Mode: in.Mode, NameVisibility: in.NameVisibility, Answers: e.answer(f, in.Mode, in.Consent, in.Answers),
		}
		if c := s.CountryOf(i); c != nil {
			r.Region = new(c.Region(nil))
		}
		if _, err := s.registrations.insert(ctx, f, e, r, true, note); err != nil {
			return err
		}
		i.AcceptedAt = &r.RegisteredAt
		return s.invitations.Replace(ctx, i)
	})
	if err != nil {
		faults, err := refused(err)
		return &AcceptEventInvitationPayload{UserErrors: faults}, err
	}
	if e.view, err = s.registrations.events.view(ctx); err != nil {
		return nil, err
	}
	return &AcceptEventInvitationPayload{Reference: &r.ID, Status: &r.Status, Event: e}, nil
}

// open is the invitation with a code that is still good, nil for none.
func (s *GuestService) open(ctx context.Context, code string) (*EventInvitation, error) {
	id, err := s.invitations.Lookup(ctx, "code", hash(code))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	i, err := s.invitations.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if i.AcceptedAt != nil || i.RevokedAt != nil || i.ExpiresOn < s.core.clock.Today() {
		return nil, nil
	}
	return i, nil
}

// noteAdmitted notes in the invitations of an organisation that it became a member.
func (s *GuestService) noteAdmitted(ctx context.Context, m *Member, note func(change)) error {
	plan, err := s.invitations.Plan(store.Query{Any: []store.Where{{"identity": {m.identity()}}}, Sort: "invitedAt"})
	if err != nil {
		return err
	}
	page, err := s.invitations.Page(ctx, plan, store.Range{Limit: 100})
	if err != nil {
		return err
	}
	for _, i := range page.Docs {
		if i.MemberID != nil {
			continue
		}
		i.MemberID = &m.ID
		if err := s.invitations.Replace(ctx, i); err != nil {
			return err
		}
		note(changed(InvitationNoun, i, Updated, "member"))
	}
	return nil
}
