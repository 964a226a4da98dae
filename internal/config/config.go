// Package config is the portal's configuration: one struct, read from flags and MEMBERPORTAL_*
// variables, whose tags are its documentation in --help.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"time"
	_ "time/tzdata" // a bare machine may have no zones
)

// The modes.
const (
	Development = "development"
	Production  = "production"
)

// Store says where the documents are. Every command that opens the store has it.
type Store struct {
	Data       string `help:"Folder of the embedded store and the signing key." default:"./data" env:"MEMBERPORTAL_DATA" type:"path"`
	Mode       string `help:"development starts with every comfort; production starts only when it is told where everything is." enum:"development,production" default:"development" env:"MEMBERPORTAL_MODE"`
	Store      string `help:"sqlite:PATH keeps documents in that file; left out, in portal.db in the data folder." placeholder:"sqlite:PATH" env:"MEMBERPORTAL_STORE"`
	MongoDBURI string `name:"mongodb-uri" help:"MongoDB connection string; documents are kept there instead of in a file. It must offer transactions (a replica set or a sharded cluster)." placeholder:"mongodb://…" env:"MEMBERPORTAL_MONGODB_URI"`
	// MongoDBURIFile is the file of MongoDBURI: a connection string has a password, which the environment and the list of
	// processes show.
	MongoDBURIFile string `name:"mongodb-uri-file" help:"File of the MongoDB connection string, which only its owner may read." placeholder:"FILE" type:"path" env:"MEMBERPORTAL_MONGODB_URI_FILE"`
	Create         bool   `help:"In production, make a store where there is none. Leave it out again afterwards: without it a store that is gone, or a wrong path, is noticed."`
}

// Domain says what day it is.
type Domain struct {
	Now  string `help:"Domain time that stands still: a date (12:00 UTC is meant) or an instant in RFC 3339. Left out, the clock of the machine." placeholder:"DATE" env:"MEMBERPORTAL_NOW"`
	Zone string `help:"The organisation's time zone, in which a day begins." default:"Europe/Zurich" env:"MEMBERPORTAL_ZONE"`
}

// Tokens says whose access tokens hold.
type Tokens struct {
	SigningKey string `help:"File of the Ed25519 key set; left out in development, signing-key.json in the data folder." placeholder:"FILE" type:"path" env:"MEMBERPORTAL_SIGNING_KEY"`
	Issuer     string `help:"The iss of access tokens." default:"memberportal" env:"MEMBERPORTAL_ISSUER"`
	Audience   string `help:"The aud of access tokens." default:"memberportal" env:"MEMBERPORTAL_AUDIENCE"`
	Trusted    Issuer `embed:""`
}

// Serve is what the command serve needs.
type Serve struct {
	Store
	Domain
	Tokens
	HTTP
	Limits
	Mail
	Applications
	Erasure
	Invoices
	SignIn
	Files
	EraseAt  string `help:"When to erase what names persons and is past its date, once a day, in the organisation's time zone; empty for never, if the command erase does so." default:"03:30" placeholder:"HH:MM" env:"MEMBERPORTAL_ERASE_AT"`
	Listen   string `help:"Address to listen on. In development only this machine can reach it." default:"127.0.0.1:8080" env:"MEMBERPORTAL_LISTEN"`
	Public   string `name:"public-url" help:"Address under which people reach the portal, for links in messages and for passkeys, such as https://members.example.org; left out, that of --listen, which only this machine can reach." placeholder:"URL" env:"MEMBERPORTAL_PUBLIC_URL"`
	NoTokens bool   `help:"Make no ready tokens: print none at start, as for a container whose output is kept, and give the explorer none." env:"MEMBERPORTAL_NO_TOKENS"`
	Demo     int    `name:"demo-members" help:"How many demonstration members an empty store gets in development; 0 for none." default:"610" env:"MEMBERPORTAL_DEMO_MEMBERS"`
	ReadOnly bool   `help:"Answer what is asked and refuse every change; the clock, messages and sessions write nothing either. With the embedded store it also runs beside a server." env:"MEMBERPORTAL_READ_ONLY"`
	Explorer string `help:"Whether the explorer is at /: on or off; left out, on in development only." enum:"on,off," default:"" placeholder:"on|off" env:"MEMBERPORTAL_EXPLORER"`
}

// PublicURL is the address of the portal in links, without a slash at the end.
func (s Serve) PublicURL() string {
	if s.Public != "" {
		return strings.TrimRight(s.Public, "/")
	}
	return "http://" + s.Listen
}

// publicFaults finds what is wrong with the address of the portal in links.
func (s Serve) publicFaults() []error {
	u, err := url.Parse(s.Public)
	if s.Public == "" || err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil && !strings.ContainsAny(s.Public, "?# ") {
		return nil
	}
	return []error{fmt.Errorf("--public-url: %q is not an address such as https://members.example.org", s.Public)}
}

// ShowExplorer says whether the explorer is served.
func (s Serve) ShowExplorer() bool { return s.Explorer == "on" || s.Explorer == "" && !s.Production() }

// Production says whether the comforts are off.
func (s Store) Production() bool { return s.Mode == Production }

// MayCreate says whether a store may be made where there is none.
func (s Store) MayCreate() bool { return s.Create || !s.Production() }

// Path is the file of the embedded store.
func (s Store) Path() string {
	if path, ok := strings.CutPrefix(s.Store, "sqlite:"); ok {
		return path
	}
	return filepath.Join(s.Data, "portal.db")
}

