package plot

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"stco/results"
)

// Parallel draws parallel coordinates: an axis for each named column, a line
// for each row, in classes of the first column from dark to light, and thick
// lines for labelled rows. Columns over two decades are logarithmic; columns
// of choices have a place for each.
func Parallel(t *results.Table, columns []string) (*Figure, error) {
	if len(columns) < 2 {
		return nil, fmt.Errorf("parallel coordinates: %d columns, want 2 or more", len(columns))
	}
	shown, err := columnsOf(t, columns)
	if err != nil {
		return nil, err
	}
	shown.Name = "parallel"
	d := &parallel{t: shown}
	for i, c := range shown.Columns {
		a := axisOf(c, column(shown, i))
		a.log = a.log && a.hi > 100*a.lo
		d.axes = append(d.axes, a)
	}
	f := &Figure{width: TwoColumns, height: 0.36 * TwoColumns, plot: blank(""), data: shown}
	d.class = make([]int, len(shown.Rows))
	if shown.Columns[0].Choices == nil {
		f.legend = append(f.legend, entry{name: d.axes[0].label + ":"})
		for i, c := range classify(shown, 0) {
			f.legend = append(f.legend, lineEntry(c.name, classLine(i), nil))
			for _, r := range c.rows {
				d.class[r] = i
			}
		}
	}
	named := 0
	for r := range shown.Rows {
		if l := shown.LabelOf(r); l != "" && named < mostLabels {
			m := symbol(1 + named)
			f.legend = append(f.legend, lineEntry(ascii(l), namedLine(named), &m))
			named++
		}
	}
	p := f.plot
	p.X.Min, p.X.Max = 0, float64(len(columns)-1)
	p.Y.Min, p.Y.Max = 0, 1
	p.Y.Width, p.Y.Tick.Length, p.Y.Tick.Marker = 0, 0, plot.ConstantTicks{}
	p.X.Width, p.X.Tick.Length = 0, 0
	slot := f.width*0.88/vg.Length(len(columns)) - vg.Points(4)
	names := make([]string, len(columns))
	for i, a := range d.axes {
		names[i] = a.label
	}
	nameGroups(&p.X, names, slot)
	p.X.Padding, p.Y.Padding = vg.Points(12), vg.Points(2)
	p.Add(d)
	return f, nil
}

func classLine(i int) draw.LineStyle {
	return draw.LineStyle{Color: ordered(i), Width: vg.Points(0.5)}
}

func namedLine(i int) draw.LineStyle {
	return draw.LineStyle{Color: category(1 + i), Width: vg.Points(1.4), Dashes: dashes(i)}
}

type parallel struct {
	t     *results.Table
	axes  []axis
	class []int
}

// height is the place of a value on its axis, 0 to 1; NaN if it has none.
func (d *parallel) height(col int, v float64) float64 {
	a := &d.axes[col]
	if n := len(d.t.Columns[col].Choices); n > 0 {
		return (v + 0.5) / float64(n)
	}
	v /= a.factor
	switch {
	case !drawable(v, a.log):
		return math.NaN()
	case a.hi == a.lo:
		return v - v + 0.5
	case a.log:
		return math.Log(v/a.lo) / math.Log(a.hi/a.lo)
	}
	return (v - a.lo) / (a.hi - a.lo)
}

// GlyphBoxes keeps room for the names at the outer axes.
func (d *parallel) GlyphBoxes(*plot.Plot) []plot.GlyphBox {
	half := vg.Points(24)
	r := vg.Rectangle{Min: vg.Point{X: -half}, Max: vg.Point{X: half, Y: vg.Points(9)}}
	return []plot.GlyphBox{{X: 0, Y: 1, Rectangle: r}, {X: 1, Y: 1, Rectangle: r}}
}

// Plot draws on a canvas of the data.
func (d *parallel) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	line := func(r int, sty draw.LineStyle, m *mark) {
		var points []vg.Point
		flush := func() {
			if len(points) > 1 {
				c.StrokeLines(sty, points)
			}
			if m != nil {
				for _, q := range points {
					m.draw(&c, q)
				}
			}
			points = nil
		}
		for col, v := range d.t.Rows[r] {
			if h := d.height(col, v); math.IsNaN(h) {
				flush()
			} else {
				points = append(points, vg.Point{X: toX(float64(col)), Y: toY(h)})
			}
		}
		flush()
	}
	for r := range d.t.Rows {
		line(r, classLine(d.class[r]), nil)
	}
	d.drawAxes(&c, toX, toY)
	named := 0
	for r := range d.t.Rows {
		if d.t.LabelOf(r) != "" && named < mostLabels {
			m := symbol(1 + named)
			line(r, namedLine(named), &m)
			named++
		}
	}
}

// drawAxes draws the vertical lines with the ends of their range, or the names
// of choices.
func (d *parallel) drawAxes(c *draw.Canvas, toX, toY func(float64) vg.Length) {
	sty := style(tickSize - 1)
	text := func(x, y vg.Length, s string, share float64) {
		w := sty.Width(s)
		c.SetColor(white())
		c.Fill(vg.Rectangle{Min: vg.Point{X: x - vg.Length(share)*w - 1, Y: y - 1}, Max: vg.Point{X: x + vg.Length(1-share)*w + 1, Y: y + vg.Points(tickSize-1.5)}}.Path())
		c.FillText(sty, vg.Point{X: x - vg.Length(share)*w, Y: y}, s)
	}
	for col, column := range d.t.Columns {
		x := toX(float64(col))
		c.StrokeLine2(draw.LineStyle{Color: black(), Width: vg.Points(0.6)}, x, toY(0), x, toY(1))
		if n := len(column.Choices); n > 0 {
			for i, name := range column.Choices {
				share := 0.0
				if col == len(d.axes)-1 {
					share = 1
				}
				text(x+vg.Points(3*(1-2*share)), toY((float64(i)+0.5)/float64(n))-vg.Points(2), ascii(strings.Join(strings.Fields(name), " ")), share)
			}
			continue
		}
		a := d.axes[col]
		if a.lo > a.hi {
			continue
		}
		text(x, toY(1)+vg.Points(3), shortNumber(a.hi), 0.5)
		text(x, toY(0)-vg.Points(8), shortNumber(a.lo), 0.5)
	}
}
