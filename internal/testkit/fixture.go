package testkit

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"memberportal/internal/applications"
	"memberportal/internal/consultations"
	"memberportal/internal/country"
	"memberportal/internal/files"
	"memberportal/internal/jobs"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/people"
	"memberportal/internal/portal"
	"memberportal/internal/seed"
	"memberportal/internal/store"
	"memberportal/internal/store/mongostore"
	"memberportal/internal/store/sqlitestore"
)

// Today is the fixture's day, at noon of which its domain clock stands still.
const Today kit.Date = "2025-03-31"

// Now is the fixture's domain time.
var Now = time.Date(2025, 3, 31, 12, 0, 0, 0, time.UTC)

// Entropy is a stream of bytes that is the same at every run, so that ids are.
func Entropy(name string) io.Reader { return rand.NewChaCha8(sha256.Sum256([]byte(name))) }

// Clock is the fixture's domain clock.
func Clock() kit.Clock { return kit.NewClock(func() time.Time { return Now }, time.UTC) }

// Countries are the reference list.
func Countries(t testing.TB) []*country.Country {
	countries, err := country.Countries()
	if err != nil {
		t.Fatal(err)
	}
	return countries
}

// Engine opens a store for a test.
type Engine struct {
	Name string
	// Fresh is a store with the fixture that nobody else has.
	Fresh func(t testing.TB) store.Store
	// Shared is a store with the fixture for tests that only read.
	Shared func(t testing.TB) store.Store
	// Demonstration is a store with what is counted of the whole demonstration, for tests that only read.
	Demonstration func(t testing.TB) store.Store
}

// Engines are the embedded store and the MongoDB peer.
func Engines() []Engine {
	return []Engine{
		{"sqlite", freshSQLite, func(t testing.TB) store.Store { return openSQLite(t, sqliteFixture(t)) }, demonstration},
		{"mongodb", freshMongo, func(t testing.TB) store.Store { return openMongo(t, Mongo(t), mongoFixture(t)) }, mongoDemonstration},
	}
}

// Portal is the domain over a store, at the fixture's day, which issues no tokens.
func Portal(t testing.TB, s store.Store) *portal.Portal {
	t.Helper()
	return Issuing(t, s, nil)
}

// Issuer is the other issuer of the fixture, at which usr_COLLEAGUE has the subject «colleague».
const Issuer = "https://issuer.example"

// Prove says that the token TESTTOKEN proves the subject «new» of Issuer, and COLLEAGUE that of usr_COLLEAGUE.
func Prove(token string) (kit.Proof, bool, error) {
	subject, ok := map[string]string{"TESTTOKEN": "new", "COLLEAGUE": "colleague"}[token]
	return kit.Proof{Issuer: Issuer, IssuerSubject: subject}, ok, nil
}

// Issuing is the domain over a store, with what issues tokens of applicants.
func Issuing(t testing.TB, s store.Store, issue func(kit.Proof, time.Duration) (string, error)) *portal.Portal {
	t.Helper()
	return made(t, portal.Options{Store: s, Issue: issue})
}

// Paid is the domain over a store with what says how an invoice is paid.
func Paid(t testing.TB, s store.Store, how string) *portal.Portal {
	t.Helper()
	return made(t, portal.Options{Store: s, PayTo: how})
}

// PublicURL is the address of the portal.
const PublicURL = "https://members.example.org"

