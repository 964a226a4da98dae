package web

import (
	"context"
	"net/http"
	"net/http/pprof"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"memberportal/internal/kit"
)

// figures are what /metrics shows. Every label comes from a closed list: a caller can make no new one.
type figures struct {
	registry   *prometheus.Registry
	requests   *prometheus.CounterVec
	durations  *prometheus.HistogramVec
	inFlight   prometheus.Gauge
	operations *prometheus.CounterVec
	executions *prometheus.HistogramVec
	limited    *prometheus.CounterVec
	panics     prometheus.Counter
	mails      *prometheus.CounterVec
	mailFaults *prometheus.CounterVec
}

// seconds are the bounds of durations: from a read by id to the longest that a request may take.
var seconds = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

func newFigures(h *health, version string) *figures {
	name := func(s string) string { return "memberportal_" + s }
	f := &figures{
		registry:   prometheus.NewRegistry(),
		requests:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: name("http_requests_total"), Help: "HTTP requests answered."}, []string{"route", "status"}),
		durations:  prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name("http_request_duration_seconds"), Help: "How long HTTP requests took.", Buckets: seconds}, []string{"route"}),
		inFlight:   prometheus.NewGauge(prometheus.GaugeOpts{Name: name("http_requests_in_flight"), Help: "HTTP requests that are being answered."}),
		operations: prometheus.NewCounterVec(prometheus.CounterOpts{Name: name("graphql_operations_total"), Help: "GraphQL answers by kind of operation and code of the first error (OK if there is none)."}, []string{"kind", "code"}),
		executions: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name("graphql_operation_duration_seconds"), Help: "How long GraphQL operations took.", Buckets: seconds}, []string{"kind"}),
		limited:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: name("rate_limited_total"), Help: "Requests refused because there were too many."}, []string{"by"}),
		panics:     prometheus.NewCounter(prometheus.CounterOpts{Name: name("panics_total"), Help: "Panics that were recovered."}),
		mails:      prometheus.NewCounterVec(prometheus.CounterOpts{Name: name("mails_total"), Help: "Attempts to send a message to a person, by outcome (sent, later, failed)."}, []string{"outcome"}),
		mailFaults: prometheus.NewCounterVec(prometheus.CounterOpts{Name: name("mail_faults_total"), Help: "Attempts to send a message to a person that did not succeed, by fault; ADDRESS_REFUSED counts addresses that take no mail."}, []string{"fault"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: name("build_info"), Help: "Always 1; the labels say what runs.",
		ConstLabels: prometheus.Labels{"version": version, "goversion": runtime.Version()}})
	build.Set(1)
	for _, by := range []string{"address", "caller", "in flight"} {
		f.limited.WithLabelValues(by)
	}
	for _, outcome := range []string{"sent", "later", "failed"} {
		f.mails.WithLabelValues(outcome)
	}
	for _, fault := range kit.MailFaults {
		f.mailFaults.WithLabelValues(string(fault))
	}
	f.registry.MustRegister(f.requests, f.durations, f.inFlight, f.operations, f.executions, f.limited, f.panics, f.mails, f.mailFaults, build,
		storeFigures{h}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return f
}

// storeFigures ask the store whenever somebody asks for figures.
type storeFigures struct{ health *health }

var (
	storeUp      = prometheus.NewDesc("memberportal_store_up", "Whether the store answered within a second.", nil, nil)
	storeDamaged = prometheus.NewDesc("memberportal_damaged_documents", "Stored documents that this process found damaged and leaves out; check names them.", []string{"noun"}, nil)
	storePing    = prometheus.NewDesc("memberportal_store_ping_seconds", "How long the store took to answer.", nil, nil)
)

// Describe names the figures.
func (s storeFigures) Describe(to chan<- *prometheus.Desc) {
	to <- storeUp
	to <- storePing
	to <- storeDamaged
}

