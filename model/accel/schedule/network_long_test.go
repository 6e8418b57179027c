//go:build long

package schedule

import "testing"

// TestEveryNetworkCurve compares all rows of inference.
func TestEveryNetworkCurve(t *testing.T) {
	if mean := published(t, 2.2, func(string, int, float64) bool { return true }); mean > 1.10 {
		t.Errorf("geometric mean %.3f of the attained values", mean)
	}
}
