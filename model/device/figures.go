package device

import "stco/model/units"

// The violations of a bitcell, scaled so that 1 is a gross miss; at most 0 is
// met.
const (
	unstable      = iota // K_eff not positive hot
	unswitchable         // in-plane field above sqrt(2)/2 of the anisotropy field cold: no critical current
	errorFloor           // write error of an attempt below what pulses reach (E21), or of STT no current reaches
	density              // channel current density above the electromigration limit
	heating              // self-heating above the limit (E24)
	headroom             // voltage over path and transistor above the supply (E23)
	readError            // read error rate above its share of the budget (E31)
	readDisturb          // read disturb rate above its share (E32)
	noBarrier            // barrier below the onset of magnetoresistance, or pillar smaller than its damaged rim
	barrierField         // field in the barrier above the limit
	lifetime             // data lost within the lifetime that Operating asks for (E35)
	NumViolations        // number of violations of a bitcell
)

// ViolationName returns the name of a violation as tables and messages have it.
func ViolationName(i int) string {
	return [NumViolations]string{
		"anisotropy", "in-plane field", "write error", "current density", "self-heating",
		"cell write voltage", "read error", "read disturb", "junction", "barrier field", "retention target",
	}[i]
}

// Warning is a bit set of doubts about a design that are no limits.
type Warning uint16

// The warnings. Those named Unusual mark figures outside the usual ones of 14 nm
// designs. The values are members of Params.
const (
	WeakField         Warning = 1 << iota // in-plane field below LeastField of Hk (E13)
	LowStability                          // thermal stability factor below LeastStability at the hot worst corner
	ThinChannel                           // channel below ThinChannel: resistivity rises, W leaves its beta phase
	PulseExtrapolated                     // pulse outside the range the law was measured in (E17, E18)
	FastCorner                            // the hot k-sigma device is driven above the current of back-switching
	Overdriven                            // the nominal device is (E21)
	TestField                             // the in-plane field is that of a test set-up, not of a product
	SpreadTooWide                         // E8 does not hold, or the k-sigma device has no barrier
	UnusualStability                      // Delta at 300 K
	UnusualCurrent                        // write current or density
	UnusualResistance                     // channel or R_P
	UnusualEnergy                         // cell write energy
	numWarnings       = iota
)

// Names lists the warnings that are set, in declaration order.
func (w Warning) Names() []string {
	var names []string
	for i := range numWarnings {
		if w&(1<<i) != 0 {
			names = append(names, [numWarnings]string{
				"weak in-plane field", "low stability", "thin channel", "pulse extrapolated", "fast corner", "overdriven", "test field",
				"spread too wide", "unusual stability", "unusual current", "unusual resistance", "unusual energy",
			}[i])
		}
	}
	return names
}

// Figures is what a bitcell does. Numbers without a type are ratios, SI units
// or as noted.
type Figures struct {
	DeltaNominal, DeltaHot, DeltaCold float64    // thermal stability factor in standby, nominal process (E3 to E5, E34)
	DeltaWorst                        float64    // hot and at the process guard-band (E35 or E8)
	DeltaRequired                     float64    // nominal factor at 300 K that Lifetime asks for (E35); 0 without
	AnisotropyField                   float64    // mu0*Hk at the nominal temperature, T
	Anisotropy                        float64    // K_eff at the diameter written, nominal temperature, J/m^3 (E2)
	SpreadDelta                       float64    // relative standard deviation of DeltaHot over the cells
	SpreadCurrent                     float64    // of CriticalCurrent
	Retention                         units.Time // time data keep at their share of the error budget, hot, worst process (E7)

	Efficiency      float64       // damping-like efficiency of the channel (E12)
	CriticalCurrent units.Current // I_c0 cold (E10, E11; STT E16)
	HalfCurrent     units.Current // I_50 of the pulse, cold (E17 to E19; STT I_c0)
	WriteCurrent    units.Current // with error budget and process guard-band (E36)
	CurrentDensity  units.CurrentDensity
	WriteFins       float64
	ReadFins        float64
	Channel         units.Resistance // of the write path without transistor
	WriteVoltage    units.Voltage    // over path and transistor (E23), with the channel at Sigma
	WriteSupply     units.Voltage    // that WriteVoltage is held against
	WriteFingers    float64          // of the write transistor
	WriteEnergy     units.Energy     // of path and transistor per bit and attempt (E23), with AssistEnergy
	AssistCurrent   units.Current    // through the junction of an STT-assisted write
	AssistEnergy    units.Energy     // of that current
	ChannelEnergy   units.Energy     // of the path alone
	Heating         float64          // K (E24)

	RA              units.ResistanceArea
	Parallel        units.Resistance
	TMR             float64 // at the read bias, hot
	ParallelCurrent units.Current
	AntiCurrent     units.Current
	Signal          units.Current // half the difference (E29)
	DisturbCurrent  units.Current // critical STT current of a read, hot and at the guard-band (E16)
	DisturbTorque   float64       // current of a read along the channel over the critical one, hot and at the guard-band (E32); STT 0
	WriteFailure    float64       // of one attempt of a write, the rate it is sized for
	WriteError      float64       // after all attempts
	RetentionError  float64       // over Lifetime (E7); 0 without
	ReadError       float64       // E31
	DisturbError    float64       // of one read (E32)
	BitError        float64       // of one use, all causes (E38)
	Endurance       float64       // write cycles
	Area            units.Area
	BackEndLimited  bool // channel or pillar are larger than the transistors in a direction
	Warnings        Warning
	Violations      [NumViolations]float64
}
