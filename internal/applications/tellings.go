package applications

import "memberportal/internal/kit"

// Tellings returns the rows of this room in the table of messages.
func Tellings() []kit.Telling {
	const (
		applicant   = "the address of the application"
		forYou      = applicant + ", if somebody else did it"
		nobodyKnown = "those of the secretariat who work in the area MEMBERSHIP, if nobody of the country is known"
		deciders    = "whoever can decide, and the delegates of the country"
	)
	return []kit.Telling{
		{On: "requestApplicationCode", Key: "mail.applicationCode", Kind: kit.AboutApplication, To: applicant},
		{On: "requestApplicationCode", Key: "mail.applicationUnknown", Kind: kit.AboutApplication, To: "the address, if it is not that of the application"},
		{On: "submitApplication", Key: "mail.applicationReceived", Kind: kit.AboutApplication, To: applicant},
		{On: "submitApplication", Key: "mail.applicationArrived", Kind: kit.AboutApplication, To: deciders},
		{On: "submitApplication", Key: "mail.applicationNobodyKnown", Kind: kit.AboutApplication, To: nobodyKnown},
		{On: "bindApplication", Key: "mail.applicationBound", Kind: kit.AboutApplication, To: applicant},
		{On: "decideApplication", Key: "mail.applicationApproved", Kind: kit.AboutApplication, To: applicant},
		{On: "decideApplication", Key: "mail.applicationObjected", Kind: kit.AboutApplication, To: applicant},
		{On: "decideApplication", Key: "mail.informationRequested", Kind: kit.AboutApplication, To: applicant},
		{On: "confirmApplicationCode", Nobody: "the applicant does it on the spot"},
		{On: "saveApplication", Nobody: "a draft is of the applicant alone"},
		{On: "decideApplication", Key: "mail.invoice.issued", Kind: kit.AboutInvoice, To: applicant},
		{On: "amendApplication", Key: "mail.applicationAnswered", Kind: kit.AboutApplication, To: deciders},
		{On: "amendApplication", Key: "mail.applicationAmended", Kind: kit.AboutApplication, To: deciders + ", once a day"},
		{On: "amendApplication", Key: "mail.applicationAmendedForYou", Kind: kit.AboutApplication, To: forYou},
		{On: "withdrawApplication", Key: "mail.applicationWithdrawn", Kind: kit.AboutApplication, To: deciders},
		{On: "withdrawApplication", Key: "mail.applicationWithdrawnForYou", Kind: kit.AboutApplication, To: forYou},
		{On: "completeApplication", Key: "mail.applicationBound", Kind: kit.AboutApplication, To: "the address that is named for the applicant"},
		{On: "recordDueDiligence", Nobody: "it is a record of the deciding side alone"},
		{On: "clock", Due: kit.DueSecondReminder, Key: "mail.applicationNobodyKnown", Kind: kit.AboutApplication, To: nobodyKnown},
		{On: "clock", Due: kit.DueSecondReminder, Key: "mail.applicationReminder", Kind: kit.AboutApplication, To: deciders},
		{On: "clock", Due: kit.DueDeemedApproval, Key: "mail.applicationApproved", Kind: kit.AboutApplication, To: applicant},
		{On: "clock", Due: kit.DueDeemedApproval, Key: "mail.invoice.issued", Kind: kit.AboutInvoice, To: applicant},
		{On: "clock", Due: kit.DueFirstReminder, Key: "mail.applicationNobodyKnown", Kind: kit.AboutApplication, To: nobodyKnown},
		{On: "clock", Due: kit.DueFirstReminder, Key: "mail.applicationReminder", Kind: kit.AboutApplication, To: deciders},
	}
}
