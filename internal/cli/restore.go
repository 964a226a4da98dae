package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"memberportal/internal/config"
	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/store/mongostore"
	"memberportal/internal/store/sqlitestore"
)

type restoreFlags struct {
	config.Store
	config.Domain
	File             string `arg:"" help:"The backup." type:"path"`
	Replace          bool   `help:"Put the backup in the place of a store that holds something. What was erased there stays erased."`
	Erasures         string `help:"File of ids of persons (usr_…) that were erased since the backup, one a line, as erase person prints them. It is needed where the store of before cannot be read." placeholder:"FILE" type:"path"`
	PersonsAfterDays int    `help:"As erase has it, which is run on what was restored." default:"366" env:"MEMBERPORTAL_PERSONS_AFTER_DAYS"`
	KeepDue          bool   `help:"Leave what is past its date to erase; for a store on which erase is not run."`
	DryRun           bool   `help:"Read the whole backup and say what it holds; restore nothing."`
	JSON             bool   `name:"json" help:"Print {\"manifest\":{…},\"documents\":{…},\"quarantined\":[…],\"erased\":{…}}."`
}

// restored is what restore prints. Documents are how many of each noun were stored; Erased is what was erased again.
type restored struct {
	Manifest    *store.Manifest     `json:"manifest"`
	Documents   map[string]int      `json:"documents"`
	Quarantined []*store.Damaged    `json:"quarantined"`
	Erased      *portal.ErasedAgain `json:"erased"`
}

// Run puts a backup in the place of a store that nobody uses.
func (f restoreFlags) Run(ctx context.Context, stdout results, stderr remarks) (err error) {
	_, _, _, err = f.Time()
	if err = errors.Join(f.Store.Validate(), err, atLeast0(f.PersonsAfterDays)); err != nil {
		return fmt.Errorf("%w: %w", errMisuse, err)
	}
	file, err := os.Open(f.File)
	if err != nil {
		return fmt.Errorf("%w: %w", errMisuse, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	b, err := store.OpenBackup(file, info.Size(), portal.Kinds(), portal.Migrations())
	if err != nil {
		return fmt.Errorf("%s: %w", f.File, err)
	}
	r := restorer{flags: f, backup: b, stderr: stderr, result: restored{Manifest: &b.Manifest, Documents: map[string]int{}, Quarantined: []*store.Damaged{}}}
	if f.DryRun {
		for _, n := range b.Nouns {
			r.result.Documents[n.Name] = n.Documents
		}
		return r.result.print(stdout, f.JSON, "holds")
	}
	if f.Erasures != "" {
		if r.named, err = readErasures(f.Erasures); err != nil {
			return err
		}
	}
	if f.OnMongoDB() {
		var uri string
		if uri, err = mongoDBURI(f.Store); err == nil {
			err = mongostore.Replace(ctx, mongostore.Options{URI: uri}, r.replacement())
		}
	} else {
		err = sqlitestore.Replace(ctx, f.Path(), sqlitestore.Options{Holder: "memberportal restore"}, r.replacement())
	}
	if err != nil {
		return fmt.Errorf("nothing was restored: %w", err)
	}
	return r.result.print(stdout, f.JSON, "restored")
}

func atLeast0(days int) error {
	if days < 0 {
		return errors.New("--persons-after-days must be at least 0")
	}
	return nil
}

// readErasures reads ids of persons, one a line, alone or as erase person prints them.
func readErasures(path string) (ids []kit.ID, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errMisuse, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	ids = []kit.ID{} // a file of none says that there are none
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "erased:"))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if !strings.HasPrefix(line, "usr_") || strings.ContainsAny(line, " \t") {
			return nil, fmt.Errorf("%w: %s, line %d: %q is no id of a person", errMisuse, path, n, kit.Clip(line))
		}
		ids = append(ids, kit.ID(line))
	}
	return ids, lines.Err()
}

// restorer restores one backup.
type restorer struct {
	flags  restoreFlags
	backup *store.BackupFile
	// named are the persons of --erasures; nil without it.
	named  []kit.ID
	before portal.Erasures
	stderr io.Writer
	result restored
}

func (r *restorer) replacement() store.Replacement {
	return store.Replacement{Old: r.old, Fill: r.fill}
}

// old looks at the store that will be replaced: whether it may be, and what was erased in it.
func (r *restorer) old(ctx context.Context, old store.Store, unreadable error) error {
	r.before = portal.Erasures{Persons: r.named}
	some := unreadable != nil
	if old != nil {
		var err error
		if some, err = holdsSomething(ctx, old); err != nil {
			unreadable = err
		}
	}
	if (some || unreadable != nil) && !r.flags.Replace {
		return errors.Join(errors.New("there is a store already; --replace puts the backup in its place"), unreadable)
	}
	if some && unreadable == nil {
		if unreadable = r.readErasures(ctx, old); unreadable == nil {
			return nil
		}
	}
	switch {
	case r.named != nil:
	case unreadable != nil:
		return fmt.Errorf("what was erased in the store of before cannot be read: say with --erasures FILE which persons were erased since the backup (an empty file if none was): %w", unreadable)
	default:
		_, _ = fmt.Fprintln(r.stderr, "memberportal: there is no store of before, so that nobody knows here who was erased since the backup; erase those persons again, or say who they are with --erasures FILE")
	}
	return nil
}

