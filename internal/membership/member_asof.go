package membership

import (
	"context"
	"slices"

	"memberportal/internal/kit"
)

// listOn pages through members as they were or will be on a day other than today. The ledger finds them, so that
// only the documents of the page are read.
func (s *MemberService) listOn(ctx context.Context, day kit.Date, filter MemberFilter, order *MemberOrder, args kit.PageArgs) (*MemberConnection, error) {
	entries, err := s.days(ctx)
	if err != nil {
		return nil, err
	}
	byJoining := order != nil && order.Field == MemberByJoinedOn
	var found []Placed
	for _, e := range entries {
		is, inside, seen := s.Seen(ctx, e.ID, e.Events, day)
		if !inside {
			is.Status = Active // a suspended one is ACTIVE for the public
		}
		if !seen || !filter.admits(is) {
			continue
		}
		at := Placed{e.ID, kit.SortKey(e.nameOn(day)) + "\x1f" + string(e.ID)}
		if byJoining {
			at.Token = string(is.JoinedOn) + "\x1f" + string(e.ID)
		}
		found = append(found, at)
	}
	listing := "members.name@" + string(day)
	if byJoining {
		listing = "members.joinedOn@" + string(day)
	}
	page, err := kit.PageOfMemory(s.core.Sealer, found, func(p Placed) string { return p.Token }, listing, order != nil && order.Direction == kit.Descending, args)
	if err != nil {
		return nil, err
	}
	return s.LoadOn(ctx, page, day)
}

// Placed is a member with its sort position in a list.
type Placed struct {
	ID    kit.ID
	Token string
}

// LoadOn reads the members of a page that the ledger made. It leaves out a member that no longer belongs there
// because it changed since.
func (s *MemberService) LoadOn(ctx context.Context, page *kit.Connection[Placed], day kit.Date) (*MemberConnection, error) {
	members, err := s.members.Many(ctx, kit.Map(page.Nodes(), func(p Placed) string { return string(p.ID) }))
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

// admits says whether the filter matches a membership. It must agree with where, which the store uses.
func (f MemberFilter) admits(is Membership) bool {
	return names(f.Regions, is.Region) && names(f.Countries, is.Country) && names(f.Categories, is.Category) &&
		names(f.StudyGroups, is.StudyGroup) && names(f.Statuses, is.Status)
}

// names says whether a filter's list contains a value. A nil list contains every value.
func names[T comparable](list []T, v T) bool { return list == nil || slices.Contains(list, v) }
