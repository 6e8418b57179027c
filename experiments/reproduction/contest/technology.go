// Package contest holds the experiments that let technologies, and ways to search
// them, compete: shares of the joint front, the best buffer within an area, and
// what joint optimisation gains over one step after the other.
package contest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"stco/experiments/reproduction"
	"stco/experiments/reproduction/rivals"
	"stco/explore/hypervolume"
	"stco/explore/pareto"
	"stco/model/workload"
	"stco/results"
	"stco/results/plot"
)

// Technology is the experiment on which technology holds which part of the joint
// front.
func Technology() *reproduction.Experiment {
	return &reproduction.Experiment{
		Name: "technology", Title: "which technology holds which part of the joint front",
		Shows: "energy, latency and area of training on buffers of SRAM, STT, SOT with each read selector, and of hybrid buffers, at four nodes: what of the joint front is whose, what it would lose without one, and the best energy-delay product of each",
		Run:   technology,
	}
}

const (
	mib = 1 << 20
	mm2 = 1e-6
)

// contender is a technology that is searched apart.
type contender struct {
	name string
	sets []string
}

func contenders(s *reproduction.Setting) []contender {
	all := []contender{
		{"sram", []string{"technology=sram"}},
		{"stt", []string{"technology=stt"}},
		{"sot 2T1R", []string{"technology=sot", "selector=transistor"}},
		{"sot igzo", []string{"technology=sot", "selector=igzo"}},
		{"sot diode", []string{"technology=sot", "selector=diode"}},
		{"hybrid sot", []string{"technology=hybrid", "split={min: 0, max: 0.4375, step: 0.015625}"}},
		{"hybrid stt", []string{"technology=hybrid-stt", "split={min: 0, max: 0.4375, step: 0.015625}"}},
	}
	return reproduction.Either(s, all, []contender{all[0], all[2], all[3]})
}

// iteration is the training that the experiments of this package search for.
func iteration(s *reproduction.Setting) rivals.Iteration {
	n := reproduction.Either(s, rivals.Networks()[0], rivals.Net{Name: "squeezenet1_1", Family: "cv"})
	return n.Of(workload.Training, 16)
}

// points are designs by what they are compared in: energy, latency, area.
type points [][3]float64

// flat writes points as logarithms.
func (p points) flat() []float64 {
	var out []float64
	for i := range p {
		for _, v := range p[i] {
			out = append(out, math.Log10(v))
		}
	}
	return out
}

// dominant tells which of several lists' points no other point of any list
// dominates; of equal points the first is kept.
func dominant(lists []points) []points {
	var all []float64
	for _, p := range lists {
		all = append(all, p.flat()...)
	}
	keep := make([]bool, len(all)/3)
	var sorter pareto.Sorter
	if len(keep) > 0 {
		sorter.NonDominated(all, 3, keep)
	}
	seen := map[[3]float64]bool{}
	out := make([]points, len(lists))
	n := 0
	for i, p := range lists {
		for _, x := range p {
			if keep[n] && !seen[x] {
				seen[x] = true
				out[i] = append(out[i], x)
			}
			n++
		}
	}
	return out
}

// volumes is the hypervolume of all lists together, and without each, below the
// largest value of every objective on the joint front.
func volumes(fronts []points) (whole float64, without []float64) {
	ref := slices.Repeat([]float64{math.Inf(-1)}, 3)
	var all []float64
	for _, p := range fronts {
		f := p.flat()
		for i, v := range f {
			ref[i%3] = max(ref[i%3], v)
		}
		all = append(all, f...)
	}
	var v hypervolume.Volume
	whole = v.Hypervolume(all, 3, ref)
	for i := range fronts {
		var rest []float64
		for k, p := range fronts {
			if k != i {
				rest = append(rest, p.flat()...)
			}
		}
		without = append(without, v.Hypervolume(rest, 3, ref))
	}
	return whole, without
}

// search returns the points of a technology of a case.
func search(ctx context.Context, c *rivals.Case, o rivals.Effort) (points, error) {
	f, err := c.Thorough(ctx, o)
	if err != nil {
		return nil, err
	}
	var out points
	for i := range f.Members {
		out = append(out, [3]float64(f.Members[i].Values))
	}
	return out, nil
}

func technology(ctx context.Context, s *reproduction.Setting) (*reproduction.Findings, error) {
	run := iteration(s)
	whole, err := rivals.New(rivals.Text([]string{run.Text()}, "objectives: [energy, latency, area]\n"), "machine=soc", reproduction.Either(s, "schedule=groups", "schedule=layer"),
		reproduction.Either(s, "capacity={min: 1MiB, max: 512MiB}", "capacity={min: 1MiB, max: 4MiB}"))
	if err != nil {
		return nil, err
	}
	nodes, list := reproduction.Either(s, []string{"22nm", "14nm", "7nm", "5nm"}, []string{"14nm"}), contenders(s)
	found := make([]points, len(nodes)*len(list))
	err = reproduction.Each(ctx, s, len(found), func(i int) error {
		node, x := nodes[i/len(list)], &list[i%len(list)]
		s.Progress("%s, %s", node, x.name)
		c, err := whole.With(append(slices.Clone(x.sets), "node="+node)...)
		if err != nil {
			return err
		}
		found[i], err = search(ctx, c, rivals.Effort{Evaluations: reproduction.Either[int64](s, 4000, 300), Seed: s.Seed, Workers: 1})
		return err
	})
	if err != nil {
		return nil, err
	}
	t := results.NewList("shares", "node:text", "technology:text", "designs", "on_joint_front", "share_below_16mm2 [%]", "share_16_to_64mm2 [%]", "share_above_64mm2 [%]", "front_lost_without [%]", "least_energy [J]", "least_latency [s]", "least_edp [J s]", "edp_gain_over_sram", "least_area [mm2]")
	for k, node := range nodes {
		addShares(t, node, list, found[k*len(list):(k+1)*len(list)])
	}
	r := &reproduction.Findings{Tables: []*results.Table{t}, Show: []*results.Table{t}}
	technologyText(r, t, run.Title())
	return r, drawShares(r, t, nodes, list)
}

