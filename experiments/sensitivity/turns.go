package sensitivity

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"stco/experiments/answer"
	"stco/experiments/study"
	"stco/results"
)

// Turns moves one uncertain setting at a time to the ends of its range: the gain
// in energy-delay product of the design over the SRAM buffer, whether the design
// meets its limits, and whether the verdict turns. Nil without such a buffer or
// without doubts.
func (s *Subject) Turns() (*results.Table, error) {
	list := s.uncertain()
	if s.SRAM == nil || len(list) == 0 {
		return nil, nil //nolint:nilnil // there is no verdict to turn
	}
	gain := func(list []study.Uncertainty, u []float64) (gain, feasible float64, err error) {
		out := make([]float64, len(s.outputs)+1)
		err = s.under(list, u, out)
		return math.Exp(out[len(out)-1]), out[len(out)-2], err
	}
	here, ok, err := gain(nil, nil)
	if err != nil {
		return nil, err
	}
	t := results.NewList("turns", "constant:text", "low:text", "high:text", "edp_gain_low", "edp_gain", "edp_gain_high", "feasible_low:text", "feasible:text", "feasible_high:text", "turns:text")
	word := map[bool]string{true: "yes", false: "no"}
	for i := range list {
		var gains, feasible [2]float64
		for k := range gains {
			if gains[k], feasible[k], err = gain(list[i:i+1], []float64{float64(k)}); err != nil {
				return nil, err
			}
		}
		turns := false
		for k := range gains {
			turns = turns || pays(gains[k], feasible[k]) != pays(here, ok)
		}
		low, high := study.SettingText(list[i].Name, list[i].Low), study.SettingText(list[i].Name, list[i].High)
		t.Append(list[i].Name, low, high, gains[0], here, gains[1], word[feasible[0] == 1], word[ok == 1], word[feasible[1] == 1], word[turns])
	}
	slices.SortStableFunc(t.Rows, func(a, b []float64) int { return cmp.Compare(change(t, b), change(t, a)) })
	return t, nil
}

// change is the larger of the changes of the gain in a row, as a logarithm; an end
// where there is no gain counts as none.
func change(t *results.Table, row []float64) float64 {
	at, most := row[column(t, "edp_gain")], 0.0
	for _, name := range []string{"edp_gain_low", "edp_gain_high"} {
		if d := math.Abs(math.Log(row[column(t, name)] / at)); d > most { // not NaN
			most = d
		}
	}
	return most
}

// pays tells whether a gain is worth having, by a design that meets its limits.
func pays(gain, feasible float64) bool { return gain >= answer.Worth && feasible == 1 }

// Sentences say what the tables of turns and of constants show.
func (s *Subject) Sentences(turns, constants *results.Table) []string {
	if turns == nil {
		return nil
	}
	row := turns.Rows[0]
	here := row[column(turns, "edp_gain")]
	out := []string{fmt.Sprintf("The energy-delay product of the best SRAM buffer that is no larger is %.3g times that of the design.", here)}
	if change(turns, row) == 0 {
		return append(out, "No uncertain constant of the model changes that.")
	}
	var alone []string
	for i := range turns.Rows {
		if turns.Text(i, column(turns, "turns")) == "yes" {
			alone = append(alone, turns.Text(i, 0))
		}
	}
	verdict := "does not pay"
	if pays(here, map[bool]float64{true: 1}[turns.Text(0, column(turns, "feasible")) == "yes"]) {
		verdict = "pays"
	}
	if alone == nil {
		least, most := here, here
		for _, v := range []float64{row[column(turns, "edp_gain_low")], row[column(turns, "edp_gain_high")]} {
			if !math.IsNaN(v) {
				least, most = min(least, v), max(most, v)
			}
		}
		out = append(out, fmt.Sprintf("That it %s is turned by no single constant within its range; the largest change is that of %s: %.3g to %.3g.", verdict, turns.Text(0, 0), least, most))
	} else {
		out = append(out, fmt.Sprintf("That it %s is turned by %s alone.", verdict, list(alone)))
	}
	return append(out, most(constants)...)
}

// loose is the width of a band from which an index says nothing.
const loose = 0.5

// most says which constant decides most of the spread of the gain: of those whose
// index is known, that with the largest lower end of its band.
func most(t *results.Table) []string {
	if t == nil {
		return nil
	}
	best, unknown := -1, 0
	low, high := column(t, "total_low"), column(t, "total_high")
	for i, row := range t.Rows {
		switch {
		case t.Text(i, 0) != gainOutput || math.IsNaN(row[low]):
		case row[high]-row[low] > loose:
			unknown++
		case best < 0 || row[low] > t.Rows[best][low]:
			best = i
		}
	}
	var out []string
	if best >= 0 && t.Rows[best][low] > 0 {
		out = append(out, fmt.Sprintf("With all constants drawn together, %s decides the largest known share of the spread of the gain: %.0f to %.0f %% (total Sobol index).",
			t.Text(best, 1), 100*t.Rows[best][low], 100*t.Rows[best][high]))
	}
	if unknown > 0 {
		out = append(out, fmt.Sprintf("The sample is too small for the indices of %d constants: a few draws far out carry them (more: --samples).", unknown))
	}
	return out
}

// list writes names with commas and an and.
func list(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
