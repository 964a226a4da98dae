package kit

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"memberportal/internal/store"
)

// SecretSize is the number of random bytes in the portal's secret.
const SecretSize = 32

// StoredSecret is the one secret that all processes over a store share. It seals cursors and keys the ids that a
// reader may not know. It is kept in the store because every process needs the same one, and whoever can read the
// store can read everything else as well.
type StoredSecret struct {
	ID      string `bson:"_id"`
	Version int64  `bson:"version"`
	// Value is in Base64 (RFC 4648 §5).
	Value string `bson:"value"`
}

// theSecret is the id of the only document of SecretNoun.
const theSecret = "portal"

// SecretNoun declares how the secret is stored.
var SecretNoun = store.Declare(store.Noun[StoredSecret]{
	Name:     "secrets",
	Identity: func(s *StoredSecret) (string, *int64) { return s.ID, &s.Version },
})

// Valid refuses a secret that is not SecretSize bytes in Base64.
func (s *StoredSecret) Valid() error {
	_, err := s.bytes()
	return err
}

func (s *StoredSecret) bytes() ([]byte, error) {
	value, err := base64.RawURLEncoding.DecodeString(s.Value)
	if err != nil || len(value) != SecretSize {
		return nil, errors.New("the secret is not 32 bytes in Base64")
	}
	return value, nil
}

// ReadSecret returns the secret of a store, which must be prepared. If there is none, it makes one; processes
// that do so at the same time all get the same one. A damaged secret is an error, because a new one would make
// every cursor and keyed id of clients invalid. If check --repair has quarantined the old secret, a new one is
// made, and replaced is called with the quarantined id.
func ReadSecret(ctx context.Context, s store.Store, replaced func(old string)) ([]byte, error) {
	secrets := SecretNoun.In(s)
	found, err := secrets.Get(ctx, theSecret)
	if errors.Is(err, store.ErrNotFound) {
		value := make([]byte, SecretSize)
		_, _ = rand.Read(value) // it never fails
		err = secrets.Insert(ctx, &StoredSecret{ID: theSecret, Value: base64.RawURLEncoding.EncodeToString(value)})
		if err == nil {
			err = tellReplaced(ctx, s, replaced)
		}
		if _, twice := errors.AsType[*store.DuplicateError](err); err == nil || twice {
			found, err = secrets.Get(ctx, theSecret)
		}
	}
	switch {
	case errors.Is(err, store.ErrCorrupt):
		return nil, fmt.Errorf("the store's secret is damaged: restore it from a backup, or have memberportal check --repair take it out and the next start make a new one, which voids the cursors and keyed ids that clients hold: %w", err)
	case err != nil:
		return nil, fmt.Errorf("reading the store's secret: %w", err)
	}
	return found.bytes()
}

// tellReplaced calls replaced for each secret in the quarantine.
func tellReplaced(ctx context.Context, s store.Store, replaced func(old string)) error {
	held, err := store.InQuarantine(ctx, s)
	for _, q := range held {
		if q.Noun == SecretNoun.Kind.Name {
			replaced(q.ID)
		}
	}
	return err
}

// Sealer encrypts what clients carry but may not read, and replaces ids that readers may not know by keyed ones.
type Sealer struct {
	secret []byte
	aead   cipher.AEAD
}

// NewSealer makes a sealer with a secret. If secret is nil, it makes one that lasts as long as the process.
func NewSealer(secret []byte) (*Sealer, error) {
	s := &Sealer{secret: secret}
	if s.secret == nil {
		s.secret = make([]byte, SecretSize)
		_, _ = rand.Read(s.secret) // it never fails
	}
	block, err := aes.NewCipher(s.mac("seal"))
	if err == nil {
		s.aead, err = cipher.NewGCM(block)
	}
	return s, err
}

// mac is a keyed hash (RFC 2104) of parts, which must not contain a zero byte.
func (s *Sealer) mac(parts ...string) []byte {
	h := hmac.New(sha256.New, s.secret)
	_, _ = h.Write([]byte(strings.Join(parts, "\x00")))
	return h.Sum(nil)
}

// seal encrypts a text, which open can read for the same purpose only. The same text gives the same bytes: the
// nonce is a keyed hash of the text, so that no two texts share one.
func (s *Sealer) seal(purpose, text string) []byte {
	nonce := s.mac("nonce", purpose, text)[:s.aead.NonceSize()]
	return s.aead.Seal(nonce, nonce, []byte(text), []byte(purpose))
}

// open decrypts what seal encrypted for the same purpose; ok is false for anything else.
func (s *Sealer) open(purpose string, sealed []byte) (text string, ok bool) {
	n := s.aead.NonceSize()
	if len(sealed) < n {
		return "", false
	}
	raw, err := s.aead.Open(nil, sealed[:n], sealed[n:], []byte(purpose))
	return string(raw), err == nil
}

// idEncoding encodes bytes with characters that an id may have.
var idEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// sealedID encrypts an id, so that only openID can tell the record.
func (s *Sealer) sealedID(prefix, purpose string, id ID) ID {
	return ID(prefix + "_" + idEncoding.EncodeToString(s.seal(purpose, string(id))))
}

// openID returns the id that sealedID encrypted, empty for anything else.
func (s *Sealer) openID(prefix, purpose string, id ID) ID {
	text, found := strings.CutPrefix(string(id), prefix+"_")
	raw, err := idEncoding.DecodeString(text)
	if !found || err != nil {
		return ""
	}
	of, _ := s.open(purpose, raw)
	return ID(of)
}

// keyedID replaces an id by a keyed hash of it and a scope. The same id and scope give the same result. Without
// the secret nobody can find the id, or connect the results of two scopes.
func (s *Sealer) keyedID(id ID, scope ...string) ID {
	return ID("key_" + idEncoding.EncodeToString(s.mac(append([]string{"id", string(id)}, scope...)...)[:16]))
}
