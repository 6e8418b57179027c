package device

import "math"

// dampingLikeField returns B_DL in T of a current density in A/m^2 (E9).
func dampingLikeField(j, theta, ms, thickness float64) float64 {
	return hbar * theta * j / (2 * electron * ms * thickness)
}

// criticalDensity returns the current density in A/m^2 at which the
// damping-like field reaches Hk/2 - Hx/sqrt(2), the switching threshold of a
// perpendicular layer, independent of damping (E10 written with E9).
func criticalDensity(ms, thickness, theta, hk, hx float64) float64 {
	threshold := hk/2 - hx/math.Sqrt2
	return threshold / dampingLikeField(1, theta, ms, thickness)
}

// shuntFactor returns the current that flows in the free layer over that in
// the channel below it (E11); resistivities in Ohm m.
func shuntFactor(freeLayer, rhoFree, channel, rho float64) float64 {
	return (freeLayer / rhoFree) / (channel / rho)
}

// filmEfficiency returns theta_DL of a film of a thickness (E12).
func filmEfficiency(bulk, thickness, spinLength float64) float64 {
	return bulk * (1 - 1/math.Cosh(thickness/spinLength))
}

// anisotropyLoss returns the surface anisotropy in J/m^2 that a gate voltage
// takes away (E14); coefficient in J/(V m).
func anisotropyLoss(coefficient, voltage, barrier float64) float64 {
	return coefficient * voltage / barrier
}

// spinTransferCurrent returns the critical current in A of a perpendicular STT
// cell (E16).
func spinTransferCurrent(delta, temperature, alpha, eta float64) float64 {
	return 4 * electron * boltzmann * temperature / hbar * alpha / eta * delta
}

// shortPulse returns I_50/I_c0 of the intrinsic regime (E17).
func shortPulse(pulse, tauC float64) float64 { return 1 + tauC/pulse }

// measuredPulse returns I_th(tau)/I_th(1 ns) of the logarithmic law measured
// from 0.75 to 5 ns (E18).
func measuredPulse(pulse, slope float64) float64 { return 1 - slope*math.Log(pulse/1e-9) }

// activatedPulse returns I_50/I_c0 of the thermally activated regime with a
// barrier linear in current (E19).
func activatedPulse(pulse, tau0, delta float64) float64 {
	if delta <= 0 {
		return 0
	}
	return 1 - math.Log(pulse/(tau0*math.Ln2))/delta
}

// optimalPulse returns the pulse of least energy of E17 and that energy (E20):
// tau = tau_c and 4*R*I_c0^2*tau_c.
func optimalPulse(resistance, ic0, tauC float64) (pulse, energy float64) {
	return tauC, 4 * resistance * ic0 * ic0 * tauC
}

// writeError returns the write error rate at I/I_50 = i (E21).
func writeError(i, slope float64) float64 { return 1 / (1 + math.Exp(slope*(i-1))) }

// overdrive returns I/I_50 at which the write error rate is p (E21 inverted).
func overdrive(p, slope float64) float64 { return 1 + math.Log(1/p-1)/slope }

// spinTransferError returns the write error of a perpendicular STT cell at
// I/I_c0 = i (E22, Butler et al., arXiv:1202.2621).
func spinTransferError(i, pulse, delta, hk, alpha float64) float64 {
	if i <= 1 {
		return 1
	}
	x := (i-1)*spinTransferRate(hk, alpha)*pulse + math.Log(i)
	return -math.Expm1(-butler * delta * (i - 1) / math.Expm1(x))
}

// butler is the factor of the initial angle in E22.
const butler = math.Pi * math.Pi / 4

// spinTransferRate returns 2*alpha*gamma*mu0Hk/(1+alpha^2) in 1/s (E22).
func spinTransferRate(hk, alpha float64) float64 {
	return 2 * alpha * gyro * hk / (1 + alpha*alpha)
}

// spinTransferOverdrive returns I/I_c0 at which the STT write error is p, at
// most maxOverdrive (E22 inverted). The logarithm of the exponent is monotone
// in i; Newton steps are kept inside a bracket.
func spinTransferOverdrive(p, pulse, delta, hk, alpha float64) float64 {
	rate := spinTransferRate(hk, alpha) * pulse
	target := math.Log(-math.Log1p(-p))
	lo, hi := 0.0, maxOverdrive-1
	s := min((math.Log(butler*delta)-target)/rate, hi/2)
	s = max(s, 1e-6)
	for range 60 {
		x := s*rate + math.Log1p(s)
		e := math.Expm1(x)
		g := math.Log(butler*delta*s/e) - target
		if g > 0 {
			lo = s
		} else {
			hi = s
		}
		slope := 1/s - (1+1/e)*(rate+1/(1+s))
		next := s - g/slope
		if math.Abs(next-s) <= 1e-12*s { // before the bracket, whose end s is by now
			return 1 + next
		}
		if !(next > lo && next < hi) {
			next = (lo + hi) / 2
		}
		s = next
	}
	return 1 + s
}

// maxOverdrive bounds I/I_c0 of an STT write; the barrier breaks down long
// before.
const maxOverdrive = 100.0
