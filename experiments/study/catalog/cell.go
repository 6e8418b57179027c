package catalog

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math"
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
		names := bitcell.TechnologyNames()
		if w, ok := d.Word(n, key, names); ok {
			u.Technology = device.Technology(slices.Index(names, w))
		}
	})}
	for _, v := range bitcell.Properties() {
		fields = append(fields, strict.Optional(v.Name, func(n *yaml.Node, key string) {
			if v.Name == "supply_energy" && n.Value == "auto" {
				u.CellEnergy = true
				return
			}
			x, ok := d.Quantity(n, key, v.Dim, v.Low, v.High)
			if ok && v.Whole && x != math.Trunc(x) {
				d.Note(n, key, "%s is not a whole number", n.Value)
			} else if ok {
				v.Set(u, x)
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
	r := nvsimReader{d: d, u: u, known: map[string]bitcell.Property{}, seen: map[string]bool{}}
	for _, v := range bitcell.Properties() {
		for key := range strings.SplitSeq(v.NVSim, ",") {
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
	known map[string]bitcell.Property
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
	at := 1 + strings.Index(text, "-")
	wrong := func(format string, args ...any) {
		r.d.Problems = append(r.d.Problems, strict.Fault{Line: n, Column: at, Key: key, Message: fmt.Sprintf(format, args...)})
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
	if err != nil || !(x >= v.Low && x <= v.High) {
		at = strings.Index(text, ":") + 2 + strings.Index(text[strings.Index(text, ":")+1:], value)
		wrong("%q is no number from %s to %s", value, units.Format(v.Low, v.Dim), units.Format(v.High, v.Dim))
		return
	}
	if r.seen[v.Name] {
		x = max(x, v.Get(r.u))
	}
	r.seen[v.Name] = true
	v.Set(r.u, x)
}
