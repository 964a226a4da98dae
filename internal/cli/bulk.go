package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"memberportal/internal/config"
	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/portal"
	"memberportal/internal/seed"
	"memberportal/internal/store"
)

type seedFlags struct {
	onStore
	Members      int  `help:"How many members there shall be." default:"610"`
	RecordedOnly bool `help:"Load what is real of the data and nothing that was made up, also in production."`
	JSON         bool `name:"json" help:"With --recorded-only, print [{\"of\",\"n\"}]."`
}

// importSwitches are those of every import.
type importSwitches struct {
	File   inputFile `arg:"" help:"The CSV file; - for standard input."`
	DryRun bool      `help:"Check the file, list every fault, write nothing."`
	JSON   bool      `name:"json" help:"Print {\"rows\":n,\"made\":n,\"there\":n,\"faults\":[{\"row\",\"column\",\"code\",\"message\"}]}."`
}

type importFlags struct {
	Members    importMembers    `cmd:"" help:"Import members."`
	Reference  importReference  `cmd:"" help:"Enter tariffs, rules and statuses of countries, each with its days and its source. All of the file or nothing of it."`
	Attendance importAttendance `cmd:"" help:"Import who came to an event: the columns registration, attended and mode, or a list as export registrations prints it."`
}

type importMembers struct {
	onStore
	importSwitches
}

type importReference struct {
	onStore
	importSwitches
}

type importAttendance struct {
	onStore
	importSwitches
	Event string `required:"" help:"The event's code." placeholder:"CODE"`
}

type exportFlags struct {
	Entity        exportEntity        `cmd:"" help:"Export all that is held about a member or country, as JSON, to standard output. It leaves an entry in the audit log."`
	Person        exportPerson        `cmd:"" help:"Export all that is held about a person, as JSON, to standard output. It leaves an entry in the audit log."`
	Members       exportMembers       `cmd:"" help:"Export members to standard output."`
	Registrations exportRegistrations `cmd:"" help:"Export an event's registrations, with names, to standard output. It leaves an entry in the audit log."`
}

type exportEntity struct {
	onStore
	ID string `arg:"" name:"id" help:"The member (mem_…) or country (cty_UG)."`
}

type exportPerson struct {
	onStore
	ID string `arg:"" name:"id" help:"The person (usr_…)."`
}

type exportMembers struct {
	onStore
}

type exportRegistrations struct {
	onStore
	Event string `required:"" help:"The event's code." placeholder:"CODE"`
}

// operator is who commands act for.
var operator = kit.Actor{Subject: kit.TheMachine, Roles: []kit.Role{kit.RoleOperator, kit.RoleSecretariat}}

// open opens a store and the domain over it for a command, and gives a way to close both. A command
// that writes is a process like serve: it holds the store and agrees with others on the key date. In a server
// that carries out the command it writes to the store of the server.
func open(ctx context.Context, c config.Store, d config.Domain, holder string, readOnly bool, more ...func(*portal.Options) error) (p *portal.Portal, s store.Store, done func() error, err error) {
	now, zone, fixed, err := d.Time()
	if err = errors.Join(c.Validate(), err); err != nil {
		return nil, nil, nil, fmt.Errorf("%w: %w", errMisuse, err)
	}
	clock := kit.NewClock(now, zone)
	if r := runningOf(ctx); r != nil && !readOnly {
		return r.open(clock.Today(), more)
	}
	if s, err = openStore(ctx, c, holder, readOnly); err != nil {
		return nil, nil, nil, err
	}
	if readOnly {
		s.SetDay(string(clock.Today()))
		if p, err = newPortal(portal.Options{Store: s, Clock: clock}, more); err != nil {
			return nil, nil, nil, errors.Join(err, s.Close())
		}
		return p, s, s.Close, nil
	}
	session, err := begin(ctx, s, string(clock.Today()), fixed)
	if err != nil {
		return nil, nil, nil, errors.Join(err, s.Close())
	}
	if p, err = newPortal(portal.Options{Store: s, Clock: clock}, more); err != nil {
		return nil, nil, nil, errors.Join(err, session.End(context.WithoutCancel(ctx)), s.Close())
	}
	keeping, stop := context.WithCancel(ctx)
	go keep(keeping, session, clock, p.Tidy, slog.New(slog.DiscardHandler))
	done = func() error {
		stop()
		return errors.Join(session.End(context.WithoutCancel(ctx)), s.Close())
	}
	return p, s, done, nil
}

// newPortal makes the domain for a command, with the options that it sets.
func newPortal(o portal.Options, more []func(*portal.Options) error) (*portal.Portal, error) {
	countries, err := country.Countries()
	if err != nil {
		return nil, err
	}
	o.Entropy, o.Countries = random(), countries
	for _, set := range more {
		if err := set(&o); err != nil {
			return nil, err
		}
	}
	return portal.New(o)
}

// Run fills the store, and says on standard error how far it is.
func (f seedFlags) Run(ctx context.Context, stdout results, stderr remarks) error {
	if f.RecordedOnly {
		return f.recorded(ctx, stdout)
	}
	if f.Production() {
		return fmt.Errorf("%w: demonstration data has no place in production", errMisuse)
	}
	if f.Members < 1 {
		return fmt.Errorf("%w: --members must be at least 1", errMisuse)
	}
	_, s, done, err := open(ctx, f.Store, f.Domain, "memberportal seed", false)
	if err != nil {
		return err
	}
	countries, err := country.Countries()
	if err == nil {
		progress := newProgress(stderr, f.Members)
		var made int
		made, err = seed.Load(ctx, seed.Options{Store: s, Countries: countries, Zone: time.UTC, Members: f.Members, Progress: progress.at})
		_, _ = fmt.Fprintf(stderr, "made %d members, %d were there\n", made, max(0, progress.done-made))
	}
	return errors.Join(err, done())
}

