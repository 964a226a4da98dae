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

	"github.com/go-json-experiment/json/jsontext"
	"github.com/golang-jwt/jwt/v5"

	"memberportal/internal/kit"
)

// MaxLife is how long an access token may be valid. Longer ones are refused.
const MaxLife = 24 * time.Hour

const (
	tokenType = "at+jwt" // RFC 9068, so that no other kind of token passes for an access token
	leeway    = 30 * time.Second
	maxHeader = 4 << 10
)

// claims are what an access token of the portal says.
type claims struct {
	jwt.RegisteredClaims
	Roles           []kit.Role       `json:"roles,omitempty"`
	Entities        []kit.ID         `json:"entities,omitempty"`
	Groups          []string         `json:"groups,omitempty"`
	Application     kit.ID           `json:"application,omitempty"`
	Session         kit.ID           `json:"sid,omitempty"`
	AuthenticatedAt *jwt.NumericDate `json:"auth_time,omitempty"`
}

// Tokens issues and verifies access tokens: its own, and those of the issuers that it trusts.
type Tokens struct {
	Keys     KeySet
	Issuer   string
	Audience string
	// Secret lets another program issue tokens in the portal's name, with HS256; nil refuses them.
	Secret *Secret
	// Others are further issuers. Each has an Issuer of its own.
	Others []*Issuer
	// Client is the portal as a client of one of them, at which browsers sign in; nil if they do not.
	Client *Client
	// Now is the machine's time; domain time has no say in whether a token is valid.
	Now func() time.Time
}

// ErrBadToken says that a token is not valid. Why is in the wrapped error, for the log; the caller
// of the API is told no more than that.
var ErrBadToken = errors.New("access token is not valid")

// errNoKey says that the set of keys is empty.
var errNoKey = errors.New("there is no key")

// ErrUnavailable says that a token cannot be judged now, because its issuer does not give its keys.
var ErrUnavailable = errors.New("the keys of the token's issuer cannot be had")

var (
	subjectForm     = regexp.MustCompile(`^usr_[0-9A-Za-z_-]{1,64}$`)
	applicationForm = regexp.MustCompile(`^app_[0-9A-Za-z_-]{1,64}$`)
	entityForm      = regexp.MustCompile(`^(mem_[0-9A-Za-z_-]{1,64}|cty_[A-Z]{2})$`)
)

// Issue makes a token of what it is to prove, valid for life, at most MaxLife.
func (t Tokens) Issue(p kit.Proof, life time.Duration) (string, error) {
	now := t.Now()
	c := claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: t.Issuer, Audience: jwt.ClaimStrings{t.Audience}, Subject: string(p.Subject), ID: rand.Text(),
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(life)),
		},
		Roles: p.Roles, Entities: p.Entities, Groups: p.Groups, Application: p.Application, Session: p.Session,
	}
	if !p.AuthenticatedAt.IsZero() {
		c.AuthenticatedAt = jwt.NewNumericDate(p.AuthenticatedAt)
	}
	if err := errors.Join(c.check(), within(c.RegisteredClaims)); err != nil {
		return "", fmt.Errorf("issuing a token: %w", err)
	}
	keys := t.Keys.list().keys
	if len(keys) == 0 {
		return "", fmt.Errorf("issuing a token: %w", errNoKey)
	}
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, c)
	token.Header["typ"], token.Header["kid"] = tokenType, keys[0].id
	return token.SignedString(keys[0].private)
}

func (c claims) proof() kit.Proof {
	p := kit.Proof{Subject: kit.ID(c.Subject), Roles: c.Roles, Entities: c.Entities, Groups: c.Groups, Application: c.Application, Session: c.Session}
	if c.IssuedAt != nil {
		p.IssuedAt = c.IssuedAt.Time
	}
	if c.AuthenticatedAt != nil {
		p.AuthenticatedAt = c.AuthenticatedAt.Time
	}
	return p
}

// check holds the portal's own claims against the rules that signature and dates do not cover.
func (c claims) check() error {
	err := checkProof(c.proof())
	if !subjectForm.MatchString(c.Subject) {
		err = errors.Join(err, fmt.Errorf("subject %.40q is not of the form usr_…", c.Subject))
	}
	if c.ID == "" {
		err = errors.Join(err, errors.New("jti is required"))
	}
	return err
}

