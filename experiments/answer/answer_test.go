package answer

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"stco/model/units"
	"stco/results"
)

// buffers is a table of designs: technology, capacity, energy, latency, area.
func buffers(objectives string, rows ...[]any) *results.Table {
	t := results.NewList("designs", "technology:text", "flavour:text", "capacity [MiB]", "energy [J]", "latency [s]", "area [mm2]", "pulse [ns]", "id:text")
	for i := range t.Columns {
		if name := t.Columns[i].Name; strings.Contains(objectives, name) {
			t.Columns[i].Kind, t.Columns[i].Goal = results.Objective, results.Min
		}
	}
	for i, r := range rows {
		flavour := "lop"
		t.Append(r[0], flavour, r[1], r[2], r[3], r[4], float64(i), fmt.Sprintf("%v%d", r[0], i))
	}
	return t
}

func TestDominated(t *testing.T) {
	sram := buffers("energy latency area", []any{"sram", 1, 1.0, 1.0, 1.0}, []any{"sram", 2, 0.5, 0.5, 2.0})
	front := buffers("energy latency area",
		[]any{"sot", 1, 1.0, 1.0, 1.0},        // equal: not dominated
		[]any{"sot", 1, 1.0, 1.0, 1.1},        // by the first
		[]any{"sot", 4, 0.5, 0.6, 3.0},        // by the second
		[]any{"sot", 4, 0.4, 0.6, 3.0},        // less energy than any
		[]any{"sot", 1, 2.0, 2.0, 0.9},        // smaller than any
		[]any{"sot", 1, math.NaN(), 2.0, 9.0}, // not compared
	)
	by, err := Dominated(front, sram)
	if err != nil || !slices.Equal(by, []int{-1, 0, 1, -1, -1, -1}) {
		t.Errorf("%v, %v", by, err)
	}
	free, err := Mark(front, sram)
	if err != nil || !slices.Equal(free, []int{0, 3, 4, 5}) || !slices.Equal(Undominated(front), free) {
		t.Errorf("%v, %v", free, err)
	}
	if c, err := front.Index(DominatedColumn); err != nil || front.Text(2, c) != "SRAM lop 2 MiB" || front.Text(0, c) != "" {
		t.Errorf("%v", err)
	}
	// A larger goal turns the comparison.
	for i := range front.Columns {
		if front.Columns[i].Name == "energy" {
			front.Columns[i].Goal = results.Max
		}
	}
	if by, _ := Dominated(front, sram); by[3] != 0 && by[3] != 1 || by[4] != -1 {
		t.Errorf("%v", by)
	}
}

// TestKnee: in the frame of SRAM, decades of energy and area, the middle of a
// front in logarithms; the frame does not move with the rows.
func TestKnee(t *testing.T) {
	sram := buffers("energy area", []any{"sram", 1, 1.0, 1.0, 100.0}, []any{"sram", 1, 100.0, 1.0, 1.0})
	front := buffers("energy area", []any{"sot", 1, 1.0, 1.0, 50.0}, []any{"sot", 1, 3.0, 1.0, 3.0}, []any{"sot", 1, 50.0, 1.0, 1.0}, []any{"sot", 1, 1e4, 1.0, 0.9})
	// Sums of decades over 2: 0.85, 0.477, 0.85, 1.98.
	if k := Knee(front, []int{0, 1, 2, 3}, sram); k != 1 {
		t.Errorf("knee %d", k)
	}
	if k := Knee(front, []int{0, 2, 3}, sram); k != 0 {
		t.Errorf("knee without the middle %d", k)
	}
	if k := Knee(front, nil, sram); k != -1 {
		t.Errorf("knee of nothing %d", k)
	}
}

