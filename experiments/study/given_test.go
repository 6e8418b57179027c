package study_test

import (
	"math"
	"strings"
	"testing"

	"stco/experiments/designs"
	"stco/experiments/study"
	"stco/experiments/study/catalog"
	"stco/model"
	"stco/model/array"
	"stco/model/array/bitcell"
	"stco/model/tech"
	"stco/objectives"
)

const ownCells = `
cells:
  our-sot: {technology: sot, area: 0.03um^2, r_on: 8kOhm, r_off: 20kOhm, read_voltage: 0.2V, write_current: 60uA, write_pulse: 1ns, retention: 2s, endurance: 1e13}
  our-stt: {technology: stt, area: 0.04um^2, r_on: 5kOhm, r_off: 12kOhm, read_voltage: 0.15V, write_current: 70uA, write_pulse: 8ns, write_voltage: 1.2V}
  our-sram: {technology: sram, area: 0.09um^2, aspect: 2}
workloads: [{network: alexnet, phase: inference, batch: 1}]
`

func evaluated(t *testing.T, text string) (*model.Model, *model.Report) {
	t.Helper()
	d, err := study.ParseDesign("d.yaml", []byte("stco: 1\n"+text+ownCells))
	if err != nil {
		t.Fatal(err)
	}
	again, err := study.ParseDesign("elsewhere/r.yaml", d.YAML())
	if err != nil || string(again.YAML()) != string(d.YAML()) {
		t.Fatalf("the resolved design is another one: %v", err)
	}
	m, err := model.New(catalog.Of(&again.Setup), again.Setup)
	if err != nil {
		t.Fatal(err)
	}
	e, err := m.NewEvaluator()
	if err != nil {
		t.Fatal(err)
	}
	r := new(model.Report)
	if err := e.Evaluate(&again.Design, r); err != nil {
		t.Fatal(err)
	}
	return m, r
}

// TestOwnCellInDesign: a cell of the user's table is the one the buffer is built
// of, its figures those that the array has of it alone; what the user does not
// state is no number; what he states is a limit.
func TestOwnCellInDesign(t *testing.T) {
	for _, technology := range []string{"sot", "stt", "sram"} {
		m, r := evaluated(t, "design: {technology: "+technology+", rows: 256}\nmodel: {"+technology+"_cell: our-"+technology+"}")
		u, err := bitcell.FromTable(m.Catalog.Tables, "our-"+technology)
		if err != nil {
			t.Fatal(err)
		}
		n, err := m.Catalog.Tables.Node("14nm", tech.LowOperatingPower)
		if err != nil {
			t.Fatal(err)
		}
		want, err := u.Cell(n, 358.15)
		if err != nil {
			t.Fatal(err)
		}
		if r.Cell != want {
			t.Errorf("%s: cell %+v, want %+v", technology, r.Cell, want)
		}
		circuits, err := m.Catalog.Tables.Circuits()
		if err != nil {
			t.Fatal(err)
		}
		solver, err := array.NewSolver(n, array.Options{Temperature: 358.15, Circuits: *circuits})
		if err != nil {
			t.Fatal(err)
		}
		var f array.Figures
		d := &r.Design
		bus := r.Array
		spec := array.Spec{Capacity: d.Capacity, Banks: d.Banks, WordBits: d.WordBits, ECC: d.ECC, Codeword: d.Codeword, AreaSlack: 0.15, Rows: 256, Bus: d.Bus()}
		if err := solver.Solve(&want, &spec, &f); err != nil {
			t.Fatal(err)
		}
		if f != bus {
			t.Errorf("%s: the array of the design is not that of its cell", technology)
		}
		if !(r.Energy > 0 && r.Latency > 0) {
			t.Errorf("%s: energy %g, latency %g", technology, r.Energy, r.Latency)
		}
		row := designs.Row(m.Catalog, r)
		for i, k := range m.Catalog.Knobs() {
			own := k.Name == "mtj_diameter" || k.Name == "barrier" || k.Name == "material" || k.Name == "selector" || k.Name == "pulse"
			if own != math.IsNaN(row[i]) && (own || k.Name == "capacity" || k.Name == "flavour") {
				t.Errorf("%s: knob %s is %g", technology, k.Name, row[i])
			}
		}
		if technology == "sram" {
			continue
		}
		if technology == "sot" && (r.Device.Retention != 2 || r.Device.Endurance != 1e13 || r.Memory.Retention != 2 || r.Memory.Endurance != 1e13) {
			t.Errorf("retention %v, endurance %v", r.Device.Retention, r.Device.Endurance)
		}
		if technology == "stt" && !(math.IsInf(r.Memory.Retention, 1) && math.IsInf(r.Memory.Endurance, 1)) {
			t.Errorf("a limit that the user did not state: %g s", r.Memory.Retention)
		}
		if !r.Given || !math.IsNaN(r.Device.DeltaHot) || r.Device.WriteCurrent != want.WriteCurrent || r.Device.Parallel != u.On {
			t.Errorf("%s: device %+v", technology, r.Device)
		}
		for i, v := range r.Violations {
			if math.IsNaN(v) {
				t.Errorf("%s: limit %s is not a number", technology, model.ViolationName(i))
			}
		}
		if steps, err := m.Chain(r); err != nil || steps != nil {
			t.Errorf("a chain of a cell that no device stands behind: %v, %v", steps, err)
		}
		if _, _, err := m.Population(r, 10, 1); err == nil {
			t.Error("a sample of a cell that no device stands behind")
		}
	}
}

