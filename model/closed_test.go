package model

import (
	"math"
	"strings"
	"testing"

	"stco/model/device"
)

// TestRanges holds what files may say to the ranges of docs and README, in the
// unit of each value: both ends are read, and what lies 1 % beyond is not.
func TestRanges(t *testing.T) {
	c, err := NewCatalog()
	if err != nil {
		t.Fatal(err)
	}
	type limits struct {
		unit     string
		min, max float64
	}
	want := map[string]limits{
		"t_cold": {"K", 200, 430}, "t_nominal": {"K", 200, 430}, "t_hot": {"K", 200, 430}, "error_budget": {"", 1e-18, 0.01}, "process_sigma": {"", 0, 6},
		"area_slack": {"", 0, 10}, "bank_conflicts": {"", 1e-6, 0.95}, "bank_queue": {"", 1, 1024}, "bank_writes": {"", 0, 1}, "cores": {"", 1, 1024}, "pe_rows": {"", 1, 4096}, "pe_columns": {"", 1, 4096},
		"vector_lanes": {"", 1, 1048576}, "pe_buffer": {"KiB", 0, 1048576}, "pe_clock": {"GHz", 0.01, 5}, "logic_leakage": {"W", 1e-6, 1000}, "mac_energy": {"pJ", 1e-4, 1000},
		"residence": {"s", 1e-6, 1e10}, "product_life": {"yr", 0.001, 100}, "wear_leveling": {"", 1e-6, 1}, "dram_channels": {"", 1, 64},
		"dram_bandwidth": {"GB/s", 0.01, 1e5}, "dram_energy": {"pJ/bit", 0, 1000}, "dram_efficiency": {"", 0.01, 1}, "dram_share": {"", 0.01, 1},
		"dram_latency": {"ns", 0, 1e6}, "dram_capacity": {"GiB", 0, 10000}, "dram_background": {"W", 1e-6, 1000},
	}
	in := map[string]float64{
		"": 1, "K": 1, "KiB": 1024, "GHz": 1e9, "W": 1, "s": 1, "yr": 365.25 * 86400, "GB/s": 1e9, "pJ/bit": 1e-12, "pJ": 1e-12, "ns": 1e-9, "GiB": 1 << 30, "nm": 1e-9,
		"mJ/m^2": 1e-3, "V": 1, "MiB": 1 << 20,
	}
	settings := c.Settings()
	for i := range settings {
		v := &settings[i]
		w, ok := want[v.Name]
		if !ok {
			if v.Scale != Choice {
				t.Logf("%s is not in this table", v.Name)
			}
			continue
		}
		checkRange(t, v, w.min*in[w.unit], w.max*in[w.unit])
	}
	type knob struct {
		unit                      string
		min, max, low, high, step float64
	}
	knobs := map[string]knob{
		"split": {"", 0, 1, 0, 0.4375, 0.015625}, "mtj_diameter": {"nm", 15, 120, 20, 120, 1}, "width_margin": {"nm", 0, 200, 0, 40, 2},
		"channel_thickness": {"nm", 2, 12, 2.5, 8, 0.25}, "free_layer": {"nm", 0.6, 3, 0.6, 1.5, 0.05}, "anisotropy": {"mJ/m^2", 0.1, 3, 0.3, 1.6, 0.01},
		"barrier": {"nm", 0.6, 2, 0.7, 1.15, 0.01}, "pulse": {"ns", 0.1, 100, 0.2, 20, 0}, "read_voltage": {"V", 0.02, 0.6, 0.05, 0.3, 0.01},
		"capacity": {"MiB", 0.0625, 1048576, 1, 512, 0}, "banks": {"", 1, 1024, 1, 256, 0}, "word": {"", 8, 4096, 64, 2048, 0},
		"rows": {"", 32, 4096, 64, 1024, 0}, "columns": {"", 32, 8192, 128, 2048, 0}, "read_bus": {"", 64, 65536, 512, 8192, 0},
		"write_bus": {"", 64, 65536, 512, 8192, 0}, "clock": {"GHz", 0.01, 5, 0.5, 1.5, 0.05},
	}
	all := c.Knobs()
	for i := range all {
		v := &all[i]
		w, ok := knobs[v.Name]
		if !ok {
			continue
		}
		delete(knobs, v.Name)
		u := in[w.unit]
		checkRange(t, v, w.min*u, w.max*u)
		near(t, v.Name+" searched from", v.Low, w.low*u)
		near(t, v.Name+" searched to", v.High, w.high*u)
		near(t, v.Name+" in steps", v.Step, w.step*u)
	}
	for name := range knobs {
		t.Errorf("no knob %s", name)
	}
}

