package contest

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"stco/experiments/reproduction"
	"stco/experiments/reproduction/rivals"
	"stco/model"
	"stco/results"
)

func findings(t *testing.T, e *reproduction.Experiment) *reproduction.Findings {
	t.Helper()
	r, err := e.Run(context.Background(), &reproduction.Setting{Seed: 3, Small: true, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Complete(); err != nil {
		t.Error(err)
	}
	return r
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9*max(1, math.Abs(b)) }

// TestDominant: a point that another list beats is left out, and of equal points
// the second.
func TestDominant(t *testing.T) {
	a := points{{1, 10, 10}, {10, 10, 10}}
	b := points{{10, 1, 10}, {1, 10, 10}, {10, 10, 1}}
	got := dominant([]points{a, b})
	if len(got[0]) != 1 || got[0][0] != a[0] || len(got[1]) != 2 || got[1][0] != b[0] || got[1][1] != b[2] {
		t.Error(got)
	}
}

// TestVolumes by hand, in decades below (10, 10, 10): the box of (1, 1, 5) is 1 x
// 1 x log10 2 and that of (5, 1, 1) log10 2 x 1 x 1, and they share log10 2
// squared.
func TestVolumes(t *testing.T) {
	h := math.Log10(2)
	edge := points{{10, 0.1, 10}, {10, 10, 0.1}, {0.1, 10, 10}} // the reference: no volume of their own
	whole, without := volumes([]points{{{1, 1, 5}}, {{5, 1, 1}}, edge})
	if !near(whole, 2*h-h*h) || !near(without[0], h) || !near(without[1], h) || !near(without[2], whole) {
		t.Errorf("%g, without %v; want %g, %g, %g", whole, without, 2*h-h*h, h, h)
	}
}

// TestShares by hand: three designs of SRAM and two of SOT, of which one is beaten;
// the best products are 8 and 2.
func TestShares(t *testing.T) {
	table := results.NewList("shares", "node:text", "technology:text", "designs", "joint", "below [%]", "middle [%]", "above [%]", "lost [%]", "energy", "latency", "edp", "gain", "area")
	list := []contender{{name: "sram"}, {name: "sot"}, {name: "stt"}}
	addShares(table, "14nm", list, []points{
		{{2, 4, 10e-6}, {4, 3, 15e-6}, {8, 1, 20e-6}},
		{{1, 2, 100e-6}, {8, 4, 12e-6}}, // the second is beaten by (2, 4)
		nil,
	})
	want := [][]float64{
		{3, 3, 100, 100, 0, -1, 2, 1, 8, 1, 10},
		{2, 1, 0, 0, 100, -1, 1, 2, 2, 4, 12},
	}
	for row, w := range want {
		for i, v := range w {
			if got := table.Rows[row][2+i]; v >= 0 && !near(got, v) {
				t.Errorf("row %d, %s: %g, want %g", row, table.Columns[2+i].Name, got, v)
			}
		}
	}
	if v := table.Rows[2]; v[2] != 0 || v[3] != 0 || !math.IsNaN(v[8]) {
		t.Errorf("nothing found: %v", v)
	}
	if lost := table.Rows[0][7]; !(lost > 0 && lost <= 100) {
		t.Errorf("SRAM has %g %% of the volume alone", lost)
	}
}

// TestTally by hand: with the reference at (10, 10, 10) the whole is one cubic
// decade, of which the other way has log10 2.
func TestTally(t *testing.T) {
	edge := points{{10, 0.5, 10}, {10, 10, 0.5}, {0.5, 10, 10}}
	list := []way{{name: "joint"}, {name: "device first"}}
	all1, part := append(points{{1, 1, 1}}, edge...), points{{1, 1, 5}}
	found := []outcome{{all1, 1}, {part, 3}, {all1, 2}, {part, 2}}
	table, all := tally(list, found, 5, 100)
	v := func(row int, name string) float64 { return table.Rows[row][reproduction.Column(table, name)] }
	h := 100 * math.Log10(2)
	for _, c := range []struct {
		got, want float64
		what      string
	}{
		{v(0, "hypervolume"), 100, "joint"},
		{v(1, "hypervolume"), h, "device first"},
		{v(1, "joint_wins_hypervolume"), 2, "wins"},
		{v(1, "joint_wins_edp"), 1, "wins in product"},
		{v(1, "least_edp"), 2, "median of 2 and 3"},
		{v(1, "least_edp_high"), 3, "most"},
		{v(1, "joint_edp_gain"), 2, "2 over 1"},
		{v(0, "joint_wins_hypervolume"), 0, "over itself"},
	} {
		if !near(c.got, c.want) {
			t.Errorf("%s: %g, want %g", c.what, c.got, c.want)
		}
	}
	if len(all.Rows) != 4 || all.Rows[2][1] != 6 {
		t.Errorf("%d rows, seed %g", len(all.Rows), all.Rows[2][1])
	}
}

// TestFixed: with the cell free every knob of the buffer is held, and none of the
// cell, and the other way round.
func TestFixed(t *testing.T) {
	run := iteration(&reproduction.Setting{Small: true})
	c, err := rivals.New(jointText(&run), "machine=soc", "schedule=layer")
	if err != nil {
		t.Fatal(err)
	}
	d := model.DefaultDesign()
	d.Capacity, d.MTJDiameter = 8<<20, 50e-9
	cell, system := strings.Join(fixed(c, &d, true), " "), strings.Join(fixed(c, &d, false), " ")
	for text, in := range map[string]bool{"capacity=8MiB": true, "banks=64": true, "flavour=lop": true, "mtj_diameter=50nm": false, "material=beta-w-co": false, "pulse=2ns": false} {
		if strings.Contains(cell, text) != in || strings.Contains(system, text) == in {
			t.Errorf("%s: %q, %q", text, cell, system)
		}
	}
	one, err := c.With(fixed(c, &d, false)...)
	if err != nil {
		t.Fatal(err)
	}
	f, err := one.Search(context.Background(), rivals.Effort{Evaluations: 200, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i := range f.Members {
		if m := &f.Members[i].Design; m.MTJDiameter != d.MTJDiameter || m.Pulse != d.Pulse {
			t.Errorf("the cell moved: %+v", m)
		}
	}
}

// TestRun: shares of a place add up to 100, and no technology has more than all.
func TestRun(t *testing.T) {
	m := findings(t, Technology()).Tables[0]
	sum := 0.0
	for row := range m.Rows {
		sum += m.Rows[row][reproduction.Column(m, "share_below_16mm2")]
		if on, all := m.Rows[row][reproduction.Column(m, "on_joint_front")], m.Rows[row][reproduction.Column(m, "designs")]; on > all || all == 0 {
			t.Errorf("row %d: %g of %g", row, on, all)
		}
	}
	if !near(sum, 100) {
		t.Errorf("shares add up to %g", sum)
	}
	ways := findings(t, Joint()).Tables[0]
	for row := range ways.Rows {
		if h := ways.Rows[row][reproduction.Column(ways, "hypervolume_high")]; h > 100 || row == 0 && !(h > 0) {
			t.Errorf("row %d: %g %%", row, h)
		}
	}
}

// TestSystem: both buffers fit the area and carry the same code, a larger area
// never gives a worse buffer, and the gains are those of the means by hand.
func TestSystem(t *testing.T) {
	s := &reproduction.Setting{Seed: 3, Small: true, Workers: 2}
	x := seat{rivals.Iteration{Network: "squeezenet1_1", Family: "cv", Batch: 1}, "soc"}
	found, err := x.compete(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	for k, m := range x.rooms(s) {
		c := &found[k]
		if m.capacity != "" { // SRAM as it ships, and no larger SOT buffer
			if c.sot == nil || c.sram.Design.ECC.String() != m.code || c.sram.Design.Capacity != 2<<20 || c.sot.Area() > c.sram.Area() || float64(c.sram.Area()) != c.budget*mm2 || c.plain != nil {
				t.Errorf("%+v: %+v", m, c)
			}
			continue
		}
		budget := m.budget
		if c.plain == nil || rivals.EDP(c.plain) > rivals.EDP(c.sram) || c.plain.Design.ECC.String() != "none" {
			t.Errorf("%g mm2: SRAM without a code %+v", budget, c.plain)
		}
		if c.sot == nil || float64(c.sot.Area()) > budget*mm2 || float64(c.sram.Area()) > budget*mm2 || c.sot.Design.ECC != c.sram.Design.ECC || !c.sot.Magnetic() || c.sram.Magnetic() {
			t.Fatalf("%g mm2: %+v", budget, c)
		}
		if k > 0 && rivals.EDP(c.sot) > rivals.EDP(found[k-1].sot) {
			t.Errorf("%g mm2: %g after %g", budget, rivals.EDP(c.sot), rivals.EDP(found[k-1].sot))
		}
	}
}

// TestSummary by hand: gains of 2 and 8 have the mean 4; the draws reach from 1 to
// 9; one of two pays.
func TestSummary(t *testing.T) {
	table := results.NewList("system", "network:text", "family:text", "phase:text", "machine:text", "budget [mm2]", "sot_capacity [MiB]", "sram_capacity [MiB]", "energy_gain", "energy_gain_low", "energy_gain_high", "latency_gain", "latency_gain_low", "latency_gain_high", "edp_gain")
	table.Append("a", "cv", "training", "soc", 32, 64, 32, 2.0, 1.0, 3.0, 1.0, 1.0, 1.0, 2.0)
	table.Append("b", "cv", "training", "soc", 32, 32, 16, 8.0, nil, nil, 1.0, 0.5, 9.0, 1.0)
	table.Append("c", "cv", "training", "soc", 32, nil, nil, nil, nil, nil, nil, nil, nil, nil)
	sums := summary(table)
	if len(sums.Rows) != 1 {
		t.Fatal(sums.Rows)
	}
	for name, want := range map[string]float64{"networks": 2, "energy_gain": 4, "energy_gain_low": 1, "energy_gain_high": 8, "latency_gain": 1, "latency_gain_low": 0.5, "latency_gain_high": 9, "edp_gain": math.Sqrt2, "share_that_pays": 50, "median_sot": 32, "median_sram": 16} {
		if got := sums.Rows[0][reproduction.Column(sums, name)]; !near(got, want) {
			t.Errorf("%s: %g, want %g", name, got, want)
		}
	}
}

// TestTokens by hand: a batch of 4 in 2 s is 2 tokens a second, at 8 J 2 J each.
func TestTokens(t *testing.T) {
	table := results.NewList("decode", "network:text", "kind:text", "precision:text", "batch", "capacity [MiB]", "sot [mm2]", "sram [mm2]", "tokens", "energy_per_token", "dram", "sram_tokens", "sram_energy", "tokens_gain", "energy_gain", "edp_gain", "over")
	report := func(energy, latency float64) *model.Report {
		return &model.Report{Energy: energy, Latency: latency, Samples: 4, DRAMTraffic: 12}
	}
	addTokens(table, &generation{"a", "dense", "int4", 4}, []pair{{}, {report(8, 2), report(4, 4)}, {report(4, 1), report(8, 1)}})
	want := [][]float64{{2, 2, 3, 1, 1, 2, 0.5, 1, 1}, {4, 1, 3, 4, 2, 1, 2, 2, 2}}
	if len(table.Rows) != 2 {
		t.Fatal(table.Rows)
	}
	for row, w := range want {
		for i, v := range w {
			if got := table.Rows[row][7+i]; !near(got, v) {
				t.Errorf("row %d, %s: %g, want %g", row, table.Columns[7+i].Name, got, v)
			}
		}
	}
}

// TestDecode: more capacity moves no more over the interface, a token costs no
// less than its weights' share of a DRAM's energy, and a batch makes more of them.
func TestDecode(t *testing.T) {
	m := findings(t, Decode()).Tables[0]
	v := func(row int, name string) float64 { return m.Rows[row][reproduction.Column(m, name)] }
	if len(m.Rows) != 4 {
		t.Fatal(len(m.Rows))
	}
	if v(1, "dram_per_token") > v(0, "dram_per_token") || v(0, "dram_per_token") < 1.1e9 { // 1.24 billion weights of a byte
		t.Errorf("%g B with 16 MiB, %g B with 256 MiB", v(0, "dram_per_token"), v(1, "dram_per_token"))
	}
	if v(2, "tokens_per_s") < 2*v(0, "tokens_per_s") || v(1, "tokens_over_16MiB") < 1 {
		t.Errorf("%g tokens a second, %g in a batch of 4", v(0, "tokens_per_s"), v(2, "tokens_per_s"))
	}
}

// TestShippedSummary by hand: gains of 2 and 8 within the area of one SRAM buffer
// have the mean 4, the draws reach from 1 to 9; a place without a buffer is left out.
func TestShippedSummary(t *testing.T) {
	table := results.NewList("shipped", "shipped:text", "network:text", "family:text", "phase:text", "machine:text", "budget [mm2]", "sot_capacity [MiB]", "energy_gain", "energy_gain_low", "energy_gain_high", "latency_gain", "latency_gain_low", "latency_gain_high", "edp_gain")
	table.Append("128MiB none", "a", "cv", "training", "npu-lpddr", 50, 64, 2.0, 1.0, 3.0, 1.0, 1.0, 1.0, 2.0)
	table.Append("128MiB none", "b", "cv", "training", "npu-lpddr", 60, 32, 8.0, nil, nil, 1.0, 0.5, 9.0, 1.0)
	table.Append("128MiB none", "c", "cv", "training", "npu-lpddr", nil, nil, nil, nil, nil, nil, nil, nil, nil)
	table.Append("256MiB none", "a", "cv", "training", "npu-lpddr", 99, 128, 3.0, nil, nil, 1.0, nil, nil, 3.0)
	sums := shippedSummary(table)
	if len(sums.Rows) != 2 {
		t.Fatal(sums.Rows)
	}
	for name, want := range map[string]float64{"networks": 2, "median_area": 50, "median_sot": 32, "energy_gain": 4, "energy_gain_low": 1, "energy_gain_high": 8, "latency_gain": 1, "latency_gain_low": 0.5, "latency_gain_high": 9, "edp_gain": math.Sqrt2, "most_edp_gain": 2} {
		if got := sums.Rows[0][reproduction.Column(sums, name)]; !near(got, want) {
			t.Errorf("%s: %g, want %g", name, got, want)
		}
	}
}

// TestBudgets: the areas that the experiment says it is about.
func TestBudgets(t *testing.T) {
	var said []string
	for _, b := range budgets(&reproduction.Setting{}) {
		said = append(said, fmt.Sprint(b))
	}
	last := len(said) - 1
	if text := strings.Join(said[:last], ", ") + " and " + said[last] + " mm2"; !strings.Contains(System().Shows, text) {
		t.Errorf("%q is not in %q", text, System().Shows)
	}
}
