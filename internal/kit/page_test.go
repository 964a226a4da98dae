package kit_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
	"memberportal/internal/testkit/stage"
)

func TestPageArgumentsAreHeldToTheirBounds(t *testing.T) {
	s := scene{stage.Embedded(t)}
	for name, c := range map[string]struct {
		args kit.PageArgs
		key  string // empty: accepted
		want int
	}{
		"20 if nothing is said":           {kit.PageArgs{}, "", 20},
		"the least from the start":        {kit.PageArgs{First: new(1)}, "", 1},
		"the least from the end":          {kit.PageArgs{Last: new(1)}, "", 1},
		"the most":                        {kit.PageArgs{First: new(100)}, "", -1},
		"none from the start":             {kit.PageArgs{First: new(0)}, "badPageSize", 0},
		"none from the end":               {kit.PageArgs{Last: new(0)}, "badPageSize", 0},
		"less than none":                  {kit.PageArgs{First: new(-1)}, "badPageSize", 0},
		"more than the most":              {kit.PageArgs{First: new(101)}, "badPageSize", 0},
		"more than the most from the end": {kit.PageArgs{Last: new(101)}, "badPageSize", 0},
		"from both ends":                  {kit.PageArgs{First: new(1), Last: new(1)}, "firstAndLast", 0},
		"from both ends, one wrong":       {kit.PageArgs{First: new(0), Last: new(1)}, "firstAndLast", 0},
		"a cursor that is none":           {kit.PageArgs{After: new("cursor")}, "badCursor", 0},
		"an empty cursor":                 {kit.PageArgs{After: new("")}, "badCursor", 0},
		"a cursor ahead that is none":     {kit.PageArgs{Before: new("%%%")}, "badCursor", 0},
		"a cursor in plain":               {kit.PageArgs{After: new(forged("1:status.category.name\x1ea\x1fmem_1"))}, "badCursor", 0},
		"a cursor that is very long":      {kit.PageArgs{After: new(forged(strings.Repeat("a", 2000)))}, "badCursor", 0},
	} {
		t.Run(name, func(t *testing.T) {
			page, err := s.Portal.Members.List(stage.By(stage.Nobody), nil, nil, c.args)
			if c.key != "" {
				if r, ok := errors.AsType[*kit.Refusal](err); !ok || r.Code != kit.BadUserInput || r.Key != c.key {
					t.Errorf("got %v, want %s", err, c.key)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if c.want < 0 { // all
				n, err := page.TotalCount(stage.By(stage.Nobody))
				s.Must(err)
				c.want = int(*n)
			}
			if len(page.Edges) != c.want {
				t.Errorf("%d items, want %d", len(page.Edges), c.want)
			}
		})
	}
}

func forged(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func TestACursorIsRefusedByAnotherList(t *testing.T) {
	s := scene{stage.Embedded(t)}
	by := stage.By(stage.Secretariat)
	members, err := s.Portal.Members.List(by, nil, nil, kit.PageArgs{First: new(1)})
	s.Must(err)
	entries, err := s.Portal.Audit.List(by, nil, kit.PageArgs{First: new(1)})
	s.Must(err)
	countries, err := s.Portal.Countries.List(by, nil, nil, kit.PageArgs{First: new(1)})
	s.Must(err)
	of := map[string]*string{"members": members.PageInfo.EndCursor, "audit": entries.PageInfo.EndCursor, "countries": countries.PageInfo.EndCursor}
	joined := &membership.MemberOrder{Field: membership.MemberByJoinedOn}
	for name, ask := range map[string]func(args kit.PageArgs) error{
		"members":                       func(args kit.PageArgs) error { _, err := s.Portal.Members.List(by, nil, nil, args); return err },
		"members by the day of joining": func(args kit.PageArgs) error { _, err := s.Portal.Members.List(by, nil, joined, args); return err },
		"members of a region": func(args kit.PageArgs) error {
			_, err := s.Portal.Members.List(by, &membership.MemberFilter{Regions: []country.Region{country.RegionAFR}}, nil, args)
			return err
		},
		"audit":     func(args kit.PageArgs) error { _, err := s.Portal.Audit.List(by, nil, args); return err },
		"countries": func(args kit.PageArgs) error { _, err := s.Portal.Countries.List(by, nil, nil, args); return err },
		"countries in French": func(args kit.PageArgs) error {
			_, err := s.Portal.Countries.List(kit.WithLocale(by, kit.French), nil, nil, args)
			return err
		},
	} {
		for from, cursor := range of {
			for _, args := range []kit.PageArgs{{After: cursor}, {Before: cursor}} {
				err := ask(args)
				if from == name {
					s.Must(err)
					continue
				}
				if r, ok := errors.AsType[*kit.Refusal](err); !ok || r.Key != "badCursor" {
					t.Errorf("%s took a cursor of %s: %v", name, from, err)
				}
			}
		}
	}
}

func TestAFilterThatCannotBeAnsweredIsRefused(t *testing.T) {
	s := scene{stage.Embedded(t)}
	for name, c := range map[string]struct {
		filter membership.MemberFilter
		key    string
	}{
		"an unknown country":         {membership.MemberFilter{Countries: []kit.ID{"cty_UG", "cty_XX"}}, "unknownCountry"},
		"an id that is no country's": {membership.MemberFilter{Countries: []kit.ID{"mem_ACTIVE"}}, "unknownCountry"},
		"too many values at once":    {membership.MemberFilter{Regions: country.Regions}, "tooWide"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.Portal.Members.List(stage.By(stage.Secretariat), &c.filter, nil, kit.PageArgs{})
			if r := kit.Classify(err); err == nil || r.Code != kit.BadUserInput || r.Key != c.key {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestOnlySecretariatAndOperatorReadTheAuditLog(t *testing.T) {
	s := scene{stage.Embedded(t)}
	for name, c := range map[string]struct {
		actor kit.Actor
		want  kit.Code
	}{
		"a visitor":         {stage.Nobody, kit.Unauthenticated},
		"a focal point":     {stage.FocalPoint("mem_ACTIVE"), kit.Forbidden},
		"an administration": {stage.Uganda, kit.Forbidden},
		"the secretariat":   {stage.Secretariat, ""},
		"an operator":       {stage.Operator, ""},
	} {
		t.Run(name, func(t *testing.T) {
			page, err := s.Portal.Audit.List(stage.By(c.actor), nil, kit.PageArgs{})
			entry := s.Records().Audit[0]
			node, nodeErr := s.Portal.Nodes.Get(stage.By(c.actor), entry.ID)
			s.Must(nodeErr)
			if c.want == "" {
				if err != nil || len(page.Edges) != 20 {
					t.Fatalf("got %v", err)
				}
				// An operator has a view of its own: by an entry's true id there is nothing.
				if c.actor.Has(kit.RoleSecretariat) != (node != nil) {
					t.Errorf("got %v", node)
				}
				again, err := s.Portal.Nodes.Get(stage.By(c.actor), page.Edges[0].Node.ID)
				if e, ok := again.(*kit.AuditEntry); err != nil || !ok || e.ID != page.Edges[0].Node.ID {
					t.Errorf("got %v, %v", again, err)
				}
				return
			}
			if r := kit.Classify(err); r.Code != c.want || node != nil {
				t.Errorf("got %v, %v", err, node)
			}
		})
	}
}

// TestEntriesOfDays are those of List, in the order of time and with the rights of the caller.
func TestEntriesOfDays(t *testing.T) {
	stage.OnEngines(t, func(s scene) {
		for _, actor := range []kit.Actor{stage.Secretariat, stage.Operator} {
			var listed []string
			cursor := (*string)(nil)
			for {
				page, err := s.Portal.Audit.List(stage.By(actor), nil, kit.PageArgs{First: new(kit.MaxPage), After: cursor})
				s.Must(err)
				for _, e := range page.Nodes() {
					listed = append(listed, stage.InJSON(e))
				}
				if !page.PageInfo.HasNextPage {
					break
				}
				cursor = page.PageInfo.EndCursor
			}
			slices.Reverse(listed)
			between := func(from, until kit.Date) (all []string) {
				s.Must(s.Portal.Audit.Between(stage.By(actor), from, until, func(entries []*kit.AuditEntry) error {
					for _, e := range entries {
						all = append(all, stage.InJSON(e))
					}
					return nil
				}))
				return all
			}
			all := between("1980-01-01", "2099-12-31")
			if len(all) < 20 || !slices.Equal(all, listed) {
				s.Errorf("%v: %d entries, listed are %d", actor.Roles, len(all), len(listed))
			}
			day := kit.Date(s.Records().Audit[0].At[:10])
			before, on, after := between("1980-01-01", day.AddDays(-1)), between(day, day), between(day.AddDays(1), "2099-12-31")
			if len(on) == 0 || !slices.Equal(slices.Concat(before, on, after), all) {
				s.Errorf("%v: %d, %d and %d entries of %d", actor.Roles, len(before), len(on), len(after), len(all))
			}
		}
		if err := s.Portal.Audit.Between(stage.By(stage.Uganda), "2000-01-01", "2099-12-31", nil); kit.Classify(err).Code != kit.Forbidden {
			s.Errorf("an administration: %v", err)
		}
	})
}

// occasion is a noun for paging alone: something that begins on a day.
type occasion struct {
	ID      string `bson:"_id"`
	Version int64  `bson:"version"`
	Begins  string `bson:"begins"`
}

var occasions = store.Declare(store.Noun[occasion]{
	Name:     "occasions",
	Identity: func(o *occasion) (string, *int64) { return o.ID, &o.Version },
	Keys:     []store.Key[occasion]{store.One("begins", func(o *occasion, _ string) string { return o.Begins })},
	Listings: []store.Listing{{Sort: "begins"}},
})

// TestAStretchIsAllThereIsToAList pages through stretches with every pair of cursors, also such as lie
// outside, and holds each page against what is left of the list by cutting it.
func TestAStretchIsAllThereIsToAList(t *testing.T) {
	s := scene{stage.Embedded(t)}
	s.Must(s.Store.Prepare(t.Context(), []*store.Kind{occasions.Kind}))
	c := occasions.In(s.Store)
	var ids []string // in the order of their tokens
	for _, day := range []string{"2023-12-31", "2024-01-01", "2024-07-01", "2024-12-31", "2025-01-01"} {
		for range 2 {
			ids = append(ids, fmt.Sprint("occ_", len(ids)))
			s.Must(c.Insert(t.Context(), &occasion{ID: ids[len(ids)-1], Begins: day}))
		}
	}
	for name, stretch := range map[string]struct {
		within   store.Bounds
		from, to int // places in ids
	}{
		"everything":        {store.Bounds{}, 0, 10},
		"from a day on":     {store.Bounds{After: "2024-01-01"}, 2, 10},
		"ahead of a day":    {store.Bounds{Before: "2025-01-01"}, 0, 8},
		"a year":            {store.Bounds{After: "2024-01-01", Before: "2025-01-01"}, 2, 8},
		"behind a place":    {store.Bounds{After: "2024-07-01\x1focc_4", Before: "2024-07-02"}, 5, 6},
		"where nothing is":  {store.Bounds{After: "2024-02", Before: "2024-03"}, 4, 4},
		"where nothing can": {store.Bounds{After: "2025", Before: "2024"}, 4, 4},
	} {
		for _, descending := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, descending %v", name, descending), func(t *testing.T) {
				l := stretched{scene{s.For(t)}, c, stretch.within, descending, slices.Clone(ids), nil, stretch.from, stretch.to}
				if descending {
					slices.Reverse(l.ids)
					l.from, l.to = len(ids)-stretch.to, len(ids)-stretch.from
				}
				l.check()
			})
		}
	}
}

// stretched is a list of occasions in its order, of which those at the places from, and not yet to,
// lie in the stretch.
type stretched struct {
	scene
	c          store.Collection[occasion]
	within     store.Bounds
	descending bool
	ids        []string
	cursors    []string
	from, to   int
}

func (l stretched) page(within store.Bounds, args kit.PageArgs) *kit.Connection[*occasion] {
	seals, err := kit.NewSealer(make([]byte, kit.SecretSize))
	l.Must(err)
	page, err := kit.PageOf(l.Context(), seals, l.c, store.Query{Sort: "begins"}, within, l.descending, args)
	l.Must(err)
	return page
}

func (l stretched) check() {
	for _, e := range l.page(store.Bounds{}, kit.PageArgs{}).Edges {
		l.cursors = append(l.cursors, e.Cursor)
	}
	if n, err := l.page(l.within, kit.PageArgs{First: new(1)}).TotalCount(l.Context()); err != nil || int(*n) != l.to-l.from {
		l.Errorf("total count %d, %v, want %d", *n, err, l.to-l.from)
	}
	if l.from == l.to {
		l.cut(-1, len(l.ids)) // a cursor beyond would be taken to have come from it
		return
	}
	for after := -1; after < len(l.ids); after++ {
		for before := range len(l.ids) + 1 {
			l.cut(after, before)
		}
	}
}

// cut asks for the first and the last between two places; -1 and the length stand for no cursor.
func (l stretched) cut(after, before int) {
	const size = 3
	left := l.ids[l.from:l.to][max(0, min(after+1, l.to)-l.from):]
	left = left[:max(0, min(before, l.to)-max(after+1, l.from))]
	first, last := kit.PageArgs{First: new(size)}, kit.PageArgs{Last: new(size)}
	if after >= 0 {
		first.After, last.After = &l.cursors[after], &l.cursors[after]
	}
	if before < len(l.ids) {
		first.Before, last.Before = &l.cursors[before], &l.cursors[before]
	}
	more := len(left) > size
	l.holds(first, left[:min(len(left), size)], more, after >= l.from)
	l.holds(last, left[max(0, len(left)-size):], before < l.to, more)
}

func (l stretched) holds(args kit.PageArgs, want []string, next, previous bool) {
	page := l.page(l.within, args)
	var got []string
	for _, o := range page.Nodes() {
		got = append(got, o.ID)
	}
	if info := page.PageInfo; !slices.Equal(got, want) || info.HasNextPage != next || info.HasPreviousPage != previous {
		l.Errorf("%+v: got %v, %+v, want %v, next %v, previous %v", args, got, info, want, next, previous)
	}
}
