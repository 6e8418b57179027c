package results

import (
	"fmt"
	"math"
	"slices"
)

// Concat joins the rows of tables with columns of the same headers, in order.
// Tables without rows are passed over.
// Texts are matched by what they say, not by their number.
func Concat(name string, tables ...*Table) (*Table, error) {
	out := &Table{Name: name}
	if len(tables) == 0 {
		return out, nil
	}
	first := max(0, slices.IndexFunc(tables, func(t *Table) bool { return len(t.Rows) > 0 }))
	out.Columns = tables[first].Pick([]int{}, nil).Columns
	index := make([]map[string]int, len(out.Columns))
	for c := range out.Columns {
		if out.Columns[c].Choices != nil {
			index[c] = map[string]int{}
			for i, text := range out.Columns[c].Choices {
				index[c][text] = i
			}
		}
	}
	for _, t := range tables {
		if len(t.Rows) == 0 {
			continue // it has no texts, and says nothing of its columns
		}
		if len(t.Columns) != len(out.Columns) {
			return nil, fmt.Errorf("%s: tables of %d and %d columns", name, len(out.Columns), len(t.Columns))
		}
		number := make([][]float64, len(t.Columns)) // of each choice of t, in out
		for c := range t.Columns {
			was, is := &out.Columns[c], &t.Columns[c]
			if was.Header() != is.Header() || (was.Choices == nil) != (is.Choices == nil) {
				return nil, fmt.Errorf("%s: column %d is %s in one table, %s in another", name, c+1, was.Header(), is.Header())
			}
			for _, text := range is.Choices {
				at, known := index[c][text]
				if !known {
					at = len(was.Choices)
					was.Choices, index[c][text] = append(was.Choices, text), at
				}
				number[c] = append(number[c], float64(at))
			}
		}
		for r, row := range t.Rows {
			cells := make([]float64, len(row))
			for c, v := range row {
				if cells[c] = v; number[c] != nil && !math.IsNaN(v) {
					cells[c] = number[c][int(v)]
				}
			}
			out.Rows = append(out.Rows, cells)
			if l := t.LabelOf(r); l != "" || out.Labels != nil {
				out.SetLabel(len(out.Rows)-1, l)
			}
		}
	}
	return out, nil
}
