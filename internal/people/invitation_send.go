package people

import (
	"context"
	"errors"
	"math"
	"slices"
	"strconv"
	"time"

	"memberportal/internal/input"
	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// How long a link holds, and how many there may be.
const (
	invitationLife = 30 * 24 * time.Hour
	// maxInvitations is how many invitations of an entity may be open, expired ones included.
	maxInvitations = 100
	// linksADay is how many links may be sent for one invitation in a day.
	linksADay = 3
	// linksOfACaller is how many invitations one person may send in a day.
	linksOfACaller = 500
)

// ResendInvitationInput sends a new link.
type ResendInvitationInput struct {
	ID              kit.ID
	ExpectedVersion int
}

// ResendInvitationPayload has the record after the change: Invitation is nil if UserErrors is not empty.
type ResendInvitationPayload struct {
	Invitation *PersonInvitation
	UserErrors []kit.UserError
}

// WithdrawInvitationInput takes an invitation back.
type WithdrawInvitationInput struct {
	ID              kit.ID
	ExpectedVersion int
}

// WithdrawInvitationPayload has the record after the change: Invitation is nil if UserErrors is not empty.
type WithdrawInvitationPayload struct {
	Invitation *PersonInvitation
	UserErrors []kit.UserError
}

// invite records an invitation to a mandate, and sends it if send is true. An open invitation of this address to the
// same role is a DUPLICATE, and an entity with maxInvitations open ones is FULL. A caller who sent linksOfACaller in a
// day is RATE_LIMITED.
func (s *PersonInvitationService) invite(ctx context.Context, note func(kit.Change), f *kit.Faults, m *Mandate, who invitee, send bool) (kit.ID, error) {
	if err := s.core.Touch(ctx, "invitations", string(m.Entity)); err != nil { // so that two at once do not pass the bound
		return "", err
	}
	there, err := s.unanswered(ctx, m.Entity)
	if err != nil {
		return "", err
	}
	for _, i := range there {
		if i.Role == m.Role && i.Email != nil && input.AddressKey(*i.Email) == input.AddressKey(who.email) {
			f.Add(kit.CodeDuplicate, "input.email", "duplicate.invitation", nil).RelatedID = &i.ID
		}
	}
	if len(there) >= maxInvitations {
		f.Add(kit.CodeFull, "input.entity", "full", nil)
	}
	if f.Err() != nil {
		return "", nil
	}
	i := &PersonInvitation{
		ID: s.core.NewID(invitationPrefix), MandateID: m.ID, Entity: m.Entity, Role: m.Role, From: m.From, Name: kit.Trimmed(&who.name), Email: &who.email,
		Locale: kit.English, InvitedBy: m.RecordedBy, InvitedAt: m.RecordedAt, Dataset: m.Dataset,
	}
	kit.Set(&i.Locale, who.locale)
	if send {
		if err := s.send(ctx, i); err != nil {
			return "", err
		}
	}
	if err := s.invitations.Insert(ctx, i); err != nil {
		return "", err
	}
	note(kit.Changed(PersonInvitationNoun, i, kit.Created, "mandate", "entity", "role", "from", "name", "email"))
	return i.ID, nil
}

// unanswered returns the invitations of an entity that are not closed, the first maxInvitations of them.
func (s *PersonInvitationService) unanswered(ctx context.Context, entity kit.ID) ([]*PersonInvitation, error) {
	plan, err := s.invitations.Plan(store.Query{Any: []store.Where{{"entity": {string(entity)}, "closed": {"NO"}}}, Sort: "invitedAt"})
	if err != nil {
		return nil, err
	}
	page, err := s.invitations.Page(ctx, plan, store.Range{Limit: maxInvitations})
	return page.Docs, err
}

// send gives an invitation a new code and posts the link. The caller stores the invitation.
func (s *PersonInvitationService) send(ctx context.Context, i *PersonInvitation) error {
	now := s.core.Wall()
	if err := s.maySend(ctx, now); err != nil {
		return err
	}
	dayAgo := kit.DateTimeOf(now.Add(-24 * time.Hour))
	i.Sent = slices.DeleteFunc(slices.Clone(i.Sent), func(at kit.DateTime) bool { return at <= dayAgo })
	if len(i.Sent) >= linksADay {
		return later(i.Sent[0].Time().Add(24*time.Hour), now)
	}
	code, err := s.core.Secret()
	if err != nil {
		return err
	}
	i.CodeHash, i.Sent, i.ExpiresAt = kit.Hash("personInvitation", code), append(i.Sent, kit.DateTimeOf(now)), new(kit.DateTimeOf(now.Add(invitationLife)))
	return s.post(ctx, i, code)
}

// maySend checks that the caller has not sent linksOfACaller invitations in the last day.
func (s *PersonInvitationService) maySend(ctx context.Context, now time.Time) error {
	caller := kit.ActorOf(ctx).Subject
	if err := s.core.Touch(ctx, "inviter", string(caller)); err != nil {
		return err
	}
	plan, err := s.invitations.Plan(store.Query{Any: []store.Where{{"inviter": {string(caller)}}}, Sort: "lastSent"})
	if err != nil {
		return err
	}
	n, err := s.invitations.Count(ctx, plan, store.Bounds{After: string(kit.DateTimeOf(now.Add(-24 * time.Hour)))})
	if err == nil && n >= linksOfACaller {
		err = later(now.Add(24*time.Hour), now)
	}
	return err
}

// later refuses what will be possible at an instant.
func later(at, now time.Time) error {
	return kit.Refuse(kit.RateLimited, "rateLimited", map[string]string{"seconds": strconv.Itoa(int(math.Ceil(at.Sub(now).Seconds())))})
}

// SendPrepared sends the invitations of a member that were made before its membership began, in the caller's
// transaction. It does not check the caller's rights.
func (s *PersonInvitationService) SendPrepared(ctx context.Context, note func(kit.Change), entity kit.ID) error {
	there, err := s.unanswered(ctx, entity)
	if err != nil {
		return err
	}
	for _, i := range there {
		if i.ExpiresAt != nil {
			continue
		}
		if err := s.send(ctx, i); err != nil {
			return err
		}
		if err := s.invitations.Replace(ctx, i); err != nil {
			return err
		}
		note(kit.Changed(PersonInvitationNoun, i, kit.Updated, "sent"))
	}
	return nil
}

// Resend sends a new link, and the earlier ones hold no longer. FOCAL_POINT may for its own member, ADMINISTRATION for
// its own country, SECRETARIAT for all; for others it is NOT_FOUND. An invitation that is closed is
// NOT_ALLOWED_IN_STATE. More than linksADay in a day are RATE_LIMITED.
func (s *PersonInvitationService) Resend(ctx context.Context, in ResendInvitationInput) (*ResendInvitationPayload, error) {
	i, faults, err := s.change(ctx, "resendInvitation", in.ID, in.ExpectedVersion, func(ctx context.Context, _ func(kit.Change), i *PersonInvitation) ([]string, error) {
		if i.Email == nil {
			f := kit.NewFaults(ctx)
			f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState.invitation", nil)
			return nil, f
		}
		return []string{"sent"}, s.send(ctx, i)
	})
	return &ResendInvitationPayload{i, faults}, err
}

// Withdraw takes an invitation back, by the rules of Resend. Its link holds no longer, and the mandate is ended.
func (s *PersonInvitationService) Withdraw(ctx context.Context, in WithdrawInvitationInput) (*WithdrawInvitationPayload, error) {
	i, faults, err := s.change(ctx, "withdrawInvitation", in.ID, in.ExpectedVersion, func(ctx context.Context, note func(kit.Change), i *PersonInvitation) ([]string, error) {
		return s.close(i, InvitationWithdrawn), s.mandates.refused(ctx, note, i.MandateID)
	})
	return &WithdrawInvitationPayload{i, faults}, err
}

// close records the answer to an invitation, empties what identifies the person, and returns the changed fields.
func (s *PersonInvitationService) close(i *PersonInvitation, answer PersonInvitationState) []string {
	i.Answer, i.AnsweredAt = &answer, new(kit.DateTimeOf(s.core.Clock.Now()))
	i.Name, i.Email, i.CodeHash = nil, nil, ""
	return []string{"answer", "name", "email"}
}

// change lets alter change an invitation that is not closed.
func (s *PersonInvitationService) change(ctx context.Context, operation string, id kit.ID, expected int, alter func(context.Context, func(kit.Change), *PersonInvitation) ([]string, error)) (*PersonInvitation, []kit.UserError, error) {
	if err := kit.Require(ctx, kit.RoleFocalPoint, kit.RoleAdministration, kit.MembershipSecretariat); err != nil {
		return nil, nil, err
	}
	var i *PersonInvitation
	err := s.core.Write(ctx, operation, func(ctx context.Context, note func(kit.Change)) (err error) {
		i, err = s.invitations.Get(ctx, string(id))
		if errors.Is(err, store.ErrNotFound) || err == nil && !i.keptBy(kit.ActorOf(ctx)) {
			return kit.Refuse(kit.NotFound, "notFound", nil)
		}
		if err != nil {
			return err
		}
		f := kit.NewFaults(ctx)
		f.Version(expected, i.Version)
		if i.Answer != nil {
			f.Add(kit.CodeNotAllowedInState, "input.id", "notAllowedInState.invitation", nil)
		}
		if err := f.Err(); err != nil {
			return err
		}
		fields, err := alter(ctx, note, i)
		if err == nil {
			err = s.invitations.Replace(ctx, i)
		}
		if err != nil {
			return err
		}
		note(kit.Changed(PersonInvitationNoun, i, kit.Updated, fields...))
		s.show(i, &kit.Together[invites]{})
		return nil
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return nil, faults, err
	}
	return i, nil, nil
}
