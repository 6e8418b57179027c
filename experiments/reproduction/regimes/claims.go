package regimes

import (
	"context"
	"slices"
	"strconv"

	"stco/experiments/baselines"
	"stco/experiments/reproduction"
	"stco/experiments/reproduction/rivals"
	"stco/model"
	"stco/model/workload"
	"stco/results"
)

// Claims is the experiment on the gains of the abstract.
func Claims() *reproduction.Experiment {
	return &reproduction.Experiment{
		Name: "claims-matrix", Title: "where the gains of the abstract are reached",
		Shows: "gains in energy and latency of the best SOT buffer over the best SRAM buffers, by network, batch, machine, schedule, overlap, temperature, capacity, baseline and flavour of the SRAM, whole and of the memory alone, beside what the abstract says",
		Run:   claims,
	}
}

// point is a place of the matrix before flavours and baselines.
type point struct {
	run         rivals.Iteration
	machine     string
	schedule    string
	overlap     string
	temperature string
	capacity    string
}

// outcome is what was found there. The models are not kept: there are too many.
type outcome struct {
	point
	sot       *model.Report
	baselines []baselines.Baseline
}

// published are the gains of the abstract.
type published struct {
	family          string
	energy, latency float64
}

func abstract() []published { return []published{{"cv", 8, 9}, {"nlp", 8, 4.5}} }

// half is the area that the abstract names, over SRAM of the same capacity.
const half = 0.5

func claims(ctx context.Context, s *reproduction.Setting) (*reproduction.Findings, error) {
	all, err := matrix(ctx, s)
	if err != nil {
		return nil, err
	}
	t, from, base := matrixTable(all)
	r := &reproduction.Findings{Tables: []*results.Table{t}}
	parts := baselines.NewDecomposition()
	bands := results.NewList("bands", "family:text", "matrix_line", "energy_gain", "energy_gain_low", "energy_gain_high", "latency_gain", "latency_gain_low", "latency_gain_high", "draws", "draws_with_a_buffer")
	for _, c := range abstract() {
		at := claimed(r, t, c)
		if at < 0 {
			continue
		}
		if err := all[from[at]].explain(ctx, s, &all[from[at]].baselines[base[at]], c.family, at, parts, bands); err != nil {
			return nil, err
		}
	}
	reached, shares, together := reach(t), scheduleShares(t), settings(t)
	r.Tables = append(r.Tables, parts.Table, bands, shares, reached, together)
	r.Show = []*results.Table{reached, bands, energies(parts.Table), top(together, 5)}
	claimsVerdict(r, t, reached, bands, shares, together)
	return r, drawClaims(r, t, shares)
}

func number(text string) float64 {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(err)
	}
	return v
}

// six is a number in six digits: the matrix is long.
func six(v float64) float64 {
	return number(strconv.FormatFloat(v, 'g', 6, 64))
}

// machines are those of the matrix.
func machines() []string { return []string{"edge", "soc", "server", "npu-lpddr"} }

// batches are those of the matrix.
func batches() []int { return []int{1, 16, 64} }

// places are the points before temperature and capacity: every network, machine,
// order of work, batch and overlap.
func places(s *reproduction.Setting) []point {
	if s.Small {
		n := rivals.Net{Name: "squeezenet1_1", Family: "cv"}
		p := point{run: n.Of(workload.Training, 16), machine: "soc", schedule: "layer", overlap: "window"}
		grouped := p
		grouped.schedule = "groups"
		return []point{p, grouped}
	}
	var out []point
	nets := rivals.Networks()
	for i := range nets {
		for _, machine := range machines() {
			for _, schedule := range []string{"groups", "layer"} {
				for _, batch := range batches() {
					for _, overlap := range []string{"window", "step"} {
						out = append(out, point{run: nets[i].Of(workload.Training, batch), machine: machine, schedule: schedule, overlap: overlap})
					}
				}
			}
		}
	}
	return out
}

// searched tells where designs are searched; elsewhere the search goes on from
// theirs. How long data live and how they reach the chip decide over the cell and
// the banks, and both hardly depend on the order of work.
func (p *point) searched() bool {
	return p.schedule == "layer" && p.overlap == "window" && p.run.Batch == 16
}

func kelvins() []string { return []string{"300", "358"} }

func sizes(s *reproduction.Setting) []string {
	return reproduction.Either(s, []string{"2MiB", "32MiB", "256MiB"}, []string{"2MiB"})
}

// sets are the settings of a temperature.
func sets(temperature string, more ...string) []string {
	return append(slices.Clone(temperatures()[temperature]), more...)
}

// list are the baselines of the matrix.
const list = "baselines: [{capacity: same}, {area: same}, {capacity: 2MiB}, {capacity: same, ecc: none}, {area: same, ecc: none}]\n"

func (p *point) whole() (*rivals.Case, error) {
	return rivals.New(rivals.Text([]string{p.run.Text()}, "objectives: [energy, latency]\n"+list), "machine="+p.machine, "schedule="+p.schedule, "overlap="+p.overlap)
}

// in is the case of a point.
func (p *point) in() (*rivals.Case, error) {
	whole, err := p.whole()
	if err != nil {
		return nil, err
	}
	return whole.With(sets(p.temperature, "capacity="+p.capacity)...)
}

