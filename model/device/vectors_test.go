package device

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"stco/model/units"
)

// digits checks a value against a number written in the reference: it must
// round to the digits given, within one unit of the last place where the
// reference rounded an intermediate result (slack in units of the last place).
func digits(t *testing.T, name string, got float64, want string, slack float64) {
	t.Helper()
	mantissa, _, _ := strings.Cut(want, "e")
	ref, err := strconv.ParseFloat(want, 64)
	if err != nil {
		t.Fatal(err)
	}
	m, err := strconv.ParseFloat(mantissa, 64)
	if err != nil {
		t.Fatal(err)
	}
	places := 0
	if _, frac, ok := strings.Cut(mantissa, "."); ok {
		places = len(frac)
	}
	unit := math.Pow10(-places) * ref / m
	if !(math.Abs(got-ref) <= (0.5+slack)*math.Abs(unit)*(1+1e-9)) {
		t.Errorf("%s = %.7g, reference %s", name, got, want)
	}
}

const nm = 1e-9

// refW is the reference device, the preset ref-w of docs/model-device.md.
type refW struct{ ms, t, d, hk, hx, theta, volume float64 }

func newRefW() refW {
	return refW{ms: 1e6, t: 1 * nm, d: 50 * nm, hk: 0.190, hx: 0.020, theta: 0.32, volume: math.Pi / 4 * 50 * nm * 50 * nm * nm}
}

func (r refW) delta(hk float64) float64 {
	return macrospinBarrier(hk*r.ms/2, r.volume) / (boltzmann * room)
}

func (r refW) hkFor(delta float64) float64 {
	return delta * boltzmann * room * 2 / (r.ms * r.volume)
}

func (r refW) ic0(hk float64) float64 {
	return criticalDensity(r.ms, r.t, r.theta, hk, r.hx) * 60 * nm * 4 * nm
}

func TestConstants(t *testing.T) {
	digits(t, "kB*300 K", boltzmann*300, "4.141947e-21", 0)
	digits(t, "2e/hbar", 2*electron/hbar, "3.0385349e15", 0.5)
}

func TestE1Demagnetization(t *testing.T) {
	nx, nz := demagnetization(1*nm, 50*nm)
	digits(t, "Nx", nx, "0.0153172", 0)
	digits(t, "Nz", nz, "0.969366", 0)
	digits(t, "thin disc", math.Pi*1/(4*50), "0.0157080", 0)
	if x, z := demagnetization(1, 1); math.Abs(x-1.0/3) > 1e-3 || math.Abs(z-1.0/3) > 1e-3 {
		t.Errorf("sphere: %g, %g", x, z)
	}
}

func TestE2E3Stability(t *testing.T) {
	r := newRefW()
	digits(t, "V", r.volume, "1.963495e-24", 0.6)
	digits(t, "REF-W Delta", r.delta(r.hk), "45.035", 0)
	digits(t, "Hk for Delta 45", r.hkFor(45), "0.189853", 0)

	// Cross-check with an independent thesis on the same inputs.
	nx, nz := demagnetization(1.1*nm, 65*nm)
	keff := effectiveAnisotropy(0.32e-3, 0, 6.25e5, 1.1*nm, nz-nx)
	digits(t, "K_eff", keff, "5.50520e4", 0)
	digits(t, "Hk", anisotropyField(keff, 6.25e5), "0.176166", 0)
	volume := math.Pi / 4 * 65 * nm * 65 * nm * 1.1 * nm
	digits(t, "Delta", macrospinBarrier(keff, volume)/(boltzmann*room), "48.515", 0)

	nx, nz = demagnetization(1*nm, 50*nm)
	for _, c := range []struct {
		ki   float64
		want string
	}{{0.70e-3, "47.67"}, {0.72e-3, "57.15"}, {0.75e-3, "71.37"}, {0.80e-3, "95.07"}} {
		k := effectiveAnisotropy(c.ki, 0, 1e6, 1*nm, nz-nx)
		digits(t, "Delta of Ki", macrospinBarrier(k, r.volume)/(boltzmann*room), c.want, 0)
	}
}

// TestE4Standby is the table of barrier and current factors over h = Bx/Bk.
func TestE4Standby(t *testing.T) {
	for _, c := range []struct {
		h                       float64
		coherent, wall, current string
	}{
		{0.05, "0.9025", "0.9227", "0.9293"},
		{0.10, "0.8100", "0.8479", "0.8586"},
		{0.02 / 0.19, "0.8006", "0.8402", "0.8511"},
		{0.15, "0.7225", "0.7757", "0.7879"},
		{0.308, "0.4789", "0.5640", "0.5644"},
	} {
		digits(t, "coherent", coherentFactor(c.h), c.coherent, 0)
		digits(t, "wall", wallFactor(c.h), c.wall, 0)
		digits(t, "current", criticalDensity(1e6, nm, 0.3, 0.2, 0.2*c.h)/criticalDensity(1e6, nm, 0.3, 0.2, 0), c.current, 0)
	}
	if coherentFactor(1.5) != 0 || wallFactor(1.5) != 0 {
		t.Error("a field above Hk leaves a barrier")
	}
}

// refFilm is the film of the worked examples at a diameter.
func refFilm(diameter float64) Params {
	return Params{
		FreeLayer: 1 * nm, Diameter: diameter, Ms: 1e6, Anisotropy: 0.6944463e-3, Curie: 1100, AnisotropyExponent: 2.18,
		Exchange: 8e-12, NucleationLimit: true, StabilityExponent: 1, FieldMode: External,
	}
}

func stability(p *Params, kelvin float64) state {
	m, at := p.magnet(&Spread{}), p.temper(kelvin)
	return p.state(&m, &at, 0)
}

