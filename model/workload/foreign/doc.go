// Package foreign reads the workload files of other tools: SCALE-Sim topologies,
// Timeloop problems, ZigZag layer lists, Calculon applications and Darknet
// configurations.
package foreign
