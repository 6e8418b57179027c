package model

import (
	"slices"

	"stco/model/array"
	"stco/model/device"
	"stco/model/units"
)

// Units of the knobs, in SI.
const (
	nm   = 1e-9
	ns   = 1e-9
	mJm2 = 1e-3
	ghz  = 1e9
	mib  = 1 << 20
)

// length returns a knob over a length field of the design.
func length(name, meaning string, lo, hi, low, high, step float64, field func(*Design) *units.Length) Knob {
	return Knob{
		Name: name, Group: BitcellGroup, Meaning: meaning, Dim: units.DimLength, Unit: "nm", SI: nm,
		Min: lo, Max: hi, Low: low, High: high, Step: step, MRAMOnly: true,
		Get: func(d *Design) float64 { return inUnit(float64(*field(d)), nm) },
		Set: func(d *Design, v float64) { *field(d) = units.Length(v * nm) },
	}
}

// count returns a knob over an integer field that takes powers of two.
func count(name string, g Group, meaning string, lo, hi, low, high float64, midpoints bool, field func(*Design) *int) Knob {
	return Knob{
		Name: name, Group: g, Meaning: meaning, Dim: units.DimRatio, SI: 1, Scale: PowerOfTwo, Midpoints: midpoints, Whole: true,
		Min: lo, Max: hi, Low: low, High: high,
		Get: func(d *Design) float64 { return float64(*field(d)) },
		Set: func(d *Design, v float64) { *field(d) = int(v) },
	}
}

// option returns a knob over named values.
func option(name string, g Group, meaning string, choices []string, get func(*Design) string, set func(*Design, int)) Knob {
	return Knob{
		Name: name, Group: g, Meaning: meaning, SI: 1, Scale: Choice, Choices: choices,
		Max: float64(len(choices) - 1), High: float64(len(choices) - 1),
		Get: func(d *Design) float64 { return float64(slices.Index(choices, get(d))) },
		Set: func(d *Design, v float64) { set(d, int(v)) },
	}
}

// Knobs returns the variables of a design in their canonical order. The
// choices of material and DRAM preset are the entries of the tables.
func (c *Catalog) Knobs() []Knob { return c.knobs }