// TestStabilityOverDiameter is the table of the reference: K_eff, coherent,
// wall and plateau of the worked film with 8 pJ/m.
func TestStabilityOverDiameter(t *testing.T) {
	for _, c := range []struct {
		diameter                   float64
		k, coherent, wall, plateau string
	}{
		{30, "11.346", "19.36", "19.36", "19.36"},
		{40, "10.199", "30.94", "30.94", "30.94"},
		{44, "9.883", "36.28", "36.28", "36.28"},
		{50, "9.500", "45.03", "42.10", "39.35"},
		{60, "9.029", "61.63", "49.25", "39.35"},
		{76, "8.529", "93.41", "60.63", "39.35"},
		{100, "8.075", "153.11", "77.62", "39.35"},
	} {
		p := refFilm(c.diameter * nm)
		s := stability(&p, 300)
		digits(t, "K", s.keff*1e-4, c.k, 0)
		digits(t, "coherent", s.coherent, c.coherent, 0.5)
		digits(t, "wall", s.delta, c.wall, 0.5)
		p.StabilityExponent = 0
		digits(t, "plateau", stability(&p, 300).delta, c.plateau, 0.5)
		// Between the two the barrier lies between the two, and the general form
		// is the wall at 1.
		p.StabilityExponent = 0.5
		if half := stability(&p, 300).delta; half > s.delta*(1+1e-12) || half < 39.35 && c.diameter >= 50 {
			t.Errorf("D %g nm: exponent one half gives %g", c.diameter, half)
		}
		p.StabilityExponent = 1 - 1e-12
		if near := stability(&p, 300).delta; math.Abs(near/s.delta-1) > 1e-9 {
			t.Errorf("D %g nm: the general form gives %g, the wall %g", c.diameter, near, s.delta)
		}
	}
	// The crossover itself, and the override in its place.
	p := refFilm(46.17 * nm)
	if s := stability(&p, 300); math.Abs(s.delta/s.coherent-1) > 1e-3 {
		t.Errorf("at 46.17 nm the barriers are %g and %g", s.delta, s.coherent)
	}
	q := refFilm(76 * nm)
	q.StabilityExponent, q.NucleationDiameter = 0, 40*nm
	digits(t, "D_n 40 nm", stability(&q, 300).delta, "30.94", 0)
	for _, c := range []struct {
		k    float64
		want string
	}{{2.4e5, "29.4"}, {9.5e4, "46.7"}, {5e4, "64.4"}} {
		digits(t, "D*", crossoverDiameter(8e-12, c.k)*1e9, c.want, 0.5)
	}
	// 20 mT, and temperatures.
	for _, c := range []struct {
		kelvin      float64
		free, field string
	}{{300, "45.04", "36.05"}, {358, "31.72", "24.63"}, {398, "24.87", "18.78"}, {383, "27.26", "20.81"}, {423, "21.29", "15.74"}} {
		p := refFilm(50 * nm)
		p.NucleationLimit, p.Field = false, 0.02
		digits(t, "no field", stability(&p, c.kelvin).delta, c.free, 0.5)
		p.FieldMode = HardMask
		digits(t, "20 mT", stability(&p, c.kelvin).delta, c.field, 0.5)
	}
	hot := refFilm(50 * nm)
	s := stability(&hot, 423)
	digits(t, "f at 423 K", s.f, "0.88801", 0)
	digits(t, "K at 423 K", s.keff*1e-4, "6.333", 0)
	digits(t, "Bk at 423 K", s.hk, "0.1426", 0)
}

// TestSpreadVectors holds the sensitivities of E2 to the reference and to
// central differences through the whole chain.
func TestSpreadVectors(t *testing.T) {
	for _, c := range []struct {
		p                           Params
		anisotropy, thickness, diam string
	}{
		{refFilm(50 * nm), "7.310", "-7.014", "-0.296"},
		{Params{FreeLayer: 1.1 * nm, Diameter: 65 * nm, Ms: 6.25e5, Anisotropy: 0.32e-3, Curie: 1100}, "5.284", "-5.114", "-0.170"},
	} {
		p := c.p
		s, m := stability(&p, 300), p.magnet(&Spread{})
		g := m.sensitivity(&s, 0)
		digits(t, "Ki", g.anisotropy, c.anisotropy, 0.5)
		digits(t, "t", g.thickness, c.thickness, 0.5)
		digits(t, "D", g.diameter, c.diam, 0.5)
	}
	// 0.544 % of Ki and t are 4 % of the field on the measured device.
	hik := Params{FreeLayer: 1.1 * nm, Diameter: 65 * nm, Ms: 6.25e5, Anisotropy: 0.32e-3, Curie: 1100, CVAnisotropy: 0.00544, CVThickness: 0.00544}
	s, m := stability(&hik, 300), hik.magnet(&Spread{})
	g := m.sensitivity(&s, 0)
	cv, _ := hik.spread(&g)
	digits(t, "CV(Hk)", 100*cv, "4.0", 0)

	for _, mode := range []FieldMode{External, HardMask} {
		for _, exponent := range []float64{0, 0.5, 1} {
			for _, diameter := range []float64{35, 60, 90} {
				for _, etch := range []float64{0, 4} {
					p := refFilm(diameter * nm)
					p.StabilityExponent, p.FieldMode, p.Field, p.EtchDamage = exponent, mode, 0.015, etch*nm
					s, m := stability(&p, 300), p.magnet(&Spread{})
					at := p.temper(300)
					g, k := p.ofDelta(&m, &s), p.ofCurrent(&m, &s, p.Field)
					slope := func(f func(*magnet, *state) float64, by func(float64) Spread) float64 {
						up, down := by(1e-5), by(-1e-5)
						a, b := p.magnet(&up), p.magnet(&down)
						sa, sb := p.state(&a, &at, 0), p.state(&b, &at, 0)
						return math.Log(f(&a, &sa)/f(&b, &sb)) / 2e-5
					}
					delta := func(_ *magnet, s *state) float64 { return s.delta }
					current := func(m *magnet, s *state) float64 { return m.thickness * (s.hk/2 - p.Field/math.Sqrt2) }
					for _, x := range []struct {
						name string
						got  [2]float64
						by   func(float64) Spread
					}{
						{"Ki", [2]float64{g.anisotropy, k.anisotropy}, func(e float64) Spread { return Spread{Anisotropy: e} }},
						{"t", [2]float64{g.thickness, k.thickness}, func(e float64) Spread { return Spread{Thickness: e} }},
						{"D", [2]float64{g.diameter, k.diameter}, func(e float64) Spread { return Spread{Diameter: e} }},
					} {
						for i, f := range []func(*magnet, *state) float64{delta, current} {
							if want := slope(f, x.by); math.Abs(x.got[i]-want) > 2e-3*(1+math.Abs(want)) {
								t.Errorf("mode %d, p %g, D %g nm, rim %g nm: d ln [delta, current](%d)/d ln %s is %g, by differences %g", mode, exponent, diameter, etch, i, x.name, x.got[i], want)
							}
						}
					}
				}
			}
		}
	}
}

