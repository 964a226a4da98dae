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
	"memberportal/internal/browser"
	"memberportal/internal/calendar"
	"memberportal/internal/config"
	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/pages"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/seed"
	"memberportal/internal/store"
	"memberportal/internal/transfer"
	"memberportal/internal/web"
)

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
	if err := checkFileTypes(c.Files); err != nil {
		return err
	}
	log := web.NewLog(stderr, c.LogFormat == "json", c.Level())
	tokens, err := openTokens(c.Tokens, c.Store, log)
	if err != nil {
		return err
	}
	s, err := openStore(ctx, c.Store, "memberportal serve", c.ReadOnly)
	if err != nil {
		return err
	}
	if err := lookThrough(ctx, s, log); err != nil {
		return errors.Join(err, s.Close())
	}
	reportDamage(s, log)
	watching, stop := context.WithCancel(ctx)
	defer stop()
	go watchKeys(watching, tokens, c.KeyFile(c.Store), log)
	err = serveStore(ctx, c, s, tokens, graph.Options{Introspection: !c.Production(), Log: log, Limits: limits}, stdout)
	return errors.Join(err, s.Close())
}

func serveStore(ctx context.Context, c config.Serve, s store.Store, tokens auth.Tokens, face graph.Options, stdout io.Writer) error {
	now, zone, fixed, err := c.Time()
	if err != nil {
		return err
	}
	clock := kit.NewClock(now, zone)
	session, err := attend(ctx, c, s, clock, fixed, face.Log)
	if err != nil {
		return err
	}
	if session != nil {
		defer func() { _ = session.End(context.WithoutCancel(ctx)) }()
	}
	countries, err := country.Countries()
	if err != nil {
		return err
	}
	if !c.Production() && c.Demo > 0 && !c.ReadOnly {
		if err := demonstrate(ctx, seed.Options{Store: s, Countries: countries, Zone: zone, Members: c.Demo}, face.Log); err != nil {
			return fmt.Errorf("loading the demonstration data: %w", err)
		}
	}
	secret, err := kit.ReadSecret(ctx, s, func(old string) {
		face.Log.Warn("the store has a new secret in place of the one in the quarantine: cursors and keyed ids of before are void", "quarantined", old)
	})
	if err != nil {
		return err
	}
	o := portal.Options{
		Store: s, Clock: clock, Entropy: random(), Secret: secret, Countries: countries, Issue: tokens.Issue, MailPerDay: c.MailPerDay, PublicURL: c.PublicURL(), Origins: c.CORSOrigin,
		Organisation: c.Organisation(c.Store),
		OperatorCode: operatorCode(c), Prove: prover(tokens), LinkVerified: c.LinkVerifiedEmail,
		Files: fileLimits(c.Files), Scan: scanner(c.Files),
		Sessions: people.SessionTerms{Idle: time.Duration(c.SessionIdleDays) * 24 * time.Hour, Whole: time.Duration(c.SessionDays) * 24 * time.Hour},
	}
	if o.PayTo, err = c.Invoices.PayTo(); err != nil {
		return err
	}
	if c.Production() && c.Public == "" {
		face.Log.Warn("links in messages lead to the address of --listen: set --public-url")
	}
	terms(c.Applications, &o)
	p, err := portal.New(o)
	if err != nil {
		return err
	}
	if o.OperatorCode != "" {
		if err := firstOperator(ctx, c, p, o.OperatorCode, face.Log, stdout); err != nil {
			return err
		}
	}
	keeping, stop := context.WithCancel(ctx)
	defer stop()
	if session != nil {
		go keep(keeping, session, clock, func(ctx context.Context) error { return hourly(ctx, p, face.Log) }, face.Log)
	}
	if session != nil {
		defer working(ctx, p, face.Log)()
	}
	go warm(keeping, p, face.Log)
	go survey(keeping, s, face.Log)
	if at, daily, err := c.EraseTime(); err == nil && daily && session != nil {
		ticker := time.NewTicker(time.Minute)
		defer ticker.Stop()
		erase := func(ctx context.Context) error {
			return eraseNow(ctx, p, s, c.Erasure, c.Outbox(c.Store), face.Log)
		}
		go eraseDaily(keeping, clock, at, ticker.C, erase, face.Log)
	}
	if session != nil { // a server that only reads does not hold the store
		defer (&running{config: c, store: s, clock: clock, secret: secret, log: face.Log}).listen(ctx)()
	}
	return serveFace(ctx, c, p, s, tokens, face, stdout)
}

