package stability

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

	"stco/experiments/reproduction"
	"stco/experiments/reproduction/rivals"
	"stco/model"
	"stco/model/units"
	"stco/model/workload"
	"stco/results"
	"stco/results/plot"
)

// Retention is the experiment on how long data live and what keeping them costs.
func Retention() *reproduction.Experiment {
	return &reproduction.Experiment{
		Name: "retention", Title: "how long data live, and what keeping them longer costs",
		Shows: "longest lifetime of data in the buffer by network and phase, and the best SOT buffer under a required retention from none to ten years, with and without rewriting, at four hot corners",
		Run:   retention,
	}
}

// demand is a retention that is asked for, s.
type demand struct {
	name    string
	seconds float64 // 0: none
}

// demands are those from ten years to none: each allows what the one before does.
func demands(s *reproduction.Setting) []demand {
	all := []demand{{"10 years", 10 * 31557600}, {"1 year", 31557600}, {"1 day", 86400}, {"1 hour", 3600}, {"1 s", 1}, {"1 ms", 1e-3}, {"none", 0}}
	return reproduction.Either(s, all, []demand{all[3], all[6]})
}

// found is the best buffer of a place, and the SRAM buffers beside it: with its
// code, and without one.
type found struct {
	sot, sram, plain *model.Report
}

// gain is that in energy-delay product over SRAM without a code; nothing where
// there is none.
func (o *found) gain() any {
	if o.sot == nil || o.plain == nil {
		return nil
	}
	return rivals.EDP(o.plain) / rivals.EDP(o.sot)
}

func retention(ctx context.Context, s *reproduction.Setting) (*reproduction.Findings, error) {
	lives, err := lifetimes(ctx, s)
	if err != nil {
		return nil, err
	}
	list := slices.DeleteFunc(runs(s), func(r rivals.Iteration) bool { return r.Family == "nlp" })
	base := make([]*rivals.Case, len(list))
	if err := reproduction.Each(ctx, s, len(list), func(i int) error {
		var err error
		base[i], err = whole(s, &list[i])
		return err
	}); err != nil {
		return nil, err
	}
	hot := reproduction.Either(s, []float64{300, 330, 358.15, 398}, []float64{300, 358.15})
	type place struct {
		run int
		hot float64
	}
	var places []place
	for i := range list {
		for _, k := range hot {
			places = append(places, place{i, k})
		}
	}
	outcomes := make([]map[string][]found, len(places))
	err = reproduction.Each(ctx, s, len(places), func(i int) error {
		p := places[i]
		s.Progress("%s, %g K", list[p.run].Title(), p.hot)
		var err error
		outcomes[i], err = under(ctx, s, base[p.run], &list[p.run], p.hot)
		return err
	})
	if err != nil {
		return nil, err
	}
	t := results.NewList("retention", "network:text", "phase:text", "hot [K]", "required:text", "mode:text", "required_s [s]", "delta", "retention [s]", "lifetime [s]", "scrub_share", "code:text", "write_fins", "write_current [uA]", "cell [um2]", "buffer [mm2]",
		"energy [J]", "latency [s]", "energy_gain_over_sram", "edp_gain_over_sram", "edp_gain_without_code")
	for i, p := range places {
		for _, mode := range modes() {
			for k, d := range demands(s) {
				row := []any{list[p.run].Network, list[p.run].Phase.String(), p.hot, d.name, mode, d.seconds}
				t.Append(append(row, figures(&outcomes[i][mode][k], len(t.Columns)-len(row))...)...)
			}
		}
	}
	r := &reproduction.Findings{Tables: []*results.Table{lives, t}, Show: []*results.Table{lives, shownRetention(t, list)}}
	retentionText(r, lives, t, list)
	return r, drawRetention(r, t, list, hot)
}

// modes are the ways to treat data that outlive the retention time: the second
// allows what the first does.
func modes() []string { return []string{"strict", "scrub"} }

// figures are the cells of a buffer; nothing where there is none.
func figures(o *found, n int) []any {
	if o.sot == nil || o.sram == nil {
		return slices.Repeat([]any{nil}, n)
	}
	r := o.sot
	return []any{
		r.Device.DeltaNominal, finite(float64(r.Device.Retention)), r.Lifetime, r.ScrubShare, r.Design.ECC.String(), r.Device.WriteFins, float64(r.Device.WriteCurrent) * 1e6, float64(r.Device.Area) * 1e12, float64(r.Area()) / mm2,
		r.Energy, r.Latency, o.sram.Energy / r.Energy, rivals.EDP(o.sram) / rivals.EDP(r), o.gain(),
	}
}

