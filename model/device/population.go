package device

import "math"

// Tails are error rates of one use of a bit, by cause: of one device, or means
// over a population.
type Tails struct{ Write, Retention, Read, Disturb float64 }

// Total is the error rate of one use, all causes (E38).
func (t *Tails) Total() float64 {
	return min(totalError(t.Write, t.Retention, t.Disturb, 1, t.Read), 1)
}

// Errors takes the error rates of a sample apart by cause.
func (s *Sample) Errors() Tails {
	t := Tails{Write: s.WriteError, Retention: s.RetentionError, Disturb: s.DisturbError}
	if s.Margin <= 0 {
		t.Read = 1
	}
	return t
}

// Expected returns the error rates of one use of a bit, averaged over the
// population of an array that writes every cell with the current of the nominal
// design: nominal is what Evaluate gave for the same parameters and conditions
// with a zero Spread. A cell that is misread in either state counts.
//
// No device is sampled: the rates E7, E21 or E22, and E32 are integrated over
// three independent normal factors: anisotropy field; volume and magnetisation;
// junction (of the switching current of a SOT cell: anisotropy field;
// magnetisation and section; efficiency). A read fails where a resistance
// crosses the reference half way between the nominal currents. The in-plane
// field is not scattered, so the spread of Hk acts on the switching current by
// Hk/(Hk - sqrt2 Hx).
func Expected(p *Params, o *Operating, nominal *Figures) Tails {
	m := p.magnet()
	var none Spread
	hot, cold := p.state(&m, float64(o.Hot), 0, &none), p.state(&m, float64(o.Cold), 0, &none)
	t := Tails{Read: p.misread(nominal)}
	rest := math.Hypot(p.CVMs, p.CVVolume)
	life, reading, alpha := float64(o.Lifetime), float64(nominal.ParallelCurrent), p.Alpha
	if p.Technology == STT {
		alpha = p.STTAlpha
	}
	drive, half := float64(nominal.WriteCurrent), float64(nominal.HalfCurrent)
	rp := float64(nominal.Parallel)
	series := p.ReadVoltage/reading - rp
	overNormals(func(z1, z2, weight float64) {
		field := 1 + p.CVField*z1
		factor := max(field*(1+rest*z2), 0)
		delta := nominal.DeltaHot * factor
		if life > 0 {
			t.Retention += weight * retentionFailure(life, delta, p.AttemptTime)
		}
		if p.Technology == STT {
			t.Write += weight * spinTransferError(drive/(half*max(factor, 1e-3)), p.Pulse, max(cold.delta*factor, 0.1), cold.hk*max(field, 1e-3), p.STTAlpha)
		}
		critical := spinTransferCurrent(delta, float64(o.Hot), alpha, p.STTEfficiency*hot.f)
		overNormal(func(z3, w3 float64) {
			ratio := 1.0
			if ip := p.ReadVoltage / (rp*max(1+p.SigmaResistance*z3, 0.05) + series); critical > ip {
				ratio = ip / critical
			}
			t.Disturb += weight * w3 * min(readDisturbRate(p.ReadTime, p.AttemptTime, delta, ratio, p.DisturbExponent)*p.Reads, 1)
		})
	})
	if p.Technology == STT {
		return t
	}
	if half <= 0 {
		t.Write = 1
		return t
	}
	field := p.CVField
	if x := math.Sqrt2 * p.Field; cold.hk > x {
		field *= cold.hk / (cold.hk - x)
	}
	others := math.Hypot(p.CVMs, p.CVSection)
	overNormals(func(z1, z2, weight float64) {
		x := max((1+field*z1)*(1+others*z2), 1e-3)
		overNormal(func(z3, w3 float64) {
			t.Write += weight * w3 * writeError(drive*max(1+p.CVTheta*z3, 1e-3)/(half*x), p.WriteSlope)
		})
	})
	return t
}

// misread returns the share of cells with a resistance on the wrong side of the
// reference.
func (p *Params) misread(f *Figures) float64 {
	ip, iap := float64(f.ParallelCurrent), float64(f.AntiCurrent)
	if !(iap > 0 && ip > iap) {
		return 1
	}
	rp := float64(f.Parallel)
	series := p.ReadVoltage/ip - rp
	rap := p.ReadVoltage/iap - series
	between := 2*p.ReadVoltage/(ip+iap) - series
	anti := math.Hypot(p.SigmaResistance, p.CVTMR*(1-rp/rap))
	return min(gaussTail((between/rp-1)/p.SigmaResistance)+gaussTail((1-between/rap)/anti), 1)
}

// overNormals calls f at the points of overNormal in two independent normal
// distributions.
func overNormals(f func(z1, z2, weight float64)) {
	overNormal(func(z1, w1 float64) {
		overNormal(func(z2, w2 float64) { f(z1, z2, w1*w2) })
	})
}

// overNormal calls f at the points of a Simpson rule over the standard normal
// distribution, out to where its tail is below 1e-15.
func overNormal(f func(z, weight float64)) {
	const (
		end  = 8.0
		n    = 80
		step = 2 * end / n
	)
	for i := range n + 1 {
		z := -end + float64(i)*step
		w := step / 3 * math.Exp(-z*z/2) / math.Sqrt(2*math.Pi)
		switch {
		case i == 0 || i == n:
		case i%2 == 1:
			w *= 4
		default:
			w *= 2
		}
		f(z, w)
	}
}
