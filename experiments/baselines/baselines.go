package baselines

import (
	"fmt"
	"slices"

	"stco/experiments/study"
	"stco/model"
	"stco/model/device"
	"stco/model/units"
	"stco/objectives"
)

// Criterion is the figure by which a baseline is the best of its kind.
type Criterion uint8

// The criteria. Quoted gains are over the least energy-delay product.
const (
	LeastEDP Criterion = iota
	LeastEnergy
	LeastLatency
	numCriteria
)

// String is the name of the figure, as a metric has it.
func (c Criterion) String() string { return [...]string{"edp", "energy", "latency"}[c] }

// of is what the criterion minimises.
func (c Criterion) of(r *model.Report) float64 {
	return [...]float64{r.Energy * r.Latency, r.Energy, r.Latency}[c]
}

// Baseline is a conventional buffer beside a design.
type Baseline struct {
	Name    string    // of the kind, such as iso-area
	Least   Criterion // the buffer is the least in it of those of its kind
	Flavour string
	Model   *model.Model // what the buffer is evaluated with
	Found   bool
	Reason  string // why none was found
	Report  model.Report
}

// Title names the buffer in a table of several kinds.
func (b *Baseline) Title() string {
	if b.Report.Design.Technology == device.STT {
		return b.Name
	}
	return "SRAM " + b.Name
}

// fixed returns a design with what the study says of the port of a buffer; nil
// where it leaves a part of it open.
func (s *SRAMSearch) fixed() *model.Design {
	d := model.DefaultDesign()
	knobs := s.base.Catalog.Knobs()
	for i := range knobs {
		if k := &knobs[i]; slices.Contains([]string{"read_bus", "write_bus", "clock"}, k.Name) {
			if !objectives.IsFixed(&s.params[i]) {
				return nil
			}
			k.Set(&d, s.params[i].Values[0])
		}
	}
	return &d
}

// Baselines returns the baselines of a design in a device flavour: for each of
// the list of the study, in its order, the best by every criterion. An SRAM
// buffer carries the code of the design and has its bus and clock.
func (s *SRAMSearch) Baselines(of *model.Report, flavour string) ([]Baseline, error) {
	var out []Baseline
	for i := range s.list {
		b := &s.list[i]
		if b.Flavour != "" && b.Flavour != flavour {
			continue
		}
		if b.Technology == device.STT {
			if flavour != of.Design.Flavour {
				continue
			}
			stt, err := STTBaseline(s.ctx, s.base, of)
			if err != nil {
				return nil, err
			}
			out = append(out, stt)
			continue
		}
		l, err := s.lab(conditions{b.Temperature, b.Node, b.NoResidency})
		if err != nil {
			return nil, err
		}
		best, why, err := s.best(l, b, of, flavour)
		if err != nil {
			return nil, err
		}
		for c := range numCriteria {
			x := Baseline{Name: b.Name(), Least: c, Flavour: flavour, Model: l.model, Reason: why}
			if best[c] != nil {
				x.Found = true
				if x.Report, err = l.complete(&best[c].Design); err != nil {
					return nil, err
				}
			}
			out = append(out, x)
		}
	}
	return out, nil
}

// best returns the best buffers of a baseline by every criterion, or nil and why
// none meets its condition.
func (s *SRAMSearch) best(l *lab, b *study.Baseline, of *model.Report, flavour string) (found [numCriteria]*model.Report, why string, err error) {
	limit := infinite()
	if b.Area > 0 {
		limit = float64(b.Area)
	}
	if b.SameArea {
		limit = min(limit, float64(of.Area()))
	}
	var capacities []units.Bytes
	switch {
	case b.SameCapacity:
		capacities = []units.Bytes{of.Design.Capacity}
	case b.Capacity > 0:
		capacities = []units.Bytes{b.Capacity}
	default:
		capacities = s.capacities(of.Design.Capacity)
	}
	d := &of.Design
	key := bench{flavour: flavour, code: d.ECC, codeword: d.Codeword, port: port{d.ReadBus, d.WriteBus, d.Clock}}
	if b.OtherCode {
		key.code = b.Code
	}
	for _, c := range capacities {
		key.capacity = c
		all, err := s.buffers(l, key, limit)
		if err != nil {
			return found, "", err
		}
		for i := range all {
			r := &all[i].report
			if float64(r.Area()) > limit {
				continue
			}
			for c := range numCriteria {
				if found[c] == nil || c.of(r) < c.of(found[c]) {
					found[c] = r
				}
			}
		}
	}
	if found[LeastEDP] != nil {
		return found, "", nil
	}
	why, err = s.why(l, b, key, limit)
	return found, why, err
}

// why says what keeps every buffer from meeting a baseline's condition.
func (s *SRAMSearch) why(l *lab, b *study.Baseline, key bench, limit float64) (string, error) {
	fixed := b.SameCapacity || b.Capacity > 0
	if !fixed {
		least, area, err := s.smallest(l, key)
		if err != nil {
			return "", err
		}
		if area > limit {
			return fmt.Sprintf("the cells of %g KiB of SRAM alone take %.3g of %.3g mm2", float64(least)/1024, area*1e6, limit*1e6), nil
		}
		return fmt.Sprintf("no SRAM buffer with its periphery fits %.3g mm2", limit*1e6), nil
	}
	all, err := s.buffers(l, key, infinite())
	if err != nil {
		return "", err
	}
	if len(all) == 0 {
		return fmt.Sprintf("no SRAM buffer of %g MiB meets the limits of the model with any banks and words", float64(key.capacity)/(1<<20)), nil
	}
	area := infinite()
	for i := range all {
		area = min(area, float64(all[i].report.Area()))
	}
	return fmt.Sprintf("the smallest SRAM buffer of %g MiB takes %.3g of %.3g mm2", float64(key.capacity)/(1<<20), area*1e6, limit*1e6), nil
}
