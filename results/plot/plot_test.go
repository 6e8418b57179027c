package plot

import (
	"bytes"
	"flag"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"stco/results"
	"stco/results/csv"
	"stco/results/store"
)

var (
	update = flag.Bool("update", false, "rewrite the golden files")
	look   = flag.String("look", "", "directory to write every figure to, as PNG and PDF")
)

// front is a front of three objectives over a range as the tool finds it, and
// three baselines.
func front() (*results.Table, *results.Table) {
	cols := []results.Column{
		{Name: "mtj_diameter", Unit: "nm", Kind: results.Parameter},
		{Name: "material", Kind: results.Parameter, Choices: []string{"beta-W", "Pt", "BiSb"}},
		{Name: "capacity", Unit: "B", Kind: results.Parameter},
		{Name: "energy_J", Unit: "J", Kind: results.Objective, Goal: results.Min},
		{Name: "latency", Unit: "s", Kind: results.Objective, Goal: results.Min},
		{Name: "area", Unit: "mm2", Kind: results.Objective, Goal: results.Min},
		{Name: "write_error", Kind: results.Constraint},
	}
	f, b := &results.Table{Name: "front", Columns: cols}, &results.Table{Name: "baselines", Columns: cols}
	for i := range 60 {
		u := float64(i) / 59
		v := math.Mod(float64(i)*0.618, 1)
		f.Add("", 30+40*v, float64(i%3), math.Exp2(20+math.Floor(9*u)), 0.35+0.9*(1-u)*(1-u)*(1-u)+0.12*v, 0.036+0.03*u*u+0.01*(1-v), 4+90*u*(0.4+0.6*v), math.Pow(10, -9-4*v))
	}
	f.SetLabel(results.Knee(f), "knee")
	b.Add("SRAM iso-capacity, 64 MiB", math.NaN(), math.NaN(), 64<<20, 1.9, 0.0391, 48.25, math.NaN())
	b.Add("SRAM iso-area, 24 MiB", math.NaN(), math.NaN(), 24<<20, 1.58, 0.0405, 17.9, math.NaN())
	b.Add("SRAM 2 MiB", math.NaN(), math.NaN(), 2<<20, 2.6, 0.0933, 1.6, math.NaN())
	return f, b
}

