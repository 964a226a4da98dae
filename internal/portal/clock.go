package portal

import (
	"context"

	"memberportal/internal/kit"
)

// Tick lists what is due. Unless dry is set, it also records each item in a transaction of its own, so that two
// runs, also in different processes, record an item only once. It sends reminders and records in the lifecycle
// that an exemption is over. Suspensions and exclusions for arrears are only listed, for a person to decide. The
// one decision that it makes: in a country that allows direct application, it approves an application when the
// second term ends without an answer. SECRETARIAT or OPERATOR.
func (p *Portal) Tick(ctx context.Context, dry bool) ([]kit.Due, error) {
	if err := kit.Require(ctx, kit.WholeSecretariat, kit.RoleOperator); err != nil {
		return nil, err
	}
	all, err := p.Applications.Tick(ctx, dry)
	for _, tick := range []func(context.Context, bool) ([]kit.Due, error){p.FeeExemptions.Tick, p.Members.Tick, p.Feedback.Tick, p.Invoices.Tick, p.Participations.Tick} {
		if err != nil {
			break
		}
		var more []kit.Due
		more, err = tick(ctx, dry)
		all = append(all, more...)
	}
	return all, err
}
