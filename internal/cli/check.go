package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"memberportal/internal/auth"
	"memberportal/internal/config"
	"memberportal/internal/portal"
	"memberportal/internal/store"
)

type checkFlags struct {
	config.Store
	config.Tokens
	JSON bool `name:"json" help:"Print {\"faults\":[…]}."`
}

// Run looks at everything that the portal relies on and changes nothing.
func (c checkFlags) Run(ctx context.Context, stdout results) error {
	if err := c.Store.Validate(); err != nil {
		return fmt.Errorf("%w: %w", errMisuse, err)
	}
	faults := []string{}
	if _, err := auth.LoadKeySet(c.KeyFile(c.Store)); err != nil {
		faults = append(faults, err.Error())
	}
	if _, err := portal.Countries(); err != nil {
		faults = append(faults, err.Error())
	}
	s, err := openStore(ctx, c.Store, "check", true)
	if err != nil {
		faults = append(faults, err.Error())
	} else {
		found, err := store.Check(ctx, s, portal.Kinds())
		faults = append(faults, found...)
		if err = errors.Join(err, s.Close()); err != nil {
			faults = append(faults, err.Error())
		}
	}
	if c.JSON {
		if err := json.NewEncoder(stdout).Encode(map[string]any{"faults": faults}); err != nil {
			return err
		}
	} else {
		for _, f := range faults {
			_, _ = fmt.Fprintln(stdout, f)
		}
	}
	if len(faults) > 0 {
		return fmt.Errorf("%d faults", len(faults))
	}
	if !c.JSON {
		_, _ = fmt.Fprintln(stdout, "no faults")
	}
	return nil
}
