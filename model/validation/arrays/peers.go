// Package arrays compares the array model with other tools and with
// published silicon. Validate computes our figure for every row of the peers'
// reference runs, judges it by the bounds of docs/model-array.md and numbers what
// falls outside; CompareSilicon does the same for published macros and dies. It
// reads tables given by the caller and prints nothing.
//
//	reference rows -> Peer -> array.Solver -> Compared, Median, Slope
package arrays

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"stco/model/array"
	"stco/model/array/bitcell"
	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
)

// Peer is one row of the reference figures of other tools.
type Peer struct {
	Line                 int // of the file
	Tool, Cell           string
	Node                 string // as in the table cmos
	Flavour              tech.Flavour
	Temperature          units.Temperature
	WordBits, Banks      int
	CapacityMiB          float64
	Target               string // as the tool names it
	Organisation, Remark string
	Compared
	// Same is our figure over theirs on subarrays of the rows and columns that
	// the tool chose; NaN where it names none that Spec allows.
	Same [NumQuantities]float64

	treeTime, treeEnergy float64 // of the tool's H-tree in a read, SI; NaN: not printed
	// Tree is our time and energy of the H-tree over theirs, on their subarrays
	// and, as they do, on the thick layers; NaN where they print none.
	Tree [2]float64
}

// Metric is a compared figure.
type Metric uint8

// The compared figures.
const (
	QArea Metric = iota
	QReadLatency
	QWriteLatency
	QReadEnergy
	QWriteEnergy
	QLeakage
	NumQuantities
)

// String returns the name used in the validation table.
func (q Metric) String() string {
	names := [NumQuantities]string{"area", "read latency", "write latency", "read energy", "write energy", "leakage"}
	if q < NumQuantities {
		return names[q]
	}
	return "unknown"
}

// values lists the compared figures of an array.
func values(f *array.Figures) [NumQuantities]float64 {
	return [NumQuantities]float64{
		float64(f.Area.Total), float64(f.Read.Total), float64(f.Write.Total),
		float64(f.ReadEnergy.Total), float64(f.WriteEnergy.Total), float64(f.Leakage),
	}
}

// ReadPeers reads the reference file: comment lines, a header, one row per run.
// It names everything that is wrong at once.
func ReadPeers(r io.Reader) ([]Peer, error) {
	records, err := readRecords(r)
	if err != nil {
		return nil, fmt.Errorf("no header and rows: %w", err)
	}
	out := make([]Peer, len(records))
	var faults []error
	for i := range records {
		row, p := &records[i], &out[i]
		*p = Peer{
			Line: row.line, Tool: row.text("tool"), Cell: row.text("cell"), Node: peerNode(row.text("node_nm")), Target: row.text("opt_target"),
			Organisation: row.text("organisation"), Remark: row.text("note"),
			Temperature: units.Temperature(row.need("temp_K")), WordBits: int(row.need("word_bits")), CapacityMiB: row.need("capacity_MB"), Banks: int(row.need("banks")),
		}
		p.Values = [NumQuantities]float64{
			row.number("area_mm2", 1e-6), row.number("read_ns", 1e-9), row.number("write_ns", 1e-9),
			row.number("read_pJ", 1e-12), row.number("write_pJ", 1e-12), row.number("leak_mW", 1e-3),
		}
		p.treeTime, p.treeEnergy = row.optional("htree_ns", 1e-9), row.optional("htree_pJ", 1e-12)
		var err error
		p.Flavour, err = tech.ParseFlavour(strings.TrimPrefix(strings.ToLower(row.text("roadmap")), "itrs-"))
		for _, err := range [...]error{row.err, err} {
			if err != nil {
				faults = append(faults, fmt.Errorf("line %d: %w", row.line, err))
			}
		}
	}
	return out, errors.Join(faults...)
}

// peerNode returns our node for that of a tool: at 22 nm the planar roadmap
// devices that they have, below the nodes of their FinFETs.
func peerNode(nm string) string {
	if nm == "22" {
		return roadmapNode
	}
	return nm + "nm"
}

// roadmapNode is the planar node of NVSim, CACTI and DESTINY.
const roadmapNode = "22nm-itrs"

// target returns our target for a tool's. CACTI minimises a weighted sum of
// delay, dynamic energy and area.
func (p *Peer) target() (array.Target, error) {
	switch p.Target {
	case "Area":
		return array.LeastArea, nil
	case "ReadLatency":
		return array.ReadLatency, nil
	case "ReadEDP":
		return array.ReadEDP, nil
	case "WriteEDP":
		return array.WriteEDP, nil
	}
	if strings.HasPrefix(p.Target, "w ") {
		return array.ReadEDP, nil
	}
	return 0, fmt.Errorf("no target for %q", p.Target)
}