// Collect asks the store.
func (s storeFigures) Collect(to chan<- prometheus.Metric) {
	took, err := s.health.ping(context.Background())
	up := 1.0
	if err != nil {
		up = 0
	}
	to <- prometheus.MustNewConstMetric(storeUp, prometheus.GaugeValue, up)
	to <- prometheus.MustNewConstMetric(storePing, prometheus.GaugeValue, took.Seconds())
	if s.health.store == nil {
		return
	}
	for noun, n := range s.health.store.Damage().Counts() {
		to <- prometheus.MustNewConstMetric(storeDamaged, prometheus.GaugeValue, float64(n), noun)
	}
}

// Metrics serves the figures as /metrics, and profiles of the program below /debug/pprof/ if the options say so. It belongs on a listener
// of its own. The command line is not among the profiles, because a flag may hold a password.
func (f *Front) Metrics() http.Handler {
	mux := http.NewServeMux()
	if f.options.Profiles {
		mux.HandleFunc("GET /debug/pprof/", pprof.Index)
		mux.HandleFunc("GET /debug/pprof/cmdline", http.NotFound)
		mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	}
	mux.Handle("GET /metrics", promhttp.HandlerFor(f.figures.registry, promhttp.HandlerOpts{}))
	return mux
}

// route is the label of a path.
func route(path string) string {
	switch {
	case slices.Contains([]string{"/", "/graphql", "/healthz", "/readyz", "/.well-known/jwks.json", "/calendar.ics", SessionPath, ReturnPath}, path):
		return path
	case strings.HasPrefix(path, "/calendar/own/"):
		return "/calendar/own/"
	case strings.HasPrefix(path, "/exports/"):
		return "/exports/"
	case strings.HasPrefix(path, "/calendar/"):
		return "/calendar/"
	case strings.HasPrefix(path, "/explorer/"):
		return "/explorer/"
	}
	return "other"
}

// observe counts and times every request.
func (f *Front) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started, a, where := time.Now(), &answer{ResponseWriter: w}, route(r.URL.Path)
		f.figures.inFlight.Inc()
		defer func() {
			f.figures.inFlight.Dec()
			f.figures.requests.WithLabelValues(where, strconv.Itoa(max(a.status, http.StatusOK))).Inc()
			f.figures.durations.WithLabelValues(where).Observe(time.Since(started).Seconds())
		}()
		next.ServeHTTP(a, r)
	})
}

// kinds and codes are the labels of operations; what is not among them is "other".
var (
	kinds = []string{"query", "mutation", "subscription", "none"}
	codes = []string{
		"OK", "UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND", "BAD_USER_INPUT", "RATE_LIMITED", "UNAVAILABLE", "INTERNAL",
		"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "LIMIT_EXCEEDED", "PERSISTED_QUERY_NOT_FOUND",
	}
)

// Answered counts a GraphQL answer: kind is the operation's, "none" if there was none; code is that
// of the first error, "OK" if there is none.
func (f *Front) Answered(kind, code string, took time.Duration) {
	if !slices.Contains(kinds, kind) {
		kind = "other"
	}
	if !slices.Contains(codes, code) {
		code = "other"
	}
	f.figures.operations.WithLabelValues(kind, code).Inc()
	f.figures.executions.WithLabelValues(kind).Observe(took.Seconds())
}

// Mailed counts messages that were sent, and those that were not; nil for none of these.
func (f *Front) Mailed(sent int, unsent *kit.Undelivered) {
	f.figures.mails.WithLabelValues("sent").Add(float64(sent))
	if unsent == nil {
		return
	}
	for outcome, faults := range map[string]map[kit.MailFault]int{"later": unsent.Later, "failed": unsent.Failed} {
		for fault, n := range faults {
			f.figures.mails.WithLabelValues(outcome).Add(float64(n))
			f.figures.mailFaults.WithLabelValues(string(fault)).Add(float64(n))
		}
	}
}

// Panicked counts a panic that was recovered.
func (f *Front) Panicked() { f.figures.panics.Inc() }
