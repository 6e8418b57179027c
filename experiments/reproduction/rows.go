package reproduction

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"stco/results"
	"stco/results/plot"
)

// Column is the place of a column of a table that is known to have it.
func Column(t *results.Table, name string) int {
	at, err := t.Index(name)
	if err != nil {
		panic(err)
	}
	return at
}

// Rows lists the rows of a table for which a condition holds.
func Rows(t *results.Table, keep func(row []float64) bool) []int {
	var out []int
	for i, r := range t.Rows {
		if keep(r) {
			out = append(out, i)
		}
	}
	return out
}

// Largest is the row of the largest finite value of a column among some; -1
// without one.
func Largest(t *results.Table, among []int, name string) int {
	at, best := Column(t, name), -1
	for _, row := range among {
		if v := t.Rows[row][at]; !math.IsNaN(v) && !math.IsInf(v, 0) && (best < 0 || v > t.Rows[best][at]) {
			best = row
		}
	}
	return best
}

// Every lists all rows.
func Every(t *results.Table) []int { return Rows(t, func([]float64) bool { return true }) }

// Where says which values some rows have along axes on which not every value of
// the table is among them.
func Where(t *results.Table, some []int, axes ...string) string {
	if len(some) == 0 {
		return fmt.Sprintf("at none of %d points", len(t.Rows))
	}
	var parts []string
	for _, axis := range axes {
		at := Column(t, axis)
		values := func(list []int) []string {
			var out []string
			for _, row := range list {
				text := Digits(t.Rows[row][at])
				if t.Columns[at].Choices != nil {
					text = t.Text(row, at)
				}
				if !slices.Contains(out, text) {
					out = append(out, text)
				}
			}
			return out
		}
		if v := values(some); len(v) < len(values(Every(t))) {
			unit := ""
			if t.Columns[at].Unit != "" {
				unit = " " + t.Columns[at].Unit
			}
			parts = append(parts, strings.ReplaceAll(axis, "_", " ")+" "+strings.Join(v, ", ")+unit)
		}
	}
	if len(parts) == 0 {
		parts = []string{"along every axis"}
	}
	return fmt.Sprintf("at %d of %d points: %s", len(some), len(t.Rows), strings.Join(parts, "; "))
}

// Row is the first row whose leading columns have these texts; -1 without one. An
// empty text stands for any.
func Row(t *results.Table, texts ...string) int {
	for row := range t.Rows {
		ok := true
		for i, text := range texts {
			ok = ok && (text == "" || t.Text(row, i) == text)
		}
		if ok {
			return row
		}
	}
	return -1
}

// In returns the cells of a table by row and column.
func In(t *results.Table) func(row int, column string) Cell {
	return func(row int, column string) Cell { return Cell{t, row, column} }
}

// Lines adds a figure of lines to the findings.
func (r *Findings) Lines(name, caption, x, y string, logX, logY bool, lines []plot.Series, marks ...plot.RefLine) error {
	f, err := plot.Lines("", x, y, logX, logY, lines, marks...)
	if err == nil {
		r.Figures = append(r.Figures, Figure{name, caption, f})
	}
	return err
}

// Bars adds a figure of bars side by side.
func (r *Findings) Bars(name, caption, y string, groups []string, parts []plot.Part, lines ...plot.RefLine) error {
	f, err := plot.GroupedBars("", y, groups, parts, lines)
	if err == nil {
		r.Figures = append(r.Figures, Figure{name, caption, f})
	}
	return err
}
