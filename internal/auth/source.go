package auth

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"memberportal/internal/kit"
)

// source is where tokens of one issuer get their keys, and the rules that hold for them.
type source struct {
	issuer, audience string
	algorithms       []string
	types            []string // in small letters; "" is a token without typ
	// key gives a typed key that fits the algorithm; a secret is a key of HS256 and of nothing else.
	key   func(id, algorithm string) (any, error)
	proof func(payload []byte) (kit.Proof, error)
}

// sourceOf finds the source by the issuer that a token claims, which decides what it is held against
// and nothing more.
func (t Tokens) sourceOf(issuer string) (source, error) {
	if issuer == t.Issuer && issuer != "" {
		return t.own(), nil
	}
	for _, i := range t.Others {
		if issuer == i.o.URL {
			return i.source(), nil
		}
	}
	return source{}, fmt.Errorf("unknown issuer %.40q", issuer)
}

// own are the tokens of the portal itself.
func (t Tokens) own() source {
	s := source{issuer: t.Issuer, audience: t.Audience, algorithms: []string{"EdDSA"}, types: []string{tokenType}, proof: ownProof}
	s.key = func(id, algorithm string) (any, error) {
		if algorithm == "HS256" {
			return t.Secret.bytes, nil
		}
		if public, ok := t.Keys.public(id); ok {
			return public, nil
		}
		return nil, fmt.Errorf("unknown key %.40q", id)
	}
	if t.Secret != nil {
		s.algorithms = []string{"EdDSA", "HS256"}
	}
	return s
}

func ownProof(raw []byte) (kit.Proof, error) {
	var c claims
	if err := json.Unmarshal(raw, &c); err != nil {
		return kit.Proof{}, err
	}
	return c.proof(), c.check()
}

// keyOf gives the key that the header names. It is a typed key and not text, so that no other
// algorithm can be tricked into using it. What can be refused without a key is refused before.
func (s source) keyOf(token *jwt.Token) (any, error) {
	if _, ok := token.Header["crit"]; ok {
		return nil, errors.New("critical header parameters are not understood")
	}
	if !slices.Contains(s.algorithms, token.Method.Alg()) {
		return nil, fmt.Errorf("this issuer's tokens are not signed with %s", token.Method.Alg())
	}
	kind, ok := token.Header["typ"].(string)
	if _, set := token.Header["typ"]; set && !ok || !slices.Contains(s.types, strings.ToLower(kind)) {
		return nil, fmt.Errorf("typ %.40q is not of an access token", kind)
	}
	id, _ := token.Header["kid"].(string)
	return s.key(id, token.Method.Alg())
}
