package portal

import (
	"fmt"
	"maps"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

// release is a table that a test publishes.
type release struct {
	counts []int64
	small  []bool
	sums   []sum
}

// cell adds a count.
func (p *release) cell(count int64) int {
	p.counts = append(p.counts, count)
	return len(p.counts) - 1
}

func (p *release) row(counts ...int64) (cells []int) {
	for _, c := range counts {
		cells = append(cells, p.cell(c))
	}
	return cells
}

// total adds the sum of cells.
func (p *release) total(parts []int) int {
	n := int64(0)
	for _, c := range parts {
		n += p.counts[c]
	}
	whole := p.cell(n)
	p.sums = append(p.sums, sum{whole, parts})
	return whole
}

// below marks the counts that are small.
func (p *release) below(threshold int64) *release {
	p.small = make([]bool, len(p.counts))
	for i, c := range p.counts {
		p.small[i] = c > 0 && c < threshold
	}
	return p
}

// grid is a table with the sums of its rows and columns, and that of all.
func grid(rows ...[]int64) *release {
	p := &release{}
	var cells, rights, bottoms []int
	for _, row := range rows {
		cells = append(cells, p.row(row...)...)
	}
	n := len(rows[0])
	for i := range rows {
		rights = append(rights, p.total(cells[i*n:(i+1)*n]))
	}
	for j := range n {
		bottoms = append(bottoms, p.total(column(cells, n, j)))
	}
	p.sums = append(p.sums, sum{p.total(rights), bottoms})
	return p.below(5)
}

// column is one column of a table of rows that have n cells each.
func column(cells []int, n, j int) (out []int) {
	for i := j; i < len(cells); i += n {
		out = append(out, cells[i])
	}
	return out
}

// line is a row with its total.
func line(counts ...int64) *release {
	p := &release{}
	p.total(p.row(counts...))
	return p.below(5)
}

func (p *release) suppress() []bool { return suppress(p.counts, p.small, p.sums) }

func TestASmallCountIsHiddenWithOthersThatGiveItAway(t *testing.T) {
	twice := line(3, 7, 9) // two questions that share the total of their replies
	twice.sums = append(twice.sums, sum{3, twice.row(4, 15)})
	wholes := &release{} // the margins of two rows are in a sum of their own
	wholes.total([]int{wholes.total(wholes.row(3)), wholes.total(wholes.row(6, 9))})
	for name, c := range map[string]struct {
		of   *release
		want []int
	}{
		"nothing is small and nothing is hidden":                            {line(5, 7, 9), nil},
		"there is nothing at all":                                           {(&release{}).below(5), nil},
		"a small count in no sum is hidden alone":                           {(&release{counts: []int64{3, 9}}).below(5), []int{0}},
		"one small count in a row takes the lowest of the others":           {line(3, 9, 7), []int{0, 2}},
		"two small counts whose sum leaves them open suffice":               {line(3, 2, 9), []int{0, 1}},
		"two small counts that sum to 2 are both 1 and take a third":        {line(1, 1, 9, 8), []int{0, 1, 3}},
		"three small counts that sum to 3 take a fourth":                    {line(1, 1, 1, 8), []int{0, 1, 2, 3}},
		"a zero is never hidden":                                            {line(3, 0, 9), []int{0, 2}},
		"a row of a small count and zeros takes its total":                  {line(3, 0, 0), []int{0, 3}},
		"a total takes no other count if all are small":                     {line(1, 1), []int{0, 1, 2}},
		"a small count in a grid takes the three of the lowest block":       {grid([]int64{3, 20, 6}, []int64{30, 30, 30}, []int64{7, 30, 8}), []int{0, 2, 6, 8}},
		"two small counts in a block of four take the other two":            {grid([]int64{3, 20}, []int64{30, 4}), []int{0, 1, 2, 3}},
		"a block of four with two times 1 in a corner still moves":          {grid([]int64{1, 20}, []int64{30, 1}), []int{0, 1, 2, 3}},
		"four times 1 in a block can only be more, so others can be less":   {grid([]int64{1, 1, 9}, []int64{1, 1, 9}), []int{0, 1, 2, 3, 4, 5, 8, 9, 10}},
		"a small count that is a bridge between two blocks is protected":    {bridge(), []int{0, 1, 2, 4, 5, 6, 10, 11, 14, 15}},
		"a total of two questions is shown if both rows can do without":     {twice.below(5), []int{0, 1, 4, 5}},
		"two counts are hidden rather than the total of both rows":          {&release{[]int64{3, 9, 9, 12}, []bool{true, false, false, false}, []sum{{3, []int{0, 1}}, {3, []int{0, 2}}}}, []int{0, 1, 2}},
		"two counts are hidden rather than a total that is part of another": {&release{[]int64{3, 9, 9, 12, 4, 3, 19}, []bool{0: true, 4: true, 5: true, 6: false}, []sum{{3, []int{0, 1}}, {3, []int{0, 2}}, {6, []int{3, 4, 5}}}}, []int{0, 1, 2, 4, 5}},
		"wholes are hidden where a row has nothing else":                    {wholes.below(5), []int{0, 1, 2, 4}},
		"a small mark on a zero is nothing":                                 {&release{counts: []int64{0}, small: []bool{true}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			hidden := c.of.suppress()
			var got []int
			for i, h := range hidden {
				if h {
					got = append(got, i)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("hidden are %v of %v, not %v", got, c.of.counts, c.want)
			}
			c.of.check(t, hidden)
		})
	}
}

// bridge is a table with two blocks of four that are hidden, and one more cell that alone leads from one to
// the other: cell 6. Its row and its column have three hidden cells each.
func bridge() *release {
	return grid(
		[]int64{3, 3, 50, 50},
		[]int64{3, 3, 4, 50},
		[]int64{50, 50, 3, 3},
		[]int64{50, 50, 3, 3},
	)
}

func TestABridgeIsGivenAwayByTheEquations(t *testing.T) {
	p := bridge()
	if got := p.determined(p.small); !slices.Equal(got, []int{6}) {
		t.Errorf("if only the small counts are hidden, the equations determine %v", got)
	}
	if got := p.determined(p.suppress()); got != nil {
		t.Errorf("the equations determine %v", got)
	}
}

// check tells what is wrong with what is hidden.
func (p *release) check(t *testing.T, hidden []bool) {
	t.Helper()
	for i, c := range p.counts {
		if p.small[i] && c > 0 && !hidden[i] {
			t.Errorf("small cell %d is shown", i)
		}
		if c == 0 && hidden[i] {
			t.Errorf("cell %d is hidden though it is zero", i)
		}
		if p.small[i] && hidden[i] && !p.doubted(hidden, i) {
			t.Errorf("cell %d can be computed: counts %v, small %v, sums %v, hidden %v", i, p.counts, p.small, p.sums, hidden)
		}
	}
}

// bounds are the least and the most that each count can be.
type bounds struct{ low, high []int64 }

// tightened are the bounds that follow from the sums, false if they exclude each other.
func (p *release) tightened(b bounds) (bounds, bool) {
	b = bounds{slices.Clone(b.low), slices.Clone(b.high)}
	for again := true; again; {
		again = false
		for _, s := range p.sums {
			low, high := b.low[s.whole], b.high[s.whole]
			for _, c := range s.parts {
				low, high = low-b.high[c], high-b.low[c]
			}
			// The whole may be above its parts by low to high, which each of them can take up alone.
			narrowed := b.narrow(s.whole, b.high[s.whole]-high, b.low[s.whole]-low)
			for _, c := range s.parts {
				narrowed = b.narrow(c, low+b.high[c], high+b.low[c]) || narrowed
			}
			again = again || narrowed
		}
		for i := range b.low {
			if b.low[i] > b.high[i] {
				return b, false
			}
		}
	}
	return b, true
}

func (b bounds) narrow(i int, low, high int64) bool {
	if low <= b.low[i] && high >= b.high[i] {
		return false
	}
	b.low[i], b.high[i] = max(b.low[i], low), min(b.high[i], high)
	return true
}

// known are the bounds that an attacker begins with; no count is taken for more than most.
func (p *release) known(hidden []bool, most int64) bounds {
	b := bounds{slices.Clone(p.counts), slices.Clone(p.counts)}
	for i, h := range hidden {
		if h {
			b.low[i], b.high[i] = 1, most
		}
	}
	return b
}

// doubted goes through all tables that would publish the same, and says whether there is one with another
// count in a cell. None has more in a cell than twice the most there is, which is enough for a twin.
func (p *release) doubted(hidden []bool, cell int) bool {
	b := p.known(hidden, 2*slices.Max(p.counts))
	above, below := bounds{slices.Clone(b.low), b.high}, bounds{b.low, slices.Clone(b.high)}
	above.low[cell], below.high[cell] = p.counts[cell]+1, p.counts[cell]-1
	return p.possible(above) || p.possible(below)
}

// possible says whether there is a table within bounds.
func (p *release) possible(b bounds) bool {
	b, ok := p.tightened(b)
	if !ok {
		return false
	}
	open := -1
	for i := range b.low {
		if b.low[i] < b.high[i] && (open < 0 || b.high[i]-b.low[i] < b.high[open]-b.low[open]) {
			open = i
		}
	}
	if open < 0 {
		return true
	}
	for v := b.low[open]; v <= b.high[open]; v++ {
		tried := bounds{slices.Clone(b.low), slices.Clone(b.high)}
		tried.low[open], tried.high[open] = v, v
		if p.possible(tried) {
			return true
		}
	}
	return false
}

func TestAnAttackerWhoTriesEveryTableIsLeftInDoubt(t *testing.T) {
	for name, random := range map[string]func(*rand.Rand) *release{
		"grids": randomGrid, "surveys of two questions": tinySurvey, "tangled sums": randomTangle,
	} {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 1))
			small, hidden := 0, 0
			for range 1500 {
				p := random(r)
				h := p.suppress()
				p.check(t, h)
				if t.Failed() {
					return
				}
				small, hidden = small+marked(p.small), hidden+marked(h)
			}
			t.Logf("%d small counts, %d others hidden", small, hidden-small)
		})
	}
}