// progress tells a person how far a long task is, not more often than every second.
type progress struct {
	w              io.Writer
	total, done    int
	started, shown time.Time
}

func newProgress(w io.Writer, total int) *progress {
	now := time.Now()
	return &progress{w: w, total: total, started: now, shown: now}
}

func (p *progress) at(done int) {
	p.done = done
	now := time.Now()
	if now.Sub(p.shown) < time.Second {
		return
	}
	p.shown = now
	rate := float64(done) / now.Sub(p.started).Seconds()
	left := time.Duration(float64(p.total-done) / rate * float64(time.Second)).Round(time.Second)
	_, _ = fmt.Fprintf(p.w, "%d of %d, %.0f a second, %s left\n", done, p.total, rate, left)
}

// importing is how a service reads a file.
type importing func(ctx context.Context, p *portal.Portal, in io.Reader, progress func(total int) func(done int)) (*kit.ImportResult, error)

func runImport(ctx context.Context, c config.Store, d config.Domain, f importSwitches, stdout, stderr io.Writer, do importing) error {
	in, err := f.File.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	p, _, done, err := open(ctx, c, d, "memberportal import", f.DryRun)
	if err != nil {
		return err
	}
	result, err := do(kit.WithActor(ctx, operator), p, in, func(total int) func(int) { return newProgress(stderr, total).at })
	if err = errors.Join(err, done()); err != nil {
		return err
	}
	if f.JSON {
		if err := json.NewEncoder(stdout).Encode(result); err != nil {
			return err
		}
	} else {
		for _, fault := range result.Faults {
			_, _ = fmt.Fprintf(stdout, "row %d, %s: %s: %s\n", fault.Row, fault.Column, fault.Code, fault.Message)
		}
		_, _ = fmt.Fprintf(stdout, "%d rows: %d made, %d were there, %d faults\n", result.Rows, result.Made, result.There, len(result.Faults))
	}
	if len(result.Faults) > 0 {
		return fmt.Errorf("%d faults; nothing was written", len(result.Faults))
	}
	return nil
}

// Run imports members.
func (f importMembers) Run(ctx context.Context, stdout results, stderr remarks) error {
	do := func(ctx context.Context, p *portal.Portal, in io.Reader, progress func(int) func(int)) (*kit.ImportResult, error) {
		return p.Members.Import(ctx, in, f.DryRun, progress)
	}
	return runImport(ctx, f.Store, f.Domain, f.importSwitches, stdout, stderr, do)
}

// Run enters tariffs, rules and statuses of countries, and says on standard error how many invoices stay as they are.
func (f importReference) Run(ctx context.Context, stdout results, stderr remarks) error {
	do := func(ctx context.Context, p *portal.Portal, in io.Reader, _ func(int) func(int)) (*kit.ImportResult, error) {
		result, kept, err := p.Reference.Import(ctx, in, f.DryRun)
		if err == nil && kept > 0 {
			_, _ = fmt.Fprintf(stderr, "%d invoices of these years were issued before and stay as they are\n", kept)
		}
		return result, err
	}
	return runImport(ctx, f.Store, f.Domain, f.importSwitches, stdout, stderr, do)
}

// Run imports who came to an event.
func (f importAttendance) Run(ctx context.Context, stdout results, stderr remarks) error {
	do := func(ctx context.Context, p *portal.Portal, in io.Reader, progress func(int) func(int)) (*kit.ImportResult, error) {
		result, err := p.Registrations.ImportAttendance(ctx, f.Event, in, f.DryRun, progress)
		return result, ofEvent(f.Event, err)
	}
	return runImport(ctx, f.Store, f.Domain, f.importSwitches, stdout, stderr, do)
}

// ofEvent says in place of NOT_FOUND which event is not there.
func ofEvent(code string, err error) error {
	if r, ok := errors.AsType[*kit.Refusal](err); ok && r.Code == kit.NotFound {
		return fmt.Errorf("there is no event with the code %q", code)
	}
	return err
}

// Run exports members as CSV.
func (f exportMembers) Run(ctx context.Context, stdout results) error {
	p, _, done, err := open(ctx, f.Store, f.Domain, "memberportal export", true)
	if err != nil {
		return err
	}
	rows := kit.NewCSV(stdout)
	err = errors.Join(p.Members.Export(kit.WithActor(ctx, operator), rows), rows.Close())
	return errors.Join(err, done())
}

// Run writes: the audit log keeps that names were taken out.
func (f exportRegistrations) Run(ctx context.Context, stdout results) error {
	p, _, done, err := open(ctx, f.Store, f.Domain, "memberportal export", false)
	if err != nil {
		return err
	}
	rows := kit.NewCSV(stdout)
	err = errors.Join(ofEvent(f.Event, p.Registrations.Export(kit.WithActor(ctx, operator), f.Event, rows)), rows.Close())
	return errors.Join(err, done())
}
