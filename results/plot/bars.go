package plot

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"stco/results"
)

// Part is one segment, or one bar, of every group.
type Part struct {
	Name   string
	Values []float64 // by group; NaN is no bar
	// Low and High, if not nil, are the ends of a whisker on each bar that stands
	// beside others.
	Low, High []float64
}

// StackedBars draws one bar a group, its parts stacked. Values must not be
// negative. A title such as "energy (J)" gets the prefix that suits the values.
func StackedBars(title, yName string, groups []string, parts []Part) (*Figure, error) {
	return newBars(title, yName, groups, parts, nil, true)
}

// GroupedBars draws the parts of every group side by side, with reference
// lines across all groups or of a height per group.
func GroupedBars(title, yName string, groups []string, parts []Part, lines []RefLine) (*Figure, error) {
	return newBars(title, yName, groups, parts, lines, false)
}

func newBars(title, yName string, groups []string, parts []Part, lines []RefLine, stacked bool) (*Figure, error) {
	if len(groups) == 0 || len(parts) == 0 {
		return nil, fmt.Errorf("bars: %d groups of %d parts", len(groups), len(parts))
	}
	unit := quantity(yName, results.Metric).Unit
	data := &results.Table{Name: "bars", Columns: []results.Column{{Name: "group", Kind: results.Label}}}
	for _, p := range parts {
		if len(p.Values) != len(groups) {
			return nil, fmt.Errorf("part %s: %d values for %d groups", p.Name, len(p.Values), len(groups))
		}
		if p.whiskers() && (len(p.Low) != len(groups) || len(p.High) != len(groups)) {
			return nil, fmt.Errorf("part %s: %d low and %d high ends for %d groups", p.Name, len(p.Low), len(p.High), len(groups))
		}
		name := columnName(p.Name)
		data.Columns = append(data.Columns, results.Column{Name: name, Unit: unit, Kind: results.Metric, Meaning: p.Name + ": " + yName})
		if p.whiskers() {
			data.Columns = append(data.Columns,
				results.Column{Name: name + "_low", Unit: unit, Kind: results.Metric, Meaning: "lower end of its whisker"},
				results.Column{Name: name + "_high", Unit: unit, Kind: results.Metric, Meaning: "upper end of its whisker"})
		}
	}
	for _, l := range lines {
		if l.Values != nil && len(l.Values) != len(groups) {
			return nil, fmt.Errorf("line %s: %d values for %d groups", l.Name, len(l.Values), len(groups))
		}
		data.Columns = append(data.Columns, results.Column{Name: columnName(l.Name), Unit: unit, Kind: results.Metric, Meaning: l.Name + ": " + yName})
	}
	b := &bars{parts: parts, lines: lines, stacked: stacked}
	top := 0.0
	var heights []float64
	for g := range groups {
		row, total := []float64{data.Choice(0, groups[g])}, 0.0
		for _, p := range parts {
			v := p.Values[g]
			if v < 0 || math.IsInf(v, 0) {
				return nil, fmt.Errorf("part %s: %v in group %s cannot be a bar", p.Name, v, groups[g])
			}
			row = append(row, v)
			if p.whiskers() {
				row = append(row, p.Low[g], p.High[g])
				if !math.IsNaN(p.High[g]) {
					heights = append(heights, p.High[g])
				}
			}
			if math.IsNaN(v) {
				continue
			}
			total += v
			if !stacked {
				heights = append(heights, v)
			}
		}
		if stacked {
			heights = append(heights, total)
		}
		for _, l := range lines {
			row = append(row, l.at(g))
			if v := l.at(g); !math.IsNaN(v) {
				heights = append(heights, v)
			}
		}
		data.Add("", row...)
	}
	if err := data.Check(); err != nil {
		return nil, err
	}
	y, factor := axisTitle(yName, heights)
	b.factor = factor
	for _, h := range heights {
		top = max(top, h/factor)
	}
	f := &Figure{width: OneColumn, height: 0.8 * OneColumn, plot: blank(title), y: y, data: data}
	if len(groups) > 5 || !stacked && len(groups)*len(parts) > 12 {
		f.width, f.height = TwoColumns, 0.36*TwoColumns
	}
	for i, p := range parts {
		f.legend = append(f.legend, entry{name: ascii(p.Name), sample: func(c *draw.Canvas, r vg.Rectangle) { fillBar(c, r, i) }})
	}
	for i, l := range lines {
		f.legend = append(f.legend, lineEntry(ascii(l.Name), refLine(i), nil))
	}
	f.plot.Y.Min, f.plot.Y.Max = 0, max(top*1.06, math.SmallestNonzeroFloat32)
	f.plot.X.Min, f.plot.X.Max = -0.5, float64(len(groups))-0.5
	f.plot.Y.Padding = 0
	f.plot.X.Padding = 0
	f.plot.X.Tick.Length, f.plot.X.Tick.Color = vg.Points(2), white()
	slot := f.width*0.85/vg.Length(len(groups)) - vg.Points(3)
	b.values = !stacked && slot/vg.Length(len(parts)) > vg.Points(17) && !slices.ContainsFunc(parts, func(p Part) bool { return p.whiskers() })
	if b.values {
		f.plot.Y.Max = top * 1.12
	}
	nameGroups(&f.plot.X, groups, slot)
	g := grid()
	g.Vertical.Width = 0
	f.plot.Add(g, b)
	return f, nil
}

