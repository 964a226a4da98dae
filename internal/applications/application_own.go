package applications

import (
	"context"
	"errors"
	"slices"

	"memberportal/internal/input"
	"memberportal/internal/kit"
	"memberportal/internal/people"
	"memberportal/internal/store"
)

// maxOwn is how many applications of one address List reads at most, the latest ones. ListOfViewer pages through all.
const maxOwn = 200

// address returns the key of the verified address; empty for an application that has none.
func (a *Application) address() string {
	if a.Contact == nil {
		return ""
	}
	return input.AddressKey(a.Contact.Email)
}

// ofAddress says whether the verified address of an application has this key. No application has the empty one.
func (a *Application) ofAddress(key string) bool { return key != "" && a.address() == key }

// verified returns the key of the address that the caller has verified; empty if there is none. A person verified the
// address of its record if EmailConfirmedAt is set: others may record any address for a person. An applicant verified
// the address of the application of its token, which must be among those that were found.
func verified(ctx context.Context, found []*Application) string {
	actor := kit.ActorOf(ctx)
	if p, ok := actor.Self.(*people.Person); ok && p.Email != nil && p.EmailConfirmedAt != nil {
		return input.AddressKey(*p.Email)
	}
	for _, a := range found {
		if a != nil && actor.AppliesBy(a.ID) {
			return a.address()
		}
	}
	return ""
}

// verified is the function of that name for a caller of whose application nothing was read yet.
func (s *ApplicationService) verified(ctx context.Context) (string, error) {
	actor := kit.ActorOf(ctx)
	if !actor.AppliesBy(actor.Application) {
		return verified(ctx, nil), nil
	}
	own, err := s.applications.Get(ctx, string(actor.Application))
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrCorrupt) { // a damaged application verifies nothing
		return "", nil
	}
	return verified(ctx, []*Application{own}), err
}

// stored reads an application for a change. It is nil if there is none that the caller may see.
func (s *ApplicationService) stored(ctx context.Context, id kit.ID) (*Application, error) {
	a, err := s.applications.Get(ctx, string(id))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil || s.show(ctx, a, verified(ctx, nil)) {
		return a, err
	}
	address, err := s.verified(ctx)
	if err != nil || !s.show(ctx, a, address) {
		return nil, err
	}
	return a, nil
}

// ListOfViewer pages through the applications of the viewer's verified address in the order in which they were begun,
// drafts too. It is empty for a viewer without one: a person whose address nobody confirmed, and whoever is no person
// and no APPLICANT.
func (s *ApplicationService) ListOfViewer(ctx context.Context, args kit.PageArgs) (*ApplicationConnection, error) {
	address, err := s.verified(ctx)
	if err != nil {
		return nil, err
	}
	where := store.Where{"address": {}} // which matches nothing
	if address != "" {
		where["address"] = []string{address}
	}
	found, err := kit.PageOf(ctx, s.core.Sealer, s.applications, store.Query{Any: []store.Where{where}}, store.Bounds{}, false, args)
	if err != nil {
		return nil, err
	}
	s.joinOf(ctx, found.Nodes(), address)
	return found, nil
}

// listOwn pages through the applications of an APPLICANT that a filter admits. It filters the few of one address here,
// so that the listing of addresses needs no second key.
func (s *ApplicationService) listOwn(ctx context.Context, f ApplicationFilter, args kit.PageArgs) (*ApplicationConnection, error) {
	address, err := s.verified(ctx)
	if err != nil {
		return nil, err
	}
	var own []*Application
	if address == "" { // an application without a verified address is found by the token alone
		own, err = s.ByIDs(ctx, []kit.ID{kit.ActorOf(ctx).Application})
	} else {
		own, err = s.latest(ctx, address)
	}
	if err != nil {
		return nil, err
	}
	own = slices.DeleteFunc(s.joinOf(ctx, own, address), func(a *Application) bool { return a == nil || !f.admits(a) })
	return kit.PageOfMemory(s.core.Sealer, own, func(a *Application) string { return string(a.ID) }, "applications.own", false, args)
}

// latest reads the last maxOwn applications of an address.
func (s *ApplicationService) latest(ctx context.Context, address string) ([]*Application, error) {
	plan, err := s.applications.Plan(store.Query{Any: []store.Where{{"address": {address}}}})
	if err != nil {
		return nil, err
	}
	page, err := s.applications.Page(ctx, plan, store.Range{Backward: true, Limit: maxOwn})
	return page.Docs, err
}
