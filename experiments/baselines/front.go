package baselines

import (
	"math"
	"slices"

	"stco/experiments/designs"
	"stco/model"
	"stco/model/device"
	"stco/model/units"
	"stco/objectives"
	"stco/results"
)

// Front enumerates the SRAM buffers of a study in every device flavour and with
// every code that the study allows, and returns those within its bounds than
// which none is better in energy, latency, area and the objectives at once,
// sorted by area: whatever buffer is best in any of these under any limit of the
// others is among them. Capacities whose data cells alone exceed an area, m^2,
// are left out.
func (s *SRAMSearch) Front(area float64) (*results.Table, error) {
	l, err := s.lab(conditions{})
	if err != nil {
		return nil, err
	}
	var front []figure
	for _, flavour := range Flavours() {
		for _, capacity := range s.capacities() {
			for _, code := range s.codes() {
				found, err := s.buffers(l, bench{flavour: flavour, capacity: capacity, code: code, codeword: s.codeword(), port: s.port()}, area)
				if err != nil {
					return nil, err
				}
				for i := range found {
					if found[i].bounds {
						front = keepFigure(front, &found[i])
					}
				}
			}
		}
	}
	slices.SortStableFunc(front, func(a, b figure) int { return slices.Compare([]float64{a.values[2]}, []float64{b.values[2]}) })
	c := s.base.Catalog
	t := &results.Table{Name: designs.SRAMTable, Columns: slices.Concat(designs.Columns(c, s.goals, nil), designs.OverColumns(l.judge.Objectives))}
	for i := range front {
		r, err := l.complete(&front[i].report.Design)
		if err != nil {
			return nil, err
		}
		t.Add("", slices.Concat(designs.Row(c, &r), designs.OverRow(l.judge.Objectives, l.whole))...)
	}
	t.AddColumn(results.IDColumn + ":text")
	for i := range front {
		t.Rows[i][len(t.Columns)-1] = t.Choice(len(t.Columns)-1, c.Identity(&front[i].report.Design))
	}
	return t, nil
}

// Frame returns the extremes of a coarse grid of SRAM buffers in the objectives
// of the study, as the search has them: minimised, logarithms where they are
// positive. It is nil where they do not differ in one of them.
func (s *SRAMSearch) Frame() (ideal, nadir []float64, err error) {
	l, err := s.lab(conditions{})
	if err != nil {
		return nil, nil, err
	}
	d := s.named()
	own := make([]int, len(s.goals))
	for i, g := range s.goals {
		own[i] = slices.IndexFunc(l.judge.Objectives, func(m objectives.Metric) bool { return m.Name == g })
	}
	f, g := make([]float64, len(l.judge.Objectives)), make([]float64, l.judge.NumConstraints())
	ideal, nadir = slices.Repeat([]float64{math.Inf(1)}, len(own)), slices.Repeat([]float64{math.Inf(-1)}, len(own))
	e := l.scorers[0]
	d.Technology, d.Hybrid = device.SRAM, false
	for capacity := units.Bytes(64 << 10); capacity <= s.largest(); capacity *= 2 {
		for _, banks := range []int{1, 16, 256} {
			for _, word := range []int{64, 2048} {
				d.Capacity, d.Banks, d.WordBits = capacity, banks, word
				if err := e.EvaluateDesign(d, f, g); err != nil || !e.Report.Feasible() {
					continue
				}
				for i, k := range own {
					ideal[i], nadir[i] = min(ideal[i], f[k]), max(nadir[i], f[k])
				}
			}
		}
	}
	for i := range ideal {
		if !(nadir[i]-ideal[i] > 1e-9) || math.IsInf(nadir[i]-ideal[i], 0) {
			return nil, nil, nil
		}
	}
	return ideal, nadir, nil
}

// named is the default design with what the study fixes, and the first of what it
// lists.
func (s *SRAMSearch) named() *model.Design {
	d := model.DefaultDesign()
	knobs := s.base.Catalog.Knobs()
	for i := range knobs {
		if v := s.params[i].Values; v != nil {
			knobs[i].Set(&d, v[0])
		}
	}
	return &d
}

// largest is the largest capacity of the study.
func (s *SRAMSearch) largest() units.Bytes {
	for i := range s.params {
		if s.params[i].Name == "capacity" {
			return units.Bytes(s.params[i].Max)
		}
	}
	return 1 << 30
}

// port is that of every buffer of the study; the zero value where the study
// leaves a part of it open.
func (s *SRAMSearch) port() port {
	d := s.fixed()
	if d == nil {
		return port{}
	}
	return port{d.ReadBus, d.WriteBus, d.Clock}
}
