package catalog_test

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stco/experiments/study"
	"stco/experiments/study/catalog"
	"stco/model"
	"stco/model/array/bitcell"
)

const ownDevice = `
presets:
  mine: {base: ref-w, nucleation: 0.6, field: 35mT, field_mode: tilted, source: wafer 7, kind: measured}
nodes:
  my14: {base: 14nm, gate_pitch: 72nm, fin_pitch: {value: "44", unit: nm, kind: measured, source: layout}, lop: {vdd: 0.75V}, on_current: 700uA/um, bf16_mul: 0.3pJ}
dram:
  my-dram: {base: hbm2e, bandwidth: 600GB/s}
machines:
  small: {base: one-stack, pe_rows: 64, pe_columns: 32, node: my14, dram: my-dram, dataflow: ws}
cells:
  our-cell: {technology: sot, area: 0.03um^2, r_on: 8kOhm, r_off: 20kOhm, read_voltage: 0.2V, write_current: 60uA, write_pulse: 1ns}
materials:
  our-w: {base: beta-w, rho: 150 uOhm*cm, xi_dl: 0.4}
workloads: [{network: alexnet, phase: inference, batch: 1}]
`

// TestOwnTables: every kind of entry from a study or design reaches the model; the
// resolved file holds all of it, is read to the same file and needs no other.
func TestOwnTables(t *testing.T) {
	f, err := study.ParseDesign("d.yaml", []byte("stco: 1\nmachine: small\nmodel: {preset: mine}\ndesign: {material: our-w}\n"+ownDevice))
	if err != nil {
		t.Fatal(err)
	}
	again, err := study.ParseDesign("elsewhere/r.yaml", f.YAML())
	if err != nil {
		t.Fatal(err)
	}
	if string(again.YAML()) != string(f.YAML()) {
		t.Error("the resolved design is read as another one")
	}
	var reports [2]model.Report
	for i, d := range []*study.Design{f, again} {
		s := &d.Setup
		if s.Machine != "small" || s.Node != "my14" || s.PERows != 64 || s.PECols != 32 || s.Dataflow.String() != "ws" || s.DRAM.Preset != "my-dram" ||
			math.Abs(float64(s.DRAM.Bandwidth)/600e9-1) > 1e-12 || s.Preset != "mine" || d.Design.Material != "our-w" {
			t.Errorf("%+v, material %s", s, d.Design.Material)
		}
		m, err := model.New(catalog.Of(s), *s)
		if err != nil {
			t.Fatal(err)
		}
		n, err := m.Node("lop")
		if err != nil {
			t.Fatal(err)
		}
		hp, err := m.Node("hp")
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(float64(n.Vdd)-0.75) > 1e-12 || math.Abs(float64(hp.Vdd)-0.8) > 1e-12 || math.Abs(float64(hp.OnCurrent)-700) > 1e-9 || math.Abs(float64(n.FinPitch)-44e-9) > 1e-18 {
			t.Errorf("node %+v", n)
		}
		e, err := m.NewEvaluator()
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Evaluate(&d.Design, &reports[i]); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := reports[0], reports[1]; a.Cell != b.Cell || a.Array != b.Array || a.Device.WriteCurrent <= 0 {
		t.Error("the resolved design has other figures")
	}
	d, err := study.ParseDesign("d.yaml", []byte("stco: 1\ndesign: {material: beta-w}\n"+ownDevice))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Set([]string{"material=our-w", "preset=mine", "machine=small"}); err != nil {
		t.Error(err)
	}
	u, err := bitcell.FromTable(f.Setup.Catalog.Tables, "our-cell")
	if err != nil || u.WriteCurrent != 60e-6 || u.Technology.String() != "sot" || u.Aspect != 1 {
		t.Errorf("cell %+v, %v", u, err)
	}
}

// TestOwnTablesHashed: an entry is part of what a run is, and of its problem,
// whether a design names it or not; the place of its file is not.
func TestOwnTablesHashed(t *testing.T) {
	text := func(tables string) string {
		return "stco: 1\nname: s\n" + tables + "workloads: [{network: alexnet, phase: inference, batch: 1}]\nobjectives: [energy, area]\nspace: {material: [beta-w, our-w]}\n"
	}
	parsed := func(file, tables string) *study.Study {
		t.Helper()
		s, err := study.Parse(file, []byte(text(tables)))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	short := "materials: {our-w: {base: beta-w, rho: 150uOhm*cm, source: us, kind: measured}}\n"
	s := parsed("s.yaml", short)
	if other := parsed("s.yaml", strings.Replace(short, "150", "151", 1)); other.ProblemHash() == s.ProblemHash() || bytes.Equal(other.YAML(), s.YAML()) {
		t.Error("another resistivity is the same problem")
	}
	if names := study.Differences(s, parsed("s.yaml", strings.Replace(short, "150", "151", 1))); len(names) != 1 || names[0] != catalog.TablesKey {
		t.Errorf("the studies differ in %v", names)
	}
	dir := t.TempDir()
	rows := "# Ours\nentry,quantity,value,unit,kind,source,note\nour-w,base,beta-w,name,user,us,\nour-w,rho,150,uOhm*cm,measured,us,\n"
	for _, at := range []string{"a", "b"} {
		if err := os.MkdirAll(filepath.Join(dir, at, "mine"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, at, "mine", "sot_materials.csv"), []byte(rows), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	a, b := parsed(filepath.Join(dir, "a", "s.yaml"), "tables: mine\n"), parsed(filepath.Join(dir, "b", "s.yaml"), "tables: [mine/sot_materials.csv]\n")
	if !bytes.Equal(a.YAML(), b.YAML()) || a.ProblemHash() != s.ProblemHash() {
		t.Errorf("files and short form differ:\n%s\n%s", a.YAML(), s.YAML())
	}
	if err := os.RemoveAll(filepath.Join(dir, "a")); err != nil {
		t.Fatal(err)
	}
	if again, err := study.Parse("r", a.YAML()); err != nil || !bytes.Equal(again.YAML(), a.YAML()) {
		t.Errorf("the resolved study needs the file: %v", err)
	}
	if none, err := study.Parse("s.yaml", []byte(strings.Replace(text(""), ", our-w", "", 1))); err != nil || strings.Contains(string(none.YAML()), catalog.TablesKey+":") {
		t.Errorf("a study without tables writes some: %v", err)
	}
}

// TestOwnTablesWrong: all faults at once, by file, line and column.
func TestOwnTablesWrong(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "sot_materials.csv"), []byte("# Ours\nentry,quantity,value,unit,kind,source,note\nour-w,rho,150,Ohm,measured,us,\nour-w,xi_dl,900000,1,measured,us,\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "d.yaml")
	_, err := study.ParseDesign(file, []byte(`stco: 1
tables: [sot_materials.csv, nowhere]
presets:
  mine: {base: ref-w, nucleation: 60, curie: 3mK, field_mode: up, nonsense: 1}
  empty: {}
machines: {m: {base: one-stack, pe_rows: 0, dataflow: sideways}, w: {base: one-stack, pe_rows: 2.5, node: 13nm, dram: hbm9}}
cells: {c: {technology: sot, area: 0.03um^2}, d: {area: 5}, sram-hp: {technology: sram, area: 0.1um^2}, mine: {technology: sram, area: 0.1um^2}, e: {write_tries: 2.5}}
dram: {slow: {bandwidth: 3GB/s}, ideal: {base: hbm2e, efficiency: 3}}
nodes: {n: {base: 13nm}, hbm: {base: 14nm, vddd: 1V}, v: {base: 14nm, lop: {vdd: 80V}}}
design: {pulse: 1}
workloads: [{network: alexnet, phase: inference, batch: 1}]
`))
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		filepath.Join(dir, "sot_materials.csv") + ":3:15: our-w.rho: unit \"Ohm\" is none of this quantity; want one such as uOhm*cm",
		filepath.Join(dir, "sot_materials.csv") + ":4:13: our-w.xi_dl: 900000 is outside ",
		file + ":2:29: tables[1]: ", file + ":4:35: mine.nucleation: 60 is outside 0.01 to 10", file + ":4:46: mine.curie: 3 mK is outside 500000 to 2e+06 mK",
		file + ":4:63: mine.field_mode: \"up\" is not one of hard-mask, tilted", file + ":4:77: mine.nonsense: unknown quantity",
		file + ":5:10: presets.empty: the entry is empty", file + ":6:42: m.pe_rows: 0 is outside 1 to 4096", file + ":6:55: m.dataflow: \"sideways\" is not one of os, ws, is",
		file + ":7:57: d.area: unit \"1\" is none of this quantity", file + ":9:19: n.base: base: ", file + ":9:50: hbm.vddd: unknown quantity; did you mean vdd?", file + ":10:17: design.pulse",
		// Entries without a fault of their own are held to what the model needs, all of it.
		file + ":7:1: c: a sot cell needs an on resistance", file + ":7:1: c: a sot cell needs a write pulse", file + ":8:1: slow: tech table dram, entry slow: no quantity \"efficiency\"",
		file + ":8:1: slow: tech table dram, entry slow: no quantity \"latency\"", file + ":8:67: ideal.efficiency: 3 is outside 0.01 to 1",
		file + ":6:96: w.pe_rows: 2.5 is not a whole number; want 1 to 4096, whole", file + ":6:107: w.node: tech table cmos has no entry \"13nm\"", file + ":6:119: w.dram: tech table dram has no entry \"hbm9\"",
		file + ":7:1: sram-hp: is the name of a built-in cell", file + ":7:1: mine: is the name of a built-in cell or of a preset", file + ":7:163: e.write_tries: 2.5 is not a whole number; want 1 to 64, whole",
		file + ":9:82: v-lop.vdd: 80 V is outside 0.2 to 5 V",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	for _, second := range []string{"d: a cell needs", "hbm: ", "n: tech", "w: "} {
		if strings.Contains(err.Error(), ":1: "+second) {
			t.Errorf("an entry with a fault is held to be incomplete too: %v", err)
		}
	}
	_, err = study.ParseDesign(file, []byte("stco: 1\ncells: {c: {technology: sot, area: 0.03um^2}}\ndram: {slow: {bandwidth: 30GB/s}}\nmaterials: {w: {rho: 100uOhm*cm}}\ndesign: {}\nworkloads: [{network: alexnet, phase: inference, batch: 1}]\n"))
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{":2:1: c: a sot cell needs an on resistance", ":3:1: slow: ", ":4:1: w: "} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
}
