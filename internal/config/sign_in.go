package config

import "errors"

// SignIn says how long sessions last, and whether an issuer's word for an e-mail address counts.
type SignIn struct {
	SessionIdleDays   int  `help:"After how many days without use a session ends." default:"14" env:"MEMBERPORTAL_SESSION_IDLE_DAYS"`
	SessionDays       int  `help:"After how many days a session ends in any case." default:"90" env:"MEMBERPORTAL_SESSION_DAYS"`
	LinkVerifiedEmail bool `name:"oidc-link-verified-email" help:"At the first sign-in by --oidc-issuer, take its word that the address is verified (email_verified), and link the identity to the only person who has that address. Say so only of an issuer that verifies addresses itself and lets nobody else do it." env:"MEMBERPORTAL_OIDC_LINK_VERIFIED_EMAIL"`
}

// faults finds what is wrong, given whether there is an issuer.
func (s SignIn) faults(issuer bool) (errs []error) {
	if s.SessionIdleDays < 0 || s.SessionDays < s.SessionIdleDays || s.SessionDays > 365 {
		errs = append(errs, errors.New("--session-idle-days and --session-days: must be between 0 and 365, and the second not less than the first; 0 is the default"))
	}
	if s.LinkVerifiedEmail && !issuer {
		errs = append(errs, errors.New("--oidc-link-verified-email: there is no --oidc-issuer"))
	}
	return errs
}
