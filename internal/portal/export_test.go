package portal

// What the tests of package portal_test need of the inside.
var (
	AuditNoun  = auditNoun
	NoticeNoun = noticeNoun
	RepeatNoun = repeatNoun
)
