package device

import (
	"slices"
	"sync"

	"stco/model/units"
)

// Field describes one member of Params.
type Field struct {
	Name     string
	Meaning  string
	Dim      units.Dimension
	Choices  []string // names of the values 0, 1, ... of a choice
	Min, Max float64  // allowed range in SI units, inclusive
	Whole    bool     // a count
	Validity bool     // bounds what the model was measured for; warnings depend on it, no figure
	Get      func(*Params) float64
	Set      func(*Params, float64)
}

// Fields lists the members of Params in a fixed order; the names are those of
// the table device_presets.
func Fields() []Field { return slices.Clone(members()) }

var members = sync.OnceValue(listed)

func listed() []Field {
	const nm, ps = 1e-9, 1e-12
	fields := []Field{
		choice("technology", "storage principle", []string{"sram", "sot", "stt"}, func(p *Params) *Technology { return &p.Technology }).from(1),
		choice("selector", "access device of the read path of an SOT cell", []string{"front-end", "igzo", "diode"}, func(p *Params) *Selector { return &p.Selector }),
		choice("pulse_law", "dependence of the switching current on the pulse", []string{"inverse-time", "logarithmic"}, func(p *Params) *PulseLaw { return &p.PulseLaw }),

		quantity("diameter", "of the pillar as drawn", units.DimLength, 10*nm, 300*nm, func(p *Params) *float64 { return &p.Diameter }),
		quantity("etch_damage", "rim without magnetism or conduction, each side (E26)", units.DimLength, 0, 50*nm, func(p *Params) *float64 { return &p.EtchDamage }),
		quantity("free_layer", "free-layer thickness", units.DimLength, 0.3*nm, 5*nm, func(p *Params) *float64 { return &p.FreeLayer }),
		quantity("channel_width", "of the SOT channel", units.DimLength, 10*nm, 1000*nm, func(p *Params) *float64 { return &p.ChannelWidth }),
		quantity("channel_extension", "channel length less diameter", units.DimLength, 0, 1000*nm, func(p *Params) *float64 { return &p.ChannelExtension }),
		quantity("channel_thickness", "of the SOT channel", units.DimLength, 0.5*nm, 50*nm, func(p *Params) *float64 { return &p.ChannelThickness }),
		quantity("barrier", "MgO thickness", units.DimLength, 0.5*nm, 3*nm, func(p *Params) *float64 { return &p.Barrier }),
		quantity("pulse", "write pulse", units.DimTime, 10*ps, 1e-6, func(p *Params) *float64 { return &p.Pulse }),
		quantity("read_voltage", "bias across the read path", units.DimVoltage, 1e-3, 1, func(p *Params) *float64 { return &p.ReadVoltage }),
		quantity("gate_voltage", "bias of the junction while writing (E14)", units.DimVoltage, 0, 3, func(p *Params) *float64 { return &p.GateVoltage }),

		quantity("anisotropy", "interfacial anisotropy of the free layer", units.DimSurfaceEnergy, 0, 5e-3, func(p *Params) *float64 { return &p.Anisotropy }),
		quantity("bulk_anisotropy", "bulk anisotropy of the free layer", units.DimEnergyDensity, -1e6, 2e6, func(p *Params) *float64 { return &p.BulkAnisotropy }),
		quantity("ms", "saturation magnetisation", units.DimMagnetization, 1e5, 2.5e6, func(p *Params) *float64 { return &p.Ms }),
		quantity("exchange", "effective exchange stiffness, sets the diameter up to which reversal is coherent (E5)", units.DimExchangeStiff, 0.5*ps, 50*ps, func(p *Params) *float64 { return &p.Exchange }),
		flag("nucleation_limit", "reversal is coherent only up to a diameter (E5); no: at every diameter", func(p *Params) *bool { return &p.NucleationLimit }),
		quantity("stability_exponent", "growth of the barrier with diameter beyond coherent reversal: 1 domain wall, 0 plateau (E5)", units.DimRatio, 0, 1, func(p *Params) *float64 { return &p.StabilityExponent }),
		quantity("nucleation_diameter", "diameter up to which reversal is coherent, in place of that of exchange (E5); 0: by exchange", units.DimLength, 0, 200*nm, func(p *Params) *float64 { return &p.NucleationDiameter }),
		quantity("curie", "Curie temperature of the Bloch law (E33)", units.DimTemperature, 500, 2000, func(p *Params) *float64 { return &p.Curie }),
		quantity("anisotropy_exponent", "power of Ki over Ms in temperature (E33)", units.DimRatio, 0, 5, func(p *Params) *float64 { return &p.AnisotropyExponent }),
		quantity("attempt_time", "inverse attempt rate (E6)", units.DimTime, 1e-15, 1e-7, func(p *Params) *float64 { return &p.AttemptTime }),
		quantity("alpha", "damping of the free layer of an SOT cell", units.DimRatio, 1e-4, 1, func(p *Params) *float64 { return &p.Alpha }),
		quantity("stt_alpha", "damping of the free layer of an STT cell (E16)", units.DimRatio, 1e-4, 1, func(p *Params) *float64 { return &p.STTAlpha }),
		quantity("stt_efficiency", "spin-transfer efficiency (E16)", units.DimRatio, 0.01, 2, func(p *Params) *float64 { return &p.STTEfficiency }),
		quantity("field", "in-plane field mu0*Hx (E10)", units.DimField, 0, 0.5, func(p *Params) *float64 { return &p.Field }),
		choice("field_mode", "how the polarity of a write is set: a permanent field lowers the barrier (E4)", FieldModeNames(), func(p *Params) *FieldMode { return &p.FieldMode }),
		quantity("magnet_width", "of the magnet of a hard mask: least pitch along the channel (E40)", units.DimLength, 0, 500*nm, func(p *Params) *float64 { return &p.MagnetWidth }),
		quantity("field_free_current", "critical current of a tilted or z-spin cell over E10 without field", units.DimRatio, 0.2, 5, func(p *Params) *float64 { return &p.FieldFreeCurrent }),
		quantity("assist_share", "current through the junction of an STT-assisted write over its critical STT current", units.DimRatio, 0, 3, func(p *Params) *float64 { return &p.AssistShare }),

		quantity("theta", "damping-like efficiency of a channel of thickness theta_at", units.DimRatio, 1e-3, 100, func(p *Params) *float64 { return &p.Theta }),
		quantity("theta_at", "channel thickness at which theta holds", units.DimLength, 0.5*nm, 50*nm, func(p *Params) *float64 { return &p.ThetaAt }),
		quantity("spin_length", "spin diffusion length of the channel (E12)", units.DimLength, 0.1*nm, 50*nm, func(p *Params) *float64 { return &p.SpinLength }),
		quantity("rho", "resistivity of the channel", units.DimResistivity, 1e-8, 1e-3, func(p *Params) *float64 { return &p.Rho }),
		quantity("rho_free_layer", "resistivity of the free layer (E11)", units.DimResistivity, 1e-8, 1e-4, func(p *Params) *float64 { return &p.RhoFreeLayer }),
		quantity("nucleation", "measured over macrospin critical current (E11)", units.DimRatio, 0.01, 10, func(p *Params) *float64 { return &p.Nucleation }),
		flag("shunt", "count the current that the free layer takes (E11)", func(p *Params) *bool { return &p.Shunt }),

		quantity("tau_c", "characteristic time of the short-pulse law (E17)", units.DimTime, 0.1*ps, 1e-7, func(p *Params) *float64 { return &p.TauC }),
		quantity("pulse_slope", "slope of the logarithmic pulse law (E18)", units.DimRatio, 0, 1, func(p *Params) *float64 { return &p.PulseSlope }),
		quantity("write_slope", "slope of the write error over current (E21)", units.DimRatio, 1, 1000, func(p *Params) *float64 { return &p.WriteSlope }),
		quantity("back_switching", "I/I_50 above which plain pulses were seen to switch back: a warning (E21)", units.DimRatio, 1, 10, func(p *Params) *float64 { return &p.BackSwitching }),
		quantity("write_floor", "least write error of one attempt, whatever the current (E21)", units.DimRatio, 0, 0.1, func(p *Params) *float64 { return &p.WriteFloor }),
		quantity("write_tries", "attempts of write-verify-write; 1: written once, not verified", units.DimRatio, 1, 8, func(p *Params) *float64 { return &p.WriteTries }).whole(),
		quantity("write_supply", "supply of the write path; 0: the core supply of the node", units.DimVoltage, 0, 3, func(p *Params) *float64 { return &p.WriteSupply }),
		quantity("stt_supply", "the same for an STT cell", units.DimVoltage, 0, 3, func(p *Params) *float64 { return &p.STTSupply }),
		quantity("supply_efficiency", "of the conversion to write_supply", units.DimRatio, 0.1, 1, func(p *Params) *float64 { return &p.SupplyEfficiency }),
		quantity("vcma", "voltage-controlled anisotropy coefficient (E14)", units.DimVCMACoefficient, 0, 1e-12, func(p *Params) *float64 { return &p.VCMA }),
		quantity("fin_derating", "share of the on-current left in the write path (E25)", units.DimRatio, 0.05, 1, func(p *Params) *float64 { return &p.FinDerating }),
		quantity("stt_derating", "the same for an STT cell", units.DimRatio, 0.05, 1, func(p *Params) *float64 { return &p.STTDerating }),
		quantity("saturation", "drain saturation voltage over supply", units.DimRatio, 0.05, 1, func(p *Params) *float64 { return &p.Saturation }),
		quantity("max_density", "largest current density of the channel", units.DimCurrentDensity, 1e10, 1e14, func(p *Params) *float64 { return &p.MaxDensity }),
		quantity("max_heating", "largest temperature rise of a write", units.DimTemperature, 1, 500, func(p *Params) *float64 { return &p.MaxHeating }),
		quantity("max_barrier_field", "largest field in the barrier", units.DimElectricField, 1e7, 1e10, func(p *Params) *float64 { return &p.MaxBarrierField }),
		quantity("heating_rise", "temperature rise at heating_power (E24)", units.DimTemperature, 0, 1000, func(p *Params) *float64 { return &p.HeatingRise }),
		quantity("heating_power", "channel power of heating_rise", units.DimPower, 1e-6, 1, func(p *Params) *float64 { return &p.HeatingPower }),
		quantity("heating_area", "channel area of heating_rise", units.DimArea, 1e-18, 1e-9, func(p *Params) *float64 { return &p.HeatingArea }),
		quantity("thermal_time", "time constant of self-heating (E24)", units.DimTime, 0.1*ps, 1e-6, func(p *Params) *float64 { return &p.ThermalTime }),
		quantity("endurance", "write cycles at endurance_density", units.DimRatio, 1, 1e20, func(p *Params) *float64 { return &p.Endurance }),
		quantity("endurance_density", "current density of endurance", units.DimCurrentDensity, 1e9, 1e14, func(p *Params) *float64 { return &p.EnduranceDensity }),
		quantity("endurance_exponent", "power of the cycles in inverse current density", units.DimRatio, 0, 50, func(p *Params) *float64 { return &p.EnduranceExponent }),

		quantity("ra_ref", "resistance-area product at barrier_ref (E28)", units.DimResistanceArea, 1e-14, 1e-7, func(p *Params) *float64 { return &p.RARef }),
		quantity("barrier_ref", "MgO thickness of ra_ref (E28)", units.DimLength, 0.5*nm, 3*nm, func(p *Params) *float64 { return &p.BarrierRef }),
		quantity("barrier_height", "of the tunnel barrier (E28)", units.DimEnergy, 1e-21, 1e-18, func(p *Params) *float64 { return &p.BarrierHeight }),
		quantity("tmr_saturation", "TMR of a thick barrier at zero bias (E28)", units.DimRatio, 0, 10, func(p *Params) *float64 { return &p.TMRSaturation }),
		quantity("tmr_onset", "barrier thickness at which TMR starts (E28)", units.DimLength, 0, 2*nm, func(p *Params) *float64 { return &p.TMROnset }),
		quantity("tmr_length", "thickness over which TMR saturates (E28)", units.DimLength, 0.001*nm, 2*nm, func(p *Params) *float64 { return &p.TMRLength }),
		quantity("tmr_half_voltage", "bias at which TMR is halved (E27)", units.DimVoltage, 0.05, 5, func(p *Params) *float64 { return &p.TMRHalfVoltage }),
		quantity("read_fins", "fins of the read transistor", units.DimRatio, 1, 64, func(p *Params) *float64 { return &p.ReadFins }).whole(),
		quantity("disturb_exponent", "exponent of the barrier under read current (E32)", units.DimRatio, 1, 2, func(p *Params) *float64 { return &p.DisturbExponent }),
		quantity("read_torque", "share of the read current that flows along the channel under the pillar of an SOT cell, in the mean over the pillar (E32)", units.DimRatio, 0, 1, func(p *Params) *float64 { return &p.ReadTorque }),
		quantity("sense_factor", "time of sensing over that of the array model", units.DimRatio, 0.1, 10, func(p *Params) *float64 { return &p.SenseFactor }),
		quantity("read_time", "time a read current flows (E32)", units.DimTime, 1*ps, 1e-3, func(p *Params) *float64 { return &p.ReadTime }),
		quantity("reads", "reads of a datum between two writes (E38)", units.DimRatio, 0, 1e18, func(p *Params) *float64 { return &p.Reads }),
		quantity("selector_delay", "read delay of an oxide transistor", units.DimTime, 0, 1e-7, func(p *Params) *float64 { return &p.SelectorDelay }),
		quantity("selector_area", "least area of a cell with a selector above it over the 2T1R cell of the same fins: pillar, wires and selector take what the transistor leaves", units.DimRatio, 0, 1, func(p *Params) *float64 { return &p.SelectorArea }),
		quantity("selector_drop", "forward voltage of a selector diode", units.DimVoltage, 0, 2, func(p *Params) *float64 { return &p.SelectorDrop }),
		quantity("space_sot", "space between channels (E40)", units.DimLength, 0, 500*nm, func(p *Params) *float64 { return &p.SpaceSOT }),
		quantity("space_mtj", "space between pillars (E40)", units.DimLength, 0, 500*nm, func(p *Params) *float64 { return &p.SpaceMTJ }),
		quantity("isolation_fins", "fin pitches of isolation beside the transistors (E39)", units.DimRatio, 0, 10, func(p *Params) *float64 { return &p.IsolationFins }),
		quantity("pitch_ratio", "least pitch of pillars over their diameter, against the fields of neighbours (E40)", units.DimRatio, 1, 5, func(p *Params) *float64 { return &p.PitchRatio }),
		quantity("diffusion_break", "gate pitches of a broken end of a diffusion: 0.5 single, 1 double (E39)", units.DimRatio, 0, 2, func(p *Params) *float64 { return &p.DiffusionBreak }),
		quantity("write_fingers", "fingers of the write transistor of an SOT cell; 0: those of the smallest cell (E39)", units.DimRatio, 0, 16, func(p *Params) *float64 { return &p.WriteFingers }).whole(),
		quantity("stt_fingers", "fingers of the transistor of an STT cell: 2 for two gates to a shared source (E39)", units.DimRatio, 1, 16, func(p *Params) *float64 { return &p.STTFingers }).whole(),
		quantity("shared_area", "footprint of a 2T1R cell that shares transistors or lines with its neighbour over one that does not", units.DimRatio, 0.3, 1, func(p *Params) *float64 { return &p.SharedArea }),

		quantity("cv_anisotropy", "spread of the interfacial anisotropy, sigma over mean", units.DimRatio, 0, 0.1, func(p *Params) *float64 { return &p.CVAnisotropy }),
		quantity("cv_thickness", "of the free-layer thickness", units.DimRatio, 0, 0.1, func(p *Params) *float64 { return &p.CVThickness }),
		quantity("cv_diameter", "of the diameter", units.DimRatio, 0, 0.3, func(p *Params) *float64 { return &p.CVDiameter }),
		quantity("cv_ms", "of the magnetic moment that a torque turns, beside thickness and diameter", units.DimRatio, 0, 0.3, func(p *Params) *float64 { return &p.CVMs }),
		quantity("cv_theta", "of the torque efficiency", units.DimRatio, 0, 0.3, func(p *Params) *float64 { return &p.CVTheta }),
		quantity("cv_section", "of the channel cross-section", units.DimRatio, 0, 0.3, func(p *Params) *float64 { return &p.CVSection }),
		quantity("cv_channel", "of the channel resistance", units.DimRatio, 0, 0.3, func(p *Params) *float64 { return &p.CVChannel }),
		quantity("sigma_resistance", "of the junction resistance (E31)", units.DimRatio, 0.001, 0.3, func(p *Params) *float64 { return &p.SigmaResistance }),
		quantity("cv_tmr", "of the magnetoresistance", units.DimRatio, 0, 0.3, func(p *Params) *float64 { return &p.CVTMR }),
	}
	return slices.Concat(fields, validity())
}