// TestOwnCellLimits: a retention that the user states is judged as that of the
// device model; without the cell of its technology nothing of it counts.
func TestOwnCellLimits(t *testing.T) {
	_, strict := evaluated(t, "design: {technology: sot, retention: strict}\nmodel: {sot_cell: our-sot}")
	if strict.Feasible() {
		t.Error("weights of a day in cells of two seconds")
	}
	_, scrubbed := evaluated(t, "design: {technology: sot}\nmodel: {sot_cell: our-sot}")
	if !scrubbed.Feasible() || scrubbed.ScrubShare <= 0 {
		t.Errorf("scrubbed: %v, share %g", scrubbed.Violations, scrubbed.ScrubShare)
	}
	_, plain := evaluated(t, "design: {technology: sot}")
	_, other := evaluated(t, "design: {technology: sot}\nmodel: {stt_cell: our-stt}")
	if plain.Cell != other.Cell || plain.Given || other.Given || plain.Cell == scrubbed.Cell {
		t.Error("an STT cell changes an SOT buffer")
	}
}

// TestOwnCellInStudy: the knobs of a bitcell that is given are no dimensions of
// the search; another cell is another problem; wrong names say what there is.
func TestOwnCellInStudy(t *testing.T) {
	parse := func(model, space string) (*study.Study, error) {
		return study.Parse("s.yaml", []byte("stco: 1\nname: s\nobjectives: [energy, area]\nspace: "+space+"\nmodel: "+model+ownCells))
	}
	given, err := parse("{sot_cell: our-sot}", "{technology: sot}")
	if err != nil {
		t.Fatal(err)
	}
	modelled, err := parse("{}", "{technology: sot}")
	if err != nil {
		t.Fatal(err)
	}
	if given.ProblemHash() == modelled.ProblemHash() {
		t.Error("the cell is no part of the problem")
	}
	for _, s := range []*study.Study{given, modelled} {
		m, err := model.New(catalog.Of(&s.Setup), s.Setup)
		if err != nil {
			t.Fatal(err)
		}
		strata, err := s.Strata(&objectives.Problem{Model: m})
		if err != nil || len(strata) == 0 {
			t.Fatalf("%d strata, %v", len(strata), err)
		}
		for _, p := range strata {
			names := map[string]bool{}
			for i := range p.Problem.Decoder.Space.Dim() {
				names[p.Problem.Decoder.Space.Parameter(i).Name] = true
			}
			if names["mtj_diameter"] != (s == modelled) || !names["banks"] {
				t.Errorf("%s searches %v", p.Name, names)
			}
		}
	}
	for text, want := range map[string]string{
		"{sot_cell: our-stt}":                `sot_cell: unknown value "our-stt"; known: model, our-sot`,
		"{sram_cell: our-sot}":               `known: hd, hp, our-sram`,
		"{sram_cell: our-sram, ports: 1r1w}": "ports 1r1w: a cell of the table cells has one port",
	} {
		s, err := parse(text, "{technology: sram}")
		if err == nil {
			_, err = model.New(catalog.Of(&s.Setup), s.Setup)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
