package baselines

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"stco/experiments/study"
	"stco/model"
	"stco/model/array"
	"stco/model/device"
	"stco/model/units"
	"stco/objectives"
	"stco/space"
)

// SRAMSearch finds the SRAM buffers that could be built instead of a design. The
// knobs that mean something for SRAM span a small finite space, which is
// enumerated whole, so that no other choice is better: all capacities, banks and
// words of the default space and of the study, and what else the study frees,
// continuous knobs on a grid.
type SRAMSearch struct {
	ctx     context.Context
	base    *model.Model
	params  []space.Parameter
	goals   []string
	bounds  []objectives.Bound
	list    []study.Baseline
	workers int
	labs    map[conditions]*lab
	prefs   []objectives.Preference
	several *objectives.Circumstances
}

// conditions are what a baseline changes of the setup of a study.
type conditions struct {
	temperature units.Temperature
	node        string
	noResidency bool
}

// lab evaluates the SRAM buffers of one setup.
type lab struct {
	model   *model.Model
	judge   *objectives.Problem  // what buffers are compared by
	scorers []*objectives.Scorer // one a worker
	whole   *objectives.Scorer   // of every figure, also those that a search leaves out
	buffers map[bench][]figure
	cells   map[string]float64 // m^2 of a bitcell, by flavour
}

// bench is what a list of SRAM buffers depends on.
type bench struct {
	flavour  string
	capacity units.Bytes
	code     array.ECC
	codeword int
	port     port
}

// port is what a buffer shares with the machine around it. The zero value stands
// for whatever the study allows.
type port struct {
	readBus, writeBus int
	clock             units.Frequency
}

// NewSRAMSearch prepares the search for the SRAM buffers of a study on a number
// of goroutines, which does not change what is found.
func NewSRAMSearch(ctx context.Context, m *model.Model, s *study.Study, workers int) *SRAMSearch {
	return &SRAMSearch{
		ctx: ctx, base: m, params: s.Space, goals: s.Objectives, prefs: s.Preferences, bounds: s.Bounds(), list: s.Baselines,
		workers: max(workers, 1), labs: map[conditions]*lab{},
	}
}

// In compares SRAM buffers by the objectives of a problem in its circumstances.
func (s *SRAMSearch) In(p *objectives.Problem) *SRAMSearch {
	s.several = p.Several()
	return s
}

// Flavours are those that baselines are enumerated in.
func Flavours() []string { return []string{"hp", "lop", "lstp"} }

// lab returns the evaluators under the conditions of a baseline.
func (s *SRAMSearch) lab(c conditions) (*lab, error) {
	if l, ok := s.labs[c]; ok {
		return l, nil
	}
	m := s.base
	if c != (conditions{}) {
		setup := m.Setup
		if c.temperature > 0 {
			setup.Hot = c.temperature
			setup.Nominal, setup.Cold = min(setup.Nominal, setup.Hot), min(setup.Cold, setup.Hot)
		}
		if c.node != "" {
			setup.Node = c.node
		}
		setup.NoResidency = setup.NoResidency || c.noResidency
		var err error
		if m, err = model.New(m.Catalog, setup); err != nil {
			return nil, fmt.Errorf("baseline: %w", err)
		}
	}
	judge, err := s.judge(m)
	if err != nil {
		return nil, err
	}
	if c == (conditions{}) {
		judge.In(s.several)
	}
	whole, err := judge.NewEvaluator()
	if err != nil {
		return nil, err
	}
	l := &lab{model: m, judge: judge, whole: whole.Complete(), buffers: map[bench][]figure{}, cells: map[string]float64{}}
	for range s.workers {
		e, err := judge.NewEvaluator()
		if err != nil {
			return nil, err
		}
		l.scorers = append(l.scorers, e)
	}
	s.labs[c] = l
	return l, nil
}

// judge is what SRAM buffers are compared by: energy, latency and area first, then the
// other objectives, every difference of them.
func (s *SRAMSearch) judge(m *model.Model) (*objectives.Problem, error) {
	names := []string{"energy", "latency", "area"}
	for _, g := range s.goals {
		if !slices.Contains(names, g) {
			names = append(names, g)
		}
	}
	prefs := slices.Clone(s.prefs)
	for i := range prefs {
		over := prefs[i].Over
		prefs[i] = objectives.NewPreference(prefs[i].Metric)
		prefs[i].Over = over
	}
	return objectives.NewProblem(m, nil, names, s.bounds, prefs...)
}

