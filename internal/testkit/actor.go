package testkit

import (
	"strings"

	"memberportal/internal/kit"
)

// Actor reads a role, its scope and the person, who is usr_ and the role's name if none is said.
func Actor(as string) kit.Actor {
	role, scope, _ := strings.Cut(as, " ")
	a := kit.Actor{Subject: kit.ID("usr_" + strings.ToLower(role)), Roles: []kit.Role{kit.Role(role)}}
	for _, word := range strings.Fields(scope) {
		switch {
		case strings.HasPrefix(word, "usr_"):
			a.Subject = kit.ID(word)
		case strings.HasPrefix(word, "app_"):
			a.Application = kit.ID(word)
		case strings.HasPrefix(word, "mem_"):
			a.Member = kit.ID(word)
		case a.Roles[0] == kit.RoleAdministration:
			a.Country = word
		default:
			a.Groups = append(a.Groups, word)
		}
	}
	return a
}
