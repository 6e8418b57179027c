package contest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"stco/experiments/baselines"
	"stco/experiments/reproduction"
	"stco/experiments/reproduction/rivals"
	"stco/model"
	"stco/model/workload"
	"stco/results"
	"stco/results/plot"
)

// System is the experiment on the best buffer within an area.
func System() *reproduction.Experiment {
	return &reproduction.Experiment{
		Name: "system", Title: "the best buffer within an area, network by network",
		Shows: "gains of the best SOT buffer within 32, 64, 128 and 256 mm2 over the best SRAM buffer within the same area, in inference and training of every network on three machines, with the range over draws from the constants in doubt",
		Run:   system,
	}
}

// budgets are the areas, mm2.
func budgets(s *reproduction.Setting) []float64 {
	return reproduction.Either(s, []float64{32, 64, 128, 256}, []float64{2, 4})
}

// seat is a run on a machine.
type seat struct {
	run     rivals.Iteration
	machine string
}

// contestants are the best buffers within an area, and the gains under each draw
// that leaves both.
type contestants struct {
	sot, sram       *model.Report
	energy, latency []float64
}

func system(ctx context.Context, s *reproduction.Setting) (*reproduction.Findings, error) {
	var seats []seat
	nets := reproduction.Either(s, rivals.Networks(), []rivals.Net{{Name: "squeezenet1_1", Family: "cv"}})
	for _, machine := range reproduction.Either(s, []string{"edge", "soc", "server"}, []string{"soc"}) {
		for i := range nets {
			seats = append(seats, seat{nets[i].Of(workload.Training, 16), machine}, seat{nets[i].Of(workload.Inference, 1), machine})
		}
	}
	found := make([][]contestants, len(seats))
	err := reproduction.Each(ctx, s, len(seats), func(i int) error {
		s.Progress("%s on %s", seats[i].run.Title(), seats[i].machine)
		var err error
		found[i], err = seats[i].compete(ctx, s)
		return err
	})
	if err != nil {
		return nil, err
	}
	t := results.NewList("system", "network:text", "family:text", "phase:text", "machine:text", "budget [mm2]", "batch", "sot_capacity [MiB]", "sot_area [mm2]", "sram_capacity [MiB]", "sram_area [mm2]", "sram_flavour:text", "code:text",
		"energy_gain", "energy_gain_low", "energy_gain_high", "latency_gain", "latency_gain_low", "latency_gain_high", "edp_gain", "draws", "draws_with_a_buffer")
	for i := range seats {
		for k, budget := range budgets(s) {
			addContest(t, &seats[i], budget, &found[i][k], draws(s))
		}
	}
	sums := summary(t)
	r := &reproduction.Findings{Tables: []*results.Table{sums, t}, Show: []*results.Table{sums}}
	systemText(r, t, sums)
	return r, drawSystem(r, sums)
}

// draws is the number of draws from the constants in doubt.
func draws(s *reproduction.Setting) int { return reproduction.Either(s, 8, 2) }

// compete returns the best buffers of a seat within every area. SRAM carries the
// code of the SOT buffer; its best flavour counts.
func (x *seat) compete(ctx context.Context, s *reproduction.Setting) ([]contestants, error) {
	var areas []string
	for _, b := range budgets(s) {
		areas = append(areas, fmt.Sprintf("{area: %gmm^2}", b))
	}
	c, err := rivals.New(rivals.Text([]string{x.run.Text()}, "objectives: [edp, area]\nbaselines: ["+strings.Join(areas, ", ")+"]\n"),
		"machine="+x.machine, reproduction.Either(s, "schedule=groups", "schedule=layer"), reproduction.Either(s, "capacity={min: 1MiB, max: 1GiB}", "capacity={min: 1MiB, max: 4MiB}"))
	if err != nil {
		return nil, err
	}
	sram := c.SRAM(ctx, 1)
	out := make([]contestants, len(budgets(s)))
	for i := -1; i < draws(s); i++ {
		drawn := c
		if i >= 0 {
			if drawn, err = c.Draw(i); err != nil {
				continue // no cell can have these parameters together
			}
		}
		f, err := drawn.Thorough(ctx, rivals.Effort{Evaluations: reproduction.Either[int64](s, 3000, 300), Seed: s.Seed, Workers: 1})
		if err != nil {
			return nil, err
		}
		for k, budget := range budgets(s) {
			sot, rival, err := within(drawn, f, sram, budget)
			switch {
			case err != nil:
				return nil, err
			case sot == nil || rival == nil:
			case i < 0:
				out[k].sot, out[k].sram = sot, rival
			default:
				out[k].energy, out[k].latency = append(out[k].energy, rival.Energy/sot.Energy), append(out[k].latency, rival.Latency/sot.Latency)
			}
		}
	}
	return out, nil
}

