package portal

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// sum says that one count is the sum of others.
type sum struct {
	whole int
	parts []int
}

// suppress decides which of some counts stay hidden, if those that small marks must not be published and
// nobody may be able to compute one of them from what is.
//
// An attacker knows all counts that are shown, all sums, and that a hidden count is a whole number of at
// least 1: a count of 0 is never hidden, whatever small says. The attacker does not know which hidden counts
// are small and which are hidden for their sake, nor any bounds but those that follow from the sums, and
// may compute for ever. What remains in doubt is which it is of the tables that would publish the same. So
// suppress hides further counts until it has found, for each small one, such a twin of the true table that
// differs in it, if only by 1. Then no equations, bounds, or trying of all whole numbers give it away.
//
// There is a twin in the end: if all that sums connect with a small count is hidden but for zeros, twice as
// much of it all is one. Before that, as few counts are hidden as a search with bounded effort finds, rather
// those that are the whole of no sum, rather low ones, a grand total last. The same input always has the
// same answer. All sums have to hold, and to say all that is known: a count that is public elsewhere, or a
// bound on one, can give others away.
func suppress(counts []int64, small []bool, sums []sum) (hidden []bool) {
	d := newDisclosure(counts, small, sums)
	d.protect()
	d.reveal()
	return d.hidden
}

const (
	// stepPrice is what a search pays for each count that differs, and hidePrice what it pays besides if
	// that is hidden for it. If hiding were dearer still, every way round would be tried before.
	stepPrice = 1 << 16
	hidePrice = 40 * stepPrice
	// haste is how many steps a search expects for each sum that does not add up.
	haste = 4
	// patience bounds the steps of one search, and effort those of all that protect, or that reveal.
	patience, effort = 2000, 20000
)

// shift is by how much a cell differs in another table, or by how much a sum is off if a cell has one more.
type shift struct {
	of int
	by int64
}

// disclosure is a table that is to be published, and another that is compared with it.
type disclosure struct {
	counts []int64
	hidden []bool
	// small are the cells to protect, those in most sums first, whose twins serve most others too.
	small []int
	// twins has the latest twin that differs in a cell.
	twins [][]shift
	// sums are those of each cell, and cells those of each sum, without zeros, which are certain.
	sums, cells [][]shift
	// settled says that nothing more may be hidden, left how much effort is.
	settled bool
	left    int

	// trail is where the other table differs, off by how much each of its sums does not add up, wrong how
	// many do not, and key a sum of hashes that is almost surely another if they are off in another way.
	trail   []shift
	differs []bool
	off     []int64
	wrong   int
	key     uint64
	hash    []uint64
}

func newDisclosure(counts []int64, small []bool, sums []sum) *disclosure {
	n, m, random := len(counts), len(sums), rand.New(rand.NewPCG(1, 2))
	d := &disclosure{
		counts: counts, hidden: make([]bool, n), twins: make([][]shift, n), left: effort,
		sums: make([][]shift, n), cells: make([][]shift, m),
		differs: make([]bool, n), off: make([]int64, m), hash: make([]uint64, m),
	}
	join := func(s, cell int, by int64) {
		if counts[cell] > 0 {
			d.sums[cell] = append(d.sums[cell], shift{s, by})
			d.cells[s] = append(d.cells[s], shift{cell, by})
		}
	}
	for s, v := range sums {
		d.hash[s] = random.Uint64()
		join(s, v.whole, -1)
		for _, p := range v.parts {
			join(s, p, 1)
		}
	}
	for i, c := range counts {
		if d.hidden[i] = small[i] && c > 0; d.hidden[i] {
			d.small = append(d.small, i)
		}
	}
	slices.SortStableFunc(d.small, func(a, b int) int { return len(d.sums[b]) - len(d.sums[a]) })
	return d
}

// price is what it costs to hide a cell: more if it is a whole, most if it is nothing else.
func (d *disclosure) price(cell int) int64 {
	price := hidePrice + min(d.counts[cell], stepPrice-1)
	if slices.ContainsFunc(d.sums[cell], func(s shift) bool { return s.by < 0 }) {
		price *= 8
		if !slices.ContainsFunc(d.sums[cell], func(s shift) bool { return s.by > 0 }) {
			price *= 4
		}
	}
	return price
}

// hub says whether a cell is in the sums of many tables, as all replies from a region are for each question.
func (d *disclosure) hub(cell int) bool { return len(d.sums[cell]) > 3 }

// top says whether a sum is one of hubs only.
func (d *disclosure) top(s int) bool {
	return !slices.ContainsFunc(d.cells[s], func(c shift) bool { return !d.hub(c.of) })
}

// protect hides cells until each small one has a twin that differs in hidden ones only. If nothing more may
// be hidden, it says whether they have.
func (d *disclosure) protect() bool {
	for _, i := range d.small {
		if d.twins[i] != nil && !slices.ContainsFunc(d.twins[i], func(m shift) bool { return !d.hidden[m.of] }) {
			continue
		}
		twin := d.twin(i)
		if twin == nil {
			return false
		}
		for _, m := range twin {
			d.hidden[m.of], d.twins[m.of] = true, twin
		}
	}
	return true
}

