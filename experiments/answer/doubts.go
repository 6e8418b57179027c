package answer

import (
	"math"
	"slices"
	"strings"

	"stco/model/units"
	"stco/results"
)

// Range is a knob that a study searches between two values, or over names.
type Range struct {
	Name     string
	Low, Hi  float64 // in the unit of the tables; equal for names
	LowText  string  // as people write them
	HighText string
}

// near tells that a value is a bound but for rounding.
func near(v, bound, span float64) bool {
	return math.Abs(v-bound) <= 1e-9*math.Max(math.Abs(bound), span)
}

// AtBound lists the knobs of a row that rest on a bound, such as "pulse least".
func AtBound(t *results.Table, row int, bounds []Range) []string {
	var out []string
	for i := range bounds {
		b := &bounds[i]
		v := cell(t, row, b.Name)
		if b.Low == b.Hi || math.IsNaN(v) {
			continue
		}
		switch span := b.Hi - b.Low; {
		case near(v, b.Low, span):
			out = append(out, b.Name+" least")
		case near(v, b.Hi, span):
			out = append(out, b.Name+" largest")
		}
	}
	return out
}

// doubtful is the share of a front from which a knob on a bound is listed.
const doubtful = 0.1

// Doubts lists what a reader of a front should know: knobs that rest on a bound
// of the study in a tenth of the designs or more, free knobs that have one value
// throughout, and the warnings of the model, with the share of the designs.
// Warnings are by row, as texts.
func Doubts(front *results.Table, bounds []Range, warnings [][]string) *results.Table {
	t := results.NewList("doubts", "kind:text", "what:text", "value:text", "share [%]", "advice:text")
	n := float64(len(front.Rows))
	if n == 0 {
		return t
	}
	for i := range bounds {
		b := &bounds[i]
		col, err := front.Index(b.Name)
		if err != nil {
			continue
		}
		low, high, has, first, same := 0.0, 0.0, 0.0, math.NaN(), true
		for r := range front.Rows {
			v := front.Rows[r][col]
			if math.IsNaN(v) {
				continue
			}
			has++
			if math.IsNaN(first) {
				first = v
			}
			same = same && v == first
			for _, at := range AtBound(front, r, bounds[i:i+1]) {
				if strings.HasSuffix(at, " least") {
					low++
				} else {
					high++
				}
			}
		}
		value := func() string {
			if front.Columns[col].Choices != nil {
				return front.Columns[col].Choices[int(first)]
			}
			return valueText(front.Columns[col], first)
		}
		switch {
		case has > 1 && same && low+high == 0:
			t.Append("one value", b.Name, value(), 100*has/n, "no design of the front differs in it: fix it, or ask why")
		default:
			if low/n >= doubtful {
				t.Append("at a bound", b.Name, "least, "+b.LowText, 100*low/n, "widen the range, or say what bounds it")
			}
			if high/n >= doubtful {
				t.Append("at a bound", b.Name, "largest, "+b.HighText, 100*high/n, "widen the range, or say what bounds it")
			}
		}
	}
	counts := map[string]float64{}
	var names []string
	for _, list := range warnings {
		for _, w := range list {
			if counts[w]++; counts[w] == 1 {
				names = append(names, w)
			}
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return int(counts[b] - counts[a]) })
	for _, w := range names {
		t.Append("warning", w, "", 100*counts[w]/n, "the model leaves what it was checked against: see docs/model-device.md")
	}
	return t
}

func valueText(c results.Column, v float64) string {
	text := units.Format(v, units.DimRatio)
	if c.Unit != "" {
		text += " " + c.Unit
	}
	return text
}
