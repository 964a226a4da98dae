package people

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// Grant gives a person a staff role: SECRETARIAT, REVIEWER or OPERATOR.
type Grant struct {
	ID   kit.ID   `bson:"id"`
	Role kit.Role `bson:"role"`
	// Groups are those for which REVIEWER holds; empty for the other roles.
	Groups []string `bson:"groups,omitempty" most:"100"`
	// Areas limit SECRETARIAT; without any it is not limited. Empty for the other roles.
	Areas []kit.StaffArea `bson:"areas,omitempty" most:"4"`
	From  kit.Date        `bson:"from"`
	// Until is the first day after the grant; nil while no end is set.
	Until     *kit.Date    `bson:"until,omitempty"`
	GrantedBy kit.ID       `bson:"grantedBy"`
	GrantedAt kit.DateTime `bson:"grantedAt"`
}

// on says whether the grant holds on a day. A grant that ends on its first day never holds.
func (g Grant) on(day kit.Date) MandateState {
	return stateOf(g.From, g.Until, day)
}

// OnDuty returns the persons with each staff role today who are not shut out, without checking the caller's rights.
func (s *PersonService) OnDuty(ctx context.Context) (map[kit.Role][]*Person, error) {
	plan, err := s.persons.Plan(store.Query{Any: []store.Where{{"staff": {"STAFF"}}}})
	if err != nil {
		return nil, err
	}
	page, err := s.persons.Page(ctx, plan, store.Range{Limit: store.MaxLimit})
	staff := map[kit.Role][]*Person{}
	for _, p := range page.Docs {
		if !p.maySignIn() {
			continue
		}
		roles, _, _ := p.granted(s.core.Clock.Today())
		for _, role := range roles {
			staff[role] = append(staff[role], p)
		}
	}
	return staff, err
}

// OnStaff says whether the person is of the secretariat on a day.
func (p *Person) OnStaff(day kit.Date) bool {
	roles, _, _ := p.granted(day)
	return slices.Contains(roles, kit.RoleSecretariat)
}

// granted returns the staff roles that the person has on a day, the groups of REVIEWER, and the areas to which
// SECRETARIAT is limited: none if one grant is not.
func (p *Person) granted(day kit.Date) (roles []kit.Role, groups []string, areas []kit.StaffArea) {
	whole := false
	for _, g := range p.Grants {
		if g.on(day) != MandateCurrent {
			continue
		}
		if !slices.Contains(roles, g.Role) {
			roles = append(roles, g.Role)
		}
		groups = append(groups, g.Groups...)
		if g.Role == kit.RoleSecretariat {
			areas, whole = append(areas, g.Areas...), whole || len(g.Areas) == 0
		}
	}
	if whole {
		areas = nil
	}
	return roles, groups, areas
}

// maxGrants is how many grants a person has at most, those that ended included.
const maxGrants = 50

const grantPrefix = "grt"

// GrantRoleInput gives a person a staff role. From is today if it is left out; without Until the grant has no end.
type GrantRoleInput struct {
	IdempotencyKey *string
	Name           string
	Email          string
	Locale         *kit.Locale
	Role           kit.Role
	Groups         []string
	Areas          []kit.StaffArea
	From           *kit.Date
	Until          *kit.Date
}

// GrantRolePayload has the person with the grant: Person is nil if UserErrors is not empty.
type GrantRolePayload struct {
	Person     *Person
	UserErrors []kit.UserError
}

// EndGrantInput ends a grant today.
type EndGrantInput struct {
	Person          kit.ID
	ExpectedVersion int
	Grant           kit.ID
}

// EndGrantPayload has the person after the change: Person is nil if UserErrors is not empty.
type EndGrantPayload struct {
	Person     *Person
	UserErrors []kit.UserError
}

// Grant gives a person a staff role: SECRETARIAT, REVIEWER for groups, or OPERATOR. OPERATOR only. The person with
// this address and name gets the role, and is recorded if there is none; the address under another name is a
// DUPLICATE. A role that is granted already is a DUPLICATE, and a person with maxGrants grants is FULL.
// PRESENCE_REQUIRED as in kit.Core.Present. The person and the other operators are told by mail.
func (s *PersonService) Grant(ctx context.Context, in GrantRoleInput) (*GrantRolePayload, error) {
	return s.granting(ctx, in, func(ctx context.Context, p *Person, role kit.Role) error { return s.tellRole(ctx, p, role, roleGiven) })
}

