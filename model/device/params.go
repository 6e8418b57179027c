package device

import (
	"errors"
	"fmt"

	"stco/model/tech"
	"stco/model/units"
)

// Selector is the access device of the read path of an SOT cell.
type Selector uint8

// The read selectors.
const (
	FrontEnd Selector = iota // a second transistor in silicon: 2T1R
	IGZO                     // an oxide transistor above the cell
	Diode                    // a diode above the cell
)

// SelectorNames lists the selectors as users write them, in order.
func SelectorNames() []string { return []string{"transistor", "igzo", "diode"} }

// String returns the name used in studies, tables and flags.
func (s Selector) String() string {
	if names := SelectorNames(); int(s) < len(names) {
		return names[s]
	}
	return "unknown"
}

// PulseLaw says how the switching current depends on the write pulse.
type PulseLaw uint8

// The laws; both have E19 as lower bound.
const (
	InverseTime PulseLaw = iota // 1 + tau_c/tau (E17)
	Logarithmic                 // 1 - b*ln(tau/1 ns), measured from 0.75 to 5 ns (E18)
)

// FieldMode says how the polarity of a switching event is set, and what that
// costs.
type FieldMode uint8

// The modes; FieldModeNames has their names.
const (
	HardMask     FieldMode = iota // magnet above the channel: permanent field, barrier loss, floor on the pitch
	Tilted                        // tilted anisotropy: no field, current by FieldFreeCurrent
	ZSpin                         // out-of-plane spins: no field, current by FieldFreeCurrent
	STTAssist                     // current through the junction: no field, its energy and stress on the barrier
	ExchangeBias                  // antiferromagnet: permanent field, barrier loss
	External                      // field of a test set-up: gone in standby; not a product
)

// FieldModeNames lists the modes as users write them, in order.
func FieldModeNames() []string {
	return []string{"hard-mask", "tilted", "z-spin", "stt-assist", "exchange-bias", "external"}
}

// permanent tells whether the field is there in standby.
func (m FieldMode) permanent() bool { return m == HardMask || m == ExchangeBias }

// permanent tells whether a field is there in standby: a magnet beside the
// channel of an SOT cell. An STT cell has none, whatever the preset says.
func (p *Params) permanent() bool { return p.Technology != STT && p.FieldMode.permanent() }

// static tells whether a write has a static in-plane field at all.
func (m FieldMode) static() bool { return m.permanent() || m == External }

// Params are the inputs of a bitcell: what a designer chooses, and what
// materials and process give. Values are SI; fields are mu0*H in tesla;
// magnetic values hold at 300 K. Fields gives name, unit, range and meaning of
// every member; presets are entries of the table device_presets.
type Params struct {
	Technology Technology
	Selector   Selector
	PulseLaw   PulseLaw

	// Geometry, pulse and bias.
	Diameter, EtchDamage, FreeLayer                  float64
	ChannelWidth, ChannelExtension, ChannelThickness float64
	Barrier, Pulse, ReadVoltage, GateVoltage         float64

	// Free layer.
	Anisotropy, BulkAnisotropy, Ms, Exchange float64
	NucleationLimit                          bool
	StabilityExponent, NucleationDiameter    float64
	Curie, AnisotropyExponent, AttemptTime   float64
	Alpha, STTAlpha, STTEfficiency           float64
	Field                                    float64
	FieldMode                                FieldMode
	MagnetWidth, FieldFreeCurrent            float64
	AssistShare                              float64

	// Channel.
	Theta, ThetaAt, SpinLength float64
	Rho, RhoFreeLayer          float64
	Nucleation                 float64
	Shunt                      bool

	// Writing.
	TauC, PulseSlope, WriteSlope, BackSwitching         float64
	WriteFloor, WriteTries                              float64
	WriteSupply, STTSupply, SupplyEfficiency            float64
	VCMA                                                float64
	FinDerating, STTDerating, Saturation                float64
	MaxDensity, MaxHeating, MaxBarrierField             float64
	HeatingRise, HeatingPower, HeatingArea, ThermalTime float64
	Endurance, EnduranceDensity, EnduranceExponent      float64

	// Junction and reading.
	RARef, BarrierRef, BarrierHeight   float64
	TMRSaturation, TMROnset, TMRLength float64
	TMRHalfVoltage                     float64
	ReadFins, DisturbExponent          float64
	ReadTorque, SenseFactor            float64
	ReadTime, Reads                    float64
	SelectorDelay, SelectorDrop        float64
	SelectorArea                       float64 // least area of a cell with a selector above over the 2T1R cell of the same fins

	// Layout.
	SpaceSOT, SpaceMTJ, PitchRatio float64
	IsolationFins, DiffusionBreak  float64
	WriteFingers, STTFingers       float64
	SharedArea                     float64

	// Spreads, one standard deviation over the mean.
	CVAnisotropy, CVThickness, CVDiameter float64
	CVMs, CVTheta, CVSection              float64
	CVChannel, SigmaResistance, CVTMR     float64

	// Where the model was measured and what is usual: beyond them a warning.
	LeastField, LeastStability, ThinChannel    float64
	MostFailure, MostFingers                   float64
	LinearFrom, LinearTo                       float64
	LogarithmicFrom, LogarithmicTo             float64
	UsualStability, UsualCurrent, UsualDensity Span
	UsualChannel, UsualJunction, UsualEnergy   Span
}

