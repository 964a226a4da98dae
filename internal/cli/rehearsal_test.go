package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"memberportal/internal/config"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/store/mongostore"
	"memberportal/internal/store/sqlitestore"
	"memberportal/internal/testkit"
)

// engine is where a test keeps a store of an engine.
type engine struct {
	open    func(t *testing.T) store.Store
	replace func(ctx context.Context, r store.Replacement) error
}

func engines(t *testing.T) map[string]engine {
	path := filepath.Join(t.TempDir(), "portal.db")
	embedded := sqlitestore.Options{Holder: "test"}
	peer := testkit.Mongo(t)
	mongodb := mongostore.Options{URI: peer.URI, Database: peer.Database(t), AllowNonAtomic: !peer.Atomic()}
	opened := func(t *testing.T, s store.Store, err error) store.Store {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	return map[string]engine{
		"sqlite": {
			func(t *testing.T) store.Store {
				s, err := sqlitestore.Open(t.Context(), path, embedded)
				return opened(t, s, err)
			},
			func(ctx context.Context, r store.Replacement) error {
				return sqlitestore.Replace(ctx, path, embedded, r)
			},
		},
		"mongodb": {
			func(t *testing.T) store.Store {
				s, err := mongostore.Open(t.Context(), mongodb)
				return opened(t, s, err)
			},
			func(ctx context.Context, r store.Replacement) error { return mongostore.Replace(ctx, mongodb, r) },
		},
	}
}

// backupOf is a backup of a store in memory.
func backupOf(t *testing.T, s store.Store) *store.BackupFile {
	t.Helper()
	var file bytes.Buffer
	if _, err := store.Backup(t.Context(), s, portal.Kinds(), portal.Migrations(), "test", &file); err != nil {
		t.Fatal(err)
	}
	b, err := store.OpenBackup(bytes.NewReader(file.Bytes()), int64(file.Len()), portal.Kinds(), portal.Migrations())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// restoring is a restore of a backup on the fixture's day.
func restoring(b *store.BackupFile, replace bool, stderr io.Writer) *restorer {
	flags := restoreFlags{Domain: config.Domain{Now: string(testkit.Today), Zone: "UTC"}, Replace: replace, PersonsAfterDays: 10_000}
	return &restorer{flags: flags, backup: b, stderr: stderr, result: restored{Manifest: &b.Manifest}}
}

// allBytes are those of all documents, and how many there are of each noun.
func allBytes(t *testing.T, s store.Store) (text string, counts map[string]int) {
	t.Helper()
	var all strings.Builder
	counts = map[string]int{}
	_, err := s.Snapshot(t.Context(), portal.Kinds(), func(k *store.Kind, _ string, raw []byte, _ bool) error {
		counts[k.Name]++
		_, err := all.Write(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String(), counts
}

// TestRehearsal backs a store up while it is written to, erases two persons, restores, and finds everything but
// what named them. The backup of either engine fills the other.
func TestRehearsal(t *testing.T) {
	fixture := testkit.Engines()[0].Fresh(t)
	first := backupOf(t, fixture)
	_, filled := allBytes(t, fixture)
	// Files that no record took in a day go, as after any start.
	filled["files"] -= len(testkit.Files())
	filled["filePieces"] -= len(testkit.FilePieces())
	for name, at := range engines(t) {
		t.Run(name, func(t *testing.T) {
			var remarks bytes.Buffer
			if err := at.replace(t.Context(), restoring(first, false, &remarks).replacement()); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(remarks.String(), "--erasures") {
				t.Errorf("nothing is said of unknown erasures: %s", &remarks)
			}
			backup, during := at.goOn(t)
			if err := at.replace(t.Context(), restoring(backup, false, io.Discard).replacement()); err == nil || !strings.Contains(err.Error(), "--replace") {
				t.Errorf("a store that holds something: %v", err)
			}
			r := restoring(backup, true, io.Discard)
			if err := at.replace(t.Context(), r.replacement()); err != nil {
				t.Fatal(err)
			}
			if e := r.result.Erased; e.PersonsAgain != 2 || !slices.Equal(e.InOffice, []kit.ID{"usr_DELEGATE"}) || !slices.Equal(e.Left, []kit.ID{"man_DELEGATE"}) {
				t.Errorf("erased again: %+v", e)
			}
			s := at.open(t)
			found, err := store.Check(t.Context(), s, portal.Kinds(), store.Unwatched)
			if err != nil || !found.None() {
				t.Errorf("check: %v, %+v", err, found)
			}
			text, counts := allBytes(t, s)
			for _, gone := range []string{"Ruth Namara", "former@example.org", "Peter Okot", "delegate@example.org"} {
				if !strings.Contains(during, gone) || strings.Contains(text, gone) {
					t.Errorf("%q: in the backup %v, restored %v", gone, strings.Contains(during, gone), strings.Contains(text, gone))
				}
			}
			for _, stays := range []string{"Grace Akello", "David Mugisha"} {
				if !strings.Contains(text, stays) {
					t.Errorf("%q was not restored", stays)
				}
			}
			if n := strings.Count(text, "the backup of "); n != 2 {
				t.Errorf("%d audit entries of restores, and there were two", n)
			}
			if strings.Contains(text, "after the backup") {
				t.Error("what came after the backup is there")
			}
			for noun, n := range filled {
				if !slices.Contains([]string{"audit", "notices", "secrets", "outbox", "feedbackDrafts", "challenges", "repeats", "codeRecipients", "sessions", "signInChallenges", "jobs", "jobChunks"}, noun) && counts[noun] != n {
					t.Errorf("%s: %d documents, filled were %d", noun, counts[noun], n)
				}
			}
			if counts["sessions"] != 0 {
				t.Errorf("%d sessions go on, of which some may have ended since", counts["sessions"])
			}
			if n := counts["jobs"] + counts["jobChunks"]; n != 0 {
				t.Errorf("%d documents of exports are there, of which some may name whom the store names no more", n)
			}
			if counts["audit"] < filled["audit"] {
				t.Errorf("%d audit entries, filled were %d", counts["audit"], filled["audit"])
			}
		})
	}
}

// goOn uses a store as a server does: it is backed up while somebody writes, and then two persons are erased, one of
// whom still had a mandate when the backup was made. during is what the backup's time had in the store.
func (e engine) goOn(t *testing.T) (b *store.BackupFile, during string) {
	t.Helper()
	s := e.open(t)
	session, err := begin(t.Context(), s, string(testkit.Today), true)
	if err != nil {
		t.Fatal(err)
	}
	if s.Exclusive() { // another process is told
		err = e.replace(t.Context(), restoring(&store.BackupFile{}, true, io.Discard).replacement())
		if _, locked := errors.AsType[*sqlitestore.LockedError](err); !locked {
			t.Errorf("restored into a store in use: %v", err)
		}
	} else if err := e.replace(t.Context(), restoring(&store.BackupFile{}, true, io.Discard).replacement()); !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "in use") {
		t.Errorf("restored into a store in use: %v", err)
	}
	p, ctx := testkit.Portal(t, s), kit.WithActor(t.Context(), operator)
	during, _ = allBytes(t, s)
	stop := renaming(ctx, t, s)
	b = backupOf(t, s)
	stop()
	if b.OneState != s.Atomic() {
		t.Errorf("the backup says of one state: %v", b.OneState)
	}
	mandate, err := people.MandateNoun.In(s).Get(ctx, "man_DELEGATE")
	if err != nil {
		t.Fatal(err)
	}
	mandate.Until = new(testkit.Today.AddDays(-1))
	mandate.Reason = new("after the backup")
	if err := people.MandateNoun.In(s).Replace(ctx, mandate); err != nil {
		t.Fatal(err)
	}
	for _, id := range []kit.ID{"usr_FORMER", "usr_DELEGATE"} {
		if err := p.ErasePerson(ctx, id); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(session.End(t.Context()), s.Close()); err != nil {
		t.Fatal(err)
	}
	return b, during
}

// renaming changes a member again and again until it is stopped, once at least.
func renaming(ctx context.Context, t *testing.T, s store.Store) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var writing sync.WaitGroup
	begun := make(chan struct{})
	writing.Go(func() {
		for first := true; ctx.Err() == nil; first = false {
			_, err := membership.MemberNoun.In(s).Update(ctx, "mem_ACTIVE", func(m *membership.Member) error { return nil })
			if err != nil && ctx.Err() == nil {
				t.Errorf("writing beside the backup: %v", err)
			}
			if first {
				close(begun)
			}
		}
	})
	<-begun
	return func() { cancel(); writing.Wait() }
}

// TestAnErasureThatCannotBeRepeatedIsNamed: the store of before had erased more of a record than is due in the one
// that was restored.
func TestAnErasureThatCannotBeRepeatedIsNamed(t *testing.T) {
	s := testkit.Engines()[0].Fresh(t)
	p, ctx := testkit.Portal(t, s), kit.WithActor(t.Context(), operator)
	before := portal.Erasures{Persons: []kit.ID{"usr_NEVER"}, Records: map[kit.ID][]string{"mem_ACTIVE": {"contacts"}, "mem_NEVER": {"contacts"}}}
	done, err := p.EraseAgain(ctx, before, 10_000)
	if err != nil || done.PersonsAgain != 0 || !slices.Equal(done.Left, []kit.ID{"mem_ACTIVE"}) {
		t.Errorf("%v, %+v", err, done)
	}
	if _, err := p.EraseAgain(kit.WithActor(t.Context(), kit.Actor{}), before, 1); err == nil {
		t.Error("anybody may")
	}
}
