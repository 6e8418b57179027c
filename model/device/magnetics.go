package device

import "math"

// Physical constants, SI (CODATA 2018; mu0 to the digits of device.md section
// 2, the gyromagnetic ratio as the compact models use it).
const (
	electron     = 1.602176634e-19  // C
	hbar         = 1.054571817e-34  // J s
	boltzmann    = 1.380649e-23     // J/K
	mu0          = 1.25663706e-6    // T m/A
	gyro         = 1.760859644e11   // rad/s/T
	electronMass = 9.1093837015e-31 // kg

	room = 300.0 // K, the temperature of all stated magnetic parameters
)

// demagnetization returns Nx and Nz of a disc taken as an oblate ellipsoid of
// aspect q = thickness/diameter (E1).
func demagnetization(thickness, diameter float64) (nx, nz float64) {
	q := thickness / diameter
	if q >= 0.999 {
		return 1.0 / 3, 1.0 / 3
	}
	root := math.Sqrt(1 - q*q)
	nx = q * q / (2 * (1 - q*q)) * (math.Acos(q)/(q*root) - 1)
	return nx, 1 - 2*nx
}

// effectiveAnisotropy returns K_eff in J/m^3 from the surface anisotropy ki
// (J/m^2), the bulk anisotropy kv (J/m^3), the magnetisation and Nz-Nx (E2).
func effectiveAnisotropy(ki, kv, ms, thickness, nzx float64) float64 {
	return ki/thickness + kv - 0.5*mu0*ms*ms*nzx
}

// anisotropyField returns mu0*Hk_eff in T (E2).
func anisotropyField(keff, ms float64) float64 { return 2 * keff / ms }

// macrospinBarrier returns the barrier of coherent reversal in J (E3).
func macrospinBarrier(keff, volume float64) float64 { return keff * volume }

// standbyFactor returns the factor (1 - Hx/Hk)^2 by which an in-plane field
// lowers the standby barrier, 0 where the field exceeds the anisotropy (E4).
func standbyFactor(hx, hk float64) float64 {
	if hx >= hk {
		return 0
	}
	r := 1 - hx/hk
	return r * r
}

// wallBarrier returns the barrier of reversal by a domain wall across the
// pillar in J (E5).
func wallBarrier(exchange, keff, diameter, thickness float64) float64 {
	return 4 * math.Sqrt(exchange*keff) * diameter * thickness
}

// crossoverDiameter returns the diameter above which wallBarrier is below the
// macrospin barrier (E5).
func crossoverDiameter(exchange, keff float64) float64 {
	return 16 / math.Pi * math.Sqrt(exchange/keff)
}

// smoothMin returns a differentiable minimum of two positive numbers, the
// 20-norm of E5's recommended width: 0.6 % below the smaller where they differ
// by 10 %, 3 % below where they are equal.
func smoothMin(a, b float64) float64 {
	lo, hi := min(a, b), max(a, b)
	if lo <= 0 {
		return 0
	}
	r := lo / hi
	r2 := r * r
	r4 := r2 * r2
	x := r4 * r4 * r4 * r4 * r4
	if x < 1e-16 {
		return lo
	}
	return lo * math.Exp(-0.05*math.Log1p(x))
}

// meanRetention returns tau0*exp(Delta) in s (E6).
func meanRetention(delta, tau0 float64) float64 { return tau0 * math.Exp(delta) }

// retentionFailure returns the probability that a bit has flipped after t (E7).
func retentionFailure(t, delta, tau0 float64) float64 {
	return -math.Expm1(-t / tau0 * math.Exp(-delta))
}

// requiredDelta returns the Delta at which a bit flips within t with
// probability p (E7 inverted).
func requiredDelta(t, p, tau0 float64) float64 {
	return math.Log(t / (tau0 * -math.Log1p(-p)))
}

// retentionTime returns the time after which a bit has flipped with
// probability p (E7 inverted).
func retentionTime(delta, p, tau0 float64) float64 {
	return tau0 * -math.Log1p(-p) * math.Exp(delta)
}

// meanFailureDelta returns the Delta whose failure probability is the mean over
// a normal distribution, mu - sigma^2/2 (E8). It holds while
// (t/tau0)*exp(-(mu - sigma^2)) is small.
func meanFailureDelta(mu, sigma float64) float64 { return mu - sigma*sigma/2 }

// bloch returns Ms(T)/Ms(300 K) (E33).
func bloch(t, curie float64) float64 {
	if t >= curie {
		return 0
	}
	x, x0 := t/curie, room/curie
	return (1 - x*math.Sqrt(x)) / (1 - x0*math.Sqrt(x0))
}

// guardBandedDelta returns the nominal Delta at 300 K whose k-sigma device
// still has the required Delta at the hot temperature; ratio is
// Delta(Tmax)/Delta(300 K) (E35).
func guardBandedDelta(required, ratio, k, cv float64) float64 {
	return required / (ratio * (1 - k*cv))
}

// magnet is the part of the free layer that no temperature changes.
type magnet struct {
	thickness, diameter, volume, nzx float64
}

// state is the free layer at one temperature.
type state struct {
	f     float64 // Ms(T)/Ms(300 K)
	ms    float64 // A/m
	keff  float64 // J/m^3, may be negative
	hk    float64 // mu0*Hk_eff in T, at least hkFloor
	delta float64 // barrier over kT without in-plane field, at least 0
}

// hkFloor keeps the figures of a device without perpendicular anisotropy
// finite; the anisotropy violation reports it.
const hkFloor = 1e-6

// magnet returns the active free layer: the pillar less its damaged rim (E26).
func (p *Params) magnet() magnet {
	d := max(p.Diameter-2*p.EtchDamage, 1e-9)
	nx, nz := demagnetization(p.FreeLayer, d)
	return magnet{thickness: p.FreeLayer, diameter: d, volume: math.Pi / 4 * d * d * p.FreeLayer, nzx: nz - nx}
}

// state returns the free layer at a temperature (E33, E34); loss is the surface
// anisotropy taken away by a gate voltage (E14). A sample of the process shifts
// Hk, Ms and volume independently, as their spreads were measured.
func (p *Params) state(m *magnet, temperature, loss float64, s *Spread) state {
	f := bloch(temperature, p.Curie)
	ki := p.Anisotropy
	if temperature != room {
		ki *= math.Pow(f, p.AnisotropyExponent)
	}
	out := state{f: f, ms: p.Ms * f, hk: hkFloor}
	if out.ms == 0 {
		return out
	}
	out.keff = effectiveAnisotropy(ki-loss, p.BulkAnisotropy, out.ms, m.thickness, m.nzx)
	if out.keff > 0 {
		barrier := macrospinBarrier(out.keff, m.volume)
		if p.NucleationLimit {
			barrier = smoothMin(barrier, wallBarrier(p.Exchange*f*f, out.keff, m.diameter, m.thickness))
		}
		out.delta = barrier / (boltzmann * temperature) * (1 + s.Field) * (1 + s.Ms) * (1 + s.Volume)
	}
	out.hk = max(anisotropyField(out.keff, out.ms)*(1+s.Field), hkFloor)
	out.ms *= 1 + s.Ms
	return out
}