// addShares adds the rows of a node: what every technology has of the joint front.
func addShares(t *results.Table, node string, list []contender, found []points) {
	joint := dominant(found)
	volume, without := volumes(joint)
	band := func(x [3]float64) int {
		switch {
		case x[2] < 16*mm2:
			return 0
		case x[2] < 64*mm2:
			return 1
		}
		return 2
	}
	var total [3]float64
	for _, p := range joint {
		for _, x := range p {
			total[band(x)]++
		}
	}
	sram := math.NaN()
	for i := range list {
		var mine [3]float64
		for _, x := range joint[i] {
			mine[band(x)]++
		}
		least := [4]float64{math.Inf(1), math.Inf(1), math.Inf(1), math.Inf(1)}
		for _, x := range found[i] {
			for k, v := range []float64{x[0], x[1], x[0] * x[1], x[2]} {
				least[k] = min(least[k], v)
			}
		}
		if list[i].name == "sram" {
			sram = least[2]
		}
		row := []any{node, list[i].name, len(found[i]), len(joint[i])}
		for k := range total {
			row = append(row, 100*mine[k]/total[k])
		}
		if len(found[i]) == 0 {
			t.Append(append(row, 0.0, nil, nil, nil, nil, nil)...)
			continue
		}
		t.Append(append(row, 100*(1-without[i]/volume), least[0], least[1], least[2], sram/least[2], least[3]/mm2)...)
	}
}

func technologyText(r *reproduction.Findings, t *results.Table, run string) {
	cell := reproduction.In(t)
	at := func(node, name string) int { return reproduction.Row(t, node, name) }
	gain := reproduction.Column(t, "edp_gain_over_sram")
	magnetic := reproduction.Rows(t, func(row []float64) bool { return row[1] != t.Choice(1, "sram") })
	best := reproduction.Largest(t, magnetic, "edp_gain_over_sram")
	spin := slices.DeleteFunc(slices.Clone(magnetic), func(row int) bool { return !strings.Contains(t.Text(row, 1), "sot") })
	lost, own := reproduction.Largest(t, spin, "front_lost_without"), reproduction.Largest(t, spin, "edp_gain_over_sram")
	r.Verdict = fmt.Sprintf("In %s on soc at 14 nm the joint front of energy, latency and area loses %s %% of its hypervolume without SRAM and %s %% without SOT-MRAM of two transistors; the largest gain of any magnetic technology in energy-delay product over the best SRAM buffer of its node is %s (%s, %s), of SOT-MRAM %s (%s, %s).",
		run, cell(at("14nm", "sram"), "front_lost_without"), cell(at("14nm", "sot 2T1R"), "front_lost_without"), cell(best, "edp_gain_over_sram"), t.Text(best, 1), t.Text(best, 0), cell(own, "edp_gain_over_sram"), t.Text(own, 1), t.Text(own, 0))
	r.Claims = []reproduction.Claim{{
		Says: "SOT-MRAM as the on-chip memory of accelerators (abstract), here as the energy gain of CV training", Published: 8, Ours: cell(own, "edp_gain_over_sram"),
		Holds:   reproduction.Where(t, reproduction.Rows(t, func(row []float64) bool { return row[gain] >= 1.02 && row[1] != t.Choice(1, "sram") }), "node", "technology"),
		Differs: "ours is the largest gain of SOT-MRAM, alone or behind a scratchpad, in energy-delay product over the best SRAM buffer of any capacity, flavour and code; listed are the places of any technology at 1.02 or more",
	}}
	r.Text = []string{
		"Every technology is searched apart with the same number of evaluations, SRAM enumerated; each buffer carries its own code. `share_` columns are of the designs on the joint front within an area; `front_lost_without` is the share of the joint hypervolume (logarithms, below the worst value of the front) that no other technology has, which does not depend on how many designs a search kept. " +
			fmt.Sprintf("Of SOT-MRAM the front would lose most without `%s` at %s: %s %%.", t.Text(lost, 1), t.Text(lost, 0), cell(lost, "front_lost_without")),
	}
}

func drawShares(r *reproduction.Findings, t *results.Table, nodes []string, list []contender) error {
	var parts []plot.Part
	for i := range list {
		p := plot.Part{Name: list[i].name}
		for _, node := range nodes {
			p.Values = append(p.Values, t.Rows[reproduction.Row(t, node, list[i].name)][reproduction.Column(t, "edp_gain_over_sram")])
		}
		if list[i].name != "sram" {
			parts = append(parts, p)
		}
	}
	return r.Bars("gain", "Best energy-delay product of SRAM over that of each technology, any capacity, by node: above 1 the technology is better.", "EDP of SRAM over its own", nodes, parts, plot.RefLine{Name: "equal", Value: 1})
}
