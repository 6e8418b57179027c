package answer

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"stco/objectives"
	"stco/results"
)

// cloud is a table of random designs in energy and throughput.
func cloud(rng *rand.Rand, n int) *results.Table {
	t := &results.Table{Name: "cloud", Columns: []results.Column{
		{Name: "n", Kind: results.Label},
		{Name: "energy", Unit: "J", Kind: results.Objective, Goal: results.Min},
		{Name: "throughput", Unit: "Hz", Kind: results.Objective, Goal: results.Max},
	}}
	for i := range n {
		u, r := rng.Float64()*math.Pi/2, 1+rng.Float64()
		t.Add("", float64(i), 3*r-2*math.Sin(u), 1+math.Cos(u)/r)
	}
	return t
}

// TestCoarseTwin: the rows that remain are those of the plainest reading of boxes
// and aspirations, in any order of the rows, and of parts of them.
func TestCoarseTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	energy, rate := objectives.NewPreference("energy"), objectives.NewPreference("throughput")
	energy.Percent, rate.Absolute, rate.Times = 5, 0.06, 0.6
	var views []objectives.View
	for _, p := range []objectives.Preference{energy, rate} {
		v, err := objectives.NewView(p)
		if err != nil {
			t.Fatal(err)
		}
		views = append(views, v)
	}
	ids := func(tab *results.Table, rows []int) []float64 {
		var out []float64
		for _, r := range rows {
			out = append(out, tab.Rows[r][0])
		}
		slices.Sort(out)
		return out
	}
	cols := []int{1, 2}
	most := 0
	for range 30 {
		all := cloud(rng, 300)
		best := 0.0
		for _, row := range all.Rows {
			best = max(best, row[2])
		}
		box := func(row []float64) [2]float64 {
			return [2]float64{math.Floor(math.Log(row[1]) / math.Log(1.05)), math.Floor(-row[2] / 0.06)}
		}
		var want []float64
		for i, row := range all.Rows {
			if row[2] < 0.6*best {
				continue
			}
			stays := true
			for j, other := range all.Rows {
				if other[2] < 0.6*best || i == j {
					continue
				}
				a, b := box(other), box(row)
				sumA, sumB := math.Log(other[1])-math.Log(other[2]), math.Log(row[1])-math.Log(row[2])
				if a == b && sumA < sumB || a != b && a[0] <= b[0] && a[1] <= b[1] {
					stays = false
				}
			}
			if stays {
				want = append(want, float64(i))
			}
		}
		rows, _ := Coarse(all, cols, views)
		if got := ids(all, rows); !slices.Equal(got, want) {
			t.Fatalf("rows %v, want %v", got, want)
		}
		most = max(most, len(rows))
		shuffled := all.Pick(rng.Perm(len(all.Rows)), nil)
		rows, _ = Coarse(shuffled, cols, views)
		if got := ids(shuffled, rows); !slices.Equal(got, want) {
			t.Fatalf("in another order %v, want %v", got, want)
		}
		// Two parts, each without its aspiration, then together.
		parts := []objectives.View{views[0].WithoutAspiration(), views[1].WithoutAspiration()}
		first, _ := Coarse(all, cols, parts)
		half := all.Pick(first, nil)
		var left, right []int
		for r := range all.Rows {
			if r%2 == 0 {
				left = append(left, r)
			} else {
				right = append(right, r)
			}
		}
		a, b := all.Pick(left, nil), all.Pick(right, nil)
		ra, _ := Coarse(a, cols, parts)
		rb, _ := Coarse(b, cols, parts)
		both, err := results.Concat("both", a.Pick(ra, nil), b.Pick(rb, nil))
		if err != nil {
			t.Fatal(err)
		}
		again, _ := Coarse(both, cols, parts)
		whole := make([]int, len(half.Rows))
		for i := range whole {
			whole[i] = i
		}
		if got, want := ids(both, again), ids(half, whole); !slices.Equal(got, want) {
			t.Fatalf("of parts %v, want %v", got, want)
		}
	}
	if most < 5 {
		t.Errorf("at most %d rows remain", most)
	}
}
