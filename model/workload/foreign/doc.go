// Package foreign reads the workload files of other tools: SCALE-Sim topologies,
// Timeloop problems, ZigZag layer lists and Calculon applications.
package foreign
