// Package doubts holds the experiment on which conclusions survive the constants
// that are known within a range only.
package doubts

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"stco/experiments/baselines"
	"stco/experiments/reproduction"
	"stco/experiments/reproduction/rivals"
	"stco/experiments/sensitivity/effects"
	"stco/experiments/study"
	"stco/model"
	"stco/model/workload"
	"stco/results"
	"stco/results/plot"
	"stco/space"
)

// Robustness is the experiment on the constants in doubt.
func Robustness() *reproduction.Experiment {
	return &reproduction.Experiment{
		Name: "robustness", Title: "which conclusions survive the constants in doubt",
		Shows: "gain in energy-delay product over the best SRAM buffer, gain in energy over a leaky one and area over SRAM, with one constant after the other at the ends of its range, with all drawn together, and the Sobol indices of each",
		Run:   robustness,
	}
}

// machine are settings beside those of the bitcell that are known within a range:
// the share of the DRAM that an accelerator gets and the energy of a bit, from the
// device alone to what is measured above the last cache (docs/machines.md), and
// the energy of a multiply-accumulate at 14 nm (table elements).
const machine = `uncertainties:
  dram_share: {range: [0.2, 1]}
  dram_energy: {range: [4pJ/bit, 13pJ/bit]}
  mac_energy: {range: [0.15pJ, 0.45pJ]}
`

// claims are what is judged, by the columns of tables; the sign of each is whether
// it is above 1: SOT-MRAM is better, and takes less area. SRAM carries the code of
// the SOT buffer, or none: where the code of the best SOT buffer changes with a
// constant, only gains over SRAM without one move by what SOT-MRAM does alone.
func claims() []string {
	return []string{"edp_gain", "energy_gain_hp", "area_gain", "edp_gain_without_code", "area_gain_without_code"}
}

// ratios are the claims of a case, and the code of the SOT buffer; NaN and no code
// where no buffer meets the limits.
type ratios struct {
	of   []float64
	code string
}

func none() ratios { return ratios{of: slices.Repeat([]float64{math.NaN()}, len(claims()))} }

// find searches the SOT buffer of the least energy-delay product of a case; nil
// where none meets the limits.
func find(ctx context.Context, s *reproduction.Setting, c *rivals.Case) (*model.Report, error) {
	return c.Best(ctx, rivals.Effort{Evaluations: reproduction.Either[int64](s, 1000, 200), Seed: s.Seed, Workers: 1}, rivals.EDP)
}

// judge takes the best SOT buffer of a case among designs, each evaluated in it,
// and the best SRAM buffers beside it, and returns the claims; NaN where no buffer
// meets the limits. One short search may miss what the search under another
// constant has found: designs are those of all.
func judge(ctx context.Context, c *rivals.Case, designs []*model.Design) (ratios, *model.Report, map[string]*model.Report, error) {
	sot, err := c.LeastOf(rivals.EDP, designs)
	if err != nil || sot == nil {
		return none(), nil, nil, err
	}
	sram := map[string]*model.Report{}
	search := c.SRAM(ctx, 1)
	for _, flavour := range baselines.Flavours() {
		list, err := search.Baselines(sot, flavour)
		if err != nil {
			return none(), nil, nil, err
		}
		for i := range list {
			b := &list[i]
			if !b.Found || b.Least != baselines.LeastEDP {
				continue
			}
			kind := "plain"
			if b.Name == "iso-capacity" {
				kind = "best"
				sram[flavour] = &b.Report
			}
			if best := sram[kind]; best == nil || rivals.EDP(&b.Report) < rivals.EDP(best) {
				sram[kind] = &b.Report
			}
		}
	}
	return ratios{values(sot, sram), sot.Design.ECC.String()}, sot, sram, nil
}

