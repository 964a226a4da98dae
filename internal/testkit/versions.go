package testkit

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"memberportal/internal/portal"
	"memberportal/internal/store"
)

// Versions are the versions of all documents of a store, by noun and id: every write makes, removes or raises
// one.
type Versions map[string]int64

// VersionsOf reads what a store holds, of every noun.
func VersionsOf(t testing.TB, s store.Store) Versions {
	t.Helper()
	versions := Versions{}
	for _, k := range portal.Kinds() {
		for after := ""; ; {
			found, err := s.Reindex(t.Context(), k, after, store.MaxLimit, false)
			if err != nil {
				t.Fatal(err)
			}
			for _, doc := range found.Sound {
				id, version := k.Identity(doc)
				versions[k.Name+" "+id] = *version
			}
			for _, bad := range found.Broken {
				versions[k.Name+" "+bad.ID] = -1
			}
			if after = found.Next; after == "" {
				break
			}
		}
	}
	return versions
}

// Differences names what was written between two readings.
func (v Versions) Differences(later Versions) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if version, still := later[name]; !still {
			names = append(names, name+" was removed")
		} else if version != v[name] {
			names = append(names, fmt.Sprintf("%s has version %d, not %d", name, version, v[name]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(later)) {
		if _, before := v[name]; !before {
			names = append(names, name+" was made")
		}
	}
	return names
}

var fixtureVersions struct {
	once     sync.Once
	versions Versions
}

// FixtureVersions are the versions of the fixture's documents, which are the same in every engine.
func FixtureVersions(t testing.TB) Versions {
	t.Helper()
	fixtureVersions.once.Do(func() { fixtureVersions.versions = VersionsOf(t, Engines()[0].Fresh(t)) })
	if fixtureVersions.versions == nil {
		t.Fatal("the fixture could not be read")
	}
	return fixtureVersions.versions
}
