package plot

import (
	"math"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"

	"stco/results"
)

// superscripts are the raised signs of units and powers of ten, in the order
// of plainSigns. The fonts lack some of them, so they are drawn as small digits.
const (
	superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"
	plainSigns   = "0123456789-"
)

const (
	raisedSize = 0.7  // of the size of the text
	raisedBy   = 0.35 // of the size of the text
)

// power writes ten to a power.
func power(exponent int) string {
	return "10" + raise(exponent)
}

func raise(n int) string {
	signs := []rune(superscripts)
	var b strings.Builder
	if n < 0 {
		b.WriteRune(signs[len(signs)-1])
		n = -n
	}
	if n >= 10 {
		b.WriteString(raise(n / 10))
	}
	b.WriteRune(signs[n%10])
	return b.String()
}

// run is a piece of a line in one size.
type run struct {
	text   string
	raised bool
}

func runs(line string) []run {
	var out []run
	signs := []rune(superscripts)
	for _, r := range line {
		sign, raised := string(r), false
		for i, s := range signs {
			if r == s {
				sign, raised = plainSigns[i:i+1], true
			}
		}
		if n := len(out); n > 0 && out[n-1].raised == raised {
			out[n-1].text += sign
			continue
		}
		out = append(out, run{sign, raised})
	}
	return out
}

// handler measures and draws text with raised digits.
type handler struct{ text.Plain }

func (h handler) face(f font.Font, raised bool) font.Face {
	if raised {
		f.Size *= raisedSize
	}
	return h.Fonts.Lookup(f, f.Size)
}

// Box returns the size of a line.
func (h handler) Box(line string, f font.Font) (width, height, depth vg.Length) {
	for _, r := range runs(line) {
		face := h.face(f, r.raised)
		width += face.Width(r.text)
	}
	e := h.Extents(f)
	return width, e.Ascent, e.Descent
}

// Draw draws lines of text, aligned and rotated about a point.
func (h handler) Draw(c vg.Canvas, txt string, sty text.Style, at vg.Point) {
	txt = strings.TrimRight(txt, "\n")
	if txt == "" {
		return
	}
	c.SetColor(sty.Color)
	if sty.Rotation != 0 {
		c.Push()
		defer c.Pop()
		c.Rotate(sty.Rotation)
		sin, cos := math.Sincos(sty.Rotation)
		x, y := float64(at.X), float64(at.Y)
		at.X, at.Y = vg.Length(float64(y*sin)+float64(x*cos)), vg.Length(float64(y*cos)-float64(x*sin))
	}
	lines := h.Lines(txt)
	at.Y += sty.Height(txt)*vg.Length(sty.YAlign) - h.Extents(sty.Font).Ascent
	for i, line := range lines {
		width, _, _ := h.Box(line, sty.Font)
		p := at.Add(vg.Point{X: vg.Length(sty.XAlign) * width, Y: vg.Length(len(lines)-i) * sty.Font.Size})
		for _, r := range runs(line) {
			face := h.face(sty.Font, r.raised)
			q := p
			if r.raised {
				q.Y += raisedBy * sty.Font.Size
			}
			c.FillString(face, q, r.text)
			p.X += face.Width(r.text)
		}
	}
}

// quantity takes a title such as "energy (J)" apart into a column of its name
// and unit.
func quantity(title string, kind results.ColumnKind) results.Column {
	c := results.Column{Name: title, Kind: kind, Meaning: title}
	if i := strings.LastIndex(title, " ("); i > 0 && strings.HasSuffix(title, ")") {
		c.Name, c.Unit = title[:i], title[i+2:len(title)-1]
	}
	c.Name = columnName(c.Name)
	return c
}

// columnName spells a text as the name of a column in a file.
func columnName(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;()/", r) }), "_")
}

// axisTitle is a title with its unit in the prefix that suits the values, and
// the factor to divide these by.
func axisTitle(title string, values []float64) (string, float64) {
	c := quantity(title, results.Metric)
	if c.Unit == "" {
		return ascii(title), 1
	}
	unit, factor := c.Scaled(values)
	return ascii(strings.TrimSuffix(title, c.Unit+")") + unit + ")"), factor
}
