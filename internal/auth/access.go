package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// claimsOf reads the claims of a token of any source. A claim that stands twice, in whatever letters,
// is refused, because readers differ in which of them they take.
func claimsOf(raw []byte) (map[string]any, error) {
	d, all, seen := json.NewDecoder(bytes.NewReader(raw)), map[string]any{}, map[string]bool{}
	d.UseNumber()
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		name := fmt.Sprint(token)
		folded := strings.ToLower(name)
		if seen[folded] {
			return nil, fmt.Errorf("claim %.40q stands twice", folded)
		}
		seen[folded] = true
		var value any
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		all[name] = value
	}
	return all, nil
}

// timed refuses times that are no numbers: a NumericDate is a number of JSON (RFC 7519 §2), and the
// library takes one that is written as text. exp and iat must be there under these very names.
func timed(all map[string]any) error {
	for _, name := range []string{"exp", "iat", "nbf", "auth_time"} {
		value, ok := all[name]
		if _, number := value.(json.Number); !number && (ok || name == "exp" || name == "iat") {
			return fmt.Errorf("%s is not a number", name)
		}
	}
	return nil
}

// kinds are claims by which programs tell kinds of tokens apart, with what they say in an access token.
var kinds = map[string][]string{
	"typ":        {"bearer"},           // Keycloak, which also writes ID, Refresh, Offline, Logout
	"token_use":  {"access"},           // Amazon Cognito
	"token_type": {"access", "bearer"}, // Simple JWT
}

// otherKinds are what claims that may mean anything say in a token that is not for access.
var otherKinds = []string{"refresh", "refresh_token", "id", "id_token"}

// isAccess refuses a token, of whatever source, that its claims say is not for access.
func isAccess(all map[string]any) error {
	for _, name := range []string{"nonce", "at_hash", "c_hash", "s_hash", "events"} {
		if _, ok := all[name]; ok {
			return fmt.Errorf("a token with %s is no access token", name)
		}
	}
	for name, accepted := range kinds {
		value, ok := all[name]
		text, _ := value.(string)
		if ok && !slices.Contains(accepted, strings.ToLower(text)) {
			return fmt.Errorf("the claim %s is not that of an access token", name)
		}
	}
	for _, name := range []string{"type", "use", "purpose"} {
		if text, _ := all[name].(string); slices.Contains(otherKinds, strings.ToLower(text)) {
			return fmt.Errorf("the claim %s is not that of an access token", name)
		}
	}
	return nil
}

// saysAccess demands a claim that only access tokens have. It is for issuers that give access tokens no
// typ of their own, because an ID token may lack every claim that only it has.
func saysAccess(all map[string]any) error {
	for _, name := range []string{"token_use", "typ", "scope", "scp", "client_id", "cid", "appid"} {
		if _, ok := all[name]; ok {
			return nil
		}
	}
	return errors.New("nothing says that this is an access token: none of scope, scp, client_id, cid, appid")
}
