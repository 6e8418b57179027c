package device

import "math"

// coherentFactor returns the factor (1-h)^2 by which an in-plane field of
// h = Hx/Hk lowers the barrier of coherent reversal (E4).
func coherentFactor(h float64) float64 {
	if h >= 1 {
		return 0
	}
	return (1 - h) * (1 - h)
}

// wallFactor returns the factor by which the same field lowers the energy of a
// domain wall whose moment lies along it, without Dzyaloshinskii-Moriya
// interaction: sqrt(1-h^2) - h*arccos(h) (E4).
func wallFactor(h float64) float64 {
	if h >= 1 {
		return 0
	}
	return math.Sqrt(1-h*h) - h*math.Acos(h)
}

// wallBarrier returns the barrier in J of reversal by a domain wall across the
// pillar (E5).
func wallBarrier(exchange, keff, diameter, thickness float64) float64 {
	return 4 * math.Sqrt(exchange*keff) * diameter * thickness
}

// crossoverDiameter returns the diameter above which wallBarrier is below the
// macrospin barrier (E5).
func crossoverDiameter(exchange, keff float64) float64 {
	return 16 / math.Pi * math.Sqrt(exchange/keff)
}

// magnet is the part of the free layer of one device that no temperature
// changes.
type magnet struct {
	thickness, diameter, volume, nzx float64
	anisotropy                       float64 // interfacial, J/m^2 at 300 K
	moment                           float64 // deviation of the moment that the torque turns
}

// magnet returns the active free layer of a device: the pillar less its damaged
// rim (E26).
func (p *Params) magnet(s *Spread) magnet {
	m := magnet{
		thickness: p.FreeLayer * (1 + s.Thickness), diameter: max(p.Diameter*(1+s.Diameter)-2*p.EtchDamage, 1e-9),
		anisotropy: p.Anisotropy * (1 + s.Anisotropy), moment: s.Ms,
	}
	nx, nz := demagnetization(m.thickness, m.diameter)
	m.nzx = nz - nx
	m.volume = math.Pi / 4 * m.diameter * m.diameter * m.thickness
	return m
}

// state is the free layer at one temperature.
type state struct {
	f        float64 // Ms(T)/Ms(300 K)
	ki       float64 // J/m^2
	ms       float64 // A/m
	keff     float64 // J/m^3, may be negative
	hk       float64 // mu0*Hk_eff in T, at least hkFloor
	coherent float64 // K_eff*V/kT, at least 0
	delta    float64 // thermal stability factor in standby, with what a permanent field leaves, at least 0
	wall     bool    // the barrier is below that of coherent reversal
}

// hkFloor keeps the figures of a device without perpendicular anisotropy
// finite; the anisotropy violation reports it.
const hkFloor = 1e-6

// temper is what the temperature does to a material: Ms(T)/Ms(300 K) and
// Ki(T)/Ki(300 K) (E33).
type temper struct{ kelvin, f, ki float64 }

func (p *Params) temper(temperature float64) temper {
	t := temper{kelvin: temperature, f: bloch(temperature, p.Curie), ki: 1}
	if temperature != room {
		t.ki = math.Pow(t.f, p.AnisotropyExponent)
	}
	return t
}

// state returns the free layer of a device at a temperature (E33, E34); loss is
// the surface anisotropy taken away by a gate voltage (E14).
func (p *Params) state(m *magnet, t *temper, loss float64) state {
	out := state{f: t.f, ms: p.Ms * t.f, ki: m.anisotropy*t.ki - loss, hk: hkFloor}
	if out.ms == 0 {
		return out
	}
	out.keff = effectiveAnisotropy(out.ki, p.BulkAnisotropy, out.ms, m.thickness, m.nzx)
	out.hk = max(anisotropyField(out.keff, out.ms), hkFloor)
	if out.keff <= 0 {
		return out
	}
	kT := boltzmann * t.kelvin
	out.coherent = macrospinBarrier(out.keff, m.volume) / kT
	h := 0.0
	if p.permanent() {
		h = p.Field / out.hk
	}
	out.delta = out.coherent * coherentFactor(h)
	if !p.NucleationLimit {
		return out
	}
	if e := p.incoherent(m, &out) / kT * wallFactor(h); e < out.delta {
		out.delta, out.wall = e, true
	}
	return out
}

