package portal

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"math/big"
	"time"

	"memberportal/internal/store"
)

// How long codes and the tokens that they give are good, and how often one may be tried.
const (
	codeLife       = 15 * time.Minute
	codeTries      = 5
	applicantLife  = time.Hour
	codesInAnHour  = 3
	codesInADay    = 10
	challengesKept = 24 * time.Hour
)

// The messages that carry a code, or say that there is no such application.
const (
	codeMail    = "mail.applicationCode"
	noMatchMail = "mail.applicationUnknown"
)

// RequestApplicationCodeInput asks for a code by mail. Application is left out for a new one.
type RequestApplicationCodeInput struct {
	Email       string
	Locale      Locale
	Application *ID
}

// RequestApplicationCodePayload is what a code is confirmed with, or what is wrong.
type RequestApplicationCodePayload struct {
	Challenge  *ID
	ExpiresAt  *DateTime
	UserErrors []UserError
}

// ConfirmApplicationCodeInput confirms an address by the code that it got.
type ConfirmApplicationCodeInput struct {
	Challenge ID
	Code      string
}

// ConfirmApplicationCodePayload is the application with a token for it, or what is wrong.
type ConfirmApplicationCodePayload struct {
	Application *Application
	Token       *string
	ExpiresAt   *DateTime
	UserErrors  []UserError
}

// RequestCode sends a code to an address, for everybody. Its answer is the same for an application that is
// there, one that is not, one of another address, and an address that has had its share of messages.
func (s *ApplicationService) RequestCode(ctx context.Context, in RequestApplicationCodeInput) (*RequestApplicationCodePayload, error) {
	if s.issue == nil {
		return nil, refuse(Unavailable, "unavailable", nil)
	}
	f := newFaults(ctx)
	if f.address("input.email", &in.Email); f.err() != nil {
		return &RequestApplicationCodePayload{UserErrors: f.list}, nil
	}
	name, err := s.secret()
	if err != nil {
		return nil, err
	}
	code, err := s.code()
	if err != nil {
		return nil, err
	}
	now := s.wall()
	expires := DateTimeOf(now.Add(codeLife))
	err = s.transact(ctx, func(ctx context.Context) error {
		c := &challenge{ID: hash(name), Email: in.Email, Locale: in.Locale, ApplicationID: in.Application, At: DateTimeOf(now), ExpiresAt: expires}
		key, err := s.answers(ctx, in)
		if err != nil {
			return err
		}
		allowed, err := s.mayPost(ctx, in.Email, now)
		if err != nil {
			return err
		}
		if allowed {
			if err := s.send(ctx, in, key, code); err != nil {
				return err
			}
		}
		if allowed && key == codeMail {
			c.CodeHash = hash(name, code)
		}
		return challengeNoun.In(s.store).Insert(ctx, c)
	})
	if err != nil {
		return nil, err
	}
	return &RequestApplicationCodePayload{Challenge: new(ID(name)), ExpiresAt: &expires}, nil
}

// answers is the message that a request is answered with: one with a code for a new application and for
// one of this address, else one without, so that either way a message is sent.
func (s *ApplicationService) answers(ctx context.Context, in RequestApplicationCodeInput) (string, error) {
	if in.Application == nil {
		return codeMail, nil
	}
	a, err := s.applications.Get(ctx, string(*in.Application))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return noMatchMail, nil
	case err != nil:
		return "", err
	case a.Contact != nil && Fold(a.Contact.Email) == Fold(in.Email):
		return codeMail, nil
	}
	return noMatchMail, nil
}

func (s *ApplicationService) send(ctx context.Context, in RequestApplicationCodeInput, key, code string) error {
	if key == codeMail {
		return s.post(ctx, in.Email, in.Locale, "mail.applicationCode", map[string]string{"code": code})
	}
	return s.post(ctx, in.Email, in.Locale, "mail.applicationUnknown", nil)
}

