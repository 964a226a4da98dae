package portal

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

// suppressCross are the sums of a table whose rows and columns end with their totals.
func suppressCross(rows, columns int) (sums []sum) {
	at := func(r, c int) int { return r*(columns+1) + c }
	for r := range rows + 1 {
		s := sum{whole: at(r, columns)}
		for c := range columns {
			s.parts = append(s.parts, at(r, c))
		}
		sums = append(sums, s)
	}
	for c := range columns + 1 {
		s := sum{whole: at(rows, c)}
		for r := range rows {
			s.parts = append(s.parts, at(r, c))
		}
		sums = append(sums, s)
	}
	return sums
}

func TestSuppressHides(t *testing.T) {
	row, square := []sum{{whole: 3, parts: []int{0, 1, 2}}}, suppressCross(3, 3)
	for name, c := range map[string]struct {
		counts      []int64
		small, want []int
		sums        []sum
	}{
		"nothing if nothing is small":              {[]int64{5, 6, 7, 18}, nil, nil, row},
		"a small count that is in no sum alone":    {[]int64{2, 9}, []int{0}, []int{0}, nil},
		"the lowest other count of a row":          {[]int64{2, 9, 7, 18}, []int{0}, []int{0, 2}, row},
		"no other if two are small":                {[]int64{2, 3, 7, 12}, []int{0, 1}, []int{0, 1}, row},
		"a third if two must be 1 each":            {[]int64{1, 1, 7, 9}, []int{0, 1}, []int{0, 1, 2}, row},
		"no count of nothing":                      {[]int64{2, 0, 7, 9}, []int{0, 1}, []int{0, 2}, row},
		"a total that is its only part":            {[]int64{2, 0, 0, 2}, []int{0}, []int{0, 3}, row},
		"the total if all parts are 1":             {[]int64{1, 1, 1, 3}, []int{0}, []int{0, 3}, row},
		"a block of four for one count of a table": {[]int64{2, 5, 9, 16, 6, 7, 9, 22, 9, 9, 9, 27, 17, 21, 27, 65}, []int{0}, []int{0, 1, 4, 5}, square},
		"no other if a block of four is small":     {[]int64{2, 3, 9, 14, 4, 3, 9, 16, 9, 9, 9, 27, 15, 15, 27, 57}, []int{0, 1, 4, 5}, []int{0, 1, 4, 5}, square},
		"more than a block of four that must be 1": {[]int64{1, 1, 9, 11, 1, 1, 9, 11, 9, 9, 9, 27, 11, 11, 27, 49}, []int{0, 1, 4, 5}, []int{0, 1, 2, 4, 5, 6, 8, 9, 10}, square},
		"a sum, but not the total, if it must":     {[]int64{2, 2, 5, 7}, []int{0}, []int{0, 1, 2}, []sum{{1, []int{0}}, {3, []int{1, 2}}}},
	} {
		t.Run(name, func(t *testing.T) {
			small := make([]bool, len(c.counts))
			for _, i := range c.small {
				small[i] = true
			}
			var got []int
			for i, h := range suppress(c.counts, small, c.sums) {
				if h {
					got = append(got, i)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("hidden are %v, want %v", got, c.want)
			}
		})
	}
}

// The rows of the first block less its columns leave the count between the blocks, although it shares
// its row and its column with hidden counts.
func TestSuppressHidesMoreThanABridgeBetweenTwoBlocks(t *testing.T) {
	counts := []int64{
		3, 3, 9, 9, 24,
		3, 3, 3, 9, 18,
		9, 9, 3, 3, 24,
		9, 9, 3, 3, 24,
		24, 24, 18, 24, 90,
	}
	small := suppressSmall(counts)
	sums := suppressCross(4, 4)
	if given := suppressDetermined(small, sums); !given[7] || len(given) != 1 {
		t.Fatalf("%v are determined by the others, want the bridge", given)
	}
	hidden := suppress(counts, small, sums)
	checkSuppressed(t, counts, small, hidden, sums)
	if n := suppressCount(hidden); n != 10 {
		t.Errorf("%d are hidden, want 10", n)
	}
}

// Two counts between the blocks are not determined by equations, but can only be 1 each.
func TestSuppressHidesMoreThanATightPairBetweenTwoBlocks(t *testing.T) {
	counts := []int64{
		3, 3, 9, 1, 16,
		3, 3, 1, 9, 16,
		9, 9, 3, 3, 24,
		9, 9, 3, 3, 24,
		24, 24, 16, 16, 80,
	}
	small, sums := suppressSmall(counts), suppressCross(4, 4)
	if given := suppressDetermined(small, sums); len(given) != 0 {
		t.Fatalf("%v are determined", given)
	}
	if suppressOther(t, counts, small, sums, 3) {
		t.Fatal("the pair is not tight")
	}
	checkSuppressed(t, counts, small, suppress(counts, small, sums), sums)
}

func suppressSmall(counts []int64) []bool {
	small := make([]bool, len(counts))
	for i, c := range counts {
		small[i] = c > 0 && c < 5
	}
	return small
}

func suppressCount(marks []bool) (n int) {
	for _, m := range marks {
		if m {
			n++
		}
	}
	return n
}

// checkSuppressed tries whether each small count could be another number.
func checkSuppressed(t *testing.T, counts []int64, small, hidden []bool, sums []sum) {
	t.Helper()
	given := suppressDetermined(hidden, sums)
	for i, c := range counts {
		switch {
		case hidden[i] && c == 0:
			t.Errorf("count %d is hidden, but nothing", i)
		case !small[i]:
		case !hidden[i]:
			t.Errorf("count %d is small, but shown", i)
		case given[i] || !suppressOther(t, counts, hidden, sums, i):
			t.Errorf("count %d is small and could only be %d\ncounts %v\nhidden %v\nsums %v", i, c, counts, hidden, sums)
		}
	}
}

type suppressLine map[int]*big.Rat

// add adds a multiple of another line to a line.
func (l suppressLine) add(from suppressLine, by *big.Rat) {
	for i, v := range from {
		p := new(big.Rat).Mul(v, by)
		if l[i] != nil {
			p.Add(p, l[i])
		}
		if l[i] = p; p.Sign() == 0 {
			delete(l, i)
		}
	}
}

// suppressDetermined are the hidden counts that the sums alone determine: each is all that is left of
// some row once no two rows begin alike.
func suppressDetermined(hidden []bool, sums []sum) map[int]bool {
	lines := map[int]suppressLine{}
	for _, s := range sums {
		l := suppressLine{}
		for k, i := range append([]int{s.whole}, s.parts...) {
			if hidden[i] {
				l.add(suppressLine{i: big.NewRat(1, 1)}, big.NewRat(int64(min(2*k, 2)-1), 1))
			}
		}
		for first, other := range lines {
			if l[first] != nil {
				l.add(other, new(big.Rat).Neg(l[first]))
			}
		}
		for first, v := range l {
			by := new(big.Rat).Inv(v)
			l.add(l, by.Sub(by, big.NewRat(1, 1)))
			for _, other := range lines {
				if other[first] != nil {
					other.add(l, new(big.Rat).Neg(other[first]))
				}
			}
			lines[first] = l
			break
		}
	}
	given := map[int]bool{}
	for first, l := range lines {
		if len(l) == 1 {
			given[first] = true
		}
	}
	return given
}

// suppressOther says whether a hidden count could be another number, by trying all tables in which no
// count is more than about twice the true one.
func suppressOther(t *testing.T, counts []int64, hidden []bool, sums []sum, cell int) bool {
	t.Helper()
	tries := 0
	var try func(low, high []int64, next int) bool
	try = func(low, high []int64, next int) bool {
		if tries++; tries > 1e5 {
			t.Fatal("there is too much to try")
		}
		for d := range high[next] + 1 {
			for _, v := range []int64{counts[next] + d, counts[next] - d} {
				if v < low[next] || v > high[next] || next == cell && d == 0 {
					continue
				}
				low, high := slices.Clone(low), slices.Clone(high)
				low[next], high[next] = v, v
				if open, possible := suppressBounds(low, high, sums); possible && (open < 0 || try(low, high, open)) {
					return true
				}
			}
		}
		return false
	}
	low, high := slices.Clone(counts), slices.Clone(counts)
	for i, h := range hidden {
		if h {
			low[i], high[i] = 1, 2*counts[i]+1
		}
	}
	return try(low, high, cell)
}

// suppressBounds draws the bounds of counts as tight as single sums allow. It returns the count that
// has the fewest values left, but not one, or -1.
func suppressBounds(low, high []int64, sums []sum) (open int, possible bool) {
	for again := true; again; {
		again = false
		tighten := func(i int, l, h int64) {
			if l > low[i] || h < high[i] {
				low[i], high[i], again = max(l, low[i]), min(h, high[i]), true
			}
		}
		for _, s := range sums {
			var least, most int64
			for _, i := range s.parts {
				least, most = least+low[i], most+high[i]
			}
			l, h := low[s.whole], high[s.whole]
			tighten(s.whole, least, most)
			for _, i := range s.parts {
				tighten(i, l-(most-high[i]), h-(least-low[i]))
				if low[i] > high[i] || low[s.whole] > high[s.whole] {
					return 0, false
				}
				least, most = 0, 0
				for _, j := range s.parts {
					least, most = least+low[j], most+high[j]
				}
			}
		}
	}
	open = -1
	for i := range low {
		if n := high[i] - low[i]; n > 0 && (open < 0 || n < high[open]-low[open]) {
			open = i
		}
	}
	return open, true
}

func suppressRange(whole, from, to int) sum {
	s := sum{whole: whole}
	for i := from; i < to; i++ {
		s.parts = append(s.parts, i)
	}
	return s
}

// suppressSurvey are the random replies to some questions: of each question its values by category and
// by region, all questions with the same margins.
func suppressSurvey(r *rand.Rand, replies, questions, categories, regions, values int) (counts []int64, sums []sum) {
	groups := 1 + categories + regions
	block := func() int { counts = append(counts, make([]int64, groups)...); return len(counts) - groups }
	across := func(b int) {
		sums = append(sums, suppressRange(b, b+1, b+1+categories), suppressRange(b, b+1+categories, b+groups))
	}
	who := make([][]int, replies)
	for i := range who {
		who[i] = []int{0, 1 + r.IntN(categories), 1 + categories + r.IntN(1+r.IntN(regions))}
	}
	count := func(b int, who []int) {
		for _, g := range who {
			counts[b+g]++
		}
	}
	all := block()
	across(all)
	for _, w := range who {
		count(all, w)
	}
	for range questions {
		blocks := make([]int, (values+1)/2+r.IntN(values/2+1))
		for v := range blocks {
			blocks[v] = block()
			across(blocks[v])
		}
		for g := range groups {
			s := sum{whole: all + g}
			for _, b := range blocks {
				s.parts = append(s.parts, b+g)
			}
			sums = append(sums, s)
		}
		for _, w := range who {
			count(blocks[r.IntN(1+r.IntN(len(blocks)))], w)
		}
	}
	return counts, sums
}

func TestSuppressLeavesEverySmallCountAnotherValue(t *testing.T) {
	for seed := range uint64(4000) {
		r := rand.New(rand.NewPCG(seed, 1))
		counts, sums := suppressSurvey(r, 1+r.IntN(40), 1+r.IntN(2), 1+r.IntN(3), 1+r.IntN(3), 2+r.IntN(2))
		small := suppressSmall(counts)
		if seed%2 == 1 {
			for i := range small {
				small[i] = small[i] && r.IntN(3) == 0
			}
		}
		checkSuppressed(t, counts, small, suppress(counts, small, sums), sums)
		if t.Failed() {
			t.Fatalf("with seed %d", seed)
		}
	}
}

func TestSuppressHoldsForAWholeSurvey(t *testing.T) {
	for _, replies := range []int{5, 40, 150, 1000} {
		r := rand.New(rand.NewPCG(1, uint64(replies)))
		counts, sums := suppressSurvey(r, replies, 12, 4, 7, 8)
		small := suppressSmall(counts)
		hidden := suppress(counts, small, sums)
		for i := range suppressDetermined(hidden, sums) {
			if small[i] {
				t.Errorf("of %d replies, the sums determine count %d", replies, i)
			}
		}
		if !slices.Equal(hidden, suppress(counts, small, sums)) {
			t.Error("the same input gave two results")
		}
		t.Logf("%d replies: %d counts, %d sums, %d small, %d hidden", replies, len(counts), len(sums), suppressCount(small), suppressCount(hidden))
	}
}

func BenchmarkSuppress(b *testing.B) {
	counts, sums := suppressSurvey(rand.New(rand.NewPCG(1, 1)), 150, 12, 4, 7, 8)
	small := suppressSmall(counts)
	b.ReportMetric(float64(len(counts)), "counts")
	for b.Loop() {
		suppress(counts, small, sums)
	}
}
