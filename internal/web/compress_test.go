package web_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"memberportal/internal/web"
)

// served serves one handler behind a front. The client leaves answers as they come.
func served(t *testing.T, h http.HandlerFunc) func(method string, headers ...string) (*http.Response, []byte) {
	t.Helper()
	s := httptest.NewServer(web.New(web.Options{Log: quiet}).Outer(h))
	t.Cleanup(s.Close)
	client := s.Client()
	client.Transport.(*http.Transport).DisableCompression = true
	return func(method string, headers ...string) (*http.Response, []byte) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, s.URL+"/graphql", nil)
		must(t, err)
		for i := 0; i < len(headers); i += 2 {
			r.Header.Add(headers[i], headers[i+1])
		}
		answer, err := client.Do(r)
		must(t, err)
		defer func() { _ = answer.Body.Close() }()
		body, err := io.ReadAll(answer.Body)
		must(t, err)
		return answer, body
	}
}

func answering(contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = io.WriteString(w, body)
	}
}

func unzipped(t *testing.T, body []byte) string {
	t.Helper()
	from, err := gzip.NewReader(bytes.NewReader(body))
	must(t, err)
	text, err := io.ReadAll(from)
	must(t, err)
	return string(text)
}

var long = strings.Repeat("a member, ", 1000)

func TestAnswersAreCompressed(t *testing.T) {
	const json = "application/json; charset=utf-8"
	for name, c := range map[string]struct {
		contentType, body, accept string
		want                      bool
	}{
		"JSON":                          {json, long, "gzip", true},
		"GraphQL":                       {"application/graphql-response+json; charset=utf-8", long, "gzip, deflate, br, zstd", true},
		"a calendar":                    {"text/calendar; charset=utf-8", long, "GZip;q=0.5", true},
		"just long enough":              {json, long[:1024], "gzip", true},
		"too short":                     {json, long[:1023], "gzip", false},
		"nothing":                       {json, "", "gzip", false},
		"for who says nothing":          {json, long, "", false},
		"for who refuses gzip":          {json, long, "gzip;q=0, identity", false},
		"for who takes something else":  {json, long, "br, zstd", false},
		"a font":                        {"font/ttf", long, "gzip", false},
		"a type that nobody thought of": {"application/x-unknown", long, "gzip", false},
	} {
		t.Run(name, func(t *testing.T) {
			ask := served(t, answering(c.contentType, c.body))
			answer, body := ask(http.MethodGet, "Accept-Encoding", c.accept)
			h := answer.Header
			if got := h.Get("Content-Encoding"); (got == "gzip") != c.want || got != "" && !c.want {
				t.Errorf("Content-Encoding %q", got)
			}
			text := string(body)
			if c.want {
				text = unzipped(t, body)
			}
			if text != c.body || c.want && len(body) >= len(c.body) {
				t.Errorf("%d bytes for %d, %.100q", len(body), len(c.body), text)
			}
			if h.Get("Content-Type") != c.contentType || strings.Count(strings.Join(h.Values("Vary"), ","), "Accept-Encoding") != 1 {
				t.Errorf("%v", h)
			}
		})
	}
}

func TestWhatHasAnEncodingKeepsIt(t *testing.T) {
	ask := served(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Content-Encoding", "br")
		w.Header().Set("ETag", `"one"`)
		_, _ = io.WriteString(w, long)
	})
	answer, body := ask(http.MethodGet, "Accept-Encoding", "gzip, br")
	if h := answer.Header; h.Get("Content-Encoding") != "br" || h.Get("ETag") != `"one"` || string(body) != long {
		t.Errorf("%v: %.100q", h, body)
	}
}

