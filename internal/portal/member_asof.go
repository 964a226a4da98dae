package portal

import (
	"context"
	"slices"

	"memberportal/internal/kit"
)

// listOn pages through members as they were or will be on a day other than today. The ledger says which,
// so that only the documents of the page are read.
func (s *MemberService) listOn(ctx context.Context, day kit.Date, filter MemberFilter, order *MemberOrder, args kit.PageArgs) (*MemberConnection, error) {
	entries, err := s.days(ctx)
	if err != nil {
		return nil, err
	}
	byJoining := order != nil && order.Field == MemberByJoinedOn
	var found []placed
	for _, e := range entries {
		is, inside, seen := s.seen(ctx, e.id, e.events, day)
		if !inside {
			is.Status = Active // a suspended one is ACTIVE for the public
		}
		if !seen || !filter.admits(is) {
			continue
		}
		at := placed{e.id, kit.SortKey(e.name) + "\x1f" + string(e.id)}
		if byJoining {
			at.token = string(is.JoinedOn) + "\x1f" + string(e.id)
		}
		found = append(found, at)
	}
	listing := "members.name@" + string(day)
	if byJoining {
		listing = "members.joinedOn@" + string(day)
	}
	page, err := kit.PageOfMemory(s.core.Sealer, found, func(p placed) string { return p.token }, listing, order != nil && order.Direction == kit.Descending, args)
	if err != nil {
		return nil, err
	}
	return s.loadOn(ctx, page, day)
}

// placed is a member and where it stands in a list.
type placed struct {
	id    kit.ID
	token string
}

// loadOn reads the members of a page that the ledger made. One that changed since, so that it no longer
// belongs there, is left out.
func (s *MemberService) loadOn(ctx context.Context, page *kit.Connection[placed], day kit.Date) (*MemberConnection, error) {
	members, err := s.members.Many(ctx, kit.Map(page.Nodes(), func(p placed) string { return string(p.id) }))
	if err != nil {
		return nil, err
	}
	loaded := &MemberConnection{PageInfo: page.PageInfo, Count: page.Count, Edges: []MemberEdge{}}
	with := &kit.Together[*Member]{}
	for i, m := range members {
		if m == nil || !s.showOn(ctx, m, day) {
			continue
		}
		m.with, with.Items = with, append(with.Items, m)
		loaded.Edges = append(loaded.Edges, MemberEdge{Cursor: page.Edges[i].Cursor, Node: m})
	}
	return loaded, nil
}

// admits says whether a membership is one that the filter names, as where does for the store.
func (f MemberFilter) admits(is membership) bool {
	return names(f.Regions, is.Region) && names(f.Countries, is.Country) && names(f.Categories, is.Category) &&
		names(f.StudyGroups, is.StudyGroup) && names(f.Statuses, is.Status)
}

// names says whether a filter's list, which may be left out, holds a value.
func names[T comparable](list []T, v T) bool { return list == nil || slices.Contains(list, v) }
