package tech

import (
	"errors"
	"fmt"
	"math"

	"stco/model/units"
)

// Flavour is the threshold flavour of a CMOS device.
type Flavour uint8

// The device flavours of the roadmap.
const (
	HighPerformance   Flavour = iota // hp
	LowOperatingPower                // lop
	LowStandbyPower                  // lstp
)

// String returns the name used in studies, tables and flags.
func (f Flavour) String() string {
	switch f {
	case HighPerformance:
		return "hp"
	case LowOperatingPower:
		return "lop"
	case LowStandbyPower:
		return "lstp"
	}
	return "unknown"
}

// ParseFlavour reads hp, lop or lstp.
func ParseFlavour(s string) (Flavour, error) {
	for f := HighPerformance; f <= LowStandbyPower; f++ {
		if s == f.String() {
			return f, nil
		}
	}
	return 0, fmt.Errorf("device flavour %q is not hp, lop or lstp", s)
}

// Wire is one class of metal layers at 300 K.
type Wire struct {
	Pitch       units.Length
	Resistance  units.ResistancePerM
	Capacitance units.CapacitancePerM
}

// SRAMCell is a 6T cell of a node. Widths are effective gate widths.
type SRAMCell struct {
	Area               units.Area
	Height             units.Length // along the bitline
	Pass, Down, PullUp units.Length
}

// Node is one CMOS node in one device flavour. Currents and capacitances are
// per effective gate width, leakage at 300 K.
type Node struct {
	Name    string
	Flavour Flavour

	Feature     units.Length // F of areas given in F^2
	FinPitch    units.Length // layout pitch of FinWidth of gate
	FinWidth    units.Length // effective gate width of one fin
	GatePitch   units.Length
	MetalPitch  units.Length // tightest
	GateLength  units.Length // of sense amplifiers
	Matching    float64      // threshold mismatch of a pair times root of gate area, V m
	Local       Wire         // wordlines and bitlines
	Middle      Wire         // intermediate layers: H-tree
	Global      Wire         // thick layers
	Dense, Fast SRAMCell     // high-density and high-performance 6T

	Vdd              units.Voltage
	OnCurrent        units.CurrentPerM
	OffCurrent       units.CurrentPerM // subthreshold, at 300 K and Vdd
	DriveTemperature float64           // relative fall of OnCurrent per K
	GateLeakage      units.CurrentPerM // of a conducting gate
	Threshold        units.Voltage
	Swing            units.Voltage // subthreshold, per decade, at 300 K
	ResistanceFactor float64       // switching resistance over Vdd/OnCurrent
	PDrive           float64       // p-channel over n-channel drive
	GateCap          units.CapacitancePerM
	DrainCap         units.CapacitancePerM
	ThresholdSlope   float64          // V/K
	WireTemperature  float64          // relative line resistance per K
	Resistivity      float64          // of bulk copper, Ohm m
	AccessDerating   float64          // drive left in a source-degenerated transistor (E25)
	SizeEffect       float64          // rise of the resistivity over 1/width, Ohm m^2
	LinearShare      float64          // resistance of a fully driven transistor at small drain voltage over Vdd/OnCurrent
	EightTransistor  float64          // area of an 8T over a 6T cell
	WritePath        units.Resistance // channel of an SOT cell that states none
}

