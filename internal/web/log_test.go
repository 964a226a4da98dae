package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"memberportal/internal/kit"
	"memberportal/internal/web"
)

func TestEveryLineHasAnID(t *testing.T) {
	var out bytes.Buffer
	log := web.NewLog(&out, true, slog.LevelInfo)
	ctx := kit.WithRequest(context.Background(), "REQ1")
	log.InfoContext(ctx, "in a request")
	log.InfoContext(ctx, "one that says it itself", "request", "REQ1")
	log.With("a", 1).WithGroup("").InfoContext(ctx, "derived")
	log.Info("outside")
	log.Debug("not at this level")
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 4 {
		t.Fatalf("logged %s", out.String())
	}
	for i, line := range lines {
		var fields map[string]any
		must(t, json.Unmarshal([]byte(line), &fields))
		id, _ := fields["request"].(string)
		if i < 3 && id != "REQ1" || i == 3 && !strings.HasPrefix(id, "run-") || strings.Count(line, `"request"`) != 1 {
			t.Errorf("%s", line)
		}
	}
}

func TestTextLog(t *testing.T) {
	var out bytes.Buffer
	web.NewLog(&out, false, slog.LevelWarn).Warn("attention", "what", "it")
	if text := out.String(); !strings.Contains(text, "level=WARN msg=attention what=it request=run-") {
		t.Errorf("logged %s", text)
	}
}

func TestLogHoldsNoTokensAndNoAddresses(t *testing.T) {
	const token = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1c3JfYSJ9.c2lnbmF0dXJl"
	var out bytes.Buffer
	log := web.NewLog(&out, true, slog.LevelInfo)
	log.Error("got "+token, "error", fmt.Errorf("parsing %s: %w", token, errors.New("bad")), "text", "x "+token)
	_, err := fmt.Fprintf(web.ServerLog(log), "http: TLS handshake error from 203.0.113.7:4711: EOF and [2001:db8::1]:4711\n")
	must(t, err)
	if text := out.String(); strings.Contains(text, "eyJ") || strings.Contains(text, "203.0") || strings.Contains(text, "2001:db8") || strings.Count(text, "[token]") != 3 ||
		!strings.Contains(text, "handshake error from [address]: EOF and [address]") {
		t.Errorf("logged %s", text)
	}
}

func TestLogHoldsNoCalendarSecrets(t *testing.T) {
	const path = "/calendar/own/S3CRET-of_a.calendar.ics"
	var out bytes.Buffer
	log := web.NewLog(&out, true, slog.LevelInfo)
	log.Error("GET "+path, "error", fmt.Errorf(`Get "http://portal.example%s?lang=fr": %w`, path, errors.New("bad")), "path", path)
	log.Error("escaped", "path", "/calendar/own/S3CRET%2Fof", "prefixed", "https://portal.example/base"+path+" 200")
	_, err := fmt.Fprintf(web.ServerLog(log), "http: panic serving %s\n", path)
	must(t, err)
	if text := out.String(); strings.Contains(text, "S3CRET") || strings.Count(text, "/calendar/own/[secret]") != 6 || !strings.Contains(text, "[secret]?lang=fr") {
		t.Errorf("logged %s", text)
	}
}
