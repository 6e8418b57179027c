package plot

import (
	"bytes"
	"io"
	"math"
	"regexp"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgpdf"
	"gonum.org/v1/plot/vg/vgsvg"

	"stco/results"
)

// Widths of a figure in a two-column paper.
const (
	OneColumn  = 3.5 * vg.Inch
	TwoColumns = 7.16 * vg.Inch
)

// pngDPI is the resolution of a PNG.
const pngDPI = 300

// Figure is a drawing with its data.
type Figure struct {
	width, height vg.Length
	plot          *plot.Plot // its axes have no titles: draw writes them
	x, y          string
	legend        legend
	data          *results.Table
}

// Data returns the numbers that the figure shows, a row for each mark.
func (f *Figure) Data() *results.Table { return f.data }

// WriteSVG writes the figure as SVG. Text stays text, in Liberation Sans or
// what the reader has in its place.
func (f *Figure) WriteSVG(w io.Writer) error {
	c := vgsvg.New(f.width, f.height)
	f.draw(draw.New(c))
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return err
	}
	svg := bytes.ReplaceAll(b.Bytes(), []byte("font-family:Liberation Sans;"), []byte("font-family:'Liberation Sans',Arial,Helvetica,sans-serif;"))
	_, err := w.Write(svg)
	return err
}

// WritePNG writes the figure as PNG at 300 dots per inch.
func (f *Figure) WritePNG(w io.Writer) error {
	c := vgimg.NewWith(vgimg.UseWH(f.width, f.height), vgimg.UseDPI(pngDPI))
	f.draw(draw.New(c))
	_, err := vgimg.PngCanvas{Canvas: c}.WriteTo(w)
	return err
}

// WritePDF writes the figure as PDF with its fonts embedded. The library
// stamps the time into the file; it is overwritten by a fixed one.
func (f *Figure) WritePDF(w io.Writer) error {
	c := pdfCanvas{vgpdf.New(f.width, f.height)}
	f.draw(draw.New(c))
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return err
	}
	stamp := regexp.MustCompile(`\((D:\d{14})\)`)
	_, err := w.Write(stamp.ReplaceAll(b.Bytes(), []byte("(D:20000101000000)")))
	return err
}

// draw puts the legend above the plot and the titles beside its axes. The
// plotting library would place the title of a logarithmic axis by the mean of
// its bounds, and make room for it where it is not.
func (f *Figure) draw(c draw.Canvas) {
	c.SetColor(white())
	c.Fill(c.Path())
	c = draw.Crop(c, vg.Points(2), -vg.Points(3), vg.Points(2), -vg.Points(3))
	c.Max.Y -= f.legend.draw(c)
	sty := style(textSize)
	line := sty.FontExtents().Height
	inner := c
	if f.y != "" {
		inner = draw.Crop(inner, line+vg.Points(4), 0, 0, 0)
	}
	if f.x != "" {
		inner = draw.Crop(inner, 0, 0, line+vg.Points(1), 0)
	}
	f.plot.Draw(inner)
	axes := f.plot.DataCanvas(inner)
	middle := axes.Center()
	sty.XAlign, sty.YAlign = draw.XCenter, draw.YBottom
	c.FillText(sty, vg.Point{X: middle.X, Y: c.Min.Y}, f.x)
	sty.Rotation, sty.YAlign = math.Pi/2, draw.YTop
	c.FillText(sty, vg.Point{X: c.Min.X, Y: middle.Y}, f.y)
}
