package regimes

import (
	"context"
	"math"
	"slices"

	"stco/experiments/baselines"
	"stco/experiments/reproduction"
	"stco/experiments/reproduction/rivals"
	"stco/results"
)

// explain takes a point apart and adds the range of its gains over draws from the
// constants of the device that are in doubt: both buffers are chosen anew under
// each. (The band of the design as it is says little: one that is sized to its
// last margin misses a limit in nearly every draw.)
func (o *outcome) explain(ctx context.Context, s *reproduction.Setting, b *baselines.Baseline, family string, row int, parts *baselines.Decomposition, bands *results.Table) error {
	at, err := o.in()
	if err != nil {
		return err
	}
	if err := parts.Add(at.Model, family+": SOT", o.sot); err != nil {
		return err
	}
	if err := parts.Add(at.Model, family+": "+b.Title()+" "+b.Flavour, &b.Report); err != nil {
		return err
	}
	p := pair{o.sot, *b}
	e, l, _, _ := p.gains()
	draws := reproduction.Either(s, 24, 2)
	found := make([][]float64, draws)
	err = reproduction.Each(ctx, s, draws, func(i int) error {
		c, err := at.Draw(i)
		if err != nil {
			return nil //nolint:nilerr // no cell can have these parameters together
		}
		s.Progress("draw %d at the nearest point of %s", i+1, family)
		sot, err := c.Best(ctx, rivals.Effort{Evaluations: reproduction.Either[int64](s, 1000, 200), Seed: s.Seed, Workers: 1, Tries: 1}, rivals.EDP, o.sot)
		if err != nil || sot == nil {
			return err
		}
		list, err := beside(ctx, c, c.SRAM(ctx, 1), sot)
		if err != nil {
			return err
		}
		if at := slices.IndexFunc(list, func(x baselines.Baseline) bool { return x.Name == b.Name && x.Flavour == b.Flavour }); at >= 0 {
			drawn := pair{sot, list[at]}
			x, y, _, _ := drawn.gains()
			found[i] = []float64{x, y}
		}
		return nil
	})
	if err != nil {
		return err
	}
	var energy, latency []float64
	for _, f := range found {
		if f != nil {
			energy, latency = append(energy, f[0]), append(latency, f[1])
		}
	}
	least, most := math.NaN(), math.NaN()
	slow, fast := math.NaN(), math.NaN()
	if len(energy) > 0 {
		least, most, slow, fast = slices.Min(energy), slices.Max(energy), slices.Min(latency), slices.Max(latency)
	}
	bands.Append(family, row+2, e, least, most, l, slow, fast, draws, len(energy))
	return nil
}

// energies are the columns of a decomposition that a section shows.
func energies(t *results.Table) *results.Table {
	var cols []int
	for _, name := range []string{"design", "workload", "energy", "energy_dram", "energy_buffer_read", "energy_buffer_write", "energy_buffer_leakage", "energy_mac", "latency", "time_compute", "time_buffer", "time_dram"} {
		cols = append(cols, reproduction.Column(t, name))
	}
	return t.Pick(nil, cols)
}
