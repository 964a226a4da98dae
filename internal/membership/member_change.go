package membership

import (
	"context"
	"slices"
	"strings"

	"memberportal/internal/country"
	"memberportal/internal/kit"
)

// ChangeMembershipCategoryInput changes the category of a member. An Associate must name a StudyGroup. If Sectors
// are left out, they are D, and all three for Academia.
type ChangeMembershipCategoryInput struct {
	ID              kit.ID
	ExpectedVersion int
	EffectiveOn     kit.Date
	Category        MembershipCategory
	Sectors         []Sector
	StudyGroup      *StudyGroup
	FeeClass        *string
	Reason          string
	Evidence        []string
}

// ChangeMembershipCategoryPayload has the record after the change: Member is nil if UserErrors is not empty.
type ChangeMembershipCategoryPayload struct {
	Member     *Member
	UserErrors []kit.UserError
}

// ChangeCategory changes the category of an ACTIVE member, which stays a member without interruption. SECRETARIAT
// only.
func (s *MemberService) ChangeCategory(ctx context.Context, in ChangeMembershipCategoryInput) (*ChangeMembershipCategoryPayload, error) {
	terms := MembershipTerms{in.Category, in.Sectors, in.StudyGroup, in.FeeClass}
	var table *FeeTable
	m, faults, err := s.occur(ctx, occurrence{
		operation: "changeMembershipCategory", id: in.ID, expected: in.ExpectedVersion,
		event: LifecycleEvent{
			Kind: CategoryChanged, EffectiveOn: in.EffectiveOn, Reason: &in.Reason, Evidence: in.Evidence,
			Category: &in.Category, Sectors: terms.Held(), StudyGroup: in.StudyGroup, FeeClass: in.FeeClass,
		},
		prepare: func(ctx context.Context, _ *Member) (err error) {
			table, err = s.classTable(ctx, in.FeeClass)
			return err
		},
		complete: func(f *kit.Faults, is Membership, e *LifecycleEvent) {
			terms.Check(f)
			after := is
			e.apply(&after)
			s.FeeClass(f, table, after, in.FeeClass, in.EffectiveOn)
		},
	})
	return &ChangeMembershipCategoryPayload{m, faults}, err
}

// MembershipTerms says as what an organisation joins, or what it changes to.
type MembershipTerms struct {
	Category   MembershipCategory
	Sectors    []Sector
	StudyGroup *StudyGroup
	feeClass   *string
}

// Held returns the Sectors of the membership in the order of Sectors. Academia has all three for one fee. Others
// have D if they name none.
func (t MembershipTerms) Held() []Sector {
	if t.Category == Academia {
		return Sectors
	}
	return slices.DeleteFunc(slices.Clone(Sectors), func(s Sector) bool { return s != SectorD && !slices.Contains(t.Sectors, s) })
}

// Check adds faults if the terms contradict each other.
func (t MembershipTerms) Check(f *kit.Faults) {
	f.Line("input.feeClass", t.feeClass, 50, true)
	if t.Category == Associate && t.StudyGroup == nil {
		f.Add(kit.CodeRequired, "input.studyGroup", "required.studyGroup", nil)
	}
	if t.Category != Associate && t.StudyGroup != nil {
		f.Add(kit.CodeInvalid, "input.studyGroup", "invalid.studyGroup", nil)
	}
	if t.Sectors != nil && !slices.Contains(t.Sectors, SectorD) {
		f.Add(kit.CodeInvalid, "input.sectors", "invalid.sectors", nil)
	}
	if t.Category == Academia && t.Sectors != nil && slices.ContainsFunc(Sectors, func(s Sector) bool { return !slices.Contains(t.Sectors, s) }) {
		f.Add(kit.CodeInvalid, "input.sectors", "invalid.academiaSectors", nil)
	}
}

// classTable returns the table against which a fee class is checked, nil if there is no class.
func (s *MemberService) classTable(ctx context.Context, class *string) (*FeeTable, error) {
	if kit.Deref(class) == "" {
		return nil, nil
	}
	return s.tariffs.Table(ctx)
}