// capacities are the buffer sizes of a traffic curve and the traffic of a
// network that keeps part of its working set on chip.
func traffic(total, compulsory, knee float64) (x, y []float64) {
	for c := 1.0; c <= 512; c *= 2 {
		x = append(x, c)
		y = append(y, compulsory+(total-compulsory)*max(0, 1-math.Log2(c)/math.Log2(knee)))
	}
	return x, y
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
	f, err := Pareto(a, b, b, []string{"energy", "latency", "area"})
	keep("pareto3", f, err)
	two := &results.Table{Name: "front", Columns: a.Columns}
	for i := range 25 {
		u := float64(i) / 24
		two.Add("", 40, 0, 1<<26, 0.4+0.8*(1-u)*(1-u), 0.05, 3*math.Pow(40, u), 1e-12)
	}
	two.SetLabel(results.Knee(two), "knee")
	two.SetLabel(0, "smallest area")
	f, err = Pareto(two, b, nil, []string{"energy", "area"})
	keep("pareto2", f, err)
	f, err = Pareto(two.Pick([]int{3}, nil), nil, nil, []string{"energy", "area"})
	keep("pareto1", f, err)

	var series []Series
	for _, n := range []struct {
		name                    string
		total, compulsory, knee float64
		at                      int
	}{{"ResNet-50, training, batch 32", 41000, 900, 300, 8}, {"ResNet-50, inference, batch 1", 260, 52, 9, 3}, {"BERT-base, training, batch 8", 22000, 2400, 130, 7}} {
		x, y := traffic(n.total, n.compulsory, n.knee)
		series = append(series, Series{Name: n.name, X: x, Y: y, Marks: []int{n.at}, MarkName: "knee", Level: n.compulsory, LevelName: "compulsory traffic"})
	}
	f, err = Lines("", "buffer capacity (MiB)", "DRAM traffic (MB)", true, true, series)
	keep("lines", f, err)

	var seeds []Series
	for k, name := range []string{"genetic", "Sobol", "random"} {
		s := Series{Name: name}
		for e := 500.0; e <= 25000; e += 500 {
			v := 0.9 - 0.05*float64(k) - 0.5*math.Exp(-e/(2000+3000*float64(k)))
			s.X, s.Y = append(s.X, e), append(s.Y, v)
			s.Low, s.High = append(s.Low, v-0.03/(1+e/5000)), append(s.High, v+0.02/(1+e/5000))
		}
		seeds = append(seeds, s)
	}
	f, err = Lines("", "evaluations", "hypervolume", false, false, seeds, RefLine{Name: "exact front", Value: 0.92})
	keep("bands", f, err)
	gens := &results.Table{Name: "cv-training-seed1", Columns: store.GenerationTable("", nil, nil).Columns}
	for i := range 40 {
		gens.Add("", float64(i+1), float64(250*(i+1)), 0, 3, 10, 0.8-0.5/float64(i+1), 0)
	}
	f, err = Convergence(gens)
	keep("convergence", f, err)
	f, err = Lines("", "write current (µA)", "write error", false, true, []Series{
		{Name: "1 ns", X: []float64{40, 50, 60, 70}, Y: []float64{1e-1, 1e-4, 1e-8, 1e-13}},
		{Name: "2 ns", X: []float64{40, 50, 60, 70}, Y: []float64{1e-2, 1e-6, 1e-11, 0}},
		{Name: "measured", X: []float64{45, 55}, Y: []float64{1e-3, 1e-5}, Points: true},
	})
	keep("errors", f, err)

	parts := []Part{
		{Name: "DRAM", Values: []float64{0.21, 0.24, 0.33, 0.62}},
		{Name: "buffer read", Values: []float64{0.08, 0.14, 0.11, 0.05}},
		{Name: "buffer write", Values: []float64{0.09, 0.1, 0.08, 0.03}},
		{Name: "buffer leakage", Values: []float64{0.002, 0.9, 0.33, 0.02}},
		{Name: "MAC array", Values: []float64{0.3, 0.3, 0.3, 0.3}},
		{Name: "registers", Values: []float64{0.05, 0.05, 0.05, 0.05}},
	}
	f, err = StackedBars("", "energy of an iteration (J)", []string{"SOT-MRAM knee", "SRAM iso-capacity", "SRAM iso-area", "SRAM 2 MiB"}, parts)
	keep("stacked", f, err)
	nan := math.NaN()
	f, err = GroupedBars("", "energy gain over the baseline", []string{"ResNet-50", "VGG-16", "MobileNetV2", "ViT-B/16"},
		[]Part{{Name: "iso-capacity", Values: []float64{3.2, 2.9, 4.1, 3.3}}, {Name: "iso-area", Values: []float64{2.1, 2.0, 2.8, 2.2}}, {Name: "2 MiB", Values: []float64{5.9, 4.4, 7.2, nan}}},
		[]RefLine{{Name: "paper", Values: []float64{8, 6, nan, nan}}, {Name: "no gain", Value: 1}})
	keep("grouped", f, err)
	f, err = GroupedBars("", "gain", []string{"a", "b"}, []Part{{Name: "x", Values: []float64{1, 2}}, {Name: "y", Values: []float64{3, 0}}}, nil)
	keep("grouped-small", f, err)
	f, err = GroupedBars("", "total Sobol index", []string{"a", "b"}, []Part{
		{Name: "energy", Values: []float64{0.5, 0.25}, Low: []float64{0.375, -0.125}, High: []float64{0.75, 0.5}},
		{Name: "latency", Values: []float64{0.125, nan}, Low: []float64{0, nan}, High: []float64{0.25, nan}},
	}, nil)
	keep("whiskers", f, err)
	cells := make([][]GainCell, 7)
	for i := range cells {
		for k, gain := range []float64{0.3, 0.7, 0.9, 1, 1.1, 1.5, 4} {
			cells[i] = append(cells[i], GainCell{Gain: gain * (1 + 0.05*float64(i)), Note: []string{"SOT", "STT"}[(i+k)%2]})
		}
	}
	cells[2][3].Gain = nan
	f, err = GainMap("operations a byte", "capacity (MiB)", "gain", []string{"50 phone", "100 phone hot", "200 soc", "400 soc hot", "853 soc", "1000 server", "2000 server hot"},
		[]string{"1", "2", "4", "8", "16", "32", "64"}, cells)
	keep("gainmap", f, err)
	f, err = GainMap("operations a byte", "capacity (MiB)", "gain", []string{"853"}, []string{"1", "2", "4"}, [][]GainCell{{{Gain: 0.3}, {Gain: 1.5}, {Gain: nan}}})
	keep("gainmap1", f, err)
	f, err = Parallel(a, []string{"energy", "latency", "area", "capacity", "mtj_diameter", "material", "write_error"})
	keep("parallel", f, err)
	return out
}

