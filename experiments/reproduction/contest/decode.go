package contest

import (
	"context"
	"fmt"
	"math"
	"slices"

	"stco/experiments/reproduction"
	"stco/experiments/reproduction/rivals"
	"stco/model"
	"stco/results"
	"stco/results/plot"
)

// Decode is the experiment on the generation of tokens.
func Decode() *reproduction.Experiment {
	return &reproduction.Experiment{
		Name: "decode", Title: "tokens a second and energy of a token over capacity",
		Shows: "tokens a second and joule a token of language models of 1 to 70 billion weights and of mixtures of experts, in bf16 to int4, batch 1 to 64, with the best SOT buffer of 16 MiB to 4 GiB beside the best SRAM buffer of the same capacity",
		Run:   decode,
	}
}

// reticle is the largest field that one exposure prints, 26 mm x 33 mm.
const reticle = 858.0

// generation is a model that makes tokens.
type generation struct {
	network, kind, precision string
	batch                    int
}

func (g *generation) text() string {
	return fmt.Sprintf("network: %s, phase: decode, batch: %d, context: 2048, precision: %s", g.network, g.batch, g.precision)
}

func generations(s *reproduction.Setting) []generation {
	if s.Small {
		return []generation{{"llama3_2_1b", "dense", "int8", 1}, {"llama3_2_1b", "dense", "int8", 4}}
	}
	var out []generation
	for _, n := range []struct{ name, kind string }{
		{"llama3_2_1b", "dense"}, {"llama3_2_3b", "dense"}, {"llama3_8b", "dense"}, {"llama2_13b", "dense"}, {"llama3_70b", "dense"}, {"gpt_oss_20b", "experts"}, {"deepseek_v2_lite", "experts"}, {"mixtral_8x7b", "experts"},
	} {
		for _, how := range []struct {
			precision string
			batch     int
		}{{"bf16", 1}, {"int8", 1}, {"int4", 1}, {"int4", 8}, {"int4", 64}} {
			out = append(out, generation{n.name, n.kind, how.precision, how.batch})
		}
	}
	return out
}

// pair is a buffer beside SRAM of the same capacity; nil where there is none.
type pair struct{ sot, sram *model.Report }

