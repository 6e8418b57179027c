package validation

import (
	"fmt"
	"strings"

	"stco/model"
	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
)

// bitcellDeviations are the differences of the bitcells, and of the networks
// and the PE array whose documents number theirs.
func bitcellDeviations() []Deviation {
	return []Deviation{
		{Number: "B1", Title: "threshold at 0.75 ns", Reason: "the logarithmic pulse law of the source, set on its threshold at 1 ns, gives 0.845 V at 0.75 ns; its measured points at that width are 2 to 8 % above its own fit"},
		{Number: "B2", Title: "gate assist of the reference device", Reason: "a gate voltage cuts the current by its field over the anisotropy field (E14): by 13 % for the reference device at a barrier of 1.4 nm. Anisotropy and barrier of the measured device are not in the abstract that is quoted"},
		{Number: "B3", Title: "read selector above the cell", Reason: "the layout rule takes the whole read transistor away: 43 % at four fins. What pitch and wires of the selector itself need is not counted, so that the saving is an upper end; 10 to 40 % is published for 7 nm"},
		{Number: "B4", Title: "switching density of the 8 Kb array", Reason: "its anisotropy field is not public: the table assumes 0.20 T. With the shunt of the free layer the density is a quarter above the measurement, without it inside"},
		{Number: "W1", Title: "pooling indices and dropout masks", Reason: "a pooling index and a dropout mask take 1 byte here, 8 and 4 in PyTorch on a CPU: a fifth of the bytes of AlexNet (docs/model-workload.md)"},
		{Number: "S1", Title: "padding is not read", Reason: "SCALE-Sim counts a read for every tap over padding, the model only those inside the image (docs/deviations-systolic.md, 1)"},
	}
}

// bitcells compares presets of package device with published devices.
func (r *Report) bitcells(in *Input) error {
	t, err := in.read(bitcellFile)
	if err != nil {
		return err
	}
	for i, row := range t.rows {
		ours, err := deviceFigure(in.Tables, row["preset"], row["quantity"], number(row["pulse_ns"])*1e-9)
		if err != nil {
			return fmt.Errorf("%s: %w", t.at(i), err)
		}
		c := Check{
			Group: "bitcell", Source: row["device"], Row: t.at(i), Case: fmt.Sprintf("preset %s, pulse of %s ns", row["preset"], row["pulse_ns"]),
			Quantity: row["quantity"], Unit: row["unit"], Ours: ours, Theirs: number(row["published"]),
			Low: number(row["low"]), High: number(row["high"]), Note: strings.TrimSuffix(row["source"]+"; "+row["note"], "; "),
		}
		switch {
		case strings.HasPrefix(row["quantity"], "threshold "):
			c.judge("B1")
		case row["quantity"] == "current cut by 1 V on the gate":
			c.judge("B2")
		case row["quantity"] == "switching density":
			c.judge("B4")
		case row["quantity"] == "area cut by an oxide selector":
			c.judge("B3")
		default:
			c.judge(Unexplained)
		}
		r.add(c)
	}
	return nil
}

