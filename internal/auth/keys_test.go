package auth_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"memberportal/internal/auth"
	"memberportal/internal/kit"
)

func TestEnsureKeySetMakesAFileForItsOwnerAlone(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new", "folder")
	path := filepath.Join(folder, "signing-key.json")
	made, err := auth.EnsureKeySet(path)
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]fs.FileMode{path: 0o600, folder: 0o700} {
		info, err := os.Stat(at)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: mode %v, %v; want %v", at, info.Mode().Perm(), err, want)
		}
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v; the key file alone was wanted", entries, err)
	}
	again, err := auth.EnsureKeySet(path)
	if err != nil {
		t.Fatal(err)
	}
	verifies(t, made, again)
}

func TestKeySetsDiffer(t *testing.T) {
	a, b := with(auth.NewKeySet()), with(auth.NewKeySet())
	if _, err := b.Parse(issue(t, a)); !errors.Is(err, auth.ErrBadToken) {
		t.Fatalf("two new key sets verify each other: %v", err)
	}
}

func TestKeyFileThatOthersMayReadIsRefused(t *testing.T) {
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o620, 0o601, 0o644, 0o666} {
		path := keyFile(t, 'A')
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		for name, open := range map[string]func(string) (auth.KeySet, error){"LoadKeySet": auth.LoadKeySet, "EnsureKeySet": auth.EnsureKeySet} {
			if _, err := open(path); err == nil || !strings.Contains(err.Error(), "0600") {
				t.Errorf("%s of mode %v: %v", name, mode, err)
			}
		}
	}
}

func TestCorruptKeyFileIsRefusedAndKept(t *testing.T) {
	good, err := os.ReadFile(keyFile(t, 'A'))
	if err != nil {
		t.Fatal(err)
	}
	change := func(from, to string) string { return strings.Replace(string(good), from, to, 1) }
	for name, content := range map[string]string{
		"an empty file":                   "",
		"no JSON":                         "key",
		"half of a file":                  string(good[:len(good)/2]),
		"a set without keys":              `{"keys":[]}`,
		"a key outside of a set":          `{"kty":"OKP"}`,
		"a key of another type":           change("OKP", "RSA"),
		"a key of another curve":          change("Ed25519", "X25519"),
		"a key without a kid":             change(`"kid":"A"`, `"kid":""`),
		"a public key only":               change(`"d":"`, `"e":"`),
		"a private key that is too short": change(`"d":"QUFB`, `"d":"`),
		"a private key that is no base64": change(`"d":"QUFB`, `"d":"!!!!`),
		"a private key of a PEM file":     "-----BEGIN PRIVATE KEY-----\n",
		"a second key that is not a key":  change(`]`, `,{}]`),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "keys.json")
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := auth.EnsureKeySet(path); err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("the error does not name the file: %v", err)
			} else if strings.Contains(err.Error(), "QUFB") {
				t.Errorf("the error shows the key: %v", err)
			}
			if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, []byte(content)) {
				t.Errorf("the file was changed to %q, %v", now, err)
			}
		})
	}
}

func TestLoadKeySetMakesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	if _, err := auth.LoadKeySet(path); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("loading a file that is not there: %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("the file is there now: %v", err)
	}
}

func TestProcessesThatStartAtOnceShareOneKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	sets := make([]auth.KeySet, 16)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range sets {
		all.Go(func() {
			<-start
			set, err := auth.EnsureKeySet(path)
			if err != nil {
				t.Errorf("ensuring: %v", err)
				return
			}
			sets[i] = set
		})
	}
	close(start)
	all.Wait()
	if t.Failed() {
		return
	}
	for _, set := range sets[1:] {
		verifies(t, sets[0], set)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestRotation(t *testing.T) {
	old, both, after := tokens(t, 'A'), tokens(t, 'B', 'A'), tokens(t, 'B')
	if _, err := both.Parse(issue(t, old)); err != nil {
		t.Errorf("a token of the key that was replaced: %v", err)
	}
	if _, err := after.Parse(issue(t, both)); err != nil {
		t.Errorf("a token of the new key, which signs: %v", err)
	}
	if _, err := after.Parse(issue(t, old)); !errors.Is(err, auth.ErrBadToken) {
		t.Errorf("a token of a key that was taken away: %v", err)
	}
}

func with(keys auth.KeySet) auth.Tokens {
	return auth.Tokens{Keys: keys, Issuer: "portal", Audience: "api", Now: func() time.Time { return now }}
}

func issue(t *testing.T, by auth.Tokens) string {
	t.Helper()
	token, err := by.Issue(kit.Proof{Subject: "usr_a"}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func verifies(t *testing.T, a, b auth.KeySet) {
	t.Helper()
	if _, err := with(b).Parse(issue(t, with(a))); err != nil {
		t.Errorf("one key set does not verify the other's token: %v", err)
	}
}
