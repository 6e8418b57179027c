package inspect

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"stco/experiments/answer"
	"stco/experiments/designs"
	"stco/experiments/study"
	"stco/results"
	"stco/results/plot"
	"stco/results/store"
)

// regimeMap draws what the best technology beside SRAM gains at each capacity, over
// the best SRAM buffer of at most the same area: a column for each scenario, in the
// order of the operations that its machine does for each byte from DRAM.
func regimeMap(r *store.Run, tables func(string) (*results.Table, error), scenario string) (*plot.Figure, error) {
	found, err := tables(store.ArchiveTable)
	if err != nil {
		return nil, err
	}
	sram, err := tables(designs.SRAMTable)
	if err != nil {
		return nil, err
	}
	names := ScenarioNames(r)
	if scenario != "" || names == nil {
		names = []string{scenario}
	}
	all := make([]regime, len(names))
	var capacities []float64
	techs := map[string]bool{}
	for i, name := range names {
		if all[i], err = regimeOf(r, found, sram, name); err != nil {
			return nil, err
		}
		for row := range all[i].gains.Rows {
			techs[all[i].gains.Text(row, 0)] = true
			capacities = append(capacities, all[i].gains.Rows[row][1])
		}
	}
	if len(capacities) == 0 {
		return nil, fmt.Errorf("regimes: no technology beside SRAM with an SRAM buffer of at most its area")
	}
	slices.Sort(capacities)
	capacities = slices.Compact(capacities)
	slices.SortStableFunc(all, func(a, b regime) int { return cmp.Compare(a.balance, b.balance) })
	cells := make([][]plot.GainCell, len(all))
	columns, rows := make([]string, len(all)), make([]string, len(capacities))
	for k, c := range capacities {
		rows[k] = fmt.Sprintf("%g", c)
	}
	for i := range all {
		columns[i] = strings.TrimSpace(fmt.Sprintf("%.3g %s", all[i].balance, all[i].name))
		cells[i] = all[i].cells(capacities, len(techs) > 1)
	}
	title := "energy-delay gain over SRAM of at most the area"
	if len(techs) == 1 {
		for name := range techs {
			title = "energy-delay gain of " + answer.Title(name) + " over SRAM of at most its area"
		}
	}
	return plot.GainMap("operations a byte from DRAM, scenario", "capacity (MiB)", title, columns, rows, cells)
}

// regime is what the technologies gain in one scenario.
type regime struct {
	name    string
	balance float64        // operations of the machine a byte from DRAM
	gains   *results.Table // by technology and capacity
}

func regimeOf(r *store.Run, found, sram *results.Table, name string) (regime, error) {
	s, err := studyOf(r, name)
	if err != nil {
		return regime{}, err
	}
	out := regime{name: name, balance: s.Setup.Balance()}
	if found, err = InScenario(r, found, name); err != nil {
		return out, err
	}
	if sram, err = InScenario(r, sram, name); err != nil {
		return out, err
	}
	out.gains, err = answer.Capacities(found, sram, Judged(s))
	return out, err
}

// Judged are the columns from which the conclusions of a study are drawn.
func Judged(s *study.Study) answer.Yardstick {
	f := answer.Yardstick{Energy: s.Figure("energy"), Latency: s.Figure("latency")}
	if edp := s.Figure("edp"); edp != "edp" {
		f.EDP = edp
	}
	return f
}

// cells are the gains of the best technology at each capacity.
func (g *regime) cells(capacities []float64, named bool) []plot.GainCell {
	out := make([]plot.GainCell, len(capacities))
	gain := len(g.gains.Columns) - 1
	for k, c := range capacities {
		out[k].Gain = math.NaN()
		for row := range g.gains.Rows {
			if v := g.gains.Rows[row]; v[1] == c && !(out[k].Gain >= v[gain]) {
				out[k].Gain = v[gain]
				if named {
					out[k].Note = strings.ToUpper(g.gains.Text(row, 0))
				}
			}
		}
	}
	return out
}
