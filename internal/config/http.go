package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// HTTP says how connections, callers and the log are treated.
type HTTP struct {
	TLSCert         string        `help:"Certificate chain (PEM) for TLS; read again when the file changes." placeholder:"FILE" type:"path" env:"MEMBERPORTAL_TLS_CERT"`
	TLSKey          string        `help:"Private key (PEM) of the certificate." placeholder:"FILE" type:"path" env:"MEMBERPORTAL_TLS_KEY"`
	PlainHTTP       bool          `name:"plain-http" help:"Production without TLS and without --trusted-proxy is meant, on an address that other machines reach: tokens then travel in the clear." env:"MEMBERPORTAL_PLAIN_HTTP"`
	TrustedProxy    []string      `help:"Networks (CIDR) of proxies whose word about a caller's address is taken." placeholder:"CIDR,…" env:"MEMBERPORTAL_TRUSTED_PROXY"`
	ProxyHeader     string        `help:"The header that those proxies write; the other one is ignored." enum:"x-forwarded-for,forwarded," default:"x-forwarded-for" env:"MEMBERPORTAL_PROXY_HEADER"`
	CORSOrigin      []string      `help:"Origins whose pages may read answers of /graphql, or * for any; never with credentials. In development those of this machine may, whatever their port." placeholder:"ORIGIN,…" env:"MEMBERPORTAL_CORS_ORIGIN"`
	AddressRate     float64       `help:"Requests a second for each address (IPv6: each /64), where a request counts once for each 100 that its operation costs; 0 for no limit." default:"100" env:"MEMBERPORTAL_ADDRESS_RATE"`
	AddressBurst    int           `help:"How many of them may come at once." default:"1000" env:"MEMBERPORTAL_ADDRESS_BURST"`
	CallerRate      float64       `help:"Requests a second for each caller with a token, counted in the same way; 0 for no limit." default:"50" env:"MEMBERPORTAL_CALLER_RATE"`
	CallerBurst     int           `help:"How many of them may come at once." default:"500" env:"MEMBERPORTAL_CALLER_BURST"`
	AddressInFlight int           `help:"Requests of one address that may be in flight at one time; 0 for no limit." default:"32" env:"MEMBERPORTAL_ADDRESS_IN_FLIGHT"`
	InFlight        int           `help:"Requests that may be in flight at one time in all; 0 for no limit." default:"256" env:"MEMBERPORTAL_IN_FLIGHT"`
	RateBuckets     int           `help:"How many addresses, and how many callers, are kept count of." default:"100000" env:"MEMBERPORTAL_RATE_BUCKETS"`
	MetricsListen   string        `help:"Address of a listener of its own for /metrics; left out, there is none. Whoever reaches it needs no token." placeholder:"127.0.0.1:9464" env:"MEMBERPORTAL_METRICS_LISTEN"`
	Profiles        bool          `help:"Serve profiles of the program (/debug/pprof/) beside /metrics. They show what the program does and, in part, what it holds: let only operators reach --metrics-listen." env:"MEMBERPORTAL_PROFILES"`
	DrainDelay      time.Duration `help:"How long /readyz says no before the server stops taking requests." default:"0s" env:"MEMBERPORTAL_DRAIN_DELAY"`
	LogFormat       string        `help:"text or json." enum:"text,json," default:"text" env:"MEMBERPORTAL_LOG_FORMAT"`
	LogLevel        string        `help:"debug, info, warn or error." enum:"debug,info,warn,error," default:"info" env:"MEMBERPORTAL_LOG_LEVEL"`
}

// TLS says whether connections are encrypted by this program.
func (h HTTP) TLS() bool { return h.TLSCert != "" }

// Level is the log's level.
func (h HTTP) Level() (level slog.Level) {
	_ = level.UnmarshalText([]byte(h.LogLevel)) // empty is info
	return level
}

// Proxies are the networks of trusted proxies; a single address is a network of one.
func (h HTTP) Proxies() (all []netip.Prefix, err error) {
	var errs []error
	for _, text := range h.TrustedProxy {
		network, err := netip.ParsePrefix(text)
		if a, bad := netip.ParseAddr(text); bad == nil {
			network, err = a.Prefix(a.BitLen())
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("--trusted-proxy: %q is no network such as 10.0.0.0/8", text))
			continue
		}
		all = append(all, network.Masked())
	}
	return all, errors.Join(errs...)
}

// encrypted says whether tokens travel encrypted to this program or to a proxy of which it is told.
func (h HTTP) encrypted() bool { return h.TLS() || len(h.TrustedProxy) > 0 }

// faults finds what is wrong with these settings.
func (h HTTP) faults(production bool) (errs []error) {
	if (h.TLSCert == "") != (h.TLSKey == "") {
		errs = append(errs, errors.New("--tls-cert and --tls-key: give both or neither"))
	}
	if h.PlainHTTP && h.TLS() {
		errs = append(errs, errors.New("--plain-http and --tls-cert: choose one"))
	}
	_, err := h.Proxies()
	errs = append(errs, err)
	for _, origin := range h.CORSOrigin {
		u, err := url.Parse(origin)
		if origin != "*" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Scheme+"://"+strings.ToLower(u.Host) != origin) {
			errs = append(errs, fmt.Errorf("--cors-origin: %q is no origin such as https://www.example.org", origin))
		}
	}
	if h.AddressRate < 0 || h.CallerRate < 0 || h.AddressRate > 0 && h.AddressBurst < 1 || h.CallerRate > 0 && h.CallerBurst < 1 {
		errs = append(errs, errors.New("--address-rate, --caller-rate: must not be negative, and their bursts at least 1"))
	}
	if (h.AddressRate > 0 || h.CallerRate > 0) && h.RateBuckets < 1 {
		errs = append(errs, errors.New("--rate-buckets: must be at least 1"))
	}
	if h.AddressInFlight < 0 || h.InFlight < 0 {
		errs = append(errs, errors.New("--address-in-flight, --in-flight: must not be negative"))
	}
	if h.DrainDelay < 0 {
		errs = append(errs, errors.New("--drain-delay: must not be negative"))
	}
	return append(errs, h.metricsFault(production))
}

func (h HTTP) metricsFault(production bool) error {
	if h.MetricsListen == "" {
		if h.Profiles {
			return errors.New("--profiles: there is no --metrics-listen")
		}
		return nil
	}
	host, _, err := net.SplitHostPort(h.MetricsListen)
	switch {
	case err != nil:
		return fmt.Errorf("--metrics-listen: %q is not HOST:PORT", h.MetricsListen)
	case !production && !Loopback(host):
		return fmt.Errorf("--metrics-listen: in development only this machine may be listened on, not %q", host)
	}
	return nil
}
