package experiments

import (
	"fmt"
	"math"
	"strconv"

	"go.yaml.in/yaml/v4"

	"stco/model"
	"stco/model/array"
	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
)

// ArrayOptions are the flags of one array evaluation, as texts with units.
type ArrayOptions struct {
	Cell                                 string // sram, sram-hp, sot, stt, or the name of CellFile
	CellFile                             []byte // of a user cell; nil for a named one
	Node, Flavour, Temperature, Capacity string
	Target, ECC, Ports                   string
	Banks, Word, Rows, Columns           int
	AreaSlack                            float64
}

// ArrayCells lists the named cells.
func ArrayCells() []string { return []string{"sram", "sram-hp", "sot", "stt"} }

// Array evaluates one array. Violations are texts: a cell that cannot be
// written or read is no error.
func Array(o ArrayOptions) (sheet *Sheet, violations []string, err error) {
	d := &decoder{file: "array"}
	note := func(err error) { d.noteErr(nil, "", err) }
	flavour, err := tech.ParseFlavour(o.Flavour)
	note(err)
	temperature, err := units.Parse[units.Temperature](o.Temperature)
	note(err)
	capacity, err := units.Parse[units.Bytes](o.Capacity)
	note(err)
	spec := array.Spec{Capacity: capacity, Banks: o.Banks, WordBits: o.Word, AreaSlack: o.AreaSlack, Rows: o.Rows, Columns: o.Columns}
	spec.Target, err = array.ParseTarget(o.Target)
	note(err)
	spec.ECC, err = array.ParseECC(o.ECC)
	note(err)
	spec.Ports, err = array.ParsePorts(o.Ports)
	note(err)
	if err := d.err(); err != nil {
		return nil, nil, err
	}
	tables := catalog().Tables
	node, err := tables.Node(o.Node, flavour)
	if err != nil {
		return nil, nil, badInput("array", err)
	}
	circuits, err := tables.Circuits()
	if err != nil {
		return nil, nil, err
	}
	solver, err := array.NewSolver(node, array.Options{Temperature: temperature, Circuits: *circuits})
	if err != nil {
		return nil, nil, badInput("array", err)
	}
	cell, missed, err := bitcell(&o, node, spec.Ports, temperature)
	if err != nil {
		return nil, nil, err
	}
	var f array.Figures
	if err := solver.Solve(&cell, &spec, &f); err != nil {
		return nil, nil, badInput("array", err)
	}
	num := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	s := &Sheet{Header: []string{"area_mm2", "read_latency_s", "write_latency_s", "read_energy_J", "write_energy_J", "leakage_W", "organisation", "read_cycle_s", "write_cycle_s", "array_efficiency", "cell_area_um2"}}
	s.add(num(float64(f.Area.Total)*1e6), num(float64(f.Read.Total)), num(float64(f.Write.Total)), num(float64(f.ReadEnergy.Total)),
		num(float64(f.WriteEnergy.Total)), num(float64(f.Leakage)), f.Organisation.String(), num(float64(f.ReadCycle)), num(float64(f.WriteCycle)),
		num(f.Efficiency), num(float64(cell.Area())*1e12))
	if f.Violations.WriteDrive > 0 {
		missed = append(missed, fmt.Sprintf("write drive: the path needs %.3g times its supply", 1+f.Violations.WriteDrive))
	}
	if f.Violations.ReadSignal > 0 {
		missed = append(missed, fmt.Sprintf("read signal: %.3g times what the cell gives is needed", 1+f.Violations.ReadSignal))
	}
	return s, missed, nil
}

