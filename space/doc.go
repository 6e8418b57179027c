// Package space describes the set of designs a search may propose: an ordered
// list of named parameters, each real, log-real, integer, power of two or a
// choice of named options.
//
// It does not know what a parameter means, which designs are feasible or how
// they are evaluated.
//
// The flow: a search works on genomes, points of the unit cube with one
// coordinate per parameter; Decode rounds a genome to the grid and gives the
// canonical point the evaluator sees; Key identifies that point. Known designs
// come in through Parse, Check and Encode. A space of grids only can be
// counted and enumerated (Size, At).
package space