// Node returns a node of the tables cmos and cmos_devices in a flavour.
func (t *Tables) Node(name string, flavour Flavour) (*Node, error) {
	geometry, err := t.Entry("cmos", name)
	if err != nil {
		return nil, err
	}
	devices, err := t.Entry("cmos_devices", name+"-"+flavour.String())
	if err != nil {
		return nil, err
	}
	circuits, err := t.Entry("cmos_circuits", "array")
	if err != nil {
		return nil, err
	}
	g, d, c := &fields{entry: geometry}, &fields{entry: devices}, &fields{entry: circuits}
	n := &Node{
		Name: name, Flavour: flavour,
		Feature:    field[units.Length](g, "feature"),
		FinPitch:   field[units.Length](g, "fin_pitch"),
		FinWidth:   field[units.Length](g, "fin_width"),
		GatePitch:  field[units.Length](g, "gate_pitch"),
		MetalPitch: field[units.Length](g, "metal_pitch"),
		GateLength: field[units.Length](g, "gate_length"),
		Matching:   g.number("matching"),
		Local:      g.wire("local"), Middle: g.wire("intermediate"), Global: g.wire("global"),

		Vdd:              field[units.Voltage](d, "vdd"),
		OnCurrent:        field[units.CurrentPerM](d, "on_current"),
		OffCurrent:       field[units.CurrentPerM](d, "off_current"),
		DriveTemperature: d.number("drive_temperature"),
		GateLeakage:      field[units.CurrentPerM](d, "gate_leakage"),
		Threshold:        field[units.Voltage](d, "threshold"),
		Swing:            field[units.Voltage](d, "swing"),
		ResistanceFactor: d.number("resistance_factor"),
		PDrive:           d.number("p_drive"),
		GateCap:          field[units.CapacitancePerM](d, "gate_cap"),
		DrainCap:         field[units.CapacitancePerM](d, "drain_cap"),
		ThresholdSlope:   c.number("threshold_slope"),
		WireTemperature:  c.number("wire_temperature"),
		Resistivity:      c.number("resistivity"),
		SizeEffect:       c.number("size_effect"),
		AccessDerating:   c.number("access_derating"),
		LinearShare:      c.number("linear_share"),
		EightTransistor:  c.number("eight_transistor_area"),
		WritePath:        field[units.Resistance](c, "write_path"),
	}
	// The planar node gives transistor widths in F, the others in fins.
	granule := n.FinWidth
	if n.FinWidth == n.FinPitch {
		granule = n.Feature
	}
	n.Dense, n.Fast = g.cell("sram_hd", granule), g.cell("sram_hp", granule)
	if err := errors.Join(g.err, d.err, c.err); err != nil {
		return nil, err
	}
	return n, nil
}

// NodeNames lists the CMOS nodes of the tables.
func (t *Tables) NodeNames() []string {
	tab, err := t.Table("cmos")
	if err != nil {
		return nil
	}
	return tab.EntryNames()
}

func (f *fields) wire(class string) Wire {
	return Wire{
		Pitch:       field[units.Length](f, class+"_pitch"),
		Resistance:  field[units.ResistancePerM](f, class+"_resistance"),
		Capacitance: field[units.CapacitancePerM](f, class+"_capacitance"),
	}
}

func (f *fields) cell(name string, granule units.Length) SRAMCell {
	width := func(q string) units.Length { return units.Length(f.number(name+"_"+q)) * granule }
	return SRAMCell{
		Area: field[units.Area](f, name+"_area"), Height: field[units.Length](f, name+"_height"),
		Pass: width("pass"), Down: width("down"), PullUp: width("up"),
	}
}

// number returns a required quantity in SI units, whatever its dimension.
func (f *fields) number(quantity string) float64 {
	v, err := f.entry.Value(quantity)
	f.note(err)
	return v.SI
}

// boltzmannOverCharge is kB/e in V/K.
const boltzmannOverCharge = 1.380649e-23 / 1.602176634e-19

// OffCurrentAt returns the subthreshold leakage per width at a temperature:
//
//	Ioff(T) = Ioff(300 K) (T/300)^2 exp[(Vt/300 - Vt(T)/T) / (n kB/e)]
//
// with n from the subthreshold swing and Vt(T) falling linearly, the usual
// subthreshold law (BSIM4 manual, section on subthreshold conduction).
func (n *Node) OffCurrentAt(t units.Temperature) units.CurrentPerM {
	const room = 300.0
	ideality := float64(n.Swing) / (boltzmannOverCharge * room * math.Ln10)
	hot := float64(n.Threshold) - n.ThresholdSlope*(float64(t)-room)
	exponent := (float64(n.Threshold)/room - hot/float64(t)) / (ideality * boltzmannOverCharge)
	return n.OffCurrent * units.CurrentPerM((float64(t)/room)*(float64(t)/room)*math.Exp(exponent))
}

// OnCurrentAt returns the drive current per width at a temperature: the tables
// fall by the same share from step to step.
func (n *Node) OnCurrentAt(t units.Temperature) units.CurrentPerM {
	return n.OnCurrent * units.CurrentPerM(math.Exp(-n.DriveTemperature*(float64(t)-300)))
}

// ResistanceAt returns the line resistance of a wire at a temperature.
func (n *Node) ResistanceAt(w Wire, t units.Temperature) units.ResistancePerM {
	return w.Resistance * units.ResistancePerM(1+n.WireTemperature*(float64(t)-300))
}

