package plot

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"stco/results"
)

// classes is how many classes the third objective is shown in.
const classes = 4

// mostLabels is how many labelled rows of a front are named in a figure;
// beyond, only those called knee.
const mostLabels = 8

// Pareto draws a front: the first objective upwards, the second to the right,
// and the third, if there is one, in classes of colour, marker and size. Rows
// labelled "knee" have a ring; labelled rows and the rows of the baselines are
// named. A line joins the SRAM buffers that no other one beats in the two. Baselines
// and SRAM buffers may be nil. Axes are logarithmic over a factor of five or more
// and fit the front and the baselines.
func Pareto(front, baselines, sram *results.Table, objectives []string) (*Figure, error) {
	if len(objectives) < 2 || len(objectives) > 3 {
		return nil, fmt.Errorf("pareto figure: %d objectives, want 2 or 3", len(objectives))
	}
	if baselines == nil {
		baselines = &results.Table{Columns: front.Columns}
	}
	shown, err := columnsOf(front, objectives)
	if err != nil {
		return nil, err
	}
	beside, err := columnsOf(baselines, objectives)
	if err != nil {
		return nil, fmt.Errorf("baselines: %w", err)
	}
	values := func(col int) []float64 { return append(column(shown, col), column(beside, col)...) }
	x, y := axisOf(shown.Columns[1], values(1)), axisOf(shown.Columns[0], values(0))
	s := &scatter{staircase: len(objectives) == 2, goals: [2]string{shown.Columns[1].Goal, shown.Columns[0].Goal}}
	f := &Figure{width: OneColumn, height: 0.8 * OneColumn, plot: blank(""), x: x.label, y: y.label, data: paretoData(shown, beside)}
	x.apply(&f.plot.X, 0.06)
	y.apply(&f.plot.Y, 0.06)
	at := func(row []float64) plotter.XY { return plotter.XY{X: row[1] / x.factor, Y: row[0] / y.factor} }

	points := mark{shape: 0, fill: category(0), edge: white(), radius: vg.Points(2)}
	if len(objectives) == 3 {
		f.legend = append(f.legend, entry{name: axisOf(shown.Columns[2], column(shown, 2)).label + ":"})
		for i, c := range classify(shown, 2) {
			m := mark{shape: []int{0, 3, 1, 2}[i], fill: ordered(i), edge: black(), radius: vg.Points(1.6 + 0.3*float64(i))}
			f.legend = append(f.legend, markEntry(c.name, m))
			for _, r := range c.rows {
				s.add(at(shown.Rows[r]), m, "")
			}
		}
	} else {
		f.legend = append(f.legend, markEntry("Pareto front", points))
		for _, row := range shown.Rows {
			s.add(at(row), points, "")
		}
	}
	around := mark{shape: ring, edge: black(), radius: vg.Points(4.5)}
	named := 0
	for r := range shown.Rows {
		if shown.LabelOf(r) != "" {
			named++
		}
	}
	for r, row := range shown.Rows {
		l := shown.LabelOf(r)
		knee := strings.Contains(l, "knee")
		if knee {
			s.add(at(row), around, l)
		} else if l != "" && named <= mostLabels {
			s.add(at(row), mark{shape: ring, edge: grey(), radius: vg.Points(3.5)}, l)
		}
	}
	for r, row := range beside.Rows {
		m := mark{shape: 1 + r%5, fill: white(), edge: category(1), width: vg.Points(1.1), radius: vg.Points(2.6)}
		s.add(at(row), m, ascii(beside.LabelOf(r)))
		if r == 0 {
			f.legend = append(f.legend, markEntry("baseline", m))
		}
	}
	d := &clouds{scatter: *s}
	if sram != nil && len(sram.Rows) > 0 {
		line, err := columnsOf(sram, []string{objectives[1], objectives[0]})
		if err != nil {
			return nil, fmt.Errorf("SRAM: %w", err)
		}
		d.line(line, &x, &y)
		f.legend = append(f.legend, lineEntry("SRAM front", besideLine(), nil))
		for _, row := range line.Rows {
			cells := []float64{f.data.Choice(0, "SRAM"), row[1], row[0]}
			f.data.Add("", append(cells, slices.Repeat([]float64{math.NaN()}, len(objectives)-2)...)...)
		}
	}
	f.plot.Add(grid(), d)
	return f, nil
}

