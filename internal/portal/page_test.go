package portal_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"memberportal/internal/portal"
)

func TestPageArgumentsAreHeldToTheirBounds(t *testing.T) {
	s := embedded(t)
	for name, c := range map[string]struct {
		args portal.PageArgs
		key  string // empty: accepted
		want int
	}{
		"20 if nothing is said":           {portal.PageArgs{}, "", 20},
		"the least from the start":        {portal.PageArgs{First: new(1)}, "", 1},
		"the least from the end":          {portal.PageArgs{Last: new(1)}, "", 1},
		"the most":                        {portal.PageArgs{First: new(100)}, "", -1},
		"none from the start":             {portal.PageArgs{First: new(0)}, "badPageSize", 0},
		"none from the end":               {portal.PageArgs{Last: new(0)}, "badPageSize", 0},
		"less than none":                  {portal.PageArgs{First: new(-1)}, "badPageSize", 0},
		"more than the most":              {portal.PageArgs{First: new(101)}, "badPageSize", 0},
		"more than the most from the end": {portal.PageArgs{Last: new(101)}, "badPageSize", 0},
		"from both ends":                  {portal.PageArgs{First: new(1), Last: new(1)}, "firstAndLast", 0},
		"from both ends, one wrong":       {portal.PageArgs{First: new(0), Last: new(1)}, "firstAndLast", 0},
		"a cursor that is none":           {portal.PageArgs{After: new("cursor")}, "badCursor", 0},
		"an empty cursor":                 {portal.PageArgs{After: new("")}, "badCursor", 0},
		"a cursor ahead that is none":     {portal.PageArgs{Before: new("%%%")}, "badCursor", 0},
		"a cursor of another version":     {portal.PageArgs{After: new(forged("2:status.category.name\x1ea\x1fmem_1"))}, "badCursor", 0},
		"a cursor without a place":        {portal.PageArgs{After: new(forged("1:status.category.name\x1e"))}, "badCursor", 0},
		"a cursor that is very long":      {portal.PageArgs{After: new(forged("1:status.category.name\x1e" + strings.Repeat("a", 2000)))}, "badCursor", 0},
		"a forged place is only a place":  {portal.PageArgs{After: new(forged("1:status.category.name\x1e\U0010FFFF")), First: new(1)}, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			page, err := s.portal.Members.List(by(nobody), nil, nil, c.args)
			if c.key != "" {
				if r, ok := errors.AsType[*portal.Refusal](err); !ok || r.Code != portal.BadUserInput || r.Key != c.key {
					t.Errorf("got %v, want %s", err, c.key)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if c.want < 0 { // all
				n, err := page.TotalCount(by(nobody))
				s.must(err)
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
	s := embedded(t)
	by := by(secretariat)
	members, err := s.portal.Members.List(by, nil, nil, portal.PageArgs{First: new(1)})
	s.must(err)
	entries, err := s.portal.Audit.List(by, nil, portal.PageArgs{First: new(1)})
	s.must(err)
	countries, err := s.portal.Countries.List(by, nil, nil, portal.PageArgs{First: new(1)})
	s.must(err)
	of := map[string]*string{"members": members.PageInfo.EndCursor, "audit": entries.PageInfo.EndCursor, "countries": countries.PageInfo.EndCursor}
	joined := &portal.MemberOrder{Field: portal.MemberByJoinedOn}
	for name, ask := range map[string]func(args portal.PageArgs) error{
		"members":                       func(args portal.PageArgs) error { _, err := s.portal.Members.List(by, nil, nil, args); return err },
		"members by the day of joining": func(args portal.PageArgs) error { _, err := s.portal.Members.List(by, nil, joined, args); return err },
		"members of a region": func(args portal.PageArgs) error {
			_, err := s.portal.Members.List(by, &portal.MemberFilter{Regions: []portal.Region{portal.RegionAFR}}, nil, args)
			return err
		},
		"audit":     func(args portal.PageArgs) error { _, err := s.portal.Audit.List(by, nil, args); return err },
		"countries": func(args portal.PageArgs) error { _, err := s.portal.Countries.List(by, nil, nil, args); return err },
		"countries in French": func(args portal.PageArgs) error {
			_, err := s.portal.Countries.List(portal.WithLocale(by, portal.French), nil, nil, args)
			return err
		},
	} {
		for from, cursor := range of {
			for _, args := range []portal.PageArgs{{After: cursor}, {Before: cursor}} {
				err := ask(args)
				if from == name {
					s.must(err)
					continue
				}
				if r, ok := errors.AsType[*portal.Refusal](err); !ok || r.Key != "badCursor" {
					t.Errorf("%s took a cursor of %s: %v", name, from, err)
				}
			}
		}
	}
}

func TestAFilterThatCannotBeAnsweredIsRefused(t *testing.T) {
	s := embedded(t)
	for name, c := range map[string]struct {
		filter portal.MemberFilter
		key    string
	}{
		"an unknown country":         {portal.MemberFilter{Countries: []portal.ID{"cty_UG", "cty_XX"}}, "unknownCountry"},
		"an id that is no country's": {portal.MemberFilter{Countries: []portal.ID{"mem_ACTIVE"}}, "unknownCountry"},
		"too many values at once":    {portal.MemberFilter{Regions: portal.Regions}, "tooWide"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.portal.Members.List(by(secretariat), &c.filter, nil, portal.PageArgs{})
			if r := portal.Classify(err); err == nil || r.Code != portal.BadUserInput || r.Key != c.key {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestOnlySecretariatAndOperatorReadTheAuditLog(t *testing.T) {
	s := embedded(t)
	for name, c := range map[string]struct {
		actor portal.Actor
		want  portal.Code
	}{
		"a visitor":         {nobody, portal.Unauthenticated},
		"a focal point":     {focalPoint("mem_ACTIVE"), portal.Forbidden},
		"an administration": {uganda, portal.Forbidden},
		"the secretariat":   {secretariat, ""},
		"an operator":       {operator, ""},
	} {
		t.Run(name, func(t *testing.T) {
			page, err := s.portal.Audit.List(by(c.actor), nil, portal.PageArgs{})
			entry := s.records().audit[0]
			node, nodeErr := s.portal.Nodes.Get(by(c.actor), entry.ID)
			s.must(nodeErr)
			if c.want == "" {
				if err != nil || len(page.Edges) != 20 || node == nil {
					t.Errorf("got %v, %v", err, node)
				}
				return
			}
			if r := portal.Classify(err); r.Code != c.want || node != nil {
				t.Errorf("got %v, %v", err, node)
			}
		})
	}
}
