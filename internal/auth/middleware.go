package auth

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"memberportal/internal/kit"
)

// Authority says who asks and what the records allow, from what a token proves. A kit.Refusal says that the token
// does not count any more.
type Authority func(context.Context, kit.Proof) (kit.Actor, error)

// Cookies judge a request without the header by a cookie: who asks, and what that proves. known is false for a request
// without a cookie. They may set the cookie anew, and take away one that is not good.
type Cookies func(w http.ResponseWriter, r *http.Request) (actor kit.Actor, proof kit.Proof, known bool, err error)

// Middleware puts the actor of a request's token into its context, and what the token proves. Without the header, or
// with an empty one, which clients send that have no token, cookies say who asks; they are nil where nobody is known by
// one. Without either the caller is an anonymous visitor. A bad token is 401 and never a visitor, so that a client
// learns that it is not who it thinks; one that cannot be judged now is 503.
func Middleware(t Tokens, authority Authority, cookies Cookies, log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		headers := r.Header.Values("Authorization")
		var actor kit.Actor
		var proof kit.Proof
		var err error
		known := strings.TrimSpace(strings.Join(headers, "")) != ""
		switch {
		case known:
			if proof, err = t.fromHeader(headers); err == nil {
				actor, err = authority(r.Context(), proof)
			}
		case cookies != nil:
			actor, proof, known, err = cookies(w, r)
		}
		if !known {
			next.ServeHTTP(w, r)
			return
		}
		if err != nil {
			_, refused := errors.AsType[*kit.Refusal](err)
			unavailable := !refused && !errors.Is(err, ErrBadToken)
			level, message := slog.LevelInfo, "token refused"
			if unavailable {
				level, message = slog.LevelError, "token not judged"
			}
			log.Log(r.Context(), level, message, "request", kit.RequestOf(r.Context()), "error", err)
			deny(w, r, unavailable)
			return
		}
		next.ServeHTTP(w, r.WithContext(kit.WithProof(kit.WithActor(r.Context(), actor), proof)))
	})
}

func (t Tokens) fromHeader(headers []string) (kit.Proof, error) {
	scheme, token, ok := strings.Cut(headers[0], " ")
	if len(headers) > 1 || !ok || !strings.EqualFold(scheme, "Bearer") {
		return kit.Proof{}, ErrBadToken
	}
	return t.Parse(strings.TrimSpace(token))
}

// deny answers in the form of GraphQL over HTTP, so that every client can read it.
func deny(w http.ResponseWriter, r *http.Request, unavailable bool) {
	contentType := "application/json"
	if strings.Contains(r.Header.Get("Accept"), "application/graphql-response+json") {
		contentType = "application/graphql-response+json"
	}
	status, reason, code := http.StatusUnauthorized, "badToken", kit.Unauthenticated
	if unavailable {
		status, reason, code = http.StatusServiceUnavailable, "unavailable", kit.Unavailable
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
	} else {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
	}
	w.Header().Set("Content-Type", contentType+"; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []any{map[string]any{
		"message":    kit.Message(kit.LocaleOf(r.Context()), reason, nil),
		"extensions": map[string]any{"code": code},
	}}})
}
