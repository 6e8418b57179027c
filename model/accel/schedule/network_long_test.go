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

// TestEveryTrainingCurve compares all rows of batch 4 and 16 that are not compulsory
// traffic alone.
func TestEveryTrainingCurve(t *testing.T) {
	if mean := published(t, workload.Training, networkColumn, 2, func(_ string, batch int, mib float64) bool {
		return batch <= 16 && mib >= 4 && mib <= 1024
	}); mean > 1.45 {
		t.Errorf("geometric mean %.3f of the attained values", mean)
	}
}
