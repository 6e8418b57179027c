// Package validation holds the model to figures that it was not made from:
// those of other tools, of published silicon and of published networks. Every
// figure becomes a Check: ours, theirs, the bound, and, where ours is outside,
// the number of the deviation that explains it. It reads the published files
// from a file system and prints nothing.
//
//	published files -> Groups -> Report: Checks, Medians, Slopes, Deviations
//
// The search is held to published optima by the tests of explore/problems,
// because that takes minutes.
package validation

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strconv"
	"strings"

	"stco/model/tech"
	"stco/model/validation/arrays"
)

// Check is one figure beside somebody else's.
type Check struct {
	Group  string // a name of Groups
	Source string // tool or publication
	Row    string // file and row of the published figure, the first below the header being 1
	Case   string // what is compared

	Quantity, Unit string
	Ours, Theirs   float64
	Low, High      float64 // what the bound allows ours; NaN: not bounded by itself
	Median         bool    // bounded by the median of its tool
	Calibration    bool    // a constant of the model was taken from this figure
	Deviation      string  // number of the deviation that explains a figure outside; "" if inside
	Note           string
}

// Unexplained is the Deviation of a figure outside its bound that no deviation
// covers.
const Unexplained = "OUTSIDE"

// Ratio returns ours over theirs; 1 where both are 0.
func (c *Check) Ratio() float64 {
	if c.Ours == c.Theirs {
		return 1
	}
	return c.Ours / c.Theirs
}

// Verdict says how a figure stands: inside, median (its bound is on the median
// of its tool), shown (nothing bounds it), the number of a deviation, or
// Unexplained.
func (c *Check) Verdict() string {
	switch {
	case c.Deviation != "":
		return c.Deviation
	case c.Median:
		return "median"
	case math.IsNaN(c.Low) && math.IsNaN(c.High):
		return "shown"
	}
	return "inside"
}

// judge marks a figure outside its bound with a deviation.
func (c *Check) judge(deviation string) {
	if c.Ours < c.Low || c.Ours > c.High {
		c.Deviation = deviation
	}
}

// Deviation is a known difference with its reason.
type Deviation struct {
	Number, Title, Reason string
	Figures               int // rows, medians and slopes outside their bounds because of it
}

// Report is the outcome of the comparison.
type Report struct {
	Checks     []Check
	Arrays     *arrays.Comparison // nil without the group array
	Silicon    []arrays.Silicon   // nil without the group silicon
	Deviations []Deviation
}

// group computes the checks of one group.
type group struct {
	name, title string
	run         func(r *Report, in *Input) error
}

func groups() []group {
	return []group{
		{"array", "memory arrays beside NVSim, DESTINY, CACTI 7 and NS-Cache", (*Report).arrays},
		{"silicon", "memory arrays beside published macros and dies", (*Report).silicon},
		{"export", "banks of exported designs beside the tools that they were exported to", (*Report).exports},
		{"node", "CMOS nodes beside published cells, densities and speeds, and each beside the one before", (*Report).nodes},
		{"bitcell", "bitcells beside published devices", (*Report).bitcells},
		{"network", "parameters, operations and kept bytes of networks", (*Report).networks},
		{"pe-array", "cycles and operand reads beside SCALE-Sim", (*Report).peArrays},
		{"machine", "whole machines: times of networks and products, traffic, energies", (*Report).machines},
		{"tiling", "traffic between buffer and DRAM beside exhaustive tiling searches", (*Report).tilings},
	}
}

// Groups lists the groups of figures.
func Groups() []string {
	var names []string
	for _, g := range groups() {
		names = append(names, g.name)
	}
	return names
}

// Title returns what a group compares, "" for an unknown one.
func Title(name string) string {
	for _, g := range groups() {
		if g.name == name {
			return g.title
		}
	}
	return ""
}