// bitcell returns the cell of a row: the node's dense SRAM cell, which at 22 nm
// is NVSim's sample, or the magnetic cell of the table array_cells.
func (p *Peer) bitcell(tables *tech.Tables, n *tech.Node) (device.Cell, error) {
	var technology device.Technology
	switch p.Cell {
	case "SRAM":
		return bitcell.SRAM(n, bitcell.HighDensity, false, p.Temperature), nil
	case "STT":
		technology = device.STT
	case "SOT50", "SOT":
		technology = device.SOT
	default:
		return device.Cell{}, fmt.Errorf("no cell %q", p.Cell)
	}
	u, err := bitcell.Preset(tables, technology, n)
	if err != nil {
		return device.Cell{}, err
	}
	return u.Cell(n, p.Temperature)
}

// Compared is our figures beside somebody else's.
type Compared struct {
	Values    [NumQuantities]float64 // theirs, SI; NaN: none given
	Ours      array.Figures
	Ratio     [NumQuantities]float64    // ours over theirs; NaN where there is none
	Band      [NumQuantities][2]float64 // what the bounds allow our figure; NaN: no bound on a single row
	Deviation [NumQuantities]int        // number of the deviation that explains a figure outside; 0: inside
}

// Figure returns our figure of a quantity in SI units.
func (c *Compared) Figure(q Metric) float64 { return values(&c.Ours)[q] }

// solve returns our figures.
func solve(tables *tech.Tables, node *tech.Node, cell *device.Cell, spec *array.Spec, t units.Temperature, thick bool) (f array.Figures, err error) {
	circuits, err := tables.Circuits()
	if err != nil {
		return f, err
	}
	s, err := array.NewSolver(node, array.Options{Temperature: t, Circuits: *circuits, ThickWires: thick})
	if err != nil {
		return f, err
	}
	return f, s.Solve(cell, spec, &f)
}

// solve computes our figures and their ratio to the given ones.
func (c *Compared) solve(tables *tech.Tables, node *tech.Node, cell *device.Cell, spec *array.Spec, t units.Temperature) (err error) {
	if c.Ours, err = solve(tables, node, cell, spec, t, false); err != nil {
		return err
	}
	for q, v := range values(&c.Ours) {
		c.Ratio[q] = v / c.Values[q]
	}
	return nil
}

// compare computes our figures for a row of the peers.
func (p *Peer) compare(tables *tech.Tables) error {
	node, err := tables.Node(p.Node, p.Flavour)
	if err != nil {
		return err
	}
	cell, err := p.bitcell(tables, node)
	if err != nil {
		return err
	}
	spec := array.DefaultSpec()
	spec.Capacity = units.Bytes(p.CapacityMiB * (1 << 20))
	spec.Banks, spec.WordBits = p.Banks, p.WordBits
	if spec.Target, err = p.target(); err != nil {
		return err
	}
	for q := range p.Same {
		p.Same[q] = math.NaN()
	}
	p.Tree = [2]float64{math.NaN(), math.NaN()}
	if spec.Rows, spec.Columns = p.subarray(); spec.Rows > 0 {
		same := Compared{Values: p.Values}
		if err := same.solve(tables, node, &cell, &spec, p.Temperature); err != nil {
			return err
		}
		p.Same = same.Ratio
		thick, err := solve(tables, node, &cell, &spec, p.Temperature, true)
		if err != nil {
			return err
		}
		if p.treeTime > 0 && p.treeEnergy > 0 {
			p.Tree = [2]float64{float64(thick.Read.HTree) / p.treeTime, float64(thick.ReadEnergy.HTree) / p.treeEnergy}
		}
	}
	spec.Rows, spec.Columns = 0, 0
	return p.solve(tables, node, &cell, &spec, p.Temperature)
}

// Cycle returns the cycle time that CACTI prints beside the access time.
func (p *Peer) Cycle() (t units.Time, ok bool) {
	_, text, found := strings.Cut(p.Remark, "cycle ")
	if !found {
		return 0, false
	}
	ns := 0.0
	if n, err := fmt.Sscanf(text, "%g ns", &ns); n < 1 || err != nil {
		return 0, false
	}
	return units.Time(ns * 1e-9), true
}

// subarray returns the rows and columns of the subarray that the tool chose, 0
// where it prints none.
func (p *Peer) subarray() (rows, columns int) {
	_, text, _ := strings.Cut(p.Organisation, "sub ")
	if n, err := fmt.Sscanf(text, "%d Rows x %d Columns", &rows, &columns); n < 2 || err != nil ||
		rows < array.MinRows || rows > array.MaxRows || columns < array.MinColumns || columns > array.MaxColumns {
		return 0, 0
	}
	return rows, columns
}
