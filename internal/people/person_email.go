package people

import (
	"context"
	"crypto/subtle"
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"memberportal/internal/input"
	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// How long a code for a new address is valid, and how many codes a person may ask for in an hour.
const (
	emailCodeLife   = 24 * time.Hour
	emailCodesAHour = 3
)

// EmailChange is an e-mail address that a person asked for and has not confirmed.
type EmailChange struct {
	Email string `bson:"email"`
	// CodeHash is empty if no code was sent, because another person has the address.
	CodeHash string `bson:"codeHash"`
	// ExpiresAt and Sent are times of the machine. Sent has the times within the last hour at which codes were
	// asked for.
	ExpiresAt kit.DateTime   `bson:"expiresAt"`
	Sent      []kit.DateTime `bson:"sent" most:"3"`
}

// PendingEmail returns the address that was asked for and is not confirmed, to the person itself and SECRETARIAT;
// nil if there is none, and to others.
func (p *Person) PendingEmail(ctx context.Context) *string {
	if actor := kit.ActorOf(ctx); p.NewEmail == nil || actor.Subject != p.ID && !actor.Has(kit.MembershipSecretariat) {
		return nil
	}
	return &p.NewEmail.Email
}

// askedFor returns the record of a request for an address. It sends no code to an address that another person has,
// so that only the owner of an address learns of it. Too many requests are RATE_LIMITED.
func (s *PersonService) askedFor(ctx context.Context, p *Person, email, code string) (*EmailChange, error) {
	now := s.core.Wall()
	asked := &EmailChange{Email: email, ExpiresAt: kit.DateTimeOf(now.Add(emailCodeLife))}
	if p.NewEmail != nil {
		since := kit.DateTimeOf(now.Add(-time.Hour))
		asked.Sent = slices.DeleteFunc(slices.Clone(p.NewEmail.Sent), func(at kit.DateTime) bool { return at <= since })
	}
	if len(asked.Sent) >= emailCodesAHour {
		wait := asked.Sent[0].Time().Add(time.Hour).Sub(now)
		return nil, kit.Refuse(kit.RateLimited, "rateLimited", map[string]string{"seconds": strconv.Itoa(int(math.Ceil(wait.Seconds())))})
	}
	asked.Sent = append(asked.Sent, kit.DateTimeOf(now))
	taken, err := s.taken(ctx, p.ID, email)
	if !taken {
		asked.CodeHash = kit.Hash(string(p.ID), code)
	}
	return asked, err
}

// sendEmailCode sends the code to the address that a person asked for.
func (s *PersonService) sendEmailCode(ctx context.Context, p *Person, code string) error {
	if p.NewEmail.CodeHash == "" {
		return s.core.Post(ctx, p.NewEmail.Email, p.Language(), kit.Letter{Key: "mail.emailTaken"})
	}
	return s.core.Post(ctx, p.NewEmail.Email, p.Language(), kit.Letter{Key: "mail.emailCode", Params: map[string]any{"code": code}})
}

// taken says whether another person has an address.
func (s *PersonService) taken(ctx context.Context, own kit.ID, email string) (bool, error) {
	if err := s.core.Touch(ctx, "address", input.AddressKey(email)); err != nil {
		return false, err
	}
	all, err := s.withAddress(ctx, email)
	return slices.ContainsFunc(all, func(other *Person) bool { return other.ID != own }), err
}

// ConfirmPersonEmailInput confirms a new address with the code that was sent to it.
type ConfirmPersonEmailInput struct {
	ID   kit.ID
	Code string
}

// ConfirmPersonEmailPayload has the result: Person is nil if UserErrors is not empty.
type ConfirmPersonEmailPayload struct {
	Person     *Person
	UserErrors []kit.UserError
}

// ConfirmEmail gives a person the address that it asked for, with the code that was sent there, and sends a message
// to the old address. The rights are those of Update. A code is valid once, for 24 hours, or until another address
// is asked for. Any wrong code is INVALID, and the answer does not say why.
func (s *PersonService) ConfirmEmail(ctx context.Context, in ConfirmPersonEmailInput) (*ConfirmPersonEmailPayload, error) {
	if err := kit.Require(ctx, kit.RoleDelegate, kit.RoleFocalPoint, kit.RoleAdministration, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	var p *Person
	err := s.core.Write(ctx, "confirmPersonEmail", func(ctx context.Context, note func(kit.Change)) (err error) {
		p, err = s.persons.Get(ctx, string(in.ID))
		if errors.Is(err, store.ErrNotFound) {
			return kit.Refuse(kit.NotFound, "notFound", nil)
		}
		if err == nil {
			err = s.mayChange(ctx, p)
		}
		if err != nil {
			return err
		}
		good, err := s.goodCode(ctx, p, in.Code)
		if err != nil {
			return err
		}
		if !good {
			f := kit.NewFaults(ctx)
			f.Add(kit.CodeInvalid, "input.code", "invalid.emailCode", nil)
			return f
		}
		old := p.Email
		p.Email, p.EmailConfirmedAt, p.EmailRefusedAt, p.NewEmail = &p.NewEmail.Email, new(kit.DateTimeOf(s.core.Wall())), nil, nil
		if err := s.persons.Replace(ctx, p); err != nil {
			return err
		}
		note(kit.Changed(PersonNoun, p, kit.Updated, "email", "newEmail"))
		if old == nil {
			return nil
		}
		return s.core.Post(ctx, *old, p.Language(), kit.Letter{Key: "mail.emailChanged"})
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &ConfirmPersonEmailPayload{UserErrors: faults}, err
	}
	return &ConfirmPersonEmailPayload{Person: p}, nil
}

// goodCode says whether a code is valid for the address that a person asked for.
func (s *PersonService) goodCode(ctx context.Context, p *Person, code string) (bool, error) {
	asked := p.NewEmail
	if asked == nil || subtle.ConstantTimeCompare([]byte(asked.CodeHash), []byte(kit.Hash(string(p.ID), code))) == 0 || asked.ExpiresAt <= kit.DateTimeOf(s.core.Wall()) {
		return false, nil
	}
	taken, err := s.taken(ctx, p.ID, asked.Email)
	return !taken, err
}

// SharedAddresses lists the persons of a store who have the same e-mail address, one line for each address. It does
// not write the address.
func SharedAddresses(ctx context.Context, s store.Store) ([]string, error) {
	byAddress := map[string][]kit.ID{}
	err := kit.EachPage(ctx, PersonNoun.In(s), store.Query{}, store.MaxLimit-1, func(page []*Person) error {
		for _, p := range page {
			if p.Email != nil {
				key := input.AddressKey(*p.Email)
				byAddress[key] = append(byAddress[key], p.ID)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(byAddress)) {
		if ids := byAddress[key]; len(ids) > 1 {
			lines = append(lines, sharedAddress(ids))
		}
	}
	return lines, nil
}

func sharedAddress(ids []kit.ID) string {
	return "persons " + strings.Join(kit.Strings(ids), ", ") + ": they have one e-mail address"
}

// NoteRefused records that a mail server refused an address for good, in the record of each person who has it, so that
// nobody counts as told who is not reached. Only the sending of messages calls it.
func (s *PersonService) NoteRefused(ctx context.Context, address string) error {
	return s.core.Write(ctx, "refuseAddress", func(ctx context.Context, note func(kit.Change)) error {
		found, err := s.withAddress(ctx, address)
		if err != nil {
			return err
		}
		for _, p := range found {
			if p.EmailRefusedAt == nil {
				p.EmailRefusedAt = new(kit.DateTimeOf(s.core.Wall()))
				if err := s.save(ctx, note, p, "emailRefusedAt"); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
