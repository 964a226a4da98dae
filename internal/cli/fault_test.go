package cli_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"memberportal/internal/auth"
	"memberportal/internal/cli"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/store/mongostore"
	"memberportal/internal/store/sqlitestore"
	"memberportal/internal/testkit"
	"memberportal/internal/web"
)

// behind serves a store with the fixture's members, its health and figures included, and gives a
// token of the secretariat.
func behind(t *testing.T, s store.Store) (_ *server, front *web.Front, token string) {
	t.Helper()
	_, err := store.Begin(t.Context(), s, portal.Kinds(), string(testkit.Today), true)
	must(t, err)
	must(t, membership.MemberNoun.In(s).Insert(t.Context(), testkit.Members()...))
	must(t, people.PersonNoun.In(s).Insert(t.Context(), testkit.Staff()...))
	return serveStore(t, s)
}

func serveStore(t *testing.T, s store.Store) (_ *server, front *web.Front, token string) {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	p, err := portal.New(portal.Options{Store: s, Clock: testkit.Clock(), Entropy: rand.Reader, Countries: testkit.Countries(t)})
	must(t, err)
	front = web.New(web.Options{Log: log, Store: s})
	front.Begin()
	tokens := auth.Tokens{Keys: auth.NewKeySet(), Issuer: "test", Audience: "test", Now: time.Now}
	token, err = tokens.Issue(testkit.Proof("SECRETARIAT"), time.Hour)
	must(t, err)
	h := httptest.NewServer(cli.HandlerBehind(front, p, tokens, log, false, nil))
	t.Cleanup(h.Close)
	return &server{address: strings.TrimPrefix(h.URL, "http://")}, front, token
}

func (s *server) get(t *testing.T, path string) (status int, body string) {
	t.Helper()
	response, err := http.Get("http://" + s.address + path)
	must(t, err)
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	must(t, err)
	return response.StatusCode, string(raw)
}

// becomes asks until the path answers with the status; a test that waits in vain fails by its own time.
func (s *server) becomes(t *testing.T, path string, status int) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; {
		got, body := s.get(t, path)
		if got == status {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s: HTTP %d: %s", path, got, body)
		}
	}
}

// rename gives mem_ACTIVE another name, for its version, and says what was answered.
func (s *server) rename(t *testing.T, token, name string, version int) (ok bool, body string) {
	t.Helper()
	_, body = s.post(t, token, fmt.Sprintf(`mutation { updateMemberProfile(input: {id: "mem_ACTIVE", expectedVersion: %d, displayName: %q}) { member { displayName version } userErrors { code message } } }`, version, name), nil)
	return strings.Contains(body, fmt.Sprintf(`"version":%d`, version+1)) && !strings.Contains(body, `"errors"`), body
}

func figure(t *testing.T, front *web.Front) string {
	t.Helper()
	w := httptest.NewRecorder()
	front.Metrics().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return w.Body.String()
}

const oneQuery = `{ member(id: "mem_ACTIVE") { displayName } }`

func TestMongoDBIsCutOffWhileServing(t *testing.T) {
	t.Parallel() // it waits for time limits
	peer := testkit.Mongo(t)
	u, err := url.Parse(peer.URI)
	must(t, err)
	cable := newCable(t, u.Host)
	u.Host = cable.address
	query := u.Query()
	query.Set("directConnection", "true") // a replica set would name its members, past the cable
	u.RawQuery = query.Encode()
	stopsWhileServing(t, mongostore.Options{URI: u.String(), Database: peer.Database(t), AllowNonAtomic: !peer.Atomic()}, cable.cut, func() { cable.join(t) })
}

func TestMongoDBIsKilledWhileServing(t *testing.T) {
	t.Parallel() // it waits for time limits
	peer := testkit.NewMongoProcess(t)
	stopsWhileServing(t, mongostore.Options{URI: peer.URI(), Database: "portal_test", AllowNonAtomic: true}, peer.Kill, func() { peer.Start(t) })
}

