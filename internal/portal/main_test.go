package portal_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
)

func TestMain(m *testing.M) {
	code := m.Run()
	testkit.RemoveFixture()
	os.Exit(code)
}

// Who asks in these tests.
var (
	nobody      = kit.Actor{}
	secretariat = person("secretariat", kit.RoleSecretariat)
	operator    = person("operator", kit.RoleOperator)
	reviewer    = kit.Actor{Subject: "usr_reviewer", Roles: []kit.Role{kit.RoleReviewer}, Groups: []string{"TDAG"}}
	applicant   = applies("app_SUBMITTED")
	uganda      = administration("UG")
	kenya       = administration("KE")
)

func person(name string, role kit.Role) kit.Actor {
	return kit.Actor{Subject: kit.ID("usr_" + name), Roles: []kit.Role{role}}
}

func applies(application kit.ID) kit.Actor {
	return kit.Actor{Subject: "usr_" + application, Roles: []kit.Role{kit.RoleApplicant}, Application: application}
}

func focalPoint(member kit.ID) kit.Actor {
	return kit.Actor{Subject: "usr_focal", Roles: []kit.Role{kit.RoleFocalPoint}, Member: member}
}

func delegate(member kit.ID) kit.Actor {
	return kit.Actor{Subject: "usr_delegate", Roles: []kit.Role{kit.RoleDelegate}, Member: member}
}

func administration(country string) kit.Actor {
	return kit.Actor{Subject: "usr_administration", Roles: []kit.Role{kit.RoleAdministration}, Country: country}
}

// by is a request of somebody.
func by(a kit.Actor) context.Context {
	return kit.WithRequest(kit.WithActor(context.Background(), a), "request-1")
}

// stage is a test's own store with the fixture and the domain over it.
type stage struct {
	*testing.T
	store  store.Store
	portal *portal.Portal
	// wall is the time of the machine.
	wall *time.Time
}

// onEngines runs a test over a store of its own of each engine.
func onEngines(t *testing.T, test func(s stage)) {
	for _, e := range testkit.Engines() {
		t.Run(e.Name, func(t *testing.T) { test(newStage(t, e.Fresh(t))) })
	}
}

// onShared runs a test that only reads over each engine.
func onShared(t *testing.T, test func(s stage)) {
	for _, e := range testkit.Engines() {
		t.Run(e.Name, func(t *testing.T) { test(newStage(t, e.Shared(t))) })
	}
}

// slow says whether the store is the test peer, which gets the cases that stand for others only.
func (s stage) slow() bool { return !s.store.Exclusive() }

// embedded is a stage over the embedded store alone.
func embedded(t *testing.T) stage { return newStage(t, testkit.Engines()[0].Fresh(t)) }

func newStage(t *testing.T, st store.Store) stage {
	t.Helper()
	s := stage{T: t, store: st, wall: new(testkit.Now)}
	p, err := portal.New(portal.Options{
		Store: st, Clock: testkit.Clock(), Wall: func() time.Time { return *s.wall }, Entropy: testkit.Entropy(t.Name()), Countries: testkit.Countries(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.portal = p
	return s
}

// run runs a part of a test under a name.
func (s stage) run(name string, test func(s stage)) {
	s.T.Run(name, func(t *testing.T) { test(stage{t, s.store, s.portal, s.wall}) })
}

func (s stage) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// refused holds an error against the code of a top-level error.
func (s stage) refused(err error, want kit.Code) {
	s.Helper()
	if refusal, ok := errors.AsType[*kit.Refusal](err); !ok || refusal.Code != want {
		s.Errorf("got %v, want %s", err, want)
	}
}

// stored is a member as it is in the store, whoever asks.
func (s stage) stored(id kit.ID) *membership.Member {
	s.Helper()
	m, err := membership.MemberNoun.In(s.store).Get(context.Background(), string(id))
	s.must(err)
	return m
}

// records are what a write leaves: audit entries and notices, in the order in which they were made.
type records struct {
	audit   []*kit.AuditEntry
	notices []*kit.ChangeRecord
	members int64
	repeats int64
}

func (s stage) records() records {
	s.Helper()
	var r records
	r.audit = all(s, kit.AuditNoun.In(s.store), "at")
	r.notices = all(s, kit.ChangeRecordNoun.In(s.store), "at")
	r.members = count(s, membership.MemberNoun.In(s.store), "name")
	r.repeats = count(s, kit.RepeatNoun.In(s.store), "at")
	return r
}

func all[T any](s stage, c store.Collection[T], sort string) []*T {
	s.Helper()
	plan, err := c.Plan(store.Query{Sort: sort})
	s.must(err)
	page, err := c.Page(context.Background(), plan, store.Range{Limit: store.MaxLimit - 1})
	s.must(err)
	return page.Docs
}

func count[T any](s stage, c store.Collection[T], sort string) int64 {
	s.Helper()
	plan, err := c.Plan(store.Query{Sort: sort})
	s.must(err)
	n, err := c.Count(context.Background(), plan, store.Bounds{})
	s.must(err)
	return n
}

// since are the audit entries and notices that are not among the earlier ones.
func (r records) since(earlier records) (audit []*kit.AuditEntry, notices []*kit.ChangeRecord) {
	for _, e := range r.audit {
		if !slices.ContainsFunc(earlier.audit, func(old *kit.AuditEntry) bool { return old.ID == e.ID }) {
			audit = append(audit, e)
		}
	}
	for _, n := range r.notices {
		if !slices.ContainsFunc(earlier.notices, func(old *kit.ChangeRecord) bool { return old.ID == n.ID }) {
			notices = append(notices, n)
		}
	}
	return audit, notices
}

// unchanged runs something and holds that it left the store as it was.
func (s stage) unchanged(id kit.ID, something func()) {
	s.Helper()
	member, before := s.stored(id), s.records()
	something()
	if now := s.stored(id); !reflect.DeepEqual(now, member) {
		s.Errorf("the stored member changed from %s to %s", inJSON(member), inJSON(now))
	}
	if now := s.records(); !reflect.DeepEqual(now, before) {
		audit, notices := now.since(before)
		s.Errorf("left %d audit entries, %d notices, %d members, %d repeats", len(audit), len(notices), now.members-before.members, now.repeats-before.repeats)
	}
}

func inJSON(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}

// faultsOf are the faults of a payload as «CODE path», sorted.
func faultsOf(errs []kit.UserError) []string {
	out := []string{}
	for _, e := range errs {
		out = append(out, string(e.Code)+" "+strings.Join(e.Field, "."))
	}
	slices.Sort(out)
	return out
}