// Control is the path of the socket on which a server that keeps its documents in a file is asked to carry out
// commands; empty with MongoDB, which takes commands from any number of processes. It stands beside the file,
// wherever links lead.
func (s Store) Control() string {
	if s.OnMongoDB() {
		return ""
	}
	path, err := filepath.Abs(s.Path())
	if err != nil {
		return ""
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	return filepath.Join(path+".control", "socket")
}

// OnMongoDB says whether the documents are in a MongoDB database.
func (s Store) OnMongoDB() bool { return s.MongoDBURI != "" || s.MongoDBURIFile != "" }

// CheckMongoDBURI refuses a connection string that is none. It does not repeat it, because it may hold a password.
func CheckMongoDBURI(uri string) error {
	if !strings.HasPrefix(uri, "mongodb://") && !strings.HasPrefix(uri, "mongodb+srv://") {
		return errors.New("must begin with mongodb:// or mongodb+srv://")
	}
	return nil
}

// faults finds what is wrong with the store's settings.
func (s Store) faults() (errs []error) {
	path, sqlite := strings.CutPrefix(s.Store, "sqlite:")
	if s.Store != "" && (!sqlite || path == "") {
		errs = append(errs, fmt.Errorf("--store: %q is not sqlite:PATH", s.Store))
	}
	if s.Store != "" && s.OnMongoDB() {
		errs = append(errs, errors.New("--store and --mongodb-uri: choose one"))
	}
	if s.MongoDBURI != "" && s.MongoDBURIFile != "" {
		errs = append(errs, errors.New("--mongodb-uri and --mongodb-uri-file: choose one"))
	}
	if s.MongoDBURI != "" {
		if err := CheckMongoDBURI(s.MongoDBURI); err != nil {
			errs = append(errs, fmt.Errorf("--mongodb-uri: %w", err))
		}
	}
	if s.Production() && s.Store == "" && !s.OnMongoDB() {
		errs = append(errs, errors.New("production needs --mongodb-uri, --mongodb-uri-file or an explicit --store sqlite:PATH"))
	}
	return errs
}

// KeyFile is the file of the signing keys.
func (t Tokens) KeyFile(s Store) string {
	if t.SigningKey != "" {
		return t.SigningKey
	}
	return filepath.Join(s.Data, "signing-key.json")
}

func (t Tokens) faults(s Store) (errs []error) {
	if s.Production() && t.SigningKey == "" {
		errs = append(errs, errors.New("production needs --signing-key"))
	}
	if t.Issuer == "" || t.Audience == "" {
		errs = append(errs, errors.New("--issuer and --audience must not be empty"))
	}
	return append(errs, t.Trusted.faults(t.Issuer)...)
}

// Time gives domain time and its zone; fixed says that it stands still.
func (d Domain) Time() (now func() time.Time, zone *time.Location, fixed bool, err error) {
	zone, err = time.LoadLocation(d.Zone)
	if err != nil {
		err = fmt.Errorf("--zone: %q is no time zone", d.Zone)
	}
	if d.Now == "" {
		return time.Now, zone, false, err
	}
	at, bad := time.Parse(time.RFC3339, d.Now)
	if bad != nil {
		at, bad = time.Parse(time.DateOnly, d.Now)
		at = at.Add(12 * time.Hour)
	}
	if bad != nil {
		err = errors.Join(err, fmt.Errorf("--now: %q is neither a date such as 2025-03-31 nor an instant in RFC 3339", d.Now))
	}
	return func() time.Time { return at }, zone, true, err
}

// Loopback says whether an address is this machine's own.
func Loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// Validate returns every fault at once.
func (s Serve) Validate() error {
	errs := append(s.Store.faults(), s.Tokens.faults(s.Store)...)
	errs = append(errs, s.HTTP.faults(s.Production())...)
	errs = append(errs, s.Limits.faults()...)
	errs = append(errs, s.Mail.faults()...)
	errs = append(errs, s.Files.faults()...)
	errs = append(errs, s.publicFaults()...)
	if _, err := s.Invoices.PayTo(); err != nil {
		errs = append(errs, err)
	}
	if s.Production() && s.Trusted.OIDCClient != "" && !strings.HasPrefix(s.Public, "https://") {
		errs = append(errs, errors.New("--oidc-client-id: production needs a --public-url with https, to which the issuer sends browsers back"))
	}
	errs = append(errs, s.Applications.Validate(), s.Erasure.Validate())
	if _, _, err := s.EraseTime(); err != nil {
		errs = append(errs, err)
	}
	errs = append(errs, s.SignIn.faults(s.Trusted.OIDCIssuer != "")...)
	_, _, _, err := s.Time()
	errs = append(errs, err)
	if s.Demo < 0 {
		errs = append(errs, errors.New("--demo-members: must not be negative"))
	}
	host, _, err := net.SplitHostPort(s.Listen)
	switch {
	case err != nil:
		errs = append(errs, fmt.Errorf("--listen: %q is not HOST:PORT", s.Listen))
	case !s.Production() && !Loopback(host):
		errs = append(errs, fmt.Errorf("--listen: in development only this machine may be listened on, not %q; use --mode production", host))
	case !Loopback(host) && !s.encrypted() && !s.PlainHTTP:
		errs = append(errs, fmt.Errorf("--listen: other machines reach %q, and tokens would travel in the clear: give --tls-cert and --tls-key, or --trusted-proxy for the proxy that encrypts, or --plain-http if that is meant", s.Listen))
	}
	return errors.Join(errs...)
}

// Validate returns every fault of a store's settings at once.
func (s Store) Validate() error { return errors.Join(s.faults()...) }