// ResistanceOfWidth returns the resistance at 300 K of a line of a class that
// is drawn wider than half its pitch: same thickness, resistivity
// rho + k/width.
func (n *Node) ResistanceOfWidth(w Wire, width units.Length) units.ResistancePerM {
	half := float64(w.Pitch) / 2
	d := math.Max(half, float64(width))
	rho := func(w float64) float64 { return n.Resistivity + n.SizeEffect/w }
	return w.Resistance * units.ResistancePerM(half/d*rho(d)/rho(half))
}

// Circuits are the circuit constants of the memory array, table cmos_circuits.
type Circuits struct {
	OffsetSigma    units.Voltage // of a sense amplifier
	OffsetSigmas   float64       // covered
	TimingMargin   float64       // of the develop phase
	ClampOverdrive units.Voltage // of the current sense amplifier
	ClampResidue   float64       // of the signal when the bitline counts as settled
	SensePhases    float64       // sampling phases of a read of a magnetic cell
	SenseBranches  float64       // supply branches carrying the cell current during a read
	DriverDrop     float64       // least share of the supply left for write drivers and multiplexers
	TailSignal     float64       // signal of the slowest magnetic cell that must be read over the nominal
	Slow           Corner        // slow corner of voltage and process
	StackFactor    float64       // leakage of a gate over its widest off transistor
	Activity       float64       // share of H-tree wires that swing per access
	LayoutFactor   float64       // drawn area over transistor footprint
	EdgeCells      float64       // dummies on each side of a subarray, in cell pitches
	MacroOverhead  float64       // share of a bank for control, redundancy, test, power
	SystemOverhead float64       // share of a cache die beside its macros; reported, not added

	// Widths of the column circuits, precharge to write driver in minimum widths,
	// amplifiers in widths of a transistor that meets the offset.
	PrechargeWidth, MuxWidth, WriteWidth float64
	LatchWidth, CurrentSenseWidth        float64

	LatchRegeneration float64       // time constant of a latch over that of an inverter that drives another one
	OutputGates       float64       // FO4 from the latch to the H-tree
	FlipGates         float64       // FO4 until a written SRAM cell has flipped
	LeastSignal       units.Current // that an amplifier is asked to integrate
	WordlineEffort    float64       // stage effort of the last wordline driver
	BranchGates       float64       // FO4 of a branch of the H-tree
	RegisterGates     float64       // FO4 of a pipeline register
	StageGates        float64       // FO4 of flight from register to register
	ArbiterGates      float64       // FO4 of the arbiter at a junction of the tree between banks

	Layers, TrackShare float64 // of a class of wires in each direction above a macro; share of their tracks beside power and clock
	ShifterWidth       float64 // of a level shifter, in minimum widths
	ShifterGates       float64 // FO4 of a level shifter
	RatedSupply        float64 // that core transistors stand over the nominal one
	ThickOxideArea     float64 // of a transistor for more than that over a core one of the same drive

	DistributedDelay       float64 // of a line over its resistance times capacitance
	NandEffort             float64 // logical effort of two inputs
	LogicFins, LogicPlanar float64 // of a transistor of minimum width in logic: fins, or feature sizes of a planar device
	FrugalDelay            float64 // longest of a line of least energy over the least delay
	SRAMTracks             float64 // lines along the bitline that share the width of a cell
	STTTracks, SOTTracks   float64
	WordTracks             float64 // lines along the wordline that share its height
	PrechargeDevices       float64 // transistors of the precharge of a pair of bitlines
	PairMultiplexers       float64 // of a column of two bitlines
	SenseInput, LatchInput float64 // transistors that load the node of a current sense amplifier that integrates, and that of a latch
	CellLeaks              float64 // leakage paths of an SRAM cell, of which one ends on a bitline
	SeriesDrops            float64 // driver and multiplexers in the path of a write current
	SpareColumns           float64 // largest columns of the active subarrays over the word that they serve

	Code CodeLogic
}

// CodeLogic are the constants of the encoder and decoder of an error-correcting
// code.
type CodeLogic struct {
	XorGates      float64 // FO4 of an exclusive-or
	XorLoad       float64 // capacitance it switches over that of an inverter of minimum width
	XorWidth      float64 // gate width over that of such an inverter
	Activity      float64 // share of the gates that switch
	SyndromeGates float64 // FO4 from syndrome to corrected bit
	DoubleDepth   float64 // of a decoder of two errors over one of one
	DoubleGates   float64 // the same of its gates
}