// TestFormsOfAnAnswer holds what depends on an answer having two forms: conditions, parts and HEAD.
func TestFormsOfAnAnswer(t *testing.T) {
	ask := served(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
		w.Header().Set("ETag", `"one"`)
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(long))
	})
	for _, accept := range []string{"gzip", "identity"} {
		t.Run(accept, func(t *testing.T) {
			answer, _ := ask(http.MethodGet, "Accept-Encoding", accept)
			tag := answer.Header.Get("ETag")
			if tag != `W/"one"` || answer.StatusCode != http.StatusOK {
				t.Errorf("HTTP %d, %v", answer.StatusCode, answer.Header)
			}
			for _, condition := range []string{tag, `"one"`} {
				kept, body := ask(http.MethodGet, "Accept-Encoding", accept, "If-None-Match", condition)
				if h := kept.Header; kept.StatusCode != http.StatusNotModified || len(body) != 0 || h.Get("ETag") != tag || h.Get("Content-Encoding") != "" || h.Get("Vary") != "Accept-Encoding" && !strings.Contains(strings.Join(h.Values("Vary"), ","), "Accept-Encoding") {
					t.Errorf("%s: HTTP %d, %v, %d bytes", condition, kept.StatusCode, h, len(body))
				}
			}
			part, body := ask(http.MethodGet, "Accept-Encoding", accept, "Range", "bytes=0-1999")
			if h := part.Header; part.StatusCode != http.StatusPartialContent || h.Get("Content-Encoding") != "" || string(body) != long[:2000] {
				t.Errorf("a part: HTTP %d, %v: %.100q", part.StatusCode, h, body)
			}
			whole, _ := ask(http.MethodGet, "Accept-Encoding", accept, "Range", "bytes=0-1999", "If-Range", tag)
			if whole.StatusCode != http.StatusOK {
				t.Errorf("a part of what may be the other form: HTTP %d", whole.StatusCode)
			}
			head, body := ask(http.MethodHead, "Accept-Encoding", accept)
			if h := head.Header; head.StatusCode != http.StatusOK || len(body) != 0 || h.Get("ETag") != tag || h.Get("Content-Length") != "" {
				t.Errorf("HEAD: HTTP %d, %v, %d bytes", head.StatusCode, h, len(body))
			}
		})
	}
}

// TestASizeTellsLittle asks for answers that are alike but for one guess: their sizes are blurred, and asking
// again shows nothing new.
func TestASizeTellsLittle(t *testing.T) {
	size := func(guess string) int {
		ask := served(t, answering("application/json", guess+long))
		_, first := ask(http.MethodGet, "Accept-Encoding", "gzip")
		_, again := ask(http.MethodGet, "Accept-Encoding", "gzip")
		if !bytes.Equal(first, again) {
			t.Error("the same content is sent as other bytes")
		}
		return len(first)
	}
	sizes := map[int]bool{}
	for _, guess := range strings.Split("qrstuvwxyz", "") { // none of them is in the text: without the blur all cost the same
		sizes[size(guess)] = true
	}
	if len(sizes) < 5 {
		t.Errorf("ten guesses that differ in nothing have these sizes: %v", sizes)
	}
}

// TestAPanicIsNotCompressedAway wants the fault of a handler that had not begun, and no answer that looks
// whole from one that had.
func TestAPanicIsNotCompressedAway(t *testing.T) {
	ask := served(t, func(http.ResponseWriter, *http.Request) { panic("fault") })
	answer, body := ask(http.MethodGet, "Accept-Encoding", "gzip")
	var fault struct{ Errors []any }
	if err := json.Unmarshal(body, &fault); err != nil || answer.StatusCode != http.StatusInternalServerError || len(fault.Errors) != 1 {
		t.Errorf("HTTP %d, %v: %s", answer.StatusCode, err, body)
	}
	for _, begun := range []string{"short", long, strings.Repeat(long, 100)} {
		s := httptest.NewServer(web.New(web.Options{Log: quiet}).Outer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, begun)
			panic("fault")
		})))
		answer, err := s.Client().Get(s.URL) // it asks for gzip and takes it off
		if err == nil {
			_, err = io.ReadAll(answer.Body)
			_ = answer.Body.Close()
		}
		if err == nil {
			t.Errorf("%d bytes of an answer are taken for all of it", len(begun))
		}
		s.Close()
	}
}

// TestDeadlinesReachTheConnection sets one below the compressor, as the GraphQL face does for each answer.
func TestDeadlinesReachTheConnection(t *testing.T) {
	for _, accept := range []string{"gzip", "identity"} {
		failed := make(chan error, 1)
		ask := served(t, func(w http.ResponseWriter, _ *http.Request) {
			failed <- http.NewResponseController(w).SetWriteDeadline(time.Now().Add(time.Minute))
		})
		ask(http.MethodGet, "Accept-Encoding", accept)
		if err := <-failed; err != nil {
			t.Errorf("%s: %v", accept, err)
		}
	}
}
