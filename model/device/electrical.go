package device

import (
	"math"

	"stco/model/units"
)

// channelResistance returns rho*L/(w*t) in Ohm (E23).
func channelResistance(rho, length, width, thickness float64) float64 {
	return rho * length / (width * thickness)
}

// jouleHeat returns the energy of a current through a resistance over a pulse
// (E23).
func jouleHeat(current, resistance, pulse float64) float64 {
	return current * current * resistance * pulse
}

// selfHeating returns the temperature rise in K at the end of a pulse: the
// measured rise at a power, scaled by power and inversely by channel area,
// approached with the thermal time constant (E24).
func (p *Params) selfHeating(power, area float64) float64 {
	rise := p.HeatingRise * power / p.HeatingPower * p.HeatingArea / area
	if p.Pulse > 40*p.ThermalTime {
		return rise
	}
	return rise * -math.Expm1(-p.Pulse/p.ThermalTime)
}

// finsFor returns the fins that carry a current (E25).
func finsFor(current, perFin, derating float64) float64 {
	return max(math.Ceil(current/(perFin*derating)*(1-1e-12)), 1)
}

// drainVoltage returns the drain-source voltage at which a transistor carries
// the share x of its saturation current, with the square law
// I = I_sat*(2u - u^2), u = V/V_sat (E25).
func drainVoltage(x, saturation float64) float64 {
	if x >= 1 {
		return saturation
	}
	return saturation * (1 - math.Sqrt(1-x))
}

// linearResistance returns the resistance of the same transistor at small
// drain voltage.
func linearResistance(saturation, current float64) float64 { return saturation / (2 * current) }

// parallelResistance returns R_P from RA in Ohm m^2 and the electrical diameter
// (E26).
func parallelResistance(ra, diameter float64) float64 {
	return ra / (math.Pi / 4 * diameter * diameter)
}

// biasedTMR returns TMR at a bias voltage (E27).
func biasedTMR(tmr0, voltage, half float64) float64 {
	x := voltage / half
	return tmr0 / (1 + x*x)
}

// barrierDecay returns kappa = 2*sqrt(2*m*phi)/hbar in 1/m of a barrier height
// in J (E28).
func barrierDecay(height float64) float64 { return 2 * math.Sqrt(2*electronMass*height) / hbar }

// barrierRA returns RA at a barrier thickness from a calibration point (E28).
func barrierRA(ref, thickness, refThickness, kappa float64) float64 {
	return ref * math.Exp(kappa*(thickness-refThickness))
}

// barrierTMR returns TMR at zero bias of a barrier thickness (E28).
func barrierTMR(saturation, thickness, onset, length float64) float64 {
	if thickness <= onset {
		return 0
	}
	return saturation * -math.Expm1(-(thickness-onset)/length)
}

// hotTMR returns TMR when both polarisations are scaled by f (E33, Julliere).
func hotTMR(tmr, f float64) float64 {
	p2 := tmr / (2 + tmr) * f * f
	return 2 * p2 / (1 - min(p2, 0.999))
}

// HotMagnetoresistance returns what is left at a temperature of a
// magnetoresistance at 300 K (E33).
func (p *Params) HotMagnetoresistance(tmr float64, t units.Temperature) float64 {
	return hotTMR(tmr, bloch(float64(t), p.Curie))
}

// antiparallelAt returns R_AP and the voltage across the MTJ when a voltage v
// is applied through a series resistance (E27, E29): the fixed point of
// u = v*R_AP(u)/(R_AP(u)+series), a contraction for biases up to Vh.
func antiparallelAt(rp, tmr0, half, v, series float64) (rap, u float64) {
	u = v
	for range 50 {
		rap = rp * (1 + biasedTMR(tmr0, u, half))
		next := v * rap / (rap + series)
		if math.Abs(next-u) <= 1e-12*v {
			return rap, next
		}
		u = next
	}
	return rap, u
}

// antiparallelDrop returns the voltage across an antiparallel MTJ that carries
// a current; u - i*R_AP(u) rises with u, so Newton steps are kept in a bracket.
func antiparallelDrop(rp, tmr0, half, i float64) float64 {
	lo, hi := i*rp, i*rp*(1+tmr0)
	u := lo
	for range 60 {
		x := u / half
		den := 1 + x*x
		g := u - i*rp*(1+tmr0/den)
		if g < 0 {
			lo = u
		} else {
			hi = u
		}
		next := u - g/(1+i*rp*tmr0*2*x/(half*den*den))
		if !(next >= lo && next <= hi) {
			next = (lo + hi) / 2
		}
		if math.Abs(next-u) <= 1e-12*next {
			return next
		}
		u = next
	}
	return u
}

// readCurrents returns both read currents and half their difference at a
// voltage across junction and series resistance (E29).
func readCurrents(rp, tmr0, half, v, series float64) (parallel, anti, signal float64) {
	rap, _ := antiparallelAt(rp, tmr0, half, v, series)
	parallel, anti = v/(rp+series), v/(rap+series)
	return parallel, anti, (parallel - anti) / 2
}

// readErrorRate returns the error rate of a mid-point read of two log-normal
// resistances (E31).
func readErrorRate(tmrEffective, sigma float64) float64 {
	return gaussTail(math.Log1p(tmrEffective) / (2 * sigma))
}

// gaussTail returns Q(x).
func gaussTail(x float64) float64 { return math.Erfc(x/math.Sqrt2) / 2 }

// readDisturbRate returns the probability that one read of duration t flips the
// bit (E32); ratio is the read current over the critical STT current, n the
// exponent of the barrier.
func readDisturbRate(t, tau0, delta, ratio, n float64) float64 {
	left := 1 - ratio
	if left <= 0 {
		left = 0
	} else if n == 2 {
		left *= left
	} else {
		left = math.Pow(left, n)
	}
	return -math.Expm1(-t / tau0 * math.Exp(-delta*left))
}
