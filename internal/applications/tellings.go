package applications

import "memberportal/internal/kit"

// Tellings returns the rows of this room in the table of messages.
func Tellings() []kit.Telling {
	const applicant = "the address of the application"
	return []kit.Telling{
		{On: "requestApplicationCode", Key: "mail.applicationCode", Kind: kit.AboutApplication, To: applicant},
		{On: "requestApplicationCode", Key: "mail.applicationUnknown", Kind: kit.AboutApplication, To: "the address, if it is not that of the application"},
		{On: "submitApplication", Key: "mail.applicationReceived", Kind: kit.AboutApplication, To: applicant},
		{On: "submitApplication", Key: "mail.applicationArrived", Kind: kit.AboutApplication, To: "the persons of the administration"},
		{On: "bindApplication", Key: "mail.applicationBound", Kind: kit.AboutApplication, To: applicant},
		{On: "decideApplication", Key: "mail.applicationApproved", Kind: kit.AboutApplication, To: applicant},
		{On: "decideApplication", Key: "mail.applicationObjected", Kind: kit.AboutApplication, To: applicant},
		{On: "decideApplication", Key: "mail.informationRequested", Kind: kit.AboutApplication, To: applicant},
		{On: "clock", Due: kit.DueFirstReminder, Key: "mail.applicationReminder", Kind: kit.AboutApplication, To: "the persons of the administration"},
	}
}
