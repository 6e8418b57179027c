package model

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"stco/model/accel"
	"stco/model/accel/residency"
	"stco/model/array"
	"stco/model/array/bitcell"
	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/lower"
)

// Model is a setup prepared for evaluation: node parameters, cells that no
// design changes, the plans of the workloads with their traffic tables. It is
// immutable but for the tables, which are built when first needed, and is
// shared by the evaluators of all goroutines.
type Model struct {
	Setup   Setup
	Catalog *Catalog

	nodes   [3]*tech.Node // by flavour
	process [3]device.Process
	sram    [3]device.Cell
	given   [3]*given // cells of the user's table, by technology
	pe      [3]PEBuffer
	preset  device.Params
	// operating is what a cell is judged at without a code; one that corrects t
	// errors of a codeword allows a higher raw error rate (E37).
	operating  device.Operating
	readsGiven bool // between two writes, by a study; false: they are counted
	sot        map[string]tech.SOTMaterial
	mac        units.Energy
	vector     units.Energy
	logic      units.Power // leakage of the PE arrays
	circuit    tech.Circuits
	// background is the power of the DRAM whatever it does.
	background units.Power
	plans      []*accel.Plan
	samples    float64 // of an iteration, weighted geometric mean over the workloads
}

// accumBytes is the size of a partial sum: float32 or int32.
const accumBytes = 4

