package regimes

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"stco/experiments/reproduction"
	"stco/results"
)

// claimsVerdict says where the gains are reached, what comes nearest, what is left
// over the best SRAM buffer, and how much the order of work does.
func claimsVerdict(r *reproduction.Findings, t, reached, bands, shares, together *results.Table) {
	count, band := reproduction.In(reached), reproduction.In(bands)
	var parts []string
	for i := range reached.Rows {
		if reached.Text(i, 1) != metrics()[0][0] {
			continue
		}
		parts = append(parts, fmt.Sprintf("%s training both gains of the abstract together are reached at %s of %s points, that in energy alone at %s, that in latency alone at %s",
			strings.ToUpper(reached.Text(i, 0)), count(i, "both_reached"), count(i, "points"), count(i, "energy_reached"), count(i, "latency_reached")))
	}
	r.Verdict = "In " + strings.Join(parts, "; in ") + "."
	for i := range bands.Rows {
		r.Verdict += fmt.Sprintf(" The point of %s nearest to both has %s in energy (%s to %s over draws from the constants in doubt, both buffers chosen anew) and %s in latency.",
			strings.ToUpper(bands.Text(i, 0)), band(i, "energy_gain"), band(i, "energy_gain_low"), band(i, "energy_gain_high"), band(i, "latency_gain"))
	}
	at := overBest(t, "edp_gain")
	if at >= 0 {
		r.Verdict += fmt.Sprintf(" Over SRAM of the same capacity or area in its best flavour the largest gain in energy-delay product is %s", reproduction.Cell{Table: t, Row: at, Column: "edp_gain"})
		if plain := overBest(t, "edp_gain_without_code"); plain >= 0 {
			r.Verdict += fmt.Sprintf(", and %s where SRAM needs no code", reproduction.Cell{Table: t, Row: plain, Column: "edp_gain_without_code"})
		}
		r.Verdict += "."
	}
	claimsText(r, t, reached, shares, together, at)
}

// overBest is the row of the largest gain over SRAM of the same capacity or area
// in the flavour that leaves the least; -1 without one.
func overBest(t *results.Table, column string) int {
	best, fixed := toughest(t, column, points()...), t.Choice(reproduction.Column(t, "baseline"), small)
	return reproduction.Largest(t, reproduction.Rows(t, func(row []float64) bool {
		return best(row) && row[reproduction.Column(t, "baseline")] != fixed
	}), column)
}

