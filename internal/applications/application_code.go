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

// How long codes and applicants' tokens are valid, and how often a code may be tried.
const (
	codeLife       = 15 * time.Minute
	codeTries      = 5
	applicantLife  = time.Hour
	challengesKept = 24 * time.Hour
)

// How many codes may be requested in an hour.
const (
	// codesOfASource is for one network and all addresses.
	codesOfASource = 20
	// codesOfAShare is for one network and one inbox. Requests from other networks do not count, so that nobody
	// can keep an applicant from getting a code.
	codesOfAShare = 3
	// codesOfAll is for everybody together. Beyond it, codes still go to the addresses of existing applications.
	codesOfAll = 300
)

// RequestApplicationCodeInput asks for a code by mail. Application is nil for a new application.
type RequestApplicationCodeInput struct {
	Email       string
	Locale      kit.Locale
	Application *kit.ID
}

// RequestApplicationCodePayload has the challenge that is needed to confirm the code; it is nil if UserErrors has
// entries.
type RequestApplicationCodePayload struct {
	Challenge  *kit.ID
	ExpiresAt  *kit.DateTime
	UserErrors []kit.UserError
}

// ConfirmApplicationCodeInput confirms an address with the code that was sent to it.
type ConfirmApplicationCodeInput struct {
	Challenge kit.ID
	Code      string
}

// ConfirmApplicationCodePayload has the application and a token for it; both are nil if UserErrors has entries.
type ConfirmApplicationCodePayload struct {
	Application *Application
	Token       *string
	ExpiresAt   *kit.DateTime
	UserErrors  []kit.UserError
}

// RequestCode sends a code to an address. Everybody may ask. The answer is the same whether the application
// exists, does not exist, or belongs to another address. RATE_LIMITED: a network that asks for more than 20 codes
// in an hour, or for more than 3 for one inbox; and a code for a new application when everybody together asked
// for 300. Every challenge has a message of its own. UNAVAILABLE if no tokens can be made.
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

// contact returns the address to which a code is sent. For a new application it is the address of the request.
// For an existing one it is the recorded address, or the one to which Bind bound it, if it is the same as in the
// request. Otherwise it is empty.
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
	case a.boundTo(in.Email):
		return *a.Bound, nil
	}
	return "", nil
}

// mayAsk refuses a request beyond the limits. busy says that everybody together has reached codesOfAll. Then a
// code for a new application is refused, and for an existing one only its own address gets a message; the answer
// does not reveal this.
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

// codesAsked returns how long the caller must wait before the next code, 0 if not at all.
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

// newCode returns 8 random digits.
func newCode(c *kit.Core) (string, error) {
	bits, err := c.Random(16) // enough for all numbers to be equally likely
	if err != nil {
		return "", err
	}
	n := new(big.Int).SetBytes(bits)
	return fmt.Sprintf("%08d", n.Mod(n, big.NewInt(100_000_000))), nil
}

// ConfirmCode confirms an address by a code and returns a token, which is valid for one hour and for one
// application only: the one for which the code was requested, or a new draft. Everybody may call it. A code can
// be used once, within 15 minutes and 5 tries. Any other code is INVALID, and the answer does not say why.
// UNAVAILABLE if no tokens can be made.
func (s *ApplicationService) ConfirmCode(ctx context.Context, in ConfirmApplicationCodeInput) (*ConfirmApplicationCodePayload, error) {
	if s.issue == nil {
		return nil, kit.Refuse(kit.Unavailable, "unavailable", nil)
	}
	var id kit.ID
	err := s.core.Write(ctx, "confirmApplicationCode", func(ctx context.Context, note func(kit.Change)) (err error) {
		id = ""
		c, err := s.try(ctx, in)
		if err != nil || c == nil {
			return err
		}
		if c.ApplicationID != nil {
			id = *c.ApplicationID
			return s.claimed(ctx, note, id, c.Email)
		}
		id, err = s.begin(ctx, c.Email, c.Locale)
		return err
	})
	if err != nil {
		return nil, err
	}
	if id == "" { // no error of the transaction, so that the try stays counted
		f := kit.NewFaults(ctx)
		f.Add(kit.CodeInvalid, "input.code", "invalid.applicationCode", nil)
		return &ConfirmApplicationCodePayload{UserErrors: f.List}, nil
	}
	actor := applicantOf(id)
	token, err := s.issue(kit.Proof{Subject: actor.Subject, Roles: actor.Roles, Application: actor.Application}, applicantLife)
	if err != nil {
		return nil, err
	}
	a, err := kit.One(kit.WithActor(ctx, actor), s.ByIDs, id)
	return &ConfirmApplicationCodePayload{Application: a, Token: &token, ExpiresAt: new(kit.DateTimeOf(s.core.Wall().Add(applicantLife)))}, err
}

// applicantOf returns the actor whom the token of an application names.
func applicantOf(id kit.ID) kit.Actor {
	return kit.Actor{Subject: kit.ID("usr_" + string(id)), Roles: []kit.Role{kit.RoleApplicant}, Application: id}
}

// try counts a try at a challenge. It returns the challenge if the code is right, nil if not.
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

// begin makes a draft for a verified address. Drafts leave no audit entries.
func (s *ApplicationService) begin(ctx context.Context, email string, l kit.Locale) (kit.ID, error) {
	a := &Application{
		ID: s.core.NewID(ApplicationPrefix), Sectors: []membership.Sector{}, Papers: []ApplicationPaper{}, Contact: &ApplicationContact{Email: email}, Language: l,
		Status: ApplicationDraft, Dataset: kit.DatasetOf(ctx),
	}
	s.happen(kit.WithActor(ctx, applicantOf(a.ID)), a, ApplicationWasDrafted, nil)
	return a.ID, s.applications.Insert(ctx, a)
}

// Begin makes a draft for an address that the secretariat has verified, and returns its id. Only the applicant
// can see it. SECRETARIAT only.
func (s *ApplicationService) Begin(ctx context.Context, email string, l kit.Locale) (id kit.ID, err error) {
	if err := kit.Require(ctx, kit.MembershipSecretariat); err != nil {
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
