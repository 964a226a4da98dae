package benefits

import (
	"context"
	"slices"
	"strings"

	"memberportal/internal/kit"
	"memberportal/internal/membership"
)

// CompareMembershipsInput compares one membership with others. That one is the membership of a member, or is
// described like the input of a fee quote.
type CompareMembershipsInput struct {
	Member   *kit.ID
	Category *membership.MembershipCategory
	Country  *kit.ID
	Sectors  []membership.Sector
	Sme      *bool
	FeeClass *string
	With     []ComparedMembershipInput
}

// ComparedMembershipInput is a membership that the same organisation might have. If Sectors are left out, it keeps
// its Sectors; Academia has all.
type ComparedMembershipInput struct {
	Category membership.MembershipCategory
	Sectors  []membership.Sector
	Sme      *bool
	FeeClass *string
}

// ComparedMembership says what another membership would cost the same organisation, and what it would give.
type ComparedMembership struct {
	Category membership.MembershipCategory
	Sectors  []membership.Sector
	// Tariffs are the parts of the fee.
	Tariffs []*membership.Tariff
	// Annual is the fee for a year, Difference how much more that is. Each is nil if no source gives the amount.
	Annual     *kit.Money
	Difference *kit.Money
	Confirmed  bool
	// BenefitsAdded and BenefitsLost are in the order of their codes.
	BenefitsAdded []*Benefit
	BenefitsLost  []*Benefit
}

// MembershipComparison is a membership, and what others would change. No amount is known if no tariff has the
// member's fee class.
type MembershipComparison struct {
	Category      membership.MembershipCategory
	CountryStatus membership.CountryStatus
	Sectors       []membership.Sector
	Tariffs       []*membership.Tariff
	Annual        *kit.Money
	Confirmed     bool
	Benefits      []*Benefit
	Alternatives  []*ComparedMembership
}

// ComparisonService compares memberships by what they cost and give.
type ComparisonService struct {
	core     *kit.Core
	tariffs  *membership.TariffService
	members  *membership.MemberService
	benefits *BenefitService
}

// Compare says what other memberships would cost and give today. Everybody may compare memberships that are
// described. To compare the membership of a member, the caller must be allowed to see its fees: it acts for the
// member, or is its administration or SECRETARIAT. Others get FORBIDDEN, whether the member exists or not;
// SECRETARIAT gets nil if it does not exist.
func (s *ComparisonService) Compare(ctx context.Context, in CompareMembershipsInput) (*MembershipComparison, error) {
	t, err := s.compared(ctx, in)
	if err != nil || t == nil {
		return nil, err
	}
	table, err := s.tariffs.Table(ctx)
	if err != nil {
		return nil, err
	}
	f, err := table.Fee(*t)
	if err != nil && in.Member == nil {
		return nil, err // a member may have a class that no tariff has
	}
	benefits, err := s.benefits.all(ctx, false)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(benefits, func(a, b *Benefit) int { return strings.Compare(a.Code, b.Code) })
	c := &MembershipComparison{
		Category: t.Category, CountryStatus: table.StatusOf(t.Country, t.On), Sectors: t.Sectors, Tariffs: f.Tariffs, Annual: f.Annual(), Confirmed: f.Confirmed,
		Benefits: given(benefits, *t), Alternatives: []*ComparedMembership{},
	}
	for _, with := range in.With {
		other, err := s.alternative(with, *t)
		if err != nil {
			return nil, err
		}
		of, err := table.Fee(other)
		if err != nil {
			return nil, err
		}
		c.Alternatives = append(c.Alternatives, c.against(other, of, f, benefits))
	}
	return c, nil
}

// compared returns the terms with which others are compared, nil if there is no such member.
func (s *ComparisonService) compared(ctx context.Context, in CompareMembershipsInput) (*membership.FeeTerms, error) {
	described := in.Category != nil || in.Country != nil || in.Sectors != nil || in.Sme != nil || in.FeeClass != nil
	if (in.Member != nil) == described || described && in.Category == nil {
		return nil, kit.Refuse(kit.BadUserInput, "compareTarget", nil)
	}
	today := s.core.Clock.Today()
	if described {
		t, err := s.tariffs.Described(*in.Category, in.Country, in.Sectors, in.Sme, in.FeeClass, today)
		return &t, err
	}
	m, err := s.members.Insider(ctx, *in.Member)
	if err != nil || m == nil {
		return nil, err
	}
	t := s.members.FeeTerms(m.Membership(), today)
	return &t, nil
}

// alternative returns the terms of another membership of the same organisation.
func (s *ComparisonService) alternative(with ComparedMembershipInput, t membership.FeeTerms) (membership.FeeTerms, error) {
	sectors := with.Sectors
	if sectors == nil && with.Category != membership.Academia {
		sectors = t.Sectors
	}
	other, err := s.tariffs.Described(with.Category, nil, sectors, with.Sme, with.FeeClass, t.On)
	other.Country = t.Country
	return other, err
}

// given returns the benefits of an active membership with these terms.
func given(benefits []*Benefit, t membership.FeeTerms) []*Benefit {
	m := membership.Membership{Status: membership.Active, Category: t.Category}
	for _, s := range t.Sectors {
		m.Sectors = append(m.Sectors, membership.MembershipSector{Sector: s})
	}
	return slices.DeleteFunc(slices.Clone(benefits), func(b *Benefit) bool { return !b.gives(m) })
}

// against sets a membership with other terms, which costs of, against the one of the comparison, which costs f.
func (c *MembershipComparison) against(t membership.FeeTerms, of, f membership.Fee, benefits []*Benefit) *ComparedMembership {
	gives := given(benefits, t)
	without := func(list, other []*Benefit) []*Benefit {
		return slices.DeleteFunc(slices.Clone(list), func(b *Benefit) bool { return slices.Contains(other, b) })
	}
	return &ComparedMembership{
		Category: t.Category, Sectors: t.Sectors, Tariffs: of.Tariffs, Annual: of.Annual(), Difference: of.Over(f), Confirmed: of.Confirmed,
		BenefitsAdded: without(gives, c.Benefits), BenefitsLost: without(c.Benefits, gives),
	}
}