func checkRange[T any](t *testing.T, v *Variable[T], low, high float64) {
	t.Helper()
	near(t, v.Name+" from", v.Min, low)
	near(t, v.Name+" to", v.Max, high)
	for _, x := range []struct {
		v  float64
		ok bool
	}{{v.Min, true}, {v.Max, true}, {v.Max * 1.01, false}, {v.Min - 0.01*max(v.Min, 1e-30), false}} {
		if v.Whole && !x.ok {
			x.v = math.Round(x.v + math.Copysign(0.51, x.v-v.Min))
		}
		text := v.Format(x.v)
		got, err := v.Parse(text)
		if (err == nil) != x.ok && !strings.HasPrefix(text, "-") {
			t.Errorf("%s: %s gives %g, %v", v.Name, text, got, err)
		} else if err == nil && math.Abs(got-x.v) > 1e-9*math.Abs(x.v) {
			t.Errorf("%s: %s is read as %g", v.Name, text, got)
		}
	}
	var of T
	middle := v.Min + (v.Max-v.Min)/4
	if v.Whole {
		middle = math.Round(middle)
	}
	v.Set(&of, middle)
	near(t, v.Name+" as set", v.Get(&of), middle)
}

// TestKinds: a choice, a count, auto, and for which buffers a knob is one.
func TestKinds(t *testing.T) {
	c, err := NewCatalog()
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]*Knob{}
	all := c.Knobs()
	for i := range all {
		byName[all[i].Name] = &all[i]
	}
	for text, want := range map[string]float64{"none": 0, "secded": 1, "dec": 2} {
		if got, err := byName["ecc"].Parse(text); err != nil || got != want || byName["ecc"].Format(got) != text {
			t.Errorf("ecc %s is %g, %v", text, got, err)
		}
	}
	for name, text := range map[string]string{"ecc": "bch", "banks": "2.5", "rows": "31", "capacity": "0.05MiB", "pulse": "2nm"} {
		if got, err := byName[name].Parse(text); err == nil {
			t.Errorf("%s %s is %g", name, text, got)
		}
	}
	if got, err := byName["rows"].Parse("auto"); err != nil || got != 0 || byName["rows"].Format(0) != "auto" || byName["rows"].Format(64) != "64" {
		t.Errorf("rows auto are %g, %v", got, err)
	}
	if _, err := byName["banks"].Parse("auto"); err == nil {
		t.Error("banks are no choice of the model")
	}
	for _, x := range []struct {
		name                    string
		sram, stt, sot, another bool
	}{
		{"split", false, false, false, true},
		{"material", false, false, true, true},
		{"pulse", false, true, true, true},
		{"capacity", true, true, true, true},
		{"width_margin", false, false, true, true},
		{"barrier", false, true, true, true},
		{"retention", false, true, true, true},
		{"flavour", true, true, true, true},
	} {
		k := byName[x.name]
		if k.AppliesTo(device.SRAM, false) != x.sram || k.AppliesTo(device.STT, false) != x.stt || k.AppliesTo(device.SOT, false) != x.sot || k.AppliesTo(device.SOT, true) != x.another {
			t.Errorf("%s applies to SRAM %v, STT %v, SOT %v, hybrid %v", x.name, k.AppliesTo(device.SRAM, false), k.AppliesTo(device.STT, false), k.AppliesTo(device.SOT, false), k.AppliesTo(device.SOT, true))
		}
	}
	if !byName["capacity"].Midpoints || !byName["banks"].Midpoints || byName["word"].Midpoints || !byName["clock"].OfMachine || byName["pulse"].Scale != Logarithmic {
		t.Error("how capacity, banks, word, clock and pulse are searched")
	}
}
