package graph

import (
	"crypto/rand"
	"net/http"
	"strings"

	"golang.org/x/text/language"

	"memberportal/internal/kit"
)

// matcher finds the official language that fits Accept-Language best; English comes first, as what
// is taken when none does.
var (
	matched = []kit.Locale{kit.English, kit.Arabic, kit.Chinese, kit.French, kit.Russian, kit.Spanish}
	matcher = func() language.Matcher {
		tags := make([]language.Tag, len(matched))
		for i, l := range matched {
			tags[i] = language.Make(strings.ToLower(string(l)))
		}
		return language.NewMatcher(tags)
	}()
)

// LocaleOf is the official language for an Accept-Language header.
func LocaleOf(header string) kit.Locale {
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil || len(tags) == 0 {
		return kit.English
	}
	_, i, _ := matcher.Match(tags...)
	return matched[i]
}

// WithRequest gives every request an id, which the answer and the log name, and a language.
func WithRequest(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := rand.Text()
		w.Header().Set("X-Request-Id", id)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Add("Vary", "Accept-Language")
		ctx := kit.WithLocale(kit.WithRequest(r.Context(), id), LocaleOf(r.Header.Get("Accept-Language")))
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
