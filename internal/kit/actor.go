package kit

import (
	"context"
	"slices"
	"strings"
)

// Role says what a person may do. DELEGATE, FOCAL_POINT and ADMINISTRATION follow from current mandates and hold for
// their member or State; SECRETARIAT, OPERATOR and REVIEWER from grants, REVIEWER for its groups; APPLICANT from the
// code of one application and for that one.
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

// TheMachine is who acts where somebody shows that the machine is theirs and not who they are: by a command, or by the
// code of the first operator.
const TheMachine ID = "usr_operator"

// StaffRoles are the roles that follow from grants, and never from mandates.
var StaffRoles = []Role{RoleReviewer, RoleSecretariat, RoleOperator}

// StaffArea is a part of the work of the secretariat, to which a grant may be limited.
type StaffArea string

// The areas.
const (
	AreaConsultations StaffArea = "CONSULTATIONS"
	AreaEvents        StaffArea = "EVENTS"
	AreaFinance       StaffArea = "FINANCE"
	AreaMembership    StaffArea = "MEMBERSHIP"
)

// StaffAreas lists every area; Valid accepts no other.
var StaffAreas = []StaffArea{AreaConsultations, AreaEvents, AreaFinance, AreaMembership}

// Valid refuses a value that is not in StaffAreas.
func (v StaffArea) Valid() error { return CheckOneOf(v, StaffAreas, "area") }

// secretariat returns what a service asks for where SECRETARIAT must have the area.
func (v StaffArea) secretariat() Role { return RoleSecretariat + " " + Role(v) }

// What services ask for instead of RoleSecretariat where it must not be limited to other areas. Nobody is granted
// these; Actor.Has knows them. WholeSecretariat is for who has every area.
var (
	ConsultationsSecretariat = AreaConsultations.secretariat()
	EventsSecretariat        = AreaEvents.secretariat()
	FinanceSecretariat       = AreaFinance.secretariat()
	MembershipSecretariat    = AreaMembership.secretariat()
	WholeSecretariat         = StaffArea("").secretariat()
)

// Valid refuses a value that is not in Roles.
func (v Role) Valid() error { return CheckOneOf(v, Roles, "role") }

// Acting is a mandate that holds now, for a member or a State.
type Acting struct {
	// Entity is a member or a country (mem_…, cty_…).
	Entity ID
	// Role is FOCAL_POINT or DELEGATE of a member, ADMINISTRATION for a focal point of a State, or DELEGATE of a State.
	Role Role
}

// possible says whether there can be such a mandate: FOCAL_POINT of a member, ADMINISTRATION of a country, DELEGATE of
// either.
func (m Acting) possible() bool {
	state := m.Entity.Prefix() == CountryPrefix
	return m.Entity != "" && (m.Role == RoleDelegate || (m.Role == RoleAdministration) == state)
}

// Actor is who asks, with the authority that the records give at this request. The zero value is an anonymous
// visitor.
type Actor struct {
	// Subject is the person (usr_…).
	Subject ID
	Roles   []Role
	// Mandates scope DELEGATE, FOCAL_POINT and ADMINISTRATION, Groups scope REVIEWER, and Application scopes APPLICANT.
	Mandates    []Acting
	Groups      []string
	Application ID
	// Areas limit SECRETARIAT; without any it is not limited.
	Areas []StaffArea
	// Self is the person's record, as it was read for this authority; nil for whoever has none.
	Self any
}

// ActingFor returns an actor with one role and one mandate.
func ActingFor(person ID, role Role, entity ID) Actor {
	return Actor{Subject: person, Roles: []Role{role}, Mandates: []Acting{{entity, role}}}
}

// Anonymous says whether the caller is a visitor who did not sign in.
func (a Actor) Anonymous() bool { return a.Subject == "" }

// Has says whether the actor holds the role and has the scope that it needs. A scoped role without its scope
// counts as not held.
func (a Actor) Has(r Role) bool {
	if role, area, limited := strings.Cut(string(r), " "); limited {
		return a.Has(Role(role)) && (len(a.Areas) == 0 || slices.Contains(a.Areas, StaffArea(area)))
	}
	if a.Anonymous() || !slices.Contains(a.Roles, r) {
		return false
	}
	switch r {
	case RoleFocalPoint, RoleDelegate, RoleAdministration:
		return slices.ContainsFunc(a.Mandates, func(m Acting) bool { return m.Role == r && m.possible() })
	case RoleReviewer:
		return len(a.Groups) > 0
	case RoleApplicant:
		return a.Application != ""
	}
	return true
}

// HasAny says whether the actor holds at least one of the roles.
func (a Actor) HasAny(roles ...Role) bool { return slices.ContainsFunc(roles, a.Has) }

// as says whether the actor has a mandate for an entity in a role.
func (a Actor) as(role Role, entity ID) bool {
	return a.Has(role) && Acting{entity, role}.possible() && slices.Contains(a.Mandates, Acting{entity, role})
}

