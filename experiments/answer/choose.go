package answer

import (
	"cmp"
	"math"
	"slices"

	"stco/explore/hypervolume"
	"stco/explore/pareto"
	"stco/objectives"
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
// the first of those with equal objectives, of a large hypervolume together: of
// each box of the resolution one, and none beyond the aspirations. They stand in
// the order of their objectives.
func Choose(all *results.Table, limit int, views []objectives.View) *results.Table {
	cols := all.OfKind(results.Objective)
	m := len(cols)
	order, f := Coarse(all, cols, views)
	point := func(i int) []float64 { return f[i*m : i*m+m] }
	if len(order) > limit {
		order = spread(order, point, m, limit)
	}
	return compact(all.Pick(order, nil))
}

// Coarse returns the rows of a table that no other one dominates, box by box of
// the resolution where there is one, within the aspirations; in the order of
// their objectives, which are returned for all rows. Of a box it is the row
// nearest to the box's best corner: which rows remain depends on the set of all
// rows alone, and what remains of parts of a set gives what remains of it.
func Coarse(all *results.Table, cols []int, views []objectives.View) (order []int, f []float64) {
	m := len(cols)
	f = minimised(all, cols, views)
	boxes := slices.Clone(f)
	best := make([]float64, m)
	for j, c := range cols {
		best[j] = bestOf(all, c)
	}
	var rows []int
	for r, row := range all.Rows {
		reaches := true
		for j, c := range cols {
			if boxes[r*m+j] = views[j].Box(row[c]); views[j].Aspires() && !views[j].Reaches(row[c], best[j]) {
				reaches = false
			}
		}
		if reaches {
			rows = append(rows, r)
		}
	}
	flat := make([]float64, 0, len(rows)*m)
	for _, r := range rows {
		flat = append(flat, boxes[r*m:r*m+m]...)
	}
	keep := make([]bool, len(rows))
	var sorter pareto.Sorter
	if len(rows) > 0 {
		sorter.NonDominated(flat, m, keep)
	}
	for i, k := range keep {
		if k {
			order = append(order, rows[i])
		}
	}
	// sum is larger the farther a row is from the best corner of its box.
	sum := func(r int) (s float64) {
		for j := range m {
			s += f[r*m+j]
		}
		return s
	}
	point := func(i int) []float64 { return f[i*m : i*m+m] }
	box := func(i int) []float64 { return boxes[i*m : i*m+m] }
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(slices.Compare(box(a), box(b)), cmp.Compare(sum(a), sum(b)), slices.Compare(point(a), point(b)))
	})
	order = slices.CompactFunc(order, func(a, b int) bool { return slices.Equal(box(a), box(b)) })
	slices.SortStableFunc(order, func(a, b int) int { return slices.Compare(point(a), point(b)) })
	return order, f
}

// bestOf is the best value of a column.
func bestOf(t *results.Table, col int) float64 {
	out := math.NaN()
	for _, row := range t.Rows {
		if v := row[col]; math.IsNaN(out) || v < out == (t.Columns[col].Goal != results.Max) && v != out {
			out = v
		}
	}
	return out
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

// minimised returns the objectives of a table as the search sees them: minimised,
// as logarithms but for shares, and no better than is worth having.
func minimised(t *results.Table, cols []int, views []objectives.View) []float64 {
	f := make([]float64, 0, len(t.Rows)*len(cols))
	for _, row := range t.Rows {
		for j, c := range cols {
			f = append(f, views[j].Axis(row[c]))
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