// values are the claims of a buffer over SRAM buffers of the same capacity.
func values(sot *model.Report, sram map[string]*model.Report) []float64 {
	out := slices.Repeat([]float64{math.NaN()}, len(claims()))
	if b := sram["best"]; b != nil {
		out[0], out[2] = rivals.EDP(b)/rivals.EDP(sot), float64(b.Area())/float64(sot.Area())
	}
	if b := sram["hp"]; b != nil {
		out[1] = b.Energy / sot.Energy
	}
	if b := sram["plain"]; b != nil {
		out[3], out[4] = rivals.EDP(b)/rivals.EDP(sot), float64(b.Area())/float64(sot.Area())
	}
	for i, v := range out {
		if math.IsInf(v, 0) || v <= 0 {
			out[i] = math.NaN()
		}
	}
	return out
}

func robustness(ctx context.Context, s *reproduction.Setting) (*reproduction.Findings, error) {
	n := reproduction.Either(s, rivals.Networks()[0], rivals.Net{Name: "squeezenet1_1", Family: "cv"})
	run := n.Of(workload.Training, 16)
	c, err := rivals.New(rivals.Text([]string{run.Text()}, "objectives: [energy, latency]\nbaselines: [{capacity: same}, {capacity: same, ecc: none}]\n"+machine), "machine=soc", reproduction.Either(s, "schedule=groups", "schedule=layer"), reproduction.Either(s, "capacity=32MiB", "capacity=2MiB"))
	if err != nil {
		return nil, err
	}
	list := c.Study.Uncertainties()
	if s.Small {
		list = slices.DeleteFunc(slices.Clone(list), func(u study.Uncertainty) bool {
			return !slices.Contains([]string{"nucleation", "exchange", "dram_energy"}, u.Name)
		})
	}
	pool, err := pooled(ctx, s, c, list)
	if err != nil {
		return nil, err
	}
	here, sot, sram, err := judge(ctx, c, pool)
	if err != nil {
		return nil, err
	}
	if sot == nil {
		return nil, fmt.Errorf("no buffer meets the limits with the defaults")
	}
	tornado, err := ends(ctx, s, c, list, here, pool)
	if err != nil {
		return nil, err
	}
	signs, draws, err := together(ctx, s, c, list, here, pool)
	if err != nil {
		return nil, err
	}
	shares, err := indices(s, c, list, sot, sram)
	if err != nil {
		return nil, err
	}
	r := &reproduction.Findings{Tables: []*results.Table{signs, tornado, shares, draws}}
	r.Show = []*results.Table{signs, widest(tornado, 10)}
	robustText(r, signs, tornado, shares, run.Title())
	return r, drawTornado(r, tornado)
}

// widest are the first ranks of each claim.
func widest(tornado *results.Table, n float64) *results.Table {
	rank := reproduction.Column(tornado, "rank")
	return tornado.Pick(reproduction.Rows(tornado, func(row []float64) bool { return row[rank] < n }), nil)
}

// varied is the case with settings at shares of their ranges; nil where no cell
// can have them together.
func varied(c *rivals.Case, list []study.Uncertainty, shares []float64) *rivals.Case {
	m, err := c.Model.Vary(study.Vary(c.Model.Setup, list, shares))
	if err != nil {
		return nil
	}
	return c.Under(m)
}

// pooled are the designs found with the defaults and with each constant at each end
// of its range.
func pooled(ctx context.Context, s *reproduction.Setting, c *rivals.Case, list []study.Uncertainty) ([]*model.Design, error) {
	found := make([]*model.Report, 2*len(list)+1)
	err := reproduction.Each(ctx, s, len(found), func(i int) (err error) {
		v := c
		if i > 0 {
			u := list[(i-1)/2 : (i-1)/2+1]
			s.Progress("search with %s at an end of its range", u[0].Name)
			v = varied(c, u, []float64{float64((i - 1) % 2)})
		}
		if v != nil {
			found[i], err = find(ctx, s, v)
		}
		return err
	})
	var pool []*model.Design
	for _, r := range found {
		if r != nil {
			pool = append(pool, &r.Design)
		}
	}
	return pool, err
}

