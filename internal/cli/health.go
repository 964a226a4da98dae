package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
)

// healthFlags say where the server is that is asked. The variables are those of serve, so that a container which has them asks
// its own server.
type healthFlags struct {
	Listen  string        `help:"Address on which the server listens. One that stands for all addresses of the machine is asked on this machine." default:"127.0.0.1:8080" env:"MEMBERPORTAL_LISTEN"`
	TLSCert string        `name:"tls-cert" help:"The server's certificate chain (PEM), if it encrypts: the server must have this certificate." placeholder:"FILE" type:"path" env:"MEMBERPORTAL_TLS_CERT"`
	Timeout time.Duration `help:"How long to wait for the answer." default:"3s"`
}

// Run asks /readyz and prints "ready". Any other answer than 200 is an error.
func (f healthFlags) Run(ctx context.Context, stdout results) error {
	address, err := f.address()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, f.Timeout)
	defer cancel()
	scheme, transport := "http", &http.Transport{DisableKeepAlives: true} // no proxy of the environment stands in between
	if f.TLSCert != "" {
		scheme = "https"
		if transport.TLSClientConfig, err = trusting(f.TLSCert); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+address+"/readyz", nil)
	if err != nil {
		return err
	}
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return fmt.Errorf("no answer: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", response.Status)
	}
	_, err = fmt.Fprintln(stdout, "ready")
	return err
}

// address is where the server is asked.
func (f healthFlags) address() (string, error) {
	host, port, err := net.SplitHostPort(f.Listen)
	if err != nil {
		return "", fmt.Errorf("%w: --listen: %w", errMisuse, err)
	}
	switch ip := net.ParseIP(host); {
	case host == "":
		host = "localhost"
	case ip == nil || !ip.IsUnspecified():
	case ip.To4() != nil:
		host = "127.0.0.1"
	default:
		host = "::1"
	}
	return net.JoinHostPort(host, port), nil
}

// trusting accepts a server that has the first certificate of a file, whatever name it is for.
func trusting(path string) (*tls.Config, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		return nil, fmt.Errorf("%s holds no certificate", path)
	}
	return &tls.Config{
		InsecureSkipVerify: true, // the certificate itself is compared, not its name and its issuers
		VerifyConnection: func(state tls.ConnectionState) error {
			if own, err := x509.ParseCertificate(block.Bytes); err != nil || !own.Equal(state.PeerCertificates[0]) {
				return errors.Join(errors.New("the server has another certificate"), err)
			}
			return nil
		},
	}, nil
}
