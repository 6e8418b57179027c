//go:build long

package campaign

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"stco/experiments/study"
	"stco/experiments/study/catalog"
	"stco/explore"
	"stco/model/device"
	"stco/space"
)

var updateArea = flag.Bool("update", false, "write docs/area.md")

// areaStudy asks for the least area of 32 MiB; %s is the technology.
const areaStudy = `stco: 1
name: area
workloads:
  - {network: resnet50, phase: training, batch: 16, optimizer: momentum}
space:
  technology: %s
  material: [pt0.6-mgo0.4, pd0.25-pt0.75, au0.25-pt0.75, beta-w, beta-w-co]
  ecc: [none, secded, dec]
  capacity: 32MiB
  clock: 1GHz
  read_bus: 4096
  write_bus: 2048
objectives: [area]
search: {evaluations: 12000}
`

// areaChoices are the choices that the area of an SOT buffer hangs on: each
// alone against the defaults, then together.
func areaChoices() [][2]string {
	old := "exchange=15pJ/m field_mode=external diffusion_break=0 shunt=no write_floor=0 write_tries=1"
	return [][2]string{
		{"all defaults", ""},
		{"exchange 4 pJ/m (fit of one device)", "exchange=4pJ/m"},
		{"exchange 20 pJ/m (film)", "exchange=20pJ/m"},
		{"plateau: barrier flat beyond coherent reversal", "stability_exponent=0"},
		{"coherent reversal at every diameter", "nucleation_limit=no"},
		{"attempt time 1 fs", "attempt_time=1e-6ns"},
		{"field-free: tilted anisotropy", "field_mode=tilted"},
		{"field-free: spin-transfer assist", "field_mode=stt-assist"},
		{"permanent field of 40 mT", "field=40mT"},
		{"field of a test set-up: no loss of barrier", "field_mode=external"},
		{"no broken diffusion ends: 2 pitches", "diffusion_break=0"},
		{"double diffusion break", "diffusion_break=1"},
		{"shared-area cells", "shared_area=0.62"},
		{"read selector above the cell (IGZO)", "selector=igzo"},
		{"pillars 1.5 diameters apart", "pitch_ratio=1.5"},
		{"spread of the film halved", "cv_anisotropy=0.272% cv_thickness=0.272%"},
		{"spread of the film doubled", "cv_anisotropy=1.088% cv_thickness=1.088%"},
		{"one attempt, no error floor", "write_floor=0 write_tries=1"},
		{"three attempts", "write_tries=3"},
		{"codewords of 512 bits", "codeword=512"},
		{"soft film: 20 pJ/m and half the spread", "exchange=20pJ/m cv_anisotropy=0.272% cv_thickness=0.272%"},
		{"hard film: plateau and twice the spread", "stability_exponent=0 cv_anisotropy=1.088% cv_thickness=1.088%"},
		{"free layer of 0.8 nm or more (0.6 searched)", "free_layer=[0.8nm,0.9nm,1nm,1.1nm,1.2nm,1.3nm,1.4nm,1.5nm]"},
		{"free layer of 1 nm or more", "free_layer=[1nm,1.1nm,1.2nm,1.3nm,1.4nm,1.5nm]"},
		{"endurance 7e12", "endurance=7e12"},
		{"written from 1.2 V", "write_supply=1.2V"},
		{"no shunt", "shunt=no"},
		{"nucleation 0.33 (90 nm Pt/Co dots)", "nucleation=0.33"},
		{"nucleation 1.9 (80 nm W/CoFeB)", "nucleation=1.9"},
		{"guard-band of the mean cell", "process_sigma=0"},
		{"before the corrections: 15 pJ/m, free field, 2 pitches, no shunt, no floor", old},
		{"favourable ends together: 20 pJ/m, tilted, shared area, 512-bit codewords, half the spread", "exchange=20pJ/m field_mode=tilted shared_area=0.62 codeword=512 cv_anisotropy=0.272% cv_thickness=0.272%"},
		{"unfavourable ends together: plateau, 40 mT, double break, twice the spread", "stability_exponent=0 field=40mT diffusion_break=1 cv_anisotropy=1.088% cv_thickness=1.088%"},
	}
}

type leastArea struct {
	area, diameter float64
	code           string
	fins           float64
	bounds         []string // knobs that rest on a bound
	found          bool
}

// least is the least area of areaSeeds searches of each code, each with a descent
// from what it found: the fins of the write transistors step, single seeds of one
// model differ by up to 17 %, and with another code the cell lies elsewhere.
const areaSeeds = 3

func least(t *testing.T, technology, set string) leastArea {
	t.Helper()
	codes := []string{"ecc=none", "ecc=secded", "ecc=dec"}
	if strings.Contains(set, "ecc=") {
		codes = []string{""}
	}
	var best leastArea
	for _, code := range codes {
		if l := leastOfCode(t, technology, set+" "+code); l.found && (!best.found || l.area < best.area) {
			best = l
		}
	}
	return best
}

