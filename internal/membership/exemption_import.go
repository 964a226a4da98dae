package membership

import (
	"context"

	"memberportal/internal/country"
	"memberportal/internal/kit"
)

// ImportedExemption is an exemption that the Council granted before its request was recorded here. It has no
// answers to the criteria, and the day of the decision is used as the day of the request.
type ImportedExemption struct {
	Member  kit.ID
	Session string
	On      kit.Date
	// Until is the first day of the next plenipotentiary conference.
	Until        kit.Date
	CountedUnder *country.Region
	// Source says where this is known from. Note says what the source leaves open.
	Source string
	Note   *string
}

// Import records an exemption that was granted elsewhere, and its event in the member's lifecycle.
// SECRETARIAT only.
func (s *FeeExemptionService) Import(ctx context.Context, in ImportedExemption) (*FeeExemption, []kit.UserError, error) {
	if err := kit.Require(ctx, kit.MembershipSecretariat); err != nil {
		return nil, nil, err
	}
	decided := DecideFeeExemptionInput{Grant: true, Session: in.Session, DecidedOn: in.On, From: &in.On, Until: &in.Until, CountedUnder: in.CountedUnder, Reason: in.Note}
	var x *FeeExemption
	err := s.core.Write(ctx, "importFeeExemption", func(ctx context.Context, note func(kit.Change)) error {
		m, err := s.members.changeable(ctx, in.Member)
		if err != nil {
			return err
		}
		x = &FeeExemption{
			ID: s.core.NewID(exemptionPrefix), Member: m.ID, Criteria: []CriterionAnswer{}, Evidence: []string{in.Source}, RequestedOn: in.On,
			RequestedBy: kit.ActorOf(ctx).Subject, Dataset: kit.DatasetOf(ctx),
		}
		f := kit.NewFaults(ctx)
		decided.check(f, x, in.On, s.core.Clock.Today())
		x.Decision = decided.decision(in.On)
		x.Decision.RecordedAt, x.Decision.RecordedBy = kit.DateTimeOf(s.core.Clock.Now()), kit.ActorOf(ctx).Subject
		s.members.grant(ctx, f, m, x)
		if err := f.Err(); err != nil {
			return err
		}
		if err := s.exemptions.Insert(ctx, x); err != nil {
			return err
		}
		note(kit.Changed(FeeExemptionNoun, x, kit.Created, "member", "evidence", "decision"))
		return s.members.keepLifecycle(ctx, m, note)
	})
	faults, err := kit.UserErrorsOf(err)
	return x, faults, err
}
