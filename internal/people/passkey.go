package people

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

const passkeyPrefix = "pky"

const (
	// maxPasskeys is how many passkeys a person has at most.
	maxPasskeys = 10
	// challengeLife is how long a challenge for a passkey is good.
	challengeLife = 5 * time.Minute
)

// Passkey is a key pair on a device of a person, or in a password manager, of which the portal has the public half. It
// signs the person in (Web Authentication, W3C). It holds nothing that must stay secret.
type Passkey struct {
	// ID is made from the id that the authenticator gave the key, so that there are no two of one key.
	ID       kit.ID `bson:"_id"`
	Version  int64  `bson:"version"`
	PersonID kit.ID `bson:"person"`
	// Name is what the person calls it.
	Name string `bson:"name"`
	// Credential is the id that the authenticator gave the key, and PublicKey the public key in COSE (RFC 9052). Both are
	// in Base64 (RFC 4648 §5).
	Credential string `bson:"credential"`
	PublicKey  string `bson:"publicKey"`
	// SignCount is how often the authenticator says that it signed; 0 if it does not count.
	SignCount int64 `bson:"signCount"`
	// BackupEligible says that the key may be copied to other devices of the person. It never changes.
	BackupEligible bool `bson:"backupEligible"`
	// CreatedAt and LastUsedAt are of the machine. LastUsedAt is nil for a passkey that was never used.
	CreatedAt  kit.DateTime  `bson:"createdAt"`
	LastUsedAt *kit.DateTime `bson:"lastUsedAt,omitempty"`
}

// PasskeyNoun declares how passkeys are stored. The listings find those of a person, and all of them, for erasure.
var PasskeyNoun = store.Declare(store.Noun[Passkey]{
	Name:     "passkeys",
	Identity: func(p *Passkey) (string, *int64) { return string(p.ID), &p.Version },
	Keys: []store.Key[Passkey]{
		store.One("person", func(p *Passkey, _ string) string { return string(p.PersonID) }),
		store.One("createdAt", func(p *Passkey, _ string) string { return string(p.CreatedAt) }),
	},
	Listings: []store.Listing{{}, {Equal: []string{"person"}, Sort: "createdAt"}},
})

// passkeyID returns the id of the passkey with the id that its authenticator gave it.
func passkeyID(credential []byte) kit.ID {
	sum := sha256.Sum256(credential)
	return kit.ID(passkeyPrefix + "_" + base32.StdEncoding.EncodeToString(sum[:20]))
}

// stored returns the passkey as the library takes it.
func (p *Passkey) stored() webauthn.Credential {
	id, _ := base64.RawURLEncoding.DecodeString(p.Credential) // what is no Base64 equals no id and verifies nothing
	key, _ := base64.RawURLEncoding.DecodeString(p.PublicKey)
	return webauthn.Credential{
		ID: id, PublicKey: key, Flags: webauthn.CredentialFlags{UserVerified: true, BackupEligible: p.BackupEligible},
		Authenticator: webauthn.Authenticator{SignCount: uint32(p.SignCount)},
	}
}

// holder is a person with passkeys, as the library takes it.
type holder struct {
	person   *Person
	passkeys []*Passkey
}

// WebAuthnID returns what authenticators keep of the person: a hash, because ids of persons may hold what an issuer chose.
func (h holder) WebAuthnID() []byte {
	sum := sha256.Sum256([]byte("passkey\x00" + string(h.person.ID)))
	return sum[:]
}

// WebAuthnName returns what tells accounts apart where the person chooses one.
func (h holder) WebAuthnName() string {
	if h.person.Email != nil {
		return *h.person.Email
	}
	return h.person.called()
}

// WebAuthnDisplayName returns the person's name.
func (h holder) WebAuthnDisplayName() string { return h.person.called() }

// WebAuthnCredentials returns the passkeys.
func (h holder) WebAuthnCredentials() []webauthn.Credential {
	return kit.Map(h.passkeys, (*Passkey).stored)
}

// PasskeyService adds and removes passkeys, and signs persons in by them.
type PasskeyService struct {
	core     *kit.Core
	passkeys store.Collection[Passkey]
	persons  *PersonService
	sessions *SessionService
	// site is where passkeys are good; nil if nowhere.
	site *webauthn.WebAuthn
}

// Of returns the viewer's own passkeys, the newest first; empty for whoever has none.
func (s *PasskeyService) Of(ctx context.Context, v *kit.Viewer) ([]Passkey, error) {
	found, err := s.of(ctx, v.ID)
	own := make([]Passkey, 0, len(found))
	for _, one := range slices.Backward(found) {
		own = append(own, *one)
	}
	return own, err
}

