package tiling

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"stco/model/workload"
)

// The replay executes a mapping element by element with sets of addresses and
// knows nothing of the counting code: it works from the definition of the
// convolution alone.

// tap is one (output, filter, input) index triple along an image dimension.
type tap struct{ p, r, h int64 }

// part is one tile of an image dimension.
type part struct {
	outs, ins []int64
	taps      []tap
}

// parts cuts an image dimension as Mapping describes it.
func parts(out, in, kernel, stride, pad, dil, size int64, byInput bool) []part {
	classes := int64(1)
	if kernel > 1 {
		classes = dil / gcd2(stride, dil)
	}
	var tiles []part
	classes = min(classes, out)
	if !byInput && size >= out {
		classes = 1 // the whole dimension in one tile
	}
	for e := range classes {
		var outs []int64
		for p := e; p < out; p += classes {
			outs = append(outs, p)
		}
		reads := func(p int64) []tap {
			var ts []tap
			for r := range kernel {
				if h := p*stride + r*dil - pad; h >= 0 && h < in {
					ts = append(ts, tap{p, r, h})
				}
			}
			return ts
		}
		if !byInput {
			for chunk := range slices.Chunk(outs, int(size)) {
				t := part{outs: chunk}
				for _, p := range chunk {
					t.taps = append(t.taps, reads(p)...)
				}
				t.close()
				tiles = append(tiles, t)
			}
			continue
		}
		var ins []int64
		for _, p := range outs {
			for _, x := range reads(p) {
				ins = append(ins, x.h)
			}
		}
		slices.Sort(ins)
		ins = slices.Compact(ins)
		first := len(tiles)
		for chunk := range slices.Chunk(ins, int(size)) {
			t := part{}
			for _, p := range outs {
				for _, x := range reads(p) {
					if slices.Contains(chunk, x.h) {
						t.taps = append(t.taps, x)
						t.outs = append(t.outs, p)
					}
				}
			}
			t.close()
			tiles = append(tiles, t)
		}
		// Outputs that read only padding belong to the nearest tile.
		for _, p := range outs {
			if len(reads(p)) == 0 {
				if len(ins) == 0 { // nothing is read: one at a time
					tiles = append(tiles, part{outs: []int64{p}})
					continue
				}
				t := &tiles[first]
				if p > t.outs[0] {
					t = &tiles[len(tiles)-1]
				}
				t.outs = append(t.outs, p)
				t.close()
			}
		}
	}
	return tiles
}

func (t *part) close() {
	for _, x := range t.taps {
		t.ins = append(t.ins, x.h)
	}
	slices.Sort(t.ins)
	t.ins = slices.Compact(t.ins)
	slices.Sort(t.outs)
	t.outs = slices.Compact(t.outs)
}

