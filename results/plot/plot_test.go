package plot

import (
	"bytes"
	"flag"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"stco/results"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func front() (*results.Table, *results.Table) {
	cols := []results.Column{
		{Name: "energy", Unit: "J", Kind: results.Objective, Goal: results.Min},
		{Name: "latency", Unit: "s", Kind: results.Objective, Goal: results.Min},
		{Name: "area", Unit: "mm2", Kind: results.Objective, Goal: results.Min},
	}
	f, b := &results.Table{Name: "front", Columns: cols}, &results.Table{Name: "baselines", Columns: cols}
	for i := range 12 {
		x := float64(i + 1)
		label := ""
		if i == 3 {
			label = "knee"
		}
		f.Add(label, 0.5+1/x, 0.01*x*x, 40/x)
	}
	b.Add("SRAM 2 MiB", 1.2, 0.08, 2)
	return f, b
}

func figures(t *testing.T) map[string]*Figure {
	t.Helper()
	out := map[string]*Figure{}
	keep := func(name string, f *Figure, err error) {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = f
	}
	a, b := front()
	f, err := Pareto(a, b, []string{"energy", "latency", "area"})
	keep("pareto3", f, err)
	f, err = Pareto(a, b, []string{"energy", "latency"})
	keep("pareto2", f, err)
	f, err = Lines("", "capacity (MiB)", "traffic (MB)", true, true, []Series{{Name: "a", X: []float64{1, 10, 100}, Y: []float64{1e4, 3e3, 2}}, {Name: "b", X: []float64{1, 50}, Y: []float64{5, 4}, Points: true}})
	keep("lines", f, err)
	parts := []Part{{Name: "dram", Values: []float64{1, 2}}, {Name: "read", Values: []float64{3, 1}}}
	f, err = StackedBars("", "energy (J)", []string{"SOT", "SRAM"}, parts)
	keep("stacked", f, err)
	f, err = GroupedBars("", "gain", []string{"resnet50", "vgg16"}, parts, []RefLine{{Name: "claim", Value: 2.5}})
	keep("grouped", f, err)
	return out
}

// TestGolden compares the SVG of every figure with the committed one, and
// checks that PNG and PDF are written and PNG bytes repeat.
func TestGolden(t *testing.T) {
	again := figures(t)
	for name, f := range figures(t) {
		var svg, img, twice, pdf bytes.Buffer
		for _, err := range []error{f.WriteSVG(&svg), f.WritePNG(&img), again[name].WritePNG(&twice), f.WritePDF(&pdf)} {
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if !bytes.Equal(img.Bytes(), twice.Bytes()) {
			t.Errorf("%s: two drawings differ", name)
		}
		if _, err := png.Decode(&img); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !bytes.HasPrefix(pdf.Bytes(), []byte("%PDF")) || len(f.Data().Rows) == 0 {
			t.Errorf("%s: no PDF or no data", name)
		}
		golden := filepath.Join("testdata", name+".svg")
		if *update {
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(golden, svg.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(svg.Bytes(), want) {
			t.Errorf("%s: the SVG is not that of %s; -update rewrites it", name, golden)
		}
	}
}

func TestFaults(t *testing.T) {
	a, b := front()
	if _, err := Pareto(a, b, []string{"energy", "speed"}); err == nil {
		t.Error("an unknown objective is accepted")
	}
	if _, err := Pareto(a, b, []string{"energy"}); err == nil {
		t.Error("one objective is accepted")
	}
	if _, err := StackedBars("", "", []string{"a"}, []Part{{Name: "x", Values: []float64{1, 2}}}); err == nil {
		t.Error("two values for one group are accepted")
	}
}
