package pareto

import (
	"fmt"
	"math"
	"slices"
	"syscall"
	"testing"

	"pgregory.net/rapid"
)

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
			f, _ := input(family, 1500, d)
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
			f, _ := input(family, 2500, d)
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

func TestVolumeAgainstTwins(t *testing.T) {
	for d := 1; d <= MaxDim; d++ {
		var v Volume
		ref := slices.Repeat([]float64{0.9}, d)
		rapid.Check(t, func(rt *rapid.T) {
			f := coarse(rt, d, 9)
			before := slices.Clone(f)
			got, want := v.Hypervolume(f, d, ref), slowVolume(f, d, ref)
			if math.Abs(got-want) > 1e-12 {
				rt.Fatalf("d=%d %v: %v, want %v", d, f, got, want)
			}
			if !slices.Equal(f, before) {
				rt.Fatal("the input changed")
			}
		})
	}
	for d, n := range map[int]int{2: 300, 3: 120, 4: 60, 5: 25, 6: 14} {
		for family := range 4 {
			f, ref := input(family, n, d)
			var v Volume
			got, want := v.Hypervolume(f, d, ref), slicesVolume(f, d, ref)
			if math.Abs(got-want) > 1e-12*want {
				t.Errorf("family %d, d=%d: %v, want %v", family, d, got, want)
			}
		}
	}
}

func TestVolumeClosedForms(t *testing.T) {
	var v Volume
	for d := 2; d <= MaxDim; d++ {
		ref := slices.Repeat([]float64{1}, d)
		// the d points with one coordinate 0 and the others 1/2, and a dominated one
		var f []float64
		for i := range d {
			p := slices.Repeat([]float64{0.5}, d)
			p[i] = 0
			f = append(f, p...)
		}
		f = append(f, slices.Repeat([]float64{0.75}, d)...)
		// the common cube (1/2)^d and d slabs of the same size
		want := float64(d+1) * math.Pow(0.5, float64(d))
		if got := v.Hypervolume(f, d, ref); math.Abs(got-want) > 1e-15 {
			t.Errorf("d=%d: %v, want %v", d, got, want)
		}
		if got := v.Hypervolume(slices.Repeat([]float64{1}, d), d, ref); got != 0 {
			t.Errorf("d=%d: a point on the reference gives %v", d, got)
		}
	}
	// n points at (i/n, 1-i/n), i = 0..n-1, with reference 1: n(n+1)/2 cells of 1/n^2
	const n = 1000
	var f []float64
	for i := range n {
		f = append(f, float64(i)/n, 1-float64(i+1)/n)
	}
	if got, want := v.Hypervolume(f, 2, []float64{1, 1}), (n+1.0)/(2*n); math.Abs(got-want) > 1e-12 {
		t.Errorf("staircase: %v, want %v", got, want)
	}
}

// TestPublishedResults compares with every result of moocore, pagmo and two
// other sorters: hypervolumes (hv), the contribution of the first point (hvc), the number of
// non-dominated points (nd) and of fronts (nds).
func TestPublishedResults(t *testing.T) {
	var v Volume
	var s Sorter
	known := map[string]float64{} // of ours, since several libraries did the same
	for _, r := range references(t) {
		if r.n > mostPoints {
			continue
		}
		name := fmt.Sprintf("%s family %d n %d d %d", r.op, r.family, r.n, r.d)
		got, ok := known[name]
		if !ok {
			f, ref := input(r.family, r.n, r.d)
			switch r.op {
			case "hv":
				got = v.Hypervolume(f, r.d, ref)
			case "hvc":
				out := make([]float64, r.n)
				v.Contributions(f, r.d, ref, out)
				got = out[0]
			case "nd":
				got = float64(s.NonDominated(f, r.d, make([]bool, r.n)))
			case "nds":
				got = float64(s.Ranks(f, r.d, make([]int, r.n)))
			default:
				t.Fatalf("unknown operation %q", r.op)
			}
			known[name] = got
		}
		slack := 0.0
		switch r.op {
		case "hv":
			slack = 1e-12 * r.result
		case "hvc": // a difference of volumes near 1
			slack = 1e-12
		}
		if !(math.Abs(got-r.result) <= slack) {
			t.Errorf("%s: %.15g, %s has %.15g", name, got, r.lib, r.result)
		}
	}
	if len(known) < 100 {
		t.Errorf("only %d inputs compared", len(known))
	}
}

