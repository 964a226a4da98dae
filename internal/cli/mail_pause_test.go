package cli

import (
	"testing"
	"time"

	"memberportal/internal/kit"
)

// TestAServerThatCannotBeReachedIsAskedLessAndLessOften, until a message got through.
func TestAServerThatCannotBeReachedIsAskedLessAndLessOften(t *testing.T) {
	away := &kit.Undelivered{Later: map[kit.MailFault]int{kit.MailUnreachable: 1}}
	pause := deliverEvery
	for _, want := range []time.Duration{6 * time.Second, 12 * time.Second, 24 * time.Second, 48 * time.Second, time.Minute, time.Minute} {
		if pause = pauseAfter(pause, 0, away); pause != want {
			t.Errorf("waits %s, want %s", pause, want)
		}
	}
	deferred := &kit.Undelivered{Later: map[kit.MailFault]int{kit.MailDeferred: 9}}
	for name, got := range map[string]time.Duration{"nothing to do": pauseAfter(pause, 0, nil), "one got through": pauseAfter(pause, 1, away), "messages deferred": pauseAfter(pause, 0, deferred)} {
		if got != deliverEvery {
			t.Errorf("%s: waits %s", name, got)
		}
	}
}
