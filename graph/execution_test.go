package graph_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"memberportal/graph"
	"memberportal/internal/testkit"
)

const listed = "{ members(first: 40) { nodes { id name status category joinedOn displayName website logoUrl version dataset } } }"

// TestAnAnswerHasABound asks for as many bytes as an answer may have, and for one more; and for so many
// more that most of it is never computed.
func TestAnAnswerHasABound(t *testing.T) {
	s := testkit.Engines()[0].Shared(t)
	whole := serve(t, face(t, s, true, nil), asked(listed))
	size := int64(len(whole.Data))
	ask := func(most int64) (reply, int64) {
		h, fields := face(t, s, true, func(l *graph.Limits) { l.Answer = most }), atomic.Int64{}
		graph.AroundFields(h, func(ctx context.Context, next graphql.Resolver) (any, error) {
			fields.Add(1)
			return next(ctx)
		})
		return serve(t, h, asked(listed)), fields.Load()
	}
	answer, all := ask(size)
	if answer.body != whole.body || len(answer.Errors) > 0 {
		t.Errorf("%.300s", answer.body)
	}
	for most, atLeast := range map[int64]int64{size - 1: 1, size / 10: all / 2} {
		answer, fields := ask(most)
		if answer.status != 200 || answer.code() != "BAD_USER_INPUT" || len(answer.Errors) != 1 || string(answer.Data) != "null" || len(answer.body) > 500 {
			t.Errorf("HTTP %d: %.300s", answer.status, answer.body)
		}
		if most < size/2 && fields > atLeast {
			t.Errorf("%d of %d fields were resolved for %d of %d bytes", fields, all, most, size)
		}
	}
}

// slowly resolves each field after a while, so that a page takes long though its store calls do not.
func slowly(each time.Duration) graphql.FieldMiddleware {
	return func(ctx context.Context, next graphql.Resolver) (any, error) {
		time.Sleep(each)
		return next(ctx)
	}
}

// TestAHungUpRequestStops hangs up in the middle of a slow list.
func TestAHungUpRequestStops(t *testing.T) {
	h := face(t, testkit.Engines()[0].Shared(t), true, nil)
	graph.AroundFields(h, slowly(30*time.Millisecond))
	ctx, hangUp := context.WithCancel(t.Context())
	var hungUp time.Time
	time.AfterFunc(130*time.Millisecond, func() { hungUp = time.Now(); hangUp() })
	h.ServeHTTP(httptest.NewRecorder(), asked(listed).WithContext(ctx))
	if took := time.Since(hungUp); hungUp.IsZero() || took > 100*time.Millisecond {
		t.Errorf("it went on for %s", took)
	}
}

// TestTimeHoldsWithinAList lets time be over in the middle of a slow list.
func TestTimeHoldsWithinAList(t *testing.T) {
	h := face(t, testkit.Engines()[0].Shared(t), true, func(l *graph.Limits) { l.Time = 150 * time.Millisecond })
	graph.AroundFields(h, slowly(30*time.Millisecond))
	started := time.Now()
	answer := serve(t, h, asked(listed))
	if answer.code() != "UNAVAILABLE" || len(answer.Errors) != 1 || strings.Contains(answer.body, "website") {
		t.Errorf("HTTP %d %.300s", answer.status, answer.body)
	}
	if took := time.Since(started); took > 250*time.Millisecond {
		t.Errorf("it took %s", took)
	}
}
