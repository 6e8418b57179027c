package hypervolume

import (
	"math"

	"stco/explore/internal/sweep"
	"stco/explore/pareto"
)

// Volume computes hypervolumes: the measure of what points dominate below a
// reference point. Points that are not below the reference in every objective
// add nothing.
type Volume struct {
	ord   sweep.Orderer
	stair []sweep.Step
	in    []float64 // points below the reference
	v4    sweep4
	deep  [pareto.MaxDim + 1]level
	set   pointSet
	lazy  []lazyEntry
	stale []bool
	line  []link
	from  []int32
	// contributions of three objectives
	terraces []terrace
	under    []sweep.Step
	value    []float64
}

// Hypervolume returns the hypervolume of the points f, dimension d in 1..6,
// below ref. Two and three objectives are swept in O(n log n); four sweep the
// fourth objective over three-dimensional contributions (the scheme of
// Guerreiro and Fonseca 2018, HV4D+, with staircases kept at levels of the
// third objective); more recur over exclusive volumes of limited sets (While
// et al. 2012).
func (v *Volume) Hypervolume(f []float64, d int, ref []float64) float64 {
	v.in = v.in[:0]
	for i := 0; i+d <= len(f); i += d {
		if inside(f[i:i+d], ref) {
			v.in = append(v.in, f[i:i+d]...)
		}
	}
	return v.measure(v.in, d, ref)
}

func inside(p, ref []float64) bool {
	for j, c := range p {
		if !(c < ref[j]) {
			return false
		}
	}
	return true
}

// measure is Hypervolume of points that are all below ref.
func (v *Volume) measure(f []float64, d int, ref []float64) float64 {
	n := len(f) / d
	switch n {
	case 0:
		return 0
	case 1:
		return box(f, ref)
	}
	switch d {
	case 1:
		best := f[0]
		for _, c := range f[1:] {
			best = min(best, c)
		}
		return ref[0] - best
	case 2:
		return v.measure2(f, ref)
	case 3:
		return v.measure3(f, ref)
	case 4:
		return v.v4.measure(&v.ord, f, ref)
	}
	return v.measureDeep(f, d, ref)
}

// box returns the volume between p and ref.
func box(p, ref []float64) float64 {
	out := 1.0
	for j, c := range p {
		out *= ref[j] - c
	}
	return out
}

func (v *Volume) measure2(f, ref []float64) float64 {
	it := v.ord.By(f, 2, 0)
	area, y := 0.0, ref[1]
	for i := range it {
		row := 2 * int(it[i].Row)
		if f[row+1] < y {
			area += (ref[0] - f[row]) * (y - f[row+1])
			y = f[row+1]
		}
	}
	return area
}

func (v *Volume) measure3(f, ref []float64) float64 {
	it := v.ord.By(f, 3, 2)
	v.stair = append(v.stair[:0], sweep.Step{X: ref[0], Y: math.Inf(-1)})
	volume := 0.0
	for i := range it {
		p := f[3*int(it[i].Row):][:3]
		var area float64
		v.stair, area = addStep(v.stair, p[0], p[1], ref[1])
		volume += area * (ref[2] - p[2])
	}
	return volume
}

// addStep puts (x, y) into a staircase that ends with a step at the x of the
// reference, below every y, and returns it with the area gained; top is the y
// of the reference.
func addStep(st []sweep.Step, x, y, top float64) ([]sweep.Step, float64) {
	lo := sweep.Beyond(st, x)
	if lo > 0 {
		if top = st[lo-1].Y; top <= y {
			return st, 0
		}
	}
	hi := lo
	left, area := x, 0.0
	for st[hi].Y >= y {
		area += (st[hi].X - left) * (top - y)
		left, top = st[hi].X, st[hi].Y
		hi++
	}
	area += (st[hi].X - left) * (top - y)
	if lo > 0 && st[lo-1].X == x {
		lo--
	}
	if hi == lo {
		st = append(st, sweep.Step{})
		copy(st[lo+1:], st[lo:])
		st[lo] = sweep.Step{X: x, Y: y}
		return st, area
	}
	st[lo] = sweep.Step{X: x, Y: y}
	return append(st[:lo+1], st[hi:]...), area
}
