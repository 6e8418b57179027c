package designs

import (
	"context"
	"fmt"
	"math"
	"slices"

	"stco/model"
	"stco/model/device"
	"stco/model/units"
	"stco/objectives"
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
	ctx   context.Context
	model *model.Model
	axes  []objectives.Axis
	bests map[sramKey]*model.Report
	eval  *model.Evaluator
}

type sramKey struct {
	flavour  string
	capacity units.Bytes
	area     float64 // limit, m^2; +Inf without
}

// NewSRAMSearch prepares the search for the SRAM buffers of a study.
func NewSRAMSearch(ctx context.Context, m *model.Model, axes []objectives.Axis) (*SRAMSearch, error) {
	e, err := m.NewEvaluator()
	if err != nil {
		return nil, err
	}
	return &SRAMSearch{ctx: ctx, model: m, axes: axes, bests: map[sramKey]*model.Report{}, eval: e}, nil
}

// sramGrid is the number of values a continuous knob is enumerated with.
const sramGrid = 5

// decoder returns the space of the SRAM buffers of a capacity: axes of the
// study that mean something for SRAM, continuous ones on a grid.
func (s *SRAMSearch) decoder(flavour string, capacity units.Bytes) (*objectives.Decoder, error) {
	knobs := s.model.Catalog.Knobs()
	var axes []objectives.Axis
	for i := range knobs {
		k := &knobs[i]
		a := s.axes[i]
		switch k.Name {
		case "technology":
			a = objectives.Axis{Knob: k.Name, Fixed: true, Value: float64(device.SRAM)}
		case "flavour":
			a = objectives.Axis{Knob: k.Name, Fixed: true, Value: float64(slices.Index(k.Choices, flavour))}
		case "capacity":
			a = objectives.Axis{Knob: k.Name, Fixed: true, Value: float64(capacity) / k.SI}
		case "retention":
			a = objectives.Axis{Knob: k.Name, Fixed: true, Value: 0}
		default:
			if !k.AppliesTo(device.SRAM, false) {
				continue
			}
			if !a.Fixed && k.Scale != model.Choice && k.Scale != model.PowerOfTwo && a.Step == 0 && a.Levels == 0 && a.Values == nil {
				a.Step = (a.High - a.Low) / (sramGrid - 1)
			}
		}
		axes = append(axes, a)
	}
	return objectives.NewDecoder(knobs, model.DefaultDesign(), axes)
}

// best returns the SRAM buffer of least energy-delay product at a capacity and
// within an area; nil when none exists.
func (s *SRAMSearch) best(flavour string, capacity units.Bytes, area float64) (*model.Report, error) {
	key := sramKey{flavour, capacity, area}
	if r, ok := s.bests[key]; ok {
		return r, nil
	}
	d, err := s.decoder(flavour, capacity)
	if err != nil {
		return nil, err
	}
	n, finite := d.Space.Size()
	if !finite {
		return nil, fmt.Errorf("baselines: the SRAM space is not finite")
	}
	var best *model.Report
	var r model.Report
	var design model.Design
	x := make([]float64, d.Space.Dim())
	for k := range n {
		if k%1024 == 0 && s.ctx.Err() != nil {
			return nil, s.ctx.Err()
		}
		d.Space.At(k, x)
		d.Decode(x, &design)
		if err := s.eval.Evaluate(&design, &r); err != nil {
			return nil, fmt.Errorf("baseline: %w", err)
		}
		if !r.Feasible() || float64(r.Area()) > area {
			continue
		}
		if best == nil || r.Energy*r.Latency < best.Energy*best.Latency {
			c := r
			c.Costs = slices.Clone(r.Costs)
			best = &c
		}
	}
	s.bests[key] = best
	return best, nil
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
