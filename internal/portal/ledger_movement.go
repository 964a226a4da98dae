package portal

// movement is the beginning or the end of a membership on a day.
type movement struct {
	member int32
	day    dayNumber
	// stood is where the member stood: what it became, or what it was if it left.
	stood footing
	left  bool
}

// movements are those of a period, both days included, owner by owner. A member that came back is there
// for each time.
func (l *ledger) movements(from, to, known dayNumber) (all []movement) {
	l.members.begun(from, to, known, func(day dayNumber, m *memberState) {
		switch {
		case m.joins():
			all = append(all, movement{m.member, day, m.is, false})
		case m.leaves():
			all = append(all, movement{m.member, day, m.was, true})
		}
	})
	return all
}
