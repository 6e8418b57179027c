package device

import "math"

// Physical constants, SI (CODATA 2018; mu0 to nine
// digits, the gyromagnetic ratio as the compact models use it).
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
