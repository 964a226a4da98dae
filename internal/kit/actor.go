package kit

import (
	"context"
	"slices"
)

// Role is what a person may do. The scoped ones may do it only for the member, country or groups
// that the token names.
type Role string

// The roles.
const (
	RoleApplicant      Role = "APPLICANT"
	RoleDelegate       Role = "DELEGATE"
	RoleFocalPoint     Role = "FOCAL_POINT"
	RoleAdministration Role = "ADMINISTRATION"
	RoleReviewer       Role = "REVIEWER"
	RoleSecretariat    Role = "SECRETARIAT"
	RoleOperator       Role = "OPERATOR"
)

// Roles are all roles.
var Roles = []Role{RoleApplicant, RoleDelegate, RoleFocalPoint, RoleAdministration, RoleReviewer, RoleSecretariat, RoleOperator}

// Valid refuses what is none of Roles.
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

// Anonymous says whether nobody signed in.
func (a Actor) Anonymous() bool { return a.Subject == "" }

// Has says whether the actor holds the role and the claim that the role needs: a scoped role without
// its scope may do nothing.
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

// HasAny says whether the actor holds one of the roles.
func (a Actor) HasAny(roles ...Role) bool { return slices.ContainsFunc(roles, a.Has) }

// Of says whether the actor acts for this member.
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

// SpeaksFor says whether the actor may speak for a member or country: its focal point, or its
// administration.
func (a Actor) SpeaksFor(entity ID) bool { return a.Leads(entity) || a.Governs(entity) }

// ActsFor says whether the actor acts for a member or country: as one who speaks for it, or as a
// delegate of the member.
func (a Actor) ActsFor(entity ID) bool { return a.Of(entity) || a.Governs(entity) }

// Require refuses whoever holds none of the roles: UNAUTHENTICATED for a visitor, else FORBIDDEN.
func (a Actor) Require(roles ...Role) error {
	switch {
	case a.Anonymous():
		return Refuse(Unauthenticated, "unauthenticated", nil)
	case !a.HasAny(roles...):
		return Refuse(Forbidden, "forbidden", nil)
	}
	return nil
}

// Require is the coarse gate of the schema's @hasRole; services check ownership themselves.
func Require(ctx context.Context, roles ...Role) error { return ActorOf(ctx).Require(roles...) }

type (
	actorKey   struct{}
	localeKey  struct{}
	requestKey struct{}
)

// WithActor puts who asks into a context.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorOf is who asks; an anonymous visitor if nobody was put in.
func ActorOf(ctx context.Context) Actor {
	a, _ := ctx.Value(actorKey{}).(Actor)
	return a
}

// WithLocale puts the caller's language into a context.
func WithLocale(ctx context.Context, l Locale) context.Context {
	return context.WithValue(ctx, localeKey{}, l)
}

// LocaleOf is the caller's language, English if none was put in.
func LocaleOf(ctx context.Context) Locale {
	if l, ok := ctx.Value(localeKey{}).(Locale); ok {
		return l
	}
	return English
}

// WithRequest puts the request's id into a context, for audit entries and logs.
func WithRequest(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

// RequestOf is the request's id; empty outside a request.
func RequestOf(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// Viewer is the person who asks, as the answer to `viewer`.
type Viewer struct {
	ID          ID
	Roles       []Role
	Groups      []string
	Locale      Locale
	MemberID    ID
	CountryCode string
	// application is that of an APPLICANT.
	ApplicationID ID
}

// View is the viewer of a context, nil for an anonymous visitor.
func View(ctx context.Context) *Viewer {
	a := ActorOf(ctx)
	if a.Anonymous() {
		return nil
	}
	return &Viewer{ID: a.Subject, Roles: a.Roles, Groups: a.Groups, Locale: LocaleOf(ctx), MemberID: a.Member, CountryCode: a.Country, ApplicationID: a.Application}
}

type sourceKey struct{}

// WithSource keeps the network that a request comes from, as far as it is known.
func WithSource(ctx context.Context, network string) context.Context {
	return context.WithValue(ctx, sourceKey{}, network)
}

// SourceOf is the network that a request comes from: an IPv4 address or an IPv6 /64. All requests whose
// network nobody knows have the same source, which is empty.
func SourceOf(ctx context.Context) string {
	network, _ := ctx.Value(sourceKey{}).(string)
	return network
}

// readAll says whether the actor reads all replies to consultations of a group.
func (a Actor) ReadsAll(group string) bool { return a.Has(RoleSecretariat) || a.Reviews(group) }

// Reviews says whether the actor is a reviewer of a group.
func (a Actor) Reviews(group string) bool {
	return a.Has(RoleReviewer) && slices.Contains(a.Groups, group)
}

// Entity is the member or country for which the actor acts, empty for none.
func (a Actor) Entity() ID {
	switch {
	case a.Of(a.Member):
		return a.Member
	case a.Has(RoleAdministration):
		return CountryID(a.Country)
	}
	return ""
}