// TestShuntVectors: with the free layer of 1 nm on 4 nm the relative currents
// of Zhu et al. follow from efficiency and shunt.
func TestShuntVectors(t *testing.T) {
	relative := func(xi, rho float64) float64 {
		return (1 + shuntFactor(1*nm, 130e-8, 4*nm, rho*1e-8)) / xi
	}
	own := relative(0.28, 74)
	digits(t, "beta-W", relative(0.3, 300)/own, "1.288", 0)
	digits(t, "beta-Ta", relative(0.12, 190)/own, "2.789", 0)
	digits(t, "AuPt", relative(0.30, 83)/own, "0.947", 0)
	digits(t, "Bi2Se3", relative(3.5, 1755)/own, "0.306", 0)
	// Through the chain: a channel as wide as the pillar is shunted whole.
	p, o := loadPreset(t, "ref-w"), nominalConditions()
	p.ChannelWidth = p.Diameter
	with, _ := evaluate(&p, &o)
	p.Shunt = false
	without, _ := evaluate(&p, &o)
	digits(t, "REF-W", float64(with.CriticalCurrent/without.CriticalCurrent), "1.385", 0)
}

// TestWriteVerify: attempts share the budget, energies are per attempt.
func TestWriteVerify(t *testing.T) {
	p, o := loadPreset(t, "ref-w"), nominalConditions()
	o.BitError = 4e-9
	p.WriteFloor = 0
	p.WriteTries = 1
	once, _ := evaluate(&p, &o)
	p.WriteTries = 3
	thrice, c := evaluate(&p, &o)
	digits(t, "overdrive once", float64(once.WriteCurrent/once.HalfCurrent), "1.518", 0)
	digits(t, "overdrive of three", float64(thrice.WriteCurrent/thrice.HalfCurrent), "1.173", 0)
	digits(t, "energy", float64(thrice.ChannelEnergy/once.ChannelEnergy), "0.597", 0)
	if math.Abs(thrice.WriteFailure/1e-3-1) > 1e-9 || math.Abs(thrice.WriteError/1e-9-1) > 1e-9 || c.WriteTries != 3 || c.WriteFailure != thrice.WriteFailure {
		t.Errorf("three attempts of %g leave %g", thrice.WriteFailure, thrice.WriteError)
	}
	// The floor makes 1e-9 in one attempt impossible, and two attempts possible.
	p.WriteFloor = 1e-6
	for tries, possible := range map[float64]bool{1: false, 2: true} {
		p.WriteTries = tries
		if f, _ := evaluate(&p, &o); f.Violations[errorFloor] <= 0 != possible {
			t.Errorf("%g attempts: violation %g", tries, f.Violations[errorFloor])
		}
	}
}

func TestE5Wall(t *testing.T) {
	digits(t, "E_dw 15 pJ/m", wallBarrier(15e-12, 9.5e4, 50*nm, 1*nm)/(boltzmann*room), "57.6", 0)
	digits(t, "D_c 15 pJ/m", crossoverDiameter(15e-12, 9.5e4)*1e9, "64.0", 0)
	digits(t, "E_dw 4 pJ/m", wallBarrier(4e-12, 9.5e4, 50*nm, 1*nm)/(boltzmann*room), "29.8", 0)
	digits(t, "D_c 4 pJ/m", crossoverDiameter(4e-12, 9.5e4)*1e9, "33.0", 0.3)
	// At the crossover both barriers are equal.
	d := crossoverDiameter(15e-12, 9.5e4)
	macro := macrospinBarrier(9.5e4, math.Pi/4*d*d*nm)
	if wall := wallBarrier(15e-12, 9.5e4, d, nm); math.Abs(macro/wall-1) > 1e-12 {
		t.Errorf("barriers at D_c: %g, %g", macro, wall)
	}
}

