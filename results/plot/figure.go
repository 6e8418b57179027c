package plot

import (
	"fmt"
	"image/color"
	"io"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"stco/results"
)

// Widths of a figure in a two-column paper.
const (
	OneColumn  = 3.5 * vg.Inch
	TwoColumns = 7.16 * vg.Inch
)

const (
	textSize = 8   // pt
	tickSize = 7   // pt
	lineSize = 0.8 // pt
)

// Figure is a drawing with its data.
type Figure struct {
	plot          *plot.Plot
	width, height vg.Length
	data          *results.Table
}

// Data returns what the figure shows.
func (f *Figure) Data() *results.Table { return f.data }

// WriteSVG writes the figure as SVG.
func (f *Figure) WriteSVG(w io.Writer) error { return f.write(w, "svg") }

// WritePNG writes the figure as PNG at 300 dots per inch.
func (f *Figure) WritePNG(w io.Writer) error { return f.write(w, "png") }

// WritePDF writes the figure as PDF.
func (f *Figure) WritePDF(w io.Writer) error { return f.write(w, "pdf") }

func (f *Figure) write(w io.Writer, format string) error {
	to, err := f.canvas(format)
	if err != nil {
		return err
	}
	_, err = to.WriteTo(w)
	return err
}

// colors returns the qualitative palette of Okabe and Ito without its yellow,
// which is too light for lines on white.
func colors() []color.RGBA {
	return []color.RGBA{
		{0x00, 0x72, 0xb2, 0xff}, {0xd5, 0x5e, 0x00, 0xff}, {0x00, 0x9e, 0x73, 0xff}, {0xcc, 0x79, 0xa7, 0xff},
		{0x56, 0xb4, 0xe9, 0xff}, {0xe6, 0x9f, 0x00, 0xff}, {0x40, 0x40, 0x40, 0xff}, {0xa0, 0xa0, 0xa0, 0xff}, {0xf0, 0xe4, 0x42, 0xff},
	}
}

func colorOf(i int) color.RGBA { c := colors(); return c[i%len(c)] }

// markers are glyphs that differ in outline.
func markerOf(i int) draw.GlyphDrawer {
	m := []draw.GlyphDrawer{
		draw.CircleGlyph{}, draw.SquareGlyph{}, draw.TriangleGlyph{}, draw.RingGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}, draw.CrossGlyph{}, draw.PlusGlyph{},
	}
	return m[i%len(m)]
}

// dashOf is the dash pattern of a line.
func dashOf(i int) []vg.Length {
	d := [][]vg.Length{nil, {vg.Points(4), vg.Points(2)}, {vg.Points(1), vg.Points(2)}, {vg.Points(6), vg.Points(2), vg.Points(1), vg.Points(2)}}
	return d[i%len(d)]
}

// blank returns a plot in the style of all figures.
func blank(title, x, y string) *plot.Plot {
	p := plot.New()
	set := func(f *font.Font, size float64) { f.Size = vg.Points(size); f.Variant = "Sans" }
	p.Title.Text = title
	p.X.Label.Text, p.Y.Label.Text = x, y
	set(&p.Title.TextStyle.Font, textSize)
	set(&p.X.Label.TextStyle.Font, textSize)
	set(&p.Y.Label.TextStyle.Font, textSize)
	set(&p.X.Tick.Label.Font, tickSize)
	set(&p.Y.Tick.Label.Font, tickSize)
	set(&p.Legend.TextStyle.Font, tickSize)
	p.X.LineStyle.Width, p.Y.LineStyle.Width = vg.Points(0.5), vg.Points(0.5)
	p.X.Tick.LineStyle.Width, p.Y.Tick.LineStyle.Width = vg.Points(0.5), vg.Points(0.5)
	p.X.Tick.Length, p.Y.Tick.Length = vg.Points(3), vg.Points(3)
	p.Legend.ThumbnailWidth = vg.Points(12)
	return p
}

// axis is a quantity shown in a prefix of its unit.
type axis struct {
	label string
	scale float64
	log   bool
}

// axisOf chooses the prefix of a column from the median of its values; a range
// of a decade or more is logarithmic.
func axisOf(c results.Column, values []float64) axis {
	lo, hi := math.Inf(1), 0.0
	for _, v := range values {
		if v > 0 && !math.IsInf(v, 0) {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	a := axis{label: c.Title(), scale: 1, log: hi >= 10*lo && lo > 0}
	unit := c.Unit
	switch unit {
	case "J", "s", "W", "Hz", "B", "A", "V":
		mid := math.Sqrt(lo * hi)
		for _, p := range []struct {
			name  string
			scale float64
		}{{"G", 1e9}, {"M", 1e6}, {"k", 1e3}, {"", 1}, {"m", 1e-3}, {"u", 1e-6}, {"n", 1e-9}, {"p", 1e-12}, {"f", 1e-15}} {
			if mid >= p.scale {
				a.scale, unit = p.scale, p.name+unit
				break
			}
		}
	case "mm2":
		unit = "mm²"
	}
	if unit != "" {
		a.label += " (" + unit + ")"
	}
	return a
}

func (a *axis) apply(ax *plot.Axis) {
	ax.Label.Text = a.label
	if a.log {
		ax.Scale, ax.Tick.Marker = plot.LogScale{}, logTicks{}
	}
}

// logTicks labels decades, and 2 and 5 of each where few decades are shown.
type logTicks struct{}

// Ticks returns the marks between two positive values.
func (logTicks) Ticks(lo, hi float64) []plot.Tick {
	var ticks []plot.Tick
	few := math.Log10(hi/lo) < 2.2
	for e := math.Floor(math.Log10(lo)); e <= math.Ceil(math.Log10(hi)); e++ {
		for m := 1.0; m < 10; m++ {
			v := m * math.Pow(10, e)
			if v < lo*0.9999 || v > hi*1.0001 {
				continue
			}
			t := plot.Tick{Value: v}
			if m == 1 || (few && (m == 2 || m == 5)) {
				t.Label = fmt.Sprintf("%.4g", v)
			}
			ticks = append(ticks, t)
		}
	}
	return ticks
}
