package device

import (
	"errors"
	"fmt"

	"stco/model/units"
)

// Guard is the criterion by which the spread of the thermal stability factor
// is judged.
type Guard uint8

// The criteria.
const (
	KSigma          Guard = iota // the device at Sigma standard deviations holds the data (E35)
	MeanProbability              // the mean failure probability of the population counts (E8)
)

// Operating is what a bitcell is judged at.
type Operating struct {
	Cold, Nominal, Hot units.Temperature // writes are sized cold, retention and reads judged hot
	Sigma              float64           // process guard-band in standard deviations (E35, E36)
	Guard              Guard
	BitError           float64 // raw bit error rate allowed per use, split equally over four causes (E38)
	// Lifetime is the time data must be held; 0 if the caller judges
	// Figures.Retention.
	Lifetime units.Time
	// Spread is one device of the population; the zero value is the nominal one.
	Spread Spread
}

// Validate checks every condition against its range and lists all that are
// outside.
func (o *Operating) Validate() error {
	var errs []error
	check := func(name string, v, lo, hi float64, d units.Dimension) {
		if !(v >= lo && v <= hi) {
			errs = append(errs, fmt.Errorf("operating %s = %s is outside %s to %s", name,
				units.Format(v, d), units.Format(lo, d), units.Format(hi, d)))
		}
	}
	check("t_cold", float64(o.Cold), 150, 450, units.DimTemperature)
	check("t_nominal", float64(o.Nominal), float64(o.Cold), float64(o.Hot), units.DimTemperature)
	check("t_hot", float64(o.Hot), 150, 450, units.DimTemperature)
	check("sigma", o.Sigma, 0, 8, units.DimRatio)
	check("guard", float64(o.Guard), 0, float64(MeanProbability), units.DimRatio)
	check("bit_error", o.BitError, 1e-30, 0.1, units.DimRatio)
	check("lifetime", float64(o.Lifetime), 0, 1e11, units.DimTime)
	return errors.Join(errs...)
}
