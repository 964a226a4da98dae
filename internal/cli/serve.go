package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"memberportal/graph"
	"memberportal/internal/auth"
	"memberportal/internal/config"
	"memberportal/internal/portal"
	"memberportal/internal/seed"
	"memberportal/internal/store"
)

// drain is how long running requests may take to end when the server stops.
const drain = 15 * time.Second

func random() io.Reader { return rand.Reader }

// serve runs the portal until the context ends.
func serve(ctx context.Context, c config.Serve, stdout, stderr io.Writer) error {
	if err := c.Validate(); err != nil {
		return fmt.Errorf("%w:\n%w", errMisuse, err)
	}
	limits, err := graphLimits(c.Limits)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	tokens, err := openTokens(c.Tokens, c.Store)
	if err != nil {
		return err
	}
	s, err := openStore(ctx, c.Store, "memberportal serve", false)
	if err != nil {
		return err
	}
	err = serveStore(ctx, c, s, tokens, graph.Options{Introspection: !c.Production(), Log: log, Limits: limits}, stdout)
	return errors.Join(err, s.Close())
}

func serveStore(ctx context.Context, c config.Serve, s store.Store, tokens auth.Tokens, face graph.Options, stdout io.Writer) error {
	now, zone, fixed, err := c.Time()
	if err != nil {
		return err
	}
	clock := portal.NewClock(now, zone)
	session, err := store.Begin(ctx, s, portal.Kinds(), string(clock.Today()), fixed)
	if err != nil {
		return err
	}
	defer func() { _ = session.End(context.WithoutCancel(ctx)) }()
	countries, err := portal.Countries()
	if err != nil {
		return err
	}
	if !c.Production() && c.Demo > 0 {
		if err := demonstrate(ctx, seed.Options{Store: s, Countries: countries, Zone: zone, Members: c.Demo}, face.Log); err != nil {
			return fmt.Errorf("loading the demonstration data: %w", err)
		}
	}
	p, err := portal.New(portal.Options{Store: s, Clock: clock, Entropy: random(), Countries: countries})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	roles, err := readyTokens(ctx, c, p, tokens)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	explorer, err := newExplorer(ctx, c, p, roles)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	handler := handler(p, tokens, face, explorer)
	greet(listener.Addr().String(), s.Name(), roles, stdout)
	clockCtx, stop := context.WithCancel(ctx)
	defer stop()
	go keep(clockCtx, session, clock, p, face.Log)
	return listen(ctx, listener, handler, face.Log)
}

// demonstrate loads the demonstration data into an empty store, or finishes loading it.
func demonstrate(ctx context.Context, o seed.Options, log *slog.Logger) error {
	wanted, err := seed.Wanted(ctx, o)
	if err != nil || !wanted {
		return err
	}
	made, err := seed.Load(ctx, o)
	log.Info("loaded demonstration data", "members", made)
	return err
}

// Handler is everything between a connection and the domain, with the limits that are the default.
func Handler(p *portal.Portal, tokens auth.Tokens, log *slog.Logger, production bool, explorer http.Handler) http.Handler {
	return handler(p, tokens, graph.Options{Introspection: !production, Log: log}, explorer)
}

// handler is Handler with limits of its own. In development, where the schema is shown, only names of
// this machine are answered, so that no web page can reach the portal under a name of its own. Without
// an explorer, / says where the API is.
func handler(p *portal.Portal, tokens auth.Tokens, o graph.Options, explorer http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/graphql", graph.NewHandler(p, o))
	if explorer != nil {
		mux.Handle("GET /{$}", explorer)
		mux.Handle("GET /explorer/", explorer)
	} else {
		mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = io.WriteString(w, "memberportal: send GraphQL as POST to /graphql\n")
		})
	}
	handler := graph.WithRequest(auth.Middleware(tokens, o.Log, mux))
	if !o.Introspection {
		return handler
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = strings.Trim(r.Host, "[]")
		}
		if !config.Loopback(host) {
			http.Error(w, "this portal answers names of this machine only", http.StatusMisdirectedRequest)
			return
		}
		handler.ServeHTTP(w, r)
	})
}

// listen serves until the context ends, then lets running requests finish.
func listen(ctx context.Context, l net.Listener, handler http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	log.Info("stopping: running requests may finish")
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	if err := server.Shutdown(ending); err != nil {
		return fmt.Errorf("requests still ran after %s: %w", drain, errors.Join(err, server.Close()))
	}
	return nil
}

// keep says that this process lives, turns the key date at midnight, and tidies every hour. It
// derives keys a second time a little after midnight, for what other processes wrote while theirs had
// not come.
func keep(ctx context.Context, session *store.Session, clock portal.Clock, p *portal.Portal, log *slog.Logger) {
	ticker := time.NewTicker(session.BeatEvery())
	defer ticker.Stop()
	day, again := clock.Today(), 0
	var tidied time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		var err error
		switch today := clock.Today(); {
		case today != day:
			if err = session.Turn(ctx, string(today)); err == nil {
				day, again = today, 6
			}
		case again > 0:
			if again--; again == 0 {
				err = session.Turn(ctx, string(day))
			}
		case time.Since(tidied) > time.Hour:
			tidied = time.Now()
			err = errors.Join(session.Beat(ctx), p.Tidy(ctx))
		default:
			err = session.Beat(ctx)
		}
		if err != nil && ctx.Err() == nil {
			log.Error("housekeeping", "error", err)
		}
	}
}

// greet prints where the portal is, and the ready tokens if there are any.
func greet(address, storeName string, roles []graph.ExplorerRole, stdout io.Writer) {
	_, _ = fmt.Fprintf(stdout, "memberportal on http://%s/graphql, %s store\n", address, storeName)
	if len(roles) > 0 {
		_, _ = fmt.Fprintln(stdout, "tokens for 24 hours, for the header «Authorization: Bearer …»:")
	}
	for _, r := range roles {
		_, _ = fmt.Fprintf(stdout, "\n%s %s\n%s\n", r.Name, r.Scope, r.Token)
	}
}
