//go:build long

package accel

import (
	"testing"

	"stco/model/workload"
	"stco/model/workload/suite"
)

// TestEveryBatch checks every network, phase and capacity.
func TestEveryBatch(t *testing.T) {
	var all []int64
	for k := range GridSize {
		if c := GridCapacity(k); c <= 1<<30 {
			all = append(all, c)
		}
	}
	for _, name := range suite.Names("") {
		for _, phase := range []workload.Phase{workload.Inference, workload.Training, workload.Decode} {
			t.Run(name+" "+phase.String(), func(t *testing.T) { checkBatches(t, name, phase, []int{1, 4, 16, 64}, all) })
		}
	}
}

// TestTwinOfMany holds windows of every network of the suites to the event twin.
func TestTwinOfMany(t *testing.T) {
	for _, name := range suite.Names("") {
		for _, phase := range []workload.Phase{workload.Inference, workload.Training} {
			t.Run(name+" "+phase.String(), func(t *testing.T) { checkTwin(t, name, phase, 4, []int64{2, 16, 64, 256}, 38.4, 460) })
		}
	}
}
