package device

import "math"

// LimitUse is the share of a limit that a bitcell takes, 1 at the limit, from its
// violation; NaN for one that is only met or missed.
func LimitUse(i int, violation float64) float64 {
	switch i {
	case unswitchable, lifetime:
		return 1 / max(1-violation, 1e-9) // what is asked for over what there is
	case readError, readDisturb:
		return math.Pow(10, errorScale*violation)
	case density, heating, headroom, barrierField:
		return 1 + violation
	}
	return math.NaN()
}
