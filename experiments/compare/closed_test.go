package compare

import (
	"math"
	"slices"
	"testing"

	"stco/experiments/study"
	"stco/explore"
	"stco/results"
)

// TestFrameByHand: two runs of one seed over a metric to minimise and one to
// maximise. Of (1, 10), (4, 40), (2, 5) and (9, 30) the first two are the joint
// front: (2, 5) and (9, 30) are dominated by one of them.
func TestFrameByHand(t *testing.T) {
	goals := []results.Column{{Name: "a"}, {Name: "b", Goal: results.Max}}
	runs := []Run{
		{Goals: goals, Seeds: []Seed{{Archive: [][]float64{{1, 10}, {2, 5}}}}},
		{Goals: goals, Seeds: []Seed{{Archive: [][]float64{{4, 40}, {9, 30}}}}},
	}
	f := newFrame(runs, false)
	if !slices.EqualFunc(f.joint, [][]float64{{1, 10}, {4, 40}}, slices.Equal) || !slices.Equal(f.ideal, []float64{1, -40}) || !slices.Equal(f.nadir, []float64{4, -10}) {
		t.Errorf("joint %v from %v to %v", f.joint, f.ideal, f.nadir)
	}
	if got := f.normalised([][]float64{{2.5, 25}, {7, 10}}); !slices.Equal(got, []float64{0.5, 0.5, 2, 1}) {
		t.Errorf("normalised %v", got)
	}
	// (0, 1) and (1, 0) below 1.1: 1.1 x 0.1 and 0.1 x 1.1 less what both have.
	if got := f.hypervolume(f.joint); math.Abs(got-0.21) > 1e-12 {
		t.Errorf("hypervolume %g, want 0.21", got)
	}
	// In logarithms 2 and 20 lie half-way.
	l := newFrame(runs, true)
	if got := l.normalised([][]float64{{2, 20}}); math.Abs(got[0]-0.5) > 1e-12 || math.Abs(got[1]-0.5) > 1e-12 {
		t.Errorf("normalised %v", got)
	}
	runs[0].Seeds[0].Archive[1][1] = 0
	if newFrame(runs, true).log {
		t.Error("a logarithm of 0")
	}
	// One design: all are at the ideal, a worse one beyond it by what it is worse.
	one := newFrame([]Run{{Goals: goals, Seeds: []Seed{{Archive: [][]float64{{3, 7}}}}}}, false)
	if got := one.normalised([][]float64{{3, 7}, {5, 6}}); !slices.Equal(got, []float64{0, 0, 2, 1}) {
		t.Errorf("normalised %v", got)
	}
}

// TestHeight: a staircase of corners (1, 9), (3, 4), (6, 2).
func TestHeight(t *testing.T) {
	corners := [][2]float64{{1, 9}, {3, 4}, {6, 2}}
	for _, c := range []struct {
		x       float64
		y, left float64
	}{{1, 9, math.NaN()}, {2, 9, 9}, {3, 4, 9}, {5.9, 4, 4}, {6, 2, 4}, {7, 2, 2}, {0, math.NaN(), math.NaN()}} {
		same := func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }
		if got, left := height(corners, c.x, false), height(corners, c.x, true); !same(got, c.y) || !same(left, c.left) {
			t.Errorf("at %g: %g, from the left %g", c.x, got, left)
		}
	}
}

// TestAttainmentByHand: of two runs of four seeds, the first with one design a
// seed, (k, 5-k) for k from 1 to 4. None is reached by two seeds: two of them
// reach what is no better than both, (2, 4), (3, 3) and (4, 2) and so on.
func TestAttainmentByHand(t *testing.T) {
	goals := []results.Column{{Name: "a"}, {Name: "b"}}
	run := func(name string, algorithm study.Search, archives ...[][]float64) Run {
		r := Run{Name: name, Goals: goals, Study: &study.Study{Search: algorithm}}
		for _, a := range archives {
			r.Seeds = append(r.Seeds, Seed{Archive: a})
		}
		return r
	}
	one, other := study.Search{}, study.Search{}
	one.Algorithm, other.Algorithm = explore.NSGA2, explore.NSGA3
	runs := []Run{
		run("first", one, [][]float64{{1, 4}}, [][]float64{{2, 3}}, [][]float64{{3, 2}}, [][]float64{{4, 1}}),
		run("second", other, [][]float64{{7, 7}}),
	}
	table := attainmentTable(runs, [2]int{0, 1})
	var got [][]float64
	for _, r := range table.Rows {
		if name, algorithm := table.Columns[0].Choices[int(r[0])], table.Columns[1].Choices[int(r[1])]; name == "first" != (algorithm == string(explore.NSGA2)) {
			t.Errorf("%s is of %s", name, algorithm)
		}
		got = append(got, r[2:])
	}
	want := [][]float64{
		{25, 1, 4},
		{25, 2, 3},
		{25, 3, 2},
		{25, 4, 1},
		{50, 2, 4},
		{50, 3, 3},
		{50, 4, 2},
		{75, 3, 4},
		{75, 4, 3},
		{100, 7, 7},
	}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("%v, want %v", got, want)
	}
	f, err := (&Comparison{Attainment: table}).attainmentFigure()
	if err != nil {
		t.Fatal(err)
	}
	// Half of the seeds reach 3 at x = 3, a quarter 2, three quarters 4; just
	// before it is 4, 3 and nothing.
	d := f.Data()
	at := 0
	for _, r := range d.Rows {
		if d.Columns[0].Choices[int(r[0])] != "first" || r[1] != 3 {
			continue
		}
		w := [][]float64{{4, 3, math.NaN()}, {3, 2, 4}}[at]
		for j, v := range w {
			if x := r[2+j]; x != v && !(math.IsNaN(x) && math.IsNaN(v)) {
				t.Errorf("row %v, want %v", r, w)
			}
		}
		at++
	}
	if at != 2 {
		t.Errorf("%d marks at 3", at)
	}
}
