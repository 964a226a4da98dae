package kit_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/portal"
	"memberportal/internal/store"
	"memberportal/internal/store/sqlitestore"
)

// openSearch is the domain over an empty store.
func openSearch(t testing.TB) (*portal.Portal, store.Store) {
	t.Helper()
	s, err := sqlitestore.Open(t.Context(), filepath.Join(t.TempDir(), "portal.db"), sqlitestore.Options{Holder: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if _, err := store.Begin(t.Context(), s, portal.Kinds(), "2025-03-31", true); err != nil {
		t.Fatal(err)
	}
	countries, err := country.Countries()
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return time.Date(2025, 3, 31, 12, 0, 0, 0, time.UTC) }
	p, err := portal.New(portal.Options{Store: s, Clock: kit.NewClock(now, time.UTC), Wall: now, Entropy: rand.NewChaCha8([32]byte{}), Countries: countries})
	if err != nil {
		t.Fatal(err)
	}
	return p, s
}

// described is an active member that says one thing of itself.
func described(text string) *membership.Member {
	m := &membership.Member{ID: "mem_1", Name: "Zz", Dataset: kit.Recorded, Events: []membership.LifecycleEvent{
		{ID: "evn_1", Kind: membership.Admitted, EffectiveOn: "2020-01-01", RecordedAt: "2020-01-01T09:00:00.000Z", Actor: "usr_test", Category: new(membership.SectorMember), Region: new(country.RegionREGINTORG)},
		{ID: "evn_2", Kind: membership.Activated, EffectiveOn: "2020-01-02", RecordedAt: "2020-01-02T09:00:00.000Z", Actor: "usr_test"},
	}}
	m.Description = &kit.LocalizedText{Translations: []kit.Translation{{Locale: kit.English, Text: text, Provenance: kit.Original}}}
	return m
}

func TestAVeryLongWordIsFoundByItsBeginningAndWhole(t *testing.T) {
	p, s := openSearch(t)
	thai := strings.Repeat("ก", 180) // 540 bytes: Thai is written without spaces
	if err := membership.MemberNoun.In(s).Insert(t.Context(), described(strings.Repeat("a", 3000)+" "+thai)); err != nil {
		t.Fatal(err)
	}
	for name, query := range map[string]string{
		"by two letters": "aa", "by as many letters as a query may have": strings.Repeat("a", kit.MaxQuery), "by the beginning of a word in Thai": thai[:30], "by a whole word in Thai": thai,
	} {
		t.Run(name, func(t *testing.T) {
			found, err := p.Search.Search(t.Context(), query, nil, nil, nil)
			if err != nil || len(found.Edges) != 1 {
				t.Errorf("found %+v, %v", found, err)
			}
		})
	}
}

// FuzzSearch describes a member by any text and searches it by any query: it is found exactly if it
// has the words, and by each of its own words; no query is more than the caller's fault.
func FuzzSearch(f *testing.F) {
	for _, seed := range [][2]string{
		{"Operates 5G networks", "networks 5g"}, {"中国电信 5G网络", "国电"}, {"Ёлка", "елк"}, {"مُحَمَّد", "محمد"}, {"a\x00b\u200bc", "a bc"}, {"Straße ﬁ", "STRASSE F"},
		{"İstanbul Ǆ ŉ", "istanbul"}, {"ﷺ", "صل"}, {"", ""}, {"\U0001F600", "😀"}, {"한국 ガ", "한"},
	} {
		f.Add(seed[0], seed[1])
	}
	p, s := openSearch(f)
	undo := errors.New("undo")
	f.Fuzz(func(t *testing.T, text, query string) {
		if !utf8.ValidString(text) || len(text) > 2000 {
			return // no such text is stored
		}
		own := kit.Split(text)
		for _, w := range own {
			han := strings.ContainsFunc(w, func(r rune) bool { return unicode.Is(unicode.Han, r) })
			if w == "" || strings.ContainsFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) || han && utf8.RuneCountInString(w) > 2 {
				t.Fatalf("%q has the word %q", text, w)
			}
		}
		queries := []string{query}
		if len(own) > 0 {
			queries = append(queries, text, own[0])
		}
		err := s.Tx(t.Context(), func(ctx context.Context) error {
			if err := membership.MemberNoun.In(s).Insert(ctx, described(text)); err != nil {
				return err
			}
			for i, q := range queries {
				found, err := p.Search.Search(ctx, q, nil, nil, nil)
				if refusal, ok := errors.AsType[*kit.Refusal](err); ok && refusal.Code == kit.BadUserInput {
					continue
				}
				if err != nil {
					return err
				}
				want := naive(kit.Words(text, "Zz"), kit.Split(q))
				if got := len(found.Edges) == 1; got != want || i > 0 && !got && len(own[0]) < 512 {
					t.Errorf("%q found by %q: %v, want %v", text, q, got, want)
				}
			}
			return undo
		})
		if !errors.Is(err, undo) {
			t.Fatal(err)
		}
	})
}

func naive(have, query []string) bool {
	for i, w := range query {
		begins := slices.ContainsFunc(have, func(v string) bool { return strings.HasPrefix(v, w) })
		if !slices.Contains(have, w) && (i < len(query)-1 || !begins) {
			return false
		}
	}
	return true
}
