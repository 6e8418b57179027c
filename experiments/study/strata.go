package study

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"stco/experiments/study/catalog"
	"stco/experiments/study/strict"
	"stco/explore"
	"stco/model"
	"stco/model/device"
	"stco/objectives"
	"stco/space"
)

// Stratum is a technology of a study, and with several read selectors one of
// them: the part of the space that is searched apart. Only knobs that mean
// something for it are free.
type Stratum struct {
	Name       string // "sot", with several selectors "sot igzo"
	Technology device.Technology
	Hybrid     bool
	Problem    *objectives.Problem
	// Enumerate tells that every design is evaluated: the space of an SRAM buffer
	// is small, and a grid asks for it.
	Enumerate bool
}

// mostEnumerated is the number of designs up to which the space of SRAM buffers
// is enumerated where the study asks for a search.
const mostEnumerated = 50000

// Strata returns the strata of a study in the order of its technologies, with model
// and circumstances of its problem.
func (s *Study) Strata(whole *objectives.Problem) ([]Stratum, error) {
	parts, err := s.strata()
	if err != nil {
		return nil, strict.BadInput(s.Name, err)
	}
	out := make([]Stratum, 0, len(parts))
	for i := range parts {
		q, err := s.stratum(&parts[i], whole)
		if err != nil {
			return nil, err
		}
		out = append(out, q)
	}
	return out, nil
}

func (s *Study) stratum(q *part, whole *objectives.Problem) (Stratum, error) {
	p, err := objectives.NewProblem(whole.Model, q.decoder, s.Objectives, s.Bounds(), s.Preferences...)
	if err != nil {
		return Stratum{}, strict.BadInput(s.Name, err)
	}
	n, finite := q.decoder.Space.Size()
	grid := s.Search.Algorithm == explore.Grid || q.technology == device.SRAM && finite && n <= mostEnumerated
	return Stratum{q.name, q.technology, q.hybrid, p.In(whole.Several()), grid}, nil
}

// Niches returns the strata with those that are searched split by the code of the
// buffer, where it is free: "sot secded". With every code the cell lies elsewhere,
// and a search of all codes gives up those whose cells it has not found yet.
func (s *Study) Niches(whole *objectives.Problem) ([]Stratum, error) {
	strata, err := s.Strata(whole)
	codes := s.values("ecc")
	if err != nil || len(codes) < 2 {
		return strata, err
	}
	knobs := catalog.Of(&s.Setup).Knobs()
	at := slices.IndexFunc(knobs, func(k model.Knob) bool { return k.Name == "ecc" })
	var out []Stratum
	for i := range strata {
		if strata[i].Enumerate {
			out = append(out, strata[i])
			continue
		}
		base := strata[i].Problem.Decoder.Base()
		for _, code := range codes {
			one := *s
			one.Space = slices.Clone(s.Space)
			one.Space[at] = objectives.Fixed(&knobs[at], code)
			d, err := one.part(knobNamed("technology").Get(&base), knobNamed("selector").Get(&base), &base)
			if err != nil {
				return nil, strict.BadInput(s.Name, err)
			}
			q, err := s.stratum(&part{strata[i].Name + " " + knobs[at].Choices[int(code)], strata[i].Technology, strata[i].Hybrid, d}, whole)
			if err != nil {
				return nil, err
			}
			q.Enumerate = false // a part of what was too large to enumerate
			out = append(out, q)
		}
	}
	return out, nil
}

// part is the space of a stratum.
type part struct {
	name       string
	technology device.Technology
	hybrid     bool
	decoder    *objectives.Decoder
}

// strata splits the space by technology and selector. Knobs without meaning for a
// stratum have the value of the default design, so that a buffer is one point of
// one stratum: a hybrid buffer without a scratchpad is left to the stratum of its
// other technology.
func (s *Study) strata() ([]part, error) {
	var out []part
	for _, tech := range s.values("technology") {
		probe := model.DefaultDesign()
		knobNamed("technology").Set(&probe, tech)
		selectors := s.values("selector")
		if k := knobNamed("selector"); !k.AppliesTo(probe.Technology, probe.Hybrid) || s.Setup.Replaces(k, probe.Technology) {
			selectors = selectors[:1]
		}
		for _, selector := range selectors {
			d, err := s.part(tech, selector, &probe)
			if err != nil {
				return nil, err
			}
			name := knobNamed("technology").Choices[int(tech)]
			if len(selectors) > 1 {
				name += " " + knobNamed("selector").Choices[int(selector)]
			}
			out = append(out, part{name, probe.Technology, probe.Hybrid, d})
		}
	}
	return out, nil
}

func (s *Study) part(tech, selector float64, probe *model.Design) (*objectives.Decoder, error) {
	base, knobs := model.DefaultDesign(), catalog.Of(&s.Setup).Knobs()
	var params []space.Parameter
	for i := range knobs {
		k, p := &knobs[i], s.Space[i]
		switch {
		case k.Name == "technology":
			p = objectives.Fixed(k, tech)
		case !k.AppliesTo(probe.Technology, probe.Hybrid), s.Setup.Replaces(k, probe.Technology):
			p = objectives.Fixed(k, k.Get(&base))
		case k.Name == "selector":
			p = objectives.Fixed(k, selector)
		case k.Name == "split":
			p = withoutZero(k, p)
		}
		params = append(params, p)
	}
	return objectives.NewDecoder(knobs, base, params)
}

// withoutZero leaves 0 out of a range of several values.
func withoutZero(k *model.Knob, p space.Parameter) space.Parameter {
	switch {
	case objectives.IsFixed(&p) || p.Min != 0:
	case p.Values != nil:
		p = objectives.Listed(k, slices.DeleteFunc(slices.Clone(p.Values), func(v float64) bool { return v == 0 }))
	case p.Levels > 2:
		step := p.Max / float64(p.Levels-1)
		p = objectives.Between(k, step, p.Max, step, 0)
	case p.Step > 0 && p.Step < p.Max:
		p = objectives.Between(k, p.Step, p.Max, p.Step, 0)
	}
	return p
}

// values are those of a knob of names.
func (s *Study) values(knob string) []float64 {
	knobs := catalog.Of(&s.Setup).Knobs()
	at := slices.IndexFunc(knobs, func(k model.Knob) bool { return k.Name == knob })
	if v := s.Space[at].Values; v != nil {
		return v
	}
	var all []float64
	for i := range knobs[at].Choices {
		all = append(all, float64(i))
	}
	return all
}

// enumerable tells why a study has no grid.
func (s *Study) enumerable() error {
	spaces, err := s.strata()
	if err != nil {
		return err
	}
	var texts []string
	total := 0.0
	for i := range spaces {
		sp := spaces[i].decoder.Space
		for j := range sp.Dim() {
			if sp.GridSize(j) == 0 {
				texts = append(texts, fmt.Sprintf("space.%s: a grid needs a list of values, a step or levels", sp.Parameter(j).Name))
			}
		}
		n, ok := sp.Size()
		if total += float64(n); !ok {
			total = 0x1p63
		}
	}
	if total >= 0x1p63 && len(texts) == 0 {
		texts = append(texts, "space: more than 2^63 designs are no grid to enumerate")
	}
	slices.Sort(texts)
	var errs []error
	for _, t := range slices.Compact(texts) {
		errs = append(errs, errors.New(strings.TrimSpace(t)))
	}
	return errors.Join(errs...)
}
