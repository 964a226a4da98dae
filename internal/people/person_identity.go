package people

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"memberportal/internal/input"
	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// maxIdentities is how many identities a person has at most.
const maxIdentities = 10

// Identity is a person at another issuer. Its subject is kept only as a hash, which is enough to find the person.
type Identity struct {
	// Key is the hash of issuer and subject.
	Key    string `bson:"key"`
	Issuer string `bson:"issuer"`
	// LinkedAt is when the person linked it. LastSeenAt is the hour in which the person last used it. Both are of the
	// machine.
	LinkedAt   kit.DateTime `bson:"linkedAt"`
	LastSeenAt kit.DateTime `bson:"lastSeenAt"`
}

// ID returns the id by which an identity is unlinked. It is no node.
func (i Identity) ID() kit.ID { return kit.ID("idn_" + i.Key[:min(len(i.Key), 24)]) }

// identityKey returns the hash by which an identity is found.
func identityKey(issuer, subject string) string {
	sum := identitySum(issuer, subject)
	return hex.EncodeToString(sum[:])
}

// identitySum is SHA-256(issuer, a zero byte, subject).
func identitySum(issuer, subject string) [sha256.Size]byte {
	return sha256.Sum256([]byte(issuer + "\x00" + subject))
}

// newIdentity is an identity that is linked now.
func newIdentity(issuer, key string, now time.Time) Identity {
	return Identity{Key: key, Issuer: issuer, LinkedAt: kit.DateTimeOf(now), LastSeenAt: kit.DateTimeOf(now.Truncate(time.Hour))}
}

// ShownIdentities returns the identities of a person to the person itself and SECRETARIAT; empty for others.
func (p *Person) ShownIdentities(ctx context.Context) []Identity {
	a := kit.ActorOf(ctx)
	if a.Subject != p.ID && !a.Has(kit.MembershipSecretariat) {
		return []Identity{}
	}
	return kit.OrEmpty(p.StoredIdentities)
}

// withIdentity returns the persons who have an identity: one, or none. It does not check the caller's rights.
func (s *PersonService) withIdentity(ctx context.Context, key string) ([]*Person, error) {
	plan, err := s.persons.Plan(store.Query{Any: []store.Where{{"identity": {key}}}})
	if err != nil {
		return nil, err
	}
	page, err := s.persons.Page(ctx, plan, store.Range{Limit: 2})
	return page.Docs, err
}

// identified returns the person of a token of another issuer; nil if there is none. A person who comes for the first
// time in an hour is noted, and one who comes for the first time at all is linked if the operator lets the issuer's
// word for an address count.
func (s *PersonService) identified(ctx context.Context, proof kit.Proof) (*Person, error) {
	key := identityKey(proof.Issuer, proof.IssuerSubject)
	found, err := s.withIdentity(kit.ReadingAuthority(ctx), key)
	switch {
	case err != nil || len(found) > 1:
		return nil, err
	case len(found) == 1:
		s.see(ctx, found[0], key)
		return found[0], nil
	case !s.linkVerified || !proof.EmailVerified:
		return nil, nil
	}
	p, err := s.linkByAddress(ctx, proof, key)
	if errors.Is(err, store.ErrReadOnly) {
		return nil, nil
	}
	return p, err
}

// see notes the hour in which an identity was last used. It writes at most once an hour, and a request does not fail
// if that fails.
func (s *PersonService) see(ctx context.Context, p *Person, key string) {
	hour := kit.DateTimeOf(s.core.Wall().Truncate(time.Hour))
	stale := func(i Identity) bool { return i.Key == key && i.LastSeenAt < hour }
	if !slices.ContainsFunc(p.StoredIdentities, stale) {
		return
	}
	_ = s.core.Transact(ctx, func(ctx context.Context) error {
		now, err := s.persons.Get(ctx, string(p.ID))
		if err != nil {
			return err
		}
		i := slices.IndexFunc(now.StoredIdentities, stale)
		if i < 0 {
			return nil
		}
		now.StoredIdentities[i].LastSeenAt = hour
		if err := s.persons.Replace(ctx, now); err != nil {
			return err
		}
		*p = *now
		return nil
	})
}

