package plot

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"

	"stco/results"
)

// axis is a quantity shown in a prefix of its unit.
type axis struct {
	label  string
	factor float64
	log    bool
	lo, hi float64 // after division by factor
}

// axisOf fits an axis to the values of a column; over a factor of five or more
// it is logarithmic.
func axisOf(c results.Column, values []float64) axis {
	unit, factor := c.Scaled(values)
	a := axis{label: strings.ReplaceAll(c.Title(), "_", " "), factor: factor, lo: math.Inf(1), hi: math.Inf(-1)}
	if unit != "" {
		a.label += " (" + ascii(unit) + ")"
	}
	for _, v := range values {
		if drawable(v, false) {
			a.lo, a.hi = min(a.lo, v/factor), max(a.hi, v/factor)
		}
	}
	a.log = a.lo > least && a.hi >= 5*a.lo
	return a
}

// Bounds of what an axis can show, far inside those of a float64.
const (
	least = 1e-150
	most  = 1e150
)

// drawable tells values that have a place on an axis.
func drawable(v float64, log bool) bool {
	return math.Abs(v) < most && (!log || v > least)
}

// ascii replaces what the standard encoding of PDF fonts lacks.
func ascii(s string) string { return strings.ReplaceAll(s, "Ω", "Ohm") }

// apply sets an axis of a plot, with a margin of a share of the range.
func (a *axis) apply(ax *plot.Axis, margin float64) {
	ax.Min, ax.Max = a.lo, a.hi
	switch {
	case a.lo > a.hi: // no value
		ax.Min, ax.Max = 0, 1
	case a.lo == a.hi:
		half := 0.1 * math.Abs(a.lo)
		if half == 0 {
			half = 1
		}
		ax.Min, ax.Max = a.lo-half, a.hi+half
	case a.log:
		grow := math.Pow(a.hi/a.lo, margin)
		ax.Min, ax.Max = a.lo/grow, a.hi*grow
		ax.Scale, ax.Tick.Marker = plot.LogScale{}, plot.TickerFunc(logTicks)
	default:
		ax.Min, ax.Max = a.lo-margin*(a.hi-a.lo), a.hi+margin*(a.hi-a.lo)
		if a.lo >= 0 && ax.Min < 0 {
			ax.Min = 0
		}
	}
}

// tickText is a number at an axis: short, in powers of ten when far from 1.
func tickText(v float64) string {
	s := strconv.FormatFloat(v, 'g', 6, 64)
	mantissa, exponent, ok := strings.Cut(s, "e")
	if !ok {
		return s
	}
	e, err := strconv.Atoi(exponent)
	switch {
	case err != nil:
		return s
	case mantissa == "1":
		return power(e)
	case mantissa == "-1":
		return "-" + power(e)
	}
	return mantissa + "×" + power(e)
}

// linearTicks are about five round numbers of one step.
func linearTicks(lo, hi float64) []plot.Tick {
	if hi-lo <= 1e-9*max(math.Abs(lo), math.Abs(hi)) {
		return []plot.Tick{{Value: lo, Label: tickText(lo)}}
	}
	const wanted = 5
	raw := (hi - lo) / wanted
	unit := math.Pow(10, math.Floor(math.Log10(raw)))
	step := 10 * unit
	for _, m := range []float64{1, 2, 5} {
		if m*unit >= 0.8*raw {
			step = m * unit
			break
		}
	}
	var ticks []plot.Tick
	for i := math.Ceil(lo/step - 1e-9); i*step <= hi+1e-9*step; i++ {
		v := i * step
		// The step's own rounding would show in the last digits.
		v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 12, 64), 64)
		v += 0 // no -0
		ticks = append(ticks, plot.Tick{Value: v, Label: tickText(v)})
	}
	return ticks
}

// logTicks mark every digit of every decade. Decades have numbers, thinned out
// when there are many; 2 and 5 too when there are few; below one decade the
// numbers are those of a linear axis.
func logTicks(lo, hi float64) []plot.Tick {
	decades := math.Log10(hi / lo)
	if decades < 1 {
		return linearTicks(lo, hi)
	}
	every := int(math.Ceil(decades / 7))
	var ticks []plot.Tick
	for e := int(math.Floor(math.Log10(lo))); e <= int(math.Ceil(math.Log10(hi))); e++ {
		for m := 1; m < 10; m++ {
			v := float64(m) * math.Pow10(e)
			if v < lo*(1-1e-9) || v > hi*(1+1e-9) || m > 1 && every > 1 {
				continue
			}
			t := plot.Tick{Value: v}
			switch {
			case m == 1 && e%every == 0 && decades > 4.5:
				t.Label = power(e)
			case m == 1 && e%every == 0, (m == 2 || m == 5) && decades < 2.2:
				t.Label = tickText(v)
			}
			ticks = append(ticks, t)
		}
	}
	return ticks
}

// binaryTicks mark powers of two, for values that all are; nil for others.
func binaryTicks(values []float64) plot.Ticker {
	var at []float64
	for _, v := range values {
		if f, _ := math.Frexp(v); f != 0.5 {
			return nil
		}
		at = append(at, v)
	}
	slices.Sort(at)
	at = slices.Compact(at)
	every := (len(at) + 9) / 10
	var ticks plot.ConstantTicks
	for i, v := range at {
		t := plot.Tick{Value: v}
		if i%every == 0 {
			t.Label = tickText(v)
		}
		ticks = append(ticks, t)
	}
	return ticks
}
