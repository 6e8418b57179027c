package inspect

import (
	"math"
	"strings"

	"stco/experiments/designs"
	"stco/experiments/study"
	"stco/experiments/study/catalog"
	"stco/model"
	"stco/objectives"
	"stco/results"
	"stco/results/store"
)

// Subject is a design of a run, with the study and model of its scenario.
type Subject struct {
	Study    *study.Study
	Model    *model.Model
	Problem  *objectives.Problem // of the whole space
	Scenario string              // "" of a run without
	Design   model.Design
	// SRAM is the enumerated SRAM buffer of least energy-delay product that is no
	// larger than the design; nil where there is none.
	SRAM *model.Design
}

// NewSubject reads a design of a run, named as for Point.
func NewSubject(r *store.Run, tables Tables, id string) (*Subject, error) {
	d, err := Point(r, tables, id)
	if err != nil {
		return nil, err
	}
	s := &Subject{Design: d.Design}
	if ScenarioNames(r) != nil {
		s.Scenario, _, _ = strings.Cut(id, ":")
	}
	if s.Study, err = studyOf(r, s.Scenario); err != nil {
		return nil, err
	}
	if s.Model, s.Problem, err = s.Study.Build(); err != nil {
		return nil, err
	}
	sram, err := tables(designs.SRAMTable)
	if err == nil {
		sram, err = InScenario(r, sram, s.Scenario)
	}
	if err != nil {
		return nil, err
	}
	eval, err := s.Model.NewEvaluator()
	if err != nil {
		return nil, err
	}
	var own model.Report
	if err := eval.Evaluate(&s.Design, &own); err != nil {
		return nil, err
	}
	c := catalog.Of(&s.Study.Setup)
	row, err := leastEDP(sram, float64(own.Area())*1e6)
	if err != nil || row < 0 {
		return s, err
	}
	base, err := designs.FromRow(c, sram, row)
	s.SRAM = &base
	return s, err
}

// leastEDP is the row of least energy-delay product of a table of designs that is
// no larger than an area in mm2; -1 if there is none.
func leastEDP(t *results.Table, area float64) (int, error) {
	edps, err := t.Index("edp")
	if err != nil {
		return -1, err
	}
	areas, err := t.Index("area")
	if err != nil {
		return -1, err
	}
	best, least := -1, math.Inf(1)
	for i, row := range t.Rows {
		if row[areas] <= area && row[edps] < least {
			best, least = i, row[edps]
		}
	}
	return best, nil
}
