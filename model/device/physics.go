package device

import "math"

// CODATA values, and the gyromagnetic ratio of the free electron.
const (
	ElectronCharge = 1.602176634e-19 // C
	Hbar           = 1.054571817e-34 // J s
	Boltzmann      = 1.380649e-23    // J/K
	Mu0            = 1.25663706e-6   // T m/A
	Gamma          = 1.760859644e11  // rad/(s T)
)

// DemagFactors returns the demagnetisation factors in the plane and out of the
// plane of a disc of diameter d and thickness t, as an oblate ellipsoid (E1).
func DemagFactors(t, d float64) (nx, nz float64) {
	q := t / d
	if q > 0.9999 {
		return 1. / 3, 1. / 3
	}
	nx = q * q / (2 * (1 - q*q)) * (math.Acos(q)/(q*math.Sqrt(1-q*q)) - 1)
	return nx, 1 - 2*nx
}

// EffectiveAnisotropy returns K_eff in J/m^3 from interfacial (J/m^2) and bulk
// (J/m^3) anisotropy and the shape (E2).
func EffectiveAnisotropy(ki, kv, ms, t, d float64) float64 {
	nx, nz := DemagFactors(t, d)
	return ki/t + kv - 0.5*Mu0*ms*ms*(nz-nx)
}

// AnisotropyField returns mu0*Hk in T (E2).
func AnisotropyField(keff, ms float64) float64 { return 2 * keff / ms }

// Volume returns that of a disc.
func Volume(t, d float64) float64 { return math.Pi / 4 * d * d * t }

// MacrospinDelta returns the thermal stability factor of coherent reversal (E3).
func MacrospinDelta(keff, volume, temperature float64) float64 {
	return keff * volume / (Boltzmann * temperature)
}

// FieldDelta returns a thermal stability factor lowered by an in-plane field
// (Stoner-Wohlfarth, E4). Fields are mu0*H.
func FieldDelta(delta, hx, hk float64) float64 {
	r := max(0, 1-math.Abs(hx)/hk)
	return delta * r * r
}

// WallDelta returns the thermal stability factor of reversal by a domain wall
// across the pillar (E5).
func WallDelta(aex, keff, t, d, temperature float64) float64 {
	return 4 * math.Sqrt(aex*max(0, keff)) * d * t / (Boltzmann * temperature)
}

// CrossoverDiameter is where coherent and wall reversal cost the same (E5).
func CrossoverDiameter(aex, keff float64) float64 { return 16 / math.Pi * math.Sqrt(aex/keff) }

// softMinWidth is the transition of SoftMin relative to the smaller barrier.
const softMinWidth = 0.1

// SoftMin joins two barriers smoothly: never above the smaller one (E5).
func SoftMin(a, b float64) float64 {
	m := min(a, b)
	if m <= 0 {
		return m
	}
	w := softMinWidth * m
	return m - w*math.Log1p(math.Exp(-math.Abs(a-b)/w))
}

// MeanRetention returns the mean time to thermal reversal (E6).
func MeanRetention(delta, tau0 float64) float64 { return tau0 * math.Exp(delta) }

// RetentionFailure returns the probability that a bit is lost within t (E7).
func RetentionFailure(t, delta, tau0 float64) float64 {
	return -math.Expm1(-t / tau0 * math.Exp(-delta))
}

// RequiredDelta returns the thermal stability factor that keeps a bit for t
// with failure probability p (E7).
func RequiredDelta(t, p, tau0 float64) float64 { return math.Log(t / (tau0 * -math.Log1p(-p))) }

// RetentionTime returns the time after which a bit is lost with probability p
// (E7).
func RetentionTime(p, delta, tau0 float64) float64 { return -math.Log1p(-p) * tau0 * math.Exp(delta) }

// SpreadDelta returns the factor that gives the mean failure rate of bits whose
// thermal stability factor is normal (E8).
func SpreadDelta(mean, sigma float64) float64 { return mean - sigma*sigma/2 }

// DampingLikeField returns B_DL in T of a current density in A/m^2 (E9).
func DampingLikeField(j, theta, ms, t float64) float64 {
	return Hbar * theta * j / (2 * ElectronCharge * ms * t)
}

// CriticalDensity returns the critical current density of a perpendicular free
// layer under an in-plane field, A/m^2 (E10; Lee et al., APL 102, 112410).
func CriticalDensity(ms, t, theta, hk, hx float64) float64 {
	return 2 * ElectronCharge / Hbar * ms * t / theta * (hk/2 - hx/math.Sqrt2)
}

// ShuntRatio returns the current in the free layer over that in the channel
// below it (E11).
func ShuntRatio(tFL, rhoFL, tSOT, rhoSOT float64) float64 { return tFL / rhoFL / (tSOT / rhoSOT) }

// CriticalCurrent returns I_c0 of a channel cross-section w x t (E11).
func CriticalCurrent(jc, w, t, nucleation, shunt float64) float64 {
	return nucleation * jc * w * t * (1 + shunt)
}

