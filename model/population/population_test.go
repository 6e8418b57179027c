package population_test

import (
	"math"
	"reflect"
	"testing"

	"stco/model/device"
	"stco/model/population"
	"stco/model/tech"
	"stco/model/units"
)

// cell evaluates a preset at 14 nm.
func cell(tb testing.TB, preset string, o *device.Operating, change func(*device.Params)) (device.Params, device.Process, device.Figures) {
	tb.Helper()
	t, err := tech.Load()
	if err != nil {
		tb.Fatal(err)
	}
	p, err := device.Preset(t, preset)
	if err != nil {
		tb.Fatal(err)
	}
	change(&p)
	n := device.Process{
		Vdd: 0.8, FinPitch: 48e-9, GatePitch: 78e-9, MetalPitchX: 64e-9, MetalPitchY: 64e-9, FinWidth: 92e-9,
		OnCurrent: 54.7e-6, OffCurrent: 1e-9, GateCap: 1e-16, DrainCap: 1e-16,
	}
	var f device.Figures
	var c device.Cell
	device.Evaluate(&p, &n, o, &f, &c)
	return p, n, f
}

// TestRates compares the mean error rates of a sample with those integrated
// over the distributions, where a sample can resolve them: with a small
// guard-band, long lifetimes, hot cells and scattered resistances.
func TestRates(t *testing.T) {
	const n = 40_000
	for _, c := range []struct {
		preset string
		sigma  float64
		life   units.Time
		change func(*device.Params)
	}{
		{"macrospin", 0, 1, func(p *device.Params) { p.SigmaResistance = 0.12 }},
		{"macrospin", 1, 1e3, func(p *device.Params) { p.SigmaResistance = 0.15 }},
		{"ref-w", 1, 10, func(p *device.Params) { p.STTAlpha, p.Alpha = 0.02, 0.02 }},
		{"optimistic-nucleation", 0.5, 100, func(p *device.Params) { p.CVDiameter = 0.05 }},
		{"stt-ref", 0, 1e4, func(*device.Params) {}},
	} {
		o := device.Operating{Cold: 300, Nominal: 300, Hot: 358, Sigma: c.sigma, BitError: 4e-6, Lifetime: c.life}
		p, process, f := cell(t, c.preset, &o, c.change)
		r, err := population.Sample(&p, &process, &o, &f, n, 1)
		if err != nil {
			t.Fatal(err)
		}
		compared := 0
		for _, x := range []struct {
			name string
			rate population.Rate
			tol  float64 // of the closed form: first-order spreads
		}{{"write", r.Write, 0.05}, {"hold", r.Hold, 0.02}, {"read", r.Read, 0.05}, {"disturb", r.Disturb, 0.02}} {
			t.Logf("%s, %g sigma, %s: integrated %.4g, sampled %.4g +- %.2g", c.preset, c.sigma, x.name, x.rate.Expected, x.rate.Sampled, x.rate.Error)
			if x.rate.Sampled <= 8*x.rate.Error {
				continue // too rare for a sample of this size
			}
			compared++
			if d := math.Abs(x.rate.Expected - x.rate.Sampled); d > 5*x.rate.Error+x.tol*x.rate.Sampled {
				t.Errorf("%s, %g sigma, %s: integrated %g, sampled %g +- %g", c.preset, c.sigma, x.name, x.rate.Expected, x.rate.Sampled, x.rate.Error)
			}
		}
		if compared < 2 {
			t.Errorf("%s: %d causes are compared", c.preset, compared)
		}
	}
}

// TestSample checks spreads, guard-bands, order of quantiles, and that a seed
// says everything.
func TestSample(t *testing.T) {
	o := device.Operating{Cold: 300, Nominal: 300, Hot: 358, Sigma: 2, BitError: 4e-6, Lifetime: 1e-3}
	p, process, f := cell(t, "macrospin", &o, func(*device.Params) {})
	sample := func(n int, seed uint64) *population.Result {
		r, err := population.Sample(&p, &process, &o, &f, n, seed)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r := sample(20_000, 3)
	d := &r.Distributions[population.DeltaHot]
	if math.Abs(d.Sigma/d.Mean/f.SpreadDelta-1) > 0.02 || math.Abs(d.Mean/f.DeltaHot-1) > 0.003 || d.Nominal != f.DeltaHot {
		t.Errorf("stability factor %g +- %g of nominal %g, want a spread of %g", d.Mean, d.Sigma, f.DeltaHot, f.SpreadDelta)
	}
	for name, g := range map[string]population.Guard{"current": r.Current, "stability": r.Stability} {
		if g.Sampled < g.Low || g.Sampled > g.High || g.Expected < 0.5*g.Low || g.Expected > 1.6*g.High {
			t.Errorf("%s: %g beyond the guard-band, sampled %g (%g to %g)", name, g.Expected, g.Sampled, g.Low, g.High)
		}
	}
	if need := r.Distributions[population.WriteCurrent]; math.Abs(need.Nominal*(1+2*f.SpreadCurrent)/float64(f.WriteCurrent)-1) > 1e-9 {
		t.Errorf("nominal device needs %g A, written with %g A", need.Nominal, float64(f.WriteCurrent))
	}
	for q := range r.Distributions {
		d := &r.Distributions[q]
		last := d.Least
		for _, v := range append(d.Quantiles, d.Most) {
			if v < last {
				t.Errorf("quantity %d: quantiles fall from %g to %g", q, last, v)
			}
			last = v
		}
	}
	if !reflect.DeepEqual(sample(2000, 5), sample(2000, 5)) {
		t.Error("the same seed gives other devices")
	}
	if reflect.DeepEqual(sample(2000, 5), sample(2000, 6)) {
		t.Error("another seed gives the same devices")
	}
	if _, err := population.Sample(&p, &process, &o, &f, 3, 1); err == nil {
		t.Error("three samples are accepted")
	}
}
