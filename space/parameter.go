package space

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Kind is the scale and type of a parameter.
type Kind uint8

// The kinds of parameters.
const (
	Real       Kind = iota // linear scale
	LogReal                // logarithmic scale, positive bounds
	Integer                // whole numbers, linear scale
	PowerOfTwo             // 2^k, with Midpoints also 1.5*2^k
	Choice                 // one of named options, without order
)

// String returns the name of the kind.
func (k Kind) String() string {
	switch k {
	case Real:
		return "real"
	case LogReal:
		return "log-real"
	case Integer:
		return "integer"
	case PowerOfTwo:
		return "power-of-two"
	case Choice:
		return "choice"
	}
	return "Kind(" + strconv.Itoa(int(k)) + ")"
}

// maxLevels bounds the grid of one real parameter.
const maxLevels = 1 << 20

// Parameter is one axis of a space.
type Parameter struct {
	Name string
	Kind Kind
	// Unit is what messages count in, Factor how much one unit is in the values:
	// a length in metre with the unit nm has the factor 1e-9. 0 is 1, a Unit of
	// "" is dimensionless.
	Unit   string
	Factor float64

	Min, Max float64 // inclusive bounds; not used by a Choice

	// Step makes a grid that starts at Min: of a Real or Integer the spacing,
	// of a LogReal the ratio of neighbours (above 1). 0 is continuous (Integer: 1).
	Step float64
	// Levels makes a grid of that many evenly spaced values, bounds included,
	// of a Real or LogReal. 0 is no such grid.
	Levels int
	// Values is the grid itself, ascending from Min to Max, of a Real or
	// LogReal; of a Choice the indices of the options that are in the space,
	// ascending. Nil is no such grid: of a Choice, every option.
	Values []float64

	Midpoints bool // PowerOfTwo: 1.5*2^k between the powers are allowed too

	Options []string // Choice: the names; the value is the index
}

func (p Parameter) quantity(v float64) string {
	if p.Factor > 0 {
		v = clean(v / p.Factor)
	}
	s := strconv.FormatFloat(v, 'g', -1, 64)
	if p.Unit != "" {
		s += " " + p.Unit
	}
	return s
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// validate returns every fault of the parameter.
func (p Parameter) validate() []error {
	var errs []error
	fault := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("parameter %q: "+format, append([]any{p.Name}, args...)...))
	}
	if strings.TrimSpace(p.Name) == "" {
		fault("no name")
	}
	if p.Kind > Choice {
		fault("unknown kind %d", p.Kind)
		return errs
	}
	if p.Midpoints && p.Kind != PowerOfTwo {
		fault("midpoints are for power-of-two, not %s", p.Kind)
	}
	if p.Kind == Choice {
		if len(p.Options) == 0 {
			fault("a choice needs at least one option")
		}
		seen := map[string]bool{}
		for _, o := range p.Options {
			if o == "" {
				fault("an option without a name")
			}
			if seen[o] {
				fault("option %q is there twice", o)
			}
			seen[o] = true
		}
		for i, v := range p.Values {
			if v != math.Trunc(v) || v < 0 || v >= float64(len(p.Options)) || (i > 0 && v <= p.Values[i-1]) {
				fault("values of a choice are ascending indices of its %d options, not %v", len(p.Options), p.Values)
				break
			}
		}
		if p.Min != 0 || p.Max != 0 || p.Step != 0 || p.Levels != 0 {
			fault("a choice has options, not min, max, step or levels")
		}
		return errs
	}
	if len(p.Options) > 0 {
		fault("options are for choice, not %s", p.Kind)
	}
	p.validateValues(fault)
	if !finite(p.Min) || !finite(p.Max) {
		fault("bounds %s..%s must be finite", p.quantity(p.Min), p.quantity(p.Max))
		return errs
	}
	if p.Min > p.Max {
		fault("min %s above max %s", p.quantity(p.Min), p.quantity(p.Max))
		return errs
	}
	p.validateGrid(fault)
	return errs
}

func (p Parameter) validateValues(fault func(string, ...any)) {
	n := len(p.Values)
	if n == 0 {
		return
	}
	if p.Kind != Real && p.Kind != LogReal {
		fault("values are for real and log-real, not %s", p.Kind)
	}
	if p.Step != 0 || p.Levels != 0 {
		fault("values exclude step and levels")
	}
	if p.Values[0] != p.Min || p.Values[n-1] != p.Max {
		fault("values must begin with min and end with max")
	}
	for i := 1; i < n; i++ {
		if !(p.Values[i-1] < p.Values[i]) {
			fault("values must ascend: %s follows %s", p.quantity(p.Values[i]), p.quantity(p.Values[i-1]))
		}
	}
}