// within returns the best SOT buffer of a front within an area, and the best SRAM
// buffer with its code; nil where there is none.
func within(c *rivals.Case, f *rivals.Front, sram *baselines.SRAMSearch, budget float64) (sot, rival *model.Report, err error) {
	m := f.Least(func(m *rivals.Member) float64 { return m.Values[0] }, func(m *rivals.Member) bool { return m.Values[1] <= budget*mm2 })
	if m == nil {
		return nil, nil, nil
	}
	if sot, err = c.Report(&m.Design); err != nil {
		return nil, nil, err
	}
	for _, flavour := range baselines.Flavours() {
		list, err := sram.Baselines(sot, flavour)
		if err != nil {
			return nil, nil, err
		}
		for i := range list {
			if b := &list[i]; b.Found && b.Name == fmt.Sprintf("%g mm2", budget) && (rival == nil || rivals.EDP(&b.Report) < rivals.EDP(rival)) {
				rival = &b.Report
			}
		}
	}
	return sot, rival, nil
}

// addContest adds the row of a seat and an area.
func addContest(t *results.Table, x *seat, budget float64, c *contestants, draws int) {
	row := []any{x.run.Network, x.run.Family, x.run.Phase.String(), x.machine, budget, x.run.Batch}
	if c.sot == nil {
		t.Append(append(row, slices.Repeat([]any{nil}, len(t.Columns)-len(row))...)...)
		return
	}
	ends := func(v []float64) (any, any) {
		if len(v) == 0 {
			return nil, nil
		}
		return slices.Min(v), slices.Max(v)
	}
	e, l := c.sram.Energy/c.sot.Energy, c.sram.Latency/c.sot.Latency
	el, eh := ends(c.energy)
	ll, lh := ends(c.latency)
	t.Append(append(row, float64(c.sot.Design.Capacity)/mib, float64(c.sot.Area())/mm2, float64(c.sram.Design.Capacity)/mib, float64(c.sram.Area())/mm2, c.sram.Design.Flavour, c.sot.Design.ECC.String(),
		e, el, eh, l, ll, lh, e*l, draws, len(c.energy))...)
}

// summary are geometric means over the networks of a family, with the least and
// the largest gain of any of them under any draw.
func summary(t *results.Table) *results.Table {
	out := results.NewList("summary", "family:text", "phase:text", "machine:text", "budget [mm2]", "networks", "energy_gain", "energy_gain_low", "energy_gain_high", "latency_gain", "latency_gain_low", "latency_gain_high", "edp_gain", "share_that_pays [%]", "median_sot [MiB]", "median_sram [MiB]")
	col := func(name string) int { return reproduction.Column(t, name) }
	seen := map[[4]float64]bool{}
	for row, v := range t.Rows {
		key := [4]float64{v[col("family")], v[col("phase")], v[col("machine")], v[col("budget")]}
		if seen[key] {
			continue
		}
		seen[key] = true
		mine := reproduction.Rows(t, func(r []float64) bool {
			return [4]float64{r[col("family")], r[col("phase")], r[col("machine")], r[col("budget")]} == key && !math.IsNaN(r[col("edp_gain")])
		})
		if len(mine) == 0 {
			continue
		}
		all := func(name string) []float64 {
			var list []float64
			for _, i := range mine {
				if x := t.Rows[i][col(name)]; !math.IsNaN(x) {
					list = append(list, x)
				}
			}
			return list
		}
		pays := 0
		for _, x := range all("edp_gain") {
			if x >= 1.02 {
				pays++
			}
		}
		low := func(name string) float64 { return slices.Min(append(all(name), all(name+"_low")...)) }
		high := func(name string) float64 { return slices.Max(append(all(name), all(name+"_high")...)) }
		out.Append(t.Text(row, col("family")), t.Text(row, col("phase")), t.Text(row, col("machine")), v[col("budget")], len(mine),
			mean(all("energy_gain")), low("energy_gain"), high("energy_gain"), mean(all("latency_gain")), low("latency_gain"), high("latency_gain"), mean(all("edp_gain")), 100*float64(pays)/float64(len(mine)),
			reproduction.Median(all("sot_capacity")), reproduction.Median(all("sram_capacity")))
	}
	return out
}

