package objectives

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"stco/model"
	"stco/space"
)

// Fixed returns the parameter of a knob that a study holds at a value.
func Fixed(k *model.Knob, v float64) space.Parameter {
	p := parameter(k)
	if p.Values = []float64{v}; k.Scale != model.Choice {
		p.Min, p.Max = v, v
	}
	return p
}

// Listed returns the parameter of a knob that takes the given values, in
// ascending order.
func Listed(k *model.Knob, values []float64) space.Parameter {
	p := parameter(k)
	if p.Values = values; k.Scale == model.Choice {
		return p
	}
	if k.Scale == model.PowerOfTwo {
		p.Kind = space.LogReal // any values, apart by octaves
	}
	if len(values) > 0 {
		p.Min, p.Max = values[0], values[len(values)-1]
	}
	return p
}

// Between returns the parameter of a knob that is searched from low to high: in
// steps, in that many levels evenly spaced on the knob's scale, or, with both 0,
// continuously (all powers of two).
func Between(k *model.Knob, low, high, step float64, levels int) space.Parameter {
	p := parameter(k)
	p.Min, p.Max, p.Step, p.Levels = low, high, step, levels
	if p.Kind == space.LogReal && step > 0 {
		p.Kind = space.Real // evenly spaced
	}
	p.Midpoints = k.Midpoints
	return p
}

// Default returns how the default space treats a knob: a choice is fixed at its
// default, a quantity searched over its default range. What only a hybrid buffer
// has, and what has no price, is fixed too: a study that searches it names the range.
func Default(k *model.Knob, base *model.Design) space.Parameter {
	if k.Scale == model.Choice || k.Auto || k.HybridOnly || k.Fixed || k.OfMachine {
		return Fixed(k, k.Get(base))
	}
	return Between(k, k.Low, k.High, k.Step, 0)
}

// IsFixed tells whether a parameter has one value.
func IsFixed(p *space.Parameter) bool { return len(p.Values) == 1 }

// parameter returns what every parameter of a knob has.
func parameter(k *model.Knob) space.Parameter {
	p := space.Parameter{Name: k.Name, Unit: k.Unit, Factor: k.SI}
	switch k.Scale {
	case model.Linear:
		p.Kind = space.Real
	case model.Logarithmic:
		p.Kind = space.LogReal
	case model.PowerOfTwo:
		p.Kind = space.PowerOfTwo
	case model.Choice:
		p.Kind, p.Options = space.Choice, k.Choices
	}
	return p
}

// Decoder turns points of a space into designs.
type Decoder struct {
	Space *space.Space // of the parameters with more than one value
	base  model.Design
	sets  []setter
}

type setter struct {
	get   func(*model.Design) float64
	set   func(*model.Design, float64)
	scale float64 // of a quantity: 10^k, where k decimals are kept; 0: all
}

// digits of a quantity are kept, counted at the larger end of its range: what a
// table or a design file says of a design is then the very design.
const digits = 12

// decimals returns the power of ten that keeps the digits of a range.
func decimals(low, high float64) float64 {
	most := math.Max(math.Abs(low), math.Abs(high))
	if most == 0 {
		return 0
	}
	return math.Pow(10, min(digits-1-math.Floor(math.Log10(most)), 22))
}

// NewDecoder builds the space of the parameters that are not fixed. They must
// name knobs of the model, each at most once; knobs without one keep the value
// of base.
func NewDecoder(knobs []model.Knob, base model.Design, params []space.Parameter) (*Decoder, error) {
	d := &Decoder{base: base}
	var free []space.Parameter
	var errs []error
	for i := range knobs {
		k := &knobs[i]
		at := slices.IndexFunc(params, func(p space.Parameter) bool { return p.Name == k.Name })
		if at < 0 {
			continue
		}
		p := params[at]
		if IsFixed(&p) {
			k.Set(&d.base, p.Values[0])
			continue
		}
		s := setter{get: k.Get, set: k.Set}
		if p.Kind == space.Real || p.Kind == space.LogReal {
			s.scale = decimals(p.Min, p.Max)
		}
		free, d.sets = append(free, p), append(d.sets, s)
	}
	for i := range params {
		if !slices.ContainsFunc(knobs, func(k model.Knob) bool { return k.Name == params[i].Name }) {
			errs = append(errs, fmt.Errorf("%s: not a knob of the design", params[i].Name))
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	s, err := space.New(free...)
	if err != nil {
		return nil, err
	}
	d.Space = s
	return d, nil
}

// Base returns the design that fixed knobs and defaults make: what a point
// changes.
func (d *Decoder) Base() model.Design { return d.base }

// Encode writes the point of the space nearest to a design into x.
func (d *Decoder) Encode(design *model.Design, x []float64) {
	for i := range d.sets {
		x[i] = d.sets[i].get(design)
	}
	d.Space.Repair(x)
}

// Decode writes the design of a canonical point.
func (d *Decoder) Decode(x []float64, out *model.Design) {
	*out = d.base
	for i := range d.sets {
		v := x[i]
		if p := d.sets[i].scale; p > 0 {
			v = math.Round(v*p) / p
		}
		d.sets[i].set(out, v)
	}
}
