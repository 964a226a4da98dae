package cli

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"memberportal/internal/control"
)

// TestAServerSurvivesACommandThatPanics, says so in its log, and tells the one who gave the command no more than that.
func TestAServerSurvivesACommandThatPanics(t *testing.T) {
	var log, stdout, stderr strings.Builder
	r := &running{log: slog.New(slog.NewTextHandler(&log, nil))} // without a clock, of which a command asks the day
	r.config.Zone, r.config.Now = "UTC", "2025-03-31"
	exit := r.carry(context.Background(), control.Request{Command: "memberportal clock", Flags: []byte("{}")}, control.Streams{Stdout: &stdout, Stderr: &stderr})
	if exit != exitFailed || stdout.Len() > 0 || !strings.Contains(stderr.String(), "the log of the server says where") {
		t.Errorf("exit code %d, %s%s", exit, &stdout, &stderr)
	}
	if !strings.Contains(log.String(), "nil pointer") || !strings.Contains(log.String(), "running.go") {
		t.Errorf("the log says %s", &log)
	}
}
