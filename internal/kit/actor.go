package kit

import (
	"context"
	"slices"
)

// Role says what a person may do. DELEGATE, FOCAL_POINT, ADMINISTRATION, REVIEWER and APPLICANT hold only for the
// member, country, groups or application that the token names.
type Role string

// The roles; a person may hold several.
const (
	RoleApplicant      Role = "APPLICANT"
	RoleDelegate       Role = "DELEGATE"
	RoleFocalPoint     Role = "FOCAL_POINT"
	RoleAdministration Role = "ADMINISTRATION"
	RoleReviewer       Role = "REVIEWER"
	RoleSecretariat    Role = "SECRETARIAT"
	RoleOperator       Role = "OPERATOR"
)

// Roles lists every role; Valid accepts no other.
var Roles = []Role{RoleApplicant, RoleDelegate, RoleFocalPoint, RoleAdministration, RoleReviewer, RoleSecretariat, RoleOperator}

// Valid refuses a value that is not in Roles.
func (v Role) Valid() error { return CheckOneOf(v, Roles, "role") }

// Actor is who asks. The zero value is an anonymous visitor.
type Actor struct {
	// Subject is the person (usr_…).
	Subject ID
	Roles   []Role
	// Member scopes FOCAL_POINT and DELEGATE; Country (ISO 3166 alpha-2) scopes ADMINISTRATION; Groups
	// scope REVIEWER; Application scopes APPLICANT.
	Member      ID
	Country     string
	Groups      []string
	Application ID
}

// Anonymous says whether the caller is a visitor who did not sign in.
func (a Actor) Anonymous() bool { return a.Subject == "" }

// Has says whether the actor holds the role and has the scope that it needs. A scoped role without its scope
// counts as not held.
func (a Actor) Has(r Role) bool {
	if a.Anonymous() || !slices.Contains(a.Roles, r) {
		return false
	}
	switch r {
	case RoleFocalPoint, RoleDelegate:
		return a.Member != ""
	case RoleAdministration:
		return a.Country != ""
	case RoleReviewer:
		return len(a.Groups) > 0
	case RoleApplicant:
		return a.Application != ""
	}
	return true
}

// HasAny says whether the actor holds at least one of the roles.
func (a Actor) HasAny(roles ...Role) bool { return slices.ContainsFunc(roles, a.Has) }

// Of says whether the actor is a focal point or a delegate of this member.
func (a Actor) Of(member ID) bool {
	return a.Member == member && a.HasAny(RoleFocalPoint, RoleDelegate)
}

// Governs says whether the actor is the administration of this country.
func (a Actor) Governs(country ID) bool {
	return country != "" && a.Has(RoleAdministration) && CountryID(a.Country) == country
}

// Leads says whether the actor is a focal point of this member.
func (a Actor) Leads(member ID) bool { return a.Member == member && a.Has(RoleFocalPoint) }

// AppliesBy says whether the actor is the applicant of this application.
func (a Actor) AppliesBy(application ID) bool {
	return a.Application == application && a.Has(RoleApplicant)
}

// SpeaksFor says whether the actor is a focal point of this member or the administration of this country.
func (a Actor) SpeaksFor(entity ID) bool { return a.Leads(entity) || a.Governs(entity) }

// ActsFor says whether the actor is a focal point or a delegate of this member, or the administration of this
// country.
func (a Actor) ActsFor(entity ID) bool { return a.Of(entity) || a.Governs(entity) }

// Require returns nil if the actor holds one of the roles, UNAUTHENTICATED for a visitor and FORBIDDEN for
// anybody else.
func (a Actor) Require(roles ...Role) error {
	switch {
	case a.Anonymous():
		return Refuse(Unauthenticated, "unauthenticated", nil)
	case !a.HasAny(roles...):
		return Refuse(Forbidden, "forbidden", nil)
	}
	return nil
}

// Require does the check of the schema's @hasRole. It knows roles only: each service checks for which records the
// caller may use them.
func Require(ctx context.Context, roles ...Role) error { return ActorOf(ctx).Require(roles...) }

type (
	actorKey   struct{}
	localeKey  struct{}
	requestKey struct{}
)

// WithActor returns a context with the actor.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorOf returns the actor of a context, or an anonymous visitor if it has none.
func ActorOf(ctx context.Context) Actor {
	a, _ := ctx.Value(actorKey{}).(Actor)
	return a
}

// WithLocale returns a context with the caller's language.
func WithLocale(ctx context.Context, l Locale) context.Context {
	return context.WithValue(ctx, localeKey{}, l)
}

// LocaleOf returns the caller's language, or English if the context has none.
func LocaleOf(ctx context.Context) Locale {
	if l, ok := ctx.Value(localeKey{}).(Locale); ok {
		return l
	}
	return English
}

// WithRequest returns a context with the request's id, which audit entries and logs name.
func WithRequest(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

// RequestOf returns the request's id. It is empty for commands, which run without a request.
func RequestOf(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// Viewer is the answer to the query `viewer`: the person who asks.
type Viewer struct {
	ID          ID
	Roles       []Role
	Groups      []string
	Locale      Locale
	MemberID    ID
	CountryCode string
	// ApplicationID is set for an APPLICANT only.
	ApplicationID ID
}

// View returns the viewer of a context, nil for an anonymous visitor.
func View(ctx context.Context) *Viewer {
	a := ActorOf(ctx)
	if a.Anonymous() {
		return nil
	}
	return &Viewer{ID: a.Subject, Roles: a.Roles, Groups: a.Groups, Locale: LocaleOf(ctx), MemberID: a.Member, CountryCode: a.Country, ApplicationID: a.Application}
}

type sourceKey struct{}

// WithSource returns a context with the network that the request comes from.
func WithSource(ctx context.Context, network string) context.Context {
	return context.WithValue(ctx, sourceKey{}, network)
}

// SourceOf returns the network that the request comes from: an IPv4 address or an IPv6 /64. It is empty if the
// network is unknown, so that all such requests count as one source.
func SourceOf(ctx context.Context) string {
	network, _ := ctx.Value(sourceKey{}).(string)
	return network
}

// ReadsAll says whether the actor may read every reply to the consultations of a group.
func (a Actor) ReadsAll(group string) bool { return a.Has(RoleSecretariat) || a.Reviews(group) }

// Reviews says whether the actor is a reviewer of a group.
func (a Actor) Reviews(group string) bool {
	return a.Has(RoleReviewer) && slices.Contains(a.Groups, group)
}

// Entity returns the member or country for which the actor acts, or an empty id.
func (a Actor) Entity() ID {
	switch {
	case a.Of(a.Member):
		return a.Member
	case a.Has(RoleAdministration):
		return CountryID(a.Country)
	}
	return ""
}
