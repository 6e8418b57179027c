package interop

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"stco/experiments/study"
	"stco/experiments/study/catalog"
	"stco/model/array"
	"stco/model/device"
)

// exported is the design that stco init writes, with assignments.
func exported(t *testing.T, set ...string) *study.Design {
	t.Helper()
	d, err := study.ParseDesign("test", []byte("stco: 1\ndesign: {}\nworkloads: [{network: alexnet, phase: inference, batch: 1}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Set(set); err != nil {
		t.Fatal(err)
	}
	return d
}

// ofNVSim are assignments that NVSim and CACTI can follow.
func ofNVSim(set ...string) []string {
	return append([]string{"node=22nm", "t_hot=350K", "banks=64", "word=1024", "capacity=32MiB"}, set...)
}

func export(t *testing.T, d *study.Design, to, part string) map[string]string {
	t.Helper()
	files, err := Export(d, to, Request{Part: part, Version: "9.9.9"})
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, f := range files {
		texts[f.Name] = string(f.Text)
	}
	return texts
}

func same(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-7*math.Abs(want)) {
		t.Errorf("%s is %g, want %g", what, got, want)
	}
}

// TestBanksAndLines: what is between the banks is what the array model says is
// there, and one bank alone has nothing of it.
func TestBanksAndLines(t *testing.T) {
	for _, set := range [][]string{nil, {"banks=1"}, {"technology=sram", "ecc=none"}, {"node=22nm", "banks=16", "word=256"}, {"ports=1r1w"}} {
		m, err := measure(exported(t, set...), "x")
		if err != nil {
			t.Fatal(err)
		}
		a := &m.report.Array
		same(t, "area between", m.between.area, float64(a.Area.Interconnect))
		same(t, "bank area", m.bank.area, float64(a.BankArea))
		same(t, "read energy between", m.between.readEnergy, float64(a.ReadEnergy.Interconnect))
		same(t, "write energy between", m.between.writeEnergy, float64(a.WriteEnergy.Interconnect))
		lines := m.design.Design.Banks > 1
		if lines != (m.between.leakage > 0.01*m.whole.leakage) || lines != (m.between.read > 0) || lines != (m.between.area > 0) {
			t.Errorf("%v: %d banks have lines between them that leak %g W and take %g s", set, m.design.Design.Banks, m.between.leakage, m.between.read)
		}
		same(t, "read rate of the banks", float64(m.design.Design.Banks)*m.bank.readRate, m.whole.readRate)
	}
}

// nvsimKeys are keys of NVSim's two parsers, with the unit text that is part of
// them, as read in MemCell.cpp and InputParameter.cpp.
const nvsimKeys = `MemCellType|CellArea (F^2)|CellAspectRatio|ResistanceOn (ohm)|ResistanceOff (ohm)|ReadMode|ReadVoltage (V)|ReadPower (uW)|MinSenseVoltage (mV)|` +
	`ResetMode|ResetCurrent (uA)|ResetPulse (ns)|ResetEnergy (pJ)|SetMode|SetCurrent (uA)|SetPulse (ns)|SetEnergy (pJ)|AccessType|AccessCMOSWidth (F)|` +
	`VoltageDropAccessDevice (V)|SRAMCellNMOSWidth (F)|SRAMCellPMOSWidth (F)|DesignTarget|OptimizationTarget|EnablePruning|ProcessNode|Capacity (B)|Capacity (KB)|` +
	`WordWidth (bit)|DeviceRoadmap|LocalWireType|LocalWireRepeaterType|LocalWireUseLowSwing|GlobalWireType|GlobalWireRepeaterType|GlobalWireUseLowSwing|` +
	`Routing|InternalSensing|MemoryCellInputFile|Temperature (K)|BufferDesignOptimization|` +
	`StackedDieCount` // of DESTINY; NVSim passes over it

// readNVSim reads a file as NVSim does: a blank first line loops for ever, a line
// counts if it starts with a key it knows, a key must have its unit.
func readNVSim(t *testing.T, text string) map[string]string {
	t.Helper()
	known := strings.Split(nvsimKeys, "|")
	out := map[string]string{}
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if i == 0 && (strings.TrimSpace(line) == "" || !strings.HasPrefix(line, "//")) {
			t.Fatal("the first line is blank or no comment")
		}
		if !strings.HasPrefix(line, "-") {
			continue
		}
		key, value, _ := strings.Cut(line[1:], ": ")
		if !slices.Contains(known, key) {
			t.Errorf("NVSim passes over %q", line)
		}
		out[key] = value
	}
	return out
}

