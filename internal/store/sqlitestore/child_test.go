package sqlitestore_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"memberportal/internal/store"
	"memberportal/internal/store/sqlitestore"
	"memberportal/internal/store/storetest"
)

// childTask names the variable that turns the test binary into a process that does one thing to a
// store, so that the tests can kill it; childPath the one that says which store.
const (
	childTask = "MEMBERPORTAL_TEST_CHILD"
	childPath = "MEMBERPORTAL_TEST_CHILD_PATH"
)

func TestMain(m *testing.M) {
	task := map[string]func(context.Context, string) error{"write": childWrites, "hold": childHolds}[os.Getenv(childTask)]
	if task == nil {
		os.Exit(m.Run())
	}
	if err := task(context.Background(), os.Getenv(childPath)); err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
}

// childWrites inserts and updates for ever and prints what was acknowledged, a line for each write:
// id, version, title.
func childWrites(ctx context.Context, path string) error {
	s, err := sqlitestore.Open(ctx, path, sqlitestore.Options{Holder: "child"})
	if err != nil {
		return err
	}
	if _, err := store.Begin(ctx, s, kinds(storetest.Docs.Kind), storetest.Day, true); err != nil {
		return err
	}
	docs := storetest.Docs.In(s)
	acknowledge := func(d *storetest.Doc) { fmt.Println(d.ID, d.Version, d.Title) }
	for i := 0; ; i++ {
		d := document(fmt.Sprintf("doc_%d_%d", os.Getpid(), i), "RED", "inserted")
		d.Tags = []string{"a", d.ID}
		if err := docs.Insert(ctx, d); err != nil {
			return err
		}
		acknowledge(d)
		for range i % 3 {
			d, err = docs.Update(ctx, d.ID, func(d *storetest.Doc) error {
				d.Title = fmt.Sprint("updated-", d.Version)
				return nil
			})
			if err != nil {
				return err
			}
			acknowledge(d)
		}
	}
}

// childHolds opens the store and waits.
func childHolds(ctx context.Context, path string) error {
	if _, err := sqlitestore.Open(ctx, path, sqlitestore.Options{Holder: "child"}); err != nil {
		return err
	}
	fmt.Println("held")
	_, err := io.Copy(io.Discard, os.Stdin) // until the parent goes
	return err
}

// child is another process on a store.
type child struct {
	*exec.Cmd
	lines *bufio.Scanner
}

func startChild(t *testing.T, task, path string) child {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := child{Cmd: exec.Command(program)}
	c.Env = append(os.Environ(), childTask+"="+task, childPath+"="+path)
	if _, err := c.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.lines = bufio.NewScanner(out)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = c.Process.Kill(), c.Wait() })
	return c
}

func (c child) line(t *testing.T) string {
	t.Helper()
	if !c.lines.Scan() || strings.HasPrefix(c.lines.Text(), "error") {
		t.Fatalf("the child said %q, %v", c.lines.Text(), c.lines.Err())
	}
	return c.lines.Text()
}

// kill ends the child at once, as kill -9 does, and gives what it had printed before.
func (c child) kill(t *testing.T) (rest []string) {
	t.Helper()
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for c.lines.Scan() {
		rest = append(rest, c.lines.Text())
	}
	var exit *exec.ExitError
	if err := c.Wait(); !errors.As(err, &exit) || exit.Exited() {
		t.Fatalf("the child was not killed: %v", err)
	}
	return rest
}

func kinds(all ...*store.Kind) []*store.Kind { return all }

func document(id, colour, title string) *storetest.Doc {
	return &storetest.Doc{ID: id, Colour: storetest.Colour(colour), Size: "S", Title: title}
}

// open opens a store that closes with the test.
func open(t *testing.T, path string, o sqlitestore.Options) *sqlitestore.Store {
	t.Helper()
	s, err := sqlitestore.Open(t.Context(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// begun is an open store with a session for the kinds.
func begun(t *testing.T, path string, all ...*store.Kind) *sqlitestore.Store {
	t.Helper()
	s := open(t, path, sqlitestore.Options{Holder: "test"})
	if _, err := store.Begin(t.Context(), s, all, storetest.Day, true); err != nil {
		t.Fatal(err)
	}
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func integer(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	must(t, err)
	return n
}
