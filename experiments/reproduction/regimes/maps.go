package regimes

import (
	"fmt"
	"math"
	"slices"

	"stco/experiments/reproduction"
	"stco/results"
	"stco/results/plot"
)

// heat collects the largest value at each place of a map.
type heat struct {
	rows, columns []string
	values        map[[2]int]float64
}

func newHeat(rows, columns []string) *heat { return &heat{rows, columns, map[[2]int]float64{}} }

// add keeps the largest value of a place.
func (h *heat) add(row, column int, v float64) {
	if row < 0 || column < 0 || math.IsNaN(v) || math.IsInf(v, 0) || v <= 0 {
		return
	}
	if old, ok := h.values[[2]int{row, column}]; !ok || v > old {
		h.values[[2]int{row, column}] = v
	}
}

// table is the values by row, NaN where there is none.
func (h *heat) table() [][]float64 {
	out := make([][]float64, len(h.rows))
	for r := range out {
		for c := range h.columns {
			v, ok := h.values[[2]int{r, c}]
			if !ok {
				v = math.NaN()
			}
			out[r] = append(out[r], v)
		}
	}
	return out
}

// dense leaves out rows without a value.
func (h *heat) dense() ([]string, [][]float64) {
	var rows []string
	var values [][]float64
	for r, row := range h.table() {
		if slices.ContainsFunc(row, func(v float64) bool { return !math.IsNaN(v) }) {
			rows, values = append(rows, h.rows[r]), append(values, row)
		}
	}
	return rows, values
}

// texts are those of a column with their places.
func texts(t *results.Table, name string) ([]string, map[string]int) {
	var list []string
	at := map[string]int{}
	col := reproduction.Column(t, name)
	for i := range t.Rows {
		text := reproduction.Digits(t.Rows[i][col])
		if t.Columns[col].Choices != nil {
			text = t.Text(i, col)
		}
		if _, ok := at[text]; !ok {
			at[text] = len(list)
			list = append(list, text)
		}
	}
	return list, at
}

// claim is a figure of the abstract for each network.
func claim(t *results.Table, networks []string, of func(published) float64) []float64 {
	out := make([]float64, len(networks))
	for i, name := range networks {
		row := reproduction.Row(t, name)
		for _, c := range abstract() {
			if t.Text(row, reproduction.Column(t, "family")) == c.family {
				out[i] = of(c)
			}
		}
	}
	return out
}

func addMap(r *reproduction.Findings, name, caption string, h *plot.HeatMap) error {
	f, err := plot.Heat(h)
	if err == nil {
		r.Figures = append(r.Figures, reproduction.Figure{Name: name, Caption: caption, Drawing: f})
	}
	return err
}

func drawClaims(r *reproduction.Findings, t, shares *results.Table) error {
	for _, m := range []struct{ name, column, of string }{
		{"energy", "energy_gain", "energy"}, {"latency", "latency_gain", "latency"}, {"memory-energy", "memory_energy_gain", "energy of the memory alone"}, {"memory-latency", "memory_latency_gain", "latency of the memory alone"},
	} {
		if err := drawGains(r, t, m.name, m.column, m.of); err != nil {
			return err
		}
	}
	if err := drawBoth(r, t); err != nil {
		return err
	}
	if err := drawPays(r, t); err != nil {
		return err
	}
	return drawSchedule(r, shares)
}

// drawGains draws the largest gain of every network over each kind and flavour of
// SRAM.
func drawGains(r *reproduction.Findings, t *results.Table, name, column, of string) error {
	networks, row := texts(t, "network")
	kinds, kind := texts(t, "baseline")
	var columns []string
	var groups []plot.Heading
	for _, k := range kinds {
		columns = append(columns, flavours()...)
		groups = append(groups, plot.Heading{Name: k, Width: len(flavours())})
	}
	h := newHeat(networks, columns)
	for i, v := range t.Rows {
		for k, f := range flavours() {
			if t.Text(i, reproduction.Column(t, "flavour")) == f {
				h.add(row[t.Text(i, 0)], kind[t.Text(i, reproduction.Column(t, "baseline"))]*len(flavours())+k, v[reproduction.Column(t, column)])
			}
		}
	}
	claims := claim(t, networks, func(c published) float64 {
		if column == "latency_gain" || column == "memory_latency_gain" {
			return c.latency
		}
		return c.energy
	})
	return addMap(r, name, fmt.Sprintf("Training: gain of SOT-MRAM in %s by network and by kind and flavour of the SRAM buffer, the largest over batch, machine, schedule, overlap, temperature and capacity; framed: the abstract's gain or more.", of),
		&plot.HeatMap{Value: "gain", Groups: groups, Columns: columns, Rows: networks, Values: h.table(), From: claims, FromName: "abstract"})
}