// under returns the best buffer and its rival under each demand, by mode.
func under(ctx context.Context, s *reproduction.Setting, base *rivals.Case, run *rivals.Iteration, hot float64) (map[string][]found, error) {
	out := map[string][]found{}
	corner := []string{"t_nominal=300K", "t_hot=" + strconv.FormatFloat(hot, 'g', -1, 64) + "K"}
	free, err := base.With(corner...)
	if err != nil {
		return nil, err
	}
	sram := free.SRAM(ctx, 1)
	best := map[string]*model.Report{}
	for _, d := range demands(s) {
		for _, mode := range modes() {
			asked := ""
			if d.seconds > 0 {
				asked = strconv.FormatFloat(d.seconds, 'g', -1, 64) + "s"
			}
			c, err := base.As(study(run, "energy, latency", asked), append(slices.Clip(corner), "retention="+mode)...)
			if err != nil {
				return nil, err
			}
			if best[mode], err = c.Best(ctx, effort(s), rivals.EDP, best["strict"], best[mode]); err != nil {
				return nil, err
			}
			o := found{sot: best[mode]}
			if o.sot != nil {
				if o.sram, o.plain, err = rivals.Conventional(sram, o.sot); err != nil {
					return nil, err
				}
			}
			out[mode] = append(out[mode], o)
		}
	}
	return out, nil
}

