package config

import (
	"errors"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

// How a session with an SMTP server is encrypted.
const (
	StartTLS = "starttls"
	TLS      = "tls"
	NoTLS    = "none"
)

// passwordVariable is how a password may be given that stands in no file. There is no flag for it,
// because every user of a machine sees the flags of its processes.
const passwordVariable = "MEMBERPORTAL_SMTP_PASSWORD"

// Mail says who carries messages to persons.
type Mail struct {
	SMTPHost            string `name:"smtp-host" help:"SMTP server that takes messages. Left out, messages are files in the folder outbox of the data folder in development, and stay queued in production." placeholder:"HOST" env:"MEMBERPORTAL_SMTP_HOST"`
	SMTPPort            int    `name:"smtp-port" help:"Its port; left out, 587 with STARTTLS, 465 with TLS, 25 without." placeholder:"PORT" env:"MEMBERPORTAL_SMTP_PORT"`
	SMTPTLS             string `name:"smtp-tls" help:"starttls, tls (from the first byte) or none; left out, none for a server on this machine, else starttls. What is chosen must come about, or nothing is sent." enum:"starttls,tls,none," default:"" placeholder:"starttls|tls|none" env:"MEMBERPORTAL_SMTP_TLS"`
	SMTPUser            string `name:"smtp-user" help:"Who signs in to the server; left out, nobody." env:"MEMBERPORTAL_SMTP_USER"`
	SMTPPasswordFile    string `name:"smtp-password-file" help:"File of the password, which only its owner may read; or give the password itself in the variable MEMBERPORTAL_SMTP_PASSWORD." placeholder:"FILE" type:"path" env:"MEMBERPORTAL_SMTP_PASSWORD_FILE"`
	MailFrom            string `name:"mail-from" help:"Who messages are from, such as 'Membership portal <portal@example.org>'." placeholder:"ADDRESS" env:"MEMBERPORTAL_MAIL_FROM"`
	MailPerDay          int    `name:"mail-per-day" help:"How many messages are sent in 24 hours at most, so that a server that counts them is not annoyed; the rest waits. Codes and what is legally due are sent all the same and are not counted. 0 is no bound." default:"20000" env:"MEMBERPORTAL_MAIL_PER_DAY"`
	OrganisationName    string `name:"organisation-name" help:"Name of the organisation that runs the portal, below each message; left out, none is named, but in development the demonstration." placeholder:"NAME" env:"MEMBERPORTAL_ORGANISATION_NAME"`
	OrganisationAddress string `name:"organisation-address" help:"Its postal address, below its name; left out, none." placeholder:"ADDRESS" env:"MEMBERPORTAL_ORGANISATION_ADDRESS"`
}

// Organisation is the name that stands below messages, empty if there is none.
func (m Mail) Organisation(s Store) string {
	if m.OrganisationName == "" && !s.Production() {
		return "Membership portal (demonstration)"
	}
	return m.OrganisationName
}

// organisationFaults finds what is wrong with the name and the address of the organisation.
func (m Mail) organisationFaults() (errs []error) {
	for flag, text := range map[string]string{"--organisation-name": m.OrganisationName, "--organisation-address": m.OrganisationAddress} {
		if len(text) > 300 || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
			errs = append(errs, fmt.Errorf("%s: must be one line of at most 300 bytes", flag))
		}
	}
	return errs
}

// Encryption is how the session is encrypted: StartTLS, TLS or NoTLS.
func (m Mail) Encryption() string {
	switch {
	case m.SMTPTLS != "":
		return m.SMTPTLS
	case Loopback(m.SMTPHost):
		return NoTLS
	}
	return StartTLS
}

// Port is the server's port.
func (m Mail) Port() int {
	if m.SMTPPort != 0 {
		return m.SMTPPort
	}
	return map[string]int{StartTLS: 587, TLS: 465, NoTLS: 25}[m.Encryption()]
}

// From is who messages are from.
func (m Mail) From() (*mail.Address, error) {
	from, err := mail.ParseAddress(m.MailFrom)
	if err != nil {
		return nil, fmt.Errorf("--mail-from: %q is no address such as 'Membership portal <portal@example.org>'", m.MailFrom)
	}
	return from, nil
}

// Outbox is the folder of messages in development.
func (m Mail) Outbox(s Store) string { return filepath.Join(s.Data, "outbox") }

// Password is the password, read from its file or variable; empty if nobody signs in.
func (m Mail) Password() (string, error) {
	if m.SMTPUser == "" || m.SMTPPasswordFile == "" {
		return os.Getenv(passwordVariable), nil
	}
	info, err := os.Stat(m.SMTPPasswordFile)
	if err != nil {
		return "", fmt.Errorf("reading the password of the SMTP server: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("%s may be read by others (mode %04o): make it 0600", m.SMTPPasswordFile, info.Mode().Perm())
	}
	raw, err := os.ReadFile(m.SMTPPasswordFile)
	if err != nil {
		return "", fmt.Errorf("reading the password of the SMTP server: %w", err)
	}
	password := strings.TrimRight(string(raw), "\r\n")
	if password == "" {
		return "", fmt.Errorf("%s is empty", m.SMTPPasswordFile)
	}
	return password, nil
}

// faults finds what is wrong with these settings.
func (m Mail) faults() (errs []error) {
	errs = m.organisationFaults()
	if m.MailPerDay < 0 {
		errs = append(errs, errors.New("--mail-per-day: must not be negative"))
	}
	if m.SMTPHost == "" {
		if m.SMTPPort != 0 || m.SMTPTLS != "" || m.SMTPUser != "" || m.SMTPPasswordFile != "" || m.MailFrom != "" {
			errs = append(errs, errors.New("--smtp-port, --smtp-tls, --smtp-user, --smtp-password-file, --mail-from: there is no --smtp-host"))
		}
		return errs
	}
	if strings.ContainsAny(m.SMTPHost, "/@[] \t\r\n") || strings.Count(m.SMTPHost, ":") == 1 {
		errs = append(errs, fmt.Errorf("--smtp-host: %q is neither a name nor an address; a port goes into --smtp-port", m.SMTPHost))
	}
	if m.SMTPPort < 0 || m.SMTPPort > 65535 {
		errs = append(errs, errors.New("--smtp-port: must be 1 to 65535"))
	}
	if _, err := m.From(); err != nil {
		errs = append(errs, err)
	}
	return append(errs, m.signInFaults()...)
}

func (m Mail) signInFaults() (errs []error) {
	inVariable := os.Getenv(passwordVariable) != ""
	switch {
	case m.SMTPUser == "" && m.SMTPPasswordFile != "":
		errs = append(errs, errors.New("--smtp-password-file: there is no --smtp-user"))
	case m.SMTPUser != "" && m.SMTPPasswordFile == "" && !inVariable:
		errs = append(errs, errors.New("--smtp-user needs --smtp-password-file or "+passwordVariable))
	case m.SMTPPasswordFile != "" && inVariable:
		errs = append(errs, errors.New("--smtp-password-file and "+passwordVariable+": give one"))
	}
	if m.SMTPUser != "" && m.Encryption() == NoTLS && !Loopback(m.SMTPHost) {
		errs = append(errs, errors.New("--smtp-tls none: a password would be told in the clear; only a server on this machine may be told it so"))
	}
	return errs
}
