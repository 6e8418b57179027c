package model

import (
	"math"
	"strconv"

	"stco/model/accel/overlap"
	"stco/model/accel/schedule"
	"stco/model/accel/systolic"
	"stco/model/accel/tiling"
	"stco/model/array"
	"stco/model/array/bitcell"
	"stco/model/device"
	"stco/model/tech"
	"stco/model/units"
	"stco/model/workload"
	"stco/model/workload/graph"
	"stco/model/workload/suite"
)

// Workload names a network and how it is run.
type Workload struct {
	Network string
	Import  *Import // nil: a network of the suites
	Options workload.Options
	Weight  float64 // in means over the suite; at least 0
}

// Import is a network that comes from a file, with what tells where it is from.
type Import struct {
	Graph    *graph.Network
	Kind     string             // of the file
	Bind     map[string]int64   // symbolic dimensions of an .onnx file
	Set      map[string]float64 // values of its scalar inputs
	Bound    map[string]int64   // sizes that depend on data
	Unknown  string             // "pointwise": what operators that are not known are taken for
	SHA256   string             // of the whole file, in hexadecimal
	Skeleton string             // the file without its weights, as text
}

// Build returns the network of the workload.
func (w *Workload) Build() (*graph.Network, error) {
	if w.Import != nil {
		return w.Import.Graph, nil
	}
	return suite.Build(w.Network, w.Options)
}

// Setup is what all designs of a study share: technology node, temperatures,
// error budget, machine and workloads. Times and powers are SI.
type Setup struct {
	Machine string // preset of the table machines that the settings began with

	Node   string // entry of the table cmos
	Preset string // device preset: torque, switching and read parameters beside the knobs

	Cold, Nominal, Hot units.Temperature // write is judged cold, retention and leakage hot
	Operating          units.Temperature // of the arrays: leakage and speed; 0: Hot
	ErrorBudget        units.Ratio       // bit errors per use of a datum, after ECC (E38)
	ProcessSigma       units.Ratio       // guard-band in standard deviations (E35, E36)
	Device             device.Overrides  // in place of values of the preset

	Target        array.Target
	AreaSlack     units.Ratio
	Ports         array.Ports
	SRAMCell      bitcell.Variant
	Cells         [3]string   // of the user's table in place of the model's, by technology; empty: the model's
	BankConflicts units.Ratio // share of bank cycles lost to conflicts; 0: from banks and accesses
	BankQueue     int         // accesses that wait before a bank
	BankWrites    units.Ratio // share of writes among them

	Cores          int // each with a PE array, vector lanes and a PE buffer
	PERows, PECols int
	Dataflow       systolic.Dataflow
	VectorLanes    int
	PEBuffer       units.Bytes // SRAM between PE array and buffer; 0: none
	Arithmetic     tech.Precision
	Clock          units.Frequency // of the PE arrays, where the design does not say
	MACEnergy      units.Energy    // 0: of the node
	LogicLeakage   units.Power     // of all PE arrays; 0: of the node
	NoResidency    bool
	Tiles          tiling.Rule // of layers, that the machine can do
	DRAM           DRAM
	Schedule       schedule.Mode // how freely the batch is split
	Overlap        overlap.Mode  // DRAM transfers beside the work of other steps
	BatchNormParts bool          // batch normalisation takes its statistics over parts of the batch

	Duty         units.Ratio // share of the time that iterations take; the rest the buffer waits
	HoldLeakage  units.Ratio // of an SRAM that keeps data at its retention voltage, of that at full supply
	GatedLeakage units.Ratio // of a buffer that is switched off
	WakeTime     units.Time  // in which its supply comes back
	Residence    units.Time  // inference weights stay loaded that long
	ProductLife  units.Time
	WearLeveling units.Ratio // mean over peak writes of a cell

	Workloads []Workload

	Catalog *Catalog // with the tables of a user; nil: the embedded ones
}