// linkByAddress links an identity to the only person who has the address that its issuer verified, if the person has
// confirmed it here. A person who has an
// identity of this issuer gets no second one in this way: at the issuer the address may have passed to somebody else.
func (s *PersonService) linkByAddress(ctx context.Context, proof kit.Proof, key string) (linked *Person, err error) {
	address, fault := input.Address(proof.Email)
	if fault != nil {
		return nil, nil
	}
	fits := func(all []*Person) bool {
		return len(all) == 1 && all[0].maySignIn() && all[0].EmailConfirmedAt != nil && len(all[0].StoredIdentities) < maxIdentities &&
			!slices.ContainsFunc(all[0].StoredIdentities, func(i Identity) bool { return i.Issuer == proof.Issuer })
	}
	if all, err := s.withAddress(ctx, address); err != nil || !fits(all) {
		return nil, err
	}
	err = s.core.Transact(ctx, func(ctx context.Context) error {
		linked = nil
		if err := s.core.Touch(ctx, "identity", key); err != nil {
			return err
		}
		if there, err := s.withIdentity(ctx, key); err != nil || len(there) > 0 {
			return err
		}
		all, err := s.withAddress(ctx, address)
		if err != nil || !fits(all) {
			return err
		}
		linked = all[0]
		return s.core.Write(kit.WithActor(ctx, kit.Actor{Subject: linked.ID}), "linkIdentity", func(ctx context.Context, note func(kit.Change)) error {
			return s.link(ctx, note, linked, proof.Issuer, key)
		})
	})
	return linked, err
}

// link adds an identity to a person and tells the person, in a transaction.
func (s *PersonService) link(ctx context.Context, note func(kit.Change), p *Person, issuer, key string) error {
	p.StoredIdentities = append(p.StoredIdentities, newIdentity(issuer, key, s.core.Wall()))
	if err := s.save(ctx, note, p, "identities"); err != nil {
		return err
	}
	return s.tell(ctx, p, kit.Letter{Key: "mail.identityLinked", Params: map[string]any{"issuer": issuer}, Path: "/sign-in", Action: "mail.action.signIn"})
}

// LinkIdentityInput has an access token of another issuer.
type LinkIdentityInput struct{ Token string }

// LinkIdentityPayload has the caller's record with the identity: Person is nil if UserErrors is not empty.
type LinkIdentityPayload struct {
	Person     *Person
	UserErrors []kit.UserError
}

// Link links to the caller the identity that a token of another issuer proves, and tells the caller by mail. Everybody
// may call it; without a record of one's own it is NOT_ALLOWED_IN_STATE. A token that is not valid, or of the portal
// itself, is INVALID; an identity that a person has is a DUPLICATE, and one more than maxIdentities is FULL.
// PRESENCE_REQUIRED as in kit.Core.Present, because who has the identity gets in from then on. UNAVAILABLE if the keys
// of the issuer cannot be had.
func (s *PersonService) Link(ctx context.Context, in LinkIdentityInput) (*LinkIdentityPayload, error) {
	p, err := s.changeIdentities(ctx, "linkIdentity", func(ctx context.Context, note func(kit.Change), p *Person, f *kit.Faults) error {
		proof, good := kit.Proof{}, false
		if s.prove != nil {
			var err error
			if proof, good, err = s.prove(in.Token); err != nil {
				return err
			}
		}
		if !good || proof.Issuer == "" {
			f.Add(kit.CodeInvalid, "input.token", "invalid.token", nil)
			return f
		}
		return s.linkProved(ctx, note, p, f, proof)
	})
	faults, err := kit.UserErrorsOf(err)
	return &LinkIdentityPayload{p, faults}, err
}

// LinkProved is Link for an identity that the caller has already proved to the program, by an ID token.
func (s *PersonService) LinkProved(ctx context.Context, proof kit.Proof) (*LinkIdentityPayload, error) {
	p, err := s.changeIdentities(ctx, "linkIdentity", func(ctx context.Context, note func(kit.Change), p *Person, f *kit.Faults) error {
		return s.linkProved(ctx, note, p, f, proof)
	})
	faults, err := kit.UserErrorsOf(err)
	return &LinkIdentityPayload{p, faults}, err
}

// MayLink says whether the caller may link an identity now: PRESENCE_REQUIRED as in kit.Core.Present.
func (s *PersonService) MayLink(ctx context.Context) error { return s.core.Present(ctx) }

// linkProved links to a person an identity that is nobody's, in a transaction.
func (s *PersonService) linkProved(ctx context.Context, note func(kit.Change), p *Person, f *kit.Faults, proof kit.Proof) error {
	key := identityKey(proof.Issuer, proof.IssuerSubject)
	if err := s.core.Touch(ctx, "identity", key); err != nil {
		return err
	}
	there, err := s.withIdentity(ctx, key)
	if err != nil {
		return err
	}
	if len(there) > 0 {
		f.Add(kit.CodeDuplicate, "input.token", "duplicate.identity", nil)
	}
	if len(p.StoredIdentities) >= maxIdentities {
		f.Add(kit.CodeFull, "input.token", "full", nil)
	}
	if err := f.Err(); err != nil {
		return err
	}
	return s.link(ctx, note, p, proof.Issuer, key)
}

