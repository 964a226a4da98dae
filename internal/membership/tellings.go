package membership

import "memberportal/internal/kit"

// Tellings returns the rows of this room in the table of messages.
func Tellings() []kit.Telling {
	const (
		member = "the focal points of the member, but not whoever acts; the applicant while the member waits for its activation"
		staff  = "those of the secretariat who work in the area MEMBERSHIP"
	)
	happened := func(on, key string) kit.Telling {
		return kit.Telling{On: on, Key: key, Kind: kit.AboutMembership, To: member}
	}
	silent := func(on, why string) kit.Telling { return kit.Telling{On: on, Nobody: why} }
	return []kit.Telling{
		silent("admitMember", "the membership has no focal point yet; activateMember invites the contact of the application"),
		happened("activateMember", "mail.memberActivated"),
		happened("notifyWithdrawal", "mail.withdrawalNotified"),
		happened("withdrawMember", "mail.memberWithdrawn"),
		happened("suspendMember", "mail.memberSuspended"),
		happened("excludeMember", "mail.memberExcluded"),
		happened("reinstateMember", "mail.memberReinstated"),
		happened("mergeMember", "mail.memberMerged"),
		happened("changeMembershipCategory", "mail.memberChanged"),
		happened("changeFeeClass", "mail.memberChanged"),
		happened("changeSectors", "mail.memberChanged"),
		happened("changeStudyGroup", "mail.memberChanged"),
		happened("reassignMember", "mail.memberChanged"),
		happened("renameMember", "mail.memberChanged"),
		happened("recordRepaymentPlan", "mail.repaymentAgreed"),
		happened("endRepaymentPlan", "mail.repaymentEnded"),
		happened("correctLifecycleEvent", "mail.memberCorrected"),
		silent("updateMemberProfile", "the profile is public, and the focal points who keep it see who changed it"),
		{On: "requestMembershipChange", Key: "mail.change.task", Kind: kit.AboutTask, To: staff},
		happened("requestMembershipChange", "mail.change.requested"),
		happened("decideMembershipChange", "mail.change.accepted"),
		happened("decideMembershipChange", "mail.change.refused"),
		{On: "withdrawMembershipChange", Key: "mail.change.withdrawn", Kind: kit.AboutTask, To: staff},
		{On: "requestFeeExemption", Key: "mail.exemption.task", Kind: kit.AboutTask, To: staff},
		happened("requestFeeExemption", "mail.exemption.requested"),
		happened("decideFeeExemption", "mail.exemption.granted"),
		happened("decideFeeExemption", "mail.exemption.refused"),
		{On: "clock", Due: kit.DueExpiry, Key: "mail.exemption.ended", Kind: kit.AboutMembership, To: member},
		{On: "decideFeeExemption", Key: "mail.invoice.issued", Kind: kit.AboutInvoice, To: member},
		{On: "issueInvoice", Key: "mail.invoice.issued", Kind: kit.AboutInvoice, To: member},
		{On: "issueInvoices", Key: "mail.invoice.issued", Kind: kit.AboutInvoice, To: member},
		{On: "recordPayment", Key: "mail.invoice.paid", Kind: kit.AboutInvoice, To: member},
		{On: "recordPayment", Key: "mail.invoice.partlyPaid", Kind: kit.AboutInvoice, To: member},
		{On: "cancelInvoice", Key: "mail.invoice.cancelled", Kind: kit.AboutInvoice, To: member},
		{On: "clock", Due: kit.DueInvoice, Key: "mail.invoice.due", Kind: kit.AboutInvoice, To: member},
		{On: "clock", Due: kit.DueOverdueInvoice, Key: "mail.invoice.overdue", Kind: kit.AboutInvoice, To: member},
		{On: "clock", Due: kit.DueSuspension, Nobody: "a person decides; the list of what is due is for that person, and suspendMember tells the member"},
		{On: "clock", Due: kit.DueExclusion, Nobody: "a person decides; the list of what is due is for that person, and excludeMember tells the member"},
	}
}
