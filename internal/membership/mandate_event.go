package membership

import (
	"context"

	"memberportal/internal/kit"
)

// MandateEventKind says what happened to a mandate.
type MandateEventKind string

// What can happen to a mandate after it was made.
const (
	HandOverProposed  MandateEventKind = "PROPOSED"
	HandOverAccepted  MandateEventKind = "ACCEPTED"
	HandOverDeclined  MandateEventKind = "DECLINED"
	HandOverCancelled MandateEventKind = "CANCELLED"
	MandateWasEnded   MandateEventKind = "ENDED"
)

// MandateEventKinds are all of them.
var MandateEventKinds = []MandateEventKind{HandOverProposed, HandOverAccepted, HandOverDeclined, HandOverCancelled, MandateWasEnded}

// Valid refuses what is none of MandateEventKinds.
func (v MandateEventKind) Valid() error {
	return kit.CheckOneOf(v, MandateEventKinds, "mandate event kind")
}

// MandateEvent is one thing that happened to a mandate after it was made.
type MandateEvent struct {
	Kind MandateEventKind `bson:"kind"`
	At   kit.DateTime     `bson:"at"`
	By   kit.ID           `bson:"by"`
	// On is the day of the hand-over or end.
	On     kit.Date `bson:"on"`
	Reason *string  `bson:"reason,omitempty"`
}

// maxMandateEvents bounds a mandate's history: with so many nothing more is proposed.
const maxMandateEvents = 100

// HandOver is a proposal that another person takes over from a focal point. Nothing changes until that
// person accepts.
type HandOver struct {
	// To is the mandate under which the successor acts today, Person whose it is.
	To     kit.ID   `bson:"to"`
	Person kit.ID   `bson:"person"`
	On     kit.Date `bson:"on"`
	// ProposedBy is the person of the mandate, or somebody of the secretariat.
	ProposedBy kit.ID       `bson:"proposedBy"`
	ProposedAt kit.DateTime `bson:"proposedAt"`

	of *Mandate
}

// record adds an event. Of several ends in a row the last one stands for all, so that moving an end
// makes no history longer.
func (m *Mandate) record(ctx context.Context, clock kit.Clock, kind MandateEventKind, on kit.Date, reason *string) {
	e := MandateEvent{Kind: kind, At: kit.DateTimeOf(clock.Now()), By: kit.ActorOf(ctx).Subject, On: on, Reason: reason}
	if n := len(m.History); kind == MandateWasEnded && n > 0 && m.History[n-1].Kind == kind {
		m.History[n-1] = e
		return
	}
	m.History = append(m.History, e)
}

// endedBy records an end, and that a proposal which was open is not any more. It names the fields that
// it changed.
func (m *Mandate) endedBy(ctx context.Context, clock kit.Clock, reason *string) []string {
	fields := []string{"history"}
	if m.HandOver != nil {
		m.record(ctx, clock, HandOverCancelled, m.HandOver.On, nil)
		m.HandOver, fields = nil, append(fields, "handOver")
	}
	m.record(ctx, clock, MandateWasEnded, *m.Until, reason)
	return fields
}

// beside reads mandates that stand beside those of a page, nil for those that there are not or that
// the caller may not see. They cost one call together.
func (s *MandateService) beside(ctx context.Context, m *Mandate, name string, which func(ends) kit.ID) (*Mandate, error) {
	return kit.Neighbour(ctx, m.with, name, m.ends(), func(ctx context.Context, all []ends) ([]*Mandate, error) {
		return s.ByIDs(ctx, kit.Map(all, which))
	})
}

// SuccessorOf is the mandate of the person who is asked to take over, nil if the caller may not see it.
func (s *MandateService) SuccessorOf(ctx context.Context, h *HandOver) (*Mandate, error) {
	return s.beside(ctx, h.of, "asked", func(e ends) kit.ID { return e.asked })
}

// HandedOverTo is the mandate that followed on a mandate, nil if there is none that the caller may see.
func (s *MandateService) HandedOverTo(ctx context.Context, m *Mandate) (*Mandate, error) {
	return s.beside(ctx, m, "to", func(e ends) kit.ID { return e.to })
}

// TakenOverFrom is the mandate on which a mandate followed, nil if there is none that the caller may see.
func (s *MandateService) TakenOverFrom(ctx context.Context, m *Mandate) (*Mandate, error) {
	return s.beside(ctx, m, "from", func(e ends) kit.ID { return e.from })
}