// TestGolden compares the SVG and the data of every figure with the committed
// ones, and wants the same bytes of PNG and PDF from a second drawing.
func TestGolden(t *testing.T) {
	again := figures(t)
	for name, f := range figures(t) {
		var svg, img, img2, pdf, pdf2, data bytes.Buffer
		for _, err := range []error{f.WriteSVG(&svg), f.WritePDF(&pdf), again[name].WritePDF(&pdf2), csv.Write(&data, f.Data())} {
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		// Pixels take long: two figures stand for all.
		if name == "pareto3" || name == "grouped" || *look != "" {
			if err := f.WritePNG(&img); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if err := again[name].WritePNG(&img2); err != nil || !bytes.Equal(img.Bytes(), img2.Bytes()) {
				t.Errorf("%s: two drawings differ as PNG: %v", name, err)
			}
			if _, err := png.Decode(bytes.NewReader(img.Bytes())); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if !bytes.Equal(pdf.Bytes(), pdf2.Bytes()) {
			t.Errorf("%s: two drawings differ as PDF", name)
		}
		if n := bytes.Count(pdf.Bytes(), []byte("(D:20000101000000)")); n != 2 || bytes.Count(pdf.Bytes(), []byte("(D:")) != n {
			t.Errorf("%s: the PDF carries the time of its drawing", name)
		}
		if *look != "" {
			for ext, b := range map[string][]byte{".png": img.Bytes(), ".pdf": pdf.Bytes()} {
				if err := os.WriteFile(filepath.Join(*look, name+ext), b, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
		if !bytes.HasPrefix(pdf.Bytes(), []byte("%PDF")) || len(f.Data().Rows) == 0 {
			t.Errorf("%s: no PDF or no data", name)
		}
		for ext, got := range map[string][]byte{".svg": svg.Bytes(), ".csv": data.Bytes()} {
			golden := filepath.Join("testdata", name+ext)
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s is not that of %s; -update rewrites it", name, golden)
			}
		}
	}
}

func TestFaults(t *testing.T) {
	a, b := front()
	x := []float64{1, 2}
	for name, draw := range map[string]func() (*Figure, error){
		"unknown objective": func() (*Figure, error) { return Pareto(a, b, nil, []string{"energy", "speed"}) },
		"one objective":     func() (*Figure, error) { return Pareto(a, b, nil, []string{"energy"}) },
		"four objectives":   func() (*Figure, error) { return Pareto(a, b, nil, []string{"energy", "latency", "area", "capacity"}) },
		"baseline without column": func() (*Figure, error) {
			return Pareto(a, b.Pick(nil, []int{0, 3}), nil, []string{"energy", "latency"})
		},
		"x longer than y":  func() (*Figure, error) { return Lines("", "", "", false, false, []Series{{X: x, Y: x[:1]}}) },
		"low without high": func() (*Figure, error) { return Lines("", "", "", false, false, []Series{{X: x, Y: x, Low: x}}) },
		"mark outside": func() (*Figure, error) {
			return Lines("", "", "", false, false, []Series{{X: x, Y: x, Marks: []int{2}}})
		},
		"values and groups": func() (*Figure, error) { return StackedBars("", "", []string{"a"}, []Part{{Name: "x", Values: x}}) },
		"negative part": func() (*Figure, error) {
			return StackedBars("", "", []string{"a"}, []Part{{Name: "x", Values: []float64{-1}}})
		},
		"no groups": func() (*Figure, error) { return StackedBars("", "", nil, []Part{{Name: "x"}}) },
		"no parts":  func() (*Figure, error) { return GroupedBars("", "", []string{"a"}, nil, nil) },
		"line values": func() (*Figure, error) {
			return GroupedBars("", "", []string{"a"}, []Part{{Name: "x", Values: x[:1]}}, []RefLine{{Values: x}})
		},
		"baseline with SRAM without a column": func() (*Figure, error) { return Pareto(a, b, b.Pick(nil, []int{0, 3}), []string{"energy", "latency"}) },
		"whiskers and groups": func() (*Figure, error) {
			return GroupedBars("", "", []string{"a"}, []Part{{Name: "x", Values: x[:1], Low: x, High: x[:1]}}, nil)
		},
		"one end of whiskers": func() (*Figure, error) {
			return GroupedBars("", "", []string{"a"}, []Part{{Name: "x", Values: x[:1], Low: x[:1]}}, nil)
		},
		"no columns": func() (*Figure, error) { return GainMap("x", "y", "gain", nil, []string{"1"}, nil) },
		"no rows":    func() (*Figure, error) { return GainMap("x", "y", "gain", []string{"1"}, nil, [][]GainCell{nil}) },
		"columns missing": func() (*Figure, error) {
			return GainMap("x", "y", "gain", []string{"1", "2"}, []string{"1"}, [][]GainCell{{{Gain: 1}}})
		},
		"cells missing": func() (*Figure, error) {
			return GainMap("x", "y", "gain", []string{"1"}, []string{"1", "2"}, [][]GainCell{{{Gain: 1}}})
		},
		"negative gain": func() (*Figure, error) {
			return GainMap("x", "y", "gain", []string{"1"}, []string{"1"}, [][]GainCell{{{Gain: -1}}})
		},
		"one axis":     func() (*Figure, error) { return Parallel(a, []string{"energy"}) },
		"unknown axis": func() (*Figure, error) { return Parallel(a, []string{"energy", "speed"}) },
	} {
		if _, err := draw(); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// TestAnyNumbers draws whatever numbers come, without a panic.
func TestAnyNumbers(t *testing.T) {
	number := rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, -1, 1, 1e-300, 1e300, math.NaN(), math.Inf(1), math.Inf(-1)}))
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 6).Draw(t, "n")
		tab := &results.Table{Name: "t", Columns: []results.Column{
			{Name: "a", Unit: "J", Kind: results.Objective}, {Name: "b", Unit: "B", Kind: results.Objective, Goal: results.Max}, {Name: "c", Kind: results.Objective},
		}}
		var s Series
		for range n {
			tab.Add(rapid.SampledFrom([]string{"", "knee"}).Draw(t, "label"), number.Draw(t, "a"), number.Draw(t, "b"), number.Draw(t, "c"))
			s.X, s.Y = append(s.X, number.Draw(t, "x")), append(s.Y, number.Draw(t, "y"))
		}
		objectives := []string{"a", "b", "c"}[:rapid.IntRange(2, 3).Draw(t, "objectives")]
		for _, draw := range []func() (*Figure, error){
			func() (*Figure, error) { return Pareto(tab, tab, tab, objectives) },
			func() (*Figure, error) { return Parallel(tab, objectives) },
			func() (*Figure, error) {
				return Lines("", "x", "y", rapid.Bool().Draw(t, "log x"), rapid.Bool().Draw(t, "log y"), []Series{s})
			},
		} {
			f, err := draw()
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if err := f.WriteSVG(&b); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(b.String(), "NaN") || strings.Contains(b.String(), "Inf") {
				t.Fatal("a coordinate is not a number")
			}
		}
	})
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		log    bool
		want   string
	}{
		{0, 10, false, "0 2 4 6 8 10"},
		{0.31, 0.49, false, "0.35 0.4 0.45"},
		{-1, 1, false, "-1 -0.5 0 0.5 1"},
		{0, 25000, false, "0 5000 10000 15000 20000 25000"},
		{0, 3e-9, false, "0 5×10⁻¹⁰ 10⁻⁹ 1.5×10⁻⁹ 2×10⁻⁹ 2.5×10⁻⁹ 3×10⁻⁹"},
		{1, 100, true, "1 2 5 10 20 50 100"},
		{3, 4000, true, "10 100 1000"},
		{1e-15, 1, true, "10⁻¹⁵ 10⁻¹² 10⁻⁹ 10⁻⁶ 10⁻³ 10⁰"},
		{30, 70, true, "30 40 50 60 70"},
	} {
		ticks := linearTicks(c.lo, c.hi)
		if c.log {
			ticks = logTicks(c.lo, c.hi)
		}
		var got []string
		for _, tick := range ticks {
			if tick.Label != "" {
				got = append(got, tick.Label)
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%v to %v: %s, want %s", c.lo, c.hi, s, c.want)
		}
	}
}

