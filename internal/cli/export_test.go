package cli

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"reflect"
	"testing"

	"memberportal/graph"
	"memberportal/internal/config"
	"memberportal/internal/kit"
	"memberportal/internal/store"
	"memberportal/internal/web"
)

// ServeOn is the command serve with a store that is open.
func ServeOn(ctx context.Context, args []string, s store.Store, stdout, stderr io.Writer) error {
	var grammar commands
	parser, err := newParser(ctx, &grammar, stdout, stderr, func(int) {})
	if err == nil {
		_, err = parser.Parse(append([]string{"serve"}, args...))
	}
	if err != nil {
		return err
	}
	c := grammar.Serve.Serve
	log := web.NewLog(stderr, c.LogFormat == "json", c.Level())
	tokens, err := openTokens(c.Tokens, c.Store, log)
	if err != nil {
		return err
	}
	limits, err := graphLimits(c.Limits)
	if err != nil {
		return err
	}
	return serveStore(ctx, c, s, tokens, graph.Options{Log: log, Limits: limits}, stdout)
}

// Commands are all commands of the grammar that do something, and whether a running server carries each out.
func Commands(t *testing.T) map[string]bool {
	t.Helper()
	parser, err := newParser(t.Context(), &commands{}, io.Discard, io.Discard, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, node := range parser.Model.Leaves(false) {
		_, all[node.FullPath()] = node.Target.Addr().Interface().(served)
	}
	return all
}

// FlagsOfServed are the flags of each command that a running server carries out.
func FlagsOfServed(t *testing.T) map[string]reflect.Value {
	t.Helper()
	parser, err := newParser(t.Context(), &commands{}, io.Discard, io.Discard, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]reflect.Value{}
	for _, node := range parser.Model.Leaves(false) {
		if _, ok := node.Target.Addr().Interface().(served); ok {
			all[node.FullPath()] = node.Target
		}
	}
	return all
}

// EraseNow erases as a server does that holds a data folder.
func EraseNow(ctx context.Context, data string, today kit.Date, log io.Writer) error {
	p, s, done, err := open(ctx, config.Store{Data: data}, config.Domain{Now: string(today), Zone: "Europe/Zurich"}, "test", false)
	if err != nil {
		return err
	}
	err = eraseNow(ctx, p, s, config.Erasure{PersonsAfterDays: 366, MailsAfterDays: 30}, filepath.Join(data, "outbox"), slog.New(slog.NewTextHandler(log, nil)))
	return errors.Join(err, done())
}
