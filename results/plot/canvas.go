package plot

import (
	"fmt"
	"io"

	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgpdf"
	"gonum.org/v1/plot/vg/vgsvg"
)

// pngDPI is the resolution of a PNG.
const pngDPI = 300

// canvas draws the figure on a canvas of a format.
func (f *Figure) canvas(format string) (io.WriterTo, error) {
	switch format {
	case "svg":
		c := vgsvg.New(f.width, f.height)
		f.plot.Draw(draw.New(c))
		return c, nil
	case "png":
		c := vgimg.NewWith(vgimg.UseWH(f.width, f.height), vgimg.UseDPI(pngDPI))
		f.plot.Draw(draw.New(c))
		return vgimg.PngCanvas{Canvas: c}, nil
	case "pdf":
		c := vgpdf.New(f.width, f.height)
		f.plot.Draw(draw.New(c))
		return c, nil
	}
	return nil, fmt.Errorf("figure format %q: one of svg, png, pdf", format)
}
