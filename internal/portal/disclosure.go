package portal

import "container/heap"

// sum says that one count is the sum of others, each of which it names once.
type sum struct {
	whole int
	parts []int
}

// suppress decides which of some counts stay hidden, if those that small marks must not be published and
// nobody may be able to compute one of them from what is. Whoever tries knows every count that is shown,
// every sum, and that what is hidden is a whole number of at least 1, since a count of nothing is never
// hidden; but neither which of the hidden counts are small nor how they were chosen. A small count is safe
// if, for all they know, it could be another number: no equation and no bound can then give it away. So
// for each of them suppress finds different counts that add up as well and agree in all that is shown.
// That holds of each small count alone; what two of them add up to may still be plain, and so may a range.
//
// It hides few others, but not always the fewest. Of these it prefers counts that are no sums, the lowest
// first, to sums, and takes those that are part of nothing last. The same input gives the same result.
func suppress(counts []int64, small []bool, sums []sum) (hidden []bool) {
	s := newSuppression(counts, sums)
	for i, c := range counts {
		s.hidden[i] = small[i] && c > 0
	}
	for i, c := range counts {
		if small[i] && c > 0 && !s.safe[i] {
			s.protect(i)
		}
	}
	return s.hidden
}

// suppression is what suppress has decided so far. A count that is safe stays so whatever else is hidden:
// the different counts that prove it still agree in all that is shown.
type suppression struct {
	counts       []int64
	hidden, safe []bool
	// price is what it costs to hide a count.
	price []int64
	// cells are the counts of each sum, and of the sums of each count. By their factors, 1 of a part and
	// -1 of the whole, the counts of a sum add up to nothing. Counts of nothing are left out.
	cells, of [][]sumTerm
	// upper marks the sums all whose counts are sums themselves.
	upper []bool
	// moved is by how much the way that is being continued changes each count.
	moved []int64
}

// sumTerm is a count in a sum, or a sum of a count.
type sumTerm struct {
	at     int
	factor int64
}

// Hiding two counts costs more than hiding one, however large. A reader misses a sum more than any of its
// parts, and a grand total more than any other sum.
const (
	priceInner = 1 << 20
	priceSum   = 1 << 26
	priceTotal = 1 << 32
)

func newSuppression(counts []int64, sums []sum) *suppression {
	n := len(counts)
	s := &suppression{
		counts: counts, price: prices(counts, sums), hidden: make([]bool, n), safe: make([]bool, n), moved: make([]int64, n),
		cells: make([][]sumTerm, len(sums)), of: make([][]sumTerm, n), upper: make([]bool, len(sums)),
	}
	for e, sum := range sums {
		s.upper[e] = true
		s.join(e, sum.whole, -1)
		for _, i := range sum.parts {
			s.join(e, i, 1)
		}
	}
	return s
}

func (s *suppression) join(e, i int, factor int64) {
	if s.counts[i] <= 0 {
		return
	}
	s.cells[e] = append(s.cells[e], sumTerm{i, factor})
	s.of[i] = append(s.of[i], sumTerm{e, factor})
	s.upper[e] = s.upper[e] && s.price[i] >= priceSum
}

func prices(counts []int64, sums []sum) []int64 {
	whole, part := make([]bool, len(counts)), make([]bool, len(counts))
	for _, s := range sums {
		whole[s.whole] = true
		for _, i := range s.parts {
			part[i] = true
		}
	}
	price := make([]int64, len(counts))
	for i, c := range counts {
		switch price[i] = min(c, priceInner/2); {
		case !whole[i]:
			price[i] += priceInner
		case part[i]:
			price[i] += priceSum
		default:
			price[i] += priceTotal
		}
	}
	return price
}

// hopes are what may be paid to put one sum right. The first is next to nothing, so that the cheapest way
// is found; where that takes too long, the others find some way soon.
var hopes = []int64{2, 4 * priceInner, 4 * priceSum}

// protect makes a count safe: it hides what other counts would change. If it finds none, it hides all
// that is connected; then nothing tells the counts from their double.
func (s *suppression) protect(cell int) {
	for _, hope := range hopes {
		if way := s.way(cell, hope); way != nil {
			for ; way.before != nil; way = way.before {
				s.hidden[way.cell], s.safe[way.cell] = true, true
			}
			return
		}
	}
	s.flood(cell)
}

func (s *suppression) flood(cell int) {
	reached := make([]bool, len(s.cells))
	s.hidden[cell], s.safe[cell] = true, true
	for queue := []int{cell}; len(queue) > 0; queue = queue[1:] {
		for _, e := range s.of[queue[0]] {
			if reached[e.at] {
				continue
			}
			reached[e.at] = true
			for _, c := range s.cells[e.at] {
				s.hidden[c.at], s.safe[c.at] = true, true
				queue = append(queue, c.at)
			}
		}
	}
}

