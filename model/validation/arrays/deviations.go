package arrays

import "stco/model/tech"

// Outside describes a figure, a median or a slope outside the bounds.
type Outside struct {
	Tool, Cell, Node, Target string // Tool is empty for a slope, Target for a median; Tool is siliconTool for a published macro
	Flavour                  tech.Flavour
	CapacityMiB              float64 // 0 for a median or slope
	Quantity                 Metric
	Slope                    bool
	Export                   bool    // an exported bank
	High                     bool    // above the bound
	Ratio                    float64 // ours over theirs; of a slope unused
}

// Deviation is a known difference between our figures and the peers'.
type Deviation struct {
	Number        int
	Title, Reason string
	// reach has the quantities that the reason touches and the ratios it can
	// explain: those of the published rows with room for others of their kind.
	reach  map[Metric][2]float64
	covers func(o Outside) bool
}

// Deviations lists the known differences by number; docs/deviations-array.md
// tells them at length. The first that covers a figure explains it.
func Deviations() []Deviation {
	silicon := func(o Outside) bool { return o.Tool == siliconTool }
	magnetic := func(o Outside) bool { return o.Cell != "SRAM" && !silicon(o) }
	exported := func(o Outside) bool { return o.Export }
	nsCache := func(o Outside) bool { return o.Node != roadmapNode && !silicon(o) }
	return []Deviation{
		{
			1, "organisations beyond the grid",
			"optimising for area the peers pick subarrays of up to 8192 rows and 131072 columns with latencies of microseconds; our grid ends at 1024 rows and 2048 columns",
			map[Metric][2]float64{QLeakage: {0.008, 100}, QReadEnergy: {0.007, 0.75}, QReadLatency: {0.0006, 1.75}, QWriteEnergy: {1.4, 16}, QWriteLatency: {0.0003, 1.7}},
			func(o Outside) bool { return o.Target == "Area" },
		},
		{
			2, "write EDP of SRAM without half-selected columns",
			"the peers count only the selected columns in the write energy of an SRAM, so their write-EDP optimum is one huge slow subarray; half-selected columns discharge in our model",
			map[Metric][2]float64{QReadEnergy: {0.3, 0.75}, QReadLatency: {0.1, 0.6}, QWriteEnergy: {6, 14}, QWriteLatency: {0.07, 0.7}},
			func(o Outside) bool { return o.Cell == "SRAM" && o.Target == "WriteEDP" },
		},
		{
			3, "NS-Cache enlarges magnetic cells",
			"NS-Cache clamps the pitch of any cell to that of its SRAM cell: cells, and with them all wires, are two to three times as large as stated; its patched rows agree with ours",
			map[Metric][2]float64{QArea: {0.3, 0.75}, QWriteEnergy: {0.45, 0.75}},
			func(o Outside) bool {
				return o.Tool == "NS-Cache" && magnetic(o) && !o.High
			},
		},
		{
			4, "current amplifiers of NS-Cache",
			"its current-to-voltage converter is a constant of 3.4 to 3.8 ns and fixed energy at 7 and 14 nm, extrapolated by its authors; ours follows from bitline charge, signal current and offset",
			map[Metric][2]float64{QReadEnergy: {0.09, 0.7}, QReadLatency: {0.35, 0.7}},
			func(o Outside) bool {
				read := o.Quantity == QReadLatency || o.Quantity == QReadEnergy
				return nsCache(o) && magnetic(o) && read && (!o.High || o.Slope)
			},
		},
		{
			5, "amplifier leakage of NS-Cache",
			"its magnetic arrays leak up to 40 times its SRAM of equal size and hundreds of times more between targets, because every column's converter is counted at full supply current; idle amplifiers are off in our model",
			map[Metric][2]float64{QLeakage: {0.0008, 0.4}},
			func(o Outside) bool { return nsCache(o) && magnetic(o) && o.Quantity == QLeakage && !o.High },
		},
		{
			6, "small SRAM banks of NS-Cache",
			"at 1 to 4 MiB the way from the bank's edge to its subarrays and back, with a gate at every branch, is most of our latency and energy; NS-Cache has about half of it, so that its small banks are faster and frugal and its figures grow faster",
			map[Metric][2]float64{QReadEnergy: {1.5, 2.2}, QReadLatency: {1.5, 2.2}, QWriteEnergy: {1.5, 2.8}, QWriteLatency: {1.5, 2.2}},
			func(o Outside) bool {
				return nsCache(o) && o.Cell == "SRAM" && (o.Slope || o.High && o.CapacityMiB <= 8)
			},
		},
		{
			7, "converter of NVSim",
			"NVSim gives every current amplifier 1.45 ns and 0.15 pJ from a table, whatever the current, the charge of the bitline and the offset; at 1 MiB that is most of its read time and half of its read energy, and its figures grow the less",
			map[Metric][2]float64{QReadEnergy: {0.48, 0.67}, QReadLatency: {0.56, 0.67}},
			func(o Outside) bool {
				read := o.Quantity == QReadEnergy || o.Quantity == QReadLatency
				return o.Node == roadmapNode && magnetic(o) && read && (!o.High && o.CapacityMiB <= 4 || o.Slope && o.High)
			},
		},
		{
			8, "write EDP of magnetic arrays",
			"optimising for writes our search takes long bitlines, whose reads integrate longer; NVSim's read time does not depend on the bitline's charge",
			map[Metric][2]float64{QReadLatency: {1.5, 1.9}},
			func(o Outside) bool {
				return o.Node == roadmapNode && magnetic(o) && o.Target == "WriteEDP" && o.High
			},
		},
		{
			9, "gates, registers and lines along the subarrays",
			"a branch of our H-tree has a gate, a stage of flight a register, and a bit takes half of a subarray's side from its amplifier to the tree, over lines with repeaters; NVSim and DESTINY have bare wires between the corners of the subarrays. It counts where little else does: writes of SOT, and the longest ways",
			map[Metric][2]float64{QWriteEnergy: {1.5, 1.75}, QWriteLatency: {1.5, 1.6}},
			func(o Outside) bool {
				if o.Node != roadmapNode || !o.High {
					return false
				}
				long := o.CapacityMiB >= 256 && o.Quantity == QWriteLatency
				return long || o.Cell == "SOT50" && o.Quantity == QWriteEnergy && !o.Slope || o.Cell == "STT" && o.Slope && o.Quantity == QLeakage
			},
		},
		{
			10, "periphery of fast SRAM macros",
			"first-level and speed-optimised macros spend more on wordline and bitline drivers, assist and timing than the macro overhead, which is set on a dense macro; their cells are not stated. The supply and corner of the 770 ps of the dense 5 nm macro are not stated either: ours takes 430 ps, 560 at the slow corner",
			map[Metric][2]float64{QArea: {0.7, 0.84}, QReadLatency: {0.5, 0.71}},
			func(o Outside) bool {
				return silicon(o) && o.Cell == "sram" && !o.High
			},
		},
		{
			11, "periphery of STT test macros",
			"published macros hold reference columns, triple error correction, write-verify and trim logic, supplies for 1.5 V and redundancy, none of which the model draws; the 28 nm macro is 27 % cells. Its amplifiers cancel their offset, for 60 % more margin by its authors, and read in 2.8 ns; ours integrate six sigma of it in 4.2 on bitlines of 512 cells, which are assumed",
			map[Metric][2]float64{QArea: {0.38, 0.75}, QReadLatency: {1.41, 1.6}},
			func(o Outside) bool { return silicon(o) && o.Cell == "stt" && (o.Quantity == QArea) == !o.High },
		},
		{
			12, "the 7 nm SOT design of the literature",
			"a simulation on ASAP7 whose cell, amplifiers, write path and energy terms are not stated: area, read and write energy are those of a system about twice ours. Its access times are quoted as 4.7 ns read and 6.6 ns write and the other way round, and are not used",
			map[Metric][2]float64{QArea: {0.5, 0.67}, QReadEnergy: {0.48, 0.67}, QWriteEnergy: {0.33, 0.5}},
			func(o Outside) bool { return silicon(o) && o.Cell == "sot" && !o.High },
		},
		{
			13, "a write is paid from the supply",
			"NVSim adds the energy that the cell file states, that of channel and transistor alone (without one it takes current times supply times pulse itself, MemCell.cpp); ours is current times supply times pulse, for the rest of the supply falls in the driver. That is 55 to 72 % of the difference in banks of 512 KiB; the rest is the tree",
			map[Metric][2]float64{QWriteEnergy: {1.5, 2.1}},
			func(o Outside) bool { return exported(o) && o.Cell != "SRAM" && o.High && o.CapacityMiB < 4 },
		},
		{
			14, "wide words over long trees",
			"the exported .cfg has wires without repeaters, which cost neither area nor leakage; ours have repeaters and registers for every one of 2 x 1024 and more wires, so that a single bank of 16 or 32 MiB is up to twice as fast and leaks more, and its tree takes 83 to 98 % of the energy of a read. Of the area beyond NVSim's a third to a half is the macro overhead, which NVSim does not have, the rest decoders and repeaters, these most with the target read latency",
			map[Metric][2]float64{QArea: {1.33, 2.5}, QReadLatency: {0.45, 0.67}, QWriteLatency: {0.45, 0.67}, QReadEnergy: {1.5, 3}, QWriteEnergy: {1.5, 3.6}, QLeakage: {2, 10}},
			func(o Outside) bool { return exported(o) && o.CapacityMiB >= 4 },
		},
		{
			15, "read times near the least supply and of products",
			"what a published read time is of differs: of one and the same array 4 ns at 0.9 V, 8 ns at 0.8 V and 10 ns with a code of three errors were published, ours 3.3, 3.5 and 5.0 (slow corner, two errors). The stacked transistors of an amplifier lose their headroom with the supply, which ours do not have, and products state what holds for every part. The range of sense_factor, 0.67 to 2.3, carries it into every band",
			map[Metric][2]float64{QReadLatency: {0.43, 0.71}},
			func(o Outside) bool { return silicon(o) && o.Cell == "stt" && !o.High },
		},
		{
			16, "trees of small SRAM banks",
			"the tree of a bank of 1 MiB takes 0.66 of our 1.12 ns and 96 % of the energy of a read, of NVSim's 0.63 ns 0.37 and 99 %: on the subarrays that NVSim chose ours takes as long, with a gate at each of ten branches; without repeaters a tree this short is faster",
			map[Metric][2]float64{QReadLatency: {1.5, 1.9}, QWriteLatency: {1.5, 1.9}, QReadEnergy: {1.5, 1.6}, QWriteEnergy: {1.5, 1.7}},
			func(o Outside) bool { return exported(o) && o.Cell == "SRAM" && o.High && o.CapacityMiB < 4 },
		},
	}
}

// siliconTool marks a published macro in Outside.Tool.
const siliconTool = "silicon"

// unexplained marks a figure outside the bounds that no deviation covers.
const unexplained = -1

func explain(o Outside) int {
	for _, d := range Deviations() {
		r, touched := d.reach[o.Quantity]
		if d.covers(o) && (o.Slope || touched && r[0] <= o.Ratio && o.Ratio <= r[1]) {
			return d.Number
		}
	}
	return unexplained
}
