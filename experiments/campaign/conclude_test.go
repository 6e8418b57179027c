package campaign

import (
	"encoding/csv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"stco/experiments/study/catalog"
	"stco/model"
	"stco/model/device"
	"stco/model/units"
	"stco/results"
	"stco/results/store"
	"stco/results/store/disk"
)

// TestConclusion checks a finished run against SRAM buffers drawn at random from
// its space and evaluated one by one: none dominates a recommended design, none
// is better than the ladder's SRAM buffer of its area, and the numbers of the CSV
// files are those of the tables the verdict is made of.
func TestConclusion(t *testing.T) {
	dir := complete(t)
	run, err := store.Open(disk.OS{}, dir)
	if err != nil {
		t.Fatal(err)
	}
	table := func(name string) *results.Table {
		t.Helper()
		tab, err := run.ReadTable(name)
		if err != nil {
			t.Fatal(err)
		}
		return tab
	}
	get := func(tab *results.Table, row int, name string) float64 {
		t.Helper()
		c, err := tab.Index(name)
		if err != nil {
			t.Fatal(err)
		}
		return tab.Rows[row][c]
	}
	front, ladder := table("front"), table("ladder")
	m, err := model.New(catalog.Builtin(), parse(t).Setup)
	if err != nil {
		t.Fatal(err)
	}
	e, err := m.NewEvaluator()
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // reproducible
	pick := func(list ...float64) float64 { return list[rng.IntN(len(list))] }
	labelled, beaten, feasible := 0, 0, 0
	dominated, err := front.Index("dominated_by")
	if err != nil {
		t.Fatal(err)
	}
	for range 3000 {
		d := model.DefaultDesign()
		d.Technology, d.Hybrid = device.SRAM, false
		for _, k := range m.Catalog.Knobs() {
			switch k.Name {
			case "capacity":
				k.Set(&d, pick(0.5, 1, 1.5, 2, 3, 4, 6, 8)*(1<<20))
			case "banks":
				k.Set(&d, pick(1, 2, 4, 8, 12, 16, 24, 32))
			case "word":
				k.Set(&d, pick(64, 128, 256, 512, 1024, 2048))
			case "flavour":
				k.Set(&d, pick(0, 1, 2))
			case "read_bus":
				k.Set(&d, 4096)
			case "write_bus":
				k.Set(&d, 2048)
			case "clock":
				k.Set(&d, 1e9)
			}
		}
		var r model.Report
		if err := e.Evaluate(&d, &r); err != nil || !r.Feasible() {
			continue
		}
		feasible++
		energy, latency, area := r.Energy, r.Latency, float64(r.Area())*1e6
		for i := range front.Rows {
			if label := front.LabelOf(i); label != "" && !strings.HasPrefix(label, "dominated") {
				labelled++
				if energy <= get(front, i, "energy") && latency <= get(front, i, "latency") && area <= get(front, i, "area") {
					t.Fatalf("%s of %v J, %v s, %v mm2 loses to an SRAM buffer of %v J, %v s, %v mm2", label, get(front, i, "energy"), get(front, i, "latency"), get(front, i, "area"), energy, latency, area)
				}
			}
			if front.Text(i, dominated) == "" && energy < get(front, i, "energy") && latency < get(front, i, "latency") && area < get(front, i, "area") {
				t.Fatalf("design %d is not marked as dominated", i+1)
			}
			if front.Text(i, dominated) != "" {
				beaten++
			}
		}
		for i := range ladder.Rows {
			if area > get(ladder, i, "area_budget") {
				continue
			}
			if own := get(ladder, i, "sram_energy") * get(ladder, i, "sram_latency"); energy*latency < own*(1-1e-12) {
				t.Fatalf("within %v mm2 an SRAM buffer of %v has less energy-delay product than the ladder's %v", ladder.Rows[i][0], energy*latency, own)
			}
		}
	}
	t.Logf("%d feasible SRAM buffers, %d comparisons with labelled designs, %d rows, %s", feasible, labelled, len(ladder.Rows), units.Format(get(front, 0, "energy"), units.DimEnergy))
	if feasible < 500 || labelled+beaten == 0 || len(ladder.Rows) < 2 {
		t.Error("nothing was compared")
	}
	rows, err := readCSV(filepath.Join(dir, "ladder.csv"))
	if err != nil || len(rows) != len(ladder.Rows)+1 {
		t.Fatalf("ladder.csv: %d rows, %v", len(rows), err)
	}
	for i := range ladder.Rows {
		v, err := strconv.ParseFloat(rows[i+1][0], 64)
		if err != nil || v != ladder.Rows[i][0] {
			t.Errorf("ladder.csv: budget %s, want %v", rows[i+1][0], ladder.Rows[i][0])
		}
	}
	verdict, err := readCSV(filepath.Join(dir, "verdict.csv"))
	if err != nil || len(verdict) < 3 || verdict[1][0] != table("verdict").Text(0, 0) {
		t.Errorf("verdict.csv: %q, %v", verdict, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "ladder.csv.json")); err != nil {
		t.Error(err)
	}
}

func readCSV(path string) ([][]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return csv.NewReader(f).ReadAll()
}
