package sensitivity

import (
	"math"
	"strings"

	"stco/model"
	"stco/results"
)

// The step of a knob that is continuous, and of a finer grid, as a share of its
// range; and how many values over the range are looked at.
const (
	leastStep = 1.0 / 20
	looks     = 9
)

// Steps moves one knob at a time: to the neighbours of its value, on its grid or
// by a twentieth of its range, and over its whole range. Changes are in per cent
// of the design, NaN where there is no neighbour.
func (s *Subject) Steps() (*results.Table, error) {
	t := results.NewList("steps", "knob:text", "value:text", "lower:text", "upper:text")
	for _, pair := range [][2]string{{"lower", "upper"}, {"least", "most"}} {
		for _, name := range s.outputs[:len(s.outputs)-1] {
			t.AddColumn(name + "_" + pair[0] + " [%]")
			t.AddColumn(name + "_" + pair[1] + " [%]")
		}
	}
	t.AddColumn("lower_misses:text")
	t.AddColumn("upper_misses:text")
	eval, err := s.Model.NewEvaluator()
	if err != nil {
		return nil, err
	}
	dec := s.problem.Decoder
	sp := dec.Space
	at, u := make([]float64, sp.Dim()), make([]float64, sp.Dim())
	dec.Encode(&s.Design, at)
	sp.Encode(at, u)
	for i := range sp.Dim() {
		p := sp.Parameter(i)
		// look evaluates the design with the knob at a place of its range.
		look := func(place float64) (text string, change []float64, misses string, err error) {
			v, x := append([]float64(nil), u...), make([]float64, sp.Dim())
			v[i] = min(max(place, 0), 1)
			sp.Decode(v, x)
			copy(x[:i], at[:i])
			copy(x[i+1:], at[i+1:])
			var d model.Design
			var r model.Report
			dec.Decode(x, &d)
			if err := eval.Evaluate(&d, &r); err != nil {
				return "", nil, "", err
			}
			for k := range s.problem.Objectives {
				o := &s.problem.Objectives[k]
				change = append(change, percent(o.Get(&r), o.Get(&s.own)))
			}
			return s.text(p.Name, &d), change, strings.Join(s.missed(&r), ", "), nil
		}
		step := leastStep
		if n := sp.GridSize(i); n > 0 {
			step = max(step, 1/float64(n))
		}
		here := s.text(p.Name, &s.Design)
		row := []any{p.Name, here}
		var sides [2][]float64
		var misses, texts [2]string
		for k, sign := range []float64{-1, 1} {
			text, change, missed, err := look(u[i] + sign*step)
			if err != nil {
				return nil, err
			}
			if text != here {
				texts[k], sides[k], misses[k] = text, change, missed
			}
		}
		row = append(row, texts[0], texts[1])
		least, most, err := spread(len(s.outputs)-1, look)
		if err != nil {
			return nil, err
		}
		for k := range len(s.outputs) - 1 {
			for _, side := range sides {
				if side == nil {
					row = append(row, nil)
				} else {
					row = append(row, side[k])
				}
			}
		}
		for k := range least {
			row = append(row, least[k], most[k])
		}
		t.Append(append(row, misses[0], misses[1])...)
	}
	return t, nil
}

// spread is the least and the most change over the range of a knob.
func spread(outputs int, look func(float64) (string, []float64, string, error)) (least, most []float64, err error) {
	least, most = make([]float64, outputs), make([]float64, outputs)
	for j := range looks {
		_, change, _, err := look(float64(j) / (looks - 1))
		if err != nil {
			return nil, nil, err
		}
		for k, c := range change {
			if !math.IsNaN(c) {
				least[k], most[k] = min(least[k], c), max(most[k], c)
			}
		}
	}
	return least, most, nil
}

// text is the value of a knob of a design, as a file has it.
func (s *Subject) text(knob string, d *model.Design) string {
	all := s.Model.Catalog.Knobs()
	for i := range all {
		if all[i].Name == knob {
			return all[i].Format(all[i].Get(d))
		}
	}
	return ""
}
