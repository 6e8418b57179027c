package regimes

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

	"stco/experiments/baselines"
	"stco/experiments/reproduction"
	"stco/experiments/reproduction/rivals"
	"stco/model"
	"stco/model/workload"
	"stco/results"
	"stco/results/plot"
)

// Claims is the experiment on the gains of the abstract.
func Claims() *reproduction.Experiment {
	return &reproduction.Experiment{
		Name: "claims-matrix", Title: "where the gains of the abstract are reached",
		Shows: "gains in energy and latency of the best SOT buffer over the best SRAM buffers, by network, machine, schedule, temperature, capacity, baseline and flavour of the SRAM, whole and of the memory alone, beside what the abstract says",
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
}

// outcome is what was found there.
type outcome struct {
	point
	sot       *model.Report
	baselines []baselines.Baseline
	model     *model.Model
	rivals    *rivals.Case
}

// published are the gains of the abstract.
type published struct {
	family          string
	energy, latency float64
}

func abstract() []published { return []published{{"cv", 8, 9}, {"nlp", 8, 4.5}} }

func claims(ctx context.Context, s *reproduction.Setting) (*reproduction.Findings, error) {
	all, err := matrix(ctx, s)
	if err != nil {
		return nil, err
	}
	t := results.NewList("matrix", "network:text", "family:text", "batch", "machine:text", "schedule:text", "overlap:text", "temperature [K]", "capacity [MiB]", "baseline:text", "flavour:text",
		"energy_gain", "latency_gain", "edp_gain", "memory_energy_gain", "memory_latency_gain", "area_ratio", "sram_capacity [MiB]", "sot_flavour:text")
	from := []int{} // of rows: their outcome
	base := []int{} // and their baseline
	for i := range all {
		o := &all[i]
		if o.sot == nil {
			continue
		}
		for k := range o.baselines {
			b := &o.baselines[k]
			p := pair{o.sot, *b}
			e, l, me, ml := p.gains()
			t.Append(o.run.Network, o.run.Family, o.run.Batch, o.machine, o.schedule, o.overlap, number(o.temperature), float64(o.sot.Design.Capacity)/mib, b.Name, b.Flavour,
				e, l, e*l, me, ml, float64(o.sot.Area())/float64(b.Report.Area()), float64(b.Report.Design.Capacity)/mib, o.sot.Design.Flavour)
			from, base = append(from, i), append(base, k)
		}
	}
	r := &reproduction.Findings{Tables: []*results.Table{t}}
	parts := baselines.NewDecomposition()
	bands := results.NewList("bands", "family:text", "matrix_line", "energy_gain", "energy_gain_low", "energy_gain_high", "latency_gain", "latency_gain_low", "latency_gain_high", "draws", "draws_with_a_buffer")
	for _, c := range abstract() {
		at := claimed(r, t, c)
		if at < 0 {
			continue
		}
		o := &all[from[at]]
		if err := o.explain(ctx, s, &o.baselines[base[at]], c.family, at, parts, bands); err != nil {
			return nil, err
		}
	}
	shares := scheduleShares(t)
	r.Tables = append(r.Tables, parts.Table, bands, shares)
	r.Show = []*results.Table{bands, energies(parts.Table)}
	claimsVerdict(r, t, bands, shares)
	return r, drawClaims(r, t)
}

func number(text string) float64 {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(err)
	}
	return v
}

// places are the points before temperature and capacity: every network on every
// machine as a compiler would order the work, and for three networks what batch,
// order of work and overlap change of that.
func places(s *reproduction.Setting) []point {
	if s.Small {
		n := rivals.Net{Name: "squeezenet1_1", Family: "cv"}
		return []point{{run: n.Of(workload.Training, 16), machine: "soc", schedule: "layer", overlap: "window"}}
	}
	var out []point
	nets := rivals.Networks()
	for i := range nets {
		for _, machine := range []string{"edge", "soc", "server", "npu-lpddr"} {
			out = append(out, point{run: nets[i].Of(workload.Training, 16), machine: machine, schedule: "groups", overlap: "window"})
		}
	}
	for _, i := range []int{0, 2, 5} {
		for _, machine := range []string{"soc", "server"} {
			out = append(out, point{run: nets[i].Of(workload.Training, 16), machine: machine, schedule: "layer", overlap: "window"})
		}
		out = append(out, point{run: nets[i].Of(workload.Training, 16), machine: "soc", schedule: "groups", overlap: "step"}, point{run: nets[i].Of(workload.Training, 64), machine: "soc", schedule: "groups", overlap: "window"})
	}
	return out
}

