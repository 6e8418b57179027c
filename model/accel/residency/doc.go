// Package residency decides what stays in the buffer between the steps of a
// trace, and so what every step reads from DRAM and writes to it.
//
// A Manager is a trace with its uses and the tiling curves of its nests. Run
// executes it in a buffer of one capacity: every step takes the loop order and
// tile sizes, and holds the operands, that cost least together with what has
// to leave for them; what leaves is what is needed farthest in the future
// (Belady, IBM Systems Journal 5, 1966), in part if that is enough. The result
// is a Schedule: DRAM bytes by step and by class, resident bytes, on-chip
// lifetimes.
//
//	Trace -> uses, curves -> Manager -> Run(capacity) -> Schedule
//
// Amounts are whole bytes. Not modelled: placement and fragmentation inside the
// buffer, reordering of steps, recomputation instead of reading again.
package residency
