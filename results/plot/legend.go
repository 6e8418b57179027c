package plot

import (
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// entry is one line of a legend. A nil sample leaves only the text, as the
// heading of the entries after it.
type entry struct {
	name   string
	sample func(c *draw.Canvas, r vg.Rectangle)
	narrow bool // the sample is a single mark
}

// legend is drawn in rows above the plot.
type legend []entry

// draw draws the legend at the top of a canvas and returns its height.
func (l legend) draw(c draw.Canvas) vg.Length {
	if len(l) == 0 {
		return 0
	}
	sty := style(tickSize)
	const (
		pad = 3 // pt
		gap = 9
		row = 10
	)
	sample := func(e entry) vg.Length {
		switch {
		case e.sample == nil:
			return 0
		case e.narrow:
			return vg.Points(7)
		}
		return vg.Points(14)
	}
	width := func(e entry) vg.Length {
		w := sty.Width(e.name) + vg.Points(gap)
		if e.sample != nil {
			w += sample(e) + vg.Points(pad)
		}
		return w
	}
	var rows [][]entry
	x := c.Max.X
	for _, e := range l {
		if x+width(e)-vg.Points(gap) > c.Max.X {
			rows = append(rows, nil)
			x = c.Min.X
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], e)
		x += width(e)
	}
	y := c.Max.Y
	descent := sty.FontExtents().Descent
	for _, entries := range rows {
		total := -vg.Points(gap)
		for _, e := range entries {
			total += width(e)
		}
		x := c.Center().X - total/2
		for _, e := range entries {
			at := x
			if e.sample != nil {
				e.sample(&c, vg.Rectangle{Min: vg.Point{X: x, Y: y - vg.Points(row-2)}, Max: vg.Point{X: x + sample(e), Y: y - vg.Points(1)}})
				at += sample(e) + vg.Points(pad)
			}
			c.FillText(sty, vg.Point{X: at, Y: y - vg.Points(row-2) + descent}, e.name)
			x += width(e)
		}
		y -= vg.Points(row)
	}
	return c.Max.Y - y + vg.Points(2)
}

func center(r vg.Rectangle) vg.Point {
	return vg.Point{X: (r.Min.X + r.Max.X) / 2, Y: (r.Min.Y + r.Max.Y) / 2}
}

// markEntry shows a mark.
func markEntry(name string, m mark) entry {
	return entry{name, func(c *draw.Canvas, r vg.Rectangle) { m.draw(c, center(r)) }, true}
}

// lineEntry shows a line, with a mark on it unless nil.
func lineEntry(name string, s draw.LineStyle, m *mark) entry {
	return entry{name: name, sample: func(c *draw.Canvas, r vg.Rectangle) {
		y := center(r).Y
		c.StrokeLine2(s, r.Min.X, y, r.Max.X, y)
		if m != nil {
			m.draw(c, center(r))
		}
	}}
}

// label is a text that belongs to a point, outside a mark of a radius.
type label struct {
	at     vg.Point
	radius vg.Length
	text   string
}

// place writes labels beside their points, each where it covers the fewest
// points and earlier labels, with a thin line to a label that is not adjacent.
func place(c *draw.Canvas, labels []label, points []vg.Point) {
	sty := style(tickSize)
	var taken []vg.Rectangle
	for _, l := range merge(labels) {
		texts := strings.Split(l.text, "\n")
		size := vg.Point{Y: vg.Points(tickSize) * vg.Length(len(texts))}
		for _, t := range texts {
			size.X = max(size.X, sty.Width(t))
		}
		var best vg.Rectangle
		least := -1
		for i, beyond := range []vg.Length{vg.Points(2), vg.Points(12), vg.Points(24), vg.Points(38), vg.Points(54), vg.Points(72)} {
			if least == 0 {
				break
			}
			distance := l.radius + beyond
			for _, d := range [][2]vg.Length{{1, 0}, {-1, 0}, {0, 1}, {0, -1}, {1, 1}, {-1, 1}, {1, -1}, {-1, -1}, {0.5, 1}, {-0.5, 1}, {0.5, -1}, {-0.5, -1}, {1, 0.5}, {-1, 0.5}, {1, -0.5}, {-1, -0.5}} {
				mid := vg.Point{X: l.at.X + d[0]*(distance+size.X/2), Y: l.at.Y + d[1]*(distance+size.Y/2)}
				r := vg.Rectangle{Min: vg.Point{X: mid.X - size.X/2, Y: mid.Y - size.Y/2}, Max: vg.Point{X: mid.X + size.X/2, Y: mid.Y + size.Y/2}}
				cost := cover(c, r, points, taken) + crossed(l.at, r, taken) + 2*i
				if least < 0 || cost < least {
					best, least = r, cost
				}
			}
		}
		taken = append(taken, best)
		if far := nearest(best, l.at); far.X != l.at.X || far.Y != l.at.Y {
			dx, dy := float64(far.X-l.at.X), float64(far.Y-l.at.Y)
			if dx*dx+dy*dy > 64 {
				c.StrokeLine2(draw.LineStyle{Color: grey(), Width: vg.Points(0.3)}, l.at.X, l.at.Y, far.X, far.Y)
			}
		}
		for k, t := range texts {
			y := best.Max.Y - vg.Points(tickSize)*vg.Length(k+1)
			c.FillText(sty, vg.Point{X: best.Min.X, Y: y + sty.FontExtents().Descent/2}, t)
		}
	}
}

// merge puts the texts of labels whose points cannot be told apart in lines of
// one label.
func merge(labels []label) []label {
	var out []label
	for _, l := range labels {
		i := slices.IndexFunc(out, func(o label) bool {
			return max(o.at.X-l.at.X, l.at.X-o.at.X, o.at.Y-l.at.Y, l.at.Y-o.at.Y) < vg.Points(0.5)
		})
		if i < 0 {
			out = append(out, l)
			continue
		}
		out[i].text += "\n" + l.text
		out[i].radius = max(out[i].radius, l.radius)
	}
	return out
}

// cover counts what a rectangle hides; leaving the canvas counts most.
func cover(c *draw.Canvas, r vg.Rectangle, points []vg.Point, taken []vg.Rectangle) int {
	n := 0
	if r.Min.X < c.Min.X || r.Max.X > c.Max.X || r.Min.Y < c.Min.Y || r.Max.Y > c.Max.Y {
		n += 1000
	}
	margin := vg.Points(1.5)
	for _, p := range points {
		if p.X > r.Min.X-margin && p.X < r.Max.X+margin && p.Y > r.Min.Y-margin && p.Y < r.Max.Y+margin {
			n += 3
		}
	}
	for _, t := range taken {
		if r.Min.X < t.Max.X && t.Min.X < r.Max.X && r.Min.Y < t.Max.Y && t.Min.Y < r.Max.Y {
			n += 100
		}
	}
	return n
}

// crossed counts the labels that a line from a point to a rectangle runs over.
func crossed(from vg.Point, r vg.Rectangle, taken []vg.Rectangle) int {
	to := nearest(r, from)
	n := 0
	for _, t := range taken {
		for k := vg.Length(0); k <= 1; k += 0.05 {
			p := vg.Point{X: from.X + k*(to.X-from.X), Y: from.Y + k*(to.Y-from.Y)}
			if nearest(t, p) == p {
				n += 20
				break
			}
		}
	}
	return n
}

// nearest is the point of a rectangle nearest to p.
func nearest(r vg.Rectangle, p vg.Point) vg.Point {
	return vg.Point{X: min(max(p.X, r.Min.X), r.Max.X), Y: min(max(p.Y, r.Min.Y), r.Max.Y)}
}