func value(t *testing.T, keys map[string]string, key string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(keys[key], 64)
	if err != nil {
		t.Fatalf("%s: %q is no number", key, keys[key])
	}
	return v
}

// TestNVSimCell reads the cell as NVSim does. The area is in squares of the
// node of the configuration, the energy that of the cell without bitline.
func TestNVSimCell(t *testing.T) {
	d := exported(t, ofNVSim()...)
	m, err := measure(d, "x")
	if err != nil {
		t.Fatal(err)
	}
	files := export(t, d, "nvsim", "")
	cell, cfg := readNVSim(t, files["stco_sot.cell"]), readNVSim(t, files["stco_sot.cfg"])
	if cell["MemCellType"] != "MRAM" || cell["AccessType"] != "CMOS" || cfg["MemoryCellInputFile"] != "stco_sot.cell" || cfg["DeviceRoadmap"] != "LOP" || cfg["OptimizationTarget"] != "ReadEDP" {
		t.Errorf("cell %v\ncfg %v", cell, cfg)
	}
	f := value(t, cfg, "ProcessNode") * 1e-9
	dev := &m.report.Device
	same(t, "area", value(t, cell, "CellArea (F^2)")*f*f, float64(dev.Area))
	same(t, "aspect", value(t, cell, "CellAspectRatio"), float64(m.report.Cell.Width/m.report.Cell.Height))
	same(t, "R_P", value(t, cell, "ResistanceOn (ohm)"), float64(dev.Parallel))
	same(t, "R_AP", value(t, cell, "ResistanceOff (ohm)"), float64(dev.Parallel)*(1+dev.TMR))
	series := value(t, cell, "ReadVoltage (V)")/float64(dev.AntiCurrent) - value(t, cell, "ResistanceOff (ohm)")
	same(t, "series resistance", value(t, cell, "VoltageDropAccessDevice (V)"), series*float64(dev.ParallelCurrent))
	for _, way := range []string{"Set", "Reset"} {
		same(t, "pulse", value(t, cell, way+"Pulse (ns)"), float64(d.Design.Pulse)*1e9)
		same(t, "current", value(t, cell, way+"Current (uA)"), float64(dev.WriteCurrent)*1e6)
		same(t, "energy", value(t, cell, way+"Energy (pJ)"), float64(dev.WriteEnergy)*1e12)
	}
	same(t, "access", value(t, cell, "AccessCMOSWidth (F)")*f, dev.WriteFins*float64(m.node.FinWidth))
	same(t, "temperature", value(t, cfg, "Temperature (K)"), 350)
	same(t, "dies, which DESTINY would stack", value(t, cfg, "StackedDieCount"), 1)
	same(t, "word", value(t, cfg, "WordWidth (bit)"), 1024)
	same(t, "bank", value(t, cfg, "Capacity (KB)"), 512)
	all := readNVSim(t, export(t, d, "nvsim", "buffer")["stco_sot.cfg"])
	same(t, "buffer", value(t, all, "Capacity (KB)"), 32768)
	sram := readNVSim(t, export(t, exported(t, ofNVSim("technology=sram", "ecc=none")...), "nvsim", "")["stco_sram.cell"])
	same(t, "SRAM cell", value(t, sram, "CellArea (F^2)")*f*f, float64(m.node.Dense.Area))
	same(t, "SRAM pass gate", value(t, sram, "AccessCMOSWidth (F)")*f, float64(m.node.Dense.Pass))
	same(t, "SRAM pull-down", value(t, sram, "SRAMCellNMOSWidth (F)")*f, float64(m.node.Dense.Down))
	same(t, "SRAM pull-up", value(t, sram, "SRAMCellPMOSWidth (F)")*f, float64(m.node.Dense.PullUp))
}