// columnsOf picks the columns of given names, with the labels.
func columnsOf(t *results.Table, names []string) (*results.Table, error) {
	cols := make([]int, len(names))
	for i, n := range names {
		var err error
		if cols[i], err = t.Index(n); err != nil {
			return nil, err
		}
	}
	return t.Pick(nil, cols), nil
}

func column(t *results.Table, col int) []float64 {
	out := make([]float64, len(t.Rows))
	for i, r := range t.Rows {
		out[i] = r[col]
	}
	return out
}

// paretoData is front and baselines in one table.
func paretoData(front, baselines *results.Table) *results.Table {
	t := &results.Table{Name: "pareto", Columns: append([]results.Column{{Name: "set", Kind: results.Label}}, front.Columns...)}
	for _, s := range []struct {
		name string
		rows *results.Table
	}{{"front", front}, {"baseline", baselines}} {
		for r, row := range s.rows.Rows {
			t.Add(s.rows.LabelOf(r), append([]float64{t.Choice(0, s.name)}, row...)...)
		}
	}
	return t
}

type class struct {
	name string
	rows []int
}

// classify splits rows into classes of about equal size by the values of a
// column, equal values together.
func classify(t *results.Table, col int) []class {
	values := slices.DeleteFunc(column(t, col), func(v float64) bool { return !drawable(v, false) })
	if len(values) == 0 {
		return nil
	}
	slices.Sort(values)
	_, factor := t.Columns[col].Scaled(values)
	var out []class
	low := math.Inf(-1)
	for k := range classes {
		high := values[(k+1)*len(values)/classes-min(1, (k+1)*len(values)/classes)]
		c := class{}
		least, most := math.Inf(1), math.Inf(-1)
		for r, row := range t.Rows {
			if v := row[col]; v > low && v <= high && drawable(v, false) {
				c.rows = append(c.rows, r)
				least, most = min(least, v), max(most, v)
			}
		}
		if len(c.rows) > 0 {
			c.name = shortNumber(least / factor)
			if most > least {
				c.name += "–" + shortNumber(most/factor)
			}
			out = append(out, c)
			low = high
		}
	}
	return out
}

func shortNumber(v float64) string { return tickText(roundTo(v, 3)) }

// roundTo keeps n significant digits.
func roundTo(v float64, n int) float64 {
	// The text of a float64 always reads back.
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', n, 64), 64)
	return v
}

// scatter draws marks, their names, and the staircase of two objectives.
type scatter struct {
	points    []plotter.XY
	marks     []mark
	names     []string
	staircase bool
	goals     [2]string // of x and y
}

func (s *scatter) add(at plotter.XY, m mark, name string) {
	if !drawable(at.X, false) || !drawable(at.Y, false) {
		return
	}
	s.points, s.marks, s.names = append(s.points, at), append(s.marks, m), append(s.names, name)
}

// Plot draws on a canvas of the data.
func (s *scatter) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	at := make([]vg.Point, len(s.points))
	var labels []label
	for i, q := range s.points {
		at[i] = vg.Point{X: toX(q.X), Y: toY(q.Y)}
		if s.names[i] != "" {
			labels = append(labels, label{at[i], s.marks[i].radius, s.names[i]})
		}
	}
	if s.staircase {
		s.stairs(&c, at)
	}
	for i, m := range s.marks {
		m.draw(&c, at[i])
	}
	place(&c, labels, at)
}

// stairs joins the points of the front at right angles, on the side that they
// do not dominate.
func (s *scatter) stairs(c *draw.Canvas, at []vg.Point) {
	var front []vg.Point
	for i, m := range s.marks {
		if m.shape == 0 {
			front = append(front, at[i])
		}
	}
	slices.SortFunc(front, func(a, b vg.Point) int { return cmp.Compare(a.X, b.X) })
	var line []vg.Point
	for i, p := range front {
		if i > 0 {
			corner := vg.Point{X: p.X, Y: front[i-1].Y}
			if s.goals[0] == results.Max {
				corner = vg.Point{X: front[i-1].X, Y: p.Y}
			}
			line = append(line, corner)
		}
		line = append(line, p)
	}
	c.StrokeLines(draw.LineStyle{Color: category(5), Width: vg.Points(0.6)}, line)
}

// grid is faint lines at the ticks.
func grid() *plotter.Grid {
	g := plotter.NewGrid()
	g.Vertical = draw.LineStyle{Color: lightGrey(), Width: vg.Points(0.25)}
	g.Horizontal = g.Vertical
	return g
}
