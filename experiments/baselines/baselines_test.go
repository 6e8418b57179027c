package baselines

import (
	"math"
	"slices"
	"strings"
	"testing"

	"stco/experiments/study"
	"stco/experiments/study/catalog"
	"stco/model"
	"stco/model/array"
	"stco/model/device"
	"stco/model/units"
)

// evaluated is a design that was evaluated.
type evaluated struct {
	Model  *model.Model
	Report model.Report
}

func evaluate(t *testing.T, d *study.Design) *evaluated {
	t.Helper()
	m, err := model.New(catalog.Of(&d.Setup), d.Setup)
	if err != nil {
		t.Fatal(err)
	}
	eval, err := m.NewEvaluator()
	if err != nil {
		t.Fatal(err)
	}
	e := &evaluated{Model: m}
	if err := eval.Evaluate(&d.Design, &e.Report); err != nil {
		t.Fatal(err)
	}
	return e
}

// laboratory returns an evaluated design and the search for its baselines.
func laboratory(t *testing.T, list []study.Baseline) (*evaluated, *SRAMSearch) {
	t.Helper()
	d, err := study.ParseDesign("test", []byte("stco: 1\ndesign: {capacity: 10MiB, banks: 32, word: 512, ecc: dec, pulse: 3ns}\nworkloads: [{network: mobilenet_v2, phase: inference}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	e := evaluate(t, d)
	s := StudyOf(d)
	s.Baselines = list
	return e, NewSRAMSearch(t.Context(), e.Model, s, 2)
}

// figureOf is what a baseline is the least in, worked out here.
func figureOf(r *model.Report, least string) float64 {
	switch least {
	case "energy":
		return r.Energy
	case "latency":
		return r.Latency
	}
	return r.Energy * r.Latency
}

// sram evaluates every SRAM buffer of a flavour and the code and port of a
// design, without the search's code: all banks and words of the default space.
func sram(t *testing.T, m *model.Model, of *model.Design, flavour string, capacities []units.Bytes) []model.Report {
	t.Helper()
	e, err := m.NewEvaluator()
	if err != nil {
		t.Fatal(err)
	}
	banks := []int{1}
	for b := 2; b <= 256; b *= 2 {
		banks = append(banks, b)
		if b < 256 {
			banks = append(banks, b*3/2)
		}
	}
	var all []model.Report
	for _, c := range capacities {
		for _, n := range banks {
			for word := 64; word <= 2048; word *= 2 {
				d := *of
				d.Technology, d.Hybrid, d.Flavour, d.Capacity, d.Banks, d.WordBits, d.Rows, d.Columns = device.SRAM, false, flavour, c, n, word, 0, 0
				var r model.Report
				if err := e.Evaluate(&d, &r); err != nil {
					t.Fatal(err)
				}
				if r.Feasible() {
					r.Costs = slices.Clone(r.Costs)
					all = append(all, r)
				}
			}
		}
	}
	return all
}

// TestNoBetterSRAM: no SRAM buffer of the enumeration is better in the figure of
// a baseline than the baseline, at the capacity and within the area it is for;
// each carries the code and has the port of the design.
func TestNoBetterSRAM(t *testing.T) {
	e, s := laboratory(t, study.DefaultBaselines())
	of := &e.Report
	for _, flavour := range []string{"hp", "lop"} {
		bases, err := s.Baselines(of, flavour)
		if err != nil {
			t.Fatal(err)
		}
		if len(bases) != 9 || bases[0].Name != "iso-capacity" || bases[3].Name != "iso-area" || bases[6].Name != "2 MiB" || bases[4].Least.String() != "energy" {
			t.Fatalf("%d baselines", len(bases))
		}
		var capacities []units.Bytes
		for c := 64 << 10; c <= 32<<20; c *= 2 {
			capacities = append(capacities, units.Bytes(c), units.Bytes(c*3/2))
		}
		all := sram(t, e.Model, &of.Design, flavour, append(capacities, of.Design.Capacity))
		reached := 0
		for i := range bases {
			b := &bases[i]
			if !b.Found {
				t.Errorf("%s %s: none: %s", flavour, b.Name, b.Reason)
				continue
			}
			d := &b.Report.Design
			if d.Technology != device.SRAM || d.ECC != of.Design.ECC || d.ReadBus != of.Design.ReadBus || d.WriteBus != of.Design.WriteBus || d.Clock != of.Design.Clock || d.Flavour != flavour {
				t.Errorf("%s: %+v", b.Name, d)
			}
			if b.Name == "iso-area" && b.Report.Area() > of.Area() {
				t.Errorf("%g mm2 is more than the design's", float64(b.Report.Area())*1e6)
			}
			own := figureOf(&b.Report, b.Least.String())
			for j := range all {
				r := &all[j]
				switch {
				case b.Name == "iso-capacity" && r.Design.Capacity != 10<<20, b.Name == "iso-area" && r.Area() > of.Area(), b.Name == "2 MiB" && r.Design.Capacity != 2<<20:
					continue
				}
				v := figureOf(r, b.Least.String())
				if v < own*(1-1e-12) {
					t.Errorf("%s %s of least %s: %g MiB, %d banks of %d bits is better", flavour, b.Name, b.Least, float64(r.Design.Capacity)/(1<<20), r.Design.Banks, r.Design.WordBits)
				}
				if v <= own*(1+1e-12) {
					reached++
				}
			}
		}
		if reached < len(bases) {
			t.Errorf("%d of %d baselines are among the buffers enumerated here", reached, len(bases))
		}
	}
}

// TestIsoAreaIsMonotone: the figure of the iso-area baseline never gets worse
// with more area, and moves with 1 % of area by no more than to another buffer of
// the SRAM front: one that is larger than the area before.
func TestIsoAreaIsMonotone(t *testing.T) {
	e, s := laboratory(t, []study.Baseline{{SameArea: true}})
	of := e.Report
	steps, last, lastArea := 0, math.Inf(1), 0.0
	for area := 0.3e-6; area < 20e-6; area *= 1.01 {
		of.Array.Area.Total = units.Area(area)
		bases, err := s.Baselines(&of, "lop")
		if err != nil {
			t.Fatal(err)
		}
		b := &bases[0]
		if !b.Found {
			continue
		}
		edp, own := b.Report.Energy*b.Report.Latency, float64(b.Report.Area())
		switch {
		case own > area:
			t.Errorf("%g mm2 in %g mm2", own*1e6, area*1e6)
		case edp > last:
			t.Errorf("%g mm2: %g J s after %g", area*1e6, edp, last)
		case edp < last:
			if own <= lastArea {
				t.Errorf("%g mm2: a buffer of %g mm2 was left out at %g mm2", area*1e6, own*1e6, lastArea*1e6)
			}
			steps++
		}
		last, lastArea = edp, area
	}
	if steps < 10 {
		t.Errorf("%d steps of the front", steps)
	}
}

// TestBaselinesOfAStudy: what a study fixes of a baseline is what is compared,
// and one that does not exist says why.
func TestBaselinesOfAStudy(t *testing.T) {
	e, s := laboratory(t, []study.Baseline{
		{Capacity: 1 << 20},
		{Area: 2e-6, Flavour: "hp"},
		{SameCapacity: true, Temperature: 310},
		{SameCapacity: true},
		{SameCapacity: true, SameArea: true},
		{SameCapacity: true, NoResidency: true},
		{SameCapacity: true, Code: array.NoECC, OtherCode: true},
		{SameCapacity: true, Node: "7nm"},
		{Area: 1e-9},
	})
	bases, err := s.Baselines(&e.Report, "lop")
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]*Baseline{}
	for i := range bases {
		if bases[i].Least == LeastEDP {
			by[bases[i].Name] = &bases[i]
		}
	}
	if by["2 mm2"] != nil {
		t.Error("a baseline of another flavour is there")
	}
	if b := by["1 MiB"]; b == nil || b.Report.Design.Capacity != 1<<20 {
		t.Errorf("1 MiB: %+v", b)
	}
	cold, hot := by["iso-capacity 310 K"], by["iso-capacity"]
	if cold == nil || hot == nil || cold.Model.Setup.Hot != 310 || cold.Report.Leakage() >= hot.Report.Leakage() || cold.Report.Energy >= hot.Report.Energy {
		t.Error("a cold SRAM leaks no less than a hot one")
	}
	both := by["iso-capacity iso-area"]
	if both == nil || both.Found != (hot.Report.Area() <= e.Report.Area()) || !both.Found && !strings.Contains(both.Reason, "smallest SRAM buffer of 10 MiB takes") {
		t.Errorf("both limits are not kept: %+v", both)
	}
	if b := by["iso-capacity no residency"]; b == nil || !b.Found || b.Report.DRAMTraffic <= hot.Report.DRAMTraffic {
		t.Error("without residency there is no more traffic")
	}
	if b := by["iso-capacity ecc none"]; b == nil || b.Report.Design.ECC != array.NoECC || b.Report.Area() >= hot.Report.Area() {
		t.Error("a buffer without a code is no smaller")
	}
	if b := by["iso-capacity 7nm"]; b == nil || !b.Found || b.Report.Area() >= hot.Report.Area() {
		t.Error("7 nm is no smaller than 14 nm")
	}
	if b := by["0.001 mm2"]; b == nil || b.Found || !strings.Contains(b.Reason, "alone take") {
		t.Errorf("an SRAM buffer in 1000 um2: %+v", b)
	}
}
