package kit

import (
	"context"
	"time"
)

// Proof is what a valid token says about who asks. It proves an identity and may narrow what the records allow; it
// gives no role, but for the staff roles that an operator mapped and for APPLICANT, which is no role of a person.
type Proof struct {
	// Subject is the person (usr_…) of a token that the portal issued; empty for a token of another issuer.
	Subject ID
	// Issuer and IssuerSubject are the identity of a token that another issuer issued.
	Issuer, IssuerSubject string
	// Email is the address that the other issuer names; EmailVerified says that the issuer checked it.
	Email         string
	EmailVerified bool

	// Roles are those that the token asks for; nil asks for all that the records give.
	Roles []Role
	// Groups, if there are any, are the only groups for which REVIEWER holds. Entities, if there are any, are the only
	// members and States for which mandates hold.
	Groups   []string
	Entities []ID
	// Staff are the staff roles that the operator maps from claims of the issuer, StaffGroups those of REVIEWER, and
	// StaffAreas those to which SECRETARIAT is limited; without any it is not.
	Staff       []Role
	StaffGroups []string
	StaffAreas  []StaffArea
	// Application is the one for which the token was issued to an applicant.
	Application ID

	// IssuedAt is when the token was made. AuthenticatedAt is when the person last showed who it is; zero if the token
	// does not say. Session is the session that the token belongs to; empty for a token of none.
	IssuedAt, AuthenticatedAt time.Time
	Session                   ID
}

type (
	authorityKey struct{}
	proofKey     struct{}
)

// WithProof returns a context with what the caller's token proves.
func WithProof(ctx context.Context, p Proof) context.Context {
	return context.WithValue(ctx, proofKey{}, p)
}

// ProofOf returns what the caller's token proves; the zero value for a caller without one.
func ProofOf(ctx context.Context) Proof {
	p, _ := ctx.Value(proofKey{}).(Proof)
	return p
}

// ReadingAuthority returns a context for the one read by which a request learns what the caller may do.
func ReadingAuthority(ctx context.Context) context.Context {
	return context.WithValue(ctx, authorityKey{}, true)
}

// ReadsAuthority says whether a context is that of ReadingAuthority. Tests count these reads apart.
func ReadsAuthority(ctx context.Context) bool { return ctx.Value(authorityKey{}) != nil }

const (
	// presenceLife is how long ago a person may have shown who it is, for what cannot be undone.
	presenceLife = 15 * time.Minute
	// presenceLeeway is how much the clock of an issuer may be ahead.
	presenceLeeway = 30 * time.Second
)

// Present is PRESENCE_REQUIRED if the caller's token does not say that the person showed who it is within the last 15
// minutes. A token that says nothing of it counts as one that says no, so that a program with an account of its own
// cannot do what is asked. A command has no token: whoever may run it has the machine.
func (c *Core) Present(ctx context.Context) error {
	p, has := ctx.Value(proofKey{}).(Proof)
	age := c.Wall().Sub(p.AuthenticatedAt)
	if !has || !p.AuthenticatedAt.IsZero() && age < presenceLife && age > -presenceLeeway {
		return nil
	}
	f := NewFaults(ctx)
	f.Add(CodePresenceRequired, "input", "presenceRequired", nil)
	return f
}
