package study_test

import (
	"slices"
	"testing"

	"stco/experiments/study"
	"stco/model"
	"stco/model/array"
	"stco/model/device"
)

// TestNiches: what is searched is split by the code, where it is free; the niches are
// together the strata, and each decodes to its own code.
func TestNiches(t *testing.T) {
	niches := func(space, search string) (list, strata []study.Stratum, names []string) {
		t.Helper()
		s, err := study.Parse("s.yaml", []byte("stco: 1\nname: s\nworkloads: [{network: mobilenet_v2, phase: inference}]\nobjectives: [energy, area]\nspace: "+space+search))
		if err != nil {
			t.Fatal(err)
		}
		_, p, err := s.Build()
		if err != nil {
			t.Fatal(err)
		}
		if strata, err = s.Strata(p); err != nil {
			t.Fatal(err)
		}
		if list, err = s.Niches(p); err != nil {
			t.Fatal(err)
		}
		for i := range list {
			names = append(names, list[i].Name)
		}
		return list, strata, names
	}
	const few = "{technology: [sram, sot, hybrid], capacity: [2MiB, 4MiB], banks: 16, word: 256, read_bus: 1024, write_bus: 1024, clock: 1GHz, material: beta-w, mtj_diameter: 90nm, width_margin: 0nm, channel_thickness: 3nm, free_layer: 0.8nm, anisotropy: 0.6mJ/m2, barrier: 1nm, pulse: [1ns, 2ns], read_voltage: 0.1V, split: 0.5, ecc: "
	list, strata, names := niches(few+"[none, dec]}", "")
	if want := []string{"sram", "sot none", "sot dec", "hybrid none", "hybrid dec"}; !slices.Equal(names, want) {
		t.Fatalf("%v, want %v", names, want)
	}
	total := func(list []study.Stratum, from int) (n int64) {
		for i := from; i < len(list); i++ {
			k, ok := list[i].Problem.Decoder.Space.Size()
			if !ok {
				t.Fatal("not finite")
			}
			n += k
		}
		return n
	}
	if a, b := total(list, 1), total(strata, 1); a != b || a != 2*2*2*2 {
		t.Errorf("%d designs in niches, %d in strata", a, b)
	}
	for i, code := range []array.ECC{array.NoECC, array.NoECC, array.DEC, array.NoECC, array.DEC} {
		var d model.Design
		sp := list[i].Problem.Decoder.Space
		x := make([]float64, sp.Dim())
		sp.At(0, x)
		list[i].Problem.Decoder.Decode(x, &d)
		if d.ECC != code || d.Hybrid != (i > 2) || d.Technology == device.SRAM != (i == 0) || list[i].Enumerate != (i == 0) {
			t.Errorf("%s: %+v", list[i].Name, d)
		}
	}
	if _, _, names := niches(few+"dec}", ""); !slices.Equal(names, []string{"sram", "sot", "hybrid"}) {
		t.Errorf("one code: %v", names)
	}
	if _, _, names := niches(few+"[none, dec]}", "\nsearch: {algorithm: grid}"); !slices.Equal(names, []string{"sram", "sot", "hybrid"}) {
		t.Errorf("a grid: %v", names)
	}
	if _, _, names := niches("{technology: sot, selector: [transistor, igzo], ecc: [none, secded]}", ""); len(names) != 4 || names[0] != "sot transistor none" {
		t.Errorf("selectors: %v", names)
	}
}
