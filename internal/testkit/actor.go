package testkit

import (
	"strings"

	"memberportal/internal/kit"
)

// Actor reads a role, its scope and the person, who is usr_ and the role's name if none is said. It is what a service
// is asked with, whether or not the records give that authority.
func Actor(as string) kit.Actor {
	role, scope, _ := strings.Cut(as, " ")
	a := kit.Actor{Subject: kit.ID("usr_" + strings.ToLower(role)), Roles: []kit.Role{kit.Role(role)}}
	for _, word := range strings.Fields(scope) {
		switch {
		case strings.HasPrefix(word, "usr_"):
			a.Subject = kit.ID(word)
		case strings.HasPrefix(word, "ses_"), word == "long", word == "ago": // says something of the token, see Proof
		case strings.HasPrefix(word, "app_"):
			a.Application = kit.ID(word)
		case strings.HasPrefix(word, "mem_"), strings.HasPrefix(word, kit.CountryPrefix):
			a.Mandates = append(a.Mandates, kit.Acting{Entity: kit.ID(word), Role: a.Roles[0]})
		case a.Roles[0] == kit.RoleAdministration:
			a.Mandates = append(a.Mandates, kit.Acting{Entity: kit.CountryID(word), Role: a.Roles[0]})
		default:
			a.Groups = append(a.Groups, word)
		}
	}
	return a
}

// persons are those of the fixture who have a mandate for an entity in a role.
var persons = map[kit.Acting]kit.ID{
	{Entity: "mem_ACTIVE", Role: kit.RoleFocalPoint}:        "usr_FOCAL",
	{Entity: "mem_ACTIVE", Role: kit.RoleDelegate}:          "usr_DELEGATE",
	{Entity: "mem_INTERNATIONAL", Role: kit.RoleFocalPoint}: "usr_INTERNATIONAL",
	{Entity: "mem_INTERNATIONAL", Role: kit.RoleDelegate}:   "usr_ABROAD",
	{Entity: "mem_SUSPENDED", Role: kit.RoleFocalPoint}:     "usr_SUSPENDED",
	{Entity: "mem_LEAVING", Role: kit.RoleFocalPoint}:       "usr_LEAVING",
	{Entity: "mem_PENDING", Role: kit.RoleFocalPoint}:       "usr_OUTGOING",
	{Entity: "cty_UG", Role: kit.RoleAdministration}:        "usr_MINISTER",
	{Entity: "cty_UG", Role: kit.RoleDelegate}:              "usr_UGANDA",
	{Entity: "cty_KE", Role: kit.RoleAdministration}:        "usr_KENYA",
}

// Proof is what the token proves of who asks as in Actor. If no person is said, it is the one of the fixture who
// has the role in that scope. A word ses_… is the session of the token. The token asks for this role and scope alone; the records decide whether it gets them.
func Proof(as string) kit.Proof {
	a := Actor(as)
	p := kit.Proof{Subject: a.Subject, Roles: a.Roles, Groups: a.Groups, Application: a.Application}
	if i := strings.Index(as, "ses_"); i >= 0 {
		id, _, _ := strings.Cut(as[i:], " ")
		p.Session = kit.ID(id)
	}
	for _, m := range a.Mandates {
		p.Entities = append(p.Entities, m.Entity)
		if known := persons[m]; known != "" && !strings.Contains(as, "usr_") {
			p.Subject = known
		}
	}
	return p
}
