// Package inspect reads a run back: a design of it, the front of several runs, one
// scenario of many, its figures, what of its tables a terminal shows, and whether
// the stored figures are those that the model gives. It searches nothing and
// writes nothing into a run.
package inspect
