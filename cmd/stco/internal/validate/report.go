package validate

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"stco"
	"stco/experiments/study/catalog"
	"stco/experiments/study/strict"
	"stco/model/validation"
	"stco/model/validation/arrays"
	"stco/results"
)

// ValidationViews lists the tables of Validate.
func ValidationViews() []string {
	return []string{"figures", "summary", "medians", "trees", "slopes", "deviations", "predictions"}
}

// ValidationGroups lists the groups of published figures.
func ValidationGroups() []string { return validation.Groups() }

// List is a file of a user in place of a published one; without a text there is
// none.
type List struct {
	File string
	Text []byte
}

// Validate compares the model with published figures. It returns one table and
// the number of figures outside their bounds that no deviation explains.
// Lists of further runs of array tools and of machines, with the columns of
// testdata/published/array_peers.csv and machines.csv, stand in for those of the
// program.
func Validate(groups []string, view string, peers, machines List) (s *results.Table, outside int, err error) {
	for _, g := range groups {
		if !slices.Contains(validation.Groups(), g) {
			return nil, 0, strict.BadInput("validate", fmt.Errorf("no group %q; there are %s", g, strings.Join(validation.Groups(), ", ")))
		}
	}
	r, err := validation.Run(&validation.Input{Files: stco.Published(), Tables: catalog.Builtin().Tables, Peers: peers.Text, Machines: machines.Text, MachinesName: machines.File}, groups...)
	if err != nil {
		for _, l := range []List{machines, peers} {
			if l.Text != nil {
				return nil, 0, strict.BadInput(l.File, err)
			}
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
	case "predictions":
		s = validationPredictions(r)
	default:
		s = validationFigures(r)
	}
	return s, r.Outside(), nil
}

// rounded is a number of four significant digits, nothing for none.
func rounded(v float64) any {
	if math.IsNaN(v) {
		return nil
	}
	x, err := strconv.ParseFloat(digits(v), 64)
	if err != nil {
		return v // infinite
	}
	return x
}

func validationFigures(r *validation.Report) *results.Table {
	s := results.NewList("figures", "group:text", "source:text", "row:text", "case:text", "quantity:text", "unit:text", "ours:mixed", "theirs:mixed", "ratio:mixed", "low:mixed", "high:mixed", "verdict:text", "note:text", "calibration:text")
	for i := range r.Checks {
		c := &r.Checks[i]
		s.Append(c.Group, c.Source, c.Row, c.Case, c.Quantity, c.Unit, c.Ours, c.Theirs, rounded(c.Ratio()), c.Low, c.High, c.Verdict(), c.Note, map[bool]string{true: "yes", false: "no"}[c.Calibration])
	}
	return s
}

func validationSummary(r *validation.Report) *results.Table {
	s := results.NewList("summary", "group:text", "compared with:text", "figures", "inside", "by median", "explained", "shown", "outside", "median ratio:mixed", "least:mixed", "largest:mixed")
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
			s.Append(g, validation.Title(g), n, inside, median, explained, shown, outside,
				rounded((ratios[(n-1)/2]+ratios[n/2])/2), rounded(ratios[0]), rounded(ratios[n-1]))
		}
	}
	return s
}

// validationPredictions counts the bounded figures of bitcells and macros that no
// constant of the model was taken from, and those inside.
func validationPredictions(r *validation.Report) *results.Table {
	s := results.NewList("predictions", "group:text", "calibration", "predictions", "inside", "share inside [%]", "median ratio:mixed")
	for _, g := range []string{"bitcell", "silicon"} {
		var ratios []float64
		calibration, inside := 0, 0
		for i := range r.Checks {
			c := &r.Checks[i]
			switch {
			case c.Group != g || math.IsNaN(c.Low):
			case c.Calibration:
				calibration++
			default:
				ratios = append(ratios, c.Ratio())
				if c.Verdict() == "inside" {
					inside++
				}
			}
		}
		if n := len(ratios); n > 0 {
			slices.Sort(ratios)
			s.Append(g, calibration, n, inside, rounded(100*float64(inside)/float64(n)), rounded((ratios[(n-1)/2]+ratios[n/2])/2))
		}
	}
	return s
}

func validationMedians(r *validation.Report) *results.Table {
	s := results.NewList("medians", "tool:text", "cell:text", "node:text", "rows", "quantity:text", "median ratio:mixed", "on the tool's subarrays:mixed", "verdict:text")
	if r.Arrays == nil {
		return s
	}
	for _, m := range r.Arrays.Medians {
		verdict := "shown"
		if m.Quantity == arrays.QArea { // the others are bounded row by row
			verdict = "inside"
		}
		verdict = deviating(m.Deviation, verdict)
		s.Append(m.Tool, m.Cell, m.Node, m.Rows, m.Quantity.String(), rounded(m.Ratio), rounded(m.Same), verdict)
	}
	return s
}

// deviating is the verdict on a figure with a deviation by number, negative where
// none is known; 0: what holds without one.
func deviating(number int, without string) string {
	switch {
	case number < 0:
		return validation.Unexplained
	case number > 0:
		return fmt.Sprintf("A%d", number)
	}
	return without
}

func validationSlopes(r *validation.Report) *results.Table {
	s := results.NewList("slopes", "cell:text", "node:text", "flavour:text", "target:text", "quantity:text", "ours:mixed", "tools from:mixed", "tools to:mixed", "verdict:text")
	if r.Arrays == nil {
		return s
	}
	for _, k := range r.Arrays.Slopes {
		target, _, _ := strings.Cut(k.Target, " (")
		two := func(v float64) float64 { return math.Round(100*v) / 100 }
		s.Append(k.Cell, k.Node, k.Flavour.String(), target, k.Quantity.String(), two(k.Ours), two(k.Low), two(k.High), deviating(k.Deviation, "inside"))
	}
	return s
}

func validationDeviations(r *validation.Report) *results.Table {
	s := results.NewList("deviations", "number:text", "title:text", "figures", "reason:text")
	for _, d := range r.Deviations {
		s.Append(d.Number, d.Title, d.Figures, d.Reason)
	}
	return s
}

func validationTrees(r *validation.Report) *results.Table {
	s := results.NewList("trees", "tool:text", "cell:text", "node:text", "flavour:text", "rows", "time:mixed", "energy:mixed")
	if r.Arrays == nil {
		return s
	}
	for _, t := range r.Arrays.Trees {
		s.Append(t.Tool, t.Cell, t.Node, t.Flavour.String(), t.Rows, rounded(t.Time), rounded(t.Energy))
	}
	return s
}
