package config_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"memberportal/internal/config"
)

// good is a configuration as the flags' defaults make it.
func good(mode string) config.Serve {
	c := config.Serve{
		Store:  config.Store{Data: "/data", Mode: mode},
		Domain: config.Domain{Zone: "Europe/Zurich"},
		Tokens: config.Tokens{Issuer: "memberportal", Audience: "memberportal"},
		Listen: "127.0.0.1:8080",
	}
	if err := errors.Join(kong.ApplyDefaults(&c.Limits), kong.ApplyDefaults(&c.Files)); err != nil {
		panic(err)
	}
	if mode == config.Production {
		c.Store.Store, c.SigningKey = "sqlite:/srv/portal.db", "/etc/keys.json"
	}
	return c
}

func TestValidateAccepts(t *testing.T) {
	for name, c := range map[string]struct {
		mode   string
		change func(*config.Serve)
	}{
		"development as it comes":                 {config.Development, func(*config.Serve) {}},
		"development on another loopback address": {config.Development, func(c *config.Serve) { c.Listen = "127.8.8.8:0" }},
		"development on IPv6":                     {config.Development, func(c *config.Serve) { c.Listen = "[::1]:8080" }},
		"development on localhost":                {config.Development, func(c *config.Serve) { c.Listen = "localhost:8080" }},
		"development over a file elsewhere":       {config.Development, func(c *config.Serve) { c.Store.Store = "sqlite:/srv/x.db" }},
		"development over MongoDB":                {config.Development, func(c *config.Serve) { c.MongoDBURI = "mongodb://h/db" }},
		"development on a fixed day":              {config.Development, func(c *config.Serve) { c.Now = "2025-03-31" }},
		"production over a file":                  {config.Production, func(*config.Serve) {}},
		"production over MongoDB":                 {config.Production, func(c *config.Serve) { c.Store.Store, c.MongoDBURI = "", "mongodb+srv://h/db" }},
		"production on loopback without TLS":      {config.Production, func(c *config.Serve) { c.Listen = "[::1]:8080" }},
		"production on all addresses with TLS":    {config.Production, func(c *config.Serve) { c.Listen, c.TLSCert, c.TLSKey = ":8080", "c", "k" }},
		"production on IPv6 behind a proxy":       {config.Production, func(c *config.Serve) { c.Listen, c.TrustedProxy = "[::]:8080", []string{"10.0.0.0/8"} }},
		"production in the clear, as was meant":   {config.Production, func(c *config.Serve) { c.Listen, c.PlainHTTP = "0.0.0.0:8080", true }},
	} {
		t.Run(name, func(t *testing.T) {
			s := good(c.mode)
			c.change(&s)
			if err := s.Validate(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestValidateRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		mode   string
		change func(*config.Serve)
		want   string
	}{
		"a store that is neither":             {config.Development, func(c *config.Serve) { c.Store.Store = "postgres://h" }, "--store"},
		"a path without sqlite:":              {config.Development, func(c *config.Serve) { c.Store.Store = "/srv/x.db" }, "--store"},
		"sqlite: without a path":              {config.Development, func(c *config.Serve) { c.Store.Store = "sqlite:" }, "--store"},
		"two stores":                          {config.Development, func(c *config.Serve) { c.Store.Store, c.MongoDBURI = "sqlite:x", "mongodb://h" }, "choose one"},
		"profiles without a listener":         {config.Development, func(c *config.Serve) { c.Profiles = true }, "--metrics-listen"},
		"a MongoDB URI twice":                 {config.Development, func(c *config.Serve) { c.Store.Store, c.MongoDBURI, c.MongoDBURIFile = "", "mongodb://h", "x" }, "choose one"},
		"a file beside a MongoDB":             {config.Development, func(c *config.Serve) { c.Store.Store, c.MongoDBURIFile = "sqlite:x", "x" }, "choose one"},
		"a MongoDB URI of another scheme":     {config.Development, func(c *config.Serve) { c.MongoDBURI = "http://h" }, "--mongodb-uri"},
		"a day that is none":                  {config.Development, func(c *config.Serve) { c.Now = "2025-02-30" }, "--now"},
		"a zone that is none":                 {config.Development, func(c *config.Serve) { c.Zone = "Mars/Olympus" }, "--zone"},
		"an address without a port":           {config.Development, func(c *config.Serve) { c.Listen = "127.0.0.1" }, "--listen"},
		"development on all addresses":        {config.Development, func(c *config.Serve) { c.Listen = ":8080" }, "--listen"},
		"development on 0.0.0.0":              {config.Development, func(c *config.Serve) { c.Listen = "0.0.0.0:8080" }, "--listen"},
		"development on a network's address":  {config.Development, func(c *config.Serve) { c.Listen = "192.168.1.1:8080" }, "--listen"},
		"development on a name":               {config.Development, func(c *config.Serve) { c.Listen = "example.org:8080" }, "--listen"},
		"no issuer":                           {config.Development, func(c *config.Serve) { c.Issuer = "" }, "--issuer"},
		"no audience":                         {config.Development, func(c *config.Serve) { c.Audience = "" }, "--audience"},
		"no body":                             {config.Development, func(c *config.Serve) { c.Limits.Body = 0 }, "--limit-body"},
		"a negative number of aliases":        {config.Development, func(c *config.Serve) { c.Aliases = -1 }, "--limit-aliases"},
		"a role that may cost nothing":        {config.Development, func(c *config.Serve) { c.RoleCost["DELEGATE"] = 0 }, "--limit-role-cost"},
		"no time":                             {config.Development, func(c *config.Serve) { c.Limits.ExecutionTime = 0 }, "--limit-time"},
		"more time than the server waits":     {config.Development, func(c *config.Serve) { c.Limits.ExecutionTime = time.Minute }, "--limit-time"},
		"a negative term":                     {config.Development, func(c *config.Serve) { c.FirstMonths = -1 }, "--application-reminder-months"},
		"a country in small letters":          {config.Development, func(c *config.Serve) { c.DirectCountries = []string{"ug"} }, "--direct-application"},
		"production on all addresses, no TLS": {config.Production, func(c *config.Serve) { c.Listen = ":8080" }, "--plain-http"},
		"the same by IPv4":                    {config.Production, func(c *config.Serve) { c.Listen = "0.0.0.0:8080" }, "--plain-http"},
		"the same by IPv6":                    {config.Production, func(c *config.Serve) { c.Listen = "[::]:8080" }, "--plain-http"},
		"a network's address, no TLS":         {config.Production, func(c *config.Serve) { c.Listen = "10.1.2.3:8080" }, "--plain-http"},
		"a name, no TLS":                      {config.Production, func(c *config.Serve) { c.Listen = "portal.example.org:80" }, "--plain-http"},
		"a name like this machine's, no TLS":  {config.Production, func(c *config.Serve) { c.Listen = "localhost.example.org:80" }, "--plain-http"},
		"TLS and plain HTTP":                  {config.Production, func(c *config.Serve) { c.TLSCert, c.TLSKey, c.PlainHTTP = "c", "k", true }, "--plain-http"},
		"production without a store":          {config.Production, func(c *config.Serve) { c.Store.Store = "" }, "--mongodb-uri"},
		"production without a signing key":    {config.Production, func(c *config.Serve) { c.SigningKey = "" }, "--signing-key"},
	} {
		t.Run(name, func(t *testing.T) {
			s := good(c.mode)
			c.change(&s)
			err := s.Validate()
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %s", err, c.want)
			}
			if lines := strings.Count(err.Error(), "\n") + 1; lines != 1 {
				t.Errorf("%d faults for one: %v", lines, err)
			}
		})
	}
}

func TestValidateNamesEveryFaultAtOnce(t *testing.T) {
	s := config.Serve{
		Store:  config.Store{Mode: config.Production, MongoDBURI: "http://h", Store: "x"},
		Domain: config.Domain{Now: "soon", Zone: "nowhere"}, Listen: "here",
	}
	err := s.Validate()
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"--store: ", "choose one", "--mongodb-uri: ", "--signing-key", "--issuer", "--zone", "--now", "--listen"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in:\n%v", want, err)
		}
	}
	if s.Store.MongoDBURI = "http://user:sesame@h"; strings.Contains(s.Validate().Error(), "sesame") {
		t.Error("a fault shows the password of a connection string")
	}
}

func TestLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"127.0.0.1": true, "127.255.255.254": true, "::1": true, "localhost": true, "LOCALHOST": true, "::ffff:127.0.0.1": true,
		"": false, "0.0.0.0": false, "::": false, "127.0.0.1.evil.example": false, "localhost.evil.example": false, "evil.example": false,
		"127.1": false, "0x7f000001": false, "2130706433": false, "127.0.0.1:8080": false, "192.168.0.1": false, "[::1": false,
		" localhost": false, "127.0.0.1\n": false, "localhost\x00.evil.example": false, "ⓛocalhost": false, "::ffff:8.8.8.8": false,
	} {
		if got := config.Loopback(host); got != want {
			t.Errorf("%q: got %v, want %v", host, got, want)
		}
	}
}

func TestTime(t *testing.T) {
	for name, c := range map[string]struct{ now, want string }{
		"a date means noon in UTC":          {"2025-03-31", "2025-03-31T12:00:00Z"},
		"an instant in UTC":                 {"2025-03-31T23:30:00Z", "2025-03-31T23:30:00Z"},
		"an instant with an offset":         {"2025-03-31T23:30:00+02:00", "2025-03-31T21:30:00Z"},
		"an instant with parts of a second": {"2025-03-31T23:30:00.250Z", "2025-03-31T23:30:00.25Z"},
		"a leap day":                        {"2024-02-29", "2024-02-29T12:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			now, zone, fixed, err := config.Domain{Now: c.now, Zone: "Europe/Zurich"}.Time()
			if err != nil || !fixed || zone.String() != "Europe/Zurich" {
				t.Fatalf("fixed %v, zone %v, %v", fixed, zone, err)
			}
			if got := now().UTC().Format(time.RFC3339Nano); got != c.want || !now().Equal(now()) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	for _, bad := range []string{"today", "31.3.2025", "2025-3-31", "2025-02-29", "2025-03-31 12:00", "2025-03-31T12:00:00", "2025-03-31Z", " 2025-03-31"} {
		t.Run(bad+" is refused", func(t *testing.T) {
			if _, _, _, err := (config.Domain{Now: bad, Zone: "UTC"}).Time(); err == nil || !strings.Contains(err.Error(), "--now") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestTimeWithoutADayIsTheMachines(t *testing.T) {
	before := time.Now()
	now, _, fixed, err := config.Domain{Zone: "UTC"}.Time()
	if err != nil || fixed || now().Before(before) {
		t.Fatalf("fixed %v, %v", fixed, err)
	}
}

func TestPaths(t *testing.T) {
	for name, c := range map[string]struct{ got, want string }{
		"the embedded store is in the data folder":           {config.Store{Data: "/d"}.Path(), filepath.Join("/d", "portal.db")},
		"a named file is taken as it is":                     {config.Store{Data: "/d", Store: "sqlite:/x/y z.db"}.Path(), "/x/y z.db"},
		"a named file may have a relative path":              {config.Store{Data: "/d", Store: "sqlite:y.db"}.Path(), "y.db"},
		"only the first sqlite: is the scheme":               {config.Store{Store: "sqlite:sqlite:x"}.Path(), "sqlite:x"},
		"the signing key is in the data folder":              {config.Tokens{}.KeyFile(config.Store{Data: "/d"}), filepath.Join("/d", "signing-key.json")},
		"the signing key is there for a store elsewhere too": {config.Tokens{}.KeyFile(config.Store{Data: "/d", Store: "sqlite:/x.db"}), filepath.Join("/d", "signing-key.json")},
		"a named signing key is taken as it is":              {config.Tokens{SigningKey: "/k.json"}.KeyFile(config.Store{Data: "/d"}), "/k.json"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.got != c.want {
				t.Errorf("got %s, want %s", c.got, c.want)
			}
		})
	}
}

func TestTheBoundsOfFilesAreSane(t *testing.T) {
	for name, change := range map[string]func(*config.Files){
		"--file-size":          func(f *config.Files) { f.FileSize = 1 << 31 },
		"--files-per-day":      func(f *config.Files) { f.FilesPerDay = 0 },
		"--file-bytes-per-day": func(f *config.Files) { f.FileBytesDaily = -1 },
		"--file-space":         func(f *config.Files) { f.FileSpace = 0 },
		"--file-types":         func(f *config.Files) { f.FileTypes = []string{""} },
		"--scan-time":          func(f *config.Files) { f.ScanTime = 2 * time.Minute },
	} {
		c := good(config.Development)
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		if change(&c.Files); c.Validate() == nil || !strings.Contains(c.Validate().Error(), name) {
			t.Errorf("%s: %v", name, c.Validate())
		}
	}
	if got := (config.Files{ScanCommand: " clamdscan  --no-summary - "}).Scanner(); !slices.Equal(got, []string{"clamdscan", "--no-summary", "-"}) {
		t.Errorf("%q", got)
	}
}
