package literature

import (
	"context"
	"encoding/csv"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"

	"stco/experiments/baselines"
	"stco/experiments/reproduction"
	"stco/model"
	"stco/model/units"
	"stco/results"
)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9*max(1, math.Abs(b)) }

// TestLines: every figure has a source, a setting and a measure that the model
// has.
func TestLines(t *testing.T) {
	known, err := lines()
	if err != nil {
		t.Fatal(err)
	}
	if len(known) < 13 {
		t.Errorf("%d figures", len(known))
	}
	have := gains(report(1, 1, 1), map[string]*baselines.Baseline{"iso-capacity": base(1, 1, 1), "iso-capacity hp": base(1, 1, 1), "iso-area hp": base(1, 1, 1)})
	for name := range beside(report(1, 1, 1), report(1, 1, 1)) {
		have[name] = 0
	}
	accessed, err := traffic()
	if err != nil || len(accessed) != 4 {
		t.Fatal(accessed, err)
	}
	have["area_reduction_array"] = 0
	for _, a := range accessed {
		have["power_gain_"+a.name] = 0
	}
	list := settings(&reproduction.Setting{})
	for i := range known {
		k := &known[i]
		if _, ok := have[k.measure]; !ok || !slices.ContainsFunc(list, func(x setting) bool { return x.of(k.study) }) || k.source == "" || k.alike == "" || k.other == "" || k.unit == "" {
			t.Errorf("%+v", k)
		}
	}
}

func report(energy, latency float64, area units.Area) *model.Report {
	r := &model.Report{Energy: energy, Latency: latency, MemoryEnergy: energy / 2, MemoryLatency: latency, AveragePower: energy / latency}
	r.Array.Area.Total, r.Device.Area = area, area
	return r
}

func base(energy, latency float64, area units.Area) *baselines.Baseline {
	return &baselines.Baseline{Report: *report(energy, latency, area)}
}

// TestGains by hand: SRAM of 6 J, 2 s and 4 m^2 beside 4 J, 1 s and 1 m^2.
func TestGains(t *testing.T) {
	own := report(4, 1, 1)
	got := gains(own, map[string]*baselines.Baseline{"iso-capacity": base(6, 2, 4), "iso-capacity hp": base(12, 2, 4), "iso-area hp": base(8, 1, 1)})
	for name, want := range map[string]float64{"edp_gain_memory": 3, "edp_gain_memory_hp": 6, "edp_gain_iso_area_hp": 2, "area_reduction": 4, "area_saving": 75, "power_saving": 100 * (1 - 4.0/3), "energy_efficiency": 50} {
		if !near(got[name], want) {
			t.Errorf("%s: %g, want %g", name, got[name], want)
		}
	}
	if len(gains(own, nil)) != 0 {
		t.Error("gains over nothing")
	}
	other := report(1, 1, 4)
	own.Array.Read.Total, other.Array.Read.Total = 5e-9, 1e-9
	own.Array.ReadPerBit, other.Array.ReadPerBit = 6, 2
	for name, want := range map[string]float64{"cell_saving": 75, "read_added": 4, "read_energy_ratio": 3} {
		if got := beside(own, other)[name]; !near(got, want) {
			t.Errorf("%s: %g, want %g", name, got, want)
		}
	}
}

// TestPower by hand: 3 words read and 2 written a second, 64 bit each, beside
// leakage.
func TestPower(t *testing.T) {
	r := &model.Report{}
	r.Array.Leakage, r.Array.ReadPerBit, r.Array.WritePerBit = 1, 0.01, 0.1
	if got := (&accesses{reads: 3, writes: 2}).power(r); !near(got, 1+64*(0.03+0.2)) {
		t.Error(got)
	}
	all, err := traffic()
	if err != nil || all[1].reads != 45*4.7e6 || all[3].writes != 45*2.4e6 || all[0].writes != 0 {
		t.Error(all, err)
	}
}

// TestBetween by hand: of two powers one lies between those of the cells; an area
// does not count.
func TestBetween(t *testing.T) {
	m := results.NewList("published", "study:text", "measure:text", "theirs:mixed", "ours:mixed")
	for _, v := range []struct {
		measure string
		a, b, x float64
	}{{"power_gain_a", 10, 5, 7}, {"power_gain_b", 3, 1, 4}, {"area_reduction_array", 10, 2, 5}} {
		m.Append("N (optimistic cell)", v.measure, v.a, v.x)
		m.Append("N (pessimistic cell)", v.measure, v.b, v.x)
	}
	m.Append("other", "power_gain_a", 1.0, 1.0)
	if all, inside := between(m); all != 2 || inside != 1 {
		t.Errorf("%d of %d", inside, all)
	}
}

// TestPublished: the ratio is that of the figures, and a selector above the cell
// costs time.
func TestPublished(t *testing.T) {
	r, err := Published().Run(context.Background(), &reproduction.Setting{Seed: 3, Small: true, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Complete(); err != nil {
		t.Error(err)
	}
	m := r.Tables[0]
	v := func(row int, name string) float64 { return m.Rows[row][reproduction.Column(m, name)] }
	if len(m.Rows) != 15 || len(r.Claims) != 15 {
		t.Fatalf("%d rows, %d claims", len(m.Rows), len(r.Claims))
	}
	for row := range m.Rows {
		if !near(v(row, "ours_over_theirs")*v(row, "theirs"), v(row, "ours")) {
			t.Errorf("row %d: %g x %g is not %g", row, v(row, "ours_over_theirs"), v(row, "theirs"), v(row, "ours"))
		}
	}
	// A search as short as this one finds cells of either sign; its reads are always slower.
	if saved, added := v(reproduction.Row(m, "", "cell_saving"), "ours"), v(reproduction.Row(m, "", "read_added"), "ours"); !(saved < 100 && added > 1) {
		t.Errorf("a selector saves %g %% and adds %g ns", saved, added)
	}
}

// TestSelector: what the full search finds is inside the published ranges.
func TestSelector(t *testing.T) {
	file, err := os.Open("../../../docs/reproduction/published/published.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows := csv.NewReader(file)
	rows.Comment, rows.FieldsPerRecord = '#', -1
	all, err := rows.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, row := range all {
		for measure, ends := range map[string][2]float64{"cell_saving": {10, 40}, "read_added": {3, 5}} {
			if row[1] != measure {
				continue
			}
			found++
			if v, err := strconv.ParseFloat(row[3], 64); err != nil || v < ends[0] || v > ends[1] {
				t.Errorf("%s: %s, published %g to %g", measure, row[3], ends[0], ends[1])
			}
		}
	}
	if found != 2 {
		t.Errorf("%d figures of the selector", found)
	}
}
