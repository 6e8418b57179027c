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

// gainClass is a class of ratios: up to a bound, in a colour.
type gainClass struct {
	below float64
	name  string
	fill  color.RGBA
}

// gainClasses are classes of ratios around 1, darker away from it, of two hues.
func gainClasses() []gainClass {
	return []gainClass{
		{0.5, "below 0.5", color.RGBA{0xb3, 0x58, 0x06, 0xff}},
		{0.8, "0.5–0.8", color.RGBA{0xf1, 0xa3, 0x40, 0xff}},
		{0.98, "0.8–0.98", color.RGBA{0xfe, 0xe0, 0xb6, 0xff}},
		{1.02, "0.98–1.02", color.RGBA{0xf7, 0xf7, 0xf7, 0xff}},
		{1.25, "1.02–1.25", color.RGBA{0xc6, 0xdb, 0xef, 0xff}},
		{2, "1.25–2", color.RGBA{0x6b, 0xae, 0xd6, 0xff}},
		{math.Inf(1), "above 2", color.RGBA{0x08, 0x51, 0x9c, 0xff}},
	}
}

// GainCell is one cell of a map of gains.
type GainCell struct {
	Gain float64 // NaN is an empty cell
	Note string  // below the number, such as who gains; "" for none
}

// GainMap draws gains, ratios to a baseline, as cells in classes of colour around 1
// with their numbers: columns to the right, rows upwards. The first texts say what
// columns and rows are; cells has a list for each column.
func GainMap(xName, yName, gain string, columns, rows []string, cells [][]GainCell) (*Figure, error) {
	if len(columns) == 0 || len(rows) == 0 || len(cells) != len(columns) {
		return nil, fmt.Errorf("map of gains: %d columns, %d rows, %d lists of cells", len(columns), len(rows), len(cells))
	}
	data := &results.Table{Name: "map", Columns: []results.Column{
		{Name: columnName(xName), Kind: results.Label, Choices: []string{}, Meaning: xName},
		{Name: columnName(yName), Kind: results.Label, Choices: []string{}, Meaning: yName},
		{Name: columnName(gain), Kind: results.Metric, Meaning: gain},
		{Name: "note", Kind: results.Label, Choices: []string{}},
	}}
	classes := gainClasses()
	used := make([]bool, len(classes))
	m := &gainMap{cells: cells}
	for i, list := range cells {
		if len(list) != len(rows) {
			return nil, fmt.Errorf("map of gains: column %s has %d cells of %d", columns[i], len(list), len(rows))
		}
		for k, cell := range list {
			if math.IsNaN(cell.Gain) {
				continue
			}
			if cell.Gain < 0 {
				return nil, fmt.Errorf("map of gains: %v of column %s", cell.Gain, columns[i])
			}
			used[classOf(cell.Gain)] = true
			m.noted = m.noted || cell.Note != ""
			data.Add("", data.Choice(0, columns[i]), data.Choice(1, rows[k]), cell.Gain, data.Choice(3, cell.Note))
		}
	}
	if err := data.Check(); err != nil {
		return nil, err
	}
	f := &Figure{width: OneColumn, plot: blank(""), x: xName, y: yName, data: data}
	if len(columns) > 6 {
		f.width = TwoColumns
	}
	tall := vg.Points(13)
	if m.noted {
		tall = vg.Points(20)
	}
	f.height = vg.Points(65) + tall*vg.Length(len(rows))
	f.legend = legend{{name: ascii(gain) + ":"}}
	for i, k := range classes {
		if used[i] {
			f.legend = append(f.legend, entry{name: k.name, sample: func(c *draw.Canvas, r vg.Rectangle) { cellBox(c, r, k.fill) }})
		}
	}
	f.plot.X.Min, f.plot.X.Max = -0.5, float64(len(columns))-0.5
	f.plot.Y.Min, f.plot.Y.Max = -0.5, float64(len(rows))-0.5
	for _, a := range []*plot.Axis{&f.plot.X, &f.plot.Y} {
		a.Padding, a.Tick.Length, a.Tick.Color = 0, vg.Points(2), white()
	}
	f.height += nameGroups(&f.plot.X, columns, (f.width-vg.Points(45))/vg.Length(len(columns))-vg.Points(2))
	var ticks plot.ConstantTicks
	for k, r := range rows {
		ticks = append(ticks, plot.Tick{Value: float64(k), Label: ascii(r)})
	}
	f.plot.Y.Tick.Marker = ticks
	f.plot.Add(m)
	return f, nil
}

// classOf is the class of a gain.
func classOf(gain float64) int {
	for i, c := range gainClasses() {
		if gain < c.below {
			return i
		}
	}
	return len(gainClasses()) - 1
}

func cellBox(c *draw.Canvas, r vg.Rectangle, fill color.Color) {
	c.SetColor(fill)
	c.Fill(r.Path())
	c.SetLineStyle(draw.LineStyle{Color: grey(), Width: vg.Points(hairline)})
	c.Stroke(r.Path())
}

// gainMap draws cells.
type gainMap struct {
	cells [][]GainCell
	noted bool
}

// Plot draws on a canvas of the data.
func (m *gainMap) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	for i, list := range m.cells {
		for k, cell := range list {
			if math.IsNaN(cell.Gain) {
				continue
			}
			class := classOf(cell.Gain)
			r := vg.Rectangle{Min: vg.Point{X: toX(float64(i) - 0.5), Y: toY(float64(k) - 0.5)}, Max: vg.Point{X: toX(float64(i) + 0.5), Y: toY(float64(k) + 0.5)}}
			cellBox(&c, r, gainClasses()[class].fill)
			sty := style(tickSize - 1)
			if class == 0 || class == len(gainClasses())-1 {
				sty.Color = white()
			}
			texts := []string{barText(cell.Gain)}
			if m.noted {
				texts = append(texts, ascii(cell.Note))
			}
			line := sty.Font.Size + vg.Points(1)
			y := (r.Min.Y+r.Max.Y)/2 + line*vg.Length(len(texts))/2 - sty.Font.Size
			for _, s := range texts {
				if w := sty.Width(s); w <= r.Max.X-r.Min.X { // else the colour says it
					c.FillText(sty, vg.Point{X: (r.Min.X+r.Max.X)/2 - w/2, Y: y + sty.FontExtents().Descent}, s)
				}
				y -= line
			}
		}
	}
}
