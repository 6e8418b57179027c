package campaign

import (
	"fmt"
	"math"
	"slices"

	"stco/experiments/answer"
	"stco/results"
	"stco/results/plot"
	"stco/results/store"
)

// essential are the columns a first look needs, beside objectives and
// constraints.
var essentialColumns = [...]string{"capacity", "banks", "word", "ecc", "material", "mtj_diameter", "pulse", "write_fins"} //nolint:gochecknoglobals // constant

// Essential picks the columns of a design table for a terminal: objectives and
// constraints first, then what names designs and the parameters that tell them
// apart.
func Essential(t *results.Table) *results.Table {
	var cols []int
	cols = append(cols, t.OfKind(results.Objective)...)
	cols = append(cols, t.OfKind(results.Constraint)...)
	if i, err := t.Index(idColumn); err == nil {
		cols = append(cols, i)
	}
	for _, name := range [...]string{scenarioColumn, runColumn, seedColumn, "technology", "flavour", "split", "selector"} {
		if i, err := t.Index(name); err == nil && varies(t, i) {
			cols = append(cols, i)
		}
	}
	for _, name := range essentialColumns {
		i, err := t.Index(name)
		if err != nil || slices.Contains(cols, i) || empty(t, i) {
			continue
		}
		cols = append(cols, i)
	}
	return t.Pick(nil, cols)
}

// varies tells whether a column holds several values.
func varies(t *results.Table, col int) bool {
	first := math.NaN()
	for _, r := range t.Rows {
		switch v := r[col]; {
		case math.IsNaN(v) || v == first:
		case math.IsNaN(first):
			first = v
		default:
			return true
		}
	}
	return false
}

// Select picks the columns of another table, by name.
func Select(t, like *results.Table) *results.Table {
	var cols []int
	for _, c := range like.Columns {
		if i, err := t.Index(c.Name); err == nil {
			cols = append(cols, i)
		}
	}
	return t.Pick(nil, cols)
}

func empty(t *results.Table, col int) bool {
	for _, r := range t.Rows {
		if !math.IsNaN(r[col]) {
			return false
		}
	}
	return true
}

// Spread picks at most n rows of a front that span it; labelled rows stay.
func Spread(t *results.Table, n int) *results.Table {
	if len(t.Rows) <= n {
		return t
	}
	rows := results.Spread(t, n)
	for i := range t.Rows {
		if t.LabelOf(i) != "" && !slices.Contains(rows, i) {
			rows = append(rows, i)
		}
	}
	slices.Sort(rows)
	return t.Pick(rows, nil)
}

// GainSummary is the gain table over all workloads of a study: the quoted
// baselines in every flavour, those of least energy and of least latency in the
// flavour that comes first, which is the design's.
func GainSummary(t *results.Table) *results.Table {
	at := map[string]int{}
	for _, name := range []string{"workload", "least", "sram_flavour"} {
		i, err := t.Index(name)
		if err != nil {
			return t
		}
		at[name] = i
	}
	var rows []int
	for i := range t.Rows {
		first := t.Rows[i][at["sram_flavour"]] == t.Rows[0][at["sram_flavour"]]
		if t.Text(i, at["workload"]) == "all" && (first || t.Text(i, at["least"]) == "edp") {
			rows = append(rows, i)
		}
	}
	var cols []int
	for i, c := range t.Columns {
		if i == at["workload"] || c.Name == "baseline_area" || c.Name == "baseline_word" || len(rows) > 0 && empty(t.Pick(rows, []int{i}), 0) {
			continue
		}
		cols = append(cols, i)
	}
	return t.Pick(rows, cols)
}

// shortPart is the heading of a part in the summary.
func shortPart(name string) string {
	short := map[string]string{
		"energy_dram": "dram", "energy_buffer_read": "read", "energy_buffer_write": "write", "energy_scratchpad": "pad", "energy_buffer_leakage": "leak",
		"energy_scrub": "scrub", "energy_pe_buffer": "PE buf", "energy_mac": "mac", "energy_vector": "vector", "energy_logic": "logic",
		"time_compute": "compute", "time_buffer": "buffer", "time_dram": "dram wait", "time_exposed": "exposed",
	}
	return short[name]
}

// FigureNames lists the figures of a run.
func FigureNames() []string {
	return []string{"pareto", "parallel", "convergence", "energy", "latency", "gains"}
}

