// Package pages has the few web pages that people need before they have a program for the portal: the pages behind the
// links of messages, and the page on which they sign in. The pages hold no data. Their scripts ask /graphql like any
// other client, so that nothing is shown that a service did not allow. They load nothing from elsewhere.
package pages

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"slices"

	"memberportal/internal/kit"
)

// Options say what the pages offer.
type Options struct {
	// OrganisationAccount offers to sign in at the issuer of an organisation, at /sign-in/oidc/start.
	OrganisationAccount bool
	// Unsubscribe switches off the kind of messages for which a code was made. If nil, no link does.
	Unsubscribe func(ctx context.Context, code string) error
}

// policy lets a page run the scripts and styles of this server and ask this server, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

//go:embed page.html.tmpl
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

//go:embed portal.css applicant.js guest.js link.js invitation.js list.js notifications.js record.js registration.js rows.js sign-in.js unsubscribe.js
var files embed.FS

// Paths are what Handler answers, as patterns of http.ServeMux.
var Paths = append([]string{
	"GET /invitation", "GET /registration", "GET /guest", "GET /sign-in", "GET /notifications", "GET /unsubscribe", "POST /unsubscribe", "GET /pages/",
}, slices.Concat(get(kit.ListPaths), get(kit.PagePaths()))...)

// Open are the addresses that answer alike for everybody: those to which links lead, and what stands below the last one,
// which they load.
var Open = append([]string{"/invitation", "/registration", "/guest", "/sign-in", "/notifications", "/unsubscribe", "/pages/"}, slices.Concat(kit.ListPaths, kit.PagePaths())...)

// get returns the patterns of paths that are asked for.
func get(paths []string) []string {
	return kit.Map(paths, func(path string) string { return "GET " + path })
}

// shown is what the template takes.
type shown struct {
	Options

	// Name is the path without the slash, or record or list.
	Name string
	// List is what a page lists: its path without the slash. Empty on other pages.
	List string
	Lang string
	// Dir is the direction of writing: ltr or rtl.
	Dir  string
	Text map[string]string
	// Up leads from the page to the address of the portal: empty, or ../
	Up string
	// Facts are the labels of what a page of a record may show, in their order.
	Facts []fact
	// Words are the labels of values of enums.
	Words map[string]string
}

// Handler serves the pages, in the language of the request's context, and what they load below /pages/.
func Handler(o Options) http.Handler {
	mux := http.NewServeMux()
	for _, name := range []string{"invitation", "registration", "guest", "sign-in", "notifications", "unsubscribe"} {
		mux.HandleFunc("GET /"+name, func(w http.ResponseWriter, r *http.Request) { o.write(w, r, name, "", "") })
	}
	for _, path := range kit.ListPaths {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) { o.write(w, r, "list", path[1:], "") })
	}
	for _, path := range get(kit.PagePaths()) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { o.write(w, r, "record", "", "../") })
	}
	mux.HandleFunc("POST /unsubscribe", o.unsubscribe)
	mux.Handle("GET /pages/", http.StripPrefix("/pages/", http.FileServerFS(files)))
	return secure(mux)
}

// secure sets the headers that every answer has.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

// unsubscribe answers the button of the page, and programs for mail (RFC 8058): 204, or 404 for a code that is not good.
func (o Options) unsubscribe(w http.ResponseWriter, r *http.Request) {
	if o.Unsubscribe == nil {
		http.NotFound(w, r)
		return
	}
	err := o.Unsubscribe(r.Context(), r.URL.Query().Get("code"))
	refusal, refused := errors.AsType[*kit.Refusal](err)
	switch {
	case err == nil:
		w.WriteHeader(http.StatusNoContent)
	case refused && refusal.Code == kit.NotFound:
		http.NotFound(w, r)
	default:
		http.Error(w, kit.Message(kit.LocaleOf(r.Context()), "unavailable", nil), http.StatusServiceUnavailable)
	}
}

func (o Options) write(w http.ResponseWriter, r *http.Request, name, list, up string) {
	l := kit.LocaleOf(r.Context())
	s := shown{Options: o, Name: name, List: list, Lang: tags[l], Dir: "ltr", Up: up, Words: words(l), Facts: facts(l)}
	if l == kit.Arabic {
		s.Dir = "rtl"
	}
	s.Text = map[string]map[string]string{"invitation": invitationTexts(l), "registration": registrationTexts(l), "guest": guestTexts(l), "sign-in": signInTexts(l),
		"record": recordTexts(l), "list": listTexts(l, list), "notifications": notificationTexts(l), "unsubscribe": unsubscribeTexts(l),
	}[name]
	var out bytes.Buffer
	if err := page.Execute(&out, s); err != nil {
		http.Error(w, "this page cannot be shown", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", tags[l])
	_, _ = w.Write(out.Bytes())
}

// tags are the language tags (BCP 47) of the languages.
var tags = map[kit.Locale]string{kit.Arabic: "ar", kit.Chinese: "zh", kit.English: "en", kit.French: "fr", kit.Russian: "ru", kit.Spanish: "es"}
