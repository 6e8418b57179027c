package answer

import (
	"math"
	"slices"

	"stco/explore/pareto"
	"stco/objectives"
	"stco/results"
)

// Technologies sets the technologies beside each other that a search found designs
// of: at most limit designs of the front of each in one table, how many of its designs another one beats, and its share
// of the joint front along each objective. Tables are empty where there is one.
func Technologies(found *results.Table, limit int, views []objectives.View) (fronts, technologies, shares *results.Table, err error) {
	names, groups, err := groups(found)
	if err != nil {
		return nil, nil, nil, err
	}
	cols := found.OfKind(results.Objective)
	var own []*results.Table
	for _, rows := range groups {
		own = append(own, Choose(found.Pick(rows, nil), len(rows), views))
	}
	joined, err := results.Concat("joined", own...)
	if err != nil {
		return nil, nil, nil, err
	}
	keep := make([]bool, len(joined.Rows))
	var sorter pareto.Sorter
	if len(joined.Rows) > 0 {
		sorter.NonDominated(minimised(joined, cols, views), len(cols), keep)
	}
	technologies = results.NewList("technologies", "technology:text", "designs", "dominated", "dominated_share [%]", "joint", "joint_share [%]")
	for _, k := range cols {
		col := joined.Columns[k]
		technologies.AddColumn("best_" + col.Name + unitOf(&col))
	}
	in := make([]int, 0, len(joined.Rows)) // technology of each row
	for i, t := range own {
		for range t.Rows {
			in = append(in, i)
		}
	}
	total := 0
	for _, k := range keep {
		if k {
			total++
		}
	}
	var chosen []*results.Table
	for i, t := range own {
		joint := 0
		for r := range in {
			if in[r] == i && keep[r] {
				joint++
			}
		}
		n := len(t.Rows)
		row := []any{names[i], n, n - joint, Percent(float64(n-joint), float64(n)), joint, Percent(float64(joint), float64(total))}
		for _, k := range cols {
			row = append(row, bestOf(t, k))
		}
		technologies.Append(row...)
		chosen = append(chosen, titled(Choose(t, limit, views), names[i]))
	}
	if fronts, err = results.Concat("fronts", chosen...); err != nil {
		return nil, nil, nil, err
	}
	return fronts, technologies, thirds(joined, cols, names, in, keep), nil
}

func titled(t *results.Table, name string) *results.Table {
	out := &results.Table{Name: t.Name}
	out.Columns = append([]results.Column{{Name: results.StratumColumn, Kind: results.Label, Choices: []string{name}, Meaning: "technology, and read selector where there are several, whose front the design belongs to"}}, t.Columns...)
	for _, row := range t.Rows {
		out.Rows = append(out.Rows, append([]float64{0}, row...))
	}
	return out
}

func unitOf(c *results.Column) string {
	if c.Unit == "" {
		return ""
	}
	return " [" + c.Unit + "]"
}

// groups lists the rows of every technology, and of every selector where a table
// holds several, by the order in which they come.
func groups(t *results.Table) (names []string, rows [][]int, err error) {
	tech, err := t.Index("technology")
	if err != nil {
		return nil, nil, err
	}
	selector, err := t.Index("selector")
	if err != nil {
		return nil, nil, err
	}
	several := t.Varies(selector)
	for r := range t.Rows {
		name := t.Text(r, tech)
		if s := t.Text(r, selector); several && s != "" {
			name += " " + s
		}
		at := slices.Index(names, name)
		if at < 0 {
			at, names, rows = len(names), append(names, name), append(rows, nil)
		}
		rows[at] = append(rows[at], r)
	}
	return names, rows, nil
}

// thirds returns the share of every technology in the designs of the joint front
// along each objective: those in the lowest, the middle and the highest third
// between its extremes, as logarithms where it is positive.
func thirds(t *results.Table, cols []int, names []string, in []int, keep []bool) *results.Table {
	out := results.NewList("shares", "objective:text", "third:text", "from:mixed", "to:mixed", "designs")
	for _, n := range names {
		out.AddColumn(n + "_share [%]")
	}
	for _, c := range cols {
		lo, hi := math.Inf(1), math.Inf(-1)
		for r, k := range keep {
			if k {
				lo, hi = min(lo, t.Rows[r][c]), max(hi, t.Rows[r][c])
			}
		}
		if !(lo < hi) {
			continue
		}
		at := func(share float64) float64 {
			if lo > 0 {
				return lo * math.Pow(hi/lo, share)
			}
			return lo + (hi-lo)*share
		}
		for i, third := range []string{"lowest", "middle", "highest"} {
			from, to := at(float64(i)/3), at(float64(i+1)/3)
			counts, n := make([]float64, len(names)), 0.0
			for r, k := range keep {
				if v := t.Rows[r][c]; k && (v >= from || i == 0) && (v < to || i == 2) {
					counts[in[r]]++
					n++
				}
			}
			row := []any{t.Columns[c].Header(), third, from, to, n}
			for _, v := range counts {
				row = append(row, Percent(v, n))
			}
			out.Append(row...)
		}
	}
	return out
}

// Percent is the share of a part; 0 of nothing.
func Percent(part, of float64) float64 {
	if of == 0 {
		return 0
	}
	return 100 * part / of
}
