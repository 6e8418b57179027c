package plot

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"stco/results"
)

// designs is a table of n designs: area 1 to n, energy falling, of two
// technologies by turns; the first is the knee.
func designs(n int) *results.Table {
	t := &results.Table{Name: "front", Columns: []results.Column{
		{Name: "energy", Unit: "J", Kind: results.Objective, Goal: results.Min},
		{Name: "area", Unit: "mm2", Kind: results.Objective, Goal: results.Min},
		{Name: "technology", Kind: results.Parameter, Choices: []string{"sot", "stt"}},
		{Name: "capacity", Unit: "MiB", Kind: results.Parameter},
	}}
	for i := range n {
		t.Add("", 1/float64(i+1), float64(i+1), float64(i%2), float64(i))
	}
	t.SetLabel(0, "knee")
	return t
}

func svg(t *testing.T, f *Figure) string {
	t.Helper()
	var b bytes.Buffer
	if err := f.WriteSVG(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestScatter: the data are all designs of all sets in the units of the tables,
// the legend has what the marks tell apart, the axes are those asked for, and
// lines have no say in them.
func TestScatter(t *testing.T) {
	far := designs(1)
	far.Rows[0][0], far.Rows[0][1] = 1e6, 1e6
	sets := []Set{{Name: "front", Rows: designs(20)}, {Name: "SRAM", Rows: far, Line: true}}
	f, err := Scatter(sets, Scattering{X: "area", Y: "energy", Colour: "technology"})
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Data().Rows) != 21 || f.Data().Text(3, 0) != "front" || f.Data().Rows[3][1] != 4 || f.Data().Rows[3][2] != 0.25 || f.Data().Text(3, 3) != "stt" || f.Data().Text(20, 0) != "SRAM" || !math.IsNaN(f.Data().Rows[20][3]) {
		t.Errorf("data %v", f.Data().Rows)
	}
	text := svg(t, f)
	for _, want := range []string{">sot<", ">stt<", ">SRAM<", ">knee<", ">area (mm<", ">energy (mJ)<"} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %s", want)
		}
	}
	if f.plot.X.Max > 30 || f.plot.Y.Max > 1500 {
		t.Errorf("the line beside widens the axes to %g and %g", f.plot.X.Max, f.plot.Y.Max)
	}
	// Limits are the ends of an axis; the other axis is that of the designs between.
	f, err = Scatter(sets, Scattering{X: "area", Y: "energy", XLimits: []float64{10, 20}, XScale: Logarithmic, YScale: Linear})
	if err != nil {
		t.Fatal(err)
	}
	if f.plot.X.Min != 10 || f.plot.X.Max != 20 || f.plot.Y.Max > 110 || f.plot.Y.Min < 40 {
		t.Errorf("axes %g to %g, %g to %g", f.plot.X.Min, f.plot.X.Max, f.plot.Y.Min, f.plot.Y.Max)
	}
	if strings.Contains(svg(t, f), ">knee<") {
		t.Error("the knee lies outside and is named")
	}
	if _, log := f.plot.X.Scale.(interface{ Normalize(a, b, x float64) float64 }); !log {
		t.Error("no scale")
	}
	if mid := f.plot.X.Scale.Normalize(10, 20, math.Sqrt(200)); math.Abs(mid-0.5) > 1e-9 {
		t.Errorf("the middle of a logarithmic axis lies at %g", mid)
	}
	// Numbers come in classes, sets by their name.
	if f, err = Scatter(sets, Scattering{X: "area", Y: "energy", Colour: "capacity"}); err != nil || len(f.legend) != 1+classes+1 {
		t.Errorf("%v, %d entries", err, len(f.legend))
	}
	if f, err = Scatter([]Set{{Name: "a", Rows: designs(3)}, {Name: "b", Rows: designs(4)}}, Scattering{X: "area", Y: "energy"}); err != nil || len(f.legend) != 2 || len(f.Data().Rows) != 7 {
		t.Errorf("%v, %d entries", err, len(f.legend))
	}
	for _, bad := range []Scattering{{X: "areas", Y: "energy"}, {X: "area", Y: "energy", XLimits: []float64{0, 5}, XScale: Logarithmic}} {
		if _, err := Scatter(sets, bad); err == nil {
			t.Errorf("%+v: no error", bad)
		}
	}
	if _, err := Scatter([]Set{{Name: "none", Rows: designs(3).Pick([]int{}, nil)}}, Scattering{X: "area", Y: "energy"}); err == nil {
		t.Error("a figure of nothing")
	}
}

// TestFrontBeside: of the sets beside only what nothing beats in both columns is
// joined.
func TestFrontBeside(t *testing.T) {
	beside := &results.Table{Columns: designs(1).Columns[:2]}
	for _, p := range [][2]float64{{3, 1}, {2, 2}, {2.5, 2.5}, {1, 4}, {2, 2}} {
		beside.Add("", p[0], p[1])
	}
	d := &clouds{}
	one := axis{factor: 1}
	swapped := beside.Pick(nil, []int{1, 0})
	d.line(swapped, &one, &one)
	want := []float64{1, 3, 2, 3, 2, 2, 4, 2, 4, 1}
	if len(d.fronts[0]) != 5 {
		t.Fatalf("%v", d.fronts[0])
	}
	for i, p := range d.fronts[0] {
		if p.X != want[2*i] || p.Y != want[2*i+1] {
			t.Errorf("corner %d: %v, not %v", i, p, want[2*i:2*i+2])
		}
	}
}

// TestBareLine: a bound has no markers, neither in the figure nor in its legend.
func TestBareLine(t *testing.T) {
	draw := func(bare bool) string {
		f, err := Lines("", "x", "y", false, false, []Series{
			{Name: "points", X: []float64{1, 2, 3}, Y: []float64{1, 2, 1}, Points: true},
			{Name: "bound", X: []float64{1, 2, 3}, Y: []float64{2, 3, 3}, Bare: bare},
		})
		if err != nil {
			t.Fatal(err)
		}
		return svg(t, f)
	}
	// Three markers and that of the legend, each a face and an edge.
	with, without := strings.Count(draw(false), "<path"), strings.Count(draw(true), "<path")
	if with-without != 8 {
		t.Errorf("%d shapes without markers, %d with", without, with)
	}
}
