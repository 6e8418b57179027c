package tiling

import (
	"math"
	"math/rand/v2"
	"testing"

	"stco/model/workload"
)

// The enumerations of this file follow the published tables' conventions on
// layers of real size: every tile size, each tile moved as a whole, halos moved
// again, slices of the streamed operands in the buffer. They share no code with
// the package.

// bestGEMM enumerates stationary tiles of each operand of M x K by K x N.
func bestGEMM(m, n, k, space int64) int64 {
	best := int64(math.MaxInt64)
	// One operand a x b is stationary, the third dimension c streams; visits of
	// the produced operand cost twice, less the first read.
	one := func(a, b, c int64, produced int) {
		for ta := int64(1); ta <= a; ta++ {
			tb := min((space-ta)/(ta+1), b) // ta*tb + ta + tb <= space
			if tb < 1 {
				break
			}
			visits := [3]int64{a * b, a * c * ceil(b, tb), b * c * ceil(a, ta)}
			sum := visits[0] + visits[1] + visits[2]
			sum += visits[produced] - [3]int64{a * b, a * c, b * c}[produced]
			best = min(best, sum)
		}
	}
	one(m, n, k, 0)
	one(m, k, n, 1)
	one(n, k, m, 1)
	return best
}

func ceil(a, b int64) int64 { return (a + b - 1) / b }

// TestGEMMFamily: never more than the enumeration, and the curve within two
// percent of it, at any buffer size.
func TestGEMMFamily(t *testing.T) {
	// Drawn evenly: rapid prefers small numbers.
	rnd, over := rand.New(rand.NewPCG(1, 2)), 0
	for range 200 {
		dim := func() int64 { return int64(math.Exp(8.5 * rnd.Float64())) }
		m, n, k := dim(), dim(), dim()
		space := int64(math.Exp(2 + 14*rnd.Float64()))
		want := bestGEMM(m, n, k, space)
		nest := gemm(m, n, k)
		p, ok := Best(nest, elements(), space)
		if !ok || p.Total() > want {
			t.Fatalf("%dx%dx%d in %d: %d (%v), enumerated %d", m, n, k, space, p.Total(), p.Mapping, want)
		}
		if lb := LowerBound(nest, elements(), space); p.Total() < lb {
			t.Fatalf("%dx%dx%d in %d: %d is below the bound %d", m, n, k, space, p.Total(), lb)
		}
		if q, ok := At(Curve(nest, elements()), space); !ok || float64(q.Total()) > 1.02*float64(want) {
			over++
		}
	}
	// A buffer of odd size may fall just short of a knee of the curve.
	t.Logf("more than two percent above in %d of 200", over)
	if over > 4 {
		t.Errorf("the curve is more than two percent above the enumeration in %d of 200", over)
	}
}

// bestConv enumerates stationary pixel tiles of ofmap and ifmap, and stationary
// filters with pixel tiles.
func bestConv(n *workload.Nest, space int64) int64 {
	rows := func(t, out, in, kernel, stride, pad int64) (largest, sum int64) {
		for p := int64(0); p < out; p += t {
			lo := p*stride - pad
			hi := (min(p+t, out)-1)*stride + kernel - 1 - pad
			c := max(0, min(hi, in-1)-max(lo, 0)+1)
			largest, sum = max(largest, c), sum+c
		}
		return largest, sum
	}
	window := n.R * n.S
	filter, ofmap := n.K*n.C*window, n.N*n.K*n.P*n.Q
	best := int64(math.MaxInt64)
	for tp := int64(1); tp <= n.P; tp++ {
		for tq := int64(1); tq <= n.Q; tq++ {
			h, sumH := rows(tp, n.P, n.H, n.R, n.StrideH, n.PadH)
			w, sumW := rows(tq, n.Q, n.W, n.S, n.StrideW, n.PadW)
			tiles := n.N * ceil(n.P, tp) * ceil(n.Q, tq)
			for k := int64(1); k <= n.K; k++ {
				if tp*tq*k+h*w+k*window <= space {
					best = min(best, n.N*n.C*sumH*sumW*ceil(n.K, k)+tiles*filter+ofmap)
				}
			}
			for c := int64(1); c <= n.C; c++ {
				if h*w*c+c*window+tp*tq <= space {
					best = min(best, n.N*n.C*sumH*sumW+tiles*filter+ofmap*(2*ceil(n.C, c)-1))
				}
			}
			if tp*tq > 16 {
				continue // small pixel tiles are enough for stationary filters
			}
			for k := int64(1); k <= n.K; k++ {
				for c := int64(1); c <= n.C; c++ {
					if k*c*window+h*w*c+tp*tq*k <= space {
						best = min(best, n.N*n.C*sumH*sumW*ceil(n.K, k)+filter+ofmap*(2*ceil(n.C, c)-1))
					}
				}
			}
		}
	}
	return best
}

// TestConvFamily does the same for forward convolutions.
func TestConvFamily(t *testing.T) {
	rnd, over := rand.New(rand.NewPCG(3, 4)), 0
	draw := func(lo, hi int64) int64 { return lo + rnd.Int64N(hi-lo+1) }
	for range 150 {
		n := &workload.Nest{
			N: draw(1, 4), C: draw(1, 48), K: draw(1, 48), H: draw(7, 30), W: draw(7, 30),
			R: draw(1, 7), S: draw(1, 7), DilH: 1, DilW: 1, Groups: 1, Out: workload.Ofmap,
		}
		n.StrideH, n.StrideW = draw(1, n.R), draw(1, n.S)
		n.PadH, n.PadW = draw(0, n.R/2), draw(0, n.S/2)
		n.P, n.Q = (n.H+2*n.PadH-n.R)/n.StrideH+1, (n.W+2*n.PadW-n.S)/n.StrideW+1
		space := int64(math.Exp(5 + 7*rnd.Float64()))
		want := bestConv(n, space)
		p, ok := Best(n, elements(), space)
		if want == math.MaxInt64 {
			continue
		}
		if !ok || p.Total() > want {
			t.Fatalf("%+v in %d: %d (%v), enumerated %d", *n, space, p.Total(), p.Mapping, want)
		}
		if q, ok := At(Curve(n, elements()), space); !ok || float64(q.Total()) > 1.05*float64(want) {
			over++
		}
	}
	t.Logf("more than five percent above in %d of 150", over)
	if over > 3 {
		t.Errorf("the curve is more than five percent above the enumeration in %d of 150", over)
	}
}
