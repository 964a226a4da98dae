package portal_test

import (
	"errors"
	"testing"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/testkit"
)

// FuzzCursor hands arbitrary text to a list as a cursor: it is refused as BAD_USER_INPUT, or it is a
// cursor of this list and the page is answered. Nothing else comes of it.
func FuzzCursor(f *testing.F) {
	p := testkit.Portal(f, testkit.Engines()[0].Shared(f))
	page, err := p.Members.List(f.Context(), nil, nil, kit.PageArgs{First: new(3)})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(*page.PageInfo.EndCursor)
	for _, seed := range []string{"", "x", "MTp4", "MTpzdGF0dXMuY2F0ZWdvcnkubmFtZR4", "////", "%00", *page.PageInfo.EndCursor + "="} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		for _, args := range []kit.PageArgs{{After: &cursor}, {Before: &cursor, Last: new(5)}} {
			page, err := p.Members.List(t.Context(), nil, nil, args)
			refusal, refused := errors.AsType[*kit.Refusal](err)
			switch {
			case refused && refusal.Code == kit.BadUserInput:
			case err != nil:
				t.Errorf("cursor %q: %v", cursor, err)
			case len(page.Edges) > kit.MaxPage:
				t.Errorf("cursor %q: %d members", cursor, len(page.Edges))
			}
		}
	})
}

// FuzzID asks for a node with arbitrary text as its id: there is none, or it has exactly that id.
func FuzzID(f *testing.F) {
	p := testkit.Portal(f, testkit.Engines()[0].Shared(f))
	for _, seed := range []string{"mem_ACTIVE", "mem_PENDING", "cty_UG", "mem_", "_", "aud_1", "ben_\x00", "mem_ACTIVE'--", "cty_\u0130"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, id string) {
		node, err := p.Nodes.Get(t.Context(), kit.ID(id))
		if err != nil {
			t.Fatalf("id %q: %v", id, err)
		}
		switch n := node.(type) {
		case nil:
		case *membership.Member:
			if string(n.ID) != id || n.Status() != membership.Active {
				t.Errorf("id %q gave %s, which is %s", id, n.ID, n.Status())
			}
		case *country.Country:
			if string(n.ID) != id {
				t.Errorf("id %q gave %s", id, n.ID)
			}
		default:
			t.Errorf("id %q gave a %T to a visitor", id, n)
		}
	})
}
