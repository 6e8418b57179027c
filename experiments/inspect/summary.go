package inspect

import (
	"slices"

	"stco/results"
)

// essential are the columns a first look needs, beside objectives and
// constraints.
var essentialColumns = [...]string{"capacity", "banks", "word", "ecc", "material", "mtj_diameter", "pulse", "write_fins"} //nolint:gochecknoglobals // constant

// ScoreColumn names the column of scores that the user's weights give designs.
const ScoreColumn = "score"

// Essential picks the columns of a design table for a terminal: objectives and
// constraints first, then what names designs and the parameters that tell them
// apart; and so many more that differ, parameters before metrics.
func Essential(t *results.Table, more int) *results.Table {
	var cols []int
	cols = append(cols, t.OfKind(results.Objective)...)
	cols = append(cols, t.OfKind(results.Constraint)...)
	if i, err := t.Index(results.IDColumn); err == nil {
		cols = append(cols, i)
	}
	for _, name := range [...]string{ScoreColumn, results.ScenarioColumn, results.RunColumn, results.SeedColumn, "technology", "flavour", "split", "selector"} {
		if i, err := t.Index(name); err == nil && t.Varies(i) {
			cols = append(cols, i)
		}
	}
	for _, name := range essentialColumns {
		i, err := t.Index(name)
		if err != nil || slices.Contains(cols, i) || t.Empty(i) {
			continue
		}
		cols = append(cols, i)
	}
	for _, i := range slices.Concat(t.OfKind(results.Parameter), t.OfKind(results.Metric)) {
		if more > 0 && !slices.Contains(cols, i) && t.Varies(i) {
			cols = append(cols, i)
			more--
		}
	}
	return t.Pick(nil, cols)
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
		if i == at["workload"] || c.Name == "baseline_area" || c.Name == "baseline_word" || len(rows) > 0 && t.Pick(rows, []int{i}).Empty(0) {
			continue
		}
		cols = append(cols, i)
	}
	return t.Pick(rows, cols)
}
