package config

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Issuer says which OIDC issuer's access tokens hold beside the portal's own, and what their claims
// mean, and whether a shared secret does.
type Issuer struct {
	OIDCIssuer     string            `name:"oidc-issuer" help:"Address of an OpenID Connect issuer whose access tokens hold too; https, or http on this machine. It is their iss, and its keys are found by discovery." placeholder:"https://…" env:"MEMBERPORTAL_OIDC_ISSUER"`
	OIDCAudience   string            `name:"oidc-audience" help:"The aud that its tokens must have: the portal's name there as an API, not a client's." env:"MEMBERPORTAL_OIDC_AUDIENCE"`
	OIDCTypes      []string          `name:"oidc-typ" help:"The typ of its access tokens: at+jwt (RFC 9068), or JWT for an issuer that gives them none of their own." default:"at+jwt" env:"MEMBERPORTAL_OIDC_TYP"`
	OIDCAlgorithms []string          `name:"oidc-algorithms" help:"What its tokens may be signed with, of EdDSA, ES256, RS256 and PS256." default:"EdDSA,ES256,RS256,PS256" env:"MEMBERPORTAL_OIDC_ALGORITHMS"`
	RolesClaim     string            `name:"oidc-roles-claim" help:"Where its tokens have roles; dots lead into objects, as in realm_access.roles." default:"roles" env:"MEMBERPORTAL_OIDC_ROLES_CLAIM"`
	RoleOf         map[string]string `name:"oidc-role" help:"What a value there means, as in portal-admins=SECRETARIAT, or portal-events=SECRETARIAT:EVENTS for an area; others mean nothing. Left out, a role's own name means that role." placeholder:"VALUE=ROLE" env:"MEMBERPORTAL_OIDC_ROLE"`
	MemberClaim    string            `name:"oidc-member-claim" help:"Where its tokens have the member's id (mem_…), for FOCAL_POINT and DELEGATE." env:"MEMBERPORTAL_OIDC_MEMBER_CLAIM"`
	CountryClaim   string            `name:"oidc-country-claim" help:"Where its tokens have the country (ISO 3166 alpha-2), for ADMINISTRATION." env:"MEMBERPORTAL_OIDC_COUNTRY_CLAIM"`
	GroupsClaim    string            `name:"oidc-groups-claim" help:"Where its tokens have groups, for REVIEWER." env:"MEMBERPORTAL_OIDC_GROUPS_CLAIM"`
	GroupOf        map[string]string `name:"oidc-group" help:"What a value there means, as in tdag-reviewers=TDAG; others mean nothing. Left out, a value is a group as it stands." placeholder:"VALUE=GROUP" env:"MEMBERPORTAL_OIDC_GROUP"`
	OIDCClient     string            `name:"oidc-client-id" help:"Let persons sign in at --oidc-issuer by a browser, as this client of it. Register there as redirect address: that of --public-url, and /sign-in/oidc/callback." env:"MEMBERPORTAL_OIDC_CLIENT_ID"`
	OIDCSecret     string            `name:"oidc-client-secret-file" help:"File of the client's secret, which only its owner may read. Left out, the client is a public one, which has none." placeholder:"FILE" type:"path" env:"MEMBERPORTAL_OIDC_CLIENT_SECRET_FILE"`
	OIDCScopes     []string          `name:"oidc-scopes" help:"The scopes that are asked for; openid is among them, and email is for --oidc-link-verified-email." default:"openid,email" env:"MEMBERPORTAL_OIDC_SCOPES"`
	HS256Secret    string            `name:"hs256-secret-file" help:"File of a random secret of at least 32 bytes (openssl rand -base64 32), which only its owner may read; one that repeats itself or is made of words is refused; another program that has it may then issue tokens with HS256 in the portal's name (--issuer). Left out, HS256 is refused." placeholder:"FILE" type:"path" env:"MEMBERPORTAL_HS256_SECRET_FILE"`
}

// faults finds what is wrong, given the issuer of the portal's own tokens.
func (i Issuer) faults(own string) (errs []error) {
	if i.OIDCIssuer == "" {
		if i.OIDCAudience != "" {
			errs = append(errs, errors.New("--oidc-audience: there is no --oidc-issuer"))
		}
		if i.OIDCClient != "" {
			errs = append(errs, errors.New("--oidc-client-id: there is no --oidc-issuer"))
		}
		return errs
	}
	u, err := url.Parse(i.OIDCIssuer)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		errs = append(errs, errors.New("--oidc-issuer: must be an address such as https://login.example.org, without a password or a query"))
	case u.Scheme != "https" && (u.Scheme != "http" || !Loopback(u.Hostname())):
		errs = append(errs, errors.New("--oidc-issuer: must be https; http is for this machine only"))
	}
	if i.OIDCIssuer == own {
		errs = append(errs, errors.New("--oidc-issuer: must differ from --issuer"))
	}
	if i.OIDCAudience == "" {
		errs = append(errs, errors.New("--oidc-issuer needs --oidc-audience"))
	}
	if i.OIDCClient == "" && i.OIDCSecret != "" {
		errs = append(errs, errors.New("--oidc-client-secret-file: there is no --oidc-client-id"))
	}
	if i.OIDCClient != "" && !slices.Contains(i.OIDCScopes, "openid") {
		errs = append(errs, errors.New("--oidc-scopes: openid must be among them"))
	}
	return append(errs, i.lists()...)
}

func (i Issuer) lists() (errs []error) {
	if len(i.OIDCTypes) == 0 || len(i.OIDCAlgorithms) == 0 {
		errs = append(errs, errors.New("--oidc-typ and --oidc-algorithms must not be empty"))
	}
	for _, t := range i.OIDCTypes {
		if !slices.Contains([]string{"at+jwt", "jwt"}, strings.ToLower(t)) {
			errs = append(errs, fmt.Errorf("--oidc-typ: %q is neither at+jwt nor JWT", t))
		}
	}
	for _, a := range i.OIDCAlgorithms {
		if !slices.Contains([]string{"EdDSA", "ES256", "RS256", "PS256"}, a) {
			errs = append(errs, fmt.Errorf("--oidc-algorithms: %q is not one of EdDSA, ES256, RS256, PS256", a))
		}
	}
	return errs
}