// bitcell returns a named cell or that of a user's file.
func bitcell(o *ArrayOptions, node *tech.Node, ports array.Ports, t units.Temperature) (device.Cell, []string, error) {
	switch o.Cell {
	case "sram":
		return array.SRAM(node, array.HighDensity, ports, t), nil, nil
	case "sram-hp":
		return array.SRAM(node, array.HighSpeed, ports, t), nil, nil
	case "stt":
		// The aggressive cell of the peers' samples.
		u := array.UserCell{
			Technology: device.STT, AreaF2: 54, Aspect: 0.54, AccessF: 8, On: 3000, Off: 6000, ReadVoltage: 0.25,
			WriteCurrent: 80e-6, WritePulse: 10e-9, WriteEnergy: 1e-12,
		}
		c, err := u.Cell(node, t)
		return c, nil, err
	case "sot":
		e, err := defaultCell(node.Name, node.Flavour.String())
		if err != nil {
			return device.Cell{}, nil, err
		}
		return e.Report.Cell, e.Failures, nil
	}
	if o.CellFile == nil {
		return device.Cell{}, nil, badInput("cell "+o.Cell, fmt.Errorf("unknown; use %v or a file", ArrayCells()))
	}
	u, err := parseCell(o.Cell, o.CellFile)
	if err != nil {
		return device.Cell{}, nil, err
	}
	c, err := u.Cell(node, t)
	return c, nil, badInput(o.Cell, err)
}

// defaultCell evaluates the default design's bitcell on a node.
func defaultCell(node, flavour string) (*Evaluation, error) {
	d, err := ParseDesign("default design", ExampleDesign())
	if err != nil {
		return nil, err
	}
	d.Setup.Node, d.Design.Flavour = node, flavour
	d.Setup.Workloads = d.Setup.Workloads[:1]
	m, err := model.New(catalog(), d.Setup)
	if err != nil {
		return nil, err
	}
	e, err := m.NewEvaluator()
	if err != nil {
		return nil, err
	}
	out := &Evaluation{Model: m}
	return out, e.Evaluate(&d.Design, &out.Report)
}

// parseCell reads a user cell: a mapping from names to quantities.
func parseCell(file string, text []byte) (*array.UserCell, error) {
	d := &decoder{file: file}
	u := &array.UserCell{Technology: device.STT, Aspect: 1}
	read := func(dim units.Dimension, set func(float64)) func(*yaml.Node, string) {
		return func(n *yaml.Node, key string) {
			if v, ok := d.quantity(n, key, dim, 0, math.MaxFloat64); ok {
				set(v)
			}
		}
	}
	if root := d.parse(text); root != nil {
		d.mapping(root, "", []field{
			{"technology", true, func(n *yaml.Node, key string) {
				names := []string{"sram", "sot", "stt"}
				if w, ok := d.word(n, key, names); ok {
					u.Technology = map[string]device.Technology{"sram": device.SRAM, "sot": device.SOT, "stt": device.STT}[w]
				}
			}},
			{"area", false, read(units.DimArea, func(v float64) { u.Area = units.Area(v) })},
			{"area_f2", false, read(units.DimRatio, func(v float64) { u.AreaF2 = v })},
			{"aspect", false, read(units.DimRatio, func(v float64) { u.Aspect = v })},
			{"access_width", false, read(units.DimLength, func(v float64) { u.AccessWidth = units.Length(v) })},
			{"access_f", false, read(units.DimRatio, func(v float64) { u.AccessF = v })},
			{"r_on", false, read(units.DimResistance, func(v float64) { u.On = units.Resistance(v) })},
			{"r_off", false, read(units.DimResistance, func(v float64) { u.Off = units.Resistance(v) })},
			{"read_voltage", false, read(units.DimVoltage, func(v float64) { u.ReadVoltage = units.Voltage(v) })},
			{"write_current", false, read(units.DimCurrent, func(v float64) { u.WriteCurrent = units.Current(v) })},
			{"write_pulse", false, read(units.DimTime, func(v float64) { u.WritePulse = units.Time(v) })},
			{"write_voltage", false, read(units.DimVoltage, func(v float64) { u.WriteVoltage = units.Voltage(v) })},
			{"write_resistance", false, read(units.DimResistance, func(v float64) { u.WritePath = units.Resistance(v) })},
			{"write_energy", false, read(units.DimEnergy, func(v float64) { u.WriteEnergy = units.Energy(v) })},
			{"leakage", false, read(units.DimCurrent, func(v float64) { u.CellLeakage = units.Current(v) })},
		})
	}
	return u, d.err()
}
