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
		{On: "confirmApplicationCode", Nobody: "the applicant does it on the spot"},
		{On: "saveApplication", Nobody: "a draft is of the applicant alone"},
		{On: "amendApplication", Nobody: "whoever decides sees the difference when it reads the application, and cannot decide about an older version"},
		{On: "withdrawApplication", Nobody: "the application leaves the queue of whoever decides; the applicant does it on the spot"},
		{On: "completeApplication", Key: "mail.applicationBound", Kind: kit.AboutApplication, To: "the address that is named for the applicant"},
		{On: "recordDueDiligence", Nobody: "it is a record of the deciding side alone"},
		{On: "clock", Due: kit.DueSecondReminder, Key: "mail.applicationReminder", Kind: kit.AboutApplication, To: "whoever can decide"},
		{On: "clock", Due: kit.DueDeemedApproval, Key: "mail.applicationApproved", Kind: kit.AboutApplication, To: applicant},
		{On: "clock", Due: kit.DueFirstReminder, Key: "mail.applicationReminder", Kind: kit.AboutApplication, To: "the persons of the administration"},
	}
}
