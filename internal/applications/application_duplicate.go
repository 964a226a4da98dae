package applications

import (
	"context"
	"slices"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
	"memberportal/internal/store"
)

// NameLikeness says whether two names are the same or nearly the same.
type NameLikeness string

// SAME_NAME ignores case and accents. NEAR_NAME also ignores the order of words and legal forms.
const (
	SameName NameLikeness = "SAME_NAME"
	NearName NameLikeness = "NEAR_NAME"
)

// NameLikenesses lists both kinds, as the schema's enum does.
var NameLikenesses = []NameLikeness{SameName, NearName}

// ApplicationDuplicate is a member or another open application that may be the same organisation; the other field
// is nil. It is only shown: nothing is ever merged.
type ApplicationDuplicate struct {
	Likeness    NameLikeness
	Member      *membership.Member
	Application *Application
}

// maxDuplicates is how many duplicates of an application are shown at most.
const maxDuplicates = 20

// Duplicates returns the members and open applications that the caller may see and that have the same name as the
// application, or nearly the same: the same words in any order, without legal forms. For the deciding side and
// SECRETARIAT; nil for others. The duplicates of all applications of a page are read together.
func (s *ApplicationService) Duplicates(ctx context.Context, a *Application) ([]ApplicationDuplicate, error) {
	if !a.view.deciding {
		return nil, nil
	}
	return kit.Neighbour(ctx, a.with, "duplicates", a, func(ctx context.Context, all []*Application) ([][]ApplicationDuplicate, error) {
		members, applications, err := s.alike(ctx, all)
		if err != nil {
			return nil, err
		}
		return kit.Map(all, func(a *Application) []ApplicationDuplicate { return a.among(members, applications) }), nil
	})
}

// alike returns the members and open applications whose names are like the name of one of the applications.
func (s *ApplicationService) alike(ctx context.Context, all []*Application) (members []*membership.Member, applications []*Application, err error) {
	var keys []string
	for _, a := range all {
		keys = append(keys, kit.Likeness(kit.Deref(a.Name))...)
	}
	slices.Sort(keys)
	for some := range slices.Chunk(slices.Compact(keys), store.MaxStreams) {
		m, err := s.members.Alike(ctx, some)
		if err != nil {
			return nil, nil, err
		}
		a, err := kit.Likely(ctx, s.applications, some)
		if err != nil {
			return nil, nil, err
		}
		members, applications = append(members, m...), append(applications, a...)
	}
	members = s.members.Shown(ctx, members)
	applications = slices.DeleteFunc(applications, func(a *Application) bool { return !slices.Contains(openApplications, a.Status) })
	applications = slices.DeleteFunc(s.join(ctx, applications), func(a *Application) bool { return a == nil })
	return members, applications, nil
}

// among returns those members and applications that may be the same organisation, the same names first.
func (a *Application) among(members []*membership.Member, applications []*Application) []ApplicationDuplicate {
	found := []ApplicationDuplicate{}
	own, name := kit.Likeness(kit.Deref(a.Name)), kit.Fold(kit.Deref(a.Name))
	is := func(other string) (NameLikeness, bool) {
		if kit.Fold(other) == name {
			return SameName, true
		}
		return NearName, slices.Equal(kit.Likeness(other), own)
	}
	for _, m := range members {
		for _, name := range append([]string{m.Name}, m.FormerNames()...) {
			if how, ok := is(name); ok && (a.MemberID == nil || *a.MemberID != m.ID) {
				found = append(found, ApplicationDuplicate{Likeness: how, Member: m})
				break
			}
		}
	}
	for _, other := range applications {
		if how, ok := is(kit.Deref(other.Name)); ok && other.ID != a.ID {
			found = append(found, ApplicationDuplicate{Likeness: how, Application: other})
		}
	}
	slices.SortStableFunc(found, func(x, y ApplicationDuplicate) int { return strings.Compare(string(y.Likeness), string(x.Likeness)) })
	return found[:min(len(found), maxDuplicates)]
}
