package testkit

import (
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/people"
)

// Passkeys are two of usr_FOCAL, of which pky_NEW was never used, and one of usr_secretariat. No device has their keys.
func Passkeys() []*people.Passkey {
	used := passkey("pky_FOCAL", "usr_FOCAL", "Laptop", 40)
	used.SignCount, used.LastUsedAt = 7, new(kit.DateTimeOf(Now.Add(-time.Hour)))
	return []*people.Passkey{used, passkey("pky_NEW", "usr_FOCAL", "My phone", 1), passkey("pky_STAFF", "usr_secretariat", "Key", 3)}
}

func passkey(id, person kit.ID, name string, days int) *people.Passkey {
	return &people.Passkey{
		ID: id, PersonID: person, Name: name, Credential: kit.Hash(string(id)), PublicKey: kit.Hash("key", string(id)), CreatedAt: kit.DateTimeOf(Now.AddDate(0, 0, -days)),
	}
}