// FeeClass checks a fee class against the tariffs of a table that are open to the membership on a day. On a day without
// tariffs it accepts every class. The table may be nil if there is no class.
func (s *MemberService) FeeClass(f *kit.Faults, table *FeeTable, is Membership, class *string, on kit.Date) {
	if class == nil || *class == "" {
		return
	}
	is.FeeClass = *class
	terms := s.FeeTerms(is, on)
	// Nobody can choose an exemption: the Council grants it.
	open := slices.DeleteFunc(table.open(terms), func(t *Tariff) bool { return t.Kind == TariffExemption })
	if _, err := terms.chosen(open); len(open) > 0 && err != nil {
		codes := slices.Compact(slices.Sorted(slices.Values(kit.Map(open, func(t *Tariff) string { return t.Code }))))
		f.Add(kit.CodeInvalid, "input.feeClass", "invalid.feeClass", map[string]string{"classes": strings.Join(codes, ", ")})
	}
}

// ChangeFeeClassInput changes the fee class of a member.
type ChangeFeeClassInput struct {
	ID              kit.ID
	ExpectedVersion int
	EffectiveOn     kit.Date
	FeeClass        string
	Reason          string
	Evidence        []string
}

// ChangeFeeClassPayload has the record after the change: Member is nil if UserErrors is not empty.
type ChangeFeeClassPayload struct {
	Member     *Member
	UserErrors []kit.UserError
}

// ChangeFeeClass changes the fee class of a member that has not left. SECRETARIAT only.
func (s *MemberService) ChangeFeeClass(ctx context.Context, in ChangeFeeClassInput) (*ChangeFeeClassPayload, error) {
	var table *FeeTable
	m, faults, err := s.occur(ctx, occurrence{
		operation: "changeFeeClass", id: in.ID, expected: in.ExpectedVersion,
		event: LifecycleEvent{Kind: FeeClassChanged, EffectiveOn: in.EffectiveOn, FeeClass: &in.FeeClass, Reason: &in.Reason, Evidence: in.Evidence},
		prepare: func(ctx context.Context, _ *Member) (err error) {
			table, err = s.classTable(ctx, &in.FeeClass)
			return err
		},
		complete: func(f *kit.Faults, is Membership, _ *LifecycleEvent) {
			f.Line("input.feeClass", &in.FeeClass, 50, true)
			s.FeeClass(f, table, is, &in.FeeClass, in.EffectiveOn)
		},
	})
	return &ChangeFeeClassPayload{m, faults}, err
}

// ChangeSectorsInput sets the Sectors of a membership.
type ChangeSectorsInput struct {
	ID              kit.ID
	ExpectedVersion int
	EffectiveOn     kit.Date
	Sectors         []Sector
	Reason          string
	Evidence        []string
}

// ChangeSectorsPayload has the record after the change: Member is nil if UserErrors is not empty.
type ChangeSectorsPayload struct {
	Member     *Member
	UserErrors []kit.UserError
}

// ChangeSectors sets the Sectors of a member that has not left. D is always one of them, and Academia has all.
// SECRETARIAT only.
func (s *MemberService) ChangeSectors(ctx context.Context, in ChangeSectorsInput) (*ChangeSectorsPayload, error) {
	m, faults, err := s.occur(ctx, occurrence{
		operation: "changeSectors", id: in.ID, expected: in.ExpectedVersion,
		event: LifecycleEvent{Kind: SectorsChanged, EffectiveOn: in.EffectiveOn, Reason: &in.Reason, Evidence: in.Evidence},
		complete: func(f *kit.Faults, is Membership, e *LifecycleEvent) {
			terms := MembershipTerms{Category: is.Category, Sectors: in.Sectors, StudyGroup: kit.Optional(is.StudyGroup)}
			terms.Check(f)
			e.Sectors = terms.Held()
		},
	})
	return &ChangeSectorsPayload{m, faults}, err
}

// ChangeStudyGroupInput moves an Associate to the other study group.
type ChangeStudyGroupInput struct {
	ID              kit.ID
	ExpectedVersion int
	EffectiveOn     kit.Date
	StudyGroup      StudyGroup
	Reason          string
	Evidence        []string
}