func (p *Part) whiskers() bool { return p.Low != nil || p.High != nil }

func (l *RefLine) at(group int) float64 {
	if l.Values != nil {
		return l.Values[group]
	}
	return l.Value
}

func refLine(i int) draw.LineStyle {
	return draw.LineStyle{Color: black(), Width: vg.Points(1), Dashes: dashes(i + 1)}
}

// steepFrom is the length of a name from which names that do not fit stand upright.
const steepFrom = 90 // pt

// nameGroups puts the names of groups below an axis, in lines no wider than
// their slot, or turned where one word is wider. It returns the height that they
// take, about.
func nameGroups(ax *plot.Axis, groups []string, slot vg.Length) vg.Length {
	sty := style(tickSize)
	fits, tall := true, 1
	var ticks plot.ConstantTicks
	for i, g := range groups {
		var lines []string
		for word := range strings.FieldsSeq(ascii(g)) {
			fits = fits && sty.Width(word) <= slot
			last := len(lines) - 1
			if last >= 0 && sty.Width(lines[last]+" "+word) <= slot {
				lines[last] += " " + word
			} else {
				lines = append(lines, word)
			}
		}
		ticks = append(ticks, plot.Tick{Value: float64(i), Label: strings.Join(lines, "\n")})
		tall = max(tall, len(lines))
	}
	for i := range ticks {
		// Labels hang from one height if they have equally many lines.
		ticks[i].Label += strings.Repeat("\n ", tall-1-strings.Count(ticks[i].Label, "\n"))
	}
	height := vg.Points(tickSize) * vg.Length(tall)
	if !fits {
		longest := vg.Length(0)
		for i, g := range groups {
			ticks[i].Label = ascii(g)
			longest = max(longest, sty.Width(ticks[i].Label))
		}
		ax.Tick.Label.Rotation, height = math.Pi/6, longest/2
		ax.Tick.Label.XAlign, ax.Tick.Label.YAlign = draw.XRight, draw.YTop
		if longest > vg.Points(steepFrom) { // slanted the first would leave the figure
			ax.Tick.Label.Rotation, height = math.Pi/2, longest
			ax.Tick.Label.YAlign = draw.YCenter
		}
	}
	ax.Tick.Marker = ticks
	return height
}

// bars draws bars in groups.
type bars struct {
	parts   []Part
	lines   []RefLine
	factor  float64 // that values are divided by
	stacked bool
	values  bool // the value above each bar
}