// TestLadder is worked by hand.
func TestLadder(t *testing.T) {
	sram := buffers("energy", []any{"sram", 1, 2.0, 3.0, 0.8}, []any{"sram", 2, 2.0, 2.0, 1.6}, []any{"sram", 4, 1.0, 2.0, 3.2}, []any{"sram", 8, 1.0, 1.0, 20.0})
	found := buffers("energy", []any{"sot", 2, 2.0, 4.0, 0.9}, []any{"sot", 4, 1.0, 3.0, 1.9}, []any{"sot", 8, 1.0, 1.6, 3.6}, []any{"stt", 8, 0.8, 2.0, 5.0})
	l, err := Ladder(found, sram, Plain())
	if err != nil {
		t.Fatal(err)
	}
	want := []map[string]float64{
		{"area_budget": 1, "sram_capacity": 1, "sot_capacity": 2, "sot_energy_gain": 1, "sot_latency_gain": 0.75, "sot_edp_gain": 0.75, "sot_area_gain": 0.8 / 0.9},
		{"area_budget": 2, "sram_capacity": 2, "sot_capacity": 4, "sot_energy_gain": 2, "sot_latency_gain": 2.0 / 3, "sot_edp_gain": 4.0 / 3, "sot_area_gain": 3.2 / 1.9},
		{"area_budget": 4, "sram_capacity": 4, "sot_capacity": 8, "sot_energy_gain": 1, "sot_latency_gain": 1.25, "sot_edp_gain": 1.25, "sot_area_gain": 20 / 3.6},
		{"area_budget": 8, "sram_capacity": 4, "sot_capacity": 8, "sot_edp_gain": 1.25, "stt_capacity": 8, "stt_energy_gain": 1.25, "stt_latency_gain": 1, "stt_edp_gain": 1.25},
	}
	if len(l.Rows) != len(want) {
		t.Fatalf("%d rows: %v", len(l.Rows), l.Rows)
	}
	for r := range want {
		for name, v := range want[r] {
			if got := cell(l, r, name); math.Abs(got-v) > 1e-12 {
				t.Errorf("row %d: %s is %v, want %v", r, name, got, v)
			}
		}
	}
	if !math.IsNaN(cell(l, 0, "stt_capacity")) || l.Rows[0][0] != 1 {
		t.Error("an STT buffer of 5 mm2 within 1 mm2")
	}
	if c, _ := l.Index("sot_id"); l.Text(1, c) != "sot1" {
		t.Errorf("id %q", l.Text(1, c))
	}
	for _, c := range []struct {
		least, most float64
		want        []float64
	}{{0.4, 3, []float64{1, 2, 4}}, {5, 16, []float64{8, 16}}, {0.1, 0.3, []float64{0.125, 0.25, 0.5}}, {1, 1, []float64{1}}, {math.Inf(1), 0, nil}} {
		if got := Budgets(c.least, c.most); !slices.Equal(got, c.want) {
			t.Errorf("budgets from %v to %v: %v", c.least, c.most, got)
		}
	}
}

var numbers = regexp.MustCompile(`[0-9]+(\.[0-9]+)?[a-zA-Z]*`)

// TestVerdictNumbers: every number of a verdict is a cell of its ladder, and it
// says that a technology pays where, and only where, a row's gain is worth it.
func TestVerdictNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.Float64Range(0.3, 3)
		designs := func(tech string, n int) (rows [][]any) {
			for range n {
				rows = append(rows, []any{tech, float64(rapid.IntRange(1, 64).Draw(t, "MiB")), value.Draw(t, "J"), value.Draw(t, "s"), math.Exp2(6 * value.Draw(t, "mm2") / 3)})
			}
			return rows
		}
		sram := buffers("energy", designs("sram", rapid.IntRange(1, 6).Draw(t, "sram"))...)
		techs := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"sot", "stt", "hybrid"}), 1, 3, rapid.ID[string]).Draw(t, "techs")
		var rows [][]any
		for _, tech := range techs {
			rows = append(rows, designs(tech, rapid.IntRange(1, 6).Draw(t, tech))...)
		}
		l, err := Ladder(buffers("energy", rows...), sram, Plain())
		if err != nil {
			t.Fatal(err)
		}
		known := map[string]bool{"2": true} // the gain that is none
		for r := range l.Rows {
			for c, col := range l.Columns {
				v := l.Rows[r][c]
				if col.Choices != nil || math.IsNaN(v) {
					continue
				}
				known[strconv.FormatFloat(v, 'g', -1, 64)] = true
				known[strconv.FormatFloat(v, 'f', 2, 64)] = true
				known[units.Format(v, units.DimEnergy)] = true
				known[units.Format(v, units.DimTime)] = true
			}
		}
		sentences := Verdict(l)
		if len(sentences) != len(techs)+1 {
			t.Fatalf("%q", sentences)
		}
		for _, s := range sentences {
			for _, n := range numbers.FindAllString(s, -1) {
				if !known[n] {
					t.Fatalf("%s is no cell of the ladder: %s", n, s)
				}
			}
		}
		for _, tech := range techs {
			pays := false
			for r := range l.Rows {
				pays = pays || cell(l, r, tech+"_edp_gain") >= Worth
			}
			said := slices.ContainsFunc(sentences, func(s string) bool { return strings.HasPrefix(s, capital(speak(tech))+" pays") })
			if said != pays {
				t.Fatalf("%s pays: %v, the verdict: %q", tech, pays, sentences)
			}
		}
	})
}

