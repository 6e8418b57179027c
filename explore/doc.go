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
// The populations are those of github.com/MaxHalford/eaopt, and its GA.Minimize
// drives them: its generations, a Model that breeds and selects, a Migrator, the
// scalar fitness it sorts by (rank + 1/(2 + crowding)), its EarlyStop and its
// Callback, which puts the populations of a checkpoint in the place of those that
// Minimize makes. What of it cannot serve, and why:
//   - its selectors, crossover and mutations: SelTournament sorts for every pick
//     and returns wrong indexes, and none knows a rank or a grid;
//   - its hall of fame and the models that come with it: they know one objective,
//     where an archive of what is not dominated is needed;
//   - Individuals.Evaluate(true): it divides by GOMAXPROCS, knows no worker with
//     memory of its own, and evaluates a design twice that two islands bred;
//   - MigRing: it swaps members by place, and its ring is open;
//   - its random numbers: generators that a checkpoint would have to carry, where a
//     stream from (key, seed, island, generation) needs nothing;
//   - sampling (Random, Sobol, Grid): it has no population.
//
// Equal inputs give equal bytes, for any number of workers and across
// interruption and resumption.
package explore
