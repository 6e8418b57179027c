package units

import (
	"math"
	"strconv"
	"strings"
)

// Format prints the SI value v of dimension d with four significant digits and
// a fitting prefix. Values that are not finite print as NaN, +Inf or -Inf.
func Format(v float64, d Dimension) string { return format(v, d, 4) }

// FormatExact prints v so that ParseAs returns the same value bit for bit.
func FormatExact(v float64, d Dimension) string { return format(v, d, -1) }

func format(v float64, d Dimension, digits int) string {
	shown := d.Units()
	if math.IsNaN(v) || math.IsInf(v, 0) || len(shown) == 0 {
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	if d == DimBytes {
		return formatBinary(v, shown, digits)
	}
	text := strconv.FormatFloat(v, 'e', max(digits-1, -1), 64)
	rounded, err := strconv.ParseFloat(text, 64)
	if err != nil { // rounding up the largest float overflows
		rounded = v
	}
	name, pow10 := shown[0], scale10(shown[0])
	if v == 0 {
		for _, s := range shown {
			if p := scale10(s); p == 0 {
				name, pow10 = s, p
			}
		}
	}
	for _, s := range shown[1:] {
		if p := scale10(s); math.Abs(rounded) >= math.Pow10(p) {
			name, pow10 = s, p
		}
	}
	out := shiftPoint(text, -pow10)
	if name == "1" {
		return out
	}
	return out + name
}

// scale10 returns the power of ten of a printer's unit; all but the binary ones
// are pure powers of ten.
func scale10(unit string) int {
	u, err := ParseUnit(unit)
	if err != nil {
		return 0
	}
	return u.pow10
}

// formatBinary scales by powers of 1024, which is exact.
func formatBinary(v float64, shown []string, digits int) string {
	i := 0
	for i+1 < len(shown) && math.Abs(v) >= 1024 {
		v /= 1024
		i++
	}
	if digits > 0 && v == math.Trunc(v) && math.Abs(v) < 1e6 {
		digits = -1
	}
	return trim(strconv.FormatFloat(v, 'g', digits, 64)) + shown[i]
}

// shiftPoint multiplies a number in e-notation by 10^shift in text, exactly,
// and writes it without an exponent where that is short.
func shiftPoint(text string, shift int) string {
	mantissa, exp, _ := strings.Cut(text, "e")
	e, err := strconv.Atoi(exp)
	if err != nil {
		return text
	}
	sign := ""
	if strings.HasPrefix(mantissa, "-") {
		sign, mantissa = "-", mantissa[1:]
	}
	digits := strings.TrimRight(strings.Replace(mantissa, ".", "", 1), "0")
	if digits == "" {
		return sign + "0"
	}
	e += shift // value = d.ddd * 10^e
	switch {
	case e < -4 || e > 6:
		if len(digits) > 1 {
			digits = digits[:1] + "." + digits[1:]
		}
		return sign + digits + "e" + strconv.Itoa(e)
	case e < 0:
		return sign + "0." + strings.Repeat("0", -e-1) + digits
	case len(digits) <= e+1:
		return sign + digits + strings.Repeat("0", e+1-len(digits))
	default:
		return sign + digits[:e+1] + "." + digits[e+1:]
	}
}

// trim removes trailing zeros of a plain decimal.
func trim(s string) string {
	if !strings.Contains(s, ".") || strings.ContainsAny(s, "eE") {
		return s
	}
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}