// mean is the geometric mean.
func mean(list []float64) float64 {
	sum := 0.0
	for _, v := range list {
		sum += math.Log(v)
	}
	return math.Exp(sum / float64(len(list)))
}

func systemText(r *reproduction.Findings, t, sums *results.Table) {
	cell, total := reproduction.In(t), reproduction.In(sums)
	best := reproduction.Largest(t, reproduction.Every(t), "edp_gain")
	mostly := reproduction.Largest(sums, reproduction.Every(sums), "edp_gain")
	r.Verdict = fmt.Sprintf("Beside the best SRAM buffer within the same area, the largest gain of SOT-MRAM in energy-delay product is %s (%s %s on %s within %s mm2); the largest mean over a family of networks is %s (%s %s on %s within %s mm2).",
		cell(best, "edp_gain"), t.Text(best, 0), t.Text(best, 2), t.Text(best, 3), cell(best, "budget"), total(mostly, "edp_gain"), strings.ToUpper(sums.Text(mostly, 0)), sums.Text(mostly, 1), sums.Text(mostly, 2), total(mostly, "budget"))
	for _, c := range []struct {
		family, metric string
		published      float64
	}{{"cv", "energy", 8}, {"cv", "latency", 9}, {"nlp", "energy", 8}, {"nlp", "latency", 4.5}} {
		family := reproduction.Rows(t, func(row []float64) bool {
			return row[1] == t.Choice(1, c.family) && row[2] == t.Choice(2, workload.Training.String())
		})
		if len(family) == 0 {
			continue
		}
		column := c.metric + "_gain"
		r.Claims = append(r.Claims, reproduction.Claim{
			Says: fmt.Sprintf("%s training, %s (abstract)", strings.ToUpper(c.family), c.metric), Published: c.published, Ours: cell(reproduction.Largest(t, family, column), column),
			Holds:   reproduction.Where(t, slices.DeleteFunc(slices.Clone(family), func(i int) bool { return !(t.Rows[i][reproduction.Column(t, column)] >= c.published) }), "network", "machine", "budget"),
			Differs: "ours is the largest gain of any network and machine over SRAM of the same area in its best flavour; machines ship with 128 to 256 MiB of SRAM, so that a small SRAM buffer is no rival",
		})
	}
	r.Text = []string{
		"Both buffers are those of least energy-delay product within the area, of any capacity up to 1 GiB; SRAM carries the code of the SOT buffer and has the best of three flavours. `summary` has geometric means over the networks of a family, and as `_low` and `_high` the least and the largest gain of any of them under any draw, " +
			"in which the SOT buffer is chosen anew. `share_that_pays` are networks with a gain of at least 1.02 in energy-delay product. Training is at batch 16, inference at batch 1.",
	}
}

func drawSystem(r *reproduction.Findings, sums *results.Table) error {
	col := func(name string) int { return reproduction.Column(sums, name) }
	for _, metric := range []string{"energy", "latency"} {
		var lines []plot.Series
		for row, v := range sums.Rows {
			if sums.Text(row, 1) != workload.Training.String() || sums.Text(row, 2) != "soc" { // bands of more hide each other
				continue
			}
			name := strings.ToUpper(sums.Text(row, 0))
			at := slices.IndexFunc(lines, func(l plot.Series) bool { return l.Name == name })
			if at < 0 {
				at = len(lines)
				lines = append(lines, plot.Series{Name: name})
			}
			l := &lines[at]
			l.X, l.Y = append(l.X, v[col("budget")]), append(l.Y, v[col(metric+"_gain")])
			l.Low, l.High = append(l.Low, v[col(metric+"_gain_low")]), append(l.High, v[col(metric+"_gain_high")])
		}
		marks := []plot.RefLine{{Name: "abstract, CV and NLP", Value: 8}}
		if metric == "latency" {
			marks = []plot.RefLine{{Name: "abstract, CV", Value: 9}, {Name: "NLP", Value: 4.5}}
		}
		if err := r.Lines(metric, "Training on soc: gain of the best SOT buffer within an area over the best SRAM buffer within it in "+metric+", geometric mean over the networks; bands: least and largest gain of any network under any draw; and the abstract.", "area (mm^2)", "gain in "+metric, true, true, lines, marks...); err != nil {
			return err
		}
	}
	return nil
}
