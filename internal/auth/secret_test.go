package auth_test

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"memberportal/internal/auth"
)

func loadSecret(t *testing.T, content string, mode os.FileMode) error {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	_, err := auth.LoadSecret(path)
	if err != nil && !strings.Contains(err.Error(), path) {
		t.Errorf("the fault does not name the file: %v", err)
	}
	if _, said, _ := strings.Cut(fmt.Sprint(err), path); err != nil && len(content) > 8 && strings.Contains(said, content[:8]) {
		t.Errorf("the fault shows the secret: %v", err)
	}
	return err
}

func TestSecretsThatAreRefused(t *testing.T) {
	const good = testSecret
	for name, c := range map[string]struct {
		content string
		mode    os.FileMode
		want    string
	}{
		"nothing":                        {"", 0o600, "at least 32"},
		"31 bytes":                       {good[:31], 0o600, "at least 32"},
		"31 bytes and a line end":        {good[:31] + "\n", 0o600, "at least 32"},
		"31 bytes and a line end of DOS": {good[:31] + "\r\n", 0o600, "at least 32"},
		"more than 4 KB":                 {strings.Repeat(good, 110), 0o600, "more than"},
		"32 bytes that others may read":  {good, 0o640, "0600"},
		"one letter":                     {strings.Repeat("a", 64), 0o600, "repeats"},
		"zeros":                          {strings.Repeat("\x00", 64), 0o600, "repeats"},
		"two letters in turn":            {strings.Repeat("ab", 40), 0o600, "repeats"},
		"a word again and again":         {strings.Repeat("a secret", 8), 0o600, "repeats"},
		"random letters again and again": {strings.Repeat(good[:8], 8), 0o600, "repeats"},
		"random letters and padding":     {good[:12] + strings.Repeat("0", 52), 0o600, "repeats"},
		"the alphabet and digits":        {"abcdefghijklmnopqrstuvwxyz0123456789", 0o600, "repeats"},
		"the alphabet backwards":         {"zyxwvutsrqponmlkjihgfedcba9876543210", 0o600, "repeats"},
		"digits of hexadecimals in turn": {"0123456789abcdef0123456789abcdef0123456789abcdef", 0o600, "repeats"},
		"pairs of digits in turn":        {"00112233445566778899aabbccddeeff00112233", 0o600, "repeats"},
		"bytes that count up":            {string(countingUp(64)), 0o600, "repeats"},
		"one word of hexadecimals":       {strings.Repeat("deadbeef", 8), 0o600, "repeats"},
		"a nil UUID":                     {"00000000-0000-0000-0000-000000000000", 0o600, "repeats"},
		"rows of the keyboard":           {"qwertyuiopasdfghjklzxcvbnm123456", 0o600, "guessed"},
		"an example of JWT libraries":    {"your-super-secret-jwt-token-with-at-least-32-characters-long", 0o600, "words"},
		"another example":                {"a-string-secret-at-least-256-bits-long", 0o600, "words"},
		"words with underlines":          {"MEMBERPORTAL_PRODUCTION_SIGNING_SECRET_KEY", 0o600, "words"},
		"a request to change it":         {"change_me_before_going_to_production_please", 0o600, "words"},
		"a sentence":                     {"the quick brown fox jumps over the lazy dog", 0o600, "words"},
		"a sentence in French":           {"ceci est un secret très long pour le portail des membres", 0o600, "words"},
		"a sentence in Russian":          {"это очень длинный секрет портала членов", 0o600, "words"},
		"a phrase in German":             {"Zugangsschluessel-fuer-das-Mitgliederportal", 0o600, "words"},
		"words without spaces":           {"thisisthesecretkeyforjsonwebtokens", 0o600, "guessed"},
		"words with capitals":            {"ThisIsASecretKeyThatIsLongEnoughForHS256!", 0o600, "guessed"},
		"words with digits for letters":  {"MyS3cretP@ssw0rdForJWTSigning2024!!", 0o600, "guessed"},
		"passwords in a row":             {"iloveyouprincessdragonmonkeypassword", 0o600, "guessed"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := loadSecret(t, c.content, c.mode); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func countingUp(n int) (all []byte) {
	for i := range n {
		all = append(all, byte(i))
	}
	return all
}

// TestRandomSecretsAreTaken takes what people make secrets with, a few of each at every run.
func TestRandomSecretsAreTaken(t *testing.T) {
	for name, write := range map[string]func([]byte) string{
		"openssl rand -base64 32": base64.StdEncoding.EncodeToString,
		"with a line end":         func(b []byte) string { return base64.StdEncoding.EncodeToString(b) + "\n" },
		"for addresses":           base64.RawURLEncoding.EncodeToString,
		"32 letters of base64":    func(b []byte) string { return base64.StdEncoding.EncodeToString(b)[:32] },
		"openssl rand -hex 32":    hex.EncodeToString,
		"openssl rand -hex 16":    func(b []byte) string { return hex.EncodeToString(b[:16]) },
		"base32":                  base32.StdEncoding.EncodeToString,
		"head -c 32 /dev/urandom": func(b []byte) string { return string(b[:31]) + "\xff" }, // not a line end
		"several kilobytes":       func([]byte) string { return longText() },
	} {
		t.Run(name, func(t *testing.T) {
			for range 5 {
				raw := make([]byte, 32)
				_, _ = rand.Read(raw)
				if secret := write(raw); loadSecret(t, secret, 0o600) != nil {
					t.Errorf("%q: %v", secret, loadSecret(t, secret, 0o600))
				}
			}
		})
	}
}

func longText() string {
	raw := make([]byte, 3000)
	_, _ = rand.Read(raw)
	return base64.StdEncoding.EncodeToString(raw)
}
