package tiling

import (
	"slices"
	"testing"

	"stco/model/workload"
)

// TestThin: a point stays if it saves 2 % of the traffic of the last that stayed.
func TestThin(t *testing.T) {
	curve := func(traffic ...int64) []Point {
		var c []Point
		for i, v := range traffic {
			c = append(c, Point{Space: int64(i), Read: [3]int64{v / 2, 0, 0}, Write: [3]int64{0, 0, v - v/2}})
		}
		return c
	}
	for _, c := range []struct{ all, kept []int64 }{
		{[]int64{1000}, []int64{0}},
		{[]int64{1000, 999}, []int64{0, 1}},
		{[]int64{1000, 990, 979, 970, 961, 960, 959}, []int64{0, 2, 6}}, // 979 is below 980, the next must be below 959.42
		{[]int64{1000, 980, 900}, []int64{0, 2}},
		{[]int64{1000, 985, 970, 955}, []int64{0, 2, 3}},
	} {
		var kept []int64
		for _, p := range Thin(curve(c.all...)) {
			kept = append(kept, p.Space)
		}
		if !slices.Equal(kept, c.kept) {
			t.Errorf("of %v the points %v stay, want %v", c.all, kept, c.kept)
		}
	}
}

// TestSpanByHand: three tiles of 4, 4 and 2 outputs from 6, 5 and 3 inputs, of
// which 4 and 2 are new in the later ones.
func TestSpanByHand(t *testing.T) {
	var s span
	s.add(4, 6, 4, 6, true)
	s.add(4, 5, 4, 4, false)
	s.add(2, 3, 2, 2, false)
	want := span{n: 3, out: 4, in: 6, sumOut: 10, sumIn: 14, nextOut: 4, nextIn: 4}
	if s.close() != want {
		t.Errorf("%+v, want %+v", s.close(), want)
	}
	var one span
	one.add(4, 6, 4, 6, true)
	if got := one.close(); got.nextOut != 4 || got.nextIn != 6 {
		t.Errorf("a class in one tile is replaced as a whole: %+v", got)
	}
}

// TestAttentionString: one query at a time is not spilling.
func TestAttentionString(t *testing.T) {
	for want, p := range map[string]AttentionPoint{"queries=1": {Queries: 1}, "queries=64": {Queries: 64}, "keys=1": {Keys: 1}, "scores spilled": {}} {
		if got := p.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestUnitsOfTraffic: the traffic by which mappings are compared is that which their
// points move, in one unit for all: a step of 0.1 % is one of what is moved.
func TestUnitsOfTraffic(t *testing.T) {
	for _, out := range []workload.Role{workload.Ofmap, workload.Ifmap, workload.Filter} {
		n := gemm(48, 20, 36)
		n.Out = out
		p, ok := newProblem(n, &Conventions{ElemBytes: [3]float64{1, 2, 2}, PartialBytes: 4})
		if !ok {
			t.Fatal("no problem")
		}
		s := search{problem: p, frontier: newFrontier(p.largest(), binBits)}
		s.run()
		stairs := s.frontier.staircase()
		first := s.point(&stairs[0])
		for i := range stairs {
			x := s.point(&stairs[i])
			if stairs[i].traffic*first.Total() != stairs[0].traffic*x.Total() {
				t.Errorf("%v, point %d: %d units for %d B, the first %d for %d", out, i, stairs[i].traffic, x.Total(), stairs[0].traffic, first.Total())
			}
		}
	}
}