func marked(of []bool) (n int) {
	for _, b := range of {
		if b {
			n++
		}
	}
	return n
}

// randomCount is often small and sometimes zero.
func randomCount(r *rand.Rand) int64 { return max(0, r.Int64N(12)-r.Int64N(8)) }

func randomGrid(r *rand.Rand) *release {
	rows := make([][]int64, 1+r.IntN(4))
	n := 1 + r.IntN(4)
	for i := range rows {
		for range n {
			rows[i] = append(rows[i], randomCount(r))
		}
	}
	p := grid(rows...)
	if r.IntN(3) == 0 {
		p.sums = p.sums[:len(rows)+r.IntN(n+1)] // not all relations are known
	}
	return p.below(2 + r.Int64N(4))
}

func tinySurvey(r *rand.Rand) *release {
	return randomSurvey(r, survey{members: 1 + r.IntN(24), questions: 2, values: 2, categories: 2, regions: 2, shared: true})
}

// randomTangle is a table with sums of any cells, those that are sums among them, and in which any cell may
// be marked as small.
func randomTangle(r *rand.Rand) *release {
	p := &release{}
	for range 3 + r.IntN(6) {
		p.cell(randomCount(r))
	}
	for range 1 + r.IntN(5) {
		p.total(r.Perm(len(p.counts))[:1+r.IntN(min(4, len(p.counts)))])
	}
	p.below(2 + r.Int64N(4))
	for range r.IntN(3) {
		p.small[r.IntN(len(p.small))] = true
	}
	return p
}

