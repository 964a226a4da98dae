package testkit

import "memberportal/internal/kit"

// Mails are messages in the outbox of the fixture, one in each state. None is due in any test.
func Mails() []*kit.Outgoing {
	at, never := kit.DateTimeOf(Now), kit.DateTime("2099-12-31T00:00:00.000Z")
	mail := func(id kit.ID, key string, state kit.MailState, to string, m kit.Outgoing) *kit.Outgoing {
		m.ID, m.Key, m.State, m.To, m.Recipient, m.Locale, m.At, m.NextAt = id, key, state, to, "hash", kit.English, at, never
		if to != "" {
			m.Subject, m.Body = "A secret subject", "A secret text with the code 4711."
		}
		return &m
	}
	days := kit.DateTimeOf(Now.AddDate(0, 0, -3))
	sent := mail("out_SENT", "mail.applicationApproved", kit.MailSent, "", kit.Outgoing{Attempts: 1, SentAt: &days})
	sent.At, sent.NextAt = days, days
	return []*kit.Outgoing{
		sent,
		mail("out_CODE", "mail.signInCode", kit.MailQueued, "code@codes.example", kit.Outgoing{}),
		mail("out_DEFERRED", "mail.applicationReminder", kit.MailQueued, "ada@waits.example", kit.Outgoing{Attempts: 2, LastFault: new(kit.MailDeferred)}),
		mail("out_FAILED", "mail.emailChanged", kit.MailFailed, "grace@failed.example", kit.Outgoing{LastFault: new(kit.MailUnreachable), UnreachableSince: &at}),
		mail("out_REFUSED", "mail.emailChanged", kit.MailFailed, "", kit.Outgoing{Attempts: 1, LastFault: new(kit.MailAddressRefused)}),
		mail("out_REPLY", "mail.fewAnonymised", kit.MailQueued, "reply@consulted.example", kit.Outgoing{}),
	}
}