func leastOfCode(t *testing.T, technology, set string) leastArea {
	t.Helper()
	s, err := study.Parse("area", fmt.Appendf(nil, areaStudy, technology))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Set(strings.Fields(set)); err != nil {
		t.Fatal(err)
	}
	_, p, err := s.Build()
	if err != nil {
		t.Fatal(err)
	}
	searched := study.Searched(p)
	area := func(f []float64) float64 { return f[0] }
	var best *explore.Solution
	for seed := range uint64(areaSeeds) {
		r, err := explore.Run(context.Background(), searched, explore.Config{
			Algorithm: s.Search.Algorithm, Population: s.Search.Population, Islands: s.Search.Islands, MigrationEvery: s.Search.MigrationEvery,
			Workers: 2, Seed: seed + 1, Key: []byte(s.ProblemHash()), Budget: explore.Budget{Evaluations: s.Search.Evaluations},
		}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range r.Archive {
			d := explore.Descend(searched, r.Archive[i].X, explore.Descent{Evaluations: 6000, Seed: seed + 1}, area)
			if best == nil || d.F[0] < best.F[0] {
				best = &d
			}
		}
	}
	if best == nil {
		return leastArea{}
	}
	e, err := p.NewEvaluator()
	if err != nil {
		t.Fatal(err)
	}
	f, g := make([]float64, len(p.Objectives)), make([]float64, p.NumConstraints())
	e.Evaluate(best.X, f, g)
	d := &e.Report.Design
	if d.Technology != device.SRAM && d.Technology != device.SOT {
		t.Fatal(d.Technology)
	}
	l := leastArea{
		area: float64(e.Report.Area()) * 1e6, diameter: float64(d.MTJDiameter) * 1e9,
		code: d.ECC.String(), fins: e.Report.Device.WriteFins, found: true,
	}
	for i, k := range catalog.Builtin().Knobs() {
		v, r := k.Get(d), &s.Space[i]
		switch {
		case r.Kind == space.Choice || r.Min == r.Max || !k.AppliesTo(d.Technology, false):
		case math.Abs(v-r.Min) <= 1e-9*r.Max:
			l.bounds = append(l.bounds, k.Name+" least")
		case math.Abs(v-r.Max) <= 1e-9*r.Max:
			l.bounds = append(l.bounds, k.Name+" largest")
		}
	}
	return l
}

// TestAreaByChoice writes, with -update, or checks the table of docs/area.md.
func TestAreaByChoice(t *testing.T) {
	sram := map[string]float64{}
	for _, codeword := range []string{"64", "512"} {
		for _, code := range []string{"none", "secded", "dec"} {
			sram[code+codeword] = least(t, "sram", "ecc="+code+" codeword="+codeword).area
		}
	}
	var doc strings.Builder
	fmt.Fprintf(&doc, "SRAM of 32 MiB, least area: %.2f mm^2 without a code, %.2f with SECDED, %.2f with DEC (codewords of 64 bits).\n\n", sram["none64"], sram["secded64"], sram["dec64"])
	doc.WriteString("| choice | least area (mm^2) | over SRAM without a code | over SRAM with the same code | code | diameter (nm) | write fins |\n|---|---|---|---|---|---|---|\n")
	for _, c := range areaChoices() {
		l := least(t, "sot", c[1])
		t.Logf("%s: %.2f mm^2, on a bound: %s", c[0], l.area, strings.Join(l.bounds, ", "))
		if !l.found {
			fmt.Fprintf(&doc, "| %s | none feasible | | | | | |\n", c[0])
			continue
		}
		codeword := "64"
		if strings.Contains(c[1], "codeword=512") {
			codeword = "512"
		}
		fmt.Fprintf(&doc, "| %s | %.2f | %.2f | %.2f | %s | %.0f | %.0f |\n", c[0], l.area, l.area/sram["none64"], l.area/sram[l.code+codeword], l.code, l.diameter, l.fins)
		if math.IsNaN(l.area) || l.area <= 0 {
			t.Errorf("%s: area %g", c[0], l.area)
		}
	}
	const file, begin, end = "../../docs/area.md", "<!-- areas: written by a long test -->\n", "<!-- end of areas -->\n"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(data), begin)
	was, after, found := strings.Cut(rest, end)
	if !found {
		t.Fatalf("%s has no marks", file)
	}
	if *updateArea {
		if err := os.WriteFile(file, []byte(before+begin+doc.String()+end+after), 0o644); err != nil { //nolint:gosec // a document
			t.Fatal(err)
		}
	} else if was != doc.String() {
		t.Errorf("docs/area.md is not what the model says:\n%s", doc.String())
	}
}
