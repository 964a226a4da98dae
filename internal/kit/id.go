package kit

import (
	"fmt"
	"strings"

	"github.com/oklog/ulid/v2"
)

// ID is a global id: a prefix that says the type, an underscore, and a ULID (mem_01J…) or, for a
// country, its code (cty_UG). Clients treat it as opaque.
type ID string

// Prefix is the part that says the type; empty for a malformed id.
func (id ID) Prefix() string {
	prefix, rest, ok := strings.Cut(string(id), "_")
	if !ok || rest == "" {
		return ""
	}
	return prefix
}

// Valid refuses what cannot be told from another type's id: a prefix of lower-case letters, an underscore,
// and something that is shown without spaces or controls.
func (id ID) Valid() error {
	prefix := id.Prefix()
	for i := range len(prefix) {
		if prefix[i] < 'a' || prefix[i] > 'z' {
			prefix = ""
			break
		}
	}
	if prefix == "" || len(id) > MaxID || strings.ContainsFunc(string(id), func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return fmt.Errorf("id %q", Clip(string(id)))
	}
	return nil
}

// MaxID bounds an id in bytes; those of persons repeat the subject that an issuer gave.
const MaxID = 500

// NewID makes an id that sorts by the domain time at which it was made.
func (c *Core) NewID(prefix string) ID {
	c.mu.Lock()
	defer c.mu.Unlock()
	u, err := ulid.New(ulid.Timestamp(c.Clock.Now()), c.entropy)
	if err != nil {
		panic(fmt.Sprintf("making an id: %v", err)) // only a broken source of randomness does this
	}
	return ID(prefix + "_" + u.String())
}

// RandomID makes an id that says nothing of when or in which order it was made.
func (c *Core) RandomID(prefix string) ID {
	c.mu.Lock()
	defer c.mu.Unlock()
	var u ulid.ULID
	if _, err := c.entropy.Read(u[:]); err != nil {
		panic(fmt.Sprintf("making an id: %v", err)) // only a broken source of randomness does this
	}
	return ID(prefix + "_" + u.String())
}

// CountryPrefix begins the ids of countries.
const CountryPrefix = "cty"

// CountryID is the id of the country with an ISO 3166 alpha-2 code.
func CountryID(iso2 string) ID { return ID(CountryPrefix + "_" + iso2) }

// FeedbackPrefix begins the ids of replies.
const FeedbackPrefix = "fbk"

// DraftPrefix begins the ids of drafts of replies.
const DraftPrefix = "drf"

// ParticipationPrefix begins the ids of participations.
const ParticipationPrefix = "per"