// mayPost says whether an address may get one more message: at most 3 in an hour and 10 in a day.
func (s *ApplicationService) mayPost(ctx context.Context, email string, now time.Time) (bool, error) {
	recipients := codeRecipientNoun.In(s.store)
	r, err := recipients.Get(ctx, hash(Fold(email)))
	switch {
	case errors.Is(err, store.ErrNotFound):
		err = recipients.Insert(ctx, &codeRecipient{ID: hash(Fold(email)), At: DateTimeOf(now)})
	case err == nil:
		r.At = DateTimeOf(now)
		err = recipients.Replace(ctx, r)
	}
	if err != nil {
		return false, err
	}
	for _, limit := range []struct {
		within time.Duration
		most   int
	}{{time.Hour, codesInAnHour}, {24 * time.Hour, codesInADay}} {
		sent := 0
		for _, key := range []string{codeMail, noMatchMail} {
			n, err := s.recentlyPosted(ctx, email, key, now.Add(-limit.within))
			if err != nil {
				return false, err
			}
			sent += n
		}
		if sent >= limit.most {
			return false, nil
		}
	}
	return true, nil
}

// code is 8 random digits.
func (c *core) code() (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var bits [16]byte // so many that each number is as likely as another
	if _, err := io.ReadFull(c.entropy, bits[:]); err != nil {
		return "", err
	}
	n := new(big.Int).SetBytes(bits[:])
	return fmt.Sprintf("%08d", n.Mod(n, big.NewInt(100_000_000))), nil
}

// ConfirmCode confirms an address by the code that it got, for everybody, and gives a token for one hour
// that opens one application and nothing else: the one that was asked for, or a new draft. A code is good
// once, for 15 minutes and 5 tries; whatever is wrong with it is INVALID, and nothing tells what.
func (s *ApplicationService) ConfirmCode(ctx context.Context, in ConfirmApplicationCodeInput) (*ConfirmApplicationCodePayload, error) {
	if s.issue == nil {
		return nil, refuse(Unavailable, "unavailable", nil)
	}
	var id ID
	err := s.write(ctx, "confirmApplicationCode", func(ctx context.Context, _ func(change)) (err error) {
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
		f := newFaults(ctx)
		f.add(CodeInvalid, "input.code", "invalid.applicationCode", nil)
		return &ConfirmApplicationCodePayload{UserErrors: f.list}, nil
	}
	actor := applicantOf(id)
	token, err := s.issue(actor, applicantLife)
	if err != nil {
		return nil, err
	}
	a, err := one(WithActor(ctx, actor), s.ByIDs, id)
	return &ConfirmApplicationCodePayload{Application: a, Token: &token, ExpiresAt: new(DateTimeOf(s.wall().Add(applicantLife)))}, err
}

// applicantOf is who acts with the token of an application.
func applicantOf(id ID) Actor {
	return Actor{Subject: ID("usr_" + string(id)), Roles: []Role{RoleApplicant}, Application: id}
}

// try counts a try at a challenge, and gives the challenge if the code is right, nil if not.
func (s *ApplicationService) try(ctx context.Context, in ConfirmApplicationCodeInput) (*challenge, error) {
	challenges := challengeNoun.In(s.store)
	c, err := challenges.Get(ctx, hash(string(in.Challenge)))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case c.Used || c.Tries >= codeTries || string(c.ExpiresAt) <= string(DateTimeOf(s.wall())):
		return nil, nil
	}
	c.Tries++
	c.Used = subtle.ConstantTimeCompare([]byte(c.CodeHash), []byte(hash(string(in.Challenge), in.Code))) == 1
	if err := challenges.Replace(ctx, c); err != nil || !c.Used {
		return nil, err
	}
	return c, nil
}

// begin makes a draft for an address that was verified. It leaves no audit entry, as drafts do not.
func (s *ApplicationService) begin(ctx context.Context, email string, l Locale) (ID, error) {
	a := &Application{
		ID: s.newID(applicationPrefix), Sectors: []Sector{}, Papers: []ApplicationPaper{}, Contact: &ApplicationContact{Email: email}, Language: l,
		Status: ApplicationDraft, Dataset: datasetOf(ctx),
	}
	s.happen(WithActor(ctx, applicantOf(a.ID)), a, ApplicationWasDrafted, nil)
	return a.ID, s.applications.Insert(ctx, a)
}

// Begin makes a draft for an address that the secretariat has verified itself, and gives its id; nobody but
// the applicant sees it. SECRETARIAT only.
func (s *ApplicationService) Begin(ctx context.Context, email string, l Locale) (id ID, err error) {
	if err := Require(ctx, RoleSecretariat); err != nil {
		return "", err
	}
	f := newFaults(ctx)
	if f.address("input.email", &email); f.err() != nil {
		return "", f
	}
	err = s.transact(ctx, func(ctx context.Context) (err error) {
		id, err = s.begin(ctx, email, l)
		return err
	})
	return id, err
}
