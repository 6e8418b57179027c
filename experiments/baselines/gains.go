package baselines

import (
	"fmt"
	"math"

	"stco/model"
	"stco/model/accel"
	"stco/results"
)

// workloadName is the short name of a workload in tables.
func workloadName(w *model.Workload) string {
	return fmt.Sprintf("%s %s b%d", w.Network, w.Options.Phase, w.Options.Batch)
}

// gain is a ratio of a baseline to a design.
func gain(base, of float64) float64 {
	if of <= 0 || math.IsNaN(base) {
		return math.NaN()
	}
	return base / of
}

// Gains sets designs beside their baselines: for every workload, and over
// all of them, the energy and latency of the baseline over those of the
// design, and the area of the design over that of the baseline.
type Gains struct {
	Table *results.Table
	Bands *Bands // nil: without
}

// NewGains returns an empty table.
func NewGains() *Gains {
	return &Gains{Table: &results.Table{Name: "gains", Columns: []results.Column{
		results.LabelColumn("design"), results.LabelColumn("baseline"), results.LabelColumn("least"), results.LabelColumn("sram_flavour"), results.LabelColumn("workload"),
		results.MetricColumn("temperature", "K", "of SRAM and periphery leakage of the baseline"),
		results.MetricColumn("baseline_capacity", "MiB", ""),
		results.MetricColumn("baseline_area", "mm2", ""),
		results.MetricColumn("baseline_banks", "", ""),
		results.MetricColumn("baseline_word", "", "data bits of one access of a bank"),
		results.LabelColumn("baseline_ecc"),
		{Name: "energy_gain", Kind: results.Metric, Goal: results.Max, Meaning: "energy of the baseline over that of the design"},
		{Name: "latency_gain", Kind: results.Metric, Goal: results.Max, Meaning: "latency of the baseline over that of the design"},
		{Name: "edp_gain", Kind: results.Metric, Goal: results.Max, Meaning: "energy-delay product of the baseline over that of the design"},
		{Name: "area_ratio", Kind: results.Metric, Goal: results.Min, Meaning: "buffer area of the design over that of the baseline"},
		results.MetricColumn("energy_gain_low", "", "5 % quantile over the draws of the uncertain settings"),
		results.MetricColumn("energy_gain_high", "", "95 % quantile"),
		results.MetricColumn("latency_gain_low", "", "likewise"),
		results.MetricColumn("latency_gain_high", "", ""),
		results.MetricColumn("edp_gain_low", "", ""),
		results.MetricColumn("edp_gain_high", "", ""),
		results.MetricColumn("feasible_share", "%", "of the draws in which the design meets its limits"),
		results.LabelColumn("none_because"),
	}}}
}

// Add sets a design beside one of its baselines.
func (g *Gains) Add(m *model.Model, name string, r *model.Report, b *Baseline) error {
	var band *Band
	if g.Bands != nil && b.Found {
		x, err := g.Bands.Gains(m, &r.Design, b)
		if err != nil {
			return err
		}
		band = &x
	}
	t := g.Table
	nan := math.NaN()
	row := func(workload string, energy, latency float64) {
		cells := map[string]float64{
			"temperature": float64(b.Model.Setup.Hot), "energy_gain": energy, "latency_gain": latency, "edp_gain": energy * latency,
		}
		texts := map[string]string{
			"design": name, "baseline": b.Name, "least": b.Least.String(), "sram_flavour": b.Flavour, "workload": workload, "none_because": b.Reason,
		}
		if band != nil && workload == "all" {
			cells["energy_gain_low"], cells["energy_gain_high"] = band.Energy[0], band.Energy[1]
			cells["latency_gain_low"], cells["latency_gain_high"] = band.Latency[0], band.Latency[1]
			cells["edp_gain_low"], cells["edp_gain_high"] = band.EDP[0], band.EDP[1]
			cells["feasible_share"] = 100 * band.Feasible
		}
		if b.Found {
			d := &b.Report.Design
			cells["baseline_capacity"], cells["baseline_area"] = float64(d.Capacity)/(1<<20), float64(b.Report.Area())*1e6
			cells["baseline_banks"], cells["baseline_word"] = float64(d.Banks), float64(d.WordBits)
			cells["area_ratio"], texts["baseline_ecc"] = float64(r.Area())/float64(b.Report.Area()), d.ECC.String()
		}
		out := make([]float64, len(t.Columns))
		for i, c := range t.Columns {
			out[i] = nan
			if v, ok := cells[c.Name]; ok {
				out[i] = v
			}
			if v := texts[c.Name]; v != "" {
				out[i] = t.Choice(i, v)
			}
		}
		t.Add("", out...)
	}
	if !b.Found {
		row("all", nan, nan)
		return nil
	}
	row("all", gain(b.Report.Energy, r.Energy), gain(b.Report.Latency, r.Latency))
	for i := range m.Setup.Workloads {
		row(workloadName(&m.Setup.Workloads[i]),
			gain(b.Report.Costs[i].Energy.Total(), r.Costs[i].Energy.Total()), gain(b.Report.Costs[i].Latency, r.Costs[i].Latency))
	}
	return nil
}

