package study

import (
	"stco/explore"
	"stco/objectives"
	"stco/space"
)

// Searched is a problem of a study as the search knows it.
func Searched(p *objectives.Problem) explore.Problem { return searched{p} }

type searched struct{ *objectives.Problem }

// Space is that of the free knobs.
func (p searched) Space() *space.Space { return p.Decoder.Space }

// NumObjectives is their number.
func (p searched) NumObjectives() int { return len(p.Objectives) }

// NewEvaluator returns the evaluator of one worker.
func (p searched) NewEvaluator() explore.Evaluator {
	e, err := p.Problem.NewEvaluator()
	if err != nil {
		panic(err) // the problem was built with this model
	}
	return e
}
