package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
)

// Seal encrypts a text for a purpose, as letters that a cookie may hold, with a key that is made of the one that signs.
// Every process with the same keys can open it.
func (s KeySet) Seal(purpose, text string) (string, error) {
	keys := s.list().keys
	if len(keys) == 0 {
		return "", errNoKey
	}
	aead, err := keys[0].aead()
	if err != nil {
		return "", err
	}
	return b64.EncodeToString(aead.Seal(nil, nil, []byte(text), []byte(purpose))), nil
}

// Open decrypts what Seal encrypted for the same purpose with a key that is still in the set; ok is false for anything
// else.
func (s KeySet) Open(purpose, sealed string) (text string, ok bool) {
	raw, err := b64.DecodeString(sealed)
	if err != nil {
		return "", false
	}
	for _, k := range s.list().keys {
		aead, err := k.aead()
		if err != nil {
			return "", false
		}
		if text, err := aead.Open(nil, nil, raw, []byte(purpose)); err == nil {
			return string(text), true
		}
	}
	return "", false
}

// aead is a cipher with a key that is made of the signing key, and from which that cannot be told.
func (k key) aead() (cipher.AEAD, error) {
	secret, err := hkdf.Key(sha256.New, k.private.Seed(), nil, "memberportal seal", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
