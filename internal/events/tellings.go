package events

import "memberportal/internal/kit"

// Tellings returns the rows of this room in the table of messages.
func Tellings() []kit.Telling {
	return []kit.Telling{
		{On: "registerForEvent", Key: "mail.registration.made", Kind: kit.AboutRegistration, To: "whoever was registered by another person"},
		{On: "refuseRegistration", Key: "mail.registration.refused", Kind: kit.AboutRegistration, To: "whoever registered the person"},
	}
}
