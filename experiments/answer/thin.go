package answer

import (
	"cmp"
	"math"
	"slices"

	"stco/objectives"
	"stco/results"
)

// Thin drops rows of a table of found designs that no conclusion depends on, so that
// the archives of thousands of shards can be joined part by part: what is concluded
// from the thinned parts together is what is concluded from all rows. In their order
// remain, of each technology and selector, the first row and what no other row
// dominates, as Coarse has it; of each technology what a Ladder may name, no larger
// buffer of a larger energy-delay product, and the largest one. Where aspirations
// depend on the best of all rows, all remain.
func Thin(found *results.Table, views []objectives.View, by Yardstick) (*results.Table, error) {
	if len(found.Rows) == 0 || slices.ContainsFunc(views, func(v objectives.View) bool { return v.Aspires() }) {
		return found, nil
	}
	_, kinds, err := groups(found)
	if err != nil {
		return nil, err
	}
	tech, err := found.Index("technology")
	if err != nil {
		return nil, err
	}
	area, err := found.Index("area")
	if err != nil {
		return nil, err
	}
	keep := map[int]bool{}
	technologies := map[string][]int{}
	for _, rows := range kinds {
		keep[rows[0]] = true
		order, _ := Coarse(found.Pick(rows, nil), found.OfKind(results.Objective), views)
		for _, k := range order {
			keep[rows[k]] = true
		}
		name := found.Text(rows[0], tech)
		technologies[name] = append(technologies[name], rows...)
	}
	for _, rows := range technologies {
		for _, r := range leastBy(found, rows, area, &by) {
			keep[r] = true
		}
	}
	rows := make([]int, 0, len(keep))
	for r := range found.Rows {
		if keep[r] {
			rows = append(rows, r)
		}
	}
	return compact(found.Pick(rows, nil)), nil
}

// leastBy are those of some rows that are the first of least energy-delay product of
// at most some area, and the first of the largest area.
func leastBy(t *results.Table, rows []int, area int, by *Yardstick) []int {
	type buffer struct {
		row       int
		area, edp float64
	}
	var all []buffer
	largest := slices.Min(rows)
	for _, r := range rows {
		b := buffer{r, t.Rows[r][area], (&pick{t, r, by}).edp()}
		if most := t.Rows[largest][area]; b.area > most || b.area == most && r < largest {
			largest = r
		}
		if b.area > 0 && b.edp > 0 && !math.IsInf(b.edp, 0) {
			all = append(all, b)
		}
	}
	slices.SortFunc(all, func(a, b buffer) int {
		return cmp.Or(cmp.Compare(a.area, b.area), cmp.Compare(a.edp, b.edp), cmp.Compare(a.row, b.row))
	})
	out := []int{largest}
	least, first := math.Inf(1), 0
	for _, b := range all {
		// Of equal products the first row decides, if it is small enough.
		if b.edp < least || b.edp == least && b.row < first {
			least, first = b.edp, b.row
			out = append(out, b.row)
		}
	}
	return out
}