// New prepares a setup. The error joins everything in the setup that has no
// meaning.
func New(c *Catalog, s Setup) (*Model, error) {
	m := &Model{Setup: s, Catalog: c, sot: map[string]tech.SOTMaterial{}}
	var errs []error
	note := func(err error) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	if s.Operating > s.Hot {
		note(fmt.Errorf("t_operating %gK: above t_hot, %gK", float64(s.Operating), float64(s.Hot)))
	}
	if !(s.Cold <= s.Nominal && s.Nominal <= s.Hot) {
		note(fmt.Errorf("t_cold %gK, t_nominal %gK, t_hot %gK: must not decrease", float64(s.Cold), float64(s.Nominal), float64(s.Hot)))
	}
	if len(s.Workloads) == 0 {
		note(errors.New("workloads: at least one is needed"))
	}
	note(m.loadTables())
	m.plans = make([]*accel.Plan, len(s.Workloads))
	fail := make([]error, len(s.Workloads))
	curves := residency.NewCurves()
	var wg sync.WaitGroup
	for i := range s.Workloads {
		wg.Go(func() { m.plans[i], fail[i] = s.plan(&s.Workloads[i], curves) })
	}
	wg.Wait()
	for _, err := range fail {
		note(err)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	logs, weights := 0.0, 0.0
	for i := range s.Workloads {
		w := &s.Workloads[i]
		logs, weights = logs+w.Weight*math.Log(float64(w.Options.Batch)), weights+w.Weight
	}
	m.samples = math.Exp(logs / weights)
	return m, nil
}

func (m *Model) loadTables() error {
	t := m.Catalog.Tables
	var err error
	if m.circuit, err = circuits(t); err != nil {
		return err
	}
	if m.preset, err = device.Preset(t, m.Setup.Preset); err != nil {
		return err
	}
	arith, err := t.Arithmetic(m.Setup.Node)
	if err != nil {
		return err
	}
	element, err := t.Element(m.Setup.Node, m.Setup.Arithmetic)
	if err != nil {
		return err
	}
	if m.mac = m.Setup.MACEnergy; m.mac == 0 {
		m.mac = element.MAC
	}
	if m.logic = m.Setup.LogicLeakage; m.logic == 0 {
		m.logic = element.Leakage * units.Power(m.Setup.Cores*m.Setup.PERows*m.Setup.PECols)
	}
	m.vector = arith.Vector(m.Setup.Arithmetic)
	dram, err := t.DRAM(m.Setup.DRAM.Preset)
	if err != nil {
		return err
	}
	if m.background, err = m.Setup.DRAM.background(&dram); err != nil {
		return err
	}
	for _, name := range m.Catalog.materials {
		if m.sot[name], err = t.SOTMaterial(name); err != nil {
			return err
		}
	}
	if err := m.Setup.Device.Apply(&m.preset, m.sot); err != nil {
		return err
	}
	m.readsGiven = m.Setup.Device.Gives("reads")
	m.operating = device.Operating{
		Cold: m.Setup.Cold, Nominal: m.Setup.Nominal, Hot: m.Setup.Hot,
		Sigma: float64(m.Setup.ProcessSigma), BitError: float64(m.Setup.ErrorBudget),
	}
	for f := range m.nodes {
		n, err := t.Node(m.Setup.Node, tech.Flavour(f))
		if err != nil {
			return err
		}
		m.nodes[f] = n
		m.process[f] = Process(n, m.Setup.Hot)
		m.sram[f] = bitcell.SRAM(n, m.Setup.SRAMCell, m.Setup.Ports == array.OneReadOneWrite, m.Setup.operating())
	}
	if err := m.giveCells(); err != nil {
		return err
	}
	for f := range m.nodes {
		if err := m.preparePEBuffer(f); err != nil {
			return err
		}
	}
	return nil
}

// RawBudget returns the raw bit error rate at which the bits of a codeword, after
// correction, fail at the budget: a codeword fails with the budget times its
// data bits (E37).
func RawBudget(budget float64, code array.ECC, codeword int) float64 {
	if code == array.NoECC {
		return budget
	}
	return device.RawErrorRate(budget*float64(codeword), code.WordBits(codeword, codeword), code.Corrects())
}

// at returns what the cells of a design are judged at.
func (m *Model) at(d *Design) device.Operating {
	o := m.operating
	o.BitError = RawBudget(float64(m.Setup.ErrorBudget), d.ECC, d.codeword())
	return o
}

// codeword returns the data bits of a codeword: no more than a word has.
func (d *Design) codeword() int { return min(d.Codeword, d.WordBits) }

func circuits(t *tech.Tables) (tech.Circuits, error) {
	c, err := t.Circuits()
	if err != nil {
		return tech.Circuits{}, err
	}
	return *c, nil
}

// Process returns what a bitcell needs to know of a node, off-currents at the
// hot temperature.
func Process(n *tech.Node, hot units.Temperature) device.Process {
	perFin := func(c units.CapacitancePerM) units.Capacitance {
		return units.Capacitance(float64(c) * float64(n.FinWidth))
	}
	return device.Process{
		Vdd: n.Vdd, FinPitch: n.FinPitch, GatePitch: n.GatePitch,
		MetalPitchX: n.MetalPitch, MetalPitchY: n.MetalPitch, FinWidth: n.FinWidth,
		OnCurrent:  units.Current(float64(n.OnCurrent) * float64(n.FinWidth)),
		OffCurrent: units.Current(float64(n.OffCurrentAt(hot)) * float64(n.FinWidth)),
		GateCap:    perFin(n.GateCap), DrainCap: perFin(n.DrainCap),
	}
}

// plan builds the trace of a workload and prepares it for the machine.
func (s *Setup) plan(w *Workload, curves *residency.Curves) (*accel.Plan, error) {
	net, err := w.Build()
	if err != nil {
		return nil, err
	}
	trace, err := lower.Trace(net, w.Options)
	if err != nil {
		return nil, err
	}
	return accel.NewPlan(trace, s.AccelArray(), accel.BufferPolicy{
		NoResidency: s.NoResidency, Tiles: s.Tiles, Curves: curves, Schedule: s.Schedule, Overlap: s.Overlap, Part: Parts(net, w.Options, s.BatchNormParts),
	})
}

// Parts returns what builds the trace of a part of a network's batch, nil where
// the batch must not be split: with batch normalisation in training, unless its
// statistics may be those of parts, and where the workload says into how many
// micro-batches it is split.
func Parts(net *graph.Network, o workload.Options, batchNormParts bool) func(batch, micro int) (*workload.Trace, error) {
	if o.Phase == workload.Training {
		normed := slices.ContainsFunc(net.Ops, func(op graph.Op) bool { return op.Kind == workload.OpNorm && op.Fn == graph.BatchNorm })
		if o.MicroBatches > 1 || normed && !batchNormParts {
			return nil
		}
	}
	return lower.Parts(net, o)
}

// AccelArray returns the PE arrays of the setup.
func (s *Setup) AccelArray() accel.Array {
	return accel.Array{
		Rows: s.PERows, Cols: s.PECols, Cores: s.Cores, Dataflow: s.Dataflow, VectorLanes: s.Cores * s.VectorLanes, AccumBytes: accumBytes,
		PEBuffer: int64(s.Cores) * int64(s.PEBuffer),
	}
}

// Plans returns the prepared workloads, in the order of the setup.
func (m *Model) Plans() []*accel.Plan { return m.plans }

// Node returns the CMOS node in a flavour (hp, lop, lstp).
func (m *Model) Node(flavour string) (*tech.Node, error) {
	f, err := tech.ParseFlavour(flavour)
	if err != nil {
		return nil, err
	}
	return m.nodes[f], nil
}

// Warm builds the traffic tables of every workload at the given capacities,
// one goroutine a workload.
func (m *Model) Warm(capacities []units.Bytes) {
	var wg sync.WaitGroup
	for _, p := range m.plans {
		wg.Go(func() {
			for _, c := range capacities {
				_, _ = p.Table(int64(c)) // a capacity too small for a trace is a violation at evaluation
			}
		})
	}
	wg.Wait()
}
