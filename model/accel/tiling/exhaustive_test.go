package tiling

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"stco/model/workload"
)

// TestReplayFlat executes every point of small matrix products.
func TestReplayFlat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string, hi int64) int64 { return rapid.Int64Range(1, hi).Draw(t, name) }
		n := gemm(draw("M", 7), draw("N", 6), draw("K", 6))
		n.Out = workload.Role(draw("out", 3) - 1)
		for _, p := range exact(n, elements()) {
			m := p.Mapping
			if !m.Flat {
				t.Fatalf("%v is not flat", m)
			}
			m.N, m.P, m.Q = 1, m.M, 1
			x := run(n, m)
			if x.twice || int64(len(x.macs)) != n.MACs() || x.peak > p.Space {
				t.Fatalf("%v: %d of %d MACs, %d of %d elements", p.Mapping, len(x.macs), n.MACs(), x.peak, p.Space)
			}
			if x.read != p.Read || x.wrote != p.Write {
				t.Errorf("%v: moved %v and %v, claimed %v and %v", p.Mapping, x.read, x.wrote, p.Read, p.Write)
			}
		}
	})
}

// orders calls f with every permutation of v[i:].
func orders(v []int, i int, f func([]int)) {
	if i == len(v) {
		f(v)
		return
	}
	for j := i; j < len(v); j++ {
		v[i], v[j] = v[j], v[i]
		orders(v, i+1, f)
		v[i], v[j] = v[j], v[i]
	}
}

// nestCost is the plain tiled loop nest: all of n, k, p, q, c are cut into
// tiles, the tile loops run in some order, the buffer holds one tile of each
// operand, and a tile is moved whenever its index changes. It is what an
// exhaustive search over tilings and loop orders usually enumerates.
func nestCost(n *workload.Nest, size [5]int64, rows, cols []part, order []int) (space, traffic int64) {
	dim := [5]int64{n.N, n.K, n.P, n.Q, n.C}
	var count [5]int64
	for d := range count {
		count[d] = (dim[d] + size[d] - 1) / size[d]
	}
	count[2], count[3] = int64(len(rows)), int64(len(cols))
	extent := func(d int, i int64) int64 { return min(size[d], dim[d]-i*size[d]) }
	var at, last [5]int64
	var largest [3]int64
	seen := map[[4]int64]bool{} // tiles of the output that were in the buffer before
	indexed := [3][]int{{0, 2, 3, 4}, {1, 4}, {0, 1, 2, 3}}
	visit := func(first bool) {
		elems := [3]int64{
			extent(0, at[0]) * extent(4, at[4]) * int64(len(rows[at[2]].ins)*len(cols[at[3]].ins)),
			extent(1, at[1]) * extent(4, at[4]) * n.R * n.S,
			extent(0, at[0]) * extent(1, at[1]) * int64(len(rows[at[2]].outs)*len(cols[at[3]].outs)),
		}
		for r, dims := range indexed {
			largest[r] = max(largest[r], elems[r])
			moved := first
			id := [4]int64{}
			for i, d := range dims {
				moved = moved || at[d] != last[d]
				id[i] = at[d]
			}
			if !moved {
				continue
			}
			traffic += elems[r]
			if workload.Role(r) == n.Out {
				if seen[id] {
					traffic += elems[r] // read back
				}
				seen[id] = true
			}
		}
		last = at
	}
	first := true
	var loop func(level int)
	loop = func(level int) {
		if level == len(order) {
			visit(first)
			first = false
			return
		}
		d := order[level]
		for at[d] = 0; at[d] < count[d]; at[d]++ {
			loop(level + 1)
		}
		at[d] = 0
	}
	loop(0)
	return largest[0] + largest[1] + largest[2], traffic
}

// TestExhaustive compares the curve with every tiled loop nest of small
// problems.
func TestExhaustive(t *testing.T) {
	small := func(nest *workload.Nest, outs ...workload.Role) (all []*workload.Nest) {
		for _, o := range outs {
			all = append(all, produces(nest, o))
		}
		return all
	}
	shape := func(b, c, h, w, k, r, s, stride, pad, dil int64) *workload.Nest {
		return &workload.Nest{
			N: b, C: c, H: h, W: w, K: k, R: r, S: s,
			P: (h+2*pad-dil*(r-1)-1)/stride + 1, Q: (w+2*pad-dil*(s-1)-1)/stride + 1,
			StrideH: stride, StrideW: stride, PadH: pad, PadW: pad, DilH: dil, DilW: dil, Groups: 1,
		}
	}
	const i, f, o = workload.Ifmap, workload.Filter, workload.Ofmap
	var nests []*workload.Nest
	nests = append(nests, small(gemm(7, 5, 6), i, f, o)...)
	nests = append(nests, small(gemm(12, 9, 2), o)...)
	nests = append(nests, small(gemm(1, 10, 12), o)...)
	nests = append(nests, small(shape(1, 3, 5, 4, 3, 3, 3, 1, 1, 1), o, f)...)
	nests = append(nests, small(shape(2, 2, 4, 3, 3, 3, 3, 1, 1, 1), o, f)...)
	nests = append(nests, small(shape(1, 2, 7, 6, 3, 3, 3, 2, 1, 1), o, f)...)
	nests = append(nests, small(shape(1, 4, 6, 4, 2, 2, 1, 1, 0, 1), o, f)...)
	nests = append(nests, small(shape(1, 1, 7, 6, 1, 3, 3, 1, 1, 1), o, f)...) // one depthwise channel
	nests = append(nests, small(shape(1, 2, 5, 4, 2, 3, 1, 1, 2, 2), o)...)
	for _, n := range nests {
		points := exact(n, elements())
		best := map[int64]int64{}
		dim := [5]int64{n.N, n.K, n.P, n.Q, n.C}
		var size [5]int64
		var cutAll func(d int)
		var mappings int
		cutAll = func(d int) {
			if d == len(size) {
				rows := parts(n.P, n.H, n.R, n.StrideH, n.PadH, n.DilH, size[2], false)
				cols := parts(n.Q, n.W, n.S, n.StrideW, n.PadW, n.DilW, size[3], false)
				orders([]int{0, 1, 2, 3, 4}, 0, func(order []int) {
					space, traffic := nestCost(n, size, rows, cols, order)
					if b, ok := best[space]; !ok || traffic < b {
						best[space] = traffic
					}
					mappings++
				})
				return
			}
			for size[d] = 1; size[d] <= dim[d]; size[d]++ {
				cutAll(d + 1)
			}
		}
		cutAll(0)
		worst := 0.0
		for space, traffic := range best {
			p, ok := At(points, space)
			if !ok {
				t.Errorf("%+v: no mapping in %d elements, a loop nest has one", *n, space)
				continue
			}
			ratio := float64(p.Total()) / float64(traffic)
			worst = math.Max(worst, ratio)
			if ratio > 1 {
				t.Errorf("C=%d K=%d P=%d R=%d out=%d: %d elements: %d (%v), a loop nest moves %d", n.C, n.K, n.P, n.R, n.Out, space, p.Total(), p.Mapping, traffic)
			}
		}
		t.Logf("C=%d K=%d %dx%d R=%d out=%d: %d mappings, ratio at most %.3f", n.C, n.K, n.P, n.Q, n.R, n.Out, mappings, worst)
	}
}
