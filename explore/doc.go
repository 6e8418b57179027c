// Package explore searches a space for the designs that trade several
// objectives off best: multi-objective genetic algorithms on islands, random,
// Sobol and exhaustive sampling behind one call, Run.
//
// It does not know what a design is, does not read or write files, and does
// not look at a clock: the caller evaluates through the Problem interface,
// keeps checkpoints (State is a binary marshaler) and stops a run by a context
// or a stop function.
//
// The flow of one generation: every island breeds children in its own random
// stream, derived from (key of the problem, seed, island, generation); designs
// seen before are bred again, never evaluated again; the rest is evaluated on
// the workers; everything feasible and non-dominated enters the archive; every
// island selects its survivors; now and then islands exchange members. The
// answer is the subset of the archive with the largest hypervolume.
//
// Equal inputs give equal bytes, for any number of workers and across
// interruption and resumption.
package explore
