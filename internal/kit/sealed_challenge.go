package kit

import (
	"encoding/base64"
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

// SealText encrypts a text for a link: nobody can read or make it, and OpenText reads it for the same purpose only. It has
// no end.
func (c *Core) SealText(purpose, text string) string {
	return base64.RawURLEncoding.EncodeToString(c.Sealer.seal(textPurpose+purpose, text))
}

// OpenText reads what SealText made for the same purpose; ok is false for anything else.
func (c *Core) OpenText(purpose, sealed string) (text string, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return "", false
	}
	return c.Sealer.open(textPurpose+purpose, raw)
}

// textPurpose keeps texts of links apart from whatever else is sealed.
const textPurpose = "text "
