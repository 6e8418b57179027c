package designs

import (
	"slices"

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
	for _, flavour := range flavours() {
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
	t := &results.Table{Name: "sram", Columns: Columns(c, s.goals, nil)}
	for i := range front {
		r, err := l.complete(&front[i].report.Design)
		if err != nil {
			return nil, err
		}
		t.Add("", Row(c, &r)...)
	}
	t.AddColumn("id:text")
	for i := range front {
		t.Rows[i][len(t.Columns)-1] = t.Choice(len(t.Columns)-1, c.Identity(&front[i].report.Design))
	}
	return t, nil
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