// reveal shows again what need not be hidden because later twins serve earlier cells too, the dearest first.
func (d *disclosure) reveal() {
	d.left, d.settled = effort, true
	var cells []int
	for i, h := range d.hidden {
		if h && !slices.Contains(d.small, i) {
			cells = append(cells, i)
		}
	}
	slices.SortStableFunc(cells, func(a, b int) int { return cmp.Compare(d.price(b), d.price(a)) })
	for _, i := range cells {
		d.hidden[i] = false
		d.hidden[i] = !d.protect()
	}
}

// twin is a twin that differs in a cell: one that a search finds or, if more may be hidden, the one with
// twice as much of all that is connected with the cell.
func (d *disclosure) twin(cell int) []shift {
	twin := d.mend(-1, []shift{{cell, 1}, {cell, -1}}[:min(2, d.counts[cell])])
	if twin != nil || d.settled {
		return twin
	}
	twin, seen := []shift{{cell, d.counts[cell]}}, map[int]bool{cell: true}
	for n := 0; n < len(twin); n++ {
		for _, s := range d.sums[twin[n].of] {
			for _, c := range d.cells[s.of] {
				if !seen[c.of] {
					seen[c.of] = true
					twin = append(twin, shift{c.of, d.counts[c.of]})
				}
			}
		}
	}
	return twin
}

// step is one more cell in which a table differs, besides those of the step before.
type step struct {
	shift
	before     *step
	paid, rank int64
	key        uint64
}

// repair is a search for the cheapest way to make sums add up.
type repair struct {
	*disclosure
	hubs  bool    // may differ
	queue []*step // the best is the last
	seen  map[uint64]bool
}

// mend finds a twin that differs in one of the cells given first; or, with none given, mends a sum that
// is off and what that puts wrong. Sums that only a hub puts wrong are left until it is certain which hubs
// differ, and then mended one by one: or each way to mend one would be tried with each to mend another.
func (d *disclosure) mend(s int, first []shift) (twin []shift) {
	r, mark := &repair{disclosure: d, hubs: first != nil, seen: map[uint64]bool{}}, len(d.trail)
	for _, m := range first {
		r.add(&step{}, m)
	}
	if first == nil {
		r.grow(&step{}, s)
	}
	for ; len(r.queue) > 0 && len(r.seen) < patience && d.left > 0; d.left-- {
		at := r.queue[len(r.queue)-1]
		r.queue = r.queue[:len(r.queue)-1]
		if r.seen[at.key] {
			continue
		}
		r.seen[at.key] = true
		r.follow(at)
		broken := r.broken(mark)
		if broken < 0 {
			twin = d.mendRest()
		} else {
			r.grow(at, broken)
		}
		for ; len(d.trail) > mark; d.trail = d.trail[:len(d.trail)-1] {
			d.move(d.trail[len(d.trail)-1], -1)
		}
		if broken < 0 && (twin != nil || !r.hubs) {
			return twin
		}
	}
	return nil
}

func (d *disclosure) mendRest() []shift {
	for s, off := range d.off {
		if off != 0 {
			return d.mend(s, nil)
		}
	}
	return slices.Clone(d.trail)
}

func (r *repair) follow(s *step) {
	if s.before != nil {
		r.follow(s.before)
		r.trail = append(r.trail, s.shift)
		r.move(s.shift, 1)
	}
}

// broken is a sum to mend, one that the latest shift put wrong if possible, -1 if there is none.
func (r *repair) broken(mark int) int {
	for _, m := range slices.Backward(r.trail[mark:]) {
		for _, s := range r.sums[m.of] {
			if r.off[s.of] != 0 && (!r.hub(m.of) || r.top(s.of)) {
				return s.of
			}
		}
	}
	return -1
}

// grow queues the steps that bring a sum nearer to adding up. A cell differs by no more than 1, or there
// would be no end of steps.
func (r *repair) grow(at *step, s int) {
	for _, c := range r.cells[s] {
		by := c.by
		if r.off[s] > 0 {
			by = -by
		}
		if !r.differs[c.of] && r.counts[c.of]+by > 0 && (r.hidden[c.of] || !r.settled) && (r.hubs || !r.hub(c.of)) {
			r.add(at, shift{c.of, by})
		}
	}
}

func (r *repair) add(before *step, m shift) {
	s := &step{shift: m, before: before, paid: before.paid + stepPrice}
	if !r.hidden[m.of] {
		s.paid += r.price(m.of)
	}
	r.move(m, 1)
	s.key, s.rank = r.key, s.paid+haste*stepPrice*int64(r.wrong)
	r.move(m, -1)
	at, _ := slices.BinarySearchFunc(r.queue, s.rank, func(o *step, rank int64) int { return cmp.Or(cmp.Compare(rank, o.rank), -1) })
	r.queue = slices.Insert(r.queue, at, s)
}

func (d *disclosure) move(m shift, times int64) {
	d.differs[m.of] = !d.differs[m.of]
	for _, s := range d.sums[m.of] {
		if d.off[s.of] != 0 {
			d.wrong--
		}
		d.off[s.of] += s.by * m.by * times
		if d.off[s.of] != 0 {
			d.wrong++
		}
		d.key += uint64(s.by*m.by*times) * d.hash[s.of]
	}
}
