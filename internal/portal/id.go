package portal

import (
	"fmt"
	"strings"

	"github.com/oklog/ulid/v2"
)

// ID is a global id: a prefix that says the type, an underscore, and a ULID (mem_01J…) or, for a
// country, its code (cty_UG). Clients treat it as opaque.
type ID string

// prefix is the part that says the type; empty for a malformed id.
func (id ID) prefix() string {
	prefix, rest, ok := strings.Cut(string(id), "_")
	if !ok || rest == "" {
		return ""
	}
	return prefix
}

// Valid refuses what cannot be told from another type's id: a prefix of lower-case letters, an underscore,
// and something that is shown without spaces or controls.
func (id ID) Valid() error {
	prefix := id.prefix()
	for i := range len(prefix) {
		if prefix[i] < 'a' || prefix[i] > 'z' {
			prefix = ""
			break
		}
	}
	if prefix == "" || len(id) > maxID || strings.ContainsFunc(string(id), func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return fmt.Errorf("id %q", Clip(string(id)))
	}
	return nil
}

// maxID bounds an id in bytes; those of persons repeat the subject that an issuer gave.
const maxID = 500

// newID makes an id that sorts by the domain time at which it was made.
func (c *core) newID(prefix string) ID {
	c.mu.Lock()
	defer c.mu.Unlock()
	u, err := ulid.New(ulid.Timestamp(c.clock.Now()), c.entropy)
	if err != nil {
		panic(fmt.Sprintf("making an id: %v", err)) // only a broken source of randomness does this
	}
	return ID(prefix + "_" + u.String())
}

// randomID makes an id that says nothing of when or in which order it was made.
func (c *core) randomID(prefix string) ID {
	c.mu.Lock()
	defer c.mu.Unlock()
	var u ulid.ULID
	if _, err := c.entropy.Read(u[:]); err != nil {
		panic(fmt.Sprintf("making an id: %v", err)) // only a broken source of randomness does this
	}
	return ID(prefix + "_" + u.String())
}

const countryPrefix = "cty"

// CountryID is the id of the country with an ISO 3166 alpha-2 code.
func CountryID(iso2 string) ID { return ID(countryPrefix + "_" + iso2) }

const feedbackPrefix = "fbk"

const draftPrefix = "drf"

const participationPrefix = "per"
