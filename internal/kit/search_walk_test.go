package kit_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/country"
	"memberportal/internal/events"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/testkit"
	"memberportal/internal/testkit/stage"
)

// findable is what the public may find of a document.
type findable struct {
	kind          kit.SearchType
	id            kit.ID
	titles, other []string // the title that is shown comes first
}

var runs = regexp.MustCompile(`\p{Han}+|(?:[^\P{L}\p{Han}]|\p{Nd})+`)

// wordsOf is another way to cut a text into words.
func wordsOf(texts ...string) (all []string) {
	for _, run := range runs.FindAllString(kit.Fold(strings.Join(texts, " | ")), -1) {
		letters := []rune(run)
		if !regexp.MustCompile(`^\p{Han}{3,}$`).MatchString(run) {
			all = append(all, run)
			continue
		}
		for i := range letters[1:] {
			all = append(all, string(letters[i:i+2]))
		}
	}
	return all
}

func hasAll(have, query []string) bool {
	for i, w := range query {
		if !slices.ContainsFunc(have, func(v string) bool { return v == w || i == len(query)-1 && strings.HasPrefix(v, w) }) {
			return false
		}
	}
	return true
}

// findables are all public documents, read as the public reads them.
func (s scene) findables() (all []findable) {
	s.Helper()
	for args := (kit.PageArgs{First: new(100)}); ; {
		page, err := s.Portal.Members.List(stage.By(stage.Nobody), nil, nil, args)
		s.Must(err)
		for _, m := range page.Nodes() {
			all = append(all, findable{kit.SearchMembers, m.ID, []string{m.DisplayName(), m.Name}, textsOf(m.Description)})
		}
		if args.After = page.PageInfo.EndCursor; !page.PageInfo.HasNextPage {
			break
		}
	}
	page, err := s.Portal.Benefits.List(stage.By(stage.Nobody), nil, kit.PageArgs{First: new(100)})
	s.Must(err)
	for _, b := range page.Nodes() {
		titles := append([]string{b.Title.Text(stage.By(stage.Nobody), nil)}, textsOf(b.Title)...)
		all = append(all, findable{kit.SearchBenefits, b.ID, titles, append(textsOf(b.Description), textsOf(b.HowToUse)...)})
	}
	listed, err := s.Portal.Events.List(stage.By(stage.Nobody), nil, nil, kit.PageArgs{First: new(100)})
	s.Must(err)
	for _, e := range listed.Nodes() {
		if e.Visibility != events.VisiblePublic {
			continue
		}
		other := append(textsOf(e.Summary), textsOf(e.City)...)
		documents, err := s.Portal.Registrations.Documents(stage.By(stage.Nobody), e)
		s.Must(err)
		for _, d := range documents {
			other = append(other, textsOf(d.Title)...)
		}
		all = append(all, findable{kit.SearchEvents, e.ID, append([]string{e.Title.Text(stage.By(stage.Nobody), nil)}, textsOf(e.Title)...), other})
	}
	return append(all, s.findableConsultations()...)
}

// findableConsultations are the statements and the consultations that are no drafts.
func (s scene) findableConsultations() (all []findable) {
	s.Helper()
	statements, err := s.Portal.LiaisonStatements.List(stage.By(stage.Nobody), nil, kit.PageArgs{First: new(100)})
	s.Must(err)
	for _, l := range statements.Nodes() {
		other := append(textsOf(l.Abstract), textsOf(l.Text)...)
		for _, k := range l.Keywords {
			other = append(other, textsOf(&k)...)
		}
		titles := append([]string{l.Title.Text(stage.By(stage.Nobody), nil), l.FullReference()}, textsOf(l.Title)...)
		all = append(all, findable{kit.SearchStatements, l.ID, titles, other})
	}
	consultations, err := s.Portal.Consultations.List(stage.By(stage.Nobody), nil, kit.PageArgs{First: new(100)})
	s.Must(err)
	for _, c := range consultations.Nodes() {
		other := append(textsOf(c.Introduction), c.Code)
		for _, q := range c.Questions {
			other = append(other, textsOf(q.Text)...)
		}
		all = append(all, findable{kit.SearchConsultations, c.ID, append([]string{c.Title.Text(stage.By(stage.Nobody), nil)}, textsOf(c.Title)...), other})
	}
	return all
}

func textsOf(t *kit.LocalizedText) (all []string) {
	if t != nil {
		for _, tr := range t.Translations {
			all = append(all, tr.Text)
		}
	}
	return all
}