// contribution by definition: the volume with and without a point.
func TestContributionsAgainstDefinition(t *testing.T) {
	for d := 1; d <= MaxDim; d++ {
		var v, w Volume
		ref := slices.Repeat([]float64{0.9}, d)
		rapid.Check(t, func(rt *rapid.T) {
			f := coarse(rt, d, 8)
			n := len(f) / d
			got := make([]float64, n)
			v.Contributions(f, d, ref, got)
			for i := range n {
				rest := slices.Concat(f[:i*d], f[(i+1)*d:])
				want := w.Hypervolume(f, d, ref) - w.Hypervolume(rest, d, ref)
				if math.Abs(got[i]-want) > 1e-12 {
					rt.Fatalf("d=%d %v: contribution %d is %v, want %v", d, f, i, got[i], want)
				}
			}
		})
	}
}

// front returns coarse points of which none weakly dominates another: with
// equal coordinates, which the sweep over a front must get right.
func front(rt *rapid.T, d, most int) []float64 {
	f := coarse(rt, d, most)
	var out []float64
	for i := 0; i < len(f); i += d {
		p := f[i : i+d]
		covered := false
		for k := 0; k < len(f); k += d {
			q := f[k : k+d]
			covered = covered || k != i && WeaklyDominates(q, p) && (k < i || !slices.Equal(p, q))
		}
		if !covered {
			out = append(out, p...)
		}
	}
	return out
}

// TestContributionsOfFronts checks the sweeps over fronts, which must take the
// set as a front, against limiting every point to what the others leave.
func TestContributionsOfFronts(t *testing.T) {
	var v, w Volume
	check := func(f []float64, d int, ref []float64) error {
		n := len(f) / d
		got := make([]float64, n)
		if ok := d == 2 && v.contributions2(f, ref, got) || d == 3 && v.contributions3(f, ref, got); !ok {
			return fmt.Errorf("%d objectives: %d points of a front not taken as one", d, n)
		}
		w.load(f, d, ref)
		for i := range n {
			if want := w.alone(i); math.Abs(got[i]-want) > 1e-12 {
				return fmt.Errorf("%v: contribution %d is %v, want %v", f, i, got[i], want)
			}
		}
		return nil
	}
	for _, d := range []int{2, 3} {
		ref := slices.Repeat([]float64{0.9}, d)
		rapid.Check(t, func(rt *rapid.T) {
			if err := check(front(rt, d, 60), d, ref); err != nil {
				rt.Fatal(err)
			}
		})
		for family := range 2 {
			f, ref := input(family, 400, d)
			if err := check(f, d, ref); err != nil {
				t.Errorf("family %d: %.80s", family, err)
			}
		}
	}
}

// twin of Truncate: contributions by definition, one removal after another.
func slowTruncate(f []float64, d int, ref []float64, k int) []bool {
	n := len(f) / d
	keep := make([]bool, n)
	for i := range keep {
		keep[i] = true
	}
	var v Volume
	for left := n; left > k; left-- {
		worst, least := -1, math.Inf(1)
		for i := range n {
			if !keep[i] {
				continue
			}
			var all, rest []float64
			for j := range n {
				if keep[j] {
					all = append(all, f[j*d:j*d+d]...)
					if j != i {
						rest = append(rest, f[j*d:j*d+d]...)
					}
				}
			}
			if c := v.Hypervolume(all, d, ref) - v.Hypervolume(rest, d, ref); c < least-1e-13 {
				worst, least = i, c
			}
		}
		keep[worst] = false
	}
	return keep
}