// of reads the passkeys of a person, the oldest first.
func (s *PasskeyService) of(ctx context.Context, person kit.ID) ([]*Passkey, error) {
	plan, err := s.passkeys.Plan(OfThePerson(person, "createdAt"))
	if err != nil {
		return nil, err
	}
	page, err := s.passkeys.Page(ctx, plan, store.Range{Limit: store.MaxLimit})
	return page.Docs, err
}

// addPurpose is the purpose of a challenge for a new passkey of a person.
func addPurpose(person kit.ID) string { return "add passkey " + string(person) }

// BeginPasskeyPayload has what the authenticator of a person needs to make a passkey; its fields are nil if UserErrors is
// not empty.
type BeginPasskeyPayload struct {
	Challenge  *kit.ID
	ExpiresAt  *kit.DateTime
	Options    *string
	UserErrors []kit.UserError
}

// Begin makes a challenge for a new passkey of the caller, and the options for its authenticator. Everybody may call it;
// without a record of one's own it is NOT_ALLOWED_IN_STATE. PRESENCE_REQUIRED as in kit.Core.Present, because who has the
// passkey gets in from then on. FULL for a person who has maxPasskeys. UNAVAILABLE where passkeys are good nowhere.
func (s *PasskeyService) Begin(ctx context.Context) (*BeginPasskeyPayload, error) {
	if s.site == nil {
		return nil, kit.Refuse(kit.Unavailable, "unavailable", nil)
	}
	p, err := s.persons.present(ctx)
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &BeginPasskeyPayload{UserErrors: faults}, err
	}
	all, err := s.of(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	if len(all) >= maxPasskeys {
		return &BeginPasskeyPayload{UserErrors: full(ctx).List}, nil
	}
	challenge, expires, err := s.core.SealedChallenge(addPurpose(p.ID), challengeLife)
	if err != nil {
		return nil, err
	}
	options, err := s.creation(holder{p, all}, challenge)
	if err != nil {
		return nil, err
	}
	return &BeginPasskeyPayload{Challenge: new(named(challenge)), ExpiresAt: &expires, Options: &options}, nil
}

func full(ctx context.Context) *kit.Faults {
	f := kit.NewFaults(ctx)
	f.Add(kit.CodeFull, "input", "full", nil)
	return f
}

// AddPasskeyInput has what an authenticator made for a challenge, and what the person calls it.
type AddPasskeyInput struct {
	Challenge  kit.ID
	Name       string
	Credential string
}

// AddPasskeyPayload has the new passkey; it is nil if UserErrors is not empty.
type AddPasskeyPayload struct {
	Passkey    *Passkey
	UserErrors []kit.UserError
}

