package baselines

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"stco/experiments/study"
	"stco/model/array"
	"stco/model/units"
)

// TestCompared: buffers are compared by energy, latency and area, and by every
// other objective once.
func TestCompared(t *testing.T) {
	s := SRAMSearch{goals: []string{"area", "dram_traffic", "energy"}}
	p, err := s.judge(nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range p.Objectives {
		got = append(got, p.Objectives[i].Name)
	}
	if !slices.Equal(got, []string{"energy", "latency", "area", "dram_traffic"}) {
		t.Errorf("%v", got)
	}
}

// TestNamed: the frame is that of the values a study fixes, the first of a list.
func TestNamed(t *testing.T) {
	st, err := study.Parse("t", []byte("stco: 1\nname: t\nworkloads: [{network: mobilenet_v2, phase: inference}]\nobjectives: [energy]\nspace: {ecc: dec, flavour: [hp, lop]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	e, _ := laboratory(t, nil)
	d := NewSRAMSearch(t.Context(), e.Model, st, 1).named()
	if d.ECC != array.DEC || d.Flavour != "hp" {
		t.Errorf("%s %s, want dec and hp", d.ECC, d.Flavour)
	}
}

// TestReasons: why no buffer meets a condition, with its numbers in mm2 and MiB.
func TestReasons(t *testing.T) {
	e, s := laboratory(t, []study.Baseline{{Capacity: 10 << 20, Area: 1e-6}, {Area: 1e-9}})
	bases, err := s.Baselines(&e.Report, "lop")
	if err != nil {
		t.Fatal(err)
	}
	reason := func(bases []Baseline, name string) string {
		t.Helper()
		at := slices.IndexFunc(bases, func(b Baseline) bool { return strings.HasPrefix(b.Name, name) })
		if at < 0 || bases[at].Found {
			t.Fatalf("no baseline %s, or one that was found", name)
		}
		return bases[at].Reason
	}
	var took, limit float64
	if _, err := fmt.Sscanf(reason(bases, "10 MiB"), "the smallest SRAM buffer of 10 MiB takes %g of %g mm2", &took, &limit); err != nil || limit != 1 || took <= 1 || took > 10 {
		t.Errorf("%s (%v)", reason(bases, "10 MiB"), err)
	}
	if _, err := fmt.Sscanf(reason(bases, "0.001 mm2"), "the cells of 64 KiB of SRAM alone take %g of %g mm2", &took, &limit); err != nil || limit != 0.001 || took <= 0.001 {
		t.Errorf("%s (%v)", reason(bases, "0.001 mm2"), err)
	}
	// One per cent more than the cells holds no periphery.
	e, s = laboratory(t, []study.Baseline{{Area: units.Area(1.01e-6 * took)}})
	if bases, err = s.Baselines(&e.Report, "lop"); err != nil {
		t.Fatal(err)
	}
	if got, want := reason(bases, ""), fmt.Sprintf("no SRAM buffer with its periphery fits %.3g mm2", 1.01*took); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
