package answer

import (
	"math"
	"slices"

	"stco/explore/hypervolume"
	"stco/explore/pareto"
	"stco/results"
)

// Highlights names the designs that are set beside baselines, of those that no
// SRAM buffer dominates: the knee and the best of every objective. Where all are
// dominated it is the one that would be the knee, under a name that says so.
func Highlights(front *results.Table, free []int, sram *results.Table) []Highlight {
	if len(free) == 0 {
		all := make([]int, len(front.Rows))
		for i := range all {
			all[i] = i
		}
		if k := Knee(front, all, sram); k >= 0 {
			return []Highlight{{"dominated knee", k}}
		}
		return nil
	}
	var list []Highlight
	add := func(name string, row int) {
		if row < 0 {
			return
		}
		for i := range list {
			if list[i].Row == row {
				list[i].Name += ", " + name
				return
			}
		}
		list = append(list, Highlight{name, row})
	}
	add("knee", Knee(front, free, sram))
	for _, c := range front.OfKind(results.Objective) {
		best := -1
		for _, r := range free {
			row := front.Rows[r]
			if math.IsNaN(row[c]) {
				continue
			}
			better := best < 0 || row[c] < front.Rows[best][c]
			if best >= 0 && front.Columns[c].Goal == results.Max {
				better = row[c] > front.Rows[best][c]
			}
			if better {
				best = r
			}
		}
		add("best "+front.Columns[c].Title(), best)
	}
	return list
}

// Highlight is a row of a front that has a name.
type Highlight struct {
	Name string // of several "knee, best energy"
	Row  int
}

// reference is the coordinate of the reference point of a chosen front, between
// ideal (0) and nadir (1) of what it is chosen from: that of the search.
const reference = 1.1

// Choose returns at most limit of the non-dominated rows of a table of designs,
// the first of those with equal objectives, of a large hypervolume together. They
// stand in the order of their objectives.
func Choose(all *results.Table, limit int) *results.Table {
	cols := all.OfKind(results.Objective)
	m := len(cols)
	f := minimised(all, cols)
	var sorter pareto.Sorter
	keep := make([]bool, len(all.Rows))
	sorter.NonDominated(f, m, keep)
	order := make([]int, 0, len(keep))
	for i, k := range keep {
		if k {
			order = append(order, i)
		}
	}
	point := func(i int) []float64 { return f[i*m : i*m+m] }
	slices.SortStableFunc(order, func(a, b int) int { return slices.Compare(point(a), point(b)) })
	order = slices.CompactFunc(order, func(a, b int) bool { return slices.Equal(point(a), point(b)) })
	if len(order) > limit {
		order = spread(order, point, m, limit)
	}
	return compact(all.Pick(order, nil))
}

// spread picks the points of a large hypervolume between their common bounds.
func spread(order []int, point func(int) []float64, m, limit int) []int {
	ideal, nadir := slices.Repeat([]float64{math.Inf(1)}, m), slices.Repeat([]float64{math.Inf(-1)}, m)
	for _, i := range order {
		for j, v := range point(i) {
			ideal[j], nadir[j] = min(ideal[j], v), max(nadir[j], v)
		}
	}
	unit := make([]float64, 0, len(order)*m)
	for _, i := range order {
		for j, v := range point(i) {
			wide := nadir[j] - ideal[j]
			if !(wide > 0) {
				wide = 1
			}
			unit = append(unit, (v-ideal[j])/wide)
		}
	}
	var volume hypervolume.Volume
	var out []int
	for _, k := range volume.Subset(unit, m, slices.Repeat([]float64{reference}, m), limit) {
		out = append(out, order[k])
	}
	return out
}

// minimised returns the objectives of a table as the search sees them:
// minimised, and as logarithms where all are positive.
func minimised(t *results.Table, cols []int) []float64 {
	log := true
	for _, row := range t.Rows {
		for _, c := range cols {
			log = log && row[c] > 0
		}
	}
	f := make([]float64, 0, len(t.Rows)*len(cols))
	for _, row := range t.Rows {
		for _, c := range cols {
			v := row[c]
			if log {
				v = math.Log(v)
			}
			if t.Columns[c].Goal == results.Max {
				v = -v
			}
			f = append(f, v)
		}
	}
	return f
}

// compact drops the identities of designs that no row has.
func compact(t *results.Table) *results.Table {
	at := slices.IndexFunc(t.Columns, func(c results.Column) bool { return c.Name == results.IDColumn })
	if at < 0 {
		return t
	}
	names := t.Columns[at].Choices
	t.Columns[at].Choices = []string{}
	for _, row := range t.Rows {
		if !math.IsNaN(row[at]) {
			row[at] = t.Choice(at, names[int(row[at])])
		}
	}
	return t
}
