package pages

import (
	"maps"

	"memberportal/internal/kit"
)

// commonTexts are those of every page.
func commonTexts(l kit.Locale) map[string]string {
	say := func(key string) string { return kit.Message(l, key, nil) }
	return map[string]string{
		"noscript": say("page.noscript"), "loading": say("page.loading"), "unreachable": say("page.unreachable"), "signIn": say("page.signIn"), "home": say("page.home"),
	}
}

func with(l kit.Locale, own map[string]string) map[string]string {
	all := commonTexts(l)
	maps.Copy(all, own)
	return all
}

// linkTexts are those of the pages behind links.
func linkTexts(l kit.Locale, own map[string]string) map[string]string {
	say := func(key string) string { return kit.Message(l, key, nil) }
	all := with(l, map[string]string{
		"noCode": say("page.noCode"), "organisation": say("page.organisation"), "name": say("page.name"), "until": say("page.until"), "demonstration": say("page.demonstration"),
	})
	maps.Copy(all, own)
	return all
}

func invitationTexts(l kit.Locale) map[string]string {
	say := func(key string) string { return kit.Message(l, key, nil) }
	return linkTexts(l, map[string]string{
		"title": say("page.invitation.title"), "gone": say("page.invitation.gone"), "by": say("page.invitation.by"), "role": say("page.invitation.role"),
		"from": say("page.invitation.from"), "email": say("page.email"), "yes": say("page.invitation.accept"), "no": say("page.invitation.decline"),
		"doneYes": say("page.invitation.accepted"), "doneNo": say("page.invitation.declined"), "signedIn": say("page.signedIn"),
	})
}

func registrationTexts(l kit.Locale) map[string]string {
	say := func(key string) string { return kit.Message(l, key, nil) }
	return linkTexts(l, map[string]string{
		"title": say("page.registration.title"), "gone": say("page.registration.gone"), "by": say("page.registration.by"), "event": say("page.registration.event"),
		"when": say("page.registration.when"), "mode": say("page.registration.mode"), "status": say("page.registration.status"), "visibility": say("page.registration.visibility"),
		"answers": say("page.registration.answers"), "kept": say("page.registration.kept"), "yes": say("page.registration.confirm"), "no": say("page.registration.refuse"),
		"doneYes": say("page.registration.confirmed"), "doneNo": say("page.registration.refused"),
	})
}

func guestTexts(l kit.Locale) map[string]string {
	say := func(key string) string { return kit.Message(l, key, nil) }
	return linkTexts(l, map[string]string{
		"title": say("page.guest.title"), "gone": say("page.guest.gone"), "event": say("page.registration.event"), "when": say("page.registration.when"),
		"kept": say("page.registration.kept"), "until": say("page.guest.until"), "yours": say("page.guest.name"), "email": say("page.email"), "mode": say("page.registration.mode"),
		"visibility": say("page.guest.visibility"), "consent": say("page.guest.consent"), "register": say("page.guest.register"), "done": say("page.guest.done"),
	})
}

func signInTexts(l kit.Locale) map[string]string {
	say := func(key string) string { return kit.Message(l, key, nil) }
	return with(l, map[string]string{
		"title": say("page.signIn"), "email": say("page.email"), "send": say("page.signIn.send"), "sent": say("page.signIn.sent"), "code": say("page.signIn.code"),
		"enter": say("page.signIn.enter"), "again": say("page.signIn.again"), "account": say("page.signIn.account"), "passkey": say("page.signIn.passkey"), "noPasskey": say("page.signIn.noPasskey"),
		"signedIn": say("page.signedIn"),
	})
}

// words are labels of the values of enums that the pages show.
func words(l kit.Locale) map[string]string {
	say := func(key string) string { return kit.Message(l, key, nil) }
	return map[string]string{
		"DELEGATE": say("page.word.delegate"), "FOCAL_POINT": say("page.word.focalPoint"), "IN_PERSON": say("page.word.inPerson"), "REMOTE": say("page.word.remote"),
		"CONFIRMED": say("page.word.confirmed"), "WAITING": say("page.word.waiting"), "REQUESTED": say("page.word.requested"),
		"ACCOUNT": say("notification.ACCOUNT"), "MANDATE": say("notification.MANDATE"), "APPLICATION": say("notification.APPLICATION"), "MEMBERSHIP": say("notification.MEMBERSHIP"),
		"INVOICE": say("notification.INVOICE"), "CONSULTATION": say("notification.CONSULTATION"), "CONSULTATION_REMINDER": say("notification.CONSULTATION_REMINDER"),
		"REPLY": say("notification.REPLY"), "SYNTHESIS": say("notification.SYNTHESIS"), "REGISTRATION": say("notification.REGISTRATION"), "EVENT": say("notification.EVENT"),
		"DOCUMENT": say("notification.DOCUMENT"), "CONTRIBUTION": say("notification.CONTRIBUTION"), "SERVICE_FEEDBACK": say("notification.SERVICE_FEEDBACK"), "TASK": say("notification.TASK"),
		"NOBODY": say("page.word.nobody"), "PARTICIPANTS": say("page.word.participants"), "PUBLIC": say("page.word.public"),
		"FIRST_DAY": say("page.word.firstDay"), "TOPICS_OPEN": say("page.word.topicsOpen"), "TOPICS_CLOSED": say("page.word.topicsClosed"),
		"SECTOR_MEMBER": say("page.word.sectorMember"), "ASSOCIATE": say("page.word.associate"), "ACADEMIA": say("page.word.academia"), "SG1": say("page.word.sg1"), "SG2": say("page.word.sg2"),
		"CAN_REGISTER": say("page.word.canRegister"), "CALL_OPEN": say("page.word.callOpen"), "UNTIL": say("page.list.until"), "NO_EVENTS": say("page.events.none"), "DEMONSTRATION": say("page.demonstration"),
	}
}

