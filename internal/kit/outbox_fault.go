package kit

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// MailFault is a class of reasons why a message was not sent. It reveals nothing about the message.
type MailFault string

// Why a message was not sent.
const (
	// MailRefused: the server refused this message for good.
	MailRefused MailFault = "REFUSED"
	// MailAddressRefused: the server refused the address for good, so that no other message gets there either.
	MailAddressRefused MailFault = "ADDRESS_REFUSED"
	// MailDeferred: the server refused this message for now.
	MailDeferred MailFault = "DEFERRED"
	// MailUnreachable: the server takes nothing now. No session could be opened, because of the network, encryption or
	// sign-in, or the server closed it or refused the sender. It says nothing about the message.
	MailUnreachable MailFault = "UNREACHABLE"
	// MailBroken: the session ended before the server accepted the message.
	MailBroken MailFault = "BROKEN"
	// MailUnknown: any other reason, such as a process that ended while it was sending.
	MailUnknown MailFault = "UNKNOWN"
)

// MailFaults lists every class; Valid accepts no other.
var MailFaults = []MailFault{MailRefused, MailAddressRefused, MailDeferred, MailUnreachable, MailBroken, MailUnknown}

// final says whether the same message would meet this fault again.
func (v MailFault) final() bool { return v == MailRefused || v == MailAddressRefused }

// Valid refuses a value that is not in MailFaults.
func (v MailFault) Valid() error { return CheckOneOf(v, MailFaults, "mail fault") }

// MailError is how a sender says why a message was not sent. A message with a final fault fails at once; with any
// other fault it is tried again.
type MailError struct {
	Fault MailFault
	// Detail may be logged: it has no recipient and nothing from the message. It is empty if there is
	// nothing to add.
	Detail string
}

func (e *MailError) Error() string {
	if e.Detail == "" {
		return string(e.Fault)
	}
	return string(e.Fault) + " (" + e.Detail + ")"
}

// Undelivered is the error of Deliver: how many messages were not sent, by fault. Later counts those that are
// tried again, Failed those that are not.
type Undelivered struct {
	Later, Failed map[MailFault]int
	// Detail is the detail of the last fault that has one.
	Detail string
}

func (u *Undelivered) Error() string {
	var parts []string
	for what, faults := range map[string]map[MailFault]int{"to try again": u.Later, "failed": u.Failed} {
		for _, fault := range slices.Sorted(maps.Keys(faults)) {
			parts = append(parts, fmt.Sprintf("%d %s: %s", faults[fault], what, fault))
		}
	}
	slices.Sort(parts)
	if u.Detail != "" {
		parts = append(parts, u.Detail)
	}
	return strings.Join(parts, "; ")
}
