// Package stability holds the experiments on what retention costs: from a cell
// that keeps its data for ten years to the one that a workload asks for.
package stability

import (
	"context"
	"fmt"
	"math"
	"slices"

	"stco/experiments/reproduction"
	"stco/experiments/reproduction/rivals"
	"stco/model"
	"stco/model/workload"
	"stco/results"
	"stco/results/plot"
)

// Ladder is the experiment on what every step from a generic cell to that of the
// workload gains.
func Ladder() *reproduction.Experiment {
	return &reproduction.Experiment{
		Name: "dtco-ladder", Title: "from a generic cell of ten years to the cell of the workload",
		Shows: "thermal stability factor, fins, current, cell, area and energy of an SOT buffer while one restriction after the other falls: ten years, the choice by density, scrubbing, pulse, channel, code, periphery and banking, with the gain of each step and what it leaves over SRAM",
		Run:   ladder,
	}
}

// step is a restriction that falls: the study is that of the steps so far.
type step struct {
	name    string
	short   string // in figures
	dense   bool   // chosen by area instead of energy-delay product
	years   bool   // retention of ten years
	fixings []string
}

// tenYears is a retention of ten years of 365.25 days.
const tenYears = "315576000s"

// steps begin with what a cell is that was made for storage, with pulse, channel,
// code, periphery and banking of the default design: with plain beta tungsten no
// cell of the default preset meets the limits.
func steps() []step {
	fixed := []string{"retention=strict", "pulse=2ns", "material=beta-w-co", "ecc=secded", "flavour=lop", "banks=64", "word=1024"}
	return []step{
		{"ten years and least area", "10 years, least area", true, true, fixed},
		{"chosen for the workload", "for the workload", false, true, fixed},
		{"retention: as long as data live", "as long as data live", false, false, fixed},
		{"rewriting allowed", "rewriting", false, false, fixed[1:]},
		{"any pulse", "pulse", false, false, fixed[2:]},
		{"any channel material", "channel", false, false, fixed[3:]},
		{"any code", "code", false, false, fixed[4:]},
		{"any periphery", "periphery", false, false, fixed[5:]},
		{"any banks and words", "banks, words", false, false, nil},
	}
}

const (
	mib = 1 << 20
	mm2 = 1e-6
)

// effort of one search.
func effort(s *reproduction.Setting) rivals.Effort {
	return rivals.Effort{Evaluations: reproduction.Either[int64](s, 4000, 300), Seed: s.Seed, Workers: 1}
}

// runs are the iterations of these experiments.
func runs(s *reproduction.Setting) []rivals.Iteration {
	if s.Small {
		n := rivals.Net{Name: "squeezenet1_1", Family: "cv"}
		return []rivals.Iteration{n.Of(workload.Training, 16)}
	}
	n := rivals.Networks()
	return []rivals.Iteration{n[0].Of(workload.Training, 16), n[5].Of(workload.Training, 16), n[0].Of(workload.Inference, 1)}
}

// whole is the case of an iteration with nothing more said.
func whole(s *reproduction.Setting, run *rivals.Iteration) (*rivals.Case, error) {
	return rivals.New(study(run, "energy, latency", ""), "machine=soc", reproduction.Either(s, "schedule=groups", "schedule=layer"), reproduction.Either(s, "capacity=32MiB", "capacity=2MiB"))
}

// study is the text of a study that asks for a retention, or for none.
func study(run *rivals.Iteration, goals, retention string) string {
	more := "objectives: [" + goals + "]\nbaselines: [{capacity: same}, {capacity: same, ecc: none}]\n"
	if retention != "" {
		more += "constraints: {retention: {min: " + retention + "}}\n"
	}
	return rivals.Text([]string{run.Text()}, more)
}

