package calendar_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"memberportal/internal/store"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/golden"
)

// slow is a store that reads pages only once its gate is open.
type slow struct {
	store.Store
	gate chan struct{}
}

func (s slow) Page(ctx context.Context, k *store.Kind, plan store.Plan, r store.Range) ([]store.Row, error) {
	<-s.gate
	return s.Store.Page(ctx, k, plan, r)
}

// TestAFeedIsWrittenOnceForAllWhoWait: whoever asks often costs the store nothing more, and one who
// goes away takes nothing from the others.
func TestAFeedIsWrittenOnceForAllWhoWait(t *testing.T) {
	s := golden.Serve(t, testkit.Engines()[0].Shared(t))
	want := ask(t, s, http.MethodGet, "/calendar.ics").body
	gate := make(chan struct{})
	s.Store.Store = slow{s.Store.Store, gate}
	s.Store.Take()
	const all = 20
	var group sync.WaitGroup
	leaving, leave := context.WithCancel(t.Context())
	gone := make(chan struct{})
	go func() { // comes first
		defer close(gone)
		r, err := http.NewRequestWithContext(leaving, http.MethodGet, s.URL+"/calendar.ics", nil)
		if err == nil {
			_, err = s.Client().Do(r)
		}
		if err == nil {
			t.Error("the first request was answered")
		}
	}()
	time.Sleep(100 * time.Millisecond)
	for range all {
		group.Go(func() {
			if a := ask(t, s, http.MethodGet, "/calendar.ics"); a.StatusCode != 200 || a.body != want {
				t.Errorf("HTTP %d", a.StatusCode)
			}
		})
	}
	time.Sleep(300 * time.Millisecond)
	leave()
	<-gone
	close(gate)
	group.Wait()
	if n := s.Store.Take(); n > all/4 {
		t.Errorf("%d requests cost %d reads", all, n)
	}
}
