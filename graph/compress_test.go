package graph_test

import (
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"memberportal/graph"
	"memberportal/internal/testkit"
	"memberportal/internal/web"
)

// TestBoundsCountWhatIsNotCompressed asks for an answer that compressed is far below the bound, and uncompressed
// one byte above it.
func TestBoundsCountWhatIsNotCompressed(t *testing.T) {
	s := testkit.Engines()[0].Shared(t)
	whole := serve(t, face(t, s, true, nil), asked(listed))
	size := int64(len(whole.Data))
	ask := func(most int64) *httptest.ResponseRecorder {
		front := web.New(web.Options{Log: slog.New(slog.DiscardHandler)})
		r, answer := asked(listed), httptest.NewRecorder()
		r.Header.Set("Accept-Encoding", "gzip")
		front.Outer(face(t, s, true, func(l *graph.Limits) { l.Answer = most })).ServeHTTP(answer, r)
		return answer
	}
	answer := ask(size)
	if answer.Header().Get("Content-Encoding") != "gzip" || int64(answer.Body.Len()) > size/2 || unzipped(t, answer.Body.Bytes()) != whole.body {
		t.Errorf("%v, %d bytes for %d", answer.Header(), answer.Body.Len(), size)
	}
	if answer := ask(size - 1); answer.Header().Get("Content-Encoding") != "" || !strings.Contains(answer.Body.String(), `"BAD_USER_INPUT"`) {
		t.Errorf("%v: %.300s", answer.Header(), answer.Body)
	}
}