// DefaultSetup returns the default machine, one-stack of the table machines,
// without workloads.
func DefaultSetup() Setup {
	return Setup{
		Machine: "one-stack", Node: "14nm", Preset: "ref-w",
		Cold: 298.15, Nominal: 300, Hot: 358.15, ErrorBudget: 1e-9, ProcessSigma: 3,
		Target: array.EDP, AreaSlack: array.DefaultAreaSlack, BankQueue: 4, BankWrites: 0.3,
		Cores: 1, PERows: 128, PECols: 128, Dataflow: systolic.OutputStationary, VectorLanes: 1024, PEBuffer: defaultPEBuffer, Arithmetic: tech.BF16,
		Clock: 1e9,
		DRAM:  DRAM{Preset: "hbm2e", Channels: 1, Bandwidth: 460e9, Energy: 3.75e-12, Efficiency: 1, Share: 1, Latency: 100e-9, Capacity: 16 << 30},
		Duty:  1, HoldLeakage: 0.25, GatedLeakage: 0.03, WakeTime: 1e-6,
		Residence: 86400, ProductLife: 5 * year, WearLeveling: 0.5,
	}
}

// operating returns the temperature of the arrays.
func (s *Setup) operating() units.Temperature {
	if s.Operating > 0 {
		return s.Operating
	}
	return s.Hot
}

func choice(second bool) int {
	if second {
		return 1
	}
	return 0
}

const year = 365.25 * 86400 // s

// defaultPEBuffer lies between published machines (assumed): the Ascend core has
// 384 KiB of operand and result buffers for 4,096 multipliers (Liao et al., HPCA
// 2021), the TPU v4i 16 MiB of vector memory before its 128 MiB for four arrays
// of 128 x 128 (Jouppi et al., ISCA 2021).
const defaultPEBuffer = 512 << 10

// Settings returns the variables of a setup in canonical order: a preset stands
// before what it gives a value to; the parameters of the bitcell, which the
// device preset gives, are the last.
func (c *Catalog) Settings() []Setting { return c.settings }

// deviceSettings describes the parameters of a bitcell that replace those of
// the preset. Unit and range of doubt are those of the entry that all presets
// share.
func deviceSettings(common *tech.Entry) ([]Setting, error) {
	var out []Setting
	for i, f := range device.Fields() {
		if f.SetByDesign() || f.Validity {
			continue
		}
		v, err := common.Value(f.Name)
		if err != nil {
			return nil, err
		}
		unit := v.Unit
		if unit == "1" {
			unit = ""
		}
		s := Setting{
			Named: units.NewNamed(f.Name, unit, f.Dim, f.Meaning), Group: DeviceGroup,
			Whole: f.Whole, Preset: true, Min: f.Min, Max: f.Max, Low: v.SI, High: v.SI,
			Get: func(s *Setup) float64 {
				if v, ok := s.Device.Get(&f, i); ok {
					return v
				}
				return math.NaN()
			},
			Set: func(s *Setup, v float64) {
				if math.IsNaN(v) {
					s.Device.Clear(&f, i)
				} else {
					s.Device.Set(&f, i, v)
				}
			},
		}
		if !math.IsNaN(v.Low) {
			s.Low, s.High = v.Low, v.High
		}
		switch {
		case f.Choices != nil:
			s.Scale, s.Choices = Choice, f.Choices
		case v.Low > 0 && v.High >= 10*v.Low:
			s.Scale = Logarithmic
		}
		out = append(out, s)
	}
	return out, nil
}

