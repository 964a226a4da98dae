package kit_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// say inserts notices with the numbers from to until, each a number of milliseconds after at.
func (s scene) say(at time.Time, from, until int) (ids []kit.ID) {
	s.Helper()
	var notices []*kit.ChangeRecord
	for i := from; i < until; i++ {
		id := kit.ID(fmt.Sprintf("ntc_T%04d", i))
		notices = append(notices, &kit.ChangeRecord{
			ID: id, At: kit.DateTimeOf(at.Add(time.Duration(i) * time.Millisecond)), Noun: "members", Target: "mem_ACTIVE", TargetVersion: int64(i), Kind: kit.Updated,
		})
		ids = append(ids, id)
	}
	s.Must(kit.ChangeRecordNoun.In(s.Store).Insert(context.Background(), notices...))
	return ids
}

// hears holds what a tail gives next against the ids.
func (s scene) hears(t *kit.Tail, want ...kit.ID) {
	s.Helper()
	notices, err := t.Next(context.Background())
	s.Must(err)
	got := make([]kit.ID, len(notices))
	for i, n := range notices {
		got[i] = n.ID
	}
	if !slices.Equal(got, want) {
		s.Fatalf("got %d %v, want %d %v", len(got), ends(got), len(want), ends(want))
	}
}

func ends(ids []kit.ID) []kit.ID {
	if len(ids) > 4 {
		return []kit.ID{ids[0], ids[1], "…", ids[len(ids)-2], ids[len(ids)-1]}
	}
	return ids
}

func TestATailGivesEachNoticeOnceAndInOrder(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		many := 20
		if s.Store.Exclusive() {
			many = 600 // over the end of a page of 500
		}
		tail := s.Portal.ChangeRecords.Tail()
		s.hears(tail)
		first := s.say(testkit.Now, 0, many)
		s.hears(tail, first...)
		s.hears(tail)

		second := s.say(testkit.Now, many, many+3)
		s.hears(tail, second...)

		// Its transaction was longer: it appears after the others, with a time before them.
		late := s.say(testkit.Now.Add(-10*time.Second), 9000, 9001)
		s.hears(tail, late...)
		s.hears(tail)

		next := s.say(testkit.Now.Add(20*time.Second), 9100, 9102)
		again := s.say(testkit.Now.Add(5*time.Second), 9200, 9201)
		s.hears(tail, again[0], next[0], next[1])
		s.hears(tail)

		// Much later, what was given is forgotten and not given again.
		far := s.say(testkit.Now.Add(time.Hour), 9300, 9301)
		s.hears(tail, far...)
		s.hears(tail)
		farther := s.say(testkit.Now.Add(time.Hour+29*time.Second), 9400, 9401)
		justInTime := s.say(testkit.Now.Add(time.Hour), 9500, 9501)
		s.hears(tail, justInTime[0], farther[0])
		s.hears(tail)
	})
}

func TestTailsAreIndependent(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		before := s.Portal.ChangeRecords.Tail()
		ids := s.say(testkit.Now, 0, 3)
		after := s.Portal.ChangeRecords.Tail()
		s.hears(before, ids...)
		s.hears(after, ids...)
		more := s.say(testkit.Now, 3, 5)
		s.hears(after, more...)
		s.hears(before, more...)
		*s.Wall = testkit.Now.Add(time.Minute)
		s.hears(s.Portal.ChangeRecords.Tail())
	})
}

func TestATailHearsOfWhatServicesWrite(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		tail := s.Portal.ChangeRecords.Tail()
		_, err := s.Activate("mem_PENDING", func(*membership.ActivateMemberInput) {})
		s.Must(err)
		notices, err := tail.Next(context.Background())
		s.Must(err)
		if len(notices) != 1 || notices[0].Target != "mem_PENDING" || notices[0].TargetVersion != 2 || notices[0].At != kit.DateTimeOf(testkit.Now) {
			s.Errorf("got %s", stage.InJSON(notices))
		}
		payload, err := s.Activate("mem_PENDING", func(*membership.ActivateMemberInput) {})
		s.Must(err)
		if len(payload.UserErrors) == 0 {
			s.Error("activated twice")
		}
		s.hears(tail)
	})
}

// failing is a store of which some pages cannot be read.
type failing struct {
	store.Store
	pages, bad int
}

func (f *failing) Page(ctx context.Context, k *store.Kind, p store.Plan, r store.Range) ([]store.Row, error) {
	if f.pages++; f.pages == f.bad {
		return nil, store.ErrUnavailable
	}
	return f.Store.Page(ctx, k, p, r)
}

func TestATailLosesNothingWhenTheStoreIsAway(t *testing.T) {
	for _, bad := range []int{1, 2} {
		t.Run(fmt.Sprintf("page %d cannot be read", bad), func(t *testing.T) {
			s := scene{stage.Embedded(t)}
			f := &failing{Store: s.Store, bad: bad}
			s = scene{stage.New(t, f)}
			tail := s.Portal.ChangeRecords.Tail()
			ids := s.say(testkit.Now, 0, 600)
			var heard []kit.ID
			for range 2 {
				notices, err := tail.Next(context.Background())
				if err != nil && !errors.Is(err, store.ErrUnavailable) {
					t.Fatal(err)
				}
				for _, n := range notices {
					heard = append(heard, n.ID)
				}
			}
			if !slices.Equal(heard, ids) {
				t.Errorf("heard %d of %d: %v", len(heard), len(ids), ends(heard))
			}
		})
	}
}

func TestAWriteThatCouldNotBeReadBackFailsAndStoresNothing(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		m := s.StoredMember("mem_ACTIVE")
		m.SectorsOfInterest = []membership.Sector{"r"}
		err := membership.MemberNoun.In(s.Store).Replace(context.Background(), m)
		if !errors.Is(err, store.ErrUnreadable) || kit.Classify(err).Code != kit.Internal {
			s.Errorf("%v", err)
		}
		if kept := s.StoredMember("mem_ACTIVE"); kept.Version != m.Version || slices.Contains(kept.SectorsOfInterest, "r") {
			s.Errorf("kept %+v", kept)
		}
	})
}
