package kit

import (
	"fmt"
	"strings"

	"github.com/oklog/ulid/v2"
)

// ID is a global id: a prefix for the type, an underscore, and a ULID (mem_01J…) or, for a country, its code
// (cty_UG). Clients must not take it apart.
type ID string

// Prefix returns the part that names the type; empty for a malformed id.
func (id ID) Prefix() string {
	prefix, rest, ok := strings.Cut(string(id), "_")
	if !ok || rest == "" {
		return ""
	}
	return prefix
}

// Valid refuses an id without a prefix of lower-case letters and an underscore, one that is longer than MaxID,
// and one with a character outside printable ASCII.
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

// MaxID is the greatest length of an id in bytes. Ids of persons contain the subject that the issuer of tokens
// chose.
const MaxID = 500

// NewID makes an id that sorts by its domain time.
func (c *Core) NewID(prefix string) ID {
	c.mu.Lock()
	defer c.mu.Unlock()
	u, err := ulid.New(ulid.Timestamp(c.Clock.Now()), c.entropy)
	if err != nil {
		panic(fmt.Sprintf("making an id: %v", err)) // only a broken source of randomness does this
	}
	return ID(prefix + "_" + u.String())
}

// RandomID makes an id that does not reveal when or in which order it was made.
func (c *Core) RandomID(prefix string) ID {
	c.mu.Lock()
	defer c.mu.Unlock()
	var u ulid.ULID
	if _, err := c.entropy.Read(u[:]); err != nil {
		panic(fmt.Sprintf("making an id: %v", err)) // only a broken source of randomness does this
	}
	return ID(prefix + "_" + u.String())
}

// CountryPrefix is the prefix of the ids of countries.
const CountryPrefix = "cty"

// CountryID returns the id of the country with an ISO 3166 alpha-2 code, whether or not there is one.
func CountryID(iso2 string) ID { return ID(CountryPrefix + "_" + iso2) }

// FeedbackPrefix is the prefix of the ids of replies.
const FeedbackPrefix = "fbk"

// DraftPrefix is the prefix of the ids of drafts of replies.
const DraftPrefix = "drf"

// ParticipationPrefix is the prefix of the ids of participations.
const ParticipationPrefix = "per"
