package kit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

func TestAHundredCallersReadNeighboursInOneCall(t *testing.T) {
	items := []int{7, 3, 9, 1}
	group := &Together[int]{Items: items}
	var calls atomic.Int32
	load := func(_ context.Context, asked []int) ([]string, error) {
		calls.Add(1)
		if !slices.Equal(asked, items) {
			return nil, fmt.Errorf("asked for %v", asked)
		}
		return []string{"seven", "three", "nine", "one"}, nil
	}
	want := map[int]string{7: "seven", 3: "three", 9: "nine", 1: "one"}
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range 100 {
		item := items[i%len(items)]
		all.Go(func() {
			<-start
			if got, err := Neighbour(t.Context(), group, "word", item, load); got != want[item] || err != nil {
				t.Errorf("%d is %q, %v", item, got, err)
			}
		})
	}
	close(start)
	all.Wait()
	if n := calls.Load(); n != 1 {
		t.Errorf("read %d times", n)
	}
}

func TestEachKindOfNeighbourIsReadOnItsOwn(t *testing.T) {
	group := &Together[int]{Items: []int{1, 2}}
	times := func(factor int) func(context.Context, []int) ([]int, error) {
		return func(_ context.Context, items []int) (out []int, err error) {
			for _, i := range items {
				out = append(out, i*factor)
			}
			return out, nil
		}
	}
	for _, name := range []int{10, 100, 10} {
		if got, err := Neighbour(t.Context(), group, fmt.Sprint(name), 2, times(name)); got != 2*name || err != nil {
			t.Errorf("times %d is %d, %v", name, got, err)
		}
	}
}

func TestAFailedReadReachesEveryCaller(t *testing.T) {
	group := &Together[int]{Items: []int{1, 2, 3}}
	broken := errors.New("broken")
	var calls, failed atomic.Int32
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			got, err := Neighbour(t.Context(), group, "word", i%3+1, func(context.Context, []int) ([]string, error) {
				calls.Add(1)
				return nil, broken
			})
			if errors.Is(err, broken) && got == "" {
				failed.Add(1)
			}
		})
	}
	all.Wait()
	if calls.Load() != 1 || failed.Load() != 50 {
		t.Errorf("read %d times, told %d callers", calls.Load(), failed.Load())
	}
}

func TestAnItemWithoutSiblingsIsReadAlone(t *testing.T) {
	calls := 0
	for _, item := range []int{4, 5} {
		got, err := Neighbour(t.Context(), nil, "word", item, func(_ context.Context, asked []int) ([]string, error) {
			calls++
			return []string{fmt.Sprint(asked)}, nil
		})
		if want := fmt.Sprintf("[%d]", item); got != want || err != nil {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
	if calls != 2 {
		t.Errorf("read %d times", calls)
	}
}
