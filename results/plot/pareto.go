package plot

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"stco/results"
)

// classes is the number of classes the third objective is shown in.
const classes = 4

// Pareto draws a front over two objectives: the first upwards, the second to
// the right, the third in classes of colour and marker. The rows of baselines
// are named beside; a row labelled as knee is marked.
func Pareto(front, baselines *results.Table, objectives []string) (*Figure, error) {
	if len(objectives) < 2 || len(objectives) > 3 {
		return nil, fmt.Errorf("pareto figure: %d objectives, want 2 or 3", len(objectives))
	}
	cols := make([]int, len(objectives))
	for i, name := range objectives {
		c, err := front.Index(name)
		if err != nil {
			return nil, err
		}
		cols[i] = c
	}
	ay, ax := axisOf(front.Columns[cols[0]], with(front, baselines, cols[0])), axisOf(front.Columns[cols[1]], with(front, baselines, cols[1]))
	p := blank("", "", "")
	ax.apply(&p.X)
	ay.apply(&p.Y)
	at := func(row []float64) plotter.XY {
		return plotter.XY{X: row[cols[1]] / ax.scale, Y: row[cols[0]] / ay.scale}
	}
	groups := []group{{name: "SOT-MRAM front", rows: front.Rows}}
	if len(cols) == 3 {
		az := axisOf(front.Columns[cols[2]], column(front, cols[2]))
		groups = byClass(front, cols[2], &az)
	}
	for i, g := range groups {
		points := make(plotter.XYs, len(g.rows))
		for k, r := range g.rows {
			points[k] = at(r)
		}
		if len(points) == 0 {
			continue
		}
		s, err := plotter.NewScatter(points)
		if err != nil {
			return nil, err
		}
		s.GlyphStyle = draw.GlyphStyle{Color: colorOf(i), Shape: markerOf(i), Radius: vg.Points(2)}
		p.Add(s)
		p.Legend.Add(g.name, s)
	}
	for i, r := range front.Rows {
		if strings.Contains(front.LabelOf(i), "knee") {
			s, err := plotter.NewScatter(plotter.XYs{at(r)})
			if err != nil {
				return nil, err
			}
			s.GlyphStyle = draw.GlyphStyle{Color: colorOf(6), Shape: draw.RingGlyph{}, Radius: vg.Points(4.5)}
			p.Add(s)
			p.Legend.Add("knee", s)
		}
	}
	for i, r := range baselines.Rows {
		s, err := plotter.NewScatter(plotter.XYs{at(r)})
		if err != nil {
			return nil, err
		}
		s.GlyphStyle = draw.GlyphStyle{Color: colorOf(6), Shape: markerOf(5 + i), Radius: vg.Points(3)}
		p.Add(s)
		p.Legend.Add(baselines.LabelOf(i), s)
	}
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = lightGrey(), lightGrey()
	grid.Vertical.Width, grid.Horizontal.Width = vg.Points(0.3), vg.Points(0.3)
	p.Add(grid)
	placeLegend(p, &ax, &ay, append(slices.Clone(front.Rows), baselines.Rows...), at)
	return &Figure{plot: p, width: TwoColumns * 0.6, height: TwoColumns * 0.42, data: front.Pick(nil, cols)}, nil
}

// placeLegend puts the legend into the corner with the fewest points.
func placeLegend(p *plot.Plot, ax, ay *axis, rows [][]float64, at func([]float64) plotter.XY) {
	share := func(v, lo, hi float64, log bool) float64 {
		if log {
			v, lo, hi = math.Log(v), math.Log(lo), math.Log(hi)
		}
		return (v - lo) / (hi - lo)
	}
	const part = 0.5 // of the width and of the height
	var count [2][2]int
	for _, r := range rows {
		q := at(r)
		x, y := share(q.X, p.X.Min, p.X.Max, ax.log), share(q.Y, p.Y.Min, p.Y.Max, ay.log)
		for i, in := range []bool{x < part, x > 1-part} {
			for j, level := range []bool{y < part, y > 1-part} {
				if in && level {
					count[i][j]++
				}
			}
		}
	}
	best := [2]int{1, 1}
	for _, c := range [][2]int{{0, 1}, {0, 0}, {1, 0}} {
		if count[c[0]][c[1]] < count[best[0]][best[1]] {
			best = c
		}
	}
	p.Legend.Left, p.Legend.Top = best[0] == 0, best[1] == 1
	p.Legend.XOffs = -vg.Points(2)
	if p.Legend.Left {
		p.Legend.XOffs = vg.Points(14) // clear of a steep front along the axis
	}
}

type group struct {
	name string
	rows [][]float64
}

// byClass splits a front into classes of equal size by a column.
func byClass(t *results.Table, col int, a *axis) []group {
	values := column(t, col)
	slices.Sort(values)
	var groups []group
	low := math.Inf(-1)
	for k := range classes {
		high := values[min(len(values)-1, (k+1)*len(values)/classes)]
		if k == classes-1 {
			high = math.Inf(1)
		}
		g := group{}
		least, most := math.Inf(1), math.Inf(-1)
		for _, r := range t.Rows {
			if v := r[col]; v > low && (v <= high) {
				g.rows = append(g.rows, r)
				least, most = min(least, v), max(most, v)
			}
		}
		if len(g.rows) > 0 {
			g.name = fmt.Sprintf("%s %.3g to %.3g", a.label, least/a.scale, most/a.scale)
			groups = append(groups, g)
		}
		low = high
	}
	return groups
}

func column(t *results.Table, col int) []float64 {
	out := make([]float64, len(t.Rows))
	for i, r := range t.Rows {
		out[i] = r[col]
	}
	return out
}

func with(a, b *results.Table, col int) []float64 {
	out := column(a, col)
	if len(b.Columns) == len(a.Columns) {
		out = append(out, column(b, col)...)
	}
	return out
}
