package interop

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"stco/experiments/study/catalog"
	"stco/model/array"
	"stco/model/array/bitcell"
	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
)

// squares is the cell's area in squares of the node's feature size.
func (m *memory) squares() float64 {
	f := float64(m.node.Feature)
	return float64(m.cell.Area()) / (f * f)
}

// nvsimLimits names what the files of NVSim cannot hold.
func (m *memory) nvsimLimits(capacity float64) []error {
	d, s := &m.design.Design, &m.design.Setup
	var errs []error
	if f := float64(m.node.Feature) * 1e9; f < 22 || f != math.Round(f) {
		errs = append(errs, fmt.Errorf("node: NVSim has none below 22 nm; --set node=22nm evaluates the design again there (%s is %g nm)", m.node.Name, f))
	}
	if t := float64(s.Hot); t < 300 || t > 400 {
		errs = append(errs, fmt.Errorf("t_hot: NVSim takes 300 to 400 K, the design has %g K; --set t_hot=350K", t))
	}
	if !powerOfTwo(capacity) {
		errs = append(errs, fmt.Errorf("capacity: NVSim takes powers of two, this is %.0f B; --set capacity= or banks=", capacity))
	}
	if !powerOfTwo(float64(d.WordBits)) {
		errs = append(errs, fmt.Errorf("word: NVSim takes powers of two, the design has %d bits; --set word=", d.WordBits))
	}
	return errs
}

// writeEnergy is the energy of the cell's write path alone, channel or junction
// with its transistor; drivers and bitlines are the tool's.
func (m *memory) writeEnergy() float64 { return float64(m.report.Device.WriteEnergy) }

// junction returns the two resistances of the junction at the read voltage.
func (m *memory) junction() (on, off float64) {
	f := &m.report.Device
	return float64(f.Parallel), float64(f.Parallel) * (1 + f.TMR)
}

// accessWidth is the effective gate width of the write transistor in F.
func (m *memory) accessWidth() float64 {
	return m.report.Device.WriteFins * float64(m.node.FinWidth/m.node.Feature)
}

// senseVoltage is the least voltage at the sense amplifier, that of NVSim's
// sample of a magnetic cell; ours senses a current.
const senseVoltage = 25 // mV

// nvsimCell writes the keys of a cell file.
func (m *memory) nvsimCell() string {
	var b strings.Builder
	key := func(name string, v float64) { fmt.Fprintf(&b, "-%s: %s\n", name, number(v)) }
	if m.cell.Technology == device.SRAM {
		s, f := m.transistors(), m.node.Feature
		b.WriteString("-MemCellType: SRAM\n")
		key("CellArea (F^2)", m.squares())
		key("CellAspectRatio", float64(m.cell.Width/m.cell.Height))
		b.WriteString("-ReadMode: voltage\n-AccessType: CMOS\n")
		key("AccessCMOSWidth (F)", float64(s.Pass/f))
		key("SRAMCellNMOSWidth (F)", float64(s.Down/f))
		key("SRAMCellPMOSWidth (F)", float64(s.PullUp/f))
		return b.String()
	}
	on, off := m.junction()
	b.WriteString("-MemCellType: MRAM\n")
	key("CellArea (F^2)", m.squares())
	key("CellAspectRatio", float64(m.cell.Width/m.cell.Height))
	key("ResistanceOn (ohm)", on)
	key("ResistanceOff (ohm)", off)
	b.WriteString("-ReadMode: current\n")
	key("ReadVoltage (V)", float64(m.cell.ReadVoltage))
	key("MinSenseVoltage (mV)", senseVoltage)
	key("ReadPower (uW)", float64(m.cell.ReadVoltage*m.cell.ReadVoltage)/on*1e6)
	for _, way := range []string{"Reset", "Set"} {
		fmt.Fprintf(&b, "-%sMode: current\n", way)
		key(way+"Current (uA)", float64(m.cell.WriteCurrent)*1e6)
		key(way+"Pulse (ns)", float64(m.cell.WritePulse)*1e9)
		key(way+"Energy (pJ)", m.writeEnergy()*1e12)
	}
	b.WriteString("-AccessType: CMOS\n")
	key("VoltageDropAccessDevice (V)", float64(m.report.Device.ParallelCurrent)*(float64(m.cell.ReadVoltage)/float64(m.report.Device.ParallelCurrent)-on))
	key("AccessCMOSWidth (F)", m.accessWidth())
	return b.String()
}

// transistors are the widths of the design's SRAM cell.
func (m *memory) transistors() tech.SRAMCell {
	setup := &m.design.Setup
	if name := setup.Cells[device.SRAM]; name != "" {
		if u, err := bitcell.FromTable(catalog.Of(setup).Tables, name); err == nil { // the model has read it before
			return u.Transistors(m.node, setup.Hot)
		}
	}
	if setup.SRAMCell == bitcell.HighSpeed {
		return m.node.Fast
	}
	return m.node.Dense
}