func decode(ctx context.Context, s *reproduction.Setting) (*reproduction.Findings, error) {
	list := generations(s)
	sizes := reproduction.Either(s, []string{"16MiB", "64MiB", "256MiB", "1GiB", "4GiB"}, []string{"16MiB", "256MiB"})
	found := make([][]pair, len(list))
	err := reproduction.Each(ctx, s, len(list), func(i int) error {
		g := &list[i]
		s.Progress("%s %s, batch %d", g.network, g.precision, g.batch)
		whole, err := rivals.New(rivals.Text([]string{g.text()}, "objectives: [energy, latency]\nbaselines: [{capacity: same}]\n"), "machine=npu-lpddr", "schedule=layer")
		if err != nil {
			return err
		}
		for _, size := range sizes {
			c, err := whole.With("capacity=" + size)
			if err != nil {
				return err
			}
			var p pair
			if p.sot, err = c.Best(ctx, rivals.Effort{Evaluations: reproduction.Either[int64](s, 600, 200), Seed: s.Seed, Workers: 1}, rivals.EDP); err != nil {
				return err
			}
			if p.sot != nil {
				if p.sram, _, err = rivals.Conventional(c.SRAM(ctx, 1), p.sot); err != nil {
					return err
				}
			}
			found[i] = append(found[i], p)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	t := results.NewList("decode", "network:text", "kind:text", "precision:text", "batch", "capacity [MiB]", "sot [mm2]", "sram [mm2]", "tokens_per_s", "energy_per_token [J]", "dram_per_token [B]", "sram_tokens_per_s", "sram_energy_per_token [J]", "tokens_gain", "energy_gain", "edp_gain", "tokens_over_16MiB")
	for i := range list {
		addTokens(t, &list[i], found[i])
	}
	r := &reproduction.Findings{Tables: []*results.Table{t}, Show: []*results.Table{shownTokens(t)}}
	decodeText(r, t)
	return r, drawDecode(r, t)
}

// addTokens adds the rows of a model, a row a capacity.
func addTokens(t *results.Table, g *generation, found []pair) {
	first := math.NaN()
	for _, p := range found {
		if p.sot == nil || p.sram == nil {
			continue
		}
		a, b := p.sot, p.sram
		tokens, rival := a.Samples/a.Latency, b.Samples/b.Latency
		if math.IsNaN(first) {
			first = tokens
		}
		t.Append(g.network, g.kind, g.precision, g.batch, float64(a.Design.Capacity)/mib, float64(a.Area())/mm2, float64(b.Area())/mm2, tokens, a.Energy/a.Samples, a.DRAMTraffic/a.Samples,
			rival, b.Energy/b.Samples, tokens/rival, b.Energy/a.Energy, rivals.EDP(b)/rivals.EDP(a), tokens/first)
	}
}

// shownTokens are the lines at batch 1 in four bits, without some columns.
func shownTokens(t *results.Table) *results.Table {
	precision := reproduction.Column(t, "precision")
	rows := reproduction.Rows(t, func(row []float64) bool {
		return row[precision] == t.Rows[len(t.Rows)-1][precision] && row[3] == 1
	})
	var cols []int
	for _, name := range []string{"network", "precision", "batch", "capacity", "sot", "sram", "tokens_per_s", "energy_per_token", "dram_per_token", "tokens_gain", "energy_gain", "tokens_over_16MiB"} {
		cols = append(cols, reproduction.Column(t, name))
	}
	return t.Pick(rows, cols)
}

func decodeText(r *reproduction.Findings, t *results.Table) {
	cell := reproduction.In(t)
	col := func(name string) int { return reproduction.Column(t, name) }
	built := reproduction.Rows(t, func(row []float64) bool { return row[col("sot")] <= reticle })
	best := reproduction.Largest(t, built, "tokens_over_16MiB")
	freely := reproduction.Largest(t, reproduction.Every(t), "tokens_over_16MiB")
	gain := reproduction.Largest(t, reproduction.Every(t), "edp_gain")
	r.Verdict = fmt.Sprintf("On npu-lpddr capacity lifts tokens a second only as far as it holds the weights that are read: within one reticle by at most %s over 16 MiB (%s, %s, %s MiB of SOT-MRAM); without that limit by %s (%s, %s, %s MiB, %s mm2). Beside SRAM of the same capacity SOT-MRAM gains at most %s in energy-delay product (%s, %s MiB).",
		cell(best, "tokens_over_16MiB"), t.Text(best, 0), t.Text(best, 2), cell(best, "capacity"), cell(freely, "tokens_over_16MiB"), t.Text(freely, 0), t.Text(freely, 2), cell(freely, "capacity"), cell(freely, "sot"), cell(gain, "edp_gain"), t.Text(gain, 0), cell(gain, "capacity"))
	pays := reproduction.Rows(t, func(row []float64) bool { return row[col("edp_gain")] >= 1.02 })
	r.Claims = []reproduction.Claim{{
		Says: "NLP, latency (abstract, of training; it does not name decoding)", Published: 4.5, Ours: cell(best, "tokens_over_16MiB"),
		Holds:   reproduction.Where(t, slices.DeleteFunc(slices.Clone(built), func(i int) bool { return !(t.Rows[i][col("tokens_over_16MiB")] >= 4.5) }), "network", "precision", "batch", "capacity"),
		Differs: "ours is the largest gain of capacity alone, of whatever it is made, among buffers that fit a reticle: every weight is read once a token, so that only a buffer that holds the weights moves the DRAM's share",
	}, {
		Says: "SOT-MRAM beside SRAM, energy (abstract)", Published: 8, Ours: cell(reproduction.Largest(t, reproduction.Every(t), "energy_gain"), "energy_gain"),
		Holds:   reproduction.Where(t, pays, "network", "precision", "batch", "capacity"),
		Differs: "over SRAM of the same capacity and code in its best flavour; listed are the points with a gain of at least 1.02 in energy-delay product",
	}}
	r.Text = []string{
		fmt.Sprintf("A token of a sequence with 2,048 before it; a batch of sequences shares the weights it reads. `dram_per_token` is what crosses the interface. The table shows batch 1 in the narrowest format; [decode.csv](\x00/decode.csv) has all. Mixtures of experts read the experts that a batch chooses. Buffers above %g mm2 (`sot`, `sram`) do not fit one exposure.", reticle),
	}
}

func drawDecode(r *reproduction.Findings, t *results.Table) error {
	col := func(name string) int { return reproduction.Column(t, name) }
	last := t.Rows[len(t.Rows)-1][col("precision")]
	for _, f := range []struct{ name, column, y, caption string }{
		{"tokens", "tokens_per_s", "tokens a second", "Tokens a second at batch 1, weights in four bits, over the capacity of the SOT buffer; machine npu-lpddr."},
		{"energy", "energy_per_token", "energy of a token (J)", "Energy of a token at batch 1, weights in four bits, over the capacity of the SOT buffer."},
	} {
		var lines []plot.Series
		for row, v := range t.Rows {
			if v[3] != 1 || v[col("precision")] != last {
				continue
			}
			at := slices.IndexFunc(lines, func(l plot.Series) bool { return l.Name == t.Text(row, 0) })
			if at < 0 {
				at = len(lines)
				lines = append(lines, plot.Series{Name: t.Text(row, 0)})
			}
			lines[at].X, lines[at].Y = append(lines[at].X, v[col("capacity")]), append(lines[at].Y, v[col(f.column)])
		}
		if err := r.Lines(f.name, f.caption, "capacity (MiB)", f.y, true, true, lines); err != nil {
			return err
		}
	}
	return nil
}
