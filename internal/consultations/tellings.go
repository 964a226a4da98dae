package consultations

import "memberportal/internal/kit"

// Tellings returns the rows of this room in the table of messages.
func Tellings() []kit.Telling {
	const (
		consulted  = "the focal points of all who are consulted"
		others     = "the other focal points of the member or State"
		submitter  = "the caller and the other focal points of the member or State"
		respondent = "the focal points of whoever replied, or the delegate"
		delegate   = "the delegate who gave the view"
		draft      = "only those who write it see it"
	)
	return []kit.Telling{
		{On: "createConsultation", Nobody: draft},
		{On: "updateConsultation", Key: "mail.consultation.extended", Kind: kit.AboutConsultation, To: consulted + ", if it is open and its last day is later"},
		{On: "updateConsultation", Key: "mail.consultation.changed", Kind: kit.AboutConsultation, To: consulted + ", if it is open and has another title, but the same last day"},
		{On: "openConsultation", Key: "mail.consultation.opened", Kind: kit.AboutConsultation, To: consulted},
		{On: "closeConsultation", Key: "mail.consultation.closed", Kind: kit.AboutConsultation, To: consulted},
		{On: "clock", Due: kit.DueReplyReminder, Key: "mail.consultation.reminder", Kind: kit.AboutDeadline, To: "the focal points of those who have not replied, 14, 3 and 1 day before the last day"},
		{On: "saveFeedbackDraft", Nobody: draft},
		{On: "submitFeedback", Key: "mail.reply.received", Kind: kit.AboutReply, To: submitter},
		{On: "submitFeedback", Key: "mail.view.received", Kind: kit.AboutReply, To: delegate},
		{On: "amendFeedback", Key: "mail.reply.amended", Kind: kit.AboutReply, To: submitter},
		{On: "amendFeedback", Key: "mail.view.received", Kind: kit.AboutReply, To: delegate},
		{On: "withdrawFeedback", Key: "mail.reply.withdrawn", Kind: kit.AboutReply, To: others},
		{On: "makeFeedbackConfidential", Key: "mail.reply.confidential", Kind: kit.AboutReply, To: respondent},
		{On: "agreeToCitation", Key: "mail.reply.mayBeCited", Kind: kit.AboutReply, To: others},
		{On: "agreeToCitation", Key: "mail.reply.notCited", Kind: kit.AboutReply, To: others},
		{On: "classifyFeedback", Nobody: "it is how the secretariat and the reviewers sort replies, and changes none"},
		{On: "clock", Due: kit.DueFewAnonymised, Key: "mail.fewAnonymised", Kind: kit.AboutReply, To: respondent},
		{On: "saveSynthesis", Nobody: draft},
		{On: "publishSynthesis", Key: "mail.synthesis.published", Kind: kit.AboutSynthesis, To: respondent},
		{On: "publishSynthesis", Key: "mail.synthesis.cites", Kind: kit.AboutSynthesis, To: respondent + ", if a paragraph rests on the reply"},
		{On: "recordDecision", Key: "mail.decision.recorded", Kind: kit.AboutSynthesis, To: respondent + ", if the reply was on the topic"},
		{On: "submitServiceFeedback", Key: "mail.serviceFeedback.received", Kind: kit.AboutTask, To: "the secretariat"},
		{On: "answerServiceFeedback", Key: "mail.serviceFeedback.answered", Kind: kit.AboutService, To: "whoever gave the feedback"},
		{On: "createLiaisonStatement", Key: "mail.statement.recorded", Kind: kit.AboutTask, To: "the reviewers of the groups to which it is addressed"},
		{On: "updateLiaisonStatement", Nobody: "it corrects the record; whoever is consulted reads the statement with the consultation"},
	}
}
