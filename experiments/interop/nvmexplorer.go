package interop

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"stco/model/device"
)

// nvmexplorer writes a study of NVMExplorer with the cell as a custom cell, and
// a text beside it, as JSON has no comments. NVMExplorer prints area,
// resistances and capacity as whole numbers, so they are whole here.
func nvmexplorer(m *memory, o *Request) ([]Output, error) {
	_, capacity := m.part(o)
	errs := m.nvsimLimits(capacity)
	megabytes := capacity / (1 << 20)
	if megabytes != math.Trunc(megabytes) {
		errs = append(errs, fmt.Errorf("capacity: NVMExplorer takes whole MiB, this is %g MiB; --part buffer or --set capacity=", megabytes))
	}
	if m.node.Flavour.String() != "lop" {
		errs = append(errs, fmt.Errorf("flavour: NVMExplorer runs NVSim in LOP, the design has %s; --set flavour=lop", m.node.Flavour))
	}
	if t := float64(m.design.Setup.Hot); t != 350 {
		errs = append(errs, fmt.Errorf("t_hot: NVMExplorer runs NVSim at 350 K, the design has %g K; --set t_hot=350K", t))
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	d := &m.design.Design
	type object = map[string]any
	whole := func(x float64) int { return int(math.Round(x)) }
	digits := func(x float64) json.Number { return json.Number(number(x)) }
	cell := object{
		"cell_type": "SRAM", "name": m.fileName(), "cell_size_F2": whole(m.squares()),
		"access_CMOS_width": digits(m.sramWidth()),
	}
	if m.cell.Technology != device.SRAM {
		on, off := m.junction()
		cell = object{
			"cell_type": "STT", "name": m.fileName(), "cell_size_F2": whole(m.squares()), "access_CMOS_width": digits(m.accessWidth()),
			"r_on": whole(on), "r_off": whole(off), "read_mode": "current", "read_voltage": digits(float64(m.cell.ReadVoltage)),
			"min_sense_voltage": senseVoltage, "read_power": digits(float64(m.cell.ReadVoltage*m.cell.ReadVoltage) / on * 1e6),
		}
		for _, way := range []string{"set", "reset"} {
			cell[way+"_mode"] = "current"
			cell[way+"_current"] = digits(float64(m.cell.WriteCurrent) * 1e6)
			cell[way+"_pulse"] = digits(float64(m.cell.WritePulse) * 1e9)
			cell[way+"_energy"] = digits(m.writeEnergy() * 1e12)
		}
	}
	study := object{
		"experiment": object{
			"exp_name": m.fileName(), "cell_type": []any{cell["cell_type"]}, "opt_target": []any{nvsimTarget(m.design.Setup.Target)},
			"capacity": []any{int(megabytes)}, "word_width": d.WordBits, "process_node": whole(float64(m.node.Feature) * 1e9),
			"read_size": d.WordBits / 8, "write_size": d.WordBits / 8, "working_set": int(megabytes),
			"traffic": []any{"generic"}, "nvsim_path": "./nvmexplorer_src/nvsim_src/nvsim", "output_path": "./output", "custom_cells": "True",
		},
		"custom_cells": []any{cell},
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	if err := e.Encode(study); err != nil {
		return nil, err
	}
	lost := fmt.Sprintf("code, banks (%d: the capacity is one array of NVSim), channel, read transistor, retention, endurance, write error; min_sense_voltage is read and not used (80 mV); the aspect ratio is always 1.46, ours %.4g; area and resistances are whole numbers (area %.6g F^2)",
		d.Banks, float64(m.cell.Width/m.cell.Height), m.squares())
	text := comment("", append(m.header("the cell and its capacity; NVMExplorer adds NVSim's own wires", lost),
		"units: cell_size_F2 in F^2 of process_node, widths in F, ohm, V, mV, uA, ns, pJ a cell, uW, capacity in MiB, word_width in bits, sizes in B",
		"old pickles in output_path make it skip the run; any text in custom_cells, even False, switches custom cells on"))
	return []Output{{m.fileName() + ".nvmexplorer.json", b.Bytes()}, {m.fileName() + ".nvmexplorer.txt", []byte(text)}}, nil
}

// sramWidth is the width of the pass gate in F.
func (m *memory) sramWidth() float64 { return float64(m.transistors().Pass / m.node.Feature) }
