package space

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"sort"
	"strings"
)

// axis is a parameter prepared for decoding.
type axis struct {
	Parameter
	grid   []float64 // table of values, ascending; nil for continuous and Integer
	n      int       // number of grid values, 0 when continuous
	step   float64   // Integer: spacing
	logMin float64   // LogReal
	logMax float64
}

// Space is an ordered list of parameters. It is immutable. A point of a space
// holds one canonical value per parameter in that order; the value of a Choice is
// the index of its option.
type Space struct {
	axes []axis
	// exact tells that a Key numbers the designs; radix is each axis's size.
	exact bool
}

// New returns the space of the parameters, or all their faults joined. Without
// parameters it is a space of one point.
func New(params ...Parameter) (*Space, error) {
	var errs []error
	seen := map[string]bool{}
	s := &Space{axes: make([]axis, len(params))}
	for i := range params {
		p := params[i]
		p.Options = slices.Clone(p.Options)
		faults := p.validate()
		if seen[p.Name] {
			faults = append(faults, fmt.Errorf("parameter %q: the name is there twice", p.Name))
		}
		seen[p.Name] = true
		if len(faults) == 0 {
			s.axes[i] = newAxis(p)
		}
		errs = append(errs, faults...)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	s.index()
	return s, nil
}

func newAxis(p Parameter) axis {
	a := axis{Parameter: p, grid: p.levels()}
	a.n = len(a.grid)
	if p.Kind == Integer {
		a.step = max(p.Step, 1)
		a.n = int((p.Max-p.Min)/a.step) + 1
	}
	if p.Kind == LogReal {
		a.logMin, a.logMax = math.Log(p.Min), math.Log(p.Max)
	}
	return a
}

// index decides whether 128 bits number all designs.
func (s *Space) index() {
	width := 0.0
	s.exact = true
	for i := range s.axes {
		if s.axes[i].n == 0 {
			s.exact = false
			return
		}
		width += math.Log2(float64(s.axes[i].n))
	}
	s.exact = width < 127
}

// Dim returns the number of parameters.
func (s *Space) Dim() int { return len(s.axes) }

// Parameter returns the i-th parameter.
func (s *Space) Parameter(i int) Parameter {
	p := s.axes[i].Parameter
	p.Options = slices.Clone(p.Options)
	return p
}

// Index returns the position of the parameter of that name.
func (s *Space) Index(name string) (int, error) {
	names := make([]string, len(s.axes))
	for i := range s.axes {
		if s.axes[i].Name == name {
			return i, nil
		}
		names[i] = s.axes[i].Name
	}
	return 0, fmt.Errorf("unknown parameter %q: must be one of %s", name, strings.Join(names, ", "))
}

// Kind returns the kind of the i-th parameter.
func (s *Space) Kind(i int) Kind { return s.axes[i].Kind }

// GridSize returns how many values the i-th parameter has, 0 when it is
// continuous.
func (s *Space) GridSize(i int) int { return s.axes[i].n }

// Size returns the number of designs. ok is false when a parameter is
// continuous or the number is above 2^63 - 1.
func (s *Space) Size() (n int64, ok bool) {
	total := uint64(1)
	for i := range s.axes {
		hi, lo := bits.Mul64(total, uint64(s.axes[i].n))
		if hi != 0 || lo > math.MaxInt64 || s.axes[i].n == 0 {
			return 0, false
		}
		total = lo
	}
	return int64(total), true
}

// At writes the k-th design into x, for k in 0..Size-1; the last parameter
// varies fastest.
func (s *Space) At(k int64, x []float64) {
	for i := len(s.axes) - 1; i >= 0; i-- {
		a := &s.axes[i]
		x[i] = a.value(int(k % int64(a.n)))
		k /= int64(a.n)
	}
}

// value returns the j-th value of a grid.
func (a *axis) value(j int) float64 {
	if a.grid != nil {
		return a.grid[j]
	}
	return a.Min + float64(float64(j)*a.step)
}

// nearest returns the position of the grid value closest to v: on the
// parameter's scale (logarithmic for LogReal and PowerOfTwo), the lower one on a tie.
func (a *axis) nearest(v float64) int {
	if a.grid == nil {
		return int(math.Ceil((min(max(v, a.Min), a.value(a.n-1))-a.Min)/a.step - 0.5))
	}
	j := sort.SearchFloat64s(a.grid, v)
	if j == 0 || j == a.n {
		return max(j-1, 0)
	}
	lo, hi := a.grid[j-1], a.grid[j]
	below := v-lo <= hi-v
	if a.Kind == LogReal || a.Kind == PowerOfTwo {
		below = v*v <= lo*hi
	}
	if below {
		return j - 1
	}
	return j
}

// Check returns every parameter of x that is off its bounds or grid, joined;
// nil when x is a point of the space.
func (s *Space) Check(x []float64) error {
	if len(x) != len(s.axes) {
		return fmt.Errorf("a point of %d values in a space of %d parameters", len(x), len(s.axes))
	}
	var errs []error
	for i, v := range x {
		a := &s.axes[i]
		switch {
		case a.Kind == Choice:
			if !finite(v) || a.grid[a.nearest(v)] != v {
				errs = append(errs, fmt.Errorf("%s = %s: must be one of %s", a.Name, a.Format(v), strings.Join(a.names(), ", ")))
			}
		case !finite(v) || v < a.Min || v > a.Max:
			errs = append(errs, fmt.Errorf("%s = %s: allowed %s..%s", a.Name, a.quantity(v), a.quantity(a.Min), a.quantity(a.Max)))
		case a.n > 0 && a.value(a.nearest(v)) != v:
			errs = append(errs, fmt.Errorf("%s = %s: not on the grid of %d values in %s..%s; the nearest is %s",
				a.Name, a.quantity(v), a.n, a.quantity(a.Min), a.quantity(a.Max), a.quantity(a.value(a.nearest(v)))))
		}
	}
	return errors.Join(errs...)
}

func (a *axis) names() []string {
	out := make([]string, a.n)
	for j := range out {
		out[j] = a.Options[int(a.grid[j])]
	}
	return out
}

// Repair moves every value of x to the nearest one of the space, in place. A
// NaN becomes the lower bound.
func (s *Space) Repair(x []float64) {
	for i, v := range x {
		a := &s.axes[i]
		switch {
		case math.IsNaN(v):
			v = math.Inf(-1)
			fallthrough
		default:
			if a.n > 0 {
				x[i] = a.value(a.nearest(v))
			} else {
				x[i] = min(max(v, a.Min), a.Max)
			}
		}
	}
}

// Format returns the values of x as text, in the order of the parameters.
func (s *Space) Format(x []float64) []string {
	out := make([]string, len(x))
	for i, v := range x {
		out[i] = s.axes[i].Format(v)
	}
	return out
}

// Parse reads values written by Format and checks them against the space.
func (s *Space) Parse(texts []string) ([]float64, error) {
	if len(texts) != len(s.axes) {
		return nil, fmt.Errorf("a point of %d values in a space of %d parameters", len(texts), len(s.axes))
	}
	x := make([]float64, len(texts))
	var errs []error
	for i, t := range texts {
		v, err := s.axes[i].Parse(t)
		x[i] = v
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return x, s.Check(x)
}

// clone returns a copy whose i-th axis may be replaced.