// TestRoundTrip: a cell that is read back is the cell that was written, in every
// figure of cell and array; without our comments a SOT cell needs its technology
// said, and is still written and read.
func TestRoundTrip(t *testing.T) {
	sets := [][]string{
		nil,
		{"selector=igzo"},
		{"selector=diode"},
		{"technology=stt"},
		{"technology=sram"},
		{"technology=sram", "sram_cell=hp"},
		{"technology=sram", "ports=1r1w"},
		{"ecc=none", "pulse=5ns"},
		{"codeword=512", "read_bus=16384"},
		{"flavour=hp"},
		{"sense_factor=1.7"},
	}
	for _, set := range append(sets, everyPreset(t)...) {
		d := exported(t, ofNVSim(set...)...)
		m, err := measure(d, "x")
		if err != nil {
			t.Fatal(err)
		}
		name := "stco_" + d.Design.Technology.String() + ".cell"
		text := export(t, d, "nvsim", "")[name]
		u, err := catalog.ParseCell(name, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		back, err := u.Cell(m.node, d.Setup.Hot)
		if err != nil {
			t.Fatal(err)
		}
		c := &m.report.Cell
		if back.Technology != c.Technology || max(back.WriteTries, 1) != max(c.WriteTries, 1) {
			t.Errorf("%v: technology %s tries %d, want %s %d", set, back.Technology, back.WriteTries, c.Technology, c.WriteTries)
		}
		for _, v := range []struct {
			what      string
			got, want float64
		}{
			{"width", float64(back.Width), float64(c.Width)},
			{"height", float64(back.Height), float64(c.Height)},
			{"read gate", float64(back.ReadGateCap), float64(c.ReadGateCap)},
			{"write gate", float64(back.WriteGateCap), float64(c.WriteGateCap)},
			{"read drain", float64(back.ReadDrainCap), float64(c.ReadDrainCap)},
			{"write drain", float64(back.WriteDrainCap), float64(c.WriteDrainCap)},
			{"read current", float64(back.ReadCurrent), float64(c.ReadCurrent)},
			{"sense current", float64(back.SenseCurrent), float64(c.SenseCurrent)},
			{"read voltage", float64(back.ReadVoltage), float64(c.ReadVoltage)},
			{"read delay", float64(back.ReadDelay), float64(c.ReadDelay)},
			{"write current", float64(back.WriteCurrent), float64(c.WriteCurrent)},
			{"pulse", float64(back.WritePulse), float64(c.WritePulse)},
			{"write path", float64(back.WriteResistance), float64(c.WriteResistance)},
			{"write supply", float64(back.WriteVoltage), float64(c.WriteVoltage)},
			{"write energy", float64(back.WriteEnergy), float64(c.WriteEnergy)},
			{"write failure", back.WriteFailure, c.WriteFailure},
			{"leakage", float64(back.Leakage), float64(c.Leakage)},
		} {
			same(t, fmt.Sprintf("%v: %s", set, v.what), v.got, v.want)
		}
		checkBank(t, set, m, &back)
		var bare strings.Builder
		for line := range strings.Lines(text) {
			if !strings.HasPrefix(line, "//") {
				bare.WriteString(line)
			}
		}
		if u, err = catalog.ParseCell(name, []byte(bare.String())); err != nil {
			t.Fatal(err)
		}
		u.Technology = c.Technology
		if back, err = u.Cell(m.node, d.Setup.Hot); err != nil {
			t.Fatal(err)
		}
		var f array.Figures
		solve(t, m, &back, &f)
		if f.Violations.WriteDrive > 1 || // the supply of an STT write is lost
			f.Violations.ReadSignal > 0 {
			t.Errorf("%v: without comments the cell misses %+v", set, f.Violations)
		}
	}
}

// everyPreset are assignments of every preset, in banks and words that differ.
func everyPreset(t *testing.T) [][]string {
	t.Helper()
	names, err := device.PresetNames(catalog.Builtin().Tables)
	if err != nil {
		t.Fatal(err)
	}
	var sets [][]string
	for i, name := range names {
		p, err := device.Preset(catalog.Builtin().Tables, name)
		if err != nil {
			t.Fatal(err)
		}
		sets = append(sets, []string{"preset=" + name, "technology=" + p.Technology.String(), "node=22nm-itrs", "ecc=none", fmt.Sprintf("banks=%d", 1<<i), fmt.Sprintf("word=%d", 128<<(i%4))})
	}
	return sets
}

// TestEveryFormat: of every preset, the figures that Accelergy and gem5 read are
// those of the cell file of NVSim read back, and NVMExplorer and CACTI are asked
// for the capacity and word of the design.
func TestEveryFormat(t *testing.T) {
	for _, set := range everyPreset(t) {
		d := exported(t, ofNVSim(set...)...)
		m, err := measure(d, "x")
		if err != nil {
			t.Fatal(err)
		}
		tech := d.Design.Technology.String()
		u, err := catalog.ParseCell("c", []byte(export(t, d, "nvsim", "buffer")["stco_"+tech+".cell"]))
		if err != nil {
			t.Fatal(err)
		}
		cell, err := u.Cell(m.node, d.Setup.Hot)
		if err != nil {
			t.Fatal(err)
		}
		var f array.Figures
		solve(t, m, &cell, &f)
		file := "stco_" + tech + "_buffer"
		word := float64(d.Design.WordBits)
		table := library(t, export(t, d, "accelergy", "buffer")[file+".csv"], map[string]float64{"global_cycle_seconds": 1 / float64(d.Design.Clock), "width": word})
		same(t, set[0]+": read of Accelergy", table["read"][0], float64(f.ReadEnergy.Total)*1e12)
		same(t, set[0]+": write of Accelergy", table["write"][0], float64(f.WriteEnergy.Total)*1e12)
		same(t, set[0]+": area of Accelergy", table["read"][1], float64(f.Area.Total)*1e12)
		same(t, set[0]+": leakage of Accelergy", table["leak"][0]*float64(d.Design.Clock), float64(f.Leakage)*1e12)
		python := export(t, d, "gem5", "buffer")["stco_"+tech+"_gem5.py"]
		for name, want := range map[string]float64{
			"read_latency_ns": float64(f.Read.Total) * 1e9, "write_latency_ns": float64(f.Write.Total) * 1e9, "read_energy_pJ": float64(f.ReadEnergy.Total) * 1e12,
			"write_energy_pJ": float64(f.WriteEnergy.Total) * 1e12, "leakage_W": float64(f.Leakage), "area_mm2": float64(f.Area.Total) * 1e6, "access_bytes": word / 8,
		} {
			_, after, _ := strings.Cut(python, `"`+name+`": `)
			text, _, _ := strings.Cut(after, ",")
			got, err := strconv.ParseFloat(text, 64)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			same(t, set[0]+": "+name+" of gem5", got, want)
		}
		explorer := export(t, d, "nvmexplorer", "buffer")["stco_"+tech+".nvmexplorer.json"]
		if want := fmt.Sprintf(`"word_width": %d`, d.Design.WordBits); !strings.Contains(explorer, want) || !regexp.MustCompile(`"capacity": \[\s*32\s*\]`).MatchString(explorer) {
			t.Errorf("%s: %s, 32 MiB are not in %s", set[0], want, explorer)
		}
		cacti := export(t, d, "cacti", "buffer")["stco_sram.cacti.cfg"]
		for _, want := range []string{"-size (bytes) 33554432\n", fmt.Sprintf("-block size (bytes) %d\n", d.Design.WordBits/8), fmt.Sprintf("-UCA bank count %d\n", d.Design.Banks)} {
			if !strings.Contains(cacti, want) {
				t.Errorf("%s: %q is not in %s", set[0], want, cacti)
			}
		}
	}
}

func solve(t *testing.T, m *memory, c *device.Cell, f *array.Figures) {
	t.Helper()
	circuits, err := catalog.Builtin().Tables.Circuits()
	if err != nil {
		t.Fatal(err)
	}
	d, s := &m.design.Design, &m.design.Setup
	solver, err := array.NewSolver(m.node, array.Options{Temperature: s.Hot, Circuits: *circuits})
	if err != nil {
		t.Fatal(err)
	}
	spec := array.Spec{Capacity: d.Capacity, Banks: d.Banks, WordBits: d.WordBits, Bus: d.ReadBus + d.WriteBus, Codeword: d.Codeword, ECC: d.ECC, Ports: s.Ports, Target: s.Target, AreaSlack: float64(s.AreaSlack)}
	if err := solver.Solve(c, &spec, f); err != nil {
		t.Fatal(err)
	}
}

func checkBank(t *testing.T, set []string, m *memory, c *device.Cell) {
	t.Helper()
	var f array.Figures
	solve(t, m, c, &f)
	got, want := of(&f), m.whole
	for _, v := range [][2]float64{
		{got.area, want.area},
		{got.read, want.read},
		{got.write, want.write},
		{got.readEnergy, want.readEnergy},
		{got.writeEnergy, want.writeEnergy},
		{got.leakage, want.leakage},
	} {
		same(t, fmt.Sprintf("%v: figure of the array", set), v[0], v[1])
	}
}

// TestStated: every file states the units' width, node, flavour, temperature,
// code, whether the lines between banks are inside, and the energy between them.
func TestStated(t *testing.T) {
	for _, to := range Tools() {
		for _, part := range Parts() {
			d := exported(t, ofNVSim("banks=16")...)
			m, err := measure(d, "x")
			if err != nil {
				t.Fatal(err)
			}
			for name, text := range export(t, d, to, part) {
				if strings.HasSuffix(name, ".json") {
					continue // has a text beside it
				}
				for _, want := range []string{
					"stco 9.9.9, design ", "22nm", "lop", "350 K", "pJ", "mm2", "1024 data bits", "whole buffer: 33554432 B of data in 16 banks",
					"lines between", "inside", "not expressible",
				} {
					if !strings.Contains(text, want) {
						t.Errorf("%s %s: %q is not in %s", to, part, want, name)
					}
				}
				if between := fmt.Sprintf("%.6g pJ", m.between.readEnergy*1e12); to != "cacti" && !strings.Contains(text, between) {
					t.Errorf("%s: the read energy between banks, %s, is not in %s", to, between, name)
				}
				if to != "nvsim" && to != "nvmexplorer" && strings.Contains(text, "banks are not inside") != (part == "bank") {
					t.Errorf("%s %s: %s does not say what is inside", to, part, name)
				}
			}
		}
	}
}

// TestRefused: what a format cannot hold is refused, all at once, with the flag
// that helps.
func TestRefused(t *testing.T) {
	for _, c := range []struct {
		to, part string
		set      []string
		want     []string
	}{
		{"nvsim", "", nil, []string{"--set node=22nm"}},
		{"nvsim", "", ofNVSim("t_hot=290K", "t_nominal=280K", "t_cold=270K"), []string{"300 to 400 K"}},
		{"nvsim", "buffer", ofNVSim("capacity=48MiB"), []string{"powers of two"}},
		{"nvsim", "", ofNVSim("capacity=48MiB"), []string{"powers of two"}},
		{"nvsim", "", append(ofNVSim(), "word=96", "capacity=24MiB", "node=14nm"), []string{"node", "capacity", "96 bits"}},
		{"cacti", "", []string{"t_hot=345K"}, []string{"node=22nm", "steps of 10 K"}},
		{"cacti", "", ofNVSim("t_hot=358.15K"), []string{"steps of 10 K"}},
		{"cacti", "", ofNVSim("banks=48"), []string{"banks"}},
		{"nvmexplorer", "bank", ofNVSim("flavour=hp", "t_hot=360K"), []string{"whole MiB", "flavour=lop", "350K"}},
		{"accelergy", "", []string{"technology=hybrid"}, []string{"two memories"}},
		{"gem5", "half", nil, []string{"--part"}},
		{"nvsin", "", nil, []string{"did you mean"}},
	} {
		_, err := Export(exported(t, c.set...), c.to, Request{Part: c.part})
		if err == nil {
			t.Errorf("%s %v: accepted", c.to, c.set)
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s %v: %q is not in %v", c.to, c.set, w, err)
			}
		}
	}
}

