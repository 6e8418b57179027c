// Package population samples the devices of a memory array: distributions of
// what differs from cell to cell, error rates of one use by cause, and the yield
// of an array with and without an error-correcting code.
//
//	bitcell, node, conditions, number, seed -> Sample -> Result
//
// Every cell is written with the current of the nominal design, at the cold
// temperature, and read and held at the hot one (package device, Draw). Sampled
// error rates resolve what a sample of that size can hold; beside them stand
// the rates integrated over the distributions (device.Expected), which need no
// sample. The package does not print.
package population

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"

	"stco/model/device"
)

// The range of the number of samples.
const (
	Least = 10
	Most  = 2_000_000
)

// Quantity is what differs from device to device.
type Quantity uint8

// The quantities.
const (
	DeltaNominal Quantity = iota // thermal stability factor at the nominal temperature
	DeltaHot                     // hot
	WriteCurrent                 // A, what the device needs for the write share of the budget, cold
	HalfCurrent                  // A, at which half of its writes fail, cold
	ReadSignal                   // A, half the difference of its read currents, hot
	ReadMargin                   // A, to the reference of the nominal device, hot
	Retention                    // s, at the retention share of the budget, hot
	WriteError                   // of the nominal write current
	HoldError                    // over the lifetime of the data
	BitError                     // of one use, all causes
	Quantities                   // number of quantities
)

// Probabilities are those of the quantiles of a Distribution.
func Probabilities() []float64 { return []float64{0.001, 0.01, 0.05, 0.5, 0.95, 0.99, 0.999} }

// Distribution describes one quantity over the sample, SI.
type Distribution struct {
	Nominal, Mean, Sigma float64
	Least, Most          float64
	Quantiles            []float64 // at Probabilities
}

// Rate is an error rate of one use of a bit over the population.
type Rate struct {
	Expected float64 // integrated over the distributions
	Sampled  float64 // mean over the sample
	Error    float64 // standard error of Sampled
}

// Guard counts the devices beyond the process guard-band of a quantity.
type Guard struct {
	Limit    float64 // SI
	Expected float64 // share beyond it of a normal distribution with the spreads of E35 and E36
	Sampled  float64 // share beyond it of the sample
	Low      float64 // of the 95 % interval of the share (Wilson)
	High     float64
}

// Result is a sampled population.
type Result struct {
	Samples       int
	Distributions [Quantities]Distribution
	Write         Rate
	Hold          Rate
	Read          Rate
	Disturb       Rate
	Bit           Rate  // all causes
	Current       Guard // devices that need more than the write current
	Stability     Guard // devices below the guard-banded stability, hot
}

// Sample draws n devices with a seed. nominal is what device.Evaluate gave for
// the same parameters and conditions.
func Sample(p *device.Params, c *device.Process, o *device.Operating, nominal *device.Figures, n int, seed uint64) (*Result, error) {
	if n < Least || n > Most {
		return nil, errors.New("number of samples out of range")
	}
	rng := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // reproducible sampling
	r := &Result{Samples: n}
	var values [Quantities][]float64
	for q := range values {
		values[q] = make([]float64, n)
	}
	causes := [5][]float64{}
	for k := range causes {
		causes[k] = make([]float64, n)
	}
	var s device.Sample
	for i := range n {
		device.Draw(p, c, o, nominal, rng, &s)
		e := s.Errors()
		for q := range values {
			values[q][i] = of(Quantity(q), &s)
		}
		for k, v := range [...]float64{e.Write, e.Retention, e.Read, e.Disturb, s.Error()} {
			causes[k][i] = v
		}
	}
	expected := device.Expected(p, o, nominal)
	for k, rate := range [...]struct {
		to       *Rate
		expected float64
	}{
		{&r.Write, expected.Write},
		{&r.Hold, expected.Retention},
		{&r.Read, expected.Read},
		{&r.Disturb, expected.Disturb},
		{&r.Bit, expected.Total()},
	} {
		mean, sigma := stat.MeanStdDev(causes[k], nil)
		*rate.to = Rate{Expected: rate.expected, Sampled: mean, Error: sigma / math.Sqrt(float64(n))}
	}
	limit := float64(nominal.WriteCurrent)
	r.Current = guard(limit, o.Sigma, n, count(values[WriteCurrent], func(v float64) bool { return v > limit }))
	r.Stability = guard(nominal.DeltaWorst, o.Sigma, n, count(values[DeltaHot], func(v float64) bool { return v < nominal.DeltaWorst }))

	var mid device.Sample
	device.Judge(p, c, o, nominal, &device.Spread{}, &mid)
	for q := range values {
		r.Distributions[q] = describe(values[q], of(Quantity(q), &mid))
	}
	return r, nil
}

// of returns a quantity of a device.
func of(q Quantity, s *device.Sample) float64 {
	switch q {
	case DeltaNominal:
		return s.DeltaNominal
	case DeltaHot:
		return s.DeltaHot
	case WriteCurrent:
		return s.WriteCurrent
	case HalfCurrent:
		return s.HalfCurrent
	case ReadSignal:
		return s.Signal
	case ReadMargin:
		return s.Margin
	case Retention:
		return s.Retention
	case WriteError:
		return s.WriteError
	case HoldError:
		return s.RetentionError
	case BitError:
		return s.Error()
	case Quantities:
	}
	return math.NaN()
}

// describe sorts the values of a quantity and returns their distribution.
func describe(values []float64, nominal float64) Distribution {
	slices.Sort(values)
	d := Distribution{Nominal: nominal, Least: values[0], Most: values[len(values)-1]}
	d.Mean, d.Sigma = stat.MeanStdDev(values, nil)
	for _, p := range Probabilities() {
		d.Quantiles = append(d.Quantiles, stat.Quantile(p, stat.LinInterp, values, nil))
	}
	return d
}

func count(values []float64, beyond func(float64) bool) int {
	n := 0
	for _, v := range values {
		if beyond(v) {
			n++
		}
	}
	return n
}

// guard compares the share beyond k standard deviations with a sample's.
func guard(limit, k float64, n, beyond int) Guard {
	share := float64(beyond) / float64(n)
	const z = 1.959963984540054 // of 95 %
	centre := (share + z*z/(2*float64(n))) / (1 + z*z/float64(n))
	half := z / (1 + z*z/float64(n)) * math.Sqrt(share*(1-share)/float64(n)+z*z/(4*float64(n)*float64(n)))
	return Guard{
		Limit: limit, Expected: math.Erfc(k/math.Sqrt2) / 2, Sampled: share,
		Low: max(centre-half, 0), High: min(centre+half, 1),
	}
}