func knobs(materials, drams []string) []Knob {
	ks := []Knob{
		option("technology", BufferGroup, "storage principle of the buffer; hybrid: an SRAM scratchpad beside SOT or STT", technologies(),
			func(d *Design) string { return d.technology() },
			func(d *Design, i int) { d.setTechnology(i) }),
		{
			Name: "split", Group: BufferGroup, Meaning: "share of the capacity that is the SRAM scratchpad of a hybrid buffer", Dim: units.DimRatio, SI: 1,
			Min: 0, Max: 1, Low: 0, High: 0.4375, Step: 1.0 / 64, HybridOnly: true,
			Get: func(d *Design) float64 { return float64(d.Split) },
			Set: func(d *Design, v float64) { d.Split = units.Ratio(v) },
		},
		option("flavour", BufferGroup, "device flavour of SRAM cells and periphery: high performance, low operating power, low standby power", []string{"hp", "lop", "lstp"},
			func(d *Design) string { return d.Flavour },
			func(d *Design, i int) { d.Flavour = []string{"hp", "lop", "lstp"}[i] }),
		option("material", BitcellGroup, "SOT channel material", materials,
			func(d *Design) string { return d.Material },
			func(d *Design, i int) { d.Material = materials[i] }),
		option("selector", BitcellGroup, "access device of the read path: a transistor in silicon (2T1R), or an oxide transistor or a diode above the cell", device.SelectorNames(),
			func(d *Design) string { return d.Selector.String() },
			func(d *Design, i int) { d.Selector = device.Selector(i) }),
		length("mtj_diameter", "diameter of the free layer", 15, 120, 20, 80, 1, func(d *Design) *units.Length { return &d.MTJDiameter }),
		length("width_margin", "SOT channel width less MTJ diameter", 0, 200, 0, 40, 2, func(d *Design) *units.Length { return &d.WidthMargin }),
		length("channel_thickness", "SOT channel thickness", 2, 12, 2.5, 8, 0.25, func(d *Design) *units.Length { return &d.ChannelThickness }),
		length("free_layer", "free-layer thickness", 0.6, 3, 0.8, 1.5, 0.05, func(d *Design) *units.Length { return &d.FreeLayer }),
		{
			Name: "anisotropy", Group: BitcellGroup, Meaning: "interfacial anisotropy of the free layer at 300 K", Dim: units.DimSurfaceEnergy, Unit: "mJ/m^2", SI: mJm2,
			Min: 0.1, Max: 3, Low: 0.6, High: 1.6, Step: 0.01, MRAMOnly: true,
			Get: func(d *Design) float64 { return inUnit(float64(d.Anisotropy), mJm2) },
			Set: func(d *Design, v float64) { d.Anisotropy = units.SurfaceEnergy(v * mJm2) },
		},
		length("barrier", "MgO barrier thickness, sets RA and TMR", 0.6, 2, 0.7, 1.15, 0.01, func(d *Design) *units.Length { return &d.Barrier }),
		{
			Name: "pulse", Group: BitcellGroup, Meaning: "write pulse", Dim: units.DimTime, Unit: "ns", SI: ns, Scale: Logarithmic,
			Min: 0.1, Max: 100, Low: 0.2, High: 5, MRAMOnly: true,
			Get: func(d *Design) float64 { return inUnit(float64(d.Pulse), ns) },
			Set: func(d *Design, v float64) { d.Pulse = units.Time(v * ns) },
		},
		{
			Name: "read_voltage", Group: BitcellGroup, Meaning: "bitline bias of a read", Dim: units.DimVoltage, Unit: "V", SI: 1,
			Min: 0.02, Max: 0.6, Low: 0.05, High: 0.3, Step: 0.01, MRAMOnly: true,
			Get: func(d *Design) float64 { return float64(d.ReadVoltage) },
			Set: func(d *Design, v float64) { d.ReadVoltage = units.Voltage(v) },
		},
		{
			Name: "capacity", Group: BufferGroup, Meaning: "data capacity of the buffer", Dim: units.DimBytes, Unit: "MiB", SI: mib, Scale: PowerOfTwo, Midpoints: true,
			Min: 0.0625, Max: 1 << 20, Low: 1, High: 512,
			Get: func(d *Design) float64 { return float64(d.Capacity) / mib },
			Set: func(d *Design, v float64) { d.Capacity = units.Bytes(v * mib) },
		},
		option("ecc", BufferGroup, "error-correcting code of a word", []string{"none", "secded", "dec"},
			func(d *Design) string { return d.ECC.String() },
			func(d *Design, i int) { d.ECC = array.ECC(i) }),
		option("retention", BufferGroup, "data that outlive the retention time: strict: a violation; scrub: rewritten in time",
			[]string{"strict", "scrub"},
			func(d *Design) string {
				if d.Scrub {
					return "scrub"
				}
				return "strict"
			},
			func(d *Design, i int) { d.Scrub = i == 1 }),
		count("banks", BankingGroup, "independent banks", 1, 1024, 1, 256, true, func(d *Design) *int { return &d.Banks }),
		count("word", BankingGroup, "data bits of one access of a bank", 8, 4096, 64, 2048, false, func(d *Design) *int { return &d.WordBits }),
		count("rows", BankingGroup, "rows of a subarray; auto: searched by the array model", 32, 4096, 64, 1024, false, func(d *Design) *int { return &d.Rows }),
		count("columns", BankingGroup, "columns of a subarray; auto: searched by the array model", 32, 8192, 128, 2048, false, func(d *Design) *int { return &d.Columns }),
		count("read_bus", BandwidthGroup, "bits per cycle from buffer to PE array", 64, 65536, 512, 8192, false, func(d *Design) *int { return &d.ReadBus }),
		count("write_bus", BandwidthGroup, "bits per cycle from PE array to buffer", 64, 65536, 512, 8192, false, func(d *Design) *int { return &d.WriteBus }),
		option("dram", BandwidthGroup, "DRAM preset", drams,
			func(d *Design) string { return d.DRAM },
			func(d *Design, i int) { d.DRAM = drams[i] }),
		{
			Name: "clock", Group: BandwidthGroup, Meaning: "clock of the PE array", Dim: units.DimFrequency, Unit: "GHz", SI: ghz,
			Min: 0.01, Max: 5, Low: 0.5, High: 1.5, Step: 0.05,
			Get: func(d *Design) float64 { return inUnit(float64(d.Clock), ghz) },
			Set: func(d *Design, v float64) { d.Clock = units.Frequency(v * ghz) },
		},
	}
	for i := range ks {
		switch ks[i].Name {
		case "material", "selector":
			ks[i].SOTOnly, ks[i].MRAMOnly = true, true
		case "retention":
			ks[i].MRAMOnly = true
		case "width_margin", "channel_thickness":
			ks[i].SOTOnly = true
		case "rows", "columns":
			ks[i].Auto = true
		}
	}
	return ks
}

// DefaultDesign returns the design that `stco init --design` writes: a 32 MiB
// buffer on the default machine, its bitcell relaxed to the lifetimes of
// training.
func DefaultDesign() Design {
	return Design{
		Technology: device.SOT, Split: 0.125, Flavour: "lop", Material: "beta-w-co",
		MTJDiameter: 76 * nm, WidthMargin: 2 * nm, ChannelThickness: 2.75 * nm, FreeLayer: 1.25 * nm,
		Anisotropy: 0.82 * mJm2, Barrier: 1.1 * nm, Pulse: 3 * ns, ReadVoltage: 0.2,
		Capacity: 32 * mib, ECC: array.SECDED, Scrub: true,
		Banks: 64, WordBits: 1024, ReadBus: 4096, WriteBus: 2048, DRAM: "hbm2e", Clock: 1 * ghz,
	}
}
