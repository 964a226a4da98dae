package portal

import (
	"context"

	"memberportal/internal/kit"
)

// Tick lists what has fallen due and, unless dry, records it, each in a transaction of its own: two runs,
// in whatever processes, record a thing once. It reminds; it decides nothing, but for a country that allows
// direct application, where an application is deemed approved when the second term ends. That an exemption
// is over is noted in the lifecycle; suspensions and exclusions for arrears are listed for a person to
// decide. SECRETARIAT or OPERATOR.
func (p *Portal) Tick(ctx context.Context, dry bool) ([]kit.Due, error) {
	if err := kit.Require(ctx, kit.RoleSecretariat, kit.RoleOperator); err != nil {
		return nil, err
	}
	all, err := p.Applications.Tick(ctx, dry)
	for _, tick := range []func(context.Context, bool) ([]kit.Due, error){p.FeeExemptions.Tick, p.Members.Tick, p.Feedback.Tick} {
		if err != nil {
			break
		}
		var more []kit.Due
		more, err = tick(ctx, dry)
		all = append(all, more...)
	}
	return all, err
}
