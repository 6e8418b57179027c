package units

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Unit is a parsed unit expression: a product of powers of unit symbols with
// prefixes, such as "uOhm*cm" or "mJ/m^2". Its scale is factor*10^pow10, kept
// apart so that a decimal number is converted with one rounding.
type Unit struct {
	dims   vector
	pow10  int
	factor float64
	offset float64 // added after scaling; degrees Celsius only
}

// symbol is one unit the parser knows.
type symbol struct {
	name   string
	dims   vector
	pow10  int
	factor float64
	prefix prefixRule
	note   string
}

type prefixRule uint8

const (
	noPrefix prefixRule = iota
	siPrefix
	lengthPrefix // SI prefixes and c
	dataPrefix   // SI prefixes from k up and the binary prefixes
)

// symbols returns the table of units: the SI units of the model and the units
// of its field that are not SI.
func symbols() []symbol {
	j := DimEnergy.vector()
	return []symbol{
		{"m", vector{baseM: 1}, 0, 1, lengthPrefix, "metre"},
		{"s", vector{baseS: 1}, 0, 1, siPrefix, "second"},
		{"min", vector{baseS: 1}, 0, 60, noPrefix, "minute"},
		{"h", vector{baseS: 1}, 0, 3600, noPrefix, "hour"},
		{"d", vector{baseS: 1}, 0, 86400, noPrefix, "day"},
		{"yr", vector{baseS: 1}, 0, 31557600, noPrefix, "year of 365.25 days"},
		{"Hz", vector{baseS: -1}, 0, 1, siPrefix, "hertz"},
		{"A", vector{baseA: 1}, 0, 1, siPrefix, "ampere"},
		{"V", DimVoltage.vector(), 0, 1, siPrefix, "volt"},
		{"Ohm", DimResistance.vector(), 0, 1, siPrefix, "ohm"},
		{"Ω", DimResistance.vector(), 0, 1, siPrefix, "ohm"},
		{"S", vector{baseM: -2, baseKg: -1, baseS: 3, baseA: 2}, 0, 1, siPrefix, "siemens"},
		{"F", DimCapacitance.vector(), 0, 1, siPrefix, "farad"},
		{"J", j, 0, 1, siPrefix, "joule"},
		{"eV", j, -19, 1.602176634, siPrefix, "electronvolt"},
		{"erg", j, -7, 1, noPrefix, "1e-7 J"},
		{"W", DimPower.vector(), 0, 1, siPrefix, "watt"},
		{"K", vector{baseK: 1}, 0, 1, siPrefix, "kelvin"},
		{"T", DimField.vector(), 0, 1, siPrefix, "tesla"},
		{"Oe", DimField.vector(), -4, 1, siPrefix, "oersted, as mu0*H: 1e-4 T"},
		{"emu", vector{baseA: 1, baseM: 2}, -3, 1, noPrefix, "1e-3 A*m^2"},
		{"bit", vector{baseBit: 1}, 0, 1, dataPrefix, "bit"},
		{"b", vector{baseBit: 1}, 0, 1, dataPrefix, "bit"},
		{"B", vector{baseBit: 1}, 0, 8, dataPrefix, "byte"},
		{"%", vector{}, -2, 1, noPrefix, "1/100"},
		{"1", vector{}, 0, 1, noPrefix, "no unit"},
	}
}

// Symbol is a unit name the parser knows, with what it means.
type Symbol struct {
	Name     string `json:"unit"`
	Meaning  string `json:"meaning"`
	Prefixes string `json:"prefixes"` // the prefixes it takes; empty for none
}

// Symbols lists every unit symbol the parser knows, for documentation.
func Symbols() []Symbol {
	var out []Symbol
	for _, s := range symbols() {
		p := ""
		switch s.prefix {
		case noPrefix:
		case siPrefix:
			p = "a f p n u m k M G T P"
		case lengthPrefix:
			p = "a f p n u m c k M G T P"
		case dataPrefix:
			p = "k M G T P Ki Mi Gi Ti Pi"
		}
		out = append(out, Symbol{s.name, s.note, p})
	}
	return append(out, Symbol{"degC", "degree Celsius, alone only", ""})
}