func (c *Catalog) allSettings() []Setting {
	nodes, presets := c.Tables.NodeNames(), c.presets
	dataflows := systolic.DataflowNames()
	precisions := []string{"int8", "bf16", "fp16", "fp32"}
	all := append(c.machineSettings(), dramSettings()...)
	cells := c.cellSettings()
	return append(all,
		named("node", ProcessGroup, "CMOS node", nodes,
			func(s *Setup) string { return s.Node }, func(s *Setup, i int) { s.Node = nodes[i] }),
		named("preset", ProcessGroup, "device preset: torque, switching and read parameters", presets,
			func(s *Setup) string { return s.Preset }, func(s *Setup, i int) { s.Preset = presets[i] }),
		quantity("t_cold", ProcessGroup, "lowest temperature, sizes the write current", "K", span{200, 430}, func(s *Setup) *units.Temperature { return &s.Cold }),
		quantity("t_nominal", ProcessGroup, "temperature of typical operation", "K", span{200, 430}, func(s *Setup) *units.Temperature { return &s.Nominal }),
		quantity("t_hot", ProcessGroup, "highest temperature: retention and leakage", "K", span{200, 430}, func(s *Setup) *units.Temperature { return &s.Hot }),
		quantity("t_operating", ProcessGroup, "temperature of the arrays in operation, of their leakage and speed; auto: t_hot, the corner of retention", "K", span{200, 430}, func(s *Setup) *units.Temperature { return &s.Operating }).auto(),
		quantity("error_budget", ProcessGroup, "bit errors per use of a datum after ECC, all causes together", "", span{1e-18, 1e-2}, func(s *Setup) *units.Ratio { return &s.ErrorBudget }),
		quantity("process_sigma", ProcessGroup, "process guard-band in standard deviations", "", span{0, 6}, func(s *Setup) *units.Ratio { return &s.ProcessSigma }),
		named("array_target", ArrayGroup, "what the organisation search minimises", array.TargetNames(),
			func(s *Setup) string { return s.Target.String() }, func(s *Setup, i int) { s.Target = array.Target(i) }),
		quantity("area_slack", ArrayGroup, "organisations may be that much larger than the smallest", "", span{0, 10}, func(s *Setup) *units.Ratio { return &s.AreaSlack }),
		named("ports", ArrayGroup, "ports of a bank: single, or one read and one write", []string{"single", "1r1w"},
			func(s *Setup) string { return s.Ports.String() }, func(s *Setup, i int) { s.Ports = array.Ports(i) }),
		cells[0], cells[1], cells[2],
		quantity("bank_conflicts", ArrayGroup, "share of bank cycles lost to conflicts; auto: from banks, bank_queue, bank_writes and the times that reads and writes hold a bank", "", span{1e-6, 0.95}, func(s *Setup) *units.Ratio { return &s.BankConflicts }).auto(),
		whole("bank_queue", ArrayGroup, "accesses that wait before a bank, on average", span{1, 1024}, func(s *Setup) *int { return &s.BankQueue }),
		quantity("bank_writes", ArrayGroup, "share of writes among the accesses of a bank", "", span{0, 1}, func(s *Setup) *units.Ratio { return &s.BankWrites }),
		whole("cores", MachineGroup, "PE arrays, each with its vector lanes and PE buffer, before one buffer", span{1, 1024}, func(s *Setup) *int { return &s.Cores }),
		whole("pe_rows", MachineGroup, "rows of a PE array", span{1, 4096}, func(s *Setup) *int { return &s.PERows }),
		whole("pe_columns", MachineGroup, "columns of a PE array", span{1, 4096}, func(s *Setup) *int { return &s.PECols }),
		named("dataflow", MachineGroup, "output, weight or input stationary; dot: adder trees without skew", dataflows,
			func(s *Setup) string { return s.Dataflow.String() }, func(s *Setup, i int) { s.Dataflow = systolic.Dataflow(i) }),
		whole("vector_lanes", MachineGroup, "elementwise operations per cycle, of a core", span{1, 1 << 20}, func(s *Setup) *int { return &s.VectorLanes }),
		quantity("pe_buffer", MachineGroup, "SRAM of a core between PE array and buffer that stages tiles and partial sums; 0KiB: none", "KiB", span{0, 1 << 20}, func(s *Setup) *units.Bytes { return &s.PEBuffer }),
		named("arithmetic", MachineGroup, "number format of the multipliers", precisions,
			func(s *Setup) string { return s.Arithmetic.String() },
			func(s *Setup, i int) {
				s.Arithmetic = []tech.Precision{tech.Int8, tech.BF16, tech.FP16, tech.FP32}[i]
			}),
		quantity("pe_clock", MachineGroup, "clock of the PE arrays in a study that does not name it in its space", "GHz", span{0.01, 5}, func(s *Setup) *units.Frequency { return &s.Clock }),
		quantity("mac_energy", MachineGroup, "energy of a multiply-accumulate with registers and hops; auto: of node and format (stco tech show elements)", "pJ", span{1e-4, 1000}, func(s *Setup) *units.Energy { return &s.MACEnergy }).auto(),
		quantity("logic_leakage", MachineGroup, "leakage of all PE arrays and their control; auto: of node, format and number of elements", "W", span{1e-6, 1000}, func(s *Setup) *units.Power { return &s.LogicLeakage }).auto(),
		named("residency", MachineGroup, "tensors stay in the buffer between steps", []string{"true", "false"},
			func(s *Setup) string { return strconv.FormatBool(!s.NoResidency) }, func(s *Setup, i int) { s.NoResidency = i == 1 }),
		named("tiles", MachineGroup, "tiles of a layer: any, those of least traffic (free), or slices of whole input rows with all channels, past which all weights stream (slices: NVDLA)", tiling.Rules(),
			func(s *Setup) string { return s.Tiles.String() }, func(s *Setup, i int) { s.Tiles = tiling.Rule(i) }),
		named("schedule", MachineGroup, "order of work: groups of layers with sub-batches, the whole network for parts of the batch, every layer over the whole batch", schedule.Modes(),
			func(s *Setup) string { return s.Schedule.String() }, func(s *Setup, i int) { s.Schedule = schedule.Mode(i) }),
		named("overlap", MachineGroup, "DRAM transfers beside the work of other steps: as far as the schedule leaves room (window), of the same step only (step), or without limit (ideal, a bound)", overlap.Modes(),
			func(s *Setup) string { return s.Overlap.String() }, func(s *Setup, i int) { s.Overlap = overlap.Mode(i) }),
		named("batch_norm", MachineGroup, "statistics of batch normalisation in training: of the whole batch, which then is not split, or of the parts that a schedule makes", []string{"whole", "parts"},
			func(s *Setup) string { return []string{"whole", "parts"}[choice(s.BatchNormParts)] }, func(s *Setup, i int) { s.BatchNormParts = i == 1 }),
		quantity("duty", LifeGroup, "share of the time that iterations take; for the rest the buffer waits", "", span{1e-9, 1}, func(s *Setup) *units.Ratio { return &s.Duty }),
		quantity("hold_leakage", LifeGroup, "leakage of an SRAM that keeps data at its retention voltage, of that at full supply", "", span{0, 1}, func(s *Setup) *units.Ratio { return &s.HoldLeakage }),
		quantity("gated_leakage", LifeGroup, "leakage of a buffer that is switched off, of that at full supply", "", span{0, 1}, func(s *Setup) *units.Ratio { return &s.GatedLeakage }),
		quantity("wake_time", LifeGroup, "time in which the supply of a buffer that was switched off comes back, at full leakage", "us", span{0, 1e6}, func(s *Setup) *units.Time { return &s.WakeTime }),
		quantity("residence", LifeGroup, "time that inference weights stay loaded", "s", span{1e-6, 1e10}, func(s *Setup) *units.Time { return &s.Residence }),
		quantity("product_life", LifeGroup, "life that the write endurance must last", "yr", span{0.001, 100}, func(s *Setup) *units.Time { return &s.ProductLife }),
		quantity("wear_leveling", LifeGroup, "mean over peak writes of a cell", "", span{1e-6, 1}, func(s *Setup) *units.Ratio { return &s.WearLeveling }),
	)
}
