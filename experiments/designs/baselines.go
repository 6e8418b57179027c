package designs

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"stco/model"
	"stco/model/device"
	"stco/model/units"
	"stco/objectives"
	"stco/space"
)

// smallBaseline is the capacity of the conventional buffer every study is
// compared with.
const smallBaseline = 2 << 20

// Baseline is an SRAM buffer beside a design.
type Baseline struct {
	Name    string // "iso-capacity", "iso-area" or "2 MiB"
	Flavour string
	Found   bool // false: no SRAM buffer meets the condition
	Report  model.Report
}

// SRAMSearch finds SRAM buffers in the space of a study. The knobs that mean
// something for SRAM span a small finite space, which is enumerated whole, so
// that no other choice of banks, word, code or bandwidth is better.
type SRAMSearch struct {
	ctx     context.Context
	model   *model.Model
	params  []space.Parameter
	evals   []*model.Evaluator // one a worker
	buffers map[sramKey][]buffer
	cells   map[string]float64 // m^2 of a bitcell, by flavour
}

type sramKey struct {
	flavour  string
	capacity units.Bytes
}

// buffer is a feasible SRAM buffer than which none of its capacity has both less
// area and less energy-delay product.
type buffer struct {
	area, edp float64
	report    model.Report
}

// NewSRAMSearch prepares the search for the SRAM buffers of a study on a number
// of goroutines, which does not change what is found.
func NewSRAMSearch(ctx context.Context, m *model.Model, params []space.Parameter, workers int) (*SRAMSearch, error) {
	s := &SRAMSearch{ctx: ctx, model: m, params: params, buffers: map[sramKey][]buffer{}, cells: map[string]float64{}}
	for range max(workers, 1) {
		e, err := m.NewEvaluator()
		if err != nil {
			return nil, err
		}
		s.evals = append(s.evals, e)
	}
	return s, nil
}

// sramGrid is the number of values a continuous knob is enumerated with.
const sramGrid = 5

// decoder returns the space of the SRAM buffers of a capacity: axes of the
// study that mean something for SRAM, continuous ones on a grid.
func (s *SRAMSearch) decoder(flavour string, capacity units.Bytes) (*objectives.Decoder, error) {
	knobs := s.model.Catalog.Knobs()
	var params []space.Parameter
	for i := range knobs {
		k := &knobs[i]
		p := s.params[i]
		switch k.Name {
		case "technology":
			p = objectives.Fixed(k, float64(device.SRAM))
		case "flavour":
			p = objectives.Fixed(k, float64(slices.Index(k.Choices, flavour)))
		case "capacity":
			p = objectives.Fixed(k, float64(capacity))
		default:
			if !k.AppliesTo(device.SRAM, false) {
				continue
			}
			if (k.Scale == model.Linear || k.Scale == model.Logarithmic) && p.Step == 0 && p.Levels == 0 && p.Values == nil {
				p = objectives.Between(k, p.Min, p.Max, (p.Max-p.Min)/(sramGrid-1), 0)
			}
		}
		params = append(params, p)
	}
	return objectives.NewDecoder(knobs, model.DefaultDesign(), params)
}

// best returns the SRAM buffer of least energy-delay product at a capacity and
// within an area; nil when none exists.
func (s *SRAMSearch) best(flavour string, capacity units.Bytes, area float64) (*model.Report, error) {
	d, err := s.decoder(flavour, capacity)
	if err != nil {
		return nil, err
	}
	cell, err := s.cellArea(flavour, d)
	if err != nil || cell*8*float64(capacity) > area {
		return nil, err // the data cells alone are larger
	}
	key := sramKey{flavour, capacity}
	all, ok := s.buffers[key]
	if !ok {
		if all, err = s.enumerate(d); err != nil {
			return nil, err
		}
		s.buffers[key] = all
	}
	var best *buffer
	for i := range all {
		if b := &all[i]; b.area <= area && (best == nil || b.edp < best.edp) {
			best = b
		}
	}
	if best == nil {
		return nil, nil //nolint:nilnil // no buffer is an answer
	}
	return &best.report, nil
}

