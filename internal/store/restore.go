package store

import (
	"archive/zip"
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// ErrBadBackup says that a file is no backup, or not what was written.
var ErrBadBackup = errors.New("this backup cannot be used")

// loadBatch is how many documents are stored in one call, and so in one transaction.
const loadBatch = 500

// Rejected is a document of a backup that cannot be decoded, and its bytes.
type Rejected struct {
	Damaged
	Raw []byte
}

// BackupFile is a backup whose sums and counts were found right. Make it with OpenBackup.
type BackupFile struct {
	Manifest
	entries map[string]*zip.File
}

// OpenBackup reads the whole of a backup and holds it against what it says of itself: sums, counts, and that this
// program knows its form, its nouns and its migrations. Anything else is ErrBadBackup.
func OpenBackup(file io.ReaderAt, size int64, kinds []*Kind, migrations []Migration) (*BackupFile, error) {
	archive, err := zip.NewReader(file, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadBackup, err)
	}
	b := &BackupFile{entries: map[string]*zip.File{}}
	for _, f := range archive.File {
		if b.entries[f.Name] != nil {
			return nil, fmt.Errorf("%w: the entry %s stands twice", ErrBadBackup, f.Name)
		}
		b.entries[f.Name] = f
	}
	if err := b.readManifest(kinds, migrations); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadBackup, err)
	}
	for _, e := range append(slices.Clone(b.Nouns), b.Unreadable) {
		if err := b.verify(e); err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrBadBackup, e.Name, err)
		}
	}
	return b, nil
}

// readManifest reads what the backup says of itself, and refuses what this program cannot know.
func (b *BackupFile) readManifest(kinds []*Kind, migrations []Migration) error {
	f := b.entries[manifestName]
	if f == nil {
		return errors.New("it has no " + manifestName)
	}
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	if err := json.NewDecoder(in).Decode(&b.Manifest); err != nil {
		return fmt.Errorf("%s: %w", manifestName, err)
	}
	if _, err := io.Copy(io.Discard, in); err != nil { // its end has the check sum
		return fmt.Errorf("%s: %w", manifestName, err)
	}
	if b.Format < 1 || b.Format > BackupFormat {
		return fmt.Errorf("it has the format %d and this program knows %d: use the program that made it (%s)", b.Format, BackupFormat, b.Program)
	}
	if last := lastOf(migrations); b.Migration > last {
		return &NewerError{Store: b.Migration, Program: last}
	}
	known := append(slices.Clone(kinds), quarantine.Kind)
	for _, e := range b.Nouns {
		if !slices.ContainsFunc(known, func(k *Kind) bool { return k.Name == e.Name }) {
			return fmt.Errorf("it holds %s, which this program does not know: use the program that made it (%s)", e.Name, b.Program)
		}
	}
	if more := len(b.entries) - len(b.Nouns) - 2; more != 0 || b.Unreadable.Name != unreadableName {
		return errors.New("its entries are not those that it lists")
	}
	return nil
}

// verify holds an entry against its count, length and sum.
func (b *BackupFile) verify(e BackupEntry) error {
	sum, documents, length := sha256.New(), 0, int64(0)
	err := b.each(e, func(raw []byte) error {
		documents++
		length += int64(len(raw))
		sum.Write(raw)
		return nil
	})
	if err != nil {
		return err
	}
	if documents != e.Documents || length != e.Bytes || hex.EncodeToString(sum.Sum(nil)) != e.SHA256 {
		return fmt.Errorf("%d documents of %d bytes were found, and %d of %d or another content were written", documents, length, e.Documents, e.Bytes)
	}
	return nil
}

// each reads the documents of an entry, or its lines. raw is the callback's only while it runs.
func (b *BackupFile) each(e BackupEntry, f func(raw []byte) error) error {
	entry := b.entries[e.Name]
	if entry == nil {
		return errors.New("the entry is missing")
	}
	in, err := entry.Open()
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	r, next := bufio.NewReaderSize(in, 1<<20), nextDocument
	if e.Name == unreadableName {
		next = nextLine
	}
	for raw := []byte(nil); ; {
		raw, err = next(r, raw[:0])
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = f(raw)
		}
		if err != nil {
			return err
		}
	}
}

// largestDocument is what no stored document reaches, so that a wrong length asks for no more memory.
const largestDocument = 64 << 20

// nextDocument reads a BSON document: its first four bytes say how long it is.
func nextDocument(r *bufio.Reader, into []byte) ([]byte, error) {
	head, err := r.Peek(4)
	if len(head) == 0 {
		return nil, err
	}
	if err != nil {
		return nil, errors.New("the last document is cut off")
	}
	n := int(int32(binary.LittleEndian.Uint32(head)))
	if n < 5 || n > largestDocument {
		return nil, fmt.Errorf("a document of %d bytes", n)
	}
	into = slices.Grow(into, n)[:n]
	if _, err := io.ReadFull(r, into); err != nil {
		return nil, errors.New("the last document is cut off")
	}
	return into, nil
}

func nextLine(r *bufio.Reader, _ []byte) ([]byte, error) {
	line, err := r.ReadBytes('\n')
	if len(line) > 0 && errors.Is(err, io.EOF) {
		return nil, errors.New("the last line is cut off")
	}
	return line, err
}

// Restored says what a backup brought back: how many documents of each noun, and those that cannot be decoded,
// which are in the quarantine.
type Restored struct {
	Nouns       map[string]int
	Quarantined []*Damaged
}