// ThicknessFactor is the part of the bulk efficiency that a channel of
// thickness t has (E12).
func ThicknessFactor(t, spinLength float64) float64 { return 1 - 1/math.Cosh(t/spinLength) }

// MinFieldRatio is the in-plane field over the anisotropy field below which
// deterministic switching is not granted (E13; Taniguchi, arXiv 1911.07961).
const MinFieldRatio = 0.15

// VCMA returns the interfacial anisotropy under a gate voltage (E14).
func VCMA(ki, xi, v, tox float64) float64 { return ki - xi*v/tox }

// InPlaneCriticalDensity returns that of an in-plane (type-y) free layer (E15).
func InPlaneCriticalDensity(alpha, ms, t, theta, hkInPlane, msEff float64) float64 {
	return 2 * ElectronCharge / Hbar * alpha * ms * t / theta * (hkInPlane + msEff/2)
}

// STTCriticalCurrent returns I_c0 of a perpendicular STT cell (E16).
func STTCriticalCurrent(alpha, eta, delta, temperature float64) float64 {
	return 4 * ElectronCharge * Boltzmann * temperature / Hbar * alpha / eta * delta
}

// ShortPulseCurrent returns the switching current of a short pulse (E17).
func ShortPulseCurrent(ic0, tauC, pulse float64) float64 { return ic0 * (1 + tauC/pulse) }

// MeasuredPulseRatio returns I_th(pulse)/I_th(1 ns) measured on an 80 nm device
// between 0.75 and 5 ns (E18).
func MeasuredPulseRatio(pulse float64) float64 { return 1 - 0.22*math.Log(pulse/1e-9) }

// ThermalPulseCurrent returns the current that switches half of the bits in a
// long pulse (E19).
func ThermalPulseCurrent(ic0, delta, tau0, pulse float64) float64 {
	return ic0 * (1 - math.Log(pulse/(tau0*math.Ln2))/delta)
}

// ThermalSwitching returns the switching probability of a long pulse (E19).
func ThermalSwitching(i, ic0, delta, tau0, pulse float64) float64 {
	return -math.Expm1(-pulse / tau0 * math.Exp(-delta*(1-i/ic0)))
}

// HalfCurrent returns I_50 of a pulse: the larger of E17 and E19.
func HalfCurrent(ic0, delta, tau0, tauC, pulse float64) float64 {
	return max(ShortPulseCurrent(ic0, tauC, pulse), ThermalPulseCurrent(ic0, delta, tau0, pulse))
}

// OptimalPulseEnergy returns the least channel energy over pulse widths, at
// pulse = tauC (E20).
func OptimalPulseEnergy(r, ic0, tauC float64) float64 { return 4 * r * ic0 * ic0 * tauC }

// WriteError returns the write error rate at a current (E21).
func WriteError(i, i50, slope float64) float64 { return 1 / (1 + math.Exp(slope*(i/i50-1))) }

// WriteRatio returns I_w/I_50 at a write error rate (E21, inverted).
func WriteRatio(wer, slope float64) float64 { return 1 + math.Log(1/wer-1)/slope }

// STTWriteError returns that of a perpendicular STT cell at i = I/I_c0 > 1
// (E22; Butler et al., arXiv 1202.2621).
func STTWriteError(i, delta, alpha, hk, pulse float64) float64 {
	x := 2 * alpha * Gamma * hk * (i - 1) * pulse / (1 + alpha*alpha)
	if x > 700 {
		return math.Pi * math.Pi / 4 * delta * (i - 1) / i * math.Exp(-x)
	}
	return -math.Expm1(-(math.Pi * math.Pi / 4) * delta * (i - 1) / (i*math.Exp(x) - 1))
}