// Figure draws a figure from the tables of a run, of one with several scenarios
// for one of them.
func Figure(r *store.Run, name, scenario string) (*plot.Figure, error) {
	read := func(table string) (*results.Table, error) {
		t, err := r.ReadTable(table)
		if err != nil {
			return nil, err
		}
		return InScenario(r, t, scenario)
	}
	switch name {
	case "pareto":
		front, err := read("front")
		if err != nil {
			return nil, err
		}
		bases, err := read("baselines")
		if err != nil {
			return nil, err
		}
		return plot.Pareto(front, bases, goals(front))
	case "parallel":
		front, err := read("front")
		if err != nil {
			return nil, err
		}
		return plot.Parallel(front.Pick(answer.Undominated(front), nil), parallelColumns(front))
	case "convergence":
		front, err := read("front")
		if err != nil {
			return nil, err
		}
		var columns []results.Column
		for _, c := range front.OfKind(results.Objective) {
			columns = append(columns, front.Columns[c])
		}
		shard := max(0, slices.IndexFunc(r.Info().Shards, func(s store.ShardInfo) bool { return s.Scenario == scenario }))
		p, err := r.Progress(shard)
		if err != nil {
			return nil, err
		}
		return plot.Convergence(store.GenerationTable(r.Info().Shards[shard].Name, p.Generations, columns))
	case "energy", "latency":
		t, err := read("decomposition")
		if err != nil {
			return nil, err
		}
		return partBars(t, name)
	}
	t, err := read("gains")
	if err != nil {
		return nil, err
	}
	return gainBars(t)
}

// mostAxes is the number of axes that parallel coordinates have room for.
const mostAxes = 10

// parallelColumns are the objectives, and the parameters that differ.
func parallelColumns(t *results.Table) []string {
	var names []string
	for _, c := range t.OfKind(results.Objective) {
		names = append(names, t.Columns[c].Name)
	}
	for _, c := range t.OfKind(results.Parameter) {
		if varies(t, c) && len(names) < mostAxes {
			names = append(names, t.Columns[c].Name)
		}
	}
	return names
}

func goals(t *results.Table) []string {
	var names []string
	for _, c := range t.OfKind(results.Objective) {
		names = append(names, t.Columns[c].Name)
	}
	return names[:min(3, len(names))]
}

// partBars stacks the causes of energy or latency for every design, summed over
// the workloads.
func partBars(t *results.Table, total string) (*plot.Figure, error) {
	first, last, unit := "energy_dram", "energy_logic", "energy of an iteration, all workloads (J)"
	if total == "latency" {
		first, last, unit = "time_compute", "time_exposed", "time of an iteration, all workloads (s)"
	}
	a, err := t.Index(first)
	if err != nil {
		return nil, err
	}
	b, err := t.Index(last)
	if err != nil {
		return nil, err
	}
	var parts []plot.Part
	for c := a; c <= b; c++ {
		p := plot.Part{Name: shortPart(t.Columns[c].Name), Values: make([]float64, len(t.Columns[0].Choices))}
		for _, r := range t.Rows {
			p.Values[int(r[0])] += r[c]
		}
		parts = append(parts, p)
	}
	return plot.StackedBars("", unit, t.Columns[0].Choices, parts)
}

// gainBars draws energy and latency gains of the knee for every workload and
// baseline.
func gainBars(t *results.Table) (*plot.Figure, error) {
	index := map[string]int{}
	for _, name := range []string{"design", "baseline", "least", "sram_flavour", "workload", "energy_gain"} {
		i, err := t.Index(name)
		if err != nil {
			return nil, err
		}
		index[name] = i
	}
	if len(t.Rows) == 0 {
		return nil, fmt.Errorf("gains: no rows")
	}
	groups := t.Columns[index["workload"]].Choices
	var parts []plot.Part
	for b, name := range t.Columns[index["baseline"]].Choices {
		p := plot.Part{Name: "energy, SRAM " + name, Values: make([]float64, len(groups))}
		for i, r := range t.Rows {
			if t.Text(i, index["least"]) != "edp" {
				continue
			}
			if r[index["design"]] == t.Rows[0][index["design"]] && r[index["sram_flavour"]] == t.Rows[0][index["sram_flavour"]] && int(r[index["baseline"]]) == b {
				p.Values[int(r[index["workload"]])] = r[index["energy_gain"]]
			}
		}
		parts = append(parts, p)
	}
	return plot.GroupedBars("", "energy of the baseline over that of the knee", groups, parts, []plot.RefLine{{Name: "no gain", Value: 1}})
}