// Plot draws on a canvas of the data.
func (b *bars) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	const share = 0.8 // of a slot that bars fill
	wide := share
	if b.stacked {
		wide = 0.55
	}
	for g := range b.parts[0].Values {
		left, base := float64(g)-wide/2, 0.0
		each := wide / float64(len(b.parts))
		for i, part := range b.parts {
			v := part.Values[g] / b.factor
			if math.IsNaN(v) {
				continue
			}
			r := vg.Rectangle{Min: vg.Point{X: toX(left), Y: toY(base)}, Max: vg.Point{X: toX(left + wide), Y: toY(base + v)}}
			if b.stacked {
				base += v
			} else {
				r.Min.X, r.Max.X = toX(left+float64(i)*each), toX(left+float64(i+1)*each)
			}
			fillBar(&c, r, i)
			if part.whiskers() && !math.IsNaN(part.Low[g]) && !math.IsNaN(part.High[g]) {
				x := (r.Min.X + r.Max.X) / 2
				c.StrokeLine2(draw.LineStyle{Color: black(), Width: vg.Points(0.7)}, x, toY(max(0, part.Low[g]/b.factor)), x, toY(part.High[g]/b.factor))
			}
			if b.values {
				sty := style(tickSize - 1)
				s := barText(v)
				y := r.Max.Y + vg.Points(1.5)
				for _, l := range b.lines { // above a line that would cross it
					if at := toY(l.at(g) / b.factor); at > r.Max.Y-vg.Points(1) && at < y+sty.Font.Size {
						y = at + vg.Points(1.5)
					}
				}
				c.FillText(sty, vg.Point{X: (r.Min.X+r.Max.X)/2 - sty.Width(s)/2, Y: y}, s)
			}
		}
		for i, l := range b.lines {
			if v := l.at(g) / b.factor; l.Values != nil && !math.IsNaN(v) {
				c.StrokeLine2(refLine(i), toX(left-0.03), toY(v), toX(left+wide+0.03), toY(v))
			}
		}
	}
	for i, l := range b.lines {
		if l.Values == nil {
			c.StrokeLine2(refLine(i), c.Min.X, toY(l.Value/b.factor), c.Max.X, toY(l.Value/b.factor))
		}
	}
}

// barText is the value above a bar: hundredths below ten, else about three
// digits.
func barText(v float64) string {
	switch {
	case v != 0 && v < 0.005 || v >= 1e4:
		return shortNumber(roundTo(v, 2))
	case v < 9.995:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}

// tint mixes a colour with white; 0 leaves it, 1 is white.
func tint(c color.Color, white float64) color.Color {
	r, g, b, _ := c.RGBA()
	mix := func(v uint32) uint8 { return uint8(math.Round(float64(v>>8)*(1-white) + 255*white)) }
	return color.RGBA{mix(r), mix(g), mix(b), 0xff}
}

// fillBar fills a rectangle in the colour and hatching of the i-th part:
// plain, then lines of 45, 135, 0 and 90 degrees, then both diagonals.
func fillBar(c *draw.Canvas, r vg.Rectangle, i int) {
	if r.Max.Y <= r.Min.Y {
		return
	}
	c.SetColor(tint(category(i), 0.15))
	c.Fill(r.Path())
	sty := draw.LineStyle{Color: white(), Width: vg.Points(0.7)}
	for _, angle := range [][]float64{nil, {45}, {135}, {0}, {90}, {45, 135}}[i%6] {
		hatch(c, sty, r, angle*math.Pi/180)
	}
	c.SetLineStyle(draw.LineStyle{Color: black(), Width: vg.Points(hairline)})
	c.Stroke(r.Path())
}

// hatch fills a rectangle with parallel lines of an angle. The lines lie on a
// lattice of the page, so that neighbouring rectangles continue each other.
func hatch(c *draw.Canvas, sty draw.LineStyle, r vg.Rectangle, angle float64) {
	const step = 3.2 // pt
	dx, dy := math.Cos(angle), math.Sin(angle)
	offset := func(x, y vg.Length) float64 { return -dy*x.Points() + dx*y.Points() }
	corners := []float64{offset(r.Min.X, r.Min.Y), offset(r.Max.X, r.Min.Y), offset(r.Min.X, r.Max.Y), offset(r.Max.X, r.Max.Y)}
	for k := math.Ceil(slices.Min(corners) / step); k*step <= slices.Max(corners); k++ {
		// The line is k*step*(-dy, dx) + t*(dx, dy); clip t to the rectangle.
		x0, y0 := -dy*k*step, dx*k*step
		lo, hi := math.Inf(-1), math.Inf(1)
		for _, side := range []struct{ at, d, min, max float64 }{
			{x0, dx, r.Min.X.Points(), r.Max.X.Points()},
			{y0, dy, r.Min.Y.Points(), r.Max.Y.Points()},
		} {
			if math.Abs(side.d) < 1e-12 {
				if side.at < side.min || side.at > side.max {
					lo, hi = 1, 0
				}
				continue
			}
			a, b := (side.min-side.at)/side.d, (side.max-side.at)/side.d
			lo, hi = max(lo, min(a, b)), min(hi, max(a, b))
		}
		if lo < hi {
			c.StrokeLine2(sty, vg.Points(x0+lo*dx), vg.Points(y0+lo*dy), vg.Points(x0+hi*dx), vg.Points(y0+hi*dy))
		}
	}
}