// ranked are the hits of a query over all documents, the best first.
func ranked(all []findable, query string) []kit.ID {
	words, folded := wordsOf(query), kit.Fold(query)
	var places []string
	for _, d := range all {
		if !hasAll(append(wordsOf(d.titles...), wordsOf(d.other...)...), words) {
			continue
		}
		rank := 3
		if hasAll(wordsOf(d.titles...), words) {
			rank = 2
		}
		for _, t := range d.titles {
			if t = kit.Fold(t); t == folded {
				rank = 0
			} else if strings.HasPrefix(t, folded) {
				rank = min(rank, 1)
			}
		}
		places = append(places, fmt.Sprintf("%d\x1f%s\x1f%s", rank, kit.Fold(d.titles[0]), d.id))
	}
	slices.Sort(places)
	ids := []kit.ID{}
	for _, p := range places {
		ids = append(ids, kit.ID(p[strings.LastIndex(p, "\x1f")+1:]))
	}
	return ids
}

// through gives the ids of all pages.
func (s scene) through(query string, types []kit.SearchType, size int) (all []kit.ID, pages int) {
	s.Helper()
	all = []kit.ID{}
	for after := (*string)(nil); ; {
		found, ids := s.Search(stage.Nobody, query, types, size, after)
		all = append(all, ids...)
		if pages++; pages > 1000 {
			s.Fatal("the pages do not end")
		}
		if found.PageInfo.HasPreviousPage != (after != nil) || len(ids) > size {
			s.Errorf("page %d: %+v, %d hits", pages, found.PageInfo, len(ids))
		}
		if !found.PageInfo.HasNextPage {
			return all, pages
		}
		after = found.PageInfo.EndCursor
	}
}

func TestSearchFindsWhatIsThereInRankedOrderOnPagesOfAnySize(t *testing.T) {
	stage.OnShared(t, func(s scene) {
		all := s.findables()
		for i, query := range []string{
			"testbed", "مركز", "示范 机构", "Демонстрационная", "registro de demostración", "membre essais", "study group", "TESTBED  active", "act", "demo networks", "démo", "university 0",
			"enregistrement de démonstration", "деМОН", "записЬ об орг", "سجل توضيحي", "تجريب", "机构示范记录", "电信", "группах", "comisiones", "ITU-D", "ITU-D成员", "قطاع", "union’s", "uganda", "zzzz", "testb act",
		} {
			if s.Slow() && i > 2 {
				break
			}
			want := ranked(all, query)
			for _, size := range []int{1, 2, 3, 100} {
				if size < 3 && len(want) > 12 || s.Slow() && (size < 3 || size == 3 && len(want) > 9) {
					continue
				}
				if got, _ := s.through(query, nil, size); !slices.Equal(got, want) {
					s.Errorf("%q on pages of %d:\n got %q\nwant %q", query, size, got, want)
				}
			}
			if first, _ := s.Search(stage.Nobody, query, nil, 1, nil); !first.Ranked || first.TotalCount == nil || *first.TotalCount != int64(len(want)) {
				s.Errorf("%q: %+v, want %d in all", query, first, len(want))
			}
		}
	})
}

func TestTypesNarrowASearch(t *testing.T) {
	s := scene{stage.New(t, testkit.Engines()[0].Shared(t))}
	const query = "record"
	all, _ := s.through(query, nil, 100)
	members, _ := s.through(query, []kit.SearchType{kit.SearchMembers}, 100)
	benefits, _ := s.through("member", []kit.SearchType{kit.SearchBenefits}, 100)
	none, _ := s.through(query, []kit.SearchType{}, 100)
	twice, _ := s.through(query, append(slices.Clone(kit.SearchTypes), kit.SearchMembers), 100)
	if len(members) == 0 || len(benefits) == 0 || len(none) > 0 || !slices.Equal(all, twice) {
		t.Errorf("%d of all, %d members, %d benefits, %d of no type, %d of all types, one named twice", len(all), len(members), len(benefits), len(none), len(twice))
	}
	for _, id := range append(members, benefits...) {
		if strings.HasPrefix(string(id), "mem_") != slices.Contains(members, id) {
			t.Errorf("%s is of the other type", id)
		}
	}
}

// manyMembers are so many that each of two words is in more than a thousand of them: half of them
// have «alpha» and come first by name, the others «beta», and a few have both.
const manyMembers = 2100