// cellArea is the footprint of the SRAM bitcell, which all designs share.
func (s *SRAMSearch) cellArea(flavour string, d *objectives.Decoder) (float64, error) {
	if a, ok := s.cells[flavour]; ok {
		return a, nil
	}
	var design model.Design
	var r model.Report
	x := make([]float64, d.Space.Dim())
	d.Space.At(0, x)
	d.Decode(x, &design)
	if err := s.evals[0].Evaluate(&design, &r); err != nil {
		return 0, fmt.Errorf("baseline: %w", err)
	}
	s.cells[flavour] = float64(r.Cell.Area())
	return s.cells[flavour], nil
}

// sramChunk is the number of designs a worker takes at once.
const sramChunk = 1024

// enumerate evaluates a space and returns its buffers, the first of equal ones.
func (s *SRAMSearch) enumerate(d *objectives.Decoder) ([]buffer, error) {
	n, finite := d.Space.Size()
	if !finite {
		return nil, errors.New("baselines: the SRAM space is not finite")
	}
	chunks := make([][]buffer, (n+sramChunk-1)/sramChunk)
	faults := make([]error, len(s.evals))
	var next atomic.Int64
	var wg sync.WaitGroup
	for w := range s.evals {
		wg.Go(func() {
			for {
				c := next.Add(1) - 1
				if c >= int64(len(chunks)) || faults[w] != nil {
					return
				}
				chunks[c], faults[w] = s.evaluate(s.evals[w], d, c*sramChunk, min(n, (c+1)*sramChunk))
			}
		})
	}
	wg.Wait()
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	var all []buffer
	for _, c := range chunks {
		for i := range c {
			all = insert(all, &c[i])
		}
	}
	return all, nil
}

// evaluate returns the buffers of a part of a space.
func (s *SRAMSearch) evaluate(e *model.Evaluator, d *objectives.Decoder, from, to int64) ([]buffer, error) {
	if s.ctx.Err() != nil {
		return nil, s.ctx.Err()
	}
	var out []buffer
	var r model.Report
	var design model.Design
	x := make([]float64, d.Space.Dim())
	for k := from; k < to; k++ {
		d.Space.At(k, x)
		d.Decode(x, &design)
		if err := e.Evaluate(&design, &r); err != nil {
			return nil, fmt.Errorf("baseline: %w", err)
		}
		if r.Feasible() {
			out = insert(out, &buffer{float64(r.Area()), r.Energy * r.Latency, r})
		}
	}
	return out, nil
}

// insert adds a buffer unless one of the list is as good in area and
// energy-delay product, and drops those that it beats.
func insert(all []buffer, b *buffer) []buffer {
	for i := range all {
		if all[i].area <= b.area && all[i].edp <= b.edp {
			return all
		}
	}
	all = slices.DeleteFunc(all, func(o buffer) bool { return b.area <= o.area && b.edp <= o.edp })
	c := *b
	c.report.Costs = slices.Clone(b.report.Costs)
	return append(all, c)
}

// Baselines returns the three baselines of a design in a device flavour: the
// best SRAM buffer of the same capacity, the best of the largest capacity that
// fits the same area, and the best of 2 MiB. Best is the least energy-delay
// product over the workloads of the study.
func (s *SRAMSearch) Baselines(of *model.Report, flavour string) ([]Baseline, error) {
	out := []Baseline{{Name: "iso-capacity"}, {Name: "iso-area"}, {Name: "2 MiB"}}
	limit := float64(of.Area())
	for i := range out {
		out[i].Flavour = flavour
		var r *model.Report
		var err error
		switch i {
		case 0:
			r, err = s.best(flavour, of.Design.Capacity, math.Inf(1))
		case 1:
			for _, c := range s.capacities() {
				if r, err = s.best(flavour, c, limit); err != nil || r != nil {
					break
				}
			}
		default:
			r, err = s.best(flavour, smallBaseline, math.Inf(1))
		}
		if err != nil {
			return nil, err
		}
		if r != nil {
			out[i].Found, out[i].Report = true, *r
		}
	}
	return out, nil
}

// capacities lists the capacities of the capacity knob's default range,
// largest first.
func (s *SRAMSearch) capacities() []units.Bytes {
	var all []units.Bytes
	for c := units.Bytes(64 << 10); c <= 1<<30; c *= 2 {
		all = append(all, c, c*3/2)
	}
	slices.Reverse(all)
	return all
}
