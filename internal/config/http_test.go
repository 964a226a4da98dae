package config_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"memberportal/internal/config"
)

func TestHTTPSettings(t *testing.T) {
	for name, c := range map[string]struct {
		mode   string
		change func(*config.Serve)
		want   string // empty: accepted
	}{
		"TLS":                             {config.Production, func(c *config.Serve) { c.TLSCert, c.TLSKey = "c", "k" }, ""},
		"a certificate without its key":   {config.Production, func(c *config.Serve) { c.TLSCert = "c" }, "--tls-cert and --tls-key"},
		"a key without its certificate":   {config.Development, func(c *config.Serve) { c.TLSKey = "k" }, "--tls-cert and --tls-key"},
		"proxies":                         {config.Production, func(c *config.Serve) { c.TrustedProxy = []string{"10.0.0.0/8", "2001:db8::/32", "192.0.2.1"} }, ""},
		"a proxy's name":                  {config.Production, func(c *config.Serve) { c.TrustedProxy = []string{"proxy.example"} }, "--trusted-proxy"},
		"origins":                         {config.Production, func(c *config.Serve) { c.CORSOrigin = []string{"https://a.example", "http://localhost:3000", "*"} }, ""},
		"an origin with a path":           {config.Production, func(c *config.Serve) { c.CORSOrigin = []string{"https://a.example/"} }, "--cors-origin"},
		"an origin in capitals":           {config.Production, func(c *config.Serve) { c.CORSOrigin = []string{"https://A.example"} }, "--cors-origin"},
		"an origin with a name before it": {config.Production, func(c *config.Serve) { c.CORSOrigin = []string{"https://u@a.example"} }, "--cors-origin"},
		"the origin null":                 {config.Production, func(c *config.Serve) { c.CORSOrigin = []string{"null"} }, "--cors-origin"},
		"a negative rate":                 {config.Production, func(c *config.Serve) { c.CallerRate = -1 }, "--caller-rate"},
		"a rate without a burst":          {config.Production, func(c *config.Serve) { c.AddressRate, c.RateBuckets = 1, 1 }, "--address-rate"},
		"a rate without buckets":          {config.Production, func(c *config.Serve) { c.AddressRate, c.AddressBurst = 1, 1 }, "--rate-buckets"},
		"a negative number in flight":     {config.Production, func(c *config.Serve) { c.InFlight = -1 }, "--in-flight"},
		"a negative delay":                {config.Production, func(c *config.Serve) { c.DrainDelay = -time.Second }, "--drain-delay"},
		"figures for this machine":        {config.Development, func(c *config.Serve) { c.MetricsListen = "127.0.0.1:9464" }, ""},
		"figures for all":                 {config.Development, func(c *config.Serve) { c.MetricsListen = ":9464" }, "--metrics-listen"},
		"figures for all in production":   {config.Production, func(c *config.Serve) { c.MetricsListen = ":9464" }, ""},
		"figures without a port":          {config.Production, func(c *config.Serve) { c.MetricsListen = "127.0.0.1" }, "--metrics-listen"},
	} {
		t.Run(name, func(t *testing.T) {
			s := good(c.mode)
			c.change(&s)
			err := s.Validate()
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func TestLogLevel(t *testing.T) {
	for text, want := range map[string]slog.Level{"": slog.LevelInfo, "debug": slog.LevelDebug, "warn": slog.LevelWarn, "error": slog.LevelError} {
		if got := (config.HTTP{LogLevel: text}).Level(); got != want {
			t.Errorf("%q is %s", text, got)
		}
	}
}