// Inner cells are hidden rather than wholes, so it may well be more cells than must be.
func TestNotManyMoreAreHiddenThanMustBe(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	least, got := 0, 0
	for n := 0; n < 300; {
		p := grid([]int64{randomCount(r), randomCount(r), randomCount(r)}, []int64{randomCount(r), randomCount(r), randomCount(r)}, []int64{randomCount(r), randomCount(r), randomCount(r)})
		if marked(p.small) == 0 || marked(p.small) > 6 {
			continue
		}
		n++
		got += marked(p.suppress()) - marked(p.small)
		least += p.least()
	}
	t.Logf("%d are hidden besides the small ones, where %d must be", got, least)
	if got*5 > least*6 {
		t.Errorf("%d are hidden besides the small ones, where %d must be", got, least)
	}
}

// least is how many must be hidden besides the small ones.
func (p *release) least() int {
	var others []int
	for i, c := range p.counts {
		if c > 0 && !p.small[i] {
			others = append(others, i)
		}
	}
	for n := range len(others) + 1 {
		for set := range uint(1) << len(others) {
			if bits.OnesCount(set) == n && p.safe(set, others) {
				return n
			}
		}
	}
	panic("a table that gives a count away if all is hidden")
}

func (p *release) safe(set uint, others []int) bool {
	hidden := slices.Clone(p.small)
	for bit, i := range others {
		hidden[i] = set>>bit&1 == 1
	}
	for i, small := range p.small {
		if small && !p.doubted(hidden, i) {
			return false
		}
	}
	return true
}

