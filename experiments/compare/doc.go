// Package compare sets finished runs beside each other: hypervolume over their
// seeds with intervals and rank tests, hypervolume over the evaluations, and
// attainment surfaces.
//
// All runs are measured in one frame: the objectives to minimise, logarithmic
// or linear, between the ideal (0) and the nadir (1) of the front of everything
// the runs found together, below a reference point of 1.1 in every objective.
// It reads run directories and writes nothing.
//
// Flow: Load -> Runs -> Measure -> Comparison: tables and figures.
package compare