// Input is what the comparison reads.
type Input struct {
	Files  fs.FS // the published files, at their paths in the tree
	Tables *tech.Tables
	// Machines is a list of machines in place of the published one, in the same
	// columns, with the name it is shown by; nil: the published one.
	Machines     []byte
	MachinesName string
	Peers        []byte // runs of array tools in place of the published ones, in the same columns; nil: the published ones
}

// The published files.
const (
	peersFile    = "testdata/published/array_peers.csv"
	siliconFile  = "testdata/published/array_silicon.csv"
	exportsFile  = "testdata/published/array_exports.csv"
	machinesFile = "testdata/published/machines.csv"
	nodeFile     = "testdata/published/nodes.csv"
	bitcellFile  = "testdata/published/bitcell.csv"
	suiteDir     = "model/workload/suite/testdata/published/"
	systolicDir  = "model/accel/systolic/testdata/published/"
	tilingDir    = "model/accel/tiling/testdata/published/"
)

// Run compares the named groups, all of them without names.
func Run(in *Input, names ...string) (*Report, error) {
	r := &Report{}
	wanted := map[string]bool{}
	for _, n := range names {
		if !slices.Contains(Groups(), n) {
			return nil, fmt.Errorf("no group %q; there are %s", n, strings.Join(Groups(), ", "))
		}
		wanted[n] = true
	}
	for _, g := range groups() {
		if len(names) > 0 && !wanted[g.name] {
			continue
		}
		if err := g.run(r, in); err != nil {
			return nil, fmt.Errorf("%s: %w", g.name, err)
		}
	}
	r.count()
	return r, nil
}

// Outside returns the number of figures that no deviation explains.
func (r *Report) Outside() int {
	n := 0
	for i := range r.Checks {
		if r.Checks[i].Deviation == Unexplained {
			n++
		}
	}
	return n
}

// count lists the deviations that explain something.
func (r *Report) count() {
	figures := map[string]int{}
	for i := range r.Checks {
		figures[r.Checks[i].Deviation]++
	}
	if r.Arrays != nil {
		for _, m := range r.Arrays.Medians {
			figures[arrayNumber(m.Deviation)]++
		}
		for _, s := range r.Arrays.Slopes {
			figures[arrayNumber(s.Deviation)]++
		}
	}
	for _, d := range deviations() {
		if d.Figures = figures[d.Number]; d.Figures > 0 {
			r.Deviations = append(r.Deviations, d)
		}
	}
}

// deviations lists all known differences by number.
func deviations() []Deviation {
	var all []Deviation
	for _, d := range arrays.Deviations() {
		all = append(all, Deviation{Number: arrayNumber(d.Number), Title: d.Title, Reason: d.Reason})
	}
	return slices.Concat(all, nodeDeviations(), bitcellDeviations(), machineDeviations())
}

// add appends checks.
func (r *Report) add(c ...Check) { r.Checks = append(r.Checks, c...) }

// table is a published CSV file by column names.
type table struct {
	name string
	rows []map[string]string
}

// read reads a file with a header, after comment lines.
func (in *Input) read(name string) (*table, error) {
	f, err := in.Files.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	c := csv.NewReader(f)
	c.Comment = '#'
	c.FieldsPerRecord = -1
	header, err := c.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	rows, err := c.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	t := &table{name: name[strings.LastIndexByte(name, '/')+1:]}
	for _, row := range rows {
		m := map[string]string{}
		for j, v := range row {
			if j < len(header) {
				m[header[j]] = v
			}
		}
		t.rows = append(t.rows, m)
	}
	return t, nil
}

// at returns file:row of a row, the first row after the header being 1.
func (t *table) at(i int) string { return fmt.Sprintf("%s:%d", t.name, i+1) }

// number parses a cell; NaN where it is empty or no number.
func number(s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return math.NaN()
	}
	return v
}

// exact is a check of a count that must be equal.
func exact(group, source, row, what, quantity string, ours, theirs float64) Check {
	c := Check{Group: group, Source: source, Row: row, Case: what, Quantity: quantity, Unit: "1", Ours: ours, Theirs: theirs, Low: theirs, High: theirs}
	c.judge(Unexplained)
	return c
}
