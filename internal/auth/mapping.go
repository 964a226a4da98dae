package auth

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"memberportal/internal/portal"
)

// Mapping says where an issuer's claims are and what they mean here. A path leads through objects by
// dots (realm_access.roles); a claim whose own name has dots is found as well. An empty path is a
// claim that the issuer does not give.
type Mapping struct {
	Roles, Member, Country, Groups string
	// RoleOf and GroupOf translate values. What is not in them counts for nothing. Empty, a value
	// counts as it stands: as a role only if it is the name of one.
	RoleOf  map[string]portal.Role
	GroupOf map[string]string
}

// subjectOf makes a subject from an issuer's. It is the same at every sign-in, differs between
// issuers, and can never be one that the portal or another issuer gave: usr_ and the first 27
// letters of base64url(SHA-256(issuer, a zero byte, subject)).
func subjectOf(issuer, subject string) portal.ID {
	sum := sha256.Sum256([]byte(issuer + "\x00" + subject))
	return portal.ID("usr_" + b64.EncodeToString(sum[:])[:27])
}

// maxSubject is the limit of OpenID Connect Core §2.
const maxSubject = 255

func (i *Issuer) actor(raw []byte) (portal.Actor, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var all map[string]any
	if err := decoder.Decode(&all); err != nil {
		return portal.Actor{}, err
	}
	if err := i.isAccess(all); err != nil {
		return portal.Actor{}, err
	}
	subject, _ := all["sub"].(string)
	if subject == "" || len(subject) > maxSubject {
		return portal.Actor{}, errors.New("sub is not a text of 1 to 255 bytes")
	}
	m := i.o.Mapping
	member, err := one(all, m.Member)
	if err != nil {
		return portal.Actor{}, err
	}
	country, err := one(all, m.Country)
	if err != nil {
		return portal.Actor{}, err
	}
	a := portal.Actor{Subject: subjectOf(i.o.URL, subject), Member: portal.ID(member), Country: country}
	a.Roles = translate(values(all, m.Roles), m.RoleOf, func(value string) (portal.Role, bool) {
		return portal.Role(value), slices.Contains(portal.Roles, portal.Role(value))
	})
	a.Groups = translate(values(all, m.Groups), m.GroupOf, func(value string) (string, bool) { return value, true })
	return a, checkActor(a)
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

// isAccess refuses tokens that their claims say are not for access. Where the issuer gives access
// tokens no typ of their own, a claim that only they have is demanded as well, because an ID token may
// lack every claim that only it has.
func (i *Issuer) isAccess(all map[string]any) error {
	for _, name := range []string{"nonce", "at_hash", "c_hash", "s_hash", "events"} {
		if _, ok := all[name]; ok {
			return fmt.Errorf("a token with %s is no access token", name)
		}
	}
	use, hasUse := all["token_use"] // Amazon Cognito
	if hasUse && use != "access" {
		return errors.New("token_use is not access")
	}
	kind, hasKind := all["typ"] // Keycloak: Bearer, ID, Refresh, Offline, Logout
	if text, ok := kind.(string); hasKind && (!ok || !strings.EqualFold(text, "Bearer")) {
		return errors.New("the claim typ is not Bearer")
	}
	if !slices.Contains(i.types, "jwt") || hasUse || hasKind {
		return nil
	}
	for _, name := range []string{"scope", "scp", "client_id", "cid", "appid"} {
		if _, ok := all[name]; ok {
			return nil
		}
	}
	return errors.New("nothing says that this is an access token: none of scope, scp, client_id, cid, appid")
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

// values gives the texts at a path: a list's texts, an object's names, or the one text that it is.
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
		for name := range v {
			found = append(found, name)
		}
		slices.Sort(found)
	}
	return found
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
