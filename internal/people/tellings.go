package people

import "memberportal/internal/kit"

// Tellings returns the rows of this room in the table of messages.
func Tellings() []kit.Telling {
	const (
		own    = "the caller"
		person = "the person"
		others = "the other focal points of the member or country"
	)
	return []kit.Telling{
		{On: "requestSignInCode", Key: "mail.signInCode", Kind: kit.AboutAccount, To: "the address, if a person has it"},
		{On: "signIn", Key: "mail.signedIn", Kind: kit.AboutAccount, To: "the caller, if another session of the person is there and none is of this device"},
		{On: "signInWithPasskey", Key: "mail.signedIn", Kind: kit.AboutAccount, To: "the caller, as for signIn"},
		{On: "signInWithPasskey", Key: "mail.passkeyCopied", Kind: kit.AboutAccount, To: "the person whose passkey may have been copied, once an hour"},
		{On: "becomeOperator", Nobody: "there is nobody yet who could be told"},
		{On: "refreshSession", Key: "mail.sessionReused", Kind: kit.AboutAccount, To: "the person, if a refresh token comes a second time"},
		{On: "moveSession", Key: "mail.sessionReused", Kind: kit.AboutAccount, To: "the person, as for refreshSession"},
		{On: "signOut", Nobody: "the caller does it on the spot"},
		{On: "revokeSessions", Nobody: "the caller does it on the spot; the other devices ask to sign in again"},
		{On: "confirmPresence", Nobody: "the caller does it on the spot"},
		{On: "beginPasskey", Nobody: "it only makes a challenge"},
		{On: "beginPasskeySignIn", Nobody: "it only makes a challenge"},
		{On: "addPasskey", Key: "mail.passkeyAdded", Kind: kit.AboutAccount, To: own},
		{On: "removePasskey", Key: "mail.passkeyRemoved", Kind: kit.AboutAccount, To: own},
		{On: "linkIdentity", Key: "mail.identityLinked", Kind: kit.AboutAccount, To: own},
		{On: "unlinkIdentity", Key: "mail.identityUnlinked", Kind: kit.AboutAccount, To: own},
		{On: "grantRole", Key: "mail.roleGranted", Kind: kit.AboutAccount, To: person},
		{On: "grantRole", Key: "mail.roleGranted.others", Kind: kit.AboutAccount, To: "the other operators"},
		{On: "endGrant", Key: "mail.roleEnded", Kind: kit.AboutAccount, To: person},
		{On: "endGrant", Key: "mail.roleEnded.others", Kind: kit.AboutAccount, To: "the other operators"},
		{On: "updatePerson", Key: "mail.emailCode", Kind: kit.AboutAccount, To: "the new address"},
		{On: "updatePerson", Key: "mail.emailTaken", Kind: kit.AboutAccount, To: "the new address, if another person has it"},
		{On: "confirmPersonEmail", Key: "mail.emailChanged", Kind: kit.AboutAccount, To: "the address of before"},
		{On: "addDelegate", Key: "mail.invitation.delegate", Kind: kit.AboutMandate, To: "whoever does not act for the member or country yet"},
		{On: "addDelegate", Key: "mail.mandate.given", Kind: kit.AboutMandate, To: "whoever acts for the member or country already"},
		{On: "addDelegate", Key: "mail.mandate.given.others", Kind: kit.AboutMandate, To: others},
		{On: "appointFocalPoint", Key: "mail.invitation.focalPoint", Kind: kit.AboutMandate, To: "whoever does not act for the member or country yet"},
		{On: "appointFocalPoint", Key: "mail.mandate.given", Kind: kit.AboutMandate, To: "whoever acts for the member or country already"},
		{On: "appointFocalPoint", Key: "mail.mandate.given.others", Kind: kit.AboutMandate, To: others},
		{On: "resendInvitation", Key: "mail.invitation.delegate", Kind: kit.AboutMandate, To: "whoever was invited"},
		{On: "resendInvitation", Key: "mail.invitation.focalPoint", Kind: kit.AboutMandate, To: "whoever was invited"},
		{On: "withdrawInvitation", Nobody: "the link stops working, and its page says so; nothing was agreed"},
		{On: "acceptInvitation", Key: "mail.invitation.accepted", Kind: kit.AboutMandate, To: "whoever invited"},
		{On: "acceptInvitation", Key: "mail.identityLinked", Kind: kit.AboutAccount, To: own},
		{On: "declineInvitation", Key: "mail.invitation.declined", Kind: kit.AboutMandate, To: "whoever invited"},
		{On: "endMandate", Key: "mail.mandate.ended", Kind: kit.AboutMandate, To: person},
		{On: "endMandate", Key: "mail.mandate.ended.others", Kind: kit.AboutMandate, To: others},
		{On: "handOverFocalPoint", Key: "mail.handOver.proposed", Kind: kit.AboutMandate, To: "the successor"},
		{On: "handOverFocalPoint", Key: "mail.handOver.others", Kind: kit.AboutMandate, To: others},
		{On: "confirmHandOver", Key: "mail.handOver.accepted", Kind: kit.AboutMandate, To: "the focal point, and whoever proposed it"},
		{On: "confirmHandOver", Key: "mail.handOver.declined", Kind: kit.AboutMandate, To: "the focal point, and whoever proposed it"},
		{On: "cancelHandOver", Key: "mail.handOver.cancelled", Kind: kit.AboutMandate, To: "the successor, and the focal point if another person cancels"},
		{On: "setNotificationPreferences", Nobody: "the caller does it on the spot"},
		{On: "markNotificationsRead", Nobody: "it concerns the caller alone"},
		{On: "unsubscribe", Nobody: "the caller does it on the spot"},
		{On: "retryMail", Nobody: "it sends again what was said"},
		{On: "sendDigest", Key: "mail.digest", Kind: kit.AboutAccount, To: "whoever chose a daily message and has something in it"},
	}
}
