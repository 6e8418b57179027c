package residency

import (
	"testing"

	"stco/model/accel/tiling"
	"stco/model/workload"
	"stco/model/workload/lower"
	"stco/model/workload/suite"
)

// TestNetworks checks on a few networks (TestEveryNetwork: on all), at a small batch: no capacity needs less
// than the compulsory traffic or more than every step alone; with room for
// everything the traffic is compulsory; every step alone is the sum of the
// operators' own curves.
func TestNetworks(t *testing.T) {
	checkNetworks(t, []string{"resnet18", "shufflenet_v2_x1_0", "lstm_1024x2", "dlrm"})
}

func checkNetworks(t *testing.T, names []string) {
	t.Helper()
	curves, known := NewCurves(), map[curveKey][]tiling.Point{}
	for _, name := range names {
		for _, phase := range []workload.Phase{workload.Inference, workload.Training, workload.Decode} {
			o, err := suite.DefaultOptions(name, phase)
			if err != nil {
				continue // generates no tokens
			}
			o.Batch = 2
			net, err := suite.Build(name, o)
			if err != nil {
				continue
			}
			tr, err := lower.Trace(net, o)
			if err != nil {
				t.Fatal(err)
			}
			p, err := New(tr, Conventions{AccumBytes: 4, Curves: curves})
			if err != nil {
				t.Fatal(err)
			}
			for _, capacity := range []int64{256 << 10, 8 << 20, 200 << 20} {
				alone := p.Alone(capacity).Total()
				got := p.Run(capacity).Total()
				if got < p.Compulsory()-0.5 || got > alone+0.5 {
					t.Errorf("%s %s at %d B: %.0f B of traffic, compulsory %.0f, every step alone %.0f", name, phase, capacity, got, p.Compulsory(), alone)
				}
				if sum := sumOfSteps(p, known, capacity); alone < sum-0.5 || alone > 1.02*sum {
					t.Errorf("%s %s at %d B: every step alone moves %.0f B, the operators' curves say %.0f", name, phase, capacity, alone, sum)
				}
			}
			if got := p.Run(1 << 44).Total(); got != p.Compulsory() {
				t.Errorf("%s %s: %.0f B of traffic in a buffer that holds everything, compulsory %.0f", name, phase, got, p.Compulsory())
			}
		}
	}
}

// sumOfSteps adds the least traffic of each step by itself.
func sumOfSteps(p *Manager, known map[curveKey][]tiling.Point, capacity int64) float64 {
	sum := 0.0
	for i := range p.steps {
		st, s := &p.steps[i], &p.trace.Steps[i]
		if st.nest {
			var bytes [3]float64
			for g, role := range st.roles {
				bytes[role] = st.elem[g]
			}
			key := curveKey{nest: s.Nest, bytes: bytes}
			if known[key] == nil {
				known[key] = tiling.Curve(&s.Nest, &tiling.Conventions{ElemBytes: bytes, PartialBytes: 4, DoubleBuffer: true})
			}
			point, _ := tiling.At(known[key], capacity)
			sum += float64(point.Total()) - st.unsaved
		}
		for _, u := range st.uses {
			if u.part == extraRead || u.part == extraWrite && (st.touches[u.touch].next != none || p.data[u.tensor].output) {
				sum += float64(u.bytes)
			}
		}
	}
	return sum
}
