package regimes

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"stco/experiments/reproduction"
	"stco/results"
)

// axes are those of the matrix, by column.
func axes() []string {
	return []string{"network", "batch", "machine", "schedule", "overlap", "temperature", "capacity", "baseline", "flavour"}
}

// metrics are the pairs of columns that the gains of the abstract may mean: it
// does not say which.
func metrics() [][3]string {
	return [][3]string{{"whole", "energy_gain", "latency_gain"}, {"memory alone", "memory_energy_gain", "memory_latency_gain"}}
}

// ofFamily are the rows of a family for which a condition holds.
func ofFamily(t *results.Table, family string, keep func(row []float64) bool) []int {
	at := reproduction.Column(t, "family")
	f := t.Choice(at, family)
	return reproduction.Rows(t, func(row []float64) bool { return row[at] == f && (keep == nil || keep(row)) })
}

// nearness is the smaller of two shares of the gains that are claimed.
func nearness(row []float64, energy, latency int, c published) float64 {
	return min(row[energy]/c.energy, row[latency]/c.latency)
}

// reach counts, for each family and metric, the points at which the gains of the
// abstract are reached, and says what comes nearest.
func reach(t *results.Table) *results.Table {
	out := results.NewList("reach", "family:text", "metric:text", "points", "energy_reached", "latency_reached", "both_reached", "most_energy_gain", "most_latency_gain", "most_edp_gain", "edp_gain_of_both_claims", "nearest_line", "nearest_energy_gain", "nearest_latency_gain", "nearest_share")
	for _, c := range abstract() {
		mine := ofFamily(t, c.family, nil)
		if len(mine) == 0 {
			continue
		}
		for _, m := range metrics() {
			energy, latency := reproduction.Column(t, m[1]), reproduction.Column(t, m[2])
			var n [3]int
			best, product := mine[0], 0.0
			for _, i := range mine {
				row := t.Rows[i]
				e, l := row[energy] >= c.energy, row[latency] >= c.latency
				for k, ok := range []bool{e, l, e && l} {
					if ok {
						n[k]++
					}
				}
				product = max(product, row[energy]*row[latency])
				if nearness(row, energy, latency, c) > nearness(t.Rows[best], energy, latency, c) {
					best = i
				}
			}
			row := t.Rows[best]
			out.Append(c.family, m[0], len(mine), n[0], n[1], n[2], t.Rows[reproduction.Largest(t, mine, m[1])][energy], t.Rows[reproduction.Largest(t, mine, m[2])][latency], product, c.energy*c.latency,
				best+2, row[energy], row[latency], nearness(row, energy, latency, c))
		}
	}
	return out
}

// claimed adds the claims of a family and returns the point that comes nearest to
// both gains at once; -1: no point.
func claimed(r *reproduction.Findings, t *results.Table, c published) int {
	mine := ofFamily(t, c.family, nil)
	if len(mine) == 0 {
		return -1
	}
	cell := reproduction.In(t)
	nearest := -1
	for k, m := range metrics() {
		energy, latency := reproduction.Column(t, m[1]), reproduction.Column(t, m[2])
		best := mine[0]
		for _, i := range mine {
			if nearness(t.Rows[i], energy, latency, c) > nearness(t.Rows[best], energy, latency, c) {
				best = i
			}
		}
		if k == 0 {
			nearest = best
		}
		where := func(keep func(row []float64) bool) string {
			return reproduction.Where(t, ofFamily(t, c.family, keep), axes()...)
		}
		says := func(what string) string {
			return fmt.Sprintf("%s training, %s (abstract), %s", strings.ToUpper(c.family), what, m[0])
		}
		r.Claims = append(r.Claims,
			reproduction.Claim{
				Says: says("energy"), Published: c.energy, Ours: cell(reproduction.Largest(t, mine, m[1]), m[1]),
				Holds: where(func(row []float64) bool { return row[energy] >= c.energy }), Differs: "ours is the largest of the matrix; baseline, flavour, temperature and capacity of theirs are not public",
			},
			reproduction.Claim{
				Says: says("latency"), Published: c.latency, Ours: cell(reproduction.Largest(t, mine, m[2]), m[2]),
				Holds: where(func(row []float64) bool { return row[latency] >= c.latency }), Differs: "a gain in latency needs traffic that the larger buffer avoids and a machine that DRAM binds",
			},
			reproduction.Claim{
				Says: says("both at one point"), Published: c.energy, Ours: cell(best, m[1]),
				Holds:   where(func(row []float64) bool { return row[energy] >= c.energy && row[latency] >= c.latency }),
				Differs: fmt.Sprintf("the point nearest to both, with %s in latency; %s", cell(best, m[2]), place(t, best)),
			})
	}
	return nearest
}

// place says where a row is.
func place(t *results.Table, row int) string {
	text := func(name string) string { return t.Text(row, reproduction.Column(t, name)) }
	v := reproduction.In(t)
	return fmt.Sprintf("%s at batch %s, %s, schedule %s, overlap %s, %s K, SOT of %s MiB, over SRAM %s %s of %s MiB", text("network"), v(row, "batch"), text("machine"), text("schedule"), text("overlap"), v(row, "temperature"), v(row, "capacity"), text("baseline"), text("flavour"), v(row, "sram_capacity"))
}

