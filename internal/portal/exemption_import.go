package portal

import "context"

// ImportedExemption is an exemption that the Council granted before its request was on record here: nobody
// answered the criteria, and the day of the decision stands for that of the request.
type ImportedExemption struct {
	Member  ID
	Session string
	On      Date
	// Until is the first day of the next plenipotentiary conference.
	Until        Date
	CountedUnder *Region
	// Source says where this is known from, Note what the source leaves open.
	Source string
	Note   *string
}

// Import records an exemption that was granted elsewhere, and its event in the member's lifecycle.
// SECRETARIAT only.
func (s *FeeExemptionService) Import(ctx context.Context, in ImportedExemption) (*FeeExemption, []UserError, error) {
	if err := Require(ctx, RoleSecretariat); err != nil {
		return nil, nil, err
	}
	decided := DecideFeeExemptionInput{Grant: true, Session: in.Session, DecidedOn: in.On, From: &in.On, Until: &in.Until, CountedUnder: in.CountedUnder, Reason: in.Note}
	var x *FeeExemption
	err := s.core.write(ctx, "importFeeExemption", func(ctx context.Context, note func(change)) error {
		m, err := s.members.changeable(ctx, in.Member)
		if err != nil {
			return err
		}
		x = &FeeExemption{
			ID: s.core.newID(exemptionPrefix), Member: m.ID, Criteria: []CriterionAnswer{}, Evidence: []string{in.Source}, RequestedOn: in.On,
			RequestedBy: ActorOf(ctx).Subject, Dataset: datasetOf(ctx),
		}
		f := newFaults(ctx)
		decided.check(f, x, in.On, s.core.clock.Today())
		x.Decision = decided.decision(in.On)
		x.Decision.RecordedAt, x.Decision.RecordedBy = DateTimeOf(s.core.clock.Now()), ActorOf(ctx).Subject
		s.members.grant(ctx, f, m, x)
		if err := f.err(); err != nil {
			return err
		}
		if err := s.exemptions.Insert(ctx, x); err != nil {
			return err
		}
		note(changed(FeeExemptionNoun, x, Created, "member", "evidence", "decision"))
		return s.members.keepLifecycle(ctx, m, note)
	})
	faults, err := refused(err)
	return x, faults, err
}