// sramGrid is the number of values a continuous knob is enumerated with.
const sramGrid = 5

// decoder returns the space of the SRAM buffers of a bench.
func (s *SRAMSearch) decoder(l *lab, b bench) (*objectives.Decoder, error) {
	knobs := l.model.Catalog.Knobs()
	base := model.DefaultDesign()
	base.Technology, base.Hybrid, base.Flavour, base.Capacity = device.SRAM, false, b.flavour, b.capacity
	base.ECC, base.Codeword = b.code, b.codeword
	pinned := []string{"technology", "flavour", "capacity", "ecc", "codeword"}
	if b.port != (port{}) {
		base.ReadBus, base.WriteBus, base.Clock = b.port.readBus, b.port.writeBus, b.port.clock
		pinned = append(pinned, "read_bus", "write_bus", "clock")
	}
	var params []space.Parameter
	for i := range knobs {
		k, p := &knobs[i], s.params[i]
		switch {
		case slices.Contains(pinned, k.Name):
			p = objectives.Fixed(k, k.Get(&base))
		case !k.AppliesTo(device.SRAM, false):
			continue
		case k.Name == "banks", k.Name == "word":
			p = widened(k, &p)
		case (k.Scale == model.Linear || k.Scale == model.Logarithmic) && p.Step == 0 && p.Levels == 0 && p.Values == nil:
			p = objectives.Between(k, p.Min, p.Max, (p.Max-p.Min)/(sramGrid-1), 0)
		}
		params = append(params, p)
	}
	return objectives.NewDecoder(knobs, base, params)
}

// widened lists the default values of a knob and those of a study.
func widened(k *model.Knob, p *space.Parameter) space.Parameter {
	var all []float64
	add := func(p space.Parameter) {
		one, err := space.New(p)
		if err != nil {
			return // a list that the decoder judges
		}
		n, _ := one.Size()
		x := []float64{0}
		for i := range n {
			one.At(i, x)
			all = append(all, x[0])
		}
	}
	add(objectives.Between(k, k.Low, k.High, k.Step, 0))
	if p.Values != nil {
		all = append(all, p.Values...)
	} else {
		add(*p)
	}
	slices.Sort(all)
	return objectives.Listed(k, slices.Compact(all))
}

