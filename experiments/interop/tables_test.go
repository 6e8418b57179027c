package interop

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// library reads a table as the library plug-in of Accelergy does: what follows
// # is cut, blank lines are passed over, fields are split at commas, | is or;
// an attribute of the table that a query lacks or that differs would be scaled.
func library(t *testing.T, text string, query map[string]float64) map[string][2]float64 {
	t.Helper()
	var rows [][]string
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		rows = append(rows, strings.Split(line, ","))
	}
	out := map[string][2]float64{}
	for _, r := range rows[1:] {
		if len(r) != len(rows[0]) {
			t.Fatalf("row %v", r)
		}
		var energy, area float64
		var actions string
		for i, name := range rows[0] {
			if name == "action" {
				actions = r[i]
				continue
			}
			v, err := strconv.ParseFloat(r[i], 64)
			if err != nil {
				t.Fatal(err)
			}
			switch name {
			case "energy":
				energy = v
			case "area":
				area = v
			default:
				if q, ok := query[name]; !ok || q != v {
					t.Errorf("the plug-in scales %s from %g to %g", name, v, q)
				}
			}
		}
		for a := range strings.SplitSeq(actions, "|") {
			out[a] = [2]float64{energy, area}
		}
	}
	return out
}

// TestAccelergy: table, reference tables and architecture say the same, with
// every action that the plug-in asserts; a leak is that of one cycle; nothing in
// the table can be scaled by another node or depth.
func TestAccelergy(t *testing.T) {
	for _, part := range Parts() {
		d := exported(t, "clock=500MHz")
		m, err := measure(d, "x")
		if err != nil {
			t.Fatal(err)
		}
		f := &m.whole
		if part == "bank" {
			f = &m.bank
		}
		files := export(t, d, "accelergy", part)
		var arch struct {
			Architecture struct {
				Version string
				Nodes   []struct {
					Name, Class     string
					RequiredActions []string `yaml:"required_actions"`
					Attributes      map[string]float64
				}
			}
		}
		class := "stco_sot_" + part
		if err := yaml.Unmarshal([]byte(files[class+".arch.yaml"]), &arch); err != nil {
			t.Fatal(err)
		}
		n := arch.Architecture.Nodes[0]
		if n.Class != class || arch.Architecture.Version != "0.4" || !slices.Equal(n.RequiredActions, []string{"read", "write", "update", "leak"}) {
			t.Errorf("architecture %+v", arch)
		}
		table := library(t, files[class+".csv"], n.Attributes)
		cycle := n.Attributes["global_cycle_seconds"]
		same(t, "cycle", cycle, 2e-9)
		want := map[string]float64{"read": f.readEnergy, "write": f.writeEnergy, "update": f.writeEnergy, "leak": f.leakage * cycle}
		if len(table) != len(want) {
			t.Errorf("actions %v", table)
		}
		var ert struct {
			ERT struct {
				Tables []struct {
					Name    string
					Actions []struct {
						Name   string
						Energy float64
					}
				}
			} `yaml:"ERT"`
		}
		if err := yaml.Unmarshal([]byte(files[class+".ERT.yaml"]), &ert); err != nil {
			t.Fatal(err)
		}
		reference := map[string]float64{}
		for _, a := range ert.ERT.Tables[0].Actions {
			reference[a.Name] = a.Energy
		}
		for action, energy := range want {
			same(t, action, table[action][0], energy*1e12)
			same(t, action+" of the ERT", reference[action], energy*1e12)
			same(t, "area", table[action][1], f.area*1e12)
		}
		var art struct {
			ART struct {
				Tables []struct {
					Name string
					Area float64
				}
			} `yaml:"ART"`
		}
		if err := yaml.Unmarshal([]byte(files[class+".ART.yaml"]), &art); err != nil {
			t.Fatal(err)
		}
		same(t, "area of the ART", art.ART.Tables[0].Area, f.area*1e12)
		if ert.ERT.Tables[0].Name != art.ART.Tables[0].Name || !strings.HasPrefix(art.ART.Tables[0].Name, "system."+n.Name) {
			t.Errorf("names %s and %s", ert.ERT.Tables[0].Name, art.ART.Tables[0].Name)
		}
		_, capacity := m.part(&Request{Part: part})
		same(t, "capacity", n.Attributes["depth"]*n.Attributes["width"]/8, capacity)
		same(t, "read bandwidth", n.Attributes["read_bandwidth"]*n.Attributes["datawidth"]/8/cycle, f.readRate)
		same(t, "write bandwidth", n.Attributes["write_bandwidth"]*n.Attributes["datawidth"]/8/cycle, f.writeRate)
	}
}