func TestClassify(t *testing.T) {
	tab := &results.Table{Columns: []results.Column{{Name: "area", Unit: "mm2", Kind: results.Objective}}}
	for _, v := range []float64{5, 1, 1, 1, 2, 8, 8, math.NaN(), 9} {
		tab.Add("", v)
	}
	var got []string
	total := 0
	for _, c := range classify(tab, 0) {
		got = append(got, c.name)
		total += len(c.rows)
	}
	if want := []string{"1", "2", "5–8", "9"}; !slices.Equal(got, want) || total != 8 {
		t.Errorf("%v with %d rows, want %v with 8", got, total, want)
	}
}

func BenchmarkPareto(b *testing.B) {
	a, base := front()
	for b.Loop() {
		f, err := Pareto(a, base, nil, []string{"energy", "latency", "area"})
		if err != nil {
			b.Fatal(err)
		}
		if err := f.WritePNG(&bytes.Buffer{}); err != nil {
			b.Fatal(err)
		}
	}
}

// TestGainClasses: ratios next to the bounds of the classes, and what lies far away.
func TestGainClasses(t *testing.T) {
	for gain, want := range map[float64]int{0: 0, 0.499: 0, 0.5: 1, 0.799: 1, 0.8: 2, 0.979: 2, 0.98: 3, 1: 3, 1.019: 3, 1.02: 4, 1.249: 4, 1.25: 5, 1.99: 5, 2: 6, math.Inf(1): 6} {
		if got := classOf(gain); got != want {
			t.Errorf("%g is in class %d, want %d", gain, got, want)
		}
	}
}
