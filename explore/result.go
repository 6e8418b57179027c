package explore

import "stco/explore/archive"

// Progress is what a run knows of itself after a generation. Counts add up
// over a run and its resumptions.
type Progress struct {
	Generation  int64
	Evaluations int64
	Duplicates  int64 // proposals that had been evaluated before, and were not again
	Infeasible  int64 // evaluated designs that violate a constraint or are not finite
	NonFinite   int64 // of these, with an objective or constraint that is not finite
	Front       int   // members of the archive
	Restarts    int64 // how often the populations began anew because they had come to rest
	// Cut tells that the budget ended the generation before its end. It is
	// the last one, and not in the state that can be saved.
	Cut bool
	// Hypervolume of the archive (above four objectives: of the populations),
	// normalised, below 1.1 in every objective, as computed last: after
	// HypervolumeAt evaluations. A large archive is not measured in every
	// generation.
	Hypervolume   float64
	HypervolumeAt int64
	Violation     float64   // least sum of violations so far; 0 once a design is feasible
	Best          []float64 // best feasible value of each objective; NaN before one
	Violated      []int64   // evaluated designs that violate each constraint

	archives []*archive.Archive
}

// Observer is told of each generation. State returns the checkpoint of the run
// after the last whole generation (see Progress.Cut), which depends on the
// number of generations alone, not on when or why the run ends; it may be called
// until the observer returns, and after the last generation until the next Run.
// An error ends the run.
type Observer func(p *Progress, state func() ([]byte, error)) error

// Reason says why a run ended.
type Reason string

// The reasons.
const (
	BudgetSpent Reason = "budget"     // evaluations or generations
	Stagnated   Reason = "stagnation" //
	TargetMet   Reason = "target"     //
	SpaceDone   Reason = "space"      // no design is left to evaluate
	Stopped     Reason = "stopped"    // Config.Stop, or the context: the run can be resumed
)

// Result is the outcome of a run.
type Result struct {
	Progress
	Algorithm Algorithm  // the one that ran
	Answer    []Solution // at most K members of the archive, of a large hypervolume together
	Archive   []Solution // every feasible non-dominated design met
	Reason    Reason
	// Ideal and Nadir normalised the objectives for the choice of Answer.
	Ideal, Nadir []float64

	Least      *Solution  // the least infeasible design; nil once a design is feasible
	Infeasibly []Solution // the least infeasible designs, best first; empty once one is feasible
	Binding    int        // the constraint violated most often, -1 when none was
}
