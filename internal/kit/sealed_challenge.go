package kit

import (
	"encoding/binary"
	"time"
)

// SealedChallenge makes what a client signs to show who it is. Nobody can guess it, OpenChallenge knows it for life, and
// nothing is stored of it, however many are asked for. Each purpose has its own: one that is made for a person names it.
func (c *Core) SealedChallenge(purpose string, life time.Duration) (challenge []byte, expires DateTime, err error) {
	nonce, err := c.Random(16)
	if err != nil {
		return nil, "", err
	}
	end := c.Wall().Add(life)
	text := binary.BigEndian.AppendUint64(nonce, uint64(end.UnixMilli()))
	return c.Sealer.seal(challengePurpose+purpose, string(text)), DateTimeOf(end), nil
}

// OpenChallenge says whether SealedChallenge made a challenge for a purpose, and its time is not over. Core.Spend sees to
// it that it is good once.
func (c *Core) OpenChallenge(purpose string, challenge []byte) bool {
	text, ok := c.Sealer.open(challengePurpose+purpose, challenge)
	return ok && len(text) > 8 && c.Wall().UnixMilli() < int64(binary.BigEndian.Uint64([]byte(text[len(text)-8:])))
}

// challengePurpose keeps challenges apart from whatever else is sealed.
const challengePurpose = "challenge "