// matrix finds the best buffers of every point. Designs are searched at some
// points; all that were found at a temperature and capacity are known to every
// point there, which goes on from the best of them.
func matrix(ctx context.Context, s *reproduction.Setting) ([]outcome, error) {
	all := places(s)
	pool, err := searches(ctx, s, all)
	if err != nil {
		return nil, err
	}
	found := make([][]outcome, len(all))
	err = reproduction.Each(ctx, s, len(all), func(i int) error {
		g := all[i]
		s.Progress("%s, %s, schedule %s, overlap %s", g.run.Title(), g.machine, g.schedule, g.overlap)
		whole, err := g.whole()
		if err != nil {
			return err
		}
		for _, temperature := range kelvins() {
			warm, err := whole.With(sets(temperature)...)
			if err != nil {
				return err
			}
			sram := warm.SRAM(ctx, 1) // what it enumerates serves all capacities
			for _, capacity := range sizes(s) {
				c, err := whole.With(sets(temperature, "capacity="+capacity)...)
				if err != nil {
					return err
				}
				o := outcome{point: g}
				o.temperature, o.capacity = temperature, capacity
				if o.sot, err = c.Refine(rivals.Effort{Evaluations: reproduction.Either[int64](s, 2000, 50), Seed: s.Seed}, pool[temperature+" "+capacity]); err != nil {
					return err
				}
				if o.sot != nil {
					if o.baselines, err = beside(ctx, c, sram, o.sot); err != nil {
						return err
					}
					for k := range o.baselines {
						o.baselines[k].Model = nil
					}
				}
				found[i] = append(found[i], o)
			}
		}
		return nil
	})
	return slices.Concat(found...), err
}

// searches are the best designs found at the points that are searched, by
// temperature and capacity.
func searches(ctx context.Context, s *reproduction.Setting, all []point) (map[string][]*model.Design, error) {
	var jobs []point
	for i := range all {
		if all[i].searched() {
			jobs = append(jobs, all[i])
		}
	}
	places := len(kelvins()) * len(sizes(s))
	best := make([]*model.Report, len(jobs)*places)
	err := reproduction.Each(ctx, s, len(jobs), func(i int) error {
		p := &jobs[i]
		s.Progress("search: %s, %s", p.run.Title(), p.machine)
		whole, err := p.whole()
		if err != nil {
			return err
		}
		for k := range places {
			c, err := whole.With(sets(kelvins()[k/len(sizes(s))], "capacity="+sizes(s)[k%len(sizes(s))])...)
			if err != nil {
				return err
			}
			effort := rivals.Effort{Evaluations: reproduction.Either[int64](s, 1500, 200), Seed: s.Seed, Workers: 1, Tries: reproduction.Either(s, 2, 1)}
			if best[i*places+k], err = c.Best(ctx, effort, rivals.EDP); err != nil {
				return err
			}
		}
		return nil
	})
	pool := map[string][]*model.Design{}
	for i, r := range best {
		if k := i % places; r != nil {
			at := kelvins()[k/len(sizes(s))] + " " + sizes(s)[k%len(sizes(s))]
			pool[at] = append(pool[at], &r.Design)
		}
	}
	return pool, err
}

// matrixTable is the matrix with the outcome and the baseline of each row. Rows
// are those of SRAM with the code of the SOT buffer; of SRAM without one a row has
// the gain in energy-delay product.
func matrixTable(all []outcome) (t *results.Table, from, base []int) {
	t = results.NewList("matrix", "network:text", "family:text", "batch", "machine:text", "schedule:text", "overlap:text", "temperature [K]", "capacity [MiB]", "baseline:text", "flavour:text",
		"energy_gain", "latency_gain", "edp_gain", "memory_energy_gain", "memory_latency_gain", "area_ratio", "sram_capacity [MiB]", "sot_flavour:text",
		"edp_gain_without_code", "area_over_same_capacity", "sot_energy [J]", "sot_latency [s]")
	for i := range all {
		o := &all[i]
		for k := range o.baselines {
			b := &o.baselines[k]
			if b.Name == without(b.Name) { // a baseline of no code
				continue
			}
			p := pair{o.sot, *b}
			e, l, me, ml := p.gains()
			plain, area := any(nil), any(nil)
			for j := range o.baselines {
				x := &o.baselines[j]
				if x.Flavour != b.Flavour {
					continue
				}
				if x.Name == without(b.Name) {
					plain = six(rivals.EDP(&x.Report) / rivals.EDP(o.sot))
				}
				if x.Name == sameCapacity {
					area = six(float64(o.sot.Area()) / float64(x.Report.Area()))
				}
			}
			t.Append(o.run.Network, o.run.Family, o.run.Batch, o.machine, o.schedule, o.overlap, number(o.temperature), float64(o.sot.Design.Capacity)/mib, b.Name, b.Flavour,
				six(e), six(l), six(e*l), six(me), six(ml), six(float64(o.sot.Area())/float64(b.Report.Area())), six(float64(b.Report.Design.Capacity)/mib), o.sot.Design.Flavour,
				plain, area, six(o.sot.Energy), six(o.sot.Latency))
			from, base = append(from, i), append(base, k)
		}
	}
	return t, from, base
}

const (
	sameCapacity = "iso-capacity"
	sameArea     = "iso-area"
	small        = "2 MiB"
)

// without is the name of a baseline whose SRAM has no code.
func without(name string) string {
	const end = " ecc none"
	if len(name) > len(end) && name[len(name)-len(end):] == end {
		return name
	}
	return name + end
}
