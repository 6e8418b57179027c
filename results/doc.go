// Package results is the Table that every list and figure of the tool is made
// of: designs as rows of numbers under columns with unit, kind and meaning.
//
// It does: carry tables with full precision as JSON; scale units for people;
// choose points of a front (knee, TOPSIS, a spread of k).
//
// It does not: know designs, models or the search. The run directory is
// package store; what tables become is in csv, table and plot.
package results