// extras are the quantities of a user cell that NVSim has no keys for, as
// comments that stco array reads back: with them the cell is the exported one.
func (m *memory) extras() string {
	c := &m.cell
	lines := []string{"technology: " + c.Technology.String()}
	add := func(name string, v float64, d units.Dimension) {
		lines = append(lines, name+": "+units.FormatExact(v, d))
	}
	add("read_gate_cap", float64(c.ReadGateCap), units.DimCapacitance)
	add("read_drain_cap", float64(c.ReadDrainCap), units.DimCapacitance)
	if c.Technology != device.SRAM {
		add("write_gate_cap", float64(c.WriteGateCap), units.DimCapacitance)
		add("write_drain_cap", float64(c.WriteDrainCap), units.DimCapacitance)
		add("parallel_current", float64(c.ReadCurrent+c.SenseCurrent), units.DimCurrent)
		add("antiparallel_current", float64(c.ReadCurrent-c.SenseCurrent), units.DimCurrent)
		if c.ReadDelay > 0 {
			add("read_delay", float64(c.ReadDelay), units.DimTime)
		}
		if c.SenseFactor > 0 && c.SenseFactor != 1 {
			add("sense_factor", c.SenseFactor, units.DimRatio)
		}
		add("write_path", float64(c.WriteResistance), units.DimResistance)
		if c.WriteVoltage > 0 {
			add("write_voltage", float64(c.WriteVoltage), units.DimVoltage)
		}
		if c.WriteEnergy > 0 {
			add("supply_energy", float64(c.WriteEnergy), units.DimEnergy)
		} else {
			lines = append(lines, "supply_energy: auto")
		}
		if c.WriteTries > 1 {
			lines = append(lines, fmt.Sprintf("write_tries: %d", c.WriteTries), "write_failure: "+number(c.WriteFailure))
		}
	}
	if c.Leakage > 0 {
		add("leakage", float64(c.Leakage), units.DimCurrent)
	}
	return comment("// stco-cell ", lines)
}

// nvsim writes a cell file and a configuration.
func nvsim(m *memory, o *Request) ([]Output, error) {
	_, capacity := m.part(o)
	if errs := m.nvsimLimits(capacity); len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	lost := "code and its check bits, retention, endurance, write error"
	switch m.cell.Technology {
	case device.SOT:
		lost += fmt.Sprintf(", the channel (%.6g ohm), the read transistor of its own: the transistor given is that of the write path", float64(m.report.Device.Channel))
	case device.STT:
		lost += ", the supply of the write driver"
	case device.SRAM:
	}
	inside := "cell and configuration of " + m.insideText(o)
	if o.Part == "buffer" && m.design.Design.Banks > 1 {
		inside = "the whole capacity as one array of NVSim, with NVSim's own H-tree; not the banks of the design"
	}
	head := comment("// ", m.header(inside, lost))
	name := m.fileName()
	cell := head + comment("// ", []string{m.readBack(name)}) + "// an area in F^2 belongs to F of the configuration beside it; energies are those of a cell, without bitline\n" + m.extras() + m.nvsimCell()
	d := &m.design.Design
	unit, size := "KB", capacity/1024
	if size < 1 {
		unit, size = "B", capacity
	}
	cfg := head + strings.Join([]string{
		"-DesignTarget: RAM",
		"-OptimizationTarget: " + nvsimTarget(m.design.Setup.Target),
		"-EnablePruning: Yes",
		fmt.Sprintf("-ProcessNode: %.0f", float64(m.node.Feature)*1e9),
		fmt.Sprintf("-Capacity (%s): %.0f", unit, size),
		fmt.Sprintf("-WordWidth (bit): %d", d.WordBits),
		"-DeviceRoadmap: " + roadmap(m.node.Flavour),
		"-LocalWireType: LocalAggressive",
		"-LocalWireRepeaterType: RepeatedNone",
		"-LocalWireUseLowSwing: No",
		"-GlobalWireType: GlobalAggressive",
		"-GlobalWireRepeaterType: RepeatedNone",
		"-GlobalWireUseLowSwing: No",
		"-Routing: H-tree",
		"-InternalSensing: true",
		"-StackedDieCount: 1", // of DESTINY, which stacks dies where none is given; NVSim passes over it
		"-MemoryCellInputFile: " + name + ".cell",
		fmt.Sprintf("-Temperature (K): %.0f", float64(m.design.Setup.Hot)),
		"-BufferDesignOptimization: latency",
	}, "\n") + "\n"
	return []Output{{name + ".cell", []byte(cell)}, {name + ".cfg", []byte(cfg)}}, nil
}

// readBack is the command that evaluates the design's buffer with the cell of
// the file.
func (m *memory) readBack(name string) string {
	d, s := &m.design.Design, &m.design.Setup
	c := fmt.Sprintf("read back: stco array --cell %s.cell --node %s --flavour %s --temperature %s --capacity %s --banks %d --word %d --bus %d --ecc %s --codeword %d --ports %s --target %s --area-slack %g",
		name, m.node.Name, d.Flavour, units.FormatExact(float64(s.Hot), units.DimTemperature), units.FormatExact(float64(d.Capacity), units.DimBytes), d.Banks, d.WordBits, d.Bus(), d.ECC, d.Codeword, s.Ports, s.Target, float64(s.AreaSlack))
	if d.Rows > 0 {
		c += fmt.Sprintf(" --rows %d", d.Rows)
	}
	if d.Columns > 0 {
		c += fmt.Sprintf(" --columns %d", d.Columns)
	}
	return c
}

// fileName is the name that the files of an export begin with.
func (m *memory) fileName() string { return "stco_" + m.cell.Technology.String() }

func roadmap(f tech.Flavour) string { return strings.ToUpper(f.String()) }

// nvsimTarget is the target of NVSim that is ours, ReadEDP for the product of
// both energy-delay products, which it has not.
func nvsimTarget(t array.Target) string {
	switch t {
	case array.ReadLatency:
		return "ReadLatency"
	case array.WriteLatency:
		return "WriteLatency"
	case array.ReadEnergy:
		return "ReadDynamicEnergy"
	case array.WriteEnergy:
		return "WriteDynamicEnergy"
	case array.WriteEDP:
		return "WriteEDP"
	case array.LeastArea:
		return "Area"
	case array.LeastLeakage:
		return "LeakagePower"
	case array.EDP, array.ReadEDP:
	}
	return "ReadEDP"
}