// survey is the size of a consultation.
type survey struct {
	members, questions, values, categories, regions int
	// shared says that all questions share their margins, since each member replies to all or to none.
	shared bool
	// agreed of 100 replies have the first value.
	agreed int
}

// randomSurvey has for each question the replies of each value by category, by region, and all of them, and
// the same for all values together.
func randomSurvey(r *rand.Rand, v survey) *release {
	p := &release{}
	n := v.categories + v.regions + 1
	margins := func() []int {
		m := p.row(make([]int64, n)...)
		p.sums = append(p.sums, sum{m[n-1], m[:v.categories]}, sum{m[n-1], m[v.categories : n-1]})
		return m
	}
	all := margins()
	member := make([][]int, v.members)
	for i := range member {
		member[i] = []int{min(r.IntN(v.categories), r.IntN(v.categories)), v.categories + r.IntN(v.regions), n - 1}
		for _, j := range member[i] {
			p.counts[all[j]]++
		}
	}
	for range v.questions {
		total := all
		if !v.shared {
			total = margins()
		}
		p.ask(r, v, member, total)
	}
	return p.below(5)
}

// ask adds the replies to a question, of which some are left out if its margins are its own.
func (p *release) ask(r *rand.Rand, v survey, member [][]int, total []int) {
	n := len(total)
	values := v.values + r.IntN(v.values+1)
	cells := p.row(make([]int64, values*n)...)
	for i := range values {
		m := cells[i*n : (i+1)*n]
		p.sums = append(p.sums, sum{m[n-1], m[:v.categories]}, sum{m[n-1], m[v.categories : n-1]})
	}
	for j := range total {
		p.sums = append(p.sums, sum{total[j], column(cells, n, j)})
	}
	for _, columns := range member {
		value := min(r.IntN(values), r.IntN(values))
		if r.IntN(100) < v.agreed {
			value = 0
		}
		if !v.shared && r.IntN(3) == 0 {
			continue
		}
		for _, j := range columns {
			p.counts[cells[value*n+j]]++
			if !v.shared {
				p.counts[total[j]]++
			}
		}
	}
}

// largeSurvey is of the size of the largest consultation.
func largeSurvey(seed uint64, members, agreed int, shared bool) *release {
	v := survey{members: members, questions: 12, values: 4, categories: 4, regions: 7, shared: shared, agreed: agreed}
	return randomSurvey(rand.New(rand.NewPCG(seed, 3)), v)
}

func TestAWholeConsultationGivesNothingAway(t *testing.T) {
	for _, shared := range []bool{true, false} {
		for _, agreed := range []int{0, 70} {
			for _, members := range []int{8, 20, 30, 50, 100, 180} {
				t.Run(fmt.Sprintf("of %d members who agree at %d %%, margins shared %t", members, agreed, shared), func(t *testing.T) {
					p := largeSurvey(uint64(members), members, agreed, shared)
					p.holds(t)
					hidden := p.suppress()
					t.Logf("%d cells, %d sums, %d small, %d others hidden", len(p.counts), len(p.sums), marked(p.small), marked(hidden)-marked(p.small))
					p.checkTwins(t, hidden)
					p.checkBounds(t, hidden)
					if got := p.determined(hidden); got != nil {
						t.Errorf("the equations determine %v", got)
					}
				})
			}
		}
	}
}

// holds is whether a test's own sums hold.
func (p *release) holds(t *testing.T) {
	t.Helper()
	for _, s := range p.sums {
		n := p.counts[s.whole]
		for _, c := range s.parts {
			n -= p.counts[c]
		}
		if n != 0 {
			t.Fatalf("sum %v is off by %d", s, n)
		}
	}
}