// fact is something that the page of a record may show.
type fact struct{ Name, Label string }

// facts are what pages of records may show, in their order.
func facts(l kit.Locale) []fact {
	say := func(key string) string { return kit.Message(l, key, nil) }
	return []fact{
		{"name", say("page.organisation")}, {"category", say("page.fact.category")}, {"studyGroup", say("page.fact.studyGroup")}, {"country", say("page.fact.country")}, {"by", say("page.fact.by")}, {"reference", say("page.fact.reference")}, {"when", say("page.registration.when")}, {"where", say("page.fact.where")},
		{"from", say("page.fact.from")}, {"until", say("page.fact.until")}, {"registration", say("page.fact.registration")}, {"contributions", say("page.fact.contributions")}, {"status", say("page.registration.status")},
		{"submitted", say("page.fact.submitted")}, {"issued", say("page.fact.issued")}, {"next", say("page.fact.next")}, {"number", say("page.fact.number")},
		{"amount", say("page.fact.amount")}, {"left", say("page.fact.left")}, {"due", say("page.fact.due")}, {"payTo", say("page.fact.payTo")}, {"print", say("page.fact.print")}, {"creditNote", say("page.fact.creditNote")},
		{"link", say("page.fact.link")}, {"social", say("page.fact.social")}, {"about", say("page.fact.about")}, {"topics", say("page.fact.topics")}, {"answer", say("page.fact.answer")},
		{"actions", say("page.fact.actions")}, {"events", say("page.fact.events")},
	}
}

func recordTexts(l kit.Locale) map[string]string {
	say := func(key string) string { return kit.Message(l, key, nil) }
	return with(l, map[string]string{
		"title": say("page.record.title"), "gone": say("page.record.gone"), "demonstration": say("page.demonstration"), "applicant": say("page.record.applicant"), "email": say("page.email"),
		"send": say("page.signIn.send"), "sent": say("page.signIn.sent"), "code": say("page.signIn.code"), "enter": say("page.signIn.enter"), "again": say("page.signIn.again"),
	})
}

// listTexts are those of a page that lists what the reader sees.
func listTexts(l kit.Locale, list string) map[string]string {
	say := func(key string) string { return kit.Message(l, key, nil) }
	own := map[string]map[string]string{
		"events":        {"title": say("page.events.title"), "none": say("page.events.none")},
		"consultations": {"title": say("page.consultations.title"), "none": say("page.consultations.none")},
		"member":        {"title": say("page.member.title"), "none": say("page.member.none")},
	}[list]
	all := with(l, map[string]string{"more": say("page.list.more"), "signInFirst": say("page.list.signIn")})
	maps.Copy(all, own)
	return all
}

func notificationTexts(l kit.Locale) map[string]string {
	say := func(key string) string { return kit.Message(l, key, nil) }
	return with(l, map[string]string{
		"title": say("page.notifications.title"), "none": say("page.notifications.none"), "read": say("page.notifications.read"), "more": say("page.notifications.more"),
		"choose": say("page.notifications.choose"), "atOnce": say("page.notifications.atOnce"), "daily": say("page.notifications.daily"), "never": say("page.notifications.never"),
	})
}

func unsubscribeTexts(l kit.Locale) map[string]string {
	say := func(key string) string { return kit.Message(l, key, nil) }
	return with(l, map[string]string{
		"title": say("page.unsubscribe.title"), "ask": say("page.unsubscribe.ask"), "off": say("page.unsubscribe.off"), "done": say("page.unsubscribe.done"), "gone": say("page.unsubscribe.gone"),
		"choose": say("page.notifications.choose"),
	})
}
