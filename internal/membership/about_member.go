package membership

import (
	"context"

	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// The member itself, its administration and SECRETARIAT may see requests about a membership. A decision on one is
// stored together with the member's lifecycle. This file has what the kinds of request have in common.

// memberOf returns the member that a record is about, nil if the caller may not see it. One call reads the members
// of all records that were read together.
func memberOf[T any](ctx context.Context, s *MemberService, with *kit.Together[*T], x *T, about func(*T) kit.ID) (*Member, error) {
	return kit.Neighbour(ctx, with, "member", x, func(ctx context.Context, all []*T) ([]*Member, error) {
		return s.ByIDs(ctx, kit.Map(all, about))
	})
}

// insideOnly sets to nil the records about members whose internal data the caller may not see. One call reads the
// members of all records in found.
func insideOnly[T any](ctx context.Context, found []*T, join func(*T, *kit.Together[*T]), of func(context.Context, *T) (*Member, error)) error {
	with := &kit.Together[*T]{}
	for _, x := range found {
		if x != nil {
			join(x, with)
			with.Items = append(with.Items, x)
		}
	}
	for i, x := range found {
		if x == nil {
			continue
		}
		m, err := of(ctx, x)
		if err != nil {
			return err
		}
		if m == nil || !m.view.inside {
			found[i] = nil
		}
	}
	return nil
}

// insideWhere narrows a listing to the records about one member, for a caller who may see internal data of that
// member. Without a member it covers all records, for SECRETARIAT. Others get FORBIDDEN.
func (s *MemberService) insideWhere(ctx context.Context, member *kit.ID) (store.Where, error) {
	if member == nil {
		return store.Where{}, kit.Require(ctx, kit.RoleSecretariat)
	}
	_, err := s.Insider(ctx, *member)
	return store.Where{"member": {string(*member)}}, err
}

// decide loads a record and the member that it is about and calls judge with both. If there is no fault, it stores
// the record with an audit entry, and the member too if judge says that its lifecycle changed, and calls then. A record or member
// that the caller may not see is NOT_FOUND.
func decide[T any](
	ctx context.Context, s *MemberService, d store.Declared[T], a kit.Amendment, get func(context.Context, kit.ID) (*T, error), about func(*T) kit.ID,
	judge func(x *T, m *Member, f *kit.Faults) (fields []string, lifecycle bool), then func(context.Context, func(kit.Change), *T, *Member) error,
) ([]kit.UserError, error) {
	err := s.core.Write(ctx, a.Operation, func(ctx context.Context, note func(kit.Change)) error {
		x, err := get(ctx, a.ID)
		if err != nil {
			return err
		}
		if x == nil {
			return kit.Refuse(kit.NotFound, "notFound", nil)
		}
		m, err := s.changeable(ctx, about(x))
		if err != nil {
			return err
		}
		_, version := d.Kind.Identity(x)
		f := kit.NewFaults(ctx)
		f.Version(a.Expected, *version)
		fields, lifecycle := judge(x, m, f)
		if err := f.Err(); err != nil {
			return err
		}
		if err := d.In(s.core.Store).Replace(ctx, x); err != nil {
			return err
		}
		note(kit.Changed(d, x, kit.Updated, fields...))
		if lifecycle {
			if err := s.keepLifecycle(ctx, m, note); err != nil {
				return err
			}
		}
		return then(ctx, note, x, m)
	})
	return kit.UserErrorsOf(err)
}

// changeable reads a member that the caller may change. The error is NOT_FOUND if the caller may not see the
// member, and FORBIDDEN if it may not change it.
func (s *MemberService) changeable(ctx context.Context, id kit.ID) (*Member, error) {
	m, err := s.Get(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case m == nil:
		return nil, kit.Refuse(kit.NotFound, "notFound", nil)
	}
	return m, s.mayChange(ctx, m)
}
