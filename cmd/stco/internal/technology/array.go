package technology

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"stco/experiments/study/catalog"
	"stco/experiments/study/strict"
	"stco/model"
	"stco/model/array"
	"stco/model/array/bitcell"
	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
	"stco/results"
)

// ArrayOptions are the flags of one array evaluation, as texts with units.
type ArrayOptions struct {
	Cell                                      string       // a name of ArrayCells, or the name of CellFile
	CellFile                                  []byte       // of a user cell; nil for a named one
	Tables                                    *tech.Tables // nil: the embedded ones
	Technology                                string       // of a cell file of NVSim whose type MRAM does not say; empty: as the file has it
	Node, Flavour, Temperature, Capacity      string
	Target, ECC, Ports, Corner, Wires         string
	Banks, Word, Bus, Codeword, Rows, Columns int
	AreaSlack                                 float64
	Parts                                     bool // areas, times and energies by part instead of the totals
	Organisations                             bool // every organisation within the area slack
}

// ArrayCells lists the named cells: the node's SRAM cells, the magnetic cells of
// the reference runs of other tools, and the presets of the device model.
func ArrayCells() []string { return arrayCells(catalog.Builtin().Tables) }

// arrayCells lists the named cells of tables, those of a user last.
func arrayCells(t *tech.Tables) []string {
	names := bitcell.BuiltIn()
	if presets, err := device.PresetNames(t); err == nil {
		names = append(names, presets...)
	}
	return append(names, bitcell.Names(t)...)
}

// ArrayCorners lists the corners of voltage and process.
func ArrayCorners() []string { return []string{"typical", "slow"} }

// ArrayWires lists the layers an H-tree is routed on.
func ArrayWires() []string { return []string{"intermediate", "global"} }

// DefaultCodeword is the codeword of an array that names none.
const DefaultCodeword = array.DefaultCodeword

// DefaultAreaSlack is the slack of the organisation search.
const DefaultAreaSlack = array.DefaultAreaSlack

// Array evaluates one array. Violations are texts: a cell that cannot be
// written or read is no error.
func Array(o ArrayOptions) (sheet *results.Table, violations []string, err error) {
	var faults []error
	note := func(err error) { faults = append(faults, err) }
	flag := func(name string, err error) {
		if err != nil {
			note(fmt.Errorf("--%s: %w", name, err))
		}
	}
	flavour, err := tech.ParseFlavour(o.Flavour)
	flag("flavour", err)
	temperature, err := units.Parse[units.Temperature](o.Temperature)
	flag("temperature", err)
	capacity, err := units.Parse[units.Bytes](o.Capacity)
	flag("capacity", err)
	if err != nil {
		capacity = array.MaxCapacity // the rest is judged, and no second fault made of this one
	}
	spec := array.Spec{Capacity: capacity, Banks: o.Banks, WordBits: o.Word, Bus: o.Bus, AreaSlack: o.AreaSlack, Rows: o.Rows, Columns: o.Columns, Codeword: o.Codeword}
	spec.Target, err = array.ParseTarget(o.Target)
	flag("target", err)
	spec.ECC, err = array.ParseECC(o.ECC)
	flag("ecc", err)
	spec.Ports, err = array.ParsePorts(o.Ports)
	flag("ports", err)
	if spec.Codeword == 0 {
		spec.Codeword = array.DefaultCodeword
	}
	note(spec.Validate())
	if o.Tables == nil {
		o.Tables = catalog.Builtin().Tables
	}
	tables := o.Tables
	node, err := tables.Node(o.Node, flavour)
	flag("node", err)
	if err := errors.Join(faults...); err != nil {
		return nil, nil, badArray(err)
	}
	circuits, err := tables.Circuits()
	if err != nil {
		return nil, nil, err
	}
	if o.Corner == "slow" {
		n, c := circuits.Slow.At(node, circuits)
		node, circuits = &n, &c
	}
	solver, err := array.NewSolver(node, array.Options{Temperature: temperature, Circuits: *circuits, ThickWires: o.Wires == "global"})
	if err != nil {
		return nil, nil, badArray(err)
	}
	cell, missed, err := namedCell(&o, node, &spec, temperature)
	if err != nil {
		return nil, nil, err
	}
	if o.Organisations {
		sheet, err := organisations(solver, &cell, &spec, missed)
		return sheet, missed, badArray(err)
	}
	var f array.Figures
	if err := solver.Solve(&cell, &spec, &f); err != nil {
		return nil, nil, badArray(err)
	}
	missed = appendMissed(missed, &f.Violations)
	if o.Parts {
		return arrayParts(&f), missed, nil
	}
	s := figureList("array", "read_cycle [s]", "write_cycle [s]", "read_bandwidth [B/s]", "write_bandwidth [B/s]", "array_efficiency", "cell_area [um2]", "violations:text")
	s.Append(append(figureCells(&f), float64(f.ReadCycle), float64(f.WriteCycle), float64(f.ReadBandwidth), float64(f.WriteBandwidth),
		f.Efficiency, float64(cell.Area())*1e12, strings.Join(missed, "; "))...)
	return s, missed, nil
}