// ChangeStudyGroupPayload has the record after the change: Member is nil if UserErrors is not empty.
type ChangeStudyGroupPayload struct {
	Member     *Member
	UserErrors []kit.UserError
}

// ChangeStudyGroup moves an Associate that has not left to the other study group. For any other category the study
// group is INVALID. SECRETARIAT only.
func (s *MemberService) ChangeStudyGroup(ctx context.Context, in ChangeStudyGroupInput) (*ChangeStudyGroupPayload, error) {
	m, faults, err := s.occur(ctx, occurrence{
		operation: "changeStudyGroup", id: in.ID, expected: in.ExpectedVersion,
		event: LifecycleEvent{Kind: StudyGroupChanged, EffectiveOn: in.EffectiveOn, StudyGroup: &in.StudyGroup, Reason: &in.Reason, Evidence: in.Evidence},
	})
	return &ChangeStudyGroupPayload{m, faults}, err
}

// ReassignMemberInput moves a member to another country or region. The region is that of the country on that day,
// or REGINTORG for an organisation without a country.
type ReassignMemberInput struct {
	ID              kit.ID
	ExpectedVersion int
	EffectiveOn     kit.Date
	Country         *kit.ID
	Region          *country.Region
	Reason          string
	Evidence        []string
}

// ReassignMemberPayload has the record after the change: Member is nil if UserErrors is not empty.
type ReassignMemberPayload struct {
	Member     *Member
	UserErrors []kit.UserError
}

// Reassign moves a member that has not left to another country or region. It stays a member without interruption. A
// member of the same name in the new country is a DUPLICATE. SECRETARIAT only.
func (s *MemberService) Reassign(ctx context.Context, in ReassignMemberInput) (*ReassignMemberPayload, error) {
	event := LifecycleEvent{Kind: RegionReassigned, EffectiveOn: in.EffectiveOn, Reason: &in.Reason, Evidence: in.Evidence, Country: in.Country, Region: in.Region}
	if in.Country != nil {
		event.Kind = CountryReassigned
	}
	namesake := kit.NewFaults(ctx)
	m, faults, err := s.occur(ctx, occurrence{
		operation: "reassignMember", id: in.ID, expected: in.ExpectedVersion, event: event,
		prepare: func(ctx context.Context, m *Member) error {
			namesake.List = nil
			if in.Country == nil && kit.Deref(in.Region) != string(country.RegionREGINTORG) {
				return nil
			}
			return s.unique(ctx, namesake, "input.country", m.Name, kit.ID(kit.Deref(in.Country)), m.ID)
		},
		complete: func(f *kit.Faults, is Membership, e *LifecycleEvent) {
			f.List = append(f.List, namesake.List...)
			place := in.Country
			if place == nil && is.Country != "" && kit.Deref(in.Region) != string(country.RegionREGINTORG) {
				place = &is.Country
			}
			e.Region = s.place(f, place, in.Region, in.EffectiveOn)
		},
	})
	return &ReassignMemberPayload{m, faults}, err
}

// place checks that country and region fit together, and returns the region: that of the country on the day, or
// REGINTORG for an organisation without a country.
func (s *MemberService) place(f *kit.Faults, in *kit.ID, region *country.Region, on kit.Date) *country.Region {
	if in == nil {
		if region == nil || *region != country.RegionREGINTORG {
			f.Add(kit.CodeRequired, "input.country", "required.country", nil)
		}
		return new(country.RegionREGINTORG)
	}
	c := s.countries.Get(*in)
	if c == nil {
		f.Add(kit.CodeUnknownReference, "input.country", "unknownReference.country", nil)
		return new(country.RegionREGINTORG)
	}
	own := c.Region(&on)
	if region != nil && *region != own {
		f.Add(kit.CodeInvalid, "input.region", "invalid.region", map[string]string{"region": string(own)})
	}
	return &own
}

// FeeTerms returns the fee terms of a membership on a day.
func (s *MemberService) FeeTerms(m Membership, on kit.Date) FeeTerms {
	t := FeeTerms{Category: m.Category, Country: s.countries.Get(m.Country), Class: m.FeeClass, On: on}
	for _, held := range m.Sectors {
		t.Sectors = append(t.Sectors, held.Sector)
	}
	return t
}
