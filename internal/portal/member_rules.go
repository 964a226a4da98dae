package portal

import "context"

func (s *MemberService) arrearsTerms(Date) arrearsTerms { return arrearsTerms{180, 90} }

func (s *MemberService) leavesAfter(notice Date) Date { return notice.AddMonths(6) }

func (s *MemberService) debts(context.Context, ID) ([]debt, error) { return nil, nil }

// ArrearsOf are the arrears of a member today.
func (s *MemberService) ArrearsOf(ctx context.Context, m *Member) (*Arrears, error) { return nil, nil }
