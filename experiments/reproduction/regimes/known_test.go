package regimes

import (
	"math"
	"testing"
)

// TestKnownRatios: each lies within its bounds, and is the number that its source
// prints: so many times smaller, or so much per cent that must go to match.
func TestKnownRatios(t *testing.T) {
	s := knownRatios()
	printed := map[string]float64{"SOT cache": 100 / 2.8, "STT cache": 100 / 2.4, "STT macro": 43.3, "VG-SOT, four junctions a track": 100.0 / 3, "SOT 2T1R cell": 100 / (1 - 0.25)}
	for i, r := range s.Rows {
		if !(r[3] <= r[2] && r[2] <= r[4]) || math.Abs(100*r[2]-printed[s.Text(i, 0)]) > 1e-9 {
			t.Errorf("%s: %g, from %g to %g", s.Text(i, 0), r[2], r[3], r[4])
		}
	}
	if len(s.Rows) != len(printed) {
		t.Errorf("%d rows", len(s.Rows))
	}
	last := s.Rows[len(s.Rows)-1]
	if math.Abs(last[3]-1/(1-0.10)) > 1e-12 || math.Abs(last[4]-1/(1-0.40)) > 1e-12 {
		t.Error(last)
	}
}
