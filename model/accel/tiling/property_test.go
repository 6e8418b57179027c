package tiling

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"stco/model/workload"
)

// exact is a curve of a resolution that tells all spaces of small nests apart.
func exact(n *workload.Nest, o *Conventions) []Point { return curve(n, o, math.MaxInt64, 14) }

// drawNest draws layers of real size, forward or gradient.
func drawNest(t *rapid.T) *workload.Nest {
	draw := func(name string, lo, hi int64) int64 { return rapid.Int64Range(lo, hi).Draw(t, name) }
	var n *workload.Nest
	if rapid.Bool().Draw(t, "gemm") {
		n = gemm(draw("M", 1, 3000), draw("N", 1, 3000), draw("K", 1, 3000))
	} else {
		n = &workload.Nest{
			N: draw("N", 1, 4), C: draw("C", 1, 70), K: draw("K", 1, 70), P: draw("P", 1, 30), Q: draw("Q", 1, 30),
			R: draw("R", 1, 7), S: draw("S", 1, 7), StrideH: draw("sh", 1, 3), StrideW: draw("sw", 1, 3),
			PadH: draw("ph", 0, 3), PadW: draw("pw", 0, 3), DilH: draw("dh", 1, 2), DilW: draw("dw", 1, 2),
		}
		n.H = max(1, (n.P-1)*n.StrideH+(n.R-1)*n.DilH+1-2*n.PadH)
		n.W = max(1, (n.Q-1)*n.StrideW+(n.S-1)*n.DilW+1-2*n.PadW)
	}
	n.Groups = draw("groups", 1, 3)
	n.Out = workload.Role(draw("out", 0, 2))
	return n
}

func drawOptions(t *rapid.T) *Conventions { return drawSizes(t, 0.5, 1, 2, 4) }

func drawSizes(t *rapid.T, sizes ...float64) *Conventions {
	size := func(name string) float64 { return rapid.SampledFrom(sizes).Draw(t, name) }
	o := &Conventions{
		ElemBytes:    [3]float64{size("ifmap"), size("filter"), size("ofmap")},
		PartialBytes: size("partial"), DoubleBuffer: rapid.Bool().Draw(t, "double"),
	}
	for r := range o.Resident {
		o.Resident[r] = rapid.IntRange(0, 3).Draw(t, "resident") == 0
	}
	return o
}

// TestStaircase: ascending space, strictly descending traffic, ending at the
// compulsory traffic, never below the lower bound.
func TestStaircase(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, o := drawNest(t), drawOptions(t)
		points := Curve(n, o)
		if len(points) == 0 {
			t.Fatal("no points")
		}
		for i := range points {
			p := &points[i]
			if i > 0 && (p.Space <= points[i-1].Space || p.Total() >= points[i-1].Total()) {
				t.Fatalf("point %d does not descend: %+v after %+v", i, *p, points[i-1])
			}
			if lb := LowerBound(n, o, p.Space); p.Total() < lb {
				t.Fatalf("%+v moves less than the lower bound %d", *p, lb)
			}
			if got, ok := At(points, p.Space); !ok || got != *p {
				t.Fatalf("At(%d) = %+v, want %+v", p.Space, got, *p)
			}
			for r, resident := range o.Resident {
				if resident && p.Read[r]+p.Write[r] != 0 {
					t.Fatalf("resident operand %d moves %+v", r, *p)
				}
			}
		}
		if _, ok := At(points, points[0].Space-1); ok {
			t.Fatal("a point below the first")
		}
		last := &points[len(points)-1]
		if read, write := Compulsory(n, o); last.Read != read || last.Write != write {
			t.Fatalf("the last point moves %v and %v, compulsory are %v and %v", last.Read, last.Write, read, write)
		}
	})
}

// TestOptionsOrder: a resident operand and a single buffer never cost; twice
// the space pays for double buffering.
func TestOptionsOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, o := smallNest(t), drawOptions(t)
		o.DoubleBuffer, o.Resident = false, [3]bool{}
		base := exact(n, o)
		double := *o
		double.DoubleBuffer = true
		r := workload.Role(rapid.IntRange(0, 2).Draw(t, "role"))
		resident := *o
		resident.Resident[r] = true
		doubled, freed := exact(n, &double), exact(n, &resident)
		for _, p := range base {
			if q, ok := At(doubled, p.Space); ok && q.Total() < p.Total() {
				t.Fatalf("double buffered %d, single %d in %d bytes", q.Total(), p.Total(), p.Space)
			}
			if q, ok := At(doubled, 2*p.Space); !ok || q.Total() > p.Total() {
				t.Fatalf("double buffered in twice %d bytes: %d, single %d", p.Space, q.Total(), p.Total())
			}
			if r == n.Out {
				continue // unfinished sums then stay on chip at their full size
			}
			if q, ok := At(freed, p.Space); !ok || q.Total() > p.Total()-p.Read[r] {
				t.Fatalf("%v resident: %d, not resident %d of which %d its own", r, q.Total(), p.Total(), p.Read[r])
			}
		}
	})
}