// prover says what a token proves, in the words of the domain, which knows no tokens.
func prover(tokens auth.Tokens) func(string) (kit.Proof, bool, error) {
	return func(token string) (kit.Proof, bool, error) {
		proof, err := tokens.Parse(token)
		if errors.Is(err, auth.ErrUnavailable) {
			return kit.Proof{}, false, kit.Refuse(kit.Unavailable, "unavailable", nil)
		}
		return proof, err == nil, nil
	}
}

// attend joins those who use the store. A server that only reads joins nobody, and has no session; it says if the
// store's keys are of another day than its own, because until somebody who writes has turned them what is true by
// the day is that day's.
func attend(ctx context.Context, c config.Serve, s store.Store, clock kit.Clock, fixed bool, log *slog.Logger) (*store.Session, error) {
	today := string(clock.Today())
	if !c.ReadOnly {
		return begin(ctx, s, today, fixed)
	}
	day, err := store.Observe(ctx, s, portal.Kinds(), portal.Migrations())
	if err == nil && day != today {
		log.Warn("the store's keys are of another day, and this server only reads", "day", day, "today", today)
	}
	return nil, err
}

// working carries out jobs in the background until the context ends or it is stopped. stop waits for the job that is
// being carried out to be put back, as long as for running requests.
func working(ctx context.Context, p *portal.Portal, log *slog.Logger) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.Jobs.Serve(ctx, log)
	}()
	return func() {
		cancel()
		select {
		case <-ended:
		case <-time.After(drain):
		}
	}
}

// warm loads what statistics need. Whoever asks before it is done waits for it, or tries again.
func warm(ctx context.Context, p *portal.Portal, log *slog.Logger) {
	if err := p.Statistics.Warm(ctx); err != nil && ctx.Err() == nil {
		log.Error("loading the ledger", "error", err)
	}
}

// survey finds the damaged documents, so that counts leave them out and the log names them before
// somebody asks for them.
func survey(ctx context.Context, s store.Store, log *slog.Logger) {
	if err := store.Survey(ctx, s, portal.Kinds()); err != nil && ctx.Err() == nil {
		log.Error("looking for damaged documents", "error", err)
	}
}

// reportDamage logs each damaged document once, by its id and never with what it holds.
func reportDamage(s store.Store, log *slog.Logger) {
	s.Damage().Watch(func(d *store.Damaged) {
		log.Error("a damaged document is left out; memberportal check names it, check --repair takes it out", "noun", d.Noun, "id", d.ID)
	})
}

// serveFace puts the domain behind its handlers and listens.
func serveFace(ctx context.Context, c config.Serve, p *portal.Portal, s store.Store, tokens auth.Tokens, face graph.Options, stdout io.Writer) error {
	roles, err := readyTokens(ctx, c, p, tokens)
	if err != nil {
		return err
	}
	explorer, err := newExplorer(ctx, c, p, roles)
	if err != nil {
		return err
	}
	front, err := newFront(c, s, face.Log)
	if err != nil {
		return err
	}
	var send sender
	if !c.ReadOnly {
		if send, err = newSender(c, face.Log); err != nil {
			return err
		}
	}
	front.Watch(p.Backlogs)
	doors := doors{config: c, front: front, log: face.Log}
	if err := doors.open(); err != nil {
		return err
	}
	defer delivering(ctx, p, send, front, face.Log)()
	defer tellingPending(ctx, p, face.Log)()
	front.Begin()
	greet(doors.address(), s.Name(), roles, stdout)
	return doors.serve(ctx, handler(front, p, tokens, face, explorer))
}

// demonstrate loads the demonstration data into an empty store, or finishes loading it. In a store that an earlier
// release filled it makes the staff, which that did not.
func demonstrate(ctx context.Context, o seed.Options, log *slog.Logger) error {
	wanted, err := seed.Wanted(ctx, o)
	if err == nil && !wanted {
		err = seed.Staff(ctx, o)
	}
	if err != nil || !wanted {
		return err
	}
	made, err := seed.Load(ctx, o)
	log.Info("loaded demonstration data", "members", made)
	return err
}

