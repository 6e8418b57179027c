package results

import (
	"math"
	"math/bits"
	"slices"
	"strings"
)

// Scaled chooses how people read the values of a column: the unit as print
// spells it (mm², µs, Ω) with the SI prefix that puts the median between 1 and
// 1000, and the factor to divide by. Bytes that are small multiples of KiB take
// binary prefixes; seconds and metres only small ones; values over more than
// four decades, and units that take no prefix, are left as they are.
func (c Column) Scaled(values []float64) (unit string, factor float64) {
	var sizes []float64
	kibi := true
	for _, v := range values {
		if v != 0 && !math.IsNaN(v) && !math.IsInf(v, 0) {
			sizes = append(sizes, math.Abs(v))
			kibi = kibi && binarySize(v)
		}
	}
	base, rest := c.Unit, ""
	if i := strings.IndexAny(c.Unit, "/ "); i > 0 {
		base, rest = c.Unit[:i], c.Unit[i:]
	}
	slices.Sort(sizes)
	factor = 1
	if len(sizes) > 0 && sizes[len(sizes)-1]/sizes[0] <= 1e4 && takesPrefix(base) {
		var prefix string
		prefix, factor = prefixFor(base, sizes[len(sizes)/2], kibi)
		base = prefix + base
	}
	return spell(base + rest), factor
}

func takesPrefix(base string) bool {
	return slices.Contains([]string{"J", "s", "W", "A", "V", "Hz", "F", "Ohm", "B", "bit", "m", "T", "C", "FLOP", "MAC", "OP"}, base)
}

// binarySize tells a size that is a small number of KiB, MiB and so on: at least
// ten zero bits at its end, at most twelve before them.
func binarySize(v float64) bool {
	if v != math.Trunc(v) || math.Abs(v) > 1<<62 {
		return false
	}
	n := uint64(math.Abs(v))
	zeros := bits.TrailingZeros64(n)
	return zeros >= 10 && bits.Len64(n)-zeros <= 12
}

func prefixFor(base string, v float64, kibi bool) (string, float64) {
	if base == "B" && kibi {
		switch {
		case v >= 1<<30:
			return "Gi", 1 << 30
		case v >= 1<<20:
			return "Mi", 1 << 20
		}
		return "Ki", 1 << 10
	}
	small := []string{"", "m", "u", "n", "p", "f", "a"}
	large := []string{"", "k", "M", "G", "T", "P", "E"}
	e := int(math.Floor(math.Floor(math.Log10(v)) / 3))
	switch {
	case e < 0 && base != "B" && base != "bit":
		e = max(e, 1-len(small))
		return small[-e], math.Pow10(3 * e)
	case e > 0 && base != "s" && base != "m":
		e = min(e, len(large)-1)
		return large[e], math.Pow10(3 * e)
	}
	return "", 1
}

// spell writes a unit as print does.
func spell(u string) string {
	u = strings.NewReplacer("^2", "²", "^3", "³", "m2", "m²", "m3", "m³", "Ohm", "Ω").Replace(u)
	for _, base := range []string{"m", "s", "A", "V", "J", "W", "F", "T", "C", "Ω"} {
		if rest, ok := strings.CutPrefix(u, "u"+base); ok && (rest == "" || strings.HasPrefix(rest, "²") || rest[0] == '/' || rest[0] == ' ') {
			return "µ" + base + rest
		}
	}
	return u
}