// matrix searches every point. Those of one network, machine and schedule share
// their traffic tables.
func matrix(ctx context.Context, s *reproduction.Setting) ([]outcome, error) {
	groups := places(s)
	found := make([][]outcome, len(groups))
	err := reproduction.Each(ctx, s, len(groups), func(i int) error {
		g := groups[i]
		s.Progress("%s, %s, schedule %s, overlap %s", g.run.Title(), g.machine, g.schedule, g.overlap)
		whole, err := rivals.New(rivals.Text([]string{g.run.Text()}, "objectives: [energy, latency]\n"), "machine="+g.machine, "schedule="+g.schedule, "overlap="+g.overlap)
		if err != nil {
			return err
		}
		for _, temperature := range []string{"300", "358"} {
			for _, capacity := range reproduction.Either(s, []string{"2MiB", "32MiB", "256MiB"}, []string{"2MiB"}) {
				c, err := whole.With(append(slices.Clone(temperatures()[temperature]), "capacity="+capacity)...)
				if err != nil {
					return err
				}
				o := outcome{point: g, model: c.Model, rivals: c}
				o.temperature = temperature
				if o.sot, o.baselines, err = best(ctx, s, c); err != nil {
					return err
				}
				found[i] = append(found[i], o)
			}
		}
		return nil
	})
	return slices.Concat(found...), err
}

// claimed adds the claims of a family and returns the point that comes nearest to
// both gains at once; -1: no point.
func claimed(r *reproduction.Findings, t *results.Table, c published) int {
	of := func(keep func(row []float64) bool) []int {
		family := t.Choice(reproduction.Column(t, "family"), c.family)
		return reproduction.Rows(t, func(row []float64) bool {
			return row[reproduction.Column(t, "family")] == family && (keep == nil || keep(row))
		})
	}
	energy, latency := reproduction.Column(t, "energy_gain"), reproduction.Column(t, "latency_gain")
	axes := []string{"network", "batch", "machine", "schedule", "overlap", "temperature", "capacity", "baseline", "flavour"}
	mine := of(nil)
	if len(mine) == 0 {
		return -1
	}
	best, score := -1, 0.0
	for _, row := range mine {
		if v := min(t.Rows[row][energy]/c.energy, t.Rows[row][latency]/c.latency); v > score {
			best, score = row, v
		}
	}
	name := map[string]string{"cv": "CV", "nlp": "NLP"}[c.family]
	cell := func(row int, column string) reproduction.Cell {
		return reproduction.Cell{Table: t, Row: row, Column: column}
	}
	r.Claims = append(r.Claims,
		reproduction.Claim{
			Says: fmt.Sprintf("%s training, energy (abstract)", name), Published: c.energy, Ours: cell(reproduction.Largest(t, mine, "energy_gain"), "energy_gain"),
			Holds: reproduction.Where(t, of(func(row []float64) bool { return row[energy] >= c.energy }), axes...), Differs: "ours is the largest of the matrix; baseline, flavour, temperature and capacity of theirs are not public",
		},
		reproduction.Claim{
			Says: fmt.Sprintf("%s training, latency (abstract)", name), Published: c.latency, Ours: cell(reproduction.Largest(t, mine, "latency_gain"), "latency_gain"),
			Holds: reproduction.Where(t, of(func(row []float64) bool { return row[latency] >= c.latency }), axes...), Differs: "a gain in latency needs traffic that the larger buffer avoids and a machine that DRAM binds",
		},
		reproduction.Claim{
			Says: fmt.Sprintf("%s training, both at one point (abstract)", name), Published: c.energy, Ours: cell(best, "energy_gain"),
			Holds:   reproduction.Where(t, of(func(row []float64) bool { return row[energy] >= c.energy && row[latency] >= c.latency }), axes...),
			Differs: fmt.Sprintf("the point nearest to both, with %s in latency; %s", cell(best, "latency_gain"), place(t, best)),
		})
	return best
}

// place says where a row is.
func place(t *results.Table, row int) string {
	text := func(name string) string { return t.Text(row, reproduction.Column(t, name)) }
	v := func(name string) string { return reproduction.Digits(t.Rows[row][reproduction.Column(t, name)]) }
	return fmt.Sprintf("%s at batch %s, %s, schedule %s, overlap %s, %s K, SOT of %s MiB, over SRAM %s %s of %s MiB", text("network"), v("batch"), text("machine"), text("schedule"), text("overlap"), v("temperature"), v("capacity"), text("baseline"), text("flavour"), v("sram_capacity"))
}

