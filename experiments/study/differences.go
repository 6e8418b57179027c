package study

import (
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
