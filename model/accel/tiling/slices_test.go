package tiling

import (
	"testing"

	"pgregory.net/rapid"

	"stco/model/workload"
)

// TestSlices: of a forward nest a slice of whole input rows with all channels stays
// while all filters pass, so many at a time. Every point moves what its execution
// element by element moves, in the room of its definition, and no cut of the height
// is missed.
func TestSlices(t *testing.T) {
	executed := 0
	rapid.Check(t, func(t *rapid.T) {
		n := smallNest(t)
		n.Out = workload.Ofmap
		o := elements()
		o.Slices = rapid.IntRange(1, 4).Draw(t, "slices")
		points := exact(n, o)
		if len(points) == 0 {
			t.Fatal("no points")
		}
		if points[0].Mapping.Flat {
			return // TestSlicesFlat
		}
		for _, p := range points {
			x := run(n, p.Mapping)
			if x.read != p.Read || x.wrote != p.Write {
				t.Errorf("%v: moved %v and %v, claimed %v and %v", p.Mapping, x.read, x.wrote, p.Read, p.Write)
			}
			tiles := parts(n.P, n.H, n.R, n.StrideH, n.PadH, n.DilH, p.Mapping.P, p.Mapping.InputRows)
			if cols := parts(n.Q, n.W, n.S, n.StrideW, n.PadW, n.DilW, p.Mapping.Q, p.Mapping.InputCols); len(cols) != 1 {
				t.Errorf("%v: %d parts of a row", p.Mapping, len(cols))
			}
			if p.Mapping.Stationary != workload.Ifmap || p.Mapping.C != n.C || p.Mapping.SweepW {
				t.Errorf("%v is no slice of the input with all channels", p.Mapping)
			}
			if want := sliceSpace(n, o, tiles, p.Mapping.N); p.Space != want {
				t.Errorf("%v: %d elements claimed, want %d", p.Mapping, p.Space, want)
			}
			executed++
		}
		for size := int64(1); size <= n.P; size++ {
			if size > 1 && (n.P+size-1)/size == (n.P+size-2)/(size-1) {
				continue // no fewer slices than with a row less
			}
			x := run(n, Mapping{Stationary: workload.Ifmap, N: 1, P: size, Q: n.Q, K: 1, C: n.C})
			moved := x.read[0] + x.read[1] + x.read[2] + x.wrote[0] + x.wrote[1] + x.wrote[2]
			tiles := parts(n.P, n.H, n.R, n.StrideH, n.PadH, n.DilH, size, false)
			if q, ok := At(points, sliceSpace(n, o, tiles, 1)); !ok || q.Total() > moved {
				t.Errorf("%d rows at a time move %d, the curve has %d", size, moved, q.Total())
			}
		}
	})
	if executed < 20 {
		t.Errorf("only %d points executed", executed)
	}
}

// sliceSpace returns the elements of the largest slice, of the filters that pass it
// at a time, and of the results of one of them.
func sliceSpace(n *workload.Nest, o *Conventions, tiles []part, images int64) int64 {
	ins, outs := 0, 0
	for _, x := range tiles {
		ins, outs = max(ins, len(x.ins)), max(outs, len(x.outs))
	}
	width := len(parts(n.Q, n.W, n.S, n.StrideW, n.PadW, n.DilW, n.Q, false)[0].ins)
	return images*int64(ins*width)*n.C + min(n.K, int64(o.Slices))*n.C*n.R*n.S + images*int64(outs)*n.Q
}

// TestSlicesFlat: a product of 12 x 4 by 4 x 8, three rows at a time past which the
// right factor goes two columns at a time: 12 + 8 + 3 elements, the right factor four
// times. Two copies of what streams and of a slice that another replaces.
func TestSlicesFlat(t *testing.T) {
	n := gemm(12, 8, 4)
	for _, c := range []struct {
		slices  int
		double  bool
		space   int64
		traffic int64
	}{
		{2, false, 23, 12*4 + 4*8*4 + 12*8},
		{2, true, 24 + 8 + 6, 12*4 + 4*8*4 + 12*8},
		{1, true, 24 + 8 + 6, 12*4 + 4*8*4 + 12*8}, // one passes, the next arrives
		{100, false, 48 + 32 + 12, 12*4 + 8*4 + 12*8},
		{100, true, 48 + 32 + 24, 12*4 + 8*4 + 12*8}, // a whole input needs no second copy
	} {
		o := elements()
		o.Slices, o.DoubleBuffer = c.slices, c.double
		points := exact(n, o)
		if p, ok := At(points, c.space); !ok || p.Space != c.space || p.Total() != c.traffic {
			t.Errorf("%+v: %+v", c, p)
		}
	}
	n.Out = workload.Filter // gradients are free
	o := elements()
	free := exact(n, o)
	o.Slices = 2
	if got := exact(n, o); len(got) != len(free) {
		t.Errorf("a gradient has %d points, free %d", len(got), len(free))
	}
}
