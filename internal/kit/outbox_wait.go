package kit

import "time"

// mailRetries are the waiting times after each attempt at which a server that could be reached did not take the message
// (DEFERRED, BROKEN, UNKNOWN). Together they are more than five days, because a server should be given four to five
// (RFC 5321 §4.5.4.1). If the attempt after the last wait fails too, the message has failed.
var mailRetries = []time.Duration{
	time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 12 * time.Hour, mailDay, mailDay, mailDay, mailDay, mailDay,
}

const (
	// mailUnreachable is how long a server may be out of reach before a message fails by it.
	mailUnreachable = 5 * mailDay
	// mailUnreachableWait is the longest time between two attempts to reach it for one message.
	mailUnreachableWait = 15 * time.Minute
	// codeKept is how long codes are tried: the longest time for which one of them is good. Later they only confuse.
	codeKept = mailDay
)

// exhausted says whether a message has had all its attempts.
func (m *Outgoing) exhausted() bool { return int(m.Attempts) > len(mailRetries) }

// settle takes over the outcome of an attempt; fault is nil if the message was sent.
//
// A final fault fails a message at once. Any other one has it tried again after mailRetries, until it is exhausted. A
// server that cannot be reached says nothing about the message: it costs no attempt, and the message is tried again after
// an eighth of the time for which that has been so, at least a minute and at most 15 minutes, and fails after five days
// of it. So a server may be down for days without a loss. A code is given up a day after it was queued.
//
// What was sent is emptied, and so is what has failed, unless it can be sent again; see keepsText.
func (m *Outgoing) settle(now time.Time, fault *MailError) {
	at := DateTimeOf(now)
	if fault == nil {
		m.State, m.NextAt, m.SentAt, m.UnreachableSince, m.LastFault = MailSent, at, &at, nil, nil
		m.empty()
		return
	}
	m.LastFault = &fault.Fault
	failed, wait := fault.Fault.final(), time.Duration(0)
	if fault.Fault == MailUnreachable {
		m.Attempts--
		if m.UnreachableSince == nil {
			m.UnreachableSince = &at
		}
		since := now.Sub(m.UnreachableSince.Time())
		failed, wait = since >= mailUnreachable, min(max(since/8, time.Minute), mailUnreachableWait)
	} else {
		m.UnreachableSince = nil
		if failed = failed || m.exhausted(); !failed {
			wait = mailRetries[m.Attempts-1]
		}
	}
	if laneOf(m) == CodeLane && now.Sub(m.At.Time()) >= codeKept {
		failed = true
	}
	if m.NextAt = DateTimeOf(now.Add(wait)); !failed {
		return
	}
	if m.State = MailFailed; !m.keepsText(fault.Fault) {
		m.empty()
	}
}

// empty takes out of a message everything that names a person or lets somebody in.
func (m *Outgoing) empty() {
	m.To, m.Subject, m.Body, m.Action, m.Link, m.Unsubscribe = "", "", "", "", "", ""
}
