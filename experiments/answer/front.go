package answer

import (
	"fmt"
	"math"
	"slices"

	"stco/results"
)

// DominatedColumn names the column that Mark adds: the SRAM buffer that beats a
// design in all objectives, empty where none does.
const DominatedColumn = "dominated_by"

// Dominated returns for every row of a front the first row of the SRAM table that
// dominates it in the objectives of the front, -1 where none does. A row with an
// objective that is not finite is not compared.
func Dominated(front, sram *results.Table) ([]int, error) {
	cols := front.OfKind(results.Objective)
	theirs, err := sameColumns(front, sram, cols)
	if err != nil {
		return nil, err
	}
	by := make([]int, len(front.Rows))
	for i, row := range front.Rows {
		by[i] = slices.IndexFunc(sram.Rows, func(s []float64) bool {
			better := false
			for j, c := range cols {
				a, b := row[c], s[theirs[j]]
				if front.Columns[c].Goal == results.Max {
					a, b = -a, -b
				}
				if !(b <= a) {
					return false
				}
				better = better || b < a
			}
			return better
		})
	}
	return by, nil
}

// sameColumns finds columns of one table in another, by name.
func sameColumns(of, in *results.Table, cols []int) ([]int, error) {
	out := make([]int, len(cols))
	for i, c := range cols {
		at, err := in.Index(of.Columns[c].Header())
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", in.Name, err)
		}
		out[i] = at
	}
	return out, nil
}

// Mark adds the column of the SRAM buffers that dominate the designs of a front
// and returns the rows that none does.
func Mark(front, sram *results.Table) ([]int, error) {
	by, err := Dominated(front, sram)
	if err != nil {
		return nil, err
	}
	front.AddColumn(DominatedColumn + ":text")
	col := len(front.Columns) - 1
	front.Columns[col].Meaning = "SRAM buffer of the same space that is nowhere worse and somewhere better in the objectives"
	var free []int
	for i, s := range by {
		text := ""
		if s >= 0 {
			text = describe(sram, s)
		} else {
			free = append(free, i)
		}
		front.Rows[i][col] = front.Choice(col, text)
	}
	return free, nil
}

// Undominated returns the rows of a marked front that no SRAM buffer dominates;
// all of a front without the mark.
func Undominated(front *results.Table) []int {
	col, err := front.Index(DominatedColumn)
	rows := []int{}
	for r := range front.Rows {
		if err != nil || front.Text(r, col) == "" {
			rows = append(rows, r)
		}
	}
	return rows
}

// describe names a buffer: "SRAM lop 1 MiB, 16 banks x 2048".
func describe(t *results.Table, row int) string {
	text := "SRAM"
	if c, err := t.Index("flavour"); err == nil {
		text += " " + t.Text(row, c)
	}
	text += fmt.Sprintf(" %g MiB", cell(t, row, "capacity"))
	if b, w := cell(t, row, "banks"), cell(t, row, "word"); b > 0 && w > 0 {
		text += fmt.Sprintf(", %g banks x %g", b, w)
	}
	return text
}

// cell is a number of a table by the column's name; NaN without the column.
func cell(t *results.Table, row int, name string) float64 {
	c, err := t.Index(name)
	if err != nil {
		return math.NaN()
	}
	return t.Rows[row][c]
}

// Knee returns the knee among rows of a front: the design of the least sum of
// objectives, each scaled between its extremes over the SRAM buffers, as
// logarithms where it is positive (Das, Structural Optimization 18, 107, 1999,
// the point farthest below the plane through the extremes; here the extremes are
// those of a front that is enumerated, so that no seed moves them). An objective
// in which SRAM buffers do not differ, or that they do not have, is scaled by the
// rows themselves. -1 for no rows; the first of equals.
func Knee(front *results.Table, rows []int, sram *results.Table) int {
	cols := front.OfKind(results.Objective)
	theirs, err := sameColumns(front, sram, cols)
	if err != nil {
		theirs = nil
	}
	sums := make([]float64, len(rows))
	for j, c := range cols {
		var own, frame []float64
		for _, r := range rows {
			own = append(own, front.Rows[r][c])
		}
		if theirs != nil {
			for _, s := range sram.Rows {
				frame = append(frame, s[theirs[j]])
			}
		}
		lo, hi, ok := extremes(frame)
		if !ok {
			lo, hi, ok = extremes(own)
		}
		if !ok {
			continue
		}
		logarithmic := lo > 0 && !slices.ContainsFunc(own, func(v float64) bool { return v <= 0 })
		for i, v := range own {
			x := (v - lo) / (hi - lo)
			if logarithmic {
				x = math.Log(v/lo) / math.Log(hi/lo)
			}
			if front.Columns[c].Goal == results.Max {
				x = -x
			}
			sums[i] += x
		}
	}
	best := -1
	for i, s := range sums {
		if !math.IsNaN(s) && !math.IsInf(s, 0) && (best < 0 || s < sums[best]) {
			best = i
		}
	}
	if best < 0 {
		return -1
	}
	return rows[best]
}

// extremes are the least and the largest of the finite values; ok is false where
// they are equal or there are none.
func extremes(values []float64) (lo, hi float64, ok bool) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	return lo, hi, lo < hi
}
