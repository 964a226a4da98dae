package seed_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"memberportal/internal/consultations"
	"memberportal/internal/country"
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
	"memberportal/internal/seed"
	"memberportal/internal/store"
	"memberportal/internal/store/sqlitestore"
)

var wall = time.Date(2026, 11, 2, 9, 30, 0, 0, time.UTC)

// empty is an open store that holds nothing, on a day after the seed's last.
func empty(t *testing.T) *sqlitestore.Store {
	t.Helper()
	s, err := sqlitestore.Open(t.Context(), filepath.Join(t.TempDir(), "portal.db"), sqlitestore.Options{Holder: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if _, err := store.Begin(t.Context(), s, portal.Kinds(), string(seed.Last), true); err != nil {
		t.Fatal(err)
	}
	return s
}

func load(ctx context.Context, t *testing.T, s store.Store) (int, error) {
	t.Helper()
	return seed.Load(ctx, options(t, s, 40))
}

func options(t *testing.T, s store.Store, members int) seed.Options {
	t.Helper()
	countries, err := country.Countries()
	if err != nil {
		t.Fatal(err)
	}
	return seed.Options{Store: s, Countries: countries, Zone: time.UTC, Members: members, Wall: func() time.Time { return wall }}
}

func mustLoad(t *testing.T, s store.Store) {
	t.Helper()
	if made, err := load(t.Context(), t, s); made != 40 || err != nil {
		t.Fatalf("made %d, %v", made, err)
	}
}

// documents are all documents of a store by kind and id, as BSON.
func documents(t *testing.T, s store.Store) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	for _, k := range portal.Kinds() {
		for _, id := range ids(t, s, k) {
			docs, err := s.Get(t.Context(), k, []string{id})
			if err != nil || len(docs) != 1 {
				t.Fatalf("%s %s: %d, %v", k.Name, id, len(docs), err)
			}
			raw, err := bson.Marshal(docs[0])
			if err != nil {
				t.Fatal(err)
			}
			found[k.Name+" "+id] = raw
		}
	}
	return found
}

// ids pages through a kind by the first listing that needs no value of an open set, or by one that
// has all documents under some values.
func ids(t *testing.T, s store.Store, k *store.Kind) (all []string) {
	t.Helper()
	where := []store.Where{nil}
	switch k.Name {
	case events.EventNoun.Kind.Name:
		where[0] = store.Where{"seen": {"ALL"}}
	case events.RegistrationNoun.Kind.Name:
		briefing, err := s.Lookup(t.Context(), events.EventNoun.Kind, "code", seed.Briefing)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		where[0] = store.Where{"event": {briefing}}
	case consultations.ParticipationNoun.Kind.Name, consultations.FeedbackNoun.Kind.Name:
		where = under(t, s, "consultation", consultations.ConsultationNoun.Kind)
	case "countedAnswers":
		where = under(t, s, "feedback", consultations.FeedbackNoun.Kind)
	case "secrets": // each store has one of its own, made by whoever serves it
		return nil
	case events.CalendarLinkNoun.Kind.Name, events.InvitationNoun.Kind.Name: // the seed makes none
		if n, err := s.CountBy(t.Context(), k, k.Keys[0].Name, "", nil); err != nil || len(n) > 0 {
			t.Fatalf("%s: %v, %v", k.Name, n, err)
		}
		return nil
	}
	for _, w := range where {
		all = append(all, idsUnder(t, s, k, w)...)
	}
	return all
}

// under are as many conditions as there are documents of another kind, each with one of their ids.
func under(t *testing.T, s store.Store, key string, other *store.Kind) []store.Where {
	t.Helper()
	var all []store.Where
	for _, id := range ids(t, s, other) {
		all = append(all, store.Where{key: {id}})
	}
	return all
}

func idsUnder(t *testing.T, s store.Store, k *store.Kind, where store.Where) (all []string) {
	t.Helper()
	for _, l := range k.Listings {
		plan, err := k.Plan(store.Query{Any: []store.Where{where}, Sort: l.Sort})
		if err != nil {
			continue
		}
		for last := ""; ; {
			rows, err := s.Page(t.Context(), k, plan, store.Range{Bounds: store.Bounds{After: last}, Limit: store.MaxLimit})
			if err != nil {
				t.Fatalf("%s: %v", k.Name, err)
			}
			for _, r := range rows {
				id, _ := k.Identity(r.Doc)
				all, last = append(all, id), r.Token
			}
			if len(rows) < store.MaxLimit {
				return all
			}
		}
	}
	t.Fatalf("%s has no listing of all", k.Name)
	return nil
}

// members are those that are made up: the exempt organisations are real.
func members(t *testing.T, s store.Store) []*membership.Member {
	t.Helper()
	found, err := membership.MemberNoun.In(s).Many(t.Context(), ids(t, s, membership.MemberNoun.Kind))
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(found, func(m *membership.Member) bool { return m.Dataset == kit.Recorded })
}

func TestLoadFillsAnEmptyStore(t *testing.T) {
	s := empty(t)
	var told []int
	o := options(t, s, seed.Members)
	o.Progress = func(done int) { told = append(told, done) }
	if made, err := seed.Load(t.Context(), o); made != seed.Members || err != nil || told[len(told)-1] != seed.Members {
		t.Fatalf("made %d, %v, told %v", made, err, told)
	}
	all := members(t, s)
	academia := len(slices.DeleteFunc(slices.Clone(all), func(m *membership.Member) bool { return *m.Events[0].Category != membership.Academia }))
	if len(all) != 610 || academia != 160 {
		t.Errorf("%d members, %d of them Academia", len(all), academia)
	}
	have := map[string]int{}
	names := map[string]bool{}
	for _, m := range all {
		if m.Dataset != kit.Demonstration || !slices.Contains([]string{"Demo", "Démo", "Демо", "تجريبي", "示范"}, strings.Fields(m.Name)[0]) || names[m.Name] {
			t.Errorf("%s %q is %s", m.ID, m.Name, m.Dataset)
		}
		names[m.Name] = true
		for _, e := range m.Events {
			// A notice of withdrawal takes effect on a day to come.
			if e.EffectiveOn > seed.Last && e.Kind != membership.WithdrawalNotified || e.RecordedAt > kit.DateTime(seed.Last+"T23:59:59.999Z") || e.Actor != seed.Actor.Subject {
				t.Errorf("%s: %s takes effect on %s, recorded at %s by %s", m.Name, e.Kind, e.EffectiveOn, e.RecordedAt, e.Actor)
			}
		}
		keys := membership.MemberNoun.Kind.Derive(m, string(seed.Last)).Key
		for _, name := range []string{"status", "region", "category", "studyGroup"} {
			have[name+" "+keys[name][0]]++
		}
	}
	want := []string{"status ACTIVE", "status EXCLUDED", "status PENDING_ACTIVATION", "status WITHDRAWN", "studyGroup ", "studyGroup SG1", "studyGroup SG2"}
	for _, r := range country.Regions {
		want = append(want, "region "+string(r))
	}
	for _, c := range membership.MembershipCategories {
		want = append(want, "category "+string(c))
	}
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(have)); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if faults, err := store.Check(t.Context(), s, portal.Kinds(), store.Unwatched); err != nil || !faults.None() {
		t.Errorf("check: %q, %v", faults, err)
	}
}

