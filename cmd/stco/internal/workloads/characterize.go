package workloads

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"stco/experiments/study/strict"
	"stco/model"
	"stco/model/accel"
	"stco/model/accel/schedule"
	"stco/model/units"
	"stco/model/workload"
	"stco/model/workload/lower"
	"stco/results"
	"stco/results/plot"
)

// The capacities over which a workload is characterised: the ladder of the
// traffic tables from 1 to 512 MiB.
const (
	leastCapacity = 1 << 20
	mostCapacity  = 512 << 20
)

// unhurried is the share of the PE array's cycles that the demand lets run at
// full speed: the few steps that ask for much more are left to wait.
const unhurried = 0.95

// saturated is how near the traffic is to the compulsory one at the capacity
// that is called enough.
const saturated = 1.05

// numSchedules is the number of ways to split a batch.
const numSchedules = int(schedule.Layers) + 1

// clock turns cycles into time, Hz.
const clock = 1e9

// Asked is what one workload asks of buffer and DRAM.
type Asked struct {
	Network string `json:"network"`
	Phase   string `json:"phase"`
	Batch   int    `json:"batch"`
	Steps   int    `json:"steps"`
	MACs    int64  `json:"macs"`
	// ArraySeconds is how long the PE arrays and vector lanes of the machine take,
	// layer by layer, when they wait for nothing.
	ArraySeconds float64 `json:"array_s"`

	CompulsoryBytes int64 `json:"compulsory_bytes"`
	LiveBytes       int64 `json:"live_bytes"` // largest number of bytes that are needed again
	Capacity        []At  `json:"capacity"`

	KneeBytes   int64   `json:"knee_bytes"`   // 0: no capacity in the range is too small
	EnoughBytes int64   `json:"enough_bytes"` // 0: none on the ladder
	AtKnee      At      `json:"at_knee"`
	MACsPerByte float64 `json:"macs_per_compulsory_byte"`

	// Bytes per cycle with a buffer of the knee's capacity.
	Mean   accel.Demand `json:"demand_mean"`
	Demand accel.Demand `json:"demand_95"`

	// Seconds from the writing of data to their last use on chip, with a buffer
	// that holds everything and at full compute speed; by class that lives there.
	Lifetimes map[string]float64 `json:"lifetimes_s"`
}

// At is the traffic at one capacity: of groups of layers with sub-batches, and of
// schedules that are less free.
type At struct {
	Bytes       int64   `json:"capacity_bytes"`
	DRAM        int64   `json:"dram_bytes"`
	Batch       int64   `json:"dram_batch_bytes"` // with the whole network for parts of the batch
	Layer       int64   `json:"dram_layer_bytes"` // with every layer over the whole batch
	MACsPerByte float64 `json:"macs_per_dram_byte"`
}

// CharacterizeOptions choose what Characterize looks at.
type CharacterizeOptions struct {
	Workload   WorkloadOptions
	BatchNorm  string   // statistics of the whole batch or of parts
	Phases     []string // empty: inference and training
	Batches    []int    // empty: that of the options
	Capacities []string // such as 3MiB, beside the ladder; traffic is exact at each
	Roof       *roof    // machine of what the PE arrays take
}

