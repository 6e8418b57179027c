package experiments

import (
	"errors"
	"fmt"
	"strconv"

	"stco/experiments/designs"
	"stco/experiments/study"
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
	var faults []error
	note := func(err error) { faults = append(faults, err) }
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
	if err := errors.Join(faults...); err != nil {
		return nil, nil, study.BadInput("array", err)
	}
	tables := study.Catalog().Tables
	node, err := tables.Node(o.Node, flavour)
	if err != nil {
		return nil, nil, study.BadInput("array", err)
	}
	circuits, err := tables.Circuits()
	if err != nil {
		return nil, nil, err
	}
	solver, err := array.NewSolver(node, array.Options{Temperature: temperature, Circuits: *circuits})
	if err != nil {
		return nil, nil, study.BadInput("array", err)
	}
	cell, missed, err := bitcell(&o, node, spec.Ports, temperature)
	if err != nil {
		return nil, nil, err
	}
	var f array.Figures
	if err := solver.Solve(&cell, &spec, &f); err != nil {
		return nil, nil, study.BadInput("array", err)
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
		return device.Cell{}, nil, study.BadInput("cell "+o.Cell, fmt.Errorf("unknown; use %v or a file", ArrayCells()))
	}
	u, err := study.ParseCell(o.Cell, o.CellFile)
	if err != nil {
		return device.Cell{}, nil, err
	}
	c, err := u.Cell(node, t)
	return c, nil, study.BadInput(o.Cell, err)
}

// defaultCell evaluates the default design's bitcell on a node.
func defaultCell(node, flavour string) (*designs.Evaluation, error) {
	d, err := study.ParseDesign("default design", study.ExampleDesign())
	if err != nil {
		return nil, err
	}
	d.Setup.Node, d.Design.Flavour = node, flavour
	d.Setup.Workloads = d.Setup.Workloads[:1]
	m, err := model.New(study.Catalog(), d.Setup)
	if err != nil {
		return nil, err
	}
	e, err := m.NewEvaluator()
	if err != nil {
		return nil, err
	}
	out := &designs.Evaluation{Model: m}
	return out, e.Evaluate(&d.Design, &out.Report)
}
