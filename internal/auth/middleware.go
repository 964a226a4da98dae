package auth

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"

	"memberportal/internal/portal"
)

// Middleware puts the actor of a request's token into its context. No token is an anonymous visitor;
// a bad one is 401 and never a visitor, so that a client learns that it is not who it thinks.
func Middleware(t Tokens, log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		headers := r.Header.Values("Authorization")
		if len(headers) == 0 {
			next.ServeHTTP(w, r)
			return
		}
		actor, err := t.fromHeader(headers)
		if err != nil {
			log.InfoContext(r.Context(), "token refused", "request", portal.RequestOf(r.Context()), "error", err)
			refuse(w, r)
			return
		}
		next.ServeHTTP(w, r.WithContext(portal.WithActor(r.Context(), actor)))
	})
}

func (t Tokens) fromHeader(headers []string) (portal.Actor, error) {
	scheme, token, ok := strings.Cut(headers[0], " ")
	if len(headers) > 1 || !ok || !strings.EqualFold(scheme, "Bearer") {
		return portal.Actor{}, ErrBadToken
	}
	return t.Parse(strings.TrimSpace(token))
}

// refuse answers in the form of GraphQL over HTTP, so that every client can read it.
func refuse(w http.ResponseWriter, r *http.Request) {
	contentType := "application/json"
	if strings.Contains(r.Header.Get("Accept"), "application/graphql-response+json") {
		contentType = "application/graphql-response+json"
	}
	w.Header().Set("Content-Type", contentType+"; charset=utf-8")
	w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
	w.WriteHeader(http.StatusUnauthorized)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []any{map[string]any{
		"message":    portal.Message(portal.LocaleOf(r.Context()), "badToken", nil),
		"extensions": map[string]any{"code": portal.Unauthenticated},
	}}})
}
