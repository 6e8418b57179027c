package sensitivity

import (
	"math"

	"stco/experiments/inspect"
	"stco/experiments/sensitivity/effects"
	"stco/results"
	"stco/results/store"
)

// classes is the number of classes that the values of a knob are sorted into.
const classes = 8

// Archive weighs the knobs among the designs that the searches of a run kept, of
// each technology by itself: the correlation ratio with each objective, which
// also sees what is not monotonic, and the rank correlation, which has a sign.
// Designs that others beat are not among them: a knob without weight here may
// decide a lot in the rest of the space.
func Archive(r *store.Run, tables inspect.Tables, scenario string) (*results.Table, error) {
	t := results.NewList("importance", "technology:text", "objective:text", "knob:text", "ratio", "rank", "designs")
	t.Columns[3].Meaning = "correlation ratio: share of the variance of the objective's logarithm between classes of the knob, less that of chance"
	t.Columns[4].Meaning = "Spearman's rank correlation of knob and objective"
	archive, err := tables(store.ArchiveTable)
	if err == nil {
		archive, err = inspect.InScenario(r, archive, scenario)
	}
	if err != nil {
		return nil, err
	}
	tech, err := archive.Index("technology")
	if err != nil {
		return nil, err
	}
	for which, name := range archive.Columns[tech].Choices {
		var rows []int
		for i, row := range archive.Rows {
			if row[tech] == float64(which) {
				rows = append(rows, i)
			}
		}
		if len(rows) > 2 {
			weigh(t, archive.Pick(rows, nil), name)
		}
	}
	return t, nil
}

// weigh adds the rows of a technology.
func weigh(t, archive *results.Table, technology string) {
	for _, o := range archive.OfKind(results.Objective) {
		y := values(archive, o)
		for i, v := range y {
			if v > 0 {
				y[i] = math.Log(v)
			}
		}
		for _, k := range archive.OfKind(results.Parameter) {
			x := values(archive, k)
			ratio := effects.Ratio(x, y, classes)
			if constant(x) || math.IsNaN(ratio) {
				continue
			}
			rank := math.NaN() // of names there is no order
			if archive.Columns[k].Choices == nil {
				rank = effects.Rank(x, y)
			}
			t.Append(technology, archive.Columns[o].Title(), archive.Columns[k].Title(), ratio, rank, len(y))
		}
	}
}

func values(t *results.Table, col int) []float64 {
	out := make([]float64, len(t.Rows))
	for i, row := range t.Rows {
		out[i] = row[col]
	}
	return out
}

// constant tells whether all values are one, or none.
func constant(x []float64) bool {
	for _, v := range x {
		if v != x[0] && !(math.IsNaN(v) && math.IsNaN(x[0])) {
			return false
		}
	}
	return true
}
