package accel

import (
	"math"
	"math/rand/v2"
	"testing"

	"stco/model/accel/residency"
	"stco/model/accel/schedule"
	"stco/model/workload"
)

// TestLeastProduct: no schedule has less than the bound by which Evaluate passes over
// it, and with the bound Evaluate takes what it takes without.
func TestLeastProduct(t *testing.T) {
	p := splitPlan(t, "mobilenet_v3_small", workload.Inference, 16, residency.NewCurves(), schedule.Groups)
	r := rand.New(rand.NewPCG(1, 2))
	passed, looked, tight := 0, 0, 0.0
	for _, capacity := range []int64{256 << 10, 1 << 20, 3 << 20, 12 << 20} {
		table, err := p.Table(capacity)
		if err != nil {
			t.Fatal(err)
		}
		for range 50 {
			m, s := testMemory(), Scratch{}
			m.DRAMTime, m.Clock, m.DRAMEnergy = 1e-12*math.Exp(6*r.Float64()), 1e8*math.Exp(3*r.Float64()), 1e-12*math.Exp(6*r.Float64())
			m.Retention = math.Inf(1)
			var best Cost
			for i, x := range append([]*Traffic{table}, table.others...) {
				var c Cost
				x.evaluate(&m, &s, &c)
				share := x.leastProduct(&m) / (c.Energy.Total() * c.Latency)
				if tight = max(tight, share); share > 1 {
					t.Errorf("%d B: %g of the product is called the least", capacity, share)
				}
				if i > 0 && x.leastProduct(&m) > best.Energy.Total()*best.Latency {
					passed++
				}
				if looked++; i == 0 || c.better(&best) {
					best = c
				}
			}
			var got Cost
			if Evaluate(table, &m, &s, &got); got.Energy != best.Energy || got.Latency != best.Latency {
				t.Errorf("%d B: %g J and %g s, the best of all %g J and %g s", capacity, got.Energy.Total(), got.Latency, best.Energy.Total(), best.Latency)
			}
		}
	}
	if t.Logf("%d of %d passed over, the bound at best %.3f of the product", passed, looked, tight); passed < looked/10 || tight < 0.8 {
		t.Errorf("%d of %d are passed over, the bound is at best %.3f of the product", passed, looked, tight)
	}
}