// ends moves one constant at a time to the ends of its range, both buffers chosen
// anew: the tornado, the widest first for every claim.
func ends(ctx context.Context, s *reproduction.Setting, c *rivals.Case, list []study.Uncertainty, here ratios, pool []*model.Design) (*results.Table, error) {
	found := make([][2]ratios, len(list))
	err := reproduction.Each(ctx, s, len(list), func(i int) error {
		s.Progress("%s", list[i].Name)
		for k := range found[i] {
			found[i][k] = none()
			v := varied(c, list[i:i+1], []float64{float64(k)})
			if v == nil {
				continue
			}
			var err error
			if found[i][k], _, _, err = judge(ctx, v, pool); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	t := results.NewList("tornado", "claim:text", "constant:text", "low:text", "high:text", "at_low", "default", "at_high", "turns:text", "rank", "code_at_low:text", "code:text", "code_at_high:text")
	for j, claim := range claims() {
		addTornado(t, claim, list, found, j, here)
	}
	return t, nil
}

// addTornado adds the rows of a claim, the widest change first. An end without a
// buffer turns a claim that holds.
func addTornado(t *results.Table, claim string, list []study.Uncertainty, found [][2]ratios, j int, middle ratios) {
	here := middle.of[j]
	width := func(i int) float64 {
		most := 0.0
		for k := range found[i] {
			if d := math.Abs(math.Log(found[i][k].of[j] / here)); d > most { // not NaN
				most = d
			}
		}
		return most
	}
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(width(b), width(a)) })
	for rank, i := range order {
		turns := "no"
		for k := range found[i] {
			if (found[i][k].of[j] > 1) != (here > 1) {
				turns = "yes"
			}
		}
		u := &list[i]
		t.Append(claim, u.Name, study.SettingText(u.Name, u.Low), study.SettingText(u.Name, u.High), found[i][0].of[j], here, found[i][1].of[j], turns, rank, found[i][0].code, middle.code, found[i][1].code)
	}
}

// together draws all constants at once from a Sobol sequence, both buffers chosen
// anew under each draw.
func together(ctx context.Context, s *reproduction.Setting, c *rivals.Case, list []study.Uncertainty, here ratios, pool []*model.Design) (signs, draws *results.Table, err error) {
	list = list[:min(len(list), space.MaxSobolDim)]
	sobol, err := space.NewSobol(len(list), nil)
	if err != nil {
		return nil, nil, err
	}
	n := reproduction.Either(s, 256, 8)
	found := make([]ratios, n)
	err = reproduction.Each(ctx, s, n, func(i int) error {
		u := make([]float64, len(list))
		sobol.At(uint64(i+1), u) // the first point is the corner of the ranges
		found[i] = none()
		v := varied(c, list, u)
		if v == nil {
			return nil
		}
		s.Progress("draw %d", i+1)
		own, err := find(ctx, s, v)
		if err != nil {
			return err
		}
		designs := pool
		if own != nil {
			designs = append(slices.Clip(pool), &own.Design)
		}
		found[i], _, _, err = judge(ctx, v, designs)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	draws = results.NewList("draws", append([]string{"draw"}, claims()...)...)
	for i := range found {
		row := []any{i + 1}
		for _, v := range found[i].of {
			row = append(row, v)
		}
		draws.Append(row...)
	}
	signs = results.NewList("signs", "claim:text", "default", "draws", "draws_with_a_buffer", "least", "median", "most", "share_above_1 [%]", "survives:text", "constants")
	for j, claim := range claims() {
		addSign(signs, claim, here.of[j], found, j, len(list))
	}
	return signs, draws, nil
}

// addSign adds the row of a claim: its sign survives where nine tenths of the
// draws that leave a buffer have it.
func addSign(t *results.Table, claim string, here float64, found []ratios, j, constants int) {
	var have []float64
	above := 0
	for i := range found {
		v := found[i].of[j]
		if math.IsNaN(v) {
			continue
		}
		have = append(have, v)
		if v > 1 {
			above++
		}
	}
	if len(have) == 0 {
		t.Append(claim, here, len(found), 0, nil, nil, nil, nil, "no buffer", constants)
		return
	}
	share := float64(above) / float64(len(have))
	survives := "no"
	if here > 1 && share >= 0.9 || here <= 1 && share <= 0.1 {
		survives = "yes"
	}
	t.Append(claim, here, len(found), len(have), slices.Min(have), reproduction.Median(have), slices.Max(have), 100*share, survives, constants)
}

// indices are the Sobol indices of the claims, of the buffers as they are: a
// design need not meet its limits to have a gain.
func indices(s *reproduction.Setting, c *rivals.Case, list []study.Uncertainty, sot *model.Report, sram map[string]*model.Report) (*results.Table, error) {
	list = slices.DeleteFunc(slices.Clone(list), func(u study.Uncertainty) bool { // of the bitcell: a change of the machine costs a model each
		return slices.ContainsFunc(c.Study.Ranges, func(o study.Uncertainty) bool { return o.Name == u.Name })
	})
	list = list[:min(len(list), space.MaxSobolDim/2)]
	var failed error
	f := func(u, out []float64) {
		for i := range out {
			out[i] = math.NaN()
		}
		v := varied(c, list, u)
		if v == nil {
			return
		}
		e, err := v.Model.NewEvaluator()
		if err != nil {
			failed = err
			return
		}
		e.Fast = true
		var own, best, hp, plain model.Report
		rival := map[string]*model.Report{}
		for _, x := range []struct {
			name string
			of   *model.Report
			into *model.Report
		}{{"", sot, &own}, {"best", sram["best"], &best}, {"hp", sram["hp"], &hp}, {"plain", sram["plain"], &plain}} {
			if x.of == nil {
				continue
			}
			if err := e.Evaluate(&x.of.Design, x.into); err != nil {
				failed = err
				return
			}
			rival[x.name] = x.into
		}
		for i, x := range values(&own, rival) {
			out[i] = math.Log(x)
		}
	}
	n := reproduction.Either(s, 2048, 16)
	s.Progress("Sobol indices: %d evaluations", n*(len(list)+2))
	index, err := effects.Sobol(f, len(list), len(claims()), n, s.Seed)
	if failed != nil {
		return nil, failed
	}
	if err != nil {
		return nil, err
	}
	t := results.NewList("sobol", "claim:text", "constant:text", "first", "total", "total_low", "total_high", "points")
	for j, claim := range claims() {
		for i := range list {
			x := &index.Of[j][i]
			t.Append(claim, list[i].Name, x.First, x.Total, x.TotalBand[0], x.TotalBand[1], index.Used[j])
		}
	}
	return t, nil
}

func robustText(r *reproduction.Findings, signs, tornado, shares *results.Table, run string) {
	sign, wide := reproduction.In(signs), reproduction.In(tornado)
	at := func(claim string) int { return reproduction.Row(signs, claim) }
	edp, plain := at("edp_gain"), at("edp_gain_without_code")
	r.Verdict = fmt.Sprintf("With %s constants drawn together, SOT-MRAM of the same capacity is better than the best SRAM in energy-delay product in %s %% of the %s draws (of %s) that leave a buffer, between %s and %s (default %s), and better than SRAM without a code in %s %% (default %s); that it is less in energy than leaky SRAM holds in %s %%, that it is smaller in %s %%.",
		sign(edp, "constants"), sign(edp, "share_above_1"), sign(edp, "draws_with_a_buffer"), sign(edp, "draws"), sign(edp, "least"), sign(edp, "most"), sign(edp, "default"), sign(plain, "share_above_1"), sign(plain, "default"), sign(at("energy_gain_hp"), "share_above_1"), sign(at("area_gain"), "share_above_1"))
	turning := func(claim string) string {
		var names []string
		for row := range tornado.Rows {
			if tornado.Text(row, 0) == claim && tornado.Text(row, reproduction.Column(tornado, "turns")) == "yes" {
				names = append(names, "`"+tornado.Text(row, 1)+"`")
			}
		}
		if names == nil {
			return "no constant alone"
		}
		return strings.Join(names, ", ") + " alone"
	}
	r.Claims = []reproduction.Claim{
		{Says: "energy of CV training (abstract)", Published: 8, Ours: sign(at("energy_gain_hp"), "most"), Holds: "in no draw below the largest that the table `draws` has", Differs: "ours is the largest gain in energy over leaky SRAM of the same capacity under any draw; turned by " + turning("energy_gain_hp")},
		{Says: "SOT-MRAM pays in energy-delay product (in the sense of the abstract)", Published: math.NaN(), Ours: sign(edp, "most"), Holds: fmt.Sprintf("in %s %% of the draws", sign(edp, "share_above_1")), Differs: "ours is the largest gain under any draw over the best SRAM buffer; turned by " + turning("edp_gain")},
		{Says: "around half of the SRAM area at iso-capacity (abstract), as a factor", Published: 2, Ours: sign(at("area_gain"), "most"), Holds: fmt.Sprintf("smaller than SRAM in %s %% of the draws", sign(at("area_gain"), "share_above_1")), Differs: "ours is the largest ratio under any draw, of buffers chosen for their energy-delay product; turned by " + turning("area_gain")},
	}
	first := reproduction.Row(tornado, "edp_gain")
	strongest := reproduction.Largest(shares, reproduction.Rows(shares, func(row []float64) bool { return row[0] == shares.Choice(0, "edp_gain") }), "total")
	r.Text = []string{
		fmt.Sprintf("%s on soc; `edp_gain` and `area_gain` are over the SRAM buffer of the same capacity and code in its best flavour, `energy_gain_hp` over one of the leaky flavour at 358 K. In `tornado` one constant at a time goes to the ends of its range and both buffers are chosen anew; `turns`: an end has the claim on the other side of 1, or leaves no buffer where the claim held. The table shows the ten widest of each. "+
			"`survives`: at least nine tenths of the draws agree with the default.", run),
		"The SRAM buffer of `edp_gain` and `area_gain` carries the code of the SOT buffer. The code of the best SOT buffer changes with many constants (`code_at_low`, `code`, `code_at_high`), SRAM beside it pays for the same code, and the gain jumps: both ends of a constant may then lie on one side of the default. Gains `_without_code` are over SRAM without any, which it would choose by energy, delay and area alone (its soft errors are not modelled): they move only by what SOT-MRAM does.",
		fmt.Sprintf("Widest alone for the energy-delay product: `%s` (%s at the low end, %s at the high one). `sobol` has the indices of the constants of the bitcell for the two buffers as they are", tornado.Text(first, 1), wide(first, "at_low"), wide(first, "at_high")),
	}
	if strongest >= 0 {
		cell := reproduction.In(shares)
		says := ", where `%s` has the largest total index, %s (%s to %s, from %s points)"
		if cell(strongest, "total_high").Value() > 1.5 {
			says = ", but their bands are too wide to rank constants: the largest total index, of `%s`, is %s (%s to %s, from the %s points at which both buffers have a figure)"
		}
		r.Text[len(r.Text)-1] += fmt.Sprintf(says, shares.Text(strongest, 1), cell(strongest, "total"), cell(strongest, "total_low"), cell(strongest, "total_high"), cell(strongest, "points"))
	}
	r.Text[len(r.Text)-1] += "."
}

func drawTornado(r *reproduction.Findings, t *results.Table) error {
	for _, claim := range claims() {
		var names []string
		low, high := plot.Part{Name: "at the low end"}, plot.Part{Name: "at the high end"}
		here := math.NaN()
		for row, v := range t.Rows {
			if t.Text(row, 0) != claim || v[reproduction.Column(t, "rank")] >= 8 {
				continue
			}
			names = append(names, t.Text(row, 1))
			low.Values, high.Values = append(low.Values, v[4]), append(high.Values, v[6])
			here = v[5]
		}
		text := map[string]string{
			"edp_gain":               "Gain in energy-delay product over the best SRAM buffer",
			"energy_gain_hp":         "Gain in energy over leaky SRAM",
			"area_gain":              "Area of the best SRAM buffer over that of the SOT buffer",
			"edp_gain_without_code":  "Gain in energy-delay product over the best SRAM buffer without a code",
			"area_gain_without_code": "Area of the best SRAM buffer without a code over that of the SOT buffer",
		}[claim]
		if err := r.Bars(strings.ReplaceAll(claim, "_", "-"), text+" with one constant at the ends of its range, the eight widest; no bar: no buffer meets the limits.", strings.ReplaceAll(claim, "_", " "), names, []plot.Part{low, high}, plot.RefLine{Name: "default", Value: here}); err != nil {
			return err
		}
	}
	return nil
}