// fillWithMany makes members and gives those that the public sees, by name, and those with both words.
func (s scene) fillWithMany() (byName, both []kit.ID) {
	s.Helper()
	var docs []*membership.Member
	for i := range manyMembers {
		m := &membership.Member{
			ID: kit.ID(fmt.Sprintf("mem_%04d", i*7919%manyMembers)), Name: fmt.Sprintf("Alpha Telecom %04d", i), Dataset: kit.Demonstration,
			Events: []membership.LifecycleEvent{{
				ID: kit.ID(fmt.Sprintf("evn_%04dA", i)), Kind: membership.Admitted, EffectiveOn: "2015-01-01", RecordedAt: "2015-01-01T09:00:00.000Z", Actor: "usr_test",
				Category: new(membership.SectorMember), Region: new(country.RegionREGINTORG),
			}},
		}
		if i >= manyMembers/2 {
			m.Name = fmt.Sprintf("Beta Telecom %04d", i)
		}
		if pending := i%100 == 99; !pending {
			m.Events = append(m.Events, membership.LifecycleEvent{
				ID: kit.ID(fmt.Sprintf("evn_%04dB", i)), Kind: membership.Activated, EffectiveOn: "2016-01-01", RecordedAt: "2016-01-01T09:00:00.000Z", Actor: "usr_test",
			})
			byName = append(byName, m.ID)
		}
		if slices.Contains([]int{3, 1000, 2098}, i) {
			m.Description = &kit.LocalizedText{Translations: []kit.Translation{{Locale: kit.English, Text: "alpha beta rare", Provenance: kit.Original}}}
			both = append(both, m.ID)
		}
		docs = append(docs, m)
	}
	s.Must(s.Store.Tx(context.Background(), func(ctx context.Context) error {
		for batch := range slices.Chunk(docs, 300) {
			if err := membership.MemberNoun.In(s.Store).Insert(ctx, batch...); err != nil {
				return err
			}
		}
		return nil
	}))
	return byName, both
}

func TestASearchWithVeryManyHitsGoesByName(t *testing.T) {
	s := scene{stage.Embedded(t)}
	counting := &testkit.Counting{Store: s.Store}
	s.Portal = testkit.Portal(t, counting)
	byName, both := s.fillWithMany()
	members := []kit.SearchType{kit.SearchMembers}
	stage.Run(s, "all hits come once, by name, and then it ends", func(s scene) {
		want := append(slices.Clone(byName[:manyMembers/2*99/100+1]), both[2])
		for _, size := range []int{100, 99, 40} {
			if got, pages := s.through("alpha", members, size); !slices.Equal(got, want) {
				s.Errorf("%d hits on %d pages, want %d", len(got), pages, len(want))
			}
		}
	})
	stage.Run(s, "a page is not ranked and counts nothing", func(s scene) {
		counting.Take()
		found, ids := s.Search(stage.Nobody, "telecom", members, 100, nil)
		if found.Ranked || found.TotalCount != nil || !found.PageInfo.HasNextPage || !slices.Equal(ids, byName[:100]) {
			s.Errorf("%+v, %q", found.PageInfo, ids)
		}
		if n := counting.Take(); n != 4 { // a probe, and 101 documents by 50
			s.Errorf("%d calls", n)
		}
	})
	stage.Run(s, "a second word that few have makes it ranked", func(s scene) {
		found, ids := s.Search(stage.Nobody, "alpha rare", members, 100, nil)
		if !found.Ranked || found.TotalCount == nil || *found.TotalCount != 3 || !slices.Equal(ids, both) {
			s.Errorf("%+v, %q", found, ids)
		}
	})
	stage.Run(s, "of a type with few hits the best come first", func(s scene) {
		few, _ := s.through("tele", []kit.SearchType{kit.SearchBenefits}, 100)
		got, _ := s.through("tele", nil, 99)
		if len(few) == 0 || !slices.Equal(got[:len(few)], few) || !slices.Equal(onlyMany(got[len(few):]), byName) {
			s.Errorf("%d benefits, %d hits", len(few), len(got))
		}
	})
	stage.Run(s, "a page that looked at 2,000 goes on after the last one that it looked at", func(s scene) {
		counting.Take()
		found, ids := s.Search(stage.Nobody, "alpha beta", members, 10, nil)
		if found.Ranked || !found.PageInfo.HasNextPage || !slices.Equal(ids, both[:2]) {
			s.Fatalf("%+v, %q, want %q", found.PageInfo, ids, both[:2])
		}
		if n := counting.Take(); n != 43 { // two probes, and 2,001 documents by 50
			s.Errorf("%d calls", n)
		}
		rest, ids := s.Search(stage.Nobody, "alpha beta", members, 10, found.PageInfo.EndCursor)
		if rest.PageInfo.HasNextPage || !rest.PageInfo.HasPreviousPage || !slices.Equal(ids, both[2:]) {
			s.Errorf("%+v, %q, want %q", rest.PageInfo, ids, both[2:])
		}
	})
}

var ofMany = regexp.MustCompile(`^mem_\d{4}$`)

// onlyMany leaves out the fixture's members.
func onlyMany(ids []kit.ID) []kit.ID {
	return slices.DeleteFunc(slices.Clone(ids), func(id kit.ID) bool { return !ofMany.MatchString(string(id)) })
}
