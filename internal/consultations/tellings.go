package consultations

import "memberportal/internal/kit"

// Tellings returns the rows of this room in the table of messages.
func Tellings() []kit.Telling {
	return []kit.Telling{
		{On: "clock", Due: kit.DueFewAnonymised, Key: "mail.fewAnonymised", Kind: kit.AboutReply, To: "the focal points of whoever replied, or the delegate"},
	}
}
