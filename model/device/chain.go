package device

import (
	"math"

	"stco/model/units"
)

// ChainStep is one figure on the way from a free layer to a cell.
type ChainStep struct {
	Equation string // such as E5; "" for a figure that is read off
	Name     string
	Dim      units.Dimension // of Value
	Value    float64         // SI
}

// Chain lists the steps of an evaluation, with figures that no limit needs but a
// reader does: f is what Evaluate gave for the same parameters and conditions.
func Chain(p *Params, o *Operating, f *Figures) []ChainStep {
	var steps []ChainStep
	add := func(equation, name string, dim units.Dimension, v float64) {
		steps = append(steps, ChainStep{equation, name, dim, v})
	}
	p.stabilityChain(o, f, add)
	if p.Technology == STT {
		add("E16", "critical current, cold", units.DimCurrent, float64(f.CriticalCurrent))
		add("E22", "write current over critical current", units.DimRatio, float64(f.WriteCurrent/f.CriticalCurrent))
	} else {
		p.torqueChain(f, add)
	}
	add("E36", "write current with error budget and guard-band", units.DimCurrent, float64(f.WriteCurrent))
	add("E36", "spread of the critical current over the cells", units.DimRatio, f.SpreadCurrent)
	add("E23", "resistance of the write path without transistor", units.DimResistance, float64(f.Channel))
	add("E23", "voltage over path and transistor at the guard-band", units.DimVoltage, float64(f.WriteVoltage))
	add("E25", "fins of the write transistor", units.DimRatio, f.WriteFins)
	add("E24", "temperature rise of a write", units.DimTemperature, f.Heating)
	add("E28", "resistance-area product", units.DimResistanceArea, float64(f.RA))
	add("E26", "parallel resistance", units.DimResistance, float64(f.Parallel))
	add("E27", "magnetoresistance at the read bias, hot", units.DimRatio, f.TMR)
	add("E29", "half the difference of the read currents", units.DimCurrent, float64(f.Signal))
	add("E16", "critical current of a read through the junction, hot and at the guard-band", units.DimCurrent, float64(f.DisturbCurrent))
	if p.Technology != STT {
		add("E32", "current of a read along the channel over its critical current, hot and at the guard-band", units.DimRatio, f.DisturbTorque)
	}
	add("E32", "disturbance of one read", units.DimRatio, f.DisturbError)
	add("E38", "reads of a byte between two writes", units.DimRatio, p.Reads)
	add("E32", "disturbance of all of them", units.DimRatio, min(f.DisturbError*p.Reads, 1))
	add("E38", "error of one use of a bit, all causes", units.DimRatio, f.BitError)
	add("E39", "footprint of the cell", units.DimArea, float64(f.Area))
	return steps
}

// stabilityChain lists what holds the data.
func (p *Params) stabilityChain(o *Operating, f *Figures, add func(string, string, units.Dimension, float64)) {
	m := p.magnet(&o.Spread)
	at, hot := p.temper(float64(o.Nominal)), p.temper(float64(o.Hot))
	s := p.state(&m, &at, 0)
	add("E1", "difference of the demagnetising factors", units.DimRatio, m.nzx)
	add("E2", "effective anisotropy", units.DimEnergyDensity, s.keff)
	add("E2", "anisotropy field", units.DimField, s.hk)
	add("E3", "stability factor of coherent reversal without field", units.DimRatio, s.coherent)
	if s.keff > 0 && p.NucleationLimit {
		at := p.NucleationDiameter
		if at == 0 {
			at = crossoverDiameter(p.Exchange*s.f*s.f, s.keff)
		}
		add("E5", "diameter up to which reversal is coherent", units.DimLength, at)
	}
	if p.permanent() {
		loss := coherentFactor(p.Field / s.hk)
		if s.wall {
			loss = wallFactor(p.Field / s.hk)
		}
		add("E4", "share of the barrier that the permanent field leaves", units.DimRatio, loss)
	}
	add("E5", "stability factor at the nominal temperature", units.DimRatio, f.DeltaNominal)
	add("E33", "magnetisation hot over that at 300 K", units.DimRatio, hot.f)
	add("E34", "stability factor, hot", units.DimRatio, f.DeltaHot)
	add("E35", "stability factor, hot and at the guard-band", units.DimRatio, f.DeltaWorst)
	add("E6", "mean retention of that cell", units.DimTime, meanRetention(f.DeltaWorst, p.AttemptTime))
	add("E7", "retention at its share of the error budget", units.DimTime, float64(f.Retention))
	for _, life := range []struct {
		name string
		time float64
	}{{"1 ms", 1e-3}, {"1 s", 1}, {"10 years", 10 * 365.25 * 86400}} {
		add("E7", "stability factor that "+life.name+" asks for", units.DimRatio, requiredDelta(life.time, o.BitError/errorCauses, p.AttemptTime))
	}
}

// torqueChain lists what switches an SOT cell.
func (p *Params) torqueChain(f *Figures, add func(string, string, units.Dimension, float64)) {
	section := p.ChannelWidth * p.ChannelThickness
	add("E12", "damping-like efficiency", units.DimRatio, f.Efficiency)
	add("E9", "damping-like field at the write current", units.DimField, dampingLikeField(float64(f.CurrentDensity), f.Efficiency, p.Ms, p.FreeLayer))
	if p.Shunt {
		add("E11", "current in the free layer over that below it", units.DimRatio, shuntFactor(p.FreeLayer, p.RhoFreeLayer, p.ChannelThickness, p.Rho))
	}
	add("E10", "critical density, cold, with shunt and nucleation", units.DimCurrentDensity, float64(f.CriticalCurrent)/section)
	add("E11", "critical current, cold", units.DimCurrent, float64(f.CriticalCurrent))
	add("E17", "switching current of the pulse over it", units.DimRatio, float64(f.HalfCurrent/f.CriticalCurrent))
	if p.PulseLaw == InverseTime {
		pulse, energy := optimalPulse(float64(f.Channel), float64(f.CriticalCurrent), p.TauC)
		add("E20", "pulse of least energy", units.DimTime, pulse)
		add("E20", "energy of the channel at that pulse and its switching current", units.DimEnergy, energy)
	}
	add("E21", "write current over the switching current", units.DimRatio, float64(f.WriteCurrent/max(f.HalfCurrent, math.SmallestNonzeroFloat64)))
	add("E21", "write error of one attempt", units.DimRatio, f.WriteFailure)
}
