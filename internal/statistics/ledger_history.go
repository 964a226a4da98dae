package statistics

import (
	"cmp"
	"slices"

	"memberportal/internal/kit"
)

// Everything is a day on which all that is recorded is known.
const Everything = kit.Forever - 1

// interned numbers ids in the order in which they first come.
type interned struct {
	numbers map[kit.ID]int32
	IDs     []kit.ID
}

func (n *interned) number(id kit.ID) int32 {
	if i, ok := n.numbers[id]; ok {
		return i
	}
	if n.numbers == nil {
		n.numbers = map[kit.ID]int32{}
	}
	i := int32(len(n.IDs))
	n.numbers[id], n.IDs = i, append(n.IDs, id)
	return i
}

// span is the period in which something was so, from the day from to the day before until; and the period in which
// that was recorded, from the day known to the day before unknown.
type span struct{ from, until, known, unknown kit.DayNumber }

func (s span) holds(day, known kit.DayNumber) bool {
	return s.from <= day && day < s.until && s.onRecord(known)
}

func (s span) onRecord(known kit.DayNumber) bool { return s.known <= known && known < s.unknown }

// gone is the span of an unused row.
var gone = span{kit.Forever, kit.Forever, kit.Forever, kit.Forever}

// stretch is a state with the days on which it holds, as far as is known.
type stretch[S any] struct {
	from, until kit.DayNumber
	state       S
}

// history records what many owners were over time, and what was known of that over time. It has one row for each
// state and each period in which that state was recorded. Spans and states are in two lists, because most questions
// read every span and few states. The rows of an owner are side by side, in the order of their days.
type history[S comparable] struct {
	spans  []span
	states []S
	places []rowPlace // by owner
	unused int
}

type rowPlace struct{ at, size int32 }

// put sets the rows of an owner. recorded are the days on which something was recorded; on returns what was known
// on such a day.
func (h *history[S]) put(owner int32, recorded []kit.DayNumber, on func(known kit.DayNumber) []stretch[S]) {
	type row struct {
		span
		state S
	}
	var rows []row
	slices.Sort(recorded)
	for _, day := range slices.Compact(recorded) {
		now := on(day)
		for i := range rows {
			r := &rows[i]
			if r.unknown != kit.Forever {
				continue
			}
			same := slices.Index(now, stretch[S]{r.from, r.until, r.state})
			if same < 0 {
				r.unknown = day
			} else {
				now = slices.Delete(now, same, same+1)
			}
		}
		for _, s := range now {
			rows = append(rows, row{span{s.from, s.until, day, kit.Forever}, s.state})
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.from, b.from) })
	for i, at := 0, h.room(owner, len(rows)); i < len(rows); i++ {
		h.spans[at+i], h.states[at+i] = rows[i].span, rows[i].state
	}
}

// drop removes the rows of an owner.
func (h *history[S]) drop(owner int32) { h.put(owner, nil, nil) }

// room makes room for the rows of an owner and returns the index of the first.
func (h *history[S]) room(owner int32, size int) int {
	for int(owner) >= len(h.places) {
		h.places = append(h.places, rowPlace{})
	}
	place := &h.places[owner]
	for i := range place.size {
		h.spans[place.at+i] = gone
	}
	if int(place.size) < size {
		h.unused += int(place.size)
		*place = rowPlace{int32(len(h.spans)), int32(size)}
		h.spans, h.states = append(h.spans, make([]span, size)...), append(h.states, make([]S, size)...)
		if h.unused > 1000 && h.unused > len(h.spans)/4 {
			h.compact()
		}
	}
	return int(h.places[owner].at)
}

// compact removes the rows that no longer belong to an owner.
func (h *history[S]) compact() {
	var spans []span
	var states []S
	for i, p := range h.places {
		h.places[i].at = int32(len(spans))
		spans = append(spans, h.spans[p.at:p.at+p.size]...)
		states = append(states, h.states[p.at:p.at+p.size]...)
	}
	h.spans, h.states, h.unused = spans, states, 0
}

// On passes to take the states that held on a day, as known on another day.
func (h *history[S]) On(day, known kit.DayNumber, take func(*S)) {
	for i, s := range h.spans {
		if s.holds(day, known) {
			take(&h.states[i])
		}
	}
}

// Begun passes to take the states that began in a period, both days included: owner by owner, and for each owner in
// the order of days.
func (h *history[S]) Begun(from, to, known kit.DayNumber, take func(kit.DayNumber, *S)) {
	for i, s := range h.spans {
		if from <= s.from && s.from <= to && s.onRecord(known) {
			take(s.from, &h.states[i])
		}
	}
}

// some says whether any recorded state satisfies is.
func (h *history[S]) some(known kit.DayNumber, is func(*S) bool) bool {
	for i, s := range h.spans {
		if s.onRecord(known) && is(&h.states[i]) {
			return true
		}
	}
	return false
}

// all passes all recorded states to take.
func (h *history[S]) all(known kit.DayNumber, take func(*S)) {
	for i, s := range h.spans {
		if s.onRecord(known) {
			take(&h.states[i])
		}
	}
}

// First returns the first day of all recorded states; kit.Forever if there are none.
func (h *history[S]) First(known kit.DayNumber) kit.DayNumber {
	first := kit.Forever
	for _, s := range h.spans {
		if s.from < first && s.onRecord(known) {
			first = s.from
		}
	}
	return first
}
