package plot

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"stco/results"
)

// HeatMap is a table of ratios as colours with the numbers in them.
type HeatMap struct {
	X, Y  string // names of the axes
	Value string // name of the numbers

	Groups  []Heading   // headings over columns that belong together; may be nil
	Columns []string    // from the left
	Rows    []string    // from the top
	Values  [][]float64 // of each row, by column; above 0, NaN: none
	Even    float64     // the value without colour; 0: 1
	// From, if not nil, puts a frame around values of at least that of their row: a
	// claim that is met; FromName says in the legend what it is.
	From     []float64
	FromName string
}

// Heading is a heading over some columns.
type Heading struct {
	Name  string
	Width int // columns
}

// Heat draws a heat map. Colours are of the logarithm of the value: orange below the
// even value, white at it, blue above, the same on both sides. A map of many
// columns takes both columns of a paper.
func Heat(h *HeatMap) (*Figure, error) {
	if len(h.Rows) == 0 || len(h.Columns) == 0 || len(h.Values) != len(h.Rows) {
		return nil, fmt.Errorf("heat map: %d rows of values for %d rows and %d columns", len(h.Values), len(h.Rows), len(h.Columns))
	}
	spanned := 0
	for _, g := range h.Groups {
		spanned += g.Width
	}
	if h.Groups != nil && spanned != len(h.Columns) {
		return nil, fmt.Errorf("heat map: headings over %d of %d columns", spanned, len(h.Columns))
	}
	if h.From != nil && len(h.From) != len(h.Rows) {
		return nil, fmt.Errorf("heat map: %d claims for %d rows", len(h.From), len(h.Rows))
	}
	even := h.Even
	if even == 0 {
		even = 1
	}
	value := quantity(h.Value, results.Metric)
	data := &results.Table{Name: "heat", Columns: []results.Column{{Name: "row", Kind: results.Label}, {Name: "column", Kind: results.Label}, value}}
	m := &heat{of: h, even: even, headings: h.headings()}
	for r, row := range h.Values {
		if len(row) != len(h.Columns) {
			return nil, fmt.Errorf("heat map: %d values for %d columns in row %s", len(row), len(h.Columns), h.Rows[r])
		}
		for c, v := range row {
			if v <= 0 || math.IsInf(v, 0) {
				return nil, fmt.Errorf("heat map: %g in row %s has no logarithm", v, h.Rows[r])
			}
			name := h.Columns[c]
			if h.Groups != nil {
				name = m.headings[c] + " " + name
			}
			data.Add("", data.Choice(0, h.Rows[r]), data.Choice(1, name), v)
			if !math.IsNaN(v) {
				m.reach = max(m.reach, math.Abs(math.Log(v/even)))
			}
		}
	}
	if err := data.Check(); err != nil {
		return nil, err
	}
	f := &Figure{width: OneColumn, plot: blank(""), x: h.X, y: h.Y, data: data, legend: m.legend(ascii(h.Value))}
	if len(h.Columns) > 9 {
		f.width = TwoColumns
	}
	f.height = vg.Points(62 + 14*float64(len(h.Rows)))
	f.plot.X.Min, f.plot.X.Max = -0.5, float64(len(h.Columns))-0.5
	f.plot.Y.Min, f.plot.Y.Max = -0.5, float64(len(h.Rows))-0.5
	if h.Groups != nil {
		f.plot.Y.Max++
		f.height += vg.Points(12)
	}
	for _, a := range []*plot.Axis{&f.plot.X, &f.plot.Y} {
		a.Padding, a.Width = 0, 0
		a.Tick.Length, a.Tick.Width = vg.Points(2), 0
	}
	room := f.width*0.8 - vg.Points(20)
	nameGroups(&f.plot.X, h.Columns, room/vg.Length(len(h.Columns))-vg.Points(2))
	var ticks plot.ConstantTicks
	for r, name := range h.Rows {
		ticks = append(ticks, plot.Tick{Value: float64(len(h.Rows) - 1 - r), Label: ascii(name)})
	}
	f.plot.Y.Tick.Marker = ticks
	f.plot.Add(m)
	return f, nil
}