// explain takes a point apart and adds the range of its gains over draws from the
// constants of the device that are in doubt: both buffers are chosen anew under
// each. (The band of the design as it is says little: one that is sized to its
// last margin misses a limit in nearly every draw.)
func (o *outcome) explain(ctx context.Context, s *reproduction.Setting, b *baselines.Baseline, family string, row int, parts *baselines.Decomposition, bands *results.Table) error {
	if err := parts.Add(o.model, family+": SOT", o.sot); err != nil {
		return err
	}
	if err := parts.Add(b.Model, family+": "+b.Title()+" "+b.Flavour, &b.Report); err != nil {
		return err
	}
	p := pair{o.sot, *b}
	e, l, _, _ := p.gains()
	var energy, latency []float64
	draws := reproduction.Either(s, 24, 2)
	for i := range draws {
		c, err := o.rivals.Draw(i)
		if err != nil {
			continue // no cell can have these parameters together
		}
		sot, list, err := best(ctx, s, c)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(list, func(x baselines.Baseline) bool { return x.Name == b.Name && x.Flavour == b.Flavour })
		if at < 0 {
			continue
		}
		drawn := pair{sot, list[at]}
		x, y, _, _ := drawn.gains()
		energy, latency = append(energy, x), append(latency, y)
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

// scheduleShares sets SRAM with every layer over the whole batch beside SOT with
// groups of layers: what of a gain is the order of work, which SRAM could have
// too.
func scheduleShares(t *results.Table) *results.Table {
	out := results.NewList("schedule", "network:text", "machine:text", "temperature [K]", "capacity [MiB]", "baseline:text", "flavour:text", "edp_gain_layer", "edp_gain_groups")
	same := []int{reproduction.Column(t, "network"), reproduction.Column(t, "machine"), reproduction.Column(t, "temperature"), reproduction.Column(t, "capacity"), reproduction.Column(t, "baseline"), reproduction.Column(t, "flavour"), reproduction.Column(t, "batch"), reproduction.Column(t, "overlap")}
	schedule, edp := reproduction.Column(t, "schedule"), reproduction.Column(t, "edp_gain")
	for i, a := range t.Rows {
		if t.Text(i, schedule) != "layer" {
			continue
		}
		for k, b := range t.Rows {
			if t.Text(k, schedule) != "groups" || slices.ContainsFunc(same, func(c int) bool { return a[c] != b[c] }) {
				continue
			}
			out.Append(t.Text(i, same[0]), t.Text(i, same[1]), a[same[2]], a[same[3]], t.Text(i, same[4]), t.Text(i, same[5]), a[edp], b[edp])
		}
	}
	return out
}

// toughest tells whether the SRAM buffer of a row is that of the flavour which
// leaves the least gain in energy-delay product at its point.
func toughest(t *results.Table) func(row []float64) bool {
	edp := reproduction.Column(t, "edp_gain")
	var same []int
	for _, name := range []string{"network", "batch", "machine", "schedule", "overlap", "temperature", "capacity", "baseline"} {
		same = append(same, reproduction.Column(t, name))
	}
	key := func(row []float64) [8]float64 {
		var k [8]float64
		for i, c := range same {
			k[i] = row[c]
		}
		return k
	}
	least := map[[8]float64]float64{}
	for _, row := range t.Rows {
		if v, ok := least[key(row)]; !ok || row[edp] < v {
			least[key(row)] = row[edp]
		}
	}
	return func(row []float64) bool { return row[edp] == least[key(row)] }
}

func claimsVerdict(r *reproduction.Findings, t, bands, shares *results.Table) {
	best := toughest(t)
	fixed := t.Choice(reproduction.Column(t, "baseline"), "2 MiB")
	at := reproduction.Largest(t, reproduction.Rows(t, func(row []float64) bool { return best(row) && row[reproduction.Column(t, "baseline")] != fixed }), "edp_gain")
	small := reproduction.Largest(t, reproduction.Rows(t, func(row []float64) bool { return best(row) && row[reproduction.Column(t, "baseline")] == fixed }), "edp_gain")
	cell := func(table *results.Table, row int, name string) reproduction.Cell {
		return reproduction.Cell{Table: table, Row: row, Column: name}
	}
	both := "at no point of the matrix"
	met := 0
	for i := range bands.Rows {
		c := abstract()[i]
		if bands.Rows[i][reproduction.Column(bands, "energy_gain")] >= c.energy && bands.Rows[i][reproduction.Column(bands, "latency_gain")] >= c.latency {
			met++
		}
	}
	if met > 0 {
		both = fmt.Sprintf("at some points for %d of %d families", met, len(bands.Rows))
	}
	r.Verdict = fmt.Sprintf("Both gains of the abstract together are reached %s.", both)
	for i := range bands.Rows {
		r.Verdict += fmt.Sprintf(" The nearest point of %s has %s in energy (%s to %s over draws from the constants in doubt, both buffers chosen anew) and %s in latency.",
			map[string]string{"cv": "CV", "nlp": "NLP"}[bands.Text(i, 0)], cell(bands, i, "energy_gain"), cell(bands, i, "energy_gain_low"), cell(bands, i, "energy_gain_high"), cell(bands, i, "latency_gain"))
	}
	if at >= 0 {
		r.Verdict += fmt.Sprintf(" Over SRAM of the same capacity or area in its best flavour the largest gain in energy-delay product of the matrix is %s.", cell(t, at, "edp_gain"))
		r.Text = append(r.Text, "That point: "+place(t, at)+".")
	}
	if small >= 0 {
		r.Text = append(r.Text, fmt.Sprintf("Over SRAM of 2 MiB it is %s (%s): what capacity gains, whatever it is made of, since SRAM of the area is a rival too.", cell(t, small, "edp_gain"), place(t, small)))
	}
	r.Text = append(r.Text,
		"The quoted SRAM buffer is the one of the least energy-delay product of its kind (`iso-capacity`, `iso-area`: at most the area of the SOT buffer, `2 MiB`); the SOT buffer is the one of the least energy-delay product "+
			"at its capacity in any flavour of its periphery. `memory_` columns are of the memory alone: energy of buffers and DRAM, time with infinitely fast compute. The temperature is that of leakage, and the highest at which data must keep. "+
			"`_low` and `_high` are the least and the largest gain over the draws that leave a buffer (`draws_with_a_buffer` of `draws`).")
	if len(shares.Rows) > 0 {
		most, value := -1, 0.0
		for i, row := range shares.Rows {
			if v := math.Abs(math.Log(row[reproduction.Column(shares, "edp_gain_groups")] / row[reproduction.Column(shares, "edp_gain_layer")])); v > value {
				most, value = i, v
			}
		}
		if most >= 0 {
			r.Text = append(r.Text, fmt.Sprintf("How much is the schedule's: both buffers have the same one. Where it moves a gain most (%s on %s), the gain in energy-delay product is %s when every layer runs over the whole batch and %s with groups of layers.",
				shares.Text(most, 0), shares.Text(most, 1), cell(shares, most, "edp_gain_layer"), cell(shares, most, "edp_gain_groups")))
		}
	}
}

func drawClaims(r *reproduction.Findings, t *results.Table) error {
	var series []plot.Series
	for _, kind := range t.Columns[reproduction.Column(t, "baseline")].Choices {
		for _, leaky := range []bool{true, false} {
			s := plot.Series{Name: kind + ", lop or lstp", Points: true}
			if leaky {
				s.Name = kind + ", hp"
			}
			for i, row := range t.Rows {
				if t.Text(i, reproduction.Column(t, "baseline")) == kind && (t.Text(i, reproduction.Column(t, "flavour")) == "hp") == leaky {
					s.X, s.Y = append(s.X, row[reproduction.Column(t, "energy_gain")]), append(s.Y, row[reproduction.Column(t, "latency_gain")])
				}
			}
			if len(s.X) > 0 {
				series = append(series, s)
			}
		}
	}
	series = append(series, plot.Series{Name: "abstract", Points: true, X: []float64{8, 8}, Y: []float64{9, 4.5}})
	f, err := plot.Lines("", "gain in energy", "gain in latency", true, true, series, plot.RefLine{Name: "", Value: 1})
	if err != nil {
		return err
	}
	r.Figures = []reproduction.Figure{{Name: "gains", Drawing: f, Caption: "Every point of the matrix: gains of the best SOT buffer in energy and latency over the SRAM buffer of the named kind and flavour, and the two pairs of the abstract (8 and 9 of CV, 8 and 4.5 of NLP)."}}
	return nil
}