func TestVerdictOfSRAM(t *testing.T) {
	l, err := Ladder(buffers("energy", []any{"sram", 1, 1.0, 1.0, 1.0}), buffers("energy", []any{"sram", 1, 1.0, 1.0, 1.0}), Plain())
	if err != nil {
		t.Fatal(err)
	}
	if s := Verdict(l); len(s) != 1 || !strings.Contains(s[0], "SRAM alone") {
		t.Errorf("%q", s)
	}
}

func TestDoubts(t *testing.T) {
	front := buffers("energy", []any{"sot", 1, 1.0, 1.0, 1.0}, []any{"sot", 4, 1.0, 1.0, 1.0}, []any{"sot", 16, 1.0, 1.0, 1.0}, []any{"sot", 16, 1.0, 1.0, 1.0})
	bounds := []Range{
		{Name: "technology"}, // one value throughout
		{Name: "capacity", Low: 2, Hi: 16, LowText: "2 MiB", HighText: "16 MiB"},
		{Name: "pulse", Low: 0, Hi: 100, LowText: "0 ns", HighText: "100 ns"},
		{Name: "none", Low: 0, Hi: 1},
	}
	d := Doubts(front, bounds, [][]string{{"thin"}, {"thin", "fast"}, nil, {"thin"}})
	var got []string
	for r := range d.Rows {
		got = append(got, fmt.Sprintf("%s %s %s %g", d.Text(r, 0), d.Text(r, 1), d.Text(r, 2), d.Rows[r][3]))
	}
	want := []string{"one value technology sot 100", "at a bound capacity largest, 16 MiB 50", "at a bound pulse least, 0 ns 25", "warning thin  75", "warning fast  25"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if at := AtBound(front, 2, bounds); !slices.Equal(at, []string{"capacity largest"}) {
		t.Errorf("%q", at)
	}
}

// TestParts: shares are of the design's own total, over all workloads.
func TestParts(t *testing.T) {
	dec := results.NewList("decomposition", "design:text", "workload:text")
	for _, c := range causes() {
		unit := " [J]"
		if c.of == "time" {
			unit = " [s]"
		}
		dec.AddColumn(c.column + unit)
	}
	add := func(design, workload string, dram, mac, compute, wait float64) {
		row := []any{design, workload}
		for _, c := range causes() {
			v := map[string]float64{"energy": dram + mac, "energy_dram": dram, "energy_mac": mac, "latency": compute + wait, "time_compute": compute, "time_dram": wait}[c.column]
			row = append(row, v)
		}
		dec.Append(row...)
	}
	add("knee", "a", 1, 2, 0.5, 0.5)
	add("knee", "b", 2, 3, 0.5, 0.5)
	add("SRAM", "a", 3, 5, 1, 3)
	p, err := Parts(dec)
	if err != nil {
		t.Fatal(err)
	}
	find := func(design, of, cause string) (value, share float64) {
		for r, row := range p.Rows {
			if p.Text(r, 0) == design && p.Text(r, 1) == of && p.Text(r, 2) == cause {
				return row[3], row[5]
			}
		}
		t.Errorf("no %s %s %s", design, of, cause)
		return 0, 0
	}
	if v, s := find("knee", "energy", "DRAM"); v != 3 || s != 37.5 {
		t.Errorf("%v J, %v %%", v, s)
	}
	if v, s := find("SRAM", "time", "waiting for DRAM"); v != 3 || s != 75 {
		t.Errorf("%v s, %v %%", v, s)
	}
	beside := PartsBeside(p)
	if len(beside.Columns) != 4 || len(beside.Rows) != 6 || beside.Text(1, 2) != "3J  37.5 %" {
		t.Errorf("%v %q", beside.Rows, beside.Text(1, 2))
	}
}