// Handler is everything between a connection and the domain, with the limits of a document that are
// the default. Nobody's rate is limited here; HandlerBehind takes a front that may.
func Handler(p *portal.Portal, tokens auth.Tokens, log *slog.Logger, production bool, explorer http.Handler) http.Handler {
	o := web.Options{Log: log, Loopback: !production, Cookie: browser.Cookie}
	if !production {
		o.Cookie = browser.DevelopmentCookie
	}
	return HandlerBehind(web.New(o), p, tokens, log, production, explorer)
}

// HandlerBehind is Handler with the given plumbing before it.
func HandlerBehind(front *web.Front, p *portal.Portal, tokens auth.Tokens, log *slog.Logger, production bool, explorer http.Handler) http.Handler {
	return handler(front, p, tokens, graph.Options{Introspection: !production, Log: log}, explorer)
}

// handler is HandlerBehind with limits of its own. In development, where the schema is shown, only
// names of this machine are answered, so that no web page can reach the portal under a name of its
// own. Without an explorer, / says where the API is.
func handler(front *web.Front, p *portal.Portal, tokens auth.Tokens, o graph.Options, explorer http.Handler) http.Handler {
	o.Observer, o.Charge = front, front.Charge
	mux := http.NewServeMux()
	mux.Handle("/graphql", graph.NewHandler(p, o))
	mux.Handle("GET /.well-known/jwks.json", tokens.Keys.Handler())
	feeds := calendar.Handler(p, calendar.Options{Log: o.Log})
	mux.Handle("GET /calendar.ics", feeds)
	mux.Handle("GET /calendar/", feeds)
	behind := pages.Handler(pages.Options{OrganisationAccount: tokens.Client != nil, Unsubscribe: func(ctx context.Context, code string) error { return p.Notifications.Unsubscribe(ctx, code) }})
	for _, path := range pages.Paths {
		mux.Handle(path, behind)
	}
	mux.Handle("GET /exports/", transfer.Exports(p, o.Log))
	papers := transfer.Papers(p, o.Log)
	for _, path := range transfer.PaperPaths {
		mux.Handle(path, papers)
	}
	kept := transfer.Files(p, o.Log)
	mux.Handle("POST /files", kept)
	mux.Handle("GET /files/", kept)
	if explorer != nil {
		mux.Handle("GET /{$}", explorer)
		mux.Handle("GET /explorer/", explorer)
	} else {
		mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = io.WriteString(w, "memberportal: send GraphQL as POST to /graphql\n")
		})
	}
	authority := func(ctx context.Context, proof kit.Proof) (kit.Actor, error) { return p.Persons.Authority(ctx, proof) }
	var cookies auth.Cookies
	if front.Cookie() != "" {
		b := browser.New(browser.Options{Portal: p, Front: front, Tokens: tokens, Authority: authority, Log: o.Log})
		b.Mount(mux)
		cookies = b.Judge
	}
	handler := auth.Middleware(tokens, authority, cookies, o.Log, front.Inner(mux))
	if o.Introspection {
		handler = ownNames(handler)
	}
	return graph.WithRequest(front.Outer(handler))
}

// ownNames refuses requests under a name that is not this machine's own.
func ownNames(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = strings.Trim(r.Host, "[]")
		}
		if !config.Loopback(host) {
			http.Error(w, "this portal answers names of this machine only", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// keep says that this process lives, turns the key date at midnight, and does its chores every hour. It
// derives keys a second time a little after midnight, for what other processes wrote while theirs had
// not come.
func keep(ctx context.Context, session *store.Session, clock kit.Clock, chores func(context.Context) error, log *slog.Logger) {
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
			err = errors.Join(session.Beat(ctx), chores(ctx))
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
	_, _ = fmt.Fprintf(stdout, "memberportal on %s/graphql, %s store\n", address, storeName)
	if len(roles) > 0 {
		_, _ = fmt.Fprintln(stdout, "tokens for 24 hours, for the header «Authorization: Bearer …»:")
	}
	for _, r := range roles {
		_, _ = fmt.Fprintf(stdout, "\n%s %s\n%s\n", r.Name, r.Scope, r.Token)
	}
}
