// Package graph holds networks as graphs of operators over named data, counted
// for one item of a batch, and the Builder that declares them.
//
// An operator's inputs and outputs are views: ranges of data in order. Concat,
// Slice, Shuffle and Reshape make views and no operators, because they move
// nothing. Network.Layers and Network.Nests list what has multiply-accumulates.
// What a phase makes of a graph is package lower's.
package graph
