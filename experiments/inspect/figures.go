package inspect

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"stco/experiments/answer"
	"stco/experiments/designs"
	"stco/model/workload/suite"
	"stco/results"
	"stco/results/plot"
	"stco/results/store"
)

// shortPart is the name of a part in the legend of a figure.
func shortPart(name string) string {
	short := map[string]string{
		"energy_dram": "DRAM", "energy_buffer_read": "buffer reads", "energy_buffer_write": "buffer writes", "energy_scratchpad": "scratchpad", "energy_buffer_leakage": "buffer leakage",
		"energy_scrub": "scrubbing", "energy_pe_buffer": "PE buffer", "energy_mac": "MACs", "energy_vector": "vector lanes", "energy_logic": "leakage of logic",
		"time_compute": "computing", "time_buffer": "waiting for the buffer", "time_dram": "waiting for DRAM", "time_exposed": "latencies and scrubbing",
	}
	return short[name]
}

// FigureNames lists the figures of a run.
func FigureNames() []string {
	return []string{"pareto", "parallel", "convergence", "energy", "latency", "gains", "latency-gains", "ladder", "regimes"}
}

// Figure draws a figure from the tables of a run, of one with several scenarios
// for one of them.
func Figure(r *store.Run, tables func(string) (*results.Table, error), name, scenario string) (*plot.Figure, error) {
	read := func(table string) (*results.Table, error) {
		t, err := tables(table)
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
		sram, err := read(designs.SRAMTable)
		if err != nil {
			return nil, err
		}
		return plot.Pareto(front, bases, SRAMLine(sram, front), goals(front))
	case "parallel":
		front, err := read("front")
		if err != nil {
			return nil, err
		}
		if free := answer.Undominated(front); len(free) > 0 { // otherwise all are as good as another
			front = front.Pick(free, nil)
		}
		return plot.Parallel(front, parallelColumns(front))
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
	if name == "regimes" {
		return regimeMap(r, tables, scenario)
	}
	if name == "ladder" {
		t, err := read("ladder")
		if err != nil {
			return nil, err
		}
		return ladderLines(t)
	}
	t, err := read("gains")
	if err != nil {
		return nil, err
	}
	if name == "latency-gains" {
		return gainBars(t, "latency")
	}
	return gainBars(t, "energy")
}

// SRAMLine is the table of the enumerated SRAM buffers where it has the columns of
// the objectives of a front, which those taken over scenarios are not; else nil.
func SRAMLine(sram, front *results.Table) *results.Table {
	for _, name := range goals(front) {
		if sram == nil {
			return nil
		}
		if _, err := sram.Index(name); err != nil {
			return nil
		}
	}
	return sram
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
		if t.Varies(c) && len(names) < mostAxes {
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
	if some := slices.DeleteFunc(slices.Clone(parts), func(p plot.Part) bool { return slices.Max(p.Values) == 0 }); len(some) > 0 {
		parts = some // the others are in no bar
	}
	return plot.StackedBars("", unit, t.Columns[0].Choices, parts)
}

// ladderLines draws the gain of the best buffer of every technology over the best
// SRAM buffer, under each area, with the range that the doubts leave.
func ladderLines(t *results.Table) (*plot.Figure, error) {
	budget, err := t.Index("area_budget")
	if err != nil {
		return nil, err
	}
	var series []plot.Series
	for i, c := range t.Columns {
		name, ok := strings.CutSuffix(c.Name, "_edp_gain")
		if !ok {
			continue
		}
		low, errLow := t.Index(c.Name + "_low")
		high, errHigh := t.Index(c.Name + "_high")
		s := plot.Series{Name: answer.Title(name), BandName: "5 to 95 % of the doubts about the device"}
		for _, row := range t.Rows {
			if math.IsNaN(row[i]) {
				continue
			}
			s.X, s.Y = append(s.X, row[budget]), append(s.Y, row[i])
			if errLow == nil && errHigh == nil {
				s.Low, s.High = append(s.Low, row[low]), append(s.High, row[high])
			}
		}
		if len(s.X) > 0 {
			series = append(series, s)
		}
	}
	if len(series) == 0 {
		return nil, fmt.Errorf("ladder: no technology beside SRAM")
	}
	title := "energy-delay gain over SRAM"
	if len(series) == 1 {
		title = "energy-delay gain of " + series[0].Name
	}
	return plot.Lines("", "area budget (mm2)", title, true, false, series, plot.RefLine{Name: "SRAM", Value: 1})
}

// gainBars draws energy or latency gains of the knee for every workload and
// baseline.
func gainBars(t *results.Table, of string) (*plot.Figure, error) {
	index := map[string]int{}
	for _, name := range []string{"design", "baseline", "least", "sram_flavour", "workload", of + "_gain"} {
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
		p := plot.Part{Name: "SRAM " + name, Values: make([]float64, len(groups))}
		for i, r := range t.Rows {
			if t.Text(i, index["least"]) != "edp" {
				continue
			}
			if r[index["design"]] == t.Rows[0][index["design"]] && r[index["sram_flavour"]] == t.Rows[0][index["sram_flavour"]] && int(r[index["baseline"]]) == b {
				p.Values[int(r[index["workload"]])] = r[index[of+"_gain"]]
			}
		}
		parts = append(parts, p)
	}
	return plot.GroupedBars("", of+" of the baseline over that of the knee", groups, parts, append([]plot.RefLine{{Name: "no gain", Value: 1}}, abstract(of, groups)...))
}

// The gains over SRAM that the abstract of arXiv 2303.12310 claims of training: in
// energy, and in latency for vision and for language.
const (
	claimedEnergy          = 8
	claimedLatencyVision   = 9
	claimedLatencyLanguage = 4.5
)

// abstract is the line of what the paper claims of each workload; none where it
// claims nothing: of inference, and of other than its vision and language networks.
func abstract(of string, groups []string) []plot.RefLine {
	line, some := plot.RefLine{Name: "claimed (arXiv 2303.12310)", Values: make([]float64, len(groups))}, false
	for i, g := range groups {
		network, phase, _ := strings.Cut(g, " ")
		vision, language := slices.Contains(suite.Names("cv"), network), slices.Contains(suite.Names("nlp"), network)
		switch {
		case !strings.HasPrefix(phase, "training") || !vision && !language:
			line.Values[i] = math.NaN()
			continue
		case of == "energy":
			line.Values[i] = claimedEnergy
		case vision:
			line.Values[i] = claimedLatencyVision
		default:
			line.Values[i] = claimedLatencyLanguage
		}
		some = true
	}
	if !some {
		return nil
	}
	return []plot.RefLine{line}
}
