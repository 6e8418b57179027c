package contest

import (
	"context"
	"fmt"
	"math"
	"slices"

	"stco/experiments/reproduction"
	"stco/experiments/reproduction/rivals"
	"stco/explore/hypervolume"
	"stco/model"
	"stco/results"
	"stco/results/plot"
)

// Joint is the experiment on what searching device and system together gains.
func Joint() *reproduction.Experiment {
	return &reproduction.Experiment{
		Name: "co-optimisation", Title: "device and system together, against one after the other and one technology at a time",
		Shows: "hypervolume of energy, latency and area and the least energy-delay product that joint search, device-first, system-first and single technologies reach with the same number of evaluations, ten seeds each",
		Run:   joint,
	}
}

// way is how a budget of evaluations is spent: on parts of the space, in turn.
type way struct {
	name  string
	parts []string // "all": every knob at once; "cell" then "system", or the other way round; or a technology
}

func ways() []way {
	return []way{
		{"joint", []string{"all"}},
		{"device first", []string{"cell", "system"}},
		{"system first", []string{"system", "cell"}},
		{"stt only", []string{"stt"}},
		{"sram only", []string{"sram"}},
	}
}

// outcome is what a way found with a seed.
type outcome struct {
	points points
	edp    float64 // least
}

func joint(ctx context.Context, s *reproduction.Setting) (*reproduction.Findings, error) {
	run := iteration(s)
	whole, err := rivals.New(jointText(&run), "machine=soc", reproduction.Either(s, "schedule=groups", "schedule=layer"), "technology=sot",
		reproduction.Either(s, "capacity={min: 1MiB, max: 512MiB}", "capacity={min: 1MiB, max: 32MiB}"))
	if err != nil {
		return nil, err
	}
	seeds, list := reproduction.Either(s, 10, 2), ways()
	budget := reproduction.Either[int64](s, 6000, 400)
	found := make([]outcome, seeds*len(list))
	err = reproduction.Each(ctx, s, len(found), func(i int) error {
		w, seed := &list[i%len(list)], s.Seed+uint64(i/len(list))
		s.Progress("%s, seed %d", w.name, seed)
		var err error
		found[i], err = spend(ctx, whole, &run, w, rivals.Effort{Evaluations: budget, Seed: seed, Workers: 1})
		return err
	})
	if err != nil {
		return nil, err
	}
	t, all := tally(list, found, s.Seed, budget)
	r := &reproduction.Findings{Tables: []*results.Table{t, all}, Show: []*results.Table{t}}
	jointVerdict(r, t, seeds, run.Title())
	return r, drawJoint(r, t, list)
}

func jointText(run *rivals.Iteration) string {
	return rivals.Text([]string{run.Text()}, "objectives: [energy, latency, area]\n")
}

// spend searches the parts of a way in turn, each with its share of the budget.
// What a part chose is fixed for the next; all designs that were kept count.
func spend(ctx context.Context, whole *rivals.Case, run *rivals.Iteration, w *way, o rivals.Effort) (outcome, error) {
	chosen := model.DefaultDesign()
	o.Evaluations /= int64(len(w.parts))
	out := outcome{edp: math.Inf(1)}
	for k, part := range w.parts {
		text, sets := jointText(run), []string{}
		switch part {
		case "all":
		case "stt", "sram":
			sets = append(sets, "technology="+part)
		default:
			sets = fixed(whole, &chosen, part == "cell")
			if part == "cell" && k == 0 { // nothing is known of the iteration yet
				text = rivals.Text([]string{run.Text()}, "objectives: [write_energy, area]\n")
			}
		}
		c, err := whole.As(text, sets...)
		if err != nil {
			return out, err
		}
		f, err := c.Search(ctx, o)
		if err != nil {
			return out, err
		}
		best := f.Least(rivals.Product, nil)
		if best == nil {
			return out, nil
		}
		chosen = best.Design
		for i := range f.Members {
			r, err := c.Report(&f.Members[i].Design)
			if err != nil {
				return out, err
			}
			out.points = append(out.points, [3]float64{r.Energy, r.Latency, float64(r.Area())})
			out.edp = min(out.edp, rivals.EDP(r))
		}
	}
	return out, nil
}

// fixed holds the knobs of the cell at those of a design, or, with the cell free,
// all others.
func fixed(c *rivals.Case, d *model.Design, cell bool) []string {
	var out []string
	for _, k := range c.Model.Catalog.Knobs() {
		if k.Name == "technology" || k.HybridOnly || k.OfMachine || (k.Group == model.BitcellGroup) == cell {
			continue
		}
		out = append(out, k.Name+"="+k.Format(k.Get(d)))
	}
	return out
}

