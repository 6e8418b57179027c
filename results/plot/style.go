package plot

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	textSize = 8   // pt, titles of axes
	tickSize = 7   // pt, ticks, legend and labels
	lineSize = 0.9 // pt, lines of data
	hairline = 0.4 // pt, axes and outlines
)

func white() color.Color { return color.Gray{0xff} }

func black() color.Color { return color.Gray{0} }

func grey() color.Color { return color.Gray{0x60} }

func lightGrey() color.Color { return color.Gray{0xdc} }

// category is the colour of the i-th of several kinds (Okabe and Ito 2008; its
// yellow, too light for lines on white, comes last).
func category(i int) color.Color {
	c := []color.RGBA{
		{0x00, 0x72, 0xb2, 0xff},
		{0xd5, 0x5e, 0x00, 0xff},
		{0x00, 0x9e, 0x73, 0xff},
		{0xcc, 0x79, 0xa7, 0xff},
		{0xe6, 0x9f, 0x00, 0xff},
		{0x56, 0xb4, 0xe9, 0xff},
		{0x40, 0x40, 0x40, 0xff},
		{0xf0, 0xe4, 0x42, 0xff},
	}
	return c[i%len(c)]
}

// ordered is the colour of the i-th of at most four ordered classes: dark to
// light, so that grey prints keep the order.
func ordered(i int) color.Color {
	c := []color.RGBA{{0x44, 0x01, 0x54, 0xff}, {0x31, 0x68, 0x8e, 0xff}, {0x35, 0xb7, 0x79, 0xff}, {0xd2, 0xb8, 0x00, 0xff}}
	return c[i%len(c)]
}

// dashes is the dash pattern of the i-th line.
func dashes(i int) []vg.Length {
	p := vg.Points(1)
	d := [][]vg.Length{nil, {4 * p, 2 * p}, {p, 1.5 * p}, {6 * p, 2 * p, p, 2 * p}, {8 * p, 2 * p}}
	return d[i%len(d)]
}

// style is the style of a text of a size.
func style(size float64) text.Style {
	return text.Style{
		Color:   black(),
		Font:    font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Points(size)},
		Handler: handler{text.Plain{Fonts: font.DefaultCache}},
	}
}

// blank is a plot in the style of all figures, with axes without titles.
func blank(title string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	p.Title.Text = title
	p.Title.TextStyle.Font, p.Title.TextStyle.Handler = style(textSize).Font, style(textSize).Handler
	p.Title.Padding = vg.Points(3)
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Tick.Label.Font, a.Tick.Label.Handler = style(tickSize).Font, style(tickSize).Handler
		a.Tick.Length = vg.Points(3)
		a.Tick.Width = vg.Points(hairline)
		a.Width = vg.Points(hairline)
		a.Padding = vg.Points(2)
		a.Tick.Marker = plot.TickerFunc(linearTicks)
	}
	return p
}

// mark is a symbol for a point.
type mark struct {
	shape  int // circle, square, triangle, diamond, inverted triangle, cross, ring
	fill   color.Color
	edge   color.Color
	width  vg.Length // of the edge; 0 is a hairline
	radius vg.Length
}

// ring is the shape of a mark around another.
const ring = 6

// symbol is the mark of the i-th kind.
func symbol(i int) mark {
	return mark{shape: i % ring, fill: category(i), edge: black(), radius: vg.Points(2)}
}

// draw puts the mark at a point.
func (m mark) draw(c *draw.Canvas, at vg.Point) {
	var p vg.Path
	corner := func(angle, r float64) vg.Point {
		a := angle * math.Pi / 180
		return vg.Point{X: at.X + m.radius*vg.Length(r*math.Cos(a)), Y: at.Y + m.radius*vg.Length(r*math.Sin(a))}
	}
	polygon := func(r float64, angles ...float64) {
		for i, a := range angles {
			if i == 0 {
				p.Move(corner(a, r))
			} else {
				p.Line(corner(a, r))
			}
		}
		p.Close()
	}
	width := m.width
	if width == 0 {
		width = vg.Points(hairline)
	}
	switch m.shape {
	case 1:
		polygon(1.2, 45, 135, 225, 315)
	case 2:
		polygon(1.35, 90, 210, 330)
	case 3:
		polygon(1.3, 0, 90, 180, 270)
	case 4:
		polygon(1.35, 270, 30, 150)
	case 5:
		width = vg.Points(lineSize)
		p.Move(corner(45, 1.3))
		p.Line(corner(225, 1.3))
		p.Move(corner(135, 1.3))
		p.Line(corner(315, 1.3))
	default:
		if m.shape == ring {
			width = vg.Points(lineSize)
		}
		p.Move(vg.Point{X: at.X + m.radius, Y: at.Y})
		p.Arc(at, m.radius, 0, 2*math.Pi)
		p.Close()
	}
	if m.fill != nil && m.shape != 5 {
		c.SetColor(m.fill)
		c.Fill(p)
	}
	edge := m.edge
	if m.shape == 5 && m.fill != nil {
		edge = m.fill
	}
	c.SetLineStyle(draw.LineStyle{Color: edge, Width: width})
	c.Stroke(p)
}
