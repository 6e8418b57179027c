// Package near finds the names that resemble a misspelled one, for messages.
package near

import (
	"slices"
	"strings"

	"github.com/xrash/smetrics"
)

// most is the number of names that a message lists.
const most = 3

// Names returns up to three of the names that resemble a misspelled one, the
// nearest first: within one more than a third of the longer length in edit
// distance, or within half of it for the part before a unit ("energy" of
// "energy_J"), and those that contain it or start as it does.
func Names(name string, names []string) []string {
	type scored struct {
		name     string
		distance int
	}
	lower := strings.ToLower(name)
	var found []scored
	for _, n := range names {
		l := strings.ToLower(n)
		stem, _, _ := strings.Cut(lower, "_")
		bare, _, _ := strings.Cut(l, "_")
		switch d, b := distance(lower, l), distance(lower, bare); {
		case bare != l && stem == lower && len(lower) > 3 && 2*b <= len(lower):
			found = append(found, scored{n, b})
		case 3*(d-1) <= max(len(lower), len(l)):
			found = append(found, scored{n, d})
		case len(lower) > 2 && strings.Contains(l, lower), len(stem) > 2 && strings.HasPrefix(l, stem+"_"):
			found = append(found, scored{n, len(l)})
		}
	}
	slices.SortStableFunc(found, func(a, b scored) int { return a.distance - b.distance })
	var out []string
	for _, f := range found[:min(most, len(found))] {
		out = append(out, f.name)
	}
	return out
}

// Hint returns "; did you mean x?" for the nearest name, empty if none is near.
func Hint(name string, names []string) string {
	found := Names(name, names)
	if len(found) == 0 {
		return ""
	}
	return "; did you mean " + found[0] + "?"
}

func distance(a, b string) int { return smetrics.WagnerFischer(a, b, 1, 1, 1) }