// STTWriteRatio returns I/I_c0 at a write error rate (E22, inverted by
// bisection), at most limit.
func STTWriteRatio(wer, delta, alpha, hk, pulse, limit float64) float64 {
	lo, hi := 1+1e-6, limit
	if STTWriteError(hi, delta, alpha, hk, pulse) > wer {
		return hi
	}
	for range 60 {
		if mid := (lo + hi) / 2; STTWriteError(mid, delta, alpha, hk, pulse) > wer {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}

// ChannelResistance returns rho*L/(w*t) (E23).
func ChannelResistance(rho, l, w, t float64) float64 { return rho * l / (w * t) }

// HeatTime is the thermal time constant of a pillar (E24).
func HeatTime(cv, tMTJ, tMgO, lambda float64) float64 { return cv * tMTJ * tMgO / lambda }

// Reference of the self-heating estimate: a pulse of 1.734 mW heats a channel
// of 240 nm x 200 nm by 59 K (E24).
const (
	heatingRise  = 59.0
	heatingPower = 1.734e-3
	heatingArea  = 240e-9 * 200e-9
)

// SelfHeating returns the temperature rise of a channel (E24).
func SelfHeating(power, l, w float64) float64 {
	return heatingRise * power / heatingPower * heatingArea / (l * w)
}

// Fins returns the least number of fins that carry a current (E25). It is at
// least 1.
func Fins(current, perFin, derating float64) float64 {
	return max(1, math.Ceil(current/(perFin*derating)-1e-9))
}

// ParallelResistance returns R_P of a junction (E26).
func ParallelResistance(ra, diameter float64) float64 {
	return ra / (math.Pi / 4 * diameter * diameter)
}

// AngleResistance returns R at the magnetisation angle mz, -1 being parallel
// (E26).
func AngleResistance(rp, tmr, mz float64) float64 {
	k := tmr / (tmr + 2)
	return rp * (1 + k) / (1 - k*mz)
}

// BiasTMR returns the magnetoresistance at a bias (E27).
func BiasTMR(tmr0, v, half float64) float64 { return tmr0 / (1 + v*v/(half*half)) }

// PDKBiasTMR is the bias dependence of a 300 mm process (E27).
func PDKBiasTMR(tmr0, v float64) float64 {
	return tmr0 / 1.2346 * (1/(0.1729*v*v+0.1315*math.Abs(v)+0.4475) - 1)
}

// BarrierDecay returns kappa in 1/m of a barrier height in eV (E28).
func BarrierDecay(phi float64) float64 {
	const electronMass = 9.1093837015e-31 // kg
	return 2 * math.Sqrt(2*electronMass*ElectronCharge*phi) / Hbar
}

// ResistanceArea returns RA of a barrier thickness (E28).
func ResistanceArea(raRef, tRef, tox, kappa float64) float64 {
	return raRef * math.Exp(kappa*(tox-tRef))
}

// ZeroBiasTMR returns that of a barrier thickness (E28); 0 below the onset.
func ZeroBiasTMR(saturation, tox, onset, length float64) float64 {
	return max(0, saturation*-math.Expm1(-(tox-onset)/length))
}

// ReadSignal returns both read currents and half their difference, at a bias
// across junction and series resistance, with the junction's own bias
// (E27, E29; fixed point).
func ReadSignal(v, rp, tmr0, half, series float64) (parallel, anti, half2 float64) {
	parallel = v / (rp + series)
	bias := v
	for range 12 {
		rap := rp * (1 + BiasTMR(tmr0, bias, half))
		bias = v * rap / (rap + series)
	}
	anti = v / (rp*(1+BiasTMR(tmr0, bias, half)) + series)
	return parallel, anti, (parallel - anti) / 2
}

// ReadError returns the read error rate of resistance spread sigma (E31).
func ReadError(tmr, sigma float64) float64 {
	return 0.5 * math.Erfc(math.Log1p(tmr)/(2*sigma)/math.Sqrt2)
}

// ReadDisturb returns the probability that a read of time t flips a bit (E32);
// n is 2 for a uniaxial perpendicular layer (conservative) or 1.
func ReadDisturb(t, tau0, delta, ratio float64, n int) float64 {
	r := max(0, 1-ratio)
	if n == 2 {
		r *= r
	}
	return -math.Expm1(-t / tau0 * math.Exp(-delta*r))
}

// BlochFactor returns Ms(T)/Ms(300 K) (E33).
func BlochFactor(temperature, curie float64) float64 {
	return (1 - math.Pow(temperature/curie, 1.5)) / (1 - math.Pow(300/curie, 1.5))
}

// GuardedDelta returns the nominal factor at 300 K that leaves required hot and
// at k standard deviations (E35).
func GuardedDelta(required, ratio, k, cv float64) float64 { return required / (ratio * (1 - k*cv)) }

// RawErrorRate returns the raw bit error rate at which a code of n bits that
// corrects t errors fails with probability word (E37).
func RawErrorRate(word float64, n, t int) float64 {
	return math.Pow(word/binomial(n, t+1), 1/float64(t+1))
}

// WordError returns the failure probability of a word (E37).
func WordError(p float64, n, t int) float64 { return binomial(n, t+1) * math.Pow(p, float64(t+1)) }

func binomial(n, k int) float64 {
	b := 1.0
	for i := range k {
		b *= float64(n-i) / float64(i+1)
	}
	return b
}

// BitError returns the error rate of one use: write, retention, n reads that
// may disturb, and the read itself (E38).
func BitError(write, retention, disturb, reads, read float64) float64 {
	return write + retention + disturb*reads + read
}

// FrontEndArea returns the cell area that the transistors need: write and read
// device stacked in two gate pitches, two fin pitches of isolation (E39).
func FrontEndArea(gatePitch, finPitch, fins float64) float64 {
	return 2 * gatePitch * (fins + 2) * finPitch
}

// BackEndArea returns the cell area that channel, junction and lines need (E40).
func BackEndArea(l, w, d, spaceSOT, spaceMTJ, pitchX, pitchY float64) float64 {
	return max(l+spaceSOT, 2*pitchX) * max(w+spaceSOT, d+spaceMTJ, 2*pitchY)
}
