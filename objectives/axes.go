package objectives

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"stco/model"
	"stco/space"
)

// Axis says what a study does with one knob of the design: fix it, or search
// a range or a list of names.
type Axis struct {
	Knob    string
	Fixed   bool
	Value   float64   // when Fixed; in the knob's unit, or the index of a choice
	Low     float64   // in the knob's unit
	High    float64   //
	Step    float64   // 0: continuous (or all powers of two)
	Levels  int       // that many values from Low to High, evenly spaced on the knob's scale; 0: none
	Values  []float64 // the values themselves, ascending; nil: none
	Options []string  // of a choice: the names to search
}

// DefaultAxis returns how the default space treats a knob: a choice is fixed
// at its default, a quantity searched over its default range. What only a hybrid
// buffer has is fixed too: a study that allows one names the range.
func DefaultAxis(k *model.Knob, base *model.Design) Axis {
	if k.Scale == model.Choice || k.Auto || k.HybridOnly {
		return Axis{Knob: k.Name, Fixed: true, Value: k.Get(base)}
	}
	return Axis{Knob: k.Name, Low: k.Low, High: k.High, Step: k.Step}
}

// Decoder turns points of a space into designs.
type Decoder struct {
	Space *space.Space
	base  model.Design
	sets  []setter
}

type setter struct {
	set     func(*model.Design, float64)
	options []int   // choice index by option of the space
	scale   float64 // of a quantity: 10^k, where k decimals are kept; 0: all
}

// digits of a quantity are kept, counted at the larger end of its axis: what a
// table or a design file says of a design is then the very design.
const digits = 12

// decimals returns the power of ten that keeps the digits of an axis.
func decimals(low, high float64) float64 {
	most := math.Max(math.Abs(low), math.Abs(high))
	if most == 0 {
		return 0
	}
	return math.Pow(10, min(digits-1-math.Floor(math.Log10(most)), 22))
}

// NewDecoder builds the space of the free axes. Axes must name knobs of the
// model, each at most once; knobs without an axis keep the value of base.
func NewDecoder(knobs []model.Knob, base model.Design, axes []Axis) (*Decoder, error) {
	d := &Decoder{base: base}
	var params []space.Parameter
	var errs []error
	for i := range knobs {
		k := &knobs[i]
		at := slices.IndexFunc(axes, func(a Axis) bool { return a.Knob == k.Name })
		if at < 0 {
			continue
		}
		a := &axes[at]
		if a.Fixed {
			k.Set(&d.base, a.Value)
			continue
		}
		p := space.Parameter{Name: k.Name, Unit: k.Unit, Min: a.Low, Max: a.High, Step: a.Step}
		s := setter{set: k.Set}
		switch k.Scale {
		case model.Linear:
			p.Kind = space.Real
		case model.Logarithmic:
			if p.Kind = space.LogReal; a.Step > 0 {
				p.Kind = space.Real // evenly spaced
			}
		case model.PowerOfTwo:
			p.Kind, p.Midpoints = space.PowerOfTwo, k.Midpoints
		case model.Choice:
			p.Kind, p.Options = space.Choice, a.Options
			for _, o := range a.Options {
				j := slices.Index(k.Choices, o)
				if j < 0 {
					errs = append(errs, fmt.Errorf("%s: unknown value %q", k.Name, o))
				}
				s.options = append(s.options, j)
			}
		}
		p.Levels = a.Levels
		if a.Values != nil {
			p.Values, p.Min, p.Max, p.Step, p.Midpoints = a.Values, a.Values[0], a.Values[len(a.Values)-1], 0, false
			if p.Kind == space.PowerOfTwo {
				p.Kind = space.LogReal
			}
		}
		if p.Kind == space.Real || p.Kind == space.LogReal {
			s.scale = decimals(p.Min, p.Max)
		}
		params = append(params, p)
		d.sets = append(d.sets, s)
	}
	for _, a := range axes {
		if !slices.ContainsFunc(knobs, func(k model.Knob) bool { return k.Name == a.Knob }) {
			errs = append(errs, fmt.Errorf("%s: not a knob of the design", a.Knob))
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	s, err := space.New(params...)
	if err != nil {
		return nil, err
	}
	d.Space = s
	return d, nil
}

// Decode writes the design of a canonical point.
func (d *Decoder) Decode(x []float64, out *model.Design) {
	*out = d.base
	for i := range d.sets {
		v := x[i]
		if o := d.sets[i].options; o != nil {
			v = float64(o[int(v)])
		}
		if p := d.sets[i].scale; p > 0 {
			v = math.Round(v*p) / p
		}
		d.sets[i].set(out, v)
	}
}
