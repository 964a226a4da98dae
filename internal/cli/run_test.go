package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"memberportal/internal/cli"
	"memberportal/internal/testkit"
)

// TestMain takes away what the developer's machine is configured with.
func TestMain(m *testing.M) {
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "MEMBERPORTAL_") && !strings.HasPrefix(name, "MEMBERPORTAL_TEST_") {
			_ = os.Unsetenv(name)
		}
	}
	_ = os.Setenv("MEMBERPORTAL_DEMO_MEMBERS", "40") // a full demonstration takes longer to load
	code := m.Run()
	testkit.RemoveFixture()
	if original != "" {
		_ = os.RemoveAll(original)
	}
	os.Exit(code)
}

// output is what a running command prints; a test may wait for a part of it.
type output struct {
	mu    sync.Mutex
	grown *sync.Cond
	text  strings.Builder
	ended bool
}

func newOutput() *output {
	o := &output{}
	o.grown = sync.NewCond(&o.mu)
	return o
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer o.grown.Broadcast()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func (o *output) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended = true
	o.grown.Broadcast()
}

// wait gives all output once it holds a part, and whether it came before the command ended.
func (o *output) wait(part string) (string, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for !strings.Contains(o.text.String(), part) {
		if o.ended {
			return o.text.String(), false
		}
		o.grown.Wait()
	}
	return o.text.String(), true
}

// command runs a command to its end.
func command(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, faults bytes.Buffer
	code = cli.Run(t.Context(), args, &out, &faults)
	return code, out.String(), faults.String()
}

// server is a running serve.
type server struct {
	stdout, stderr *output
	address        string
	cancel         context.CancelFunc
	code           chan int
}

// start starts the portal.
func start(t *testing.T, args ...string) *server {
	t.Helper()
	return starting(t, func(ctx context.Context, stdout, stderr io.Writer) int { return cli.Run(ctx, args, stdout, stderr) })
}

// starting starts what runs the portal.
func starting(t *testing.T, run func(ctx context.Context, stdout, stderr io.Writer) int) *server {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &server{stdout: newOutput(), stderr: newOutput(), cancel: cancel, code: make(chan int, 1)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.code <- run(ctx, s.stdout, s.stderr)
		s.stdout.end()
		s.stderr.end()
	}()
	t.Cleanup(func() { cancel(); <-ended })
	return s
}

// serve starts the portal and waits until it listens; on any free port unless the arguments say which.
func serve(t *testing.T, args ...string) *server {
	t.Helper()
	return listening(t, start(t, args...))
}

// listening waits until a server listens.
func listening(t *testing.T, s *server) *server {
	t.Helper()
	text, ok := s.stdout.wait(" store\n")
	if !ok {
		t.Fatalf("serve ended with %d: %s%s", <-s.code, text, s.stderr)
	}
	_, address, _ := strings.Cut(text, "http://")
	s.address, _, _ = strings.Cut(address, "/")
	response, err := http.Get("http://" + s.address) // answered once everything is printed
	if err != nil {
		t.Fatalf("%v; serve ended with %d: %s", err, <-s.code, s.stderr)
	}
	must(t, response.Body.Close())
	return s
}

// stop cancels the context and gives the exit code.
func (s *server) stop(t *testing.T) {
	t.Helper()
	s.cancel()
	if code := <-s.code; code != 0 {
		t.Fatalf("exit code %d: %s", code, s.stderr)
	}
}

// tokens are the ready tokens that were printed, by role.
func (s *server) tokens() map[string]string {
	tokens := map[string]string{}
	for block := range strings.SplitSeq(s.stdout.String(), "\n\n") {
		if lines := strings.Split(strings.TrimSpace(block), "\n"); len(lines) == 2 && strings.HasPrefix(lines[1], "ey") {
			role, _, _ := strings.Cut(lines[0], " ")
			tokens[role] = lines[1]
		}
	}
	return tokens
}

// post sends a GraphQL document; change may alter the request.
func (s *server) post(t *testing.T, token, query string, change func(*http.Request)) (status int, body string) {
	t.Helper()
	raw, err := json.Marshal(map[string]string{"query": query})
	must(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.address+"/graphql", bytes.NewReader(raw))
	must(t, err)
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if change != nil {
		change(request)
	}
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	must(t, err)
	return response.StatusCode, string(answer)
}

// ask sends a document that must be answered without errors, and decodes its data.
func ask[T any](t *testing.T, s *server, token, query string) T {
	t.Helper()
	var answer struct {
		Data   T
		Errors []any
	}
	status, body := s.post(t, token, query, nil)
	if err := json.Unmarshal([]byte(body), &answer); err != nil || status != http.StatusOK || len(answer.Errors) > 0 {
		t.Fatalf("HTTP %d, %v: %s", status, err, body)
	}
	return answer.Data
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%q is not in:\n%s", p, text)
		}
	}
}

// plus joins arguments without sharing memory.
func plus(args []string, more ...string) []string { return slices.Concat(args, more) }
