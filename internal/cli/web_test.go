package cli_test

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"memberportal/internal/testkit"
)

func TestServeWithTLSAndFigures(t *testing.T) {
	folder := t.TempDir()
	cert, key := filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key")
	testkit.Certificate(t, cert, key, "portal.example")
	flags, _ := production(t)
	s := serveTLS(t, plus(flags, anyPort, "--tls-cert", cert, "--tls-key", key, "--metrics-listen=127.0.0.1:0", "--log-format=json",
		"--cors-origin=https://a.example", "--trusted-proxy=127.0.0.0/8", "--caller-burst=7")...)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}} // nobody signed it
	t.Cleanup(client.CloseIdleConnections)
	get := func(address string) (*http.Response, string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		must(t, err)
		request.Header.Set("Origin", "https://a.example")
		response, err := client.Do(request)
		must(t, err)
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		must(t, err)
		return response, string(body)
	}
	response, body := get("https://" + s.address + "/readyz")
	if response.StatusCode != 200 || body != "ready\n" || response.Header.Get("Strict-Transport-Security") == "" || response.ProtoMajor != 2 {
		t.Errorf("%s %s %q %v", response.Proto, response.Status, body, response.Header)
	}
	response, _ = get("https://" + s.address + "/graphql")
	if response.Header.Get("Access-Control-Allow-Origin") != "https://a.example" || len(response.Header.Values("RateLimit")) != 1 {
		t.Errorf("%v", response.Header)
	}
	if response, _ = get("https://" + s.address + "/metrics"); response.StatusCode != 404 {
		t.Errorf("/metrics beside the API: %s", response.Status)
	}
	log, _ := s.stderr.wait("/metrics")
	_, rest, _ := strings.Cut(log, `"address":"`)
	address, _, _ := strings.Cut(rest, `"`)
	_, body = get(address)
	contains(t, body, `memberportal_http_requests_total{route="/readyz",status="200"} 1`, "memberportal_store_up 1", "memberportal_build_info{", "go_goroutines")
	s.stop(t)
	for line := range strings.Lines(s.stderr.String()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil || fields["request"] == nil {
			t.Errorf("%v: %s", err, line)
		}
	}
}

// serveTLS is serve for a server whose first page needs TLS.
func serveTLS(t *testing.T, args ...string) *server {
	t.Helper()
	s := start(t, args...)
	text, ok := s.stdout.wait(" store\n")
	if !ok {
		t.Fatalf("serve ended with %d: %s%s", <-s.code, text, s.stderr)
	}
	_, address, _ := strings.Cut(text, "https://")
	s.address, _, _ = strings.Cut(address, "/")
	return s
}

func TestReadinessTurnsBeforeServeStops(t *testing.T) {
	s := serve(t, anyPort, "--data", t.TempDir(), "--demo-members=0", "--drain-delay=2s")
	s.becomes(t, "/readyz", 200)
	s.cancel()
	if _, ok := s.stderr.wait("draining"); !ok {
		t.Fatal(s.stderr)
	}
	if status, body := s.get(t, "/readyz"); status != 503 || body != "draining\n" {
		t.Errorf("HTTP %d %q", status, body)
	}
	if v := ask[viewer](t, s, "", viewerQuery); v.Viewer.ID != "" { // still answered
		t.Errorf("%+v", v)
	}
	s.stop(t)
	if _, err := net.Dial("tcp", s.address); err == nil {
		t.Error("the port is still open")
	}
}

func TestServeLimitsCallers(t *testing.T) {
	s := serve(t, anyPort, "--data", testbed(t), "--demo-members=0", "--caller-rate=0.001", "--caller-burst=2", "--trusted-proxy=127.0.0.1", "--address-rate=0.001", "--address-burst=5")
	defer s.stop(t)
	tokens := s.tokens()
	from := func(address string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("X-Forwarded-For", address) }
	}
	for i, want := range []int{200, 200, 429} {
		status, body := s.post(t, tokens["REVIEWER"], viewerQuery, from(fmt.Sprintf("203.0.113.%d", i)))
		if status != want || (status == 429) != strings.Contains(body, `"RATE_LIMITED"`) {
			t.Errorf("HTTP %d: %s", status, body)
		}
	}
	if status, _ := s.post(t, tokens["OPERATOR"], viewerQuery, from("203.0.113.9")); status != 200 {
		t.Errorf("another caller gets HTTP %d", status)
	}
	for _, want := range []int{401, 401, 401, 401, 401, 429} { // guessing tokens costs as well
		if status, _ := s.post(t, "guess", viewerQuery, from("203.0.113.77")); status != want {
			t.Errorf("HTTP %d, want %d", status, want)
		}
	}
}

func TestExplorerKeepsItsPolicy(t *testing.T) {
	s := serve(t, anyPort, "--data", t.TempDir(), "--demo-members=0")
	defer s.stop(t)
	response, err := http.Get("http://" + s.address + "/")
	must(t, err)
	must(t, response.Body.Close())
	contains(t, response.Header.Get("Content-Security-Policy"), "script-src 'self'", "frame-ancestors 'none'")
	if response.Header.Get("X-Frame-Options") != "DENY" {
		t.Errorf("%v", response.Header)
	}
}

func TestHeadersThatAreTooLongAreRefused(t *testing.T) {
	s := serve(t, anyPort, "--data", t.TempDir(), "--demo-members=0")
	defer s.stop(t)
	connection, err := net.Dial("tcp", s.address)
	must(t, err)
	defer func() { _ = connection.Close() }()
	_, err = fmt.Fprintf(connection, "GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: %s\r\n\r\n", strings.Repeat("x", 20<<10))
	must(t, err)
	if line, err := bufio.NewReader(connection).ReadString('\n'); err != nil || !strings.Contains(line, "431") {
		t.Errorf("%q, %v", line, err)
	}
}

func TestClockMovesBackBetweenRestarts(t *testing.T) {
	data := testbed(t)
	type listing struct {
		Members struct {
			Nodes []struct{ ID, Status, DisplayName string }
		}
	}
	const query = `{ members(first: 100) { nodes { id status displayName } } }`
	find := func(s *server, id string) (status, name string) {
		for _, m := range ask[listing](t, s, s.tokens()["SECRETARIAT"], query).Members.Nodes {
			if m.ID == id {
				return m.Status, m.DisplayName
			}
		}
		return "", ""
	}
	later := serve(t, anyPort, "--data", data, "--demo-members=0", "--now=2025-06-20")
	if status, _ := find(later, "mem_LEAVING"); status != "WITHDRAWN" {
		t.Errorf("later: %s", status)
	}
	if ok, body := later.rename(t, later.tokens()["SECRETARIAT"], "Written later", 1); !ok {
		t.Fatal(body)
	}
	later.stop(t)
	for range 2 { // the second start finds the keys as they should be
		earlier := serve(t, anyPort, "--data", data, "--demo-members=0", "--now=2025-03-31")
		if status, _ := find(earlier, "mem_LEAVING"); status != "ACTIVE" {
			t.Errorf("earlier: %s", status)
		}
		if _, name := find(earlier, "mem_ACTIVE"); name != "Written later" {
			t.Errorf("what was written later is %q", name)
		}
		earlier.stop(t)
	}
	if code, stdout, stderr := command(t, "check", "--data", data); code != 0 {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
}