// climb returns the buffers of every step; none where no design meets the limits.
func climb(ctx context.Context, s *reproduction.Setting, run *rivals.Iteration) ([]found, error) {
	base, err := whole(s, run)
	if err != nil {
		return nil, err
	}
	sram := base.SRAM(ctx, 1)
	var all []found
	var before *model.Report
	for _, t := range steps() {
		s.Progress("%s: %s", run.Title(), t.name)
		goals, retention := "energy, latency", ""
		figure := rivals.EDP
		if t.dense {
			goals, figure = "area", func(r *model.Report) float64 { return float64(r.Area()) }
		}
		if t.years {
			retention = tenYears
		}
		c, err := base.As(study(run, goals, retention), t.fixings...)
		if err != nil {
			return nil, err
		}
		if before, err = c.Best(ctx, effort(s), figure, before); err != nil {
			return nil, err
		}
		o := found{sot: before}
		if before != nil {
			if o.sram, o.plain, err = rivals.Conventional(sram, before); err != nil {
				return nil, err
			}
		}
		all = append(all, o)
	}
	return all, nil
}

func ladder(ctx context.Context, s *reproduction.Setting) (*reproduction.Findings, error) {
	list := runs(s)
	steps := make([][]found, len(list))
	err := reproduction.Each(ctx, s, len(list), func(i int) error {
		var err error
		steps[i], err = climb(ctx, s, &list[i])
		return err
	})
	if err != nil {
		return nil, err
	}
	t := results.NewList("ladder", ladderColumns()...)
	for i := range list {
		addSteps(t, &list[i], steps[i])
	}
	r := &reproduction.Findings{Tables: []*results.Table{t}}
	shown := []int{}
	for _, name := range []string{"network", "phase", "step", "delta", "retention", "pulse", "write_fins", "write_current", "cell", "buffer", "write_energy", "memory_energy_gain", "edp_gain", "edp_gain_from_first", "edp_gain_over_sram", "edp_gain_without_code"} {
		shown = append(shown, reproduction.Column(t, name))
	}
	r.Show = []*results.Table{t.Pick(nil, shown)}
	ladderText(r, t, list)
	return r, drawLadder(r, t, list)
}

func ladderColumns() []string {
	return []string{
		"network:text", "phase:text", "step:text", "number", "delta", "retention [s]", "lifetime [s]", "diameter [nm]", "pulse [ns]", "material:text", "code:text", "write_fins", "write_current [uA]",
		"cell [um2]", "buffer [mm2]", "write_energy [pJ/bit]", "energy [J]", "latency [s]", "memory_energy_gain", "cell_gain", "energy_gain", "latency_gain", "edp_gain", "edp_gain_from_first", "energy_gain_over_sram", "latency_gain_over_sram", "edp_gain_over_sram", "edp_gain_without_code",
	}
}

// addSteps adds the rows of one iteration. Gains are over the step before, and
// over the first that has a buffer.
func addSteps(t *results.Table, run *rivals.Iteration, all []found) {
	var first, before *model.Report
	for k := range all {
		r := all[k].sot
		row := []any{run.Network, run.Phase.String(), steps()[k].name, k}
		if r == nil {
			t.Append(append(row, slices.Repeat([]any{nil}, len(t.Columns)-len(row))...)...)
			continue
		}
		if first == nil {
			first, before = r, r
		}
		d := &r.Design
		row = append(row, r.Device.DeltaNominal, finite(float64(r.Device.Retention)), r.Lifetime, float64(d.MTJDiameter)*1e9, float64(d.Pulse)*1e9, d.Material, d.ECC.String(), r.Device.WriteFins, float64(r.Device.WriteCurrent)*1e6,
			float64(r.Device.Area)*1e12, float64(r.Area())/mm2, float64(r.Array.WritePerBit)*1e12, r.Energy, r.Latency, before.MemoryEnergy/r.MemoryEnergy,
			float64(before.Device.Area)/float64(r.Device.Area), before.Energy/r.Energy, before.Latency/r.Latency, rivals.EDP(before)/rivals.EDP(r), rivals.EDP(first)/rivals.EDP(r))
		if sram := all[k].sram; sram != nil {
			row = append(row, sram.Energy/r.Energy, sram.Latency/r.Latency, rivals.EDP(sram)/rivals.EDP(r))
		} else {
			row = append(row, nil, nil, nil)
		}
		row = append(row, all[k].gain())
		t.Append(row...)
		before = r
	}
}

