package model

import (
	"math"

	"stco/model/device"
)

// LimitUse is the share of a limit that a design takes, 1 at the limit; NaN for
// one that is only met or missed, or that the design is not held to.
func (r *Report) LimitUse(i int) float64 {
	v := r.Violations[i]
	switch {
	case v == -1: // what Evaluate leaves where a limit does not apply
		return math.NaN()
	case i < device.NumViolations:
		return device.LimitUse(i, v)
	case i == retentionViolation, i == enduranceViolation:
		return math.Exp(v)
	case i == traceViolation:
		return math.NaN()
	}
	return 1 + v
}