// Of says whether the actor is a focal point of this member, or a delegate of this member or State.
func (a Actor) Of(entity ID) bool { return a.as(RoleFocalPoint, entity) || a.as(RoleDelegate, entity) }

// Governs says whether the actor is the administration of this country: one of its focal points.
func (a Actor) Governs(country ID) bool { return a.as(RoleAdministration, country) }

// Leads says whether the actor is a focal point of this member.
func (a Actor) Leads(member ID) bool { return a.as(RoleFocalPoint, member) }

// AppliesBy says whether the actor is the applicant of this application.
func (a Actor) AppliesBy(application ID) bool {
	return a.Application == application && a.Has(RoleApplicant)
}

// SpeaksFor says whether the actor is a focal point of this member or the administration of this country.
func (a Actor) SpeaksFor(entity ID) bool { return a.Leads(entity) || a.Governs(entity) }

// ActsFor says whether the actor is a focal point or a delegate of this member or State.
func (a Actor) ActsFor(entity ID) bool { return a.Of(entity) || a.Governs(entity) }

// Entities returns the members and States for which the actor acts, each once, in the order of their ids.
func (a Actor) Entities() []ID {
	var all []ID
	for _, m := range a.Mandates {
		if a.ActsFor(m.Entity) {
			all = append(all, m.Entity)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Governed returns the countries of which the actor is the administration.
func (a Actor) Governed() []ID {
	return slices.DeleteFunc(a.Entities(), func(id ID) bool { return !a.Governs(id) })
}

// Writes returns the entity for which a mutation is: the one that its input names at input.entity, or else the
// actor's only one. An actor with several who names none gets REQUIRED, and so does SECRETARIAT; one with none gets
// FORBIDDEN. It does not check that the actor acts for an entity that is named.
func (a Actor) Writes(ctx context.Context, named *ID) (ID, error) {
	own := a.Entities()
	switch {
	case named != nil:
		return *named, nil
	case len(own) == 1:
		return own[0], nil
	case len(own) == 0 && !a.Has(RoleSecretariat):
		return "", Refuse(Forbidden, "forbidden", nil)
	}
	f := NewFaults(ctx)
	f.Add(CodeRequired, "input.entity", "required.entity", nil)
	return "", f
}

// Own returns the entity for which a field of a record is read: the one that is named, if the actor acts for it, or
// else the actor's only one. It is empty for an actor with none, and for one with several who names none.
func (a Actor) Own(named *ID) ID {
	own, err := a.Among(named, a.ActsFor)
	if err != nil || len(own) > 1 {
		return ""
	}
	return own[0]
}

// Among returns those of an actor's entities that may admits, and of these only the one that is named, if any.
// FORBIDDEN if there is none.
func (a Actor) Among(named *ID, may func(ID) bool) ([]ID, error) {
	own := slices.DeleteFunc(a.Entities(), func(id ID) bool { return !may(id) || named != nil && *named != id })
	if len(own) == 0 {
		return nil, Refuse(Forbidden, "forbidden", nil)
	}
	return own, nil
}

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
	ID     ID
	Roles  []Role
	Groups []string
	// Areas limit SECRETARIAT; without any it is not limited.
	Areas  []StaffArea
	Locale Locale
	// ApplicationID is set for an APPLICANT only.
	ApplicationID ID
	// Unlinked says that no person of the records has the identity of the token.
	Unlinked bool

	// actsFor are the members and States for which the viewer acts.
	actsFor []ID
}

// View returns the viewer of a context, nil for an anonymous visitor.
func View(ctx context.Context) *Viewer {
	a := ActorOf(ctx)
	if a.Anonymous() {
		return nil
	}
	return &Viewer{ID: a.Subject, Roles: append([]Role{}, a.Roles...), Groups: append([]string{}, a.Groups...), Areas: append([]StaffArea{}, a.Areas...), Locale: LocaleOf(ctx), ApplicationID: a.Application, Unlinked: a.Self == nil && a.Application == "", actsFor: a.Entities()}
}

// ActsFor returns the members and States for which the viewer acts.
func (v *Viewer) ActsFor() []ID { return v.actsFor }

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

type deviceKey struct{}

// WithDevice returns a context with the program and the system that the request comes from.
func WithDevice(ctx context.Context, device string) context.Context {
	return context.WithValue(ctx, deviceKey{}, device)
}

// DeviceOf returns the program and the system that the request comes from, such as «Firefox on Linux»; empty if they
// are not known.
func DeviceOf(ctx context.Context) string {
	device, _ := ctx.Value(deviceKey{}).(string)
	return device
}

// ReadsAll says whether the actor may read every reply to the consultations of a group.
func (a Actor) ReadsAll(group string) bool {
	return a.Has(ConsultationsSecretariat) || a.Reviews(group)
}

// Reviews says whether the actor is a reviewer of a group.
func (a Actor) Reviews(group string) bool {
	return a.Has(RoleReviewer) && slices.Contains(a.Groups, group)
}