// prefixScale returns the scale of a prefix under a rule.
func prefixScale(prefix string, rule prefixRule) (pow10 int, factor float64, ok bool) {
	if rule == noPrefix {
		return 0, 1, false
	}
	if len(prefix) == 2 && prefix[1] == 'i' {
		if i := strings.IndexByte("KMGTP", prefix[0]); rule == dataPrefix && i >= 0 {
			return 0, math.Ldexp(1, 10*(i+1)), true
		}
		return 0, 1, false
	}
	switch prefix {
	case "k":
		return 3, 1, true
	case "M":
		return 6, 1, true
	case "G":
		return 9, 1, true
	case "T":
		return 12, 1, true
	case "P":
		return 15, 1, true
	}
	if rule == dataPrefix {
		return 0, 1, false
	}
	switch prefix {
	case "m":
		return -3, 1, true
	case "u":
		return -6, 1, true
	case "n":
		return -9, 1, true
	case "p":
		return -12, 1, true
	case "f":
		return -15, 1, true
	case "a":
		return -18, 1, true
	case "c":
		return -2, 1, rule == lengthPrefix
	}
	return 0, 1, false
}

// lookup resolves a symbol with its prefix; an exact name wins over a split.
func lookup(name string) (symbol, bool) {
	table := symbols()
	for _, s := range table {
		if s.name == name {
			return s, true
		}
	}
	for _, s := range table {
		prefix, ok := strings.CutSuffix(name, s.name)
		if !ok || prefix == "" {
			continue
		}
		if p, f, ok := prefixScale(prefix, s.prefix); ok {
			s.pow10 += p
			s.factor *= f
			return s, true
		}
	}
	return symbol{}, false
}

// normalize rewrites the spellings of micro, ohm, degree and the raised digits
// to the plain forms.
func normalize(s string) string {
	plain := true
	for i := range len(s) {
		plain = plain && s[i] < utf8.RuneSelf
	}
	if plain {
		return s
	}
	return strings.NewReplacer("µ", "u", "μ", "u", "Ω", "Ohm", "Ω", "Ohm", "²", "^2", "³", "^3",
		"·", "*", "⋅", "*", "×", "*", "°C", "degC").Replace(s)
}

// maxExponent bounds the power of a symbol in a unit expression.
const maxExponent = 9

// ParseUnit reads a unit expression: symbols with prefix joined by "*" or a
// space, divided by "/", raised by "^n" or a digit ("um^2", "um2"). A product
// after a division is ambiguous and refused: write "J/V/m". "1" is no unit.
func ParseUnit(s string) (Unit, error) {
	text := strings.TrimSpace(normalize(s))
	if text == "" {
		return Unit{}, errors.New("empty unit")
	}
	if text == "degC" {
		return Unit{dims: DimTemperature.vector(), factor: 1, offset: 273.15}, nil
	}
	u := Unit{factor: 1}
	divided, sign := false, 1
	for rest := text; ; {
		end := strings.IndexAny(rest, "*/ ")
		term := rest
		if end >= 0 {
			term = rest[:end]
		}
		if err := u.multiply(term, sign); err != nil {
			return Unit{}, fmt.Errorf("unit %q: %w", s, err)
		}
		if end < 0 {
			break
		}
		next := strings.TrimLeft(rest[end:], " ")
		op := byte('*')
		if next[0] == '*' || next[0] == '/' {
			op = next[0]
			next = strings.TrimLeft(next[1:], " ")
		}
		if op == '/' {
			divided, sign = true, -1
		} else if divided {
			return Unit{}, fmt.Errorf("unit %q: product after a division is ambiguous, divide again instead", s)
		}
		rest = next
	}
	return u, nil
}

// multiply multiplies u by one term, a symbol with an optional exponent.
func (u *Unit) multiply(term string, sign int) error {
	name, power := term, 1
	if term != "1" {
		digits := ""
		if before, after, ok := strings.Cut(term, "^"); ok {
			name, digits = before, after
			if digits == "" {
				return fmt.Errorf("%q has an empty exponent", term)
			}
		} else if i := strings.IndexAny(term, "0123456789"); i > 0 {
			name, digits = term[:i], term[i:]
		}
		if digits != "" {
			n, err := strconv.Atoi(digits)
			if err != nil || n == 0 || n > maxExponent || n < -maxExponent {
				return fmt.Errorf("exponent %q of %q is not an integer from -%d to %d other than 0", digits, name, maxExponent, maxExponent)
			}
			power = n
		}
	}
	sym, ok := lookup(name)
	if !ok {
		if name == "degC" {
			return errors.New("degC stands alone only, use K in a product")
		}
		return fmt.Errorf("unknown symbol %q%s", name, hint(name))
	}
	power *= sign
	for i := range u.dims {
		e := int(u.dims[i]) + power*int(sym.dims[i])
		if e > 99 || e < -99 {
			return fmt.Errorf("power of %q is too large", name)
		}
		u.dims[i] = int8(e)
	}
	u.pow10 += power * sym.pow10
	if sym.factor != 1 {
		u.factor *= math.Pow(sym.factor, float64(power))
	}
	return nil
}