// wayStep changes a count by one after the steps before it. No way takes back what it did, so one that
// ends with no sum off leads to counts of which all that it touched differ.
type wayStep struct {
	before *wayStep
	cell   int
	by     int64
	price  int64
	// rank is the price and what may have to be paid for the sums that are off.
	rank   int64
	serial int
	// off are the sums that do not add up, and by how much, the latest last, once the way is continued;
	// open is how much that is in all, and key a hash of it.
	off  []sumTerm
	open int64
	key  uint64
}

// maxWaySteps bounds one search. Most take some tens of steps; those that need a shared margin to move,
// and with it counts of every question, some hundreds.
const maxWaySteps = 1500

// way searches for the cheapest way to change a count, nil if it finds none. Of two that leave the same
// sums off it continues the cheaper one only. That keeps the search short and, as long as no count is in
// more than two sums, loses nothing.
func (s *suppression) way(cell int, hope int64) *wayStep {
	q := &wayQueue{hope: hope, seen: map[uint64]bool{}}
	start := &wayStep{}
	s.step(q, start, cell, 1)
	s.step(q, start, cell, -1)
	for n := 0; len(q.steps) > 0 && n < maxWaySteps; n++ {
		at := heap.Pop(q).(*wayStep)
		if at.open == 0 {
			return at
		}
		if q.seen[at.key] {
			continue
		}
		q.seen[at.key] = true
		s.walk(at, 1)
		at.off = s.off(at)
		e := s.next(at.off)
		for _, c := range s.cells[e.at] {
			// What a sum is off by may be more than 1, but a step goes by 1.
			s.step(q, at, c.at, -c.factor*e.factor/distance(e.factor))
		}
		s.walk(at, -1)
	}
	return nil
}

// next is the sum to put right next. One of sums decides which margins move, so it comes before what
// follows from that; else each is finished before another is begun.
func (s *suppression) next(off []sumTerm) sumTerm {
	for i := len(off) - 1; i >= 0; i-- {
		if s.upper[off[i].at] {
			return off[i]
		}
	}
	return off[len(off)-1]
}

// walk notes, or with -1 forgets, what the way to a step moved.
func (s *suppression) walk(at *wayStep, sign int64) {
	for ; at.before != nil; at = at.before {
		s.moved[at.cell] += sign * at.by
	}
}

// step continues a way, unless that would take back a step or leave nothing of a count.
func (s *suppression) step(q *wayQueue, before *wayStep, cell int, by int64) {
	moved := s.moved[cell]
	if moved*by < 0 || s.counts[cell]+moved+by < 1 {
		return
	}
	key, open := before.key, before.open
	for _, e := range s.of[cell] {
		key += uint64(e.factor*by) * scatter(uint64(e.at))
		was := offBy(before.off, e.at)
		open += distance(was+e.factor*by) - distance(was)
	}
	if q.seen[key] {
		return
	}
	price := before.price + 1
	if !s.hidden[cell] && moved == 0 {
		price += s.price[cell]
	}
	if by < 0 {
		// What is low cannot sink often; a way that relies on it ends soon.
		price += 8 * q.hope / s.counts[cell]
	}
	q.serial++
	heap.Push(q, &wayStep{
		before: before, cell: cell, by: by, price: price, rank: price + q.hope*open, serial: q.serial, open: open, key: key,
	})
}

// off are the sums that are off after a step.
func (s *suppression) off(at *wayStep) []sumTerm {
	off := make([]sumTerm, 0, len(at.before.off)+len(s.of[at.cell]))
	for _, e := range at.before.off {
		if e.factor += at.by * offBy(s.of[at.cell], e.at); e.factor != 0 {
			off = append(off, e)
		}
	}
	for _, e := range s.of[at.cell] {
		if offBy(at.before.off, e.at) == 0 {
			off = append(off, sumTerm{e.at, e.factor * at.by})
		}
	}
	return off
}

// offBy is by how much a sum is off, if it is among those that are.
func offBy(off []sumTerm, e int) int64 {
	for i := range off {
		if off[i].at == e {
			return off[i].factor
		}
	}
	return 0
}

func distance(n int64) int64 { return max(n, -n) }

// scatter gives each sum a number (that of SplitMix64), so that what is off can be hashed by addition.
// If two hashes are the same by chance, a way may be missed, but none is taken that is none.
func scatter(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// wayQueue holds the ways to continue, the most promising first.
type wayQueue struct {
	steps  []*wayStep
	hope   int64
	seen   map[uint64]bool
	serial int
}

func (q *wayQueue) Less(i, j int) bool {
	a, b := q.steps[i], q.steps[j]
	return a.rank < b.rank || a.rank == b.rank && a.serial < b.serial
}

func (q *wayQueue) Swap(i, j int) { q.steps[i], q.steps[j] = q.steps[j], q.steps[i] }
func (q *wayQueue) Push(x any)    { q.steps = append(q.steps, x.(*wayStep)) }
func (q *wayQueue) Len() int      { return len(q.steps) }
func (q *wayQueue) Pop() any {
	x := q.steps[len(q.steps)-1]
	q.steps = q.steps[:len(q.steps)-1]
	return x
}