// badArray makes bad input of an error of an array.
func badArray(err error) error {
	err = strict.BadInput("array", err)
	if in, ok := errors.AsType[*strict.InputError](err); ok {
		for i := range in.Problems { // named once
			in.Problems[i].Message = strings.TrimPrefix(in.Problems[i].Message, "array: ")
		}
	}
	return err
}

// figureList is a list of arrays: the figures of figureCells, and more columns.
func figureList(name string, more ...string) *results.Table {
	return results.NewList(name, append([]string{
		"area [mm2]", "read_latency [s]", "write_latency [s]", "read_energy [J]", "write_energy [J]", "leakage [W]", "organisation:text",
	}, more...)...)
}

func figureCells(f *array.Figures) []any {
	return []any{
		float64(f.Area.Total) * 1e6, float64(f.Read.Total), float64(f.Write.Total),
		float64(f.ReadEnergy.Total), float64(f.WriteEnergy.Total), float64(f.Leakage), f.Organisation.String(),
	}
}

// appendMissed appends the limits that an array misses, as texts.
func appendMissed(missed []string, v *array.Violations) []string {
	if v.WriteDrive > 0 {
		missed = append(missed, fmt.Sprintf("write drive: the path needs %.3g times its supply", 1+v.WriteDrive))
	}
	if v.ReadSignal > 0 {
		missed = append(missed, fmt.Sprintf("read signal: %.3g times what the cell gives is needed", 1+v.ReadSignal))
	}
	return missed
}

// organisations lists every organisation of the grid within the area slack,
// whether another one is at least as good in area, latencies, energies and
// leakage, and the limits it misses beside those of the cell.
func organisations(solver *array.Solver, cell *device.Cell, spec *array.Spec, missed []string) (*results.Table, error) {
	var found []array.Figures
	var values [][6]float64
	if err := solver.Each(cell, spec, func(f *array.Figures) bool {
		found = append(found, *f)
		values = append(values, [6]float64{
			float64(f.Area.Total), float64(f.Read.Total), float64(f.Write.Total),
			float64(f.ReadEnergy.Total), float64(f.WriteEnergy.Total), float64(f.Leakage),
		})
		return true
	}); err != nil {
		return nil, err
	}
	s := figureList("organisations", "rows", "columns", "mux", "active", "subarrays", "pareto:text", "violations:text")
	for i, v := range values {
		pareto := !slices.ContainsFunc(values, func(w [6]float64) bool { return dominates(w, v) })
		o := found[i].Organisation
		s.Append(append(figureCells(&found[i]), o.Rows, o.Columns, o.Mux, o.Active, o.Subarrays, strconv.FormatBool(pareto),
			strings.Join(appendMissed(slices.Clip(missed), &found[i].Violations), "; "))...)
	}
	return s, nil
}

// dominates reports whether a is nowhere above b and somewhere below.
func dominates(a, b [6]float64) bool {
	below := false
	for i := range a {
		if a[i] > b[i] {
			return false
		}
		below = below || a[i] < b[i]
	}
	return below
}

