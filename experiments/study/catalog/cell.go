package catalog

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"stco/experiments/study/strict"
	"stco/model/array/bitcell"
	"stco/model/device"
	"stco/model/near"
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
		{"read_gate_cap", units.DimCapacitance, 1e-21, 1e-12, func(u *bitcell.User) *float64 { return (*float64)(&u.ReadGate) }, ""},
		{"write_gate_cap", units.DimCapacitance, 1e-21, 1e-12, func(u *bitcell.User) *float64 { return (*float64)(&u.WriteGate) }, ""},
		{"read_drain_cap", units.DimCapacitance, 1e-21, 1e-12, func(u *bitcell.User) *float64 { return (*float64)(&u.ReadDrain) }, ""},
		{"write_drain_cap", units.DimCapacitance, 1e-21, 1e-12, func(u *bitcell.User) *float64 { return (*float64)(&u.WriteDrain) }, ""},
		{"parallel_current", units.DimCurrent, 1e-12, 1e-2, func(u *bitcell.User) *float64 { return (*float64)(&u.Parallel) }, ""},
		{"antiparallel_current", units.DimCurrent, 1e-12, 1e-2, func(u *bitcell.User) *float64 { return (*float64)(&u.Antiparallel) }, ""},
		{"write_path", units.DimResistance, 1, 1e9, func(u *bitcell.User) *float64 { return (*float64)(&u.Path) }, ""},
		{"supply_energy", units.DimEnergy, 1e-21, 1e-6, func(u *bitcell.User) *float64 { return (*float64)(&u.SupplyEnergy) }, ""},
		{"write_tries", units.DimRatio, 1, 64, func(u *bitcell.User) *float64 { return &u.Tries }, ""},
		{"write_failure", units.DimRatio, 0, 1, func(u *bitcell.User) *float64 { return &u.Failure }, ""},
	}
}

// ParseCell reads a user cell: a mapping from names to quantities (YAML or
// JSON), or a cell file of NVSim, DESTINY and NS-Cache, whose first key is
// -MemCellType.
func ParseCell(file string, text []byte) (*bitcell.User, error) {
	if bytes.Contains(text, []byte("-MemCellType")) {
		return parseNVSimCell(file, text)
	}
	d := reader{strict.New(file)}
	u := &bitcell.User{Aspect: 1}
	if root := d.Parse(text); root != nil {
		d.Mapping(root, "", d.cellFields(u))
	}
	return u, d.Err()
}

// cellFields are the keys of a user cell.
func (d reader) cellFields(u *bitcell.User) []strict.Key {
	fields := []strict.Key{strict.Required("technology", func(n *yaml.Node, key string) {
		names := []string{"sram", "sot", "stt"}
		if w, ok := d.Word(n, key, names); ok {
			u.Technology = device.Technology(slices.Index(names, w))
		}
	})}
	for _, v := range cellValues() {
		fields = append(fields, strict.Optional(v.name, func(n *yaml.Node, key string) {
			if v.name == "supply_energy" && n.Value == "auto" {
				u.CellEnergy = true
				return
			}
			if x, ok := d.Quantity(n, key, v.dim, v.low, v.high); ok {
				*v.into(u) = x
			}
		}))
	}
	return fields
}

// nvsimScales are the units of the keys of NVSim's cell files in SI.
func nvsimScales() map[string]float64 {
	return map[string]float64{"F^2": 1, "F": 1, "ohm": 1, "V": 1, "uA": 1e-6, "ns": 1e-9, "pJ": 1e-12, "": 1}
}

// nvsimUnused are keys of NVSim, DESTINY, NS-Cache and CiMLoop that the model
// derives itself or has no use for.
func nvsimUnused() []string {
	keys := []string{
		"ReadMode", "ReadPower (uW)", "MinSenseVoltage (mV)", "ResetMode", "SetMode", "AccessType", "VoltageDropAccessDevice (V)",
		"ReadFloating", "CapacitanceOn (F)", "CapacitanceOff (F)", "ResetPower (uW)", "SetPower (uW)", "DRAMCellCapacitance (F)",
		"RetentionTime (us)", "Stitching", "Temperature (K)", "ReadPulse (ns)", "AccessTransistorResistance (ohm)", "CellReadLeakEnergyMultiplier",
	}
	for _, at := range []string{"SetVoltage", "ResetVoltage", "ReadVoltage", "HalfReadVoltage", "HalfResetVoltage"} {
		keys = append(keys, "ResistanceOnAt"+at+" (ohm)", "ResistanceOffAt"+at+" (ohm)")
	}
	return keys
}

