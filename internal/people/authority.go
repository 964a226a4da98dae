package people

import (
	"context"
	"encoding/base64"
	"errors"
	"reflect"
	"slices"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// hold repeats a mandate in the person's document, in place of what it says of this mandate, and leaves out mandates
// that have ended. It says whether that changes anything.
func (p *Person) hold(m HeldMandate, today kit.Date) bool {
	ended := func(h HeldMandate) bool { return h.on(today) == MandateEnded }
	held := slices.DeleteFunc(slices.Clone(p.Mandates), ended)
	switch i := slices.IndexFunc(held, func(h HeldMandate) bool { return h.ID == m.ID }); {
	case i >= 0:
		held[i] = m
	default:
		held = append(held, m)
	}
	held = slices.DeleteFunc(held, ended)
	known := slices.Contains(p.Entities, m.Entity)
	if !known {
		p.Entities = append(p.Entities, m.Entity)
	}
	changed := !known || !reflect.DeepEqual(held, p.Mandates)
	p.Mandates = held
	return changed
}

// acting returns what the person's current mandates allow.
func (p *Person) acting(today kit.Date) (all []kit.Acting) {
	for _, h := range p.Mandates {
		if h.on(today) != MandateCurrent {
			continue
		}
		role := kit.RoleDelegate
		switch state := h.Entity.Prefix() == kit.CountryPrefix; {
		case h.Role == MandateFocalPoint && state:
			role = kit.RoleAdministration
		case h.Role == MandateFocalPoint:
			role = kit.RoleFocalPoint
		}
		if a := (kit.Acting{Entity: h.Entity, Role: role}); !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	return all
}

// SubjectOf returns the id under which somebody acts whose identity no person has. It is the same at every sign-in,
// differs between issuers, and is never the id of a person: usr_ and the first 27 letters of
// base64url(SHA-256(issuer, a zero byte, subject)).
func SubjectOf(issuer, subject string) kit.ID {
	sum := identitySum(issuer, subject)
	return kit.ID("usr_" + base64.RawURLEncoding.EncodeToString(sum[:])[:27])
}

// Authority returns who asks, with what is current in the records today. A token narrows that and never widens it,
// but for the staff roles that an operator mapped from claims of an issuer. Whoever is no person of the records, or
// has no current mandate or grant, has no role. A token of a person who is disabled, or that was issued before the
// instant from which the person's tokens are void, is UNAUTHENTICATED. It costs one
// store call, and more only where an identity is linked, or used for the first time in an hour.
func (s *PersonService) Authority(ctx context.Context, proof kit.Proof) (kit.Actor, error) {
	a := kit.Actor{Subject: proof.Subject}
	if proof.Application != "" && slices.Contains(proof.Roles, kit.RoleApplicant) { // who applies is no person
		a.Roles, a.Application = []kit.Role{kit.RoleApplicant}, proof.Application
		return a, nil
	}
	if proof.Issuer != "" {
		a.Subject = SubjectOf(proof.Issuer, proof.IssuerSubject)
	}
	p, err := s.proved(ctx, proof)
	if err != nil {
		return kit.Actor{}, err
	}
	today := s.core.Clock.Today()
	if p != nil {
		if !p.accepts(proof) {
			return kit.Actor{}, kit.Refuse(kit.Unauthenticated, "badToken", nil)
		}
		a.Subject, a.Self = p.ID, p
		a.Mandates = p.acting(today)
		a.Roles, a.Groups, a.Areas = p.granted(today)
	}
	for _, m := range a.Mandates {
		a.Roles = append(a.Roles, m.Role)
	}
	if slices.Contains(proof.Staff, kit.RoleSecretariat) {
		if limited := len(a.Areas) > 0 || !slices.Contains(a.Roles, kit.RoleSecretariat); limited && len(proof.StaffAreas) > 0 {
			a.Areas = append(a.Areas, proof.StaffAreas...)
		} else {
			a.Areas = nil
		}
	}
	a.Roles = append(a.Roles, proof.Staff...)
	a.Groups = append(a.Groups, proof.StaffGroups...)
	return narrowed(a, proof), nil
}

// proved reads the person of a proof. It is nil if there is none, and if two have the same identity.
func (s *PersonService) proved(ctx context.Context, proof kit.Proof) (*Person, error) {
	if proof.Issuer == "" {
		p, err := s.persons.Get(kit.ReadingAuthority(ctx), string(proof.Subject))
		if errors.Is(err, store.ErrNotFound) {
			return nil, nil
		}
		return p, err
	}
	return s.identified(ctx, proof)
}

// narrowed keeps of an actor what a token asks for.
func narrowed(a kit.Actor, proof kit.Proof) kit.Actor {
	a.Mandates = slices.DeleteFunc(a.Mandates, func(m kit.Acting) bool {
		return len(proof.Entities) > 0 && !slices.Contains(proof.Entities, m.Entity)
	})
	a.Groups = slices.DeleteFunc(a.Groups, func(g string) bool { return len(proof.Groups) > 0 && !slices.Contains(proof.Groups, g) })
	slices.Sort(a.Groups)
	a.Groups = slices.Compact(a.Groups)
	var roles []kit.Role
	for _, role := range kit.Roles { // in one order, each once, and only with the scope that it needs
		if a.Has(role) && (len(proof.Roles) == 0 || slices.Contains(proof.Roles, role)) {
			roles = append(roles, role)
		}
	}
	a.Roles = roles
	a.Mandates = slices.DeleteFunc(a.Mandates, func(m kit.Acting) bool { return !slices.Contains(roles, m.Role) })
	return a
}

// accepts says whether a valid token of the person still counts.
func (p *Person) accepts(proof kit.Proof) bool {
	ended := slices.ContainsFunc(p.EndedSessions, func(e EndedSession) bool { return e.ID == proof.Session })
	return p.maySignIn() && !ended && (p.VoidBefore == nil || kit.DateTimeOf(proof.IssuedAt.UTC()) >= *p.VoidBefore)
}

// EndedSession is a session that ended while access tokens of it may still be about.
type EndedSession struct {
	ID kit.ID `bson:"id"`
	// Until is when the last access token of the session has expired.
	Until kit.DateTime `bson:"until"`
}

// maxEndedSessions is how many sessions a person has in EndedSessions at most.
const maxEndedSessions = 50

// endedKept is longer than an access token of a session is accepted, whose clock may differ a little.
const endedKept = 20 * time.Minute

// refuse keeps the tokens of a session that ends from being accepted, and forgets earlier sessions whose tokens have
// expired. If there are too many, every token that was issued to the person so far is void; sessions that go on then
// get new ones by their refresh tokens.
func (p *Person) refuse(session kit.ID, now time.Time) {
	p.EndedSessions = slices.DeleteFunc(p.EndedSessions, func(e EndedSession) bool { return e.Until <= kit.DateTimeOf(now) })
	if len(p.EndedSessions) == maxEndedSessions {
		p.EndedSessions, p.VoidBefore = nil, new(kit.DateTimeOf(now))
	}
	p.EndedSessions = append(p.EndedSessions, EndedSession{ID: session, Until: kit.DateTimeOf(now.Add(endedKept))})
}
