package compare

import (
	"fmt"
	"math"
	"slices"

	"stco/experiments/study/strict"
	"stco/results"
	"stco/results/plot"
)

// FigureNames lists the figures of a comparison.
func FigureNames() []string { return []string{"convergence", "attainment"} }

// Figure draws the tables of a comparison.
func (c *Comparison) Figure(name string) (*plot.Figure, error) {
	if name == "attainment" {
		return c.attainmentFigure()
	}
	t := c.Convergence
	var series []plot.Series
	for run := range t.Columns[0].Choices {
		s := plot.Series{Name: t.Columns[0].Choices[run]}
		for _, r := range t.Rows {
			if int(r[0]) == run {
				s.X, s.Y = append(s.X, r[2]), append(s.Y, r[3])
				s.Low, s.High = append(s.Low, r[4]), append(s.High, r[5])
			}
		}
		series = append(series, s)
	}
	return plot.Lines("", "evaluations", "hypervolume, % of the joint front", true, false, series)
}

// attainmentFigure draws of every run the surface that half of the seeds reach,
// as a staircase, in a band from that of a quarter to that of three quarters.
func (c *Comparison) attainmentFigure() (*plot.Figure, error) {
	t := c.Attainment
	if t == nil {
		return nil, strict.BadInput("attainment", fmt.Errorf("the runs have one objective"))
	}
	var series []plot.Series
	for run, name := range t.Columns[0].Choices {
		surfaces := map[float64][][2]float64{}
		var xs, known []float64
		for _, r := range t.Rows {
			if int(r[0]) == run {
				surfaces[r[2]] = append(surfaces[r[2]], [2]float64{r[3], r[4]})
				xs, known = append(xs, r[3]), append(known, r[2])
			}
		}
		slices.Sort(xs)
		slices.Sort(known)
		known = slices.Compact(known)
		low, middle, high := known[0], known[len(known)/2], known[len(known)-1]
		s := plot.Series{Name: name}
		for _, x := range slices.Compact(xs) {
			for _, before := range []bool{true, false} { // a step has two points
				s.X = append(s.X, x)
				s.Y = append(s.Y, height(surfaces[middle], x, before))
				if low < high {
					s.Low = append(s.Low, height(surfaces[low], x, before))
					s.High = append(s.High, height(surfaces[high], x, before))
				}
			}
		}
		series = append(series, s)
	}
	axis := func(col results.Column) string {
		if col.Unit == "" {
			return col.Title()
		}
		return fmt.Sprintf("%s (%s)", col.Title(), col.Unit)
	}
	return plot.Lines("", axis(t.Columns[3]), axis(t.Columns[4]), true, true, series)
}

// height is the second objective of a staircase at x, or just before x; NaN
// left of its first corner.
func height(corners [][2]float64, x float64, before bool) float64 {
	y := math.NaN()
	for _, c := range corners {
		if c[0] > x || before && c[0] == x {
			break
		}
		y = c[1]
	}
	return y
}
