package web

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Certificate is a certificate and its key in files. Whoever renews them replaces the files: the next
// connection gets what is there then.
type Certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu     sync.Mutex
	loaded *tls.Certificate
	seen   [2]stamp
}

// stamp tells a file that was changed from one that was not.
type stamp struct {
	at   time.Time
	size int64
}

// OpenCertificate reads the files.
func OpenCertificate(certFile, keyFile string, log *slog.Logger) (*Certificate, error) {
	c := &Certificate{certFile: certFile, keyFile: keyFile, log: log}
	if err := c.read(); err != nil {
		return nil, fmt.Errorf("reading the TLS certificate: %w", err)
	}
	return c, nil
}

func (c *Certificate) stamps() (now [2]stamp, err error) {
	for i, name := range []string{c.certFile, c.keyFile} {
		info, err := os.Stat(name)
		if err != nil {
			return now, err
		}
		now[i] = stamp{info.ModTime(), info.Size()}
	}
	return now, nil
}

func (c *Certificate) read() error {
	now, err := c.stamps()
	if err != nil || now == c.seen {
		return err
	}
	c.seen = now // a faulty pair is read once, not by every connection
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return err
	}
	c.loaded = &pair
	return nil
}

// Config is TLS 1.2 or later with the certificate as it is in the files. Files that cannot be read or
// do not fit together, as in the middle of a renewal, are logged, and the certificate before them
// stays.
func (c *Certificate) Config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if err := c.read(); err != nil {
			c.log.Error("reading the TLS certificate again; the one before it is used", "error", err)
		}
		return c.loaded, nil
	}}
}