// Circuits returns the circuit constants of the memory array.
func (t *Tables) Circuits() (*Circuits, error) {
	e, err := t.Entry("cmos_circuits", "array")
	if err != nil {
		return nil, err
	}
	f := &fields{entry: e}
	c := &Circuits{
		OffsetSigma:    field[units.Voltage](f, "offset_sigma"),
		OffsetSigmas:   f.number("offset_sigmas"),
		TimingMargin:   f.number("timing_margin"),
		ClampOverdrive: field[units.Voltage](f, "clamp_overdrive"),
		ClampResidue:   f.number("clamp_residue"),
		SensePhases:    f.number("sense_phases"),
		SenseBranches:  f.number("sense_branches"),
		DriverDrop:     f.number("driver_drop"),
		TailSignal:     f.number("tail_signal"),
		Slow: Corner{
			Supply: f.number("slow_supply"), Threshold: field[units.Voltage](f, "slow_threshold"),
			Saturation: f.number("slow_saturation"), Signal: f.number("slow_signal"),
		},
		StackFactor:    f.number("stack_factor"),
		Activity:       f.number("activity"),
		LayoutFactor:   f.number("layout_factor"),
		EdgeCells:      f.number("edge_cells"),
		MacroOverhead:  f.number("macro_overhead"),
		SystemOverhead: f.number("system_overhead"),

		PrechargeWidth: f.number("precharge_width"), MuxWidth: f.number("mux_width"), WriteWidth: f.number("write_width"),
		LatchWidth: f.number("latch_width"), CurrentSenseWidth: f.number("current_sense_width"),
		LatchRegeneration: f.number("latch_regeneration"), OutputGates: f.number("output_gates"), FlipGates: f.number("flip_gates"),
		LeastSignal: field[units.Current](f, "least_signal"), WordlineEffort: f.number("wordline_effort"),
		BranchGates: f.number("branch_gates"), RegisterGates: f.number("register_gates"), ArbiterGates: f.number("arbiter_gates"), StageGates: f.number("stage_gates"),
		Layers: f.number("layers"), TrackShare: f.number("track_share"), ShifterWidth: f.number("shifter_width"), ShifterGates: f.number("shifter_gates"),
		RatedSupply: f.number("rated_supply"), ThickOxideArea: f.number("thick_oxide_area"),
		DistributedDelay: f.number("distributed_delay"), NandEffort: f.number("nand_effort"),
		LogicFins: f.number("logic_fins"), LogicPlanar: f.number("logic_planar"), FrugalDelay: f.number("frugal_delay"),
		SRAMTracks: f.number("sram_bit_tracks"), STTTracks: f.number("stt_bit_tracks"), SOTTracks: f.number("sot_bit_tracks"), WordTracks: f.number("word_tracks"),
		PrechargeDevices: f.number("precharge_devices"), PairMultiplexers: f.number("pair_multiplexers"),
		SenseInput: f.number("current_sense_input"), LatchInput: f.number("latch_input"), CellLeaks: f.number("cell_leaks"),
		SeriesDrops: f.number("series_drops"), SpareColumns: f.number("spare_columns"),
		Code: CodeLogic{
			XorGates: f.number("xor_gates"), XorLoad: f.number("xor_load"), XorWidth: f.number("xor_width"), Activity: f.number("code_activity"),
			SyndromeGates: f.number("syndrome_gates"), DoubleDepth: f.number("double_depth"), DoubleGates: f.number("double_gates"),
		},
	}
	return c, f.err
}

// Corner is a corner of voltage and process.
type Corner struct {
	Supply     float64       // over the nominal one
	Threshold  units.Voltage // above the nominal one
	Saturation float64       // exponent of the drive current over the gate overdrive (Sakurai and Newton, JSSC 25, 584 (1990))
	Signal     float64       // of the slowest magnetic cell over that of TailSignal
}

// At returns the node and the circuit constants at a corner: lower supply,
// drive current by the alpha-power law, leakage by the swing, weaker signal.
func (c Corner) At(n *Node, k *Circuits) (Node, Circuits) {
	node, circuits := *n, *k
	node.Vdd *= units.Voltage(c.Supply)
	node.Threshold += c.Threshold
	overdrive := math.Max(0.05, float64(node.Vdd-node.Threshold)/float64(n.Vdd-n.Threshold))
	node.OnCurrent *= units.CurrentPerM(math.Pow(overdrive, c.Saturation))
	node.OffCurrent *= units.CurrentPerM(math.Pow(10, -float64(c.Threshold/n.Swing)))
	circuits.TailSignal *= c.Signal
	return node, circuits
}
