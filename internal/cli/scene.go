package cli

import (
	"context"
	"errors"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/seed"
)

// explorerActor is who looks for records that a demonstration is shown with.
var explorerActor = kit.Actor{Subject: "usr_explorer", Roles: []kit.Role{kit.RoleSecretariat}}

// demonstrationCountry is the administration of a demonstration.
const demonstrationCountry = "UG"

// scene are the records that development tokens are for: a member, and the persons who act for it and
// for an administration. Roles without such a person are not in mandates.
type scene struct {
	member kit.ID
	// application is that of the demonstration's applicant; empty if there is none.
	application kit.ID
	mandates    map[kit.Role]*people.Mandate
	staff       map[kit.Role]kit.ID
}

// newScene finds the records: the member that the demonstration data are shown with, or else the
// active one that comes first by name. The error is errNoMember if there is none; the rest is there
// all the same.
func newScene(ctx context.Context, p *portal.Portal) (scene, error) {
	s := scene{mandates: map[kit.Role]*people.Mandate{}, staff: map[kit.Role]kit.ID{}}
	ctx = kit.WithActor(ctx, explorerActor)
	staff, err := p.Persons.OnDuty(ctx)
	if err != nil {
		return s, err
	}
	for role, persons := range staff {
		for _, person := range persons {
			if person.Dataset == kit.Demonstration { // nobody poses as a real person
				s.staff[role] = person.ID
			}
		}
	}
	administration, err := currentMandates(ctx, p, kit.CountryID(demonstrationCountry))
	if err != nil {
		return s, err
	}
	for _, m := range administration {
		if m.Role == people.MandateFocalPoint && s.mandates[kit.RoleAdministration] == nil {
			s.mandates[kit.RoleAdministration] = m
		}
	}
	if s.application, err = seed.ApplicantIn(ctx, p); err != nil {
		return s, err
	}
	if s.member, err = shownMember(ctx, p); err != nil {
		return s, err
	}
	mandates, err := currentMandates(ctx, p, s.member)
	if err != nil {
		return s, err
	}
	for _, m := range mandates {
		if role := kit.Role(m.Role); s.mandates[role] == nil {
			s.mandates[role] = m
		}
	}
	return s, nil
}

// currentMandates are those of an entity that hold today, earliest first. Of more than a page the first
// page will do.
func currentMandates(ctx context.Context, p *portal.Portal, entity kit.ID) ([]*people.Mandate, error) {
	found, err := p.Mandates.List(ctx, entity, []people.MandateState{people.MandateCurrent}, kit.PageArgs{First: new(kit.MaxPage)})
	if err != nil {
		return nil, err
	}
	return found.Nodes(), nil
}

func shownMember(ctx context.Context, p *portal.Portal) (kit.ID, error) {
	countries, err := country.Countries()
	if err != nil {
		return "", err
	}
	m, err := seed.Shown(ctx, p, countries)
	if err != nil {
		return "", err
	}
	if m != nil && m.Status() == membership.Active {
		return m.ID, nil
	}
	return firstMember(ctx, p)
}

var errNoMember = errors.New("the store holds no active member")

// firstMember is the active member that comes first by name.
func firstMember(ctx context.Context, p *portal.Portal) (kit.ID, error) {
	active := &membership.MemberFilter{Statuses: []membership.MembershipStatus{membership.Active}}
	found, err := p.Members.List(ctx, active, nil, kit.PageArgs{First: new(1)})
	if err != nil {
		return "", err
	}
	if len(found.Edges) == 0 {
		return "", errNoMember
	}
	return found.Edges[0].Node.ID, nil
}

// proof says what a development token of a role proves: who has the role in the demonstration, and for what. Without
// such a person the subject is empty.
func (s scene) proof(role kit.Role) kit.Proof {
	p := kit.Proof{Subject: s.staff[role], Roles: []kit.Role{role}}
	if m := s.mandates[role]; m != nil {
		p.Subject, p.Entities = m.Person, []kit.ID{m.Entity}
	}
	if role == kit.RoleApplicant && s.application != "" {
		p.Subject, p.Application = kit.ID("usr_"+string(s.application)), s.application
	}
	return p
}

// standIn names the records for which the fixture of the golden documents has others.
func (s scene) standIn(found map[string]kit.ID) {
	found["mem_ACTIVE"] = s.member
	if s.application != "" {
		found["app_DRAFT"] = s.application
	}
	for role, name := range map[kit.Role]string{
		kit.RoleFocalPoint: "FOCAL", kit.RoleDelegate: "DELEGATE", kit.RoleAdministration: "UGANDA",
	} {
		if m := s.mandates[role]; m != nil {
			found["usr_"+name], found["man_"+name] = m.Person, m.ID
		}
	}
}
