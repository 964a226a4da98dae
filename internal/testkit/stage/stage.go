// Package stage is what tests of several rooms share: a store with the fixture and the portal over it, who asks,
// what a write leaves behind, and short ways to make what tests of another room need. What only one room's tests
// need stands in that room's tests. A room embeds Stage in a type of its own, which has the methods of its tests:
//
//	type scene struct{ stage.Stage }
package stage

import (
	"errors"
	"testing"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
)

// Stage is a test's own store with the fixture and the portal over it.
type Stage struct {
	*testing.T
	Store  store.Store
	Portal *portal.Portal
	// Core is what a service stands on, over the same store and clocks as the portal and with ids of its own.
	Core *kit.Core
	// Wall is the time of the machine.
	Wall *time.Time
}

// scene is the type of the tests of a room, which embeds a Stage and nothing else.
type scene interface{ ~struct{ Stage } }

func sceneOf[S scene](s Stage) S { return S(struct{ Stage }{s}) }

// OnEngines runs a test over a store of its own of each engine.
func OnEngines[S scene](t *testing.T, test func(s S)) {
	for _, e := range testkit.Engines() {
		t.Run(e.Name, func(t *testing.T) { test(sceneOf[S](New(t, e.Fresh(t)))) })
	}
}

// OnShared runs a test that only reads over each engine.
func OnShared[S scene](t *testing.T, test func(s S)) {
	for _, e := range testkit.Engines() {
		t.Run(e.Name, func(t *testing.T) { test(sceneOf[S](New(t, e.Shared(t)))) })
	}
}

// Run runs a part of a test under a name.
func Run[S scene](s S, name string, test func(s S)) {
	on := struct{ Stage }(s).Stage
	on.T.Run(name, func(t *testing.T) { test(sceneOf[S](on.For(t))) })
}

// Embedded is a stage over the embedded store alone.
func Embedded(t *testing.T) Stage { return New(t, testkit.Engines()[0].Fresh(t)) }

// Issuing is a stage over the embedded store whose portal issues tokens, with other options if any.
func Issuing(t *testing.T, change ...func(*portal.Options)) Stage {
	t.Helper()
	return Embedded(t).Issuing(change...)
}

// New is a stage over a store.
func New(t *testing.T, st store.Store) Stage {
	t.Helper()
	return Stage{T: t, Store: st, Wall: new(testkit.Now)}.With()
}

// With is the stage with a portal that has other options.
func (s Stage) With(change ...func(*portal.Options)) Stage {
	s.Helper()
	wall := func() time.Time { return *s.Wall }
	o := portal.Options{
		Store: s.Store, Clock: testkit.Clock(), Wall: wall, Entropy: testkit.Entropy(s.Name()), Countries: testkit.Countries(s.T),
	}
	for _, c := range change {
		c(&o)
	}
	p, err := portal.New(o)
	s.Must(err)
	c, err := kit.NewCore(kit.CoreOptions{Store: s.Store, Clock: o.Clock, Wall: o.Wall, Entropy: testkit.Entropy(s.Name() + " core"), Secret: o.Secret, Tellings: append(portal.Tellings(), letter)})
	s.Must(err)
	s.Portal, s.Core = p, c
	return s
}

// letter lets tests post a message of their own.
var letter = kit.Telling{On: "test", Key: "letter", Kind: kit.AboutEvent}

// Issuing is the stage with a portal that issues tokens, with other options if any.
func (s Stage) Issuing(change ...func(*portal.Options)) Stage {
	s.Helper()
	return s.With(append([]func(*portal.Options){func(o *portal.Options) { o.Issue, o.Prove = issue, testkit.Prove }}, change...)...)
}

// issue makes a token that says whose it is, for which application and how long it holds.
func issue(p kit.Proof, life time.Duration) (string, error) {
	return string(p.Subject) + " " + string(p.Application) + " " + life.String(), nil
}

// For is the stage of a part of the test.
func (s Stage) For(t *testing.T) Stage {
	s.T = t
	return s
}

// Slow says whether the store is the test peer, which gets the cases that stand for others only.
func (s Stage) Slow() bool { return !s.Store.Exclusive() }

// Must ends the test at an error.
func (s Stage) Must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// Refused holds an error against the code of a top-level error.
func (s Stage) Refused(err error, want kit.Code) {
	s.Helper()
	if refusal, ok := errors.AsType[*kit.Refusal](err); !ok || refusal.Code != want {
		s.Errorf("got %v, want %s", err, want)
	}
}
