package device

import (
	"math"
	"testing"
)

// TestLimitUse: what a limit is used to is found again from the violation.
func TestLimitUse(t *testing.T) {
	for _, c := range []struct {
		name            string
		i               int
		violation, want float64
	}{
		{"rate of 3e-9 under a limit of 1e-8", readError, excess(3e-9, 1e-8), 0.3},
		{"rate over its limit", readDisturb, excess(5e-8, 1e-8), 5},
		{"density of 0.8 of the limit", density, 0.8 - 1, 0.8},
		{"stability of 40 where 30 is asked for", lifetime, (30. - 40) / 30, 0.75},
		{"field of 0.2 of that at which nothing switches", unswitchable, (1. - 5) / 1, 0.2},
	} {
		if got := LimitUse(c.i, c.violation); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s: %g, not %g", c.name, got, c.want)
		}
	}
	for _, i := range []int{unstable, errorFloor, noBarrier} {
		if got := LimitUse(i, 0.3); !math.IsNaN(got) {
			t.Errorf("%s: %g of a limit that is met or missed", ViolationName(i), got)
		}
	}
}