func claimsText(r *reproduction.Findings, t, reached, shares, together *results.Table, at int) {
	cell, count, all := reproduction.In(t), reproduction.In(reached), reproduction.In(together)
	for _, c := range abstract() {
		energy := reproduction.Column(t, "energy_gain")
		if rows := ofFamily(t, c.family, func(row []float64) bool { return row[energy] >= c.energy }); len(rows) > 0 {
			r.Text = append(r.Text, fmt.Sprintf("Energy alone, %s: %s.", strings.ToUpper(c.family), reproduction.Where(t, rows, "temperature", "capacity", "baseline", "flavour")))
		}
	}
	for i := range reached.Rows {
		if reached.Text(i, 1) == metrics()[0][0] && reached.Rows[i][reproduction.Column(reached, "most_edp_gain")] < reached.Rows[i][reproduction.Column(reached, "edp_gain_of_both_claims")] {
			r.Text = append(r.Text, fmt.Sprintf("Both buffers are those of the least energy-delay product. Both claims of %s at once are a gain of %s in it and the largest of the matrix is %s: no other choice of the SOT buffer among those that were searched has both.", strings.ToUpper(reached.Text(i, 0)), count(i, "edp_gain_of_both_claims"), count(i, "most_edp_gain")))
		}
	}
	if len(together.Rows) > 0 && !math.IsNaN(all(0, "nlp_energy_gain").Value()) {
		r.Text = append(r.Text, fmt.Sprintf("All claims at once, with geometric means over the networks of a family: nearest is batch %s on %s (schedule %s, overlap %s, %s K, SOT of %s MiB, over SRAM %s %s) with %s and %s in energy and latency of CV, %s and %s of NLP and %s of the area of SRAM of the same capacity: the farthest of the five claims is reached to %s of it.",
			all(0, "batch"), together.Text(0, 1), together.Text(0, 2), together.Text(0, 3), all(0, "temperature"), all(0, "capacity"), together.Text(0, 6), together.Text(0, 7),
			all(0, "cv_energy_gain"), all(0, "cv_latency_gain"), all(0, "nlp_energy_gain"), all(0, "nlp_latency_gain"), all(0, "area_over_same_capacity"), all(0, "nearest_share")))
	}
	if at >= 0 {
		r.Text = append(r.Text, "The largest gain over the best SRAM buffer of the same capacity or area: "+place(t, at)+".")
	}
	best, fixed := toughest(t, "edp_gain", points()...), t.Choice(reproduction.Column(t, "baseline"), small)
	if row := reproduction.Largest(t, reproduction.Rows(t, func(row []float64) bool { return best(row) && row[reproduction.Column(t, "baseline")] == fixed }), "edp_gain"); row >= 0 {
		r.Text = append(r.Text, fmt.Sprintf("Over SRAM of 2 MiB it is %s (%s): what capacity gains, whatever it is made of, since SRAM of the area is a rival too.", cell(row, "edp_gain"), place(t, row)))
	}
	r.Text = append(r.Text, scheduleText(shares)...)
	r.Text = append(r.Text,
		"The quoted SRAM buffer is the one of the least energy-delay product of its kind (`iso-capacity`, `iso-area`: at most the area of the SOT buffer, `2 MiB`) with the code of the SOT buffer, `edp_gain_without_code` over one without a code: its soft errors are not modelled, so that none is the code that it would choose. "+
			"The SOT buffer is the one of the least energy-delay product at its capacity in any flavour of its periphery: searched for every network and machine at batch 16, layer by layer; at every point a descent goes on from the best of all designs found for its temperature and capacity, and what it misses errs in favour of SRAM. "+
			"`memory_` columns are of the memory alone: energy of buffers and DRAM, time with infinitely fast compute. The temperature is that of leakage, and the highest at which data must keep. "+
			"`_low` and `_high` are the least and the largest gain over the draws that leave a buffer (`draws_with_a_buffer` of `draws`).")
}

// scheduleText says how much of a gain is the order of work.
func scheduleText(shares *results.Table) []string {
	if len(shares.Rows) == 0 {
		return nil
	}
	cell := reproduction.In(shares)
	most, value := 0, -1.0
	for i, row := range shares.Rows {
		if v := math.Abs(math.Log(row[reproduction.Column(shares, "edp_gain_groups")] / row[reproduction.Column(shares, "edp_gain_layer")])); v > value {
			most, value = i, v
		}
	}
	where := func(row int) string {
		return fmt.Sprintf("%s at batch %s on %s, %s MiB, %s %s, %s K", shares.Text(row, 0), cell(row, "batch"), shares.Text(row, 3), cell(row, "capacity"), shares.Text(row, 6), shares.Text(row, 7), cell(row, "temperature"))
	}
	out := []string{fmt.Sprintf("How much is the schedule's: both buffers have the same one. Where it moves a gain most (%s), the gain in energy-delay product is %s when every layer runs over the whole batch and %s with groups of layers.",
		where(most), cell(most, "edp_gain_layer"), cell(most, "edp_gain_groups"))}
	for _, c := range abstract() {
		energy, latency := reproduction.Column(shares, "energy_gain_mixed"), reproduction.Column(shares, "latency_gain_mixed")
		mine := ofFamily(shares, c.family, nil)
		if len(mine) == 0 {
			continue
		}
		near := slices.MaxFunc(mine, func(a, b int) int {
			if x, y := nearness(shares.Rows[a], energy, latency, c), nearness(shares.Rows[b], energy, latency, c); x != y {
				return map[bool]int{true: 1, false: -1}[x > y]
			}
			return b - a
		})
		out = append(out, fmt.Sprintf("If only the SOT machine had groups of layers and that of SRAM ran layer by layer, the point of %s nearest to both claims would have %s in energy and %s in latency (%s); %s %% of the logarithm of its gain in energy-delay product are the schedule's, which SRAM has for nothing (none where statistics of a batch forbid to split it).",
			strings.ToUpper(c.family), cell(near, "energy_gain_mixed"), cell(near, "latency_gain_mixed"), where(near), cell(near, "schedule_share")))
	}
	return out
}
