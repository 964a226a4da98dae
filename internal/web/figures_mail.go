package web

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"memberportal/internal/kit"
)

// mailFigures ask how the queues of the outbox stand whenever somebody asks for figures.
type mailFigures struct {
	backlogs func(context.Context) ([]kit.MailBacklog, error)
}

var (
	mailsWaiting = prometheus.NewDesc("memberportal_mails_waiting", "Messages to persons that wait to be sent, by queue.", []string{"lane"}, nil)
	mailsOldest  = prometheus.NewDesc("memberportal_mails_oldest_waiting_seconds", "How long the oldest of them has waited, by queue; 0 if none waits.", []string{"lane"}, nil)
	mailsFailed  = prometheus.NewDesc("memberportal_mails_failed", "Messages to persons that have failed in the last 30 days, by queue.", []string{"lane"}, nil)
)

// Watch shows how the queues of the outbox stand among the figures. Call it once.
func (f *Front) Watch(backlogs func(context.Context) ([]kit.MailBacklog, error)) {
	f.figures.registry.MustRegister(mailFigures{backlogs})
}

// Describe names the figures.
func (m mailFigures) Describe(to chan<- *prometheus.Desc) {
	to <- mailsWaiting
	to <- mailsOldest
	to <- mailsFailed
}

// Collect asks for a second at most. If there is no answer, there are no figures; the figures of the store say why.
func (m mailFigures) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	backlogs, err := m.backlogs(ctx)
	if err != nil {
		return
	}
	for _, b := range backlogs {
		waited := 0.0
		if b.OldestAt != nil {
			waited = max(0, time.Since(b.OldestAt.Time()).Seconds())
		}
		to <- prometheus.MustNewConstMetric(mailsWaiting, prometheus.GaugeValue, float64(b.Waiting), string(b.Lane))
		to <- prometheus.MustNewConstMetric(mailsOldest, prometheus.GaugeValue, waited, string(b.Lane))
		to <- prometheus.MustNewConstMetric(mailsFailed, prometheus.GaugeValue, float64(b.Failed), string(b.Lane))
	}
}