func TestE6E7Retention(t *testing.T) {
	const year = 365.25 * 86400
	for _, c := range []struct {
		delta, unit float64
		want        string
	}{
		{15, 1e-3, "3.27"},
		{20, 1, "0.485"},
		{25, 1, "72.0"},
		{27.5, 1, "877"},
		{30, 3600, "2.97"},
		{35, 86400, "18.4"},
		{39, year, "2.74"},
		{40, year, "7.46"},
		{45, 1e3 * year, "1.1"},
		{60, 1e9 * year, "3.6"},
	} {
		digits(t, "mean retention", meanRetention(c.delta, 1*nm)/c.unit, c.want, 0)
	}
	table := []struct {
		t    float64
		want [6]string
	}{
		{1e-6, [6]string{"7.27", "16.12", "20.72", "25.33", "27.63", "34.54"}},
		{10e-6, [6]string{"9.58", "18.42", "23.03", "27.63", "29.93", "36.84"}},
		{100e-6, [6]string{"11.88", "20.72", "25.33", "29.93", "32.24", "39.14"}},
		{1e-3, [6]string{"14.18", "23.03", "27.63", "32.24", "34.54", "41.45"}},
		{10e-3, [6]string{"16.48", "25.33", "29.93", "34.54", "36.84", "43.75"}},
		{50e-3, [6]string{"18.09", "26.94", "31.54", "36.15", "38.45", "45.36"}},
		{100e-3, [6]string{"18.79", "27.63", "32.24", "36.84", "39.14", "46.05"}},
		{1, [6]string{"21.09", "29.93", "34.54", "39.14", "41.45", "48.35"}},
		{10, [6]string{"23.39", "32.24", "36.84", "41.45", "43.75", "50.66"}},
		{100, [6]string{"25.69", "34.54", "39.14", "43.75", "46.05", "52.96"}},
		{3600, [6]string{"29.28", "38.12", "42.73", "47.33", "49.64", "56.54"}},
		{86400, [6]string{"32.46", "41.30", "45.91", "50.51", "52.81", "59.72"}},
		{10 * year, [6]string{"40.66", "49.50", "54.11", "58.71", "61.02", "67.92"}},
	}
	for _, row := range table {
		for i, p := range []float64{0.5, 1e-4, 1e-6, 1e-8, 1e-9, 1e-12} {
			d := requiredDelta(row.t, p, 1*nm)
			digits(t, "Delta for "+strconv.FormatFloat(row.t, 'g', -1, 64)+" s", d, row.want[i], 0)
			if got := retentionFailure(row.t, d, 1*nm); math.Abs(got/p-1) > 1e-9 {
				t.Errorf("P_RF at the required Delta is %g, want %g", got, p)
			}
			if got := retentionTime(d, p, 1*nm); math.Abs(got/row.t-1) > 1e-9 {
				t.Errorf("retention at the required Delta is %g, want %g", got, row.t)
			}
		}
	}
}

func TestE8Spread(t *testing.T) {
	digits(t, "Delta_eff", meanFailureDelta(45, 3.47), "39.0", 0)
	// The mean over the distribution, by quadrature.
	const mu, sigma, life = 45.0, 3.47, 1e-3
	sum, step := 0.0, 1e-3
	for x := -12.0; x <= 12; x += step {
		sum += step * math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) * retentionFailure(life, mu+sigma*x, 1*nm)
	}
	if ratio := sum / retentionFailure(life, meanFailureDelta(mu, sigma), 1*nm); math.Abs(ratio-1) > 0.01 {
		t.Errorf("mean failure over E8 is %g", ratio)
	}
}

func TestE9E10E11Critical(t *testing.T) {
	r := newRefW()
	jc := criticalDensity(r.ms, r.t, r.theta, r.hk, r.hx)
	digits(t, "J_c0", jc, "7.678e11", 0)
	digits(t, "I_c0", r.ic0(r.hk)*1e6, "184.3", 0)
	if b := dampingLikeField(jc, r.theta, r.ms, r.t); math.Abs(b-(0.095-0.02/math.Sqrt2)) > 1e-12 {
		t.Errorf("B_DL at J_c0 is %g", b)
	}
	digits(t, "shunt", shuntFactor(1*nm, 130e-8, 4*nm, 200e-8), "0.385", 0)

	// Measured threshold over macrospin of the 80 nm device: 2.2 to 2.6.
	low := 1.27e12 / criticalDensity(6.25e5, 1.1*nm, 0.30, 0.176166, 0.005)
	high := 1.34e12 / criticalDensity(6.25e5, 1.1*nm, 0.30, 0.176166, 0.020)
	if low < 2.1 || low > 2.3 || high < 2.5 || high > 2.7 {
		t.Errorf("f_nuc of the 80 nm device is %.3g to %.3g", low, high)
	}
}

// TestDeltaLever is the table of section 3.3: Hk scaled, all else REF-W.
func TestDeltaLever(t *testing.T) {
	r := newRefW()
	resistance := channelResistance(200e-8, 110*nm, 60*nm, 4*nm)
	for _, c := range []struct {
		delta                    float64
		hk, ic, volt, fj, nucled string
	}{
		{60.9, "0.2569", "260.5", "0.239", "62.2", "86.0"},
		{45, "0.1899", "184.1", "0.169", "31.1", "60.8"},
		{38.5, "0.1624", "152.9", "0.140", "21.4", "50.4"},
		{30, "0.1266", "112.0", "0.103", "11.5", "37.0"},
		{25, "0.1055", "88.0", "0.081", "7.1", "29.0"},
		{20, "0.0844", "63.9", "0.059", "3.7", "21.1"},
	} {
		hk := r.hkFor(c.delta)
		ic := r.ic0(hk)
		digits(t, "Hk", hk, c.hk, 0)
		digits(t, "I_c0", ic*1e6, c.ic, 0.5)
		digits(t, "V", ic*resistance, c.volt, 0)
		digits(t, "E", jouleHeat(ic, resistance, 1*nm)*1e15, c.fj, 0)
		digits(t, "I_c0 with f_nuc", 0.33*ic*1e6, c.nucled, 0.5)
	}
	// Section 8: 10 years to 50 ms at 1e-9 lowers the current by 41 % and the
	// energy by 66 %, at 1e-6 the current by 54 %.
	const year = 365.25 * 86400
	long := r.ic0(r.hkFor(requiredDelta(10*year, 1e-9, 1*nm)))
	short := r.ic0(r.hkFor(requiredDelta(50e-3, 1e-9, 1*nm)))
	relaxed := r.ic0(r.hkFor(requiredDelta(50e-3, 1e-6, 1*nm)))
	digits(t, "current", 100*(1-short/long), "41", 0.1) // the reference rounds both ends
	digits(t, "energy", 100*(1-short*short/(long*long)), "66", 0)
	digits(t, "relaxed current", 100*(1-relaxed/long), "54", 0)
}

