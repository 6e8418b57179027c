package objectives

import (
	"fmt"
	"math"

	"stco/model"
	"stco/model/units"
)

// Metric is one figure of a report. Every metric can be an objective or be
// bounded.
type Metric struct {
	Name    string
	Unit    string          // of values in tables and CSV files
	SI      float64         // one unit in SI
	Dim     units.Dimension // of a bound in a study
	Least   float64         // every design is above it
	Max     bool            // larger is better; otherwise smaller
	Meaning string
	Get     func(*model.Report) float64 // SI
}

// Value returns the metric in its unit.
func (m *Metric) Value(r *model.Report) float64 { return m.Get(r) / m.SI }

// Metrics returns all metrics in the order of tables. Energy, latency and
// traffic are weighted geometric means over the workloads of a study, per
// iteration, so that a ratio to a baseline is the geometric mean of the ratios.
func Metrics() []Metric {
	return []Metric{
		{Name: "energy", Unit: "J", SI: 1, Dim: units.DimEnergy, Meaning: "energy of an iteration", Get: func(r *model.Report) float64 { return r.Energy }},
		{Name: "latency", Unit: "s", SI: 1, Dim: units.DimTime, Meaning: "time of an iteration", Get: func(r *model.Report) float64 { return r.Latency }},
		{Name: "area", Unit: "mm2", SI: 1e-6, Dim: units.DimArea, Meaning: "area of the buffer", Get: func(r *model.Report) float64 { return area(r) }},
		{Name: "edp", Unit: "J s", SI: 1, Dim: units.DimRatio, Meaning: "energy-delay product of an iteration", Get: func(r *model.Report) float64 { return r.Energy * r.Latency }},
		{Name: "throughput", Unit: "Hz", SI: 1, Dim: units.DimFrequency, Max: true, Meaning: "iterations per second", Get: func(r *model.Report) float64 { return 1 / r.Latency }},
		{Name: "average_power", Unit: "W", SI: 1, Dim: units.DimPower, Meaning: "energy over time", Get: func(r *model.Report) float64 { return r.AveragePower }},
		{Name: "peak_power", Unit: "W", SI: 1, Dim: units.DimPower, Meaning: "power of the most power-hungry step of any workload", Get: func(r *model.Report) float64 { return r.PeakPower }},
		{Name: "leakage", Unit: "W", SI: 1, Dim: units.DimPower, Meaning: "leakage of the buffer at the hot temperature", Get: func(r *model.Report) float64 { return float64(r.Leakage()) }},
		{Name: "dram_traffic", Unit: "B", SI: 1, Dim: units.DimBytes, Meaning: "bytes over the DRAM interface in an iteration", Get: func(r *model.Report) float64 { return r.DRAMTraffic }},
		{Name: "read_latency", Unit: "s", SI: 1, Dim: units.DimTime, Meaning: "of a read at the buffer port", Get: func(r *model.Report) float64 { return float64(r.Array.Read.Total) }},
		{Name: "write_latency", Unit: "s", SI: 1, Dim: units.DimTime, Meaning: "of a write at the buffer port", Get: func(r *model.Report) float64 { return float64(r.Array.Write.Total) }},
		{Name: "read_energy", Unit: "pJ/bit", SI: 1e-12, Dim: units.DimEnergyPerBit, Meaning: "of a data bit read from the buffer", Get: func(r *model.Report) float64 { return float64(r.Array.ReadPerBit) }},
		{Name: "write_energy", Unit: "pJ/bit", SI: 1e-12, Dim: units.DimEnergyPerBit, Meaning: "of a data bit written to the buffer", Get: func(r *model.Report) float64 { return float64(r.Array.WritePerBit) }},
		{Name: "read_bandwidth", Unit: "GB/s", SI: 1e9, Dim: units.DimBandwidth, Max: true, Meaning: "peak, all banks", Get: func(r *model.Report) float64 { return float64(r.Array.ReadBandwidth) }},
		{Name: "write_bandwidth", Unit: "GB/s", SI: 1e9, Dim: units.DimBandwidth, Max: true, Meaning: "peak, all banks", Get: func(r *model.Report) float64 { return float64(r.Array.WriteBandwidth) }},
		{Name: "array_efficiency", Unit: "", SI: 1, Dim: units.DimRatio, Max: true, Meaning: "area of the data cells over that of the buffer", Get: func(r *model.Report) float64 { return r.Efficiency() }},
		{Name: "lifetime", Unit: "s", SI: 1, Dim: units.DimTime, Meaning: "longest time between write and last read of data in the buffer", Get: func(r *model.Report) float64 { return r.Lifetime }},
		{Name: "retention", Unit: "s", SI: 1, Dim: units.DimTime, Max: true, Meaning: "time data keep at the error budget, hot, worst process corner", Get: func(r *model.Report) float64 { return r.Memory.Retention }},
		{Name: "retention_margin", Unit: "", SI: 1, Dim: units.DimRatio, Max: true, Meaning: "retention over the longest lifetime; below 1 data are scrubbed", Get: func(r *model.Report) float64 { return r.Memory.Retention / r.Lifetime }},
		{Name: "endurance_margin", Unit: "", SI: 1, Dim: units.DimRatio, Max: true, Meaning: "endurance over the writes of the product's life", Get: func(r *model.Report) float64 { return 1 / r.WearOut }},
		{Name: "scrub_share", Unit: "", SI: 1, Dim: units.DimRatio, Meaning: "share of the buffer's time spent scrubbing, worst workload", Get: func(r *model.Report) float64 { return r.ScrubShare }},
	}
}

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
