package plot

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"stco/results"
)

// Series is one line of points. Only Name, X and Y are needed.
type Series struct {
	Name   string
	X, Y   []float64
	Points bool // markers instead of a line
	Bare   bool // a line without markers, such as a bound
	// Of, if not "", names the line that the points belong to, such as the model's
	// own: they take its colour, and points of the same Name one shape and one
	// entry of the legend.
	Of string

	// Low and High bound a band around the line, such as quartiles over seeds.
	// BandName says in the legend what it is.
	Low, High []float64
	BandName  string
	// Marks are points to put a ring around, such as the knee of a curve;
	// MarkName says in the legend what they are.
	Marks    []int
	MarkName string
	// Level, if not 0, is a dotted horizontal line of this series, such as its
	// compulsory traffic; LevelName says in the legend what it is.
	Level     float64
	LevelName string
}

// RefLine is a horizontal line across the figure, such as a published claim.
// Values, if not nil, gives it a height of its own in each group of bars; NaN
// is no line.
type RefLine struct {
	Name   string
	Value  float64
	Values []float64
}

// Lines draws series over common axes, with named reference lines. Values that
// a logarithmic axis cannot show are left out of the drawing, not of the data.
// Logarithmic x values that are all powers of two are marked as such. A title
// such as "energy (J)" gets the prefix that suits the values.
func Lines(title, xName, yName string, logX, logY bool, series []Series, lines ...RefLine) (*Figure, error) {
	data := linesData(xName, yName, series, lines)
	if err := data.Check(); err != nil {
		return nil, err
	}
	x, y := axis{log: logX, lo: math.Inf(1), hi: math.Inf(-1)}, axis{log: logY, lo: math.Inf(1), hi: math.Inf(-1)}
	x.label, x.factor = axisTitle(xName, column(data, 1))
	y.label, y.factor = axisTitle(yName, column(data, 2))
	series, lines = prefixed(series, lines, x.factor, y.factor)
	d := &curves{series: series, lines: lines, visible: func(vx, vy float64) bool {
		return drawable(vx, logX) && drawable(vy, logY)
	}}
	f := &Figure{width: OneColumn, height: 0.72 * OneColumn, plot: blank(title), x: x.label, y: y.label, data: data}
	var xs []float64
	markNames, levelNames, bandNames := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i, s := range series {
		if len(s.X) != len(s.Y) || s.Low != nil && len(s.Low) != len(s.X) || s.High != nil && len(s.High) != len(s.X) || (s.Low == nil) != (s.High == nil) {
			return nil, fmt.Errorf("series %s: %d x, %d y, %d low and %d high values", s.Name, len(s.X), len(s.Y), len(s.Low), len(s.High))
		}
		for k := range s.X {
			for _, v := range [][]float64{s.Y, s.Low, s.High} {
				if v != nil && d.visible(s.X[k], v[k]) {
					x.lo, x.hi = min(x.lo, s.X[k]), max(x.hi, s.X[k])
					y.lo, y.hi = min(y.lo, v[k]), max(y.hi, v[k])
				}
			}
			xs = append(xs, s.X[k])
		}
		for _, k := range s.Marks {
			if k < 0 || k >= len(s.X) {
				return nil, fmt.Errorf("series %s: mark %d of %d points", s.Name, k, len(s.X))
			}
		}
		if s.Level != 0 && d.visible(1, s.Level) {
			y.lo, y.hi = min(y.lo, s.Level), max(y.hi, s.Level)
		}
		m := seriesMark(series, i)
		switch {
		case s.Of != "":
			if first := slices.IndexFunc(series, func(o Series) bool { return o.Of != "" && o.Name == s.Name }); first == i {
				m.edge = black()
				f.legend = append(f.legend, markEntry(ascii(s.Name), m))
			}
		case s.Points:
			f.legend = append(f.legend, markEntry(ascii(s.Name), m))
		case s.Bare || pointed(series):
			f.legend = append(f.legend, lineEntry(ascii(s.Name), seriesLine(i), nil))
		default:
			f.legend = append(f.legend, lineEntry(ascii(s.Name), seriesLine(i), &m))
		}
		if len(s.Marks) > 0 && s.MarkName != "" {
			markNames[s.MarkName] = true
		}
		if s.Level != 0 && s.LevelName != "" {
			levelNames[s.LevelName] = true
		}
		if len(s.Low) > 1 && s.BandName != "" {
			bandNames[s.BandName] = true
		}
	}
	if len(series) == 1 {
		f.legend = nil // the axis says what it is
	}
	for _, name := range sorted(markNames) {
		f.legend = append(f.legend, markEntry(name, mark{shape: ring, edge: black(), radius: vg.Points(4)}))
	}
	for _, name := range sorted(levelNames) {
		f.legend = append(f.legend, lineEntry(name, levelLine(black()), nil))
	}
	for _, name := range sorted(bandNames) {
		f.legend = append(f.legend, bandEntry(name, series))
	}
	for _, l := range lines {
		if d.visible(1, l.Value) {
			y.lo, y.hi = min(y.lo, l.Value), max(y.hi, l.Value)
		}
	}
	if !logY && y.lo > 0 && y.lo < 0.5*y.hi {
		y.lo = 0
	}
	x.log, y.log = x.log && x.lo < x.hi, y.log && y.lo < y.hi
	x.apply(&f.plot.X, 0.03)
	y.apply(&f.plot.Y, 0.06)
	if t := binaryTicks(xs); x.log && t != nil {
		f.plot.X.Tick.Marker = t
	}
	f.plot.Add(grid(), d)
	return f, nil
}

