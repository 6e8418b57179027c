package device

import (
	"math"
	"strconv"
	"strings"
	"testing"
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

// refW is the reference device of device.md section 2.
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

func TestE4Standby(t *testing.T) {
	if got := standbyFactor(0.02, 0.2); math.Abs(got-0.81) > 1e-12 {
		t.Errorf("(1-0.1)^2 = %g", got)
	}
	if standbyFactor(0.3, 0.2) != 0 {
		t.Error("a field above Hk leaves a barrier")
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
	if got := smoothMin(45, 57.6); got > 45 || got < 44.95 {
		t.Errorf("smooth minimum of 45 and 57.6 is %g", got)
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

func TestE15E16(t *testing.T) {
	digits(t, "I_c0 STT", spinTransferCurrent(45, 300, 0.05, 0.6)*1e6, "94.4", 0)
	digits(t, "I_c0 STT, alpha 0.01", spinTransferCurrent(45, 300, 0.01, 0.6)*1e6, "18.9", 0)
	// E15 scales with damping; at alpha = 1 and no demagnetisation it is E10
	// without in-plane field times two.
	got := InPlaneCriticalDensity(1e6, 1*nm, 1, 0.32, 0.19, 0)
	if want := 2 * criticalDensity(1e6, 1*nm, 0.32, 0.19, 0); math.Abs(got/want-1) > 1e-12 {
		t.Errorf("E15 %g, E10 %g", got, want)
	}
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
	// E19: at I_50 half of the bits switch.
	const delta = 45.0
	i := activatedPulse(100*nm, 1*nm, delta)
	if p := activatedSwitching(100*nm, 1*nm, delta, i); math.Abs(p-0.5) > 1e-9 {
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
	digits(t, "thermal time", thermalTime(2.5e6, 20*nm, 1.4*nm, 4)*1e12, "17.5", 0)
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
	if rp, rap := angleResistance(5e3, 1.5, -1), angleResistance(5e3, 1.5, 1); math.Abs(rp-5e3) > 1e-9 || math.Abs(rap-12.5e3) > 1e-6 {
		t.Errorf("R(mz): %g, %g", rp, rap)
	}
	if got := biasedTMR(1.5, 0.5, 0.5); got != 0.75 {
		t.Errorf("TMR at Vh is %g", got)
	}
	if got := processBiasedTMR(1, 0); math.Abs(got-1) > 1e-3 {
		t.Errorf("PDK form at zero bias is %g", got)
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
		digits(t, "C dV/dI", senseTime(30e-15, 50e-3, di)*1e9, c.tau, 0)
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
	m := p.magnet()
	at := func(kelvin float64) state { return p.state(&m, kelvin, 0, &Spread{}) }
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

func TestE35E36GuardBands(t *testing.T) {
	digits(t, "k=3", guardBandedDelta(30, 0.704, 3, 0.077), "55.4", 0)
	digits(t, "k=0", guardBandedDelta(30, 0.704, 0, 0.077), "42.6", 0)
	p := Params{CVField: 0.04, CVMs: 0.02, CVVolume: 0.063}
	digits(t, "CV(Delta)", 100*p.CVDelta(), "7.7", 0)
	digits(t, "share of volume", 100*p.CVVolume*p.CVVolume/(p.CVDelta()*p.CVDelta()), "66", 0.5)
	digits(t, "share of Hk", 100*p.CVField*p.CVField/(p.CVDelta()*p.CVDelta()), "27", 0)
	digits(t, "share of Ms", 100*p.CVMs*p.CVMs/(p.CVDelta()*p.CVDelta()), "7", 0)
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

// TestE39Area is the table of section 7.
func TestE39Area(t *testing.T) {
	for _, node := range []struct {
		fin, gate, sram float64
		area, ratio     [4]string
	}{
		{48, 78, 0.064, [4]string{"0.0225", "0.0300", "0.0374", "0.0449"}, [4]string{"0.35", "0.47", "0.58", "0.70"}},
		{42, 70, 0.0588, [4]string{"0.0176", "0.0235", "0.0294", "0.0353"}, [4]string{"0.30", "0.40", "0.50", "0.60"}},
		{30, 57, 0.027, [4]string{"0.0103", "0.0137", "0.0171", "0.0205"}, [4]string{"0.38", "0.51", "0.63", "0.76"}},
	} {
		for n := range 4 {
			h, w := transistorBox(2, node.gate*nm, float64(n+1), 2, node.fin*nm)
			digits(t, "area", h*w*1e12, node.area[n], 0)
			digits(t, "ratio", h*w*1e12/node.sram, node.ratio[n], 0)
		}
	}
}

func TestE40Box(t *testing.T) {
	p := Params{Diameter: 50 * nm, ChannelWidth: 60 * nm, ChannelExtension: 60 * nm, SpaceSOT: 40 * nm, SpaceMTJ: 40 * nm}
	along, across := p.channelBox(&Process{MetalPitchX: 64 * nm, MetalPitchY: 64 * nm})
	if math.Abs(along-150*nm) > 1e-15 || math.Abs(across-128*nm) > 1e-15 {
		t.Errorf("box %g by %g", along, across)
	}
}