// within says whether a token's life is one of an access token.
func within(c jwt.RegisteredClaims) error {
	if c.IssuedAt == nil || c.ExpiresAt == nil || c.ExpiresAt.Sub(c.IssuedAt.Time) > MaxLife {
		return errors.New("iat and exp are required, and exp at most 24 h after iat")
	}
	return nil
}

// checkProof says whether what a token says, of whatever source, is something that the domain can rely on.
func checkProof(p kit.Proof) error {
	var errs []error
	for _, r := range slices.Concat(p.Roles, p.Staff) {
		if !slices.Contains(kit.Roles, r) {
			errs = append(errs, fmt.Errorf("unknown role %.40q", r))
		}
	}
	for _, id := range p.Entities {
		if !entityForm.MatchString(string(id)) {
			errs = append(errs, fmt.Errorf("%.40q is neither a member (mem_…) nor a country (cty_…)", id))
		}
	}
	if p.Application != "" && !applicationForm.MatchString(string(p.Application)) {
		errs = append(errs, fmt.Errorf("application %.40q is not of the form app_…", p.Application))
	}
	return errors.Join(errs...)
}

// Parse verifies a token and gives what it proves, or ErrBadToken, or ErrUnavailable. It is the only way
// in: HTTP and WebSocket both use it.
func (t Tokens) Parse(token string) (kit.Proof, error) {
	proof, err := t.parse(token)
	switch {
	case err == nil:
		return proof, nil
	case errors.Is(err, ErrUnavailable):
		return kit.Proof{}, err
	}
	return kit.Proof{}, fmt.Errorf("%w: %v", ErrBadToken, err)
}

func (t Tokens) parse(token string) (kit.Proof, error) {
	if len(token) > maxHeader {
		return kit.Proof{}, fmt.Errorf("longer than %d bytes", maxHeader)
	}
	if strings.ContainsAny(token, "\r\n") { // which base64 would pass over, so that one token had many spellings
		return kit.Proof{}, errors.New("it has a line end")
	}
	var p payload
	var s source
	_, err := strict.ParseWithClaims(token, &p, func(parsed *jwt.Token) (any, error) {
		var err error
		if s, err = t.sourceOf(p.Issuer); err != nil {
			return nil, err
		}
		return s.keyOf(parsed)
	})
	if err != nil {
		return kit.Proof{}, err
	}
	rules := jwt.NewValidator(jwt.WithIssuer(s.issuer), jwt.WithAudience(s.audience), jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(), jwt.WithLeeway(leeway), jwt.WithTimeFunc(t.Now))
	all, err := claimsOf(p.raw)
	if err != nil {
		return kit.Proof{}, err
	}
	if err := errors.Join(rules.Validate(p), within(p.RegisteredClaims), timed(all), isAccess(all), validUnicode(p.raw)); err != nil {
		return kit.Proof{}, err
	}
	return s.proof(p.raw)
}

// strict reads tokens and leaves the rules for claims to the source, which is known only then.
var strict = jwt.NewParser(jwt.WithValidMethods([]string{"EdDSA", "ES256", "RS256", "PS256", "HS256"}),
	jwt.WithStrictDecoding(), jwt.WithoutClaimsValidation())

// payload is what tokens of every source say, and the whole text for the source to read.
type payload struct {
	jwt.RegisteredClaims
	raw []byte
}

// UnmarshalJSON keeps the text.
func (p *payload) UnmarshalJSON(raw []byte) error {
	p.raw = bytes.Clone(raw)
	return json.Unmarshal(raw, &p.RegisteredClaims)
}

// validUnicode refuses claims that are not UTF-8 or hold half a surrogate pair: encoding/json puts U+FFFD in their
// place, so that two subjects could become one.
func validUnicode(raw []byte) error {
	if !jsontext.Value(raw).IsValid(jsontext.AllowDuplicateNames(true)) {
		return errors.New("the claims are not valid Unicode")
	}
	return nil
}
