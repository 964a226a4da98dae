package cli

import (
	"context"
	"errors"

	"memberportal/internal/kit"
)

// Run writes all that is held about a member or country. It leaves an entry in the audit log.
func (f exportEntity) Run(ctx context.Context, stdout results) error {
	p, _, done, err := open(ctx, f.Store, f.Domain, "memberportal export", false)
	if err != nil {
		return err
	}
	err = p.Holdings(kit.WithActor(ctx, operator), kit.ID(f.ID), stdout)
	return errors.Join(noSuch(err, "member or country", f.ID), done())
}