// drawBoth draws how near the nearest point comes to both gains of a family.
func drawBoth(r *reproduction.Findings, t *results.Table) error {
	kinds, kind := texts(t, "baseline")
	batch, at := texts(t, "batch")
	machine, on := texts(t, "machine")
	var all, columns []string
	for _, m := range machine {
		for _, b := range batch {
			all = append(all, m+", "+b)
		}
	}
	var groups []plot.Heading
	for _, c := range abstract() {
		if len(ofFamily(t, c.family, nil)) == 0 {
			continue
		}
		for _, k := range kinds {
			groups = append(groups, plot.Heading{Name: map[string]string{"cv": "CV, ", "nlp": "NLP, "}[c.family] + k, Width: 2})
			columns = append(columns, "300 K", "358 K")
		}
	}
	h := newHeat(all, columns)
	for n, c := range abstract() {
		for _, i := range ofFamily(t, c.family, nil) {
			v := t.Rows[i]
			warm := 0
			if v[reproduction.Column(t, "temperature")] > 310 {
				warm = 1
			}
			column := 2*(n*len(kinds)+kind[t.Text(i, reproduction.Column(t, "baseline"))]) + warm
			h.add(on[t.Text(i, reproduction.Column(t, "machine"))]*len(batch)+at[reproduction.Digits(v[reproduction.Column(t, "batch")])], column, nearness(v, reproduction.Column(t, "energy_gain"), reproduction.Column(t, "latency_gain"), c))
		}
	}
	rows, values := h.dense()
	return addMap(r, "both", "Training: the smaller share of the abstract's two gains that one point reaches, by machine and batch, kind of SRAM buffer and temperature, the largest over network, schedule, overlap, capacity and flavour; 1: both gains at one point.",
		&plot.HeatMap{Value: "share of both gains", Groups: groups, Columns: columns, Rows: rows, Values: values, From: ones(len(rows)), FromName: "both"})
}

func ones(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 1
	}
	return out
}

// drawPays draws the gain in energy-delay product over the better of the SRAM
// buffers of the same capacity and of the same area, in its best flavour.
func drawPays(r *reproduction.Findings, t *results.Table) error {
	networks, column := texts(t, "network")
	batch, at := texts(t, "batch")
	machine, on := texts(t, "machine")
	var all []string
	for _, m := range machine {
		for _, b := range batch {
			all = append(all, m+", "+b)
		}
	}
	type spot [7]float64
	least := map[spot]float64{}
	var order []spot
	where := map[spot][2]int{}
	for i, v := range t.Rows {
		if t.Text(i, reproduction.Column(t, "baseline")) == small {
			continue
		}
		var s spot
		for k, name := range []string{"network", "batch", "machine", "schedule", "overlap", "temperature", "capacity"} {
			s[k] = v[reproduction.Column(t, name)]
		}
		x := v[reproduction.Column(t, "edp_gain")]
		if old, ok := least[s]; !ok {
			order = append(order, s)
			where[s] = [2]int{on[t.Text(i, reproduction.Column(t, "machine"))]*len(batch) + at[reproduction.Digits(v[reproduction.Column(t, "batch")])], column[t.Text(i, 0)]}
		} else if old < x {
			continue
		}
		least[s] = x
	}
	h := newHeat(all, networks)
	for _, s := range order {
		h.add(where[s][0], where[s][1], least[s])
	}
	rows, values := h.dense()
	return addMap(r, "pays", "Training: gain of SOT-MRAM in energy-delay product over the better of the SRAM buffers of the same capacity and of the same area, in the best of their flavours, by machine and batch, the largest over schedule, overlap, temperature and capacity; framed: SOT-MRAM is better.",
		&plot.HeatMap{Value: "gain", Columns: networks, Rows: rows, Values: values, From: ones(len(rows)), FromName: "1 or more"})
}

// drawSchedule draws gains with the same order of work for both, and with groups
// of layers for SOT alone.
func drawSchedule(r *reproduction.Findings, shares *results.Table) error {
	networks, row := texts(shares, "network")
	machine, on := texts(shares, "machine")
	var columns []string
	var groups []plot.Heading
	for _, m := range machine {
		groups = append(groups, plot.Heading{Name: m, Width: 2})
		columns = append(columns, "both", "SOT")
	}
	h := newHeat(networks, columns)
	for i, v := range shares.Rows {
		if shares.Text(i, reproduction.Column(shares, "baseline")) != sameCapacity || shares.Text(i, reproduction.Column(shares, "flavour")) != "lop" {
			continue
		}
		at := 2 * on[shares.Text(i, reproduction.Column(shares, "machine"))]
		h.add(row[shares.Text(i, 0)], at, v[reproduction.Column(shares, "edp_gain_groups")])
		h.add(row[shares.Text(i, 0)], at+1, v[reproduction.Column(shares, "edp_gain_mixed")])
	}
	return addMap(r, "schedule", "Training: gain in energy-delay product over SRAM of the same capacity and low operating power, with groups of layers for both buffers, and for the SOT buffer alone while SRAM runs layer by layer; the largest over batch, temperature and capacity.",
		&plot.HeatMap{Value: "gain", Groups: groups, Columns: columns, Rows: networks, Values: h.table()})
}
