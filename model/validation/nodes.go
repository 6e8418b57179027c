package validation

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"stco/model/array"
	"stco/model/array/bitcell"
	"stco/model/tech"
	"stco/model/units"
)

// nodeDeviations are the differences of the nodes.
func nodeDeviations() []Deviation {
	return []Deviation{
		{Number: "N1", Title: "two makers of one generation", Reason: "16 nm is TSMC's 16FF and 14 nm Samsung's 14LPP, two offers of one generation: gates are as fast within 2 % and 14LPP leaks more by the figures that are public"},
		{Number: "N2", Title: "leakage of a cell from 14 to 3 nm", Reason: "the devices from 14 nm on are one published series in which leakage and height of a fin grow from 14 to 7 nm while a dense cell keeps one fin a transistor; foundries answer with thresholds (flavour lstp), and no series of measured cells of one maker was found. Per area leakage rises in silicon too"},
		{Number: "N3", Title: "energy of small macros from 5 to 3 nm", Reason: "the cell shrinks by 5 % and the supply stays: the energy of a small macro follows the organisation that the search takes"},
	}
}

// nodeFigure is a figure of an SRAM macro that falls from node to node.
type nodeFigure struct {
	name, unit string
	scale      float64
}

func nodeFigures() []nodeFigure {
	return []nodeFigure{
		{"SRAM cell", "um^2", 1e12},
		{"macro density", "Mib/mm^2", 1e-6 / (1 << 20)},
		{"gate delay", "ps", 1e12},
		{"supply", "V", 1},
		{"read latency of 16 MiB", "ns", 1e9},
		{"read energy of 16 MiB", "pJ", 1e12},
		{"read energy of 1 MiB", "pJ", 1e12},
		{"leakage of a cell", "pW", 1e12},
	}
}

// figuresOfNode returns the figures of nodeFigures in SI units, at 300 K and in
// the flavour lop. Densities are those of a dense macro of 256 Kib.
func figuresOfNode(tables *tech.Tables, name string) (map[string]float64, error) {
	n, err := tables.Node(name, tech.LowOperatingPower)
	if err != nil {
		return nil, err
	}
	circuits, err := tables.Circuits()
	if err != nil {
		return nil, err
	}
	s, err := array.NewSolver(n, array.Options{Temperature: 300, Circuits: *circuits})
	if err != nil {
		return nil, err
	}
	cell := bitcell.SRAM(n, bitcell.HighDensity, false, 300)
	solve := func(capacity units.Bytes, word int, target array.Target) (f array.Figures, err error) {
		spec := array.DefaultSpec()
		spec.Capacity, spec.WordBits, spec.Target = capacity, word, target
		return f, s.Solve(&cell, &spec, &f)
	}
	dense, err := solve(32<<10, 64, array.EDP)
	if err != nil {
		return nil, err
	}
	small, err := solve(1<<20, 128, array.ReadEDP)
	if err != nil {
		return nil, err
	}
	large, err := solve(16<<20, 128, array.ReadEDP)
	if err != nil {
		return nil, err
	}
	return map[string]float64{
		"SRAM cell": float64(n.Dense.Area), "macro density": (32 << 10) * 8 / float64(dense.Area.Total),
		"gate delay": float64(s.GateDelay()), "supply": float64(n.Vdd), "leakage of a cell": float64(cell.Leakage) * float64(n.Vdd),
		"read latency of 16 MiB": float64(large.Read.Total), "read energy of 16 MiB": float64(large.ReadEnergy.Total), "read energy of 1 MiB": float64(small.ReadEnergy.Total),
	}, nil
}

// nodes compares the nodes with published figures, and each with the one before:
// areas, times, energies and leakage fall and densities rise, or a deviation
// says why not.
func (r *Report) nodes(in *Input) error {
	t, err := in.read(nodeFile)
	if err != nil {
		return err
	}
	names := slices.DeleteFunc(in.Tables.NodeNames(), func(name string) bool { return strings.Contains(name, "-") })
	own := map[string]map[string]float64{}
	for _, name := range names {
		if own[name], err = figuresOfNode(in.Tables, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	figures := nodeFigures()
	published := map[[2]string]float64{}
	for i, row := range t.rows {
		at := slices.IndexFunc(figures, func(f nodeFigure) bool { return f.name == row["quantity"] })
		if at < 0 || own[row["node"]] == nil || row["over"] != "" && own[row["over"]] == nil {
			return fmt.Errorf("%s: no figure %q of node %q over %q", t.at(i), row["quantity"], row["node"], row["over"])
		}
		ours, what := own[row["node"]][row["quantity"]]*figures[at].scale, row["node"]
		if row["over"] != "" {
			ours, what = ours/(own[row["over"]][row["quantity"]]*figures[at].scale), what+" over "+row["over"]
		} else {
			published[[2]string{row["node"], row["quantity"]}] = number(row["published"])
		}
		c := Check{
			Group: "node", Source: row["source"], Row: t.at(i), Case: what, Calibration: row["calibration"] != "no", Quantity: row["quantity"], Unit: row["unit"],
			Ours: ours, Theirs: number(row["published"]), Low: number(row["low"]), High: number(row["high"]), Note: row["note"],
		}
		c.judge(nodeDeviation(row["node"], row["quantity"]))
		r.add(c)
	}
	for i := 1; i < len(names); i++ {
		for _, f := range figures {
			r.add(direction(names[i-1], names[i], f.name, own, published))
		}
	}
	return nil
}

// direction checks that a figure does not rise from a node to the next, a
// density not fall, by more than half a percent.
func direction(before, node, quantity string, own map[string]map[string]float64, published map[[2]string]float64) Check {
	const slack = 0.005
	c := Check{
		Group: "node", Source: "direction of silicon", Row: "nodes.csv", Case: node + " over " + before, Quantity: quantity, Unit: "1",
		Ours: own[node][quantity] / own[before][quantity], Theirs: 1, Low: 0, High: 1 + slack, Note: "no published ratio",
	}
	if a, b := published[[2]string{node, quantity}], published[[2]string{before, quantity}]; a > 0 && b > 0 {
		c.Theirs, c.Note = a/b, ""
	}
	if quantity == "macro density" {
		c.Low, c.High = 1-slack, math.Inf(1)
	}
	c.judge(nodeDeviation(node, quantity))
	return c
}

// nodeDeviation returns the deviation that covers a figure of a node.
func nodeDeviation(node, quantity string) string {
	leakage := quantity == "leakage of a cell"
	switch {
	case node == "14nm" && (leakage || quantity == "gate delay"):
		return "N1"
	case leakage && slices.Contains([]string{"10nm", "7nm", "3nm"}, node):
		return "N2"
	case node == "3nm" && quantity == "read energy of 1 MiB":
		return "N3"
	}
	return Unexplained
}
