package plot

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"stco/results"
)

// Set is some designs of a scatter figure.
type Set struct {
	Name string
	Rows *results.Table
	Line bool // joined as a front, without marks and without a say in the ranges
}

// Scale says whether an axis is logarithmic.
type Scale int

// The scales.
const (
	Automatic Scale = iota // over a factor of five or more
	Linear
	Logarithmic
)

// Scattering says what a scatter figure shows.
type Scattering struct {
	X, Y   string // columns, as results.Table.Index takes them
	Colour string // column that tells the marks apart; "" for the set
	// XLimits and YLimits are the ends of the axes in the units of the columns; nil
	// for those of the marks.
	XLimits, YLimits []float64
	XScale, YScale   Scale
}

// Scatter draws designs by two of their columns. Marks differ by set, or by the
// choices or classes of a column; a knee has a ring. The ranges are those of the
// sets with marks, so that the lines beside do not flatten them.
func Scatter(sets []Set, s Scattering) (*Figure, error) {
	names := []string{s.X, s.Y}
	if s.Colour != "" {
		names = append(names, s.Colour)
	}
	var shown []Set
	data := &results.Table{Name: "scatter", Columns: []results.Column{{Name: "set", Kind: results.Label}}}
	var marks *results.Table // of all sets with marks
	for _, q := range sets {
		picked := names
		if q.Line {
			picked = names[:2]
		}
		t, err := columnsOf(q.Rows, picked)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", q.Name, err)
		}
		if !q.Line {
			if marks, err = join(marks, t); err != nil {
				return nil, err
			}
		}
		shown = append(shown, Set{q.Name, t, q.Line})
	}
	if marks == nil || len(marks.Rows) == 0 {
		return nil, fmt.Errorf("scatter figure: no design to draw")
	}
	x, err := limited(within(marks, 1, s.YLimits), 0, s.XLimits, s.XScale)
	if err != nil {
		return nil, err
	}
	y, err := limited(within(marks, 0, s.XLimits), 1, s.YLimits, s.YScale)
	if err != nil {
		return nil, err
	}
	f := &Figure{width: OneColumn, height: 0.8 * OneColumn, plot: blank(""), x: x.label, y: y.label}
	x.set(&f.plot.X, s.XLimits)
	y.set(&f.plot.Y, s.YLimits)
	d := &clouds{inside: func(p plotter.XY) bool {
		return p.X >= f.plot.X.Min && p.X <= f.plot.X.Max && p.Y >= f.plot.Y.Min && p.Y <= f.plot.Y.Max
	}}
	groups, legend := grouping(shown, marks, s.Colour)
	f.legend = legend
	data.Columns = append(data.Columns, marks.Columns...)
	for _, q := range shown {
		if q.Line {
			d.line(q.Rows, &x, &y)
			f.legend = append(f.legend, lineEntry(ascii(q.Name), besideLine(), nil))
		}
		for r, row := range q.Rows.Rows {
			cells := append([]float64{data.Choice(0, q.Name)}, row...)
			if q.Line && s.Colour != "" {
				cells = append(cells, math.NaN())
			}
			if !q.Line && s.Colour != "" && data.Columns[3].Choices != nil && !math.IsNaN(row[2]) {
				cells[3] = data.Choice(3, q.Rows.Text(r, 2))
			}
			data.Add(q.Rows.LabelOf(r), cells...)
			if q.Line {
				continue
			}
			d.add(plotter.XY{X: row[0] / x.factor, Y: row[1] / y.factor}, groups(q, r), q.Rows.LabelOf(r))
		}
	}
	f.data = data
	f.plot.Add(grid(), d)
	return f, data.Check()
}

// join appends the rows of a table to another of the same columns; nil is empty.
func join(all, t *results.Table) (*results.Table, error) {
	if all == nil {
		out := *t
		return &out, nil
	}
	return results.Concat(all.Name, all, t)
}

// within keeps the rows between the limits of a column; nil keeps all.
func within(t *results.Table, col int, limits []float64) *results.Table {
	if limits == nil {
		return t
	}
	rows := []int{}
	for r, row := range t.Rows {
		if row[col] >= limits[0] && row[col] <= limits[1] {
			rows = append(rows, r)
		}
	}
	return t.Pick(rows, nil)
}

// limited is the axis of a column, between limits if they are given.
func limited(t *results.Table, col int, limits []float64, s Scale) (axis, error) {
	values := column(t, col)
	if limits != nil {
		values = limits
	}
	a := axisOf(t.Columns[col], values)
	switch s {
	case Linear:
		a.log = false
	case Logarithmic:
		if a.lo <= least {
			return a, fmt.Errorf("%s: %g has no place on a logarithmic axis", t.Columns[col].Title(), a.lo*a.factor)
		}
		a.log = a.hi > a.lo
	default:
	}
	return a, nil
}

