//go:build long

package accel

import (
	"testing"

	"stco/model/workload"
	"stco/model/workload/suite"
)

// TestEveryBatch checks every network and phase at four capacities of its own.
func TestEveryBatch(t *testing.T) {
	for _, name := range suite.Names("") {
		for _, phase := range []workload.Phase{workload.Inference, workload.Training, workload.Decode} {
			t.Run(name+" "+phase.String(), func(t *testing.T) {
				checkBatches(t, name, phase, []int{1, 4, 16, 64}, sampled(name, phase, 4), true)
			})
		}
	}
}

// TestEveryCapacity checks networks of all kinds at every capacity, each the best of
// all up to it.
func TestEveryCapacity(t *testing.T) {
	var all []int
	for k := range GridSize {
		if GridCapacity(k) <= 1<<30 {
			all = append(all, k)
		}
	}
	for _, name := range []string{"alexnet", "squeezenet1_0", "resnet18", "mobilenet_v2", "vgg16", "bert_tiny", "gpt2_small", "mixer_s_16", "dlrm", "unet"} {
		for _, phase := range []workload.Phase{workload.Inference, workload.Training, workload.Decode} {
			t.Run(name+" "+phase.String(), func(t *testing.T) { checkBatches(t, name, phase, []int{1, 4, 16, 64}, all, false) })
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
