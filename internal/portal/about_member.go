package portal

import (
	"context"

	"memberportal/internal/store"
)

// Requests about a membership are for the member itself, its administration and SECRETARIAT, and are
// decided together with the member's lifecycle. What they have in common is here.

// memberOf is the member that a record is about, nil if the caller may not see it. Those of all records
// that were read together cost one call.
func memberOf[T any](ctx context.Context, s *MemberService, with *together[*T], x *T, about func(*T) ID) (*Member, error) {
	return neighbour(ctx, with, "member", x, func(ctx context.Context, all []*T) ([]*Member, error) {
		return s.ByIDs(ctx, each(all, about))
	})
}

// insideOnly leaves nil of records that were read in one call and are about members into which the caller
// may not look.
func insideOnly[T any](ctx context.Context, found []*T, join func(*T, *together[*T]), of func(context.Context, *T) (*Member, error)) error {
	with := &together[*T]{}
	for _, x := range found {
		if x != nil {
			join(x, with)
			with.items = append(with.items, x)
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

// insideWhere narrows a listing to records about a member for whoever may look into it; all are for
// SECRETARIAT. Others get FORBIDDEN.
func (s *MemberService) insideWhere(ctx context.Context, member *ID) (store.Where, error) {
	if member == nil {
		return store.Where{}, Require(ctx, RoleSecretariat)
	}
	_, err := s.insider(ctx, *member)
	return store.Where{"member": {string(*member)}}, err
}

// decide loads a record and the member that it is about, lets judge work on both, and stores the record
// with an audit entry, and the member too if judge says that its lifecycle changed, unless there is a
// fault. A record or member that the caller does not see is NOT_FOUND.
func decide[T any](
	ctx context.Context, s *MemberService, d store.Declared[T], a amendment, get func(context.Context, ID) (*T, error), about func(*T) ID,
	judge func(x *T, m *Member, f *faults) (fields []string, lifecycle bool),
) ([]UserError, error) {
	err := s.core.write(ctx, a.operation, func(ctx context.Context, note func(change)) error {
		x, err := get(ctx, a.id)
		if err != nil {
			return err
		}
		if x == nil {
			return refuse(NotFound, "notFound", nil)
		}
		m, err := s.changeable(ctx, about(x))
		if err != nil {
			return err
		}
		_, version := d.Kind.Identity(x)
		f := newFaults(ctx)
		f.version(a.expected, *version)
		fields, lifecycle := judge(x, m, f)
		if err := f.err(); err != nil {
			return err
		}
		if err := d.In(s.core.store).Replace(ctx, x); err != nil {
			return err
		}
		note(changed(d, x, Updated, fields...))
		if !lifecycle {
			return nil
		}
		return s.keepLifecycle(ctx, m, note)
	})
	return refused(err)
}

// changeable reads a member that the caller may change; NOT_FOUND or FORBIDDEN for others.
func (s *MemberService) changeable(ctx context.Context, id ID) (*Member, error) {
	m, err := s.Get(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case m == nil:
		return nil, refuse(NotFound, "notFound", nil)
	}
	return m, s.mayChange(ctx, m)
}
