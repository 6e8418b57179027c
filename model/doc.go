// Package model composes the stack: a Design (bitcell, buffer, banking,
// bandwidth) under a Setup (node, temperatures, error budget, machine,
// workloads) becomes a Report (cell, array and one cost per workload).
//
// The flow of one evaluation: design -> device.Evaluate -> device.Cell ->
// array.Solve -> accel.Memory -> accel.Evaluate for every workload. All that
// does not depend on the design (traces, traffic tables, node parameters) is
// prepared once in a Model; an Evaluator holds the scratch of one goroutine
// and allocates nothing in the steady state.
//
// The package does not search, score or print: package objectives turns a
// Report into numbers.
package model