func TestTruncateAgainstTwin(t *testing.T) {
	for d := 2; d <= 4; d++ {
		for family := range 2 {
			f, ref := input(family, 24, d)
			var v Volume
			keep := make([]bool, 24)
			v.Truncate(f, d, ref, 9, keep)
			if want := slowTruncate(f, d, ref, 9); !slices.Equal(keep, want) {
				t.Errorf("family %d, %d objectives: %v, want %v", family, d, keep, want)
			}
		}
	}
}

// best is the largest hypervolume of k points, by trying all subsets.
func best(f []float64, d int, ref []float64, k int) float64 {
	n := len(f) / d
	var v Volume
	most := 0.0
	for set := range 1 << n {
		var g []float64
		for i := range n {
			if set>>i&1 == 1 {
				g = append(g, f[i*d:i*d+d]...)
			}
		}
		if len(g) == k*d {
			most = max(most, v.Hypervolume(g, d, ref))
		}
	}
	return most
}

func subsetVolume(f []float64, d int, ref []float64, rows []int) float64 {
	var v Volume
	var g []float64
	for _, i := range rows {
		g = append(g, f[i*d:i*d+d]...)
	}
	return v.Hypervolume(g, d, ref)
}

func TestSubset(t *testing.T) {
	for d := 2; d <= 5; d++ {
		var v Volume
		ref := slices.Repeat([]float64{0.9}, d)
		rapid.Check(t, func(rt *rapid.T) {
			f := coarse(rt, d, 9)
			k := rapid.IntRange(1, 5).Draw(rt, "k")
			rows := v.Subset(f, d, ref, k)
			got, want := subsetVolume(f, d, ref, rows), best(f, d, ref, min(k, len(f)/d))
			least := (1 - 1/math.E) * want
			if d == 2 {
				least = want - 1e-12
			}
			if len(rows) > k || !slices.IsSorted(rows) || got < least {
				rt.Fatalf("d=%d k=%d %v: rows %v, volume %v, the best is %v", d, k, f, rows, got, want)
			}
		})
	}
}

func BenchmarkTruncate(b *testing.B) {
	for _, d := range []int{2, 3, 4} {
		f, ref := input(0, 125, d)
		var v Volume
		keep := make([]bool, 125)
		b.Run(fmt.Sprintf("d%d", d), func(b *testing.B) {
			for b.Loop() {
				v.Truncate(f, d, ref, 100, keep)
			}
		})
	}
}

// BenchmarkReference runs the inputs of moo_hv_nds.csv and reports the least
// processor time per call of several batches in units of moocore's time, which
// was taken on a quiet core.
func BenchmarkReference(b *testing.B) {
	var v Volume
	var s Sorter
	for _, r := range references(b) {
		if r.lib != "moocore" || r.n > 20000 {
			continue
		}
		f, ref := input(r.family, r.n, r.d)
		rank, out, keep := make([]int, r.n), make([]float64, r.n), make([]bool, r.n)
		b.Run(fmt.Sprintf("%s/d%d/n%d/family%d", r.op, r.d, r.n, r.family), func(b *testing.B) {
			least := math.Inf(1)
			batch := int(1e-3/r.seconds) + 1
			for b.Loop() {
				start := processorTime()
				for range batch {
					switch r.op {
					case "hv":
						v.Hypervolume(f, r.d, ref)
					case "hvc":
						v.Contributions(f, r.d, ref, out)
					case "nd":
						s.NonDominated(f, r.d, keep)
					default:
						s.Ranks(f, r.d, rank)
					}
				}
				least = min(least, (processorTime()-start)/float64(batch))
			}
			b.ReportMetric(least/r.seconds, "moocore")
		})
	}
}

// processorTime returns the seconds of processor time this process has used.
func processorTime() float64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(err)
	}
	return float64(r.Utime.Nano()+r.Stime.Nano()) * 1e-9
}
