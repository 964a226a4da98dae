package web

import (
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"memberportal/internal/kit"
)

// foreign refuses a query by GET that a browser sends for a page of another origin which is not
// allowed, before it costs anything: such a page could not read the answer, but see how long it took.
// Who is no browser needs no header for a GET. Requests by POST need no such rule, because their body is
// JSON, for which a browser asks leave first. Nobody is known by a cookie; with cookies, this rule would
// have to hold for every request that carries one.
func (f *Front) foreign(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/graphql" && r.Method == http.MethodGet {
			w.Header().Add("Vary", "Sec-Fetch-Site")
			if fromElsewhere(r) && !asksLeave(r.Header) && !f.Allowed(r.Header.Get("Origin")) {
				writeFault(w, r, http.StatusForbidden, kit.Forbidden, kit.Message(kit.LocaleOf(r.Context()), "request.origin", nil))
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// fromElsewhere says whether a browser marks a request as one for a page of another origin: by
// Sec-Fetch-Site (W3C Fetch Metadata), which no page can change, or before that by Origin. A page of the
// same site has another origin all the same. http.CrossOriginProtection tells them apart in the same way,
// but lets every GET through.
func fromElsewhere(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return false
	case "":
		origin := r.Header.Get("Origin")
		u, err := url.Parse(origin)
		return origin != "" && (err != nil || u.Host != r.Host)
	}
	return true
}

// simple are the content types that a page may send to any origin without leave.
var simple = []string{"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}

// asksLeave says whether a request carries a header for which a browser asks leave by a preflight, so
// that it can only be from a page of an allowed origin, or from no page.
func asksLeave(h http.Header) bool {
	if h.Get("Apollo-Require-Preflight") != "" || h.Get("X-Apollo-Operation-Name") != "" {
		return true
	}
	if scheme, token, _ := strings.Cut(h.Get("Authorization"), " "); strings.EqualFold(scheme, "Bearer") && token != "" {
		return true
	}
	mediaType, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && !slices.Contains(simple, mediaType)
}