func (p Parameter) validateGrid(fault func(string, ...any)) {
	if p.Levels != 0 && p.Step != 0 {
		fault("step and levels exclude each other")
	}
	if p.Levels != 0 && p.Kind != Real && p.Kind != LogReal {
		fault("levels are for real and log-real, not %s", p.Kind)
	}
	if p.Levels < 0 || p.Levels > maxLevels || (p.Levels == 1 && p.Min != p.Max) {
		fault("levels %d outside 2..%d", p.Levels, maxLevels)
	}
	if !finite(p.Step) || p.Step < 0 {
		fault("step %s must be finite and not negative", p.quantity(p.Step))
		return
	}
	switch p.Kind {
	case Real:
		if p.Step > 0 && (p.Max-p.Min)/p.Step > maxLevels {
			fault("step %s gives more than %d values", p.quantity(p.Step), maxLevels)
		}
	case LogReal:
		if p.Min <= 0 {
			fault("min %s of a log-real must be above 0", p.quantity(p.Min))
		} else if p.Step != 0 && p.Step <= 1 {
			fault("step %g of a log-real is the ratio of neighbours and must be above 1", p.Step)
		} else if p.Step > 1 && math.Log(p.Max/p.Min)/math.Log(p.Step) > maxLevels {
			fault("step %g gives more than %d values", p.Step, maxLevels)
		}
	case Integer:
		if p.Min != math.Trunc(p.Min) || p.Max != math.Trunc(p.Max) || p.Step != math.Trunc(p.Step) {
			fault("bounds and step of an integer must be whole, not %s..%s step %g", p.quantity(p.Min), p.quantity(p.Max), p.Step)
		}
		if math.Abs(p.Min) > 1<<52 || math.Abs(p.Max) > 1<<52 {
			fault("bounds %s..%s of an integer must be within 2^52", p.quantity(p.Min), p.quantity(p.Max))
		}
	case PowerOfTwo:
		if p.Step != 0 {
			fault("a power-of-two has no step")
		}
		for _, b := range []float64{p.Min, p.Max} {
			if !p.onOctave(b) {
				fault("bound %s is not a power of two%s", p.quantity(b), map[bool]string{true: " or 1.5 times one"}[p.Midpoints])
			}
		}
	case Choice:
	}
}

// onOctave tells whether v is a value of a power-of-two parameter.
func (p Parameter) onOctave(v float64) bool {
	if v <= 0 || !finite(v) {
		return false
	}
	frac, _ := math.Frexp(v)
	return frac == 0.5 || (p.Midpoints && frac == 0.75)
}

// levels returns the grid values of a parameter in ascending order, nil when
// it is continuous or an Integer (whose grid is arithmetic).
func (p Parameter) levels() []float64 {
	var out []float64
	switch p.Kind {
	case Choice:
		if p.Values != nil {
			return slices.Clone(p.Values)
		}
		for i := range p.Options {
			out = append(out, float64(i))
		}
	case PowerOfTwo:
		for v := p.Min; v <= p.Max; {
			out = append(out, v)
			switch frac, _ := math.Frexp(v); {
			case !p.Midpoints:
				v *= 2
			case frac == 0.5:
				v *= 1.5
			default:
				v = v / 1.5 * 2
			}
		}
	case Real, LogReal:
		out = p.realLevels()
	case Integer:
	}
	return out
}

func (p Parameter) realLevels() []float64 {
	if p.Values != nil {
		return slices.Clone(p.Values)
	}
	if p.Min == p.Max {
		return []float64{p.Min}
	}
	n, last := p.Levels, p.Max
	if p.Step > 0 {
		const slack = 1e-9 // of one step, so that Max is on the grid when it should be
		if p.Kind == LogReal {
			n = int(math.Log(p.Max/p.Min)/math.Log(p.Step)+slack) + 1
			last = p.Min * math.Pow(p.Step, float64(n-1))
		} else {
			n = int((p.Max-p.Min)/p.Step+slack) + 1
			last = p.Min + float64(n-1)*p.Step
		}
	}
	if n == 0 {
		return nil
	}
	out := make([]float64, n)
	for k := range out {
		if p.Kind == LogReal {
			out[k] = p.Min * math.Pow(last/p.Min, float64(k)/float64(max(n-1, 1)))
		} else {
			out[k] = p.Min + (last-p.Min)*float64(k)/float64(max(n-1, 1))
		}
		out[k] = min(max(clean(out[k]), p.Min), p.Max)
	}
	out[0] = p.Min
	return out
}

// clean rounds to 12 significant digits, so that 0.8 + 3*0.1 is 1.1.
func clean(v float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'e', 11, 64), 64)
	if err != nil {
		return v
	}
	return r
}

// Format returns the value as text: the name of an option, or the shortest
// decimal that reads back as the same number. The unit is not part of it.
func (p Parameter) Format(v float64) string {
	if p.Kind == Choice {
		if i := int(v); float64(i) == v && i >= 0 && i < len(p.Options) {
			return p.Options[i]
		}
		return "option(" + strconv.FormatFloat(v, 'g', -1, 64) + ")"
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// Parse reads what Format writes. It does not check bounds.
func (p Parameter) Parse(text string) (float64, error) {
	if p.Kind == Choice {
		for i, o := range p.Options {
			if o == text {
				return float64(i), nil
			}
		}
		return 0, fmt.Errorf("%s = %q: must be one of %s", p.Name, text, strings.Join(p.Options, ", "))
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !finite(v) {
		return 0, fmt.Errorf("%s = %q: not a finite number in %s..%s", p.Name, text, p.quantity(p.Min), p.quantity(p.Max))
	}
	return v, nil
}