// Characterize returns what every network asks for in every phase and batch, on
// the default machine without a PE buffer: its operands come from the buffer.
func Characterize(names []string, o CharacterizeOptions) ([]Asked, error) {
	if len(names) == 0 {
		return nil, strict.BadInput("workload characterize", errors.New("name at least one network"))
	}
	phases, batches := o.Phases, o.Batches
	if len(phases) == 0 {
		phases = []string{"inference", "training"}
	}
	if len(batches) == 0 {
		batches = []int{o.Workload.Batch}
	}
	var capacities []int64
	var errs []error
	for _, text := range o.Capacities {
		v, err := units.ParseAs(text, units.DimBytes)
		if err == nil && (v < accel.LeastCapacity || int64(v) > accel.GridCapacity(accel.GridSize-1)) {
			err = fmt.Errorf("must be %d B to %d B", accel.LeastCapacity, accel.GridCapacity(accel.GridSize-1))
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("capacities %s: %w", text, err))
			continue
		}
		capacities = append(capacities, int64(v))
	}
	for _, phase := range phases {
		if _, err := workload.ParsePhase(phase); err != nil {
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, strict.BadInput("workload characterize", err)
	}
	var out []Asked
	for _, name := range names {
		for _, phase := range phases {
			for _, batch := range batches {
				w := o.Workload
				w.Phase, w.Batch = phase, batch
				w.onlyOf(phase, phases)
				a, err := characterize(name, w, &o, capacities)
				if err != nil {
					errs = append(errs, err)
					continue
				}
				out = append(out, *a)
			}
		}
	}
	return out, errors.Join(errs...)
}

func characterize(name string, w WorkloadOptions, of *CharacterizeOptions, capacities []int64) (*Asked, error) {
	n, o, err := w.network(name)
	if err != nil {
		return nil, err
	}
	bad := func(err error) error { return strict.BadInput("workload "+name, err) }
	t, err := lower.Trace(n, o)
	if err != nil {
		return nil, bad(err)
	}
	setup := model.DefaultSetup()
	array := setup.AccelArray()
	array.PEBuffer = 0
	p, err := accel.NewPlan(t, array, accel.BufferPolicy{Part: model.Parts(n, o, of.BatchNorm == "parts")})
	if err != nil {
		return nil, err
	}
	plans := [numSchedules]*accel.Plan{schedule.Groups: p, schedule.Parts: p.Under(schedule.Parts), schedule.Layers: p.Under(schedule.Layers)}
	a := &Asked{
		Network: n.Name, Phase: w.phase(o.Phase.String()), Batch: o.Batch, Steps: len(t.Steps), MACs: p.MACs,
		CompulsoryBytes: whole(p.Compulsory), MACsPerByte: float64(p.MACs) / math.Max(p.Compulsory, 1),
	}
	if of.Roof != nil {
		on, err := accel.NewPlan(t, of.Roof.array, accel.BufferPolicy{})
		if err != nil {
			return nil, err
		}
		a.ArraySeconds = on.Cycles() / of.Roof.clock
	}
	at := func(capacity int64) (At, error) {
		var dram [numSchedules]float64
		for mode := range plans {
			if dram[mode], err = plans[mode].Traffic(capacity); err != nil {
				return At{}, err
			}
		}
		least := dram[schedule.Groups]
		return At{capacity, whole(least), whole(dram[schedule.Parts]), whole(dram[schedule.Layers]), float64(p.MACs) / math.Max(least, 1)}, nil
	}
	for k := range accel.GridSize {
		capacity := accel.GridCapacity(k)
		if capacity < leastCapacity {
			continue
		}
		x, err := at(capacity)
		if err != nil {
			if capacity < mostCapacity {
				continue // the smallest tile does not fit
			}
			return nil, bad(err)
		}
		if capacity <= mostCapacity {
			a.Capacity = append(a.Capacity, x)
		}
		if float64(x.DRAM) <= saturated*p.Compulsory && a.EnoughBytes == 0 {
			a.EnoughBytes = capacity
		}
		if capacity >= mostCapacity && a.EnoughBytes != 0 {
			break
		}
	}
	a.AtKnee = a.Capacity[0]
	if k := knee(a.Capacity); k >= 0 {
		a.AtKnee = a.Capacity[k]
		a.KneeBytes = a.AtKnee.Bytes
	}
	for _, c := range capacities {
		x, err := at(c)
		if err != nil {
			return nil, bad(err)
		}
		a.Capacity = append(a.Capacity, x)
	}
	slices.SortStableFunc(a.Capacity, func(x, y At) int { return cmp.Compare(x.Bytes, y.Bytes) })
	a.Capacity = slices.CompactFunc(a.Capacity, func(x, y At) bool { return x.Bytes == y.Bytes })
	if err := a.atKnee(p); err != nil {
		return nil, bad(err)
	}
	return a, nil
}