// set applies an axis, without a margin where its limits are given.
func (a *axis) set(ax *plot.Axis, limits []float64) {
	margin := 0.06
	if limits != nil {
		margin = 0
	}
	a.apply(ax, margin)
}

// grouping tells the mark of a row of a set, and the legend of the marks.
func grouping(sets []Set, marks *results.Table, colour string) (func(q Set, row int) mark, legend) {
	var l legend
	one := func(i int) mark { m := symbol(i); m.radius = vg.Points(2); return m }
	if colour == "" {
		number := map[string]int{}
		for _, q := range sets {
			if _, known := number[q.Name]; !known && !q.Line {
				number[q.Name] = len(number)
				l = append(l, markEntry(ascii(q.Name), one(number[q.Name])))
			}
		}
		return func(q Set, _ int) mark { return one(number[q.Name]) }, l
	}
	c := marks.Columns[2]
	if c.Choices != nil {
		number := map[string]int{}
		for r := range marks.Rows {
			if name := marks.Text(r, 2); name != "" {
				if _, known := number[name]; !known {
					number[name] = len(number)
					l = append(l, markEntry(ascii(name), one(number[name])))
				}
			}
		}
		return func(q Set, r int) mark { return one(number[q.Rows.Text(r, 2)]) }, l
	}
	l = append(l, entry{name: axisOf(c, column(marks, 2)).label + ":"})
	all := classify(marks, 2)
	var tops []float64
	for i, k := range all {
		top := math.Inf(-1)
		for _, r := range k.rows {
			top = max(top, marks.Rows[r][2])
		}
		tops = append(tops, top)
		l = append(l, markEntry(k.name, classMark(i)))
	}
	return func(q Set, r int) mark {
		i := slices.IndexFunc(tops, func(top float64) bool { return q.Rows.Rows[r][2] <= top })
		return classMark(max(i, 0))
	}, l
}

// classMark is the mark of the i-th ordered class.
func classMark(i int) mark {
	return mark{shape: []int{0, 3, 1, 2}[i%classes], fill: ordered(i), edge: black(), radius: vg.Points(1.6 + 0.3*float64(i))}
}

func besideLine() draw.LineStyle {
	return draw.LineStyle{Color: grey(), Width: vg.Points(lineSize), Dashes: dashes(1)}
}

// clouds draws marks and the fronts beside them.
type clouds struct {
	scatter
	fronts [][]plotter.XY
	inside func(plotter.XY) bool
}

// add adds a mark, with the label of a knee.
func (d *clouds) add(at plotter.XY, m mark, name string) {
	if !drawable(at.X, false) || !drawable(at.Y, false) || !d.inside(at) {
		return
	}
	d.scatter.add(at, m, "")
	if strings.Contains(name, "knee") || strings.Contains(name, "chosen") {
		d.scatter.add(at, mark{shape: ring, edge: black(), radius: vg.Points(4.5)}, ascii(name))
	}
}

// line adds what no other row of a table beats in both columns.
func (d *clouds) line(t *results.Table, x, y *axis) {
	better := func(goal string, a, b float64) bool {
		if goal == results.Max {
			return a > b
		}
		return a < b
	}
	gx, gy := t.Columns[0].Goal, t.Columns[1].Goal
	var front []plotter.XY
	for i, a := range t.Rows {
		beaten := slices.ContainsFunc(t.Rows, func(b []float64) bool {
			return !better(gx, a[0], b[0]) && !better(gy, a[1], b[1]) && (better(gx, b[0], a[0]) || better(gy, b[1], a[1]))
		})
		same := slices.ContainsFunc(t.Rows[:i], func(b []float64) bool { return a[0] == b[0] && a[1] == b[1] })
		if !beaten && !same && drawable(a[0], x.log) && drawable(a[1], y.log) {
			front = append(front, plotter.XY{X: a[0] / x.factor, Y: a[1] / y.factor})
		}
	}
	slices.SortFunc(front, func(a, b plotter.XY) int {
		if a.X < b.X {
			return -1
		}
		return 1
	})
	var stairs []plotter.XY
	for i, p := range front {
		if i > 0 {
			corner := plotter.XY{X: p.X, Y: front[i-1].Y}
			if gx == results.Max {
				corner = plotter.XY{X: front[i-1].X, Y: p.Y}
			}
			stairs = append(stairs, corner)
		}
		stairs = append(stairs, p)
	}
	d.fronts = append(d.fronts, stairs)
}

// Plot draws on a canvas of the data.
func (d *clouds) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	for _, front := range d.fronts {
		var line []vg.Point
		for _, q := range front {
			line = append(line, vg.Point{X: toX(q.X), Y: toY(q.Y)})
		}
		c.StrokeLines(besideLine(), c.ClipLinesXY(line)...)
	}
	d.scatter.Plot(c, p)
}
