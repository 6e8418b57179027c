package explore

import "stco/space"

// Problem is what a search needs to know of an optimisation problem. All
// objectives are minimised.
type Problem interface {
	// Space returns the designs to search.
	Space() *space.Space
	// NumObjectives returns the number of objectives, 1 to 6.
	NumObjectives() int
	// NumConstraints returns the number of constraint values, 0 or more.
	NumConstraints() int
	// NewEvaluator returns an evaluator for one worker.
	NewEvaluator() Evaluator
}

// Named is a Problem whose objectives and constraints have names, for messages.
type Named interface {
	ObjectiveName(i int) string
	ConstraintName(i int) string
}

// Evaluator computes one design at a time. It is used by one goroutine at a
// time and may keep scratch memory; it must not keep x, f or g. The result
// must depend on x alone.
type Evaluator interface {
	// Evaluate writes the objectives of the canonical point x into f and the
	// constraint values into g. A constraint is met when its value is at most
	// 0; values are in units of the constraint's own scale, so that they may be
	// added up. A design with an objective of +Inf, a pole, counts as
	// infeasible. NaN and -Inf do where a constraint is violated too, as of a
	// design outside the domain of a model; where every constraint is met they
	// end the run with an error that names the point, as does a constraint
	// that is NaN.
	Evaluate(x, f, g []float64)
}

// Solution is an evaluated design.
type Solution struct {
	X         []float64 // canonical point
	F         []float64 // objectives
	G         []float64 // constraint values
	Violation float64   // sum of the positive constraint values; 0 is feasible
}