// whole is a number of bytes: traffic is a sum of expectations, which need not be
// whole where experts are chosen.
func whole(bytes float64) int64 { return int64(math.Round(bytes)) }

// atKnee fills the demand at the knee, and lifetimes and live bytes without a
// limit of capacity.
func (a *Asked) atKnee(p *accel.Plan) error {
	t, err := p.Table(a.AtKnee.Bytes)
	if err != nil {
		return err
	}
	a.Mean = accel.Demand{Read: t.ReadDemand, Write: t.WriteDemand, DRAM: t.DRAMDemand}
	a.Demand = t.DemandFor(unhurried)
	if t, err = p.Table(accel.GridCapacity(accel.GridSize - 1)); err != nil {
		return err
	}
	a.LiveBytes = whole(t.PeakLive)
	// Everything but compute is free: the clock counts cycles.
	ideal := accel.Memory{Clock: clock, Retention: math.Inf(1), Endurance: math.Inf(1), Capacity: 1, WearLeveling: 1}
	var c accel.Cost
	accel.Evaluate(t, &ideal, &accel.Scratch{}, &c)
	a.Lifetimes = map[string]float64{}
	for class, s := range c.Lifetime {
		if s > 0 {
			a.Lifetimes[workload.Class(class).String()] = s
		}
	}
	return nil
}

// knee returns the index of the knee of a curve of traffic over capacities, -1
// for a curve that falls by less than a tenth. The capacity is logarithmic, both
// axes are scaled to 0..1 over the curve; the knee is the point farthest below
// the line from the first to the last: most bytes saved for the fewest
// doublings (Satopää et al., ICDCSW 2011). Of equals the smaller is taken.
func knee(curve []At) int {
	first, last := curve[0], curve[len(curve)-1]
	if float64(first.DRAM) < 1.1*float64(last.DRAM) {
		return -1
	}
	best, at := 0.0, -1
	for i, x := range curve {
		along := math.Log(float64(x.Bytes)/float64(first.Bytes)) / math.Log(float64(last.Bytes)/float64(first.Bytes))
		saved := float64(first.DRAM-x.DRAM) / float64(first.DRAM-last.DRAM)
		if gain := saved - along; gain > best+1e-9 {
			best, at = gain, i
		}
	}
	if at < 0 {
		return len(curve) - 1 // the curve never falls faster than on the whole
	}
	return at
}

// mib is a capacity in MiB; 0 does not apply.
func mib(bytes int64) any {
	if bytes == 0 {
		return nil
	}
	return float64(bytes) / (1 << 20)
}

// AskedSummary returns one row for every workload, with the resource that binds it
// on a machine with a buffer of the knee's capacity.
func AskedSummary(list []Asked, r *roof) *results.Table {
	s := results.NewList("workloads", "network:text", "phase:text", "batch", "steps", "macs", "compulsory [B]", "live [B]", "knee [MiB]", "knee_dram [B]", "knee_macs_per_B",
		"enough [MiB]", "macs_per_compulsory_B", "buffer_read_B_per_cycle", "buffer_write_B_per_cycle", "dram_B_per_cycle",
		"buffer_read_B_per_cycle_mean", "buffer_write_B_per_cycle_mean", "dram_B_per_cycle_mean")
	for c := range workload.NumClasses {
		s.AddColumn("life_" + c.String() + " [s]")
	}
	s.AddColumn("binds_" + r.machine + ":text")
	for i := range list {
		a := &list[i]
		row := []any{
			a.Network, a.Phase, a.Batch, a.Steps, a.MACs, a.CompulsoryBytes, a.LiveBytes,
			mib(a.KneeBytes), a.AtKnee.DRAM, a.AtKnee.MACsPerByte, mib(a.EnoughBytes), a.MACsPerByte,
			a.Demand.Read, a.Demand.Write, a.Demand.DRAM, a.Mean.Read, a.Mean.Write, a.Mean.DRAM,
		}
		for c := range workload.NumClasses {
			if life, ok := a.Lifetimes[c.String()]; ok {
				row = append(row, life)
			} else {
				row = append(row, nil)
			}
		}
		s.Append(append(row, r.binds(a, &a.AtKnee))...)
	}
	return s
}