// made is the domain with what all tests have alike.
func made(t testing.TB, o portal.Options) *portal.Portal {
	t.Helper()
	o.Clock, o.Wall, o.Entropy, o.Secret = Clock(), func() time.Time { return Now }, Entropy("test"), make([]byte, 32)
	o.Countries, o.Prove, o.PublicURL = Countries(t), Prove, PublicURL
	p, err := portal.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// fill puts the fixture into an empty store: the demonstration members with few persons, one member in each state that
// only later mutations can bring about, and persons with mandates.
func fill(t testing.TB, s store.Store) {
	t.Helper()
	ctx := context.Background()
	x, err := store.Begin(ctx, s, portal.Kinds(), string(Today), true)
	if err != nil {
		t.Fatal(err)
	}
	wall := func() time.Time { return Now.Add(-time.Hour) }
	if _, err := seed.Load(ctx, seed.Options{Store: s, Countries: Countries(t), Zone: time.UTC, Wall: wall, Members: 40, People: 1}); err != nil {
		t.Fatal(err)
	}
	if err := membership.MemberNoun.In(s).Insert(ctx, Members()...); err != nil {
		t.Fatal(err)
	}
	if err := membership.FeeExemptionNoun.In(s).Insert(ctx, FeeExemptions()...); err != nil {
		t.Fatal(err)
	}
	if err := membership.MembershipChangeRequestNoun.In(s).Insert(ctx, ChangeRequests()...); err != nil {
		t.Fatal(err)
	}
	if err := people.PersonNoun.In(s).Insert(ctx, append(Holding(Mandates(), Persons()...), Staff()...)...); err != nil {
		t.Fatal(err)
	}
	if err := people.MandateNoun.In(s).Insert(ctx, Mandates()...); err != nil {
		t.Fatal(err)
	}
	if err := people.SessionNoun.In(s).Insert(ctx, Sessions()...); err != nil {
		t.Fatal(err)
	}
	if err := people.PasskeyNoun.In(s).Insert(ctx, Passkeys()...); err != nil {
		t.Fatal(err)
	}
	if err := kit.OutboxNoun.In(s).Insert(ctx, Mails()...); err != nil {
		t.Fatal(err)
	}
	if err := jobs.JobNoun.In(s).Insert(ctx, Jobs()...); err != nil {
		t.Fatal(err)
	}
	if err := jobs.ChunkNoun.In(s).Insert(ctx, JobChunks()...); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(files.FileNoun.In(s).Insert(ctx, Files()...), files.PieceNoun.In(s).Insert(ctx, FilePieces()...)); err != nil {
		t.Fatal(err)
	}
	if err := fillHandOver(ctx, s); err != nil {
		t.Fatal(err)
	}
	if err := fillInvitations(ctx, s); err != nil {
		t.Fatal(err)
	}
	if err := fillEvents(ctx, s); err != nil {
		t.Fatal(err)
	}
	if err := applications.ApplicationNoun.In(s).Insert(ctx, Applications()...); err != nil {
		t.Fatal(err)
	}
	if err := consultations.ServiceFeedbackNoun.In(s).Insert(ctx, ServiceFeedback()...); err != nil {
		t.Fatal(err)
	}
	if err := membership.InvoiceNoun.In(s).Insert(ctx, Invoices()...); err != nil {
		t.Fatal(err)
	}
	if err := fillConsultations(ctx, s); err != nil {
		t.Fatal(err)
	}
	if err := x.End(ctx); err != nil {
		t.Fatal(err)
	}
}

// madeOnce is a data folder that is made once for a test process.
type madeOnce struct {
	once   sync.Once
	folder string
}

// in is the folder, whose store fill puts documents into when it is first asked for.
func (m *madeOnce) in(t testing.TB, fill func(testing.TB, store.Store)) string {
	t.Helper()
	m.once.Do(func() {
		folder, err := os.MkdirTemp("", "memberportal-fixture-")
		if err != nil {
			t.Fatal(err)
		}
		s := openSQLite(t, folder)
		fill(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		m.folder = folder
	})
	if m.folder == "" {
		t.Fatal("the fixture could not be made")
	}
	return m.folder
}

var fixtureFolder madeOnce

// sqliteFixture is the fixture's data folder.
func sqliteFixture(t testing.TB) string {
	t.Helper()
	return fixtureFolder.in(t, fill)
}

// RemoveFixture removes what the fixture left on disk; TestMain calls it.
func RemoveFixture() {
	for _, folder := range []string{fixtureFolder.folder, demonstrationFolder.folder} {
		if folder != "" {
			_ = os.RemoveAll(folder)
		}
	}
	if uri := os.Getenv(MongoURI); uri != "" { // a peer that the tests started takes its databases along
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if client, err := mongo.Connect(options.Client().ApplyURI(uri)); err == nil {
			for _, w := range spares.all {
				_ = client.Database(w.database).Drop(ctx)
			}
			_ = client.Disconnect(ctx)
		}
	}
}

func openSQLite(t testing.TB, folder string) store.Store {
	t.Helper()
	s, err := sqlitestore.Open(context.Background(), filepath.Join(folder, "portal.db"), sqlitestore.Options{Holder: "test"})
	if err != nil {
		t.Fatal(err)
	}
	folders.Store(store.Store(s), folder)
	s.SetDay(string(Today))
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func freshSQLite(t testing.TB) store.Store {
	t.Helper()
	folder := t.TempDir()
	if err := copyFile(filepath.Join(folder, "portal.db"), filepath.Join(sqliteFixture(t), "portal.db")); err != nil {
		t.Fatal(err)
	}
	return openSQLite(t, folder)
}

// copyFile lets the system copy, which does not pass the bytes through the heap.
func copyFile(to, from string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Close())
}

func openMongo(t testing.TB, peer MongoPeer, database string) store.Store {
	t.Helper()
	s, err := mongostore.Open(context.Background(), mongostore.Options{URI: peer.URI, Database: database, AllowNonAtomic: !peer.Atomic()})
	if err != nil {
		t.Fatal(err)
	}
	s.SetDay(string(Today))
	t.Cleanup(func() { _ = s.Close() })
	return s
}

var mongoOnce sync.Once
var mongoDatabase string

// mongoFixture makes the fixture's database once for a test process. On a server that outlives the test process it
// is dropped by the next run of the same package, by the name of its program: packages are tested side by side.
func mongoFixture(t testing.TB) string {
	t.Helper()
	mongoOnce.Do(func() {
		name := "portal_test_fixture_" + strings.TrimSuffix(filepath.Base(os.Args[0]), ".test")
		peer := Mongo(t)
		onMongo(t, peer, func(ctx context.Context, c *mongo.Client) error { return c.Database(name).Drop(ctx) })
		copyFixture(t, openMongo(t, peer, name))
		mongoDatabase = name
	})
	if mongoDatabase == "" {
		t.Fatal("the fixture could not be made")
	}
	return mongoDatabase
}

// copyFixture puts the embedded store's fixture into an empty store, document by document as they are stored. To
// let it happen by the services takes the peer several times as long.
func copyFixture(t testing.TB, to store.Store) {
	t.Helper()
	ctx, from := context.Background(), freshSQLite(t)
	x, err := store.Begin(ctx, to, portal.Kinds(), string(Today), true)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range portal.Kinds() {
		for after := ""; ; {
			found, err := from.Reindex(ctx, k, after, store.MaxLimit, false)
			if err != nil {
				t.Fatal(err)
			}
			for _, doc := range found.Sound {
				id, _ := k.Identity(doc)
				raw, err := from.Raw(ctx, k, id)
				if err == nil {
					err = to.Restore(ctx, k, id, raw)
				}
				if err != nil {
					t.Fatalf("%s %s: %v", k.Name, id, err)
				}
			}
			if after = found.Next; after == "" {
				break
			}
		}
	}
	if err := x.End(ctx); err != nil {
		t.Fatal(err)
	}
}

func onMongo(t testing.TB, peer MongoPeer, f func(context.Context, *mongo.Client) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	client, err := mongo.Connect(options.Client().ApplyURI(peer.URI))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Disconnect(ctx) }()
	if err := f(ctx, client); err != nil {
		t.Fatal(err)
	}
}

// spares are databases that a test had and gave back. Making the indexes of all nouns takes the peer
// far longer than putting the fixture's documents back.
var spares struct {
	sync.Mutex
	all []*written
}

// fixtureDocuments are the fixture's documents of each noun as they are stored, keys and all. Notices are
// left out: they are older than any tail looks back.
var fixtureDocuments = map[string][]bson.Raw{}

// freshMongo gives a database of its own with the fixture's documents.
func freshMongo(t testing.TB) store.Store {
	t.Helper()
	peer, from := Mongo(t), mongoFixture(t)
	spares.Lock()
	var w *written
	if n := len(spares.all); n > 0 {
		w, spares.all = spares.all[n-1], spares.all[:n-1]
	}
	spares.Unlock()
	isNew := w == nil
	if isNew {
		w = &written{database: databaseName(), touched: map[string][]string{}, changed: map[string]bool{}}
		for _, k := range portal.Kinds() {
			w.changed[k.Name] = true
		}
	}
	t.Cleanup(func() {
		spares.Lock()
		defer spares.Unlock()
		spares.all = append(spares.all, w)
	})
	w.Store = openMongo(t, peer, w.database)
	if isNew {
		if err := w.Prepare(context.Background(), portal.Kinds()); err != nil {
			t.Fatal(err)
		}
	}
	onMongo(t, peer, func(ctx context.Context, c *mongo.Client) error { return w.refill(ctx, c, from) })
	return w
}