// arrayParts lists areas, times, energies and leakage by part.
func arrayParts(f *array.Figures) *results.Table {
	s := results.NewList("parts", "figure:text", "part:text", "value:mixed", "unit:text", "share")
	type part struct {
		name  string
		value float64
	}
	list := func(figure, unit string, scale float64, parts ...part) {
		total := 0.0
		for _, p := range parts {
			total += p.value
		}
		for _, p := range append(parts, part{"total", total}) {
			share := 0.0
			if total > 0 {
				share = p.value / total
			}
			s.Append(figure, p.name, p.value*scale, unit, math.Round(share*1e3)/1e3)
		}
	}
	a := &f.Area
	list("area", "mm2", 1e6, part{"cells", float64(a.Cells)}, part{"check bits", float64(a.Check)}, part{"edges", float64(a.Edges)},
		part{"decoders", float64(a.Decoders)}, part{"columns", float64(a.Columns)}, part{"amplifiers", float64(a.Amplifiers)},
		part{"write drivers", float64(a.WriteDrivers)}, part{"H-tree", float64(a.HTree)}, part{"code", float64(a.Code)},
		part{"interconnect", float64(a.Interconnect)}, part{"macro", float64(a.Macro)})
	times := func(figure string, t *array.TimeParts) {
		list(figure, "s", 1, part{"interconnect", float64(t.Interconnect)}, part{"H-tree", float64(t.HTree)}, part{"decode", float64(t.Decode)},
			part{"wordline", float64(t.Wordline)}, part{"bitline", float64(t.Bitline)}, part{"sense", float64(t.Sense)}, part{"verify", float64(t.Verify)}, part{"code", float64(t.Code)})
	}
	times("read latency", &f.Read)
	times("write latency", &f.Write)
	energies := func(figure string, e *array.EnergyParts) {
		list(figure, "J", 1, part{"interconnect", float64(e.Interconnect)}, part{"H-tree", float64(e.HTree)}, part{"decode", float64(e.Decode)},
			part{"bitline", float64(e.Bitline)}, part{"sense", float64(e.Sense)}, part{"verify", float64(e.Verify)}, part{"code", float64(e.Code)})
	}
	energies("read energy", &f.ReadEnergy)
	energies("write energy", &f.WriteEnergy)
	list("leakage", "W", 1, part{"cells", float64(f.CellLeakage)}, part{"periphery", float64(f.Periphery)})
	g := &f.Geometry
	for _, p := range []part{
		{"subarray width", float64(g.SubarrayWidth)},
		{"subarray height", float64(g.SubarrayHeight)},
		{"bank side", float64(g.BankSide)},
		{"H-tree, edge to subarray", float64(g.Tree)},
		{"lines, port to bank", float64(g.Between)},
	} {
		s.Append("geometry", p.name, p.value*1e6, "um", nil)
	}
	return s
}

// namedCell returns a named cell or that of a user's file.
func namedCell(o *ArrayOptions, node *tech.Node, spec *array.Spec, t units.Temperature) (device.Cell, []string, error) {
	preset := func(technology device.Technology) (device.Cell, []string, error) {
		u, err := bitcell.Preset(o.Tables, technology, node)
		if err != nil {
			return device.Cell{}, nil, err
		}
		c, err := u.Cell(node, t)
		return c, nil, err
	}
	switch o.Cell {
	case "sram":
		return bitcell.SRAM(node, bitcell.HighDensity, spec.Ports == array.OneReadOneWrite, t), nil, nil
	case "sram-hp":
		return bitcell.SRAM(node, bitcell.HighSpeed, spec.Ports == array.OneReadOneWrite, t), nil, nil
	case "stt":
		return preset(device.STT)
	case "sot":
		return preset(device.SOT)
	}
	if slices.Contains(bitcell.Names(o.Tables), o.Cell) {
		u, err := bitcell.FromTable(o.Tables, o.Cell)
		if err != nil {
			return device.Cell{}, nil, err
		}
		c, err := u.Cell(node, t)
		return c, nil, strict.BadInput("cell "+o.Cell, err)
	}
	if slices.Contains(arrayCells(o.Tables), o.Cell) {
		return deviceCell(o.Tables, o.Cell, node, t, spec)
	}
	if o.CellFile == nil {
		return device.Cell{}, nil, strict.BadInput("cell "+o.Cell, fmt.Errorf("unknown; use %s or a file", strings.Join(arrayCells(o.Tables), ", ")))
	}
	u, err := catalog.ParseCell(o.Cell, o.CellFile)
	if err != nil {
		return device.Cell{}, nil, err
	}
	if o.Technology != "" {
		at := slices.Index(bitcell.TechnologyNames(), o.Technology)
		if at < 0 {
			return device.Cell{}, nil, strict.BadInput("--technology", fmt.Errorf("%q is not sram, sot or stt", o.Technology))
		}
		u.Technology = device.Technology(at)
	}
	c, err := u.Cell(node, t)
	return c, nil, strict.BadInput(o.Cell, err)
}

// deviceCell evaluates a preset of the device model on a node, judged between
// the cold corner of the default machine and a hot temperature, with the errors
// that the code leaves it.
func deviceCell(tables *tech.Tables, preset string, node *tech.Node, hot units.Temperature, spec *array.Spec) (device.Cell, []string, error) {
	p, err := device.Preset(tables, preset)
	if err != nil {
		return device.Cell{}, nil, err
	}
	setup := model.DefaultSetup()
	at := device.Operating{Cold: min(setup.Cold, hot), Nominal: min(setup.Nominal, hot), Hot: hot, Sigma: float64(setup.ProcessSigma), BitError: float64(setup.ErrorBudget)}
	at.BitError = model.RawBudget(at.BitError, spec.ECC, min(spec.Codeword, spec.WordBits))
	process := model.Process(node, hot)
	var f device.Figures
	var c device.Cell
	device.Evaluate(&p, &process, &at, &f, &c)
	var missed []string
	for i, v := range f.Violations {
		if v > 0 {
			missed = append(missed, fmt.Sprintf("%s is missed by %.3g of its scale", device.ViolationName(i), v))
		}
	}
	return c, missed, nil
}
