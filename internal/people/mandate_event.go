package people

import (
	"context"

	"memberportal/internal/kit"
)

// MandateEventKind says what happened to a mandate.
type MandateEventKind string

// The values of MandateEventKind.
const (
	HandOverProposed  MandateEventKind = "PROPOSED"
	HandOverAccepted  MandateEventKind = "ACCEPTED"
	HandOverDeclined  MandateEventKind = "DECLINED"
	HandOverCancelled MandateEventKind = "CANCELLED"
	MandateWasEnded   MandateEventKind = "ENDED"
)

// MandateEventKinds lists every MandateEventKind.
var MandateEventKinds = []MandateEventKind{HandOverProposed, HandOverAccepted, HandOverDeclined, HandOverCancelled, MandateWasEnded}

// Valid returns an error for a value that is not in MandateEventKinds.
func (v MandateEventKind) Valid() error {
	return kit.CheckOneOf(v, MandateEventKinds, "mandate event kind")
}

// MandateEvent is one event in the history of a mandate.
type MandateEvent struct {
	Kind MandateEventKind `bson:"kind"`
	At   kit.DateTime     `bson:"at"`
	By   kit.ID           `bson:"by"`
	// On is the day of the hand-over, or of the end.
	On     kit.Date `bson:"on"`
	Reason *string  `bson:"reason,omitempty"`
}

// maxMandateEvents limits a mandate's history. A mandate with so many events takes no new proposal.
const maxMandateEvents = 100

// HandOver is a proposal that another person takes over from a focal point. Nothing changes until that person
// accepts.
type HandOver struct {
	// To is the mandate under which the successor acts today. Person is the successor.
	To     kit.ID   `bson:"to"`
	Person kit.ID   `bson:"person"`
	On     kit.Date `bson:"on"`
	// ProposedBy is the person of the mandate, or a person of the secretariat.
	ProposedBy kit.ID       `bson:"proposedBy"`
	ProposedAt kit.DateTime `bson:"proposedAt"`

	of *Mandate
}

// record adds an event. An end replaces the end just before it, so that moving the end does not make the history
// longer.
func (m *Mandate) record(ctx context.Context, clock kit.Clock, kind MandateEventKind, on kit.Date, reason *string) {
	e := MandateEvent{Kind: kind, At: kit.DateTimeOf(clock.Now()), By: kit.ActorOf(ctx).Subject, On: on, Reason: reason}
	if n := len(m.History); kind == MandateWasEnded && n > 0 && m.History[n-1].Kind == kind {
		m.History[n-1] = e
		return
	}
	m.History = append(m.History, e)
}

// endedBy records an end, and the cancellation of an open proposal. It returns the changed fields.
func (m *Mandate) endedBy(ctx context.Context, clock kit.Clock, reason *string) []string {
	fields := []string{"history"}
	if m.HandOver != nil {
		m.record(ctx, clock, HandOverCancelled, m.HandOver.On, nil)
		m.HandOver, fields = nil, append(fields, "handOver")
	}
	m.record(ctx, clock, MandateWasEnded, *m.Until, reason)
	return fields
}

// beside reads a mandate to which another refers. It is nil if there is none or the caller may not see it. One call
// reads those of all mandates of a page.
func (s *MandateService) beside(ctx context.Context, m *Mandate, name string, which func(ends) kit.ID) (*Mandate, error) {
	return kit.Neighbour(ctx, m.with, name, m.ends(), func(ctx context.Context, all []ends) ([]*Mandate, error) {
		return s.ByIDs(ctx, kit.Map(all, which))
	})
}

// SuccessorOf returns the mandate of the person who is asked to take over, nil if the caller may not see it.
func (s *MandateService) SuccessorOf(ctx context.Context, h *HandOver) (*Mandate, error) {
	return s.beside(ctx, h.of, "asked", func(e ends) kit.ID { return e.asked })
}

// HandedOverTo returns the mandate that came after a mandate, nil if there is none or the caller may not see it.
func (s *MandateService) HandedOverTo(ctx context.Context, m *Mandate) (*Mandate, error) {
	return s.beside(ctx, m, "to", func(e ends) kit.ID { return e.to })
}

// TakenOverFrom returns the mandate that came before a mandate, nil if there is none or the caller may not see it.
func (s *MandateService) TakenOverFrom(ctx context.Context, m *Mandate) (*Mandate, error) {
	return s.beside(ctx, m, "from", func(e ends) kit.ID { return e.from })
}