// AskedCapacity returns one row for every workload and capacity.
func AskedCapacity(list []Asked) *results.Table {
	s := results.NewList("capacities", "network:text", "phase:text", "batch", "capacity [MiB]", "dram [B]", "dram_batch [B]", "dram_layer [B]", "compulsory [B]", "macs_per_dram_B", "knee:text")
	for i := range list {
		a := &list[i]
		for _, x := range a.Capacity {
			mark := ""
			if x.Bytes == a.KneeBytes {
				mark = "knee"
			}
			s.Append(a.Network, a.Phase, a.Batch, mib(x.Bytes), x.DRAM, x.Batch, x.Layer, a.CompulsoryBytes, x.MACsPerByte, mark)
		}
	}
	return s
}

// AskedFigure is a figure with the name of its file.
type AskedFigure struct {
	Name   string
	Figure *plot.Figure
}

// mostLines is the number of workloads that one figure holds.
const mostLines = 6

// AskedFigures returns DRAM traffic over capacity with the knees, and the
// bandwidths that full compute speed asks for, at most six workloads of one
// phase to a figure.
func AskedFigures(list []Asked) ([]AskedFigure, error) {
	var out []AskedFigure
	var phases []string
	byPhase := map[string][]*Asked{}
	for i := range list {
		a := &list[i]
		if byPhase[a.Phase] == nil {
			phases = append(phases, a.Phase)
		}
		byPhase[a.Phase] = append(byPhase[a.Phase], a)
	}
	keep := func(name string, f *plot.Figure, err error) error {
		out = append(out, AskedFigure{name, f})
		return err
	}
	for _, phase := range phases {
		group := byPhase[phase]
		for i := 0; i < len(group); i += mostLines {
			part, number := group[i:min(i+mostLines, len(group))], ""
			if len(group) > mostLines {
				number = "-" + strconv.Itoa(i/mostLines+1)
			}
			f, err := trafficFigure(part)
			if err := keep("traffic-"+phase+number, f, err); err != nil {
				return nil, err
			}
			f, err = demandFigure(part)
			if err := keep("bandwidth-"+phase+number, f, err); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

func (a *Asked) title() string { return fmt.Sprintf("%s, batch %d", a.Network, a.Batch) }

func trafficFigure(group []*Asked) (*plot.Figure, error) {
	var series []plot.Series
	for i, a := range group {
		line := plot.Series{Name: a.title()}
		for k, x := range a.Capacity {
			line.X, line.Y = append(line.X, float64(x.Bytes)/(1<<20)), append(line.Y, float64(x.DRAM))
			if x.Bytes == a.KneeBytes {
				line.Marks = append(line.Marks, k)
			}
		}
		if i == 0 {
			line.MarkName = "knee"
		}
		series = append(series, line)
	}
	return plot.Lines("", "buffer capacity (MiB)", "DRAM traffic of an iteration (B)", true, true, series)
}

func demandFigure(group []*Asked) (*plot.Figure, error) {
	parts := []plot.Part{{Name: "buffer read"}, {Name: "buffer write"}, {Name: "DRAM"}}
	var names []string
	for _, a := range group {
		names = append(names, strings.ReplaceAll(a.Network, "_", " "))
		for i, v := range []float64{a.Demand.Read, a.Demand.Write, a.Demand.DRAM} {
			parts[i].Values = append(parts[i].Values, v)
		}
	}
	return plot.GroupedBars("", "bytes per cycle for full compute speed", names, parts, nil)
}
