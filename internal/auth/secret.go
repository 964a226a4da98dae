package auth

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ccojocar/zxcvbn-go"
)

// Secret is a key of HS256 that the portal shares with another program.
type Secret struct{ bytes []byte }

// minSecret is what RFC 7518 §3.2 demands; shorter ones can be guessed from one token. maxSecret keeps
// a wrong file out.
const (
	minSecret = 32
	maxSecret = 4 << 10
)

// LoadSecret reads a secret of at least 32 bytes that looks random from a file that only its owner may
// read. One line end behind it does not belong to it.
func LoadSecret(path string) (*Secret, error) {
	text, err := readPrivate("the HS256 secret", path)
	if err != nil {
		return nil, err
	}
	if len(text) < minSecret {
		return nil, fmt.Errorf("%s holds %d bytes; a secret for HS256 has at least %d", path, len(text), minSecret)
	}
	if err := looksRandom(text); err != nil {
		return nil, fmt.Errorf("%s: %w; make one with: openssl rand -base64 32", path, err)
	}
	return &Secret{[]byte(text)}, nil
}

// LoadClientSecret reads the secret that an issuer gave a client, from a file that only its owner may read. One line
// end behind it does not belong to it.
func LoadClientSecret(path string) (string, error) {
	text, err := readPrivate("the secret of the OIDC client", path)
	if err == nil && text == "" {
		err = fmt.Errorf("%s is empty", path)
	}
	return text, err
}

// LoadConnection reads the connection string of a database from a file that only its owner may read. One line end behind it
// does not belong to it.
func LoadConnection(path string) (string, error) { return readPrivate("the connection string", path) }

// readPrivate reads a short text from a file that only its owner may read, without one line end behind it.
func readPrivate(what, path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", what, err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", what, err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("%s may be read by others (mode %04o): make it 0600", path, info.Mode().Perm())
	}
	raw, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", what, err)
	}
	if len(raw) > maxSecret {
		return "", fmt.Errorf("%s holds more than %d bytes", path, maxSecret)
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(raw), "\n"), "\r"), nil
}

const (
	// fewestTriples is how many different runs of three bytes a secret has at least: 32 random bytes, of
	// whatever alphabet, have 30, or by chance a few fewer.
	fewestTriples = 24
	// mostWords is the share of a secret that may be words between signs.
	mostWords = 0.6
	// fewestBits is how many bits a character must be worth to a guesser who tries words, dates and rows
	// of the keyboard. Of 1,500 random secrets each, in base64, base32 and small letters, the weakest had
	// 3.1; sentences and l33t in English have less than 2.7.
	fewestBits = 2.9
	// measured is how many characters the guesser is given; its work grows faster than the text.
	measured = 64
)

// hexadecimal secrets are not measured by the guesser, who takes their digits for dates.
var hexadecimal = regexp.MustCompile(`^([0-9a-f]+|[0-9A-F]+)$`)

// word is what stands between two signs in a sentence or a name: letters of one case, or a capital
// before small ones.
var word = regexp.MustCompile(`^\p{Lu}?(\p{Ll}{2,19}|\p{Lu}{2,19})$`)

// looksRandom refuses what a person made up: repeated text, rows such as abc or 0123, words, and words
// with digits for letters. A secret that it lets through may still be a bad one.
func looksRandom(secret string) error {
	steps := make([]byte, len(secret)-1)
	for i := range steps {
		steps[i] = secret[i+1] - secret[i]
	}
	if triples(secret) < fewestTriples || triples(string(steps)) < fewestTriples {
		return errors.New("the secret repeats itself")
	}
	if hexadecimal.MatchString(secret) {
		return nil
	}
	letters, all := 0, characters(secret)
	for _, part := range strings.FieldsFunc(secret, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if word.MatchString(part) {
			letters += len([]rune(part))
		}
	}
	if float64(letters) > mostWords*float64(len(all)) {
		return errors.New("the secret is made of words")
	}
	guessed := all[:min(len(all), measured)]
	if zxcvbn.PasswordStrength(string(guessed), nil).Entropy < fewestBits*float64(len(guessed)) {
		return errors.New("the secret can be guessed from words, dates or rows of the keyboard")
	}
	return nil
}

// characters are a text's letters, or the bytes of what is no text.
func characters(secret string) []rune {
	if utf8.ValidString(secret) {
		return []rune(secret)
	}
	var all []rune
	for _, b := range []byte(secret) {
		all = append(all, rune(b))
	}
	return all
}

// triples counts the different runs of three bytes.
func triples(text string) int {
	seen := map[string]bool{}
	for i := range len(text) - 2 {
		seen[text[i:i+3]] = true
	}
	return len(seen)
}
