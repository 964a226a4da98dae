package membership

import "memberportal/internal/kit"

// Tellings returns the rows of this room in the table of messages.
func Tellings() []kit.Telling {
	return []kit.Telling{
		{On: "notifyWithdrawal", Key: "mail.withdrawalNotified", Kind: kit.AboutMembership, To: "the other focal points of the member"},
		{On: "excludeMember", Key: "mail.memberExcluded", Kind: kit.AboutMembership, To: "the focal points of the member"},
	}
}
