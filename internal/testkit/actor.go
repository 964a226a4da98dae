package testkit

import (
	"strings"

	"memberportal/internal/portal"
)

// Actor reads a role, its scope and the person, who is usr_ and the role's name if none is said.
func Actor(as string) portal.Actor {
	role, scope, _ := strings.Cut(as, " ")
	a := portal.Actor{Subject: portal.ID("usr_" + strings.ToLower(role)), Roles: []portal.Role{portal.Role(role)}}
	for _, word := range strings.Fields(scope) {
		switch {
		case strings.HasPrefix(word, "usr_"):
			a.Subject = portal.ID(word)
		case strings.HasPrefix(word, "app_"):
			a.Application = portal.ID(word)
		case strings.HasPrefix(word, "mem_"):
			a.Member = portal.ID(word)
		case a.Roles[0] == portal.RoleAdministration:
			a.Country = word
		default:
			a.Groups = append(a.Groups, word)
		}
	}
	return a
}
