package testkit

import (
	"os"
	"slices"
	"testing"

	"memberportal/internal/store"
)

// Unwritten gives a store with the fixture, the same one again until something was written to it: making a store
// takes longer than most of what is asked of it.
type Unwritten struct {
	t     testing.TB
	fresh func(testing.TB) store.Store
	given *Counting
	scope *scope
}

// Unwritten gives stores of an engine as long as a test runs. Only one of them is there at any time.
func (e Engine) Unwritten(t testing.TB) *Unwritten {
	u := &Unwritten{t: t, fresh: e.Fresh}
	t.Cleanup(u.close)
	return u
}

// Store is a store that is as the fixture left it. What used the one before must not use it any more.
func (u *Unwritten) Store() store.Store {
	u.t.Helper()
	if u.given != nil && !u.given.TakeWrote() {
		return u.given
	}
	u.close()
	u.scope = &scope{TB: u.t}
	u.given = &Counting{Store: u.fresh(u.scope)}
	return u.given
}

func (u *Unwritten) close() {
	if u.scope != nil {
		u.scope.end()
	}
	u.given, u.scope = nil, nil
}

// scope is a part of a test that ends ahead of it.
type scope struct {
	testing.TB
	ends []func()
}

// Cleanup notes what is to be done at the end of the part.
func (s *scope) Cleanup(f func()) { s.ends = append(s.ends, f) }

// TempDir is a folder that is there until the end of the part.
func (s *scope) TempDir() string {
	s.Helper()
	folder, err := os.MkdirTemp("", "memberportal-test-")
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder
}

func (s *scope) end() {
	for _, f := range slices.Backward(s.ends) {
		f()
	}
	s.ends = nil
}
