package auth_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"memberportal/internal/auth"
	"memberportal/internal/kit"
)

// ids are the kids of the public keys that a set serves, in order.
func ids(t *testing.T, keys auth.KeySet) (found []string) {
	t.Helper()
	recorder := httptest.NewRecorder()
	keys.Handler().ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/.well-known/jwks.json", nil))
	var set struct{ Keys []map[string]any }
	if err := json.Unmarshal(recorder.Body.Bytes(), &set); err != nil {
		t.Fatal(err)
	}
	for _, k := range set.Keys {
		found = append(found, k["kid"].(string))
	}
	return found
}

func load(t *testing.T, path string) auth.KeySet {
	t.Helper()
	keys, err := auth.LoadKeySet(path)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestRotateKeepsKeysAsLongAsTheirTokens(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	if _, err := auth.EnsureKeySet(path); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	first := ids(t, load(t, path))[0]
	rotate := func(after time.Duration) []string {
		t.Helper()
		if err := auth.Rotate(path, start.Add(after)); err != nil {
			t.Fatal(err)
		}
		return ids(t, load(t, path))
	}
	second := rotate(time.Hour)
	if len(second) != 2 || second[1] != first {
		t.Fatalf("after one rotation: %v, the first was %s", second, first)
	}
	if third := rotate(48 * time.Hour); len(third) != 3 || third[2] != first {
		t.Fatalf("47 hours after it was replaced, the first key is gone: %v", third)
	}
	fourth := rotate(50 * time.Hour)
	if len(fourth) != 3 || fourth[2] != second[0] {
		t.Fatalf("49 hours after it was replaced, the first key is there or another one not: %v", fourth)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestRotateKeepsKeysOfUnknownAge(t *testing.T) {
	path := keyFile(t, 'A', 'B', 'C')
	if err := auth.Rotate(path, time.Now().Add(1000*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := ids(t, load(t, path)); len(got) != 4 || strings.Join(got[1:], "") != "ABC" {
		t.Errorf("got %v", got)
	}
}

func TestRotateRefusesAFileThatIsNotGood(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	if err := auth.Rotate(path, time.Now()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := auth.Rotate(path, time.Now()); err == nil {
		t.Error("a file without keys was rotated")
	}
}

// lines is a log that can be read while it is written.
type lines struct {
	mu sync.Mutex
	bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.Write(p)
}

func (l *lines) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.String(), text)
}

// eventually waits for what another goroutine does.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what)
		}
	}
}

func TestWatchedKeysFollowTheirFile(t *testing.T) {
	path := keyFile(t, 'A')
	running := with(load(t, path))
	var log lines
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		running.Keys.Watch(ctx, path, slog.New(slog.NewTextHandler(&log, nil)))
		close(ended)
	}()
	old := issue(t, running)
	replace(t, path, keyFile(t, 'B', 'A'))
	young := issue(t, with(load(t, path)))
	eventually(t, "a token of the new key is not accepted", func() bool { _, err := running.Parse(young); return err == nil })
	if _, err := running.Parse(old); err != nil {
		t.Errorf("a token of the key that was replaced: %v", err)
	}
	if got := ids(t, running.Keys); strings.Join(got, "") != "BA" {
		t.Errorf("it serves %v", got)
	}
	for name, content := range map[string]string{"half a file": `{"keys":[`, "no keys": `{"keys":[]}`} {
		before := log.count("is not good")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		eventually(t, name+" is not logged", func() bool { return log.count("is not good") == before+1 })
		if _, err := running.Parse(young); err != nil {
			t.Errorf("%s took the keys away: %v", name, err)
		}
	}
	replace(t, path, keyFile(t, 'B'))
	eventually(t, "the key that was taken away still verifies", func() bool { _, err := running.Parse(old); return errors.Is(err, auth.ErrBadToken) })
	if log.count("is not good") != 2 || log.count("QUFB") > 0 || log.count("QkJC") > 0 {
		t.Errorf("the log: %s", &log.Buffer)
	}
	stop()
	<-ended
}

func replace(t *testing.T, path, by string) {
	t.Helper()
	if err := os.Rename(by, path); err != nil {
		t.Fatal(err)
	}
}

func TestTheServedKeysArePublic(t *testing.T) {
	path := keyFile(t, 'A', 'B')
	recorder := httptest.NewRecorder()
	load(t, path).Handler().ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/.well-known/jwks.json", nil))
	if got := recorder.Header().Get("Cache-Control"); got != "public, max-age=300" {
		t.Errorf("Cache-Control %q", got)
	}
	if got := recorder.Header().Get("Content-Type"); got != "application/jwk-set+json" {
		t.Errorf("Content-Type %q", got)
	}
	for _, secret := range []string{`"d"`, b64.EncodeToString(privateKey('A').Seed()), b64.EncodeToString(privateKey('B').Seed())} {
		if strings.Contains(recorder.Body.String(), secret) {
			t.Errorf("%s is served", secret)
		}
	}
	if got := ids(t, load(t, path)); strings.Join(got, "") != "AB" {
		t.Errorf("kids %v", got)
	}
}

func TestTokensWithoutKeys(t *testing.T) {
	none := auth.Tokens{Issuer: "portal", Audience: "api", Now: time.Now}
	if _, err := none.Issue(kit.Proof{Subject: "usr_a"}, time.Hour); err == nil {
		t.Error("a token was issued without a key")
	}
	if _, err := none.Parse(forge().token(t)); !errors.Is(err, auth.ErrBadToken) {
		t.Errorf("a token was judged without a key: %v", err)
	}
}