// Add adds a passkey to the caller and tells the caller by mail. Everybody may call it; without a record of one's own it
// is NOT_ALLOWED_IN_STATE. A credential that does not answer the challenge is INVALID, and so is a challenge that is not
// the caller's, that was used or that is older than challengeLife. A passkey that is there is a DUPLICATE, and one more
// than maxPasskeys is FULL. PRESENCE_REQUIRED as in kit.Core.Present. UNAVAILABLE where passkeys are good nowhere.
func (s *PasskeyService) Add(ctx context.Context, in AddPasskeyInput) (*AddPasskeyPayload, error) {
	if s.site == nil {
		return nil, kit.Refuse(kit.Unavailable, "unavailable", nil)
	}
	var added *Passkey
	err := s.core.Write(ctx, "addPasskey", func(ctx context.Context, note func(kit.Change)) error {
		p, err := s.persons.present(ctx)
		if err != nil {
			return err
		}
		in, f := in, kit.NewFaults(ctx)
		f.Line("input.name", &in.Name, 100, true)
		made := s.made(f, p, in)
		if err := f.Err(); err != nil {
			return err
		}
		if err := s.admits(ctx, p, made, in.Challenge); err != nil {
			return err
		}
		made.Name, made.CreatedAt = in.Name, kit.DateTimeOf(s.core.Wall())
		if err := s.passkeys.Insert(ctx, made); err != nil {
			return err
		}
		note(kit.Changed(PasskeyNoun, made, kit.Created))
		added = made
		return s.tell(ctx, p, "mail.passkeyAdded", made)
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &AddPasskeyPayload{UserErrors: faults}, err
	}
	return &AddPasskeyPayload{Passkey: added}, nil
}

// made returns the passkey that an authenticator made for a challenge of a person; it adds a fault if it is not good.
func (s *PasskeyService) made(f *kit.Faults, p *Person, in AddPasskeyInput) *Passkey {
	challenge, ok := opened(in.Challenge)
	if !f.Within("input.credential", in.Credential, maxCredential) {
		return nil
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(in.Credential))
	if err == nil && ok && s.core.OpenChallenge(addPurpose(p.ID), challenge) {
		var made *webauthn.Credential
		if made, err = s.site.CreateCredential(holder{person: p}, s.creating(p, challenge), parsed); err == nil {
			return &Passkey{
				ID: passkeyID(made.ID), PersonID: p.ID, Credential: base64.RawURLEncoding.EncodeToString(made.ID), PublicKey: base64.RawURLEncoding.EncodeToString(made.PublicKey),
				SignCount: int64(made.Authenticator.SignCount), BackupEligible: made.Flags.BackupEligible,
			}
		}
	}
	f.Add(kit.CodeInvalid, "input.credential", "invalid.passkey", nil)
	return nil
}

// admits uses up the challenge of a new passkey of a person, and finds out whether there is room for it.
func (s *PasskeyService) admits(ctx context.Context, p *Person, made *Passkey, challenge kit.ID) error {
	f := kit.NewFaults(ctx)
	if err := s.core.Touch(ctx, "passkeys", string(p.ID)); err != nil {
		return err
	}
	first, err := s.core.Spend(ctx, string(challenge))
	if err != nil {
		return err
	}
	if !first {
		f.Add(kit.CodeInvalid, "input.credential", "invalid.passkey", nil)
		return f
	}
	switch _, err := s.passkeys.Get(ctx, string(made.ID)); {
	case err == nil:
		f.Add(kit.CodeDuplicate, "input.credential", "duplicate.passkey", nil)
		return f
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	all, err := s.of(ctx, p.ID)
	if err == nil && len(all) >= maxPasskeys {
		return full(ctx)
	}
	return err
}

// tell sends a person a message about a passkey, in a transaction.
func (s *PasskeyService) tell(ctx context.Context, p *Person, key string, about *Passkey) error {
	return s.persons.tell(ctx, p, kit.Letter{Key: key, Params: map[string]any{"name": about.Name}, Path: "/sign-in", Action: "mail.action.signIn"})
}

// RemovePasskeyInput names a passkey of the caller.
type RemovePasskeyInput struct{ Passkey kit.ID }

// RemovePasskeyPayload has the id of the passkey that is gone; it is nil if UserErrors is not empty.
type RemovePasskeyPayload struct {
	Removed    *kit.ID
	UserErrors []kit.UserError
}

// Remove takes a passkey from the caller and tells the caller by mail. Sessions that it began go on. Everybody may call
// it; without a record of one's own it is NOT_ALLOWED_IN_STATE, and a passkey that is not the caller's is NOT_FOUND.
// PRESENCE_REQUIRED as in kit.Core.Present.
func (s *PasskeyService) Remove(ctx context.Context, in RemovePasskeyInput) (*RemovePasskeyPayload, error) {
	err := s.core.Write(ctx, "removePasskey", func(ctx context.Context, note func(kit.Change)) error {
		p, err := s.persons.present(ctx)
		if err != nil {
			return err
		}
		one, err := s.passkeys.Get(ctx, string(in.Passkey))
		if errors.Is(err, store.ErrNotFound) || err == nil && one.PersonID != p.ID {
			return kit.Refuse(kit.NotFound, "notFound", nil)
		}
		if err != nil {
			return err
		}
		if err := s.passkeys.Delete(ctx, string(one.ID), one.Version); err != nil {
			return err
		}
		note(kit.Changed(PasskeyNoun, one, kit.Deleted))
		return s.tell(ctx, p, "mail.passkeyRemoved", one)
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &RemovePasskeyPayload{UserErrors: faults}, err
	}
	return &RemovePasskeyPayload{Removed: &in.Passkey}, nil
}

// PasskeyErasures remove the passkeys of a person.
func PasskeyErasures(p *Person) []kit.Erasure {
	return []kit.Erasure{kit.Sweep[Passkey]{Of: PasskeyNoun, Query: OfThePerson(p.ID, "createdAt"), Away: true, Due: kit.Alone(func(*Passkey) []string {
		return []string{"person"}
	})}.Run}
}

// SweepErased removes the passkeys of persons who were erased before a day.
func (s *PasskeyService) SweepErased(ctx context.Context, before kit.Date, dry bool) (int, error) {
	return kit.Sweep[Passkey]{Of: PasskeyNoun, Away: true, Due: func(ctx context.Context, all []*Passkey) ([][]string, error) {
		persons, err := s.persons.Stored(store.Looking(ctx), kit.Map(all, func(p *Passkey) kit.ID { return p.PersonID }))
		if err != nil {
			return nil, err
		}
		fields := make([][]string, len(all))
		for i, p := range persons {
			if p != nil && p.ErasedOn != nil && *p.ErasedOn < before {
				fields[i] = []string{"person"}
			}
		}
		return fields, nil
	}}.Run(ctx, s.core, dry)
}
