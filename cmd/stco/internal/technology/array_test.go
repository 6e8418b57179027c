package technology

import (
	"bytes"
	"encoding/csv"
	"flag"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"stco/experiments/study/catalog"
	"stco/model/device"
	"stco/results"
)

var update = flag.Bool("update", false, "rewrite testdata/cells.csv and the limits of the presets in docs/model-device.md")

func arrayOptions(cell, node, capacity string) ArrayOptions {
	return ArrayOptions{
		Cell: cell, Node: node, Flavour: "lop", Temperature: "350K", Capacity: capacity,
		Target: "read-edp", ECC: "none", Ports: "single", Corner: "typical", Banks: 1, Word: 128, AreaSlack: DefaultAreaSlack,
	}
}

// cellText is a cell of the only row, numbers with seven digits.
func cellText(t *results.Table, col int) string {
	if t.Columns[col].Choices != nil {
		return t.Text(0, col)
	}
	return strconv.FormatFloat(t.Rows[0][col], 'g', 7, 64)
}

// TestGoldenCells holds the arrays of every named cell on every node to
// testdata/cells.csv.
func TestGoldenCells(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("the last digits are those of amd64")
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	header := false
	for _, cell := range ArrayCells() {
		for _, node := range catalog.Builtin().Tables.NodeNames() {
			for _, capacity := range []string{"1MiB", "64MiB"} {
				s, missed, err := Array(arrayOptions(cell, node, capacity))
				if err != nil {
					t.Fatalf("%s %s: %v", cell, node, err)
				}
				if !header {
					header = true
					row := []string{"cell", "node", "capacity"}
					for _, c := range s.Columns {
						row = append(row, c.Header())
					}
					if err := w.Write(row); err != nil {
						t.Fatal(err)
					}
				}
				row := []string{cell, node, capacity}
				for i := range s.Columns {
					row = append(row, cellText(s, i))
				}
				if last := len(s.Columns) - 1; s.Columns[last].Name != "violations" || s.Text(0, last) != strings.Join(missed, "; ") {
					t.Errorf("%s %s %s: %s %q, missed %q", cell, node, capacity, s.Columns[last].Name, s.Text(0, last), missed)
				}
				if err := w.Write(row); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	w.Flush()
	if *update {
		if err := os.WriteFile("testdata/cells.csv", b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/cells.csv")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, b.Bytes()) {
		got, wanted := strings.Split(b.String(), "\n"), strings.Split(string(want), "\n")
		for i := range got {
			if i >= len(wanted) || got[i] != wanted[i] {
				t.Fatalf("line %d differs (make golden):\n%s", i+1, got[i])
			}
		}
	}
}

// TestUserCells checks that the reference cells entered as files, also as cell
// files of NVSim, give the figures of the presets, and that a bad file names
// every fault.
func TestUserCells(t *testing.T) {
	for preset, texts := range map[string][]string{
		"stt": {
			"technology: stt\narea_f2: 54\naspect: 0.54\naccess_f: 8\nr_on: 3kOhm\nr_off: 6kOhm\nread_voltage: 0.25V\nwrite_current: 80uA\nwrite_pulse: 10ns\nwrite_energy: 1pJ\n",
			"technology: stt\narea: 0.026136um^2\naspect: 0.54\naccess_width: 176nm\nr_on: 3kOhm\nr_off: 6kOhm\nread_current: 83.3333333333uA\nwrite_current: 80uA\nwrite_pulse: 10ns\nwrite_energy: 1pJ\n",
			"-MemCellType: MRAM\n-CellArea (F^2): 54\n-CellAspectRatio: 0.54\n-ResistanceOn (ohm): 3000\n-ResistanceOff (ohm): 6000\n-ReadMode: current\n-ReadVoltage (V): 0.25\n-ResetCurrent (uA): 80\n-ResetPulse (ns): 10\n-ResetEnergy (pJ): 1\n-SetCurrent (uA): 80\n-SetPulse (ns): 10\n-SetEnergy (pJ): 1\n-AccessType: CMOS\n-AccessCMOSWidth (F): 8\n",
		},
		"sot": {"technology: sot\narea_f2: 40\naccess_f: 4\nr_on: 8kOhm\nr_off: 20kOhm\nread_voltage: 0.25V\nwrite_current: 50uA\nwrite_pulse: 1ns\nwrite_energy: 0.03pJ\n"},
		"sram": {
			"technology: sram\narea_f2: 146\naspect: 1.46\naccess_f: 1.31\ndown_f: 2.08\nup_f: 1.23\n",
			"-MemCellType: SRAM\n-CellArea (F^2): 146\n-CellAspectRatio: 1.46\n-ReadMode: voltage\n-AccessType: CMOS\n-AccessCMOSWidth (F): 1.31\n-SRAMCellNMOSWidth (F): 2.08\n-SRAMCellPMOSWidth (F): 1.23\n",
		},
	} {
		want, _, err := Array(arrayOptions(preset, "22nm-itrs", "4MiB"))
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range texts {
			o := arrayOptions("file", "22nm-itrs", "4MiB")
			o.CellFile = []byte(text)
			got, _, err := Array(o)
			if err != nil {
				t.Fatal(err)
			}
			for i, c := range got.Columns {
				if a, b := cellText(got, i), cellText(want, i); a != b {
					t.Errorf("%s: %s is %s, of the preset %s", preset, c.Name, a, b)
				}
			}
		}
	}
	for text, faults := range map[string][]string{
		"technology: sot\narea_f2: 40\n":                      {"r_on", "r_off", "read_voltage", "write_current", "write_pulse"},
		"technology: tape\narea_f2: 0.1\nr_on: 3V\nlength: 2": {"technology", "area_f2", "1 to 100000", "r_on", "length"},
		"-MemCellType: FLASH\n-CellArea (F^2): big\n":         {"MRAM", "CellArea (F^2)"},
	} {
		o := arrayOptions("file.yaml", "14nm", "1MiB")
		o.CellFile = []byte(text)
		_, _, err := Array(o)
		if err == nil {
			t.Errorf("accepted:\n%s", text)
			continue
		}
		for _, f := range faults {
			if !strings.Contains(err.Error(), f) {
				t.Errorf("%q is not named in: %v", f, err)
			}
		}
	}
}

// TestPresets: every preset on every node and flavour has a row, which is that of
// its own array; with a code that corrects two errors the STT cell meets every
// limit everywhere and the cell of the published array in lstp, and a cell larger than SRAM's is so in
// the array.
func TestPresets(t *testing.T) {
	o := arrayOptions("", "", "1MiB")
	o.ECC = "dec"
	table, err := ArrayPresets(&o)
	if err != nil {
		t.Fatal(err)
	}
	presets, err := device.PresetNames(catalog.Builtin().Tables)
	if err != nil {
		t.Fatal(err)
	}
	if want := len(presets) * len(catalog.Builtin().Tables.NodeNames()) * 3; len(table.Rows) != want {
		t.Fatalf("%d rows, want %d", len(table.Rows), want)
	}
	for row := range table.Rows {
		preset, node, flavour := table.Text(row, 0), table.Text(row, 1), table.Text(row, 2)
		own := o
		own.Cell, own.Node, own.Flavour = preset, node, flavour
		alone, missed, err := Array(own)
		if err != nil {
			t.Fatal(err)
		}
		if table.Rows[row][3] != alone.Rows[0][0] || table.Text(row, 10) != strings.Join(missed, "; ") {
			t.Errorf("%s on %s %s: %g mm2 and %q, alone %g and %q", preset, node, flavour, table.Rows[row][3], table.Text(row, 10), alone.Rows[0][0], missed)
		}
		if preset == "stt-ref" && len(missed) > 0 || preset == "itri-8kb" && flavour == "lstp" && len(missed) > 0 {
			t.Errorf("%s on %s %s misses %q", preset, node, flavour, missed)
		}
		if ratio := table.Rows[row][5]; ratio < 0.2 || ratio > 15 {
			t.Errorf("%s on %s %s: %g times SRAM", preset, node, flavour, ratio)
		}
	}
}

// presetsFile holds the limits that the presets miss, between two marks.
const presetsFile = "../../../../docs/model-device.md"

// TestPresetsDocument: docs/model-device.md has, of every preset on every node in
// every flavour, the limits that stco array --presets --ecc dec prints as missed.
func TestPresetsDocument(t *testing.T) {
	o := arrayOptions("", "", "1MiB")
	o.ECC = "dec"
	table, err := ArrayPresets(&o)
	if err != nil {
		t.Fatal(err)
	}
	nodes := catalog.Builtin().Tables.NodeNames()
	missed := map[string]map[string][]string{}
	for row := range table.Rows {
		preset, node := table.Text(row, 0), table.Text(row, 1)
		if missed[preset] == nil {
			missed[preset] = map[string][]string{}
		}
		missed[preset][node] = append(missed[preset][node], shortLimits(t, table.Text(row, 10)))
	}
	var b strings.Builder
	b.WriteString("| preset | " + strings.Join(nodes, " | ") + " |\n|---" + strings.Repeat("|---", len(nodes)) + "|\n")
	presets, err := device.PresetNames(catalog.Builtin().Tables)
	if err != nil {
		t.Fatal(err)
	}
	for _, preset := range presets {
		b.WriteString("| " + preset)
		for _, node := range nodes {
			of := missed[preset][node]
			if len(of) != 3 {
				t.Fatalf("%s on %s: %d flavours", preset, node, len(of))
			}
			cell := strings.Join(of, ", ")
			if of[0] == of[1] && of[1] == of[2] {
				cell = of[0]
			}
			b.WriteString(" | " + cell)
		}
		b.WriteString(" |\n")
	}
	text, err := os.ReadFile(presetsFile)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- presets: written by a test -->\n", "<!-- end of presets -->"
	head, rest, _ := strings.Cut(string(text), begin)
	have, tail, ok := strings.Cut(rest, end)
	if !ok {
		t.Fatalf("no marks in %s", presetsFile)
	}
	if *update {
		if err := os.WriteFile(presetsFile, []byte(head+begin+b.String()+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if have != b.String() {
		t.Errorf("%s does not say what the presets miss (go test -update):\n%s", presetsFile, b.String())
	}
}

// shortLimits returns the letters of the limits that a text names.
func shortLimits(t *testing.T, text string) string {
	if text == "" {
		return "-"
	}
	var letters []string
	for limit := range strings.SplitSeq(text, "; ") {
		letter := ""
		for name, l := range map[string]string{
			"cell write voltage": "V", "write drive": "V", "current density": "J", "read disturb": "D", "read error": "E",
			"read signal": "S", "barrier field": "B", "write error": "W", "self-heating": "H", "in-plane field": "F",
		} {
			if strings.HasPrefix(limit, name) {
				letter = l
			}
		}
		if letter == "" {
			t.Errorf("%q has no letter", limit)
		}
		letters = append(letters, letter)
	}
	slices.Sort(letters)
	return strings.Join(slices.Compact(letters), "")
}
