package model_test

import (
	"math"
	"reflect"
	"testing"

	"stco/model"
	"stco/model/workload"
)

// TestVary: a varied model is worth what a new one of the setup is, and leaves the
// one that it came from as it was.
func TestVary(t *testing.T) {
	c, err := model.NewCatalog()
	if err != nil {
		t.Fatal(err)
	}
	s := model.DefaultSetup()
	s.Workloads = []model.Workload{{Network: "mobilenet_v2", Weight: 1, Options: workload.Options{Batch: 1, Precision: workload.MixedPrecision()}}}
	m, err := model.New(c, s)
	if err != nil {
		t.Fatal(err)
	}
	worth := func(m *model.Model) model.Report {
		t.Helper()
		e, err := m.NewEvaluator()
		if err != nil {
			t.Fatal(err)
		}
		d := model.DefaultDesign()
		var r model.Report
		if err := e.Evaluate(&d, &r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	before := worth(m)
	changed := 0
	for _, v := range c.Settings() {
		switch {
		case v.Scale == model.Choice || v.Whole:
			continue
		case v.Group == model.DeviceGroup && v.Low < v.High, v.Name == "t_hot", v.Name == "pe_clock", v.Name == "dram_efficiency", v.Name == "error_budget":
		default:
			continue
		}
		to := s
		x := v.High
		switch v.Name {
		case "t_hot":
			x = 370
		case "pe_clock":
			x = 0.8e9
		case "dram_efficiency":
			x = 0.7
		case "error_budget":
			x = 1e-12
		}
		v.Set(&to, x)
		fresh, err := model.New(c, to)
		if err != nil {
			continue // no cell can have it
		}
		quick, err := m.Vary(to)
		if err != nil {
			t.Errorf("%s: %v", v.Name, err)
			continue
		}
		a, b := worth(fresh), worth(quick)
		if !reflect.DeepEqual(a.Violations, b.Violations) || a.Energy != b.Energy && !(math.IsNaN(a.Energy) && math.IsNaN(b.Energy)) || a.Latency != b.Latency && !math.IsNaN(a.Latency) {
			t.Errorf("%s: %g J, %g s, new %g J, %g s", v.Name, b.Energy, b.Latency, a.Energy, a.Latency)
		}
		if a.Energy != before.Energy || !reflect.DeepEqual(a.Violations, before.Violations) {
			changed++
		}
	}
	if again := worth(m); again.Energy != before.Energy || again.Violations != before.Violations {
		t.Error("the model that was varied is another")
	}
	if changed < 8 {
		t.Errorf("%d settings change something", changed)
	}
}