// prefixed divides series and lines by the factors of their axes.
func prefixed(series []Series, lines []RefLine, fx, fy float64) ([]Series, []RefLine) {
	divide := func(values []float64, f float64) []float64 {
		out := slices.Clone(values)
		for i := range out {
			out[i] /= f
		}
		return out
	}
	series, lines = slices.Clone(series), slices.Clone(lines)
	for i := range series {
		s := &series[i]
		s.X, s.Y, s.Low, s.High = divide(s.X, fx), divide(s.Y, fy), divide(s.Low, fy), divide(s.High, fy)
		s.Level /= fy
	}
	for i := range lines {
		lines[i].Value /= fy
	}
	return series, lines
}

func sorted(set map[string]bool) []string {
	var out []string
	for name := range set {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func linesData(xName, yName string, series []Series, lines []RefLine) *results.Table {
	x, y := quantity(xName, results.Parameter), quantity(yName, results.Metric)
	if x.Name == "" {
		x.Name = "x"
	}
	if y.Name == "" || y.Header() == x.Header() {
		y.Name = "y"
	}
	t := &results.Table{Name: "lines", Columns: []results.Column{
		{Name: "series", Kind: results.Label},
		x,
		y,
		{Name: "low", Unit: y.Unit, Kind: results.Metric, Meaning: "lower bound of the band"},
		{Name: "high", Unit: y.Unit, Kind: results.Metric, Meaning: "upper bound of the band"},
		{Name: "level", Unit: y.Unit, Kind: results.Metric, Meaning: "horizontal line of the series"},
	}}
	for _, s := range series {
		for k := range min(len(s.X), len(s.Y)) {
			row := []float64{t.Choice(0, s.label()), s.X[k], s.Y[k], math.NaN(), math.NaN(), math.NaN()}
			if k < len(s.Low) && k < len(s.High) {
				row[3], row[4] = s.Low[k], s.High[k]
			}
			if s.Level != 0 {
				row[5] = s.Level
			}
			name := ""
			if slices.Contains(s.Marks, k) {
				name = s.MarkName
			}
			t.Add(name, row...)
		}
	}
	for _, l := range lines {
		t.Add("", t.Choice(0, l.Name), math.NaN(), l.Value, math.NaN(), math.NaN(), math.NaN())
	}
	return t
}

// label is what the data call the series.
func (s *Series) label() string {
	if s.Of == "" {
		return s.Name
	}
	return s.Of + ", " + s.Name
}

// pointed tells whether points belong to lines: the lines then carry no marks.
func pointed(series []Series) bool {
	return slices.ContainsFunc(series, func(s Series) bool { return s.Of != "" })
}

// seriesMark is the mark of the i-th series: of points that belong to a line,
// an open one in the line's colour, the shape by their name.
func seriesMark(series []Series, i int) mark {
	m := symbol(i)
	s := &series[i]
	if s.Of == "" {
		return m
	}
	shape := 0
	for k := range series {
		if series[k].Of == "" || slices.IndexFunc(series, func(o Series) bool { return o.Of != "" && o.Name == series[k].Name }) != k {
			continue
		}
		if series[k].Name == s.Name {
			break
		}
		shape++
	}
	m.shape, m.fill, m.width = shape%ring, nil, vg.Points(lineSize)
	if line := slices.IndexFunc(series, func(o Series) bool { return o.Name == s.Of && o.Of == "" }); line >= 0 {
		m.edge = category(line)
	}
	return m
}

func seriesLine(i int) draw.LineStyle {
	return draw.LineStyle{Color: category(i), Width: vg.Points(lineSize), Dashes: dashes(i)}
}

// curves draws series and reference lines.
type curves struct {
	series  []Series
	lines   []RefLine
	visible func(x, y float64) bool
}

// mostMarks is how many markers a line carries at least; a longer line has
// them at every second, third, ... point.
const mostMarks = 12

// Plot draws on a canvas of the data.
func (d *curves) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	for i, s := range d.series {
		d.band(&c, toX, toY, i, s)
	}
	for _, l := range d.lines {
		if !d.visible(1, l.Value) {
			continue
		}
		y := toY(l.Value)
		c.StrokeLine2(draw.LineStyle{Color: black(), Width: vg.Points(0.6), Dashes: dashes(1)}, c.Min.X, y, c.Max.X, y)
		sty := style(tickSize)
		c.FillText(sty, d.clearest(&c, toX, toY, y, sty.Width(l.Name), sty.Height(l.Name)), l.Name)
	}
	for i, s := range d.series {
		var line []vg.Point
		index := make([]int, len(s.X)) // of the point in line; -1: not drawn
		for k := range s.X {
			index[k] = -1
			if d.visible(s.X[k], s.Y[k]) {
				index[k] = len(line)
				line = append(line, vg.Point{X: toX(s.X[k]), Y: toY(s.Y[k])})
			}
		}
		m := seriesMark(d.series, i)
		every := max(1, (len(line)+mostMarks-1)/mostMarks)
		switch {
		case s.Points:
			every = 1
		case s.Bare, len(d.series) == 1 && every > 1, pointed(d.series):
			every = len(line) + 1 // nothing to tell it apart from, or the marks are others
			c.StrokeLines(seriesLine(i), line)
		default:
			c.StrokeLines(seriesLine(i), line)
		}
		for k := every - 1; k < len(line); k += every {
			m.draw(&c, line[k])
		}
		for _, k := range s.Marks {
			if index[k] >= 0 {
				mark{shape: ring, edge: black(), radius: vg.Points(4)}.draw(&c, line[index[k]])
			}
		}
		if s.Level != 0 && d.visible(1, s.Level) {
			y := toY(s.Level)
			c.StrokeLine2(levelLine(category(i)), c.Min.X, y, c.Max.X, y)
		}
	}
}

// clearest returns where the name of a horizontal line covers the fewest points
// of the series: at one of its ends, above or below it.
func (d *curves) clearest(c *draw.Canvas, toX, toY func(float64) vg.Length, y, width, height vg.Length) vg.Point {
	const gap = 2 // pt
	var best vg.Point
	least := math.MaxInt
	for _, at := range []vg.Point{
		{X: c.Max.X - width, Y: y + gap},
		{X: c.Min.X, Y: y + gap},
		{X: c.Max.X - width, Y: y - gap - height},
		{X: c.Min.X, Y: y - gap - height},
	} {
		if at.Y < c.Min.Y || at.Y+height > c.Max.Y {
			continue
		}
		covered := 0
		for _, s := range d.series {
			for k := range s.X {
				if !d.visible(s.X[k], s.Y[k]) {
					continue
				}
				if px, py := toX(s.X[k]), toY(s.Y[k]); px > at.X-gap && px < at.X+width+gap && py > at.Y-gap && py < at.Y+height+gap {
					covered++
				}
			}
		}
		if covered < least {
			best, least = at, covered
		}
	}
	if least == math.MaxInt {
		return vg.Point{X: c.Max.X - width, Y: y + gap}
	}
	return best
}

// band fills between the bounds of a series.
func (d *curves) band(c *draw.Canvas, toX, toY func(float64) vg.Length, i int, s Series) {
	var upper, lower []vg.Point
	for k := range s.Low {
		if d.visible(s.X[k], s.Low[k]) && d.visible(s.X[k], s.High[k]) {
			upper = append(upper, vg.Point{X: toX(s.X[k]), Y: toY(s.High[k])})
			lower = append(lower, vg.Point{X: toX(s.X[k]), Y: toY(s.Low[k])})
		}
	}
	if len(upper) < 2 {
		return
	}
	slices.Reverse(lower)
	c.FillPolygon(tint(category(i), 0.75), append(upper, lower...))
}

// bandEntry shows a band: of one series in its colour, of several in grey.
func bandEntry(name string, series []Series) entry {
	fill := tint(grey(), 0.6)
	if len(series) == 1 {
		fill = tint(category(0), 0.75)
	}
	return entry{name: ascii(name), sample: func(c *draw.Canvas, r vg.Rectangle) {
		c.SetColor(fill)
		c.Fill(r.Path())
	}}
}

// Convergence draws the hypervolume over the evaluations of generation tables,
// a line for each.
func Convergence(gens ...*results.Table) (*Figure, error) {
	var series []Series
	for _, g := range gens {
		t, err := columnsOf(g, []string{"evaluations", "hypervolume"})
		if err != nil {
			return nil, err
		}
		series = append(series, Series{Name: g.Name, X: column(t, 0), Y: column(t, 1)})
	}
	return Lines("", "evaluations", "hypervolume", false, false, series)
}

// levelLine is the style of a level of a series.
func levelLine(c color.Color) draw.LineStyle {
	return draw.LineStyle{Color: c, Width: vg.Points(0.7), Dashes: dashes(2)}
}
