package graph

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

// contentTypes are those of the page's files; the machine's own table may lack some.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".txt": "text/plain; charset=utf-8", ".ttf": "font/ttf", ".json": "application/json; charset=utf-8",
}

// hashed are names that change with their content.
var hashed = regexp.MustCompile(`-[0-9A-Z]{8}\.`)

// packed is one of the page's files, compressed by gzip. Whoever takes gzip gets it as it is; for others,
// which are few, it is unpacked each time. web.Front says that the answer varies by Accept-Encoding.
type packed struct {
	name string
	gzip []byte
	// tag names the content of a hashed file; others have none, because nobody may keep them.
	tag string
}

func newPacked(name string, gzip []byte) packed {
	p := packed{name: name, gzip: gzip}
	if hashed.MatchString(name) {
		sum := sha256.Sum256(gzip)
		p.tag = hex.EncodeToString(sum[:16])
	}
	return p
}

// ServeHTTP serves the file. Its ETag is a weak one, because it is the same for both forms.
func (p packed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h, body := w.Header(), p.gzip
	if takesGzip(r.Header) {
		h.Set("Content-Encoding", "gzip")
		h.Set("Content-Length", strconv.Itoa(len(body))) // net/http leaves it out for what is encoded
	} else {
		var err error
		if body, err = unpacked(p.gzip); err != nil {
			panic(err) // the binary is damaged; web.Front recovers
		}
	}
	h.Set("Content-Type", contentTypes[path.Ext(p.name)])
	if p.tag != "" {
		h.Set("ETag", `W/"`+p.tag+`"`)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeContent(w, r, p.name, time.Time{}, bytes.NewReader(body))
}

// takesGzip says whether an answer may be compressed by gzip, which must be named (RFC 9110 §12.5.3).
func takesGzip(h http.Header) bool {
	for _, item := range strings.Split(strings.Join(h.Values("Accept-Encoding"), ","), ",") {
		coding, options, err := mime.ParseMediaType(item)
		if err != nil || coding != "gzip" {
			continue
		}
		q, err := strconv.ParseFloat(cmp.Or(options["q"], "1"), 64)
		return err == nil && q > 0
	}
	return false
}

// pack compresses a text.
func pack(text []byte) []byte {
	var packed bytes.Buffer
	to, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression) // it refuses other levels only
	_, _ = to.Write(text)                                       // a buffer takes everything
	_ = to.Close()
	return packed.Bytes()
}

// unpacked is the text that was compressed.
func unpacked(packed []byte) ([]byte, error) {
	from, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(from)
}