// Load stores the documents of a backup in a store that holds nothing, with keys derived for the backup's day, and
// records the migrations that they have had. Call Migrate and Begin next, as for any store. What cannot be
// decoded goes into the quarantine. It returns an error for a store that holds something.
func (b *BackupFile) Load(ctx context.Context, s Store, kinds []*Kind, migrations []Migration) (Restored, error) {
	done := Restored{Nouns: map[string]int{}}
	all := append(slices.Clone(kinds), quarantine.Kind)
	if err := s.Prepare(ctx, append(slices.Clone(all), keyStates.Kind, migrationStates.Kind, processes.Kind)); err != nil {
		return done, err
	}
	s.SetDay(b.Day)
	state := &migrationState{ID: "migrations"}
	for _, m := range migrations {
		if m.Number <= b.Migration {
			state.Applied = append(state.Applied, appliedMigration{int64(m.Number), m.Name, b.At})
		}
	}
	// First, so that a store that is in use is refused before anything is stored.
	if err := migrationStates.In(s).Insert(ctx, state); err != nil {
		return done, fmt.Errorf("the store is not empty: %w", err)
	}
	var rejected []Rejected
	for _, e := range b.Nouns {
		k := all[slices.IndexFunc(all, func(k *Kind) bool { return k.Name == e.Name })]
		more, err := b.load(ctx, s, k, e)
		if rejected = append(rejected, more...); err != nil {
			return done, fmt.Errorf("restoring %s: %w", e.Name, err)
		}
		done.Nouns[e.Name] = e.Documents - len(more)
	}
	err := b.each(b.Unreadable, func(line []byte) error {
		var u unreadable
		err := json.Unmarshal(line, &u)
		rejected = append(rejected, Rejected{Damaged{u.Noun, u.ID, "its bytes are no document"}, u.Bytes})
		return err
	})
	if err != nil {
		return done, err
	}
	for i := range rejected {
		r := &rejected[i]
		q := &Quarantined{ID: r.Noun + "/" + r.ID + "/" + rand.Text()[:8], Noun: r.Noun, Document: r.ID, Reason: r.Reason, At: now(), Bytes: r.Raw}
		if err := quarantine.In(s).Insert(ctx, q); err != nil {
			return done, fmt.Errorf("setting %s %s aside: %w", r.Noun, r.ID, err)
		}
		done.Quarantined = append(done.Quarantined, &r.Damaged)
	}
	shapes := map[string]string{}
	for _, k := range kinds {
		shapes[k.Name] = k.Shape()
	}
	return done, keyStates.In(s).Insert(ctx, &keyState{ID: "keys", Day: b.Day, Shapes: shapes})
}

// load stores the documents of one entry, batch by batch.
func (b *BackupFile) load(ctx context.Context, s Store, k *Kind, e BackupEntry) (rejected []Rejected, err error) {
	var batch [][]byte
	flush := func() error {
		more, err := s.Load(ctx, k, batch)
		rejected, batch = append(rejected, more...), batch[:0]
		return err
	}
	err = b.each(e, func(raw []byte) error {
		if batch = append(batch, slices.Clone(raw)); len(batch) < loadBatch {
			return nil
		}
		return flush()
	})
	if err == nil && len(batch) > 0 {
		err = flush()
	}
	return rejected, err
}

// Replacement is how a new store takes the place of an old one; see the function Replace of the adapters.
type Replacement struct {
	// Old is shown the store that will be replaced: nil if there is none, and with the reason if it cannot be read.
	// An error ends the replacement; nothing was changed.
	Old func(ctx context.Context, old Store, unreadable error) error
	// Fill fills the new store, which is empty. After an error the old store stays as it was.
	Fill func(ctx context.Context, fresh Store) error
}

// ErrRestoring says that a store is being put in the place of another one, or that this was interrupted.
var ErrRestoring = errors.New("a restore of this store is running or was interrupted: run memberportal restore FILE --replace again")

// restoring is the id of the document beside the key state that is there while one store takes another's place.
const restoring = "restoring"

// Unfinished returns ErrRestoring while MarkRestoring holds.
func Unfinished(ctx context.Context, s Store) error {
	switch _, err := keyStates.In(s).Get(ctx, restoring); {
	case err == nil:
		return ErrRestoring
	case errors.Is(err, ErrNotFound):
		return nil
	default:
		return err
	}
}

// MarkRestoring keeps others from beginning a store whose collections are being replaced one by one. The mark goes
// when the collection KeyStateName is replaced, which therefore comes last.
func MarkRestoring(ctx context.Context, s Store) error {
	if err := s.Prepare(ctx, kindsOf(keyStates.Kind)); err != nil {
		return err
	}
	err := keyStates.In(s).Insert(ctx, &keyState{ID: restoring})
	if _, twice := errors.AsType[*DuplicateError](err); twice {
		return nil
	}
	return err
}

// KeyStateName is the collection of the mark.
const KeyStateName = "_keyState"

// Living are the processes that have the store open for writing, by their own word of the last half minute.
func Living(ctx context.Context, s Store) (names []string, err error) {
	if missing, err := s.Indexes(ctx, kindsOf(processes.Kind)); err != nil || len(missing) > 0 {
		return nil, err
	}
	all := processes.In(s)
	plan, err := all.Plan(Query{})
	if err != nil {
		return nil, err
	}
	page, err := all.Page(ctx, plan, Range{Limit: 1000})
	for _, p := range page.Docs {
		if time.Since(p.SeenAt) <= 3*beat {
			names = append(names, p.Name)
		}
	}
	return names, err
}

// Begun says whether a server has ever begun the store.
func Begun(ctx context.Context, s Store) (bool, error) {
	_, _, err := standing(ctx, s)
	if errors.Is(err, ErrNeverBegun) {
		return false, nil
	}
	return err == nil, err
}