// finite is a time that a table can show: at most a century.
func finite(seconds float64) float64 { return min(seconds, 3.15576e9) }

func ladderText(r *reproduction.Findings, t *results.Table, list []rivals.Iteration) {
	cell := reproduction.In(t)
	last := len(steps()) - 1
	at := func(run *rivals.Iteration, step int) int {
		row := reproduction.Row(t, run.Network, run.Phase.String(), steps()[step].name)
		for row >= 0 && step < last && math.IsNaN(t.Rows[row][reproduction.Column(t, "delta")]) {
			step++
			row = reproduction.Row(t, run.Network, run.Phase.String(), steps()[step].name)
		}
		return row
	}
	first, end := at(&list[0], 0), at(&list[0], last)
	r.Verdict = fmt.Sprintf("From the smallest cell of ten years to that of the workload the energy-delay product of %s falls by a factor of %s (thermal stability factor %s to %s, %s to %s write fins); that moves the gain over SRAM of the same capacity from %s to %s, and over SRAM without a code from %s to %s.",
		list[0].Title(), cell(end, "edp_gain_from_first"), cell(first, "delta"), cell(end, "delta"), cell(first, "write_fins"), cell(end, "write_fins"), cell(first, "edp_gain_over_sram"), cell(end, "edp_gain_over_sram"), cell(first, "edp_gain_without_code"), cell(end, "edp_gain_without_code"))
	ends := reproduction.Rows(t, func(row []float64) bool { return row[reproduction.Column(t, "number")] == float64(last) })
	most := reproduction.Largest(t, ends, "energy_gain_over_sram")
	r.Claims = []reproduction.Claim{{
		Says: "co-optimisation of device and system gains 8 in energy of CV training (abstract)", Published: 8, Ours: cell(most, "energy_gain_over_sram"),
		Holds:   reproduction.Where(t, reproduction.Rows(t, func(row []float64) bool { return row[reproduction.Column(t, "energy_gain_over_sram")] >= 8 }), "network", "step"),
		Differs: "ours is the largest gain of the last step over the best SRAM buffer of the same capacity in any flavour; how much of theirs is over a leakier SRAM, or over a generic cell, is not public",
	}}
	r.Text = []string{"Every line searches all that is not yet fixed; the first takes the smallest buffer, the others the least energy-delay product of the iteration, and keep the design of the line before where the search finds none better. Gains (`_gain`) are over the line before, `edp_gain_over_sram` over the best SRAM buffer of " +
		"the same capacity and code in any flavour: a step to a stronger code costs SRAM too. `edp_gain_without_code` is over SRAM without a code, one buffer for all lines, so that it moves only by what SOT-MRAM does. `ten years` is at the hot corner and the process guard-band. Empty lines: no cell meets the limits."}
	steps := reproduction.Largest(t, reproduction.Rows(t, func(row []float64) bool { return row[reproduction.Column(t, "number")] > 0 }), "edp_gain")
	if steps >= 0 {
		r.Text = append(r.Text, fmt.Sprintf("The step that gains most is `%s` (%s, %s): %s in energy-delay product, %s in the area of the cell.", t.Text(steps, 2), t.Text(steps, 0), t.Text(steps, 1), cell(steps, "edp_gain"), cell(steps, "cell_gain")))
	}
}

func drawLadder(r *reproduction.Findings, t *results.Table, list []rivals.Iteration) error {
	var names []string
	for _, step := range steps() {
		names = append(names, step.short)
	}
	var parts []plot.Part
	for i := range list {
		p := plot.Part{Name: list[i].Title()}
		for _, step := range steps() {
			row := reproduction.Row(t, list[i].Network, list[i].Phase.String(), step.name)
			p.Values = append(p.Values, t.Rows[row][reproduction.Column(t, "edp_gain_without_code")])
		}
		parts = append(parts, p)
	}
	return r.Bars("ladder", "Gain in energy-delay product over SRAM of the same capacity without a code after each step of the ladder, from the smallest cell of ten years on; each step keeps what those before it freed.", "gain over SRAM", names, parts, plot.RefLine{Name: "equal", Value: 1})
}
