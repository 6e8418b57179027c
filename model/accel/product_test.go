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

// TestLifetimeFromAWindow by hand: two lifetimes over a window of two rows that wait
// for DRAM. The one from before it sees the latency of the first data, the one that
// begins in it does not and must not stand for it.
func TestLifetimeFromAWindow(t *testing.T) {
	table := &Traffic{outer: 1, loads: []load{
		{cycles: 10, repeat: 1, after: -1},
		{dram: 10, dramRead: 5, repeat: 1, room: 10, after: -1, fills: 1},
		{dram: 10, dramRead: 5, repeat: 1, room: 10, after: -1, fills: 1},
	}}
	table.DRAMRead[0], table.DRAMWrite[0] = 10, 10
	for _, stays := range [][]residency.Stay{{{From: 1, To: 2}, {From: 0, To: 1}}, {{From: 0, To: 1}, {From: 1, To: 2}}} {
		table.stays[3] = stays
		table.live[3] = []float64{1, 1, 1}
		table.digest = newDigest(table)
		m := Memory{Clock: 1e9, DRAMTime: 1e-12, DRAMLatency: 1e-8, Retention: math.Inf(1), Endurance: math.Inf(1), Capacity: 1, WearLeveling: 1}
		m.ReadLatency, m.WriteLatency = 3e-9, 2e-9
		var s Scratch
		var c Cost
		Evaluate(table, &m, &s, &c)
		if want := walked(table, &m); math.Abs(c.Lifetime[3]-want.Lifetime[3]) > 1e-15 || want.Lifetime[3] < 1e-8 {
			t.Errorf("%v: %g s, step by step %g", stays, c.Lifetime[3], want.Lifetime[3])
		}
	}
}
