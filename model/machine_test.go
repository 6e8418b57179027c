package model

import (
	"math"
	"slices"
	"strings"
	"testing"

	"stco/model/tech"
)

// TestMachines: the presets say what their row of peak and balance says, the
// default setup is its preset, and every figure that is assumed has a range.
func TestMachines(t *testing.T) {
	c, err := NewCatalog()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := setupOn(t, c, DefaultSetup().Machine), DefaultSetup(); got.DRAM != want.DRAM || got.Clock != want.Clock || got.PERows != want.PERows || got.PEBuffer != want.PEBuffer ||
		got.HoldLeakage != want.HoldLeakage || got.GatedLeakage != want.GatedLeakage || got.WakeTime != want.WakeTime || got.BankQueue != want.BankQueue || got.BankWrites != want.BankWrites {
		t.Errorf("the default setup is not its preset:\n%+v\n%+v", got, want)
	}
	table, err := c.Tables.Table("machines")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"edge", "soc", "server", "npu-lpddr", "tpu-v4i"} {
		e, err := table.Entry(name)
		if err != nil {
			t.Fatal(err)
		}
		s := setupOn(t, c, name)
		if s.Machine != name {
			t.Errorf("%s: the setup is %q", name, s.Machine)
		}
		peak := 2 * float64(s.Cores*s.PERows*s.PECols) * float64(s.Clock)
		within(t, e, "peak", peak, 0.01)
		within(t, e, "balance", peak/float64(s.DRAM.Channels)/float64(s.DRAM.Bandwidth), 0.02)
		for _, quantity := range []string{"bank_queue", "bank_writes", "hold_leakage", "gated_leakage", "wake_time"} {
			if !e.Has(quantity) {
				t.Errorf("%s has no %s", name, quantity)
			}
		}
		for _, v := range c.Settings() {
			if !e.Has(v.Name) && v.Group == MachineGroup && v.Name != "machine" && !strings.HasPrefix(v.Name, "dram_") && !slices.Contains([]string{"residency", "tiles", "schedule", "overlap", "batch_norm"}, v.Name) && !v.Auto {
				t.Errorf("%s has no %s", name, v.Name)
			}
		}
	}
	dram, err := c.Tables.Table("dram")
	if err != nil {
		t.Fatal(err)
	}
	for _, tab := range []*tech.Table{table, dram} {
		for _, e := range tab.Entries {
			for _, v := range e.Values {
				if v.Kind == tech.Assumed && v.Unit != "name" && math.IsNaN(v.Low) {
					t.Errorf("%s %s: %s is assumed without a range", tab.Name, e.Name, v.Quantity)
				}
			}
		}
	}
}

func within(t *testing.T, e *tech.Entry, quantity string, got, share float64) {
	t.Helper()
	v, err := e.Value(quantity)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(got/v.SI-1) > share {
		t.Errorf("%s: %s %g by the settings, %g by the table", e.Name, quantity, got, v.SI)
	}
}

// TestStandby: background power by currents, by measured idle power, by a number
// and by nothing.
func TestStandby(t *testing.T) {
	c, err := NewCatalog()
	if err != nil {
		t.Fatal(err)
	}
	of := func(preset string, d DRAM) float64 {
		p, err := c.Tables.DRAM(preset)
		if err != nil {
			t.Fatal(err)
		}
		d.Preset = preset
		w, err := d.background(&p)
		if err != nil {
			t.Fatal(err)
		}
		return float64(w)
	}
	near(t, "none", of("hbm2", DRAM{Capacity: 8e9, Share: 1}), 0)
	near(t, "currents", of("hbm2", DRAM{Capacity: 8e9, Share: 1, Standby: StandbyByCurrent}), 8*(0.048+0.0156))
	near(t, "a share", of("hbm2", DRAM{Capacity: 8e9, Share: 0.25, Standby: StandbyByCurrent}), 2*(0.048+0.0156))
	near(t, "idle", of("hbm2", DRAM{Capacity: 40e9, Share: 1, Standby: StandbyByIdle}), 40)
	near(t, "given", of("hbm2", DRAM{Capacity: 40e9, Share: 0.5, Standby: StandbyByIdle, Background: 3}), 3)
	p, err := c.Tables.DRAM("lpddr5")
	if err != nil {
		t.Fatal(err)
	}
	d := DRAM{Preset: "lpddr5", Capacity: 8e9, Share: 1, Standby: StandbyByIdle}
	if _, err := d.background(&p); err == nil || !strings.Contains(err.Error(), "no idle power of lpddr5") {
		t.Errorf("idle power that nobody measured: %v", err)
	}
}

// TestMachineText: the line that tables begin with.
func TestMachineText(t *testing.T) {
	c, err := NewCatalog()
	if err != nil {
		t.Fatal(err)
	}
	s := setupOn(t, c, "soc")
	if got := s.MachineText(); got != "soc: 14nm, 1 x (128 x 128) bf16 multipliers at 1 GHz, lpddr5 of which streams have 38.4 GB/s, 853 operations a byte; schedule groups, overlap window, duty 1, arrays at 358.15 K" {
		t.Error(got)
	}
}
