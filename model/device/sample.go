package device

import (
	"math"
	"math/rand/v2"
)

// Spread is one device of a population, in relative deviations from nominal:
// interfacial anisotropy, free-layer thickness and diameter, which E1 to E5
// carry; the moment that a torque turns, torque efficiency, channel
// cross-section, resistances of channel and junction, magnetoresistance.
type Spread struct{ Anisotropy, Thickness, Diameter, Ms, Theta, Section, Channel, Junction, TMR float64 }

// deviationLimit keeps a sample physical; at the spreads of the presets it is more than
// ten standard deviations away.
const deviationLimit = -0.95

// Draw samples one device: independent normal deviations with the spreads of
// the parameters.
func (p *Params) Draw(rng *rand.Rand) Spread {
	draw := func(cv float64) float64 { return max(cv*rng.NormFloat64(), deviationLimit) }
	return Spread{
		Anisotropy: draw(p.CVAnisotropy), Thickness: draw(p.CVThickness), Diameter: draw(p.CVDiameter),
		Ms: draw(p.CVMs), Theta: draw(p.CVTheta), Section: draw(p.CVSection),
		Channel: draw(p.CVChannel), Junction: draw(p.SigmaResistance), TMR: draw(p.CVTMR),
	}
}

// Sample is one device of a population in an array that writes every cell with
// the current of the nominal design.
type Sample struct {
	DeltaNominal   float64 // thermal stability factor at the nominal temperature
	DeltaHot       float64 // hot (E34)
	Retention      float64 // s that this device keeps data, hot, at their share of the error budget (E7)
	WriteCurrent   float64 // A that this device needs for the write share of the budget, cold (E21, E22)
	HalfCurrent    float64 // A, I_50 cold (E17 to E19; STT I_c0)
	Signal         float64 // A, half the difference of its read currents hot (E29)
	Margin         float64 // A, distance of the nearer read current to the nominal reference; negative: misread
	WriteError     float64 // of the nominal write current at this device (E21, E22)
	RetentionError float64 // over Operating.Lifetime; 0 without (E7)
	DisturbError   float64 // of all reads (E32)
}

// Error is the probability that one use of the bit fails (E38); a device that
// is always misread has 1.
func (s *Sample) Error() float64 {
	if s.Margin <= 0 {
		return 1
	}
	return min(totalError(s.WriteError, s.RetentionError, s.DisturbError, 1, 0), 1)
}

// Draw samples one device and judges it. The same random source gives the same
// device.
func Draw(p *Params, n *Process, o *Operating, nominal *Figures, rng *rand.Rand, s *Sample) {
	device := p.Draw(rng)
	Judge(p, n, o, nominal, &device, s)
}

// Judge puts one device in an array sized for the nominal design: nominal is
// what Evaluate gave for the same parameters and conditions with a zero Spread.
func Judge(p *Params, n *Process, o *Operating, nominal *Figures, device *Spread, s *Sample) {
	at := *o
	at.Sigma, at.Guard, at.Spread = 0, KSigma, *device
	var f Figures
	var c Cell
	Evaluate(p, n, &at, &f, &c)
	*s = Sample{
		DeltaNominal: f.DeltaNominal, DeltaHot: f.DeltaHot, Retention: float64(f.Retention), WriteCurrent: float64(f.WriteCurrent),
		HalfCurrent: float64(f.HalfCurrent), Signal: float64(f.Signal),
		RetentionError: f.RetentionError, DisturbError: min(f.DisturbError*p.Reads, 1),
	}
	reference := float64(nominal.ParallelCurrent+nominal.AntiCurrent) / 2
	s.Margin = min(float64(f.ParallelCurrent)-reference, reference-float64(f.AntiCurrent))
	i := float64(nominal.WriteCurrent)
	switch {
	case s.HalfCurrent <= 0:
		s.WriteError = 1
	case p.Technology == STT:
		m, at := p.magnet(device), p.temper(float64(o.Cold))
		cold := p.state(&m, &at, 0)
		s.WriteError = p.afterTries(spinTransferError(i/s.HalfCurrent, p.Pulse, max(cold.delta, 0.1), cold.hk, p.STTAlpha))
	default:
		s.WriteError = p.afterTries(max(writeError(i/s.HalfCurrent, p.WriteSlope), p.WriteFloor))
	}
}

// afterTries returns the write error of a device after all attempts; they
// share the device, so that a weak cell stays weak.
func (p *Params) afterTries(failure float64) float64 {
	if p.WriteTries == 1 {
		return failure
	}
	return math.Pow(failure, p.WriteTries)
}
