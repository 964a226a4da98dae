package membership

import (
	"context"
	"errors"
	"slices"

	"memberportal/internal/country"
	"memberportal/internal/kit"
	"memberportal/internal/store"
)

// AdmitMemberInput admits an organisation. A regional or international organisation has no Country; its region is
// REGINTORG.
type AdmitMemberInput struct {
	IdempotencyKey *string
	Name           string
	Category       MembershipCategory
	Country        *kit.ID
	Region         *country.Region
	Sectors        []Sector
	StudyGroup     *StudyGroup
	FeeClass       *string
	EffectiveOn    kit.Date
	Reason         *string
	Evidence       []string
}

// AdmitMemberPayload has the result: Member is nil if UserErrors is not empty.
type AdmitMemberPayload struct {
	Member     *Member
	UserErrors []kit.UserError
}

// ActivateMemberInput activates a pending member.
type ActivateMemberInput struct {
	ID              kit.ID
	ExpectedVersion int
	EffectiveOn     kit.Date
	Reason          *string
	Evidence        []string
}

// ActivateMemberPayload has the record after the change: Member is nil if UserErrors is not empty.
type ActivateMemberPayload struct {
	Member     *Member
	UserErrors []kit.UserError
}

// Admit records a new member as PENDING_ACTIVATION. SECRETARIAT only. An organisation with the same name in the
// same country is a DUPLICATE, also if it is a former member: that one must be reinstated.
func (s *MemberService) Admit(ctx context.Context, in AdmitMemberInput) (*AdmitMemberPayload, error) {
	if err := kit.Require(ctx, kit.MembershipSecretariat); err != nil {
		return nil, err
	}
	id, err := s.core.Create(ctx, "admitMember", in.IdempotencyKey, in, func(ctx context.Context, note func(kit.Change)) (kit.ID, error) {
		m, err := s.Enter(ctx, note, in, nil)
		if err != nil {
			return "", err
		}
		return m.ID, nil
	})
	if err != nil {
		faults, err := kit.UserErrorsOf(err)
		return &AdmitMemberPayload{UserErrors: faults}, err
	}
	m, err := s.Get(ctx, id)
	return &AdmitMemberPayload{Member: m}, err
}

// Enter admits an organisation in the caller's transaction, without checking the caller's rights. Faults of the
// input are returned as an error for kit.UserErrorsOf, also a member of the same name. Events in prior are recorded
// before the admission.
func (s *MemberService) Enter(ctx context.Context, note func(kit.Change), in AdmitMemberInput, prior []LifecycleEvent, contacts ...Contact) (*Member, error) {
	f := kit.NewFaults(ctx)
	in.check(f, s)
	if err := s.unique(ctx, f, "input.name", in.Name, kit.ID(kit.Deref(in.Country)), ""); err != nil {
		return nil, err
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	m := s.newMember(ctx, in, prior...)
	m.StoredContacts = append(m.StoredContacts, contacts...)
	if err := s.admitted(ctx, m, note); err != nil {
		return nil, err
	}
	if err := s.members.Insert(ctx, m); err != nil {
		return nil, err
	}
	note(kit.Change{Noun: MemberNoun.Kind.Name, Target: m.ID, Version: m.Version, Kind: kit.Created, Fields: []string{"name", "events"}, Reason: in.Reason})
	return m, nil
}

// unique looks for a member of the same name before the write, so that every engine gives the same answer. It does
// not compare a member with itself.
func (s *MemberService) unique(ctx context.Context, f *kit.Faults, path, name string, country, own kit.ID) error {
	taken, err := s.members.Lookup(ctx, "identity", Identity(name, string(country)))
	if errors.Is(err, store.ErrNotFound) || err == nil && kit.ID(taken) == own {
		return nil
	}
	if err == nil {
		f.Add(kit.CodeDuplicate, path, "duplicate.member", nil).RelatedID = new(kit.ID(taken))
	}
	return err
}

func (s *MemberService) newMember(ctx context.Context, in AdmitMemberInput, prior ...LifecycleEvent) *Member {
	m := &Member{ID: s.core.NewID(MemberPrefix), Name: in.Name, Dataset: kit.DatasetOf(ctx), SocialLinks: []SocialLink{}, SectorsOfInterest: []Sector{}, StoredContacts: []Contact{}}
	region := country.RegionREGINTORG
	if in.Country != nil {
		region = s.countries.Get(*in.Country).Region(&in.EffectiveOn)
	}
	for _, e := range prior {
		m.record(s, ctx, e)
	}
	m.record(s, ctx, LifecycleEvent{
		Kind: Admitted, EffectiveOn: in.EffectiveOn, Reason: in.Reason, Evidence: in.Evidence,
		Category: &in.Category, Sectors: in.terms().Held(), StudyGroup: in.StudyGroup, FeeClass: in.FeeClass, Country: in.Country, Region: &region,
	})
	return m
}

// record adds an event with an id and a time. The actor is the caller if the event names none.
func (m *Member) record(s *MemberService, ctx context.Context, e LifecycleEvent) {
	e.ID, e.RecordedAt = s.core.NewID("evn"), kit.DateTimeOf(s.core.Clock.Now())
	if e.Actor == "" {
		e.Actor = kit.ActorOf(ctx).Subject
	}
	m.Events = append(m.Events, e)
}

// check adds all faults of the input to f.
func (in *AdmitMemberInput) check(f *kit.Faults, s *MemberService) {
	f.IdempotencyKey(in.IdempotencyKey)
	f.Line("input.name", &in.Name, 300, true)
	f.Evidence(in.Reason, in.Evidence)
	f.Day("input.effectiveOn", in.EffectiveOn, "", s.core.Clock.Today())
	s.place(f, in.Country, in.Region, in.EffectiveOn)
	in.terms().Check(f)
}

func (in AdmitMemberInput) terms() MembershipTerms {
	return MembershipTerms{in.Category, in.Sectors, in.StudyGroup, in.FeeClass}
}

// Activate records that a member's rights begin. SECRETARIAT only. The member must be PENDING_ACTIVATION, else the
// error is NOT_ALLOWED_IN_STATE. It must have paid what was invoiced or be exempt, else NOT_ELIGIBLE. A member that
// applied and was never invoiced is NOT_ELIGIBLE too.
func (s *MemberService) Activate(ctx context.Context, in ActivateMemberInput) (*ActivateMemberPayload, error) {
	applied, invoiced := false, false
	m, faults, err := s.occur(ctx, occurrence{
		operation: "activateMember", id: in.ID, expected: in.ExpectedVersion,
		event: LifecycleEvent{Kind: Activated, EffectiveOn: in.EffectiveOn, Reason: in.Reason, Evidence: in.Evidence},
		prepare: func(ctx context.Context, m *Member) (err error) {
			if applied = m.applied(); applied {
				invoiced, err = s.invoices.invoiced(ctx, m.ID)
			}
			return err
		},
		complete: func(f *kit.Faults, is Membership, _ *LifecycleEvent) {
			if applied && !invoiced && is.ExemptUntil == "" {
				f.Add(kit.CodeNotEligible, "input.id", "notEligible.notInvoiced", nil)
			}
		},
	})
	return &ActivateMemberPayload{m, faults}, err
}

// applied says whether the member comes from an application. Other memberships were agreed outside the portal.
func (m *Member) applied() bool {
	return slices.ContainsFunc(m.Events, func(e LifecycleEvent) bool { return e.Kind == Approved })
}
