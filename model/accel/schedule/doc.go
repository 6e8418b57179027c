// Package schedule decides in which order the samples of a batch go through
// the steps of a network, as a compiler would: the batch is run in parts, and
// within a part consecutive steps form groups that run sub-batch by sub-batch.
//
//	Traces -> Network (a residency.Manager for every part of the batch)
//	Network.Candidates(part of the batch, capacity, mode) -> Executions
//
// An execution runs its groups in order for Part samples, and all of it Outer
// times. A group runs Rounds times, each time all its steps for Batch samples.
// On chip all the time are the data chosen to be held for ever (weights, state),
// in a group also those held over its rounds and those that it exchanges with
// other groups; what is left of the buffer serves the round, as package
// residency manages it.
//
// Cuts between groups are found by a dynamic programme on an estimate (operands
// cross once in a step, farthest next use per byte saved); the structures that
// look best are then executed with their tilings, and the least traffic wins.
// Schedules of this kind: Cai et al., Optimus, ACM TECS 22(1), 2022; Lym et al.,
// arXiv:1810.00307 (training); Tan et al., Cocco, arXiv:2402.00629.
package schedule