// validity lists the members that bound what the model was measured for.
func validity() []Field {
	const nm, ns = 1e-9, 1e-9
	fields := []Field{
		quantity("least_field", "in-plane field over the anisotropy field, below which a warning (E13)", units.DimRatio, 0, 1, func(p *Params) *float64 { return &p.LeastField }),
		quantity("least_stability", "thermal stability factor, hot and at the guard-band, below which a warning", units.DimRatio, 0, 100, func(p *Params) *float64 { return &p.LeastStability }),
		quantity("thin_channel", "channel thickness below which a warning", units.DimLength, 0, 50*nm, func(p *Params) *float64 { return &p.ThinChannel }),
		quantity("most_failure", "largest write error of one attempt that a write is sized for (E21)", units.DimRatio, 1e-6, 0.49, func(p *Params) *float64 { return &p.MostFailure }),
		quantity("most_fingers", "largest number of fingers of a write transistor that is tried (E39)", units.DimRatio, 1, 16, func(p *Params) *float64 { return &p.MostFingers }).whole(),
		quantity("linear_from", "shortest pulse of the linear law, beyond which a warning (E17)", units.DimTime, 0, 1e-6, func(p *Params) *float64 { return &p.LinearFrom }),
		quantity("linear_to", "longest pulse of the linear law (E17)", units.DimTime, 0.1*ns, 1, func(p *Params) *float64 { return &p.LinearTo }),
		quantity("logarithmic_from", "shortest pulse of the logarithmic law, beyond which a warning (E18)", units.DimTime, 0, 1e-6, func(p *Params) *float64 { return &p.LogarithmicFrom }),
		quantity("logarithmic_to", "longest pulse of the logarithmic law (E18)", units.DimTime, 0.1*ns, 1, func(p *Params) *float64 { return &p.LogarithmicTo }),
	}
	usual := func(name, meaning string, dim units.Dimension, most float64, at func(*Params) *Span) {
		fields = append(fields,
			quantity("usual_"+name+"_from", "least usual "+meaning, dim, 0, most, func(p *Params) *float64 { return &at(p).From }),
			quantity("usual_"+name+"_to", "largest usual "+meaning, dim, 0, most, func(p *Params) *float64 { return &at(p).To }))
	}
	usual("stability", "thermal stability factor at 300 K", units.DimRatio, 1e4, func(p *Params) *Span { return &p.UsualStability })
	usual("current", "write current", units.DimCurrent, 1, func(p *Params) *Span { return &p.UsualCurrent })
	usual("density", "current density of the channel", units.DimCurrentDensity, 1e15, func(p *Params) *Span { return &p.UsualDensity })
	usual("channel", "channel resistance", units.DimResistance, 1e9, func(p *Params) *Span { return &p.UsualChannel })
	usual("junction", "parallel resistance", units.DimResistance, 1e9, func(p *Params) *Span { return &p.UsualJunction })
	usual("energy", "write energy of the cell", units.DimEnergy, 1, func(p *Params) *Span { return &p.UsualEnergy })
	for i := range fields {
		fields[i].Validity = true
	}
	return fields
}

func quantity(name, meaning string, dim units.Dimension, lo, hi float64, at func(*Params) *float64) Field {
	return Field{
		Name: name, Meaning: meaning, Dim: dim, Min: lo, Max: hi,
		Get: func(p *Params) float64 { return *at(p) },
		Set: func(p *Params, v float64) { *at(p) = v },
	}
}

func flag(name, meaning string, at func(*Params) *bool) Field {
	return Field{
		Name: name, Meaning: meaning, Choices: []string{"no", "yes"}, Max: 1,
		Get: func(p *Params) float64 {
			if *at(p) {
				return 1
			}
			return 0
		},
		Set: func(p *Params, v float64) { *at(p) = v != 0 },
	}
}

func choice[E ~uint8](name, meaning string, names []string, at func(*Params) *E) Field {
	return Field{
		Name: name, Meaning: meaning, Choices: names, Max: float64(len(names) - 1),
		Get: func(p *Params) float64 { return float64(*at(p)) },
		Set: func(p *Params, v float64) { *at(p) = E(v) },
	}
}

// whole returns the field as a count.
func (f Field) whole() Field {
	f.Whole = true
	return f
}

// from returns the field with a higher lower bound.
func (f Field) from(lo float64) Field {
	f.Min = lo
	return f
}