// TestResolution: the curve is within one percent of the exact one, and Best is
// never worse than either.
func TestResolution(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, o := drawNest(t), drawOptions(t)
		coarse, fine := Curve(n, o), exact(n, o)
		for range 5 {
			space := rapid.Int64Range(fine[0].Space, 2*fine[len(fine)-1].Space).Draw(t, "space")
			p, _ := At(fine, space)
			q, ok := At(coarse, space)
			if !ok {
				if space > fine[0].Space*101/100+1 {
					t.Fatalf("no point in %d bytes, the exact curve starts at %d", space, fine[0].Space)
				}
				continue
			}
			// A knee moves by up to one step of the space axis.
			if best, ok := Best(n, o, space); !ok || best.Total() > min(p.Total(), q.Total()) {
				t.Fatalf("%d bytes: best %+v, the curves have %d and %d", space, best, p.Total(), q.Total())
			}
			ahead, ok := At(fine, space-space/100)
			if ok && float64(q.Total()) > 1.003*float64(max(p.Total(), ahead.Total())) && q.Total() > p.Total() {
				t.Fatalf("%d bytes: %d, exact %d, exact in one percent less %d", space, q.Total(), p.Total(), ahead.Total())
			}
			if q.Total() < p.Total()-p.Total()>>14 {
				t.Fatalf("%d bytes: %d, less than the exact %d", space, q.Total(), p.Total())
			}
		}
	})
}

func sameStairs(t *rapid.T, a, b []Point, scale int64) {
	if len(a) != len(b) {
		t.Fatalf("%d points, want %d", len(a), len(b))
	}
	for i := range a {
		if a[i].Space != b[i].Space || a[i].Total() != scale*b[i].Total() {
			t.Fatalf("point %d: %+v, want %+v times %d", i, a[i], b[i], scale)
		}
	}
}

// TestTranspose: M x K by K x N costs what N x K by K x M costs.
func TestTranspose(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) int64 { return rapid.Int64Range(1, 2000).Draw(t, name) }
		m, n, k := draw("M"), draw("N"), draw("K")
		o := drawSizes(t, 1, 2, 4) // bits that round up differ by operand
		p := *o
		p.ElemBytes[0], p.ElemBytes[1] = o.ElemBytes[1], o.ElemBytes[0]
		p.Resident[0], p.Resident[1] = o.Resident[1], o.Resident[0]
		sameStairs(t, Curve(gemm(m, n, k), o), Curve(gemm(n, m, k), &p), 1)
	})
}

// TestGroups: groups multiply the traffic and reuse the space.
func TestGroups(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, o := drawNest(t), elements()
		n.Groups = 1
		g := *n
		g.Groups = rapid.Int64Range(2, 32).Draw(t, "groups")
		sameStairs(t, Curve(&g, o), Curve(n, o), g.Groups)
	})
}

// TestInputGradientIsConvolution: the dX nest of a stride-1 convolution costs
// what the forward convolution of dY with the turned filter costs.
func TestInputGradientIsConvolution(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string, lo, hi int64) int64 { return rapid.Int64Range(lo, hi).Draw(t, name) }
		n := &workload.Nest{
			N: draw("N", 1, 3), C: draw("C", 1, 8), K: draw("K", 1, 8), H: draw("H", 7, 20), W: draw("W", 7, 20),
			R: draw("R", 1, 4), S: draw("S", 1, 4), StrideH: 1, StrideW: 1, DilH: draw("dh", 1, 2), DilW: draw("dw", 1, 2),
			Groups: 1, Out: workload.Ifmap,
		}
		n.PadH, n.PadW = draw("ph", 0, (n.R-1)*n.DilH), draw("pw", 0, (n.S-1)*n.DilW)
		n.P, n.Q = n.H+2*n.PadH-(n.R-1)*n.DilH, n.W+2*n.PadW-(n.S-1)*n.DilW
		if touched(n, workload.Ifmap) < n.N*n.C*n.H*n.W {
			return // pixels without gradient have no counterpart
		}
		f := *n
		f.C, f.K, f.H, f.W, f.P, f.Q, f.Out = n.K, n.C, n.P, n.Q, n.H, n.W, workload.Ofmap
		f.PadH, f.PadW = (n.R-1)*n.DilH-n.PadH, (n.S-1)*n.DilW-n.PadW
		o := drawSizes(t, 1, 2, 4) // bits that round up differ by operand
		p := *o
		p.ElemBytes[0], p.ElemBytes[2] = o.ElemBytes[2], o.ElemBytes[0]
		p.Resident[0], p.Resident[2] = o.Resident[2], o.Resident[0]
		gradient, forward := exact(n, o), exact(&f, &p)
		if gradient[0].Mapping.Flat != forward[0].Mapping.Flat {
			return // a product may also be cut within the window
		}
		sameStairs(t, gradient, forward, 1)
	})
}

// TestInvalid: no curve without positive dimensions and sizes.
func TestInvalid(t *testing.T) {
	n := gemm(4, 4, 4)
	n.K = 0
	if c := Curve(n, elements()); c != nil {
		t.Errorf("a nest without filters has %d points", len(c))
	}
	if c := Curve(gemm(4, 4, 4), &Conventions{ElemBytes: [3]float64{1, 0, 1}}); c != nil {
		t.Errorf("elements without size give %d points", len(c))
	}
	if lb := LowerBound(n, elements(), 10); lb != 0 {
		t.Errorf("lower bound %d of an empty nest", lb)
	}
}

// touched returns the distinct elements of an operand that a nest touches.
func touched(n *workload.Nest, r workload.Role) int64 {
	p, _ := newProblem(n, &Conventions{ElemBytes: [3]float64{1, 1, 1}})
	return p.groups * p.distinct[r]
}