func TestEveryCategoryIsInEveryRegion(t *testing.T) {
	s := empty(t)
	if _, err := seed.Load(t.Context(), options(t, s, seed.Members)); err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, m := range members(t, s) {
		keys := membership.MemberNoun.Kind.Derive(m, string(seed.Last)).Key
		have[keys["region"][0]+" "+keys["category"][0]] = true
	}
	for _, r := range country.Regions {
		for _, c := range membership.MembershipCategories {
			if r != country.RegionREGINTORG && !have[string(r)+" "+string(c)] {
				t.Errorf("no %s in %s", c, r)
			}
		}
	}
}

func TestNothingThatLoadWritesIsLaterThanItsLastDay(t *testing.T) {
	s := empty(t)
	mustLoad(t, s)
	for name, raw := range documents(t, s) {
		if at, ok := bson.Raw(raw).Lookup("at").StringValueOK(); ok && strings.HasPrefix(name, "audit ") && at > string(seed.Last)+"T23:59:59.999Z" {
			t.Errorf("%s is of %s", name, at)
		}
	}
}

func TestLoadingTwiceMakesNothing(t *testing.T) {
	s := empty(t)
	mustLoad(t, s)
	before := documents(t, s)
	if made, err := load(t.Context(), t, s); made != 0 || err != nil {
		t.Fatalf("made %d, %v", made, err)
	}
	same(t, before, documents(t, s))
}

