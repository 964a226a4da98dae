package auth

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"memberportal/internal/kit"
)

// Mapping says where an issuer's claims are and what they mean here. A path leads through objects by
// dots (realm_access.roles); a claim whose own name has dots is found as well. An empty path is a
// claim that the issuer does not give.
type Mapping struct {
	Roles, Member, Country, Groups string
	// RoleOf and GroupOf translate values. What is not in them counts for nothing. Empty, a value
	// counts as it stands: as a role only if it is the name of one. A staff role counts only by RoleOf.
	RoleOf  map[string]kit.Role
	GroupOf map[string]string
	// AreaOf limits a value that means SECRETARIAT to an area.
	AreaOf map[string]kit.StaffArea
}

// maxSubject is the limit of OpenID Connect Core §2.
const maxSubject = 255

// proof reads what a token of the issuer proves. Staff roles count only if the operator mapped them; all roles that
// the token has, by the map or by their names, narrow what the records give, and a token with none asks for all.
func (i *Issuer) proof(raw []byte) (kit.Proof, error) {
	all, err := claimsOf(raw)
	if err != nil {
		return kit.Proof{}, err
	}
	if slices.Contains(i.types, "jwt") {
		if err := saysAccess(all); err != nil {
			return kit.Proof{}, err
		}
	}
	p := kit.Proof{Issuer: i.o.URL}
	p.IssuerSubject, _ = all["sub"].(string)
	if p.IssuerSubject == "" || len(p.IssuerSubject) > maxSubject {
		return kit.Proof{}, errors.New("sub is not a text of 1 to 255 bytes")
	}
	m := i.o.Mapping
	member, err := one(all, m.Member)
	if err != nil {
		return kit.Proof{}, err
	}
	country, err := one(all, m.Country)
	if err != nil {
		return kit.Proof{}, err
	}
	if member != "" {
		p.Entities = append(p.Entities, kit.ID(member))
	}
	if country != "" {
		p.Entities = append(p.Entities, kit.CountryID(country))
	}
	p.Roles = translate(values(all, m.Roles), m.RoleOf, func(value string) (kit.Role, bool) {
		return kit.Role(value), slices.Contains(kit.Roles, kit.Role(value))
	})
	p.Groups = translate(values(all, m.Groups), m.GroupOf, func(value string) (string, bool) { return value, true })
	for _, role := range p.Roles {
		if len(m.RoleOf) > 0 && slices.Contains(kit.StaffRoles, role) {
			p.Staff = append(p.Staff, role)
		}
	}
	if slices.Contains(p.Staff, kit.RoleSecretariat) {
		p.StaffAreas = m.areas(values(all, m.Roles))
	}
	if slices.Contains(p.Staff, kit.RoleReviewer) {
		p.StaffGroups = p.Groups
	}
	p.Email, _ = all["email"].(string)
	p.EmailVerified = all["email_verified"] == true
	p.IssuedAt, p.AuthenticatedAt = instant(all, "iat"), instant(all, "auth_time")
	return p, checkProof(p)
}

// areas returns the areas to which values limit SECRETARIAT; none if one of them does not.
func (m Mapping) areas(values []string) (areas []kit.StaffArea) {
	for _, value := range values {
		if m.RoleOf[value] != kit.RoleSecretariat {
			continue
		}
		area, limited := m.AreaOf[value]
		if !limited {
			return nil
		}
		areas = append(areas, area)
	}
	return areas
}

// instant reads a NumericDate; zero if the claim is missing.
func instant(all map[string]any, claim string) time.Time {
	number, _ := all[claim].(json.Number)
	seconds, err := number.Float64()
	if err != nil {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0)
}

// translate gives what values mean, each once: by the map, or where that is empty as they stand.
func translate[T comparable](values []string, by map[string]T, asItStands func(string) (T, bool)) (meant []T) {
	for _, value := range values {
		found, ok := by[value]
		if len(by) == 0 {
			found, ok = asItStands(value)
		}
		if ok && !slices.Contains(meant, found) {
			meant = append(meant, found)
		}
	}
	return meant
}

// one gives the text at a path, "" if there is none.
func one(all map[string]any, path string) (string, error) {
	found := at(all, path)
	text, ok := found.(string)
	if found != nil && !ok {
		return "", fmt.Errorf("the claim %s is not one text", path)
	}
	return text, nil
}

// values gives the texts at a path: a list's texts, the names of an object whose values are granted, or
// the one text that it is.
func values(all map[string]any, path string) (found []string) {
	switch v := at(all, path).(type) {
	case string:
		found = append(found, v)
	case []any:
		for _, element := range v {
			if text, ok := element.(string); ok {
				found = append(found, text)
			}
		}
	case map[string]any:
		for name, value := range v {
			if granted(value) {
				found = append(found, name)
			}
		}
		slices.Sort(found)
	}
	return found
}

// granted says whether a value in an object says yes to its name: it is true, or an object that names
// who gave it, as Zitadel writes {"ROLE": {"ID": "DOMAIN"}}, with nothing in it that says no. Every other
// value gives nothing: false, null, numbers, texts, lists, and what is empty.
func granted(value any) bool {
	givers, _ := value.(map[string]any)
	for _, giver := range givers {
		text, ok := giver.(string)
		if giver != true && (!ok || text == "" || strings.EqualFold(text, "false")) {
			return false
		}
	}
	return value == true || len(givers) > 0
}

// at follows a path. At each step the longest name that is there is taken.
func at(all map[string]any, path string) any {
	if path == "" {
		return nil
	}
	for name, rest := path, ""; ; {
		if value, ok := all[name]; ok {
			if rest == "" {
				return value
			}
			below, _ := value.(map[string]any)
			return at(below, rest)
		}
		cut := strings.LastIndexByte(name, '.')
		if cut < 0 {
			return nil
		}
		rest = path[cut+1:]
		name = path[:cut]
	}
}