// TestNVMExplorer: what it prints with %d is whole already, the capacity is a
// list, the cell is the one of NVSim's file within that rounding.
func TestNVMExplorer(t *testing.T) {
	for technology, kind := range map[string]string{"sot": "STT", "stt": "STT", "sram": "SRAM"} {
		d := exported(t, ofNVSim("technology="+technology)...)
		cell := readNVSim(t, export(t, d, "nvsim", "")["stco_"+technology+".cell"])
		var s struct {
			Experiment struct {
				CellType    []string `json:"cell_type"`
				OptTarget   []string `json:"opt_target"`
				Capacity    []int
				WordWidth   int    `json:"word_width"`
				ProcessNode int    `json:"process_node"`
				CustomCells string `json:"custom_cells"`
				ReadSize    int    `json:"read_size"`
			}
			CustomCells []map[string]any `json:"custom_cells"`
		}
		if err := json.Unmarshal([]byte(export(t, d, "nvmexplorer", "")["stco_"+technology+".nvmexplorer.json"]), &s); err != nil {
			t.Fatal(err)
		}
		x, c := s.Experiment, s.CustomCells[0]
		if !slices.Equal(x.Capacity, []int{32}) || x.WordWidth != 1024 || x.ProcessNode != 22 || x.CustomCells != "True" || x.CellType[0] != kind || c["cell_type"] != kind || x.OptTarget[0] != "ReadEDP" || x.ReadSize != 128 {
			t.Errorf("%+v", s)
		}
		for ours, theirs := range map[string]string{
			"cell_size_F2": "CellArea (F^2)", "r_on": "ResistanceOn (ohm)", "r_off": "ResistanceOff (ohm)", "access_CMOS_width": "AccessCMOSWidth (F)",
			"read_voltage": "ReadVoltage (V)", "read_power": "ReadPower (uW)", "set_current": "SetCurrent (uA)", "set_pulse": "SetPulse (ns)",
			"set_energy": "SetEnergy (pJ)", "reset_current": "ResetCurrent (uA)", "reset_pulse": "ResetPulse (ns)", "reset_energy": "ResetEnergy (pJ)",
		} {
			v, ok := c[ours].(float64)
			if cell[theirs] == "" && !ok {
				continue
			}
			want := value(t, cell, theirs)
			if ours == "cell_size_F2" || ours == "r_on" || ours == "r_off" {
				if s := fmt.Sprintf("%d", int(v)); s != fmt.Sprintf("%.0f", want) || v != float64(int(v)) {
					t.Errorf("%s: %g is printed as %s", ours, v, s)
				}
				continue
			}
			same(t, ours, v, want)
			if v == 0 {
				t.Errorf("%s is 0: taken as not given", ours)
			}
		}
	}
}

// TestGem5 reads the fragment: whole cycles are rounded up, the power model gives
// back the energies from bytes a second.
func TestGem5(t *testing.T) {
	for _, part := range Parts() {
		d := exported(t, "clock=1.3GHz")
		m, err := measure(d, "x")
		if err != nil {
			t.Fatal(err)
		}
		f := &m.whole
		if part == "bank" {
			f = &m.bank
		}
		text := export(t, d, "gem5", part)["stco_sot_gem5.py"]
		entry := func(name string) float64 {
			g := regexp.MustCompile(`"` + name + `": ([0-9.e+-]+),`).FindStringSubmatch(text)
			if g == nil {
				t.Fatalf("no entry %s", name)
			}
			v, err := strconv.ParseFloat(g[1], 64)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		same(t, "read latency", entry("read_latency_ns"), f.read*1e9)
		same(t, "write latency", entry("write_latency_ns"), f.write*1e9)
		same(t, "read energy", entry("read_energy_pJ"), f.readEnergy*1e12)
		same(t, "write energy", entry("write_energy_pJ"), f.writeEnergy*1e12)
		same(t, "leakage", entry("leakage_W"), f.leakage)
		same(t, "area", entry("area_mm2"), f.area*1e6)
		same(t, "read bandwidth", entry("read_bandwidth_GB_per_s"), f.readRate/1e9)
		same(t, "write bandwidth", entry("write_bandwidth_GB_per_s"), f.writeRate/1e9)
		if c := entry("write_cycles") - f.write*1.3e9; c < 0 || c >= 1 {
			t.Errorf("%g cycles for %g s", entry("write_cycles"), f.write)
		}
		if c := entry("read_cycles") - f.read*1.3e9; c < 0 || c >= 1 {
			t.Errorf("%g cycles for %g s", entry("read_cycles"), f.read)
		}
		var read, write, static, latency, bandwidth, reading, writing float64
		for pattern, into := range map[string][]*float64{
			`dyn = "bwRead \* ([0-9.]+) \+ bwWrite \* ([0-9.]+)"`: {&read, &write}, `st = "([0-9.]*[1-9][0-9.]*)"`: {&static},
			`latency = "([0-9.]+)ns"`: {&latency}, `bandwidth = "([0-9.]+)GB/s"`: {&bandwidth},
			`tREAD = "([0-9.]+)ns"`: {&reading}, `tWRITE = "([0-9.]+)ns"`: {&writing},
		} {
			g := regexp.MustCompile(pattern).FindStringSubmatch(text)
			if g == nil {
				t.Fatalf("no %s", pattern)
			}
			for i := range into {
				if *into[i], err = strconv.ParseFloat(g[i+1], 64); err != nil {
					t.Fatal(err)
				}
			}
		}
		same(t, "energy of a read at one access a second", read*128, f.readEnergy)
		same(t, "energy of a write at one access a second", write*128, f.writeEnergy)
		same(t, "static power", static, f.leakage)
		same(t, "latency", latency, f.read*1e9)
		same(t, "latency of a read", reading, f.read*1e9)
		same(t, "latency of a write", writing, f.write*1e9)
		same(t, "bandwidth", bandwidth, f.readRate/1e9)
		python, err := exec.LookPath("python3")
		if err != nil {
			continue
		}
		cmd := exec.Command(python, "-c", "import ast, sys; ast.parse(sys.stdin.read())")
		cmd.Stdin = strings.NewReader(text)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	}
}