// EnterGrant is Grant for a role that the person was told of outside the portal. Nobody is told by mail.
func (s *PersonService) EnterGrant(ctx context.Context, in GrantRoleInput) (*GrantRolePayload, error) {
	return s.granting(ctx, in, func(context.Context, *Person, kit.Role) error { return nil })
}

func (s *PersonService) granting(ctx context.Context, in GrantRoleInput, after func(context.Context, *Person, kit.Role) error) (*GrantRolePayload, error) {
	if err := kit.Require(ctx, kit.RoleOperator); err != nil {
		return nil, err
	}
	if err := s.core.Present(ctx); err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &GrantRolePayload{UserErrors: faults}, err
	}
	id, err := s.core.Create(ctx, "grantRole", in.IdempotencyKey, in, func(ctx context.Context, note func(kit.Change)) (kit.ID, error) {
		p, err := s.grant(ctx, note, in)
		if err != nil {
			return "", err
		}
		return p.ID, after(ctx, p, in.Role)
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &GrantRolePayload{UserErrors: faults}, err
	}
	p, err := s.Get(ctx, id)
	return &GrantRolePayload{Person: p}, err
}

func (s *PersonService) grant(ctx context.Context, note func(kit.Change), in GrantRoleInput) (*Person, error) {
	today := s.core.Clock.Today()
	g := Grant{ID: s.core.NewID(grantPrefix), Role: in.Role, Groups: in.Groups, Areas: in.Areas, From: today, Until: in.Until, GrantedBy: kit.ActorOf(ctx).Subject, GrantedAt: kit.DateTimeOf(s.core.Clock.Now())}
	kit.Set(&g.From, in.From)
	f := kit.NewFaults(ctx)
	f.IdempotencyKey(in.IdempotencyKey)
	f.Line("input.name", &in.Name, 200, true)
	f.Address("input.email", &in.Email)
	g.check(f, today)
	p, err := s.known(ctx, f, in.Name, in.Email, func(*Person) bool { return true })
	if err != nil {
		return nil, err
	}
	if p == nil {
		p = s.unrecorded(ctx, in.Name, in.Email, in.Locale)
	}
	for _, there := range p.Grants {
		if there.Role == g.Role && there.on(today) != MandateEnded && slices.Equal(there.Groups, g.Groups) && slices.Equal(there.Areas, g.Areas) {
			f.Add(kit.CodeDuplicate, "input.role", "duplicate.grant", nil).RelatedID = &p.ID
		}
	}
	if len(p.Grants) >= maxGrants {
		f.Add(kit.CodeFull, "input.email", "full", nil)
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	p.Grants = append(p.Grants, g)
	return p, s.save(ctx, note, p, "grants")
}

// check adds all faults of a new grant to f.
func (g Grant) check(f *kit.Faults, today kit.Date) {
	if !slices.Contains(kit.StaffRoles, g.Role) {
		f.Add(kit.CodeInvalid, "input.role", "invalid.grant", map[string]string{"values": strings.Join(kit.Strings(kit.StaffRoles), ", ")})
	}
	switch reviews := g.Role == kit.RoleReviewer; {
	case reviews && len(g.Groups) == 0:
		f.Add(kit.CodeRequired, "input.groups", "required", nil)
	case !reviews && len(g.Groups) > 0:
		f.Add(kit.CodeInvalid, "input.groups", "invalid.grantGroups", nil)
	}
	if g.Role != kit.RoleSecretariat && len(g.Areas) > 0 {
		f.Add(kit.CodeInvalid, "input.areas", "invalid.grantAreas", nil)
	}
	for i := range g.Groups {
		f.Line(fmt.Sprintf("input.groups.%d", i), &g.Groups[i], 64, true)
	}
	f.Day("input.from", g.From, today, today)
	if g.Until != nil {
		f.Day("input.until", *g.Until, g.From.AddDays(1), today)
	}
}

// EndGrant ends a grant today, and tells the person and the other operators. OPERATOR only. A person that the caller
// does not see, or that does not have the grant, is NOT_FOUND; a grant that has ended is NOT_ALLOWED_IN_STATE, and so is
// the last grant of OPERATOR, without which nobody could give another.
func (s *PersonService) EndGrant(ctx context.Context, in EndGrantInput) (*EndGrantPayload, error) {
	if err := kit.Require(ctx, kit.RoleOperator); err != nil {
		return nil, err
	}
	var p *Person
	err := s.core.Transact(kit.WithOperation(ctx, "endGrant"), func(ctx context.Context) (err error) {
		var role kit.Role
		if p, err = s.endGrant(ctx, in, &role); err == nil {
			err = s.tellRole(ctx, p, role, roleEnded)
		}
		return err
	})
	faults, err := kit.UserErrorsOf(err)
	return &EndGrantPayload{p, faults}, err
}

// endGrant ends a grant, whose role it leaves in role.
func (s *PersonService) endGrant(ctx context.Context, in EndGrantInput, role *kit.Role) (*Person, error) {
	today, last := s.core.Clock.Today(), false
	return kit.Amend(ctx, s.core, PersonNoun, kit.Amendment{Operation: "endGrant", ID: in.Person, Expected: in.ExpectedVersion}, func(ctx context.Context, p *Person) error {
		if !p.seenBy(kit.ActorOf(ctx)) || !slices.ContainsFunc(p.Grants, func(g Grant) bool { return g.ID == in.Grant }) {
			return kit.Refuse(kit.NotFound, "notFound", nil)
		}
		if err := s.core.Touch(ctx, "operator", "first"); err != nil { // so that two do not end each other's grants at once
			return err
		}
		staff, err := s.OnDuty(ctx)
		last = len(staff[kit.RoleOperator]) == 1 && staff[kit.RoleOperator][0].ID == p.ID
		return err
	}, func(p *Person, f *kit.Faults) []string {
		g := &p.Grants[slices.IndexFunc(p.Grants, func(g Grant) bool { return g.ID == in.Grant })]
		switch {
		case g.on(today) == MandateEnded:
			f.Add(kit.CodeNotAllowedInState, "input.grant", "notAllowedInState.ended", map[string]string{"date": string(*g.Until)})
		case g.Role == kit.RoleOperator && g.on(today) == MandateCurrent && last:
			f.Add(kit.CodeNotAllowedInState, "input.grant", "notAllowedInState.lastOperator", nil)
		}
		*role, g.Until = g.Role, &today
		return []string{"grants"}
	})
}

// ShownGrants returns the grants of a person to the person itself, SECRETARIAT and OPERATOR; empty for others.
func (p *Person) ShownGrants(ctx context.Context) []Grant {
	a := kit.ActorOf(ctx)
	if a.Subject != p.ID && !a.HasAny(kit.RoleSecretariat, kit.RoleOperator) {
		return []Grant{}
	}
	return kit.OrEmpty(p.Grants)
}

// Disable shuts a person out, so that no token of it counts any more, or lets it in again. OPERATOR and SECRETARIAT
// only. The error is NOT_FOUND for a person that does not exist.
func (s *PersonService) Disable(ctx context.Context, id kit.ID, disabled bool) error {
	if err := kit.Require(ctx, kit.RoleOperator, kit.RoleSecretariat); err != nil {
		return err
	}
	operation := "enablePerson"
	if disabled {
		operation = "disablePerson"
	}
	return s.core.Write(ctx, operation, func(ctx context.Context, note func(kit.Change)) error {
		p, err := s.Named(ctx, id)
		if err != nil || (p.DisabledAt != nil) == disabled {
			return err
		}
		if p.DisabledAt = nil; disabled {
			p.DisabledAt = new(kit.DateTimeOf(s.core.Wall()))
		}
		return s.save(ctx, note, p, "disabledAt")
	})
}

// Each gives all persons to f, with what each may do today in words, such as «FOCAL_POINT mem_…» or «REVIEWER TDAG».
// OPERATOR and SECRETARIAT only.
func (s *PersonService) Each(ctx context.Context, f func(p *Person, roles []string) error) error {
	if err := kit.Require(ctx, kit.RoleOperator, kit.RoleSecretariat); err != nil {
		return err
	}
	today := s.core.Clock.Today()
	return kit.EachPage(ctx, s.persons, store.Query{}, kit.MaxPage, func(page []*Person) error {
		for _, p := range page {
			roles := []string{}
			for _, g := range p.Grants {
				if g.on(today) == MandateCurrent {
					roles = append(roles, strings.Join(slices.Concat([]string{string(g.Role)}, g.Groups, kit.Strings(g.Areas)), " "))
				}
			}
			for _, a := range p.acting(today) {
				roles = append(roles, string(a.Role)+" "+string(a.Entity))
			}
			if err := f(p, roles); err != nil {
				return err
			}
		}
		return nil
	})
}