// tally sets the ways beside each other: hypervolume below a reference that is
// common to all, as a share of that of everything found.
func tally(list []way, found []outcome, seed uint64, budget int64) (t, all *results.Table) {
	ref := slices.Repeat([]float64{math.Inf(-1)}, 3)
	var every []float64
	lists := make([]points, len(found))
	for i := range found {
		lists[i] = found[i].points
	}
	for _, p := range dominant(lists) {
		for i, v := range p.flat() {
			ref[i%3] = max(ref[i%3], v)
		}
		every = append(every, p.flat()...)
	}
	var v hypervolume.Volume
	whole := v.Hypervolume(every, 3, ref)
	all = results.NewList("seeds", "way:text", "search_seed", "evaluations", "designs", "hypervolume [%]", "least_edp [J s]")
	byWay := make([][2][]float64, len(list))
	for i := range found {
		k := i % len(list)
		volume := 100 * v.Hypervolume(found[i].points.flat(), 3, ref) / whole
		all.Append(list[k].name, float64(seed)+float64(i/len(list)), budget, len(found[i].points), volume, found[i].edp)
		byWay[k][0], byWay[k][1] = append(byWay[k][0], volume), append(byWay[k][1], found[i].edp)
	}
	first := byWay[0]
	t = results.NewList("ways", "way:text", "seeds", "hypervolume [%]", "hypervolume_low [%]", "hypervolume_high [%]", "least_edp [J s]", "least_edp_low [J s]", "least_edp_high [J s]", "joint_wins_hypervolume", "joint_wins_edp", "joint_edp_gain")
	for k := range list {
		h, e := byWay[k][0], byWay[k][1]
		wins := [2]int{}
		for i := range h {
			if first[0][i] > h[i] {
				wins[0]++
			}
			if first[1][i] < e[i] {
				wins[1]++
			}
		}
		t.Append(list[k].name, len(h), reproduction.Median(h), slices.Min(h), slices.Max(h), reproduction.Median(e), slices.Min(e), slices.Max(e), wins[0], wins[1], reproduction.Median(e)/reproduction.Median(first[1]))
	}
	return t, all
}

func jointVerdict(r *reproduction.Findings, t *results.Table, seeds int, run string) {
	cell := reproduction.In(t)
	at := func(name string) int { return reproduction.Row(t, name) }
	r.Verdict = fmt.Sprintf("Of the hypervolume of everything found in %s, joint search of SOT-MRAM reaches %s %% (median of the seeds), device-first %s %%, system-first %s %%; joint search wins over device-first with %s of %s seeds and its least energy-delay product is %s times better; SRAM alone, enumerated, has %s %% and %s times the least energy-delay product of joint SOT-MRAM.",
		run, cell(at("joint"), "hypervolume"), cell(at("device first"), "hypervolume"), cell(at("system first"), "hypervolume"), cell(at("device first"), "joint_wins_hypervolume"), cell(at("device first"), "seeds"), cell(at("device first"), "joint_edp_gain"), cell(at("sram only"), "hypervolume"), cell(at("sram only"), "joint_edp_gain"))
	r.Claims = []reproduction.Claim{{
		Says: "co-optimisation of system and design technology (abstract, title), in words", Published: math.NaN(), Ours: cell(at("device first"), "joint_edp_gain"),
		Holds:   "joint search beats the two steps wherever the first step fixes what the second would have changed",
		Differs: "ours is the least energy-delay product of device-first over that of joint search, medians of the seeds; the abstract does not say what co-optimisation gains over one step after the other",
	}}
	r.Text = []string{fmt.Sprintf("All ways have the same number of evaluations (`evaluations` of the table `seeds`). `device first` searches the cell for write energy and area with the default buffer, takes the least product and then searches buffer, banking and code; `system first` the other way round, with the default cell. "+
		"Everything either half kept counts. `joint_wins_` are seeds of %d in which joint search is strictly better. SRAM is enumerated, so that its seeds are the same.", seeds)}
}

func drawJoint(r *reproduction.Findings, t *results.Table, list []way) error {
	var names []string
	low, mid, high := plot.Part{Name: "least of the seeds"}, plot.Part{Name: "median"}, plot.Part{Name: "most"}
	for i := range list {
		names = append(names, list[i].name)
		row := t.Rows[i]
		low.Values, mid.Values, high.Values = append(low.Values, row[reproduction.Column(t, "hypervolume_low")]), append(mid.Values, row[reproduction.Column(t, "hypervolume")]), append(high.Values, row[reproduction.Column(t, "hypervolume_high")])
	}
	return r.Bars("hypervolume", "Hypervolume of energy, latency and area that each way to spend the evaluations reaches, of that of everything found.", "hypervolume (%)", names, []plot.Part{low, mid, high})
}
