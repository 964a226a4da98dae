package web

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"

	"memberportal/internal/kit"
)

// writeFault answers in the form of GraphQL over HTTP, so that every client can read it.
func writeFault(w http.ResponseWriter, r *http.Request, status int, code kit.Code, message string) {
	contentType := "application/json"
	if strings.Contains(r.Header.Get("Accept"), "application/graphql-response+json") {
		contentType = "application/graphql-response+json"
	}
	extensions := map[string]any{"code": code}
	if code == kit.Internal {
		extensions["requestId"] = kit.RequestOf(r.Context())
	}
	w.Header().Set("Content-Type", contentType+"; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []any{map[string]any{"message": message, "extensions": extensions}}})
}

// statuses are those of codes; of any other it is 500.
var statuses = map[kit.Code]int{
	kit.Unauthenticated: http.StatusUnauthorized, kit.Forbidden: http.StatusForbidden, kit.NotFound: http.StatusNotFound,
	kit.BadUserInput: http.StatusBadRequest, kit.RateLimited: http.StatusTooManyRequests, kit.Unavailable: http.StatusServiceUnavailable,
}

// StatusOf is the HTTP status of a refusal.
func StatusOf(refusal *kit.Refusal) int {
	return cmp.Or(statuses[refusal.Code], http.StatusInternalServerError)
}

// WriteRefusalAs is WriteRefusal with a status that the code alone does not say.
func WriteRefusalAs(w http.ResponseWriter, r *http.Request, status int, refusal *kit.Refusal) {
	key := refusal.Key
	writeFault(w, r, status, refusal.Code, kit.Message(kit.LocaleOf(r.Context()), key, refusal.Params))
}

// WriteRefusal answers with a refusal in the form of GraphQL over HTTP, so that every client can read it.
func WriteRefusal(w http.ResponseWriter, r *http.Request, refusal *kit.Refusal) {
	WriteRefusalAs(w, r, StatusOf(refusal), refusal)
}

// recovered answers for a handler that panics. A handler that has begun to answer is cut off, so that
// nobody takes half an answer for a whole one.
func (f *Front) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil || cause == http.ErrAbortHandler {
				if cause != nil {
					panic(cause)
				}
				return
			}
			f.Panicked()
			f.log.ErrorContext(r.Context(), "panic", "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
			if a, ok := w.(*answer); ok && a.status != 0 {
				panic(http.ErrAbortHandler)
			}
			writeFault(w, r, http.StatusInternalServerError, kit.Internal, kit.Message(kit.LocaleOf(r.Context()), "internal", nil))
		}()
		next.ServeHTTP(w, r)
	})
}
