package study

import (
	"math"

	"go.yaml.in/yaml/v4"

	"stco/model/array"
	"stco/model/device"
	"stco/model/units"
)

// ParseCell reads a user cell: a mapping from names to quantities.
func ParseCell(file string, text []byte) (*array.UserCell, error) {
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
