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
// independent normal factors. Diameter, and anisotropy and thickness along the
// steepest way of the figure, vary together; every point goes through E1 to E5. The others are the junction's resistance
// for reads, and moment, section and efficiency together for the switching
// current of an SOT cell. A read fails where a resistance crosses the reference half way
// between the nominal currents.
func Expected(p *Params, o *Operating, nominal *Figures) Tails {
	t := Tails{Read: p.misread(nominal)}
	p.expectedHold(o, nominal, &t)
	if p.Technology == STT {
		p.expectedSTT(o, nominal, &t)
	} else {
		p.expectedSOT(o, nominal, &t)
	}
	return t
}

// expectedHold adds retention and read disturb, hot.
func (p *Params) expectedHold(o *Operating, nominal *Figures, t *Tails) {
	at := p.temper(float64(o.Hot))
	m := p.magnet(&o.Spread)
	hot := p.state(&m, &at, 0)
	if hot.delta <= 0 {
		t.Retention, t.Disturb = 1, min(p.Reads, 1)
		return
	}
	g := p.ofDelta(&m, &hot)
	alpha := p.Alpha
	if p.Technology == STT {
		alpha = p.STTAlpha
	}
	life, reading, rp := float64(o.Lifetime), float64(nominal.ParallelCurrent), float64(nominal.Parallel)
	series := p.ReadVoltage/reading - rp
	p.overLayers(o, &g, func(dm *magnet, weight float64) {
		s := p.state(dm, &at, 0)
		delta := s.delta
		if life > 0 {
			t.Retention += weight * retentionFailure(life, delta, p.AttemptTime)
		}
		critical := spinTransferCurrent(s.coherent, float64(o.Hot), alpha, p.STTEfficiency*at.f)
		channel := math.Inf(1)
		if p.Technology != STT {
			channel = p.channelCurrent(o, dm, &s, nominal.Efficiency)
		}
		overNormal(func(z3, w3 float64) {
			ratio, ip := 1.0, p.ReadVoltage/(rp*max(1+p.SigmaResistance*z3, 0.05)+series)
			if critical > ip {
				ratio = ip / critical
			}
			left := delta * (1 - p.readTorque(ip, channel))
			t.Disturb += weight * w3 * min(readDisturbRate(p.ReadTime, p.AttemptTime, left, ratio, p.DisturbExponent)*p.Reads, 1)
		})
	})
}

// expectedSTT adds the write error of an STT cell, cold.
func (p *Params) expectedSTT(o *Operating, nominal *Figures, t *Tails) {
	at := p.temper(float64(o.Cold))
	m := p.magnet(&o.Spread)
	cold := p.state(&m, &at, 0)
	drive, half := float64(nominal.WriteCurrent), float64(nominal.HalfCurrent)
	if cold.coherent <= 0 || half <= 0 {
		t.Write = 1
		return
	}
	whole := cold
	whole.wall = false
	g := p.ofDelta(&m, &whole)
	p.overLayers(o, &g, func(dm *magnet, weight float64) {
		s := p.state(dm, &at, 0)
		ratio := drive / (half * max(s.coherent/cold.coherent, 1e-3))
		t.Write += weight * p.afterTries(spinTransferError(ratio, p.Pulse, max(s.delta, 0.1), s.hk, p.STTAlpha))
	})
}

// expectedSOT adds the write error of an SOT cell, cold.
func (p *Params) expectedSOT(o *Operating, nominal *Figures, t *Tails) {
	at := p.temper(float64(o.Cold))
	m := p.magnet(&o.Spread)
	loss, field := 0.0, p.staticField()
	if p.GateVoltage > 0 {
		loss = anisotropyLoss(p.VCMA, p.GateVoltage, p.Barrier)
	}
	cold := p.state(&m, &at, loss)
	drive, half := float64(nominal.WriteCurrent), float64(nominal.HalfCurrent)
	threshold := func(m *magnet, s *state) float64 { return m.thickness * (s.hk/2 - field/math.Sqrt2) }
	own := threshold(&m, &cold)
	if half <= 0 || own <= 0 {
		t.Write = 1
		return
	}
	g := p.ofCurrent(&m, &cold, field)
	others := math.Sqrt(p.CVMs*p.CVMs + p.CVSection*p.CVSection + p.CVTheta*p.CVTheta)
	p.overLayers(o, &g, func(dm *magnet, w1 float64) {
		s := p.state(dm, &at, loss)
		magnetic := max(threshold(dm, &s)/own, 1e-3)
		overNormal(func(z, w2 float64) {
			need := half * magnetic * max(1+others*z, 1e-3)
			t.Write += w1 * w2 * p.afterTries(max(writeError(drive/need, p.WriteSlope), p.WriteFloor))
		})
	})
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

// overLayers calls f for the free layers of a population: diameters, and
// anisotropy and thickness along a gradient.
func (p *Params) overLayers(o *Operating, g *gradient, f func(m *magnet, weight float64)) {
	film := *g
	film.diameter = 0
	_, unit := p.spread(&film)
	overNormals(func(z1, z2, weight float64) {
		device := unit.along(z1)
		device.Diameter = max(p.CVDiameter*z2, deviationLimit)
		device = o.Spread.plus(&device)
		m := p.magnet(&device)
		f(&m, weight)
	})
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
