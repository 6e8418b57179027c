package arrays

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"stco/model/tech"
)

func compared(t *testing.T) (*Comparison, []Silicon) {
	t.Helper()
	tables, err := tech.Load()
	if err != nil {
		t.Fatal(err)
	}
	open := func(name string) *os.File {
		f, err := os.Open("../../../testdata/published/" + name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	c, err := Validate(tables, open("array_peers.csv"))
	if err != nil {
		t.Fatal(err)
	}
	macros, err := CompareSilicon(tables, open("array_silicon.csv"))
	if err != nil {
		t.Fatal(err)
	}
	return c, macros
}

// exported returns the exported designs beside the tools they went to.
func exported(t *testing.T) []Export {
	t.Helper()
	tables, err := tech.Load()
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open("../../../testdata/published/array_exports.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	x, err := CompareExports(tables, f)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestBounds holds every figure to its bound or to a numbered deviation, and
// every deviation to something it explains.
func TestBounds(t *testing.T) {
	c, macros := compared(t)
	if len(c.Rows) != 231 || len(macros) < 15 {
		t.Errorf("%d rows of other tools, want 231; %d macros", len(c.Rows), len(macros))
	}
	used := map[int]int{}
	bounded := 0
	judge := func(who string, r *Compared) {
		for q := range NumQuantities {
			if math.IsNaN(r.Band[q][0]) {
				continue
			}
			bounded++
			used[r.Deviation[q]]++
			if r.Deviation[q] == unexplained {
				t.Errorf("%s: %s %.3g outside %.3g..%.3g, ratio %.2f", who, q, r.Figure(q), r.Band[q][0], r.Band[q][1], r.Ratio[q])
			}
		}
	}
	for i := range c.Rows {
		r := &c.Rows[i]
		judge(fmt.Sprintf("line %d, %s %s %s %s %g MiB %s", r.Line, r.Tool, r.Cell, r.Node, r.Flavour, r.CapacityMiB, r.Target), &r.Compared)
	}
	for i := range macros {
		judge(macros[i].Name, &macros[i].Compared)
	}
	exports := exported(t)
	if len(exports) < 12 {
		t.Errorf("%d exported banks", len(exports))
	}
	for i := range exports {
		x := &exports[i]
		judge(fmt.Sprintf("line %d, %s, %g KiB %d bit %s", x.Line, x.Design, x.CapacityMiB*1024, x.WordBits, x.Target), &x.Compared)
	}
	for _, m := range c.Medians {
		if m.Deviation == unexplained {
			t.Errorf("median %s of %s %s %s: %.2f", m.Quantity, m.Tool, m.Cell, m.Node, m.Ratio)
		}
		used[m.Deviation]++
	}
	for _, s := range c.Slopes {
		if s.Deviation == unexplained {
			t.Errorf("slope of %s, %s %s %s %s: %.2f outside %.2f..%.2f", s.Quantity, s.Cell, s.Node, s.Flavour, s.Target, s.Ours, s.Low, s.High)
		}
		used[s.Deviation]++
	}
	text, err := os.ReadFile("../../../docs/deviations-array.md")
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range Deviations() {
		if d.Number != i+1 || used[d.Number] == 0 {
			t.Errorf("deviation %d %q explains nothing or is out of order", d.Number, d.Title)
		}
		if !strings.Contains(string(text), fmt.Sprintf("## A%d. %s", d.Number, strings.ToUpper(d.Title[:1])+d.Title[1:])) {
			t.Errorf("deviation %d %q is not told in docs/deviations-array.md", d.Number, d.Title)
		}
	}
	t.Logf("%d figures bounded; by deviation (0: inside): %v", bounded, used)
}

// TestSameSubarrays holds the medians on the tools' own subarrays, where the
// searches cannot differ, to a factor of two in area, time and energy: SRAM of
// every tool, and magnetic cells of the tools whose amplifiers and pitches no
// deviation names.
func TestSameSubarrays(t *testing.T) {
	c, _ := compared(t)
	held := 0
	for _, m := range c.Medians {
		if math.IsNaN(m.Same) || m.Quantity == QLeakage || m.Cell != "SRAM" && m.Node != roadmapNode {
			continue
		}
		held++
		if m.Same < 0.5 || m.Same > 2 {
			t.Errorf("%s %s %s, own subarrays: %s %.2f", m.Tool, m.Cell, m.Node, m.Quantity, m.Same)
		}
	}
	if held < 40 {
		t.Errorf("%d medians held", held)
	}
}

// TestTrees holds time and energy of the H-tree, on the same subarrays and
// layers, to those of NVSim and DESTINY: the wires by themselves.
func TestTrees(t *testing.T) {
	c, _ := compared(t)
	held := 0
	for _, r := range c.Trees {
		t.Logf("%s %s %s %s: time %.2f, energy %.2f of %d rows", r.Tool, r.Cell, r.Node, r.Flavour, r.Time, r.Energy, r.Rows)
		if r.Node != roadmapNode || r.Flavour != tech.LowOperatingPower {
			continue
		}
		held++
		if r.Time < 0.75 || r.Time > 1.33 || r.Energy < 0.75 || r.Energy > 1.5 {
			t.Errorf("%s %s: H-tree time %.2f, energy %.2f", r.Tool, r.Cell, r.Time, r.Energy)
		}
	}
	if held < 6 {
		t.Errorf("%d H-trees held", held)
	}
}

// TestDeviationsReach: a deviation does not explain a quantity that its reason
// does not touch, nor a ratio beyond its kind.
func TestDeviationsReach(t *testing.T) {
	o := Outside{Tool: "NVSim", Cell: "SRAM", Node: roadmapNode, Target: "Area", CapacityMiB: 64, Quantity: QReadLatency, Ratio: 0.01}
	if n := explain(o); n != 1 {
		t.Errorf("a slow peer with the target area: deviation %d, want 1", n)
	}
	for _, far := range []Outside{
		{Tool: "NVSim", Cell: "SRAM", Node: roadmapNode, Target: "Area", CapacityMiB: 64, Quantity: QReadLatency, Ratio: 20, High: true},
		{Tool: "NVSim", Cell: "SRAM", Node: roadmapNode, Target: "WriteEDP", CapacityMiB: 64, Quantity: QLeakage, Ratio: 2e4, High: true},
		{Tool: "NS-Cache", Cell: "SOT", Node: "7nm", Target: "ReadEDP", CapacityMiB: 64, Quantity: QLeakage, Ratio: 1e-9},
		{Tool: "NS-Cache", Cell: "SRAM", Node: "14nm", Target: "ReadEDP", CapacityMiB: 4, Quantity: QLeakage, Ratio: 1e9, High: true},
	} {
		if n := explain(far); n != unexplained {
			t.Errorf("%+v is explained by deviation %d", far, n)
		}
	}
}

// TestExportsWrong: a row that lacks a figure, or names what there is not, is
// refused with its line.
func TestExportsWrong(t *testing.T) {
	text, err := os.ReadFile("../../../testdata/published/array_exports.csv")
	if err != nil {
		t.Fatal(err)
	}
	tables, err := tech.Load()
	if err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{",sot,": ",tape,", ",22nm-itrs,": ",21nm,", ",111.57,": ",many,", ",ReadEDP,": ",Beauty,", ",350,": ",,"} {
		_, err := CompareExports(tables, strings.NewReader(strings.Replace(string(text), from, to, 1)))
		if err == nil || !strings.Contains(err.Error(), "line 3") {
			t.Errorf("%s: %v", to, err)
		}
	}
}
