//go:build long

package schedule

import (
	"testing"

	"stco/model/workload"
)

// TestEveryNetworkCurve compares all rows of inference.
func TestEveryNetworkCurve(t *testing.T) {
	if mean := published(t, workload.Inference, groupsColumn, 2.2, func(string, int, float64) bool { return true }); mean > 1.10 {
		t.Errorf("geometric mean %.3f of the attained values", mean)
	}
}

// TestTrainingCurve compares rows of training of BERT-base, batch 4 and 16, with the
// best micro-batch of the independent program (column network_B). It keeps only
// operands of multiplications, and updates and normalisation move nothing there.
func TestTrainingCurve(t *testing.T) {
	if mean := published(t, workload.Training, 6, 2.5, func(_ string, batch int, mib float64) bool {
		return batch <= 16 && mib >= 4
	}); mean > 1.6 {
		t.Errorf("geometric mean %.3f of the attained values", mean)
	}
}
