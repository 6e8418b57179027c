// Package figures draws what the bitcell and the memory array do: curves of the
// device model, and array figures against capacity beside those of other tools.
// Every figure carries its data.
//
//	names of a group -> Draw(name, options) -> plot.Figure
package figures

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"stco/model/tech"
	"stco/results/plot"
)

// Selection says what is drawn.
type Selection struct {
	Tables    *tech.Tables
	Published fs.FS  // the published figures, by their paths in the tree
	Node      string // CMOS node
	Flavour   string // hp, lop or lstp
	Preset    string // device preset
}

type figure struct {
	name, meaning string
	draw          func(*Selection) (*plot.Figure, error)
}

func group(name string) []figure {
	switch name {
	case "device":
		return []figure{
			{"current-width", "critical current against channel width", currentOverWidth},
			{"area-width", "bitcell area against channel width", areaOverWidth},
			{"current-delta", "critical current against thermal stability", currentOverDelta},
			{"area-delta", "bitcell area against thermal stability", areaOverDelta},
			{"error-current", "write error against current", errorOverCurrent},
			{"error-pulse", "write error against pulse", errorOverPulse},
			{"read-time", "read time against RA", readTime},
			{"delta-diameter", "thermal stability against diameter, by each law, with the published ratios", deltaOverDiameter},
			{"retention-map", "thermal stability, retention and temperature", retentionMap},
		}
	case "array":
		return arrayFigures()
	}
	return nil
}

// Names lists the figures of a group.
func Names(of string) []string {
	var names []string
	for _, f := range group(of) {
		names = append(names, f.name)
	}
	return names
}

// describe says what the figures of a group show, a line each.
func describe(of string) string {
	var b strings.Builder
	for _, f := range group(of) {
		fmt.Fprintf(&b, "%s: %s\n", f.name, f.meaning)
	}
	return b.String()
}

// Draw draws a figure of a group.
func Draw(of, name string, o *Selection) (*plot.Figure, error) {
	all := group(of)
	i := slices.IndexFunc(all, func(f figure) bool { return f.name == name })
	if i < 0 {
		return nil, fmt.Errorf("figure %q: unknown; use %s", name, strings.Join(Names(of), ", "))
	}
	f, err := all[i].draw(o)
	if err != nil {
		return nil, fmt.Errorf("figure %s: %w", name, err)
	}
	return f, nil
}
