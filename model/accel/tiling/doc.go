// Package tiling gives the least traffic between buffer and DRAM of one
// operator nest (convolution, matrix product, and their gradients) as a
// function of the buffer space the operator may use.
//
// One call of Curve searches loop orders and tile sizes once and returns the
// staircase of Pareto-optimal executions for every buffer size at once; At
// reads it. The unit of traffic is the byte, of space the byte; with one byte
// per element both count elements.
//
// The family of mappings. One operand is stationary: a tile of it stays in the
// buffer while the loop that does not index it runs to its end. The other two
// are streamed in slices of that loop.
//
//	OS  ofmap tile (pixels x filters) stays, input channels stream
//	IS  ifmap tile (pixels x channels) stays, filters stream
//	WS  filter tile (channels x filters) stays, pixels stream
//
// For a matrix product these are all loop orders: tiles of the outer two loops
// in either order with the third loop innermost, a tile as large as the
// dimension being the resident operand. For a convolution a pixel tile is a
// rectangle of the image of some images of the batch. Neighbouring rectangles
// share input rows (the halo). Along one image dimension the stationary operand
// keeps the shared rows in the buffer (a ring of rows); along the other, and
// wherever the image is streamed, they are moved again. Tiles may be disjoint
// in the output (input rows shared) or in the input (output rows shared, whose
// partial sums are completed by both tiles). WS keeps a ring of input rows, or
// a ring of unfinished output rows, whichever is smaller for its traffic.
//
// The operand produced by the nest (Nest.Out) may be any of the three, so
// forward, dX and dW are the same search with other weights: an element of the
// produced operand that leaves the buffer unfinished is written and read again
// at the accumulator's size.
//
// What the package does not do: residency between operators (package accel),
// buffer to PE array (package systolic), splitting one operator between two
// mappings, tiles of the filter window.
//
// Flow: Nest -> axes (tiles of one image dimension) -> pixel tiles -> family x
// channel tiles -> frontier -> []Point.
package tiling
