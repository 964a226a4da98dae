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
)

// KeySet is a list of Ed25519 keys. The first one signs; all of them verify, so that a key can be
// replaced while its tokens are still about.
type KeySet struct{ keys []key }

type key struct {
	id      string
	private ed25519.PrivateKey
}

// jwk is a key as RFC 8037 writes it.
type jwk struct {
	Type       string `json:"kty"`
	Curve      string `json:"crv"`
	Algorithm  string `json:"alg"`
	ID         string `json:"kid"`
	Public     string `json:"x"`
	PrivateKey string `json:"d"`
}

var b64 = base64.RawURLEncoding

// NewKeySet makes a set of one random key.
func NewKeySet() KeySet {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(fmt.Sprintf("making a key: %v", err)) // only a broken source of randomness does this
	}
	return KeySet{[]key{{rand.Text()[:12], private}}}
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
	var file struct {
		Keys []jwk `json:"keys"`
	}
	if err := json.Unmarshal(raw, &file); err != nil || len(file.Keys) == 0 {
		return KeySet{}, fmt.Errorf("%s is not a JSON Web Key Set with at least one key", path)
	}
	var set KeySet
	for i, k := range file.Keys {
		seed, err := b64.DecodeString(k.PrivateKey)
		if k.Type != "OKP" || k.Curve != "Ed25519" || k.ID == "" || err != nil || len(seed) != ed25519.SeedSize {
			return KeySet{}, fmt.Errorf("%s: key %d is not an Ed25519 private key with a kid", path, i)
		}
		set.keys = append(set.keys, key{k.ID, ed25519.NewKeyFromSeed(seed)})
	}
	return set, nil
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
	temporary, err := os.CreateTemp(filepath.Dir(path), ".key-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary.Name()) }()
	_, err = temporary.Write(content)
	if err = errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	return os.Link(temporary.Name(), path)
}

func (s KeySet) encode() []byte {
	var file struct {
		Keys []jwk `json:"keys"`
	}
	for _, k := range s.keys {
		file.Keys = append(file.Keys, jwk{
			Type: "OKP", Curve: "Ed25519", Algorithm: "EdDSA", ID: k.id,
			Public: b64.EncodeToString(k.private.Public().(ed25519.PublicKey)), PrivateKey: b64.EncodeToString(k.private.Seed()),
		})
	}
	raw, _ := json.MarshalIndent(file, "", "  ")
	return append(raw, '\n')
}

func (s KeySet) public(id string) (ed25519.PublicKey, bool) {
	for _, k := range s.keys {
		if k.id == id {
			return k.private.Public().(ed25519.PublicKey), true
		}
	}
	return nil, false
}
