package study

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"stco/experiments/study/catalog"
)

// Differences names the sections of two studies that differ beside search and
// seeds: a comparison of them is not one of searches.
func Differences(a, b *Study) []string {
	sections := func(s *Study) map[string]string {
		out := map[string]string{}
		section := ""
		for line := range strings.Lines(string(s.YAML())) {
			if line[0] != ' ' {
				section, _, _ = strings.Cut(line, ":")
			}
			out[section] += line
		}
		return out
	}
	x, y := sections(a), sections(b)
	var out []string
	for _, name := range []string{catalog.TablesKey, "model", "space", "workloads", "constraints"} {
		if x[name] != y[name] {
			out = append(out, name)
		}
	}
	return out
}

// ScenarioDifference says how the scenarios of two studies differ, in which order
// they may: names, axes, values of the axes, and what the named ones change of the
// space. Empty if they do not.
func ScenarioDifference(a, b *Study) string {
	x, y := a.Scenarios(), b.Scenarios()
	if (x == nil) != (y == nil) {
		return fmt.Sprintf("%s against %s", counted(x), counted(y))
	}
	for i := range x {
		j := slices.IndexFunc(y, func(s Scenario) bool { return s.Name == x[i].Name })
		if j < 0 {
			return "only the first has " + x[i].Name
		}
		if what := changedOtherwise(a, b, &x[i], &y[j]); what != "" {
			return fmt.Sprintf("%s of %s", what, x[i].Name)
		}
	}
	for i := range y {
		if !slices.ContainsFunc(x, func(s Scenario) bool { return s.Name == y[i].Name }) {
			return "only the second has " + y[i].Name
		}
	}
	return ""
}

func counted(all []Scenario) string {
	if all == nil {
		return "no scenarios"
	}
	return fmt.Sprintf("%d scenarios", len(all))
}

// changedOtherwise names what one of two scenarios of the same name has otherwise
// than the other: an axis, or a knob that one of them changes.
func changedOtherwise(a, b *Study, x, y *Scenario) string {
	if !slices.EqualFunc(a.Axes, b.Axes, func(p, q Axis) bool { return p.Name == q.Name }) {
		return "the axes"
	}
	for k, axis := range a.Axes {
		v, unit := AxisValue(axis.Name, x.Values[k])
		w, other := AxisValue(axis.Name, y.Values[k])
		if same := v == w && unit == other || math.IsNaN(v) && x.Values[k] == y.Values[k]; !same {
			return "axis " + axis.Name
		}
	}
	one, err := a.in(x)
	two, err2 := b.in(y)
	if err != nil || err2 != nil {
		return "" // said where the scenario is joined
	}
	theirs := catalog.Of(&two.Setup).Knobs()
	for i, k := range catalog.Of(&one.Setup).Knobs() {
		changes := func(s *Scenario) bool {
			return slices.ContainsFunc(s.changes, func(c string) bool { return strings.HasPrefix(c, k.Name+"=") })
		}
		if (changes(x) || changes(y)) && rangeText(&k, &one.Space[i]) != rangeText(&theirs[i], &two.Space[i]) {
			return "knob " + k.Name
		}
	}
	return ""
}