// deviceFigure evaluates a preset at 300 K on the 14 nm node and returns the
// figure in the unit of the published table.
func deviceFigure(tables *tech.Tables, preset, quantity string, pulse float64) (float64, error) {
	node, err := tables.Node("14nm", tech.LowOperatingPower)
	if err != nil {
		return 0, err
	}
	p, err := device.Preset(tables, preset)
	if err != nil {
		return 0, err
	}
	p.Pulse = pulse
	process := model.Process(node, 300)
	at := device.Operating{Cold: 300, Nominal: 300, Hot: 300, BitError: 1e-6}
	eval := func(p device.Params) (f device.Figures, c device.Cell) {
		device.Evaluate(&p, &process, &at, &f, &c)
		return f, c
	}
	with := func(s device.Selector) (device.Figures, device.Cell) {
		q := p
		q.Selector = s
		return eval(q)
	}
	f, cell := eval(p)
	threshold := float64(f.HalfCurrent) * float64(f.Channel)
	switch quantity {
	case "thermal stability":
		return f.DeltaNominal, nil
	case "channel resistance":
		return float64(f.Channel), nil
	case "parallel resistance":
		return float64(f.Parallel) * 1e-3, nil
	case "threshold voltage":
		return threshold, nil
	case "threshold energy":
		return threshold * threshold / float64(f.Channel) * pulse * 1e12, nil
	case "write energy":
		return float64(f.ChannelEnergy) * 1e15, nil
	case "current cut by 1 V on the gate":
		thick := p
		thick.Barrier = 1.4e-9
		plain, _ := eval(thick)
		thick.GateVoltage = 1
		gated, _ := eval(thick)
		return 100 * (1 - float64(gated.CriticalCurrent/plain.CriticalCurrent)), nil
	case "area cut by an oxide selector":
		oxide, _ := with(device.IGZO)
		return 100 * (1 - float64(oxide.Area/f.Area)), nil
	case "read voltage with a diode over that without":
		_, diode := with(device.Diode)
		return float64(diode.ReadVoltage / cell.ReadVoltage), nil
	case "switching density":
		return float64(f.HalfCurrent) / (p.ChannelWidth * p.ChannelThickness), nil
	case "stability at 76 over that at 44 nm on the plateau":
		p.StabilityExponent = 0
		wide, narrow := atDiameter(p, 76e-9, eval), atDiameter(p, 44e-9, eval)
		return wide.DeltaNominal / narrow.DeltaNominal, nil
	case "critical current at 76 over that at 44 nm":
		wide, narrow := atDiameter(p, 76e-9, eval), atDiameter(p, 44e-9, eval)
		return float64(wide.CriticalCurrent / narrow.CriticalCurrent), nil
	case "threshold density at 30 over that at 80 nm":
		wide, narrow := atDiameter(p, 80e-9, eval), atDiameter(p, 30e-9, eval)
		return float64(narrow.CriticalCurrent/wide.CriticalCurrent) * 80 / 30, nil
	case "2T1R pitches, two fingers":
		p.WriteFingers = 2
		_, pitches := p.CellArea(&process, 4, 1)
		return pitches, nil
	}
	if material, ok := strings.CutPrefix(quantity, "current over that of pt0.6-mgo0.4: "); ok {
		return relativeCurrent(tables, p, material, eval)
	}
	var gate, fin, fins float64
	for _, form := range []string{"STT", "2T1R"} {
		if _, err := fmt.Sscanf(quantity, form+" cell, gate pitch %g nm, fin pitch %g nm, %g fins", &gate, &fin, &fins); err == nil {
			drawn := device.Process{GatePitch: units.Length(gate * 1e-9), FinPitch: units.Length(fin * 1e-9)}
			p.Diameter, p.ChannelWidth, p.ChannelExtension = 30e-9, 30e-9, 20e-9 // below the transistors: their rule is compared
			area, _ := p.CellArea(&drawn, fins, 1)
			return float64(area) * 1e12, nil
		}
	}
	return 0, fmt.Errorf("no figure %q of a bitcell", quantity)
}

// atDiameter evaluates a cell whose channel is as wide as its pillar.
func atDiameter(p device.Params, diameter float64, eval func(device.Params) (device.Figures, device.Cell)) device.Figures {
	p.Diameter, p.ChannelWidth, p.EtchDamage = diameter, diameter, 0
	f, _ := eval(p)
	return f
}

// relativeCurrent returns the critical current with a channel material over
// that with Pt0.6(MgO)0.4, under a pillar as wide as the channel.
func relativeCurrent(tables *tech.Tables, p device.Params, material string, eval func(device.Params) (device.Figures, device.Cell)) (float64, error) {
	p.ChannelWidth = p.Diameter
	current := map[string]float64{}
	for _, name := range []string{material, "pt0.6-mgo0.4"} {
		m, err := tables.SOTMaterial(name)
		if err != nil {
			return 0, err
		}
		p.SetMaterial(&m)
		f, _ := eval(p)
		current[name] = float64(f.CriticalCurrent)
	}
	return current[material] / current["pt0.6-mgo0.4"], nil
}