func gcd2(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

type address [4]int64

// replay is the state of an execution.
type replay struct {
	nest        *workload.Nest
	held        [3]map[address]bool
	seen        map[address]bool // output elements with an unfinished sum in DRAM
	touched     [3]map[address]bool
	read, wrote [3]int64
	peak        int64
	macs        map[[7]int64]bool
	twice       bool
}

// hold makes the buffer hold exactly these elements of a role.
func (x *replay) hold(r workload.Role, want map[address]bool) {
	out := r == x.nest.Out
	for a := range x.held[r] {
		if !want[a] && out {
			x.wrote[r]++
			x.seen[a] = true
		}
	}
	for a := range want {
		if x.held[r][a] {
			continue
		}
		x.touched[r][a] = true
		if !out || x.seen[a] {
			x.read[r]++
		}
	}
	x.held[r] = want
}

func (x *replay) measure() {
	x.peak = max(x.peak, int64(len(x.held[0])+len(x.held[1])+len(x.held[2])))
}

func (x *replay) mac(n, k, c int64, a, b tap) {
	id := [7]int64{n, k, c, a.p, b.p, a.r, b.r}
	if x.macs[id] {
		x.twice = true
	}
	x.macs[id] = true
	if !x.held[workload.Ifmap][address{n, c, a.h, b.h}] || !x.held[workload.Filter][address{k, c, a.r, b.r}] ||
		!x.held[workload.Ofmap][address{n, k, a.p, b.p}] {
		x.twice = true
	}
}

func chunks(d, size int64) [][]int64 {
	all := make([]int64, d)
	for i := range all {
		all[i] = int64(i)
	}
	return slices.Collect(slices.Chunk(all, int(size)))
}

func box(ns, cs, hs, ws []int64) map[address]bool {
	m := map[address]bool{}
	for _, n := range ns {
		for _, c := range cs {
			for _, h := range hs {
				for _, w := range ws {
					m[address{n, c, h, w}] = true
				}
			}
		}
	}
	return m
}

// run executes a mapping of a nest that is not flattened.
func run(n *workload.Nest, m Mapping) *replay {
	x := &replay{nest: n, seen: map[address]bool{}, macs: map[[7]int64]bool{}}
	for r := range x.held {
		x.held[r], x.touched[r] = map[address]bool{}, map[address]bool{}
	}
	pRows := parts(n.P, n.H, n.R, n.StrideH, n.PadH, n.DilH, m.P, m.InputRows)
	pCols := parts(n.Q, n.W, n.S, n.StrideW, n.PadW, n.DilW, m.Q, m.InputCols)
	window := func(d int64) []int64 { return chunks(d, d)[0] }
	rs, ss := window(n.R), window(n.S)
	// tiles calls f in sweep order; within a strip the swept dimension runs.
	tiles := func(f func(rows, cols *part, start bool)) {
		swept, across := pRows, pCols
		if m.SweepW {
			swept, across = pCols, pRows
		}
		for j := range across {
			for i := range swept {
				if m.SweepW {
					f(&across[j], &swept[i], i == 0)
				} else {
					f(&swept[i], &across[j], i == 0)
				}
			}
		}
	}
	none := map[address]bool{}
	images := chunks(n.N, m.N)
	ks, cs := chunks(n.K, m.K), chunks(n.C, m.C)
	switch m.Stationary {
	case workload.Ofmap:
		for _, kt := range ks {
			for _, im := range images {
				tiles(func(rows, cols *part, start bool) {
					if start {
						x.hold(workload.Ofmap, none)
					}
					x.hold(workload.Ofmap, box(im, kt, rows.outs, cols.outs))
					for _, ct := range cs {
						x.slice(im, kt, ct, rows, cols, rs, ss, workload.Ifmap, workload.Filter)
					}
				})
				x.hold(workload.Ofmap, none)
			}
		}
	case workload.Ifmap:
		for _, ct := range cs {
			for _, im := range images {
				tiles(func(rows, cols *part, start bool) {
					if start {
						x.hold(workload.Ifmap, none)
					}
					x.hold(workload.Ifmap, box(im, ct, rows.ins, cols.ins))
					for _, kt := range ks {
						x.slice(im, kt, ct, rows, cols, rs, ss, workload.Filter, workload.Ofmap)
					}
				})
				x.hold(workload.Ifmap, none)
			}
		}
	default:
		// The swept dimension has one-row tiles; the operand that shares rows
		// between them keeps a ring, the other passes by pixel by pixel.
		for _, kt := range ks {
			for _, ct := range cs {
				x.hold(workload.Filter, box(kt, ct, rs, ss))
				for _, im := range images {
					tiles(func(rows, cols *part, start bool) {
						if start {
							x.hold(workload.Ifmap, none)
							x.hold(workload.Ofmap, none)
						}
						if m.HoldOut {
							x.hold(workload.Ofmap, box(im, kt, rows.outs, cols.outs))
							for _, h := range rows.ins {
								for _, w := range cols.ins {
									x.hold(workload.Ifmap, box(im, ct, []int64{h}, []int64{w}))
									x.compute(im, kt, ct, rows, cols, func(a, b tap) bool { return a.h == h && b.h == w })
									x.hold(workload.Ifmap, none)
								}
							}
							return
						}
						x.hold(workload.Ifmap, box(im, ct, rows.ins, cols.ins))
						for _, p := range rows.outs {
							for _, q := range cols.outs {
								x.hold(workload.Ofmap, box(im, kt, []int64{p}, []int64{q}))
								x.compute(im, kt, ct, rows, cols, func(a, b tap) bool { return a.p == p && b.p == q })
								x.hold(workload.Ofmap, none)
							}
						}
					})
					x.hold(workload.Ifmap, none)
					x.hold(workload.Ofmap, none)
				}
			}
		}
		x.hold(workload.Filter, none)
	}
	return x
}

// slice streams one slice of two operands past the held third.
func (x *replay) slice(im, kt, ct []int64, rows, cols *part, rs, ss []int64, streamed ...workload.Role) {
	for _, r := range streamed {
		switch r {
		case workload.Ifmap:
			x.hold(r, box(im, ct, rows.ins, cols.ins))
		case workload.Filter:
			x.hold(r, box(kt, ct, rs, ss))
		default:
			x.hold(r, box(im, kt, rows.outs, cols.outs))
		}
	}
	x.compute(im, kt, ct, rows, cols, func(tap, tap) bool { return true })
	for _, r := range streamed {
		x.hold(r, map[address]bool{})
	}
}

func (x *replay) compute(im, kt, ct []int64, rows, cols *part, use func(a, b tap) bool) {
	x.measure()
	for _, a := range rows.taps {
		for _, b := range cols.taps {
			if !use(a, b) {
				continue
			}
			for _, n := range im {
				for _, k := range kt {
					for _, c := range ct {
						x.mac(n, k, c, a, b)
					}
				}
			}
		}
	}
}

// inRange counts the multiply-accumulates that do not meet padding.
func inRange(n *workload.Nest) int64 {
	one := func(out, in, kernel, stride, pad, dil int64) (s int64) {
		for p := range out {
			for r := range kernel {
				if h := p*stride + r*dil - pad; h >= 0 && h < in {
					s++
				}
			}
		}
		return s
	}
	return n.N * n.K * n.C * one(n.P, n.H, n.R, n.StrideH, n.PadH, n.DilH) * one(n.Q, n.W, n.S, n.StrideW, n.PadW, n.DilW)
}

// smallNest draws a convolution of a few hundred multiply-accumulates.
func smallNest(t *rapid.T) *workload.Nest {
	draw := func(name string, lo, hi int64) int64 { return rapid.Int64Range(lo, hi).Draw(t, name) }
	n := &workload.Nest{
		N: draw("N", 1, 2), C: draw("C", 1, 3), K: draw("K", 1, 3),
		R: draw("R", 1, 3), S: draw("S", 1, 3),
		StrideH: draw("sh", 1, 3), StrideW: draw("sw", 1, 2), DilH: draw("dh", 1, 3), DilW: draw("dw", 1, 2),
		PadH: draw("ph", 0, 2), PadW: draw("pw", 0, 2), Groups: 1,
		P: draw("P", 1, 6), Q: draw("Q", 1, 5),
		Out: workload.Role(draw("out", 0, 2)),
	}
	// The image reaches from some pixels before the end of the last window to
	// some pixels beyond it.
	end := func(p, s, k, d, pad int64) int64 { return (p-1)*s + (k-1)*d + 1 - pad }
	n.H = max(1, end(n.P, n.StrideH, n.R, n.DilH, n.PadH)+draw("eh", -2, 1))
	n.W = max(1, end(n.Q, n.StrideW, n.S, n.DilW, n.PadW)+draw("ew", -2, 1))
	return n
}

// TestReplay executes every point of a curve: each multiply-accumulate once,
// with its operands in the buffer, within the space and with exactly the
// traffic the point claims.
func TestReplay(t *testing.T) {
	executed := 0
	rapid.Check(t, func(t *rapid.T) {
		n := smallNest(t)
		points := exact(n, elements())
		if len(points) == 0 {
			t.Fatal("no points")
		}
		if points[0].Mapping.Flat {
			return // TestReplayFlat
		}
		for _, p := range points {
			x := run(n, p.Mapping)
			if x.twice || int64(len(x.macs)) != inRange(n) {
				t.Fatalf("%v: executed %d of %d MACs, or one twice or without its operands", p.Mapping, len(x.macs), inRange(n))
			}
			if x.peak > p.Space {
				t.Errorf("%v: held %d elements, claimed %d", p.Mapping, x.peak, p.Space)
			}
			wrote := x.wrote
			// The zeros of an input gradient that no window touches.
			if n.Out == workload.Ifmap {
				wrote[workload.Ifmap] += n.N*n.C*n.H*n.W - int64(len(x.touched[workload.Ifmap]))
			}
			if x.read != p.Read || wrote != p.Write {
				t.Errorf("%v: moved %v and %v, claimed %v and %v", p.Mapping, x.read, wrote, p.Read, p.Write)
			}
			executed++
		}
	})
	least := 100
	if testing.Short() { // a fifth of the nests is drawn
		least = 20
	}
	if executed < least {
		t.Errorf("only %d points executed", executed)
	}
}