func TestE12Film(t *testing.T) {
	digits(t, "factor 1.5 nm", filmEfficiency(1, 4*nm, 1.5*nm), "0.862", 0)
	digits(t, "factor 3.5 nm", filmEfficiency(1, 4*nm, 3.5*nm), "0.421", 0)
	argmin := func(power float64) float64 {
		best, at := math.Inf(1), 0.0
		for x := 0.5; x < 5; x += 1e-3 {
			if v := x / math.Pow(filmEfficiency(1, x, 1), power); v < best {
				best, at = v, x
			}
		}
		return at
	}
	digits(t, "least current", argmin(1), "1.51", 0.2)
	digits(t, "least energy", argmin(2), "2.45", 2)
}

func TestE14GateAssist(t *testing.T) {
	// 15 fJ/V/m, 1 V on 1 nm takes 15 uJ/m^2 from Ki.
	if got := anisotropyLoss(15e-15, 1, 1*nm); math.Abs(got-15e-6) > 1e-12 {
		t.Errorf("loss %g", got)
	}
}

func TestE16(t *testing.T) {
	digits(t, "I_c0 STT", spinTransferCurrent(45, 300, 0.05, 0.6)*1e6, "94.4", 0)
	digits(t, "I_c0 STT, alpha 0.01", spinTransferCurrent(45, 300, 0.01, 0.6)*1e6, "18.9", 0)
}

func TestE17ToE20Pulse(t *testing.T) {
	// E18 on the 80 nm device.
	const r = 775.8
	for _, c := range []struct {
		tau          float64
		volt, ma, jc string
	}{{0.75, "0.845", "1.09", "1.27e12"}, {1, "", "1.02", "1.19e12"}, {2, "", "0.868", "1.01e12"}, {5, "", "0.662", "7.7e11"}} {
		v := 0.795 * measuredPulse(c.tau*nm, 0.175/0.795)
		if c.volt != "" {
			digits(t, "V_th", v, c.volt, 0)
		}
		digits(t, "I_th", v/r*1e3, c.ma, 0)
		digits(t, "J_th", v/r/(200*nm*4.3*nm), c.jc, 0)
	}
	if got := shortPulse(0.3*nm, 0.3*nm); got != 2 {
		t.Errorf("E17 at tau_c is %g", got)
	}
	// E19: at I_50 half of the bits switch, with a barrier linear in current.
	const delta = 45.0
	i := activatedPulse(100*nm, 1*nm, delta)
	if p := 1 - math.Exp(-100*math.Exp(-delta*(1-i))); math.Abs(p-0.5) > 1e-9 {
		t.Errorf("switching probability at I_50 is %g", p)
	}
	pulse, energy := optimalPulse(916.7, 184.3e-6, 0.3*nm)
	digits(t, "E_min", energy*1e15, "37.4", 0)
	for _, tau := range []float64{0.5 * pulse, 0.9 * pulse, 1.1 * pulse, 2 * pulse} {
		i := 184.3e-6 * shortPulse(tau, 0.3*nm)
		if e := jouleHeat(i, 916.7, tau); e < energy {
			t.Errorf("energy %g at %g s is below the optimum %g", e, tau, energy)
		}
	}
}

func TestE21WriteError(t *testing.T) {
	for _, c := range []struct {
		wer, slope float64
		want       string
	}{{1e-6, 40, "1.345"}, {1e-9, 40, "1.518"}, {1e-6, 80, "1.173"}, {1e-9, 80, "1.259"}} {
		i := overdrive(c.wer, c.slope)
		digits(t, "I_w/I_50", i, c.want, 0)
		if w := writeError(i, c.slope); math.Abs(w/c.wer-1) > 1e-6 {
			t.Errorf("write error at the overdrive is %g, want %g", w, c.wer)
		}
	}
	digits(t, "k_s", 44.6*0.894, "40", 0)
	digits(t, "k_s of the other curve", 88.8*0.9045, "80", 0)
}

func TestE22SpinTransfer(t *testing.T) {
	for _, p := range []float64{0.1, 1e-3, 1e-6, 1e-9, 1e-15} {
		for _, tau := range []float64{2 * nm, 10 * nm, 100 * nm} {
			i := spinTransferOverdrive(p, tau, 45, 0.2, 0.02)
			if i >= maxOverdrive {
				continue
			}
			if w := spinTransferError(i, tau, 45, 0.2, 0.02); math.Abs(w/p-1) > 1e-6 {
				t.Errorf("p %g, tau %g: error %g at i %g", p, tau, w, i)
			}
			// The formula as printed.
			x := 2 * 0.02 * gyro * 0.2 * (i - 1) * tau / (1 + 0.02*0.02)
			direct := 1 - math.Exp(-math.Pi*math.Pi/4*45*(i-1)/(i*math.Exp(x)-1))
			if p > 1e-9 && math.Abs(direct/p-1) > 1e-3 {
				t.Errorf("printed formula gives %g, want %g", direct, p)
			}
		}
	}
	if spinTransferError(0.9, 10*nm, 45, 0.2, 0.02) != 1 {
		t.Error("a current below critical writes")
	}
}

