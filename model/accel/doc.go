// Package accel costs a trace on an accelerator: a PE array, one on-chip
// buffer, and DRAM.
//
// A Plan prepares a trace for a PE array: cycles and buffer accesses of every
// step (package systolic) and its tiling curves (package tiling). Plan.Table
// simulates the buffer at one capacity: which tensors stay between steps, what
// every step reads from and writes to DRAM, how long data live on chip. Tables
// do not depend on the memory technology, are built once and kept. Evaluate
// runs a table on a Memory, the figures of one design: step times, energies by
// cause, lifetimes, scrubbing and wear, without allocation; Explain repeats it
// step by step. Package overlap says which DRAM transfers run beside the work of
// other steps.
//
//	Trace, Array -> Plan -> Table(capacity); Table, Memory -> Cost
//
// Not modelled: contention between several cores, DRAM row locality, and
// reordering of steps.
package accel
