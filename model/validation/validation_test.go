package validation

import (
	"slices"
	"testing"

	"stco"
	"stco/model/tech"
)

// TestReport holds every published figure to its bound or a numbered deviation.
func TestReport(t *testing.T) {
	tables, err := tech.Load()
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(&Input{Files: stco.Published(), Tables: tables})
	if err != nil {
		t.Fatal(err)
	}
	perGroup := map[string]int{}
	for i := range r.Checks {
		c := &r.Checks[i]
		perGroup[c.Group]++
		if c.Deviation == Unexplained {
			t.Errorf("%s %s, %s: %s is %.6g %s, published %.6g, bound %.6g to %.6g", c.Group, c.Source, c.Case, c.Quantity, c.Ours, c.Unit, c.Theirs, c.Low, c.High)
		}
	}
	for group, least := range map[string]int{"array": 231 * 5, "silicon": 20, "bitcell": 45, "network": 400, "pe-array": 174 * 6, "tiling": 200} {
		if perGroup[group] < least {
			t.Errorf("%s: %d figures", group, perGroup[group])
		}
	}
	predictions := 0
	for i := range r.Checks {
		c := &r.Checks[i]
		if c.Group != "bitcell" {
			continue
		}
		if !c.Calibration {
			predictions++
		}
		if c.High > 2*c.Low*(1+1e-9) {
			t.Errorf("%s, %s: a band of %g to %g is wider than a factor of two", c.Row, c.Quantity, c.Low, c.High)
		}
		if !(c.Low <= c.Theirs && c.Theirs <= c.High) {
			t.Errorf("%s, %s: %g is not within %g to %g", c.Row, c.Quantity, c.Theirs, c.Low, c.High)
		}
		if c.Deviation != "" && !slices.ContainsFunc(deviations(), func(d Deviation) bool { return d.Number == c.Deviation }) {
			t.Errorf("%s: no deviation %s", c.Row, c.Deviation)
		}
	}
	if predictions < 40 {
		t.Errorf("%d predictions of bitcells, want 40", predictions)
	}
	for _, d := range deviations() {
		if !slices.ContainsFunc(r.Deviations, func(x Deviation) bool { return x.Number == d.Number }) {
			t.Errorf("deviation %s %q explains no figure", d.Number, d.Title)
		}
	}
	t.Log(perGroup)
}
