package cli

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"memberportal/internal/kit"
)

// TestWhenTheServerErasesNext, also on a day on which clocks are put forward.
func TestWhenTheServerErasesNext(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		after string
		at    time.Duration
		want  string
	}{
		{"2025-03-31T00:00:00Z", 3*time.Hour + 30*time.Minute, "2025-03-31T01:30:00Z"},
		{"2025-03-31T01:29:59Z", 3*time.Hour + 30*time.Minute, "2025-03-31T01:30:00Z"},
		{"2025-03-31T01:30:00Z", 3*time.Hour + 30*time.Minute, "2025-04-01T01:30:00Z"},
		{"2025-12-31T23:30:00Z", 0, "2026-01-01T23:00:00Z"},
		{"2025-03-29T12:00:00Z", 2*time.Hour + 30*time.Minute, "2025-03-30T01:30:00Z"}, // there is no half past two on that day
	} {
		after, err := time.Parse(time.RFC3339, c.after)
		if err != nil {
			t.Fatal(err)
		}
		if got := nextErasure(after, zone, c.at).UTC().Format(time.RFC3339); got != c.want {
			t.Errorf("after %s at %s: %s, want %s", c.after, c.at, got, c.want)
		}
	}
}

// TestTheServerErasesOnceADay: it goes on after a failure, and on a day on which the clock jumped.
func TestTheServerErasesOnceADay(t *testing.T) {
	var now atomic.Pointer[time.Time]
	set := func(text string) {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		now.Store(&at)
	}
	set("2025-03-31T03:00:00Z")
	clock := kit.NewClock(func() time.Time { return *now.Load() }, time.UTC)
	ctx, cancel := context.WithCancel(t.Context())
	ticks, ended := make(chan time.Time), make(chan struct{})
	var log strings.Builder
	var erased atomic.Int64
	erase := func(context.Context) error {
		erased.Add(1)
		return errors.New("the disk is full")
	}
	go func() {
		defer close(ended)
		eraseDaily(ctx, clock, 3*time.Hour+30*time.Minute, ticks, erase, slog.New(slog.NewTextHandler(&log, nil)))
	}()
	ticks <- time.Time{} // the clock has been read once this is taken
	for _, step := range []struct {
		at   string
		want int64
	}{
		{"2025-03-31T03:29:00Z", 0}, {"2025-03-31T03:30:00Z", 1}, {"2025-03-31T03:31:00Z", 1}, {"2025-04-01T03:29:00Z", 1},
		{"2025-04-01T09:00:00Z", 2}, {"2025-04-01T09:01:00Z", 2}, {"2025-04-05T00:00:00Z", 3}, {"2025-04-05T03:30:00Z", 4},
	} {
		set(step.at)
		for range 2 { // the second is taken once the first has been dealt with
			ticks <- time.Time{}
		}
		if n := erased.Load(); n != step.want {
			t.Errorf("at %s: erased %d times, want %d", step.at, n, step.want)
		}
	}
	cancel()
	<-ended
	if n := strings.Count(log.String(), "the disk is full"); n != 4 {
		t.Errorf("the log has %d failures: %s", n, &log)
	}
}