// nvsimMark begins a comment of stco export: a quantity of a user cell that
// NVSim has no key for.
const nvsimMark = "// stco-cell "

// parseNVSimCell reads lines "-Key (unit): value". A resistive cell with one
// path is an STT cell unless a comment of stco export says what it is; SOT cells
// are an extension of the format. Keys that the model derives itself are passed
// over, unknown ones and those without their unit are noted.
func parseNVSimCell(file string, text []byte) (*bitcell.User, error) {
	d := reader{strict.New(file)}
	u := &bitcell.User{Aspect: 1}
	r := nvsimReader{d: d, u: u, known: map[string]cellValue{}, seen: map[string]bool{}}
	for _, v := range cellValues() {
		for key := range strings.SplitSeq(v.nvsim, ",") {
			if key != "" {
				r.known[key] = v
			}
		}
	}
	var extras strings.Builder
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		if extra, ok := strings.CutPrefix(lines.Text(), nvsimMark); ok {
			extras.WriteString(extra)
		} else {
			r.line(n, lines.Text())
		}
		extras.WriteByte('\n') // a problem keeps its line
	}
	if u.Technology != device.SRAM {
		u.DownF, u.UpF = 0, 0
	}
	if strings.TrimSpace(extras.String()) != "" {
		if root := d.Parse([]byte(extras.String())); root != nil {
			d.Mapping(root, "", d.cellFields(u))
		}
	}
	return u, errors.Join(lines.Err(), d.Err())
}

// nvsimReader reads the lines of a cell file.
type nvsimReader struct {
	d     reader
	u     *bitcell.User
	known map[string]cellValue
	seen  map[string]bool
}

func (r *nvsimReader) line(n int, text string) {
	key, value, ok := strings.Cut(strings.TrimSpace(text), ":")
	key, given := strings.CutPrefix(strings.TrimSpace(key), "-")
	if !ok || !given {
		return
	}
	value, _, _ = strings.Cut(value, "//")
	value = strings.TrimSpace(value)
	wrong := func(format string, args ...any) {
		r.d.Problems = append(r.d.Problems, strict.Fault{Line: n, Column: 1, Key: key, Message: fmt.Sprintf(format, args...)})
	}
	if key == "MemCellType" {
		kinds := map[string]device.Technology{"SRAM": device.SRAM, "MRAM": device.STT, "STTRAM": device.STT, "SOTRAM": device.SOT, "SOT-MRAM": device.SOT}
		kind, ok := kinds[value]
		if !ok {
			wrong("%q is not SRAM, MRAM, STTRAM or SOTRAM", value)
		}
		r.u.Technology = kind
		return
	}
	v, ok := r.known[key]
	if !ok {
		all := nvsimUnused()
		if !slices.Contains(all, key) {
			all = slices.AppendSeq(all, maps.Keys(r.known))
			slices.Sort(all)
			hint := near.Hint(key, all)
			for _, k := range all {
				if strings.HasPrefix(k, key+" (") {
					hint = fmt.Sprintf("; want %q, with its unit", k)
				}
			}
			wrong("unknown key%s", hint)
		}
		return
	}
	_, unit, _ := strings.Cut(key, "(")
	x, err := strconv.ParseFloat(value, 64)
	x *= nvsimScales()[strings.TrimSuffix(unit, ")")]
	if err != nil || !(x >= v.low && x <= v.high) {
		wrong("%q is no number from %s to %s", value, units.Format(v.low, v.dim), units.Format(v.high, v.dim))
		return
	}
	if r.seen[v.name] {
		x = max(x, *v.into(r.u))
	}
	r.seen[v.name], *v.into(r.u) = true, x
}
