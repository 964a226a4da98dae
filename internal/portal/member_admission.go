package portal

import (
	"context"
	"errors"
	"slices"

	"memberportal/internal/store"
)

// AdmitMemberInput admits an organisation. Country is left out for a regional or international
// organisation, which then says region REGINTORG.
type AdmitMemberInput struct {
	IdempotencyKey *string
	Name           string
	Category       MembershipCategory
	Country        *ID
	Region         *Region
	Sectors        []Sector
	StudyGroup     *StudyGroup
	FeeClass       *string
	EffectiveOn    Date
	Reason         *string
	Evidence       []string
}

// AdmitMemberPayload is the new member, or what is wrong.
type AdmitMemberPayload struct {
	Member     *Member
	UserErrors []UserError
}

// ActivateMemberInput activates a member that is pending.
type ActivateMemberInput struct {
	ID              ID
	ExpectedVersion int
	EffectiveOn     Date
	Reason          *string
	Evidence        []string
}

// ActivateMemberPayload is the member as it is now, or what is wrong.
type ActivateMemberPayload struct {
	Member     *Member
	UserErrors []UserError
}

// Admit records a new member as PENDING_ACTIVATION. SECRETARIAT only. An organisation of the same
// name in the same country is a DUPLICATE, a former member too: it is reinstated, not admitted.
func (s *MemberService) Admit(ctx context.Context, in AdmitMemberInput) (*AdmitMemberPayload, error) {
	if err := Require(ctx, RoleSecretariat); err != nil {
		return nil, err
	}
	id, err := s.core.create(ctx, "admitMember", in.IdempotencyKey, in, func(ctx context.Context, note func(change)) (ID, error) {
		m, err := s.enter(ctx, note, in, nil)
		if err != nil {
			return "", err
		}
		return m.ID, nil
	})
	if err != nil {
		faults, err := refused(err)
		return &AdmitMemberPayload{UserErrors: faults}, err
	}
	m, err := s.Get(ctx, id)
	return &AdmitMemberPayload{Member: m}, err
}

// enter makes a member of an organisation in the caller's transaction, whoever asks: faults of the input
// come back as an error that refused takes apart, a namesake among them. What came before the admission
// is recorded ahead of it.
func (s *MemberService) enter(ctx context.Context, note func(change), in AdmitMemberInput, prior []LifecycleEvent, contacts ...Contact) (*Member, error) {
	f := newFaults(ctx)
	in.check(f, s)
	if err := s.unique(ctx, f, "input.name", in.Name, ID(deref(in.Country)), ""); err != nil {
		return nil, err
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	m := s.newMember(ctx, in, prior...)
	m.AllContacts = append(m.AllContacts, contacts...)
	if err := s.admitted(ctx, m, note); err != nil {
		return nil, err
	}
	if err := s.members.Insert(ctx, m); err != nil {
		return nil, err
	}
	note(change{noun: MemberNoun.Kind.Name, target: m.ID, version: m.Version, kind: Created, fields: []string{"name", "events"}, reason: in.Reason})
	return m, nil
}

// unique asks for a namesake before the write, so that every server answers alike. A member is no
// namesake of its own.
func (s *MemberService) unique(ctx context.Context, f *faults, path, name string, country, own ID) error {
	taken, err := s.members.Lookup(ctx, "identity", identity(name, string(country)))
	if errors.Is(err, store.ErrNotFound) || err == nil && ID(taken) == own {
		return nil
	}
	if err == nil {
		f.add(CodeDuplicate, path, "duplicate.member", nil).RelatedID = new(ID(taken))
	}
	return err
}

func (s *MemberService) newMember(ctx context.Context, in AdmitMemberInput, prior ...LifecycleEvent) *Member {
	m := &Member{ID: s.core.newID(memberPrefix), Name: in.Name, Dataset: datasetOf(ctx), SocialLinks: []SocialLink{}, SectorsOfInterest: []Sector{}, AllContacts: []Contact{}}
	region := RegionREGINTORG
	if in.Country != nil {
		region = s.countries.Get(*in.Country).Region(&in.EffectiveOn)
	}
	for _, e := range prior {
		m.record(s, ctx, e)
	}
	m.record(s, ctx, LifecycleEvent{
		Kind: Admitted, EffectiveOn: in.EffectiveOn, Reason: in.Reason, Evidence: in.Evidence,
		Category: &in.Category, Sectors: in.terms().held(), StudyGroup: in.StudyGroup, FeeClass: in.FeeClass, Country: in.Country, Region: &region,
	})
	return m
}

// record adds an event with its id and time, by the caller if it names nobody.
func (m *Member) record(s *MemberService, ctx context.Context, e LifecycleEvent) {
	e.ID, e.RecordedAt = s.core.newID("evn"), DateTimeOf(s.core.clock.Now())
	if e.Actor == "" {
		e.Actor = ActorOf(ctx).Subject
	}
	m.Events = append(m.Events, e)
}

// check finds all faults of the input.
func (in *AdmitMemberInput) check(f *faults, s *MemberService) {
	f.idempotencyKey(in.IdempotencyKey)
	f.line("input.name", &in.Name, 300, true)
	f.evidence(in.Reason, in.Evidence)
	f.day("input.effectiveOn", in.EffectiveOn, "", s.core.clock.Today())
	s.place(f, in.Country, in.Region, in.EffectiveOn)
	in.terms().check(f)
}

func (in AdmitMemberInput) terms() membershipTerms {
	return membershipTerms{in.Category, in.Sectors, in.StudyGroup, in.FeeClass}
}

// Activate records that a member's rights begin. SECRETARIAT only; the member must be PENDING_ACTIVATION,
// else NOT_ALLOWED_IN_STATE, and have paid what was invoiced, or be exempt, else NOT_ELIGIBLE. So is one that
// applied and was never invoiced.
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
		complete: func(f *faults, is membership, _ *LifecycleEvent) {
			if applied && !invoiced && is.ExemptUntil == "" {
				f.add(CodeNotEligible, "input.id", "notEligible.notInvoiced", nil)
			}
		},
	})
	return &ActivateMemberPayload{m, faults}, err
}

// applied says whether the member comes from an application, and not from a membership that was agreed
// elsewhere.
func (m *Member) applied() bool {
	return slices.ContainsFunc(m.Events, func(e LifecycleEvent) bool { return e.Kind == Approved })
}
