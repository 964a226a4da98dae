package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/oauth2"

	"memberportal/internal/kit"
)

// Client is the portal as a client of an OIDC issuer, at which persons sign in by authorization code with PKCE.
type Client struct {
	Issuer *Issuer
	// ID is the client's id, and the audience of its ID tokens. Secret is empty for a public client.
	ID, Secret string
	// Scopes are what is asked for; openid is among them.
	Scopes []string
}

// ErrRefused says that an issuer gave no ID token, or one that is not good. Why is in the wrapped error, for the log.
var ErrRefused = errors.New("the issuer did not sign the person in")

// Attempt is a sign-in that has begun. Who comes back is held against it.
type Attempt struct {
	// State says which attempt an answer is of, Nonce which one an ID token is of, and Verifier shows that whoever
	// exchanges the code has begun it.
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
	// Return is the address of the portal to which the issuer sends the person back.
	Return string `json:"r"`
	// Again asks the issuer to let the person show anew who it is, whoever is signed in there.
	Again bool `json:"a,omitempty"`
}

// Address is where an attempt goes on at the issuer. ErrUnavailable if the issuer does not say where.
func (c *Client) Address(a Attempt) (string, error) {
	config, _, err := c.config(a.Return)
	if err != nil {
		return "", err
	}
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(a.Verifier), oauth2.SetAuthURLParam("nonce", a.Nonce)}
	if a.Again {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"))
	}
	return config.AuthCodeURL(a.State, options...), nil
}

// config is what the library needs, and what the issuer says of itself.
func (c *Client) config(back string) (*oauth2.Config, discovered, error) {
	said, err := c.Issuer.says()
	if err != nil {
		return nil, said, err
	}
	for _, address := range []string{said.Authorize, said.Token} {
		if err := secure(address, c.Issuer.o.URL); err != nil {
			return nil, said, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
	}
	style := oauth2.AuthStyleInHeader
	if c.Secret == "" || len(said.Methods) > 0 && !slices.Contains(said.Methods, "client_secret_basic") {
		style = oauth2.AuthStyleInParams
	}
	return &oauth2.Config{
		ClientID: c.ID, ClientSecret: c.Secret, RedirectURL: back, Scopes: c.Scopes,
		Endpoint: oauth2.Endpoint{AuthURL: said.Authorize, TokenURL: said.Token, AuthStyle: style},
	}, said, nil
}

// says is what the issuer says of itself, as of when its keys were fetched.
func (i *Issuer) says() (discovered, error) {
	if said := i.cached.Load().said; said.Issuer != "" {
		return said, nil
	}
	failed := i.Fetch()
	said := i.cached.Load().said
	if said.Issuer == "" {
		return said, fmt.Errorf("%w: %w", ErrUnavailable, failed)
	}
	return said, nil
}

// Exchange exchanges the code of an attempt for an ID token and gives what that proves. named is the iss of the answer,
// which must be the issuer's if it is there, and must be there if the issuer says that it names itself (RFC 9207), so
// that no code of another issuer is sent to this one. ErrRefused if the issuer gives nothing, or an ID token that is not
// good for this client and this attempt; ErrUnavailable if it cannot be asked now.
func (c *Client) Exchange(ctx context.Context, a Attempt, code, named string) (kit.Proof, error) {
	config, said, err := c.config(a.Return)
	if err != nil {
		return kit.Proof{}, err
	}
	if named != c.Issuer.o.URL && (named != "" || said.NamesSelf) {
		return kit.Proof{}, fmt.Errorf("%w: the answer names the issuer %.80q", ErrRefused, named)
	}
	asking := *c.Issuer.o.Client
	asking.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // code and secret go nowhere else
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, oauth2.HTTPClient, &asking), fetchLimit)
	defer cancel()
	given, err := config.Exchange(ctx, code, oauth2.VerifierOption(a.Verifier))
	if err != nil {
		if answered, ok := errors.AsType[*oauth2.RetrieveError](err); ok && answered.Response.StatusCode < http.StatusInternalServerError {
			return kit.Proof{}, fmt.Errorf("%w: HTTP %d %.80q", ErrRefused, answered.Response.StatusCode, answered.ErrorCode)
		}
		return kit.Proof{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	token, _ := given.Extra("id_token").(string)
	proof, err := c.identity(token, a.Nonce)
	if err != nil && !errors.Is(err, ErrUnavailable) {
		err = fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return proof, err
}

// identity verifies an ID token (OpenID Connect Core §3.1.3.7) and gives whose it is. Its roles and groups mean nothing:
// what the operator mapped are claims of access tokens.
func (c *Client) identity(token, nonce string) (kit.Proof, error) {
	if len(token) > maxIDToken {
		return kit.Proof{}, fmt.Errorf("longer than %d bytes", maxIDToken)
	}
	var p payload
	s := source{algorithms: c.Issuer.o.Algorithms, types: []string{"jwt", ""}, key: c.Issuer.key}
	if _, err := strict.ParseWithClaims(token, &p, func(parsed *jwt.Token) (any, error) { return s.keyOf(parsed) }); err != nil {
		return kit.Proof{}, err
	}
	all, err := claimsOf(p.raw)
	if err != nil {
		return kit.Proof{}, err
	}
	now := c.Issuer.o.Now
	rules := jwt.NewValidator(jwt.WithIssuer(c.Issuer.o.URL), jwt.WithAudience(c.ID), jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(), jwt.WithLeeway(leeway), jwt.WithTimeFunc(now))
	if err := errors.Join(rules.Validate(p), timed(all), validUnicode(p.raw)); err != nil {
		return kit.Proof{}, err
	}
	if said, _ := all["nonce"].(string); said != nonce || nonce == "" {
		return kit.Proof{}, errors.New("the nonce is of another attempt")
	}
	if party, there := all["azp"]; there && party != c.ID || !there && len(p.Audience) > 1 {
		return kit.Proof{}, errors.New("it was made for another client")
	}
	proof := kit.Proof{Issuer: c.Issuer.o.URL, IssuedAt: instant(all, "iat"), AuthenticatedAt: instant(all, "auth_time")}
	if proof.AuthenticatedAt.After(now().Add(leeway)) {
		return kit.Proof{}, errors.New("auth_time is in the future")
	}
	proof.IssuerSubject, _ = all["sub"].(string)
	if proof.IssuerSubject == "" || len(proof.IssuerSubject) > maxSubject {
		return kit.Proof{}, errors.New("sub is not a text of 1 to 255 bytes")
	}
	proof.Email, _ = all["email"].(string)
	proof.EmailVerified = all["email_verified"] == true
	return proof, nil
}

// maxIDToken is longer than access tokens may be: it travels in no header, and issuers put groups into it.
const maxIDToken = 64 << 10

// NewAttempt begins an attempt that comes back to an address.
func NewAttempt(back string, again bool) Attempt {
	return Attempt{State: oauth2.GenerateVerifier(), Nonce: oauth2.GenerateVerifier(), Verifier: oauth2.GenerateVerifier(), Return: back, Again: again}
}