// Span is a range of usual values.
type Span struct{ From, To float64 }

// holds tells whether a value is usual.
func (s Span) holds(x float64) bool { return x >= s.From && x <= s.To }

const (
	presetTable  = "device_presets"
	commonPreset = "common"
)

// Common returns the values that all presets share, with their ranges of doubt.
func Common(t *tech.Tables) (*tech.Entry, error) { return t.Entry(presetTable, commonPreset) }

// PresetNames lists the presets of the tables.
func PresetNames(t *tech.Tables) ([]string, error) {
	tab, err := t.Table(presetTable)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, n := range tab.EntryNames() {
		if n != commonPreset {
			names = append(names, n)
		}
	}
	return names, nil
}

// Preset returns the parameters of an entry of the table device_presets: the
// values of the entry "common" with the entry's own over them.
func Preset(t *tech.Tables, name string) (Params, error) {
	var p Params
	common, err := Common(t)
	if err != nil {
		return p, err
	}
	own, err := t.Entry(presetTable, name)
	if err != nil {
		return p, err
	}
	if own == common {
		return p, fmt.Errorf("%q is what all presets share, not a preset", name)
	}
	fields := Fields()
	for _, f := range fields {
		e := own
		if !e.Has(f.Name) {
			e = common
		}
		v, err := e.Value(f.Name)
		if err != nil {
			return p, err
		}
		if !v.Measures(f.Dim) {
			return p, fmt.Errorf("device preset %s: %s in %q is not a %s", e.Name, f.Name, v.Unit, f.Dim)
		}
		f.Set(&p, v.SI)
	}
	for _, e := range []*tech.Entry{common, own} {
		for _, v := range e.Values {
			if !known(fields, v.Quantity) {
				return p, fmt.Errorf("device preset %s: unknown quantity %q", e.Name, v.Quantity)
			}
		}
	}
	return p, p.Validate()
}

func known(fields []Field, name string) bool {
	for i := range fields {
		if fields[i].Name == name {
			return true
		}
	}
	return false
}

// Validate checks every member against its range and lists all that are
// outside, each with key, value, unit and range.
func (p *Params) Validate() error {
	var errs []error
	for _, f := range Fields() {
		if v := f.Get(p); !(v >= f.Min && v <= f.Max) {
			errs = append(errs, fmt.Errorf("bitcell %s = %s is outside %s to %s", f.Name,
				units.Format(v, f.Dim), units.Format(f.Min, f.Dim), units.Format(f.Max, f.Dim)))
		}
	}
	if 2*p.EtchDamage >= p.Diameter {
		errs = append(errs, fmt.Errorf("bitcell etch_damage = %s on each side leaves nothing of diameter %s",
			units.Format(p.EtchDamage, units.DimLength), units.Format(p.Diameter, units.DimLength)))
	}
	if p.Technology == SOT && p.ChannelWidth < p.Diameter {
		errs = append(errs, fmt.Errorf("bitcell channel_width = %s is below the diameter %s",
			units.Format(p.ChannelWidth, units.DimLength), units.Format(p.Diameter, units.DimLength)))
	}
	return errors.Join(errs...)
}

// SetMaterial takes efficiency and resistivity of a channel material.
func (p *Params) SetMaterial(m *tech.SOTMaterial) {
	p.Theta, p.ThetaAt = m.Efficiency, float64(m.Thickness)
	p.SpinLength, p.Rho = float64(m.SpinLength), float64(m.Resistivity)
}

// material returns what SetMaterial takes.
func (p *Params) material(name string) tech.SOTMaterial {
	return tech.SOTMaterial{
		Name: name, Efficiency: p.Theta, Thickness: units.Length(p.ThetaAt),
		SpinLength: units.Length(p.SpinLength), Resistivity: units.Resistivity(p.Rho),
	}
}

// Efficiency returns the damping-like efficiency at the channel's thickness:
// E12, scaled from the thickness at which Theta holds.
func (p *Params) Efficiency() float64 {
	return filmEfficiency(p.Theta/filmEfficiency(1, p.ThetaAt, p.SpinLength), p.ChannelThickness, p.SpinLength)
}

func (p *Params) channelLength() float64 { return p.Diameter + p.ChannelExtension }
