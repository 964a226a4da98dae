package events

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// InviteGuestInput invites an organisation to an event. If an Email is given, the code is mailed to it in the language
// Locale, which is English if it is nil.
type InviteGuestInput struct {
	IdempotencyKey *string
	Event          kit.ID
	Organisation   string
	Country        *kit.ID
	ExpiresOn      *kit.Date
	Email          *string
	Locale         *kit.Locale
}

// InviteGuestPayload has the invitation and its code; both are nil if there are UserErrors. Only the first answer
// has the code: a repeat with the idempotency key does not.
type InviteGuestPayload struct {
	Invitation *EventInvitation
	Code       *string
	UserErrors []kit.UserError
}

// RevokeEventInvitationInput takes back an invitation.
type RevokeEventInvitationInput struct {
	ID              kit.ID
	ExpectedVersion int
}

// RevokeEventInvitationPayload has the invitation after the change; it is nil if there are UserErrors.
type RevokeEventInvitationPayload struct {
	Invitation *EventInvitation
	UserErrors []kit.UserError
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

// AcceptEventInvitationPayload has the reference and status of the guest's registration; all but UserErrors is nil
// if there are faults.
type AcceptEventInvitationPayload struct {
	Reference  *kit.ID
	Status     *RegistrationStatus
	Event      *Event
	UserErrors []kit.UserError
}

// Invite invites an organisation to an event that takes guests, and mails the code if an address is given. SECRETARIAT
// only. An event that guests may not know of yet, or that is cancelled, is NOT_ALLOWED_IN_STATE with an address; more than
// linksToAPerson mails to one address in a day are RATE_LIMITED. An event with maxInvitations invitations is FULL.
func (s *GuestService) Invite(ctx context.Context, in InviteGuestInput) (*InviteGuestPayload, error) {
	if err := kit.Require(ctx, kit.EventsSecretariat); err != nil {
		return nil, err
	}
	var code string
	id, err := s.core.Create(ctx, "inviteGuest", in.IdempotencyKey, in, func(ctx context.Context, note func(kit.Change)) (kit.ID, error) {
		f := kit.NewFaults(ctx)
		f.IdempotencyKey(in.IdempotencyKey)
		f.Line("input.organisation", &in.Organisation, 300, true)
		if in.Country != nil && s.countries.Get(*in.Country) == nil {
			f.Add(kit.CodeUnknownReference, "input.country", "unknownReference.country", nil)
		}
		e, err := s.registrations.events.Get(ctx, in.Event)
		if err != nil {
			return "", err
		}
		if e == nil {
			return "", kit.Refuse(kit.NotFound, "notFound", nil)
		}
		expires := e.LastDay
		kit.Set(&expires, in.ExpiresOn)
		switch today := s.core.Clock.Today(); {
		case !e.Audience.Guests:
			f.Add(kit.CodeNotEligible, "input.event", "notEligible.guests", nil)
		case expires < today:
			f.Add(kit.CodeOutOfRange, "input.expiresOn", "outOfRange.before", map[string]string{"date": string(today)})
		}
		if err := s.room(ctx, f, e); err != nil {
			return "", err
		}
		if in.Email != nil {
			f.Address("input.email", in.Email)
			if open := []EventStatus{EventPublished, EventPostponed}; !slices.Contains(open, e.Status()) {
				checkEventState(f, "input.event", e.Status(), open)
			}
		}
		if err := f.Err(); err != nil {
			return "", err
		}
		if code, err = s.core.Secret(); err != nil {
			return "", err
		}
		i := &EventInvitation{
			ID: s.core.NewID(invitationPrefix), EventID: e.ID, Organisation: in.Organisation, CountryID: in.Country, CodeHash: kit.Hash(code),
			ExpiresOn: expires, InvitedAt: kit.DateTimeOf(s.core.Clock.Now()), Dataset: kit.DatasetOf(ctx),
		}
		if in.Email != nil {
			i.Email, i.Locale = in.Email, new(kit.English)
			kit.Set(i.Locale, in.Locale)
			if err := s.mailCode(ctx, i, e, code); err != nil {
				return "", err
			}
		}
		if err := s.invitations.Insert(ctx, i); err != nil {
			return "", err
		}
		note(kit.Changed(InvitationNoun, i, kit.Created, "event", "organisation"))
		return i.ID, nil
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &InviteGuestPayload{UserErrors: faults}, err
	}
	i, err := kit.One(ctx, s.ByIDs, id)
	payload := &InviteGuestPayload{Invitation: i}
	if i != nil && kit.Hash(code) == i.CodeHash {
		payload.Code = &code
	}
	return payload, err
}

// room adds FULL if an event has maxInvitations invitations.
func (s *GuestService) room(ctx context.Context, f *kit.Faults, e *Event) error {
	plan, err := s.invitations.Plan(store.Query{Any: []store.Where{{"event": {string(e.ID)}, "outcome": {"GUEST", "MEMBER"}}}, Sort: "invitedAt"})
	if err != nil {
		return err
	}
	n, err := s.invitations.Count(ctx, plan, store.Bounds{})
	if n >= maxInvitations {
		f.Add(kit.CodeFull, "input.event", "full.invitations", map[string]string{"max": strconv.Itoa(maxInvitations)})
	}
	return err
}

// Revoke takes back an invitation that was not accepted yet, and tells the guest if the code was mailed. SECRETARIAT only.
func (s *GuestService) Revoke(ctx context.Context, in RevokeEventInvitationInput) (*RevokeEventInvitationPayload, error) {
	if err := kit.Require(ctx, kit.EventsSecretariat); err != nil {
		return nil, err
	}
	may := func(context.Context, *EventInvitation) error { return nil }
	const operation = "revokeEventInvitation"
	var i *EventInvitation
	err := s.core.Transact(ctx, func(ctx context.Context) (err error) {
		var told EventInvitation
		i, err = kit.Amend(ctx, s.core, InvitationNoun, kit.Amendment{Operation: operation, ID: in.ID, Expected: in.ExpectedVersion, Reason: nil}, may, func(i *EventInvitation, f *kit.Faults) []string {
			if i.AcceptedAt != nil || i.RevokedAt != nil {
				f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState.invitation", nil)
			}
			told = *i
			i.RevokedAt = new(kit.DateTimeOf(s.core.Clock.Now()))
			return append(i.forgetAddress(), "revokedAt")
		})
		if err != nil {
			return err
		}
		return s.tellWithdrawn(kit.WithOperation(ctx, operation), &told)
	})
	if err != nil {
		i = nil
	}
	faults, err := kit.UserErrorsOf(err)
	return &RevokeEventInvitationPayload{i, faults}, err
}

// Accept registers a guest with the code of an invitation. Everybody may try. An unknown, used, revoked or expired
// code is INVALID, and the answer does not say which of these it is.
func (s *GuestService) Accept(ctx context.Context, in AcceptEventInvitationInput) (*AcceptEventInvitationPayload, error) {
	var r *Registration
	var e *Event
	err := s.core.Write(ctx, "acceptEventInvitation", func(ctx context.Context, note func(kit.Change)) error {
		f := kit.NewFaults(ctx)
		i, err := s.open(ctx, in.Code)
		if err != nil {
			return err
		}
		if i == nil {
			f.Add(kit.CodeInvalid, "input.code", "invalid.invitation", nil)
			return f
		}
		if e, err = s.registrations.events.storedOne(ctx, i.EventID); err != nil {
			return err
		}
		f.Line("input.name", &in.Name, 200, true)
		f.Address("input.email", &in.Email)
		s.registrations.admit(f, e, "input.code", "", nil)
		r = &Registration{
			Kind: RegistrantGuest, InvitationID: &i.ID, Guest: &Guest{in.Name, in.Email, i.Organisation, new(kit.LocaleOf(ctx))}, CountryID: i.CountryID,
			Mode: in.Mode, NameVisibility: in.NameVisibility, StoredAnswers: e.answer(f, in.Mode, in.Consent, in.Answers),
		}
		if c := s.CountryOf(i); c != nil {
			r.Region = new(c.Region(nil))
		}
		if _, err := s.registrations.insert(ctx, f, e, r, true, note); err != nil {
			return err
		}
		i.AcceptedAt = &r.RegisteredAt
		i.forgetAddress()
		return s.invitations.Replace(ctx, i)
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &AcceptEventInvitationPayload{UserErrors: faults}, err
	}
	if e.view, err = s.registrations.events.view(ctx); err != nil {
		return nil, err
	}
	return &AcceptEventInvitationPayload{Reference: &r.ID, Status: &r.Status, Event: e}, nil
}

// open is the invitation whose code still works, nil if there is none.
func (s *GuestService) open(ctx context.Context, code string) (*EventInvitation, error) {
	id, err := s.invitations.Lookup(ctx, "code", kit.Hash(code))
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
	if i.AcceptedAt != nil || i.RevokedAt != nil || i.ExpiresOn < s.core.Clock.Today() {
		return nil, nil
	}
	return i, nil
}

// NoteAdmitted records in the invitations of an organisation that it became a member.
func (s *GuestService) NoteAdmitted(ctx context.Context, m *membership.Member, note func(kit.Change)) error {
	plan, err := s.invitations.Plan(store.Query{Any: []store.Where{{"identity": {m.Identity()}}}, Sort: "invitedAt"})
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
		note(kit.Changed(InvitationNoun, i, kit.Updated, "member"))
	}
	return nil
}
