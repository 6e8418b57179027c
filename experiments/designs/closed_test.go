package designs

import (
	"testing"

	"stco/experiments/study/catalog"
	"stco/model"
	"stco/model/array"
	"stco/model/device"
	"stco/results"
)

// TestDeviceColumns: every figure of a bitcell, scratchpad and array in the unit
// of its column.
func TestDeviceColumns(t *testing.T) {
	r := &model.Report{Design: model.DefaultDesign(), Pad: 3 << 19}
	r.Design.Technology = device.SOT
	r.Cell.Width, r.Cell.Height = 2e-7, 3e-7
	r.Device = device.Figures{
		DeltaNominal: 61, DeltaHot: 52, DeltaWorst: 43, AnisotropyField: 0.34, CriticalCurrent: 25e-6, WriteCurrent: 36e-6, CurrentDensity: 4.7e11,
		WriteFins: 5, Channel: 780, WriteEnergy: 91e-15, RA: 6.5e-12, TMR: 1.2, Signal: 7.5e-6, WriteError: 1e-7, ReadError: 2e-8, DisturbError: 3e-9,
	}
	r.Scratchpad.Area.Total, r.Scratchpad.ReadPerBit, r.Scratchpad.WritePerBit = 0.8e-6, 0.11e-12, 0.13e-12
	r.Array.Organisation = array.Organisation{Rows: 512, Columns: 1152, Mux: 4, Subarrays: 96}
	want := map[string]struct {
		value float64
		unit  string
	}{
		"cell_area": {0.06, "um2"}, "delta_300K": {61, ""}, "delta_hot": {52, ""}, "delta_worst": {43, ""}, "anisotropy_field": {0.34, "T"},
		"critical_current": {25, "uA"}, "write_current": {36, "uA"}, "current_density": {4.7e11, "A/m^2"}, "write_fins": {5, ""}, "channel_resistance": {780, "Ohm"},
		"cell_write_energy": {91, "fJ"}, "ra": {6.5, "Ohm um^2"}, "tmr": {1.2, ""}, "read_signal": {7.5, "uA"},
		"write_error": {1e-7, ""}, "read_error": {2e-8, ""}, "read_disturb": {3e-9, ""},
		"scratchpad_capacity": {1.5, "MiB"}, "scratchpad_area": {0.8, "mm2"}, "scratchpad_read_energy": {0.11, "pJ/bit"}, "scratchpad_write_energy": {0.13, "pJ/bit"},
		"array_rows": {512, ""}, "array_columns": {1152, ""}, "array_mux": {4, ""}, "subarrays": {96, ""},
	}
	cols := DeviceColumns()
	if len(cols) != len(want) {
		t.Errorf("%d columns, %d by hand", len(cols), len(want))
	}
	for _, c := range cols {
		w, ok := want[c.Name]
		if got := c.Get(r); !ok || !same(got, w.value) || c.Unit != w.unit || c.Kind != results.Metric {
			t.Errorf("%s: %g %s, want %g %s", c.Name, got, c.Unit, w.value, w.unit)
		}
	}
}

// TestFromRow: a design comes back from its row, knob by knob, whatever the
// default is.
func TestFromRow(t *testing.T) {
	c := catalog.Builtin()
	table := &results.Table{Columns: Columns(c, nil, nil)}
	d := model.DefaultDesign()
	d.Technology, d.Capacity, d.Banks, d.WordBits, d.Pulse, d.ECC, d.Flavour = device.SOT, 10<<20, 6, 256, 3e-9, array.DEC, "hp"
	table.Add("", Row(c, &model.Report{Design: d})...)
	got, err := FromRow(c, table, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got.Technology != d.Technology || got.Capacity != d.Capacity || got.Banks != 6 || got.WordBits != 256 || !same(float64(got.Pulse), 3e-9) || got.ECC != array.DEC || got.Flavour != "hp" {
		t.Errorf("%+v", got)
	}
	if _, err := FromRow(c, &results.Table{Columns: table.Columns[1:], Rows: [][]float64{table.Rows[0][1:]}}, 0); err == nil {
		t.Error("a row without a knob is a design")
	}
}