// lifetimes are the longest times between write and last read in buffers of two
// capacities, by class of data, with the default design's cell: the larger the
// buffer, the longer data stay in it instead of leaving for DRAM.
func lifetimes(ctx context.Context, s *reproduction.Setting) (*results.Table, error) {
	nets := reproduction.Either(s, rivals.Networks(), []rivals.Net{{Name: "squeezenet1_1", Family: "cv"}})
	var list []rivals.Iteration
	for i := range nets {
		list = append(list, nets[i].Of(workload.Inference, 1), nets[i].Of(workload.Inference, 16), nets[i].Of(workload.Training, 16))
	}
	classes := []workload.Class{workload.Activation, workload.Weight, workload.Gradient, workload.WeightGradient, workload.MasterWeight, workload.OptimizerState}
	sizes := reproduction.Either(s, []units.Bytes{32 << 20, 1 << 30}, []units.Bytes{2 << 20, 32 << 20})
	rows := make([][]any, len(list)*len(sizes))
	err := reproduction.Each(ctx, s, len(list), func(i int) error {
		run := &list[i]
		s.Progress("lifetimes: %s", run.Title())
		c, err := whole(s, run)
		if err != nil {
			return err
		}
		for k, size := range sizes {
			d := model.DefaultDesign()
			d.Capacity = size
			r, err := c.Report(&d)
			if err != nil {
				return err
			}
			row := []any{run.Network, run.Phase.String(), run.Batch, float64(size) / mib, r.Latency, r.Lifetime}
			for _, class := range classes {
				var v any
				if x := r.Costs[0].Lifetime[class]; x > 0 {
					v = x
				}
				row = append(row, v)
			}
			rows[i*len(sizes)+k] = row
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	t := results.NewList("lifetimes", "network:text", "phase:text", "batch", "capacity [MiB]", "iteration [s]", "longest [s]")
	for _, class := range classes {
		t.AddColumn(class.String() + " [s]")
	}
	for _, row := range rows {
		t.Append(row...)
	}
	return t, nil
}

// shownRetention are the lines of the first iteration that the section prints.
func shownRetention(t *results.Table, list []rivals.Iteration) *results.Table {
	mode, phase := reproduction.Column(t, "mode"), reproduction.Column(t, "phase")
	var cols []int
	for _, name := range []string{"hot", "required", "mode", "delta", "retention", "scrub_share", "code", "write_fins", "cell", "buffer", "edp_gain_over_sram", "edp_gain_without_code"} {
		cols = append(cols, reproduction.Column(t, name))
	}
	return t.Pick(reproduction.Rows(t, func(row []float64) bool {
		return row[0] == t.Choice(0, list[0].Network) && row[phase] == t.Choice(phase, list[0].Phase.String()) && row[mode] == t.Choice(mode, "scrub")
	}), cols)
}

func retentionText(r *reproduction.Findings, lives, t *results.Table, list []rivals.Iteration) {
	cell, life := reproduction.In(t), reproduction.In(lives)
	gain := reproduction.Column(t, "edp_gain_over_sram")
	at := func(required, mode string) int {
		for row := range t.Rows {
			if t.Text(row, 0) == list[0].Network && t.Text(row, 1) == list[0].Phase.String() && t.Rows[row][2] == 358.15 && t.Text(row, 3) == required && t.Text(row, 4) == mode {
				return row
			}
		}
		return -1
	}
	training := reproduction.Rows(lives, func(row []float64) bool { return row[1] == lives.Choice(1, workload.Training.String()) })
	small, large := lives.Rows[0][reproduction.Column(lives, "capacity")], lives.Rows[1][reproduction.Column(lives, "capacity")]
	among := func(size float64) int {
		return reproduction.Largest(lives, slices.DeleteFunc(slices.Clone(training), func(row int) bool { return lives.Rows[row][reproduction.Column(lives, "capacity")] != size }), "longest")
	}
	longest, larger := among(small), among(large)
	free, years := at("none", "scrub"), at("10 years", "scrub")
	if years < 0 {
		years = at("1 hour", "scrub")
	}
	r.Verdict = fmt.Sprintf("In training at batch 16 on soc no datum lives longer than %s s in a buffer of %s MiB (%s) and %s s in one of %s MiB (%s); asking for %s instead takes the thermal stability factor from %s to %s and the gain in energy-delay product of %s over SRAM of the same capacity from %s to %s (without a code from %s to %s).",
		life(longest, "longest"), life(longest, "capacity"), lives.Text(longest, 0), life(larger, "longest"), life(larger, "capacity"), lives.Text(larger, 0), t.Text(years, 3), cell(free, "delta"), cell(years, "delta"), list[0].Title(), cell(free, "edp_gain_over_sram"), cell(years, "edp_gain_over_sram"), cell(free, "edp_gain_without_code"), cell(years, "edp_gain_without_code"))
	pays := reproduction.Rows(t, func(row []float64) bool { return row[gain] >= 1.02 })
	best := reproduction.Largest(t, reproduction.Every(t), "edp_gain_over_sram")
	r.Claims = []reproduction.Claim{{
		Says: "free layers for last-level caches should aim at 0.1 to 100 s (imec, abstract of arXiv 2508.18250)", Published: 100, Ours: life(larger, "longest"),
		Holds:   "training of the networks tried at batch 16 on soc: the longest lifetime is beside; it grows with the batch and with the time of an iteration; weights of inference stay for `residence` (one day) and are rewritten in time",
		Differs: "ours is the longest lifetime (s) of training in the larger buffer; a cache does not know when data are read last, a buffer that a compiler fills does",
	}, {
		Says: "relaxed retention makes SOT-MRAM the better on-chip memory (in the sense of the abstract's gains)", Published: math.NaN(), Ours: cell(best, "edp_gain_over_sram"),
		Holds:   reproduction.Where(t, pays, "network", "phase", "hot", "required", "mode"),
		Differs: "ours is the largest gain in energy-delay product over the best SRAM buffer of the same capacity in any flavour; listed are the points at 1.02 or more",
	}}
	r.Text = []string{
		"`lifetimes` are from write to last read by class of data, in the order of work that a compiler would choose (`schedule: groups`); inference weights stay loaded for `residence`, one day. `required` is the retention at the hot corner and the process guard-band; with `scrub` data that live longer than they keep are rewritten in time, `scrub_share` of the buffer's time. " +
			"Every demand may use the design of the harder one before it, so that its energy-delay product falls from line to line or stays; `edp_gain_over_sram` also moves with the code, which that SRAM buffer carries too, `edp_gain_without_code` does not.",
	}
	if a, b := at("none", "strict"), free; a >= 0 && b >= 0 {
		r.Text = append(r.Text, fmt.Sprintf("Without a demand rewriting moves the gain of %s from %s (strict) to %s: lifetimes of training are so short that the cell for them is as small as one that is rewritten.", list[0].Title(), cell(a, "edp_gain_over_sram"), cell(b, "edp_gain_over_sram")))
	}
}

func drawRetention(r *reproduction.Findings, t *results.Table, list []rivals.Iteration, hot []float64) error {
	gain := reproduction.Column(t, "edp_gain_without_code")
	var lines []plot.Series
	for _, k := range hot {
		l := plot.Series{Name: reproduction.Digits(k) + " K"}
		for row, v := range t.Rows {
			if t.Text(row, 0) != list[0].Network || t.Text(row, 1) != list[0].Phase.String() || v[2] != k || t.Text(row, 4) != "scrub" || math.IsNaN(v[gain]) {
				continue
			}
			l.X, l.Y = append(l.X, max(v[5], 1e-4)), append(l.Y, v[gain])
		}
		lines = append(lines, l)
	}
	if err := r.Lines("gain", fmt.Sprintf("%s: gain in energy-delay product of the best SOT buffer over SRAM of the same capacity without a code, over the retention asked for, at four hot corners; left end: none is asked for.", list[0].Title()), "retention asked for (s)", "gain over SRAM", true, false, lines, plot.RefLine{Name: "equal", Value: 1}); err != nil {
		return err
	}
	last := &list[len(list)-1]
	var groups []string
	parts := []plot.Part{{Name: "strict"}, {Name: "rewritten in time"}}
	for _, k := range hot {
		groups = append(groups, reproduction.Digits(k)+" K")
		for i, mode := range modes() {
			v := math.NaN()
			for row := range t.Rows {
				if t.Text(row, 0) == last.Network && t.Text(row, 1) == last.Phase.String() && t.Rows[row][2] == k && t.Text(row, 3) == "none" && t.Text(row, 4) == mode {
					v = t.Rows[row][reproduction.Column(t, "cell")]
				}
			}
			parts[i].Values = append(parts[i].Values, v)
		}
	}
	return r.Bars("modes", fmt.Sprintf("%s: cell of the best SOT buffer when weights must keep for a day, and when they are rewritten in time, by hot corner.", last.Title()), "cell (um^2)", groups, parts)
}
