package web

import (
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"
)

// compressible are the media types of answers that are compressed.
var compressible = []string{"application/graphql-response+json", "application/json", "text/calendar", "text/csv", "text/html", "text/plain"}

const (
	// leastCompressed is the size from which answers are compressed: what fits into one packet arrives no
	// sooner when it is smaller.
	leastCompressed = 1024
	// compressionLevel is that of gzip. For answers of this program 1 is hardly faster and leaves a tenth to a
	// fifth more; 9 takes three to five times as long and saves less than a tenth.
	compressionLevel = 6
	// jitter is by how many bytes at most the size of a compressed answer is changed, and jitterOver is of how
	// many of its first bytes the change is made.
	jitter, jitterOver = 64, 64 << 10
)

// compressed compresses answers for whoever takes gzip, and says of all answers that they depend on that. An
// answer that has an encoding stays as it is. Handlers bound and count what they write before it is
// compressed. Cache-Control: no-transform plays no part: it binds proxies, and no answer says it.
//
// The size of a compressed answer tells what is in it to whoever can put a guess beside a secret, ask many
// times and see the sizes (BREACH). Here nobody can ask in another's name: callers are known by a token that
// pages of other origins do not have, and not by a cookie. A secret (the address of a calendar, the token of
// an applicant, the code of a guest, the session of the explorer) is answered to the one whom it is for, and
// only the explorer's more than once, beside nothing that the request holds. Should a client's page put
// others' words into its own requests all the same, sizes are blurred by up to 64 bytes, which follow from a
// SHA-256 of the content, so that asking again shows nothing new.
var compressed = func() func(http.Handler) http.Handler {
	wrap, err := gzhttp.NewWrapper(
		gzhttp.MinSize(leastCompressed), gzhttp.CompressionLevel(compressionLevel), gzhttp.ContentTypes(compressible),
		gzhttp.RandomJitter(jitter, jitterOver, true), gzhttp.EnableZstd(false),
	)
	if err != nil {
		panic(err) // the options above are wrong
	}
	return func(next http.Handler) http.Handler { return wrap(inTwoForms(next)) }
}()

// inTwoForms keeps answers true that may be compressed or not. An ETag becomes a weak one, because it is the
// same for both forms (RFC 9110 §8.8.1); it is compared in that way for If-None-Match. An answer to HEAD
// does not tell a length, because one to GET could have another (RFC 9110 §8.6). What has an encoding of its
// own is left as it is.
func inTwoForms(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&twoForms{ResponseWriter: w, head: r.Method == http.MethodHead}, r)
	})
}

type twoForms struct {
	http.ResponseWriter
	head, begun bool
}

// WriteHeader changes the headers before they are sent.
func (t *twoForms) WriteHeader(status int) {
	t.begun = true
	h := t.Header()
	if h.Get("Content-Encoding") == "" {
		if tag := h.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
			h.Set("ETag", "W/"+tag)
		}
		if t.head {
			h.Del("Content-Length")
		}
	}
	t.ResponseWriter.WriteHeader(status)
}

// Write begins the answer.
func (t *twoForms) Write(p []byte) (int, error) {
	if !t.begun {
		t.WriteHeader(http.StatusOK)
	}
	return t.ResponseWriter.Write(p)
}

// Unwrap lets deadlines be set on the connection below.
func (t *twoForms) Unwrap() http.ResponseWriter { return t.ResponseWriter }