// capacities lists the capacities of SRAM buffers, smallest first: powers of two
// and 1.5 times them, those the study lists, and more.
func (s *SRAMSearch) capacities(more ...units.Bytes) []units.Bytes {
	all := slices.Clone(more)
	for c := units.Bytes(64 << 10); c <= 1<<30; c *= 2 {
		all = append(all, c, c*3/2)
	}
	for i := range s.params {
		if s.params[i].Name == "capacity" {
			for _, v := range s.params[i].Values {
				all = append(all, units.Bytes(v))
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// codeword returns the data bits of a codeword that the study fixes, or the
// default.
func (s *SRAMSearch) codeword() int {
	for i := range s.params {
		if s.params[i].Name == "codeword" && objectives.IsFixed(&s.params[i]) {
			return int(s.params[i].Values[0])
		}
	}
	return array.DefaultCodeword
}

// codes lists the codes that the study allows.
func (s *SRAMSearch) codes() []array.ECC {
	for i := range s.params {
		if s.params[i].Name == "ecc" && s.params[i].Values != nil {
			var all []array.ECC
			for _, v := range s.params[i].Values {
				all = append(all, array.ECC(v))
			}
			return all
		}
	}
	return []array.ECC{array.NoECC, array.SECDED, array.DEC, array.DECTED}
}

// cellArea is the footprint of the SRAM bitcell, which all buffers of a flavour
// share, m^2.
func (s *SRAMSearch) cellArea(l *lab, b bench) (float64, error) {
	if a, ok := l.cells[b.flavour]; ok {
		return a, nil
	}
	in, err := s.decoder(l, b)
	if err != nil {
		return 0, err
	}
	var design model.Design
	x := make([]float64, in.Space.Dim())
	in.Space.At(0, x)
	in.Decode(x, &design)
	r, err := l.complete(&design)
	if err != nil {
		return 0, err
	}
	l.cells[b.flavour] = float64(r.Cell.Area())
	return l.cells[b.flavour], nil
}

// figure is a feasible design and what it is compared by, all minimised.
type figure struct {
	values []float64 // as compared lists them
	bounds bool      // of the study are met
	report model.Report
}

// buffers returns the SRAM buffers of a bench than which no other is better in
// all it is compared by, at equal or better standing in the bounds of the study;
// none where the data cells alone take more than an area, m^2.
func (s *SRAMSearch) buffers(l *lab, b bench, area float64) ([]figure, error) {
	if all, ok := l.buffers[b]; ok {
		return all, nil
	}
	cell, err := s.cellArea(l, b)
	if err != nil || cell*8*float64(b.capacity) > area {
		return nil, err
	}
	in, err := s.decoder(l, b)
	if err != nil {
		return nil, err
	}
	all, err := s.enumerate(l, in)
	if err != nil {
		return nil, err
	}
	l.buffers[b] = all
	return all, nil
}

// sramChunk is the number of designs a worker takes at once.
const sramChunk = 64

// enumerate evaluates a space and returns its buffers, the first of equal ones.
func (s *SRAMSearch) enumerate(l *lab, in *objectives.Decoder) ([]figure, error) {
	n, finite := in.Space.Size()
	if !finite {
		return nil, errors.New("baselines: the SRAM space is not finite")
	}
	chunks := make([][]figure, (n+sramChunk-1)/sramChunk)
	faults := make([]error, len(l.scorers))
	var next atomic.Int64
	var wg sync.WaitGroup
	for w := range l.scorers {
		wg.Go(func() {
			for {
				c := next.Add(1) - 1
				if c >= int64(len(chunks)) || faults[w] != nil {
					return
				}
				chunks[c], faults[w] = s.chunk(l, l.scorers[w], in, c*sramChunk, min(n, (c+1)*sramChunk))
			}
		})
	}
	wg.Wait()
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	var all []figure
	for _, c := range chunks {
		for i := range c {
			all = keepFigure(all, &c[i])
		}
	}
	return all, nil
}

// chunk returns the buffers of a part of a space.
func (s *SRAMSearch) chunk(l *lab, e *objectives.Scorer, in *objectives.Decoder, from, to int64) ([]figure, error) {
	if s.ctx.Err() != nil {
		return nil, s.ctx.Err()
	}
	var out []figure
	f := figure{values: make([]float64, len(l.judge.Objectives))}
	limits := make([]float64, l.judge.NumConstraints())
	var design model.Design
	x := make([]float64, in.Space.Dim())
	for k := from; k < to; k++ {
		in.Space.At(k, x)
		in.Decode(x, &design)
		if err := e.EvaluateDesign(&design, f.values, limits); err != nil {
			return nil, fmt.Errorf("baseline: %w", err)
		}
		if !e.Report.Feasible() {
			continue
		}
		f.report = e.Report
		f.bounds = !slices.ContainsFunc(limits, func(v float64) bool { return !(v <= 0) })
		out = keepFigure(out, &f)
	}
	return out, nil
}

// keepFigure adds a copy of a design unless one of the list is nowhere worse, and
// drops those that it makes so.
func keepFigure(all []figure, f *figure) []figure {
	for i := range all {
		if noWorse(&all[i], f) {
			return all
		}
	}
	all = slices.DeleteFunc(all, func(o figure) bool { return noWorse(f, &o) })
	c := figure{slices.Clone(f.values), f.bounds, f.report}
	c.report.Costs = slices.Clone(f.report.Costs)
	return append(all, c)
}

func noWorse(a, b *figure) bool {
	if b.bounds && !a.bounds {
		return false
	}
	for i := range a.values {
		if !(a.values[i] <= b.values[i]) {
			return false
		}
	}
	return true
}

// complete evaluates a design again for every figure.
func (l *lab) complete(d *model.Design) (model.Report, error) {
	f, g := make([]float64, len(l.judge.Objectives)), make([]float64, l.judge.NumConstraints())
	if err := l.whole.EvaluateDesign(d, f, g); err != nil {
		return model.Report{}, fmt.Errorf("baseline: %w", err)
	}
	r := l.whole.Report
	r.Costs = slices.Clone(r.Costs)
	return r, nil
}

// smallest is the least capacity of the list, for which the cells of an SRAM
// buffer take this area, m^2.
func (s *SRAMSearch) smallest(l *lab, b bench) (units.Bytes, float64, error) {
	b.capacity = s.capacities()[0]
	cell, err := s.cellArea(l, b)
	return b.capacity, cell * 8 * float64(b.capacity), err
}

// infinite is the area limit of a search without one.
func infinite() float64 { return math.Inf(1) }
