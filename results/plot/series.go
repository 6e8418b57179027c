package plot

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"stco/results"
)

func lightGrey() color.RGBA { return color.RGBA{0xd8, 0xd8, 0xd8, 0xff} }

// Series is one line of points.
type Series struct {
	Name   string
	X, Y   []float64
	Points bool // markers instead of a line
}

// Lines draws series over common axes.
func Lines(title, xName, yName string, logX, logY bool, series []Series) (*Figure, error) {
	p := blank(title, xName, yName)
	a, b := axis{label: xName, log: logX}, axis{label: yName, log: logY}
	a.apply(&p.X)
	b.apply(&p.Y)
	data := &results.Table{Name: "lines", Columns: []results.Column{
		{Name: "series", Kind: results.Label}, {Name: "x", Kind: results.Parameter, Meaning: xName}, {Name: "y", Kind: results.Metric, Meaning: yName},
	}}
	for i, s := range series {
		if len(s.X) != len(s.Y) {
			return nil, fmt.Errorf("series %s: %d x and %d y values", s.Name, len(s.X), len(s.Y))
		}
		var points plotter.XYs
		for k := range s.X {
			data.Add("", data.Choice(0, s.Name), s.X[k], s.Y[k])
			if (logX && s.X[k] <= 0) || (logY && s.Y[k] <= 0) || math.IsNaN(s.Y[k]) {
				continue
			}
			points = append(points, plotter.XY{X: s.X[k], Y: s.Y[k]})
		}
		if len(points) == 0 {
			continue
		}
		if s.Points {
			sc, err := plotter.NewScatter(points)
			if err != nil {
				return nil, err
			}
			sc.GlyphStyle = draw.GlyphStyle{Color: colorOf(i), Shape: markerOf(i), Radius: vg.Points(2)}
			p.Add(sc)
			p.Legend.Add(s.Name, sc)
			continue
		}
		l, err := plotter.NewLine(points)
		if err != nil {
			return nil, err
		}
		l.LineStyle = draw.LineStyle{Color: colorOf(i), Width: vg.Points(lineSize), Dashes: dashOf(i)}
		p.Add(l)
		p.Legend.Add(s.Name, l)
	}
	p.Legend.Top = true
	return &Figure{plot: p, width: OneColumn, height: OneColumn * 0.75, data: data}, nil
}

// Convergence draws the hypervolume over the evaluations of a generation table.
func Convergence(gens *results.Table) (*Figure, error) {
	x, err := gens.Index("evaluations")
	if err != nil {
		return nil, err
	}
	y, err := gens.Index("hypervolume")
	if err != nil {
		return nil, err
	}
	f, err := Lines("", "evaluations", "hypervolume", false, false, []Series{{Name: gens.Name, X: column(gens, x), Y: column(gens, y)}})
	if err == nil {
		f.plot.Legend.Top = false
	}
	return f, err
}

// Part is one segment of every bar.
type Part struct {
	Name   string
	Values []float64 // by group
}

// RefLine is a horizontal line, such as a published claim.
type RefLine struct {
	Name  string
	Value float64
}

func barData(groups []string, parts []Part) (*results.Table, error) {
	t := &results.Table{Name: "bars", Columns: []results.Column{{Name: "group", Kind: results.Label}}}
	for _, p := range parts {
		if len(p.Values) != len(groups) {
			return nil, fmt.Errorf("part %s: %d values for %d groups", p.Name, len(p.Values), len(groups))
		}
		t.Columns = append(t.Columns, results.Column{Name: p.Name, Kind: results.Metric})
	}
	for i, g := range groups {
		row := []float64{t.Choice(0, g)}
		for _, p := range parts {
			row = append(row, p.Values[i])
		}
		t.Add("", row...)
	}
	return t, nil
}

// StackedBars draws one bar a group, its parts stacked.
func StackedBars(title, yName string, groups []string, parts []Part) (*Figure, error) {
	data, err := barData(groups, parts)
	if err != nil {
		return nil, err
	}
	if len(parts) == 0 {
		return nil, fmt.Errorf("stacked bars %s: no parts", title)
	}
	p := blank(title, "", yName)
	var below *plotter.BarChart
	for i, part := range parts {
		b, err := bar(part.Values, vg.Points(18), i)
		if err != nil {
			return nil, err
		}
		if below != nil {
			b.StackOn(below)
		}
		below = b
		p.Add(b)
		p.Legend.Add(part.Name, b)
	}
	p.NominalX(groups...)
	p.X.Tick.Label.Rotation, p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = math.Pi/8, draw.XRight, draw.YCenter
	p.Legend.Top, p.Legend.XOffs = true, -vg.Points(2)
	p.X.Max += 1.2 // room for the legend
	p.Y.Min, p.Y.Max = 0, 1.05*tallest(parts)
	return &Figure{plot: p, width: TwoColumns * 0.7, height: TwoColumns * 0.4, data: data}, nil
}

// GroupedBars draws the parts of every group side by side, with reference
// lines.
func GroupedBars(title, yName string, groups []string, parts []Part, lines []RefLine) (*Figure, error) {
	data, err := barData(groups, parts)
	if err != nil {
		return nil, err
	}
	p := blank(title, "", yName)
	width := vg.Points(8)
	for i, part := range parts {
		b, err := bar(part.Values, width, i)
		if err != nil {
			return nil, err
		}
		b.Offset = width * vg.Length(float64(i)-float64(len(parts)-1)/2)
		p.Add(b)
		p.Legend.Add(part.Name, b)
	}
	for i, l := range lines {
		line, err := plotter.NewLine(plotter.XYs{{X: -0.5, Y: l.Value}, {X: float64(len(groups)) - 0.5, Y: l.Value}})
		if err != nil {
			return nil, err
		}
		line.LineStyle = draw.LineStyle{Color: colorOf(6), Width: vg.Points(lineSize), Dashes: dashOf(i + 1)}
		p.Add(line)
		p.Legend.Add(l.Name, line)
	}
	p.NominalX(groups...)
	p.X.Tick.Label.Rotation, p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = math.Pi/8, draw.XRight, draw.YCenter
	p.Y.Min = 0
	p.Y.Max *= 1.35
	p.X.Min, p.X.Max = p.X.Min-0.5, p.X.Max+0.5
	p.Legend.Top, p.Legend.XOffs = true, -vg.Points(2)
	return &Figure{plot: p, width: TwoColumns, height: TwoColumns * 0.4, data: data}, nil
}

// tallest is the height of the highest stack.
func tallest(parts []Part) float64 {
	top := 0.0
	for i := range parts[0].Values {
		sum := 0.0
		for _, p := range parts {
			if !math.IsNaN(p.Values[i]) {
				sum += p.Values[i]
			}
		}
		top = max(top, sum)
	}
	return top
}

func bar(values []float64, width vg.Length, i int) (*plotter.BarChart, error) {
	v := make(plotter.Values, len(values))
	for k, x := range values {
		if !math.IsNaN(x) {
			v[k] = x
		}
	}
	b, err := plotter.NewBarChart(v, width)
	if err != nil {
		return nil, err
	}
	b.Color = colorOf(i)
	b.LineStyle.Width = vg.Points(0.4)
	return b, nil
}