func TestE23Channel(t *testing.T) {
	r := channelResistance(200e-8, 110*nm, 60*nm, 4*nm)
	digits(t, "R", r, "916.7", 0)
	digits(t, "V", 184.3e-6*r, "0.169", 0)
	digits(t, "E", jouleHeat(newRefW().ic0(0.190), r, 1*nm)*1e15, "31.12", 0)
	hikstor := channelResistance(278e-8, 240*nm, 200*nm, 4.3*nm)
	digits(t, "R 80 nm", hikstor, "775.8", 0)
	digits(t, "E 80 nm", 0.90*0.90/776*0.75*nm*1e12, "0.78", 0)
}

func TestE24Heating(t *testing.T) {
	preset := loadPreset(t, "ref-w")
	// Heat capacity times stack times barrier over conductivity of the barrier.
	digits(t, "thermal time", preset.ThermalTime/(2.5e6*20e-9*1.4e-9/4), "1", 0)
	p := Params{HeatingRise: 59, HeatingPower: 1.734e-3, HeatingArea: 240 * nm * 200 * nm, ThermalTime: 17.5e-12, Pulse: 1 * nm}
	digits(t, "rise", p.selfHeating(1.16*1.16/776, 240*nm*200*nm), "59", 0)
	p.Pulse = 17.5e-12
	if got := p.selfHeating(1.734e-3, 240*nm*200*nm) / 59; math.Abs(got-(1-1/math.E)) > 1e-9 {
		t.Errorf("rise after one time constant is %g of the end value", got)
	}
}

func TestE25Fins(t *testing.T) {
	const fin = 54.7e-6 // 14 nm, section 6.2
	for _, c := range []struct{ current, fins float64 }{
		{1.345 * 184.3e-6, 6}, {1.345 * 112e-6, 4}, {1.345 * 60e-6, 2}, {0, 1}, {0.8 * fin, 1},
	} {
		if got := finsFor(c.current, fin, 0.8); got != c.fins {
			t.Errorf("%g A needs %g fins, want %g", c.current, got, c.fins)
		}
	}
	if v := drainVoltage(1, 0.4); v != 0.4 {
		t.Errorf("saturated at %g V", v)
	}
	if r := drainVoltage(1e-6, 0.4) / (1e-6 * fin) / linearResistance(0.4, fin); math.Abs(r-1) > 1e-5 {
		t.Errorf("linear region: ratio %g", r)
	}
}

func TestE26E27E28Junction(t *testing.T) {
	if got := biasedTMR(1.5, 0.5, 0.5); got != 0.75 {
		t.Errorf("TMR at Vh is %g", got)
	}
	kappa := barrierDecay(0.4 * electron)
	digits(t, "kappa", kappa*1e-9, "6.480", 0)
	digits(t, "decade", math.Ln10/kappa*1e9, "0.355", 0)
	for _, c := range []struct {
		thickness float64
		want      string
	}{{0.8, "13.3"}, {0.9, "25.5"}, {1.0, "48.7"}, {1.1, "93.0"}, {1.2, "178"}, {1.4, "650"}} {
		digits(t, "RA", barrierRA(650, c.thickness*nm, 1.4*nm, kappa), c.want, 0)
	}
	// The second anchor, 18 Ohm um2 at 0.85 to 0.9 nm, agrees within 1.4.
	if ra := barrierRA(650, 0.875*nm, 1.4*nm, kappa); ra/18 > 1.4 || ra/18 < 1/1.4 {
		t.Errorf("RA at 0.875 nm is %g", ra)
	}
	if barrierTMR(2, 0.6*nm, 0.65*nm, 0.15*nm) != 0 {
		t.Error("TMR below the onset")
	}
	for _, i := range []float64{1e-6, 50e-6, 200e-6} {
		u := antiparallelDrop(5e3, 1.5, 0.5, i)
		if back := i * 5e3 * (1 + biasedTMR(1.5, u, 0.5)); math.Abs(u/back-1) > 1e-9 {
			t.Errorf("drop at %g A: %g, %g", i, u, back)
		}
	}
}

// TestE30Read is the worked table of E30: D 50 nm, TMR0 1.5, R_T 6 kOhm,
// R_SOT/2 0.5 kOhm, 30 fF, 50 mV.
func TestE30Read(t *testing.T) {
	for _, c := range []struct {
		ra, v                     float64
		rp, rap, ip, iap, di, tau string
	}{
		{5, 0.15, "2.55", "6.29", "16.58", "11.73", "2.42", "0.62"},
		{10, 0.15, "5.09", "12.45", "12.94", "7.92", "2.51", "0.60"},
		{10, 0.20, "5.09", "12.24", "17.25", "10.67", "3.29", "0.46"},
		{20, 0.20, "10.19", "24.09", "11.99", "6.54", "2.72", "0.55"},
		{40, 0.20, "20.37", "47.56", "7.44", "3.70", "1.87", "0.80"},
		{100, 0.20, "50.9", "117.7", "3.48", "1.61", "0.94", "1.60"},
	} {
		rp := parallelResistance(c.ra*1e-12, 50*nm)
		ip, iap, di := readCurrents(rp, 1.5, 0.5, c.v, 6500)
		rap, u := antiparallelAt(rp, 1.5, 0.5, c.v, 6500)
		digits(t, "R_P", rp*1e-3, c.rp, 0)
		digits(t, "R_AP", rap*1e-3, c.rap, 0.1) // 6.285 is printed as 6.29
		digits(t, "I_P", ip*1e6, c.ip, 0)
		digits(t, "I_AP", iap*1e6, c.iap, 0)
		digits(t, "dI", di*1e6, c.di, 0)
		digits(t, "C dV/dI", 30e-15*50e-3/di*1e9, c.tau, 0)
		if math.Abs(u/(iap*rap)-1) > 1e-9 {
			t.Errorf("junction voltage %g is not I*R %g", u, iap*rap)
		}
	}
}