// TestCACTI reads the configuration: of a magnetic design the SRAM buffer.
func TestCACTI(t *testing.T) {
	for part, banks := range map[string]float64{"buffer": 64, "bank": 1} {
		files := export(t, exported(t, ofNVSim()...), "cacti", part)
		text := files["stco_sram.cacti.cfg"]
		keys := map[string]string{}
		line := regexp.MustCompile(`^-(.*?) ("[^"]*"|[0-9.:]+)$`)
		for l := range strings.Lines(text) {
			if m := line.FindStringSubmatch(strings.TrimSuffix(l, "\n")); m != nil {
				keys[m[1]] = strings.Trim(m[2], `"`)
			} else if !strings.HasPrefix(l, "#") {
				t.Errorf("line %q", l)
			}
		}
		same(t, "size", value(t, keys, "size (bytes)"), banks*512*1024)
		same(t, "banks", value(t, keys, "UCA bank count"), banks)
		same(t, "block", value(t, keys, "block size (bytes)"), 128)
		same(t, "bus", value(t, keys, "output/input bus width"), 1024)
		same(t, "node", value(t, keys, "technology (u)"), 0.022)
		same(t, "temperature", value(t, keys, "operating temperature (K)"), 350)
		if keys["Data array cell type -"] != "itrs-lop" || keys["Add ECC -"] != "false" || keys["Optimize ED or ED^2 (ED, ED^2, NONE):"] != "NONE" || keys["cache type"] != "ram" {
			t.Errorf("%v", keys)
		}
		d := exported(t, ofNVSim("technology=sram", "ecc=none")...)
		m, err := measure(d, "x")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text, m.whole.text()) || !strings.Contains(text, "CACTI has no magnetic cell") {
			t.Error("the figures beside it are not those of the SRAM buffer")
		}
	}
}
