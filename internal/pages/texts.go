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
		"NOBODY": say("page.word.nobody"), "PARTICIPANTS": say("page.word.participants"), "PUBLIC": say("page.word.public"),
	}
}
