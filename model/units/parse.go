package units

import (
	"fmt"
	"slices"
	"strings"
)

// Parse reads a quantity written as a decimal number, an optional space and a
// unit: Parse[Time]("0.8ns"). See ParseAs.
func Parse[Q Quantity](s string) (Q, error) {
	v, err := ParseAs(s, DimensionOf[Q]())
	return Q(v), err
}

// ParseAs reads a quantity of dimension d and returns its SI value (bytes for
// data). A decimal number is converted with a single rounding. Errors: no
// number, a number that is not finite and decimal, a missing unit (a ratio has
// none, or %), an unknown unit, a unit of another dimension, a temperature
// below absolute zero.
func ParseAs(s string, d Dimension) (float64, error) {
	text := strings.TrimSpace(s)
	mantissa, _, rest := splitNumber(text)
	if mantissa == "" {
		return 0, fmt.Errorf("%q: want a number with a unit, as in %s", s, example(d))
	}
	number := text[:len(text)-len(rest)]
	unit := strings.TrimSpace(rest)
	if unit == "" {
		if d != DimRatio {
			return 0, fmt.Errorf("%q: a %s needs a unit, one of %s", s, d, understood(d))
		}
		unit = "1"
	}
	if unit[0] == '/' { // "5/s"
		unit = "1" + unit
	}
	u, err := ParseUnit(unit)
	if err != nil {
		return 0, fmt.Errorf("%q: %w; a %s is written in %s", s, err, d, understood(d))
	}
	if !u.Is(d) {
		return 0, fmt.Errorf("%q: %q is not a unit of %s, which is written in %s", s, unit, d, understood(d))
	}
	v, err := u.SI(number)
	if err != nil {
		return 0, fmt.Errorf("%q: %w", s, err)
	}
	if d == DimTemperature && v < 0 {
		return 0, fmt.Errorf("%q: below absolute zero", s)
	}
	return v, nil
}

func example(d Dimension) string {
	if d == DimRatio {
		return "0.5"
	}
	return "1" + d.Units()[len(d.Units())/2]
}

func understood(d Dimension) string {
	shown := d.Units()
	if d == DimRatio {
		shown = []string{"a plain number"}
	}
	return strings.Join(slices.Concat(shown, d.alternatives()), ", ")
}
