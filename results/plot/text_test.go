package plot

import (
	"bytes"
	"strings"
	"testing"

	"stco/results/csv"
)

func TestRuns(t *testing.T) {
	for text, want := range map[string][]run{
		"":         nil,
		"area":     {{"area", false}},
		"mm²":      {{"mm", false}, {"2", true}},
		"5×10⁻¹²":  {{"5×10", false}, {"-12", true}},
		"10⁹ A/m²": {{"10", false}, {"9", true}, {" A/m", false}, {"2", true}},
	} {
		got := runs(text)
		if len(got) != len(want) {
			t.Errorf("%q: %v", text, got)
			continue
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%q: %v", text, got)
			}
		}
	}
	sty := style(textSize)
	if plain, raised := sty.Width("1012"), sty.Width("10¹²"); raised >= plain || raised <= sty.Width("10") {
		t.Errorf("10¹² is %v wide, 1012 %v", raised, plain)
	}
}

// TestPrefixes: axes are in prefixed units, data in the units given.
func TestPrefixes(t *testing.T) {
	draw := map[string]func() (*Figure, error){
		"stacked": func() (*Figure, error) {
			return StackedBars("", "energy (J)", []string{"a", "b"}, []Part{{Name: "read", Values: []float64{2e-6, 3e-6}}, {Name: "buffer write", Values: []float64{1e-6, 5e-6}}})
		},
		"lines": func() (*Figure, error) {
			return Lines("", "time (s)", "energy (J)", false, false, []Series{{Name: "a", X: []float64{1e-9, 3e-9}, Y: []float64{2e-6, 8e-6}}})
		},
	}
	header := map[string]string{"stacked": "group,read_J,buffer_write_J\n", "lines": "series,time_s,energy_J,low_J,high_J,level_J\n"}
	for name, f := range draw {
		fig, err := f()
		if err != nil {
			t.Fatal(err)
		}
		if fig.y != "energy (µJ)" || name == "lines" && fig.x != "time (ns)" {
			t.Errorf("%s: titles %q and %q", name, fig.x, fig.y)
		}
		if y := fig.plot.Y.Max; y < 8 || y > 10 {
			t.Errorf("%s: axis ends at %v µJ", name, y)
		}
		var b bytes.Buffer
		if err := csv.Write(&b, fig.Data()); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(b.String(), header[name]) || !strings.Contains(b.String(), "2e-06") {
			t.Errorf("%s: %s", name, b.String())
		}
	}
	if _, err := StackedBars("", "J", []string{"a"}, []Part{{Name: "x", Values: []float64{1}}, {Name: "x", Values: []float64{1}}}); err == nil {
		t.Error("two parts of one name are accepted")
	}
}