func TestE31ReadError(t *testing.T) {
	digits(t, "BER 130 %", readErrorRate(1.3, 0.07), "1.3e-9", 0)
	digits(t, "BER 100 %", readErrorRate(1.0, 0.07), "3.7e-7", 0)
	digits(t, "sigmas 130 %", math.Log(2.3)/0.14, "5.95", 0)
	digits(t, "sigmas 100 %", math.Log(2)/0.14, "4.95", 0)
}

func TestE32ReadDisturb(t *testing.T) {
	for _, c := range []struct {
		alpha, delta float64
		critical     string
		two, one     string
	}{
		{0.05, 45, "94.4", "1.49e-14", "3.65e-17"},
		{0.05, 30, "62.9", "2.77e-8", "1.19e-10"},
		{0.02, 30, "25.2", "7.4e-3", "5.4e-6"},
	} {
		i := spinTransferCurrent(c.delta, 300, c.alpha, 0.6)
		digits(t, "I_c,STT", i*1e6, c.critical, 0)
		digits(t, "RDR n=2", readDisturbRate(1*nm, 1*nm, c.delta, 15e-6/i, 2), c.two, 0)
		digits(t, "RDR n=1", readDisturbRate(1*nm, 1*nm, c.delta, 15e-6/i, 1), c.one, 0)
	}
	if got := readDisturbRate(1*nm, 1*nm, 45, 2, 2); math.Abs(got-(1-1/math.E)) > 1e-12 {
		t.Errorf("above the critical current: %g", got)
	}
}

func TestE33E34Temperature(t *testing.T) {
	for _, c := range []struct {
		kelvin float64
		f, ki  string
	}{
		{233, "1.0524", "1.1178"},
		{273, "1.0219", "1.0484"},
		{300, "1", "1"},
		{328, "0.9762", "0.9489"},
		{358, "0.9496", "0.8933"},
		{378, "0.9312", "0.8560"},
		{398, "0.9123", "0.8186"},
	} {
		f := bloch(c.kelvin, 1100)
		digits(t, "f", f, c.f, 0)
		digits(t, "f^2.18", math.Pow(f, 2.18), c.ki, 0)
	}
	p := Params{FreeLayer: 1 * nm, Diameter: 50 * nm, Ms: 1e6, Anisotropy: 0.69445e-3, Curie: 1100, AnisotropyExponent: 2.18}
	at := func(kelvin float64) state { return stability(&p, kelvin) }
	digits(t, "Delta 300 K", at(300).delta, "45.0", 0)
	digits(t, "Delta 358 K", at(358).delta, "31.7", 0)
	digits(t, "ratio", at(358).delta/at(300).delta, "0.704", 0)
	digits(t, "slope", (at(358).delta-at(300).delta)/58, "-0.23", 0)
	digits(t, "Hk 233 K", at(233).hk, "0.213", 0)
	current := func(s state) float64 { return criticalDensity(s.ms, 1*nm, 0.32, s.hk, 0.02) }
	digits(t, "I_c0 cold over 300 K", 100*(current(at(233))/current(at(300))-1), "20.5", 0)

	p.Anisotropy = 0.75e-3
	digits(t, "Ki 0.75, 300 K", at(300).delta, "71.37", 0)
	digits(t, "Ki 0.75, 358 K", at(358).delta, "51.44", 0)
	digits(t, "Ki 0.75, ratio", at(358).delta/at(300).delta, "0.721", 0)
	digits(t, "Ki 0.75, 398 K", at(398).delta, "41.1", 0)
}

// TestE35E36GuardBands: the device at the guard-band goes through the chain.
// With the diameter alone scattered and no limit to coherent reversal the
// barrier goes with K*D^2, by hand.
func TestE35E36GuardBands(t *testing.T) {
	p, o := loadPreset(t, "ref-w-tilted"), nominalConditions()
	p.NucleationLimit = false
	p.CVAnisotropy, p.CVThickness, p.CVDiameter, p.CVMs, p.CVTheta, p.CVSection = 0, 0, 0.03, 0, 0, 0.05
	o.Sigma, o.Hot = 3, 300
	f, _ := evaluate(&p, &o)
	small := p
	small.Diameter *= 1 - 3*0.03
	o.Sigma = 0
	g, _ := evaluate(&small, &o)
	if math.Abs(f.DeltaWorst/g.DeltaHot-1) > 1e-12 {
		t.Errorf("guard-band %g, device of 3 sigma less diameter %g", f.DeltaWorst, g.DeltaHot)
	}
	plain, _ := evaluate(&p, &o)
	// Hk falls by 0.296 %% of the diameter's change.
	want := 1 + 3*math.Hypot(0.05, 0.296*0.03)
	if got := float64(f.WriteCurrent / plain.WriteCurrent); math.Abs(got/want-1) > 1e-3 {
		t.Errorf("guard-band on the current %g, by hand %g", got, want)
	}
}

