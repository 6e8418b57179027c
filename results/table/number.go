package table

import (
	"math"
	"slices"
	"strconv"

	"stco/results"
)

// digits is how many significant digits the largest value of a column has.
const digits = 4

// scale is how the numbers of a column are printed: divided by factor, with a
// number of decimals, or in scientific notation.
type scale struct {
	unit       string // with its prefix
	factor     float64
	decimals   int
	scientific bool
	mixed      bool // every value by itself
}

// newScale chooses prefix and digits for the values of a column: the largest
// value has four digits, the smallest at least two, but no decimals that are 0
// throughout; values over more than four
// decades, or far from 1 without a prefix, are scientific.
func newScale(c results.Column, values []float64) scale {
	var s scale
	if c.Mixed {
		return scale{unit: c.Unit, factor: 1, mixed: true}
	}
	s.unit, s.factor = c.Scaled(values)
	var sizes []float64
	whole := s.factor == 1
	for _, v := range values {
		if v != 0 && !math.IsNaN(v) && !math.IsInf(v, 0) {
			sizes = append(sizes, math.Abs(v))
			whole = whole && v == math.Trunc(v)
		}
	}
	if len(sizes) == 0 {
		return s
	}
	lo, hi := slices.Min(sizes)/s.factor, slices.Max(sizes)/s.factor
	switch {
	case whole && (hi < 1e6 || c.Unit == "" && hi < 1e15): // counts
	case hi/lo > 1e4 || hi >= 1e6 || hi < 1e-3:
		s.scientific = true
	default:
		s.decimals = max(0, digits-1-exponent(hi), 1-exponent(lo))
		s.decimals = min(s.decimals, decimalsOf(sizes, s.factor))
	}
	return s
}

func exponent(v float64) int { return int(math.Floor(math.Log10(v))) }

// decimalsOf is how many decimals print every value exactly, at most twelve.
func decimalsOf(values []float64, factor float64) int {
	n := 0
	for _, v := range values {
		for n < 12 && math.Mod(v/factor*math.Pow10(n), 1) != 0 {
			n++
		}
	}
	return n
}

// format prints one value; "–" for NaN, which does not apply.
func (s scale) format(v float64) string {
	switch {
	case math.IsNaN(v):
		return "–"
	case math.IsInf(v, 1):
		return "∞"
	case math.IsInf(v, -1):
		return "-∞"
	}
	// Small factors are divided by as their exact inverse.
	x := v / s.factor
	if s.factor < 1 {
		x = v * math.Round(1/s.factor)
	}
	switch {
	case v == 0:
		return "0"
	case s.mixed && v == math.Trunc(v) && math.Abs(v) < 1e12:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case s.mixed:
		return strconv.FormatFloat(v, 'g', digits+1, 64)
	case s.scientific:
		return strconv.FormatFloat(x, 'e', digits-2, 64)
	}
	return strconv.FormatFloat(x, 'f', s.decimals, 64)
}

// grid is the tables of a listing with their cells as text.
type grid struct {
	columns []column
	labels  [][]string // by block, row
	labeled bool
}

type column struct {
	results.Column
	unit     string
	text     bool       // left-aligned names
	cells    [][]string // by block, row
	constant bool       // one value in every block
	fixed    bool       // one value within the first block
}

// newGrid puts tables into one grid with the columns of the first; the others'
// columns are found by header, and cells they lack do not apply.
func newGrid(tables []*results.Table) *grid {
	g := &grid{}
	for _, t := range tables {
		labels := make([]string, len(t.Rows))
		for r := range t.Rows {
			labels[r] = results.Printable(t.LabelOf(r))
			g.labeled = g.labeled || labels[r] != ""
		}
		g.labels = append(g.labels, labels)
	}
	for i, c := range tables[0].Columns {
		col := column{Column: c, unit: c.Unit, text: c.Choices != nil}
		at := make([]int, len(tables))
		var values []float64
		first := 0 // how many of them are of the first block
		for b, t := range tables {
			at[b] = i
			if b > 0 {
				at[b] = slices.IndexFunc(t.Columns, func(o results.Column) bool { return o.Header() == c.Header() })
			}
			for r := range t.Rows {
				if at[b] >= 0 {
					values = append(values, t.Rows[r][at[b]])
				}
			}
			if b == 0 {
				first = len(values)
			}
		}
		s := newScale(c, values)
		if !col.text {
			col.unit = s.unit
		}
		for b, t := range tables {
			cells := make([]string, len(t.Rows))
			for r := range t.Rows {
				switch {
				case at[b] < 0:
					cells[r] = "–"
				case t.Columns[at[b]].Choices != nil:
					if cells[r] = results.Printable(t.Text(r, at[b])); cells[r] == "" {
						cells[r] = "–"
					}
				default:
					cells[r] = s.format(t.Rows[r][at[b]])
				}
			}
			col.cells = append(col.cells, cells)
		}
		col.fixed = uniform(col.cells[:1]) && (col.text || equal(values[:first]))
		col.constant = uniform(col.cells) && (col.text || equal(values))
		g.columns = append(g.columns, col)
	}
	return g
}

func equal(values []float64) bool {
	for _, v := range values {
		if v != values[0] && !(math.IsNaN(v) && math.IsNaN(values[0])) {
			return false
		}
	}
	return true
}

// uniform tells that every cell is the same, of more than one.
func uniform(blocks [][]string) bool {
	all := slices.Concat(blocks...)
	return len(all) > 1 && len(slices.Compact(all)) == 1
}
