package designs

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"stco/model"
	"stco/objectives"
	"stco/results"
)

// figure is a feasible design and what it is compared by, all minimised.
type figure struct {
	values []float64
	report model.Report
}

// Front enumerates the SRAM buffers of a space in every device flavour and
// returns those than which none is better in energy, latency, area and the
// objectives at once, sorted by area: whatever buffer is best in any of these
// under any limit of the others is among them. Capacities whose data cells alone
// exceed an area, m^2, are left out.
func (s *SRAMSearch) Front(goals []string, area float64) (*results.Table, error) {
	var metrics []objectives.Metric
	for _, name := range append([]string{"energy", "latency", "area"}, goals...) {
		m, err := objectives.MetricByName(name)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(metrics, func(o objectives.Metric) bool { return o.Name == m.Name }) {
			metrics = append(metrics, m)
		}
	}
	var front []figure
	for _, flavour := range []string{"hp", "lop", "lstp"} {
		for _, capacity := range s.capacities() {
			d, err := s.decoder(flavour, capacity)
			if err != nil {
				return nil, err
			}
			cell, err := s.cellArea(flavour, d)
			if err != nil {
				return nil, err
			}
			if cell*8*float64(capacity) > area {
				continue
			}
			found, err := s.figures(d, metrics)
			if err != nil {
				return nil, err
			}
			for i := range found {
				front = keepFigure(front, &found[i])
			}
		}
	}
	slices.SortStableFunc(front, func(a, b figure) int { return slices.Compare([]float64{a.values[2]}, []float64{b.values[2]}) })
	t := &results.Table{Name: "sram", Columns: Columns(s.model.Catalog, goals, nil)}
	for i := range front {
		t.Add("", Row(s.model.Catalog, &front[i].report)...)
	}
	t.AddColumn("id:text")
	for i := range front {
		t.Rows[i][len(t.Columns)-1] = t.Choice(len(t.Columns)-1, s.model.Catalog.Identity(&front[i].report.Design))
	}
	return t, nil
}

// figures returns the non-dominated designs of a space.
func (s *SRAMSearch) figures(d *objectives.Decoder, metrics []objectives.Metric) ([]figure, error) {
	n, finite := d.Space.Size()
	if !finite {
		return nil, errors.New("baselines: the SRAM space is not finite")
	}
	chunks := make([][]figure, (n+sramChunk-1)/sramChunk)
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
				chunks[c], faults[w] = s.chunk(s.evals[w], d, metrics, c*sramChunk, min(n, (c+1)*sramChunk))
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

// chunk returns the non-dominated designs of a part of a space.
func (s *SRAMSearch) chunk(e *model.Evaluator, d *objectives.Decoder, metrics []objectives.Metric, from, to int64) ([]figure, error) {
	if s.ctx.Err() != nil {
		return nil, s.ctx.Err()
	}
	var out []figure
	f := figure{values: make([]float64, len(metrics))}
	var design model.Design
	x := make([]float64, d.Space.Dim())
	for k := from; k < to; k++ {
		d.Space.At(k, x)
		d.Decode(x, &design)
		if err := e.Evaluate(&design, &f.report); err != nil {
			return nil, fmt.Errorf("baseline: %w", err)
		}
		if !f.report.Feasible() {
			continue
		}
		for i := range metrics {
			if f.values[i] = metrics[i].Value(&f.report); metrics[i].Max {
				f.values[i] = -f.values[i]
			}
		}
		out = keepFigure(out, &f)
	}
	return out, nil
}

// keepFigure adds a copy of a design unless one of the list is nowhere worse, and
// drops those that it makes so.
func keepFigure(all []figure, f *figure) []figure {
	noWorse := func(a, b *figure) bool {
		for i := range a.values {
			if !(a.values[i] <= b.values[i]) {
				return false
			}
		}
		return true
	}
	for i := range all {
		if noWorse(&all[i], f) {
			return all
		}
	}
	all = slices.DeleteFunc(all, func(o figure) bool { return noWorse(f, &o) })
	c := figure{slices.Clone(f.values), f.report}
	c.report.Costs = slices.Clone(f.report.Costs)
	return append(all, c)
}