func TestE37E38Words(t *testing.T) {
	digits(t, "SECDED 1e-6", WordError(1e-6, 72, 1), "2.56e-9", 0)
	digits(t, "SECDED 1e-5", WordError(1e-5, 72, 1), "2.56e-7", 0.1) // exact tail; the first term alone is 2.556e-7
	digits(t, "pairs", math.Exp(logChoose(72, 2)), "2556", 0)
	digits(t, "triples", math.Exp(logChoose(79, 3)), "79079", 0)
	digits(t, "DEC 1e-6", WordError(1e-6, 79, 2)/1e-18, "79079", 10)
	const words = 8388608
	digits(t, "p_bit SECDED", RawErrorRate(1e-4/words, 72, 1), "6.83e-8", 0)
	digits(t, "p_bit without", RawErrorRate(1e-4/words, 64, 0), "1.86e-13", 0)
	if y := ArrayYield(RawErrorRate(1e-4/words, 72, 1), words, 72, 1); math.Abs(y-(1-1e-4)) > 1e-7 {
		t.Errorf("yield at the budget is %g", y)
	}
	// The exact tail against the direct sum.
	for _, p := range []float64{1e-3, 0.05, 0.5, 0.97} {
		direct := 1 - math.Pow(1-p, 72) - 72*p*math.Pow(1-p, 71)
		if got := WordError(p, 72, 1); math.Abs(got-direct) > 1e-11 {
			t.Errorf("P_word(%g) = %g, direct %g", p, got, direct)
		}
	}
	if got := totalError(1e-9, 2e-9, 1e-12, 1000, 4e-9); math.Abs(got-8e-9) > 1e-20 {
		t.Errorf("E38 gives %g", got)
	}
}

// TestCodewords: 32 MiB that fails once in 10,000 uses of every bit, in codewords
// of 64 and of 512 bits (Hamming, one error corrected).
func TestCodewords(t *testing.T) {
	const bits = 32 << 23
	digits(t, "64", RawErrorRate(1e-4*64/bits, 72, 1)*1e8, "9.66", 0)
	digits(t, "512", RawErrorRate(1e-4*512/bits, 523, 1)*1e8, "3.74", 0)
}

// TestE39Area is the table of the layout rule, beside published cells.
func TestE39Area(t *testing.T) {
	p := Params{Technology: SOT, IsolationFins: 2, DiffusionBreak: 0.5, SharedArea: 1, PitchRatio: 1, STTFingers: 2, MostFingers: 4}
	node := func(gate, fin float64) *Process {
		return &Process{GatePitch: units.Length(gate * nm), FinPitch: units.Length(fin * nm)}
	}
	area := func(c *Process, fins float64) float64 {
		f := p.footprint(c, fins, 1)
		return f.height * f.width * 1e12
	}
	for _, n := range []struct {
		gate, fin float64
		area      map[float64]string
	}{
		{78, 48, map[float64]string{1: "0.0337", 2: "0.0393", 3: "0.0524", 4: "0.0524", 6: "0.0655"}},
		{70, 42, map[float64]string{1: "0.0265", 2: "0.0309", 3: "0.0412", 4: "0.0412", 6: "0.0515"}},
		{57, 30, map[float64]string{1: "0.0154", 2: "0.0180", 3: "0.0239", 4: "0.0239"}},
	} {
		for fins, want := range n.area {
			digits(t, "2T1R", area(node(n.gate, n.fin), fins), want, 0)
		}
	}
	// OpenNVRAM: three gates in 3.5 pitches of 190 nm.
	p.WriteFingers = 2
	h, _ := p.transistors(node(190, 1), 2, 2, 1, p.Selector)
	digits(t, "2T1R of an open layout, nm", h*1e9, "665", 0)
	p.WriteFingers = 0
	// A selector above the cell leaves the write transistor.
	p.Selector = IGZO
	digits(t, "BEOL selector", area(node(78, 48), 4), "0.02995", 0)
	p.Selector = FrontEnd
	// A double break, and shared area.
	p.DiffusionBreak = 1
	digits(t, "double break, one finger", area(node(78, 48), 1), "0.0449", 0) // 4 pitches of 3 fins
	p.DiffusionBreak, p.SharedArea = 0.5, 0.62
	digits(t, "shared", area(node(78, 48), 1), "0.0209", 0)
	// STT: Intel 22FFL 216 by 225 nm, IBM 14 nm 0.0269.
	p.Technology = STT
	digits(t, "STT 22FFL", area(node(108, 45), 6), "0.0486", 0)
	digits(t, "STT 14 nm", area(node(80, 42), 4), "0.0269", 0)
	p.STTFingers = 1
	digits(t, "STT of one gate", area(node(108, 45), 3), "0.0365", 0.5)
}

// TestE40Box: channel, pillar and their pitch by hand.
func TestE40Box(t *testing.T) {
	p := Params{Technology: SOT, Diameter: 50 * nm, ChannelWidth: 60 * nm, ChannelExtension: 60 * nm, SpaceSOT: 40 * nm, SpaceMTJ: 40 * nm, PitchRatio: 1}
	c := Process{MetalPitchX: 64 * nm, MetalPitchY: 64 * nm}
	box := func(what string, wantAlong, wantAcross float64) {
		t.Helper()
		if along, across := p.backEnd(&c); math.Abs(along-wantAlong*nm) > 1e-15 || math.Abs(across-wantAcross*nm) > 1e-15 {
			t.Errorf("%s: %g by %g, want %g by %g nm", what, along, across, wantAlong, wantAcross)
		}
	}
	box("channel", 150, 128)
	p.PitchRatio = 3.2
	box("pillars apart", 160, 160)
	p.PitchRatio, p.MagnetWidth, p.Field = 1, 170*nm, 0.02
	box("magnet", 170, 128)
	p.FieldMode = Tilted
	box("no magnet", 150, 128)
	p.Technology = STT
	box("STT", 128, 128)
}
