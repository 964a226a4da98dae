package membership_test

import (
	"slices"
	"strings"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/testkit/stage"
)

// look is what a reader sees of a member; the zero look is nothing at all.
type look struct {
	status   membership.MembershipStatus
	leavesOn kit.Date
	history  bool
	contacts int
}

func lookAt(m *membership.Member) look {
	if m == nil {
		return look{}
	}
	l := look{status: m.Status(), history: m.History() != nil, contacts: len(m.Contacts())}
	if on := m.LeavesOn(); on != nil {
		l.leavesOn = *on
	}
	return l
}

// public is what everybody sees of the fixture's members: the active and the suspended ones, both as
// active.
var public = map[kit.ID]look{
	"mem_ACTIVE":        {status: membership.Active, contacts: 1},
	"mem_PENDING":       {},
	"mem_SUSPENDED":     {status: membership.Active},
	"mem_LEAVING":       {status: membership.Active},
	"mem_WITHDRAWN":     {},
	"mem_EXCLUDED":      {},
	"mem_INTERNATIONAL": {status: membership.Active},
}

// inside is what is seen by who may know everything but the contacts of persons.
var inside = map[kit.ID]look{
	"mem_ACTIVE":        {status: membership.Active, history: true, contacts: 1},
	"mem_PENDING":       {status: membership.PendingActivation, history: true},
	"mem_SUSPENDED":     {status: membership.Suspended, history: true},
	"mem_LEAVING":       {status: membership.Active, history: true, leavesOn: "2025-06-15"},
	"mem_WITHDRAWN":     {status: membership.Withdrawn, history: true},
	"mem_EXCLUDED":      {status: membership.Excluded, history: true},
	"mem_INTERNATIONAL": {status: membership.Active, history: true},
}

// whole is a look with the contacts of persons too.
func whole(id kit.ID) look {
	l := inside[id]
	if id == "mem_ACTIVE" {
		l.contacts = 2
	}
	return l
}

// reader is somebody and what the rules show of each member.
type reader struct {
	actor kit.Actor
	sees  func(id kit.ID) look
}

// like says whether a reader acts for a member for whom the rules are those of another one.
func (r reader) like() bool {
	return len(r.actor.Mandates) == 1 && strings.HasPrefix(string(r.actor.Mandates[0].Entity), "mem_") &&
		!slices.Contains([]kit.ID{"mem_ACTIVE", "mem_SUSPENDED", "mem_WITHDRAWN"}, r.actor.Mandates[0].Entity)
}

func asPublic(id kit.ID) look { return public[id] }

// but is what a reader sees as the public does, except for one member.
func but(own kit.ID, l look) func(kit.ID) look {
	return func(id kit.ID) look {
		if id == own {
			return l
		}
		return public[id]
	}
}

func ofUganda(id kit.ID) look {
	if id == "mem_INTERNATIONAL" {
		return public[id]
	}
	return inside[id]
}

// readers are everybody for whom the rules differ.
func readers() map[string]reader {
	all := map[string]reader{
		"a visitor":                               {stage.Nobody, asPublic},
		"an applicant":                            {stage.Applicant, asPublic},
		"a reviewer":                              {stage.Reviewer, asPublic},
		"an operator":                             {stage.Operator, asPublic},
		"the administration of another country":   {stage.Kenya, asPublic},
		"the administration of the country":       {stage.Uganda, ofUganda},
		"the secretariat":                         {stage.Secretariat, whole},
		"a focal point of no member":              {stage.FocalPoint(""), asPublic},
		"a delegate of no member":                 {stage.Delegate(""), asPublic},
		"an administration of no country":         {stage.Administration(""), asPublic},
		"an administration with a member's claim": {kit.ActingFor("usr_1", kit.RoleAdministration, "mem_SUSPENDED"), asPublic},
		"a focal point with a country's claim":    {kit.ActingFor("usr_1", kit.RoleFocalPoint, "cty_UG"), asPublic},
		"a visitor with the secretariat's role":   {kit.Actor{Roles: []kit.Role{kit.RoleSecretariat}}, asPublic},
		"a person with several roles": {
			kit.Actor{Subject: "usr_1", Roles: []kit.Role{kit.RoleReviewer, kit.RoleDelegate, kit.RoleAdministration}, Mandates: []kit.Acting{{Entity: "mem_ACTIVE", Role: kit.RoleDelegate}, {Entity: "cty_UG", Role: kit.RoleAdministration}}, Groups: []string{"TDAG"}},
			func(id kit.ID) look {
				if id == "mem_ACTIVE" {
					return whole(id)
				}
				return ofUganda(id)
			},
		},
	}
	for id := range public {
		all["the focal point of "+string(id)] = reader{stage.FocalPoint(id), but(id, whole(id))}
		all["a delegate of "+string(id)] = reader{stage.Delegate(id), but(id, whole(id))}
	}
	return all
}

