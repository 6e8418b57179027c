package validate

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"stco"
	"stco/cmd/stco/internal/command"
	"stco/experiments/study"
	"stco/model/validation"
	"stco/model/validation/arrays"
)

// ValidationViews lists the tables of Validate.
func ValidationViews() []string {
	return []string{"figures", "summary", "medians", "trees", "slopes", "deviations"}
}

// ValidationGroups lists the groups of published figures.
func ValidationGroups() []string { return validation.Groups() }

// Validate compares the model with published figures. It returns one table and
// the number of figures outside their bounds that no deviation explains.
// A file of further runs of array tools, with the columns of
// testdata/published/array_peers.csv, stands in for those of the program; nil
// for none.
func Validate(groups []string, view, peersFile string, peers []byte) (s *command.Sheet, outside int, err error) {
	for _, g := range groups {
		if !slices.Contains(validation.Groups(), g) {
			return nil, 0, study.BadInput("validate", fmt.Errorf("no group %q; there are %s", g, strings.Join(validation.Groups(), ", ")))
		}
	}
	r, err := validation.Run(&validation.Input{Files: stco.Published(), Tables: study.Catalog().Tables, Peers: peers}, groups...)
	if err != nil {
		if peers != nil {
			err = study.BadInput(peersFile, err)
		}
		return nil, 0, err
	}
	switch view {
	case "summary":
		s = validationSummary(r)
	case "medians":
		s = validationMedians(r)
	case "trees":
		s = validationTrees(r)
	case "slopes":
		s = validationSlopes(r)
	case "deviations":
		s = validationDeviations(r)
	default:
		s = validationFigures(r)
	}
	return s, r.Outside(), nil
}

