package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"
)

// Migration changes what an older version of the program stored. It may be interrupted and run
// again, so it does nothing to what it has changed already. A migration that has shipped never
// changes and never goes.
type Migration struct {
	// Number orders migrations: 1, 2, 3 …
	Number int
	Name   string
	Run    func(ctx context.Context, s Store) error
}

// Nothing is the migration of a change that leaves what is stored as it is. Its number alone keeps programs away that do not
// know the new form: they could not read it, or would lose its new fields whenever they write a document.
func Nothing(context.Context, Store) error { return nil }

// NewerError says that a newer version of the program has changed the store.
type NewerError struct{ Store, Program int }

func (e *NewerError) Error() string {
	return fmt.Sprintf("the store was migrated to %d and this program knows %d: run the newer program, or go back to a backup of before", e.Store, e.Program)
}

// migrationLease is how long a process that migrates may be silent before another takes over.
const migrationLease = time.Minute

// migrationState records which migrations a store has had, and who is migrating it.
type migrationState struct {
	ID      string             `bson:"_id"`
	Version int64              `bson:"version"`
	Applied []appliedMigration `bson:"applied"`
	Holder  string             `bson:"holder"`
	Until   time.Time          `bson:"until"`
}

type appliedMigration struct {
	Number int64     `bson:"number"`
	Name   string    `bson:"name"`
	At     time.Time `bson:"at"`
}

var migrationStates = Declare(Noun[migrationState]{
	Name:     "_migrations",
	Identity: func(m *migrationState) (string, *int64) { return m.ID, &m.Version },
})

// level is the number of the last migration that the store has had.
func (m *migrationState) level() int {
	level := 0
	for _, a := range m.Applied {
		level = max(level, int(a.Number))
	}
	return level
}

// migrator is one process's attempt.
type migrator struct {
	states Collection[migrationState]
	store  Store
	all    []Migration
	me     string
}

// Migrate runs the migrations that the store has not had, in order, one process at a time, and
// records each. A store that holds nothing yet is recorded as having had all. Call it before Begin.
// It returns a NewerError for a store that has had more than these.
func Migrate(ctx context.Context, s Store, all []Migration) error {
	host, _ := os.Hostname()
	m := migrator{migrationStates.In(s), s, all, fmt.Sprintf("process %d on %s %s", os.Getpid(), host, rand.Text()[:6])}
	if err := s.Prepare(ctx, []*Kind{migrationStates.Kind, keyStates.Kind}); err != nil {
		return err
	}
	if err := Unfinished(ctx, s); err != nil {
		return err
	}
	state, err := m.load(ctx)
	if err != nil {
		return err
	}
	program := lastOf(all)
	if state.level() > program {
		return &NewerError{Store: state.level(), Program: program}
	}
	if state.level() == program {
		return nil
	}
	return m.locked(ctx, m.run)
}

// load reads the record, or makes it: a store that no process ever began is new.
func (m migrator) load(ctx context.Context) (*migrationState, error) {
	state, err := m.states.Get(ctx, "migrations")
	if !errors.Is(err, ErrNotFound) {
		return state, err
	}
	state = &migrationState{ID: "migrations"}
	switch _, err := keyStates.In(m.store).Get(ctx, "keys"); {
	case errors.Is(err, ErrNotFound):
		for _, x := range m.all {
			state.Applied = append(state.Applied, applied(x))
		}
	case err != nil:
		return nil, err
	}
	err = m.states.Insert(ctx, state)
	if _, twice := errors.AsType[*DuplicateError](err); twice {
		return m.states.Get(ctx, "migrations")
	}
	return state, err
}

func applied(x Migration) appliedMigration {
	return appliedMigration{int64(x.Number), x.Name, now()}
}

func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// run runs what is missing. It looks again after each one, because another process may have been
// before it.
func (m migrator) run(ctx context.Context) error {
	for _, x := range m.all {
		state, err := m.states.Get(ctx, "migrations")
		if err != nil {
			return err
		}
		if slices.ContainsFunc(state.Applied, func(a appliedMigration) bool { return int(a.Number) == x.Number }) {
			continue
		}
		if err := x.Run(ctx, m.store); err != nil {
			return fmt.Errorf("migration %d, %s: %w", x.Number, x.Name, err)
		}
		_, err = m.states.Update(ctx, "migrations", func(s *migrationState) error {
			s.Applied = append(s.Applied, applied(x))
			return nil
		})
		if err != nil {
			return fmt.Errorf("recording migration %d, %s: %w", x.Number, x.Name, err)
		}
	}
	return nil
}

var errHeld = errors.New("another process migrates")

// locked runs f while no other process migrates, waiting for one that does until the context ends.
func (m migrator) locked(ctx context.Context, f func(context.Context) error) error {
	for {
		err := m.hold(ctx, migrationLease)
		if err == nil {
			break
		}
		if !errors.Is(err, errHeld) {
			return err
		}
		if err := pause(ctx, 8); err != nil {
			return fmt.Errorf("waiting for %w: %w", errHeld, err)
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	renewing := make(chan struct{})
	go func() {
		defer close(renewing)
		ticker := time.NewTicker(migrationLease / 4)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				if m.hold(ctx, migrationLease) != nil {
					cancel() // somebody else took it over
				}
			}
		}
	}()
	err := f(ctx)
	cancel()
	<-renewing
	return errors.Join(err, m.hold(context.WithoutCancel(ctx), 0))
}

// hold takes or renews the lease, or gives it back.
func (m migrator) hold(ctx context.Context, lease time.Duration) error {
	_, err := m.states.Update(ctx, "migrations", func(s *migrationState) error {
		if s.Holder != "" && s.Holder != m.me && s.Until.After(now()) {
			return errHeld
		}
		s.Holder, s.Until = m.me, now().Add(lease)
		if lease == 0 {
			s.Holder = ""
		}
		return nil
	})
	return err
}

// EachID calls f for the id of every document of a kind, for migrations. It collects the ids before
// it calls f, so that f may write. Documents that are damaged are left as they are, and so is one for
// which f returns ErrCorrupt: a migration does not stop for them, and Check names them. The kind needs a
// listing whose keys can all be left out.
func EachID(ctx context.Context, s Store, k *Kind, f func(id string) error) error {
	ids, err := allIDs(ctx, s, k)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := f(id); errors.Is(err, ErrCorrupt) {
			if d, ok := errors.AsType[*Damaged](err); ok {
				s.Damage().Note(d)
			}
		} else if err != nil {
			return fmt.Errorf("%s %s: %w", k.Name, id, err)
		}
	}
	return nil
}

func allIDs(ctx context.Context, s Store, k *Kind) (ids []string, err error) {
	plan, err := Plan{}, ErrUndeclared
	for _, l := range k.Listings {
		if plan, err = k.Plan(Query{Sort: l.Sort}); err == nil {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	for r := (Range{Limit: reindexBatch}); ; {
		rows, err := s.Page(ctx, k, plan, r)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if d, ok := row.Doc.(*Damaged); ok {
				s.Damage().Note(d)
				continue
			}
			id, _ := k.Identity(row.Doc)
			ids = append(ids, id)
		}
		if len(rows) < r.Limit {
			return ids, nil
		}
		r.After = rows[len(rows)-1].Token
	}
}