// incoherent returns the barrier in J of a pillar wider than the diameter D*
// of coherent reversal: E_c(D*)*[(D/D*)*sqrt(K(D)/K(D*))]^p, which for p = 1 is
// the wall across the pillar; infinite below D* (E5). K is always that of the
// diameter written. Exchange falls with Ms^2.
func (p *Params) incoherent(m *magnet, s *state) float64 {
	exchange := p.Exchange * s.f * s.f
	if p.StabilityExponent == 1 && p.NucleationDiameter == 0 {
		return wallBarrier(exchange, s.keff, m.diameter, m.thickness)
	}
	at := p.NucleationDiameter
	keff := s.keff
	if at == 0 {
		at = crossoverDiameter(exchange, keff)
	}
	if at >= m.diameter {
		return math.Inf(1)
	}
	// K falls with diameter, so the crossover found with K(D) is too wide; the
	// map is a contraction of slope below 0.2.
	for range 40 {
		nx, nz := demagnetization(m.thickness, at)
		keff = effectiveAnisotropy(s.ki, p.BulkAnisotropy, s.ms, m.thickness, nz-nx)
		if p.NucleationDiameter > 0 {
			break
		}
		next := crossoverDiameter(exchange, keff)
		done := math.Abs(next-at) <= 1e-12*at
		at = next
		if done {
			break
		}
	}
	core := macrospinBarrier(keff, math.Pi/4*at*at*m.thickness)
	grow := m.diameter / at * math.Sqrt(s.keff/keff)
	switch p.StabilityExponent {
	case 0:
		return core
	case 1:
		return core * grow
	}
	return core * math.Pow(grow, p.StabilityExponent)
}

// gradient holds relative changes of a figure by relative changes of
// anisotropy, thickness and diameter of the free layer.
type gradient struct{ anisotropy, thickness, diameter float64 }

// sensitivity returns the gradient of K_eff (E1, E2).
func (m *magnet) sensitivity(s *state, etch float64) gradient {
	surface := s.ki / m.thickness / s.keff
	q := m.thickness / m.diameter
	// d(Nz-Nx)/dq = -3 dNx/dq.
	shape := 0.5 * mu0 * s.ms * s.ms / s.keff * 3 * q * demagnetizationSlope(q)
	active := 1 + 2*etch/m.diameter
	return gradient{anisotropy: surface, thickness: -surface + shape, diameter: -shape * active}
}

// demagnetizationSlope returns dNx/dq of demagnetization.
func demagnetizationSlope(q float64) float64 {
	if q >= 0.999 {
		return 0
	}
	s2 := 1 - q*q
	s := math.Sqrt(s2)
	a := math.Acos(q)
	g := a / (q * s)
	slope := -1/(q*s2) - a*(1-2*q*q)/(q*q*s2*s)
	return q/(s2*s2)*(g-1) + q*q/(2*s2)*slope
}

// ofDelta returns the gradient of the thermal stability factor of a state, of
// which the guard-band is made (E35).
func (p *Params) ofDelta(m *magnet, s *state) gradient {
	k := m.sensitivity(s, p.EtchDamage)
	active := 1 + 2*p.EtchDamage/m.diameter
	// The barrier goes with K^a * D^b * t, and the loss by a field with Hk.
	a, b := 1.0, 2.0
	h := 0.0
	if p.permanent() {
		h = p.Field / s.hk
	}
	if s.wall {
		a, b = p.StabilityExponent/2, p.StabilityExponent
		if h < 1 && h > 0 {
			a += h * math.Acos(h) / wallFactor(h)
		}
	} else if h < 1 {
		a += 2 * h / (1 - h)
	}
	return gradient{anisotropy: a * k.anisotropy, thickness: a*k.thickness + 1, diameter: a*k.diameter + b*active}
}

// ofCurrent returns the gradient of the critical SOT current of a state, of
// which the guard-band is made (E36).
func (p *Params) ofCurrent(m *magnet, s *state, field float64) gradient {
	k := m.sensitivity(s, p.EtchDamage)
	a := 0.0
	if x := math.Sqrt2 * field; s.hk > x {
		a = s.hk / (s.hk - x)
	}
	return gradient{anisotropy: a * k.anisotropy, thickness: a*k.thickness + 1, diameter: a * k.diameter}
}

// spread returns the relative standard deviation of a figure of that gradient,
// and the device that lies one standard deviation along it.
func (p *Params) spread(g *gradient) (cv float64, unit Spread) {
	a, t, d := g.anisotropy*p.CVAnisotropy, g.thickness*p.CVThickness, g.diameter*p.CVDiameter
	cv = math.Sqrt(a*a + t*t + d*d)
	if cv == 0 {
		return 0, Spread{}
	}
	return cv, Spread{Anisotropy: a / cv * p.CVAnisotropy, Thickness: t / cv * p.CVThickness, Diameter: d / cv * p.CVDiameter}
}

// along returns the device k standard deviations along a unit device.
func (s Spread) along(k float64) Spread {
	clip := func(x float64) float64 { return max(k*x, deviationLimit) }
	return Spread{Anisotropy: clip(s.Anisotropy), Thickness: clip(s.Thickness), Diameter: clip(s.Diameter)}
}

// plus adds the free layer of a device to a device.
func (s Spread) plus(t *Spread) Spread {
	s.Anisotropy = (1+s.Anisotropy)*(1+t.Anisotropy) - 1
	s.Thickness = (1+s.Thickness)*(1+t.Thickness) - 1
	s.Diameter = (1+s.Diameter)*(1+t.Diameter) - 1
	return s
}
