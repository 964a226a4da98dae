package cli

import (
	"context"
	"errors"
	"fmt"
	stdlog "log"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"memberportal/internal/browser"
	"memberportal/internal/config"
	"memberportal/internal/files"
	"memberportal/internal/pages"
	"memberportal/internal/store"
	"memberportal/internal/web"
)

// drain is how long running requests may take to end when the server stops.
const drain = 15 * time.Second

// newFront is the plumbing that the configuration asks for.
func newFront(c config.Serve, s store.Store, log *slog.Logger) (*web.Front, error) {
	proxies, err := c.Proxies()
	if err != nil {
		return nil, err
	}
	return web.New(web.Options{
		Log: log, Store: s, Version: version(), Profiles: c.Profiles, TLS: c.TLS(),
		Proxies: proxies, Forwarded: c.ProxyHeader == "forwarded", Origins: c.CORSOrigin, Loopback: !c.Production(),
		Cookie: cookieOf(c), Open: append(slices.Clone(pages.Open), files.PublicPath), PublicURL: c.Public,
		PerAddress: web.Rate{PerSecond: c.AddressRate, Burst: c.AddressBurst},
		PerCaller:  web.Rate{PerSecond: c.CallerRate, Burst: c.CallerBurst}, Buckets: c.RateBuckets,
		InFlightPerAddress: c.AddressInFlight, InFlight: c.InFlight,
	}), nil
}

// cookieOf is the name of the cookie by which browsers are known: one that needs https, but in development over http.
func cookieOf(c config.Serve) string {
	if c.Production() || c.TLS() || strings.HasPrefix(c.Public, "https:") {
		return browser.Cookie
	}
	return browser.DevelopmentCookie
}

// doors are the listeners of a server: the API's, with the certificate it shows, and the figures'.
type doors struct {
	config       config.Serve
	front        *web.Front
	log          *slog.Logger
	certificate  *web.Certificate
	api, figures net.Listener
}

// open takes what can fail before the server says that it is there.
func (d *doors) open() (err error) {
	if d.config.TLS() {
		if d.certificate, err = web.OpenCertificate(d.config.TLSCert, d.config.TLSKey, d.log); err != nil {
			return err
		}
	}
	if d.api, err = net.Listen("tcp", d.config.Listen); err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	if d.config.MetricsListen == "" {
		return nil
	}
	if d.figures, err = net.Listen("tcp", d.config.MetricsListen); err != nil {
		return fmt.Errorf("listening for /metrics: %w", errors.Join(err, d.api.Close()))
	}
	d.log.Info("figures", "address", "http://"+d.figures.Addr().String()+"/metrics")
	return nil
}

// address is where the API is.
func (d *doors) address() string {
	if d.certificate != nil {
		return "https://" + d.api.Addr().String()
	}
	return "http://" + d.api.Addr().String()
}

func (d *doors) server(handler http.Handler) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: stdlog.New(web.ServerLog(d.log), "", 0),
	}
}

// serve serves until the context ends; then /readyz says no, for a while if so configured, and
// running requests may finish. The figures can be had to the end.
func (d *doors) serve(ctx context.Context, handler http.Handler) error {
	server, figures := d.server(handler), d.server(d.front.Metrics())
	if d.certificate != nil {
		server.TLSConfig = d.certificate.Config()
	}
	failed := make(chan error, 2)
	go func() { failed <- serveOn(server, d.api) }()
	if d.figures != nil {
		go func() { failed <- serveOn(figures, d.figures) }()
		defer func() { _ = figures.Close() }()
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", errors.Join(err, server.Close()))
	case <-ctx.Done():
	}
	d.front.Drain()
	server.SetKeepAlivesEnabled(false)
	if d.config.DrainDelay > 0 {
		d.log.Info("draining: /readyz says no", "delay", d.config.DrainDelay)
		time.Sleep(d.config.DrainDelay)
	}
	d.log.Info("stopping: running requests may finish")
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	if err := server.Shutdown(ending); err != nil {
		return fmt.Errorf("requests still ran after %s: %w", drain, errors.Join(err, server.Close()))
	}
	return nil
}

// serveOn serves with TLS if the server has a certificate.
func serveOn(server *http.Server, l net.Listener) error {
	if server.TLSConfig != nil {
		return server.ServeTLS(l, "", "")
	}
	return server.Serve(l)
}