func TestWhatAReaderSeesOfAMember(t *testing.T) {
	ids := []kit.ID{"mem_ACTIVE", "mem_PENDING", "mem_SUSPENDED", "mem_LEAVING", "mem_WITHDRAWN", "mem_EXCLUDED", "mem_INTERNATIONAL"}
	stage.OnShared(t, func(s scene) {
		for name, r := range readers() {
			if s.Slow() && r.like() {
				continue
			}
			stage.Run(s, name, func(s scene) {
				several, err := s.Portal.Members.ByIDs(stage.By(r.actor), append(ids, "mem_NOBODY", "mem_ACTIVE", "cty_UG", ""))
				s.Must(err)
				for i, id := range append(ids, "mem_NOBODY", "mem_ACTIVE") {
					if got, want := lookAt(several[i]), r.sees(id); got != want {
						s.Errorf("among several, %s is %+v, want %+v", id, got, want)
					}
				}
				nodes, err := s.Portal.Nodes.ByIDs(stage.By(r.actor), ids)
				s.Must(err)
				for i, id := range ids {
					m, _ := nodes[i].(*membership.Member)
					if got, want := lookAt(m), r.sees(id); got != want || (nodes[i] == nil) != (want == look{}) {
						s.Errorf("as a node, %s is %+v, want %+v", id, got, want)
					}
				}
				one, err := s.Portal.Members.Get(stage.By(r.actor), "mem_WITHDRAWN")
				s.Must(err)
				if got, want := lookAt(one), r.sees("mem_WITHDRAWN"); got != want {
					s.Errorf("alone, mem_WITHDRAWN is %+v, want %+v", got, want)
				}
			})
		}
	})
}

// A member stands in a listing only for those who see it, under the status that they see; a filter and
// a count tell nobody more than the member does.
func TestAListingShowsWhatItsReaderMaySee(t *testing.T) {
	stage.OnShared(t, func(s scene) {
		for name, r := range readers() {
			if r.like() || s.Slow() && r.actor.HasAny(kit.RoleDelegate, kit.RoleReviewer, kit.RoleApplicant) {
				continue
			}
			stage.Run(s, name, func(s scene) {
				everything := s.list(r.actor, nil)
				for id := range public {
					if got, want := everything[id], listed(r, id); got != want {
						s.Errorf("%s is %+v, want %+v", id, got, want)
					}
				}
				for _, status := range membership.MembershipStatuses {
					found := s.list(r.actor, &membership.MemberFilter{Statuses: []membership.MembershipStatus{status}})
					for id := range public {
						want := listed(r, id)
						if !slices.Contains(statusesAskedFor(r, id), status) {
							want = look{}
						}
						if found[id] != want {
							s.Errorf("with the status %s, %s is %+v, want %+v", status, id, found[id], want)
						}
					}
				}
			})
		}
	})
}

// listed is what a listing shows of a member: what the reader sees, but a member that the public does
// not see stands in a listing for the secretariat and its administration only.
func listed(r reader, id kit.ID) look {
	if (public[id] == look{}) && r.actor.Of(id) && !r.actor.Has(kit.RoleAdministration) {
		return look{}
	}
	return r.sees(id)
}

// statusesAskedFor are the statuses by which a reader finds a member: for all but the secretariat
// a suspended one is found as ACTIVE, and by its administration as SUSPENDED as well.
func statusesAskedFor(r reader, id kit.ID) []membership.MembershipStatus {
	truth := inside[id].status
	if r.actor.Has(kit.RoleSecretariat) || truth != membership.Suspended {
		return []membership.MembershipStatus{truth}
	}
	if r.sees("mem_PENDING") != (look{}) && r.actor.Has(kit.RoleAdministration) {
		return []membership.MembershipStatus{membership.Active, membership.Suspended}
	}
	return []membership.MembershipStatus{membership.Active}
}

// list reads all pages of a listing and gives its members by id, after it held the count against them.
func (s scene) list(a kit.Actor, filter *membership.MemberFilter) map[kit.ID]look {
	s.Helper()
	found, args := map[kit.ID]look{}, kit.PageArgs{First: new(100)}
	for {
		page, err := s.Portal.Members.List(stage.By(a), filter, nil, args)
		s.Must(err)
		for _, m := range page.Nodes() {
			if _, twice := found[m.ID]; twice {
				s.Errorf("%s stands twice", m.ID)
			}
			found[m.ID] = lookAt(m)
		}
		if !page.PageInfo.HasNextPage {
			n, err := page.TotalCount(stage.By(a))
			s.Must(err)
			if *n != int64(len(found)) {
				s.Errorf("counted %d, listed %d", *n, len(found))
			}
			return found
		}
		args.After = page.PageInfo.EndCursor
	}
}