// hint names the likely intended spelling of an unknown symbol.
func hint(name string) string {
	switch {
	case strings.HasSuffix(name, "B") && strings.HasPrefix(name, "K"):
		return " (kB is 1000 bytes, KiB is 1024)"
	case name == "C":
		return " (a temperature is written 85degC or 358K)"
	case strings.HasSuffix(strings.ToLower(name), "ohm"):
		return " (write Ohm)"
	}
	return ""
}

// Is reports whether the unit measures dimension d.
func (u Unit) Is(d Dimension) bool { return u.dims == d.vector() }

// Same reports whether two units measure the same dimension.
func (u Unit) Same(w Unit) bool { return u.dims == w.dims }

// shift returns the unit's scale to the stored SI value: data amounts are
// stored in bytes, anything per amount of data is per bit.
func (u Unit) shift() (pow10 int, factor float64) {
	factor = u.factor
	for i := u.dims[baseBit]; i > 0; i-- {
		factor /= 8
	}
	return u.pow10, factor
}

// SI converts a decimal number in this unit to SI units (data amounts in
// bytes, quantities per amount of data per bit). It refuses what is not a finite
// decimal number: hexadecimal, infinities, NaN, digit separators, overflow, and
// underflow of a nonzero number.
func (u Unit) SI(number string) (float64, error) {
	mantissa, exponent, rest := splitNumber(number)
	if mantissa == "" || rest != "" {
		return 0, fmt.Errorf("%q is not a decimal number", number)
	}
	if digits := strings.TrimLeft(mantissa, "+-"); len(digits) > 1 && digits[0] == '0' && digits[1] != '.' {
		return 0, fmt.Errorf("%q begins with a zero, which is octal elsewhere; leave it out", number)
	}
	pow10, factor := u.shift()
	text := mantissa
	if e := exponent + pow10; e != 0 {
		text += "e" + strconv.Itoa(e)
	}
	v, err := strconv.ParseFloat(text, 64)
	v = v*factor + u.offset
	if err != nil || math.IsInf(v, 0) {
		return 0, fmt.Errorf("%q is out of range", number)
	}
	if v == 0 && u.offset == 0 && strings.ContainsAny(mantissa, "123456789") {
		return 0, fmt.Errorf("%q is too small to represent", number)
	}
	return v, nil
}

// Convert converts a decimal number from one unit to another of the same
// dimension: Convert("5", "mJ", "J") is 0.005. Errors are those of ParseUnit and
// SI, and units of different dimensions.
func Convert(number, from, to string) (float64, error) {
	u, err := ParseUnit(from)
	if err != nil {
		return 0, err
	}
	v, err := ParseUnit(to)
	if err != nil {
		return 0, err
	}
	if u.dims != v.dims {
		return 0, fmt.Errorf("%s%s is no number of %s", number, from, to)
	}
	if from == to {
		u, v = Unit{factor: 1}, Unit{factor: 1}
	}
	si, err := u.SI(number)
	if err != nil {
		return 0, err
	}
	pow10, factor := v.shift()
	return (si - v.offset) / (factor * math.Pow10(pow10)), nil
}

// maxDecimalExponent bounds the exponent a number may be written with.
const maxDecimalExponent = 400

// splitNumber splits a leading decimal number from s: sign, digits with an
// optional point, optional exponent. mantissa is empty if there is none.
func splitNumber(s string) (mantissa string, exponent int, rest string) {
	i := 0
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	digits := 0
	for point := false; i < len(s); i++ {
		if s[i] == '.' && !point {
			point = true
		} else if s[i] >= '0' && s[i] <= '9' {
			digits++
		} else {
			break
		}
	}
	if digits == 0 {
		return "", 0, s
	}
	mantissa, rest = s[:i], s[i:]
	if rest != "" && (rest[0] == 'e' || rest[0] == 'E') {
		j := 1
		if j < len(rest) && (rest[j] == '+' || rest[j] == '-') {
			j++
		}
		k := j
		for k < len(rest) && rest[k] >= '0' && rest[k] <= '9' {
			k++
		}
		if k > j {
			e, err := strconv.Atoi(rest[1:k])
			if err != nil || e > maxDecimalExponent || e < -maxDecimalExponent {
				if rest[1] == '-' {
					e = -10 * maxDecimalExponent
				} else {
					e = 10 * maxDecimalExponent
				}
			}
			exponent, rest = e, rest[k:]
		}
	}
	return mantissa, exponent, rest
}
