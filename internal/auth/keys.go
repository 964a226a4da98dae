// Package auth turns access tokens into actors: it keeps the signing keys, issues and verifies
// tokens, and puts who asks into a request's context. Nothing else knows that tokens exist.
package auth

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"
)

// KeySet is a list of Ed25519 keys. The first one signs; all of them verify, so that a key can be
// replaced while its tokens are still about. Copies share what Watch reloads. The zero KeySet has no
// keys.
type KeySet struct{ held *atomic.Pointer[keyList] }

type keyList struct {
	keys []key
	look func() // for a key that is not here; nil unless the file is watched
}

type key struct {
	id      string
	private ed25519.PrivateKey
	made    time.Time // zero if the file does not say
}

// jwk is a key as RFC 8037 writes it.
type jwk struct {
	Type       string `json:"kty"`
	Curve      string `json:"crv"`
	Algorithm  string `json:"alg"`
	Use        string `json:"use,omitempty"`
	ID         string `json:"kid"`
	Public     string `json:"x"`
	PrivateKey string `json:"d,omitempty"`
	Made       int64  `json:"iat,omitempty"`
}

var b64 = base64.RawURLEncoding

func setOf(keys []key) KeySet {
	var held atomic.Pointer[keyList]
	held.Store(&keyList{keys: keys})
	return KeySet{&held}
}

// list is never nil.
func (s KeySet) list() *keyList {
	if s.held == nil {
		return &keyList{}
	}
	return s.held.Load()
}

// NewKeySet makes a set of one random key.
func NewKeySet() KeySet { return setOf([]key{newKey(time.Now())}) }

func newKey(now time.Time) key {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(fmt.Sprintf("making a key: %v", err)) // only a broken source of randomness does this
	}
	return key{rand.Text()[:12], private, now}
}

// LoadKeySet reads a key set, a JSON Web Key Set that only its owner may read.
func LoadKeySet(path string) (KeySet, error) {
	info, err := os.Stat(path)
	if err != nil {
		return KeySet{}, fmt.Errorf("reading the signing key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return KeySet{}, fmt.Errorf("%s may be read by others (mode %04o): make it 0600", path, info.Mode().Perm())
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return KeySet{}, fmt.Errorf("reading the signing key: %w", err)
	}
	return parseKeySet(path, raw)
}

func parseKeySet(path string, raw []byte) (KeySet, error) {
	var file jwks
	if err := json.Unmarshal(raw, &file); err != nil || len(file.Keys) == 0 {
		return KeySet{}, fmt.Errorf("%s is not a JSON Web Key Set with at least one key", path)
	}
	var keys []key
	for i, k := range file.Keys {
		seed, err := b64.DecodeString(k.PrivateKey)
		if k.Type != "OKP" || k.Curve != "Ed25519" || k.ID == "" || err != nil || len(seed) != ed25519.SeedSize {
			return KeySet{}, fmt.Errorf("%s: key %d is not an Ed25519 private key with a kid", path, i)
		}
		if slices.ContainsFunc(keys, func(other key) bool { return other.id == k.ID }) {
			return KeySet{}, fmt.Errorf("%s: key %d has the kid of another one", path, i)
		}
		var made time.Time
		if k.Made > 0 {
			made = time.Unix(k.Made, 0)
		}
		keys = append(keys, key{k.ID, ed25519.NewKeyFromSeed(seed), made})
	}
	return setOf(keys), nil
}

// EnsureKeySet reads a key set, or makes one where there is none yet.
func EnsureKeySet(path string) (KeySet, error) {
	set, err := LoadKeySet(path)
	if !errors.Is(err, os.ErrNotExist) {
		return set, err
	}
	set = NewKeySet()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return KeySet{}, fmt.Errorf("making the data folder: %w", err)
	}
	if err := writeNew(path, set.encode()); errors.Is(err, os.ErrExist) {
		return LoadKeySet(path) // another process was quicker
	} else if err != nil {
		return KeySet{}, fmt.Errorf("writing the signing key: %w", err)
	}
	return set, nil
}

// writeNew writes a file whole or not at all, and never over another one.
func writeNew(path string, content []byte) error {
	temporary, err := writeTemporary(filepath.Dir(path), content)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary) }()
	return os.Link(temporary, path)
}

// WritePrivate puts a file that only its owner may read in the place of another, whole or not at all.
func WritePrivate(path string, content []byte) error {
	temporary, err := writeTemporary(filepath.Dir(path), content)
	if err != nil {
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return nil
}

// writeTemporary writes a file that only its owner may read, and leaves none behind if it fails.
func writeTemporary(folder string, content []byte) (path string, err error) {
	file, err := os.CreateTemp(folder, ".key-*")
	if err != nil {
		return "", err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return "", errors.Join(err, os.Remove(file.Name()))
	}
	return file.Name(), nil
}

func (s KeySet) encode() []byte {
	file := s.published()
	for i, k := range s.list().keys {
		file.Keys[i].PrivateKey = b64.EncodeToString(k.private.Seed())
		if !k.made.IsZero() {
			file.Keys[i].Made = k.made.Unix()
		}
	}
	raw, _ := json.MarshalIndent(file, "", "  ")
	return append(raw, '\n')
}

type jwks struct {
	Keys []jwk `json:"keys"`
}

// published is what anybody may know of the keys.
func (s KeySet) published() jwks {
	var file jwks
	for _, k := range s.list().keys {
		file.Keys = append(file.Keys, jwk{
			Type: "OKP", Curve: "Ed25519", Algorithm: "EdDSA", Use: "sig", ID: k.id,
			Public: b64.EncodeToString(k.private.Public().(ed25519.PublicKey)),
		})
	}
	return file
}

// public gives the key of an id. A watched file is looked at once more for one that is not known, so
// that a token of a new key holds at once.
func (s KeySet) public(id string) (ed25519.PublicKey, bool) {
	list := s.list()
	found, ok := list.public(id)
	if !ok && list.look != nil {
		list.look()
		found, ok = s.list().public(id)
	}
	return found, ok
}

func (l *keyList) public(id string) (ed25519.PublicKey, bool) {
	for _, k := range l.keys {
		if k.id == id {
			return k.private.Public().(ed25519.PublicKey), true
		}
	}
	return nil, false
}
