package model

import (
	"stco/model/array"
	"stco/model/device"
	"stco/model/units"
)

// Knobs returns the variables of a design in their canonical order. The
// choices of material are the entries of the table.
func (c *Catalog) Knobs() []Knob { return c.knobs }

func knobs(materials []string) []Knob {
	flavours, retentions := []string{"hp", "lop", "lstp"}, []string{"strict", "scrub"}
	return []Knob{
		named("technology", BufferGroup, "storage principle of the buffer; hybrid: an SRAM scratchpad beside SOT or STT", technologies(),
			func(d *Design) string { return d.technology() }, func(d *Design, i int) { d.setTechnology(i) }),
		quantity("split", BufferGroup, "share of the capacity that is the SRAM scratchpad of a hybrid buffer", "", span{0, 1},
			func(d *Design) *units.Ratio { return &d.Split }).searched(Linear, 0, 0.4375, 1.0/64).hybrid(),
		named("flavour", BufferGroup, "device flavour of SRAM cells and periphery: high performance, low operating power, low standby power", flavours,
			func(d *Design) string { return d.Flavour }, func(d *Design, i int) { d.Flavour = flavours[i] }),
		named("material", BitcellGroup, "SOT channel material", materials,
			func(d *Design) string { return d.Material }, func(d *Design, i int) { d.Material = materials[i] }).sot(),
		named("selector", BitcellGroup, "access device of the read path: a transistor in silicon (2T1R), or an oxide transistor or a diode above the cell", device.SelectorNames(),
			func(d *Design) string { return d.Selector.String() }, func(d *Design, i int) { d.Selector = device.Selector(i) }).sot(),
		quantity("mtj_diameter", BitcellGroup, "diameter of the free layer", "nm", span{15, 120},
			func(d *Design) *units.Length { return &d.MTJDiameter }).searched(Linear, 20, 120, 1).magnetic(),
		quantity("width_margin", BitcellGroup, "SOT channel width less MTJ diameter", "nm", span{0, 200},
			func(d *Design) *units.Length { return &d.WidthMargin }).searched(Linear, 0, 40, 2).sot(),
		quantity("channel_thickness", BitcellGroup, "SOT channel thickness", "nm", span{2, 12},
			func(d *Design) *units.Length { return &d.ChannelThickness }).searched(Linear, 2.5, 8, 0.25).sot(),
		quantity("free_layer", BitcellGroup, "free-layer thickness", "nm", span{0.6, 3},
			func(d *Design) *units.Length { return &d.FreeLayer }).searched(Linear, 0.6, 1.5, 0.05).magnetic(),
		quantity("anisotropy", BitcellGroup, "interfacial anisotropy of the free layer at 300 K", "mJ/m^2", span{0.1, 3},
			func(d *Design) *units.SurfaceEnergy { return &d.Anisotropy }).searched(Linear, 0.3, 1.6, 0.01).magnetic(),
		quantity("barrier", BitcellGroup, "MgO barrier thickness, sets RA and TMR", "nm", span{0.6, 2},
			func(d *Design) *units.Length { return &d.Barrier }).searched(Linear, 0.7, 1.15, 0.01).magnetic(),
		quantity("pulse", BitcellGroup, "write pulse", "ns", span{0.1, 100},
			func(d *Design) *units.Time { return &d.Pulse }).searched(Logarithmic, 0.2, 20, 0).magnetic(),
		quantity("read_voltage", BitcellGroup, "bitline bias of a read", "V", span{0.02, 0.6},
			func(d *Design) *units.Voltage { return &d.ReadVoltage }).searched(Linear, 0.05, 0.3, 0.01).magnetic(),
		quantity("capacity", BufferGroup, "data capacity of the buffer", "MiB", span{0.0625, 1 << 20},
			func(d *Design) *units.Bytes { return &d.Capacity }).searched(PowerOfTwo, 1, 512, 0).midpoints(),
		named("ecc", BufferGroup, "error-correcting code of a word", array.ECCNames(),
			func(d *Design) string { return d.ECC.String() }, func(d *Design, i int) { d.ECC = array.ECC(i) }),
		whole("codeword", BufferGroup, "data bits of a codeword; a narrower word is one of its own", span{array.MinCodeword, array.MaxCodeword},
			func(d *Design) *int { return &d.Codeword }).searched(PowerOfTwo, 64, 512, 0).fixed(),
		named("retention", BufferGroup, "data that outlive the retention time: strict: a violation; scrub: rewritten in time", retentions,
			func(d *Design) string {
				if d.Scrub {
					return retentions[1]
				}
				return retentions[0]
			}, func(d *Design, i int) { d.Scrub = i == 1 }).magnetic(),
		whole("banks", BankingGroup, "independent banks", span{1, 1024},
			func(d *Design) *int { return &d.Banks }).searched(PowerOfTwo, 1, 256, 0).midpoints(),
		whole("word", BankingGroup, "data bits of one access of a bank", span{8, 4096},
			func(d *Design) *int { return &d.WordBits }).searched(PowerOfTwo, 64, 2048, 0),
		whole("rows", BankingGroup, "rows of a subarray; auto: searched by the array model", span{32, 4096},
			func(d *Design) *int { return &d.Rows }).searched(PowerOfTwo, 64, 1024, 0).auto(),
		whole("columns", BankingGroup, "columns of a subarray; auto: searched by the array model", span{32, 8192},
			func(d *Design) *int { return &d.Columns }).searched(PowerOfTwo, 128, 2048, 0).auto(),
		whole("read_bus", BandwidthGroup, "bits per cycle from buffer to PE array", span{64, 65536},
			func(d *Design) *int { return &d.ReadBus }).searched(PowerOfTwo, 512, 8192, 0),
		whole("write_bus", BandwidthGroup, "bits per cycle from PE array to buffer", span{64, 65536},
			func(d *Design) *int { return &d.WriteBus }).searched(PowerOfTwo, 512, 8192, 0),
		quantity("clock", BandwidthGroup, "clock of the PE arrays", "GHz", span{0.01, 5},
			func(d *Design) *units.Frequency { return &d.Clock }).searched(Linear, 0.5, 1.5, 0.05).ofMachine(),
	}
}

// DefaultDesign returns the design that `stco init --design` writes: a 32 MiB
// buffer on the default machine, its bitcell relaxed to the lifetimes of
// training.
func DefaultDesign() Design {
	return Design{
		Technology: device.SOT, Split: 0.125, Flavour: "lop", Material: "beta-w-co",
		MTJDiameter: 92e-9, WidthMargin: 0, ChannelThickness: 3.25e-9, FreeLayer: 0.7e-9,
		Anisotropy: 0.5e-3, Barrier: 0.97e-9, Pulse: 2e-9, ReadVoltage: 0.12,
		Capacity: 32 << 20, ECC: array.SECDED, Codeword: array.DefaultCodeword, Scrub: true,
		Banks: 64, WordBits: 1024, ReadBus: 4096, WriteBus: 2048, Clock: 1e9,
	}
}
