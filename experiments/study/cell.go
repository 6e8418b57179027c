package study

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"stco/model/array/bitcell"
	"stco/model/device"
	"stco/model/units"
)

// cellValue is a quantity of a user cell: its name, its range, where it goes.
type cellValue struct {
	name      string
	dim       units.Dimension
	low, high float64
	into      func(u *bitcell.User) *float64
	nvsim     string // keys of a cell file of NVSim, with their unit; the larger of several counts
}

// cellValues lists what a user cell may give.
func cellValues() []cellValue {
	return []cellValue{
		{"area", units.DimArea, 1e-17, 1e-10, func(u *bitcell.User) *float64 { return (*float64)(&u.Area) }, ""},
		{"area_f2", units.DimRatio, 1, 1e5, func(u *bitcell.User) *float64 { return &u.AreaF2 }, "CellArea (F^2)"},
		{"aspect", units.DimRatio, 0.05, 20, func(u *bitcell.User) *float64 { return &u.Aspect }, "CellAspectRatio"},
		{"access_width", units.DimLength, 1e-9, 1e-4, func(u *bitcell.User) *float64 { return (*float64)(&u.AccessWidth) }, ""},
		{"access_f", units.DimRatio, 0.1, 1e4, func(u *bitcell.User) *float64 { return &u.AccessF }, "AccessCMOSWidth (F)"},
		{"down_f", units.DimRatio, 0.1, 1e3, func(u *bitcell.User) *float64 { return &u.DownF }, "SRAMCellNMOSWidth (F)"},
		{"up_f", units.DimRatio, 0.1, 1e3, func(u *bitcell.User) *float64 { return &u.UpF }, "SRAMCellPMOSWidth (F)"},
		{"r_on", units.DimResistance, 1, 1e9, func(u *bitcell.User) *float64 { return (*float64)(&u.On) }, "ResistanceOn (ohm)"},
		{"r_off", units.DimResistance, 1, 1e9, func(u *bitcell.User) *float64 { return (*float64)(&u.Off) }, "ResistanceOff (ohm)"},
		{"read_voltage", units.DimVoltage, 1e-3, 5, func(u *bitcell.User) *float64 { return (*float64)(&u.ReadVoltage) }, "ReadVoltage (V)"},
		{"read_current", units.DimCurrent, 1e-9, 1e-2, func(u *bitcell.User) *float64 { return (*float64)(&u.ReadCurrent) }, "ReadCurrent (uA)"},
		{"read_delay", units.DimTime, 1e-15, 1e-6, func(u *bitcell.User) *float64 { return (*float64)(&u.ReadDelay) }, ""},
		{"write_current", units.DimCurrent, 1e-9, 1e-1, func(u *bitcell.User) *float64 { return (*float64)(&u.WriteCurrent) }, "SetCurrent (uA),ResetCurrent (uA)"},
		{"write_pulse", units.DimTime, 1e-12, 1e-3, func(u *bitcell.User) *float64 { return (*float64)(&u.WritePulse) }, "SetPulse (ns),ResetPulse (ns)"},
		{"write_voltage", units.DimVoltage, 0.01, 20, func(u *bitcell.User) *float64 { return (*float64)(&u.WriteVoltage) }, "SetVoltage (V),ResetVoltage (V)"},
		{"write_resistance", units.DimResistance, 1, 1e9, func(u *bitcell.User) *float64 { return (*float64)(&u.WritePath) }, ""},
		{"write_energy", units.DimEnergy, 1e-21, 1e-6, func(u *bitcell.User) *float64 { return (*float64)(&u.WriteEnergy) }, "SetEnergy (pJ),ResetEnergy (pJ)"},
		{"leakage", units.DimCurrent, 1e-21, 1e-3, func(u *bitcell.User) *float64 { return (*float64)(&u.CellLeakage) }, ""},
	}
}

// ParseCell reads a user cell: a mapping from names to quantities (YAML or
// JSON), or a cell file of NVSim, DESTINY and NS-Cache, whose first key is
// -MemCellType.
func ParseCell(file string, text []byte) (*bitcell.User, error) {
	if bytes.Contains(text, []byte("-MemCellType")) {
		return parseNVSimCell(file, text)
	}
	d := &decoder{file: file}
	u := &bitcell.User{Aspect: 1}
	fields := []field{{"technology", true, func(n *yaml.Node, key string) {
		names := []string{"sram", "sot", "stt"}
		if w, ok := d.word(n, key, names); ok {
			u.Technology = device.Technology(slices.Index(names, w))
		}
	}}}
	for _, v := range cellValues() {
		fields = append(fields, field{v.name, false, func(n *yaml.Node, key string) {
			if x, ok := d.quantity(n, key, v.dim, v.low, v.high); ok {
				*v.into(u) = x
			}
		}})
	}
	if root := d.parse(text); root != nil {
		d.mapping(root, "", fields)
	}
	return u, d.err()
}

// nvsimScales are the units of the keys of NVSim's cell files in SI.
func nvsimScales() map[string]float64 {
	return map[string]float64{"F^2": 1, "F": 1, "ohm": 1, "V": 1, "uA": 1e-6, "ns": 1e-9, "pJ": 1e-12, "": 1}
}

// parseNVSimCell reads lines "-Key (unit): value". A resistive cell with one
// path is an STT cell; SOT cells are an extension of the format. Keys that the
// model derives itself are passed over.
func parseNVSimCell(file string, text []byte) (*bitcell.User, error) {
	d := &decoder{file: file}
	u := &bitcell.User{Aspect: 1}
	known, seen := map[string]cellValue{}, map[string]bool{}
	for _, v := range cellValues() {
		for key := range strings.SplitSeq(v.nvsim, ",") {
			if key != "" {
				known[key] = v
			}
		}
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		key, value, ok := strings.Cut(strings.TrimSpace(lines.Text()), ":")
		key, given := strings.CutPrefix(strings.TrimSpace(key), "-")
		if !ok || !given {
			continue
		}
		value, _, _ = strings.Cut(value, "//")
		value = strings.TrimSpace(value)
		wrong := func(format string, args ...any) {
			d.problems = append(d.problems, Problem{Line: n, Column: 1, Key: key, Message: fmt.Sprintf(format, args...)})
		}
		if key == "MemCellType" {
			kinds := map[string]device.Technology{"SRAM": device.SRAM, "MRAM": device.STT, "STTRAM": device.STT, "SOTRAM": device.SOT, "SOT-MRAM": device.SOT}
			kind, ok := kinds[value]
			if !ok {
				wrong("%q is not SRAM, MRAM, STTRAM or SOTRAM", value)
			}
			u.Technology = kind
			continue
		}
		v, ok := known[key]
		if !ok {
			continue
		}
		_, unit, _ := strings.Cut(key, "(")
		x, err := strconv.ParseFloat(value, 64)
		x *= nvsimScales()[strings.TrimSuffix(unit, ")")]
		if err != nil || !(x >= v.low && x <= v.high) {
			wrong("%q is no number from %s to %s", value, units.Format(v.low, v.dim), units.Format(v.high, v.dim))
			continue
		}
		if seen[v.name] {
			x = max(x, *v.into(u))
		}
		seen[v.name], *v.into(u) = true, x
	}
	if u.Technology != device.SRAM {
		u.DownF, u.UpF = 0, 0
	}
	return u, errors.Join(lines.Err(), d.err())
}