// checkTwins computes each twin that suppress relies on and compares what it publishes.
func (p *release) checkTwins(t *testing.T, hidden []bool) {
	t.Helper()
	d := newDisclosure(p.counts, p.small, p.sums)
	d.protect()
	d.reveal()
	if !slices.Equal(d.hidden, hidden) {
		t.Error("hidden the second time are others")
	}
	for i, small := range p.small {
		if !small {
			continue
		}
		twin := &release{counts: slices.Clone(p.counts), sums: p.sums}
		for _, m := range d.twins[i] {
			twin.counts[m.of] += m.by
		}
		twin.holds(t)
		if twin.counts[i] == p.counts[i] {
			t.Errorf("the twin for %d is none", i)
		}
		for j, c := range twin.counts {
			if !hidden[j] && c != p.counts[j] || hidden[j] && c < 1 {
				t.Errorf("the twin for %d has %d in %d", i, c, j)
			}
		}
	}
}

func (p *release) checkBounds(t *testing.T, hidden []bool) {
	t.Helper()
	b, ok := p.tightened(p.known(hidden, 1<<40))
	if !ok {
		t.Fatal("the bounds exclude the truth")
	}
	for i, small := range p.small {
		if small && b.low[i] == b.high[i] {
			t.Errorf("the bounds leave only %d for %d", b.low[i], i)
		}
	}
}

// determined are the small cells that the sums alone determine. They are solved for what is hidden; a count
// is determined if that leaves an equation with nothing else.
func (p *release) determined(hidden []bool) (cells []int) {
	solved := map[int]map[int]*big.Rat{} // by the cell that the equation was solved for
	for _, s := range p.sums {
		row := p.equation(s, hidden)
		for cell, other := range solved {
			eliminate(row, other, cell)
		}
		if len(row) == 0 {
			continue
		}
		pivot := slices.Min(slices.Collect(maps.Keys(row)))
		by := new(big.Rat).Inv(row[pivot])
		for _, factor := range row {
			factor.Mul(factor, by)
		}
		for _, other := range solved {
			eliminate(other, row, pivot)
		}
		solved[pivot] = row
	}
	for cell, row := range solved {
		if p.small[cell] && len(row) == 1 {
			cells = append(cells, cell)
		}
	}
	return cells
}

// equation has the factors of the hidden cells of a sum.
func (p *release) equation(s sum, hidden []bool) map[int]*big.Rat {
	row := map[int]*big.Rat{}
	if hidden[s.whole] {
		row[s.whole] = big.NewRat(-1, 1)
	}
	for _, c := range s.parts {
		if hidden[c] {
			row[c] = big.NewRat(1, 1)
		}
	}
	return row
}

// eliminate takes an unknown out of a row with the help of another that is solved for it.
func eliminate(row, solved map[int]*big.Rat, cell int) {
	times := row[cell]
	if times == nil {
		return
	}
	times = new(big.Rat).Set(times)
	for c, factor := range solved {
		if row[c] == nil {
			row[c] = new(big.Rat)
		}
		row[c].Sub(row[c], new(big.Rat).Mul(times, factor))
		if row[c].Sign() == 0 {
			delete(row, c)
		}
	}
}

func TestTheSameCountsAreHiddenEachTime(t *testing.T) {
	p := largeSurvey(1, 100, 0, true)
	for range 5 {
		if !slices.Equal(p.suppress(), p.suppress()) {
			t.Fatal("others are hidden")
		}
	}
}

func TestWhatIsHandedInIsNotChanged(t *testing.T) {
	p := largeSurvey(1, 100, 0, true)
	counts, small := slices.Clone(p.counts), slices.Clone(p.small)
	p.suppress()
	if !slices.Equal(counts, p.counts) || !slices.Equal(small, p.small) {
		t.Error("it is changed")
	}
}

// If no search finds a twin, all that is connected is hidden, which is the last resort.
func TestWithoutEffortAllThatIsConnectedIsHidden(t *testing.T) {
	p := line(3, 9, 0, 7)
	apart := p.cell(8)
	p.small = append(p.small, false)
	d := newDisclosure(p.counts, p.small, p.sums)
	d.left = 0
	d.protect()
	if want := []bool{true, true, false, true, true, false}; !slices.Equal(d.hidden, want) || d.hidden[apart] {
		t.Errorf("hidden are %v", d.hidden)
	}
	p.check(t, d.hidden)
}

func BenchmarkSuppress(b *testing.B) {
	for _, members := range []int{20, 50, 100, 180} {
		p := largeSurvey(1, members, 0, true)
		b.Run(fmt.Sprintf("%d members, %d cells, %d small, %d sums", members, len(p.counts), marked(p.small), len(p.sums)), func(b *testing.B) {
			for b.Loop() {
				p.suppress()
			}
		})
	}
}
