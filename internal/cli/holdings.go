package cli

import (
	"context"
	"errors"
	"fmt"

	"memberportal/internal/portal"
)

// Run writes all that is held about a member or country. It reads only, so that it runs
// beside a server and leaves no trace.
func (f exportEntity) Run(ctx context.Context, stdout results) error {
	p, _, done, err := open(ctx, f.Store, f.Domain, "memberportal export", true)
	if err != nil {
		return err
	}
	err = p.Holdings(portal.WithActor(ctx, operator), portal.ID(f.ID), stdout)
	if r, ok := errors.AsType[*portal.Refusal](err); ok && r.Code == portal.NotFound {
		err = fmt.Errorf("there is no member or country with the id %q", f.ID)
	}
	return errors.Join(err, done())
}
