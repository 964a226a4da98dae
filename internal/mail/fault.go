package mail

import (
	"errors"
	"fmt"
	"net/textproto"
	"regexp"

	"memberportal/internal/kit"
)

// stage is the command at which a server says no.
type stage string

// The stages of one message: who sends it, to whom, and the text.
const (
	atSender    stage = "MAIL"
	atRecipient stage = "RCPT"
	atText      stage = "DATA"
)

// unreachable is a fault of opening a session. Of what the server said only the number is told.
func unreachable(err error) error {
	fault := &kit.MailError{Fault: kit.MailUnreachable, Detail: err.Error()}
	if answer, ok := errors.AsType[*textproto.Error](err); ok {
		fault.Detail = fmt.Sprintf("the server's greeting or sign-in ended with %d", answer.Code)
	}
	return fault
}

// undelivered is the fault of an answer of the server, or of none if the session broke. Of the answer only the numbers
// are told.
func undelivered(err error, at stage) error {
	answer, ok := errors.AsType[*textproto.Error](err)
	if !ok {
		return &kit.MailError{Fault: kit.MailBroken}
	}
	fault := &kit.MailError{Fault: classify(answer, at), Detail: fmt.Sprintf("%d at %s", answer.Code, at)}
	if enhanced := enhancedCode.FindString(answer.Msg); enhanced != "" {
		fault.Detail = fmt.Sprintf("%d %s at %s", answer.Code, enhanced, at)
	}
	return fault
}

// enhancedCode is the code that most servers begin their answer with (RFC 3463).
var enhancedCode = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}\b`)

// Which enhanced codes say that the address takes no mail. 5.1.7 and 5.1.8 speak of the sender; 5.2.1 is a mailbox that
// is closed, and others of 5.2 one that is full or takes no such message.
var deadAddress = regexp.MustCompile(`^5\.1\.(0|1|2|3|4|6|9|10)$|^5\.2\.1$`)

// classify says what an answer means.
//
// A no to the sender, before the server knows whom the message is for, is not about the message: it would meet every
// other one too. So are 421, by which a server closes, and the codes of a sign-in that is wanted. They count as a server
// that cannot be reached, so that no message is lost by them.
//
// A final no to the recipient is a no to the address, unless its enhanced code gives another reason, such as 5.7.1, a
// rule of the server. Without an enhanced code 552 is a full mailbox and 554 may be any reason. A final no to the text
// is a no to the message, unless its enhanced code says that the address takes none: some servers look for the mailbox
// only then.
func classify(answer *textproto.Error, at stage) kit.MailFault {
	enhanced := enhancedCode.FindString(answer.Msg)
	switch code := answer.Code; {
	case at == atSender, code == 421, code == 530, code == 535, code == 538:
		return kit.MailUnreachable
	case code >= 500 && deadAddress.MatchString(enhanced):
		return kit.MailAddressRefused
	case code >= 500 && at == atRecipient && enhanced == "" && code != 552 && code != 554:
		return kit.MailAddressRefused
	case code >= 500:
		return kit.MailRefused
	case code >= 400:
		return kit.MailDeferred
	}
	return kit.MailBroken
}
