package config

import (
	"errors"
	"path/filepath"
)

// SignIn says how long sessions last, and whether an issuer's word for an e-mail address counts.
type SignIn struct {
	SessionIdleDays   int    `help:"After how many days without use a session ends." default:"14" env:"MEMBERPORTAL_SESSION_IDLE_DAYS"`
	SessionDays       int    `help:"After how many days a session ends in any case." default:"90" env:"MEMBERPORTAL_SESSION_DAYS"`
	OperatorCode      string `name:"operator-code-file" help:"Where production writes a code that makes the first operator while there is none; left out, operator-code beside the embedded store, or with MongoDB beside the signing key." placeholder:"FILE" type:"path" env:"MEMBERPORTAL_OPERATOR_CODE_FILE"`
	LinkVerifiedEmail bool   `name:"oidc-link-verified-email" help:"At the first sign-in by --oidc-issuer, take its word that the address is verified (email_verified), and link the identity to the only person who has that address. Say so only of an issuer that verifies addresses itself and lets nobody else do it." env:"MEMBERPORTAL_OIDC_LINK_VERIFIED_EMAIL"`
}

// OperatorCodeFile is the file of the code that makes the first operator.
func (s SignIn) OperatorCodeFile(at Store, t Tokens) string {
	switch {
	case s.OperatorCode != "":
		return s.OperatorCode
	case at.OnMongoDB():
		return filepath.Join(filepath.Dir(t.KeyFile(at)), "operator-code")
	}
	return filepath.Join(filepath.Dir(at.Path()), "operator-code")
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
