package objectives

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"stco/model"
	"stco/model/units"
)

// Metric is one figure of a report. Every metric can be an objective or be
// bounded.
type Metric struct {
	units.Named

	Least float64                     // every design is above it, or at it where Linear
	Max   bool                        // larger is better; otherwise smaller
	Get   func(*model.Report) float64 // SI
	// An objective is the logarithm of a metric that every design has above 0,
	// and the metric itself where Linear: a share, which may be 0. Where they are
	// not 0, a metric below Floor counts as Floor and one above Most as Most: it
	// may be 0 or infinite, and no more is worth having.
	Linear      bool
	Floor, Most float64
	Costly      bool // not computed by a search unless it is asked for
	Over        Over // of an objective: the circumstances that it is taken over
}

// axis returns the coordinate of the search for a value of the metric, SI:
// smaller is better.
func (m *Metric) axis(v float64) float64 {
	if v = m.Worth(v); !m.Linear {
		v = math.Log(v)
	}
	if m.Max {
		return -v
	}
	return v
}

// Worth returns a value of the metric, SI, within Floor and Most.
func (m *Metric) Worth(v float64) float64 {
	switch {
	case m.Most > 0 && v > m.Most:
		return m.Most
	case v < m.Floor:
		return m.Floor
	}
	return v
}

// value returns the metric of a coordinate, SI.
func (m *Metric) value(axis float64) float64 {
	if m.Max {
		axis = -axis
	}
	if m.Linear {
		return axis
	}
	return math.Exp(axis)
}

// Value returns the metric in its unit, with every digit.
func (m *Metric) Value(r *model.Report) float64 { return m.Get(r) / m.SI }

const (
	century = 3.15576e9 // s: no data must outlive a product
	ample   = 1e12      // a margin that no design needs
	instant = 1e-12     // s: nothing stays in the buffer
)

// Metrics returns all metrics in the order of tables. Energy, latency and
// traffic are weighted geometric means over the workloads of a study, per
// iteration, so that a ratio to a baseline is the geometric mean of the ratios.
func Metrics() []Metric { return slices.Clone(metrics()) }

