package validate

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"stco"
	"stco/cmd/stco/internal/command"
	"stco/experiments/study/catalog"
	"stco/model/validation"
	"stco/model/validation/arrays"
	"stco/results"
)

// ValidationDocument returns docs/validation.md: every array row, the other
// groups by their figures or their summary.
func ValidationDocument() ([]byte, error) {
	r, err := validation.Run(&validation.Input{Files: stco.Published(), Tables: catalog.Builtin().Tables})
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	p := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	p("# Validation\n\nPrinted by `stco validate --format markdown`; a test holds this file to what the program prints. `stco validate --format csv`\n")
	p("has every figure with all digits, its bound, and the row of the published file. Ratios are ours over theirs.\n")
	p("A figure is *inside* its bound, bounded through the *median* of its tool, *shown* where nothing bounds it, or carries the number of the deviation that\n")
	p("explains why it is outside ([array](deviations-array.md), [PE array](deviations-systolic.md), bitcells and networks below). Bounds are told in [model-array.md](model-array.md#bounds).\n")
	var faults []error
	section := func(title string, t *results.Table) {
		p("\n## %s\n\n", title)
		faults = append(faults, command.WriteList(&b, t, "markdown"))
	}
	section("Summary", validationSummary(r))
	section("Predictions of bitcells and macros", validationPredictions(r))
	p("\nFigures with a bound of their own from which no constant of the model was taken; rows of calibration are counted apart and marked in the CSV. Every figure outside has a number.\n")
	section("Deviations", validationDeviations(r))
	section("Memory arrays: medians by tool", medianRows(r))
	p("\nMedian ratio / on subarrays of the rows and columns that the tool chose, without the target area, where the searches cannot differ.\n")
	section("Memory arrays: H-tree", validationTrees(r))
	p("\nTime and energy in a read over those of the tool, on its subarrays and on the thick layers, where NVSim and DESTINY route it; NS-Cache has the local\n")
	p("layer everywhere. On the intermediate layers, the default here, an H-tree takes about twice the time of NVSim's; CACTI's whole access takes twice ours.\n")
	section("Memory arrays: growth from 1 to 256 MiB", slopeRows(r))
	p("\nExponents of a power law through all capacities: ours, the range of the tools.\n")
	section("Memory arrays: every row", arrayRows(r))
	p("\nOurs (ratio to theirs, deviation). Units: mm^2, ns, pJ, mW.\n")
	for _, g := range []string{"silicon", "bitcell", "machine"} {
		section(strings.ToUpper(g[:1])+g[1:]+": "+validation.Title(g), groupRows(r, g))
	}
	section("Networks: whole networks", networkRows(r))
	p("\nLayers, SCALE-Sim and tiling rows are in the CSV; the table of all layers of language models is held by `TestLayersNLP`, the search by the tests of\n")
	p("explore/problems (docs/model-search.md).\n")
	return b.Bytes(), errors.Join(faults...)
}

// digits prints a number with four significant digits, empty for none.
func digits(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

// counted prints a count with all its digits and any other number rounded.
func counted(v float64) string {
	if v == math.Trunc(v) {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return digits(v)
}

// texts is a list of texts.
func texts(columns ...string) *results.Table {
	t := results.NewList("texts")
	for _, c := range columns {
		t.AddColumn(c + ":text")
	}
	return t
}

// figureColumns heads tables with a column for each figure of an array.
func figureColumns(first ...string) []string {
	return append(first, "area", "read", "write", "read energy", "write energy", "leakage")
}

// medianRows is one line for every tool, cell and node.
func medianRows(r *validation.Report) *results.Table {
	s := texts(figureColumns("tool", "cell", "node", "rows")...)
	var line []any
	flush := func() {
		if line != nil {
			s.Append(line...)
		}
	}
	for _, m := range r.Arrays.Medians {
		if line == nil || line[0] != m.Tool || line[1] != m.Cell || line[2] != m.Node {
			flush()
			line = append([]any{m.Tool, m.Cell, m.Node, strconv.Itoa(m.Rows)}, make([]any, arrays.NumQuantities)...)
		}
		cell := strconv.FormatFloat(m.Ratio, 'f', 2, 64)
		if !math.IsNaN(m.Same) {
			cell += " / " + strconv.FormatFloat(m.Same, 'f', 2, 64)
		}
		if m.Deviation != 0 {
			cell += fmt.Sprintf(" (A%d)", m.Deviation)
		}
		line[4+int(m.Quantity)] = cell
	}
	flush()
	return s
}

// slopeRows is one line for every cell, node, flavour and target.
func slopeRows(r *validation.Report) *results.Table {
	s := texts(figureColumns("cell", "node", "flavour", "target")...)
	var line []any
	flush := func() {
		if line != nil {
			s.Append(line...)
		}
	}
	for _, k := range r.Arrays.Slopes {
		target, _, _ := strings.Cut(k.Target, " (")
		if line == nil || line[0] != k.Cell || line[1] != k.Node || line[2] != k.Flavour.String() || line[3] != target {
			flush()
			line = append([]any{k.Cell, k.Node, k.Flavour.String(), target}, make([]any, arrays.NumQuantities)...)
		}
		cell := fmt.Sprintf("%.2f, %.2f to %.2f", k.Ours, k.Low, k.High)
		if k.Deviation != 0 {
			cell += fmt.Sprintf(" (A%d)", k.Deviation)
		}
		line[4+int(k.Quantity)] = cell
	}
	flush()
	return s
}

// arrayRows is one line for every run of an array tool.
func arrayRows(r *validation.Report) *results.Table {
	s := texts(figureColumns("row", "tool", "cell", "node", "flavour", "K", "MiB", "banks", "target")...)
	scale := [arrays.NumQuantities]float64{1e6, 1e9, 1e9, 1e12, 1e12, 1e3}
	for i := range r.Arrays.Rows {
		row := &r.Arrays.Rows[i]
		target, _, _ := strings.Cut(row.Target, " (")
		line := []any{strconv.Itoa(i + 1), row.Tool, row.Cell, row.Node, row.Flavour.String(), digits(float64(row.Temperature)), digits(row.CapacityMiB), strconv.Itoa(row.Banks), target}
		for q := range arrays.NumQuantities {
			cell := digits(row.Figure(q) * scale[q])
			if !math.IsNaN(row.Ratio[q]) {
				cell += " (" + strconv.FormatFloat(row.Ratio[q], 'g', 3, 64)
				if d := row.Deviation[q]; d != 0 {
					cell += fmt.Sprintf(", A%d", d)
				}
				cell += ")"
			}
			line = append(line, cell)
		}
		s.Append(line...)
	}
	return s
}

// groupRows is one line for every figure of a group.
func groupRows(r *validation.Report, group string) *results.Table {
	s := texts("published", "case", "figure", "unit", "ours", "theirs", "ratio", "verdict", "source and remark")
	for i := range r.Checks {
		if c := &r.Checks[i]; c.Group == group {
			s.Append(c.Source, c.Case, c.Quantity, c.Unit, digits(c.Ours), digits(c.Theirs), digits(c.Ratio()), c.Verdict(), c.Note)
		}
	}
	return s
}

// networkRows is one line for every figure of a whole network.
func networkRows(r *validation.Report) *results.Table {
	s := texts("network", "figure", "unit", "ours", "theirs", "verdict", "source")
	for i := range r.Checks {
		if c := &r.Checks[i]; c.Group == "network" && !strings.HasPrefix(c.Row, "cv_layers") {
			s.Append(c.Case, c.Quantity, c.Unit, counted(c.Ours), counted(c.Theirs), c.Verdict(), c.Source)
		}
	}
	return s
}