// stopsWhileServing takes the store away and gives it back.
func stopsWhileServing(t *testing.T, o mongostore.Options, stop, start func()) {
	t.Helper()
	s, err := mongostore.Open(t.Context(), o)
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	portal, front, token := behind(t, s)
	portal.becomes(t, "/readyz", 200)
	if ok, body := portal.rename(t, token, "Acknowledged", 1); !ok {
		t.Fatal(body)
	}
	stop()
	portal.becomes(t, "/readyz", 503)
	if status, _ := portal.get(t, "/healthz"); status != 200 {
		t.Errorf("the process lives, but /healthz says %d", status)
	}
	var all sync.WaitGroup
	for _, ask := range []func() string{
		func() string { _, body := portal.post(t, "", oneQuery, nil); return body },
		func() string { _, body := portal.rename(t, token, "Lost", 2); return body },
	} {
		all.Go(func() {
			started := time.Now()
			if body := ask(); !strings.Contains(body, `"UNAVAILABLE"`) || strings.Contains(body, "127.0.0.1") {
				t.Error(body)
			}
			if took := time.Since(started); took > 11*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
	all.Wait()
	if text := figure(t, front); !strings.Contains(text, "memberportal_store_up 0") || !strings.Contains(text, `{code="UNAVAILABLE",kind="query"} 1`) {
		t.Error(text)
	}
	start()
	portal.becomes(t, "/readyz", 200)
	if _, body := portal.post(t, "", oneQuery, nil); !strings.Contains(body, `"Acknowledged"`) {
		t.Errorf("what was acknowledged is lost: %s", body)
	}
	if ok, body := portal.rename(t, token, "Back", 2); !ok {
		t.Error(body)
	}
}

func TestEmbeddedStoreStopsWhileServing(t *testing.T) {
	path, ctx := filepath.Join(t.TempDir(), "portal.db"), context.Background()
	s, err := sqlitestore.Open(ctx, path, sqlitestore.Options{Holder: "test"})
	must(t, err)
	first, front, token := behind(t, s)
	if ok, body := first.rename(t, token, "Acknowledged", 1); !ok {
		t.Fatal(body)
	}
	must(t, s.Close())
	for _, body := range []string{
		func() string { _, body := first.post(t, "", oneQuery, nil); return body }(),
		func() string { _, body := first.rename(t, token, "Lost", 2); return body }(),
	} {
		if !strings.Contains(body, `"UNAVAILABLE"`) || strings.Contains(body, "closed") {
			t.Error(body)
		}
	}
	first.becomes(t, "/readyz", 503)
	if text := figure(t, front); !strings.Contains(text, "memberportal_store_up 0") {
		t.Error(text)
	}
	again, err := sqlitestore.Open(ctx, path, sqlitestore.Options{Holder: "test"})
	must(t, err)
	t.Cleanup(func() { _ = again.Close() })
	again.SetDay(string(testkit.Today))
	second, _, token := serveStore(t, again)
	if _, body := second.post(t, "", oneQuery, nil); !strings.Contains(body, `"Acknowledged"`) {
		t.Error(body)
	}
	if ok, body := second.rename(t, token, "Back", 2); !ok {
		t.Error(body)
	}
}

// trapped is a store that panics, or gives an error, while it is told to.
type trapped struct {
	store.Store
	panics, fails atomic.Bool
}

func (s *trapped) Get(ctx context.Context, k *store.Kind, ids []string) ([]any, error) {
	switch {
	case s.panics.Load():
		panic("secret of the house")
	case s.fails.Load():
		return nil, fmt.Errorf("secret of the house: %w", store.ErrUnavailable)
	}
	return s.Store.Get(ctx, k, ids)
}

func TestResolverPanics(t *testing.T) {
	s := &trapped{Store: testkit.Engines()[0].Fresh(t)}
	portal, front, _ := serveStore(t, s)
	for _, c := range []struct {
		name     string
		switched *atomic.Bool
		code     string
		panics   string
	}{
		{"an unavailable store", &s.fails, "UNAVAILABLE", "memberportal_panics_total 0"},
		{"a panic", &s.panics, "INTERNAL", "memberportal_panics_total 1"},
	} {
		t.Run(c.name+" is masked and counted", func(t *testing.T) {
			c.switched.Store(true)
			_, body := portal.post(t, "", oneQuery, nil)
			c.switched.Store(false)
			if !strings.Contains(body, `"`+c.code+`"`) || !strings.Contains(body, `"requestId"`) || strings.Contains(body, "secret") {
				t.Error(body)
			}
			contains(t, figure(t, front), c.panics, fmt.Sprintf(`memberportal_graphql_operations_total{code=%q,kind="query"} 1`, c.code))
			if _, body := portal.post(t, "", oneQuery, nil); strings.Contains(body, "errors") {
				t.Errorf("afterwards: %s", body)
			}
		})
	}
}

func TestOperationsAreCounted(t *testing.T) {
	portal, front, token := serveStore(t, testkit.Engines()[0].Fresh(t))
	for _, query := range []string{
		oneQuery, `{ `, `{ nothing }`, `query Made_up_by_the_caller { viewer { id } }`,
		`mutation { updateMemberProfile(input: {id: "mem_NONE", expectedVersion: 1}) { userErrors { code } } }`,
	} {
		portal.post(t, token, query, nil)
	}
	portal.post(t, "", `{ auditLog { nodes { id } } }`, nil)
	text := figure(t, front)
	for _, labels := range []string{
		`code="OK",kind="query"} 2`, `code="GRAPHQL_PARSE_FAILED",kind="none"} 1`, `code="GRAPHQL_VALIDATION_FAILED",kind="none"} 1`,
		`code="NOT_FOUND",kind="mutation"} 1`, `code="UNAUTHENTICATED",kind="query"} 1`,
	} {
		contains(t, text, "memberportal_graphql_operations_total{"+labels)
	}
	if strings.Contains(text, "Made_up") {
		t.Error("a name that a caller made up is a label")
	}
}