// Decomposition says where energy and time of designs and baselines go.
type Decomposition struct{ Table *results.Table }

// NewDecomposition returns an empty table.
func NewDecomposition() *Decomposition {
	return &Decomposition{&results.Table{Name: "decomposition", Columns: []results.Column{
		results.LabelColumn("design"),
		results.LabelColumn("workload"),
		results.MetricColumn("energy", "J", "all causes"),
		results.MetricColumn("energy_dram", "J", "DRAM transfers"),
		results.MetricColumn("energy_buffer_read", "J", "buffer reads; of a hybrid buffer those of the part that is not the scratchpad"),
		results.MetricColumn("energy_buffer_write", "J", "buffer writes, likewise"),
		results.MetricColumn("energy_scratchpad", "J", "reads and writes of the scratchpad of a hybrid buffer"),
		results.MetricColumn("energy_buffer_leakage", "J", "leakage of the buffer, all parts, over the iteration"),
		results.MetricColumn("energy_scrub", "J", "rewriting data that outlive the retention time"),
		results.MetricColumn("energy_pe_buffer", "J", "reads and writes of the PE buffer"),
		results.MetricColumn("energy_mac", "J", "multiply-accumulates with their registers"),
		results.MetricColumn("energy_vector", "J", "vector lanes"),
		results.MetricColumn("energy_logic", "J", "leakage of PE array, PE buffer and control"),
		results.MetricColumn("latency", "s", "of the iteration"),
		results.MetricColumn("time_compute", "s", "steps that wait for the PE array or the vector lanes"),
		results.MetricColumn("time_buffer", "s", "steps that wait for the buffer"),
		results.MetricColumn("time_dram", "s", "steps that wait for DRAM"),
		results.MetricColumn("time_exposed", "s", "access latencies that nothing hides, and scrubbing"),
		results.MetricColumn("dram_traffic", "B", "bytes over the DRAM interface"),
	}}}
}

// Add takes a report apart, one row a workload.
func (d *Decomposition) Add(m *model.Model, name string, r *model.Report) error {
	for i, p := range m.Plans() {
		table, err := r.Table(p)
		if err != nil {
			return err
		}
		x := accel.Explain(p, table, &r.Memory)
		c := &r.Costs[i]
		e := &c.Energy
		waits := x.TimeByBound[accel.ComputeBound] + x.TimeByBound[accel.BufferBound] + x.TimeByBound[accel.DRAMBound]
		d.Table.Add("", d.Table.Choice(0, name), d.Table.Choice(1, workloadName(&m.Setup.Workloads[i])),
			e.Total(), e.DRAM+e.DRAMBackground, e.BufferRead, e.BufferWrite, e.PadRead+e.PadWrite, e.BufferLeakage, e.Scrub, e.PEBuffer, e.MAC, e.Vector, e.Logic,
			c.Latency, x.TimeByBound[accel.ComputeBound], x.TimeByBound[accel.BufferBound], x.TimeByBound[accel.DRAMBound],
			c.Latency-waits, c.DRAMBytes)
	}
	return nil
}
