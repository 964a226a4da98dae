// Package testkit is what the tests of several packages share. Nothing that ships imports it.
package testkit

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// MongoURI names the variable that gives the tests a real MongoDB, a replica set or sharded cluster.
// Without it they run against FerretDB.
const MongoURI = "MEMBERPORTAL_TEST_MONGODB_URI"

// Gap is something that the peer does unlike MongoDB.
type Gap string

// The gaps of FerretDB v1.24.2. Tests assert them, so that none goes away or joins them unnoticed.
const (
	// GapTransactions: it answers «unknown field "startTransaction"».
	GapTransactions Gap = "no transactions"
	// GapReplaceDuplicate: a unique key violated by Replace is an internal error (code 1) and no
	// duplicate key (11000); one violated by Insert is.
	GapReplaceDuplicate Gap = "a duplicate by Replace is an internal error"
	// GapCountByMulti: $unwind of a field inside of a document gives it another place, so that counting
	// by a multi-valued key finds nothing.
	GapCountByMulti Gap = "countBy a multi-valued key finds nothing"
	// GapIndexes: no read uses an index, and explain shows no plan of MongoDB's.
	GapIndexes Gap = "reads use no index"
)

// MongoPeer is a server for tests of the MongoDB adapter.
type MongoPeer struct {
	URI  string
	gaps []Gap
	// stdin is kept here, or the garbage collector would close it and end the peer.
	stdin io.Closer
}

// Atomic says whether the peer has transactions; one that has not is opened with the test option.
func (p MongoPeer) Atomic() bool { return !p.Lacks(GapTransactions) }

// Lacks says whether the peer is known for the gap.
func (p MongoPeer) Lacks(g Gap) bool { return slices.Contains(p.gaps, g) }

// Database gives the name of a database that nobody else uses, dropped when the test ends.
func (p MongoPeer) Database(t testing.TB) string {
	name := databaseName()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		client, err := mongo.Connect(options.Client().ApplyURI(p.URI))
		if err == nil {
			err = errors.Join(client.Database(name).Drop(ctx), client.Disconnect(ctx))
		}
		if err != nil {
			t.Logf("dropping %s: %v", name, err)
		}
	})
	return name
}

func databaseName() string { return "portal_test_" + strings.ToLower(rand.Text()[:16]) }

// Mongo gives the peer, which it starts on first use: one for all tests of a package. It ends with
// the test process, however that ends.
func Mongo(t testing.TB) MongoPeer {
	t.Helper()
	p, err := startMongo()
	if err != nil {
		t.Fatalf("starting the MongoDB peer: %v", err)
	}
	return p
}

var startMongo = sync.OnceValues(func() (MongoPeer, error) {
	if uri := os.Getenv(MongoURI); uri != "" {
		return MongoPeer{URI: uri}, nil
	}
	program, err := ferretdb()
	if err != nil {
		return MongoPeer{}, err
	}
	command := exec.Command(program)
	// It makes much garbage: with Go's default it spends a fifth of its time collecting it.
	command.Env = append(os.Environ(), "GOGC=400")
	// The peer ends when this end of its standard input is closed, and with this process it is.
	stdin, err := command.StdinPipe()
	if err != nil {
		return MongoPeer{}, err
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return MongoPeer{}, err
	}
	if err := command.Start(); err != nil {
		return MongoPeer{}, err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return MongoPeer{}, fmt.Errorf("ferretdb gave no address: %w", errors.Join(err, command.Wait()))
	}
	// One connection: over several it loses updates.
	uri := strings.TrimSpace(line) + "?maxPoolSize=1"
	return MongoPeer{URI: uri, stdin: stdin, gaps: []Gap{GapTransactions, GapReplaceDuplicate, GapCountByMulti, GapIndexes}}, nil
})

// ferretdb builds the peer once for its source and the machine, and gives the program's path.
func ferretdb() (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	source := filepath.Join(root, "internal", "testkit", "ferretdb")
	name := sha256.New()
	fmt.Fprintln(name, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	for _, file := range []string{"go.mod", "go.sum", "main.go"} {
		text, err := os.ReadFile(filepath.Join(source, file))
		if err != nil {
			return "", err
		}
		name.Write(text)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = filepath.Join(os.TempDir(), fmt.Sprintf("cache-%d", os.Getuid()))
	}
	folder := filepath.Join(cache, "memberportal-test")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	program := filepath.Join(folder, "ferretdb-"+hex.EncodeToString(name.Sum(nil)[:8]))
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	// Packages are tested side by side: the first builds, the others wait for it.
	lock := flock.New(program + ".lock")
	if err := lock.Lock(); err != nil {
		return "", err
	}
	defer func() { _ = lock.Unlock() }()
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	return program, build(source, program)
}

// moduleRoot is the folder of the go.mod above the folder that a test runs in, which Go makes that of its
// package. The path of a source file would not do: -trimpath takes it away.
func moduleRoot() (string, error) {
	folder, err := os.Getwd()
	for ; err == nil; folder = filepath.Dir(folder) {
		if _, missing := os.Stat(filepath.Join(folder, "go.mod")); missing == nil {
			return folder, nil
		}
		if folder == filepath.Dir(folder) {
			return "", errors.New("no go.mod above the folder of the test")
		}
	}
	return "", err
}

func build(source, program string) error {
	command := exec.Command("go", "build", "-C", source, "-tags", "ferretdb_no_postgresql", "-o", program+".new", ".")
	command.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", source, err, output)
	}
	return os.Rename(program+".new", program)
}
