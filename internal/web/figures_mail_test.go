package web_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/web"
)

func TestTheQueuesOfTheOutboxAreAmongTheFigures(t *testing.T) {
	front := web.New(web.Options{Log: slog.New(slog.DiscardHandler)})
	var broken error
	front.Watch(func(context.Context) ([]kit.MailBacklog, error) {
		return []kit.MailBacklog{{Lane: kit.CodeLane, Waiting: 2, OldestAt: new(kit.DateTimeOf(time.Now().Add(-time.Hour))), Failed: 3}, {Lane: kit.OtherLane}}, broken
	})
	front.Mailed(1, &kit.Undelivered{Failed: map[kit.MailFault]int{kit.MailAddressRefused: 4}})
	shown := func() string {
		w := httptest.NewRecorder()
		front.Metrics().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		return w.Body.String()
	}
	text := shown()
	for _, want := range []string{
		`memberportal_mails_waiting{lane="CODE"} 2`, `memberportal_mails_waiting{lane="OTHER"} 0`, `memberportal_mails_failed{lane="CODE"} 3`, `memberportal_mails_oldest_waiting_seconds{lane="CODE"} 36`,
		`memberportal_mails_oldest_waiting_seconds{lane="OTHER"} 0`, `memberportal_mail_faults_total{fault="ADDRESS_REFUSED"} 4`, `memberportal_mail_faults_total{fault="DEFERRED"} 0`, `memberportal_mails_total{outcome="failed"} 4`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
	if broken = errors.New("no store"); strings.Contains(shown(), "mails_waiting{") {
		t.Error("there are figures of queues that nobody could count")
	}
}
