package pareto

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"stco/explore/points"
)

func TestRanksAgainstPairs(t *testing.T) {
	for d := 1; d <= MaxDim; d++ {
		var s Sorter
		rapid.Check(t, func(rt *rapid.T) {
			f := coarse(rt, d, 60)
			got := make([]int, len(f)/d)
			fronts := s.Ranks(f, d, got)
			want := slowRanks(f, d)
			if !slices.Equal(got, want) || fronts != slices.Max(want)+1 {
				rt.Fatalf("d=%d %v: %v (%d fronts), want %v", d, f, got, fronts, want)
			}
		})
	}
}

func TestNonDominatedAgainstRanks(t *testing.T) {
	check := func(s *Sorter, f []float64, d int) error {
		got := make([]bool, len(f)/d)
		count := s.NonDominated(f, d, got)
		for i, k := range slowRanks(f, d) {
			if got[i] != (k == 0) {
				return fmt.Errorf("%d objectives, point %v: kept %v, front %d", d, f[i*d:i*d+d], got[i], k)
			}
			if got[i] {
				count--
			}
		}
		if count != 0 {
			return fmt.Errorf("%d objectives: count differs by %d", d, count)
		}
		return nil
	}
	for d := 1; d <= MaxDim; d++ {
		var s Sorter
		rapid.Check(t, func(rt *rapid.T) {
			if err := check(&s, coarse(rt, d, 60), d); err != nil {
				rt.Fatal(err)
			}
		})
		for family := range 4 {
			f, _ := points.Input(family, 1500, d)
			f = append(f, f[:100*d]...) // repeated points
			if err := check(&s, f, d); err != nil {
				t.Errorf("family %d: %v", family, err)
			}
		}
	}
}

func TestRanksOfManyPointsAgainstPairs(t *testing.T) {
	for family := range 4 {
		for d := 2; d <= MaxDim; d++ {
			f, _ := points.Input(family, 2500, d)
			f = append(f, f[:100*d]...) // repeated points
			var s Sorter
			got := make([]int, len(f)/d)
			s.Ranks(f, d, got)
			if want := slowRanks(f, d); !slices.Equal(got, want) {
				t.Errorf("family %d, %d objectives: ranks differ", family, d)
			}
		}
	}
}

// TestPublishedResults compares with every result of moocore, pagmo and two
// other sorters: the number of non-dominated points (nd) and of fronts (nds).
func TestPublishedResults(t *testing.T) {
	var s Sorter
	known := map[string]float64{} // of ours, since several libraries did the same
	refs, err := points.References()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range refs {
		if r.N > points.MostPoints || r.Op != "nd" && r.Op != "nds" {
			continue
		}
		name := fmt.Sprintf("%s family %d n %d d %d", r.Op, r.Family, r.N, r.D)
		got, ok := known[name]
		if !ok {
			f, _ := points.Input(r.Family, r.N, r.D)
			switch r.Op {
			case "nd":
				got = float64(s.NonDominated(f, r.D, make([]bool, r.N)))
			case "nds":
				got = float64(s.Ranks(f, r.D, make([]int, r.N)))
			default:
				t.Fatalf("unknown operation %q", r.Op)
			}
			known[name] = got
		}
		if got != r.Result {
			t.Errorf("%s: %.15g, %s has %.15g", name, got, r.Lib, r.Result)
		}
	}
	if len(known) < 70 {
		t.Errorf("only %d inputs compared", len(known))
	}
}

// slowRanks peels fronts by comparing all pairs.
func slowRanks(f []float64, d int) []int {
	n := len(f) / d
	rank := make([]int, n)
	for i := range rank {
		rank[i] = -1
	}
	for front, left := 0, n; left > 0; front++ {
		var members []int
		for i := range n {
			if rank[i] >= 0 {
				continue
			}
			free := true
			for k := range n {
				if rank[k] < 0 && Dominates(f[k*d:k*d+d], f[i*d:i*d+d]) {
					free = false
					break
				}
			}
			if free {
				members = append(members, i)
			}
		}
		for _, i := range members {
			rank[i] = front
		}
		left -= len(members)
	}
	return rank
}

// coarse draws points on a grid, so that ties and repeated points are common.
func coarse(rt *rapid.T, d, most int) []float64 {
	n := rapid.IntRange(1, most).Draw(rt, "n")
	cells := rapid.SampledFrom([]int{2, 4, 1000}).Draw(rt, "cells")
	v := rapid.SliceOfN(rapid.IntRange(0, cells), n*d, n*d).Draw(rt, "v")
	f := make([]float64, n*d)
	for i := range f {
		f[i] = float64(v[i]) / float64(cells)
	}
	return f
}
