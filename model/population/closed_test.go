package population

import (
	"math"
	"testing"

	"stco/model/device"
	"stco/model/tech"
)

// TestGuardByHand: Wilson's 95 % intervals as tables of them have it (Newcombe,
// Statistics in Medicine 17, 857, 1998, method 3, for 15/148, 0/20 and 1/29),
// and shares of a normal distribution.
func TestGuardByHand(t *testing.T) {
	for _, c := range []struct {
		n, beyond int
		low, high float64
	}{{263, 81, 0.2553, 0.3662}, {148, 15, 0.0624, 0.1605}, {20, 0, 0, 0.1611}, {29, 1, 0.0061, 0.1718}, {20, 20, 0.8389, 1}} {
		g := guard(7, 2, c.n, c.beyond)
		if math.Abs(g.Low-c.low) > 6e-5 || math.Abs(g.High-c.high) > 6e-5 || g.Sampled != float64(c.beyond)/float64(c.n) || g.Limit != 7 {
			t.Errorf("%d of %d: %+v, want %g to %g", c.beyond, c.n, g, c.low, c.high)
		}
	}
	for k, share := range map[float64]float64{0: 0.5, 1: 0.15865525, 2: 0.02275013, 3: 0.00134990} {
		if g := guard(0, k, 10, 1); math.Abs(g.Expected-share) > 1e-8 {
			t.Errorf("%g sigma: %g, want %g", k, g.Expected, share)
		}
	}
	if n := count([]float64{1, 2, 3, 4}, func(v float64) bool { return v > 2.5 }); n != 2 {
		t.Errorf("%d of 4 are above 2.5", n)
	}
}

// TestDescribe: the numbers 1 to 1000 in another order.
func TestDescribe(t *testing.T) {
	var v []float64
	for i := range 1000 {
		v = append(v, float64((i*387)%1000)+1)
	}
	d := describe(v, 42)
	if d.Nominal != 42 || d.Least != 1 || d.Most != 1000 || d.Mean != 500.5 || math.Abs(d.Sigma-math.Sqrt(1000*1001/12.)) > 1e-9 {
		t.Errorf("%+v", d)
	}
	for i, p := range Probabilities() {
		if math.Abs(d.Quantiles[i]-1000*p) > 1 {
			t.Errorf("quantile %g is %g", p, d.Quantiles[i])
		}
	}
	if len(d.Quantiles) != 7 {
		t.Errorf("%d quantiles", len(d.Quantiles))
	}
}

// TestQuantities: each quantity is the figure of its name.
func TestQuantities(t *testing.T) {
	s := &device.Sample{}
	s.DeltaNominal, s.DeltaHot, s.WriteCurrent, s.HalfCurrent, s.Signal, s.Margin, s.Retention = 2, 3, 5, 7, 11, 13, 17
	s.WriteError, s.RetentionError = 1e-3, 1e-4
	for q, want := range map[Quantity]float64{
		DeltaNominal: 2, DeltaHot: 3, WriteCurrent: 5, HalfCurrent: 7, ReadSignal: 11, ReadMargin: 13, Retention: 17, WriteError: 1e-3, HoldError: 1e-4,
	} {
		if got := of(q, s); got != want {
			t.Errorf("quantity %d is %g, want %g", q, got, want)
		}
	}
	if got := of(BitError, s); got < 1.1e-3*(1-1e-3) || got > 1.1e-3 {
		t.Errorf("all causes are %g", got)
	}
	if !math.IsNaN(of(Quantities, s)) {
		t.Error("no quantity has a value")
	}
}

// TestSampleSizes: the least and what is beyond the range; rates and their
// errors are mean and deviation of the devices.
func TestSampleSizes(t *testing.T) {
	tables, err := tech.Load()
	if err != nil {
		t.Fatal(err)
	}
	p, err := device.Preset(tables, "macrospin")
	if err != nil {
		t.Fatal(err)
	}
	c := device.Process{
		Vdd: 0.8, FinPitch: 48e-9, GatePitch: 78e-9, MetalPitchX: 64e-9, MetalPitchY: 64e-9, FinWidth: 92e-9,
		OnCurrent: 54.7e-6, OffCurrent: 1e-9, GateCap: 1e-16, DrainCap: 1e-16,
	}
	o := device.Operating{Cold: 300, Nominal: 300, Hot: 358, Sigma: 1, BitError: 4e-6, Lifetime: 1}
	var f device.Figures
	var cell device.Cell
	device.Evaluate(&p, &c, &o, &f, &cell)
	for _, n := range []int{-1, 0, 9, 2_000_001} {
		if _, err := Sample(&p, &c, &o, &f, n, 1); err == nil {
			t.Errorf("%d samples are accepted", n)
		}
	}
	if _, err := Sample(&p, &c, &o, &f, 10, 1); err != nil {
		t.Fatal(err)
	}
	r, err := Sample(&p, &c, &o, &f, 400, 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]struct {
		rate Rate
		of   Quantity
	}{"write": {r.Write, WriteError}, "hold": {r.Hold, HoldError}, "bit": {r.Bit, BitError}} {
		d := r.Distributions[x.of]
		if x.rate.Sampled != d.Mean && math.Abs(x.rate.Sampled/d.Mean-1) > 1e-12 || math.Abs(x.rate.Error*20/d.Sigma-1) > 1e-12 {
			t.Errorf("%s: %g +- %g of devices with %g +- %g", name, x.rate.Sampled, x.rate.Error, d.Mean, d.Sigma)
		}
	}
	if r.Samples != 400 || r.Current.Limit != float64(f.WriteCurrent) || r.Stability.Limit != f.DeltaWorst {
		t.Errorf("%d samples, limits %g A and %g", r.Samples, r.Current.Limit, r.Stability.Limit)
	}
	if sum := r.Write.Expected + r.Hold.Expected + r.Read.Expected + r.Disturb.Expected; r.Bit.Expected > sum*(1+1e-12) || r.Bit.Expected < sum*0.9 {
		t.Errorf("all causes are %g, each %g together", r.Bit.Expected, sum)
	}
}
