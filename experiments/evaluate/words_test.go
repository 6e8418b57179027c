package evaluate

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"

	"stco/experiments/baselines"
	"stco/experiments/study"
	"stco/model"
	"stco/model/units"
)

// described evaluates a design and returns what is said of it, by what it is about.
func described(t *testing.T, design string) (*Evaluation, *Parts, map[string]string) {
	t.Helper()
	d, err := study.ParseDesign("test", []byte("stco: 1\ndesign: {"+design+"}\nworkloads:\n  - {network: mobilenet_v2, phase: inference, batch: 1}\n"))
	if err != nil {
		t.Fatal(err)
	}
	e, err := Design(d)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Explain(t.Context(), d, e)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	for i := range p.Words.Rows {
		said[text(t, p.Words, i, "about")] += text(t, p.Words, i, "sentence") + "\n"
	}
	return e, p, said
}

// TestInWords holds the sentences to the figures of the report, which they are not
// made of in the same way.
func TestInWords(t *testing.T) {
	e, p, said := described(t, "technology: sot, capacity: 8MiB")
	r := &e.Report
	for name, share := range map[string]float64{
		"cell write voltage": float64(r.Device.WriteVoltage / r.Device.WriteSupply), "endurance": r.WearOut, "scrub bandwidth": 2 * r.ScrubShare,
	} {
		found := false
		for i := range p.Violations.Rows {
			if text(t, p.Violations, i, "limit") == name {
				found = true
				if got := cell(t, p.Violations, i, "used"); !(math.Abs(got-100*share) < 0.006) {
					t.Errorf("%s is used to %g %%, not %g", name, got, 100*share)
				}
			}
		}
		if want := fmt.Sprintf("%s (%.3g %% of its limit)", name, 100*share); !found || strings.Contains(said["limits"], want) != (share >= 0.5) {
			t.Errorf("limits: %q; %s", want, said["limits"])
		}
	}
	for _, want := range []string{
		units.Format(r.Lifetime, units.DimTime), units.Format(float64(r.Device.Retention), units.DimTime), fmt.Sprintf("%.1f in the hot worst cell", r.Device.DeltaWorst),
		units.Format(float64(r.Device.CriticalCurrent), units.DimCurrent) + "; the pulse", units.Format(float64(r.Device.WriteCurrent), units.DimCurrent) + " of it",
		fmt.Sprintf("%.3g fins", r.Device.WriteFins), units.Format(float64(r.Device.Area), units.DimArea),
	} {
		if !strings.Contains(said["chain"], want) {
			t.Errorf("the chain lacks %q: %s", want, said["chain"])
		}
	}
	// Time: its largest part comes first, with its share.
	if got := regexp.MustCompile(`Of the time .*: (.*?) ([0-9.]+) %`).FindStringSubmatch(said["causes"]); len(got) < 3 {
		t.Errorf("causes: %s", said["causes"])
	}
	// The named parts of the difference are all of it that is worth naming.
	got := regexp.MustCompile(`takes (\S+) (more|less) energy`).FindStringSubmatch(said["difference"])
	if len(got) < 3 {
		t.Fatalf("difference: %s", said["difference"])
	}
	total, err := units.ParseAs(got[1], units.DimEnergy)
	if err != nil {
		t.Fatal(err)
	}
	if got[2] == "less" {
		total = -total
	}
	line, _, _ := strings.Cut(said["difference"][strings.Index(said["difference"], "energy"):], "\n")
	sum := 0.0
	for _, m := range regexp.MustCompile(`([+-])([0-9.]+[a-z]*J)`).FindAllStringSubmatch(line, -1) {
		v, err := units.ParseAs(m[2], units.DimEnergy)
		if err != nil {
			t.Fatal(err)
		}
		if m[1] == "-" {
			v = -v
		}
		sum += v
	}
	if math.Abs(sum-total) > 0.01*r.Energy {
		t.Errorf("the parts of the difference are %g J of %g J: %s", sum, total, line)
	}
}

// TestReadsInWords: the sentence, the sample's row and the listed step tell one number
// of reads, and where it is from.
func TestReadsInWords(t *testing.T) {
	for _, c := range []struct{ design, model, origin string }{
		{"technology: sot, capacity: 16MiB", "", "counted from the schedule of mobilenet_v2 inference b1"},
		{"technology: hybrid, capacity: 16MiB, split: 0.75", "", "assumed by the device preset"},
		{"technology: stt, capacity: 16MiB", "model: {reads: 4000}\n", "given by the study"},
	} {
		d, err := study.ParseDesign("test", []byte("stco: 1\ndesign: {"+c.design+"}\n"+c.model+"workloads:\n  - {network: mobilenet_v2, phase: inference, batch: 1}\n"))
		if err != nil {
			t.Fatal(err)
		}
		e, err := Design(d)
		if err != nil {
			t.Fatal(err)
		}
		said := strings.Join(chain(e.Model, &e.Report), "\n")
		got := regexp.MustCompile(`read up to (\S+) times between two writes, (.*);`).FindStringSubmatch(said)
		if got == nil || !strings.HasPrefix(got[2], c.origin) {
			t.Errorf("%s: %s", c.design, said)
			continue
		}
		if want := map[bool]string{true: fmt.Sprintf("%.3g", e.Report.Reads), false: map[bool]string{true: "4e+03", false: "100"}[c.model != ""]}[strings.HasPrefix(c.origin, "counted")]; got[1] != want {
			t.Errorf("%s: %s reads, want %s", c.design, got[1], want)
		}
		p, err := MonteCarlo(e, 10, 1)
		if err != nil {
			t.Fatal(err)
		}
		if row := text(t, p.Rates, 3, "cause"); row != "read disturb of "+got[1]+" reads" {
			t.Errorf("%s: row %q, sentence %q", c.design, row, got[1])
		}
	}
	sram, _, said := described(t, "technology: sram, capacity: 1MiB")
	if strings.Contains(said["chain"], "read up to") || len(chain(sram.Model, &sram.Report)) > 0 {
		t.Errorf("of SRAM: %q", said["chain"])
	}
}

// TestMissedInWords: a design that misses limits says so first, one without cells
// has no chain, and a baseline that there is none of says why.
func TestMissedInWords(t *testing.T) {
	e, _, said := described(t, "technology: sot, capacity: 8MiB, pulse: 200ps, mtj_diameter: 30nm")
	if e.Report.Feasible() {
		t.Fatal("feasible")
	}
	if !strings.HasPrefix(said["limits"], "Missed: ") || !strings.Contains(said["limits"], strings.Split(e.Failures[0], " is missed")[0]) {
		t.Errorf("%q of %v", said["limits"], e.Failures)
	}
	if _, _, said := described(t, "technology: sram, capacity: 1MiB"); said["chain"] != "" || said["difference"] != "" || said["limits"] == "" {
		t.Errorf("of SRAM: %v", said)
	}
	all := []baselines.Baseline{
		{Name: "iso-area", Flavour: "hp", Reason: "the cells alone take 3 of 2 mm2"},
		{Name: "iso-area", Least: baselines.LeastEnergy, Flavour: "hp", Reason: "again"},
		{Name: "2 MiB", Flavour: "hp", Found: true},
	}
	if got := missing(all); len(got) != 1 || got[0] != "No baseline SRAM iso-area (hp): the cells alone take 3 of 2 mm2." {
		t.Errorf("%q", got)
	}
	var r model.Report
	for i := range r.Violations {
		r.Violations[i] = -1
	}
	if got := binding(&r); got != "No limit binds: none is used to 50 %." {
		t.Error(got)
	}
}
