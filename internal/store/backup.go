package store

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"time"
)

// BackupFormat is the number of the form that Backup writes. A file of a higher number is refused.
const BackupFormat = 1

// The names inside of a backup beside those of nouns: what it holds, and the documents that are no documents.
const (
	manifestName   = "backup.json"
	unreadableName = "_unreadable.jsonl"
)

// Manifest says what a backup holds. It is the entry backup.json of the file, written last.
type Manifest struct {
	Format int `json:"format"`
	// Engine is the name of the store that it was made of; either engine can read it.
	Engine string `json:"engine"`
	// Program is the version of the program that made it.
	Program string `json:"program"`
	// Migration is the number of the last migration that the store had had, 0 for none.
	Migration int `json:"migration"`
	// Day is the key date of the store.
	Day string    `json:"day"`
	At  time.Time `json:"at"`
	// OneState says that all documents are as they were at one instant. It is false only for a test server
	// that cannot read so.
	OneState bool          `json:"oneState"`
	Nouns    []BackupEntry `json:"nouns"`
	// Unreadable are documents whose bytes are no document, from any noun.
	Unreadable BackupEntry `json:"unreadable"`
}

// BackupEntry is one entry of a backup: a noun's documents as BSON, one after the other, in the order of their
// ids. Bytes is their length before they were packed, SHA256 the sum of those bytes in hexadecimal digits.
type BackupEntry struct {
	Name      string `json:"name"`
	Documents int    `json:"documents"`
	Bytes     int64  `json:"bytes"`
	SHA256    string `json:"sha256"`
}

// Documents is how many documents the backup holds, the unreadable ones too.
func (m *Manifest) Documents() int {
	sum := m.Unreadable.Documents
	for _, n := range m.Nouns {
		sum += n.Documents
	}
	return sum
}

// unreadable is a line of the entry for documents that are no documents.
type unreadable struct {
	Noun  string `json:"noun"`
	ID    string `json:"id"`
	Bytes []byte `json:"bytes"`
}

// sealed is an entry that is being written.
type sealed struct {
	entry BackupEntry
	sum   hash.Hash
	out   io.Writer
}

func (z *sealed) add(raw []byte) error {
	z.entry.Documents++
	z.entry.Bytes += int64(len(raw))
	z.sum.Write(raw)
	_, err := z.out.Write(raw)
	return err
}

func (z *sealed) end() BackupEntry {
	z.entry.SHA256 = hex.EncodeToString(z.sum.Sum(nil))
	return z.entry
}

// Backup writes all documents of the kinds, as they are at one instant, into a ZIP file, also of a store in use.
// It holds documents and no pages, indexes or keys. So the file of either engine can be restored into the other,
// a page that the disk has spoiled is an error of the backup and no part of it, and nothing that was erased
// slips in with free pages. The entries are what mongodump writes, so that bsondump reads them.
//
// Documents whose bytes are no document are kept too, in an entry of their own. Who has the store open is left
// out. It returns a NewerError for a store that a newer program has migrated, whose nouns this one may not know.
func Backup(ctx context.Context, s Store, kinds []*Kind, migrations []Migration, program string, w io.Writer) (*Manifest, error) {
	m := &Manifest{Format: BackupFormat, Engine: s.Name(), Program: program, At: now()}
	var err error
	if m.Migration, m.Day, err = standing(ctx, s); err != nil {
		return nil, err
	}
	if last := lastOf(migrations); m.Migration > last {
		return nil, &NewerError{Store: m.Migration, Program: last}
	}
	file := zip.NewWriter(w)
	open := func(name string) (*sealed, error) {
		out, err := file.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: m.At})
		return &sealed{entry: BackupEntry{Name: name}, sum: sha256.New(), out: out}, err
	}
	var noun *sealed
	var broken []unreadable
	m.OneState, err = s.Snapshot(ctx, append(slices.Clone(kinds), quarantine.Kind), func(k *Kind, id string, raw []byte, sound bool) (err error) {
		if !sound {
			broken = append(broken, unreadable{k.Name, id, slices.Clone(raw)})
			return nil
		}
		if noun == nil || noun.entry.Name != k.Name {
			if noun != nil {
				m.Nouns = append(m.Nouns, noun.end())
			}
			if noun, err = open(k.Name); err != nil {
				return err
			}
		}
		return noun.add(raw)
	})
	if err != nil {
		return nil, err
	}
	if noun != nil {
		m.Nouns = append(m.Nouns, noun.end())
	}
	last, err := open(unreadableName)
	if err != nil {
		return nil, err
	}
	for _, u := range broken {
		line, err := json.Marshal(u)
		if err == nil {
			err = last.add(append(line, '\n'))
		}
		if err != nil {
			return nil, err
		}
	}
	m.Unreadable = last.end()
	if level, day, err := standing(ctx, s); err != nil || level != m.Migration || day != m.Day {
		return nil, errors.Join(err, fmt.Errorf("%w: the store was migrated or its keys were derived for another day meanwhile; run it again", ErrUnavailable))
	}
	out, err := file.Create(manifestName)
	if err == nil {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", " ")
		err = encoder.Encode(m)
	}
	return m, errors.Join(err, file.Close())
}

// standing reads how far a store was migrated, and for which day its keys were derived.
func standing(ctx context.Context, s Store) (level int, day string, err error) {
	missing, err := s.Indexes(ctx, kindsOf(keyStates.Kind))
	if err != nil {
		return 0, "", err
	}
	if len(missing) > 0 {
		return 0, "", ErrNeverBegun
	}
	keys, err := keyStates.In(s).Get(ctx, "keys")
	if errors.Is(err, ErrNotFound) {
		return 0, "", ErrNeverBegun
	}
	if err != nil {
		return 0, "", err
	}
	if missing, err = s.Indexes(ctx, kindsOf(migrationStates.Kind)); err != nil || len(missing) > 0 {
		return 0, keys.Day, err
	}
	state, err := migrationStates.In(s).Get(ctx, "migrations")
	if errors.Is(err, ErrNotFound) {
		return 0, keys.Day, nil
	}
	if err != nil {
		return 0, "", err
	}
	return state.level(), keys.Day, nil
}

// ErrNeverBegun says that a store holds nothing that Begin makes: it is new.
var ErrNeverBegun = errors.New("no server has ever begun this store")

// lastOf is the number of the last migration that the program knows.
func lastOf(migrations []Migration) int {
	last := 0
	for _, m := range migrations {
		last = max(last, m.Number)
	}
	return last
}
