package applications

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"time"

	"memberportal/internal/input"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// How long codes and the tokens that they give are good, and how often one may be tried.
const (
	codeLife       = 15 * time.Minute
	codeTries      = 5
	applicantLife  = time.Hour
	challengesKept = 24 * time.Hour
)

// How many codes may be asked for in an hour.
const (
	// codesOfASource is for one network, whatever the addresses.
	codesOfASource = 20
	// codesOfAShare is for one network and one inbox. Nobody else's requests count, so that a stranger can
	// keep no applicant from a code.
	codesOfAShare = 3
	// codesOfAll is for everybody together. It does not keep a code from the address of an application.
	codesOfAll = 300
)

// RequestApplicationCodeInput asks for a code by mail. Application is left out for a new one.
type RequestApplicationCodeInput struct {
	Email       string
	Locale      kit.Locale
	Application *kit.ID
}

// RequestApplicationCodePayload is what a code is confirmed with, or what is wrong.
type RequestApplicationCodePayload struct {
	Challenge  *kit.ID
	ExpiresAt  *kit.DateTime
	UserErrors []kit.UserError
}

// ConfirmApplicationCodeInput confirms an address by the code that it got.
type ConfirmApplicationCodeInput struct {
	Challenge kit.ID
	Code      string
}

// ConfirmApplicationCodePayload is the application with a token for it, or what is wrong.
type ConfirmApplicationCodePayload struct {
	Application *Application
	Token       *string
	ExpiresAt   *kit.DateTime
	UserErrors  []kit.UserError
}

// RequestCode sends a code to an address, for everybody. Its answer is the same for an application that is
// there, one that is not, and one of another address. What one network has asked for too often is
// RATE_LIMITED: 20 codes in an hour, 3 of them for one inbox; so is a code for a new application when
// everybody together asked for 300. Every challenge that is given has a message of its own.
func (s *ApplicationService) RequestCode(ctx context.Context, in RequestApplicationCodeInput) (*RequestApplicationCodePayload, error) {
	if s.issue == nil {
		return nil, kit.Refuse(kit.Unavailable, "unavailable", nil)
	}
	f := kit.NewFaults(ctx)
	if f.Address("input.email", &in.Email); f.Err() != nil {
		return &RequestApplicationCodePayload{UserErrors: f.List}, nil
	}
	name, err := s.core.Secret()
	if err != nil {
		return nil, err
	}
	code, err := newCode(s.core)
	if err != nil {
		return nil, err
	}
	now := s.core.Wall()
	source := kit.Hash("source", kit.SourceOf(ctx))
	c := challenge{
		ID: kit.Hash(name), Email: in.Email, Locale: in.Locale, ApplicationID: in.Application, At: kit.DateTimeOf(now), ExpiresAt: kit.DateTimeOf(now.Add(codeLife)),
		Source: source, Share: kit.Hash(source, input.Inbox(in.Email)),
	}
	err = s.core.Transact(ctx, func(ctx context.Context) error {
		c := c
		busy, err := s.mayAsk(ctx, &c, now)
		if err != nil {
			return err
		}
		own, err := s.contact(ctx, in)
		if err != nil {
			return err
		}
		switch {
		case own != "":
			c.Email, c.CodeHash = own, kit.Hash(name, code)
			err = s.core.Post(ctx, own, in.Locale, "mail.applicationCode", map[string]string{"code": code})
		case !busy:
			err = s.core.Post(ctx, in.Email, in.Locale, "mail.applicationUnknown", nil)
		}
		if err != nil {
			return err
		}
		return s.challenges.Insert(ctx, &c)
	})
	if err != nil {
		return nil, err
	}
	return &RequestApplicationCodePayload{Challenge: new(kit.ID(name)), ExpiresAt: &c.ExpiresAt}, nil
}

// contact is the address to which a code goes: for an application the one that is recorded with it, if it
// is the one of the request; for a new one that of the request. It is empty if there is no such application.
func (s *ApplicationService) contact(ctx context.Context, in RequestApplicationCodeInput) (string, error) {
	if in.Application == nil {
		return in.Email, nil
	}
	a, err := s.applications.Get(ctx, string(*in.Application))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return "", nil
	case err != nil:
		return "", err
	case a.Contact != nil && input.AddressKey(a.Contact.Email) == input.AddressKey(in.Email):
		return a.Contact.Email, nil
	}
	return "", nil
}

// mayAsk refuses a request beyond the limits. busy says that everybody together has asked for as many codes
// as may be: then a new application is refused too, and of others only those that exist are written to,
// which the answer does not tell.
func (s *ApplicationService) mayAsk(ctx context.Context, c *challenge, now time.Time) (busy bool, err error) {
	if err := s.core.Touch(ctx, "codes", c.Source); err != nil {
		return false, err
	}
	for _, limit := range []struct {
		of   store.Where
		most int
	}{{store.Where{"source": {c.Source}}, codesOfASource}, {store.Where{"share": {c.Share}}, codesOfAShare}, {nil, codesOfAll}} {
		wait, err := s.codesAsked(ctx, limit.of, limit.most, now)
		if err != nil {
			return false, err
		}
		if busy = wait > 0 && limit.of == nil; busy && c.ApplicationID != nil {
			return true, nil
		}
		if wait > 0 {
			return false, kit.Refuse(kit.RateLimited, "rateLimited", map[string]string{"seconds": strconv.Itoa(int(math.Ceil(wait.Seconds())))})
		}
	}
	return false, nil
}