var errSome = errors.New("it holds something")

// holdsSomething says whether a store holds more than the secret that its first start made.
func holdsSomething(ctx context.Context, s store.Store) (bool, error) {
	kinds := slices.DeleteFunc(portal.Kinds(), func(k *store.Kind) bool { return k == kit.SecretNoun.Kind })
	_, err := s.Snapshot(ctx, kinds, func(*store.Kind, string, []byte, bool) error { return errSome })
	if errors.Is(err, errSome) {
		return true, nil
	}
	return false, err
}

func (r *restorer) readErasures(ctx context.Context, old store.Store) error {
	p, _, err := r.portal(old)
	if err != nil {
		return err
	}
	ctx, omitted := store.CountOmitted(kit.WithActor(ctx, operator))
	e, err := p.Erasures(ctx)
	if err != nil {
		return err
	}
	if n := omitted.Count(); n > 0 && r.named == nil {
		return fmt.Errorf("%d damaged records", n)
	}
	r.before = portal.Erasures{Persons: append(e.Persons, r.named...), Records: e.Records}
	return nil
}

// portal is the domain over a store, on the day of the flags.
func (r *restorer) portal(s store.Store) (*portal.Portal, kit.Clock, error) {
	now, zone, _, err := r.flags.Time()
	clock := kit.NewClock(now, zone)
	if err != nil {
		return nil, clock, err
	}
	countries, err := country.Countries()
	if err != nil {
		return nil, clock, err
	}
	p, err := portal.New(portal.Options{Store: s, Clock: clock, Entropy: random(), Countries: countries})
	return p, clock, err
}

// fill brings back the documents, migrates them, and erases again what had been erased.
func (r *restorer) fill(ctx context.Context, fresh store.Store) error {
	loaded, err := r.backup.Load(ctx, fresh, portal.Kinds(), portal.Migrations())
	if err != nil {
		return err
	}
	p, clock, err := r.portal(fresh)
	if err != nil {
		return err
	}
	session, err := begin(ctx, fresh, string(clock.Today()), true)
	if err != nil {
		return err
	}
	days := r.flags.PersonsAfterDays
	if r.flags.KeepDue {
		days = -1
	}
	erased, err := p.EraseAgain(kit.WithActor(ctx, operator), r.before, days)
	if err == nil {
		err = p.Audit.Record(kit.WithActor(ctx, operator), "restore", operator.Subject, "the backup of "+r.backup.At.Format(time.RFC3339))
	}
	if files, ok := fresh.(scrubber); ok && err == nil && erased.Some() {
		err = files.Scrub(ctx)
	}
	if err = errors.Join(err, session.End(context.WithoutCancel(ctx))); err != nil {
		return err
	}
	r.result.Documents, r.result.Erased = loaded.Nouns, &erased
	r.result.Quarantined = list(loaded.Quarantined)
	return nil
}

// print says what a backup holds, or what was restored of it.
func (r restored) print(stdout io.Writer, inJSON bool, verb string) error {
	if inJSON {
		return json.NewEncoder(stdout).Encode(r)
	}
	out := bufio.NewWriter(stdout)
	_, _ = fmt.Fprintf(out, "backup of %s by %s, %s store, migration %d\n", r.Manifest.At.Format("2006-01-02T15:04:05Z"), r.Manifest.Program, r.Manifest.Engine, r.Manifest.Migration)
	for _, noun := range slices.Sorted(maps.Keys(r.Documents)) {
		_, _ = fmt.Fprintf(out, "%s: %d %s\n", verb, r.Documents[noun], noun)
	}
	if n := max(len(r.Quarantined), r.Manifest.Unreadable.Documents); n > 0 {
		_, _ = fmt.Fprintf(out, "%s: %d damaged documents, for the quarantine\n", verb, n)
	}
	if e := r.Erased; e != nil {
		_, _ = fmt.Fprintf(out, "erased again: %d persons; by their dates %d registrations, %d persons, %d other records\n", e.PersonsAgain, e.Registrations, e.Persons, e.InClasses())
		for _, id := range e.InOffice {
			_, _ = fmt.Fprintf(out, "%s has a mandate again, which ended after the backup: end it\n", id)
		}
		for _, id := range e.Left {
			_, _ = fmt.Fprintf(out, "%s: more had been erased of it than could be now: look at it\n", id)
		}
	}
	return out.Flush()
}