// settings are the gains of a machine and its buffers over all networks at once:
// geometric means over those of a family, the area over SRAM of the same capacity,
// and how near the farthest of the five claims is. The nearest come first.
func settings(t *results.Table) *results.Table {
	same := []string{"batch", "machine", "schedule", "overlap", "temperature", "capacity", "baseline", "flavour"}
	var cols []int
	for _, name := range same {
		cols = append(cols, reproduction.Column(t, name))
	}
	type key [8]float64
	groups, order := map[key][]int{}, []key{}
	for i, row := range t.Rows {
		var k key
		for j, c := range cols {
			k[j] = row[c]
		}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], i)
	}
	type line struct {
		row     []any
		nearest float64
	}
	var lines []line
	for _, k := range order {
		first := groups[k][0]
		row := []any{}
		for j, c := range cols {
			if t.Columns[c].Choices != nil {
				row = append(row, t.Text(first, c))
			} else {
				row = append(row, k[j])
			}
		}
		share, area := math.Inf(1), meanOf(t, groups[k], "", "area_over_same_capacity")
		for _, c := range abstract() {
			e, l := meanOf(t, groups[k], c.family, "energy_gain"), meanOf(t, groups[k], c.family, "latency_gain")
			row = append(row, e, l)
			for _, v := range []float64{e / c.energy, l / c.latency} {
				if v < share {
					share = v
				}
			}
		}
		if math.IsNaN(area) {
			continue // no SRAM of that capacity
		}
		share = min(share, half/area)
		lines = append(lines, line{append(row, six(area), six(share)), share})
	}
	slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(b.nearest, a.nearest) })
	out := results.NewList("settings", "batch", "machine:text", "schedule:text", "overlap:text", "temperature [K]", "capacity [MiB]", "baseline:text", "flavour:text",
		"cv_energy_gain", "cv_latency_gain", "nlp_energy_gain", "nlp_latency_gain", "area_over_same_capacity", "nearest_share")
	for _, l := range lines {
		out.Append(l.row...)
	}
	return out
}

// meanOf is the geometric mean of a column over the rows of a family, or all; NaN
// without one.
func meanOf(t *results.Table, rows []int, family, column string) float64 {
	at, f := reproduction.Column(t, column), reproduction.Column(t, "family")
	sum, n := 0.0, 0
	for _, i := range rows {
		if v := t.Rows[i][at]; (family == "" || t.Text(i, f) == family) && !math.IsNaN(v) {
			sum += math.Log(v)
			n++
		}
	}
	if n == 0 {
		return math.NaN()
	}
	return six(math.Exp(sum / float64(n)))
}

// top are the first rows of a table.
func top(t *results.Table, n int) *results.Table {
	var rows []int
	for i := range min(n, len(t.Rows)) {
		rows = append(rows, i)
	}
	return t.Pick(rows, nil)
}

// scheduleShares sets three pairs side by side: both buffers with every layer over
// the whole batch, both with groups of layers, and SOT with groups beside SRAM
// with layers. What the last gains over the second SRAM has from the order of work
// alone; the share is that of the logarithm of the gain in energy-delay product.
func scheduleShares(t *results.Table) *results.Table {
	out := results.NewList("schedule", "network:text", "family:text", "batch", "machine:text", "temperature [K]", "capacity [MiB]", "baseline:text", "flavour:text",
		"edp_gain_layer", "edp_gain_groups", "sram_schedule_gain", "energy_gain_mixed", "latency_gain_mixed", "edp_gain_mixed", "schedule_share [%]")
	col := func(name string) int { return reproduction.Column(t, name) }
	same := []int{col("network"), col("batch"), col("machine"), col("overlap"), col("temperature"), col("capacity"), col("baseline"), col("flavour")}
	key := func(row []float64) (k [8]float64) {
		for i, c := range same {
			k[i] = row[c]
		}
		return k
	}
	schedule, energy, latency, edp := col("schedule"), col("energy_gain"), col("latency_gain"), col("edp_gain")
	layers := map[[8]float64][]float64{}
	for i, row := range t.Rows {
		if t.Text(i, schedule) == "layer" {
			layers[key(row)] = row
		}
	}
	for i, b := range t.Rows {
		a := layers[key(b)]
		if a == nil || t.Text(i, schedule) != "groups" || t.Text(i, col("overlap")) != "window" {
			continue
		}
		e := a[energy] * a[col("sot_energy")] / b[col("sot_energy")]
		l := a[latency] * a[col("sot_latency")] / b[col("sot_latency")]
		own := e * l / b[edp]
		if math.Abs(own-1) < 1e-4 { // the matrix has six digits
			own = 1
		}
		out.Append(t.Text(i, same[0]), t.Text(i, col("family")), b[col("batch")], t.Text(i, col("machine")), b[col("temperature")], b[col("capacity")], t.Text(i, col("baseline")), t.Text(i, col("flavour")),
			a[edp], b[edp], six(own), six(e), six(l), six(e*l), six(100*math.Log(own)/math.Log(e*l)))
	}
	return out
}

// toughest tells whether the SRAM buffer of a row is that of the flavour which
// leaves the least gain at its point, a value of each of some axes.
func toughest(t *results.Table, column string, axes ...string) func(row []float64) bool {
	edp := reproduction.Column(t, column)
	var same []int
	for _, name := range axes {
		same = append(same, reproduction.Column(t, name))
	}
	key := func(row []float64) string {
		var k []float64
		for _, c := range same {
			k = append(k, row[c])
		}
		return fmt.Sprint(k)
	}
	least := map[string]float64{}
	for _, row := range t.Rows {
		if v, ok := least[key(row)]; !ok || row[edp] < v {
			least[key(row)] = row[edp]
		}
	}
	return func(row []float64) bool { return row[edp] == least[key(row)] }
}

// points are the axes of the matrix without the flavour.
func points() []string { return axes()[:len(axes())-1] }
