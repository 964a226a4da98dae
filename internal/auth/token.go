package auth

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"memberportal/internal/portal"
)

// MaxLife is how long an access token may be valid. Longer ones are refused.
const MaxLife = 24 * time.Hour

const (
	tokenType = "at+jwt" // RFC 9068, so that no other kind of token passes for an access token
	leeway    = 30 * time.Second
	maxHeader = 4 << 10
)

// claims are what an access token says.
type claims struct {
	jwt.RegisteredClaims
	Roles   []portal.Role `json:"roles"`
	Member  portal.ID     `json:"member,omitempty"`
	Country string        `json:"country,omitempty"`
	Groups  []string      `json:"groups,omitempty"`
}

// Tokens issues and verifies access tokens of one issuer for one audience.
type Tokens struct {
	Keys     KeySet
	Issuer   string
	Audience string
	// Now is the machine's time; domain time has no say in whether a token is valid.
	Now func() time.Time
}

// ErrBadToken says that a token is not valid. Why is in the wrapped error, for the log; the caller
// of the API is told no more than that.
var ErrBadToken = errors.New("access token is not valid")

var (
	subjectForm = regexp.MustCompile(`^usr_[0-9A-Za-z_-]{1,64}$`)
	countryForm = regexp.MustCompile(`^[A-Z]{2}$`)
)

// Issue makes a token for an actor, valid for life, at most MaxLife.
func (t Tokens) Issue(a portal.Actor, life time.Duration) (string, error) {
	now := t.Now()
	c := claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: t.Issuer, Audience: jwt.ClaimStrings{t.Audience}, Subject: string(a.Subject), ID: rand.Text(),
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(life)),
		},
		Roles: a.Roles, Member: a.Member, Country: a.Country, Groups: a.Groups,
	}
	if err := c.check(); err != nil {
		return "", fmt.Errorf("issuing a token: %w", err)
	}
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, c)
	token.Header["typ"], token.Header["kid"] = tokenType, t.Keys.keys[0].id
	return token.SignedString(t.Keys.keys[0].private)
}

// check holds the claims against the rules that signature and dates do not cover.
func (c claims) check() error {
	var errs []error
	if !subjectForm.MatchString(c.Subject) {
		errs = append(errs, fmt.Errorf("subject %.40q is not of the form usr_…", c.Subject))
	}
	if c.ID == "" || c.IssuedAt == nil || c.ExpiresAt == nil || c.ExpiresAt.Sub(c.IssuedAt.Time) > MaxLife {
		errs = append(errs, errors.New("jti, iat and exp are required, and exp at most 24 h after iat"))
	}
	for _, r := range c.Roles {
		if !slices.Contains(portal.Roles, r) {
			errs = append(errs, fmt.Errorf("unknown role %.40q", r))
		}
	}
	if c.Member != "" && !strings.HasPrefix(string(c.Member), "mem_") {
		errs = append(errs, fmt.Errorf("member %.40q is not of the form mem_…", c.Member))
	}
	if c.Country != "" && !countryForm.MatchString(c.Country) {
		errs = append(errs, fmt.Errorf("country %.40q is not two capital letters", c.Country))
	}
	return errors.Join(errs...)
}

// Parse verifies a token and gives its actor, or ErrBadToken. It is the only way in: HTTP and
// WebSocket both use it.
func (t Tokens) Parse(token string) (portal.Actor, error) {
	if len(token) > maxHeader {
		return portal.Actor{}, fmt.Errorf("%w: longer than %d bytes", ErrBadToken, maxHeader)
	}
	if strings.ContainsAny(token, "\r\n") { // which base64 would pass over, so that one token had many spellings
		return portal.Actor{}, fmt.Errorf("%w: it has a line end", ErrBadToken)
	}
	var c claims
	parsed, err := jwt.ParseWithClaims(token, &c, t.keyOf,
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}), jwt.WithIssuer(t.Issuer), jwt.WithAudience(t.Audience),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(leeway), jwt.WithTimeFunc(t.Now), jwt.WithStrictDecoding())
	if err == nil && !strings.EqualFold(fmt.Sprint(parsed.Header["typ"]), tokenType) {
		err = fmt.Errorf("typ is not %s", tokenType)
	}
	if err == nil {
		err = errors.Join(distinct(token), c.check())
	}
	if err != nil {
		return portal.Actor{}, fmt.Errorf("%w: %v", ErrBadToken, err)
	}
	return portal.Actor{Subject: portal.ID(c.Subject), Roles: c.Roles, Member: c.Member, Country: c.Country, Groups: c.Groups}, nil
}

// keyOf gives the key that the header names. It is a typed key and not bytes, so that no other
// algorithm can be tricked into using it.
func (t Tokens) keyOf(token *jwt.Token) (any, error) {
	if _, ok := token.Header["crit"]; ok {
		return nil, errors.New("critical header parameters are not understood")
	}
	id, _ := token.Header["kid"].(string)
	public, ok := t.Keys.public(id)
	if !ok {
		return nil, fmt.Errorf("unknown key %.40q", id)
	}
	return public, nil
}

// distinct refuses claims of which one stands twice, in whatever letters, because readers differ in
// which of them they take.
func distinct(token string) error {
	raw, err := b64.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		return err
	}
	d, seen := json.NewDecoder(bytes.NewReader(raw)), map[string]bool{}
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		folded := strings.ToLower(fmt.Sprint(name))
		if seen[folded] {
			return fmt.Errorf("claim %.40q stands twice", folded)
		}
		seen[folded] = true
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
	}
	return nil
}
