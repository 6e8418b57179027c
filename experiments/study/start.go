package study

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"stco/experiments/study/catalog"
	"stco/experiments/study/strict"
	"stco/model"
	"stco/model/units"
)

// Start is a design that a search begins with: the design itself, or where it is
// to be read from before the study can run (a design file, a run, RUN:ID).
type Start struct {
	From   string // "" of a design
	Design model.Design
}

// starts reads a list of places and of designs, {knob: value, ...}.
func (d *decoder) starts(n *yaml.Node, key string, s *Study) {
	s.Starts = nil
	d.Items(n, key, func(item *yaml.Node, key string) {
		if item.Kind == yaml.MappingNode {
			set := given{}
			variables(d, item, key, d.knobs(), set)
			design := model.DefaultDesign()
			apply(d.knobs(), set, &design)
			s.Starts = append(s.Starts, Start{Design: design})
			return
		}
		text, ok := d.Text(item, key)
		if ok && strings.TrimSpace(text) == "" {
			d.Note(item, key, "want a design file, a run directory or RUN:ID")
			return
		}
		s.Starts = append(s.Starts, Start{From: text})
	})
}

// CheckStarts tells which designs that the search begins with are not read yet, or
// belong to no technology that the study searches.
func (s *Study) CheckStarts() error {
	spaces, err := s.strata()
	if err != nil {
		return strict.BadInput(s.Name, err)
	}
	var errs []error
	for i := range s.Starts {
		at := &s.Starts[i]
		if at.From != "" {
			errs = append(errs, fmt.Errorf("search.start[%d]: %s has not been read", i, at.From))
			continue
		}
		if !slices.ContainsFunc(spaces, func(p part) bool {
			return p.technology == at.Design.Technology && p.hybrid == at.Design.Hybrid
		}) {
			k := knobNamed("technology")
			errs = append(errs, fmt.Errorf("search.start[%d]: a buffer of technology %s, which the study does not search", i, k.Format(k.Get(&at.Design))))
		}
	}
	if len(errs) > 0 {
		return strict.BadInput(s.Name, errors.Join(errs...))
	}
	return nil
}

// startTexts writes the designs that the search begins with: of a design the knobs
// that mean something for its technology.
func (s *Study) startTexts() []string {
	var out []string
	knobs := catalog.Of(&s.Setup).Knobs()
	for i := range s.Starts {
		at := &s.Starts[i]
		if at.From != "" {
			out = append(out, strconv.Quote(at.From))
			continue
		}
		var parts []string
		for _, k := range knobs {
			if k.AppliesTo(at.Design.Technology, at.Design.Hybrid) {
				parts = append(parts, k.Name+": "+exact(&k, k.Get(&at.Design)))
			}
		}
		out = append(out, "{"+strings.Join(parts, ", ")+"}")
	}
	return out
}

// exact writes a value of a knob with every digit.
func exact(k *model.Knob, v float64) string {
	if k.Choices != nil || k.Auto && v == 0 {
		return k.Format(v)
	}
	return units.FormatExact(v, k.Dim)
}
