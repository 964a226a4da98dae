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
}

// newScene finds the records: the member that the demonstration data are shown with, or else the
// active one that comes first by name. The error is errNoMember if there is none; the rest is there
// all the same.
func newScene(ctx context.Context, p *portal.Portal) (scene, error) {
	s := scene{mandates: map[kit.Role]*people.Mandate{}}
	ctx = kit.WithActor(ctx, explorerActor)
	administration, err := currentMandates(ctx, p, kit.CountryID(demonstrationCountry))
	if err != nil {
		return s, err
	}
	if len(administration) > 0 {
		s.mandates[kit.RoleAdministration] = administration[0]
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

// scope gives a development token the scope that its role needs, and with it the person who acts in
// it, unless another person is named.
func (s scene) scope(a kit.Actor, named kit.ID) kit.Actor {
	role := a.Roles[0]
	if a.Has(role) {
		return a
	}
	switch role {
	case kit.RoleFocalPoint, kit.RoleDelegate:
		a.Member = s.member
	case kit.RoleAdministration:
		a.Country = demonstrationCountry
	case kit.RoleApplicant:
		if a.Application = s.application; named == "" && a.Application != "" {
			a.Subject = kit.ID("usr_" + string(a.Application))
		}
	case kit.RoleReviewer:
		a.Groups = []string{"TDAG"}
	}
	if m := s.mandates[role]; m != nil && named == "" {
		a.Subject = m.Person
	}
	return a
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
