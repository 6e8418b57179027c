package hypervolume

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"stco/explore/pareto"
	"stco/explore/points"
)

func TestVolumeAgainstTwins(t *testing.T) {
	for d := 1; d <= pareto.MaxDim; d++ {
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
			f, ref := points.Input(family, n, d)
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
	for d := 2; d <= pareto.MaxDim; d++ {
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

// contribution by definition: the volume with and without a point.
func TestContributionsAgainstDefinition(t *testing.T) {
	for d := 1; d <= pareto.MaxDim; d++ {
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
			covered = covered || k != i && pareto.WeaklyDominates(q, p) && (k < i || !slices.Equal(p, q))
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
			f, ref := points.Input(family, 400, d)
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
			f, ref := points.Input(family, 24, d)
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
		f, ref := points.Input(0, 125, d)
		var v Volume
		keep := make([]bool, 125)
		b.Run(fmt.Sprintf("d%d", d), func(b *testing.B) {
			for b.Loop() {
				v.Truncate(f, d, ref, 100, keep)
			}
		})
	}
}

// TestPublishedResults compares with every result of moocore and pagmo:
// hypervolumes (hv) and the contribution of the first point (hvc).
func TestPublishedResults(t *testing.T) {
	var v Volume
	known := map[string]float64{} // of ours, since several libraries did the same
	refs, err := points.References()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range refs {
		if r.N > points.MostPoints || r.Op != "hv" && r.Op != "hvc" {
			continue
		}
		name := fmt.Sprintf("%s family %d n %d d %d", r.Op, r.Family, r.N, r.D)
		got, ok := known[name]
		if !ok {
			f, ref := points.Input(r.Family, r.N, r.D)
			switch r.Op {
			case "hv":
				got = v.Hypervolume(f, r.D, ref)
			case "hvc":
				out := make([]float64, r.N)
				v.Contributions(f, r.D, ref, out)
				got = out[0]
			default:
				t.Fatalf("unknown operation %q", r.Op)
			}
			known[name] = got
		}
		slack := 0.0
		switch r.Op {
		case "hv":
			slack = 1e-12 * r.Result
		case "hvc": // a difference of volumes near 1
			slack = 1e-12
		}
		if !(math.Abs(got-r.Result) <= slack) {
			t.Errorf("%s: %.15g, %s has %.15g", name, got, r.Lib, r.Result)
		}
	}
	if len(known) < 40 {
		t.Errorf("only %d inputs compared", len(known))
	}
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