// codesAsked is how long it takes until one more code may be asked for, 0 if it may be now.
func (s *ApplicationService) codesAsked(ctx context.Context, of store.Where, most int, now time.Time) (time.Duration, error) {
	query := store.Query{Sort: "at"}
	if of != nil {
		query.Any = []store.Where{of}
	}
	plan, err := s.challenges.Plan(query)
	if err != nil {
		return 0, err
	}
	within := store.Bounds{After: string(kit.DateTimeOf(now.Add(-time.Hour)))}
	n, err := s.challenges.Count(ctx, plan, within)
	if err != nil || n < int64(most) {
		return 0, err
	}
	oldest, err := s.challenges.Page(ctx, plan, store.Range{Bounds: within, Limit: 1})
	if err != nil || len(oldest.Docs) == 0 {
		return time.Hour, err
	}
	return max(oldest.Docs[0].At.Time().Add(time.Hour).Sub(now), time.Second), nil
}

// newCode is 8 random digits.
func newCode(c *kit.Core) (string, error) {
	bits, err := c.Random(16) // so many that each number is as likely as another
	if err != nil {
		return "", err
	}
	n := new(big.Int).SetBytes(bits)
	return fmt.Sprintf("%08d", n.Mod(n, big.NewInt(100_000_000))), nil
}

// ConfirmCode confirms an address by the code that it got, for everybody, and gives a token for one hour
// that opens one application and nothing else: the one that was asked for, or a new draft. A code is good
// once, for 15 minutes and 5 tries; whatever is wrong with it is INVALID, and nothing tells what.
func (s *ApplicationService) ConfirmCode(ctx context.Context, in ConfirmApplicationCodeInput) (*ConfirmApplicationCodePayload, error) {
	if s.issue == nil {
		return nil, kit.Refuse(kit.Unavailable, "unavailable", nil)
	}
	var id kit.ID
	err := s.core.Write(ctx, "confirmApplicationCode", func(ctx context.Context, _ func(kit.Change)) (err error) {
		id = ""
		c, err := s.try(ctx, in)
		if err != nil || c == nil {
			return err
		}
		if c.ApplicationID != nil {
			id = *c.ApplicationID
			return nil
		}
		id, err = s.begin(ctx, c.Email, c.Locale)
		return err
	})
	if err != nil {
		return nil, err
	}
	if id == "" { // what was tried stays counted, which is why this is no error of the transaction
		f := kit.NewFaults(ctx)
		f.Add(kit.CodeInvalid, "input.code", "invalid.applicationCode", nil)
		return &ConfirmApplicationCodePayload{UserErrors: f.List}, nil
	}
	actor := applicantOf(id)
	token, err := s.issue(actor, applicantLife)
	if err != nil {
		return nil, err
	}
	a, err := kit.One(kit.WithActor(ctx, actor), s.ByIDs, id)
	return &ConfirmApplicationCodePayload{Application: a, Token: &token, ExpiresAt: new(kit.DateTimeOf(s.core.Wall().Add(applicantLife)))}, err
}

// applicantOf is who acts with the token of an application.
func applicantOf(id kit.ID) kit.Actor {
	return kit.Actor{Subject: kit.ID("usr_" + string(id)), Roles: []kit.Role{kit.RoleApplicant}, Application: id}
}

// try counts a try at a challenge, and gives the challenge if the code is right, nil if not.
func (s *ApplicationService) try(ctx context.Context, in ConfirmApplicationCodeInput) (*challenge, error) {
	c, err := s.challenges.Get(ctx, kit.Hash(string(in.Challenge)))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case c.Used || c.Tries >= codeTries || string(c.ExpiresAt) <= string(kit.DateTimeOf(s.core.Wall())):
		return nil, nil
	}
	c.Tries++
	c.Used = subtle.ConstantTimeCompare([]byte(c.CodeHash), []byte(kit.Hash(string(in.Challenge), in.Code))) == 1
	if err := s.challenges.Replace(ctx, c); err != nil || !c.Used {
		return nil, err
	}
	return c, nil
}

// begin makes a draft for an address that was verified. It leaves no audit entry, as drafts do not.
func (s *ApplicationService) begin(ctx context.Context, email string, l kit.Locale) (kit.ID, error) {
	a := &Application{
		ID: s.core.NewID(ApplicationPrefix), Sectors: []membership.Sector{}, Papers: []ApplicationPaper{}, Contact: &ApplicationContact{Email: email}, Language: l,
		Status: ApplicationDraft, Dataset: kit.DatasetOf(ctx),
	}
	s.happen(kit.WithActor(ctx, applicantOf(a.ID)), a, ApplicationWasDrafted, nil)
	return a.ID, s.applications.Insert(ctx, a)
}

// Begin makes a draft for an address that the secretariat has verified itself, and gives its id; nobody but
// the applicant sees it. SECRETARIAT only.
func (s *ApplicationService) Begin(ctx context.Context, email string, l kit.Locale) (id kit.ID, err error) {
	if err := kit.Require(ctx, kit.RoleSecretariat); err != nil {
		return "", err
	}
	f := kit.NewFaults(ctx)
	if f.Address("input.email", &email); f.Err() != nil {
		return "", f
	}
	err = s.core.Transact(ctx, func(ctx context.Context) (err error) {
		id, err = s.begin(ctx, email, l)
		return err
	})
	return id, err
}
