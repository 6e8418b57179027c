package arrays

import (
	"fmt"
	"io"
	"math"
	"slices"

	"stco/model/array"
	"stco/model/array/bitcell"
	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
)

// Export is a bank of a design that was exported to another tool and run there,
// beside the same cell in ours.
type Export struct {
	Design string // what was exported
	Peer
}

// CompareExports computes our figures for every row of the exported designs: one
// bank, the cell as the files of the tool have it. Areas are held within 0.75 to
// 1.33 of the tool's, latencies and energies within a factor of 1.5, leakage of
// 2.
func CompareExports(tables *tech.Tables, r io.Reader) ([]Export, error) {
	records, err := readRecords(r)
	if err != nil {
		return nil, fmt.Errorf("exported designs: %w", err)
	}
	out := make([]Export, len(records))
	for i := range records {
		if err := out[i].compare(tables, &records[i]); err != nil {
			return nil, fmt.Errorf("exported designs, line %d: %w", records[i].line, err)
		}
	}
	return out, nil
}

func (x *Export) compare(tables *tech.Tables, p *record) error {
	x.Line, x.Design, x.Tool, x.Node, x.Target = p.line, p.text("design"), p.text("tool"), p.text("node"), p.text("target")
	x.Organisation, x.Temperature = p.text("organisation"), units.Temperature(p.need("temp_K"))
	x.WordBits, x.Banks, x.CapacityMiB = int(p.need("word_bits")), 1, p.need("capacity_KiB")/1024
	x.Values = [NumQuantities]float64{
		p.number("area_mm2", 1e-6), p.number("read_ns", 1e-9), p.number("write_ns", 1e-9),
		p.number("read_pJ", 1e-12), p.number("write_pJ", 1e-12), p.number("leak_mW", 1e-3),
	}
	u := bitcell.User{
		AreaF2: p.need("area_f2"), Aspect: p.need("aspect"), AccessF: p.need("access_F"),
		On: units.Resistance(p.given("on_ohm", 1)), Off: units.Resistance(p.given("off_ohm", 1)), ReadVoltage: units.Voltage(p.given("read_V", 1)),
		WriteCurrent: units.Current(p.given("write_uA", 1e-6)), WritePulse: units.Time(p.given("pulse_ns", 1e-9)),
		WritePath: units.Resistance(p.given("path_ohm", 1)), WriteVoltage: units.Voltage(p.given("write_V", 1)),
	}
	u.WriteEnergy, u.CellEnergy = units.Energy(p.given("cell_pJ", 1e-12)), true
	u.Path = units.Resistance(p.given("path_with_access_ohm", 1))
	technology := slices.Index(bitcell.TechnologyNames(), p.text("technology"))
	if technology < 0 {
		return fmt.Errorf("technology %q is not sram, sot or stt", p.text("technology"))
	}
	u.Technology = device.Technology(technology)
	x.Cell = [...]string{"SRAM", "SOT", "STT"}[u.Technology]
	var err error
	if x.Flavour, err = tech.ParseFlavour(p.text("flavour")); err != nil {
		return err
	}
	if p.err != nil {
		return p.err
	}
	node, err := tables.Node(x.Node, x.Flavour)
	if err != nil {
		return err
	}
	cell, err := u.Cell(node, x.Temperature)
	if err != nil {
		return err
	}
	spec := array.DefaultSpec()
	spec.Capacity, spec.WordBits = units.Bytes(x.CapacityMiB*(1<<20)), x.WordBits
	if spec.Target, err = x.target(); err != nil {
		return err
	}
	if err := x.solve(tables, node, &cell, &spec, x.Temperature); err != nil {
		return err
	}
	for q := range NumQuantities {
		low, high := 1/bandFactor, bandFactor
		switch q { //nolint:exhaustive // the others have the band of latencies and energies
		case QArea:
			low, high = areaLow, areaHigh
		case QLeakage:
			low, high = 1/leakFactor, leakFactor
		}
		v := x.Values[q]
		x.Band[q] = [2]float64{v * low, v * high}
		if o := x.Figure(q); !math.IsNaN(v) && (o < x.Band[q][0] || o > x.Band[q][1]) {
			x.Deviation[q] = explain(Outside{Export: true, Tool: x.Tool, Cell: x.Cell, Node: x.Node, Target: x.Target, Flavour: x.Flavour, CapacityMiB: x.CapacityMiB, Quantity: q, High: o > x.Band[q][1], Ratio: o / v})
		}
	}
	return nil
}