// UnlinkIdentityInput names an identity of the caller.
type UnlinkIdentityInput struct{ Identity kit.ID }

// UnlinkIdentityPayload has the caller's record without the identity: Person is nil if UserErrors is not empty.
type UnlinkIdentityPayload struct {
	Person     *Person
	UserErrors []kit.UserError
}

// Unlink takes an identity from the caller, whose tokens then give nothing from the next request on, as those of the
// sessions that began by it, which end. It tells the caller by mail. Everybody may call it; without a record of one's
// own it is NOT_ALLOWED_IN_STATE, and an identity that the caller does not have is NOT_FOUND. PRESENCE_REQUIRED as in
// kit.Core.Present.
func (s *PersonService) Unlink(ctx context.Context, in UnlinkIdentityInput) (*UnlinkIdentityPayload, error) {
	p, err := s.changeIdentities(ctx, "unlinkIdentity", func(ctx context.Context, note func(kit.Change), p *Person, _ *kit.Faults) error {
		i := slices.IndexFunc(p.StoredIdentities, func(i Identity) bool { return i.ID() == in.Identity })
		if i < 0 {
			return kit.Refuse(kit.NotFound, "notFound", nil)
		}
		issuer := p.StoredIdentities[i].Issuer
		if err := s.core.Touch(ctx, "identity", p.StoredIdentities[i].Key); err != nil {
			return err
		}
		p.StoredIdentities = slices.Delete(p.StoredIdentities, i, i+1)
		if err := s.save(ctx, note, p, "identities"); err != nil {
			return err
		}
		if err := s.endBegun(ctx, note, p, in.Identity); err != nil {
			return err
		}
		return s.tell(ctx, p, kit.Letter{Key: "mail.identityUnlinked", Params: map[string]any{"issuer": issuer}, Path: "/sign-in", Action: "mail.action.signIn"})
	})
	faults, err := kit.UserErrorsOf(err)
	return &UnlinkIdentityPayload{p, faults}, err
}

// changeIdentities reads the caller's record and lets change change it.
func (s *PersonService) changeIdentities(ctx context.Context, operation string, change func(context.Context, func(kit.Change), *Person, *kit.Faults) error) (p *Person, err error) {
	err = s.core.Write(ctx, operation, func(ctx context.Context, note func(kit.Change)) (err error) {
		if p, err = s.present(ctx); err != nil {
			return err
		}
		return change(ctx, note, p, kit.NewFaults(ctx))
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// caller reads the record of the caller: NOT_ALLOWED_IN_STATE without one.
func (s *PersonService) caller(ctx context.Context) (*Person, error) {
	var p *Person
	err := store.ErrNotFound // as for a visitor, of whom nothing is read
	if id := kit.ActorOf(ctx).Subject; id != "" {
		p, err = s.persons.Get(ctx, string(id))
	}
	if errors.Is(err, store.ErrNotFound) {
		f := kit.NewFaults(ctx)
		f.Add(kit.CodeNotAllowedInState, "input", "notAllowedInState.noPerson", nil)
		return nil, f
	}
	return p, err
}

// present is caller for whoever must have shown lately who it is: PRESENCE_REQUIRED as in kit.Core.Present.
func (s *PersonService) present(ctx context.Context) (*Person, error) {
	p, err := s.caller(ctx)
	if err == nil {
		err = s.core.Present(ctx)
	}
	return p, err
}

// identify gives a new person the identity at another issuer with which the caller asks, if it asks with one that nobody
// has, and tells the person: whoever had the link may not be who has the address.
func (s *PersonService) identify(ctx context.Context, p *Person) error {
	proof := kit.ProofOf(ctx)
	if proof.Issuer == "" {
		return nil
	}
	key := identityKey(proof.Issuer, proof.IssuerSubject)
	if err := s.core.Touch(ctx, "identity", key); err != nil {
		return err
	}
	there, err := s.withIdentity(ctx, key)
	if err != nil || len(there) > 0 {
		return err
	}
	p.StoredIdentities = []Identity{newIdentity(proof.Issuer, key, s.core.Wall())}
	return s.tell(ctx, p, kit.Letter{Key: "mail.identityLinked", Params: map[string]any{"issuer": proof.Issuer}, Path: "/sign-in", Action: "mail.action.signIn"})
}
