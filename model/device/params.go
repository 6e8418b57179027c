package device

import (
	"math"

	"stco/model/tech"
	"stco/model/units"
)

// Params are the inputs of a bitcell: what a designer chooses, and what the
// materials and the process give. Values are SI; fields are mu0*H in tesla.
type Params struct {
	// Chosen per design.
	Technology       Technology
	Diameter         float64 // of the free layer
	FreeLayer        float64 // thickness
	Anisotropy       float64 // interfacial, J/m^2 at 300 K
	ChannelWidth     float64
	ChannelThickness float64
	Barrier          float64 // MgO thickness
	Pulse            float64
	ReadVoltage      float64
	Selector         bool // BEOL read selector instead of the read transistor

	// Of the channel material.
	Theta      float64 // damping-like efficiency at ThetaThickness
	ThetaAt    float64 // film thickness Theta was measured at
	SpinLength float64 // spin diffusion length; 0: Theta at every thickness
	Rho        float64 // Ohm m

	// Of the preset; the table device_presets has units and sources.
	Ms, BulkAnisotropy, Exchange, Alpha    float64
	Curie, AnisotropyExponent, AttemptTime float64
	Field, Nucleation, RhoFreeLayer        float64
	TauC, WriteSlope, BackSwitching        float64
	RARef, BarrierRef, BarrierHeight       float64
	TMRSaturation, TMROnset, TMRLength     float64
	TMRHalfVoltage, EtchDamage             float64
	STTEfficiency, STTAlpha, STTDerating   float64
	FinDerating, FinResistance             float64
	ChannelExtension, SpaceSOT, SpaceMTJ   float64
	MaxDensity, MaxHeating, Endurance      float64
	CVField, CVMs, CVVolume                float64
	CVTheta, CVSection, SigmaResistance    float64
	ReadTime, Reads                        float64
}

const presetTable = "device_presets"

// PresetNames lists the presets of the tables.
func PresetNames(t *tech.Tables) ([]string, error) {
	tab, err := t.Table(presetTable)
	if err != nil {
		return nil, err
	}
	return tab.EntryNames(), nil
}

// Preset returns the parameters of an entry of the table device_presets, with
// the geometry of REF-W: 50 nm pillar of 1 nm, channel 60 nm x 4 nm of
// efficiency 0.32 and 200 uOhm cm, 1 ns pulse.
func Preset(t *tech.Tables, name string) (Params, error) {
	e, err := t.Entry(presetTable, name)
	if err != nil {
		return Params{}, err
	}
	p := Params{
		Technology: SOT, Diameter: 50e-9, FreeLayer: 1e-9, Anisotropy: 0.69445e-3,
		ChannelWidth: 60e-9, ChannelThickness: 4e-9, Barrier: 0.87e-9, Pulse: 1e-9, ReadVoltage: 0.2,
		Theta: 0.32, ThetaAt: 4e-9, Rho: 200e-8,
	}
	fields := []struct {
		name string
		into *float64
	}{
		{"ms", &p.Ms}, {"bulk_anisotropy", &p.BulkAnisotropy}, {"exchange", &p.Exchange}, {"alpha", &p.Alpha},
		{"curie", &p.Curie}, {"anisotropy_exponent", &p.AnisotropyExponent}, {"attempt_time", &p.AttemptTime},
		{"field", &p.Field}, {"nucleation", &p.Nucleation}, {"rho_free_layer", &p.RhoFreeLayer},
		{"tau_c", &p.TauC}, {"write_slope", &p.WriteSlope}, {"back_switching", &p.BackSwitching},
		{"ra_ref", &p.RARef}, {"barrier_ref", &p.BarrierRef}, {"barrier_height", &p.BarrierHeight},
		{"tmr_saturation", &p.TMRSaturation}, {"tmr_onset", &p.TMROnset}, {"tmr_length", &p.TMRLength},
		{"tmr_half_voltage", &p.TMRHalfVoltage}, {"etch_damage", &p.EtchDamage},
		{"stt_efficiency", &p.STTEfficiency}, {"stt_alpha", &p.STTAlpha}, {"stt_derating", &p.STTDerating},
		{"fin_derating", &p.FinDerating}, {"fin_resistance", &p.FinResistance},
		{"channel_extension", &p.ChannelExtension}, {"space_sot", &p.SpaceSOT}, {"space_mtj", &p.SpaceMTJ},
		{"max_density", &p.MaxDensity}, {"max_heating", &p.MaxHeating}, {"endurance", &p.Endurance},
		{"cv_field", &p.CVField}, {"cv_ms", &p.CVMs}, {"cv_volume", &p.CVVolume},
		{"cv_theta", &p.CVTheta}, {"cv_section", &p.CVSection}, {"sigma_resistance", &p.SigmaResistance},
		{"read_time", &p.ReadTime}, {"reads", &p.Reads},
	}
	for _, f := range fields {
		v, err := e.Value(f.name)
		if err != nil {
			return Params{}, err
		}
		*f.into = v.SI
	}
	return p, nil
}

// SetMaterial takes efficiency and resistivity of a channel material.
func (p *Params) SetMaterial(m *tech.SOTMaterial) {
	p.Theta, p.ThetaAt = m.Efficiency, float64(m.Thickness)
	p.SpinLength, p.Rho = float64(m.SpinLength), float64(m.Resistivity)
}

// Operating is what a bitcell is judged at.
type Operating struct {
	Cold, Nominal, Hot units.Temperature
	Sigma              float64 // process guard-band in standard deviations (E35, E36)
	BitError           float64 // raw bit error rate allowed per use, split equally over four causes (E38)
	FieldFree          bool    // no in-plane field is needed: E13 does not warn
	// Spread is one sample of the process: relative deviations from nominal.
	// The zero value is the nominal device.
	Spread Spread
}

// Spread is one device of a population, in relative deviations.
type Spread struct{ Field, Ms, Volume, Theta, Section, Resistance float64 }

// CVDelta is the relative spread of the thermal stability factor.
func (p *Params) CVDelta() float64 {
	return math.Sqrt(p.CVField*p.CVField + p.CVMs*p.CVMs + p.CVVolume*p.CVVolume)
}

// CVCurrent is the relative spread of the critical current (E36).
func (p *Params) CVCurrent() float64 {
	return math.Sqrt(p.CVField*p.CVField + p.CVMs*p.CVMs + p.CVTheta*p.CVTheta + p.CVSection*p.CVSection)
}

// efficiency returns the damping-like efficiency at the channel's thickness
// (E12), scaled from the thickness it was measured at.
func (p *Params) efficiency() float64 {
	if p.SpinLength <= 0 {
		return p.Theta
	}
	return p.Theta * ThicknessFactor(p.ChannelThickness, p.SpinLength) / ThicknessFactor(p.ThetaAt, p.SpinLength)
}
