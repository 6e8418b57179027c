package designs

import (
	"math"

	"stco/model"
	"stco/model/device"
	"stco/results"
)

// DeviceColumn is a figure of the bitcell in tables of designs: the chain from
// thermal stability factor to fins and area.
type DeviceColumn struct {
	results.Column
	Get func(*model.Report) float64
}

// DeviceColumns lists the figures of the bitcell, and of scratchpad and array.
func DeviceColumns() []DeviceColumn {
	magnetic := func(get func(*device.Figures) float64) func(*model.Report) float64 {
		return func(r *model.Report) float64 {
			if !r.Magnetic() {
				return math.NaN()
			}
			return get(&r.Device)
		}
	}
	pad := func(get func(*model.Report) float64) func(*model.Report) float64 {
		return func(r *model.Report) float64 {
			if r.Pad == 0 {
				return math.NaN()
			}
			return get(r)
		}
	}
	column := func(name, unit, meaning string, get func(*model.Report) float64) DeviceColumn {
		return DeviceColumn{results.Column{Name: name, Unit: unit, Kind: results.Metric, Meaning: meaning}, get}
	}
	return []DeviceColumn{
		column("cell_area", "um2", "footprint of the bitcell (E39, E40)", func(r *model.Report) float64 { return float64(r.Cell.Area()) * 1e12 }),
		column("delta_300K", "", "thermal stability factor at the nominal temperature", magnetic(func(f *device.Figures) float64 { return f.DeltaNominal })),
		column("delta_hot", "", "at the hot temperature", magnetic(func(f *device.Figures) float64 { return f.DeltaHot })),
		column("delta_worst", "", "hot, at the process guard-band (E35)", magnetic(func(f *device.Figures) float64 { return f.DeltaWorst })),
		column("anisotropy_field", "T", "mu0 Hk", magnetic(func(f *device.Figures) float64 { return f.AnisotropyField })),
		column("critical_current", "uA", "I_c0 at the cold temperature (E10, E11)", magnetic(func(f *device.Figures) float64 { return float64(f.CriticalCurrent) * 1e6 })),
		column("write_current", "uA", "with error budget and process guard-band (E36)", magnetic(func(f *device.Figures) float64 { return float64(f.WriteCurrent) * 1e6 })),
		column("current_density", "A/m^2", "in the channel", magnetic(func(f *device.Figures) float64 { return float64(f.CurrentDensity) })),
		column("write_fins", "", "of the write transistor (E25)", magnetic(func(f *device.Figures) float64 { return f.WriteFins })),
		column("channel_resistance", "Ohm", "of the write path without transistor (E23)", magnetic(func(f *device.Figures) float64 { return float64(f.Channel) })),
		column("cell_write_energy", "fJ", "of channel and transistor per bit (E23)", magnetic(func(f *device.Figures) float64 { return float64(f.WriteEnergy) * 1e15 })),
		column("ra", "Ohm um^2", "resistance-area product (E28)", magnetic(func(f *device.Figures) float64 { return float64(f.RA) * 1e12 })),
		column("tmr", "", "at the read bias (E27)", magnetic(func(f *device.Figures) float64 { return f.TMR })),
		column("read_signal", "uA", "half the current difference (E29)", magnetic(func(f *device.Figures) float64 { return float64(f.Signal) * 1e6 })),
		column("write_error", "", "rate the write current is sized for (E21)", magnetic(func(f *device.Figures) float64 { return f.WriteError })),
		column("read_error", "", "rate of a read (E31)", magnetic(func(f *device.Figures) float64 { return f.ReadError })),
		column("read_disturb", "", "rate of a read (E32)", magnetic(func(f *device.Figures) float64 { return f.DisturbError })),
		column("scratchpad_capacity", "MiB", "SRAM part of a hybrid buffer", pad(func(r *model.Report) float64 { return float64(r.Pad) / (1 << 20) })),
		column("scratchpad_area", "mm2", "", pad(func(r *model.Report) float64 { return float64(r.Scratchpad.Area.Total) * 1e6 })),
		column("scratchpad_read_energy", "pJ/bit", "of a data bit read from the scratchpad", pad(func(r *model.Report) float64 { return float64(r.Scratchpad.ReadPerBit) * 1e12 })),
		column("scratchpad_write_energy", "pJ/bit", "of a data bit written to the scratchpad", pad(func(r *model.Report) float64 { return float64(r.Scratchpad.WritePerBit) * 1e12 })),
		column("array_rows", "", "rows of a subarray", func(r *model.Report) float64 { return float64(r.Array.Organisation.Rows) }),
		column("array_columns", "", "columns of a subarray, with check bits", func(r *model.Report) float64 { return float64(r.Array.Organisation.Columns) }),
		column("array_mux", "", "bitlines per sense amplifier", func(r *model.Report) float64 { return float64(r.Array.Organisation.Mux) }),
		column("subarrays", "", "of a bank", func(r *model.Report) float64 { return float64(r.Array.Organisation.Subarrays) }),
	}
}