// digits prints a number with four significant digits, empty for none.
func digits(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

// counted prints a count with all its digits, another number rounded.
func counted(v float64) string {
	if v == math.Trunc(v) {
		return full(v)
	}
	return digits(v)
}

// full prints a number with all its digits, none as empty.
func full(v float64) string {
	switch {
	case math.IsNaN(v):
		return ""
	case v == math.Trunc(v):
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return command.Number(v)
}

func validationFigures(r *validation.Report) *command.Sheet {
	s := &command.Sheet{Header: []string{"group", "source", "row", "case", "quantity", "unit", "ours", "theirs", "ratio", "low", "high", "verdict", "note"}}
	for i := range r.Checks {
		c := &r.Checks[i]
		s.Add(c.Group, c.Source, c.Row, c.Case, c.Quantity, c.Unit, full(c.Ours), full(c.Theirs), digits(c.Ratio()), full(c.Low), full(c.High), c.Verdict(), c.Note)
	}
	return s
}

func validationSummary(r *validation.Report) *command.Sheet {
	s := &command.Sheet{Header: []string{"group", "compared with", "figures", "inside", "by median", "explained", "shown", "outside", "median ratio", "least", "largest"}}
	for _, g := range validation.Groups() {
		var ratios []float64
		inside, median, explained, shown, outside := 0, 0, 0, 0, 0
		for i := range r.Checks {
			c := &r.Checks[i]
			if c.Group != g {
				continue
			}
			ratios = append(ratios, c.Ratio())
			switch c.Verdict() {
			case "inside":
				inside++
			case "median":
				median++
			case "shown":
				shown++
			case validation.Unexplained:
				outside++
			default:
				explained++
			}
		}
		if n := len(ratios); n > 0 {
			slices.Sort(ratios)
			s.Add(g, validation.Title(g), strconv.Itoa(n), strconv.Itoa(inside), strconv.Itoa(median), strconv.Itoa(explained), strconv.Itoa(shown), strconv.Itoa(outside),
				digits((ratios[(n-1)/2]+ratios[n/2])/2), digits(ratios[0]), digits(ratios[n-1]))
		}
	}
	return s
}

func validationMedians(r *validation.Report) *command.Sheet {
	s := &command.Sheet{Header: []string{"tool", "cell", "node", "rows", "quantity", "median ratio", "on the tool's subarrays", "verdict"}}
	if r.Arrays == nil {
		return s
	}
	for _, m := range r.Arrays.Medians {
		verdict := "shown"
		switch {
		case m.Deviation < 0:
			verdict = validation.Unexplained
		case m.Deviation > 0:
			verdict = fmt.Sprintf("A%d", m.Deviation)
		case m.Quantity == arrays.QArea: // the others are bounded row by row
			verdict = "inside"
		}
		s.Add(m.Tool, m.Cell, m.Node, strconv.Itoa(m.Rows), m.Quantity.String(), digits(m.Ratio), digits(m.Same), verdict)
	}
	return s
}

func validationSlopes(r *validation.Report) *command.Sheet {
	s := &command.Sheet{Header: []string{"cell", "node", "flavour", "target", "quantity", "ours", "tools from", "tools to", "verdict"}}
	if r.Arrays == nil {
		return s
	}
	for _, k := range r.Arrays.Slopes {
		verdict := "inside"
		switch {
		case k.Deviation < 0:
			verdict = validation.Unexplained
		case k.Deviation > 0:
			verdict = fmt.Sprintf("A%d", k.Deviation)
		}
		target, _, _ := strings.Cut(k.Target, " (")
		two := func(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }
		s.Add(k.Cell, k.Node, k.Flavour.String(), target, k.Quantity.String(), two(k.Ours), two(k.Low), two(k.High), verdict)
	}
	return s
}

func validationDeviations(r *validation.Report) *command.Sheet {
	s := &command.Sheet{Header: []string{"number", "title", "figures", "reason"}}
	for _, d := range r.Deviations {
		s.Add(d.Number, d.Title, strconv.Itoa(d.Figures), d.Reason)
	}
	return s
}

// ValidationDocument returns docs/validation.md: every array row, the other
// groups by their figures or their summary.
func ValidationDocument() ([]byte, error) {
	r, err := validation.Run(&validation.Input{Files: stco.Published(), Tables: study.Catalog().Tables})
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	p := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	p("# Validation\n\nPrinted by `stco validate --format markdown`; a test holds this file to what the program prints. `stco validate --format csv`\n")
	p("has every figure with all digits, its bound, and the row of the published file. Ratios are ours over theirs.\n")
	p("A figure is *inside* its bound, bounded through the *median* of its tool, *shown* where nothing bounds it, or carries the number of the deviation that\n")
	p("explains why it is outside ([array](deviations-array.md), [PE array](deviations-systolic.md), bitcells and networks below). Bounds are told in [model-array.md](model-array.md#bounds).\n")
	section := func(title string, s *command.Sheet) {
		p("\n## %s\n\n", title)
		markdown(&b, s)
	}
	section("Summary", validationSummary(r))
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
	for _, g := range []string{"silicon", "bitcell"} {
		section(strings.ToUpper(g[:1])+g[1:]+": "+validation.Title(g), groupRows(r, g))
	}
	section("Networks: whole networks", networkRows(r))
	p("\nLayers, SCALE-Sim and tiling rows are in the CSV; the table of all layers of language models is held by `TestLayersNLP`, the search by the tests of\n")
	p("explore/problems (docs/model-search.md).\n")
	return b.Bytes(), nil
}

func validationTrees(r *validation.Report) *command.Sheet {
	s := &command.Sheet{Header: []string{"tool", "cell", "node", "flavour", "rows", "time", "energy"}}
	if r.Arrays == nil {
		return s
	}
	for _, t := range r.Arrays.Trees {
		s.Add(t.Tool, t.Cell, t.Node, t.Flavour.String(), strconv.Itoa(t.Rows), digits(t.Time), digits(t.Energy))
	}
	return s
}

// figureColumns heads tables with a column for each figure of an array.
func figureColumns(first ...string) []string {
	return append(first, "area", "read", "write", "read energy", "write energy", "leakage")
}

// medianRows is one line for every tool, cell and node.
func medianRows(r *validation.Report) *command.Sheet {
	s := &command.Sheet{Header: figureColumns("tool", "cell", "node", "rows")}
	var line []string
	flush := func() {
		if line != nil {
			s.Add(line...)
		}
	}
	for _, m := range r.Arrays.Medians {
		if line == nil || line[0] != m.Tool || line[1] != m.Cell || line[2] != m.Node {
			flush()
			line = append([]string{m.Tool, m.Cell, m.Node, strconv.Itoa(m.Rows)}, make([]string, arrays.NumQuantities)...)
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
func slopeRows(r *validation.Report) *command.Sheet {
	s := &command.Sheet{Header: figureColumns("cell", "node", "flavour", "target")}
	var line []string
	flush := func() {
		if line != nil {
			s.Add(line...)
		}
	}
	for _, k := range r.Arrays.Slopes {
		target, _, _ := strings.Cut(k.Target, " (")
		if line == nil || line[0] != k.Cell || line[1] != k.Node || line[2] != k.Flavour.String() || line[3] != target {
			flush()
			line = append([]string{k.Cell, k.Node, k.Flavour.String(), target}, make([]string, arrays.NumQuantities)...)
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
func arrayRows(r *validation.Report) *command.Sheet {
	s := &command.Sheet{Header: figureColumns("row", "tool", "cell", "node", "flavour", "K", "MiB", "banks", "target")}
	scale := [arrays.NumQuantities]float64{1e6, 1e9, 1e9, 1e12, 1e12, 1e3}
	for i := range r.Arrays.Rows {
		row := &r.Arrays.Rows[i]
		target, _, _ := strings.Cut(row.Target, " (")
		line := []string{strconv.Itoa(i + 1), row.Tool, row.Cell, row.Node, row.Flavour.String(), digits(float64(row.Temperature)), digits(row.CapacityMiB), strconv.Itoa(row.Banks), target}
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
		s.Add(line...)
	}
	return s
}

// groupRows is one line for every figure of a group.
func groupRows(r *validation.Report, group string) *command.Sheet {
	s := &command.Sheet{Header: []string{"published", "case", "figure", "unit", "ours", "theirs", "ratio", "verdict", "source and remark"}}
	for i := range r.Checks {
		if c := &r.Checks[i]; c.Group == group {
			s.Add(c.Source, c.Case, c.Quantity, c.Unit, digits(c.Ours), digits(c.Theirs), digits(c.Ratio()), c.Verdict(), c.Note)
		}
	}
	return s
}

// networkRows is one line for every figure of a whole network.
func networkRows(r *validation.Report) *command.Sheet {
	s := &command.Sheet{Header: []string{"network", "figure", "unit", "ours", "theirs", "verdict", "source"}}
	for i := range r.Checks {
		if c := &r.Checks[i]; c.Group == "network" && !strings.HasPrefix(c.Row, "cv_layers") {
			s.Add(c.Case, c.Quantity, c.Unit, counted(c.Ours), counted(c.Theirs), c.Verdict(), c.Source)
		}
	}
	return s
}

// markdown writes the sheet as a table of Markdown.
func markdown(b *bytes.Buffer, s *command.Sheet) {
	row := func(cells []string) {
		b.WriteString("|")
		for _, c := range cells {
			b.WriteString(" " + strings.ReplaceAll(c, "|", "\\|") + " |")
		}
		b.WriteString("\n")
	}
	row(s.Header)
	b.WriteString(strings.Repeat("|---", len(s.Header)) + "|\n")
	for _, r := range s.Rows {
		row(r)
	}
}
