// Package calendar writes events and deadlines as iCalendar feeds (RFC 5545), to which calendar programs subscribe.
// It may import portal and the writer of calendar files; it knows no store and no token.
package calendar

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"

	"memberportal/internal/consultations"
	"memberportal/internal/kit"
	"memberportal/internal/portal"
)

// Options are what a Handler is given from outside.
type Options struct {
	Log *slog.Logger
}

// readTime is how long the store may take for a feed.
const readTime = 10 * time.Second

// The caching of feeds. What a secret opens is kept by nobody in between, and asked for again each
// time, so that a revoked link ends at once.
const (
	cachedByAll = "public, max-age=300"
	askedAgain  = "private, no-cache"
)

type handler struct {
	*portal.Portal
	log     *slog.Logger
	running singleflight.Group
}

// reader finds the feed of a request, nil if there is none.
type reader func(ctx context.Context, name string) (*feed, error)

// Handler serves /calendar.ics with all public events and the consultations that are open, /calendar/CODE.ics with the
// events of a series, in whatever letters, and /calendar/own/SECRET.ics with the events that are for a member or State,
// those for which the maker of the link registered and how that registration stands, and the consultations to which the
// member or State has not replied yet. With an event are its deadlines: for registration and for contributions. A series
// or secret that is not known is 404, as is a link that was revoked. Texts are in the language lang of the address; else
// in that of the maker of the link, or the request's where there is none.
func Handler(p *portal.Portal, o Options) http.Handler {
	h := &handler{Portal: p, log: o.Log}
	mux := http.NewServeMux()
	mux.Handle("GET /calendar.ics", h.serve(h.public))
	mux.Handle("GET /calendar/{file}", h.serve(h.series))
	mux.Handle("GET /calendar/own/{file}", h.serve(h.own))
	return mux
}

func (h *handler) public(ctx context.Context, _ string) (*feed, error) {
	events, _, err := h.Calendars.Public(ctx, "")
	if err != nil {
		return nil, err
	}
	open, err := h.openConsultations(ctx)
	return &feed{name: wordsOf(ctx).all, file: "events.ics", cache: cachedByAll, events: events, consultations: open}, err
}

// openConsultations are those that everybody sees and that take replies, those that end last first; kit.MaxPage at most,
// which is more than there ever were at once.
func (h *handler) openConsultations(ctx context.Context) ([]*consultations.Consultation, error) {
	found, err := h.Consultations.List(ctx, &consultations.ConsultationFilter{Status: new(consultations.ConsultationOpen)}, kit.PageArgs{First: new(kit.MaxPage)})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(found.Nodes(), func(c *consultations.Consultation) bool { return c == nil }), nil
}

// toAnswer are the open consultations to which a member or State has not replied yet.
func (h *handler) toAnswer(ctx context.Context, entity kit.ID) ([]*consultations.Consultation, error) {
	open, err := h.openConsultations(ctx)
	if err != nil {
		return nil, err
	}
	var all []*consultations.Consultation
	for _, c := range open {
		p, err := h.Participations.OwnIn(ctx, c, &entity)
		if err != nil {
			return nil, err
		}
		if p != nil && p.Reply == consultations.NoReply {
			all = append(all, c)
		}
	}
	return all, nil
}

var codeForm = regexp.MustCompile(`^[A-Z][A-Z0-9_]{0,59}$`)

func (h *handler) series(ctx context.Context, name string) (*feed, error) {
	code := strings.ToUpper(name) // codes have capitals only, but people write addresses in small letters
	if !codeForm.MatchString(code) {
		return nil, nil
	}
	series, err := h.EventSeries.ByCode(ctx, code)
	if series == nil || err != nil {
		return nil, err
	}
	events, ok, err := h.Calendars.Public(ctx, code)
	if !ok || err != nil {
		return nil, err
	}
	return &feed{name: series.Title.Text(ctx, nil), file: code + ".ics", cache: cachedByAll, events: events}, nil
}

func (h *handler) own(ctx context.Context, secret string) (*feed, error) {
	own, err := h.Calendars.Own(ctx, secret)
	if own == nil || err != nil {
		return nil, err
	}
	f := &feed{file: "own.ics", cache: askedAgain, events: own.Events, standings: own.Standings, personal: true, locale: kit.LocaleOf(ctx)}
	if !asksForLanguage(ctx) {
		f.locale = own.Locale
	}
	f.name = wordsIn[f.locale].own
	f.consultations, err = h.toAnswer(kit.WithActor(ctx, own.Reader), own.Reader.Entities()[0])
	return f, err
}

func (h *handler) serve(read reader) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path, ok := strings.CutSuffix(r.URL.Path, ".ics")
		if !ok {
			http.NotFound(w, r)
			return
		}
		ctx := inLanguage(r)
		f, err := h.written(ctx, read, path)
		switch {
		case err != nil:
			h.fail(ctx, w, r, err)
		case f == nil:
			http.NotFound(w, r)
		default:
			f.answer(w, r)
		}
	})
}

// written finds and writes a feed, nil if there is none. Those who ask for it meanwhile get the same:
// a feed of 1,000 events is work, and anybody may ask often.
func (h *handler) written(ctx context.Context, read reader, path string) (*feed, error) {
	found, err, _ := h.running.Do(fmt.Sprint(kit.LocaleOf(ctx), asksForLanguage(ctx), path), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTime)
		defer cancel()
		f, err := read(ctx, path[strings.LastIndexByte(path, '/')+1:])
		if f == nil || err != nil {
			return (*feed)(nil), err
		}
		f.countryOf = h.Events.CountryOf
		if f.locale != "" {
			ctx = kit.WithLocale(ctx, f.locale)
		}
		return f, f.write(ctx)
	})
	return found.(*feed), err
}

// inLanguage is the request's context in the language that the address asks for, if it is one of the
// six.
func inLanguage(r *http.Request) context.Context {
	wanted, _, _ := strings.Cut(strings.ToUpper(r.URL.Query().Get("lang")), "-")
	for _, l := range kit.Locales {
		if string(l) == wanted {
			return context.WithValue(kit.WithLocale(r.Context(), l), asked{}, true)
		}
	}
	return r.Context()
}

// asked marks the context of a request whose address asks for a language.
type asked struct{}

func asksForLanguage(ctx context.Context) bool { return ctx.Value(asked{}) != nil }

// answer sends the feed, or says that the caller has it. The date of the last change is told but not
// compared, because an event that leaves the feed changes it without a later date.
func (f *feed) answer(w http.ResponseWriter, r *http.Request) {
	sum := sha256.Sum256(f.text)
	h := w.Header()
	h.Set("Content-Type", "text/calendar; charset=utf-8")
	h.Set("Content-Disposition", `inline; filename="`+f.file+`"`)
	h.Set("Cache-Control", f.cache)
	h.Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
	if changed := f.changedAt(); changed != "" {
		h.Set("Last-Modified", changed.Time().Format(http.TimeFormat))
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.text))
}

// fail answers for a store that does not. The log names the route: the path may hold a secret.
func (h *handler) fail(ctx context.Context, w http.ResponseWriter, r *http.Request, err error) {
	refusal := kit.Classify(err)
	h.log.ErrorContext(ctx, "calendar", "route", r.Pattern, "code", refusal.Code, "error", err)
	status := http.StatusInternalServerError
	if refusal.Code == kit.Unavailable {
		status = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", "5")
	}
	http.Error(w, refusal.Message(kit.LocaleOf(ctx)), status)
}