var metrics = sync.OnceValue(func() []Metric {
	return []Metric{
		{Named: units.NewNamed("energy", "J", units.DimEnergy, "energy of an iteration"), Get: func(r *model.Report) float64 { return r.Energy }},
		{Named: units.NewNamed("latency", "s", units.DimTime, "time of an iteration"), Get: func(r *model.Report) float64 { return r.Latency }},
		{Named: units.NewNamed("area", "mm2", units.DimArea, "area of the buffer"), Get: func(r *model.Report) float64 { return area(r) }},
		{Named: units.NewNamed("edp", "J s", units.DimRatio, "energy-delay product of an iteration"), Get: func(r *model.Report) float64 { return r.Energy * r.Latency }},
		{Named: units.NewNamed("throughput", "Hz", units.DimFrequency, "iterations per second"), Max: true, Get: func(r *model.Report) float64 { return 1 / r.Latency }},
		{Named: units.NewNamed("average_power", "W", units.DimPower, "energy over time"), Get: func(r *model.Report) float64 { return r.AveragePower }},
		{Named: units.NewNamed("peak_power", "W", units.DimPower, "power of the most power-hungry step of any workload"), Costly: true, Get: func(r *model.Report) float64 { return r.PeakPower }},
		{Named: units.NewNamed("leakage", "W", units.DimPower, "leakage of the buffer at the hot temperature"), Get: func(r *model.Report) float64 { return float64(r.Leakage()) }},
		{Named: units.NewNamed("dram_traffic", "B", units.DimBytes, "bytes over the DRAM interface in an iteration"), Get: func(r *model.Report) float64 { return r.DRAMTraffic }},
		{Named: units.NewNamed("read_latency", "s", units.DimTime, "of a read at the buffer port"), Get: func(r *model.Report) float64 { return float64(r.Array.Read.Total) }},
		{Named: units.NewNamed("write_latency", "s", units.DimTime, "of a write at the buffer port"), Get: func(r *model.Report) float64 { return float64(r.Array.Write.Total) }},
		{Named: units.NewNamed("read_energy", "pJ/bit", units.DimEnergyPerBit, "of a data bit read from the buffer"), Get: func(r *model.Report) float64 { return float64(r.Array.ReadPerBit) }},
		{Named: units.NewNamed("write_energy", "pJ/bit", units.DimEnergyPerBit, "of a data bit written to the buffer"), Get: func(r *model.Report) float64 { return float64(r.Array.WritePerBit) }},
		{Named: units.NewNamed("read_bandwidth", "GB/s", units.DimBandwidth, "peak, all banks"), Max: true, Get: func(r *model.Report) float64 { return float64(r.Array.ReadBandwidth) }},
		{Named: units.NewNamed("write_bandwidth", "GB/s", units.DimBandwidth, "peak, all banks"), Max: true, Get: func(r *model.Report) float64 { return float64(r.Array.WriteBandwidth) }},
		{Named: units.NewNamed("array_efficiency", "", units.DimRatio, "area of the data cells over that of the buffer"), Max: true, Get: func(r *model.Report) float64 { return r.Efficiency() }},
		{Named: units.NewNamed("lifetime", "s", units.DimTime, "longest time between write and last read of data in the buffer"), Floor: instant, Get: func(r *model.Report) float64 { return r.Lifetime }},
		{Named: units.NewNamed("retention", "s", units.DimTime, "time data keep at the error budget, hot, worst process corner"), Max: true, Most: century, Get: func(r *model.Report) float64 { return r.Memory.Retention }},
		{Named: units.NewNamed("retention_margin", "", units.DimRatio, "retention over the longest lifetime; below 1 data are scrubbed"), Max: true, Most: ample, Get: func(r *model.Report) float64 { return r.Memory.Retention / r.Lifetime }},
		{Named: units.NewNamed("endurance_margin", "", units.DimRatio, "endurance over the writes of the product's life"), Max: true, Most: ample, Get: func(r *model.Report) float64 { return 1 / r.WearOut }},
		{Named: units.NewNamed("scrub_share", "", units.DimRatio, "share of the buffer's time spent scrubbing, worst workload"), Linear: true, Get: func(r *model.Report) float64 { return r.ScrubShare }},
		{Named: units.NewNamed("memory_energy", "J", units.DimEnergy, "part of the energy: buffer with leakage and scrubbing, scratchpad, PE buffer, DRAM with background"), Get: func(r *model.Report) float64 { return r.MemoryEnergy }},
		{Named: units.NewNamed("memory_latency", "s", units.DimTime, "time of an iteration with infinitely fast compute"), Costly: true, Get: func(r *model.Report) float64 { return r.MemoryLatency }},
		{Named: units.NewNamed("dram_energy", "J", units.DimEnergy, "part of the energy: DRAM transfers and background"), Get: func(r *model.Report) float64 { return r.DRAMEnergy }},
		{Named: units.NewNamed("standby_energy", "J", units.DimEnergy, "that the buffer takes between two iterations, in the time that duty leaves"), Linear: true, Get: func(r *model.Report) float64 { return r.StandbyEnergy }},
		{Named: units.NewNamed("rested_energy", "J", units.DimEnergy, "energy of an iteration and standby_energy after it"), Get: func(r *model.Report) float64 { return r.RestedEnergy }},
		{Named: units.NewNamed("compute_share", "", units.DimRatio, "share of the time that PE array or vector lanes compute, mean over the workloads"), Linear: true, Max: true, Get: func(r *model.Report) float64 { return r.ComputeShare }},
		{Named: units.NewNamed("stall_share", "", units.DimRatio, "share of the time that compute waits, mean over the workloads"), Linear: true, Get: func(r *model.Report) float64 { return 1 - r.ComputeShare }},
		{Named: units.NewNamed("energy_per_sample", "J", units.DimEnergy, "of an image or a sequence, when decoding of a token"), Get: func(r *model.Report) float64 { return r.Energy / r.Samples }},
		{Named: units.NewNamed("latency_per_sample", "s", units.DimTime, "time of an iteration over its images or sequences, when decoding over its tokens"), Get: func(r *model.Report) float64 { return r.Latency / r.Samples }},
		{Named: units.NewNamed("sample_throughput", "Hz", units.DimFrequency, "images or sequences per second, when decoding tokens"), Max: true, Get: func(r *model.Report) float64 { return r.Samples / r.Latency }},
	}
})

// area is that of the buffer; NaN for a design without an organisation.
func area(r *model.Report) float64 {
	if a := float64(r.Area()); a > 0 {
		return a
	}
	return math.NaN()
}

// MetricNames returns the names a study may use.
func MetricNames() []string {
	ms := Metrics()
	names := make([]string, len(ms))
	for i := range ms {
		names[i] = ms[i].Name
	}
	return names
}

// MetricByName returns a metric.
func MetricByName(name string) (Metric, error) {
	for _, m := range Metrics() {
		if m.Name == name {
			return m, nil
		}
	}
	return Metric{}, fmt.Errorf("metric %q: unknown", name)
}

// Bound limits a metric, in SI; infinite where there is no limit.
type Bound struct {
	Metric   string
	Min, Max float64
}