func TestStoreThatHoldsAMemberIsLeftAlone(t *testing.T) {
	for name, day := range map[string]kit.Date{"who is active": "2020-01-01", "who is active on a later day only": "2026-06-01"} {
		t.Run(name, func(t *testing.T) {
			s := empty(t)
			m := &membership.Member{ID: "mem_1", Name: "Somebody", Dataset: kit.Recorded, Events: []membership.LifecycleEvent{
				{ID: "evn_1", Kind: membership.Admitted, EffectiveOn: "2019-01-01", RecordedAt: "2019-01-01T09:00:00.000Z", Actor: "usr_test", Category: new(membership.Associate), Region: new(country.RegionREGINTORG)},
				{ID: "evn_2", Kind: membership.Activated, EffectiveOn: day, RecordedAt: "2019-01-01T09:00:00.000Z", Actor: "usr_test"},
			}}
			if err := membership.MemberNoun.In(s).Insert(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			if wanted, err := seed.Wanted(t.Context(), options(t, s, 40)); wanted || err != nil {
				t.Fatalf("wanted %v, %v", wanted, err)
			}
		})
	}
}

// TestMembersAreTheSameHoweverManyThereAre loads a few, then more and then all: the first ones stay as
// they were, and what a single load of all makes is the same.
func TestMembersAreTheSameHoweverManyThereAre(t *testing.T) {
	a, b := empty(t), empty(t)
	for _, n := range []int{25, 40, 75, seed.Members} {
		if _, err := seed.Load(t.Context(), options(t, a, n)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := seed.Load(t.Context(), options(t, b, seed.Members)); err != nil {
		t.Fatal(err)
	}
	same(t, withoutAudience(t, a), withoutAudience(t, b))
}

// withoutAudience are all documents of a store but the participations in consultations, who were there
// when the consultation was made.
func withoutAudience(t *testing.T, s store.Store) map[string][]byte {
	t.Helper()
	all := documents(t, s)
	maps.DeleteFunc(all, func(name string, _ []byte) bool {
		return strings.HasPrefix(name, consultations.ParticipationNoun.Kind.Name+" ")
	})
	return all
}

func TestTwoStoresGetTheSameDocuments(t *testing.T) {
	a, b := empty(t), empty(t)
	b.SetDay("2010-05-05") // the store's day has no say
	mustLoad(t, a)
	mustLoad(t, b)
	same(t, documents(t, a), documents(t, b))
}

func same(t *testing.T, a, b map[string][]byte) {
	t.Helper()
	if len(a) != len(b) || len(a) < 40 {
		t.Errorf("%d documents and %d", len(a), len(b))
	}
	for name, raw := range a {
		if !bytes.Equal(raw, b[name]) {
			t.Errorf("%s:\n%s\n%s", name, bson.Raw(raw), bson.Raw(b[name]))
			return
		}
	}
}

// rerun is a store whose every transaction meets a transient fault after its last write and is run
// again, as MongoDB's may be.
type rerun struct {
	store.Store
	runs int
}

type insideKey struct{}

func (r *rerun) Tx(ctx context.Context, f func(context.Context) error) error {
	if ctx.Value(insideKey{}) != nil {
		return f(ctx)
	}
	transient := errors.New("transient")
	run := func(end error) error {
		r.runs++
		return r.Store.Tx(ctx, func(ctx context.Context) error { return errors.Join(f(context.WithValue(ctx, insideKey{}, true)), end) })
	}
	if err := run(transient); !errors.Is(err, transient) {
		return err
	}
	return run(nil)
}

func TestTransactionThatIsRunAgainMakesTheSameDocuments(t *testing.T) {
	a, b := empty(t), empty(t)
	mustLoad(t, a)
	again := &rerun{Store: b}
	mustLoad(t, again)
	if again.runs != 2*(1+2+15+18+5+1+38+7+2+2+1+2+1+1+3) { // benefits, chunks, series, events, documents, staff, people of members and countries, statements, consultations, exemptions, applications and the applicant, the briefing, the meetings: each twice
		t.Fatalf("run %d times", again.runs)
	}
	same(t, documents(t, a), documents(t, b))
}

// stopping is a store that cancels at the nth write.
type stopping struct {
	store.Store
	cancel context.CancelFunc
	left   int
}

func (s *stopping) Insert(ctx context.Context, k *store.Kind, docs []any) error {
	if s.left--; s.left == 0 {
		s.cancel()
	}
	return s.Store.Insert(ctx, k, docs)
}

func TestInterruptedLoadIsFinishedByAnother(t *testing.T) {
	whole := empty(t)
	mustLoad(t, whole)
	for _, at := range []int{1, 2, 50, 90, 200, 360, 420, 560, 800, 842, 890, 1060, 1110} {
		t.Run(fmt.Sprintf("stopped at write %d", at), func(t *testing.T) {
			s := empty(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			stop := &stopping{Store: s, cancel: cancel, left: at}
			if _, err := load(ctx, t, stop); !errors.Is(err, context.Canceled) || stop.left > 0 {
				t.Fatalf("%v, %d writes left", err, stop.left)
			}
			if n := len(members(t, s)); n != 0 && n != 25 && n != 40 {
				t.Errorf("left %d members, which is no whole number of chunks", n)
			}
			if wanted, err := seed.Wanted(t.Context(), options(t, s, 40)); !wanted || err != nil {
				t.Errorf("wanted %v, %v", wanted, err)
			}
			if _, err := load(t.Context(), t, s); err != nil {
				t.Fatal(err)
			}
			same(t, documents(t, whole), documents(t, s))
		})
	}
}
