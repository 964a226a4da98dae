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

// SecretSize is how many random bytes the portal's secret has.
const SecretSize = 32

// StoredSecret is the one secret that all processes over a store share. Cursors are sealed with it, and
// ids that their reader may not know are keyed with it. It is in the store, because every process needs
// the same one and whoever reads the store reads everything else as well.
type StoredSecret struct {
	ID      string `bson:"_id"`
	Version int64  `bson:"version"`
	// Value is in Base64 (RFC 4648 §5).
	Value string `bson:"value"`
}

// theSecret is the id of the one document of its noun.
const theSecret = "portal"

// SecretNoun is how the secret is stored.
var SecretNoun = store.Declare(store.Noun[StoredSecret]{
	Name:     "secrets",
	Identity: func(s *StoredSecret) (string, *int64) { return s.ID, &s.Version },
})

// Valid says whether the secret can be read.
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

// ReadSecret is the secret of a store, for Options. Of processes that find none at the same time one
// makes it, and all get that one. The store must be prepared. A damaged one is an error, because another in
// its place would void every cursor and keyed id that clients hold. If check --repair took it out, a new one
// is made, and replaced is told what the quarantine calls the old one.
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

// tellReplaced tells of each secret that the quarantine holds.
func tellReplaced(ctx context.Context, s store.Store, replaced func(old string)) error {
	held, err := store.InQuarantine(ctx, s)
	for _, q := range held {
		if q.Noun == SecretNoun.Kind.Name {
			replaced(q.ID)
		}
	}
	return err
}

// Sealer seals what clients carry but may not read, and keys what they may not know.
type Sealer struct {
	secret []byte
	aead   cipher.AEAD
}

// NewSealer is a sealer with a secret, or with one that ends with the process if there is none.
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

// mac is a keyed hash (RFC 2104) of parts that hold no zero byte.
func (s *Sealer) mac(parts ...string) []byte {
	h := hmac.New(sha256.New, s.secret)
	_, _ = h.Write([]byte(strings.Join(parts, "\x00")))
	return h.Sum(nil)
}

// seal encrypts a text so that only open reads it, and only for the same purpose. The same text gives
// the same bytes: its nonce is a keyed hash of it, so that no nonce serves two texts.
func (s *Sealer) seal(purpose, text string) []byte {
	nonce := s.mac("nonce", purpose, text)[:s.aead.NonceSize()]
	return s.aead.Seal(nonce, nonce, []byte(text), []byte(purpose))
}

// open reads what seal made for a purpose; ok is false for anything else.
func (s *Sealer) open(purpose string, sealed []byte) (text string, ok bool) {
	n := s.aead.NonceSize()
	if len(sealed) < n {
		return "", false
	}
	raw, err := s.aead.Open(nil, sealed[:n], sealed[n:], []byte(purpose))
	return string(raw), err == nil
}

// idEncoding writes bytes in the letters of ids.
var idEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// sealedID is an id of which only open can tell the record.
func (s *Sealer) sealedID(prefix, purpose string, id ID) ID {
	return ID(prefix + "_" + idEncoding.EncodeToString(s.seal(purpose, string(id))))
}

// openID is the id that sealedID sealed, empty for anything else.
func (s *Sealer) openID(prefix, purpose string, id ID) ID {
	text, found := strings.CutPrefix(string(id), prefix+"_")
	raw, err := idEncoding.DecodeString(text)
	if !found || err != nil {
		return ""
	}
	of, _ := s.open(purpose, raw)
	return ID(of)
}

// keyedID stands for an id within a scope: the same for the same, and nobody without the secret finds
// out whose it is or joins two scopes.
func (s *Sealer) keyedID(id ID, scope ...string) ID {
	return ID("key_" + idEncoding.EncodeToString(s.mac(append([]string{"id", string(id)}, scope...)...)[:16]))
}