// headings is that of each column.
func (h *HeatMap) headings() []string {
	var out []string
	for _, g := range h.Groups {
		for range g.Width {
			out = append(out, g.Name)
		}
	}
	return out
}

// heat draws the cells.
type heat struct {
	of       *HeatMap
	even     float64
	reach    float64 // largest distance from the even value, in logarithms
	headings []string
}

// colour is that of a value.
func (m *heat) colour(v float64) color.Color {
	x := 0.0
	if m.reach > 0 {
		x = math.Log(v/m.even) / m.reach
	}
	if x < 0 {
		return tint(category(1), 1+0.85*x)
	}
	return tint(category(0), 1-0.85*x)
}

// legend is the scale of colours: the ends, the even value and half way.
func (m *heat) legend(name string) legend {
	out := legend{{name: name + ":"}}
	end := math.Exp(m.reach)
	for _, v := range []float64{1 / end, 1 / math.Sqrt(end), 1, math.Sqrt(end), end} {
		if m.reach == 0 && v != 1 {
			continue
		}
		v *= m.even
		out = append(out, entry{name: barText(v), sample: func(c *draw.Canvas, r vg.Rectangle) {
			m.fill(c, r, v)
			c.SetLineStyle(draw.LineStyle{Color: grey(), Width: vg.Points(hairline)})
			c.Stroke(r.Path())
		}})
		if m.reach == 0 {
			break
		}
	}
	if m.of.From != nil && m.of.FromName != "" {
		out = append(out, entry{name: ascii(m.of.FromName), sample: frame})
	}
	return out
}

func (m *heat) fill(c *draw.Canvas, r vg.Rectangle, v float64) {
	c.SetColor(m.colour(v))
	c.Fill(r.Path())
}

// frame is that of a cell which meets a claim.
func frame(c *draw.Canvas, r vg.Rectangle) {
	inset := vg.Points(0.8)
	r.Min.X, r.Min.Y, r.Max.X, r.Max.Y = r.Min.X+inset, r.Min.Y+inset, r.Max.X-inset, r.Max.Y-inset
	c.SetLineStyle(draw.LineStyle{Color: black(), Width: vg.Points(1.2)})
	c.Stroke(r.Path())
}

// Plot draws on a canvas of the data.
func (m *heat) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	rows := len(m.of.Rows)
	cell := func(r, k int) vg.Rectangle {
		return vg.Rectangle{Min: vg.Point{X: toX(float64(k) - 0.5), Y: toY(float64(rows-1-r) - 0.5)}, Max: vg.Point{X: toX(float64(k) + 0.5), Y: toY(float64(rows-1-r) + 0.5)}}
	}
	sty := style(tickSize - 1)
	sty.XAlign, sty.YAlign = draw.XCenter, draw.YCenter
	for r, row := range m.of.Values {
		for k, v := range row {
			box := cell(r, k)
			if math.IsNaN(v) {
				hatch(&c, draw.LineStyle{Color: lightGrey(), Width: vg.Points(hairline)}, box, math.Pi/4)
				continue
			}
			m.fill(&c, box, v)
			c.FillText(sty, center(box), barText(v))
		}
	}
	for r, row := range m.of.Values { // after all cells: a frame lies on none of them
		for k, v := range row {
			if m.of.From != nil && v >= m.of.From[r] {
				frame(&c, cell(r, k))
			}
		}
	}
	at := 0
	for _, g := range m.of.Groups {
		left, right := cell(0, at), cell(0, at+g.Width-1)
		c.FillText(sty, vg.Point{X: (left.Min.X + right.Max.X) / 2, Y: left.Max.Y + vg.Points(6)}, ascii(g.Name))
		if at > 0 {
			c.StrokeLine2(draw.LineStyle{Color: black(), Width: vg.Points(hairline)}, left.Min.X, cell(rows-1, 0).Min.Y, left.Min.X, left.Max.Y+vg.Points(10))
		}
		at += g.Width
	}
}
