package membership

import (
	"context"

	"memberportal/internal/kit"
)

// Teller tells persons of what happens to members, in the caller's transaction. It stands above this package.
type Teller interface {
	// TellMembers tells the focal points of members, but not whoever acts. To the values of a letter it adds «entity», the
	// name of the member. It returns the members of which it reached somebody.
	TellMembers(ctx context.Context, members []kit.ID, letter func(member kit.ID) kit.Letter) (reached []kit.ID, err error)
	// TellArea tells those of the secretariat who work in an area, but not whoever acts.
	TellArea(ctx context.Context, area kit.StaffArea, letter kit.Letter) error
}

// tellMember tells the focal points of a member something.
func (s *MemberService) tellMember(ctx context.Context, member kit.ID, letter kit.Letter) error {
	if s.teller == nil {
		return nil
	}
	_, err := s.teller.TellMembers(ctx, []kit.ID{member}, func(kit.ID) kit.Letter { return letter })
	return err
}

// tellArea tells the secretariat something about a member, whose name the letter gets.
func (s *MemberService) tellArea(ctx context.Context, area kit.StaffArea, m *Member, letter kit.Letter) error {
	if s.teller == nil {
		return nil
	}
	letter.Params["entity"] = m.Name
	return s.teller.TellArea(ctx, area, letter)
}

// tellHappened tells the focal points of a member what a mutation of the lifecycle did, and from which day on.
func (s *MemberService) tellHappened(ctx context.Context, m *Member, operation string, on kit.Date) error {
	key := ""
	switch operation {
	case "activateMember":
		key = "mail.memberActivated"
	case "notifyWithdrawal":
		key = "mail.withdrawalNotified"
	case "withdrawMember":
		key = "mail.memberWithdrawn"
	case "suspendMember":
		key = "mail.memberSuspended"
	case "excludeMember":
		key = "mail.memberExcluded"
	case "reinstateMember":
		key = "mail.memberReinstated"
	case "mergeMember":
		key = "mail.memberMerged"
	case "recordRepaymentPlan":
		key = "mail.repaymentAgreed"
	case "endRepaymentPlan":
		key = "mail.repaymentEnded"
	default:
		key = "mail.memberChanged"
	}
	return s.tellMember(ctx, m.ID, kit.Letter{Key: key, Params: map[string]any{"date": on}, About: m.ID})
}

// tellCorrected tells the focal points of a member that its history was corrected.
func (s *MemberService) tellCorrected(ctx context.Context, m *Member) error {
	return s.tellMember(ctx, m.ID, kit.Letter{Key: "mail.memberCorrected", Params: map[string]any{}, About: m.ID})
}
